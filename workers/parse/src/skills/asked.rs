//! Skills that a language model named: which are believed, and where each stands.

use contract::Fields;
use library::Library;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;
use text::pattern;

use super::{Place, groups, stated};
use crate::fields;
use crate::posting::Posting;

/// A skill's name of more words is a sentence.
const LONGEST: usize = 6;

/// What became of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// It is a skill now.
    Added,
    /// The built-in engine has judged it: found it, or left it out.
    Judged,
    /// It is none.
    Refused,
}

/// The words of a name without those that lead over to it: "experience with load tests" names load tests.
pub(crate) fn bare(name: &str) -> &str {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:strong|good|excellent|proven|solid|deep|basic|advanced|working|hands[- ]on|in-depth|prior|previous|relevant|some|an?|the|your)\s+)*(?:(?:experience|knowledge|understanding|familiarity|familiar|proficien(?:cy|t)|expertise|skills?|skilled|background|ability|experienced|competen(?:ce|cy|t)|exposure|comfortable)\s+(?:with|in|of|to|using|for|at)\s+)+|^(?:an?|the|your)\s+",
        )
    });
    static TAIL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\s+(?:skills?|experience|knowledge|expertise|abilit(?:y|ies))$"));
    let name = name.trim().trim_end_matches(['.', ',', ';', ':']);
    let name = LEAD.find(name).map_or(name, |lead| &name[lead.end()..]);
    TAIL.find(name).map_or(name, |tail| &name[..tail.start()]).trim()
}

/// Adds a skill whose bare name stands in the text at `ranges`, one of which was quoted for it. How strongly each place asks for
/// it, and in what group of alternatives, is read there as for every other skill.
///
/// An alias of the library is never added: its automaton saw each of these places and took it or had its reason not to.
pub(crate) fn add(
    posting: &Posting<'_>,
    library: &Library,
    fields: &Fields,
    places: &mut Vec<Place>,
    name: &str,
    ranges: &[Range<usize>],
) -> Named {
    if !library.aliases().named(name).is_empty() {
        return Named::Judged;
    }
    if !reads_like_a_skill(name, library) || fields::is_no_skill(posting, fields, name, ranges) {
        return Named::Refused;
    }
    let mut judged = false;
    let mut added: Vec<Place> = Vec::new();
    for range in ranges {
        if is_taken(posting, library, places, range) {
            judged = true;
            continue;
        }
        added.extend(stated(posting, range.clone(), false).map(|place| Place { is_asked: true, ..place }));
    }
    if added.is_empty() {
        return if judged { Named::Judged } else { Named::Refused };
    }
    places.append(&mut added);
    places.sort_by_key(|place| (place.range.start, place.range.end));
    places.iter_mut().for_each(|place| place.group = None);
    groups::assign(posting, library, places);
    Named::Added
}

/// Whether known skills stand at a place already: around it, or in it with nothing but everyday words beside them ("Java
/// programming").
fn is_taken(posting: &Posting<'_>, library: &Library, places: &[Place], range: &Range<usize>) -> bool {
    let meet = |place: &&Place| place.range.start < range.end && range.start < place.range.end;
    let mut rest = posting.str()[range.clone()].to_owned();
    let mut met = false;
    for place in places.iter().filter(meet) {
        met = true;
        let start = place.range.start.max(range.start) - range.start;
        let end = place.range.end.min(range.end) - range.start;
        rest.replace_range(start..end, &" ".repeat(end - start));
    }
    met && text::lower_words(&rest).all(|word| is_everyday(library, &word))
}

