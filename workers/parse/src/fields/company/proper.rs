//! What of a capitalised phrase is a company's name, and what is no company at all.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::{pattern, phrase, places};

/// The name in a range without joints, possessives and full stops; none when it is no company's.
pub(super) fn proper(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    static NO_NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)^(?:we|our|the\ (?:company|position|role|ideal|successful|candidate|team|job|incumbent|organization|client|selected|qualified|employer|person|individual|applicant|opportunity|following|salary|right|work|department|base|pay|main|primary|purpose|client's|position's|hours|location|chosen|university|city|county|office|group|firm|project|job's|program|college|district|bank|hospital|school|agency|best|new|schedule|total|expected|hiring|compensation|range|annual)|this|it|its|you|your|he|she|they|their|candidates?|applicants?|positions?|roles?|jobs?|company|teams?|clients?|employers?|there|what|who|here|today|if|each|all|every|as|in|at|on|while|these|those|that|most|some|please|experience|experienced|knowledge|ability|must|employees?|people|work|working|successful|ideal|qualified|no|not|one|when|where|how|why|for|with|and|or|but|to|from|by|an?|my|us|i|are|is|do|does|be|now|also|both|any|such|only|other|many|minimum|preferred|required|salary|benefits|location|compensation|pay|schedule|flexible|full-?time|part-?time|remote|equal|eeo|eoe|diversity|women|men|veterans|disabled|minorities|individuals|persons|reasonable|accommodations?|covid.*|vaccination|proof|relocation|travel|visa|sponsorship|overview|description|responsibilities|responsibility|qualifications|requirements|duties|job|title|summary|department|education|bachelor.*|master.*|degree|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|u\.?s\.?|usa|canada|federal|state|local|government|management|leadership|human\ resources|hr|it|sales|marketing|engineering|operations|finance|join|about|apply|click|send|submit|contact|email|visit|learn|read|more|additional|additionally|however|therefore|great|good|strong|excellent|competitive|health|dental|vision|paid|life|medical|\d+.*|first|second|next|new|opportunity|opportunities|growth|success|safety|training|team\ members?|successful\ candidates?|let|make|take|find|ready|looking|seeking|hiring|someone|anyone|everyone|whether|because|since|through|during|within|under|after|before|over|upon|once|then|so|thus|see|note|yes|imagine|recent|current|due|based|interested|resumes?|cvs?|applications?|agencies|recruiters?|day|night|home|school|university|college|technology|technologies|software|data|cloud|security|customers?|customer\ service|we're|we’re|you'll|you’ll|you're|you’re|it's|it’s|we've|we’ve|here's|confidential|anonymous|n/a|tbd|same|least|least\ \d+|times|home|work|end|large|scale|various|top|times|ease|minimum|present|any\ time|christmas|career|careers|internal|external|high|low|fast|linkedin|indeed|glassdoor|facebook|twitter|instagram|youtube|professional|responsible|reporting|reports|core|key|main|general|basic|other|special|specific|dr\.?|mr\.?|mrs\.?|ms\.?|should|complete|would|could|theteam|higher|north\ america|europe|asia|generally|below|above|provide|support|lead|design|develop|build|create|manage|ensure|assist|maintain|perform|coordinate|prepare|conduct|review|participate|collaborate|communicate|demonstrated?|proven|familiarity|understanding|proficien\w+|exposure|background|solid|deep|advanced|intermediate|bonus|plus|nice|the)$",
        )
    });
    let words = &text[range.clone()];
    let mut end = words.trim_end_matches([',', ' ', '-', '–', '|', ':', '\'', '’']).len();
    let legal = ["Inc.", "Ltd.", "Corp.", "Co.", "S.A.", "L.L.C.", "Bros.", "LLC."]
        .iter()
        .any(|form| words[..end].ends_with(form));
    if !legal {
        end = words[..end].trim_end_matches(['.', ',']).len();
    }
    let name = &words[..end];
    // "Acme and", "Acme, Our": a joint or a pronoun behind the name is the sentence's.
    static PRONOUN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:,| and| of| for)? (?:We|Our|You|Your|It|This|They|The|As|I|Inc,.*|LLC,.*|A)$|, (?:we|our|you|We|Our|You|A|An|The|As)\b.*$",
        )
    });
    let name = PRONOUN.replace(name, "");
    let name = &words[..name.len().min(end)];
    // "AcmeAcme Ltd": a line break was lost before the name, when the rest of it stands elsewhere.
    let seam = name.char_indices().skip(3).find(|&(at, c)| {
        c.is_uppercase()
            && name[..at].ends_with(char::is_lowercase)
            && !name[..at].contains(' ')
            && stands_alone(text, &name[at..])
            && !is_one_word(text, name, at)
    });
    let cut = seam.map_or(0, |(at, _)| at);
    let (range, name) = (range.start + cut..range.end, &name[cut..]);
    let first_word = name.split_whitespace().next()?;
    let folded = name.to_lowercase();
    let two_words = folded.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let of_a_place = [
        "university",
        "city",
        "county",
        "college",
        "district",
        "town",
        "bank",
        "municipality",
        "province",
        "state",
        "regional municipality",
    ]
    .iter()
    .any(|kind| folded.starts_with(&format!("the {kind} of ")));
    let start_bad = !of_a_place
        && (NO_NAME.is_match(&folded)
            || NO_NAME.is_match(&two_words)
            || NO_NAME.is_match(&first_word.to_lowercase()) && !is_long_name(name));
    let last = name.split(|c: char| !(c.is_alphanumeric() || c == '-')).rfind(|word| !word.is_empty())?;
    let adverb = folded.ends_with("ly") && !folded.contains(' ');
    let is_job =
        adverb || phrase::is_job_noun(last) && !last.ends_with('s') && name.split_whitespace().count() <= 5;
    let long = name.split_whitespace().count() > 7 || name.len() > 60 || name.len() < 2;
    let is_place = places::find(name, true).first().is_some_and(|place| {
        place.range.len() == name.len() || place.range.start == 0 && name[place.range.end..].starts_with(',')
    });
    // "APIs.About": two sentences, not a name.
    let glued = name
        .as_bytes()
        .windows(3)
        .any(|bytes| bytes[0].is_ascii_lowercase() && bytes[1] == b'.' && bytes[2].is_ascii_uppercase());
    let unit = [
        "Team",
        "Department",
        "Candidate",
        "Candidates",
        "Position",
        "Role",
        "Engineering",
        "Experience",
        "Skills",
        "Program",
        "Applicants",
        "Degree",
        "Division",
        "Manager",
        "Description",
        "Office",
    ]
    .contains(&last);
    (!start_bad && !is_job && !long && !is_place && !glued && !unit && name.chars().any(char::is_alphabetic))
        .then(|| range.start..range.start + name.len())
}

/// "BlueCargo" is one name when it is said more often than "Cargo" alone.
fn is_one_word(text: &str, name: &str, at: usize) -> bool {
    let first = name.split_whitespace().next().unwrap_or(name);
    let rest = &first[at.min(first.len())..];
    let whole = text.matches(first).count();
    2 * whole > text.matches(rest).count().max(1)
}

fn stands_alone(text: &str, name: &str) -> bool {
    name.len() > 4
        && text
            .match_indices(name)
            .any(|(at, _)| at == 0 || text[..at].ends_with(|c: char| !c.is_alphanumeric()))
}

/// A common first word is part of a name when a legal form closes it: "First Data Corporation", "Home Depot Inc.".
fn is_long_name(name: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:inc|llc|ltd|limited|corp|corporation|company|group|bank|university|college|hospital|technologies|solutions|systems|health|services|associates|partners|school|schools|district|insurance)\.?$",
        )
    });
    FORM.is_match(name) && name.split_whitespace().count() >= 2
}
