//! What the readers promise, a sentence each.

mod docx;
mod html;
mod pdf;

use contract::{MAX_DOCUMENT_BYTES, MAX_TEXT_BYTES};
use proptest::prelude::*;

use super::{Format, NotText, ReadError, Reader, Reading};

fn read_as(bytes: impl AsRef<[u8]>, content_type: &str) -> Result<Reading, ReadError> {
    let content_type = Some(content_type).filter(|name| !name.is_empty());
    Reader::in_process().read(bytes.as_ref(), content_type)
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Reading, ReadError> {
    read_as(bytes, "")
}

#[track_caller]
fn text(bytes: impl AsRef<[u8]>) -> String {
    read(bytes).unwrap().text
}

#[track_caller]
fn error(bytes: impl AsRef<[u8]>) -> ReadError {
    read(bytes).unwrap_err()
}

#[test]
fn a_placeholder_in_angle_brackets_is_plain_text() {
    let posting = "Apply at <ADDRESS> or call <PHONE>.\nAsk for <PERSON>. List<String> is Java.";
    assert_eq!(read(posting).unwrap().format, Format::Plain);
    assert_eq!(text(posting), posting);
}

#[test]
fn three_tags_one_of_which_closes_are_html() {
    assert_eq!(read("<p>Rust<br>Go</p>").unwrap().format, Format::Html);
    assert_eq!(read("<p>Rust<br>Go").unwrap().format, Format::Plain);
    assert_eq!(read("Rust</p> and <ADDRESS> <CITY> </ZIP>").unwrap().format, Format::Plain);
}

#[test]
fn a_content_type_is_believed() {
    assert_eq!(read_as("<b>Rust</b>", "text/html; charset=utf-8").unwrap().text, "Rust");
    assert_eq!(read_as("**Rust**", "text/markdown").unwrap().text, "Rust");
    assert_eq!(read_as("Rust", "application/json").unwrap_err().code(), "broken_json");
    assert_eq!(read_as("Rust", "application/pdf").unwrap_err().code(), "broken_pdf");
    assert_eq!(read_as("{\"title\": \"x\"}", "text/plain").unwrap().format, Format::Plain);
    assert_eq!(read_as("<p>a</p><p>b</p>", "text/plain").unwrap().format, Format::Html);
    assert_eq!(read_as("Rust", "application/x-www-form-urlencoded").unwrap().format, Format::Plain);
}

#[test]
fn nothing_is_an_error_of_its_own() {
    assert_eq!(error(""), ReadError::Empty);
    assert_eq!(error(" \r\n\t"), ReadError::Empty);
    assert_eq!(error("<div><p> </p></div>"), ReadError::NoText { format: Format::Html });
}

#[test]
fn too_large_is_said_with_the_limit() {
    let bytes = MAX_DOCUMENT_BYTES + 1;
    assert_eq!(error(vec![b'a'; bytes]), ReadError::DocumentTooLarge { bytes, limit: MAX_DOCUMENT_BYTES });
    let too_much = ReadError::TextTooLarge { limit: MAX_TEXT_BYTES };
    assert_eq!(error(vec![b'a'; MAX_TEXT_BYTES + 1]), too_much);
    assert_eq!(error(format!("<p>a</p><p>{}</p>", "b ".repeat(MAX_TEXT_BYTES))), too_much);
    assert!(read(vec![b'a'; MAX_TEXT_BYTES]).is_ok());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_eq!(error(b"Rust\0Go"), ReadError::NotText(NotText::Nul { offset: 4 }));
    assert_eq!(error(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").code(), "not_text");
    assert_eq!(error("Rust\u{1}\u{2}"), ReadError::NotText(NotText::ControlCharacters { percent: 33 }));
    assert_eq!(
        error(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"),
        ReadError::UnsupportedFormat { name: "an old or a password-protected Office file" }
    );
}

#[test]
fn a_byte_order_mark_names_the_encoding_and_is_not_text() {
    assert_eq!(text("\u{feff}Müller"), "Müller");
    let wide =
        |order: fn(u16) -> [u8; 2]| "\u{feff}Müller".encode_utf16().flat_map(order).collect::<Vec<u8>>();
    assert_eq!(text(wide(u16::to_le_bytes)), "Müller");
    assert_eq!(text(wide(u16::to_be_bytes)), "Müller");
    let cut = &wide(u16::to_le_bytes)[..13];
    assert_eq!(error(cut).code(), "invalid_encoding");
}

#[test]
fn windows_1252_is_read_when_it_is_named_or_plain() {
    let bytes = b"We\x92re hiring \x96 5+ years\x85 at Caf\xe9 M\xfcller in Z\xfcrich";
    let words = "We’re hiring – 5+ years… at Café Müller in Zürich";
    assert_eq!(text(bytes), words);
    assert_eq!(read_as(bytes, "text/plain; charset=\"windows-1252\"").unwrap().text, words);
    let page = [b"<html><meta charset=iso-8859-1><p>".as_slice(), bytes, b"</p></html>"].concat();
    assert_eq!(text(page), words);
}

#[test]
fn broken_utf_8_is_an_error_with_its_place() {
    let cut = "Zürich, München"[..].as_bytes();
    let broken = [cut, b"\xc3("].concat();
    assert_eq!(error(broken), ReadError::InvalidEncoding { encoding: "UTF-8", offset: cut.len() });
    assert_eq!(error(b"Rust \x81\x8d\x8f"), ReadError::InvalidEncoding { encoding: "UTF-8", offset: 5 });
}

#[test]
fn utf_8_is_utf_8_whatever_it_is_called() {
    assert_eq!(read_as("Müller", "text/plain; charset=latin1").unwrap().text, "Müller");
}

#[test]
fn json_gives_text_and_hints() {
    let json = r#"{"id": "7", "title": "Engineer", "company": null, "location": " ", "source": "board",
        "salary": {"min": [1, 2]}, "text": "Build things."}"#;
    let reading = read(json).unwrap();
    assert_eq!((reading.format, reading.text.as_str()), (Format::Json, "Build things."));
    assert_eq!(reading.hints.id.as_deref(), Some("7"));
    assert_eq!(reading.hints.title.as_deref(), Some("Engineer"));
    assert_eq!((reading.hints.company, reading.hints.location), (None, None));
    assert_eq!(reading.hints.source.as_deref(), Some("board"));
}

#[test]
fn json_text_wins_over_html() {
    assert_eq!(text(r#"{"text": "plain", "html": "<p>page</p>"}"#), "plain");
    assert_eq!(text(r#"{"text": null, "html": "<p>page</p><p>two</p>"}"#), "page\n\ntwo");
    assert_eq!(text(r#"{"text": "<p>page</p><p>two</p>"}"#), "page\n\ntwo");
    assert_eq!(text("{\"text\": \"# no\\n**mark** down\\n- x\"}"), "# no\n**mark** down\n- x");
}

#[test]
fn a_json_title_alone_is_a_reading_without_text() {
    let reading = read(r#"{"title": "Data Engineer"}"#).unwrap();
    assert_eq!((reading.text.as_str(), reading.hints.title.as_deref()), ("", Some("Data Engineer")));
    assert_eq!(error(r#"{"company": "Acme"}"#), ReadError::JsonWithoutText);
    assert_eq!(error("{}"), ReadError::JsonWithoutText);
}

#[test]
fn broken_json_is_named_by_its_place() {
    let ReadError::BrokenJson { line, column, .. } = error("{\"text\": \"a\",\n  \"id\" 7}") else {
        panic!()
    };
    assert_eq!((line, column), (2, 8));
    assert_eq!(error(r#"{"text": "a"} {"text": "b"}"#).code(), "broken_json");
    assert_eq!(
        read_as("\n [\"a\"]", "application/json").unwrap_err().to_string(),
        "the JSON is broken at line 2, column 2: one object is expected"
    );
    assert_eq!(error(r#"{"text": "a\u0000b"}"#), ReadError::NotText(NotText::Nul { offset: 1 }));
    let deep = format!("{{\"x\": {}", "[".repeat(1 << 20));
    assert_eq!(error(deep).code(), "broken_json");
}

#[test]
fn a_json_member_of_a_wrong_type_is_named() {
    assert_eq!(error(r#"{"text": ["a"]}"#), ReadError::JsonMember { member: "text", found: "an array" });
    assert_eq!(error(r#"{"text": "a", "id": 7}"#), ReadError::JsonMember { member: "id", found: "a number" });
}

#[test]
fn a_template_in_braces_is_no_json() {
    assert_eq!(read("{Company} is hiring a {Role}.").unwrap().format, Format::Plain);
}

#[test]
fn markdown_loses_its_marks_and_keeps_its_words() {
    let markdown = "# Rust Engineer\n\nWe are **hiring** in [Berlin](https://example.com/x), see <https://a.example>.\n\
        \n## You will\n\n- build `services`\n- own *tests*\n  - and benches\n\n1. apply\n2. talk\n\n\
        | Skill | Years |\n|---|---|\n| Rust | 5 |\n\n```\nC++ & C#\n```\nWrite to <CONTACT>, AT&amp;T &lt;3";
    let reading = read(markdown).unwrap();
    assert_eq!(reading.format, Format::Markdown);
    assert_eq!(
        reading.text,
        "Rust Engineer\n\nWe are hiring in Berlin (https://example.com/x), see https://a.example.\n\nYou will\n\n\
        • build services\n• own tests\n• and benches\n\n1. apply\n2. talk\n\nSkill\tYears\nRust\t5\n\n\
        C++ & C#\n\nWrite to <CONTACT>, AT&T <3"
    );
}

#[test]
fn stars_and_hyphens_alone_are_plain_text() {
    for posting in [
        "We offer:\n- money\n- fame\n- **much** more",
        "**Please apply **Job Overview: C++\n* one\n* two",
        "#hiring #rust\n# of openings: 3\n- one\n- two",
    ] {
        assert_eq!(text(posting), posting);
        assert_eq!(read(posting).unwrap().format, Format::Plain);
    }
}

#[test]
fn repeated_link_references_do_not_blow_up() {
    let markdown = format!("# A\n# B\n[x]: http://{}\n\n{}", "y".repeat(100_000), "[x] ".repeat(100_000));
    match read(markdown) {
        Ok(reading) => assert!(reading.text.len() <= MAX_TEXT_BYTES),
        Err(error) => assert_eq!(error.code(), "text_too_large"),
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let many = |piece: &str| piece.repeat(MAX_DOCUMENT_BYTES / piece.len());
    for hostile in [
        "](/", "[a](/", "[", "![[", "*a ", "**a", "_", "`a", "> ", "- ", "1. ", "| ", "|-", "<a ", "<p ",
        "<p", "\\", "&", "[a]: b\n", "# a\n", "\n- a", "a\n=\n", "~~", "[^", "<!--", "```\n", "|a\n|-\n",
        "<https:", "{\"a\":",
    ] {
        for kind in ["", "text/markdown"] {
            let started = std::time::Instant::now();
            read_as(many(hostile), kind).ok();
            assert!(started.elapsed().as_secs() < 10, "{hostile:?} as {kind:?} took {:?}", started.elapsed());
        }
    }
}

#[test]
fn every_error_has_a_code_and_one_line() {
    for error in [error(""), error("\0"), error("{\"text\": 1}"), error("{}"), error("PK\x03\x04")] {
        assert!(error.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{error:?}");
        assert!(!error.to_string().contains('\n'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_bytes_make_a_reader_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..2000),
        kind in proptest::sample::select(vec!["", "text/html", "text/markdown", "application/json", DOCX]),
    ) {
        prop_assume!(super::sniff::binary(&bytes) != Some(Format::Pdf));
        read_as(&bytes, kind).ok();
    }

    #[test]
    fn no_marks_make_a_reader_panic(
        marks in "(<(/?(p|li|td|tr|svg|title|div|span|script|ul|x)( hidden| style='display:none')?)>|[ a\n•-]|&(amp;|#0;|nbsp)|<!--|-->|\\*\\*|# |\\[a\\]\\(b\\)|\\|){0,200}",
        kind in proptest::sample::select(vec!["text/html", "text/markdown", "text/plain"]),
    ) {
        read_as(&marks, kind).ok();
    }
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
