//! How senior the job is: level words of the title first, then labels, then years; and whether people report to it.

mod management;

use contract::{Evidence, Experience, Field, Level, SectionKind, Seniority, Span, Stated, Track};
use regex::Regex;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::pattern;
use crate::posting::Posting;
use management::{leads_by_example, management};

/// Level, track and people management; null when nothing of them is said or follows.
pub(super) fn read(
    posting: &Posting<'_>,
    labels: &Labels,
    title: Option<&Stated<String>>,
    experience: &[Stated<Experience>],
) -> Field<Seniority> {
    // An inferred title is output, never evidence.
    let title = title.filter(|title| !matches!(title.evidence, Evidence::Inferred { .. }));
    let manages = management(posting, labels);
    let people = manages.as_ref().map(|(manages, _)| *manages);
    let mut spans: Vec<Span> = Vec::new();
    let mut reasons: Vec<String> = Vec::new();
    let mut given = false;
    let mut level = None;
    let mut track = None;
    if let Some(title) = title {
        let word = level_of(&title.value);
        level = word.as_ref().map(|(level, _)| *level);
        track = ladder(&title.value, level);
        given = matches!(title.evidence, Evidence::Given { .. });
        if let Some((_, word)) = word {
            spans.extend(title.evidence.spans().first().and_then(|span| inside(span, word)));
        } else if track.is_some() {
            spans.extend(title.evidence.spans().first().cloned());
        }
    }
    let printed = level.is_some();
    let mut said = false;
    if level.is_none()
        && let Some((found, span)) = labelled(posting, labels).or_else(|| named(posting))
    {
        level = Some(found);
        spans.push(span);
        said = true;
    }
    if level.is_none()
        && let Some((found, stated)) = from_years(experience)
    {
        level = Some(found);
        spans.extend(stated.evidence.spans().first().cloned());
        reasons.push(format!("{} years of experience are asked for", years(stated)));
    }
    let mut people = people;
    if let Some((manages, mut evidence)) = manages {
        track = Some(if manages { Track::Manager } else { track.unwrap_or(Track::IndividualContributor) });
        spans.append(&mut evidence);
        reasons.push(
            if manages {
                "people report to the job"
            } else {
                "the posting says that nobody reports to the job"
            }
            .to_owned(),
        );
    } else if track != Some(Track::Manager)
        && let Some(mut evidence) = leads_by_example(posting)
    {
        people = Some(false);
        track = Some(Track::IndividualContributor);
        spans.append(&mut evidence);
        reasons.push("it mentors and leads by example, and nobody is said to report to it".to_owned());
    }
    if track.is_none() && matches!(level, Some(Level::Manager | Level::Director | Level::Executive)) {
        track = Some(Track::Manager);
    }
    if level.is_none() && track.is_none() && people.is_none() {
        return None;
    }
    let value = Seniority { level, track, manages_people: people };
    let evidence = if printed && given {
        Evidence::Given { spans }
    } else if (printed || said) && !spans.is_empty() {
        Evidence::Text { spans }
    } else {
        if reasons.is_empty() {
            reasons
                .push(format!("the title is {}", title.map_or("not printed", |title| title.value.as_str())));
        }
        Evidence::Inferred { reason: reasons.join("; "), spans }
    };
    Some(Stated { value, evidence })
}

/// A part of a span, by the bytes of its quote.
fn inside(span: &Span, range: std::ops::Range<usize>) -> Option<Span> {
    let quote = span.quote.get(range.clone())?;
    let start = span.start + span.quote[..range.start].chars().count() as u32;
    Some(Span { start, end: start + quote.chars().count() as u32, quote: quote.to_owned() })
}

