//! What kind of work an act is: by its verb and object, by its object alone, or by its verb alone.

use super::acts::Act;
use super::lexicon::{Class, Form, Kind, Lexicon, VerbId};
use super::words::{Gap, Words};

/// An object is looked for in so many words.
const REACH: usize = 9;

/// The kind of the act with this index.
pub(super) fn kind_of(words: &Words<'_>, acts: &[Act], index: usize, end: usize) -> Option<Kind> {
    let act = &acts[index];
    let Some((verb, _)) = act.verb else {
        return words.list()[act.word].entry.and_then(|entry| entry.noun);
    };
    if act.form == Form::Noun {
        let before: Vec<usize> = (act.word.saturating_sub(3)..act.word).rev().collect();
        return with_object(words, verb, &behind(words, act.word, end))
            .or_else(|| with_object(words, verb, &before))
            .unwrap_or(Lexicon::shared().verb(verb).kind);
    }
    // "Design, build and test systems": the object of the last is everybody's.
    let mut object = act.word;
    for next in &acts[index + 1..] {
        if (object + 1..next.word).all(|at| words.list()[at].is(Class::Conjunction) || words.list()[at].is(Class::Opener)) {
            object = next.word;
        } else {
            break;
        }
    }
    let limit = acts.iter().map(|act| act.word).find(|&word| word > object).unwrap_or(end);
    of_verb(words, verb, object, limit)
}

/// The kind of a verb whose object stands behind the word `at`.
fn of_verb(words: &Words<'_>, verb: VerbId, at: usize, end: usize) -> Option<Kind> {
    let lexicon = Lexicon::shared();
    let facts = lexicon.verb(verb);
    if facts.passes_on
        && let Some(inner) = verb_behind(words, at, end)
        && let Some((helped, _)) = words.list()[inner].form(Form::Base)
    {
        return of_verb(words, helped, inner, end).or(facts.kind);
    }
    let object = behind(words, at, end);
    if let Some(kind) = with_object(words, verb, &object) {
        return kind;
    }
    if facts.is_light {
        let by_object = object_alone(words, &object);
        return by_object.or_else(|| by_purpose(words, at, end)).or(facts.kind);
    }
    facts.kind
}

/// The words of an object: its noun phrase, then the phrases behind it.
fn behind(words: &Words<'_>, at: usize, end: usize) -> Vec<usize> {
    let list = words.list();
    let mut found = Vec::with_capacity(REACH);
    for next in at + 1..end {
        let word = &list[next];
        let purpose = words.lower(next) == "to" && list.get(next + 1).is_some_and(|verb| verb.form(Form::Base).is_some());
        if word.gap == Gap::Stop || word.is(Class::Inner) || found.len() == REACH || purpose && next > at + 1 {
            break;
        }
        if !word.in_brackets && !word.is(Class::Determiner) {
            found.push(next);
        }
    }
    found
}

/// What the object table says of the first word that it knows. Behind a phrase that names an action ("the development of
/// systems") it is that action that is managed or supported, not what it is of.
fn with_object(words: &Words<'_>, verb: VerbId, object: &[usize]) -> Option<Option<Kind>> {
    let lexicon = Lexicon::shared();
    for (place, &at) in object.iter().enumerate() {
        if let Some(kind) = lexicon.with_object(verb, words.lower(at)) {
            return Some(kind);
        }
        let word = &words.list()[at];
        let phrase_ends = object.get(place + 1).is_none_or(|&next| words.list()[next].is(Class::Preposition));
        if phrase_ends && word.form(Form::Noun).is_some() {
            return None;
        }
    }
    None
}

/// What the object says by itself: the head of its first phrase, else any word of it.
fn object_alone(words: &Words<'_>, object: &[usize]) -> Option<Kind> {
    let list = words.list();
    let first_phrase = object
        .iter()
        .skip(usize::from(object.first().is_some_and(|&at| list[at].is(Class::Preposition))))
        .take_while(|&&at| !list[at].is(Class::Preposition) && !list[at].is(Class::Conjunction) && list[at].gap < Gap::Dash)
        .count();
    let (near, far) = object.split_at(first_phrase.min(object.len()));
    near.iter().rev().chain(far).find_map(|&at| of_noun(words, at))
}

fn of_noun(words: &Words<'_>, at: usize) -> Option<Kind> {
    let word = &words.list()[at];
    let noun = word.entry.and_then(|entry| entry.noun);
    let action = || word.form(Form::Noun).or_else(|| word.form(Form::Ing));
    noun.or_else(|| action().and_then(|(verb, _)| Lexicon::shared().verb(verb).kind))
}

/// "use Python to build models".
fn by_purpose(words: &Words<'_>, at: usize, end: usize) -> Option<Kind> {
    let list = words.list();
    (at + 1..end.saturating_sub(1)).find_map(|to| {
        let (verb, _) = list[to + 1].form(Form::Base).filter(|_| words.lower(to) == "to")?;
        let object = behind(words, to + 1, end);
        with_object(words, verb, &object).unwrap_or(Lexicon::shared().verb(verb).kind)
    })
}

/// The verb in "help build", "help to build", "help our clients build".
fn verb_behind(words: &Words<'_>, at: usize, end: usize) -> Option<usize> {
    (at + 1..end.min(at + 5)).find(|&next| {
        let word = &words.list()[next];
        let verb = word.form(Form::Base).map(|(verb, _)| Lexicon::shared().verb(verb));
        let plain = verb.is_some_and(|verb| !verb.is_noun || next == at + 1 || words.lower(next - 1) == "to");
        plain && word.gap == Gap::Space
    })
}
