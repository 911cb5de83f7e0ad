use contract::{Fields, Polarity, Requirement, RequirementKind};
use library::Library;
use std::sync::LazyLock;
use text::Text;
use text::read::Hints;

use super::tree;
use crate::posting::Posting;

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| Library::build(library::shipped()).expect("the shipped library builds"));

const REFERENCE: &str = include_str!("../../../../tests/reference/jd_microsoft.txt");

fn of(input: &str) -> Requirement {
    let text = Text::new(text::normalise(input).0);
    let mut parts = text::segment(text.as_str());
    let items = crate::items::read(&text, &mut parts);
    let mentions = crate::posting::mentions(&text, &parts, &LIBRARY);
    let hints = Hints::default();
    let posting = Posting { text: &text, parts: &parts, items: &items, mentions: &mentions, hints: &hints };
    let fields: Fields = crate::fields::read(&posting, &LIBRARY);
    let places = crate::skills::places(&posting, &LIBRARY);
    let tree = tree(&posting, &LIBRARY, &places, &fields);
    whole(&tree, true);
    let scalars: Vec<char> = text.as_str().chars().collect();
    for leaf in tree.leaves() {
        assert!(!leaf.spans.is_empty(), "{leaf:?}");
        for span in &leaf.spans {
            assert_eq!(
                scalars[span.start as usize..span.end as usize].iter().collect::<String>(),
                span.quote
            );
        }
    }
    tree
}

/// No group is empty or of one, and none lies in a group of its own kind.
fn whole(node: &Requirement, root: bool) {
    match node {
        Requirement::AllOf(parts) => {
            assert!(root && parts.is_empty() || parts.len() > 1);
            assert!(!parts.iter().any(|part| matches!(part, Requirement::AllOf(_))));
            parts.iter().for_each(|part| whole(part, false));
        }
        Requirement::AnyOf(parts) => {
            assert!(parts.len() > 1);
            assert!(!parts.iter().any(|part| matches!(part, Requirement::AnyOf(_))));
            parts.iter().for_each(|part| whole(part, false));
        }
        Requirement::Not(part) | Requirement::EquivalentTo(part) => whole(part, false),
        Requirement::Leaf(_) => {}
    }
}

/// The tree in one line: `(a & b)`, `(a | b)`, `!a`, `~a`, experience as `7y`.
fn line(node: &Requirement) -> String {
    let join = |parts: &[Requirement], sign: &str| {
        format!("({})", parts.iter().map(line).collect::<Vec<_>>().join(sign))
    };
    match node {
        Requirement::AllOf(parts) => join(parts, " & "),
        Requirement::AnyOf(parts) => join(parts, " | "),
        Requirement::Not(part) => format!("!{}", line(part)),
        Requirement::EquivalentTo(part) => format!("~{}", line(part)),
        Requirement::Leaf(leaf) if leaf.kind == RequirementKind::Experience => {
            format!("{}y", leaf.min_years.map_or_else(|| "?".to_owned(), |years| years.to_string()))
        }
        Requirement::Leaf(leaf) => leaf.value.clone(),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(line(&of(text)), expected, "{text}");
}

#[test]
fn the_reference_asks_for_one_language_and_for_a_degree_with_years_or_its_equivalent() {
    let tree = line(&of(REFERENCE));
    assert!(tree.contains("(C | C++ | C# | Java | JavaScript | Python)"), "{tree}");
    assert!(
        tree.contains(
            "((bachelor in Computer Science, related technical field & 7y) | ~equivalent experience)"
        ),
        "{tree}"
    );
}

#[test]
fn degrees_years_and_substitutes() {
    check(
        "Requirements:\n- Bachelor's degree in Geology or equivalent experience",
        "(bachelor in Geology | ~equivalent experience)",
    );
    check(
        "Requirements:\n- Bachelor's degree in Geology and 3 years of field experience",
        "(bachelor in Geology & 3y)",
    );
    check("Requirements:\n- Bachelor's degree or 5 years of experience", "(bachelor | 5y)");
    check("Requirements:\n- MBA", "master");
    check(
        "Requirements:\n- Bachelor's degree AND 4+ years of sales experience\n- OR Master's degree AND 2+ years of sales experience\n- OR equivalent experience",
        "((bachelor & 4y) | (master & 2y) | ~equivalent experience)",
    );
}

#[test]
fn alternatives_of_one_list_are_one_group() {
    check("Requirements:\n- Java, Kotlin or Scala", "(Java | Kotlin | Scala)");
    check("Requirements:\n- Java and Kotlin", "(Java & Kotlin)");
}

#[test]
fn what_is_ruled_out_is_a_not() {
    check("Requirements:\n- Java\n- No PHP", "(Java & !PHP)");
    let tree = of("Requirements:\n- Java\n- No PHP");
    assert!(tree.leaves().any(|leaf| leaf.polarity == Polarity::Negative));
}

#[test]
fn other_fields_are_leaves() {
    check("Requirements:\n- Fluent in French\n- Valid driver's license", "(French & Driving Licence)");
    check("Requirements:\n- Active Secret clearance", "Active Secret clearance");
    check("Requirements:\n- Up to 50% travel", "travel");
}

#[test]
fn nothing_asked_is_an_empty_tree() {
    check("About us\nWe make tea.", "()");
    check("Equal opportunity\nWe hire without regard to age, race, color, religion or veteran status.", "()");
}
