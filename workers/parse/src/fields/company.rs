//! The employer: as given, labelled, or as the posting speaks of itself.

mod proper;

use contract::{Evidence, Field, SectionKind, Stated};
use library::{Company, Library};
use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::{given, holds, noise, pattern, phrase, places, written};
use crate::posting::Posting;
use proper::proper;

/// A company's name as a pattern: capitalised words with their joints and legal form.
pub(super) const NAME: &str = r"(?:(?:The |the )?[A-Z0-9À-Ý][\wÀ-ɏ&.'’+®™-]*(?:(?: | & | and | of | for | of the | de | du |, )[A-Z0-9À-Ý&][\wÀ-ɏ&.'’+®™-]*){0,6})";

/// The employer's name with its places; null when nobody says it.
pub(super) fn name(posting: &Posting<'_>, library: &Library, labels: &Labels) -> Field<String> {
    let page = posting.hints.json_ld.as_ref().and_then(|page| page.hiring_organization.as_deref());
    if let Some(name) =
        [posting.hints.company.as_deref(), page].into_iter().flatten().find_map(|name| given(posting, name))
    {
        return Some(name);
    }
    let text = posting.str();
    let mut names: BTreeMap<String, (u32, Vec<Range<usize>>)> = BTreeMap::new();
    let mut hear = |range: Range<usize>, weight: u32| {
        if let Some(range) = proper(text, range) {
            let entry = names.entry(key(&text[range.clone()])).or_default();
            entry.0 += weight;
            entry.1.push(range);
        }
    };
    for value in labels.of_kind(Label::Company) {
        if text[value.clone()].split_whitespace().count() <= 7 && whole_name(&text[value.clone()]) {
            hear(value, 6);
        }
    }
    headings(posting, &mut hear);
    for (index, unit) in posting.parts.units.iter().enumerate() {
        let words = posting.words(unit);
        if speaks_of_a_client(words) {
            continue;
        }
        let kind = posting.kind(unit);
        if !matches!(
            kind,
            SectionKind::SkillsList
                | SectionKind::QualificationsPreferred
                | SectionKind::QualificationsRequired
        ) {
            itself(words, unit.range.start, kind, index, &mut hear);
            inside(words, unit.range.start, &mut hear);
        }
        if speaks_of_the_employer(kind) {
            at_the_company(words, unit.range.start, library, &mut hear);
        }
    }
    second_line(posting, &mut hear);
    let (_, (_, mut places)) = names
        .into_iter()
        .filter(|(_, (weight, _))| *weight >= 2)
        .max_by(|(_, a), (_, b)| a.0.cmp(&b.0).then_with(|| first(&b.1).cmp(&first(&a.1))))?;
    places.sort_by_key(|range| range.start);
    places.dedup();
    places.truncate(3);
    let value = text[places[0].clone()].to_owned();
    let value = places
        .iter()
        .map(|range| &text[range.clone()])
        .find(|name| !is_shouted(name))
        .map_or(value, str::to_owned);
    places.sort_by_key(|range| (text[range.clone()] != value, range.start));
    Some(Stated {
        value,
        evidence: Evidence::Text { spans: places.into_iter().map(|range| posting.span(range)).collect() },
    })
}

/// An employer that somebody else found in a statement: a name, and no product's, where the posting speaks of its employer.
pub(super) fn asked(
    posting: &Posting<'_>,
    library: &Library,
    unit: usize,
    range: Range<usize>,
) -> Option<Stated<String>> {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:with|like|such as|including|from|to|using|use|uses|via|through|for|partner\w*|customers?|suppl\w+|competit\w+|experience|vendors?|acquired|tools?)\b[^.;:!?]{0,60}$",
        )
    });
    let unit = &posting.parts.units[unit];
    let before = &posting.str()[unit.range.start..range.start];
    if !speaks_of_the_employer(posting.kind(unit))
        || speaks_of_a_client(posting.words(unit))
        || OTHERS.is_match(before)
    {
        return None;
    }
    let range = proper(posting.str(), range)?;
    let words = &posting.str()[range.clone()];
    let is_product = !library.aliases().named(words).is_empty() && known(library, words).is_none();
    (whole_name(words) && !is_product).then(|| written(posting, range))
}

