//! Years of experience: every clause that asks for some, and which of them is the overall requirement.

pub(in crate::fields) mod duration;
mod primary;

use contract::{Experience, Item, ItemKind, Necessity, SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::pattern;
use crate::items::{is_demand, is_wish};
use crate::posting::Posting;
use duration::{Duration, durations};
use primary::primary;

/// The years that the posting asks for, in order; exactly one is primary when there are any.
pub(crate) fn read(posting: &Posting<'_>) -> Vec<Stated<Experience>> {
    let mut found: Vec<(Clause, bool)> = Vec::new();
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let kind = posting.kind(unit);
        if !may_ask(kind) {
            continue;
        }
        for clause in clauses(posting.str(), unit.range.clone()) {
            if asks_for_years(posting.str(), &unit.range, &clause, kind, item) {
                let preferred =
                    item.necessity == Necessity::Preferred || is_wished(posting.str(), &unit.range, &clause);
                found.push((clause, preferred));
            }
        }
    }
    let primary = primary(posting.str(), &found);
    let mut stated: Vec<Stated<Experience>> = found
        .into_iter()
        .enumerate()
        .map(|(index, (clause, _))| {
            let scope = clause.scope.clone().map(|scope| posting.str()[scope].to_owned());
            let Duration { min, max, .. } = clause.duration;
            let value = Experience { min, max, scope, primary: Some(index) == primary };
            Stated::read(value, posting.span(clause.whole))
        })
        .collect();
    let months = posting
        .hints
        .json_ld
        .as_ref()
        .and_then(|page| page.months_of_experience)
        .filter(|&months| months > 0);
    if let (true, Some(months)) = (stated.is_empty(), months) {
        let min = Some(contract::rounded(months as f32 / 12.0));
        stated.push(Stated::given(Experience { min, max: None, scope: None, primary: true }));
    }
    stated
}

/// The overall requirement that somebody else found in a statement, of at least so many years.
pub(in crate::fields) fn asked(
    posting: &Posting<'_>,
    unit: usize,
    quote: &Range<usize>,
    years: f32,
) -> Option<Stated<Experience>> {
    let unit = &posting.parts.units[unit];
    let kind = posting.kind(unit);
    let clause = clauses(posting.str(), unit.range.clone()).into_iter().find(|clause| {
        let Duration { number, range, min, .. } = &clause.duration;
        quote.start <= *number && range.end <= quote.end && *min == Some(years)
    })?;
    if !may_ask(kind) || counts_something_else(posting.str(), &unit.range, &clause, kind) {
        return None;
    }
    let Duration { min, max, .. } = clause.duration;
    let scope = clause.scope.map(|scope| posting.str()[scope].to_owned());
    Some(Stated::read(Experience { min, max, scope, primary: true }, posting.span(clause.whole)))
}

/// A length of time with what it is about.
#[derive(Clone, Debug)]
pub(in crate::fields) struct Clause {
    /// The length of time.
    pub(in crate::fields) duration: Duration,
    /// Of what, as written.
    pub(in crate::fields) scope: Option<Range<usize>>,
    /// Length and scope.
    pub(in crate::fields) whole: Range<usize>,
    /// Whether the scope stands before the length: "Sales: 2 years".
    headed: bool,
}

/// The lengths of time of one statement with their scopes.
pub(in crate::fields) fn clauses(text: &str, unit: Range<usize>) -> Vec<Clause> {
    let found = durations(text, unit.clone());
    let starts: Vec<usize> = found.iter().map(|duration| duration.range.start).collect();
    found
        .into_iter()
        .enumerate()
        .map(|(index, duration)| {
            let end = starts.get(index + 1).copied().unwrap_or(unit.end);
            let behind = scope_behind(text, duration.range.end..end);
            let from = index.checked_sub(1).map_or(unit.start, |last| starts[last]);
            let before = || scope_before(text, from..duration.range.start);
            let (scope, headed) = match behind {
                Some(scope) => (Some(scope), false),
                None => before().map_or((None, false), |scope| (Some(scope), true)),
            };
            let mut whole = duration.range.clone();
            if let Some(scope) = &scope {
                whole = whole.start.min(scope.start)..whole.end.max(scope.end);
            } else if let Some(word) = plain_experience(&text[whole.end..end]) {
                whole.end += word;
            }
            Clause { duration, scope, whole, headed }
        })
        .collect()
}

/// Length of a bare "of experience" behind a length of time.
fn plain_experience(rest: &str) -> Option<usize> {
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\s?(?:of )?(?:experience|exp)\b"));
    PLAIN.find(rest).map(|plain| plain.end())
}

