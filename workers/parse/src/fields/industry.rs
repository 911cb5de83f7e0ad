//! The employer's industry: from the company table, the page, a label, or what the posting says its employer is.

use contract::{Evidence, Field, Industry, SectionKind, Span, Stated};
use library::Library;
use regex::{Regex, RegexSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::company::known;
use super::labels::{Label, Labels};
use super::noise;
use crate::posting::Posting;

/// What an employer says it is, with the industry group in NAICS 2022.
const KINDS: [(&str, &str, &str); 44] = [
    (
        r"software (?:company|firm|vendor|house|provider|startup|start-up|maker)|(?:saas|software-as-a-service) (?:company|provider|startup|platform|business)|(?:provider|developer|vendor|maker|creator) of (?:\w+[ -]){0,5}software",
        "Software",
        "5132",
    ),
    (
        r"(?:it|information technology|technology) (?:services|consulting|solutions)(?: and \w+)?,? (?:company|firm|provider|organization|consultancy)|(?:it|systems) integrator|(?:provider|leader) (?:of|in) (?:\w+[ -]){0,4}it (?:services|consulting|solutions)|(?:technology|digital) consultancy|technology consulting (?:company|firm)",
        "IT services",
        "5415",
    ),
    (
        r"(?:staffing|recruitment|recruiting|talent|search) (?:\w+ )?(?:company|firm|agency|organization|provider)|(?:provider|leader) (?:of|in) (?:\w+ ){0,4}(?:staffing|recruitment)",
        "Staffing",
        "5613",
    ),
    (
        r"(?:investment|merchant) bank|brokerage firm|broker-dealer",
        "Investment banking and brokerage",
        "5231",
    ),
    (
        r"(?:community|commercial|retail|regional|digital|national|savings|full-service|chartered|global|largest|leading|international) bank|credit union|banking (?:institution|group|company)",
        "Banking",
        "5221",
    ),
    (
        r"(?:asset|wealth|investment) management (?:company|firm|business)|hedge fund|private equity (?:firm|company)|investment (?:firm|manager)",
        "Asset management",
        "5239",
    ),
    (r"insurance (?:broker|brokerage|agency)", "Insurance brokerage", "5242"),
    (
        r"(?:insurance|reinsurance) (?:company|carrier|provider|group|firm)|(?:provider|insurer) of (?:\w+ ){0,4}insurance|insurer",
        "Insurance",
        "5241",
    ),
    (
        r"payments? (?:company|platform|processor|provider)|payment processing (?:company|provider)",
        "Payments",
        "5223",
    ),
    (r"law firm", "Legal services", "5411"),
    (
        r"(?:accounting|audit|public accounting|cpa|tax) firm|accounting and (?:\w+ )?(?:firm|advisory firm)",
        "Accounting and audit",
        "5412",
    ),
    (
        r"management consult(?:ing|ancy)(?: firm| company)?|strategy consult(?:ing|ancy)(?: firm)?",
        "Management consulting",
        "5416",
    ),
    (
        r"(?:architecture|architectural|engineering|engineering consulting|consulting engineering)(?: and \w+)? (?:firm|consultancy)",
        "Engineering services",
        "5413",
    ),
    (
        r"(?:advertising|marketing|digital marketing|creative|media|pr|public relations|digital) agency",
        "Advertising",
        "5418",
    ),
    (
        r"(?:acute care |teaching |community |regional |general |children's |academic )?hospital(?: system| network)?|health system|medical cent(?:er|re)|integrated health(?:care)? (?:system|network)",
        "Hospitals",
        "6221",
    ),
    (r"home (?:health ?care|care) (?:agency|provider|company)", "Home health care", "6216"),
    (
        r"(?:dental|medical|physician|veterinary) (?:practice|clinic|group)|(?:walk-in|outpatient) clinic",
        "Outpatient care",
        "6214",
    ),
    (
        r"nursing home|long[- ]term care (?:home|facility|provider)|retirement (?:community|residence|home)|senior living (?:community|provider|company)|skilled nursing facility",
        "Nursing and residential care",
        "623",
    ),
    (
        r"(?:bio)?pharmaceuticals? (?:company|firm|manufacturer|organization|business)|biopharma(?:ceutical)?(?: company)?|biotech(?:nology)? (?:company|firm|startup|start-up)",
        "Pharmaceuticals",
        "3254",
    ),
    (
        r"medical (?:device|technology) (?:company|manufacturer|firm)|(?:manufacturer|maker|developer) of (?:\w+ ){0,3}medical devices",
        "Medical devices",
        "3391",
    ),
    (r"(?:public |private |research |state |leading )?university(?: of \w+)?", "Universities", "6113"),
    (
        r"(?:public |independent )?school (?:district|division|board)|(?:charter|elementary|secondary|high|private|public) school",
        "Schools",
        "6111",
    ),
    (r"(?:supermarket|grocery) (?:chain|retailer|store)|grocer|food retailer", "Grocery retail", "4451"),
    (r"(?:clothing|apparel|fashion) (?:retailer|brand|company|store)", "Clothing retail", "4581"),
    (
        r"(?:quick[- ]service |fast food |casual dining )?restaurant(?: chain| group| company| brand)?",
        "Restaurants",
        "7225",
    ),
    (
        r"(?:luxury |boutique |full-service )?hotel(?: chain| group| company| and resort)?|resort",
        "Hotels",
        "7211",
    ),
    (r"airline", "Airlines", "4811"),
    (r"railway|railroad", "Rail transport", "4821"),
    (r"(?:trucking|truckload|road transport) (?:company|carrier)|truckload carrier", "Road freight", "4841"),
    (
        r"(?:logistics|freight forwarding|third[- ]party logistics|3pl|supply chain) (?:company|provider|firm|business)|freight forwarder",
        "Freight forwarding",
        "4885",
    ),
    (
        r"(?:telecommunications|telecom|telecoms|wireless|broadband) (?:company|provider|carrier|operator|service provider)|internet service provider",
        "Telecommunications",
        "5171",
    ),
    (
        r"(?:real estate|property management) (?:company|firm|developer|brokerage|business|organization)",
        "Real estate services",
        "5312",
    ),
    (r"home ?builder", "Home building", "2361"),
    (
        r"(?:general contractor|construction (?:company|firm|business|management company))",
        "Building construction",
        "2362",
    ),
    (
        r"(?:hvac|plumbing|electrical|mechanical)(?: and \w+)? (?:contractor|company)",
        "Building installation",
        "2382",
    ),
    (
        r"(?:electric|power|gas|energy) utility|electric(?:ity)? (?:company|provider|distribution company)",
        "Electric power",
        "2211",
    ),
    (r"oil (?:and|&) gas (?:company|producer|exploration)", "Oil and gas extraction", "2111"),
    (r"(?:gold |copper |metals? )?mining company|gold producer", "Metal mining", "2122"),
    (r"semiconductor (?:company|manufacturer|firm)", "Semiconductors and electronics", "3344"),
    (
        r"aerospace(?: and defen[cs]e)? (?:company|manufacturer|firm)|(?:aircraft|space) manufacturer",
        "Aerospace",
        "3364",
    ),
    (
        r"(?:automaker|car manufacturer|automobile manufacturer|automotive manufacturer|electric vehicle (?:company|manufacturer|startup))",
        "Motor vehicles",
        "3361",
    ),
    (
        r"automotive (?:parts|components) (?:manufacturer|supplier)|automotive supplier",
        "Motor vehicle parts",
        "3363",
    ),
    (r"security (?:services|guard) (?:company|provider|firm)", "Security services", "5616"),
    (
        r"non-?profit(?: \w+){0,3} (?:organization|organisation|agency|corporation)|(?:registered )?charity|(?:not-for-profit|non-governmental) (?:\w+ )?organi[sz]ation",
        "Nonprofit organisations",
        "813",
    ),
];

/// The industry, or null.
pub(super) fn read(
    posting: &Posting<'_>,
    library: &Library,
    labels: &Labels,
    company: Option<&Stated<String>>,
) -> Field<Industry> {
    if let Some((stated, entry)) = company.and_then(|stated| Some((stated, known(library, &stated.value)?))) {
        let industry = Industry {
            name: entry.industry.clone(),
            naics: Some(entry.naics.clone()).filter(|code| !code.is_empty()),
        };
        let reason = format!("the company table lists {} under NAICS {}", entry.name, entry.naics);
        return Some(Stated::inferred(
            industry,
            reason,
            stated.evidence.spans().iter().take(1).cloned().collect(),
        ));
    }
    if let Some(name) = posting.hints.json_ld.as_ref().and_then(|page| page.industry.first()) {
        return Some(Stated {
            value: Industry { name: name.clone(), naics: None },
            evidence: Evidence::Given { spans: super::said(posting, name) },
        });
    }
    labelled(posting, labels).or_else(|| described(posting))
}

fn labelled(posting: &Posting<'_>, labels: &Labels) -> Field<Industry> {
    labels.of_kind(Label::Industry).find_map(|value| {
        let words = &posting.str()[value.clone()];
        let plain = words.split_whitespace().count() <= 6
            && words.starts_with(char::is_uppercase)
            && !words.ends_with('.')
            && !noise::is_noise(words, None);
        plain.then(|| {
            Stated::read(Industry { name: words.to_owned(), naics: None }, posting.span(value.clone()))
        })
    })
}

/// "We are a … software company": the sentence has to say what the employer is.
fn described(posting: &Posting<'_>) -> Field<Industry> {
    static IS_A: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)(?:^|\. |, )(?:we(?:'re|’re| are)|(?:[A-Z][\w&.’'-]*,? ){1,6}(?:\([^)]*\) )?is|our company is|the company is|as)(?: proud to be| currently)? (?:an?|the|one of) ",
        )
    });
    let units = posting.units_in(ABOUT_THE_EMPLOYER);
    units.filter(|unit| !posting.words(unit).to_lowercase().contains("client")).find_map(|unit| {
        let words = posting.words(unit);
        let said = &words[IS_A.find(words)?.end()..];
        // The noun phrase ends where the sentence turns: some ten words.
        let phrase = said.split(['.', ';', ':']).next().unwrap_or(said);
        let phrase = phrase.match_indices(' ').nth(10).map_or(phrase, |(at, _)| &phrase[..at]);
        // "a supplier to hospitals", "a firm that serves banks": others' trades.
        let phrase = [" to ", " for ", " that ", " which ", " serving ", " who ", " with ", " providing "]
            .iter()
            .filter_map(|word| phrase.find(word))
            .min()
            .map_or(phrase, |at| &phrase[..at]);
        kind(phrase, || posting.span(unit.range.clone()))
    })
}

