//! The whole product: postings in at the broker, rows out in PostgreSQL.

use contract::Stage;
use lapin::types::AMQPValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use strum::VariantArray as _;
use support::broker::Client;
use tests::stand::Stand;

const SOON: Duration = Duration::from_secs(60);

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The samples that are text, as a file of postings.
fn postings(folder: &Path) -> PathBuf {
    let path = folder.join("postings.jsonl");
    let mut file = std::fs::File::create(&path).unwrap();
    for sample in samples() {
        let name = sample.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(text) = std::fs::read_to_string(&sample) else { continue };
        let member = if name.ends_with(".html") { "html" } else { "text" };
        if name.ends_with(".json") || name.ends_with(".jsonl") {
            continue;
        }
        writeln!(file, "{}", json!({ "id": name, "source": "samples", member: text })).unwrap();
    }
    path
}

fn line_by_id(lines: &[u8]) -> BTreeMap<String, Value> {
    String::from_utf8_lossy(lines)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["run_id"].as_str().unwrap().to_owned(), line))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_workers_write_is_what_one_process_answers() {
    let stand = Stand::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = postings(folder.path());
    let count = std::fs::read_to_string(&file).unwrap().lines().count() as i64;
    let _workers = stand.start_all().await;
    stand.publish(&file);
    stand.ended(count, SOON).await;
    let stored = stand.rolemill(&["runs", "export", "--with-contacts"]);
    let in_process = stand.rolemill(&["run", "--no-store", "--format", "jsonl", &file.to_string_lossy()]);
    let (stored, in_process) = (line_by_id(&stored.stdout), line_by_id(&in_process.stdout));
    assert_eq!(stored.keys().collect::<Vec<_>>(), in_process.keys().collect::<Vec<_>>());
    for (run, mut answer) in in_process {
        let mut kept = stored[&run].clone();
        for outputs in [&mut answer["outputs"], &mut kept["outputs"]] {
            outputs.as_object_mut().unwrap().remove("persistence");
        }
        assert_eq!(kept["outputs"], answer["outputs"], "{run} ({})", answer["id"]);
        assert_eq!(kept["status"], answer["status"]);
    }
    support::wait_until("the ledger knows how all ended", SOON, async || {
        let open = "SELECT count(*) FROM accepted_runs WHERE state IN ('completed', 'rejected') AND body IS NOT NULL";
        stand.count(open).await == count
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_of_the_entrance_is_open_and_a_bad_message_ends_as_a_dead_letter_with_its_cause() {
    let stand = Stand::new().await;
    let _workers = stand.start_all().await;
    let client = Client::connect(stand.prefix.url()).await;
    let text = "Backend Engineer\n\nWhat you do\n- Build services in Rust\n- Review code\n\nRequirements\n- 5 years of Rust or Go\n- PostgreSQL";
    let pdf = std::fs::read(
        samples().into_iter().find(|path| path.extension().is_some_and(|end| end == "pdf")).unwrap(),
    );
    let event = json!({ "specversion": "1.0", "id": "e1", "source": "/ats", "type": "posted", "data": { "title": "Cook", "text": text } });
    let good: [(&str, Vec<u8>); 5] = [
        ("text/plain", text.into()),
        ("text/html", format!("<html><body><h1>Backend Engineer</h1><p>{text}</p></body></html>").into()),
        ("application/pdf", pdf.unwrap()),
        ("application/json", json!({ "id": 7, "text": format!("{text}\n- Docker") }).to_string().into()),
        ("application/cloudevents+json", event.to_string().into()),
    ];
    let bad: [(&str, &[u8], &str); 4] = [
        ("application/json", b"[]", "does not begin with {"),
        ("application/json", b"{\"id\": 1}", "neither"),
        ("application/cloudevents+json", b"{}", "no CloudEvent"),
        ("text/plain", b"", "empty"),
    ];
    let exchange = format!("{}.in", stand.prefix);
    let typed =
        |name: &str| lapin::BasicProperties::default().with_delivery_mode(2).with_content_type(name.into());
    for (content_type, body) in &good {
        client.publish(&exchange, "jd.board", body, typed(content_type)).await;
    }
    for (content_type, body, _) in &bad {
        client.publish(&exchange, "jd.board", body, typed(content_type)).await;
    }
    stand.ended((good.len() + bad.len()) as i64, SOON).await;
    let ended: Vec<(String, i64)> = stand
        .rows("SELECT status, count(*) FROM runs GROUP BY status ORDER BY status")
        .await
        .iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect();
    assert_eq!(ended, [("completed".to_owned(), 5), ("dead_lettered".to_owned(), 4)]);
    let causes: Vec<String> = stand
        .rows("SELECT message FROM dead_letters WHERE code = 'malformed'")
        .await
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    for (_, _, words) in bad {
        assert!(causes.iter().any(|cause| cause.contains(words)), "{words}: {causes:?}");
    }
    client.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_through_all_stages_and_out() {
    let stand = Stand::new().await;
    let client = Client::connect(stand.prefix.url()).await;
    broker::topology::apply(&stand.broker()).await.unwrap();
    // A tap on every stage's way, beside the workers' queues.
    let tap = stand.prefix.name("tap");
    client.declare(&tap).await;
    for stage in Stage::VARIANTS.iter().skip(1) {
        client.bind(&tap, &format!("{}.stage", stand.prefix), &stage.to_string()).await;
    }
    client.bind(&tap, &format!("{}.events", stand.prefix), "run.*").await;
    let _workers = stand.start_all().await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let mut headers = lapin::types::FieldTable::default();
    headers.insert("traceparent".into(), AMQPValue::LongString(parent.into()));
    headers.insert("x-death".into(), AMQPValue::LongString("carried by mistake".into()));
    let properties =
        lapin::BasicProperties::default().with_content_type("text/plain".into()).with_headers(headers);
    let body = b"Backend Engineer\n\nRequirements\n- Rust, five years\n- PostgreSQL\n\nWhat you do\n- Build services\n- Review code";
    client.publish(&format!("{}.in", stand.prefix), "jd.board", body, properties).await;
    let hops = client.take_many(&tap, 5, SOON).await;
    let traces: BTreeSet<String> = hops
        .iter()
        .map(|delivery| {
            let headers = delivery.properties.headers().as_ref().unwrap();
            assert!(headers.inner().keys().all(|name| !name.as_str().starts_with("x-")), "{headers:?}");
            let AMQPValue::LongString(parent) = &headers.inner()["traceparent"] else { panic!("no trace") };
            String::from_utf8_lossy(parent.as_bytes()).split('-').nth(1).unwrap().to_owned()
        })
        .collect();
    assert_eq!(traces, BTreeSet::from(["4bf92f3577b34da6a3ce929d0e0e4736".to_owned()]));
    let ids: BTreeSet<_> = hops.iter().map(|hop| hop.properties.message_id().clone().unwrap()).collect();
    assert_eq!(ids.len(), 5);
    client.close().await;
}
