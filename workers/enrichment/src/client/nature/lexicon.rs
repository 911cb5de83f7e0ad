//! The words of work: verbs and their nouns, what an object makes of them, and the small words between them.
//!
//! The entries are data (`verbs.tsv`, `nouns.tsv`, `objects.tsv`, `classes.tsv`); this module gives every form of them one
//! look-up.

use contract::{KraLevel, WorkNature};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Routine or not, and what it is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    RoutineCognitive,
    NonRoutineCognitive,
    RoutineInterpersonal,
    NonRoutineInterpersonal,
    RoutineManual,
    NonRoutineManual,
}

impl Task {
    /// The key of the output.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::RoutineCognitive => "routine_cognitive",
            Self::NonRoutineCognitive => "non_routine_cognitive",
            Self::RoutineInterpersonal => "routine_interpersonal",
            Self::NonRoutineInterpersonal => "non_routine_interpersonal",
            Self::RoutineManual => "routine_manual",
            Self::NonRoutineManual => "non_routine_manual",
        }
    }

    /// What work of a mode usually is.
    const fn usual(mode: WorkNature) -> Self {
        match mode {
            WorkNature::Analyse | WorkNature::Design | WorkNature::Build => Self::NonRoutineCognitive,
            WorkNature::Assure | WorkNature::Operate | WorkNature::Administer => Self::RoutineCognitive,
            WorkNature::Lead | WorkNature::Collaborate | WorkNature::Sell | WorkNature::Teach => {
                Self::NonRoutineInterpersonal
            }
            WorkNature::Support => Self::RoutineInterpersonal,
            WorkNature::Manual => Self::RoutineManual,
        }
    }

    fn read(code: &str) -> Option<Self> {
        Some(match code {
            "rc" => Self::RoutineCognitive,
            "nc" => Self::NonRoutineCognitive,
            "ri" => Self::RoutineInterpersonal,
            "ni" => Self::NonRoutineInterpersonal,
            "rm" => Self::RoutineManual,
            "nm" => Self::NonRoutineManual,
            _ => return None,
        })
    }
}

/// A mode of work with the kind of task it is.
pub(crate) type Kind = (WorkNature, Task);

/// Form of a verb, or a noun made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// "plan", also the imperative.
    Base,
    /// "plans".
    Third,
    /// "planning".
    Ing,
    /// "preparation", "analysis".
    Noun,
}

/// Number of a verb of the lexicon.
pub(crate) type VerbId = u16;

/// What somebody does.
pub(crate) struct Verb {
    /// What it says by itself; none when its object has to say it.
    pub(crate) kind: Option<Kind>,
    /// What it asks of the person.
    pub(crate) level: Option<KraLevel>,
    /// The noun that titles use; none where the object alone is the better title.
    pub(crate) title: Option<String>,
    /// Also a common noun.
    pub(crate) is_noun: bool,
    /// Stands before nouns of action as well: "test automation".
    pub(crate) is_adjunct: bool,
    /// Its object says what is done.
    pub(crate) is_light: bool,
    /// A verb behind it says what is done: "help build".
    pub(crate) passes_on: bool,
}

/// What is known of one written word.
#[derive(Default)]
pub(crate) struct Entry {
    /// The verbs it can be a form of, with the base to write.
    pub(crate) forms: Vec<(VerbId, Form, String)>,
    /// What the noun says behind a verb that says nothing.
    pub(crate) noun: Option<Kind>,
    classes: u16,
}

/// What a small word is to the reader of a statement.
#[derive(Clone, Copy)]
pub(crate) enum Class {
    Preposition,
    Determiner,
    Conjunction,
    Modal,
    /// Names the person who does the work.
    Subject,
    /// Begins a sentence that speaks of somebody else.
    Company,
    /// Asks for something instead of telling what is done.
    Asks,
    /// Stands before a verb without changing it.
    Opener,
    /// Begins a phrase before the subject.
    Prefix,
    /// Begins a clause inside a sentence.
    Inner,
    /// Praise and vagueness that a title does without.
    Fluff,
}

