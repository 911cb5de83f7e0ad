//! Limits of queues that may change at any time: a policy each for some of the queues.

use serde_json::{Map, Value, json};

/// What may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Bytes that may wait in a queue of the public entrance.
    pub(super) entrance_bytes: u64,
    /// How often a message that takes its worker down is delivered again. The queues were made with a limit of their own, and the
    /// lower of the two holds.
    pub(super) delivery_limit: Option<u16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entrance_bytes: 4 << 30, delivery_limit: None }
    }
}

/// A policy. Of those that match a queue the one with the highest priority holds, and it alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Policy {
    /// Its name.
    pub(super) name: String,
    /// What its queues' names end with.
    ends: &'static [&'static str],
    /// As the management API takes it.
    pub(super) body: Value,
}

/// The policies of all queues, ascending by their priority.
pub(super) fn policies(prefix: &str, limits: Limits) -> [Policy; 3] {
    let mut all = Map::new();
    all.insert("queue-leader-locator".to_owned(), json!("balanced"));
    let mut work = all.clone();
    if let Some(limit) = limits.delivery_limit {
        work.insert("delivery-limit".to_owned(), limit.into());
    }
    let mut entrance = work.clone();
    entrance.insert("max-length-bytes".to_owned(), limits.entrance_bytes.into());
    entrance.insert("overflow".to_owned(), json!("reject-publish"));
    let policy = |name: &str, pattern: &str, ends, priority: u8, definition: Map<String, Value>| Policy {
        name: format!("{prefix}{name}"),
        ends,
        body: json!({
            "pattern": format!("^{}\\.{pattern}", escaped(prefix)),
            "apply-to": "queues",
            "priority": priority,
            "definition": definition,
        }),
    };
    [
        policy("", "", &[""], 0, all),
        policy("-work", "[a-z]+\\.(work|priority)$", &[".work", ".priority"], 5, work),
        policy("-entrance", "parse\\.(work|priority)$", &[".parse.work", ".parse.priority"], 10, entrance),
    ]
}

/// What a queue's policy comes to.
pub(super) fn of(policies: &[Policy], queue: &str) -> Value {
    let of_queue = |policy: &&Policy| policy.ends.iter().any(|end| queue.ends_with(end));
    policies.iter().rfind(of_queue).map_or_else(|| json!({}), |policy| policy.body["definition"].clone())
}

/// Words as a regular expression finds them.
fn escaped(words: &str) -> String {
    words.chars().flat_map(|c| (!c.is_alphanumeric()).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entrance_is_limited_in_bytes_and_what_works_in_deliveries() {
        let policies = policies("eu.jobs", Limits { entrance_bytes: 9, delivery_limit: Some(4) });
        let of = |queue| of(&policies, queue);
        assert_eq!(of("eu.jobs.parse.parked"), json!({ "queue-leader-locator": "balanced" }));
        assert_eq!(of("eu.jobs.decision.priority")["delivery-limit"], 4);
        let entrance = of("eu.jobs.parse.work");
        assert_eq!((&entrance["delivery-limit"], &entrance["max-length-bytes"]), (&json!(4), &json!(9)));
        assert_eq!(policies[2].body["pattern"], "^eu\\.jobs\\.parse\\.(work|priority)$");
    }

    #[test]
    fn the_definitions_that_can_be_imported_have_the_same_policies() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/rabbitmq/definitions.json");
        let definitions: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let ours = policies("rolemill", Limits::default()).map(|policy| {
            let mut body = policy.body;
            body["vhost"] = json!("rolemill");
            body["name"] = policy.name.into();
            body
        });
        assert_eq!(definitions["policies"], json!(ours));
    }
}
