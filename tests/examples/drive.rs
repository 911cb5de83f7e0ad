#![allow(missing_docs)]
use contract::*;
use std::io::BufRead;
use std::sync::Arc;
use std::time::Instant;
fn main() {
    let t = Instant::now();
    if std::env::args().any(|a| a == "lint") {
        for f in library::lint::lint(library::shipped()) {
            println!("{}: {}", f.rule, f.message);
        }
        return;
    }
    let lib = match library::Library::build(library::shipped()) {
        Ok(l) => Arc::new(l),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    };
    eprintln!(
        "library {:?} {} skills {} aliases",
        t.elapsed(),
        lib.skills().len(),
        lib.aliases().aliases().len()
    );
    let hide = std::env::args().any(|a| a == "hide");
    let frag = std::env::args().any(|a| a == "frag");
    let ponly = std::env::args().any(|a| a == "parse");
    if std::env::args().any(|a| a == "mentions") {
        let parse = parse::Parse::new(lib.clone(), text::read::Reader::in_process());
        for l in std::io::stdin().lock().lines() {
            let v: serde_json::Value = serde_json::from_str(&l.unwrap()).unwrap();
            let d = Document::new(
                Content::Text(v["text"].as_str().unwrap_or("").to_owned()),
                Some("text/plain".into()),
            );
            let p = parse.of(&d, &Options { fragment: true, ..Default::default() });
            let t = text::Text::new(p.text.clone());
            let out: Vec<_> = lib
                .mentions(&p.text, &[])
                .into_iter()
                .map(|m| {
                    let at = t.scalar(m.range.start);
                    let k = p
                        .items
                        .iter()
                        .find(|i| i.start <= at && at < i.end)
                        .map(|i| i.kind.to_string())
                        .unwrap_or("none".into());
                    let sec =
                        p.sections.iter().find(|s| s.start <= at && at < s.end).map(|s| s.kind.to_string());
                    serde_json::json!([
                        lib.skill(m.skill).slug,
                        &p.text[m.range.clone()],
                        sec,
                        k,
                        lib.skill(m.skill).skill_type.to_string()
                    ])
                })
                .collect();
            println!("{}", serde_json::json!(out));
        }
        return;
    }
    let parse = parse::Parse::new(lib.clone(), text::read::Reader::in_process());
    let sig = signals::Signals::new(lib.clone(), library::StaticTable::shared());
    let dec = decision::Decision::new(lib.clone());
    let t = Instant::now();
    let (mut tp, mut ts) = (0.0, 0.0);
    let mut n = 0;
    for l in std::io::stdin().lock().lines() {
        let v: serde_json::Value = serde_json::from_str(&l.unwrap()).unwrap();
        let mut d = Document::new(
            Content::Text(v["text"].as_str().unwrap_or("").to_owned()),
            Some("text/plain".into()),
        );
        if !hide {
            d.title_hint = v["title"].as_str().map(str::to_owned);
        }
        let t0 = Instant::now();
        let p = parse.of(&d, &Options { fragment: frag, ..Default::default() });
        tp += t0.elapsed().as_secs_f64();
        let mut out = serde_json::json!({"parse":p});
        if !ponly && p.jd_type.goes_on() {
            let t0 = Instant::now();
            let s = sig.of(&p);
            let de = dec.of(&s);
            ts += t0.elapsed().as_secs_f64();
            out["signals"] = serde_json::to_value(&s).unwrap();
            out["decision"] = serde_json::to_value(&de).unwrap();
        }
        n += 1;
        println!(
            "{}",
            serde_json::json!({"id":v["id"],"status":if p.jd_type.goes_on(){"completed"}else{"rejected"},"outputs":out})
        );
    }
    eprintln!("{n} in {:?}, parse {:.2} signals+decision {:.2}", t.elapsed(), tp, ts);
}
