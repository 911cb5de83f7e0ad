//! A PostgreSQL cluster of one's own.
#![allow(clippy::unwrap_used, reason = "a test may")]

use sea_orm::{ConnectionTrait as _, Database, Statement, TransactionTrait as _};
use std::time::Duration;
use support::cluster::{Cluster, ClusterOptions, Stop};
use support::proxy::Proxy;

const SOON: Duration = Duration::from_secs(10);

async fn rows(url: &str) -> i64 {
    let db = Database::connect(url).await.unwrap();
    let question = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM kept");
    let row = db.query_one_raw(question).await.unwrap().unwrap();
    db.close().await.unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_lost_answer_to_a_commit_is_an_error_here_and_a_row_there() {
    let mut cluster = Cluster::start(ClusterOptions::default()).await;
    let proxy = Proxy::start(cluster.address()).await;
    let db = Database::connect(proxy.url(&cluster.url())).await.unwrap();
    db.execute_unprepared("CREATE TABLE kept (id int)").await.unwrap();

    let lost = proxy.cut_after(b"COMMIT");
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared("INSERT INTO kept VALUES (1)").await.unwrap();
    transaction.commit().await.unwrap_err();
    lost.caught(SOON).await;
    assert_eq!(rows(&cluster.url()).await, 1);

    let lost = proxy.cut_before(b"COMMIT");
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared("INSERT INTO kept VALUES (2)").await.unwrap();
    transaction.commit().await.unwrap_err();
    lost.caught(SOON).await;
    assert_eq!(rows(&cluster.url()).await, 1);

    cluster.stop(Stop::Immediate).await;
    cluster.start_again().await;
    assert_eq!(rows(&cluster.url()).await, 1);
}
