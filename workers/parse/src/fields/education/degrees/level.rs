//! Where a text names a degree, and how high it is.

use contract::DegreeLevel;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::pattern;

/// A degree's name in a text.
#[derive(Clone, Debug)]
pub(super) struct Degree {
    /// Its words.
    pub(super) range: Range<usize>,
    /// Its height; none for a bare "degree".
    pub(super) level: Option<DegreeLevel>,
    /// The subject inside or before its name: "Bachelor of Commerce", "engineering degree".
    pub(super) subject: Option<Range<usize>>,
}

/// The ways to write each height; the first that matches at a place wins. `s` is a subject.
const NAMES: [(Option<DegreeLevel>, &str); 11] = [
    (
        Some(DegreeLevel::Doctorate),
        r"\b(?:(?i:ph\.? ?d\b\.?['’]?s?|doctorates?\b|doctoral\b|doctor of (?P<s0>philosophy|pharmacy|medicine|education|nursing practice|physical therapy)\b|juris doctor\b)|PharmD\b|J\.D\.|JD (?i:degree|or LL)|D\.?Phil\b)",
    ),
    (
        Some(DegreeLevel::Master),
        r"\b(?:(?i:master['’]?s['’]?(?: level)?(?: of| degree|['’]|\b)|masters\b|master degree|master['’]?s? of (?P<s1>[a-z]+(?: (?:and )?administration| health| work| policy)?)\b|master in\b|post[- ]?graduate (?:degree|diploma|qualification)|postgraduate\b|post[- ]graduation\b|(?:advanced|graduate) (?:university |college |technical )?degrees?\b|m\.tech\b|mtech\b|m\.sc\b\.?|m\.b\.a\b\.?|m\.eng\b|m\.s\.w?|m\.ed\b)|MBA\b|M\.?Tech\b|MTech\b|MSc\b|MSC\b(?: degree)|MCA\b|M\.?Com\b|MEng\b|MPH\b|MPA\b|MFA\b|MSW\b|MSN\b|MSEE\b|MSCS\b|M\.E\.|M\.A\.|M\.Ed)",
    ),
    (
        Some(DegreeLevel::Bachelor),
        r"\b(?:(?i:bachelor['’]?s?['’]?(?: level)?(?: of (?P<s2>[a-z]+(?: (?:and )?administration| science| work)?)\b|\b['’]?)|baccalaureate\b|b\.tech\b|btech\b|b\.sc\b\.?|b\.eng\b|b\.s\.(?:n\b|w\b|c\b)?|b\.a\.|b\.e\.|b\.com\b|b\.b\.a\b\.?|(?:under ?-?graduate|university|college|four[- ]year|4[- ]year|accredited|honou?rs|uni) (?:university |college |technical )?(?:degrees?|graduates?)\b|undergraduate\b|honou?rs degree)|B\.?Tech\b|BTech\b|BSc\b|BCom\b|B\.Com|BBA\b|BCA\b|BEng\b|BSN\b|BSEE\b|BSCS\b|BSME\b|BSW\b|B\.?Arch\b|LLB\b|B\.?Ed\b)",
    ),
    (
        Some(DegreeLevel::Associate),
        r"(?i)\b(?:associate['’]?s?['’]? (?:level )?(?:degrees?|diploma|of (?:applied )?(?:science|arts))\b|associate['’]s\b|(?:two|2)[- ]year (?:college |technical )?degree|foundation degree|a\.a\.s?\.|a\.s\. degree|aas degree)",
    ),
    (
        Some(DegreeLevel::Vocational),
        r"(?i)\b(?:(?:college|post[- ]?secondary|technical|technician|technologist|vocational|trade school|polytechnic|community college|(?:two|three|2|3)[- ]year|university|national|engineering|nursing|business) (?:\w+ )?(?:diplomas?|certificate or diploma|degree or diploma|diploma or degree)|vocational (?:school|training|qualification|degree)|trade school|technical school|btec\b|hnd\b|iti\b (?:in|from|pass)|polytechnic)",
    ),
    (
        Some(DegreeLevel::Secondary),
        r"(?i)\b(?:(?:high ?-?school|secondary school|secondary|hs|h\.s\.)(?: level)? (?:diplomas?|education|graduat(?:e|ion)|degree|certificate|completion|equivalen\w+|or (?:ged|equivalent|higher))|completion of (?:high|secondary) school|g\.?e\.?d\b\.?|grade (?:12|twelve|xii)\b|12th (?:grade|pass|standard)|ossd\b|(?-i:A-[Ll]evels?|A [Ll]evels)\b|gcses?\b)",
    ),
    (Some(DegreeLevel::Secondary), r"(?i)\bhigh ?-?school\b(?: diploma)?"),
    // Two letters are degrees only beside one another or beside "degree", "in".
    (Some(DegreeLevel::Bachelor), r"\b(?:BA ?/ ?BS[cC]?|BS[cC]? ?/ ?BA|B\.?S\.?|B\.?A\.?|BE)\b\.?"),
    (Some(DegreeLevel::Master), r"\b(?:MA ?/ ?MS|MS ?/ ?MA|M\.?S\.?|M\.?A\.?|ME)\b\.?"),
    (Some(DegreeLevel::Vocational), r"(?i)\bdiplomas?\b"),
    (
        None,
        r"(?i)\b(?:degrees?\b|post[- ]?secondary (?:education|degree|studies|graduate|school(?:ing)?)\b|tertiary (?:education|qualification))",
    ),
];

