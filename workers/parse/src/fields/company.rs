//! The employer: as given, labelled, or as the posting speaks of itself.

use contract::{Evidence, Field, SectionKind, Stated};
use library::{Company, Library};
use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::{given, noise, pattern, phrase, places};
use crate::posting::Posting;

/// A company's name as a pattern: capitalised words with their joints and legal form.
pub(super) const NAME: &str = r"(?:(?:The |the )?[A-Z0-9][\w&.'’+®™-]*(?:(?: | & | and | of | for | of the | de | du |, )[A-Z0-9&][\w&.'’+®™-]*){0,6})";

/// The employer's name with its places; null when nobody says it.
pub(super) fn name(posting: &Posting<'_>, library: &Library, labels: &Labels) -> Field<String> {
    let page = posting.hints.json_ld.as_ref().and_then(|page| page.hiring_organization.as_deref());
    if let Some(name) = [posting.hints.company.as_deref(), page].into_iter().flatten().find_map(|name| given(posting, name)) {
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
        if !matches!(kind, SectionKind::SkillsList | SectionKind::QualificationsPreferred | SectionKind::QualificationsRequired) {
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
    let value = places.iter().map(|range| &text[range.clone()]).find(|name| !is_shouted(name)).map_or(value, str::to_owned);
    places.sort_by_key(|range| (text[range.clone()] != value, range.start));
    Some(Stated { value, evidence: Evidence::Text { spans: places.into_iter().map(|range| posting.span(range)).collect() } })
}

fn first(places: &[Range<usize>]) -> usize {
    places.iter().map(|range| range.start).min().unwrap_or(usize::MAX)
}

/// The company table's entry for a name, whatever its legal form.
pub(super) fn known<'a>(library: &'a Library, name: &str) -> Option<&'a Company> {
    let wanted = key(name);
    library.companies().iter().find(|company| key(&company.name) == wanted || company.aliases.iter().any(|alias| key(alias) == wanted))
}

/// A name without legal form, signs and case.
pub(super) fn key(name: &str) -> String {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)(?:,? (?:inc|incorporated|llc|l\.l\.c|ltd|limited|corp|corporation|co|company|lp|llp|plc|gmbh|ag|s\.a|se|n\.v|b\.v|pvt|pty|private)\.?)+$|^the |[®™]")
    });
    FORM.replace_all(name.trim(), "").to_lowercase()
}

fn is_shouted(name: &str) -> bool {
    name.len() > 5 && !name.chars().any(char::is_lowercase)
}

const fn speaks_of_the_employer(kind: SectionKind) -> bool {
    matches!(kind, SectionKind::Title | SectionKind::Overview | SectionKind::AboutCompany | SectionKind::AboutTeam | SectionKind::Eeo | SectionKind::Other | SectionKind::Benefits)
}

fn speaks_of_a_client(words: &str) -> bool {
    static CLIENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:our|my|the|direct|end|prime|financial|a|fortune 500) (?:\w+ )?clients?\b|\bclient(?::|,| is| in| located)|\bon behalf of\b"));
    CLIENT.is_match(words)
}

/// "About Harbour Tools", "Why Harbour Tools?", "Life at Harbour Tools".
fn headings(posting: &Posting<'_>, hear: &mut impl FnMut(Range<usize>, u32)) {
    static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(r"^(?i:about|why|who is|who are|join|why join|life at|working at|why work at|why work for|welcome to|careers at|about working at|what we do at|a career at|benefits at|culture at) (?P<name>{NAME})\W*$"))
    });
    let text = posting.str();
    for line in posting.parts.segments.iter().filter_map(|segment| segment.heading.clone()).chain(short_lines(posting)) {
        if let Some(name) = ABOUT.captures(&text[line.clone()]).and_then(|hit| hit.name("name")) {
            hear(line.start + name.start()..line.start + name.end(), 4);
        }
    }
}

fn short_lines<'p>(posting: &'p Posting<'_>) -> impl Iterator<Item = Range<usize>> + 'p {
    posting.parts.units.iter().map(|unit| unit.range.clone()).filter(|range| range.len() <= 60)
}

