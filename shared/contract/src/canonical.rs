//! JSON with the members of every object in order of their names: equal values give equal bytes.
//!
//! Written in one pass into one buffer; an object whose members come out of order is put in order where it stands.
//! `serde_json::Value` would do the same, but widens every `f32` (`0.1` becomes `0.10000000149011612`).

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::Error;
use std::ops::Range;

/// The value as JSON on one line.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut buffer = Buffer { out: Vec::with_capacity(1 << 10), members: Vec::new() };
    value.serialize(Canonical(&mut buffer))?;
    String::from_utf8(buffer.out).map_err(ser::Error::custom)
}

/// JSON on one line, spread over lines of two-space indents.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    let mut rest = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = rest.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                match rest.next_if(|next| matches!(next, '}' | ']')) {
                    Some(close) => out.push(close),
                    None => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}

struct Buffer {
    out: Vec<u8>,
    /// Of the objects that are open: where each member stands, and how long its quoted name is.
    members: Vec<(Range<usize>, usize)>,
}

/// Writes one value.
struct Canonical<'a>(&'a mut Buffer);

/// Writes the values of an array.
struct Array<'a> {
    buffer: &'a mut Buffer,
    is_empty: bool,
    close: &'static str,
}

/// Writes the members of an object.
struct Object<'a> {
    buffer: &'a mut Buffer,
    /// Where the members begin in the text and in [`Buffer::members`].
    text: usize,
    first: usize,
    close: &'static str,
}

impl<'a> Canonical<'a> {
    fn scalar<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        serde_json::to_writer(&mut self.0.out, value)
    }

    fn array(self, open: &str, close: &'static str) -> Array<'a> {
        self.0.out.extend_from_slice(open.as_bytes());
        self.0.out.push(b'[');
        Array { buffer: self.0, is_empty: true, close }
    }

    fn object(self, open: &str, close: &'static str) -> Object<'a> {
        self.0.out.extend_from_slice(open.as_bytes());
        self.0.out.push(b'{');
        Object { text: self.0.out.len(), first: self.0.members.len(), buffer: self.0, close }
    }
}

impl Array<'_> {
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_empty) {
            self.buffer.out.push(b',');
        }
        value.serialize(Canonical(self.buffer))
    }

    fn finish(self) {
        self.buffer.out.extend_from_slice(self.close.as_bytes());
    }
}

impl Object<'_> {
    fn name<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Error> {
        if self.buffer.members.len() > self.first {
            self.buffer.out.push(b',');
        }
        let start = self.buffer.out.len();
        name.serialize(Canonical(self.buffer))?;
        if self.buffer.out.get(start) != Some(&b'"') {
            self.buffer.out.insert(start, b'"');
            self.buffer.out.push(b'"');
        }
        let length = self.buffer.out.len() - start;
        self.buffer.out.push(b':');
        self.buffer.members.push((start..start, length));
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Canonical(self.buffer))?;
        if let Some((member, _)) = self.buffer.members.last_mut() {
            member.end = self.buffer.out.len();
        }
        Ok(())
    }

    fn finish(self) {
        let Self { buffer, text, first, close } = self;
        let name = |out: &[u8], (member, length): &(Range<usize>, usize)| {
            out[member.start + 1..member.start + length - 1].to_vec()
        };
        let out = &buffer.out;
        let in_order = buffer.members[first..].is_sorted_by(|(a, a_length), (b, b_length)| {
            out[a.start + 1..a.start + a_length - 1] <= out[b.start + 1..b.start + b_length - 1]
        });
        if !in_order {
            buffer.members[first..].sort_by_cached_key(|member| name(out, member));
            let mut sorted = Vec::with_capacity(out.len() - text);
            for (member, _) in &buffer.members[first..] {
                if !sorted.is_empty() {
                    sorted.push(b',');
                }
                sorted.extend_from_slice(&out[member.clone()]);
            }
            buffer.out.truncate(text);
            buffer.out.append(&mut sorted);
        }
        buffer.members.truncate(first);
        buffer.out.extend_from_slice(close.as_bytes());
    }
}

/// `{"variant":`, the opening of a value that names its variant.
fn variant_name(variant: &str) -> Result<String, Error> {
    Ok(format!("{{{}:", serde_json::to_string(variant)?))
}

macro_rules! scalars {
    ($($method:ident($type:ty)),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Error> {
            self.scalar(&value)
        }
    )*};
}

impl<'a> ser::Serializer for Canonical<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Array<'a>;
    type SerializeTupleStruct = Array<'a>;
    type SerializeTupleVariant = Array<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    scalars! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_u8(u8),
        serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32), serialize_f64(f64), serialize_char(char),
        serialize_str(&str), serialize_bytes(&[u8]),
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.scalar(&())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.scalar(&())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.scalar(&())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.scalar(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = self.object("", "}");
        object.name(variant)?;
        object.value(value)?;
        object.finish();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Array<'a>, Error> {
        Ok(self.array("", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Array<'a>, Error> {
        Ok(self.array("", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Array<'a>, Error> {
        Ok(self.array("", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Array<'a>, Error> {
        Ok(self.array(&variant_name(variant)?, "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Error> {
        Ok(self.object("", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, Error> {
        Ok(self.object("", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, Error> {
        Ok(self.object(&variant_name(variant)?, "}}"))
    }
}

macro_rules! arrays {
    ($($trait:ident::$method:ident),* $(,)?) => {$(
        impl $trait for Array<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.value(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

arrays! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
}

macro_rules! objects {
    ($($trait:ident),*) => {$(
        impl $trait for Object<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.name(name)?;
                self.value(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

objects! { SerializeStruct, SerializeStructVariant }

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Error> {
        self.name(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    struct Role {
        slug: &'static str,
        score: f32,
        alias: Option<f32>,
        #[serde(flatten)]
        more: BTreeMap<&'static str, Vec<Kind>>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        Pair(u8, u8),
        Named { z: u8, a: u8 },
        One(Box<Kind>),
    }

    fn role() -> Role {
        let kinds =
            vec![Kind::Plain, Kind::Pair(1, 2), Kind::Named { z: 1, a: 2 }, Kind::One(Box::new(Kind::Plain))];
        Role {
            slug: "a, \"b\": {c}",
            score: 0.1,
            alias: None,
            more: BTreeMap::from([("m", kinds), ("b", Vec::new())]),
        }
    }

    #[test]
    fn members_are_in_order_and_a_small_float_keeps_its_digits() {
        assert_eq!(
            to_json(&role()).unwrap(),
            r#"{"alias":null,"b":[],"m":["plain",{"pair":[1,2]},{"named":{"a":2,"z":1}},{"one":"plain"}],"score":0.1,"slug":"a, \"b\": {c}"}"#
        );
    }

    #[test]
    fn names_that_begin_alike_are_in_the_order_of_their_bytes() {
        let json = to_json(&std::collections::HashMap::from([("a b", 1), ("a", 2), ("ab", 3)])).unwrap();
        assert_eq!(json, r#"{"a":2,"a b":1,"ab":3}"#);
    }

    #[test]
    fn what_is_indented_says_the_same() {
        let json = to_json(&role()).unwrap();
        let spread = indented(&json);
        assert!(spread.starts_with("{\n  \"alias\": null,\n  \"b\": [],\n"), "{spread}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&spread).unwrap(),
            serde_json::from_str::<serde_json::Value>(&json).unwrap()
        );
    }
}
