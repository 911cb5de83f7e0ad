//! Titles as they are compared: one spelling, with and without level words, brackets, places and gender tails.

use library::{Library, RoleId};
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Spellings that are the same word in a title; longer ones first.
const SPELLINGS: [(&str, &str); 46] = [
    ("quality assurance", "qa"),
    ("front end", "frontend"),
    ("back end", "backend"),
    ("full stack", "fullstack"),
    ("dev ops", "devops"),
    ("asp.net", "dotnet"),
    (".net core", "dotnet"),
    (".net", "dotnet"),
    ("dot net", "dotnet"),
    ("c/c++", "cpp"),
    ("c++", "cpp"),
    ("c#", "csharp"),
    ("f#", "fsharp"),
    ("node.js", "nodejs"),
    ("node js", "nodejs"),
    ("react.js", "react"),
    ("react js", "react"),
    ("reactjs", "react"),
    ("vue.js", "vue"),
    ("vue js", "vue"),
    ("vuejs", "vue"),
    ("angular.js", "angular"),
    ("angularjs", "angular"),
    ("next.js", "nextjs"),
    ("java script", "javascript"),
    ("go lang", "golang"),
    ("ui/ux", "ui ux"),
    ("ux/ui", "ui ux"),
    ("machine learning", "ml"),
    ("artificial intelligence", "ai"),
    ("business intelligence", "bi"),
    ("power bi", "powerbi"),
    ("help desk", "helpdesk"),
    ("sys admin", "sysadmin"),
    ("data base", "database"),
    ("word press", "wordpress"),
    ("vice president", "vp"),
    ("co ordinator", "coordinator"),
    ("centre", "center"),
    ("programme", "program"),
    ("cyber security", "cybersecurity"),
    ("sales force", "salesforce"),
    ("e commerce", "ecommerce"),
    ("sr.", "senior"),
    ("jr.", "junior"),
    ("mgr", "manager"),
];

/// Level words: they say how senior a job is, not which one.
const LEVELS: [&str; 45] = [
    "senior",
    "sr",
    "snr",
    "junior",
    "jr",
    "lead",
    "principal",
    "staff",
    "mid",
    "middle",
    "medior",
    "intermediate",
    "entry",
    "level",
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "1",
    "2",
    "3",
    "4",
    "l1",
    "l2",
    "l3",
    "trainee",
    "graduate",
    "intern",
    "internship",
    "experienced",
    "strong",
    "expert",
    "team",
    "distinguished",
    "chief",
    "head",
    "remote",
    "hybrid",
    "onsite",
    "contract",
    "contractor",
    "part",
    "time",
    "freelance",
];

/// A title in comparable words: lower case, one spelling, no punctuation.
#[must_use]
pub(crate) fn normalised(title: &str) -> String {
    let mut lower = title.to_lowercase().replace(['-', '–', '—', '_'], " ").replace('’', "'");
    // "C" alone survives: the pairs below only touch whole words, which the spaces make sure of.
    lower = format!(" {} ", lower.split_whitespace().collect::<Vec<_>>().join(" "));
    for (from, to) in SPELLINGS {
        if lower.contains(from) {
            lower = replace_word(&lower, from, to);
        }
    }
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Replaces `from` where it is not a part of a longer word.
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let before = rest[..at].chars().next_back();
        let after = rest[at + from.len()..].chars().next();
        out.push_str(&rest[..at]);
        if before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric) {
            out.push_str(from);
        } else {
            out.push_str(to);
        }
        rest = &rest[at + from.len()..];
    }
    out.push_str(rest);
    out
}

/// A part of a title that may name the job by itself, in comparable words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) words: String,
    /// Whether it is one of several that a slash, "and" or "&" lists.
    pub(crate) is_alternative: bool,
}

/// The parts of a title without brackets, gender tails and level words; the whole first.
pub(crate) fn cores(title: &str) -> Vec<Part> {
    static BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(r"\([^)]*\)|\[[^\]]*\]|\b[mfwdxh](?:/[mfwdxh])+\b|#?\b(?:req|job) ?(?:id|#)?:? ?\d+\b")
    });
    let title = title.to_lowercase();
    let bare = BRACKETS.replace_all(&title, " ");
    let mut cores: Vec<Part> = Vec::new();
    let mut add = |part: &str, is_alternative: bool| {
        let words = normalised(part);
        let core: Vec<&str> =
            words.split(' ').filter(|word| !word.is_empty() && !LEVELS.contains(word)).collect();
        let words = core.join(" ");
        if !words.is_empty() && !cores.iter().any(|core| core.words == words) {
            cores.push(Part { words, is_alternative });
        }
    };
    add(&bare, false);
    let alternatives = &["/", " & ", " and ", "+"][..];
    for separators in [
        &[" - ", " – ", " — ", " | ", ": ", " @ "][..],
        &[", "][..],
        &[" in ", " at ", " for ", " with ", " to ", " of "][..],
        alternatives,
    ] {
        for separator in separators {
            if bare.contains(separator) {
                bare.split(separator).take(3).for_each(|part| add(part, separators == alternatives));
            }
        }
    }
    cores
}

/// Titles so general that they decide nothing by themselves.
const STOP_LIST: [&str; 14] = [
    "engineer",
    "developer",
    "consultant",
    "analyst",
    "manager",
    "specialist",
    "associate",
    "administrator",
    "programmer",
    "designer",
    "technician",
    "coordinator",
    "architect",
    "officer",
];

