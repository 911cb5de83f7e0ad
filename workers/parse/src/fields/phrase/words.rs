//! The words that job names are made of, and those that only stand around them.

use regex::Regex;
use std::sync::LazyLock;

use crate::fields::pattern;

/// Whether a word is the head of a job's name: "engineer", not "engineering".
pub(in crate::fields) fn is_job_noun(word: &str) -> bool {
    static MORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:barber|butcher|dishwasher|janitor|custodian|housekeeper|labou?rer|detailer|stylist|cosmetologist|esthetician|bartender|host|hostess|porter|rep|superintendent|handler|picker|packer|loader|roofer|painter|mason|fabricator|assembler|fitter|millwright|dietitian|psychologist|sonographer|radiographer|phlebotomist|optometrist|optician|biologist|microbiologist|geologist|ecologist|statistician|mathematician|physicist|epidemiologist|copywriter|photographer|videographer|animator|illustrator|translator|interpreter|negotiator|ambassador|promoter|marketer|caretaker|groundskeeper|gardener|landscaper|lifeguard|firefighter|solicitor|barrister|treasurer|comptroller|teller|collector|adjudicator|appraiser|assessor|trader|scheduler|drafter|draftsperson|toolmaker|grinder|rigger|driller|miner|pipefitter|steamfitter|gasfitter|glazier|plasterer|practitioner|midwife|nutritionist|pathologist|audiologist|chiropractor|radiologist|surgeon|psychiatrist|babysitter|educator|registrar|archivist|postdoc|chaplain|pastor|sdr|bdr|coo|ciso|cio|cmo|vp|attendant|helper|salesperson|handyman|operative|foreperson|trainee|fellow|admin|sysadmin|dev|hacker|crew|waitstaff|teammate|psychotherapist|geophysicist|hydrologist|sampler|seamstress|tailor|upholsterer|detective|inspector|trooper|patroller|steward|stewardess|concierge|valet|bellhop|lineman|lineworker|arborist|farmhand|herdsperson|paramedic|controller|actuary|purchaser|expeditor|setter|polisher|sander|sawyer|finisher|installer|sorter|stocker|clinician|proofreader|transcriptionist|typist|coder|biller|caller|telemarketer|fundraiser|activist|organizer|principal|dean|provost|monitor|shipper|receiver|packager|canvasser|advocate|liaison|navigator|paraprofessional|counsellor|labour|marshal|internship|apprenticeship|co-op|coop)$",
        )
    });
    let lower = word.to_lowercase();
    !matches!(
        lower.as_str(),
        "administration" | "development" | "engineering" | "administrations" | "developments"
    ) && (text::names_a_job(word) && !word.contains('/')
        || MORE.is_match(lower.trim_end_matches('s'))
        || MORE.is_match(&lower))
}

/// Heads that name a job only with another word before them.
pub(super) fn is_vague(word: &str) -> bool {
    static VAGUE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:expert|leader|lead|head|owner|partner|mentor|associate|worker|executive|agent|officer|server|member|student|fellow|principal|host|helper|crew|contractor|intern|specialist|staff|rep|guard|aide|coach|generalist|captain|admin|vp|operator|collector|trainee|president|dev|hacker|guru|operative|teammate|doctor|activist|ambassador|coder|modeler|counsel)s?$",
        )
    });
    VAGUE.is_match(word)
}

/// The end of a title inside a sentence.
pub(super) fn stops(word: &str) -> bool {
    const STOPS: [&str; 62] = [
        "to",
        "who",
        "that",
        "with",
        "for",
        "in",
        "at",
        "on",
        "as",
        "will",
        "is",
        "are",
        "you",
        "we",
        "which",
        "where",
        "whose",
        "based",
        "located",
        "responsible",
        "reporting",
        "working",
        "joining",
        "within",
        "from",
        "by",
        "has",
        "have",
        "must",
        "can",
        "our",
        "your",
        "their",
        "the",
        "this",
        "required",
        "needed",
        "wanted",
        "position",
        "role",
        "opportunity",
        "job",
        "opening",
        "positions",
        "roles",
        "able",
        "interested",
        "when",
        "if",
        "it",
        "they",
        "would",
        "should",
        "may",
        "be",
        "being",
        "because",
        "per",
        "its",
        "also",
        "about",
        "under",
    ];
    STOPS.contains(&word)
}