/// What stands behind a length of time, up to the end of its clause.
fn scope_behind(text: &str, rest: Range<usize>) -> Option<Range<usize>> {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:['’]s?|\*)?\s*(?:[,:–-]\s)?\s*(?:(?:minimum|total|in total|plus)\s+)?(?:of\s+)?(?:(?:an?|the)\s+)?",
        )
    });
    static STOP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[;:()\[\]•|*\n,!?]|\.(?:\s|$|[A-Z][a-z])| [-–—] |(?i:\b(?:including|such as|like|e\.g|i\.e|especially|specifically|particularly|preferably|preferred|ideally|is|are|was|were|will|would|must|should|may|can|required|requires?|req|desired|desirable|needed|mandatory|who|which|that|where|plus|or equivalent|or more|and/or|combined with|in order|along with|as well as|together with|coupled with|within the (?:last|past)|in the (?:last|past)|in lieu|if|one of|at least|minimum|and (?:an?|the|strong|proven|experience|knowledge|ability|familiarity|proficien\w+|demonstrated|excellent|solid|deep|good|have|you|must|be|at)|or (?:an?|the|master\S*|bachelor\S*|ph\.?d\S*|related degree|equivalent)|with (?:an?|at least|strong|excellent|proven|demonstrated|bachelor\S*|master\S*)|and|&|or|\+) (?:\d|one |two |three |four |five )|\b(?:or (?:an?|master\S*|bachelor\S*|ph\.?d\S*|equivalent)|and (?:an?|strong|proven|experience|knowledge|ability|familiarity|proficien\w+|demonstrated|excellent|solid|deep|good|have|you|must|be)|with (?:bachelor|master)\S*|is|are|was|were|will|would|must|should|may|required|preferred|desired|desirable|including|such as|like|e\.g|i\.e|preferably|ideally|which|that|who|where|or equivalent|and/or|plus|in lieu|in order|as well as|along with|if)\b)|\b(?:AND|OR)\b",
        )
    });
    let words = &text[rest.clone()];
    let skip = LEAD.find(words).map_or(0, |lead| lead.end());
    let body = &words[skip..];
    let stop = STOP.find(body);
    let mut end = stop.as_ref().map_or(body.len(), |stop| stop.start());
    // "experienceStrong": a line break was lost behind the word.
    static GLUED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:xperience|evelopment|ngineering|anagement)[A-Z][a-z]|[a-zA-Z](?:Experience|Knowledge|Strong|Minimum|Ability|Excellent|Proven|Proficien)",
        )
    });
    if let Some(glued) = GLUED.find(&body[..end]) {
        let capital =
            glued.as_str().char_indices().skip(1).find(|(_, c)| c.is_uppercase() && glued.as_str().len() > 2);
        end = glued.start() + capital.map_or(glued.len(), |(at, _)| at);
    }
    if end > MAX_SCOPE {
        let cut = (0..=MAX_SCOPE).rev().find(|&at| body.is_char_boundary(at)).unwrap_or(0);
        end = body[..cut].rfind(' ').unwrap_or(cut);
    }
    let announced = stop.is_some_and(|stop| announces_a_list(stop.as_str()));
    let scope = trimmed(&body[..end], announced);
    let start = rest.start + skip;
    (!scope.is_empty() && says_something(scope)).then(|| start..start + scope.len())
}

/// The longest scope, in bytes.
const MAX_SCOPE: usize = 120;

fn announces_a_list(stop: &str) -> bool {
    let lower = stop.to_lowercase();
    lower.starts_with("includ")
        || lower.starts_with("such")
        || matches!(lower.as_str(), "like" | "e.g" | "i.e" | ":" | "(")
}

/// Drops what leads over to the next clause: "in languages [including …]", "and", "with".
fn trimmed(scope: &str, announced: bool) -> &str {
    static INTRODUCER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\s+(?:in|with|using|across|of|on)\s+(?:(?:one|two|any|some|all|more|multiple|various|several|many|other|modern|programming|common|popular|major|relevant|key|the|following|or)\s+)*(?:following|languages?|technologies|technology|tools?|frameworks?|areas?|disciplines|platforms|fields|skills)$",
        )
    });
    static DANGLING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\s+(?:and|or|in|with|of|for|on|using|to|an?|the|as|at|by|from|both|and/or|including|either|one|any|least|minimum|is|are)|[\s,&/+–-]+)$",
        )
    });
    let mut scope = scope.trim_end();
    if let Some(introducer) = INTRODUCER.find(scope).filter(|_| announced) {
        scope = &scope[..introducer.start()];
    }
    while let Some(dangling) = DANGLING.find(scope) {
        scope = &scope[..dangling.start()];
    }
    scope
}

