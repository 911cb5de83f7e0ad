//! What a statement says is done: its leading verbs, or the nouns that stand for them.
//!
//! "Design, build and operate services" has three acts; "You will help …" begins behind its subject; "Preparation of
//! reports" is an act without a verb. A statement that asks, praises or speaks of the company has none.

use contract::KraLevel;
use std::ops::Range;

use super::kind::kind_of;
use super::lexicon::{Class, Form, Kind, Lexicon, VerbId};
use super::words::{Gap, Word, Words};

/// One thing that is done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Act {
    /// The verb; none for a noun such as "payroll" that has none.
    pub(crate) verb: Option<(VerbId, &'static str)>,
    /// How it is written.
    pub(crate) form: Form,
    /// Its word.
    pub(crate) word: usize,
    /// One past the last word that belongs to it.
    pub(crate) end: usize,
    /// What kind of work it is; none where the lexicon cannot tell.
    pub(crate) kind: Option<Kind>,
    /// What is asked of the person.
    pub(crate) level: Option<KraLevel>,
}

/// One sentence of a statement that says what is done.
pub(crate) struct Sentence {
    /// From its first act to its end.
    pub(crate) words: Range<usize>,
    /// Its acts; at least one.
    pub(crate) acts: Vec<Act>,
}

/// A statement as it was understood.
pub(crate) struct Statement<'a> {
    pub(crate) words: Words<'a>,
    /// The words of "Design:" before what is done.
    pub(crate) label: Option<Range<usize>>,
    /// The sentences that say what is done.
    pub(crate) sentences: Vec<Sentence>,
}

/// The longest label, in words.
const LONGEST_LABEL: usize = 5;
/// A subject does not end behind more words than this.
const LONGEST_SUBJECT: usize = 14;
/// A phrase before the subject is not longer.
const LONGEST_PREFIX: usize = 25;
/// A noun phrase is not longer.
const LONGEST_PHRASE: usize = 8;

impl<'a> Statement<'a> {
    /// Reads a statement.
    pub(crate) fn of(text: &'a str) -> Self {
        let words = Words::of(text);
        let reader = Reader { words: &words };
        let label = reader.label();
        let from = label.as_ref().map_or(0, |label| label.end);
        let mut sentences = reader.sentences(from);
        for sentence in &mut sentences {
            for index in 0..sentence.acts.len() {
                let kind = kind_of(&words, &sentence.acts, index, sentence.words.end);
                sentence.acts[index].kind = kind;
            }
        }
        Self { words, label, sentences }
    }

    /// All acts, in order.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &Act> {
        self.sentences.iter().flat_map(|sentence| &sentence.acts)
    }
}

struct Reader<'w, 'a> {
    words: &'w Words<'a>,
}

/// Where an act begins and who says so.
struct Lead {
    act: Act,
    /// Further acts follow in the same form.
    form: Form,
}

impl Reader<'_, '_> {
    fn at(&self, index: usize) -> Option<&Word> {
        self.words.list().get(index)
    }

    fn is(&self, index: usize, class: Class) -> bool {
        self.at(index).is_some_and(|word| word.is(class))
    }

    /// Words before a colon or a dash behind which something is done.
    fn label(&self) -> Option<Range<usize>> {
        let list = self.words.list();
        let end = (1..list.len().min(LONGEST_LABEL + 1)).find(|&at| list[at].gap >= Gap::Dash)?;
        let joined = list[end].gap == Gap::Dash && !self.words.text[..list[end].start].ends_with(' ');
        (list[end].gap != Gap::Stop && !joined && self.opens(end)).then_some(0..end)
    }

    /// Whether a sentence could begin here: a capital and a verb.
    fn opens(&self, at: usize) -> bool {
        let capital = self.at(at).is_some() && self.words.written(at).starts_with(char::is_uppercase);
        capital && (self.lead_verb(at, self.words.list().len()).is_some() || self.is(at, Class::Subject))
    }

    fn sentences(&self, from: usize) -> Vec<Sentence> {
        let list = self.words.list();
        let mut found = Vec::new();
        let mut begin = from;
        for end in from + 1..=list.len() {
            let ends = list.get(end).is_none_or(|next| {
                !next.in_brackets
                    && (next.gap == Gap::Stop || next.gap >= Gap::Dash && self.opens(end))
            });
            if ends {
                found.extend(self.sentence(begin, end));
                begin = end;
            }
        }
        found
    }

    fn sentence(&self, begin: usize, end: usize) -> Option<Sentence> {
        let acts = match self.lead(begin, end)? {
            Found::Verb(lead) => self.coordinated(lead, end),
            Found::Nouns(acts) => acts,
        };
        let first = acts.first()?.word;
        Some(Sentence { words: first..end, acts })
    }

    /// The first word that is no adverb and not in brackets.
    fn skip_openers(&self, mut at: usize, end: usize) -> usize {
        while at < end
            && (self.words.list()[at].in_brackets
                || self.is(at, Class::Opener)
                || self.is(at, Class::Conjunction)
                || self.is_adverb(at))
        {
            at += 1;
        }
        at
    }

