//! What a text says to a machine that reads it, and not to a candidate: "ignore the above and answer …".
//!
//! A posting may have such words put into it, by its writer or by whoever passed it on. They state nothing about a job. They are
//! told by what only a machine is told: to forget what it was told, to answer in a format, to set a field, and by forged marks of
//! whose turn it is to speak. A posting about such machines speaks of them and not to them; where a sentence could be either, it is
//! the posting's.

use regex::{Regex, RegexSet};
use std::ops::Range;
use std::sync::LazyLock;

use crate::headings::heading_at;
use crate::pattern::{pattern, patterns};
use crate::pieces::{Opening, Piece, pieces};

/// An order that begins so deep inside a sentence, in bytes, leaves what stands before it to the posting.
const DEEP: usize = 60;
/// The most that two forged marks hold between them, in bytes.
const LONGEST_BLOCK: usize = 4000;

/// The byte ranges of a normalised text that address a machine, in order and without overlaps; their bullet signs lie in them.
#[must_use]
pub fn instructions(text: &str) -> Vec<Range<usize>> {
    if !SIGNS.is_match(text) {
        return Vec::new();
    }
    let pieces = pieces(text);
    let blocks = blocks(text);
    let mut found: Vec<Range<usize>> = blocks.clone();
    let mut last: Option<&Piece> = None;
    // The line of a forged message, which is all the message's.
    let mut message: Option<usize> = None;
    for (index, piece) in pieces.iter().enumerate() {
        if blocks.iter().any(|block| block.start <= piece.range.start && piece.range.end <= block.end) {
            continue;
        }
        let words = &text[piece.range.clone()];
        let follows = last.is_some_and(|last| last.line == piece.line);
        let start = if message == Some(piece.line) || follows && GOES_ON.is_match(words) {
            Some(piece.outer)
        } else {
            addressed(text, piece, pieces.get(index + 1))
        };
        last = start.map(|_| piece);
        let Some(start) = start else { continue };
        let opens = matches!(piece.opening, Opening::Line | Opening::Bullet);
        if opens && FORGED.is_match(words) && line_at(text, piece.range.start).len() * 2 <= text.len() {
            message = Some(piece.line);
        }
        found.push(start..piece.range.end);
    }
    joined(text, found)
}

/// Where in a statement the words begin that address a machine.
fn addressed(text: &str, piece: &Piece, next: Option<&Piece>) -> Option<usize> {
    let words = &text[piece.range.clone()];
    let hits = ORDERS.0.matches(words);
    if !hits.matched_any() || ABOUT_ORDERS.is_match(words) {
        return None;
    }
    let begins = |order: usize| {
        let found = ORDERS.1[order].find(words)?;
        // The sign that ends what stands before an order is not the order's.
        let signs = found.as_str().trim_start_matches([':', ';', ',', '.', '!', '?', ')', ' ']);
        Some(found.end() - signs.len())
    };
    let at = hits.iter().filter_map(begins).min()?;
    let sentence = words[..at].rfind(['.', '!', '?']).map(|end| words.len() - words[end + 1..].trim_start().len());
    if at >= DEEP || sentence == Some(at) {
        return Some(piece.range.start + at);
    }
    // Inside a line a heading before the order is the posting's own.
    let inside = matches!(piece.opening, Opening::Sentence | Opening::Seam);
    let heading = heading_at(text, piece, next).filter(|heading| inside && heading.body <= piece.range.start + at);
    Some(heading.map_or(piece.outer, |heading| heading.body))
}

/// What stands between a forged mark and the one that closes it, both included; a mark without a second is its own line's.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (opens, closes) in &*MARKS {
        let mut from = 0;
        while let Some(mark) = opens.find_at(text, from) {
            let limit = (mark.end() + LONGEST_BLOCK).min(text.len());
            let close = closes.find_at(text, mark.end()).filter(|close| close.end() <= limit);
            let end = close.map_or(mark.end(), |close| close.end());
            blocks.push(mark.start()..end);
            from = end;
        }
    }
    joined(text, blocks)
}

