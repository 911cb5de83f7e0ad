//! Whether the posting says that it treats everybody alike, and that it helps applicants with disabilities.

use contract::{Field, SectionKind, Stated};
use regex::Regex;
use std::sync::LazyLock;

use super::{holds, pattern};
use crate::posting::Posting;

/// The equal-opportunity statement, by its first sentence.
pub(super) fn equal_opportunity(posting: &Posting<'_>) -> Field<bool> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bequal[ -](?:employment[ -])?opportunit(?:y|ies)\b(?:/| |-)?(?:\w+(?:/| ))?(?:employ|workplace|for all|to all|statement|in employment|policy|provider|and|,|\.|/)|\bequal[ -]opportunit(?:y|ies) employer|\bEEO(?: employer|/AA| statement|C\b)|\bEOE\b|\b(?:without|with no) regard to[^.]{0,60}\b(?:race|colou?r|sex|age|gender|religion)|\bregardless of[^.]{0,60}\b(?:race|gender|religion|ethnic|national origin|sexual)|\b(?:does|do|will) not (?:unlawfully )?discriminate|\baffirmative action employer|\b(?:race|color|colour), (?:\w+,? ){0,6}(?:religion|creed|sex|gender)\b|\b(?:diversity|diverse|inclusive|inclusion)\b[^.]{0,120}\b(?:all qualified|encourage|applicants|applications|women|veterans|disabilit)|\bemployment equity\b|\bequal employer\b|\ball qualified applicants will\b|\bwomen,? (?:\w+,? ){0,8}(?:minorities|aboriginal|indigenous|disabilities)",
        )
    });
    let signs = [
        "opportunit",
        "regard",
        "discriminat",
        "eeo",
        "eoe",
        "affirmative",
        "race",
        "divers",
        "inclusi",
        "equal",
        "equity",
        "applicants",
        "women",
    ];
    first(posting, SectionKind::Eeo, &WORDS, &signs)
}

/// The offer of accommodation, by its first sentence.
pub(super) fn accommodation(posting: &Posting<'_>) -> Field<bool> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\breasonable accommodations?\b|\b(?:requests?|requesting|require|requires?|requiring|need|needs|needing|provides?|providing|offer|offers|arrange|seek)\b[^.]{0,40}\baccommodations?\b[^.]{0,80}(?:disabilit|appl|interview|process|recruit|hiring|selection|request|candidate|needs)|\baccommodations?\b[^.]{0,60}\b(?:available|disabilit|on request|upon request|will be (?:made|provided)|are provided)|\b(?:special )?(?:assistance|adjustments?|accommodated?)\b[^.]{0,80}\b(?:disabilit|recruitment process|application process|interview process|hiring process)|\b(?:advise|inform|notify|let us know|contact|discuss|make|makes|provides?)\b[^.]{0,60}\baccommodations?\b(?: (?:measures|needs|needed|you|for|to|if|required)|[.,]|$)|\bspecial accommodations?\b|\bdisabilit(?:y|ies)\b[^.]{0,100}\b(?:assistance|accommodat\w+|adjustments?)\b",
        )
    });
    first(
        posting,
        SectionKind::Accommodation,
        &WORDS,
        &["accommodat", "disabilit", "assistance", "adjustment"],
    )
}

/// The first sentence that says it, wherever it stands: the words decide, for one section may hold both statements.
fn first(posting: &Posting<'_>, kind: SectionKind, words: &Regex, signs: &[&str]) -> Field<bool> {
    let said = |unit: &&text::Unit| {
        holds(posting.words(unit), signs) && words.is_match(posting.words(unit)) && !is_duty(posting, unit)
    };
    if let Some(unit) = posting.parts.units.iter().find(said) {
        // A section of its own may open before the sentence with the telling words.
        let own =
            posting.parts.units.iter().find(|own| posting.kind(own) == kind && own.section == unit.section);
        return Some(Stated::read(true, posting.span(own.unwrap_or(unit).range.clone())));
    }
    // "Equal Opportunity Employer" on a line of its own is a heading that says it all.
    let mut headings = posting.parts.segments.iter().filter_map(|segment| segment.heading.clone());
    let heading = headings.find(|heading| words.is_match(&posting.str()[heading.clone()]))?;
    Some(Stated::read(true, posting.span(heading)))
}

/// Knowing the rules as part of the job: "enforces equal employment opportunity", "physical demands … reasonable accommodations".
fn is_duty(posting: &Posting<'_>, unit: &text::Unit) -> bool {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bvaccin|\bdue to reasonable accommodation|\bhotels?\b|\b(?:travel|housing|flights?) (?:and|or) accommodation|\bstudents who\b",
        )
    });
    if OTHER.is_match(posting.words(unit)) {
        return true;
    }
    matches!(
        posting.kind(unit),
        SectionKind::Responsibilities
            | SectionKind::QualificationsRequired
            | SectionKind::QualificationsPreferred
            | SectionKind::SkillsList
    ) && unit.opening == text::Opening::Bullet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{REFERENCE, posting};

    fn check(input: &str, eeo: Option<&str>, help: Option<&str>) {
        posting(input, |posting| {
            let quote = |field: Field<bool>| field.map(|field| field.evidence.spans()[0].quote.clone());
            assert_eq!(quote(equal_opportunity(posting)).as_deref(), eeo);
            assert_eq!(quote(accommodation(posting)).as_deref(), help);
        });
    }

    #[test]
    fn the_statements_are_quoted_by_their_first_sentence() {
        check(
            REFERENCE,
            Some("Microsoft is an equal opportunity employer."),
            Some(
                "If you need assistance with religious accommodations and/or a reasonable accommodation due to a disability during the application process, read more about requesting accommodations.",
            ),
        );
    }

    #[test]
    fn absent_statements_are_null() {
        check("Welder\n\nResponsibilities\n- Weld steel\n- Keep the shop clean", None, None);
    }
}
