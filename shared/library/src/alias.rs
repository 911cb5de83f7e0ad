//! The automaton over every alias, and what each alias demands of the place where it stands.

use aho_corasick::{AhoCorasick, MatchKind};
use contract::{AliasType, MatchStrategy};
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use crate::index::{LibraryError, SkillId};

/// One way to write a skill.
#[derive(Clone, Debug)]
pub struct Alias {
    /// As a person writes it.
    pub text: String,
    /// The skill it stands for.
    pub skill: SkillId,
    /// What it is to the skill.
    pub alias_type: AliasType,
    /// How it is compared.
    pub strategy: MatchStrategy,
    /// Whether it counts only where something near it speaks for the skill.
    pub needs_context: bool,
}

impl Alias {
    /// Reads an alias as the library files write it: `=` exact case, `?` needs context, `/…/` a pattern, `|TYPE` behind.
    #[must_use]
    pub fn read(written: &str, skill: SkillId, canonical: &str) -> Self {
        let (body, alias_type) = match written.rsplit_once('|') {
            Some((body, name)) if AliasType::from_str(name).is_ok() => (body, AliasType::from_str(name).ok()),
            _ => (written, None),
        };
        let signs = body.len() - body.trim_start_matches(['=', '?']).len();
        let (signs, text) = body.split_at(signs);
        let pattern = text.len() > 2 && text.starts_with('/') && text.ends_with('/');
        let text = if pattern { &text[1..text.len() - 1] } else { text.trim() };
        let strategy = if pattern {
            MatchStrategy::Regex
        } else if signs.contains('=') {
            MatchStrategy::Exact
        } else if !text.starts_with(char::is_alphanumeric) || !text.ends_with(char::is_alphanumeric) {
            MatchStrategy::BoundaryAware
        } else {
            MatchStrategy::CaseInsensitive
        };
        Self {
            text: text.to_owned(),
            skill,
            alias_type: alias_type.unwrap_or_else(|| usual_type(text, canonical)),
            strategy,
            needs_context: signs.contains('?'),
        }
    }

    /// The text as the automaton compares it.
    #[must_use]
    pub fn folded(&self) -> String {
        text::fold(&self.text).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// What an alias is to its skill where the file does not say.
fn usual_type(text: &str, canonical: &str) -> AliasType {
    if text == canonical {
        AliasType::Canonical
    } else if text.len() <= 6 && text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
    {
        AliasType::Acronym
    } else if text.ends_with(|c: char| c.is_ascii_digit())
        && !canonical.ends_with(|c: char| c.is_ascii_digit())
    {
        AliasType::Version
    } else if text.len() > canonical.len() && text.to_lowercase().contains(&canonical.to_lowercase()) {
        AliasType::FullName
    } else if canonical.to_lowercase().starts_with(&text.to_lowercase()) {
        AliasType::Abbreviation
    } else {
        AliasType::Colloquial
    }
}

/// A place where one or more skills may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The aliases that are satisfied by the letters there, as indices into [`AliasIndex::aliases`].
    pub aliases: Vec<u32>,
}

/// Every alias of a library in one automaton.
pub struct AliasIndex {
    aliases: Vec<Alias>,
    automaton: AhoCorasick,
    /// Pattern → its aliases.
    by_pattern: Vec<Vec<u32>>,
    patterns: HashMap<u32, Regex>,
}

/// The largest compiled pattern, in bytes.
const PATTERN_SIZE: usize = 1 << 18;

impl AliasIndex {
    /// Builds the automaton.
    ///
    /// # Errors
    /// When a pattern alias does not compile within its size, or the aliases are too many for one automaton.
    pub fn build(aliases: Vec<Alias>) -> Result<Self, LibraryError> {
        let mut order: HashMap<String, usize> = HashMap::with_capacity(aliases.len());
        let mut by_pattern: Vec<Vec<u32>> = Vec::with_capacity(aliases.len());
        let mut texts: Vec<String> = Vec::with_capacity(aliases.len());
        let mut patterns = HashMap::new();
        for (id, alias) in (0u32..).zip(&aliases) {
            if alias.strategy == MatchStrategy::Regex {
                let pattern = RegexBuilder::new(&alias.text)
                    .case_insensitive(true)
                    .size_limit(PATTERN_SIZE)
                    .build()
                    .map_err(|error| LibraryError::Pattern {
                        alias: alias.text.clone(),
                        source: Box::new(error),
                    })?;
                patterns.insert(id, pattern);
                continue;
            }
            let folded = alias.folded();
            if folded.is_empty() {
                continue;
            }
            let index = *order.entry(folded).or_insert_with_key(|folded| {
                texts.push(folded.clone());
                by_pattern.push(Vec::new());
                texts.len() - 1
            });
            by_pattern[index].push(id);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&texts)
            .map_err(|error| LibraryError::Automaton(Box::new(error)))?;
        Ok(Self { aliases, automaton, by_pattern, patterns })
    }