/// A sentence whose subject is the company: "Harbour Tools is looking for …", "… is an equal opportunity employer".
fn itself(words: &str, base: usize, kind: SectionKind, index: usize, hear: &mut impl FnMut(Range<usize>, u32)) {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?:(?:Here |here )?[Aa]t |[Ss]ince \d{{4}}, |[Ff]or (?:over|more than) [\w ]{{1,20}}, |(?:[Ff]ounded|[Ee]stablished) in \d{{4}}, |[Ff]ounded in \d{{4}} and [^,]{{1,40}}, |[Hh]eadquartered in [^,]{{1,30}}(?:, [A-Z]\w+)?, |[Bb]ased in [^,]{{1,30}}(?:, [A-Z]\w+)?, |As an? [^,]{{1,60}}, |[Ww]e at |[Ww]elcome to |[Jj]oin |[Ww]ho is )?(?P<name>{NAME})"
        ))
    });
    static EQUAL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?: \([^)]{1,40}\))?(?:,? (?:and|or) (?:its|all)[^.]{1,50})?,? (?:is|are)[^.]{0,40}\b(?:an?|committed)\b[^.]{0,60}\b(?:equal|affirmative|EEO|EOE|inclusive|diverse|diversity|e-verify)|^(?: \([^)]{1,40}\))? (?:provides?|offers?|supports?) (?:an )?equal|^ (?:does|do|will) not (?:unlawfully )?discriminate|^ (?:welcomes?|encourages?|celebrates?|embraces?|values?|participates? in E-Verify|thanks|hires)\b")
    });
    static SEEKS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?: \([^)]{1,40}\))?(?:, [^,.]{1,80},)?,? (?:is|are) (?:currently |now |actively |also |always |presently |urgently |expanding and |growing and )*(?:looking|seeking|searching|hiring|recruiting|accepting|in search|in need|inviting|pleased)|^(?: \([^)]{1,40}\))?(?:, [^,.]{1,80},)? (?:seeks|invites|requires an?|needs an?|has an? (?:[\w-]+ ){0,4}(?:opening|opportunity|position|vacancy|need|role)|wants|currently has)\b|^(?:’|')s [\w ]{1,30}(?:team|department|office) (?:is|are) (?:looking|seeking|hiring)")
    });
    static IS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?: \([^)]{1,40}\))?(?:, (?:an?|the|part|located|headquartered|founded|based)\b[^.]{1,80},)?(?: is| was|’s|'s| are| has been| has grown)(?: proud to be| recognized as| known as| committed| dedicated| currently| proudly| now)? (?:an?|the|one of|founded|established|headquartered|based|to|transforming|building|changing|on a mission|redefining|revolutionizing|reinventing|reimagining|leading|creating|making|growing|made up|among|part of|home to|where|your|ranked|located|owned|in the business|our)\b")
    });
    static DOES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?: \([^)]{1,40}\))?(?:, [^,.]{1,80},)? (?:provides|offers|delivers|specializes|specialises|believes|strives|operates|serves|employs|develops|designs|manufactures|helps|builds|creates|was founded|was established|has (?:over|more than|been|a|\d)|partners|combines|empowers|makes|works|exists|brings|reserves|supports|understands|recognizes|takes|pays|maintains|connects|focuses|enables|powers|aims|continues|follows|owns|ranks|runs|manages|represents)\b|^(?:’|')s? (?:mission|vision|values|culture|people|employees|purpose|commitment|customers|products|clients|goal|team|success|history|business|focus|technology|platform|services)\b")
    });
    let Some(hit) = SUBJECT.captures(words) else { return };
    let (Some(name), Some(whole)) = (hit.name("name"), hit.get(0)) else { return };
    // "Harbour Tools's mission": the possessive belongs to what follows.
    let possessive = ["'s", "’s", "'", "’"].into_iter().find_map(|sign| name.as_str().strip_suffix(sign)).map(str::len);
    let end = name.start() + possessive.unwrap_or(name.len());
    let rest = &words[end..];
    let range = base + name.start()..base + end;
    let prefix = &whole.as_str()[..name.start()];
    let early = index < 8 || kind == SectionKind::AboutCompany;
    let weight = if EQUAL.is_match(rest) {
        3
    } else if SEEKS.is_match(rest) {
        4
    } else if prefix.to_lowercase().ends_with("at ") && [",", "we ", "you "].iter().any(|next| rest.trim_start().starts_with(next)) {
        3
    } else if prefix.eq_ignore_ascii_case("welcome to ") {
        2
    } else if IS.is_match(rest) && early && !matches!(kind, SectionKind::Responsibilities) {
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
        pattern(&format!(r"(?:[,:;*]\s*|[a-z])(?P<name>{NAME}) (?:is|are) (?:currently |now |actively )?(?:seeking|looking for|hiring|searching for|recruiting)\b"))
    });
    static YOU_AT: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"^(?i:as an? )[^.]{{3,60}} at (?P<name>{NAME}),? (?:you|your)\b")));
    for name in SEEKS.captures_iter(words).chain(YOU_AT.captures_iter(words)).filter_map(|hit| hit.name("name")) {
        hear(base + name.start()..base + name.end(), 3);
    }
}