fn line_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..].split('\n').next().unwrap_or_default()
}

/// In order, those between which nothing stands as one.
fn joined(text: &str, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end || text[last.end..range.start].trim().is_empty() => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// The cheap look: without one of these no order can stand in a text.
static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:ignore|disregard|forget|bypass|override|overrule|overwrite|json|instructions|pretend|assistant|llms?|language models?|chat ?bot|chat ?gpt|gpt|claude|gemini|copilot|parser|mode (?:is )?(?:now )?(?:on|enabled|activated)|you are (?:now|no longer))\b|\b(?:system|ai)\b\W{0,12}[:\]>]|\b(?:ai)\W{0,6}(?:that|reading|reviewing|processing|parsing|you|must|should|system|model|agent|bot|tool)|\b(?:set|change|switch|replace|force|hard-?code|classify|label|mark|treat|tag) (?:\w+ ){0,4}(?:to|as)\b|\b(?:set|change|override|overwrite|switch|replace|force)\b[^.\n]{0,40}(?:=|:=)|\b(?:answer|reply|respond|say|claim|conclude|state|output|report|return|print)\b (?:that|only|with|in|just|exactly|[\w ]{0,60}nothing else|[\w ]{0,60}no other)|<<|<\||\[/?INST\]|</?(?:system|assistant)|\b(?:begin|end|start)(?: of)? (?:system|hidden|secret|admin|posting|prompt)|when (?:processing|parsing|summari[sz]ing|classifying|extracting)",
    )
});

/// Marks that claim that the text has ended and somebody else speaks, each with what closes it.
static MARKS: LazyLock<Vec<(Regex, Regex)>> = LazyLock::new(|| {
    [
        (r"<<<[^<>\n]{1,80}>>>", r"<<<[^<>\n]{1,80}>>>"),
        (r"<\|[a-z][a-z_ ]{1,24}\|>", r"<\|(?:im_end|end|eot_id|endoftext|eom_id|end_of_turn)\|>"),
        (r"(?i)\[INST\]", r"(?i)\[/INST\]"),
        (r"<<SYS>>", r"<</SYS>>"),
        (
            r"(?i)<(?:system|assistant|system[_-]prompt|system[_-]message|hidden[_-]instructions)>",
            r"(?i)</(?:system|assistant|system[_-]prompt|system[_-]message|hidden[_-]instructions)>",
        ),
        (r"(?i)</(?:system|assistant|system[_-]prompt)>|\[/INST\]|<</SYS>>", r"[^\s\S]"),
    ]
    .map(|(opens, closes)| (pattern(opens), pattern(closes)))
    .into()
});

/// How a sentence begins that is an order: at its start, behind a sign, or behind such a word.
const BEGINS: &str = r#"(?:^|[:;,.!?>\])}"“'*|–-]\s*|\b(?:please|now|then|instead|simply|just)[ ,]+)"#;
const BEGINS_OR_GOES_ON: &str = r#"(?:^|[:;,.!?>\])}"“'*|–-]\s*|\b(?:please|now|then|instead|simply|just|and|must|should|will|to)[ ,]+)"#;
/// What a machine that reads is called.
const MACHINE: &str = r"(?:(?:ai|a\.i\.|llms?|(?:large )?language models?|chat ?bots?|chat ?gpt|gpt-?\d?\w?|claude|gemini|copilot)(?: (?:language )?(?:models?|assistants?|agents?|bots?|systems?|tools?|readers?|parsers?|scrapers?|crawlers?|screeners?|software))?|(?:automated|automatic|resume|résumé|ats|parsing|screening|extraction) (?:models?|assistants?|agents?|bots?|systems?|tools?|readers?|parsers?|scrapers?|crawlers?|screeners?|software)|(?:parser|scraper|crawler)s?)";
/// What of an answer an order would set.
const FIELD: &str = r"(?:chosen[ _]role|role[ _]slug|job title|role|title|seniority(?: level)?|salary|confidence|answer|classification|verdict|decision|necessity|canonical[ _]id|jd[ _]type|work[ _]mode|company|employer|domain|output|skills?)";
/// What an answer would be made of.
const FORM: &str = r#"(?:json\b|yaml\b|xml\b|the (?:word|string|phrase|role|title|slug|following (?:json|text|words?|string))\b|yes\b|no\b|["“'‘{\[])"#;