    /// The aliases, in order of their number.
    #[must_use]
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// A skill's aliases, its name first.
    pub fn of(&self, skill: SkillId) -> impl Iterator<Item = &Alias> {
        // The aliases stand in the order of their skills.
        let first = self.aliases.partition_point(|alias| alias.skill < skill);
        self.aliases[first..].iter().take_while(move |alias| alias.skill == skill)
    }

    /// The skills of which these words, the whole of them, are an alias, letter case and context apart; ascending.
    #[must_use]
    pub fn named(&self, words: &str) -> Vec<SkillId> {
        let folded = text::fold(words);
        let whole = |found: &aho_corasick::Match| found.start() == 0 && found.end() == folded.len();
        let mut skills: Vec<SkillId> = (self.automaton.find_overlapping_iter(&folded))
            .filter(whole)
            .flat_map(|found| &self.by_pattern[found.pattern().as_usize()])
            .map(|&id| self.aliases[id as usize].skill)
            .collect();
        skills.sort_unstable();
        skills.dedup();
        skills
    }

    /// The leftmost-longest hits of a text, without overlaps. `seams` are the ascending places where a line break was lost:
    /// they count as word boundaries.
    #[must_use]
    pub fn hits(&self, text: &str, seams: &[usize]) -> Vec<Hit> {
        let folded = text::fold(text);
        let mut hits: Vec<Hit> = Vec::new();
        for found in self.automaton.find_overlapping_iter(&folded) {
            let start = found.start();
            if !starts_word(text, start, seams) {
                continue;
            }
            let written = &text[start..found.end()];
            let Some(end) = word_end(text, found.end(), written, seams) else { continue };
            let aliases: Vec<u32> = self.by_pattern[found.pattern().as_usize()]
                .iter()
                .copied()
                .filter(|&id| self.satisfied(id, written, end == found.end(), text, start..end))
                .collect();
            if !aliases.is_empty() {
                hits.push(Hit { range: start..end, aliases });
            }
        }
        for (&id, pattern) in &self.patterns {
            for found in pattern.find_iter(text) {
                if !found.is_empty()
                    && starts_word(text, found.start(), seams)
                    && word_end(text, found.end(), found.as_str(), seams) == Some(found.end())
                {
                    hits.push(Hit { range: found.range(), aliases: vec![id] });
                }
            }
        }
        leftmost_longest(hits)
    }

