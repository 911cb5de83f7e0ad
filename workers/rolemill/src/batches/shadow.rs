//! A replay in the shadow: the work is done here, nothing is stored and nothing is sent, and what differs is shown.

use anyhow::Context as _;
use contract::{RunId, Stage, Status, Versions, canonical};
use host::Shelf;
use model::Model;
use pipeline::{Letter, Malformed, POSTING_KIND, chain};
use replay::{Message, message};
use rolemill::{Engine, EngineConfig, Finished};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::process::ExitCode;
use std::sync::Arc;
use store::{ClaimedItem, Origin, Plan, Preview, ReplayWish, Store, UnreadableItem};
use text::read::Reader;

use super::replay::{left_out, numbers};
use crate::args::READ_PDF;
use crate::dead::args::OneFormat;
use crate::dead::table::{BAD, DIM, GOOD, PLAIN, WAITS, fact, show};
use crate::run::layout::{Page, ink, own, page_width};
use crate::runs::diff::{self, Stages};

/// How many library versions' engines are kept.
const KEPT: usize = 3;
/// Paths of one stage that a page shows.
const PATHS: usize = 10;

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The stored answer again.
    Equal,
    /// Another answer than the stored one.
    Differs,
    /// An answer, where none is stored.
    New,
    /// A stage gave it up.
    GivenUp,
    /// It cannot be made into a message.
    Unsendable,
}

/// One item's shadow.
#[derive(Debug, Serialize)]
struct Shadow {
    run_id: Option<RunId>,
    dead_letter_id: Option<i64>,
    from: Stage,
    library: Option<String>,
    outcome: Outcome,
    /// How the shadow ended.
    status: Option<Status>,
    /// The stored attempt that it is compared with.
    compared_with: Option<u32>,
    role_before: Option<String>,
    role: Option<String>,
    /// What differs, by stage.
    stages: Stages,
    /// Why there is no answer.
    why: Option<String>,
}

/// All shadows together.
#[derive(Debug, Default, Serialize)]
struct Summary {
    equal: u64,
    differ: u64,
    new: u64,
    given_up: u64,
    unsendable: u64,
    /// In how many items each stage differs.
    by_stage: BTreeMap<Stage, u64>,
    /// How often one role took another's place.
    roles: Vec<RoleChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct RoleChange {
    from: Option<String>,
    to: Option<String>,
    count: u64,
}

/// Runs the first items of a replay in the shadow.
pub(super) async fn shadow(
    store: &Store,
    wish: &ReplayWish,
    limit: u64,
    format: OneFormat,
) -> anyhow::Result<ExitCode> {
    let Preview { plan, items, unreadable } = store.preview_replay(wish, limit).await?;
    let mut stage = Theatre::new(store)?;
    let mut shadows: Vec<Shadow> = Vec::with_capacity(items.len() + unreadable.len());
    for item in items {
        let shadow = stage.played(item).await?;
        if format == OneFormat::Pretty {
            show(page(&shadow))?;
        }
        shadows.push(shadow);
    }
    for item in unreadable {
        let shadow = unsendable(item);
        if format == OneFormat::Pretty {
            show(page(&shadow))?;
        }
        shadows.push(shadow);
    }
    let summary = Summary::of(&shadows);
    if format == OneFormat::Json {
        let whole = serde_json::json!({ "plan": plan, "items": shadows, "summary": summary });
        return crate::say(&(serde_json::to_string_pretty(&whole)? + "\n"));
    }
    show(summary.page(&plan, shadows.len() as u64))?;
    Ok(ExitCode::SUCCESS)
}

fn unsendable(item: UnreadableItem) -> Shadow {
    let UnreadableItem { run_id, dead_letter_id, stage, why } = item;
    Shadow { why: Some(why), ..blank(run_id, dead_letter_id, stage, Outcome::Unsendable) }
}

fn blank(run_id: Option<RunId>, dead_letter_id: Option<i64>, from: Stage, outcome: Outcome) -> Shadow {
    Shadow {
        run_id,
        dead_letter_id,
        from,
        library: None,
        outcome,
        status: None,
        compared_with: None,
        role_before: None,
        role: None,
        stages: Stages::default(),
        why: None,
    }
}

/// The engines of the library versions that items are pinned to.
struct Theatre<'a> {
    store: &'a Store,
    shelf: Shelf,
    reader: Reader,
    model: Option<Arc<dyn Model>>,
    engines: VecDeque<Engine>,
}

/// What is looked for in an envelope of any state.
#[derive(Deserialize)]
struct Pinned {
    versions: Versions,
}