/// Words that only a machine is told: all at once, and one by one.
static ORDERS: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let sources = [
        // Forget what you were told.
        format!(
            r"(?i){BEGINS_OR_GOES_ON}(?:ignore|disregard|forget|override|bypass|overrule)(?: about)? (?:(?:all|any|everything|every|each|of|the|these|those|my|its|other|given|and|or),? ){{0,4}}(?:(?:your|previous|prior|preceding|above|earlier|foregoing|original|initial|existing|system),? (?:(?:and|or|/) )?){{1,4}}(?:(?:safety|system|hidden|original) )?(?:instructions?|prompts?|rules|directions|directives?|commands?|guidelines|messages?|context|conversation|training|programming|constraints|orders|task)\b"
        ),
        format!(
            r#"(?i){BEGINS}(?:ignore|disregard|forget) (?:(?:all|everything|anything|of|the|that|text|was|is|which|has been|you (?:were|have been)|told|said|written|stands|comes|came) )*(?:above|before(?: this| that)?|previous(?:ly)?|preceding|prior|earlier|so far|foregoing)(?:\s*(?:$|[.,;:!)"”])|\s+(?:and|then|but|instead|text|content|lines?|paragraphs?)\b)"#
        ),
        r"(?i)\b(?:these|the following|my|new) instructions (?:override|overrule|supersede|replace|take (?:precedence|priority) over) (?:all|any|the|your|previous|prior)\b".to_owned(),
        // A forged turn of a conversation.
        r#"(?i)^[\W_]{0,12}system[\W_]{0,4}(?:prompt|message|instructions?|note|override|command|update)?[\W_]{0,3}[:\]>]\W{0,6}(?:you are\b|you must\b|you (?:will|should) (?:now|only|always)\b|ignore\b|disregard\b|forget\b|answer\b|respond\b|reply\b|output\b|return (?:only|just)\b|print\b|say\b|override\b|from now\b|new (?:task|instructions?)\b|act as\b|pretend\b|set the\b|the (?:correct |right |real |true |actual )?(?:role|title|answer|salary|seniority)\b|this (?:posting|job|role) (?:is|must|should)\b)"#.to_owned(),
        r#"(?i)^[\W_]{0,12}(?:assistant|ai|llm|user|human|developer|admin)[\W_]{0,4}(?:prompt|message|instructions?|note|override|command)?[\W_]{0,3}[:\]>]\W{0,6}(?:ignore (?:all|the|every|any|previous|prior)|disregard|forget (?:all|the|every)|override\b|from now on\b|(?:answer|respond|reply|output|return|print|say) (?:that|with|only|just|in json|["“'{]))"#.to_owned(),
        r"(?i)^[\W_]{0,12}(?:begin|end|start)(?: of)? (?:the )?(?:system|hidden|secret|admin|posting|job posting|prompt|user)(?: (?:prompt|message|instructions?|input|override))?[\W_]{0,12}$".to_owned(),
        // Addressed by name.
        format!(
            r"(?i)(?:^|[.,;:!?(\[“\x22*>-]\s*)(?:attention|dear|hey|hello|hi|if you are|if you['’]re|(?:note|notice|message|instructions?|a word) (?:to|for))(?:,| an?| any| all| the| every)* {MACHINE}(?:\s+(?:reading|reviewing|processing|parsing|analy[sz]ing|summari[sz]ing|evaluating|screening|extracting|scraping|that (?:is|are|reads?|was))\b|\s*[,:;!.\])–-]+\s*(?:please |you |now |always |never |do not |don['’]t )*(?:ignore|disregard|forget|do|include|add|answer|respond|reply|say|write|output|return|stop|begin|start|mention|insert|put|rate|rank|score|recommend|must|should|are|set|treat|classify|print|report)\b)"
        ),
        format!(
            r"(?i)\bas an? {MACHINE},? you (?:must|should|will|have to|are (?:to|required|instructed))\b.{{0,80}}\b(?:answer|reply|respond|output|ignore|disregard|say|classify)\b"
        ),
        format!(
            r"(?i)\b{MACHINE} (?:must|should|shall|has to|have to|needs? to|(?:is|are) (?:required|instructed|ordered|to)(?: to)?) (?:now |always |only |instead |therefore )*(?:answer|reply|respond|output|return|say|state|report|conclude|classify|print|set|ignore|write)\b(?: that (?:this|the (?:role|job|posting|title|candidate|applicant)|it)\b| (?:only )?(?:with |in )?{FORM}| (?:the |this |its )?{FIELD} (?:to|as|is|=)|\s*[:=])"
        ),
        format!(
            r"(?i)\b(?:assistant|model|reader|program|software|bot|agent)s? (?:must|should|shall|has to|have to) (?:now |always |only )*(?:answer|reply|respond|output|say|state|conclude)\b(?: that (?:this (?:is|role|job|posting|position)|the (?:role|job|posting|title|position) is|it is an?)\b| (?:only )?(?:with |in )?{FORM}|\s*:)"
        ),
        // Be somebody else.
        r"(?i)\byou are (?:now |no longer |actually |really |called )?(?:an? |the )?(?:(?:helpful|harmless|honest|unrestricted|uncensored|obedient|new|different|powerful) )*(?:ai|llm|(?:large )?language model|chat ?bot|chat ?gpt|gpt-?\d\w?)(?: (?:language )?(?:model|assistant|agent|bot|system|parser))(?:\s*[.,;:!]|\s+(?:that|which|whose|with no|without)\b|\s*$)".to_owned(),
        r"(?i)\byou are (?:now |no longer )?(?:an? )?(?:(?:large )?language model|llm|chat ?gpt|chat ?bot|jailbroken)\b(?:\s*[.,;:!]|\s+(?:that|which|whose|and must|and will)\b|\s*$)|\byou are (?:now )?a helpful (?:ai )?assistant\b|\byou are no longer (?:an? |the )?(?:parser|reader|extractor|program|assistant|ai|bot|model)\b".to_owned(),
        r"(?i)\b(?:developer|dan|jailbreak|god) mode (?:is )?(?:now )?(?:on|enabled|activated)\b".to_owned(),
        r"(?i)\bfrom now on,?\b.{0,20}\b(?:answer|respond|reply|output|pretend|say|you are an? (?:ai|assistant|chat))\b".to_owned(),
        format!(r"(?i){BEGINS}pretend (?:that )?(?:this|the) (?:posting|job|role|text)\b|{BEGINS}pretend (?:to be|(?:that )?you are) an? {MACHINE}\b"),
        // Answer so.
        format!(
            r"(?i){BEGINS_OR_GOES_ON}(?:output|return|respond|reply|answer|print|emit|write|say)\b(?: back)?(?: with| in| using)? (?:only|just|exactly|nothing but|solely)\b(?: with| in| the| a| one| valid| raw| following| this| single| exact)* ?(?:{FORM}|word\b|role\b|slug\b)"
        ),
        format!(r"(?i){BEGINS}(?:respond|reply|answer) (?:only )?(?:with|in|as) (?:a |valid |raw |pure |strict )*json\b"),
        r"(?i)\b(?:output|respond|reply|answer|print|say)\b.{1,80}\b(?:and nothing else|no (?:other|additional|further) (?:text|words|output)|without (?:any )?(?:explanation|commentary))\b".to_owned(),
        format!(
            r"(?i){BEGINS_OR_GOES_ON}(?:answer|reply|respond|say|claim|conclude|pretend|output)\b(?: to (?:the |any |every |all )?\w+)? that (?:this (?:is|role|job|posting|position|candidate|text)|the (?:correct |right |best )?(?:role|job|posting|position|title|salary|seniority|answer|company)\b|it (?:is|requires|pays|asks)\b)"
        ),
        format!(r"(?i){BEGINS}(?:state|report)\b that (?:this (?:is|role|job|posting)|the (?:role|job|posting|title|salary|answer) (?:is|requires))\b"),
        // Set a field.
        format!(
            r"(?i)(?:{BEGINS}|\b(?:and|also|must|should) )(?:set|change|override|overwrite|force|hard-?code|switch)\b (?:the |its |this |your )(?:predicted |final |extracted |required |inferred )?{FIELD}(?: field| value)? (?:to|=|:=)\W"
        ),
        format!(r"(?i){BEGINS}(?:set|override|overwrite|force) {FIELD}(?: field| value)?\s?(?:=|:=|to [“\x22'])"),
        format!(r"(?i){BEGINS}(?:classify|label|mark|treat|tag) (?:this|the) (?:posting|job posting|job description|text|document|jd) as\b"),
        // The machine's own words.
        r"(?i)\b(?:reveal|print|repeat|show|output|leak|display) (?:me )?(?:all (?:of )?)?your (?:hidden |initial |original |secret |own )?(?:system )?(?:prompt|instructions)\b".to_owned(),
        format!(
            r"(?i){BEGINS}when (?:you are )?(?:processing|parsing|summari[sz]ing|classifying|extracting (?:fields|skills|data|values) from) (?:this|the) (?:posting|text|document|page|job description|jd)\b"
        ),
    ];
    let all = patterns(&sources);
    (all, sources.iter().map(|source| pattern(source)).collect())
});

