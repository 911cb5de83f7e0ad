//! The words that only a machine is told, as patterns.

use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::pattern::pattern;
use crate::words::lower_words;

/// Marks that claim that the text has ended and somebody else speaks, each with what closes it.
pub(super) static MARKS: LazyLock<Vec<(Regex, Regex)>> = LazyLock::new(|| {
    [
        (r"<<<[^<>\n]{1,80}>>>", r"<<<[^<>\n]{1,80}>>>"),
        (r"<\|[a-z][a-z_ ]{1,24}\|>", r"<\|(?:im_end|end|eot_id|endoftext|eom_id|end_of_turn)\|>"),
        (r"(?i)\[INST\]", r"(?i)\[/INST\]"),
        (r"<<SYS>>", r"<</SYS>>"),
        (
            r"(?i)<(?:system|assistant|system[_-]prompt|system[_-]message|hidden[_-]instructions)>",
            r"(?i)</(?:system|assistant|system[_-]prompt|system[_-]message|hidden[_-]instructions)>",
        ),
        (r"(?i)</(?:system|assistant|system[_-]prompt)>|\[/INST\]|<</SYS>>", r"$^"),
    ]
    .map(|(opens, closes)| (pattern(opens), pattern(closes)))
    .into()
});

/// How a sentence begins that is an order: at its start, behind a sign, or behind such a word.
const BEGINS: &str = r#"(?:^|[:;,.!?>\])}"“'*|–-]\s*|\b(?:please|now|then|instead|simply|just)[ ,]+)"#;
const BEGINS_OR_GOES_ON: &str =
    r#"(?:^|[:;,.!?>\])}"“'*|–-]\s*|\b(?:please|now|then|instead|simply|just|and|must|should|will|to)[ ,]+)"#;
/// How much of it is meant.
const EVERY: &str =
    "(?:(?:all|any|everything|every|each|of|the|these|those|my|its|other|given|and|or),? ){0,4}";
/// What a machine that reads is called.
const MACHINE: &str = r"(?:(?:ai|llms?|(?:large )?language models?|chat ?bots?|chat ?gpt|gpt-?\d?\w?|claude|gemini|copilot)(?: (?:language )?(?:models?|assistants?|agents?|bots?|systems?|tools?|readers?|parsers?|scrapers?|crawlers?|screeners?|software))?|(?:automated|automatic|resume|résumé|ats|parsing|screening|extraction) (?:models?|assistants?|agents?|bots?|systems?|tools?|readers?|parsers?|scrapers?|crawlers?|screeners?|software)|(?:parser|scraper|crawler)s?)";
/// The words of which such a name has one.
const MACHINES: &str = "ai llm llms language chat chatbot chatbots chatgpt gpt gpt4 claude gemini copilot automated automatic resume résumé ats parsing screening extraction parser parsers scraper scrapers crawler crawlers";
/// What of an answer an order would set.
const FIELD: &str = r"(?:chosen[ _]role|role[ _]slug|job title|role|title|seniority(?: level)?|salary|confidence|answer|classification|verdict|decision|necessity|canonical[ _]id|jd[ _]type|work[ _]mode|company|employer|domain|output|skills?)";
/// What an answer would be made of.
const FORM: &str = r#"(?:(?:json|yaml|xml)(?:\s*$|\s*[.:;,{(\["“]|\s+(?:object|array|like|of the|in this|in the|(?:with|containing) the|and nothing)\b)|the (?:word|string|phrase|role|title|slug|following (?:json|text|words?|string))\b|yes\b|no\b|["“'‘{\[])"#;