fn first(places: &[Range<usize>]) -> usize {
    places.iter().map(|range| range.start).min().unwrap_or(usize::MAX)
}

/// The company table's entry for a name, whatever its legal form.
pub(super) fn known<'a>(library: &'a Library, name: &str) -> Option<&'a Company> {
    let wanted = key(name);
    let initial = |name: &str| name.chars().next().map(|c| c.to_ascii_lowercase());
    // Most of the table differs in the first letter already.
    let is_wanted =
        |name: &str| (initial(name) == initial(&wanted) || initial(name) == Some('t')) && key(name) == wanted;
    library
        .companies()
        .iter()
        .find(|company| is_wanted(&company.name) || company.aliases.iter().any(|alias| is_wanted(alias)))
}

/// A name without legal form, signs and case.
pub(super) fn key(name: &str) -> String {
    const FORMS: [&str; 22] = [
        "inc",
        "incorporated",
        "llc",
        "l.l.c",
        "ltd",
        "limited",
        "corp",
        "corporation",
        "co",
        "company",
        "lp",
        "llp",
        "plc",
        "gmbh",
        "ag",
        "s.a",
        "se",
        "n.v",
        "b.v",
        "pvt",
        "pty",
        "private",
    ];
    let mut key = name.trim().to_lowercase();
    key.retain(|c| !matches!(c, '®' | '™'));
    while let Some((head, last)) = key.trim_end_matches('.').rsplit_once(' ')
        && FORMS.contains(&last)
    {
        key.truncate(head.trim_end_matches([',', ' ']).len());
    }
    key.strip_prefix("the ").map(str::to_owned).unwrap_or(key)
}

fn is_shouted(name: &str) -> bool {
    name.len() > 5 && !name.chars().any(char::is_lowercase)
}

const fn speaks_of_the_employer(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Title
            | SectionKind::Overview
            | SectionKind::AboutCompany
            | SectionKind::AboutTeam
            | SectionKind::Eeo
            | SectionKind::Other
            | SectionKind::Benefits
    )
}

fn speaks_of_a_client(words: &str) -> bool {
    static CLIENT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:our|my|the|direct|end|prime|financial|a|fortune 500) (?:\w+ )?clients?\b|\bclient(?::|,| is| in| located)|\bon behalf of\b",
        )
    });
    holds(words, &["client", "behalf"]) && CLIENT.is_match(words)
}

/// "About Harbour Tools", "Why Harbour Tools?", "Life at Harbour Tools".
fn headings(posting: &Posting<'_>, hear: &mut impl FnMut(Range<usize>, u32)) {
    static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?i:about|why|who is|who are|join|why join|life at|working at|why work at|why work for|welcome to|careers at|about working at|what we do at|a career at|benefits at|culture at) (?P<name>{NAME})\W*$"
        ))
    });
    let text = posting.str();
    for line in posting
        .parts
        .segments
        .iter()
        .filter_map(|segment| segment.heading.clone())
        .chain(short_lines(posting))
    {
        if let Some(name) = ABOUT.captures(&text[line.clone()]).and_then(|hit| hit.name("name")) {
            hear(line.start + name.start()..line.start + name.end(), 4);
        }
    }
}

fn short_lines<'p>(posting: &'p Posting<'_>) -> impl Iterator<Item = Range<usize>> + 'p {
    posting.parts.units.iter().map(|unit| unit.range.clone()).filter(|range| range.len() <= 60)
}