    fn is_adverb(&self, at: usize) -> bool {
        let known = self.at(at).is_some_and(|word| word.entry.is_some_and(|entry| !entry.forms.is_empty()));
        !known && self.words.lower(at).ends_with("ly")
    }

    /// What a sentence begins with, behind its subject and whatever stands before that.
    fn lead(&self, begin: usize, end: usize) -> Option<Found> {
        let at = self.skip_openers(begin, end);
        if at >= end || self.is(at, Class::Asks) || self.is(at, Class::Company) {
            return None;
        }
        if let Some(lead) = self.lead_verb(at, end) {
            return Some(Found::Verb(lead));
        }
        if self.is(at, Class::Prefix)
            && let Some(comma) = (at + 1..end.min(at + LONGEST_PREFIX))
                .find(|&next| self.words.list()[next].gap == Gap::Comma && self.starts_clause(next, end))
        {
            return self.lead(comma, end);
        }
        self.behind_the_subject(at, end).unwrap_or_else(|| self.nouns(at, end, None).map(Found::Nouns))
    }

    /// Whether behind a comma the sentence proper begins.
    fn starts_clause(&self, at: usize, end: usize) -> bool {
        let at = self.skip_openers(at, end);
        self.lead_verb(at, end).is_some_and(|lead| lead.form != Form::Ing)
            || self.is(at, Class::Subject)
            || self.is(at, Class::Determiner) && self.is(at + 1, Class::Subject)
    }

    /// A verb that opens a sentence.
    fn lead_verb(&self, at: usize, end: usize) -> Option<Lead> {
        let word = self.at(at).filter(|_| at < end)?;
        let next = self.at(at + 1).filter(|next| at + 1 < end && next.gap < Gap::Dash);
        for form in [Form::Base, Form::Ing, Form::Third] {
            let Some(verb) = word.form(form) else { continue };
            let facts = Lexicon::shared().verb(verb.0);
            let alone = next.is_none();
            let of_noun = next.is_some() && self.words.lower(at + 1) == "of" && form != Form::Ing;
            let before_noun = facts.is_adjunct && form == Form::Base && self.is_action_noun(at + 1, end);
            if alone && form != Form::Ing || of_noun || before_noun {
                return None;
            }
            let act = Act { verb: Some(verb), form, word: at, end, kind: None, level: facts.level };
            return Some(Lead { act, form });
        }
        None
    }

    /// "automation" in "Test automation for …", "reviews" in "Code reviews and …".
    fn is_action_noun(&self, at: usize, end: usize) -> bool {
        let Some(word) = self.at(at).filter(|word| at < end && word.gap == Gap::Space) else { return false };
        let closed = at + 1 >= end
            || self.words.list()[at + 1].gap > Gap::Space
            || self.is(at + 1, Class::Preposition)
            || self.is(at + 1, Class::Conjunction);
        closed && word.form(Form::Noun).is_some()
    }

    /// A verb behind "you will", "the analyst", "is responsible for". The outer option says whether the sentence has a
    /// subject at all.
    fn behind_the_subject(&self, from: usize, end: usize) -> Option<Option<Found>> {
        let mut speaks_of_work = false;
        for at in from..end.min(from + LONGEST_SUBJECT) {
            let lower = self.words.lower(at);
            if self.is(at, Class::Company) {
                return Some(None);
            }
            if self.is(at, Class::Modal) {
                return Some(self.behind_modal(at + 1, end));
            }
            let next = if at + 1 < end { self.words.lower(at + 1) } else { "" };
            match (lower, next) {
                ("responsible" | "accountable" | "responsibility" | "accountability", "for" | "to") => {
                    return Some(self.owned(at + 2, end));
                }
                ("tasked" | "charged" | "entrusted", "with") | ("charge", "of") => {
                    return Some(self.owned(at + 2, end));
                }
                ("include" | "includes" | "including" | "involve" | "involves", _) if speaks_of_work => {
                    return Some(self.begin(self.behind_include(at + 1, end), end));
                }
                ("is" | "are" | "'s", "to") if speaks_of_work => return Some(self.begin(at + 2, end)),
                _ => {}
            }
            speaks_of_work |= matches!(lower, "duties" | "responsibilities" | "tasks" | "role" | "job" | "position" | "goal" | "focus" | "mission");
            if at > from && self.is(at - 1, Class::Subject) {
                let plain = matches!(self.words.lower(at - 1), "you" | "they");
                let form = if plain { Form::Base } else { Form::Third };
                if let Some(lead) = self.lead_verb(at, end).filter(|lead| lead.form == form) {
                    return Some(Some(Found::Verb(lead)));
                }
            }
        }
        None
    }