/// An order with the words of which it has at least one: they are looked for first, since few statements have any.
static ORDERS: LazyLock<(HashMap<&'static str, u32>, Vec<Regex>)> = LazyLock::new(|| {
    let orders = [
        // Forget what you were told.
        ("ignore disregard forget", format!(
            r"(?i){BEGINS_OR_GOES_ON}(?:ignore|disregard|forget)(?: about)? {EVERY}(?:(?:your|previous|prior|preceding|above|earlier|foregoing|original|initial|existing|system),? (?:(?:and|or|/) )?){{1,4}}(?:(?:safety|system|hidden|original) )?(?:instructions?|prompts?|directives?|commands?)\b"
        )),
        ("ignore disregard forget override bypass overrule", format!(
            r"(?i){BEGINS}(?:ignore|disregard|forget|override|bypass|overrule)(?: about)? {EVERY}(?:(?:your|previous|prior|preceding|above|earlier|foregoing),? (?:(?:and|or|/) )?){{1,4}}(?:(?:safety|system|hidden|original) )?(?:instructions?|prompts?|directives?|commands?|rules|directions|guidelines|messages?|context|conversation|training|programming|constraints|orders|task)\b"
        )),
        ("ignore disregard forget", format!(
            r#"(?i){BEGINS}(?:ignore|disregard|forget) (?:(?:all|everything|anything|of|the|that|text|was|is|which|has been|you (?:were|have been)|told|said|written|stands|comes|came) )*(?:above|before(?: this| that)?|previous(?:ly)?|preceding|prior|earlier|so far|foregoing)(?:\s*(?:$|[.,;:!)"”])|\s+(?:and|then|but|instead|text|content|lines?|paragraphs?)\b)"#
        )),
        ("instructions", r"(?i)\b(?:these|the following|my|new) instructions (?:override|overrule|supersede|replace|take (?:precedence|priority) over) (?:all|any|the|your|previous|prior)\b".to_owned()),
        // A forged turn of a conversation.
        ("system", r#"(?i)^[^0-9A-Za-z]{0,12}system[^0-9A-Za-z]{0,4}(?:prompt|message|instructions?|note|override|command|update)?[^0-9A-Za-z]{0,3}[:\]>][^0-9A-Za-z]{0,6}(?:you are\b|you must\b|you (?:will|should) (?:now|only|always)\b|ignore\b|disregard\b|forget\b|answer\b|respond\b|reply\b|output\b|return (?:only|just)\b|print\b|say\b|override\b|from now\b|new (?:task|instructions?)\b|act as\b|pretend\b|set the\b|the (?:correct |right |real |true |actual )?(?:role|title|answer|salary|seniority)\b|this (?:posting|job|role) (?:is|must|should)\b)"#.to_owned()),
        ("assistant ai llm user human developer admin", r#"(?i)^[^0-9A-Za-z]{0,12}(?:assistant|ai|llm|user|human|developer|admin)[^0-9A-Za-z]{0,4}(?:prompt|message|instructions?|note|override|command)?[^0-9A-Za-z]{0,3}[:\]>][^0-9A-Za-z]{0,6}(?:ignore (?:all|the|every|any|previous|prior)|disregard|forget (?:all|the|every)|override\b|from now on\b|(?:answer|respond|reply|output|return|print|say) (?:that|with|only|just|in json|["“'{]))"#.to_owned()),
        ("begin end start", r"(?i)^[^0-9A-Za-z]{0,12}(?:begin|end|start)(?: of)? (?:the )?(?:system|hidden|secret|admin|posting|job posting|prompt|user)(?: (?:prompt|message|instructions?|input|override))?[^0-9A-Za-z]{0,12}$".to_owned()),
        // Addressed by name.
        (MACHINES, format!(
            r"(?i)(?:^|[.,;:!?(\[“\x22*>-]\s*)(?:attention|dear|hey|hello|hi|if you are|if you['’]re|(?:note|notice|message|instructions?|a word) (?:to|for))(?:,| an?| any| all| the| every)* {MACHINE}(?:\s+(?:reading|reviewing|processing|parsing|analy[sz]ing|summari[sz]ing|evaluating|screening|extracting|scraping|that (?:is|are|reads?|was))\b|\s*[,:;!.\])–-]+\s*(?:please |you |now |always |never |do not |don['’]t )*(?:ignore|disregard|forget|do|include|add|answer|respond|reply|say|write|output|return|stop|begin|start|mention|insert|put|rate|rank|score|recommend|must|should|are|set|treat|classify|print|report)\b)"
        )),
        (MACHINES, format!(
            r"(?i)\bas an? {MACHINE},? you (?:must|should|will|have to|are (?:to|required|instructed))\b.{{0,80}}\b(?:answer|reply|respond|output|ignore|disregard|say|classify)\b"
        )),
        (MACHINES, format!(
            r"(?i)\b{MACHINE} (?:must|should|shall|has to|have to|needs? to|(?:is|are) (?:required|instructed|ordered|to)(?: to)?) (?:now |always |only |instead |therefore )*(?:answer|reply|respond|output|return|say|state|report|conclude|classify|print|set|ignore|write)\b(?: that (?:this|the (?:role|job|posting|title|candidate|applicant)|it)\b| (?:only )?(?:with |in )?{FORM}| (?:the |this |its )?{FIELD} (?:to|as|is|=)|\s*[:=])"
        )),
        ("answer reply respond output say state conclude", format!(
            r"(?i)\b(?:assistant|model|reader|program|software|bot|agent)s? (?:must|should|shall|has to|have to) (?:now |always |only )*(?:answer|reply|respond|output|say|state|conclude)\b(?: that (?:this (?:is|role|job|posting|position)|the (?:role|job|posting|title|position) is|it is an?)\b| (?:only )?(?:with |in )?{FORM}|\s*:)"
        )),
        // Be somebody else.
        ("ai llm language chat chatbot chatgpt gpt gpt4", r"(?i)\byou are (?:now |no longer |actually |really |called )?(?:an? |the )?(?:(?:helpful|harmless|honest|unrestricted|uncensored|obedient|new|different|powerful) )*(?:ai|llm|(?:large )?language model|chat ?bot|chat ?gpt|gpt-?\d\w?)(?: (?:language )?(?:model|assistant|agent|bot|system|parser))(?:\s*[.,;:!]|\s+(?:that|which|whose|with no|without)\b|\s*$)".to_owned()),
        ("llm language chat chatbot chatgpt jailbroken helpful longer", r"(?i)\byou are (?:now |no longer )?(?:an? )?(?:(?:large )?language model|llm|chat ?gpt|chat ?bot|jailbroken)\b(?:\s*[.,;:!]|\s+(?:that|which|whose|and must|and will)\b|\s*$)|\byou are (?:now )?a helpful (?:ai )?assistant\b|\byou are no longer (?:an? |the )?(?:parser|reader|extractor|program|assistant|ai|bot|model)\b".to_owned()),
        ("mode", r"(?i)\b(?:developer|dan|jailbreak|god) mode (?:is )?(?:now )?(?:on|enabled|activated)\b".to_owned()),
        ("now", r"(?i)\bfrom now on,?\b.{0,20}\b(?:answer|respond|reply|output|pretend|say|you are an? (?:ai|assistant|chat))\b".to_owned()),
        ("pretend", format!(r"(?i){BEGINS}pretend (?:that )?(?:this|the) (?:posting|job|role|text)\b|{BEGINS}pretend (?:to be|(?:that )?you are) an? {MACHINE}\b")),
        // Answer so.
        ("only just exactly nothing solely", format!(
            r"(?i){BEGINS_OR_GOES_ON}(?:output|return|respond|reply|answer|print|emit|write|say)\b(?: back)?(?: with| in| using)? (?:only|just|exactly|nothing but|solely)\b(?: with| in| the| a| one| valid| raw| following| this| single| exact)* ?(?:{FORM}|word\b|role\b|slug\b)"
        )),
        ("json", format!(r"(?i){BEGINS}(?:respond|reply|answer) (?:only )?(?:with|in|as) (?:a |valid |raw |pure |strict )*json\b")),
        ("else text words output explanation commentary", r"(?i)\b(?:output|respond|reply|answer|print|say)\b.{1,80}\b(?:and nothing else|no (?:other|additional|further) (?:text|words|output)|without (?:any )?(?:explanation|commentary))\b".to_owned()),
        ("answer reply respond say claim conclude pretend output", format!(
            r"(?i){BEGINS_OR_GOES_ON}(?:answer|reply|respond|say|claim|conclude|pretend|output)\b(?: to (?:the |any |every |all )?\w+)? that (?:this (?:is|role|job|posting|position|candidate|text)|the (?:correct |right |best )?(?:role|job|posting|position|title|salary|seniority|answer|company)\b|it (?:is|requires|pays|asks)\b)"
        )),
        ("state report", format!(r"(?i){BEGINS}(?:state|report)\b that (?:this (?:is|role|job|posting)|the (?:role|job|posting|title|salary|answer) (?:is|requires))\b")),
        // Set a field.
        ("set change override overwrite force hard hardcode switch", format!(
            r"(?i)(?:{BEGINS}|\b(?:and|also|must|should) )(?:set|change|override|overwrite|force|hard-?code|switch)\b (?:the |its |this |your )(?:predicted |final |extracted |required |inferred )?{FIELD}(?: field| value)? (?:to|=|:=)[^0-9A-Za-z]"
        )),
        ("set override overwrite force", format!(r"(?i){BEGINS}(?:set|override|overwrite|force) {FIELD}(?: field| value)?\s?(?:=|:=|to [“\x22'])")),
        ("classify label mark treat tag", format!(r"(?i){BEGINS}(?:classify|label|mark|treat|tag) (?:this|the) (?:posting|job posting|job description|text|document|jd) as\b")),
        // The machine's own words.
        ("prompt instructions", r"(?i)\b(?:reveal|print|repeat|show|output|leak|display) (?:me )?(?:all (?:of )?)?your (?:hidden |initial |original |secret |own )?(?:system )?(?:prompt|instructions)\b".to_owned()),
        ("processing parsing summarizing summarising classifying extracting", format!(
            r"(?i){BEGINS}when (?:you are )?(?:processing|parsing|summari[sz]ing|classifying|extracting (?:fields|skills|data|values) from) (?:this|the) (?:posting|text|document|page|job description|jd)\b"
        )),
    ];
    let mut words: HashMap<&'static str, u32> = HashMap::new();
    for (index, (needed, _)) in orders.iter().enumerate() {
        for word in needed.split(' ') {
            *words.entry(word).or_default() |= 1 << index;
        }
    }
    (words, orders.iter().map(|(_, source)| pattern(source)).collect())
});

/// Where the first order of a statement begins.
pub(super) fn order_in(words: &str) -> Option<usize> {
    let (needed, orders) = &*ORDERS;
    let possible =
        lower_words(words).filter_map(|word| needed.get(word.as_str())).fold(0, |all, some| all | some);
    let begins = |order: &Regex| {
        let found = order.find(words)?;
        // The sign that ends what stands before an order is not the order's.
        let signs = found.as_str().trim_start_matches([':', ';', ',', '.', '!', '?', ')', ' ']);
        Some(found.end() - signs.len())
    };
    orders
        .iter()
        .enumerate()
        .filter(|(index, _)| possible >> index & 1 == 1)
        .filter_map(|(_, order)| begins(order))
        .min()
}

/// A turn of a conversation that somebody forged: all of its line is its speaker's.
pub(super) static FORGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[^0-9A-Za-z]{0,12}(?:system|assistant|ai|llm|user|human|developer|admin)[^0-9A-Za-z]{0,4}(?:prompt|message|instructions?|note|override|command|update)?[^0-9A-Za-z]{0,3}[:\]>]",
    )
});