/// A sentence whose subject is the company: "Harbour Tools is looking for …", "… is an equal opportunity employer".
fn itself(
    words: &str,
    base: usize,
    kind: SectionKind,
    index: usize,
    hear: &mut impl FnMut(Range<usize>, u32),
) {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?:(?:Here |here )?[Aa]t |[Ss]ince \d{{4}}, |[Ff]or (?:over|more than) [\w ]{{1,20}}, |(?:[Ff]ounded|[Ee]stablished) in \d{{4}}, |[Ff]ounded in \d{{4}} and [^,]{{1,40}}, |[Hh]eadquartered in [^,]{{1,30}}(?:, [A-Z]\w+)?, |[Bb]ased in [^,]{{1,30}}(?:, [A-Z]\w+)?, |As an? [^,]{{1,60}}, |[Ww]e at |[Ww]elcome to |[Jj]oin |[Ww]ho is )?(?P<name>{NAME})"
        ))
    });
    static EQUAL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?: \([^)]{1,40}\))?(?:,? (?:and|or) (?:its|all)[^.]{1,50})?,? (?:is|are)[^.]{0,40}\b(?:an?|committed)\b[^.]{0,60}\b(?:equal|affirmative|EEO|EOE|inclusive|diverse|diversity|e-verify)|^(?: \([^)]{1,40}\))? (?:provides?|offers?|supports?) (?:an )?equal|^ (?:does|do|will) not (?:unlawfully )?discriminate|^ (?:welcomes?|encourages?|celebrates?|embraces?|values?|participates? in E-Verify|thanks|hires)\b",
        )
    });
    static SEEKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?: \([^)]{1,40}\))?(?:, [^,.]{1,80},)?,? (?:is|are) (?:currently |now |actively |also |always |presently |urgently |expanding and |growing and )*(?:looking|seeking|searching|hiring|recruiting|accepting|in search|in need|inviting|pleased)|^(?: \([^)]{1,40}\))?(?:, [^,.]{1,80},)? (?:seeks|invites|requires an?|needs an?|has an? (?:[\w-]+ ){0,4}(?:opening|opportunity|position|vacancy|need|role)|wants|currently has)\b|^(?:’|')s [\w ]{1,30}(?:team|department|office) (?:is|are) (?:looking|seeking|hiring)",
        )
    });
    static IS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?: \([^)]{1,40}\))?(?:, (?:an?|the|part|located|headquartered|founded|based)\b[^.]{1,80},)?(?: is| was|’s|'s| are| has been| has grown)(?: proud to be| recognized as| known as| committed| dedicated| currently| proudly| now)? (?:an?|the|one of|founded|established|headquartered|based|to|transforming|building|changing|on a mission|redefining|revolutionizing|reinventing|reimagining|leading|creating|making|growing|made up|among|part of|home to|where|your|ranked|located|owned|in the business|our)\b",
        )
    });
    static DOES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?: \([^)]{1,40}\))?(?:, [^,.]{1,80},)? (?:provides|offers|delivers|specializes|specialises|believes|strives|operates|serves|employs|develops|designs|manufactures|helps|builds|creates|was founded|was established|has (?:over|more than|been|a|\d)|partners|combines|empowers|makes|works|exists|brings|reserves|supports|understands|recognizes|takes|pays|maintains|connects|focuses|enables|powers|aims|continues|follows|owns|ranks|runs|manages|represents)\b|^(?:’|')s? (?:mission|vision|values|culture|people|employees|purpose|commitment|customers|products|clients|goal|team|success|history|business|focus|technology|platform|services)\b",
        )
    });
    let Some(hit) = SUBJECT.captures(words) else { return };
    let (Some(name), Some(whole)) = (hit.name("name"), hit.get(0)) else { return };
    // "Harbour Tools's mission": the possessive belongs to what follows.
    let possessive =
        ["'s", "’s", "'", "’"].into_iter().find_map(|sign| name.as_str().strip_suffix(sign)).map(str::len);
    let end = name.start() + possessive.unwrap_or(name.len());
    let rest = &words[end..];
    let range = base + name.start()..base + end;
    let prefix = &whole.as_str()[..name.start()];
    let early = index < 8 || kind == SectionKind::AboutCompany;
    let weight = if EQUAL.is_match(rest) {
        3
    } else if SEEKS.is_match(rest) {
        4
    } else if prefix.to_lowercase().ends_with("at ")
        && [",", "we ", "you "].iter().any(|next| rest.trim_start().starts_with(next))
    {
        3
    } else if prefix.eq_ignore_ascii_case("welcome to ")
        || IS.is_match(rest) && early && !matches!(kind, SectionKind::Responsibilities)
    {
        2
    } else if DOES.is_match(rest) && !matches!(kind, SectionKind::Responsibilities) {
        if early { 2 } else { 1 }
    } else {
        0
    };
    if weight > 0 {
        hear(range, weight);
    }
}

