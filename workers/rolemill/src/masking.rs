//! Contact data made unreadable: names of contacts, addresses and numbers, wherever in the outputs they stand.

use contract::Fields;
use serde_json::Value;
use std::ops::Range;

/// What stands for each scalar of a masked text: its place and length stay what they were.
const MASK: char = '•';
/// A shorter word is too ordinary to be masked wherever else it stands.
const SHORTEST: usize = 5;

/// The outputs with every contact masked. Offsets stay right: a masked quote is still the text at its place.
///
/// # Errors
/// When it is not the JSON of outputs.
pub fn masked(outputs: &str) -> Result<String, serde_json::Error> {
    let mut outputs: Value = serde_json::from_str(outputs)?;
    let Some(parse) = outputs.get("parse") else { return Ok(outputs.to_string()) };
    let fields: Fields = serde_json::from_value(parse.get("fields").cloned().unwrap_or_default())?;
    let text: Vec<char> = parse.get("text").and_then(Value::as_str).unwrap_or_default().chars().collect();
    let contacts = Contacts::of(&fields, text);
    if !contacts.words.is_empty() || contacts.text.contains(&MASK) {
        contacts.mask(&mut outputs);
    }
    Ok(outputs.to_string())
}

struct Contacts {
    /// The posting's text, masked.
    text: Vec<char>,
    /// What is masked wherever it stands, the longest first.
    words: Vec<String>,
}

impl Contacts {
    fn of(fields: &Fields, mut text: Vec<char>) -> Self {
        let mut words: Vec<String> = Vec::new();
        for contact in &fields.contact {
            words.push(contact.value.value.clone());
            for span in contact.evidence.spans() {
                words.push(span.quote.clone());
                let range = span.start as usize..(span.end as usize).min(text.len());
                text.get_mut(range).into_iter().flatten().for_each(|c| *c = MASK);
            }
        }
        words.retain(|word| word.chars().count() >= SHORTEST);
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        words.dedup();
        let masked = Self { text: Vec::new(), words };
        // The same address may stand in another place of the text, where nothing took it for a contact.
        let mut string: String = text.iter().collect();
        masked.mask_words(&mut string);
        Self { text: string.chars().collect(), ..masked }
    }

    fn mask(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    if name == "text" && member.is_string() {
                        *member = Value::String(self.text.iter().collect());
                    } else {
                        self.mask(member);
                    }
                }
                let place =
                    |name: &str| members.get(name).and_then(Value::as_u64).map(|place| place as usize);
                if let (Some(start), Some(end)) = (place("start"), place("end"))
                    && let Some(quote) = members.get_mut("quote")
                    && let Some(words) = self.quote(start..end)
                {
                    *quote = Value::String(words);
                }
            }
            Value::Array(members) => members.iter_mut().for_each(|member| self.mask(member)),
            Value::String(words) => self.mask_words(words),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn quote(&self, range: Range<usize>) -> Option<String> {
        self.text.get(range).map(|scalars| scalars.iter().collect())
    }

    fn mask_words(&self, words: &mut String) {
        for word in &self.words {
            if words.contains(word.as_str()) {
                *words = words.replace(word.as_str(), &MASK.to_string().repeat(word.chars().count()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUTS: &str = r#"{"parse":{"text":"Mail ada@bakery.test or Ada. Ask ada@bakery.test.","fields":{"contact":[
        {"value":{"kind":"email","value":"ada@bakery.test"},"source":"text","spans":[{"start":5,"end":20,"quote":"ada@bakery.test"}]}]},
        "items":[{"start":0,"end":27}],"skills":[{"spans":[{"start":0,"end":20,"quote":"Mail ada@bakery.test"}]}],"score":0.1}}"#;

    fn with_defaults() -> String {
        let fields = serde_json::to_value(Fields::default()).unwrap();
        let mut outputs: Value = serde_json::from_str(OUTPUTS).unwrap();
        for (name, member) in fields.as_object().unwrap() {
            outputs["parse"]["fields"].as_object_mut().unwrap().entry(name.clone()).or_insert(member.clone());
        }
        outputs.to_string()
    }

    #[test]
    fn an_address_is_masked_wherever_it_stands() {
        let masked = masked(&with_defaults()).unwrap();
        assert!(!masked.contains("ada@"), "{masked}");
        assert!(masked.contains("\"score\":0.1"), "{masked}");
    }

    #[test]
    fn a_masked_quote_is_still_the_text_at_its_place() {
        let masked: Value = serde_json::from_str(&masked(&with_defaults()).unwrap()).unwrap();
        let text: Vec<char> = masked["parse"]["text"].as_str().unwrap().chars().collect();
        let quote = masked["parse"]["skills"][0]["spans"][0]["quote"].as_str().unwrap();
        assert_eq!(quote, text[0..20].iter().collect::<String>());
        assert_eq!(text.len(), 49);
    }
}