/// Whether a scope is more than the bare word "experience".
fn says_something(scope: &str) -> bool {
    let lower = scope.to_lowercase();
    scope.chars().any(char::is_alphabetic)
        && !matches!(
            lower.as_str(),
            "experience" | "exp" | "experiences" | "of experience" | "in" | "work" | "s"
        )
}

/// What stands before a length of time as its label: "Administrative: 2 years", "Kafka – 3 years", "Java (4 years)".
fn scope_before(text: &str, before: Range<usize>) -> Option<Range<usize>> {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:^|[.;:•,]\s?|\)\s?|\n)((?:[\w+#./&'’-]+ ){0,5}[\w+#./&'’-]*\w[+#]*)\s?(?::|-|–|—|\()\s?$",
        )
    });
    let words = &text[before.clone()];
    let label = LABEL.captures(words)?.get(1)?;
    let generic = [
        "experience",
        "exp",
        "minimum",
        "required",
        "requirements",
        "years of experience",
        "work experience",
        "total experience",
        "years",
        "qualifications",
        "minimum experience",
        "experience required",
        "education",
        "duration",
        "term",
    ];
    let lower = label.as_str().to_lowercase();
    let speaks = !generic.contains(&lower.as_str()) && label.as_str().chars().any(char::is_alphabetic);
    speaks.then(|| before.start + label.start()..before.start + label.end())
}

/// Whether years of experience may be read from such a section.
const fn may_ask(kind: SectionKind) -> bool {
    !matches!(
        kind,
        SectionKind::Eeo
            | SectionKind::Accommodation
            | SectionKind::Legal
            | SectionKind::Benefits
            | SectionKind::AboutCompany
            | SectionKind::Compensation
            | SectionKind::Contact
            | SectionKind::Hashtags
    )
}

/// Words that speak of experience.
static EXPERIENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)experience|\bexp\b|exper\b|\bbackground\b|track record|\bexpertise\b|post[- ]qualif|\bpqe\b",
    )
});

/// Whether a length of time is an age, a term or a part of somebody's story.
fn counts_something_else(text: &str, unit: &Range<usize>, clause: &Clause, kind: SectionKind) -> bool {
    static OTHER_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\s?(?:of age|old\b|old[,.)]|ago\b|in business|in a row|history|term\b|contract|warrant|degree|diploma|college|university|program|course|certificate|post[- ]?secondary|apprentice|from (?:the )?(?:date|now|start)|after\b|before\b|prior to\b|of service|of tenure|period\b|plan\b|anniversary|vest|roadmap|strategy|olds?\b|(?:and|or) (?:older|above)\b(?: of age)?|of (?:full[- ]time )?(?:study|education|school|college|university|schooling|post[- ]secondary|continuous|history|growth|success|innovation|residen|accident|driving|employment)|(?:technical|vocational|associate|bachelor|undergraduate|accredited|post[- ]|community|trade|nursing|engineering) ?(?:school|degree|diploma|college|program)|bachelor|initial|assignment|commitment|fixed|internship\b|renewable|extension|with (?:the )?possib|duration|long\b|to complete|probation))|^['’]?s?\s(?:clean|clear|of clean)",
        )
    });
    static OTHER_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:within|in|during|over|for|after|every|each|first|next|last|past|previous|initial|until|since|aged?|founded|ages|recent|preceding|per)(?: the)?(?: (?:last|past|next|first|previous|coming|recent))?|\bage of|\bgrade|\blevel|\bterm(?: of)?|\bduration|\blength|\bcontract(?: for)?|\bat the age of|\bcombined|\bcollective)\s?[:(-]?\s?$",
        )
    });
    let behind = &text[clause.duration.range.end..unit.end];
    let number_before = &text[unit.start..clause.duration.number];
    let before = &text[unit.start..clause.duration.range.start];
    if OTHER_BEHIND.is_match(behind) || speaks_of_the_employer(text, unit, clause, kind) {
        return true;
    }
    // "for over 20 years" tells a story; "for at least 2 years of sales experience" does not.
    (OTHER_BEFORE.is_match(before) || OTHER_BEFORE.is_match(number_before))
        && !EXPERIENCE.is_match(soon(behind))
}

/// The words right behind a length of time.
fn soon(behind: &str) -> &str {
    behind.char_indices().nth(90).map_or(behind, |(end, _)| &behind[..end])
}