/// Whether a comparable title is too general to be trusted.
#[must_use]
pub(crate) fn is_general(title: &str) -> bool {
    STOP_LIST.contains(&title)
}

/// Every role title of a library, ready for comparison.
pub(crate) struct TitleIndex {
    exact: HashMap<String, Vec<RoleId>>,
    /// Each title's words with its role.
    titles: Vec<(RoleId, String, Vec<u32>)>,
    words: HashMap<String, u32>,
    /// How much a word tells titles apart.
    weights: Vec<f32>,
    /// Word → titles that have it.
    with_word: Vec<Vec<u32>>,
}

/// Words that name any maker of software alike; compared as one.
const MAKERS: [&str; 7] =
    ["engineer", "developer", "programmer", "dev", "coder", "development", "engineering"];

/// Whether a word says how senior a job is, not which one.
pub(crate) fn is_level(word: &str) -> bool {
    LEVELS.contains(&word)
}

/// Whether a comparable title names a maker of software, or nobody at all: "React", "Full Stack".
pub(crate) fn makes_software(title: &str) -> bool {
    title.split(' ').any(|word| MAKERS.contains(&word)) || !text::names_a_job(title)
}

fn comparable_words(normalised: &str) -> impl Iterator<Item = &str> {
    normalised
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(|word| if MAKERS.contains(&word) { "engineer" } else { word })
}

impl TitleIndex {
    /// Indexes the names and aliases of all roles.
    #[must_use]
    pub(crate) fn build(library: &Library) -> Self {
        let mut index = Self {
            exact: HashMap::new(),
            titles: Vec::new(),
            words: HashMap::new(),
            weights: Vec::new(),
            with_word: Vec::new(),
        };
        for id in library.role_ids() {
            let role = library.role(id);
            for title in std::iter::once(&role.name).chain(&role.aliases) {
                let title = normalised(title);
                let claimants = index.exact.entry(title.clone()).or_default();
                if claimants.contains(&id) {
                    continue;
                }
                claimants.push(id);
                let number = index.titles.len() as u32;
                let mut words: Vec<u32> = Vec::new();
                for word in comparable_words(&title) {
                    let next = index.words.len() as u32;
                    let word = *index.words.entry(word.to_owned()).or_insert(next);
                    if word == next {
                        index.with_word.push(Vec::new());
                    }
                    if !words.contains(&word) {
                        words.push(word);
                        index.with_word[word as usize].push(number);
                    }
                }
                index.titles.push((id, title, words));
            }
        }
        let count = index.titles.len() as f32;
        index.weights = index.with_word.iter().map(|titles| (count / titles.len() as f32).ln()).collect();
        index
    }

    /// The roles that claim a comparable title.
    #[must_use]
    pub(crate) fn claimants(&self, normalised: &str) -> &[RoleId] {
        self.exact.get(normalised).map_or(&[], Vec::as_slice)
    }

    /// Per role: the most similar title, 0 to 1, as weighted overlap of words. Unknown words of the title count half.
    #[must_use]
    pub(crate) fn similar(&self, core: &str) -> HashMap<RoleId, (f32, &str)> {
        let mut known: Vec<u32> = Vec::new();
        let mut unknown = 0.0;
        for word in comparable_words(core) {
            match self.words.get(word) {
                Some(&word) if !known.contains(&word) => known.push(word),
                Some(_) => {}
                None => unknown += UNKNOWN_WORD,
            }
        }
        let own: f32 = known.iter().map(|&word| self.weights[word as usize]).sum::<f32>() + unknown;
        let mut shared: HashMap<u32, f32> = HashMap::new();
        for &word in &known {
            for &title in &self.with_word[word as usize] {
                *shared.entry(title).or_default() += self.weights[word as usize];
            }
        }
        let mut best: HashMap<RoleId, (f32, &str)> = HashMap::new();
        for (title, shared) in shared {
            let (role, text, words) = &self.titles[title as usize];
            let theirs: f32 = words.iter().map(|&word| self.weights[word as usize]).sum();
            let similarity = shared / (own + theirs - shared).max(f32::EPSILON);
            let entry = best.entry(*role).or_insert((0.0, text));
            if similarity > entry.0 || (similarity == entry.0 && text.as_str() < entry.1) {
                *entry = (similarity, text);
            }
        }
        best
    }
}

/// What a word that no title has counts for in a comparison.
const UNKNOWN_WORD: f32 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_title_compare_equal() {
        assert_eq!(normalised("Front-End Developer"), normalised("frontend developer"));
        assert_eq!(normalised("ASP.NET / C# Engineer"), "dotnet csharp engineer");
        assert_eq!(normalised("C++ Developer"), "cpp developer");
    }

    #[test]
    fn level_words_brackets_places_and_gender_tails_do_not_belong_to_the_core() {
        let words = |title: &str| cores(title).into_iter().map(|part| part.words).collect::<Vec<_>>();
        assert_eq!(words("Senior Java Developer (m/f/d)")[0], "java developer");
        assert!(words("Sr. Data Engineer II - Toronto, ON").contains(&"data engineer".to_owned()));
        assert!(words("QA Engineer at Acme").contains(&"qa engineer".to_owned()));
    }
}