impl<'a> Theatre<'a> {
    fn new(store: &'a Store) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own path is not known")?;
        let reader = Reader::with_helper(program, vec![READ_PDF.to_owned()]);
        let models = crate::models(None)?;
        let model = host::consultant(models.as_ref(), Some(store)).context("the language models")?;
        Ok(Self { store, shelf: Shelf::new(store.clone()), reader, model, engines: VecDeque::new() })
    }

    /// The engine of a library version, or of the newest.
    async fn engine(&mut self, library: Option<&str>) -> anyhow::Result<&Engine> {
        let library = self.shelf.library(library).await?;
        let place = self.engines.iter().position(|engine| engine.library().version() == library.version());
        let engine = match place.and_then(|place| self.engines.remove(place)) {
            Some(engine) => engine,
            None => Engine::new(EngineConfig {
                library: Arc::clone(&library),
                reader: self.reader.clone(),
                model: self.model.clone(),
            }),
        };
        self.engines.truncate(KEPT - 1);
        self.engines.push_front(engine);
        Ok(&self.engines[0])
    }

    async fn played(&mut self, item: ClaimedItem) -> anyhow::Result<Shadow> {
        let (dead_letter_id, compared) = match &item.origin {
            Origin::Letter(letter) => (Some(letter.dead_letter_id), None),
            Origin::Run(_) => (None, item.from_attempt),
        };
        let (run_id, from, wanted) = (item.run_id, item.stage, item.versions.library.clone());
        let blank = |outcome| blank(run_id, dead_letter_id, from, outcome);
        let message = match message(item) {
            Ok(message) => message,
            Err(error) => return Ok(Shadow { why: Some(chain(&error)), ..blank(Outcome::Unsendable) }),
        };
        let (library, finished) = match self.run(from, message, wanted).await? {
            (library, Ok(finished)) => (library, finished),
            (library, Err(Malformed(why))) => {
                return Ok(Shadow { library, why: Some(why), ..blank(Outcome::GivenUp) });
            }
        };
        let shadow = Shadow { library, status: Some(finished.status()), ..blank(Outcome::New) };
        let outputs = match &finished {
            Finished::Completed { run, .. } => canonical::to_json(&run.outputs)?,
            Finished::Rejected(run) => canonical::to_json(&run.outputs)?,
            Finished::Buried { stage, cause, .. } => {
                let why = format!("{stage}: {}: {}", cause.code(), chain(cause));
                return Ok(Shadow { why: Some(why), outcome: Outcome::GivenUp, ..shadow });
            }
        };
        let after: Value = serde_json::from_str(&outputs)?;
        let shadow = Shadow { role: diff::role(&after), ..shadow };
        // A dead letter's own attempt left no answer: an earlier or later one of its run may have.
        let stored = match run_id {
            Some(run) => self.store.attempt(run, compared).await?,
            None => None,
        };
        let Some((attempt, before)) = stored.and_then(|stored| Some((stored.attempt, stored.outputs?)))
        else {
            return Ok(shadow);
        };
        let before: Value = serde_json::from_str(&before)?;
        let stages = diff::stages(&before, &after);
        let outcome = if stages.is_empty() { Outcome::Equal } else { Outcome::Differs };
        Ok(Shadow {
            outcome,
            compared_with: Some(attempt),
            role_before: diff::role(&before),
            stages,
            ..shadow
        })
    }

    /// Runs a message on the library version that it is pinned to.
    async fn run(
        &mut self,
        stage: Stage,
        message: Message,
        wanted: Option<String>,
    ) -> anyhow::Result<(Option<String>, Result<Finished, Malformed>)> {
        match message {
            Message::Posting(posted) => {
                let engine = self.engine(wanted.as_deref()).await?;
                let id = posted.run_id().to_string();
                let letter = Letter {
                    kind: Some(POSTING_KIND),
                    content_type: posted.content_type.as_deref(),
                    message_id: Some(&id),
                    idempotency_key: posted.key.as_deref(),
                    system: Some(&posted.system),
                    attempt: Some(posted.attempt),
                    body: &posted.body,
                    ..Letter::default()
                };
                let library = engine.library().version().to_owned();
                Ok((Some(library), engine.resume(stage, &letter).await))
            }
            Message::Envelope(replayed) => {
                let Pinned { versions } = match serde_json::from_slice(&replayed.body) {
                    Ok(pinned) => pinned,
                    Err(error) => return Ok((None, Err(Malformed(error.to_string())))),
                };
                let engine = match self.engine(Some(&versions.library)).await {
                    Ok(engine) => engine,
                    Err(error) if is_missing(&error) => {
                        return Ok((None, Err(Malformed(format!("{error:#}")))));
                    }
                    Err(error) => return Err(error),
                };
                let letter = Letter { kind: Some(&replayed.kind), body: &replayed.body, ..Letter::default() };
                Ok((Some(versions.library), engine.resume(stage, &letter).await))
            }
        }
    }
}