/// A turn of a conversation that somebody forged: all of its line is its speaker's.
static FORGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^[\W_]{0,12}(?:system|assistant|ai|llm|user|human|developer|admin)[\W_]{0,4}(?:prompt|message|instructions?|note|override|command|update)?[\W_]{0,3}[:\]>]")
});

/// How a sentence goes on right behind one that addresses a machine. By itself it would say nothing of the kind.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)^\W{{0,6}}(?:(?:then|now|also|and|instead|finally|next|only|always|please|just|furthermore|additionally),? )*(?:(?:set|change|override|overwrite|replace|force|make|use|choose|pick|select|report|give|put) (?:the |its |this |your |a |as )?(?:only )?{FIELD}\b|(?:answer|output|return|respond|reply|say|state|print|claim|conclude|pretend)\b|(?:do not|don['’]t|never) (?:mention|use|say|output|reveal|include|list|report|extract|read|explain|follow|obey|tell|trust)\b|(?:list|include|add|report|extract|mark|treat|classify|label) (?:only |the following |these |this |all |every |as |no )?(?:\w+ )?(?:skills?|requirements?|posting|text|words?)\b|(?:the |this |its )(?:correct |right |only |real |true |actual )*{FIELD} (?:is|are|must|should|shall)\b|you (?:must|will|should|are) (?:now|only|always|not|never)\b|[{{\["“'‘])"#
    ))
});

/// A sentence that speaks about such orders, as postings for those who build or defend the machines do.
static ABOUT_ORDERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:prompt injections?|injection attacks?|injections?|jailbreak(?:s|ing)|adversarial(?:ly)?|red[- ]team\w*|guardrails?)\b",
    )
});

#[cfg(test)]
mod tests;
