//! The published JSON Schemas are those of the code.

use std::fs;
use std::path::Path;

#[test]
#[expect(clippy::disallowed_methods, reason = "`make schema` asks for the files to be written")]
fn the_published_schemas_are_those_of_the_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/messages");
    let write = std::env::var("UPDATE_SCHEMA").is_ok();
    for (name, schema) in contract::schema::messages() {
        let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = folder.join(name);
        if write {
            fs::write(&path, &generated).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == generated,
            "{name} differs from the code: look at the change, then call `make schema`"
        );
    }
}