/// The level that a title's words name, with the word that names it; the most telling word wins, not the first.
pub(super) fn level_of(title: &str) -> Option<(Level, std::ops::Range<usize>)> {
    static WORDS: LazyLock<Vec<(Level, Regex)>> = LazyLock::new(|| {
        [
            (Level::Executive, r"(?i)\b(?:chief (?:\w+ ){1,3}officer|c[eftoiml]o|cpo|cro|ciso|vice[- ]president|e?s?vp|avp|president|managing director|executive director)\b"),
            (Level::Director, r"(?i)\b(?:director|head of|head,|global head)\b"),
            (Level::Intern, r"(?i)\b(?:intern|interns|internship|co-?op|working student|student (?:assistant|worker|researcher)|summer student)\b"),
            (Level::Manager, r"(?i)\b(?:(?:senior|sr\.?|general|regional|district|area|store|branch|plant|operations|engineering|office|assistant|department|site|restaurant|kitchen|shift|nurse|practice|warehouse|production|facilities|finance|accounting|hr|human resources|sales|marketing|it|software(?: \w+)?|development|team|people|security|quality|safety|maintenance|construction|service|support|data|analytics|research|laboratory|lab|audit|tax|treasury|payroll|procurement|purchasing|supply chain|logistics|compliance|legal|recruiting|talent acquisition|training|communications|design|ux|creative|infrastructure|network|systems|qa|test|devops|platform|cloud) (?:\w+ ){0,2}manager|manager,|supervisor|superintendent|foreman)\b"),
            (Level::Principal, r"(?i)\b(?:principal (?:\w+ )*(?:engineer|scientist|architect|developer|designer|consultant|analyst|researcher|associate|statistician|investigator|product|program|project|specialist|data|technical)|distinguished|engineer,? principal|fellow engineer)\w*"),
            (Level::Staff, r"(?i)\b(?:senior staff|sr\.? staff|staff (?:\w+ ){0,4}(?:engineer|developer|scientist|designer|architect|sre|swe|researcher|programmer|product manager|technical|data|machine|ml|security|software))\b"),
            (Level::Lead, r"(?i)\b(?:lead|leader|team lead|tech lead)\b"),
            (Level::Senior, r"(?i)\b(?:senior|snr|sr|mid-senior)\b|\b(?:III|IV|V)$|\b(?:III|IV)\b|\b(?:level )[345]\b"),
            (Level::Entry, r"(?i)\b(?:entry[- ]level|entry|new[- ]grad(?:uate)?|university grad(?:uate)?|recent graduate|graduate (?:\w+ ){0,2}(?:engineer|developer|trainee|programme|program|analyst|consultant|scheme)|fresher|freshers|trainee|apprentice|apprenticeship|early career|campus)\b"),
            (Level::Junior, r"(?i)\b(?:junior|jr|jnr|associate (?:\w+ ){0,3}(?:engineer|developer|analyst|scientist|consultant|designer|programmer|product manager|accountant|editor|producer|tester|architect|buyer|planner|underwriter))\b"),
            (Level::Mid, r"(?i)\b(?:mid[- ]?level|intermediate|mid|mid/senior)\b|\bII\b|\blevel 2\b"),
        ]
        .into_iter()
        .map(|(level, words)| (level, pattern(words)))
        .collect()
    });
    static NO_LEVEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\blead (?:generat\w+|paint|qualif\w+|developer relations|time|management|conver\w+)|\bsenior (?:care|living|citizens?|centre|center|home)\b|\bchief of staff\b|\bassistant to\b.*|\bexecutive (?:assistant|administrative|secretary|chef|support)\b|\b(?:to|for) (?:the )?(?:ceo|cto|cfo|president|vice[- ]president|vp|director)\b|\bfuneral director\b|\bproject intern\w+al\b|\binternal\b|\bmid (?:market|day)\b|\bmid-market\b|\bstaff (?:accountant|nurse|auditor|assistant|attorney)\b|\bentry (?:clerk|operator|specialist)\b|\bdata entry\b|\border entry\b",
        )
    });
    // Cancelled words are blanked so that offsets stay.
    let cleared = NO_LEVEL.replace_all(title, |hit: &regex::Captures<'_>| " ".repeat(hit[0].len()));
    let found = WORDS.iter().find_map(|(level, words)| words.find(&cleared).map(|hit| (*level, hit.range())));
    match found {
        Some((Level::Manager, _)) if is_own_work(&cleared) => WORDS
            .iter()
            .filter(|(level, _)| !matches!(level, Level::Manager | Level::Executive | Level::Director))
            .find_map(|(level, words)| words.find(&cleared).map(|hit| (*level, hit.range()))),
        found => found,
    }
}

