//! What a role would be that the library lacks.

use contract::{Archetype, ModelUse, Parse, RolePlan};
use library::Library;
use model::{ModelError, Question, Session};
use schemars::JsonSchema;
use serde::Deserialize;

use super::statements::Statements;

/// With fewer statements there is no plan.
const FEWEST_KRAS: usize = 2;
/// A statement of fewer words is no key result area.
const KRA_WORDS: usize = 3;

/// The answer that is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
struct Plan {
    #[schemars(length(max = 80))]
    display_name: String,
    archetype: Archetype,
    #[schemars(length(max = 80))]
    domain: String,
    #[schemars(length(max = 6), inner(length(max = 300)))]
    kras: Vec<String>,
}

/// What the role of a posting would be; none where nobody says, or too little of it is believed.
pub(super) async fn plan(
    session: &mut Session<'_>,
    library: &Library,
    parse: &Parse,
    title: &str,
) -> Result<Option<RolePlan>, ModelError> {
    let statements = Statements::of(parse);
    if statements.is_empty() {
        return Ok(None);
    }
    let families: Vec<String> =
        library.domains().iter().map(|domain| format!("{}: {}", domain.slug, domain.name)).collect();
    let question = Question::<Plan>::new(ModelUse::RolePlan)
        .show("title", title)
        .show("posting", statements.shown())
        .show("families", families.join("\n"))
        .allow("domain", library.domains().iter().map(|domain| domain.slug.as_str()));
    let Some(plan) = session.ask(question).await? else { return Ok(None) };
    let (plan, dropped) = believe(&statements, library, title, &plan);
    session.dropped(dropped);
    Ok(plan)
}

/// The plan without what nothing supports; and how much that was.
fn believe(
    statements: &Statements,
    library: &Library,
    title: &str,
    plan: &Plan,
) -> (Option<RolePlan>, usize) {
    let says = |quote: &&str| quote.split_whitespace().count() >= KRA_WORDS;
    let stated: Vec<&str> = plan.kras.iter().map(String::as_str).filter(says).collect();
    let too_short = plan.kras.len() - stated.len();
    let (mut kras, without_place) = statements.places(stated);
    kras.sort_unstable();
    let name = name_of(title, &plan.display_name);
    let domain = library.domains().iter().find(|domain| domain.slug == plan.domain);
    let dropped = too_short + without_place + usize::from(name.is_none()) + usize::from(domain.is_none());
    let believed = name.zip(domain).filter(|_| kras.len() >= FEWEST_KRAS);
    let believed = believed.map(|(display_name, domain)| RolePlan {
        display_name,
        archetype: plan.archetype,
        domain: domain.slug.clone(),
        kras,
    });
    (believed, dropped)
}

/// A name of words that the title has, in plain letters and marks.
fn name_of(title: &str, name: &str) -> Option<String> {
    let known: Vec<String> = text::lower_words(title).collect();
    let is_plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || "&/+#.,-()'’".contains(c);
    let mut words = text::lower_words(name).peekable();
    let is_believed =
        words.peek().is_some() && words.all(|word| known.contains(&word)) && name.chars().all(is_plain);
    is_believed.then(|| name.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::given;
    use contract::{DecisionCase, ModelUse};
    use model::Scripted;
    use serde_json::json;

    const TITLE: &str = "Senior Orchard Beekeeper (m/f/d)";

    fn plan(display_name: &str, domain: &str, kras: &[&str]) -> (Option<RolePlan>, usize) {
        let statements = Statements::of(&given::parse());
        let kras = kras.iter().map(|&kra| kra.to_owned()).collect();
        let plan = Plan {
            display_name: display_name.to_owned(),
            archetype: Archetype::Trades,
            domain: domain.to_owned(),
            kras,
        };
        believe(&statements, &given::library(), TITLE, &plan)
    }

    const KRAS: [&str; 3] =
        ["Keep the hives of four orchards", "Report wax moths to the farmers", "Harvest the honey in July"];

    #[test]
    fn a_plan_is_made_of_the_postings_words() {
        let (plan, dropped) = plan(" orchard  Beekeeper", "trades", &KRAS);
        let plan = plan.unwrap();
        assert_eq!(
            (plan.display_name.as_str(), plan.domain.as_str(), dropped),
            ("orchard Beekeeper", "trades", 0)
        );
        assert_eq!(plan.kras.len(), 3);
        assert!(plan.kras.is_sorted_by_key(|kra| kra.start));
    }

    #[test]
    fn a_word_that_the_title_lacks_is_in_no_name() {
        for name in ["Chief Beekeeper", "", "…", "Beekeeper <b>", "Beekeeper\u{200b}"] {
            assert_eq!(plan(name, "trades", &KRAS), (None, 1), "{name:?}");
        }
    }

    #[test]
    fn statements_that_the_posting_lacks_are_dropped_and_too_few_make_no_plan() {
        let (kept, dropped) = plan(
            "Beekeeper",
            "trades",
            &[KRAS[0], KRAS[1], "Win the regional prize", "Harvest honey", KRAS[0]],
        );
        assert_eq!((kept.unwrap().kras.len(), dropped), (2, 3));
        assert_eq!(plan("Beekeeper", "trades", &[KRAS[0], "Lead all of it"]), (None, 1));
        assert_eq!(plan("Beekeeper", "apiculture", &KRAS), (None, 1), "no such family");
    }

    #[tokio::test]
    async fn a_role_that_the_library_lacks_gets_a_plan() {
        let model = Scripted::new(|enquiry| {
            assert_eq!(enquiry.purpose, ModelUse::RolePlan);
            Ok(Some(
                json!({ "display_name": "Beekeeper", "archetype": "Trades", "domain": "trades", "kras": KRAS }),
            ))
        });
        let run = given::decided(model, given::new_role()).await.unwrap();
        let decision = run.outputs.decision;
        assert_eq!(decision.case, DecisionCase::NewRole);
        let plan = decision.proposal.unwrap().plan.unwrap();
        assert_eq!((plan.display_name.as_str(), plan.kras.len()), ("Beekeeper", 3));
        assert_eq!(run.ledger.len(), 1);
    }

    #[tokio::test]
    async fn a_plan_that_is_not_believed_leaves_the_built_in_proposal() {
        let model = Scripted::new(|_| {
            Ok(Some(
                json!({ "display_name": "Pope", "archetype": "Other", "domain": "trades", "kras": ["Rule the whole world"] }),
            ))
        });
        let run = given::decided(model, given::new_role()).await.unwrap();
        assert_eq!(run.outputs.decision, given::built_in(&given::new_role()));
        assert_eq!(run.ledger[0].dropped, 2);
    }
}
