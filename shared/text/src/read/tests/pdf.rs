use pdf_extract::content::{Content, Operation};
use pdf_extract::encryption::{EncryptionState, EncryptionVersion, Permissions};
use pdf_extract::{Document, Object, Stream, dictionary};

use super::super::{Format, ReadError};
use super::{error, read, text};

/// Lines of 11 points, one under the other, at an indent each; a page for each slice.
fn pdf_of(pages: &[&[(i64, &str)]]) -> Document {
    let mut document = Document::with_version("1.5");
    let pages_id = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let mut kids: Vec<Object> = Vec::new();
    for lines in pages {
        let mut operations =
            vec![Operation::new("BT", vec![]), Operation::new("Tf", vec!["F1".into(), 11.into()])];
        for (n, (indent, line)) in lines.iter().enumerate() {
            let y = 780 - 14 * n as i64;
            let at = [1.into(), 0.into(), 0.into(), 1.into(), (72 + indent).into(), y.into()].to_vec();
            operations.push(Operation::new("Tm", at));
            let bytes: Vec<u8> = line.chars().map(|c| if c == '•' { 0x95 } else { c as u8 }).collect();
            operations.push(Operation::new("Tj", vec![Object::string_literal(bytes)]));
        }
        operations.push(Operation::new("ET", vec![]));
        let content = Content { operations }.encode().unwrap();
        let content = document.add_object(Stream::new(dictionary! {}, content));
        kids.push(
            document
                .add_object(dictionary! { "Type" => "Page", "Parent" => pages_id, "Contents" => content })
                .into(),
        );
    }
    let count = kids.len() as i64;
    document.objects.insert(
        pages_id,
        dictionary! {
            "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
        .into(),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages_id });
    document.trailer.set("Root", catalog);
    let id = Object::string_literal(vec![7; 16]);
    document.trailer.set("ID", vec![id.clone(), id]);
    document.compress();
    document
}

fn bytes(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_pdf_gives_its_lines_and_keeps_its_bullets() {
    let pdf = bytes(pdf_of(&[
        &[(0, "Rust Engineer"), (10, "• Build services"), (10, "• Own tests")],
        &[(0, "Apply now")],
    ]));
    assert_eq!(read(&pdf).unwrap().format, Format::Pdf);
    assert_eq!(text(&pdf), "Rust Engineer\n• Build services\n• Own tests\n\nApply now");
}

#[test]
fn a_line_that_ended_for_want_of_room_goes_on() {
    let lines: &[(i64, &str)] = &[
        (0, "We build reliable services for millions of people, and cross-"),
        (0, "functional teams own them. You know distributed systems and"),
        (0, "their failures."),
        (0, "Benefits"),
        (0, "• A very long list item that fills the whole of its line, all"),
        (10, "the way to the edge"),
        (0, "• Another"),
    ];
    assert_eq!(
        text(bytes(pdf_of(&[lines]))),
        "We build reliable services for millions of people, and cross-functional teams own them. You know \
        distributed systems and their failures.\nBenefits\n• A very long list item that fills the whole of its line, \
        all the way to the edge\n• Another"
    );
}

#[test]
fn a_broken_pdf_is_named() {
    let whole = bytes(pdf_of(&[&[(0, "Rust")]]));
    for cut in [9, 100, whole.len() / 2, whole.len() - 40] {
        assert_eq!(error(&whole[..cut]).code(), "broken_pdf", "cut at {cut}");
    }
}

#[test]
fn an_encrypted_pdf_is_named_and_an_empty_password_opens_it() {
    let locked = |password: &str| {
        let mut document = pdf_of(&[&[(0, "Rust Engineer")]]);
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: password,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        bytes(document)
    };
    assert_eq!(error(locked("secret")), ReadError::EncryptedPdf);
    assert_eq!(text(locked("")), "Rust Engineer");
}

#[test]
fn a_pdf_of_pictures_has_no_text() {
    assert_eq!(error(bytes(pdf_of(&[&[], &[]]))), ReadError::PdfWithoutText { pages: 2 });
}

#[test]
fn a_panic_of_the_parser_is_an_answer() {
    let mut document = pdf_of(&[&[(0, "Rust")]]);
    for object in document.objects.values_mut() {
        if let Ok(dictionary) = object.as_dict_mut() {
            dictionary.remove(b"MediaBox");
        }
    }
    assert_eq!(error(bytes(document)).code(), "broken_pdf");
}

#[test]
fn a_damaged_pdf_is_read_or_refused() {
    let whole = bytes(pdf_of(&[&[(0, "Rust Engineer")]]));
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x15;
        read(damaged).ok();
    }
}
