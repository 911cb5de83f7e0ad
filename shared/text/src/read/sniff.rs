//! What a document is: by its content type when that says something, else by its bytes.

use memchr::{memchr, memchr2, memmem};

use super::Format;

/// What a content type says.
#[derive(Debug, Default)]
pub(super) struct MediaType {
    /// The format it names.
    pub(super) format: Option<Format>,
    /// It says `text/plain`: neither Markdown nor JSON, but many call HTML so.
    pub(super) plain: bool,
    /// Its `charset` parameter.
    pub(super) charset: Option<String>,
}

impl MediaType {
    pub(super) fn parse(content_type: &str) -> Self {
        let mut parts = content_type.split(';');
        let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = parts.find_map(|part| {
            let (key, value) = part.split_once('=')?;
            let value = value.trim().trim_matches('"');
            (key.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
        });
        let format = match name.as_str() {
            "text/html" | "application/xhtml+xml" => Some(Format::Html),
            "text/markdown" | "text/x-markdown" => Some(Format::Markdown),
            "application/json" => Some(Format::Json),
            "application/pdf" | "application/x-pdf" => Some(Format::Pdf),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Some(Format::Docx),
            _ => None,
        };
        Self { format, plain: name == "text/plain", charset }
    }
}

/// The formats that are no text, by their first bytes. Every ZIP archive goes to the DOCX reader, which
/// tells when it is none.
pub(super) fn binary(bytes: &[u8]) -> Option<Format> {
    // Readers of PDF allow some bytes before the header.
    let head = &bytes[..bytes.len().min(1024)];
    let pdf = memmem::find(head, b"%PDF-");
    if pdf.is_some_and(|at| head[..at].iter().all(|byte| byte.is_ascii_whitespace() || !byte.is_ascii())) {
        return Some(Format::Pdf);
    }
    let zip = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06");
    zip.then_some(Format::Docx)
}

/// The names of formats that would pass for something else, and are not read.
pub(super) fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Some("an old or a password-protected Office file")
    } else if bytes.starts_with(b"{\\rtf") {
        Some("Rich Text (RTF)")
    } else {
        None
    }
}

/// The format of a text; `plain` when the sender said that it is plain.
pub(super) fn text(text: &str, plain: bool) -> Format {
    if !plain && opens_an_object(text) {
        Format::Json
    } else if is_html(text) {
        Format::Html
    } else if !plain && is_markdown(text) {
        Format::Markdown
    } else {
        Format::Plain
    }
}

/// `{` and then a member or the end; `{Company} is hiring` is no object.
fn opens_an_object(text: &str) -> bool {
    text.trim_start().strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

const HTML_TAGS: [&str; 18] = [
    "p", "div", "br", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "span", "strong",
    "html", "body", "!doctype",
];

/// At least three of the common tags are there and one closes; a placeholder such as `<ADDRESS>` does not
/// make a page, a document type does.
pub(super) fn is_html(text: &str) -> bool {
    let head = text.trim_start();
    if head.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) && is_tag(&head[1..]) {
        return true;
    }
    let (mut tags, mut closing) = (0, 0);
    let mut rest = text;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        rest = &rest[at + 1..];
        let closes = rest.starts_with('/');
        let Some(inside) = tag(&rest[usize::from(closes)..]) else { continue };
        tags += 1;
        closing += usize::from(closes || inside.ends_with('/'));
        if tags >= 3 && closing >= 1 {
            return true;
        }
    }
    false
}

fn is_tag(rest: &str) -> bool {
    tag(rest).is_some()
}

/// What stands between the name of a known tag and its `>`.
fn tag(rest: &str) -> Option<&str> {
    let name = rest.bytes().take(9).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'!').count();
    let known = HTML_TAGS.iter().any(|known| rest[..name].eq_ignore_ascii_case(known));
    let inside = &rest[name..];
    let ends = known && inside.starts_with(['>', '/', ' ', '\t', '\n', '\r']);
    // A tag's own text has no '<' before its '>': so this scan never reads a byte twice.
    let end = if ends { memchr2(b'<', b'>', inside.as_bytes())? } else { return None };
    (inside.as_bytes()[end] == b'>').then(|| &inside[..end])
}

/// Plainly Markdown: two kinds of its marks, one of them a heading, a link or a line in bold. Asterisks and
/// hyphens alone are everywhere in plain postings.
fn is_markdown(text: &str) -> bool {
    let (mut headings, mut bold_lines, mut bold, mut links, mut items, mut fences) = (0, 0, 0, 0, 0, 0);
    for line in text.lines().take(4000) {
        let line = line.trim();
        headings += usize::from(is_heading(line));
        fences += usize::from(line.starts_with("```"));
        items += usize::from(["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark)));
        links += usize::from(has_link(line));
        let stars = memmem::find_iter(line.as_bytes(), b"**").take(3).count();
        bold += usize::from(stars >= 2);
        bold_lines +=
            usize::from(stars == 2 && line.starts_with("**") && line.trim_end_matches(':').ends_with("**"));
    }
    let lists = items >= 2;
    headings >= 2
        || fences >= 2
        || (headings == 1 && (lists || links > 0 || bold > 0))
        || (links >= 1 && (lists || bold_lines > 0))
        || (bold_lines >= 2 && lists)
}

/// `# Heading`, not `#hashtag` and not `# of openings: 3`.
fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with(' ') && !rest.starts_with(" of ")
}

/// `[text](https://…)` or `[text](mailto:…)`.
fn has_link(line: &str) -> bool {
    let (Some(first), Some(last)) = (line.find('['), line.rfind(')')) else { return false };
    memmem::find_iter(line.as_bytes(), b"](").any(|at| {
        let target = &line[at + 2..];
        first < at && at < last && ["http", "mailto:", "/", "#"].iter().any(|start| target.starts_with(start))
    })
}