/// "… at Harbour Tools", "join Harbour Tools as": sure only for companies of the table, a hint for others.
fn at_the_company(words: &str, base: usize, library: &Library, hear: &mut impl FnMut(Range<usize>, u32)) {
    static AT: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\b(?:[Aa]t|[Jj]oin|[Jj]oining|[Ww]orking for|[Ww]ork for) (?P<name>{NAME})")));
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
        let place = places::find(line, false).into_iter().find(|place| place.is_sure || place.location.country.is_some() && place.range.end == line.len());
        let Some(place) = place else { continue };
        let before = &line[..place.range.start];
        let name = before.trim_end_matches([' ', ',', '-', '–', '|', '•', '·', '(']);
        let separated = name.len() + 1 < before.len() || before.ends_with(',');
        let names_a_job = name.split(|c: char| !c.is_alphanumeric()).any(phrase::is_job_noun);
        if separated && !name.is_empty() && !names_a_job && name.split_whitespace().count() <= 5 && whole_name(name) && !noise::is_noise(name, None) {
            hear(start..start + name.len(), 3);
        }
    }
}

fn whole_name(words: &str) -> bool {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"^{NAME}(?: ?\([^)]*\))?\.?$")));
    WHOLE.is_match(words)
}

/// The name in a range without joints, possessives and full stops; none when it is no company's.
fn proper(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    static NO_NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?ix)^(?:we|our|the\ (?:company|position|role|ideal|successful|candidate|team|job|incumbent|organization|client|selected|qualified|employer|person|individual|applicant|opportunity|following|salary|right|work|department|base|pay|main|primary|purpose|client's|position's|hours|location|chosen|university|city|county|office|group|firm|project|job's|program|college|district|bank|hospital|school|agency|best|new|schedule|total|expected|hiring|compensation|range|annual)|this|it|its|you|your|he|she|they|their|candidates?|applicants?|positions?|roles?|jobs?|company|teams?|clients?|employers?|there|what|who|here|today|if|each|all|every|as|in|at|on|while|these|those|that|most|some|please|experience|experienced|knowledge|ability|must|employees?|people|work|working|successful|ideal|qualified|no|not|one|when|where|how|why|for|with|and|or|but|to|from|by|an?|my|us|i|are|is|do|does|be|now|also|both|any|such|only|other|many|minimum|preferred|required|salary|benefits|location|compensation|pay|schedule|flexible|full-?time|part-?time|remote|equal|eeo|eoe|diversity|women|men|veterans|disabled|minorities|individuals|persons|reasonable|accommodations?|covid.*|vaccination|proof|relocation|travel|visa|sponsorship|overview|description|responsibilities|responsibility|qualifications|requirements|duties|job|title|summary|department|education|bachelor.*|master.*|degree|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|u\.?s\.?|usa|canada|federal|state|local|government|management|leadership|human\ resources|hr|it|sales|marketing|engineering|operations|finance|join|about|apply|click|send|submit|contact|email|visit|learn|read|more|additional|additionally|however|therefore|great|good|strong|excellent|competitive|health|dental|vision|paid|life|medical|\d+.*|first|second|next|new|opportunity|opportunities|growth|success|safety|training|team\ members?|successful\ candidates?|let|make|take|find|ready|looking|seeking|hiring|someone|anyone|everyone|whether|because|since|through|during|within|under|after|before|over|upon|once|then|so|thus|see|note|yes|imagine|recent|current|due|based|interested|resumes?|cvs?|applications?|agencies|recruiters?|day|night|home|school|university|college|technology|technologies|software|data|cloud|security|customers?|customer\ service|we're|we’re|you'll|you’ll|you're|you’re|it's|it’s|we've|we’ve|here's|confidential|anonymous|n/a|tbd|same|least|least\ \d+|times|home|work|end|large|scale|various|top|times|ease|minimum|present|any\ time|christmas|career|careers|internal|external|high|low|fast|linkedin|indeed|glassdoor|facebook|twitter|instagram|youtube|professional|responsible|reporting|reports|core|key|main|general|basic|other|special|specific|should|complete|would|could|theteam|higher|north\ america|europe|asia|generally|below|above|provide|support|lead|design|develop|build|create|manage|ensure|assist|maintain|perform|coordinate|prepare|conduct|review|participate|collaborate|communicate|demonstrated?|proven|familiarity|understanding|proficien\w+|exposure|background|solid|deep|advanced|intermediate|bonus|plus|nice|the)$")
    });
    let words = &text[range.clone()];
    let mut end = words.trim_end_matches([',', ' ', '-', '–', '|', ':', '\'', '’']).len();
    let legal = ["Inc.", "Ltd.", "Corp.", "Co.", "S.A.", "L.L.C.", "Bros.", "LLC."].iter().any(|form| words[..end].ends_with(form));
    if !legal {
        end = words[..end].trim_end_matches(['.', ',']).len();
    }
    let name = &words[..end];
    // "Acme and", "Acme, Our": a joint or a pronoun behind the name is the sentence's.
    static PRONOUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:,| and| of| for)? (?:We|Our|You|Your|It|This|They|The|As|I|Inc,.*|LLC,.*|A)$|, (?:we|our|you|We|Our|You|A|An|The|As)\b.*$"));
    let name = PRONOUN.replace(name, "");
    let name = &words[..name.len().min(end)];
    // "AcmeAcme Ltd": a line break was lost before the name, when the rest of it stands elsewhere.
    let seam = name.char_indices().skip(3).find(|&(at, c)| c.is_uppercase() && name[..at].ends_with(char::is_lowercase) && !name[..at].contains(' ') && stands_alone(text, &name[at..]));
    let cut = seam.map_or(0, |(at, _)| at);
    let (range, name) = (range.start + cut..range.end, &name[cut..]);
    let first_word = name.split_whitespace().next()?;
    let folded = name.to_lowercase();
    let two_words = folded.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let of_a_place = ["university", "city", "county", "college", "district", "town", "bank", "municipality", "province", "state", "regional municipality"].iter().any(|kind| folded.starts_with(&format!("the {kind} of ")));
    let start_bad = !of_a_place && (NO_NAME.is_match(&folded) || NO_NAME.is_match(&two_words) || NO_NAME.is_match(&first_word.to_lowercase()) && !is_long_name(name));
    let last = name.split(|c: char| !(c.is_alphanumeric() || c == '-')).rfind(|word| !word.is_empty())?;
    let adverb = folded.ends_with("ly") && !folded.contains(' ');
    let is_job = adverb || phrase::is_job_noun(last) && !last.ends_with('s') && name.split_whitespace().count() <= 5;
    let long = name.split_whitespace().count() > 7 || name.len() > 60 || name.len() < 2;
    let is_place = places::find(name, true).first().is_some_and(|place| place.range.len() == name.len() || place.range.start == 0 && name[place.range.end..].starts_with(','));
    // "APIs.About": two sentences, not a name.
    let glued = name.as_bytes().windows(3).any(|bytes| bytes[0].is_ascii_lowercase() && bytes[1] == b'.' && bytes[2].is_ascii_uppercase());
    let unit = ["Team", "Department", "Candidate", "Candidates", "Position", "Role", "Engineering", "Experience", "Skills", "Program", "Applicants", "Degree", "Division", "Manager", "Description", "Office"].contains(&last);
    (!start_bad && !is_job && !long && !is_place && !glued && !unit && name.chars().any(char::is_alphabetic)).then(|| range.start..range.start + name.len())
}

fn stands_alone(text: &str, name: &str) -> bool {
    name.len() > 4 && text.match_indices(name).any(|(at, _)| at == 0 || text[..at].ends_with(|c: char| !c.is_alphanumeric()))
}

/// A common first word is part of a name when a legal form closes it: "First Data Corporation", "Home Depot Inc.".
fn is_long_name(name: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:inc|llc|ltd|limited|corp|corporation|company|group|bank|university|college|hospital|technologies|solutions|systems|health|services|associates|partners|school|schools|district|insurance)\.?$"));
    FORM.is_match(name) && name.split_whitespace().count() >= 2
}
