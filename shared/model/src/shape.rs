//! What an answer must look like: a JSON Schema as strict servers want it, and the check that nobody else need be trusted with.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The schema of an answer: every object closed, every member required, no reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(Value);

/// What schemars says that strict servers refuse or that says nothing.
const IDLE: [&str; 5] = ["$schema", "title", "format", "default", "description"];

impl Shape {
    /// The shape of a type.
    #[must_use]
    pub fn of<T: JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        strict(&mut schema);
        Self(schema)
    }

    /// As a schema.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.0
    }

    /// Restricts every string member of a name to some words.
    pub(crate) fn allow(&mut self, member: &str, words: &[Value]) {
        restrict(&mut self.0, member, words);
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// In words that a model can mend it by: where it has another shape, and which.
    pub fn read(&self, answer: &str) -> Result<Value, String> {
        let value: Value =
            serde_json::from_str(json_in(answer)).map_err(|error| format!("it is no JSON: {error}"))?;
        let validator = jsonschema::validator_for(&self.0).map_err(|error| error.to_string())?;
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .take(5)
            .map(|fault| {
                let words: String = fault.to_string().chars().take(200).collect();
                format!("at \"{}\": {words}", fault.instance_path())
            })
            .collect();
        if faults.is_empty() { Ok(value) } else { Err(faults.join("; ")) }
    }
}

/// The JSON of an answer that has a fence of Markdown, or words, around it.
fn json_in(answer: &str) -> &str {
    match (answer.find('{'), answer.rfind('}')) {
        (Some(start), Some(end)) if start < end => &answer[start..=end],
        (_, _) => answer,
    }
}

fn strict(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            IDLE.iter().for_each(|idle| {
                // A property may have such a name; its schema is no text.
                if !members.get(*idle).is_some_and(Value::is_object) {
                    members.remove(*idle);
                }
            });
            one_of_becomes_enum(members);
            if let Some(Value::Object(properties)) = members.get("properties") {
                let names: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
                members.insert("required".to_owned(), Value::Array(names));
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(strict);
        }
        Value::Array(values) => values.iter_mut().for_each(strict),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An enum whose members are documented is a choice of constants, which strict servers do not know.
fn one_of_becomes_enum(members: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get("oneOf") else { return };
    let words: Vec<Value> = choices
        .iter()
        .flat_map(|choice| match (choice.get("const"), choice.get("enum")) {
            (Some(word), _) => vec![word.clone()],
            (None, Some(Value::Array(words))) => words.clone(),
            (None, _) => Vec::new(),
        })
        .collect();
    if words.len() >= choices.len() {
        members.remove("oneOf");
        members.insert("type".to_owned(), json!("string"));
        members.insert("enum".to_owned(), Value::Array(words));
    }
}

fn restrict(schema: &mut Value, member: &str, words: &[Value]) {
    match schema {
        Value::Object(members) => {
            if let Some(property) = members.get_mut("properties").and_then(|it| it.get_mut(member)) {
                limit(property, words);
            }
            members.values_mut().for_each(|value| restrict(value, member, words));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| restrict(value, member, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Limits a string, a string or null, or the strings of a list.
fn limit(property: &mut Value, words: &[Value]) {
    if let Some(items) = property.get_mut("items") {
        return limit(items, words);
    }
    let or_null = property.get("type").is_some_and(|kind| kind.as_array().is_some());
    let mut words = words.to_vec();
    if or_null {
        words.push(Value::Null);
    }
    if let Value::Object(members) = property {
        members.insert("enum".to_owned(), Value::Array(words));
        ["minLength", "maxLength", "pattern"].iter().for_each(|bound| {
            members.remove(*bound);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "only its shape is looked at")]
    struct Ruling {
        /// One of the roles.
        role: Option<String>,
        confidence: f32,
        #[schemars(length(min = 1, max = 2))]
        quotes: Vec<Quote>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "only its shape is looked at")]
    struct Quote {
        #[schemars(length(max = 9))]
        words: String,
    }

    fn shape() -> Shape {
        let mut shape = Shape::of::<Ruling>();
        shape.allow("role", &[json!("welder"), json!("nurse")]);
        shape
    }

    #[test]
    fn every_object_is_closed_and_every_member_required() {
        let schema = shape().schema().to_string();
        assert!(!schema.contains("$ref") && !schema.contains("format"), "{schema}");
        assert_eq!(schema.matches("\"additionalProperties\":false").count(), 2, "{schema}");
        assert!(schema.contains(r#""required":["confidence","quotes","role"]"#), "{schema}");
        assert!(schema.contains(r#""enum":["welder","nurse",null]"#), "{schema}");
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_said_at_its_place() {
        let shape = shape();
        let good = r#"Sure! ```json {"role":null,"confidence":0.5,"quotes":[{"words":"weld"}]} ```"#;
        assert!(shape.read(good).is_ok());
        for (answer, why) in [
            ("", "no JSON"),
            (r#"{"role":"nurse","confidence":1,"quotes":[{"words":"#, "no JSON"),
            (r#"{"role":"cook","confidence":1,"quotes":[{"words":"weld"}]}"#, "/role"),
            (r#"{"role":"nurse","confidence":1,"quotes":[]}"#, "/quotes"),
            (r#"{"role":"nurse","confidence":1,"quotes":[{"words":"far too long"}]}"#, "/quotes/0/words"),
            (r#"{"role":"nurse","confidence":1}"#, "quotes"),
            (r#"{"role":"nurse","confidence":1,"quotes":[{"words":"a"}],"say":"hi"}"#, "say"),
        ] {
            let said = shape.read(answer).unwrap_err();
            assert!(said.contains(why), "{said} does not say {why}");
        }
    }
}