fn reads_like_a_skill(name: &str, library: &Library) -> bool {
    let words: Vec<String> = text::lower_words(name).collect();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let is_sentence = name.contains(['\n', '@', '…', '!', '?']) || name.contains(". ");
    let of_one_everyday_word = matches!(words.as_slice(), [word] if is_everyday(library, word));
    let is_an_employer = || {
        library.companies().iter().any(|company| {
            std::iter::once(&company.name)
                .chain(&company.aliases)
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    };
    (1..=LONGEST).contains(&name.split_whitespace().count())
        && letters >= 2
        && !is_sentence
        && !of_one_everyday_word
        && words.iter().any(|word| word.chars().count() > 2)
        && !is_an_employer()
}

/// Whether a word is one of everyday work, in the singular or plural.
fn is_everyday(library: &Library, word: &str) -> bool {
    library.is_ordinary(word) || word.strip_suffix('s').is_some_and(|one| library.is_ordinary(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{LIBRARY, posting};
    use crate::skills::{collect, places};
    use contract::{Method, Necessity, Polarity, Skill};

    /// What becomes of a name, and the skills then.
    fn named(input: &str, name: &str) -> (Named, Vec<Skill>) {
        posting(input, |posting| {
            let mut places = places(posting, &LIBRARY);
            let fields = fields::read(posting, &LIBRARY);
            let ranges: Vec<Range<usize>> =
                posting.str().match_indices(name).map(|(at, _)| at..at + name.len()).collect();
            let named = add(posting, &LIBRARY, &fields, &mut places, name, &ranges);
            (named, collect(posting, &LIBRARY, &places))
        })
    }

    const INPUT: &str = "Baker\n\nResponsibilities\n- Run the sourdough lamination line\n\nRequirements\n- 3 years of sourdough lamination\n- No zymurgy needed\n- Java programming or Brioche Script is a plus\n\nBenefits\n- Courses in cake sculpting";

    #[test]
    fn a_name_is_a_skill_wherever_it_stands_and_as_its_statements_say() {
        let (named_, skills) = named(INPUT, "sourdough lamination");
        assert_eq!(named_, Named::Added);
        let skill = skills.iter().find(|skill| skill.skill_name == "sourdough lamination").unwrap();
        assert_eq!((skill.spans.len(), skill.necessity), (2, Necessity::Required));
        assert_eq!((skill.method, skill.evidence_grade, skill.min_years), (Method::Llm, 4, Some(3.0)));
        assert!(skill.is_primary && skill.canonical_id.is_none());
        assert!(skills.is_sorted_by_key(|skill| skill.spans[0].start));
    }

    #[test]
    fn polarity_and_alternatives_are_read_from_the_text() {
        let (_, skills) = named(INPUT, "zymurgy");
        let skill = skills.iter().find(|skill| skill.skill_name == "zymurgy").unwrap();
        assert_eq!(skill.polarity, Polarity::Negative);
        let (_, skills) = named("Baker\n\nRequirements\n- Java or brioche script", "brioche script");
        let groups: Vec<_> = skills.iter().map(|skill| skill.any_of_group).collect();
        assert_eq!(groups, [Some(0), Some(0)], "{skills:?}");
    }

    #[test]
    fn what_the_engine_judged_or_what_is_no_skill_is_not_added() {
        for (name, expected) in [
            ("Java", Named::Judged),
            ("Java programming", Named::Judged),
            ("cake sculpting", Named::Refused),
            ("3 years", Named::Refused),
            ("Responsibilities", Named::Refused),
            ("line", Named::Refused),
            ("not in there", Named::Refused),
        ] {
            assert_eq!(named(INPUT, name).0, expected, "{name}");
        }
        for words in [
            "Fluent Polish",
            "Bachelor's degree in Zoology",
            "positive attitude",
            "self-motivated",
            "team player",
            "health insurance",
            "full-time",
            "Dublin, Ireland",
        ] {
            let input = format!("Baker\n\nRequirements\n- Java\n- {words}");
            assert_ne!(named(&input, words).0, Named::Added, "{words}");
        }
    }

    #[test]
    fn what_leads_over_to_a_name_is_no_part_of_it() {
        assert_eq!(bare("strong knowledge of load tests."), "load tests");
        assert_eq!(bare("experience with the load tests"), "the load tests");
        assert_eq!(bare("Brioche skills"), "Brioche");
    }
}
