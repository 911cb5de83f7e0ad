//! Reads one JSON object `{id?, title?, company?, location?, source?, text|html}`. Null is absent, other
//! members are skipped unread, so that they cost no memory.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::{ReadError, detail};
use super::{Hints, encoding, html, sniff};

/// A text with its hints.
pub(super) struct Document {
    pub(super) text: String,
    pub(super) hints: Hints,
}

/// The object as it is sent.
#[derive(Default, Deserialize)]
#[serde(default, expecting = "an object {id?, title?, company?, location?, source?, text|html}")]
struct Sent {
    id: Member,
    title: Member,
    company: Member,
    location: Member,
    source: Member,
    text: Member,
    html: Member,
}

/// Reads the object. Text wins over html; text that is plainly a web page is read as one.
pub(super) fn read(json: &str) -> Result<Document, ReadError> {
    // A struct would also be read from an array of its members.
    let start = json.trim_start();
    if !start.starts_with('{') {
        let before = &json[..json.len() - start.len()];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        return Err(ReadError::BrokenJson { line, column, detail: "one object is expected".to_owned() });
    }
    let sent: Sent = serde_json::from_str(json).map_err(|error| ReadError::BrokenJson {
        line: error.line(),
        column: error.column(),
        detail: detail(&error),
    })?;
    let given = Hints {
        id: sent.id.given("id")?,
        title: sent.title.given("title")?,
        company: sent.company.given("company")?,
        location: sent.location.given("location")?,
        source: sent.source.given("source")?,
        json_ld: None,
    };
    let (text, html) = (sent.text.given("text")?, sent.html.given("html")?);
    let page = match (text, html) {
        (Some(text), _) if !sniff::is_html(&text) => {
            encoding::check(&text)?;
            return Ok(Document { text, hints: given });
        }
        (Some(html), _) | (None, Some(html)) => html::read(&html),
        (None, None) => return Ok(Document { text: String::new(), hints: given }),
    };
    let hints = Hints {
        title: given.title.or(page.hints.title),
        company: given.company.or(page.hints.company),
        location: given.location.or(page.hints.location),
        json_ld: page.hints.json_ld,
        ..given
    };
    Ok(Document { text: page.text, hints })
}

/// A member's value, or what stood in its place.
#[derive(Debug, Default)]
enum Member {
    #[default]
    Absent,
    Given(String),
    Wrong(&'static str),
}

impl Member {
    /// The value; white space alone is none.
    fn given(self, member: &'static str) -> Result<Option<String>, ReadError> {
        match self {
            Self::Absent => Ok(None),
            Self::Given(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
            Self::Wrong(found) => Err(ReadError::JsonMember { member, found }),
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or null")
    }

    fn visit_str<E>(self, value: &str) -> Result<Member, E> {
        Ok(Member::Given(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Member, E> {
        Ok(Member::Given(value))
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Wrong("a boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member, E> {
        Ok(Member::Wrong("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member, E> {
        Ok(Member::Wrong("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member, E> {
        Ok(Member::Wrong("a number"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Member, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Wrong("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Wrong("an object"))
    }
}
