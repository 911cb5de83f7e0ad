//! Answers of a model that has nothing to say, for any question.

use serde_json::{Map, Value, json};

/// The least answer that a JSON Schema allows: empty lists, nulls, the last of the words that are offered.
///
/// # Panics
/// When the schema has something that questions have not.
#[must_use]
pub fn least(schema: &Value) -> Value {
    if let Some(words) = schema["enum"].as_array() {
        return words.last().unwrap().clone();
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return least(choices.last().unwrap());
    }
    let kind = &schema["type"];
    // Of several types the last is null.
    let kind = kind.as_array().and_then(|kinds| kinds.last()).unwrap_or(kind);
    match kind.as_str().unwrap() {
        "object" => {
            let members = schema["properties"].as_object().unwrap();
            let members: Map<String, Value> =
                members.iter().map(|(name, schema)| (name.clone(), least(schema))).collect();
            Value::Object(members)
        }
        "array" => {
            let count = schema["minItems"].as_u64().unwrap_or(0) as usize;
            json!(vec![least(&schema["items"]); count])
        }
        "string" => json!("x".repeat(schema["minLength"].as_u64().unwrap_or(0) as usize)),
        "number" | "integer" => json!(schema["minimum"].as_f64().unwrap_or(0.0) as i64),
        "boolean" => json!(false),
        "null" => Value::Null,
        other => panic!("a schema of type {other}"),
    }
}
