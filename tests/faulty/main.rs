//! A worker whose stage does as its messages say: it passes on what asks for nothing, fails, and dies.
//!
//! `FAIL <cause>;` in a body is a permanent failure, `AWAY <file>;` a transient one for as long as the file exists, `ABORT` takes the
//! process down. For tests.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

use broker::{BrokerSettings, Health};
use contract::Stage as Name;
use pipeline::{Failure, Fate, Stage};
use std::time::Duration;
use tests::plain::{Passed, Plain, after};

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Asked(String),
    #[error("the {0} is away")]
    Away(String),
}

impl Failure for Fault {
    fn fate(&self) -> Fate {
        match self {
            Self::Asked(_) => Fate::Permanent,
            Self::Away(_) => Fate::Transient { retry_after: Duration::ZERO },
        }
    }
}

struct Faulty {
    name: Name,
    /// What is wrong with every message.
    always: Option<String>,
}

impl Stage for Faulty {
    type Input = Plain;
    type Output = Passed;
    type Error = Fault;
    const TRIES: u32 = 2;

    async fn run(&self, plain: Plain) -> Result<Passed, Fault> {
        let text = String::from_utf8_lossy(&plain.body);
        let asked = |word: &str| {
            let rest = text.split_once(word)?.1;
            Some(rest.split([';', '"']).next().unwrap_or_default().trim().to_owned())
        };
        if let Some(cause) = &self.always {
            return Err(Fault::Asked(cause.clone()));
        }
        if text.contains("ABORT") {
            std::process::abort();
        }
        if let Some(cause) = asked("FAIL ") {
            return Err(Fault::Asked(cause));
        }
        if let Some(file) = asked("AWAY ").filter(|file| std::path::Path::new(file).exists()) {
            let name = std::path::Path::new(&file).file_name().unwrap_or_default();
            return Err(Fault::Away(name.to_string_lossy().into_owned()));
        }
        Ok(Passed { plain, next: after(self.name) })
    }
}

#[tokio::main]
async fn main() {
    let env = runtime::Env::process();
    let stage: Name = env.optional("FAULTY_STAGE").unwrap().unwrap();
    let mut problems = Vec::new();
    let settings: BrokerSettings =
        host::broker_settings(&env, env.optional("ROLEMILL_AMQP").unwrap().unwrap(), "faulty", &mut problems);
    assert_eq!(problems, [""; 0]);
    let _logging = runtime::logging::init("info".parse().unwrap()).unwrap();
    let stop = runtime::shutdown::on_signal().unwrap();
    let health = Health::of(stage.to_string());
    let faulty = Faulty { name: stage, always: env.optional("FAULTY_ALWAYS").unwrap() };
    broker::work(faulty, stage, settings, health, stop).await.unwrap();
}
