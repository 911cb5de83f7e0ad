//! Reads postings as JSON lines (`id`, `title`, `text`) and prints how each responsibility is read: a look at the
//! nature of work and the result areas, for people.

use contract::{Content, Document, ItemKind, Options};
use decision::Decision;
use enrichment::Enrichment;
use library::{Library, StaticTable};
use parse::Parse;
use signals::Signals;
use std::error::Error;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Instant;
use text::read::Reader;

fn main() -> Result<(), Box<dyn Error>> {
    let library = Arc::new(Library::build(library::shipped())?);
    let parse = Parse::new(Arc::clone(&library), Reader::in_process());
    let signals = Signals::new(Arc::clone(&library), StaticTable::shared());
    let decision = Decision::new(Arc::clone(&library));
    let enrichment = Enrichment::new(library, StaticTable::shared());
    let options = Options::default();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut postings, mut seconds) = (0u32, 0.0);
    for line in std::io::stdin().lock().lines() {
        let posting: serde_json::Value = serde_json::from_str(&line?)?;
        let field = |name: &str| posting[name].as_str().map(str::to_owned);
        let mut document = Document::new(Content::Text(field("text").unwrap_or_default()), None);
        document.title_hint = field("title");
        let parsed = parse.of(&document, &options);
        if !parsed.jd_type.goes_on() {
            continue;
        }
        let decided = decision.of(&signals.of(&parsed));
        let begun = Instant::now();
        let enriched = enrichment.of(&parsed, &decided);
        seconds += begun.elapsed().as_secs_f64();
        postings += 1;
        writeln!(out, "# {} | {}", field("id").unwrap_or_default(), field("title").unwrap_or_default())?;
        for item in parsed.items.iter().filter(|item| item.kind == ItemKind::Responsibility) {
            let words: String =
                parsed.text.chars().skip(item.start as usize).take((item.end - item.start) as usize).collect();
            writeln!(out, "- {}", words.replace('\n', " "))?;
        }
        writeln!(out, "= {}", serde_json::to_string(&enriched.client.nature_of_work)?)?;
        for kra in enriched.client.kra_description.value.iter().flatten() {
            writeln!(out, "* {}", serde_json::to_string(kra)?)?;
        }
    }
    eprintln!("{postings} postings, {:.3} ms each", seconds * 1e3 / f64::from(postings.max(1)));
    Ok(())
}
