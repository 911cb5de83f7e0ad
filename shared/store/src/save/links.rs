//! What becomes of links and samples.

use contract::{LinkLine, LinkOrigin, LinkOutcome, LinkWish};
use migration::Word;
use migration::entity::{centroid_update, role_dimension};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait as _};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

use super::rows::vector_bytes;
use super::{Fresh, Ids};
use crate::StoreError;

/// The lines of every run. A wished link that is there already, or that an earlier line of the batch made, is unchanged.
pub(super) async fn lines(
    tx: &DatabaseTransaction,
    ids: &Ids,
    fresh: &[Fresh<'_>],
) -> Result<Vec<Vec<LinkLine>>, StoreError> {
    let wished: BTreeSet<(i64, i64)> = fresh
        .iter()
        .flat_map(|run| run.record.links.iter().map(move |wish| (run, wish)))
        .filter(|(_, wish)| wish.role_dimension == LinkOutcome::Saved)
        .filter_map(|(run, wish)| pair(ids, run, wish))
        .collect();
    let mut made: HashSet<(i64, i64)> = HashSet::new();
    if !wished.is_empty() {
        let rows = wished.into_iter().map(|(role, dimension)| role_dimension::ActiveModel {
            role_id: Set(role),
            dimension_id: Set(dimension),
            weight: Set(None),
            origin: Set(Word(LinkOrigin::Runs)),
            ..Default::default()
        });
        let there =
            OnConflict::columns([role_dimension::Column::RoleId, role_dimension::Column::DimensionId])
                .do_nothing()
                .to_owned();
        made.extend(
            role_dimension::Entity::insert_many(rows)
                .on_conflict(there)
                .exec_with_returning(tx)
                .await?
                .into_iter()
                .map(|link| (link.role_id, link.dimension_id)),
        );
    }
    Ok(fresh
        .iter()
        .map(|run| run.record.links.iter().map(|wish| line(ids, run, wish, &mut made)).collect())
        .collect())
}

fn pair(ids: &Ids, run: &Fresh<'_>, wish: &LinkWish) -> Option<(i64, i64)> {
    Some((ids.role(run.record.facts.role.as_deref()?)?, ids.dimension(wish.dimension_slug.as_deref()?)?))
}

fn line(ids: &Ids, run: &Fresh<'_>, wish: &LinkWish, made: &mut HashSet<(i64, i64)>) -> LinkLine {
    let (outcome, words) = match (wish.role_dimension, pair(ids, run, wish)) {
        (LinkOutcome::Saved, Some(pair)) if made.remove(&pair) => (LinkOutcome::Saved, wish.outcome.role),
        (LinkOutcome::Saved, _) => (LinkOutcome::Unchanged, "already linked"),
        (outcome @ (LinkOutcome::Unchanged | LinkOutcome::Skipped | LinkOutcome::NotSaved), _) => {
            (outcome, wish.outcome.role)
        }
    };
    let role = match (outcome, words) {
        (LinkOutcome::Saved, _) => "saved".to_owned(),
        (LinkOutcome::Unchanged, words) => format!("unchanged ({words})"),
        (LinkOutcome::Skipped, words) => format!("skipped ({words})"),
        (LinkOutcome::NotSaved, words) => format!("not saved — {words}"),
    };
    LinkLine {
        skill: wish.skill.clone(),
        skill_slug: wish.skill_slug.clone(),
        skill_id: wish.skill_slug.as_deref().and_then(|slug| ids.skill(slug)),
        dimension: wish.dimension.clone(),
        dimension_slug: wish.dimension_slug.clone(),
        dimension_id: wish.dimension_slug.as_deref().and_then(|slug| ids.dimension(slug)),
        role_id: run.record.facts.role.as_deref().and_then(|slug| ids.role(slug)),
        skill_dimension: wish.skill_dimension,
        role_dimension: outcome,
        outcome_line: format!("{} · Role↔dimension {role}", wish.outcome.skill),
    }
}

/// Gives each role the sample of its run, once a run; tells which runs gave one.
pub(super) async fn samples(
    tx: &DatabaseTransaction,
    ids: &Ids,
    fresh: &[Fresh<'_>],
) -> Result<Vec<bool>, StoreError> {
    let rows: Vec<centroid_update::ActiveModel> = fresh
        .iter()
        .filter(|run| run.counts())
        .filter_map(|run| {
            let sample = run.record.centroid.as_ref()?;
            Some(centroid_update::ActiveModel {
                run_id: Set(run.run_id()),
                role_id: Set(ids.role(&sample.role)?),
                model: Set(sample.model.clone()),
                embedding: Set(vector_bytes(&sample.vector)),
                created_at: Set(run.record.created_at),
                ..Default::default()
            })
        })
        .collect();
    let mut sampled: HashSet<Uuid> = HashSet::new();
    if !rows.is_empty() {
        let there = OnConflict::columns([centroid_update::Column::RunId, centroid_update::Column::RoleId])
            .do_nothing()
            .to_owned();
        sampled.extend(
            centroid_update::Entity::insert_many(rows)
                .on_conflict(there)
                .exec_with_returning(tx)
                .await?
                .into_iter()
                .map(|update| update.run_id),
        );
    }
    Ok(fresh.iter().map(|run| sampled.contains(&run.run_id())).collect())
}