/// The degrees named inside a range, in order and without overlaps.
pub(super) fn mentions(text: &str, within: Range<usize>) -> Vec<Degree> {
    static PATTERNS: LazyLock<Vec<(Option<DegreeLevel>, Regex)>> =
        LazyLock::new(|| NAMES.iter().map(|(level, source)| (*level, pattern(source))).collect());
    static QUICK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)degree|bachelor|master|ph\.? ?d|doctor|diploma|school|\bged\b|g\.e\.d|graduat|associate|\bb\.?[aes]|\bm\.?[aest]|mba|b\.?tech|bsc|b\.?com|btec|hnd|\bbca|bba|meng|grade|ossd|secondary|vocational|polytechnic|a[- ]level|gcse|baccal|llb|\bj\.?d|m\.?p[ha]|12th|foundation|a\.[as]\.|d\.?phil|tertiary|mca|\biti\b|juris",
        )
    });
    let words = &text[within.clone()];
    if !QUICK.is_match(words) {
        return Vec::new();
    }
    let mut found: Vec<Degree> = Vec::new();
    for (rank, (level, pattern)) in PATTERNS.iter().enumerate() {
        for hit in pattern.captures_iter(words) {
            let Some(whole) = hit.get(0) else { continue };
            let range = within.start + whole.start()..within.start + whole.end();
            if found.iter().any(|known| known.range.start < range.end && range.start < known.range.end) {
                continue;
            }
            let short = rank == 7 || rank == 8;
            if text[within.start..range.start].to_lowercase().ends_with("post-")
                || text[within.start..range.start].to_lowercase().ends_with("post ")
            {
                continue;
            }
            if short && !is_a_degree(text, &range, &within) || is_no_degree(text, &range, &within) {
                continue;
            }
            let inner = ["s0", "s1", "s2"].iter().find_map(|name| hit.name(name)).filter(|subject| {
                !matches!(
                    subject.as_str().to_lowercase().as_str(),
                    "science"
                        | "arts"
                        | "art"
                        | "philosophy"
                        | "applied"
                        | "technology"
                        | "sciences"
                        | "the"
                        | "a"
                        | "degree"
                )
            });
            let subject = inner.map(|subject| within.start + subject.start()..within.start + subject.end());
            found.push(Degree {
                range: with_the_word_degree(text, range, within.end),
                level: *level,
                subject,
            });
        }
    }
    found.sort_by_key(|degree| degree.range.start);
    // "Bachelor's degree": the bare word belongs to the name before it.
    found.dedup_by(|next, kept| {
        let covered = next.range.start < kept.range.end;
        if covered && next.level.is_none() {
            kept.range.end = kept.range.end.max(next.range.end);
        }
        covered
    });
    for degree in &mut found {
        if degree.level.is_none() && degree.subject.is_none() {
            degree.subject = subject_before(text, &degree.range, within.start);
        }
    }
    found
}

/// Takes in "degree" and "'s degree" right behind a name.
fn with_the_word_degree(text: &str, range: Range<usize>, end: usize) -> Range<usize> {
    static DEGREE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:['’]s?)?,? ?(?:\((?:4|four)[- ]year\) ?)?(?:university |college |level |honou?rs )?(?:degrees?|diplomas?)\b",
        )
    });
    let more = DEGREE.find(&text[range.end..end.max(range.end)]).map_or(0, |degree| degree.end());
    range.start..range.end + more
}

/// "Computer Science degree": the capitalised words before a bare "degree".
fn subject_before(text: &str, at: &Range<usize>, from: usize) -> Option<Range<usize>> {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:^|[\s(])((?:[A-Z][a-z]+(?: (?:and|&|or) )?[ /]?){0,3}[A-Z][a-z]+|(?i:engineering|business|law|marketing|accounting|computer science|nursing|finance|technical|science)) $",
        )
    });
    let found = SUBJECT.captures(&text[from..at.start])?.get(1)?;
    let generic = [
        "A",
        "An",
        "The",
        "Relevant",
        "Related",
        "Your",
        "Required",
        "Education",
        "Minimum",
        "Preferred",
        "University",
        "College",
        "Completed",
        "Any",
        "Appropriate",
        "Equivalent",
        "Strong",
        "Higher",
        "Technical",
        "Must",
        "This",
        "Dual",
        "Joint",
        "Recognized",
        "Suitable",
        "High",
        "Advanced",
        "Possess",
        "No",
        "Post",
        "Secondary",
        "School",
    ];
    let first = found.as_str().split_whitespace().next()?;
    (!generic.iter().any(|word| word.eq_ignore_ascii_case(first)))
        .then(|| from + found.start()..from + found.end())
}