/// The company inside a sentence: "Role: Harbour Tools is seeking …", "As a Boat Builder at Harbour Tools, you …".
fn inside(words: &str, base: usize, hear: &mut impl FnMut(Range<usize>, u32)) {
    static SEEKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?:[,:;*]\s*|[a-z])(?P<name>{NAME}) (?:is|are) (?:currently |now |actively )?(?:seeking|looking for|hiring|searching for|recruiting)\b"
        ))
    });
    static YOU_AT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"^(?i:as an? )[^.]{{3,60}} at (?P<name>{NAME}),? (?:you|your)\b"))
    });
    for name in
        SEEKS.captures_iter(words).chain(YOU_AT.captures_iter(words)).filter_map(|hit| hit.name("name"))
    {
        hear(base + name.start()..base + name.end(), 3);
    }
}

/// "… at Harbour Tools", "join Harbour Tools as": sure only for companies of the table, a hint for others.
fn at_the_company(words: &str, base: usize, library: &Library, hear: &mut impl FnMut(Range<usize>, u32)) {
    static AT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"\b(?:[Aa]t|[Jj]oin|[Jj]oining|[Ww]orking for|[Ww]ork for) (?P<name>{NAME})"))
    });
    for hit in AT.captures_iter(words) {
        let Some(name) = hit.name("name") else { continue };
        let bare = name.as_str().trim_end_matches(['.', ',']);
        let bare = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("’s")).unwrap_or(bare);
        let weight = if known(library, bare).is_some() { 2 } else { 1 };
        hear(base + name.start()..base + name.start() + bare.len(), weight);
    }
}

/// The line below the title: "Harbour Tools, Leith, Scotland", "Harbour Tools - Reno, NV".
fn second_line(posting: &Posting<'_>, hear: &mut impl FnMut(Range<usize>, u32)) {
    let text = posting.str();
    let mut at = 0;
    for line in text.split('\n').filter(|line| !line.trim().is_empty()).take(3) {
        let start = text[at..].find(line).map_or(at, |found| at + found);
        at = start + line.len();
        if line.len() > 90 || line.contains(':') || !line.contains([',', '|', '-', '–', '•', '·']) {
            continue;
        }
        let place = places::find(line, false)
            .into_iter()
            .find(|place| place.is_sure || place.location.country.is_some() && place.range.end == line.len());
        let Some(place) = place else { continue };
        let before = &line[..place.range.start];
        let name = before.trim_end_matches([' ', ',', '-', '–', '|', '•', '·', '(']);
        let separated = name.len() + 1 < before.len() || before.ends_with(',');
        let names_a_job = name.split(|c: char| !c.is_alphanumeric()).any(phrase::is_job_noun);
        if separated
            && !name.is_empty()
            && !names_a_job
            && name.split_whitespace().count() <= 5
            && whole_name(name)
            && !noise::is_noise(name, None)
        {
            hear(start..start + name.len(), 3);
        }
    }
}

fn whole_name(words: &str) -> bool {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"^{NAME}(?: ?\([^)]*\))?\.?$")));
    WHOLE.is_match(words)
}

#[cfg(test)]
mod tests;