    fn satisfied(&self, id: u32, written: &str, as_listed: bool, text: &str, range: Range<usize>) -> bool {
        let alias = &self.aliases[id as usize];
        let exact = match alias.strategy {
            MatchStrategy::Exact => as_listed && written == alias.text,
            MatchStrategy::CaseInsensitive | MatchStrategy::BoundaryAware => true,
            MatchStrategy::Regex => false,
        };
        // "C-level", "H&R": one or two letters are a name only when they stand alone.
        let alone = range.len() > 2 || {
            let before = text[..range.start].chars().next_back();
            let after = text[range.end..].chars().next();
            !matches!(before, Some('-' | '&' | '\'' | '’' | '–'))
                && !matches!(after, Some('-' | '&' | '\'' | '’'))
        };
        exact && alone
    }
}

/// Whether a word begins at this byte.
fn starts_word(text: &str, at: usize, seams: &[usize]) -> bool {
    let Some(before) = text[..at].chars().next_back() else { return true };
    if seams.binary_search(&at).is_ok() {
        return true;
    }
    match before {
        '.' => {
            // "node.js" continues a word, "done.Java" begins one, ".NET" begins with its own dot.
            let outer = text[..at - 1].chars().next_back();
            !outer.is_some_and(char::is_alphanumeric) || text[at..].starts_with(char::is_uppercase)
        }
        '@' | '_' | '#' | '+' => false,
        c => !c.is_alphanumeric(),
    }
}

/// Where the word ends that the alias ends in: at `at`, or behind a plural s; none when the word goes on.
fn word_end(text: &str, at: usize, written: &str, seams: &[usize]) -> Option<usize> {
    if ends_word(text, at, written, seams) {
        return Some(at);
    }
    // A plural of the last word; never of a symbol, an acronym of two letters, or a word that ends in s.
    let plural = text[at..].starts_with('s')
        && written.len() >= 3
        && written.ends_with(|c: char| c.is_alphabetic() && c != 's' && c != 'S');
    (plural && ends_word(text, at + 1, "s", seams)).then_some(at + 1)
}

fn ends_word(text: &str, at: usize, written: &str, seams: &[usize]) -> bool {
    let mut rest = text[at..].chars();
    let Some(after) = rest.next() else { return true };
    if seams.binary_search(&at).is_ok() {
        return true;
    }
    match after {
        // "C" is not in "C++"; "C#" ends where its own sign does.
        '+' | '#' => {
            // "Java + Spring" has a space; "5+" is a number's.
            written.ends_with(['+', '#']) && rest.next().is_none_or(|c| !matches!(c, '+' | '#'))
        }
        '_' | '@' => false,
        // "https://…" names an address.
        ':' => !text[at..].starts_with("://"),
        '.' => {
            let next = rest.next();
            // "Node.js" goes on, "Java.Strong" and "Java." do not.
            !next.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
                || written.ends_with(|c: char| c.is_ascii_digit())
        }
        c => !c.is_alphanumeric(),
    }
}

/// The longest hit at each place, from the left; hits of the same place are joined.
fn leftmost_longest(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        (a.range.start, b.range.end)
            .cmp(&(b.range.start, a.range.end))
            .then_with(|| a.aliases.cmp(&b.aliases))
    });
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match kept.last_mut() {
            Some(last) if last.range == hit.range => last.aliases.extend(hit.aliases),
            Some(last) if hit.range.start < last.range.end => {}
            _ => kept.push(hit),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(aliases: &[&str], text: &str, expected: &[&str]) {
        let aliases =
            aliases.iter().zip(0..).map(|(alias, id)| Alias::read(alias, SkillId(id), "")).collect();
        let index = AliasIndex::build(aliases).unwrap();
        let found: Vec<&str> = index.hits(text, &[]).into_iter().map(|hit| &text[hit.range]).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn word_boundaries_understand_symbols() {
        let aliases =
            ["=C", "C++", "C#", ".NET", "Node.js", "Node", "Java", "JavaScript", "CI/CD", "R&D", "ASP.NET"];
        check(&aliases, "C, C++, C# or Java", &["C", "C++", "C#", "Java"]);
        check(&aliases, "JavaScript on Node.js.", &["JavaScript", "Node.js"]);
        check(&aliases, "ASP.NET, .net core; CI/CD and R&D", &["ASP.NET", ".net", "CI/CD", "R&D"]);
        check(&aliases, "C-level, vitamin c, javac, me@java.com", &[]);
        check(&aliases, "Knows Java.Strong C.", &["Java", "C"]);
    }

    #[test]
    fn the_longest_alias_wins_and_a_longer_word_does_not_hide_a_shorter_alias() {
        check(
            &["machine learning", "learning"],
            "Machine-learning and learning",
            &["Machine-learning", "learning"],
        );
        check(&["unit test", "test"], "unit testers test", &["test"]);
    }

    #[test]
    fn a_plural_is_the_same_word() {
        check(
            &["user story", "microservice", "=API", "AWS"],
            "Microservices, APIs and AWS",
            &["Microservices", "AWS"],
        );
        check(&["API"], "APIs", &["APIs"]);
    }

    #[test]
    fn exact_aliases_keep_their_case() {
        check(&["=Go"], "go to Go", &["Go"]);
        check(&["=SAS"], "sas or SAS", &["SAS"]);
    }

    #[test]
    fn words_name_a_skill_in_whatever_case() {
        let aliases = ["=?Redshift", "Redshift Spectrum"].into_iter().zip(0..);
        let index =
            AliasIndex::build(aliases.map(|(alias, id)| Alias::read(alias, SkillId(id), "")).collect())
                .unwrap();
        assert_eq!(index.named("RedShift"), [SkillId(0)]);
        assert_eq!(index.named("Redshifts"), []);
    }

    #[test]
    fn a_pattern_is_a_pattern() {
        check(&["/angular ?(?:js|[2-9])\\b/"], "AngularJS, Angular 8, angular", &["AngularJS", "Angular 8"]);
    }
}