/// Whether two letters stand for a degree: a degree's word, a subject or another degree is next to them.
fn is_a_degree(text: &str, range: &Range<usize>, within: &Range<usize>) -> bool {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:['’]?s)?(?: ?(?:(?i:degrees?)\b|in [A-Z]|in an? |/ ?(?:M\.?[SA]|B\.?[SA]|MBA|Ph|BTech|B\.?E|M\.?E)|(?:,| or|,? or| and) (?:an? )?(?:M\.?S|M\.?A|B\.?S|B\.?A|MBA|Ph\.? ?D|(?i:master|bachelor|equivalent|higher|advanced))| ?\(?(?:Computer Sc|CS\b|EE\b|Engineering|Mechanical|Electrical|Accounting|Finance|Nursing|Information)| (?i:or equivalent|required|preferred)|, (?:MS|M\.S|PhD|Ph\.D)))",
        )
    });
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:/ ?|\bdegree \(?|(?:bachelor['’]?s?|master['’]?s?|b\.?s\.?c?|b\.?a\.?|ph\.?d\.?|m\.?s\.?)\)?(?: degree)?(?:,? or |, |/| \()|\ban? |\bminimum |\beducation:? ?|\bdegree: ?)$",
        )
    });
    let behind = &text[range.end..within.end.max(range.end)];
    let before = &text[within.start..range.start];
    let product = [
        "Office",
        "SQL",
        "Excel",
        "Word",
        "Access",
        "Project",
        "Teams",
        "Dynamics",
        "Azure",
        "Visio",
        "Outlook",
        "Windows",
        "Power",
        "Exchange",
        "CRM",
        "team",
        "Team",
        "SharePoint",
        "Suite",
        "Server",
    ];
    let named = product.iter().any(|word| behind.trim_start().starts_with(word));
    let slashed = BEFORE.is_match(before)
        && (BEHIND.is_match(behind) || before.ends_with(['/', '(']) || before.ends_with("or "));
    // "LC-MS/MS" is an instrument.
    let twice =
        text[range.clone()].starts_with("MS") && (before.ends_with("MS/") || behind.starts_with("/MS"));
    let other = named || twice || before.ends_with(['-', '&']);
    !other && (BEHIND.is_match(behind) || slashed)
}

/// Words that look like a degree and are none.
fn is_no_degree(text: &str, range: &Range<usize>, within: &Range<usize>) -> bool {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:['’]?s)? ?(?:of (?:the|freedom|accuracy|autonomy|independence|confidence|difficulty|professionalism|detail|complexity|responsibility|skill|care|trust|flexibility|certainty|initiative|separation|influence|urgency)|data\b|schedule|agreement|planner|trainer|black belt|electrician|plumber|technician|mechanic|craft|file|list|branch|record|production|program (?:manager|management)|students?\b|courses?\b|classes|view\b|feedback|review|celsius|fahrenheit|°|teacher|students|level students|teams?\b|recruit|hires?\b|admission|employee|(?:new )?grad hire|intern)",
        )
    });
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:scrum|web|grand|past|high|great|large|certain|lesser|reasonable|360|180|90|some|significant|considerable|highest|any|the|strong|greater|toast|post|head|harbou?r|station|quarter|ring|game|to a|\d)[ -]?$",
        )
    });
    let words = text[range.clone()].to_lowercase();
    let behind = &text[range.end..within.end.max(range.end)];
    let before = &text[within.start..range.start];
    let bare = words.starts_with("degree") || words == "masters" || words == "master's";
    // "assist with high school students", "graduate of" are not asked of the candidate; bare school names stand alone.
    static NONE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\bno (?:formal |specific |university |college |prior )?$"));
    static OF_A_SCHOOL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^ (?:teaching|research|programs?|programmes?|level|curricul)"));
    let school = words.ends_with("graduate") && OF_A_SCHOOL.is_match(behind);
    // "learns and masters new tools": the verb.
    static NOUN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\W*$|[^\w ]| ?[/,(]| (?:or|and|in|of|degree|level|is|required|preferred|with|from|plus|as)\b)",
        )
    });
    let verb = &text[range.clone()] == "masters" && !NOUN.is_match(behind);
    let measure = verb || school || words.starts_with("degree") && behind.starts_with(" of ");
    measure
        || BEHIND.is_match(behind)
        || NONE.is_match(before)
        || (bare && BEFORE.is_match(before) && !behind.trim_start().starts_with("in "))
}