/// Praise and terms before a title that are no part of it.
pub(super) fn is_praise(word: &str) -> bool {
    static PRAISE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:an?|one|two|three|several|multiple|some|few|another|additional|and|or|&|\d+|new|next|highly|very|extremely|truly|exceptionally|technically|well|self|super|multi|results?|detail|details?-oriented|detail-orientated|customer-focused|[a-z]+-(?:oriented|driven|motivated|minded|skilled|savvy|focused|rounded|qualified|organized|spirited|talented|starting|time|term|level|paced|performing|energy|experienced|calibre|caliber|solving|working|on|up|class|notch|speaking|site|demand|based)|experienced|talented|passionate|motivated|dynamic|skilled|dedicated|enthusiastic|creative|energetic|driven|ambitious|qualified|exceptional|outstanding|strong|great|good|excellent|proactive|reliable|professional|hard-?working|hardworking|engaging|sharp|outstanding|supportive|inquisitive|intelligent|clever|keen|busy|real|solid|technical-savvy|resilient|agile-minded|tenacious|humble|hungry|persuasive|charming|vibrant|polished|detail-oriented|entrepreneurial|compelling|caring|loyal|trustworthy|honest|patient|polite|courteous|punctual|steady|stellar|superb|tech-savvy|innovative|organized|organised|friendly|committed|knowledgeable|bright|smart|savvy|seasoned|rockstar|awesome|amazing|brilliant|strategic|analytical|curious|collaborative|versatile|competent|capable|accomplished|proven|top|successful|ideal|right|perfect|suitable|licensed|certified|permanent|full|part|time|temporary|immediate|bilingual|remote|hybrid|onsite|local|contract|freelance|seasonal|casual|oriented|focused|minded|performing|level|confident|responsible|eager|flexible|mature|positive|technical-minded|hungry|inspiring|inspired|gifted|hands|on|diligent|meticulous|outgoing|personable|resourceful|forward-thinking|independent|energized|engaged|excited|full-?time|part-?time|fulltime|expert-level|immediately|current|existing|first|second|upbeat|fun|kind|caring|compassionate|articulate|charismatic|fearless|visionary|thoughtful|conscientious|self-?starter|go-getter|superstar|star|rock|skillful|career|potential|like-minded|fast|paced|experience|fantastic|world|class|in|house)$",
        )
    });
    let lower = word.to_lowercase();
    let adverb = word.ends_with("ly")
        && word.starts_with(char::is_lowercase)
        && !matches!(word, "family" | "assembly" | "supply" | "early");
    // "self-directed", "trained": participles that belong to no trade.
    let participle = word.starts_with(char::is_lowercase)
        && word.ends_with("ed")
        && ![
            "certified",
            "registered",
            "embedded",
            "distributed",
            "applied",
            "automated",
            "advanced",
            "licensed",
            "fixed",
            "shared",
            "managed",
            "unmanned",
            "integrated",
            "bed",
            "speed",
            "feed",
            "need",
            "med",
        ]
        .contains(&lower.as_str());
    PRAISE.is_match(word) || adverb || participle
}

/// "detail oriented", "data driven": the first word belongs to the praise too.
pub(super) fn is_praised_by(next: Option<&str>) -> bool {
    next.is_some_and(|next| {
        matches!(
            next.trim_end_matches(','),
            "oriented" | "driven" | "minded" | "focused" | "motivated" | "savvy" | "starter" | "thinking"
        )
    })
}
