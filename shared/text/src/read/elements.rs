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
pub(super) const UNSEEN: [&[u8]; 11] = [
    b"audio",
    b"canvas",
    b"datalist",
    b"meter",
    b"noframes",
    b"object",
    b"progress",
    b"select",
    b"svg",
    b"template",
    b"video",
];
pub(super) const VOID: [&[u8]; 13] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source",
    b"track", b"wbr",
];

/// Further out of the page than this, in CSS pixels, nobody scrolls.
const OUTSIDE: f32 = -900.0;
/// Letters of at most this size, in CSS pixels, are dust.
const DUST: f32 = 1.0;

/// Whether an inline style hides its element: it is not drawn, or outside of the page, or too small to be seen.
///
/// What only waits to be faded in or folded out (`opacity:0`, `height:0`) is shown in time, so it is read.
pub(super) fn hides(style: &str) -> bool {
    let style = without_comments(style).to_ascii_lowercase();
    style.split(';').any(|declaration| {
        let Some((property, value)) = declaration.split_once(':') else { return false };
        let value = value.trim().trim_end_matches("important").trim_end().trim_end_matches('!').trim();
        match property.trim() {
            "display" => value == "none",
            "visibility" => value == "hidden" || value == "collapse",
            "content-visibility" => value == "hidden",
            "mso-hide" => value == "all",
            // Letters through which a background shows are seen.
            "color" | "-webkit-text-fill-color" => {
                value == "transparent" && !style.contains("background-clip")
            }
            "font-size" => length(value).is_some_and(|size| size <= DUST),
            "text-indent" | "left" | "top" | "right" | "bottom" | "margin-left" | "margin-top" => {
                length(value).is_some_and(|place| place <= OUTSIDE)
            }
            "clip" => value.strip_prefix("rect(").is_some_and(|edges| {
                let mut edges = edges.trim_end_matches(')').split([',', ' ']).filter(|edge| !edge.is_empty());
                edges.all(|edge| length(edge).is_some_and(|edge| edge <= DUST))
            }),
            "clip-path" => matches!(value, "inset(50%)" | "inset(100%)" | "circle(0)"),
            "transform" => matches!(value, "scale(0)" | "scale(0,0)" | "scale(0, 0)"),
            _ => false,
        }
    })
}

/// A CSS length in pixels; a share counts as one of usual letters.
fn length(value: &str) -> Option<f32> {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = match &value[number.len()..] {
        "em" | "rem" | "ch" | "ex" => 16.0,
        "pt" => 4.0 / 3.0,
        "%" => 0.16,
        "vw" | "vh" => 10.0,
        _ => 1.0,
    };
    number.parse::<f32>().ok().map(|number| number * unit)
}

/// A style without its comments; one that does not end takes the rest with it.
fn without_comments(style: &str) -> String {
    let mut kept = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    kept.push_str(rest);
    kept
}