/// Whether a library version is not there, which is one item's fate; anything else ends the command.
fn is_missing(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(store::StoreError::Missing(_) | store::StoreError::Library(_)))
}

fn page(shadow: &Shadow) -> Page {
    let mut page = Page::new(page_width());
    let (style, word) = match shadow.outcome {
        Outcome::Equal => (GOOD, "equal"),
        Outcome::Differs => (WAITS, "differs"),
        Outcome::New => (GOOD, "would end now"),
        Outcome::GivenUp => (BAD, "would be given up again"),
        Outcome::Unsendable => (BAD, "cannot be sent"),
    };
    let letter = shadow.dead_letter_id.map(|id| format!("dead letter {id}, ")).unwrap_or_default();
    let run = shadow.run_id.map_or_else(|| "no run".to_owned(), |run| format!("run {run}"));
    page.line(&[own(PLAIN, format!("{letter}{run} from {}: ", shadow.from)), own(style, word)]);
    let against =
        shadow.compared_with.map(|attempt| format!(", beside attempt {attempt}")).unwrap_or_default();
    fact(
        &mut page,
        "Library",
        shadow.library.as_deref().map(|name| format!("{name}{against}")).unwrap_or_default(),
    );
    if let Some(status) = shadow.status.filter(|_| shadow.outcome != Outcome::Equal) {
        let role = shadow.role.as_deref().unwrap_or("no role");
        let role = match shadow.role_before.as_deref() {
            Some(before) if shadow.role.as_deref() != Some(before) => format!("{before} → {role}"),
            Some(_) | None => role.to_owned(),
        };
        fact(&mut page, "Ends", format!("{status}: {role}"));
    }
    fact(&mut page, "Because", shadow.why.as_deref().unwrap_or_default());
    diff::set(&mut page, &shadow.stages, PATHS);
    page
}

impl Summary {
    fn of(shadows: &[Shadow]) -> Self {
        let mut summary = Self::default();
        let mut roles: BTreeMap<(Option<&str>, Option<&str>), u64> = BTreeMap::new();
        for shadow in shadows {
            let count = match shadow.outcome {
                Outcome::Equal => &mut summary.equal,
                Outcome::Differs => &mut summary.differ,
                Outcome::New => &mut summary.new,
                Outcome::GivenUp => &mut summary.given_up,
                Outcome::Unsendable => &mut summary.unsendable,
            };
            *count += 1;
            for stage in shadow.stages.keys() {
                *summary.by_stage.entry(*stage).or_default() += 1;
            }
            if shadow.outcome == Outcome::Differs && shadow.role != shadow.role_before {
                *roles.entry((shadow.role_before.as_deref(), shadow.role.as_deref())).or_default() += 1;
            }
        }
        let change = |((from, to), count): ((Option<&str>, Option<&str>), u64)| RoleChange {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            count,
        };
        summary.roles = roles.into_iter().map(change).collect();
        summary.roles.sort_by_key(|change| std::cmp::Reverse(change.count));
        summary
    }

    fn page(&self, plan: &Plan, looked_at: u64) -> Page {
        let mut page = Page::new(page_width());
        let rule = format!("{looked_at} of {} in the shadow; nothing was stored or sent", plan.total);
        page.rule(DIM, own(PLAIN, rule), "");
        let items = [
            ("equal", self.equal),
            ("differ", self.differ),
            ("would end now", self.new),
            ("would be given up again", self.given_up),
            ("cannot be sent", self.unsendable),
        ];
        fact(&mut page, "Items", numbers(items.into_iter().filter(|(_, number)| *number > 0)));
        fact(&mut page, "Differ in", numbers(self.by_stage.iter().map(|(stage, number)| (stage, *number))));
        for RoleChange { from, to, count } in &self.roles {
            let name = |role: &Option<String>| role.clone().unwrap_or_else(|| "no role".to_owned());
            page.labelled(
                own(DIM, "Role"),
                &[ink(PLAIN, format!("{count} × {} → {}", name(from), name(to)))],
            );
        }
        fact(&mut page, "Left out", left_out(plan));
        page
    }
}