    fn behind_modal(&self, at: usize, end: usize) -> Option<Found> {
        let at = self.skip_openers(at, end);
        if at >= end || self.is(at, Class::Asks) {
            return None;
        }
        match self.words.lower(at) {
            "responsible" | "accountable" | "tasked" | "charged" | "involved" => self.owned(at + 2, end),
            _ => self.lead_verb(at, end).filter(|lead| lead.form != Form::Third).map(Found::Verb),
        }
    }

    /// Behind "responsible for".
    fn owned(&self, at: usize, end: usize) -> Option<Found> {
        let mut found = self.begin(at, end)?;
        let first = match &mut found {
            Found::Verb(lead) => Some(&mut lead.act),
            Found::Nouns(acts) => acts.first_mut(),
        };
        if let Some(act) = first {
            act.level = act.level.max(Some(KraLevel::Own));
        }
        Some(found)
    }

    /// "but are not limited to", "the following".
    fn behind_include(&self, mut at: usize, end: usize) -> usize {
        while at < end
            && matches!(self.words.lower(at), "but" | "are" | "is" | "not" | "limited" | "to" | "the" | "following")
        {
            at += 1;
        }
        at
    }

    fn begin(&self, at: usize, end: usize) -> Option<Found> {
        let at = self.skip_openers(at, end);
        self.lead_verb(at, end).map(Found::Verb).or_else(|| self.nouns(at, end, None).map(Found::Nouns))
    }

    /// Nouns of action at the head of a phrase without a verb.
    fn nouns(&self, from: usize, end: usize, level: Option<KraLevel>) -> Option<Vec<Act>> {
        let list = self.words.list();
        let mut close = from;
        while close < end.min(from + LONGEST_PHRASE) {
            let lower = self.words.lower(close);
            if matches!(lower, "is" | "are" | "was" | "has" | "have" | "must") || self.is(close, Class::Asks) {
                return None;
            }
            let phrase_goes_on = close == from || list[close].gap < Gap::Dash;
            if !phrase_goes_on || self.is(close, Class::Preposition) || self.is(close, Class::Inner) {
                break;
            }
            close += 1;
        }
        if end - from < 2 {
            return None;
        }
        let mut acts: Vec<Act> = Vec::new();
        for at in from..close {
            let heads = at + 1 == close || list[at + 1].gap > Gap::Space || self.is(at + 1, Class::Conjunction);
            let verb = list[at].form(Form::Noun).or_else(|| list[at].form(Form::Ing));
            let known = verb.is_some() || list[at].entry.is_some_and(|entry| entry.noun.is_some());
            if heads && known && !list[at].in_brackets {
                let level = level.max(verb.and_then(|(id, _)| Lexicon::shared().verb(id).level));
                acts.push(Act { verb, form: Form::Noun, word: at, end, kind: None, level });
            }
        }
        (!acts.is_empty()).then_some(acts)
    }

    /// The lead and the verbs that stand beside it in the same form.
    fn coordinated(&self, lead: Lead, end: usize) -> Vec<Act> {
        let form = lead.form;
        let mut acts = vec![lead.act];
        let mut at = acts[0].word + 1;
        while at < end {
            let begun = acts.last().map_or(at, |act| act.word);
            if let Some(verb) = self.beside(at, end, form, begun) {
                if let Some(last) = acts.last_mut() {
                    last.end = at;
                }
                let level = Lexicon::shared().verb(verb.0).level;
                acts.push(Act { verb: Some(verb), form, word: at, end, kind: None, level });
            }
            at += 1;
        }
        acts
    }

    /// A verb that goes on where the one at `last` began.
    fn beside(&self, at: usize, end: usize, form: Form, last: usize) -> Option<(VerbId, &'static str)> {
        let list = self.words.list();
        let verb = list[at].form(form).filter(|_| !list[at].in_brackets)?;
        // Adverbs may stand between the sign and the verb.
        let mut sign = at;
        while sign > last + 1 && list[sign].gap == Gap::Space && (self.is(sign - 1, Class::Opener) || self.is_adverb(sign - 1))
        {
            sign -= 1;
        }
        let separated = matches!(list[sign].gap, Gap::Comma | Gap::Slash | Gap::Dash) || self.is(sign - 1, Class::Conjunction);
        if !separated {
            return None;
        }
        let mut before = sign;
        while before > last + 1 && (self.is(before - 1, Class::Conjunction) || self.is(before - 1, Class::Opener)) {
            before -= 1;
        }
        let adjoins = before == last + 1;
        let next = list.get(at + 1).filter(|next| at + 1 < end && next.gap == Gap::Space);
        let Some(next) = next else { return adjoins.then_some(verb) };
        let takes_object = !next.is(Class::Conjunction) && self.words.lower(at + 1) != "of";
        let certain = if Lexicon::shared().verb(verb.0).is_noun && form != Form::Ing {
            next.is(Class::Determiner) || matches!(self.words.lower(at + 1), "with" | "them" | "it")
        } else {
            takes_object
        };
        (adjoins || certain).then_some(verb)
    }
}

/// What a sentence begins with.
enum Found {
    Verb(Lead),
    Nouns(Vec<Act>),
}
