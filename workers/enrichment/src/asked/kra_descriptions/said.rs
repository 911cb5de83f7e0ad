//! Whether words say nothing that others do not.
//!
//! This is a check of words, not of sense: a wording may use what the statements use, in other forms, joined by small words.
//! It cannot bring in a thing, a number, a name or a denial.

/// Words that join others and say nothing of their own.
const SMALL: [&str; 38] = [
    "a", "across", "an", "and", "are", "as", "at", "be", "between", "by", "for", "from", "how", "in", "into",
    "is", "it", "its", "of", "on", "or", "our", "so", "such", "that", "the", "their", "them", "these",
    "this", "through", "to", "using", "what", "when", "where", "which", "with",
];

/// Words that deny.
const DENYING: [&str; 10] =
    ["no", "not", "never", "nor", "neither", "without", "cannot", "can't", "don't", "won't"];

/// What two forms of a word may differ in, behind what they share.
const ENDINGS: [&str; 46] = [
    "", "s", "es", "e", "ed", "d", "ing", "ings", "er", "ers", "or", "ors", "r", "rs", "y", "ies", "ied",
    "ion", "ions", "ation", "ations", "ment", "ments", "al", "ally", "ly", "ive", "ity", "ance", "ence",
    "ness", "ise", "ises", "ised", "ising", "isation", "ize", "izes", "ized", "izing", "ization", "le",
    "ility", "ship", "ful", "is",
];

/// Two forms of a word share so many letters.
const SHARED: usize = 4;

/// Signs that may stand between words.
const SIGNS: &str = ",.;:-–—'’()/&+#\"";

/// The words of some statements.
pub(super) struct Said {
    words: Vec<String>,
}

impl Said {
    pub(super) fn of(statements: &[String]) -> Self {
        let words = statements.iter().flat_map(|statement| text::lower_words(statement));
        Self { words: words.filter(|word| has_letter(word)).collect() }
    }

    /// Whether every word stands in the statements, in some form, or only joins others; short words, names and numbers must
    /// stand there as they are.
    pub(super) fn entails(&self, words: &str) -> bool {
        let is_plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || SIGNS.contains(c);
        let mut tells = false;
        let mut all = words.split(is_between).filter(|word| !word.is_empty()).enumerate();
        words.chars().all(is_plain)
            && all.all(|(place, written)| {
                text::lower_words(written).all(|word| {
                    let is_small = SMALL.contains(&word.as_str());
                    tells |= !is_small;
                    is_small || self.has(&word, is_exact(written, &word, place == 0))
                })
            })
            && tells
    }

    /// As [`Said::entails`], for words that each may begin with a capital.
    pub(super) fn entails_title(&self, title: &str) -> bool {
        let plain = title.split_whitespace().map(|word| {
            let is_name = word.chars().skip(1).any(char::is_uppercase);
            if is_name { word.to_owned() } else { word.to_lowercase() }
        });
        self.entails(&plain.collect::<Vec<_>>().join(" "))
    }

    /// Whether the words deny something exactly when the statements do.
    pub(super) fn denies_as(&self, words: &str) -> bool {
        let denies = |word: &str| DENYING.contains(&word);
        self.words.iter().any(|word| denies(word)) == text::lower_words(words).any(|word| denies(&word))
    }

    fn has(&self, word: &str, exactly: bool) -> bool {
        self.words.iter().any(|known| known == word || !exactly && same_stem(known, word))
    }
}

/// What separates the words of a wording.
fn is_between(c: char) -> bool {
    c.is_whitespace() || "-–—/".contains(c)
}

fn has_letter(word: &str) -> bool {
    word.contains(char::is_alphanumeric)
}

/// Whether a word has no other form: a number, a name, a short one. A capital that begins the whole makes no name.
fn is_exact(written: &str, word: &str, is_first: bool) -> bool {
    let capitals = written.chars().filter(|c| c.is_uppercase()).count();
    let begins = usize::from(is_first && written.starts_with(char::is_uppercase));
    word.chars().count() < SHARED || !word.chars().all(char::is_alphabetic) || capitals > begins
}

/// Whether two words, in lower case, are forms of one.
pub(super) fn same_stem(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let shared: usize =
        one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let stem = &one[..shared];
    if stem.chars().count() < SHARED {
        return false;
    }
    let ends = |word: &str| {
        let ending = &word[shared..];
        // "plan", "planning": the last letter may be doubled.
        let doubled = stem.chars().next_back().and_then(|last| ending.strip_prefix(last));
        ENDINGS.contains(&ending)
            || doubled.is_some_and(|ending| !ending.is_empty() && ENDINGS.contains(&ending))
    };
    ends(one) && ends(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        Said::of(&[
            "Maintain our JavaScript ovens at 3 bakeries and plan AWS deliveries for SAP users".to_owned()
        ])
    }

    #[test]
    fn forms_of_one_word_are_told_from_other_words() {
        for (one, other) in [
            ("plan", "planning"),
            ("manage", "management"),
            ("delivery", "deliveries"),
            ("design", "designer"),
            ("operate", "operations"),
            ("analyse", "analysing"),
            ("reliable", "reliability"),
        ] {
            assert!(same_stem(one, other) && same_stem(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("java", "javascript"),
            ("oven", "over"),
            ("test", "tester's"),
            ("port", "portal-site"),
            ("", "s"),
        ] {
            assert!(!same_stem(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_the_statements_say_in_other_forms_is_entailed() {
        for words in [
            "Maintaining the JavaScript ovens",
            "Planned delivery for users",
            "AWS planning",
            "Oven maintain",
        ] {
            assert!(said().entails(words), "{words}");
        }
    }

    #[test]
    fn things_names_numbers_and_signs_that_the_statements_lack_are_not() {
        for words in [
            "Maintain Java ovens",
            "Maintain ovens at 4 bakeries",
            "Maintain ovens of Bavaria",
            "Maintain ovens <b>",
            "Maintain ovens and save costs",
            "Maintain Plans",
            "Go and run",
            "of the and",
            "#### ovens",
            "",
        ] {
            assert!(!said().entails(words), "{words}");
        }
    }

    #[test]
    fn every_word_of_a_title_may_have_a_capital() {
        assert!(said().entails_title("Delivery Planning AWS"));
        assert!(!said().entails_title("Delivery Planning GCP") && !said().entails("Plan Delivery"));
    }

    #[test]
    fn a_denial_is_neither_lost_nor_made() {
        let denied = Said::of(&["Never open the oven at night".to_owned()]);
        assert!(denied.denies_as("Never open the oven") && !denied.denies_as("Open the oven"));
        assert!(said().denies_as("Maintain ovens") && !said().denies_as("Maintain no ovens"));
    }
}
