use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::super::{Format, ReadError};
use super::{error, read, text};

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn document(body: &str) -> Vec<u8> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>{body}</w:body></w:document>"
    );
    archive(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", xml.as_bytes())])
}

fn paragraph(runs: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{runs}</w:t></w:r></w:p>")
}

#[test]
fn paragraphs_are_lines_and_listed_ones_have_bullets() {
    let body = "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>R&amp;D</w:t></w:r></w:p>\
        <w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"3\"/></w:numPr></w:pPr><w:r><w:t>Ru</w:t></w:r><w:r><w:t>st</w:t></w:r></w:p>\
        <w:p><w:pPr><w:numPr><w:numId w:val=\"0\"/></w:numPr></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c &#x2013; d</w:t></w:r></w:p><w:p/>\
        <w:p><w:pPr><w:pStyle w:val=\"ListBullet\"/></w:pPr><w:r><w:t>Go</w:t></w:r></w:p>";
    let docx = document(body);
    assert_eq!(read(&docx).unwrap().format, Format::Docx);
    assert_eq!(text(&docx), "R&D\n• Rust\na\tb\nc – d\n\n• Go");
}

#[test]
fn deleted_and_hidden_text_is_not_read() {
    let body = "<w:p><w:r><w:t>a</w:t></w:r><w:del><w:r><w:t>x</w:t><w:delText>x</w:delText></w:r></w:del>\
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>b</w:t></w:r>\
        <w:r><w:instrText>HYPERLINK</w:instrText></w:r><w:ins><w:r><w:t>c</w:t></w:r></w:ins>\
        <w:r><w:rPr><w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>d</w:t></w:r></w:p>";
    assert_eq!(text(document(body)), "abcd");
}

#[test]
fn a_text_box_is_read_once_and_after_its_paragraph() {
    let inside = format!("<w:txbxContent>{}</w:txbxContent>", paragraph("box"));
    let body = format!(
        "<w:p><w:r><w:t>be</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>{inside}</mc:Choice>\
        <mc:Fallback><w:pict>{inside}</w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>fore</w:t></w:r></w:p>{}",
        paragraph("after")
    );
    assert_eq!(text(document(&body)), "before\nbox\nafter");
}

#[test]
fn a_table_is_read_row_by_row() {
    let cell = |inside: &str| format!("<w:tc><w:tcPr/>{inside}</w:tc>");
    let two = cell(&paragraph("Skill")) + &cell(&paragraph("Years"));
    let layout = cell(&(paragraph("a") + &paragraph("b")))
        + &cell(&format!("<w:tbl><w:tr>{two}</w:tr></w:tbl><w:p/>"));
    let body = format!("<w:tbl><w:tr>{two}</w:tr><w:tr>{layout}</w:tr></w:tbl>{}", paragraph("end"));
    assert_eq!(text(document(&body)), "Skill\tYears\na\nb\nSkill\tYears\nend");
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![b' '; 60 << 20];
    let bomb = archive(&[("word/document.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(error(&bomb).code(), "archive_too_large");
}

#[test]
fn a_zip_bomb_that_lies_is_stopped_while_it_unpacks() {
    let mut bomb = archive(&[("word/document.xml", &vec![b' '; 80 << 20])]);
    // The sizes in the central directory and in the local header.
    let honest = (80_u32 << 20).to_le_bytes();
    let places: Vec<usize> = memchr::memmem::find_iter(&bomb, &honest).collect();
    assert!(!places.is_empty());
    for at in places {
        bomb[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    assert_eq!(error(&bomb).code(), "archive_too_large");
}

#[test]
fn thousands_of_entries_are_refused() {
    let names: Vec<String> = (0..5000).map(|n| format!("{n}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert_eq!(error(archive(&parts)).code(), "archive_too_large");
}

#[test]
fn entities_are_not_expanded() {
    let laughs = "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><w:document xmlns:w=\"w\"><w:body>\
        <w:p><w:r><w:t>x&b;&amp;y</w:t></w:r></w:p></w:body></w:document>";
    assert_eq!(text(archive(&[("word/document.xml", laughs.as_bytes())])), "x&y");
}

#[test]
fn archives_that_are_no_document_are_named() {
    assert!(error(archive(&[("a.txt", b"Rust")])).to_string().contains("no word/document.xml"));
    assert_eq!(error(document("")), ReadError::NoText { format: Format::Docx });
    let whole = document(&paragraph("Rust"));
    assert_eq!(error(&whole[..whole.len() / 2]).code(), "broken_docx");
    assert_eq!(error(archive(&[("word/document.xml", b"<w:document><w:body><w:p>")])).code(), "broken_docx");
    assert_eq!(error(archive(&[("word/document.xml", b"<w:document><w:body></w:p>")])).code(), "broken_docx");
    assert_eq!(error(archive(&[("word/document.xml", b"<a/>")])).code(), "broken_docx");
    assert_eq!(error(archive(&[("word/document.xml", b"\xff\xfe\x00")])).code(), "broken_docx");
}

#[test]
fn a_damaged_document_is_read_or_refused() {
    let whole = document(&paragraph("Rust &amp; Go"));
    for at in 0..whole.len() {
        for change in [0, 1, 0x7f, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] ^= change;
            read(damaged).ok();
        }
    }
}

#[test]
fn deep_nesting_costs_nothing() {
    let deep = "<w:p><w:r><w:tbl><w:tr><w:tc>".repeat(20_000);
    assert!(error(document(&deep)).to_string().contains("nested"));
}

#[test]
fn too_much_text_is_noticed_early() {
    let long: String = (0..40_000).map(|n| paragraph(&format!("{:x}", n * 2_654_435_761_u64))).collect();
    assert_eq!(error(document(&long)).code(), "text_too_large");
}
