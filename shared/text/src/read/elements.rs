//! The elements of HTML that matter to its text.

/// How an element shapes the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Root,
    Block,
    Paragraph,
    List,
    Item,
    Table,
    Row,
    Cell,
}

/// The elements that break lines, by name; only these are kept track of while open.
pub(super) const ELEMENTS: [(&[u8], Shape); 48] = [
    (b"address", Shape::Block),
    (b"article", Shape::Block),
    (b"aside", Shape::Block),
    (b"blockquote", Shape::Paragraph),
    (b"body", Shape::Root),
    (b"caption", Shape::Block),
    (b"center", Shape::Block),
    (b"dd", Shape::Block),
    (b"details", Shape::Block),
    (b"dialog", Shape::Block),
    (b"div", Shape::Block),
    (b"dl", Shape::List),
    (b"dt", Shape::Block),
    (b"fieldset", Shape::Block),
    (b"figcaption", Shape::Block),
    (b"figure", Shape::Block),
    (b"footer", Shape::Block),
    (b"form", Shape::Block),
    (b"h1", Shape::Paragraph),
    (b"h2", Shape::Paragraph),
    (b"h3", Shape::Paragraph),
    (b"h4", Shape::Paragraph),
    (b"h5", Shape::Paragraph),
    (b"h6", Shape::Paragraph),
    (b"header", Shape::Block),
    (b"hgroup", Shape::Block),
    (b"html", Shape::Root),
    (b"legend", Shape::Block),
    (b"li", Shape::Item),
    (b"main", Shape::Block),
    (b"menu", Shape::List),
    (b"nav", Shape::Block),
    (b"ol", Shape::List),
    (b"p", Shape::Paragraph),
    (b"pre", Shape::Paragraph),
    (b"search", Shape::Block),
    (b"section", Shape::Block),
    (b"summary", Shape::Block),
    (b"table", Shape::Table),
    (b"tbody", Shape::Block),
    (b"td", Shape::Cell),
    (b"textarea", Shape::Block),
    (b"tfoot", Shape::Block),
    (b"th", Shape::Cell),
    (b"thead", Shape::Block),
    (b"tr", Shape::Row),
    (b"ul", Shape::List),
    (b"xmp", Shape::Paragraph),
];

pub(super) fn element(name: &[u8]) -> Option<usize> {
    ELEMENTS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()
}

/// Their text is a program, or a page of its own; the tokenizer looks for nothing but their end tag.
pub(super) const RAW: [&[u8]; 6] = [b"iframe", b"noembed", b"noframe", b"noscript", b"script", b"style"];
/// Never shown as text.
pub(super) const UNSEEN: [&[u8]; 9] =
    [b"audio", b"canvas", b"datalist", b"noframes", b"object", b"select", b"svg", b"template", b"video"];
pub(super) const VOID: [&[u8]; 13] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source",
    b"track", b"wbr",
];

/// Whether an inline style hides its element.
pub(super) fn hides(style: &str) -> bool {
    style.split(';').any(|declaration| {
        let declaration = declaration.to_ascii_lowercase();
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let value = value.trim().trim_end_matches("!important").trim();
        match property.trim() {
            "display" => value == "none",
            "visibility" => value == "hidden" || value == "collapse",
            "font-size" => {
                let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
                number.parse::<f32>().is_ok_and(|size| size <= 0.0)
            }
            _ => false,
        }
    })
}