/// How a sentence goes on right behind one that addresses a machine. By itself it would say nothing of the kind.
pub(super) static GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r#"(?i)^[^0-9A-Za-z]{{0,6}}(?:(?:then|now|also|and|instead|finally|next|only|always|please|just|furthermore|additionally),? )*(?:(?:set|change|override|overwrite|replace|force|make|use|choose|pick|select|report|give|put) (?:the |its |this |your |a |as )?(?:only )?{FIELD}\b|(?:answer|output|return|respond|reply|say|state|print|claim|conclude|pretend)\b|(?:do not|don['’]t|never) (?:mention|use|say|output|reveal|include|list|report|extract|read|explain|follow|obey|tell|trust)\b|(?:list|include|add|report|extract|mark|treat|classify|label) (?:only |the following |these |this |all |every |as |no )?(?:\w+ )?(?:skills?|requirements?|posting|text|words?)\b|(?:the |this |its )(?:correct |right |only |real |true |actual )*{FIELD} (?:is|are|must|should|shall)\b|you (?:must|will|should|are) (?:now|only|always|not|never)\b|new (?:task|instructions?|orders?)\b|[{{\["“'‘])"#
    ))
});

/// A sentence that speaks about such orders, as postings for those who build or defend the machines do.
pub(super) static ABOUT_ORDERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:prompt injections?|injection attacks?|injections?|jailbreak(?:s|ing)|adversarial(?:ly)?|red[- ]team\w*|guardrails?)\b",
    )
});
