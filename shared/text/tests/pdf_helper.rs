//! The helper process, for real: this executable is both sides. It has no harness, because the helper's
//! standard output is its answer.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use text::read::{ReadError, Reader, helper_main};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("--as-helper") => return helper_main(),
        Some("--as-endless-helper") => loop {
            std::thread::park();
        },
        Some("--as-dead-helper") => return ExitCode::from(3),
        // What other runners ask for.
        Some("--list") => {
            if !arguments.any(|argument| argument == "--ignored") {
                println!("pdf_helper: test");
            }
            return ExitCode::SUCCESS;
        }
        Some(_) | None => {}
    }
    the_helper_reads_a_pdf();
    the_helper_says_what_is_wrong();
    a_pdf_that_fills_the_memory_ends_the_helper_alone();
    nesting_that_overflows_the_stack_ends_the_helper_alone();
    a_helper_that_fails_is_not_the_documents_fault();
    a_helper_that_never_answers_is_killed();
    println!("pdf_helper: 6 passed");
    ExitCode::SUCCESS
}

fn helper(argument: &str) -> Reader {
    Reader::with_helper(std::env::current_exe().unwrap(), vec![argument.to_owned()])
}

fn read(pdf: &[u8]) -> Result<String, ReadError> {
    helper("--as-helper").read(pdf, Some("application/pdf")).map(|reading| reading.text)
}

/// A page that shows `content`, with the cross-reference table that it needs.
fn pdf(content: &[u8], dictionary: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    let stream =
        [format!("<</Length {} {dictionary}>>stream\n", content.len()).as_bytes(), content, b"\nendstream"]
            .concat();
    for (n, object) in [
        b"<</Type/Catalog/Pages 2 0 R>>".as_slice(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</X 4 0 R>>>>>>",
        &stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    .iter()
    .enumerate()
    {
        offsets.push(bytes.len());
        bytes.extend_from_slice(&[format!("{} 0 obj\n", n + 1).as_bytes(), object, b"\nendobj\n"].concat());
    }
    let table = bytes.len();
    let entries: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
    let end = format!(
        "xref\n0 6\n0000000000 65535 f \n{entries}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF"
    );
    bytes.extend_from_slice(end.as_bytes());
    bytes
}

fn the_helper_reads_a_pdf() {
    let page = pdf(b"BT /F1 12 Tf 72 700 Td (Rust Engineer) Tj 0 -14 Td (Berlin) Tj ET", "");
    assert_eq!(read(&page).unwrap(), "Rust Engineer\nBerlin");
}

fn the_helper_says_what_is_wrong() {
    assert_eq!(read(b"%PDF-1.4 and no more").unwrap_err().code(), "broken_pdf");
    assert_eq!(read(&pdf(b"", "")).unwrap_err(), ReadError::PdfWithoutText { pages: 1 });
}

/// A stream of four packings, each of zeros a thousandfold.
fn a_pdf_that_fills_the_memory_ends_the_helper_alone() {
    let pack = |bytes: &[u8]| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packer, bytes).unwrap();
        packer.finish().unwrap()
    };
    let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..1500 {
        std::io::Write::write_all(&mut bomb, &zeros).unwrap();
    }
    let bomb = pack(&bomb.finish().unwrap());
    let error = read(&pdf(&bomb, "/Filter[/FlateDecode/FlateDecode]")).unwrap_err();
    assert!(matches!(error, ReadError::OutOfMemory { .. } | ReadError::TookTooLong { .. }), "{error:?}");
}

fn nesting_that_overflows_the_stack_ends_the_helper_alone() {
    let deep = [b"BT ".as_slice(), &b"[".repeat(4 << 20), b" TJ ET"].concat();
    let error = read(&pdf(&deep, "")).unwrap_err();
    assert_eq!(error.code(), "broken_pdf", "{error}");
    // A form that shows itself: the content is the page's and, as object 4, its own resource.
    let own = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>";
    let error = read(&pdf(b"/X Do", own)).unwrap_err();
    assert_eq!(error.code(), "pdf_crash", "{error}");
}

fn a_helper_that_fails_is_not_the_documents_fault() {
    let page = pdf(b"", "");
    let error = helper("--as-dead-helper").read(&page, None).unwrap_err();
    assert_eq!(error.code(), "no_helper");
    let missing = Reader::with_helper("/does/not/exist".into(), Vec::new());
    assert_eq!(missing.read(&page, None).unwrap_err().code(), "no_helper");
}

fn a_helper_that_never_answers_is_killed() {
    let started = Instant::now();
    let error = helper("--as-endless-helper").read(&pdf(b"", ""), None).unwrap_err();
    assert_eq!(error, ReadError::TookTooLong { seconds: 10 });
    assert!(started.elapsed() < Duration::from_secs(15));
}