/// Where an employer says what it is.
const ABOUT_THE_EMPLOYER: &[SectionKind] =
    &[SectionKind::AboutCompany, SectionKind::Overview, SectionKind::AboutTeam, SectionKind::Other];

/// The industry of which a phrase says that its employer is one.
fn kind(phrase: &str, span: impl FnOnce() -> Span) -> Field<Industry> {
    static KIND: LazyLock<RegexSet> =
        LazyLock::new(|| text::patterns(KINDS.iter().map(|(words, _, _)| format!(r"(?i)\b(?:{words})s?\b"))));
    let kind = KIND.matches(phrase).iter().next()?;
    let (_, name, naics) = KINDS[kind];
    let industry = Industry { name: name.to_owned(), naics: Some(naics.to_owned()) };
    let reason = format!("the employer describes itself as one of {}", name.to_lowercase());
    Some(Stated::inferred(industry, reason, vec![span()]))
}

/// The industry in words that somebody else found in a statement; `before` is what it says before them.
pub(super) fn asked(
    posting: &Posting<'_>,
    statement: &str,
    before: &str,
    quote: Range<usize>,
) -> Field<Industry> {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)\b(?:to|for|that|which|serv\w+|who|with|providing|customers?|sell\w*|support\w*|help\w*|like|such as)\b[^.;:]*$",
        )
    });
    let is_own = ABOUT_THE_EMPLOYER.contains(&posting.kind_at(quote.start))
        && !statement.to_lowercase().contains("client")
        && !OTHERS.is_match(before);
    kind(&posting.str()[quote.clone()], || posting.span(quote)).filter(|_| is_own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::company;
    use crate::fields::sample::{LIBRARY, REFERENCE, posting};

    fn check(input: &str, expected: Option<(&str, Option<&str>)>) {
        posting(input, |posting| {
            let labels = Labels::of(posting);
            let company = company::name(posting, &LIBRARY, &labels);
            let found = read(posting, &LIBRARY, &labels, company.as_ref()).map(|industry| industry.value);
            assert_eq!(
                found.as_ref().map(|industry| (industry.name.as_str(), industry.naics.as_deref())),
                expected,
                "{input}"
            );
        });
    }

    #[test]
    fn a_known_company_brings_its_industry() {
        check(REFERENCE, Some(("Software", Some("5132"))));
    }

    #[test]
    fn an_employer_may_say_what_it_is() {
        check(
            "About us\nTidewater is a small law firm with three offices.",
            Some(("Legal services", Some("5411"))),
        );
        check("About us\nIndustry: Boat building\nWe like boats.", Some(("Boat building", None)));
        check("About us\nWe sell boats to banks, hospitals and airlines.", None);
    }
}
