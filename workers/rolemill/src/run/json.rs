//! An answer as a JSON object: fixed paths, and `outputs` the same bytes for the same input.

use contract::{Enriched, Persistence, Problem, RunId, Timing, canonical};
use rolemill::Finished;
use serde::Serialize;
use serde_json::Error;

use super::work::{Answer, End};

/// The object on one line.
pub(crate) fn line(answer: &Answer) -> Result<String, Error> {
    let mut object = Object::open();
    object.member("id", &answer.id)?;
    match &answer.end {
        End::Ran(finished) => {
            object.member::<RunId>("run_id", &finished.run_id())?;
            object.member("status", &finished.status())?;
        }
        End::Failed(_) => object.member("status", "failed")?,
    }
    if let Some(reason) = answer.reason() {
        object.member("reason", &reason)?;
    }
    if let Some(problem) = answer.problem() {
        object.member::<Problem>("error", &problem)?;
    }
    let finished = match &answer.end {
        End::Ran(finished) => Some(finished),
        End::Failed(_) => None,
    };
    object.raw("outputs", &finished.map_or_else(|| Ok("{}".to_owned()), outputs)?)?;
    object.member::<[Timing]>("timings", finished.map_or(&[], Finished::timings))?;
    // What never ran has no cost; what ran without a model costs a measured nothing.
    object.member("cost_usd", &finished.and_then(Finished::cost_usd))?;
    if let Some(ledger) = finished.and_then(Finished::ledger).filter(|ledger| !ledger.is_empty()) {
        object.member("model_calls", ledger)?;
    }
    Ok(object.close())
}

fn outputs(finished: &Finished) -> Result<String, Error> {
    match finished {
        Finished::Completed { run, persistence } => {
            canonical::to_json(&WithPersistence { outputs: &run.outputs, persistence: persistence.as_ref() })
        }
        Finished::Rejected(run) => canonical::to_json(&run.outputs),
        Finished::Buried { .. } => Ok("{}".to_owned()),
    }
}

/// The outputs with what the database did, where it did something.
#[derive(Serialize)]
struct WithPersistence<'a> {
    #[serde(flatten)]
    outputs: &'a Enriched,
    #[serde(skip_serializing_if = "Option::is_none")]
    persistence: Option<&'a Persistence>,
}

/// An object whose members are written in a given order.
struct Object(String);

impl Object {
    fn open() -> Self {
        Self("{".to_owned())
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        self.raw(name, &serde_json::to_string(value)?)
    }

    fn raw(&mut self, name: &str, json: &str) -> Result<(), Error> {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&serde_json::to_string(name)?);
        self.0.push(':');
        self.0.push_str(json);
        Ok(())
    }

    fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
