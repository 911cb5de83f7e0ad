//! Whether two names may be of the same thing, by their letters alone.

/// Names with fewer letters are too easily one another's misspelling.
pub(super) const SHORTEST_MISSPELT: usize = 6;
/// From so many letters on two may be wrong.
const TWO_WRONG: usize = 10;
/// How alike two names are that differ in filling words only.
pub(super) const BARE: f32 = 0.9;
/// How alike a name and its abbreviation are.
const ABBREVIATED: f32 = 0.8;
/// Letters of an acronym.
const ACRONYM: std::ops::RangeInclusive<usize> = 2..=6;
/// A word that is cut off keeps so much of its letters: "Postgre" of "PostgreSQL", but not "Java" of "JavaScript".
const KEPT: f32 = 0.6;
/// Words that an acronym may leave out.
const LEFT_OUT: [&str; 6] = ["of", "and", "the", "for", "in", "to"];

/// Words that a name may have more than the entry it means.
const FILLERS: [&str; 16] = [
    "api",
    "apis",
    "library",
    "framework",
    "tool",
    "tools",
    "database",
    "db",
    "server",
    "suite",
    "platform",
    "software",
    "language",
    "programming",
    "technologies",
    "technology",
];

/// A folded name without its filling words.
pub(super) fn bare(key: &str) -> String {
    key.split(' ').filter(|word| !FILLERS.contains(word)).collect::<Vec<_>>().join(" ")
}

/// How many letters of a name may be wrong; none where any wrong letter makes another name.
pub(super) fn most_wrong(key: &str) -> Option<usize> {
    let length = key.chars().count();
    if length < SHORTEST_MISSPELT || key.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(if length >= TWO_WRONG { 2 } else { 1 })
}

/// How alike two folded names are, 0 to 1: the same but for filling words, misspelt, or one the other's abbreviation; none
/// where they are not.
pub(super) fn of(one: &str, other: &str) -> Option<f32> {
    if one == other {
        return Some(1.0);
    }
    let (bare_one, bare_other) = (bare(one), bare(other));
    if !bare_one.is_empty() && bare_one == bare_other {
        return Some(BARE);
    }
    misspelt(one, other).or_else(|| {
        let is_short = |short: &str, long: &str| is_acronym(short, long) || is_cut_off(short, long);
        (is_short(one, other) || is_short(other, one)).then_some(ABBREVIATED)
    })
}

fn misspelt(one: &str, other: &str) -> Option<f32> {
    let length = one.chars().count();
    let most = most_wrong(one)?;
    most_wrong(other)?;
    if one.chars().next() != other.chars().next() || other.chars().count().abs_diff(length) > most {
        return None;
    }
    distance(one, other, most).map(|distance| 1.0 - distance as f32 / length as f32)
}

/// "gcp" of "google cloud platform".
fn is_acronym(short: &str, long: &str) -> bool {
    let words = || long.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let all = words().filter_map(|word| word.chars().next());
    let chosen = words().filter(|word| !LEFT_OUT.contains(word)).filter_map(|word| word.chars().next());
    ACRONYM.contains(&short.chars().count()) && (all.eq(short.chars()) || chosen.eq(short.chars()))
}

/// "postgre" of "postgresql".
fn is_cut_off(short: &str, long: &str) -> bool {
    let (left, whole) = (short.chars().count() as f32, long.chars().count() as f32);
    !long.contains(' ') && left >= 4.0 && left >= KEPT * whole && long.starts_with(short)
}

/// Edits between two words, a swap of neighbours counted as one, when there are at most `most` (Damerau–Levenshtein, restricted).
pub(super) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, &from) in a.iter().enumerate() {
        let mut line = Vec::with_capacity(b.len() + 1);
        line.push(row + 1);
        for (column, &to) in b.iter().enumerate() {
            let mut best =
                (above[column] + usize::from(from != to)).min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && from == b[column - 1] && a[row - 1] == to {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        if line.iter().all(|&edits| edits > most) {
            return None;
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().filter(|&edits| edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn swapped_letters_are_one_edit() {
        assert_eq!(distance("ansbile", "ansible", 1), Some(1));
        assert_eq!(distance("teredata", "teradata", 1), Some(1));
        assert_eq!(distance("kafka", "spark", 2), None);
    }

    #[test]
    fn names_of_one_thing_are_told_from_names_of_two() {
        for (one, other) in [
            ("gcp", "google cloud platform"),
            ("ovm", "operation of virtual machines"),
            ("postgre", "postgresql"),
            ("ansbile", "ansible"),
            ("ansible platform", "ansible"),
        ] {
            assert!(of(one, other).is_some() && of(other, one).is_some(), "{one} is {other}");
        }
        for (one, other) in [
            ("java", "javascript"),
            ("spark", "spork"),
            ("kafka", "kafka streams"),
            ("tool", "platform"),
            ("zentarrow", "postgresql"),
            ("", "ansible"),
        ] {
            assert_eq!(of(one, other), None, "{one} is not {other}");
        }
    }

    proptest! {
        #[test]
        fn distance_is_the_same_both_ways(a in "[a-d]{0,7}", b in "[a-d]{0,7}") {
            prop_assert_eq!(distance(&a, &b, 9), distance(&b, &a, 9));
            prop_assert_eq!(distance(&a, &a, 0), Some(0));
        }

        #[test]
        fn likeness_is_a_share(a in "[a-d ]{0,12}", b in "[a-d ]{0,12}") {
            prop_assert!(of(&a, &b).is_none_or(|likeness| (0.0..=1.0).contains(&likeness)));
        }
    }
}
