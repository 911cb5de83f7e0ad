//! Whose dollar: a dollar sign is the United States' unless the places of the posting say otherwise.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::pattern;
use crate::posting::Posting;

/// The ISO code of a bare dollar sign, with the place of the text that says so.
pub(super) fn dollar(posting: &Posting<'_>) -> (&'static str, Option<Range<usize>>) {
    let page = posting.hints.json_ld.as_ref();
    let hints = posting.hints.location.iter().chain(page.into_iter().flat_map(|page| &page.job_location));
    for hint in hints {
        if let Some((code, _)) = judged(hint) {
            return (code, None);
        }
    }
    judged(posting.str()).map_or(("USD", None), |(code, place)| (code, (code != "USD").then_some(place)))
}

/// The country with a dollar whose places a text names most, with the first of them.
fn judged(text: &str) -> Option<(&'static str, Range<usize>)> {
    static PLACES: LazyLock<[(&str, Regex); 5]> = LazyLock::new(|| {
        [
            (
                "USD",
                pattern(
                    r"\bUSA?\b|\bU\.S\.(?:A\.)?|\bUnited States\b|\b(?:Alabama|Arizona|Arkansas|California|Colorado|Connecticut|Florida|Hawaii|Illinois|Indiana|Kentucky|Louisiana|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|Ohio|Oklahoma|Oregon|Pennsylvania|South Carolina|Tennessee|Texas|Utah|Virginia|Wisconsin|Chicago|Boston|Seattle|Atlanta|Dallas|Houston|San Francisco|Los Angeles|Denver)\b|, ?(?:AL|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC)\b|\b401\s?\(?k\b|\b(?:IRS|FLSA|W-?2|EEOC)\b",
                ),
            ),
            (
                "CAD",
                pattern(
                    r"\bCanad(?:a|ian)|\b(?:Ontario|British Columbia|Alberta|Qu[eé]bec|Manitoba|Saskatchewan|Nova Scotia|New Brunswick|Newfoundland|Prince Edward Island|Yukon|Nunavut|Toronto|Montr[eé]al|Vancouver|Calgary|Edmonton|Ottawa|Winnipeg|Mississauga|Brampton|Markham|Burnaby|Kelowna|Saskatoon|Regina|Halifax|Etobicoke|Oakville|Kitchener|Guelph|Barrie|Red Deer|Lethbridge|GTA)\b|, ?(?:ON|BC|AB|QC|MB|SK|NS|NB|NL|PE|YT|NT)\b|\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d\b|\b(?:RRSP|NOC|WHMIS|OSSD|Red Seal|LMIA|CRA|GST|HST|WSIB|WorkSafe|First Nations|[Ee]xtended [Hh]ealth [Cc]are)\b|\bSecondary School \(|\bP\.?Eng\b",
                ),
            ),
            (
                "AUD",
                pattern(
                    r"\bAustralian?\b|\b(?:Melbourne|Sydney|Brisbane|Perth WA|Adelaide|Canberra|Queensland|NSW|superannuation)\b",
                ),
            ),
            ("NZD", pattern(r"\bNew Zealand\b|\b(?:Auckland|Christchurch|KiwiSaver)\b")),
            ("SGD", pattern(r"\bSingapore\b")),
        ]
    });
    let counted = PLACES.iter().filter_map(|(code, places)| {
        let mut hits = places.find_iter(text);
        let first = hits.next()?;
        Some((1 + hits.count(), *code, first.range()))
    });
    // On a tie the earlier country of the list.
    counted
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, code, place)| (code, place))
}