const CLASSES: [(&str, Class); 11] = [
    ("preposition", Class::Preposition),
    ("determiner", Class::Determiner),
    ("conjunction", Class::Conjunction),
    ("modal", Class::Modal),
    ("subject", Class::Subject),
    ("company", Class::Company),
    ("asks", Class::Asks),
    ("opener", Class::Opener),
    ("prefix", Class::Prefix),
    ("inner", Class::Inner),
    ("fluff", Class::Fluff),
];

impl Entry {
    /// Whether the word belongs to a class of small words.
    pub(crate) const fn is(&self, class: Class) -> bool {
        self.classes & 1 << class as u16 != 0
    }

    /// The verb that the word is this form of, with its base.
    pub(crate) fn form(&self, form: Form) -> Option<(VerbId, &str)> {
        self.forms.iter().find(|entry| entry.1 == form).map(|(verb, _, base)| (*verb, base.as_str()))
    }
}

/// All words, by their written lower-case form.
pub(crate) struct Lexicon {
    verbs: Vec<Verb>,
    words: HashMap<String, Entry>,
    /// Verb and object → what it is then; none where it says nothing.
    objects: HashMap<VerbId, HashMap<String, Option<Kind>>>,
}

impl Lexicon {
    /// The shipped words, read once per process.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);
        &SHARED
    }

    /// What is known of a lower-case word.
    pub(crate) fn entry(&self, word: &str) -> Option<&Entry> {
        self.words.get(word)
    }

    /// One verb.
    pub(crate) fn verb(&self, id: VerbId) -> &Verb {
        &self.verbs[id as usize]
    }

    /// What a verb is with this word as its object: nothing known, known to say nothing, or a kind of work.
    pub(crate) fn with_object(&self, verb: VerbId, word: &str) -> Option<Option<Kind>> {
        self.objects.get(&verb)?.get(word).copied()
    }

    fn read() -> Self {
        let mut lexicon = Self { verbs: Vec::new(), words: HashMap::new(), objects: HashMap::new() };
        rows(include_str!("verbs.tsv")).for_each(|row| lexicon.add_verb(&row));
        rows(include_str!("nouns.tsv")).for_each(|row| lexicon.add_nouns(&row));
        rows(include_str!("objects.tsv")).for_each(|row| lexicon.add_objects(&row));
        rows(include_str!("classes.tsv")).for_each(|row| lexicon.add_class(&row));
        lexicon
    }

    fn add_verb(&mut self, row: &[&str]) {
        let &[variants, kind, level, nouns, ..] = row else { return };
        let flags = row.get(4).copied().unwrap_or_default();
        let id = self.verbs.len() as VerbId;
        let nouns: Vec<&str> = nouns.split(',').filter(|&noun| noun != "-").collect();
        self.verbs.push(Verb {
            kind: read_kind(kind),
            level: read_level(level),
            title: nouns.first().map(|&noun| noun.to_owned()),
            is_noun: flags.contains('n'),
            is_adjunct: flags.contains('a'),
            is_light: flags.contains('L'),
            passes_on: flags.contains('v'),
        });
        for variant in variants.split('|') {
            let base = variant.trim_end_matches('+');
            self.add_form(base, id, Form::Base, base);
            self.add_form(&plural(base), id, Form::Third, base);
            self.add_form(&gerund(base), id, Form::Ing, base);
            if let Some(last) = base.chars().last().filter(|_| variant.ends_with('+')) {
                self.add_form(&format!("{base}{last}ing"), id, Form::Ing, base);
            }
        }
        let base = variants.split(['|', '+']).next().unwrap_or_default();
        for noun in nouns {
            self.add_form(noun, id, Form::Noun, base);
        }
    }

    fn add_form(&mut self, written: &str, verb: VerbId, form: Form, base: &str) {
        let forms = &mut self.words.entry(written.to_owned()).or_default().forms;
        if !forms.iter().any(|entry| entry.0 == verb && entry.1 == form) {
            forms.push((verb, form, base.to_owned()));
        }
    }

    fn add_nouns(&mut self, row: &[&str]) {
        let &[nouns, kind] = row else { return };
        for noun in nouns.split('|') {
            for written in [noun.to_owned(), plural(noun)] {
                self.words.entry(written).or_default().noun = read_kind(kind);
            }
        }
    }

    /// The first line that names a pair holds: the file goes from the narrow to the general.
    fn add_objects(&mut self, row: &[&str]) {
        let &[verbs, objects, kind] = row else { return };
        let kind = read_kind(kind);
        for verb in verbs.split('|') {
            let Some((id, _)) = self.words.get(verb).and_then(|entry| entry.form(Form::Base)) else { continue };
            let known = self.objects.entry(id).or_default();
            for object in objects.split('|') {
                for written in [object.to_owned(), plural(object)] {
                    known.entry(written).or_insert(kind);
                }
            }
        }
    }

    fn add_class(&mut self, row: &[&str]) {
        let &[name, words] = row else { return };
        let Some((_, class)) = CLASSES.iter().find(|(known, _)| *known == name) else { return };
        for word in words.split(' ') {
            self.words.entry(word.to_owned()).or_default().classes |= 1 << *class as u16;
        }
    }
}

fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// `MODE`, `MODE:task`, or `-` for none.
fn read_kind(written: &str) -> Option<Kind> {
    let (mode, task) = written.split_once(':').unwrap_or((written, ""));
    let mode = mode.parse().ok()?;
    Some((mode, Task::read(task).unwrap_or(Task::usual(mode))))
}

fn read_level(written: &str) -> Option<KraLevel> {
    match written {
        "c" => Some(KraLevel::Contribute),
        "o" => Some(KraLevel::Own),
        "l" => Some(KraLevel::Lead),
        _ => None,
    }
}

/// The plural of a noun and the third person of a verb are written alike.
fn plural(base: &str) -> String {
    let before = base.as_bytes().iter().rev().nth(1).copied().unwrap_or(b'a');
    if base.ends_with('y') && !b"aeiou".contains(&before) {
        format!("{}ies", &base[..base.len() - 1])
    } else if base.ends_with(['s', 'x', 'z', 'o']) || base.ends_with("ch") || base.ends_with("sh") {
        format!("{base}es")
    } else {
        format!("{base}s")
    }
}

fn gerund(base: &str) -> String {
    match base.strip_suffix('e') {
        Some(stem) if !base.ends_with("ee") => format!("{stem}ing"),
        _ => format!("{base}ing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_word_lists_is_understood() {
        let lexicon = Lexicon::shared();
        for row in rows(include_str!("verbs.tsv")) {
            assert!((4..=5).contains(&row.len()), "{row:?}");
            assert!(row[1] == "-" || read_kind(row[1]).is_some(), "{row:?}");
            assert!(row[2] == "." || read_level(row[2]).is_some(), "{row:?}");
            assert!(row.get(4).is_none_or(|flags| flags.chars().all(|flag| "naLv".contains(flag))), "{row:?}");
        }
        for row in rows(include_str!("nouns.tsv")) {
            assert!(row.len() == 2 && read_kind(row[1]).is_some(), "{row:?}");
        }
        for row in rows(include_str!("objects.tsv")) {
            assert!(row.len() == 3 && (row[2] == "-" || read_kind(row[2]).is_some()), "{row:?}");
            for verb in row[0].split('|') {
                let known = lexicon.entry(verb).is_some_and(|entry| entry.form(Form::Base).is_some());
                assert!(known, "\"{verb}\" of {row:?} is no verb of the list");
            }
        }
        for row in rows(include_str!("classes.tsv")) {
            assert!(row.len() == 2 && CLASSES.iter().any(|(name, _)| *name == row[0]), "{row:?}");
        }
    }

    #[test]
    fn no_verb_is_listed_twice() {
        let mut seen = Vec::new();
        for row in rows(include_str!("verbs.tsv")) {
            for variant in row[0].split('|') {
                assert!(!seen.contains(&variant), "\"{variant}\" stands twice");
                seen.push(variant);
            }
        }
    }

    #[test]
    fn forms_lead_back_to_the_verb() {
        let base = |word: &str, form| {
            Lexicon::shared().entry(word).and_then(|entry| entry.form(form)).map(|(_, base)| base)
        };
        assert_eq!(base("planning", Form::Ing), Some("plan"));
        assert_eq!(base("analyses", Form::Third), Some("analyse"));
        assert_eq!(base("supplies", Form::Third), Some("supply"));
        assert_eq!(base("overseeing", Form::Ing), Some("oversee"));
        assert_eq!(base("preparation", Form::Noun), Some("prepare"));
    }
}