/// Whether a length of time is one of experience that the candidate should have.
fn asks_for_years(text: &str, unit: &Range<usize>, clause: &Clause, kind: SectionKind, item: &Item) -> bool {
    static WORKED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\s?(?:\(s\))?['’]?s?\s?(?:of |in |as an? |with |working|managing|leading|building|developing|designing|practi[cs]|hands|professional|relevant|related|recent|work\b|supervis|teaching|selling|programming)",
        )
    });
    if counts_something_else(text, unit, clause, kind) {
        return false;
    }
    let behind = &text[clause.duration.range.end..unit.end];
    let before = &text[unit.start..clause.duration.range.start];
    let near = before.char_indices().rev().nth(70).map_or(before, |(start, _)| &before[start..]);
    let asked = item.kind == ItemKind::Requirement;
    let said = EXPERIENCE.is_match(soon(behind)) || EXPERIENCE.is_match(near);
    let listed = asked
        && (WORKED.is_match(behind)
            || behind.trim_matches(['.', ')', ' ', '(', '\'', '’']).is_empty()
            || clause.headed);
    match kind {
        SectionKind::QualificationsRequired
        | SectionKind::QualificationsPreferred
        | SectionKind::QualificationsUnspecified
        | SectionKind::SkillsList
        | SectionKind::Experience
        | SectionKind::Education
        | SectionKind::Certifications => said || listed,
        SectionKind::Title
        | SectionKind::Overview
        | SectionKind::AboutCompany
        | SectionKind::AboutTeam
        | SectionKind::Responsibilities
        | SectionKind::Compensation
        | SectionKind::Benefits
        | SectionKind::LocationWorkmode
        | SectionKind::EmploymentTerms
        | SectionKind::VisaClearance
        | SectionKind::Travel
        | SectionKind::ApplicationProcess
        | SectionKind::Eeo
        | SectionKind::Accommodation
        | SectionKind::Legal
        | SectionKind::Contact
        | SectionKind::Hashtags
        | SectionKind::Other => said,
    }
}

/// "With over 25 years of experience, we …": the employer's years.
fn speaks_of_the_employer(text: &str, unit: &Range<usize>, clause: &Clause, kind: SectionKind) -> bool {
    static EMPLOYER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:we|we['’]\w+|our|us|company|firm|organi[sz]ation|founded|established|industry leader|family[- ]owned|proud(?:ly)?|combined|collective)\b",
        )
    });
    static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:you|your|candidates?|applicants?|must|requir\w+|looking for|seek\w*|ideal\w*|need\w*|hiring|should|person|someone|individual|minimum|at least|min|preferr?ed|preferably|qualifi\w+|opening for)\b",
        )
    });
    let listed = matches!(
        kind,
        SectionKind::QualificationsRequired
            | SectionKind::QualificationsPreferred
            | SectionKind::QualificationsUnspecified
            | SectionKind::Experience
            | SectionKind::SkillsList
    );
    static TELLS_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:we|we['’]ve|our [\w ]{1,30}|the company|firm|founders?) (?:have|has|bring|had|been|with|boasts?|draws?)\b[^.;]{0,60}$",
        )
    });
    static TELLS_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^[^.;]{0,100},\s(?:we|our|the company|\w+ (?:is|has been|provides|delivers))\b")
    });
    let words = &text[unit.clone()];
    let many = clause.duration.min.unwrap_or(0.0) > 25.0;
    let behind = &text[clause.duration.range.end..unit.end];
    let tells =
        TELLS_BEFORE.is_match(&text[unit.start..clause.duration.number]) || TELLS_BEHIND.is_match(behind);
    many || (tells && !CANDIDATE.is_match(words))
        || (!listed && EMPLOYER.is_match(words) && !CANDIDATE.is_match(words))
}

/// Whether the clause of its own is a wish: "…; 2 years of sales preferred".
fn is_wished(text: &str, unit: &Range<usize>, clause: &Clause) -> bool {
    let start = text[unit.start..clause.whole.start]
        .rfind([';', '.', '•', '('])
        .map_or(unit.start, |at| unit.start + at);
    let rest = &text[clause.whole.end..unit.end];
    let stops = [". ", ";", "•"];
    let end =
        stops.iter().filter_map(|stop| rest.find(stop)).min().map_or(unit.end, |at| clause.whole.end + at);
    let words = &text[start..end];
    is_wish(words) && !is_demand(words)
}

#[cfg(test)]
mod tests;