/// Managers of things: "Product Manager", "Account Manager", "Case Manager".
fn is_own_work(title: &str) -> bool {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:product|project|projects|program|programme|programs|account|accounts|case|relationship|community|property|category|success|territory|portfolio|brand|campaign|content|social media|partner|partnerships?|contract|contracts|delivery|release|configuration|change|vendor|channel|alliance|alliances|event|events|proposal|bid|engagement|solutions?|business development|client|customer|media|risk|scrum|growth|demand generation|experience|records|knowledge|marketing|incident|problem|key account|care|grants?|stakeholder|asset|planning|product marketing) (?:\w+ )?manager\b|\bmanager,? (?:product|program|project)\b",
        )
    });
    OWN.is_match(title)
}

/// The career ladder that a title names.
fn ladder(title: &str, level: Option<Level>) -> Option<Track> {
    static MANAGER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:manager|supervisor|superintendent|foreman|director|head of|vice[- ]president|vp|chief (?:\w+ ){1,3}officer|president)\b",
        )
    });
    static OWN_HANDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:engineer|developer|programmer|analyst|scientist|architect|designer|accountant|specialist|technician|consultant|administrator|assistant|clerk|nurse|teacher|representative|associate|coordinator|writer|editor|mechanic|electrician|operator|driver|intern|recruiter|researcher|therapist|pharmacist|cashier|attorney|paralegal|tester|auditor|agent|planner|buyer|estimator|cook|receptionist|bookkeeper|machinist|welder)s?\b",
        )
    });
    match level {
        Some(Level::Manager | Level::Director | Level::Executive) => return Some(Track::Manager),
        Some(Level::Intern | Level::Entry | Level::Junior) => return Some(Track::IndividualContributor),
        Some(Level::Mid | Level::Senior | Level::Lead | Level::Staff | Level::Principal) | None => {}
    }
    if is_own_work(title) {
        return Some(Track::IndividualContributor);
    }
    if MANAGER.is_match(title) {
        return None;
    }
    OWN_HANDS.is_match(title).then_some(Track::IndividualContributor)
}

fn labelled(posting: &Posting<'_>, labels: &Labels) -> Option<(Level, Span)> {
    labels.of_kind(Label::Level).find_map(|value| {
        let words = &posting.str()[value.clone()];
        if words.split_whitespace().count() > 5 {
            return None;
        }
        let (level, _) = level_of(words)
            .or_else(|| words.eq_ignore_ascii_case("associate").then_some((Level::Junior, 0..0)))?;
        Some((level, posting.span(value)))
    })
}

/// "This is an entry-level position", "no experience required".
fn named(posting: &Posting<'_>) -> Option<(Level, Span)> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?P<entry>entry[- ]level|new[- ]grad(?:uate)?)|(?P<junior>junior[- ]level)|(?P<mid>mid[- ]level|intermediate[- ]level)|(?P<senior>senior[- ]level)) (?:\w+ ){0,3}(?:position|role|job|opportunity|opening|engineer|developer|analyst|technician|candidate|professional)s?\b|(?P<none>\bno (?:prior |previous )?experience (?:is )?(?:required|necessary|needed))",
        )
    });
    let units = posting.parts.units.iter().filter(|unit| {
        !posting.kind(unit).asks_nothing() && !matches!(posting.kind(unit), SectionKind::Responsibilities)
    });
    units.filter(|unit| !posting.words(unit).to_lowercase().contains("mentor")).find_map(|unit| {
        let hit = NAMED.captures(posting.words(unit))?;
        let level = if hit.name("entry").or(hit.name("none")).is_some() {
            Level::Entry
        } else if hit.name("junior").is_some() {
            Level::Junior
        } else if hit.name("mid").is_some() {
            Level::Mid
        } else {
            Level::Senior
        };
        let whole = hit.get(0)?;
        Some((level, posting.span(unit.range.start + whole.start()..unit.range.start + whole.end())))
    })
}

/// Years say little of a level except at the ends and in the middle.
fn from_years(experience: &[Stated<Experience>]) -> Option<(Level, &Stated<Experience>)> {
    let primary = experience.iter().find(|stated| stated.value.primary)?;
    let level = match primary.value.min? {
        min if min >= 7.0 => Level::Senior,
        min if (3.0..=5.0).contains(&min) => Level::Mid,
        min if min <= 1.0 && primary.value.max.is_none_or(|max| max <= 3.0) => Level::Entry,
        _ => return None,
    };
    Some((level, primary))
}

fn years(stated: &Stated<Experience>) -> String {
    stated.value.min.map_or_else(String::new, |min| format!("{min}"))
}

#[cfg(test)]
mod tests;
