//! Recognising a text that was seen before with another date or city.
//!
//! A text's shingles are its runs of three words. Of each of 64 hash functions the smallest value over all shingles is kept
//! (MinHash; Broder, "On the resemblance and containment of documents", 1997): the share of equal members of two such lists
//! estimates the share of shingles that two texts have in common. Twelve bands of five members find the texts that are worth
//! comparing without comparing all: of pairs that share .85 of their shingles 99.8 % meet in a band, of pairs at .5 a third.

use contract::{SIGNATURE_HASHES, Signature};

use crate::words::lower_words;

/// Words of a shingle.
const SHINGLE: usize = 3;
/// A text of fewer words is not compared: too much of it is phrases that any posting has.
const FEWEST_WORDS: usize = 40;
/// Number of bands.
pub const BANDS: usize = 12;
/// Members of a band.
const BAND: usize = 5;

/// The text's signature; none for a text too short to compare. Letter case, punctuation and the value of numbers do not count.
#[must_use]
pub fn signature(text: &str) -> Option<Signature> {
    let words: Vec<u64> = lower_words(text).map(|word| hash_of(&word)).collect();
    if words.len() < FEWEST_WORDS {
        return None;
    }
    let mut signature = [u32::MAX; SIGNATURE_HASHES];
    for shingle in words.windows(SHINGLE) {
        let shingle = shingle.iter().fold(0, |hash, word| mixed(hash ^ word));
        let mut function = shingle;
        for smallest in &mut signature {
            // Each function is the next of a sequence that begins at the shingle.
            function = function.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *smallest = (*smallest).min((function >> 32) as u32);
        }
    }
    Some(signature)
}

/// Estimated share of shingles that two texts have in common, 0 to 1.
#[must_use]
pub fn similarity(a: &Signature, b: &Signature) -> f32 {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f32 / SIGNATURE_HASHES as f32
}

/// A number for each band of a signature; texts that are nearly equal have one in common.
#[must_use]
pub fn bands(signature: &Signature) -> [i64; BANDS] {
    let mut bands = [0; BANDS];
    for (place, (band, members)) in bands.iter_mut().zip(signature.chunks_exact(BAND)).enumerate() {
        let hash = members.iter().fold(place as u64 + 1, |hash, &member| mixed(hash ^ u64::from(member)));
        *band = hash.cast_signed();
    }
    bands
}

/// FNV-1a of a word with its digits made alike.
fn hash_of(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        let byte = if byte.is_ascii_digit() { b'0' } else { byte };
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The finaliser of SplitMix64.
const fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn posting(city: &str, date: &str) -> String {
        let duties: Vec<String> = (0..40)
            .map(|n| {
                format!(
                    "You look after bakery number {} and its {} ovens with care every {} morning.",
                    word(n),
                    word(n + 3),
                    word(n * 7)
                )
            })
            .collect();
        format!("Baker wanted in {city}. Apply before {date}. {}", duties.join(" "))
    }

    fn word(n: usize) -> String {
        ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove"][n % 7].to_owned() + &"x".repeat(n / 7)
    }

    fn share_a_band(a: &Signature, b: &Signature) -> bool {
        bands(a).iter().zip(bands(b)).any(|(a, b)| *a == b)
    }

    #[test]
    fn another_city_and_date_make_it_no_other_posting() {
        let [a, b] = [("Ghent", "3 May 2026"), ("Lyon", "28 November 2026")]
            .map(|(city, date)| signature(&posting(city, date)).unwrap());
        assert!(similarity(&a, &b) > 0.9, "{}", similarity(&a, &b));
        assert!(share_a_band(&a, &b));
    }

    #[test]
    fn another_posting_is_another_posting() {
        let other: Vec<String> = (0..200).map(|n| word(n * n + 11)).collect();
        let (a, b) = (signature(&posting("Ghent", "3 May")).unwrap(), signature(&other.join(" ")).unwrap());
        assert!(similarity(&a, &b) < 0.2);
        assert!(!share_a_band(&a, &b));
    }

    #[test]
    fn a_text_of_a_few_words_is_not_compared() {
        assert_eq!(signature("Baker wanted in Ghent"), None);
    }

    proptest! {
        #[test]
        fn a_text_is_like_itself_whatever_its_case_and_numbers(words in prop::collection::vec("[a-z]{1,8}[0-9]{0,3}", 40..90)) {
            let text = words.join(" ");
            let changed = text.to_uppercase().replace(['1', '2', '3'], "9");
            let (a, b) = (signature(&text).unwrap(), signature(&changed).unwrap());
            prop_assert_eq!(similarity(&a, &b), 1.0);
            prop_assert_eq!(bands(&a), bands(&b));
        }
    }
}
