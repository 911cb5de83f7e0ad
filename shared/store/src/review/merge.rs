//! Proposals of many runs become items: one per kind and key, whoever names it.

use contract::{Proposal, ReviewKind, ReviewStatus};
use migration::Word;
use migration::entity::{review_company, review_evidence, review_item};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ActiveValue::Unchanged, ColumnTrait as _, Condition,
    DatabaseTransaction, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreError;
use crate::bytes::json_of;

/// The most quotes that an item keeps.
const QUOTES: i32 = 10;
/// Stands for the employer of a posting that names none: all of them together count as one.
const NOBODY: &str = "?";

/// A proposal of one run.
pub(crate) struct Proposed<'a> {
    pub(crate) run_id: Uuid,
    /// Whether it is evidence: the copy of another posting is none.
    pub(crate) counts: bool,
    pub(crate) company: Option<&'a str>,
    pub(crate) seen_at: OffsetDateTime,
    pub(crate) proposal: &'a Proposal,
}

/// How much an item asks to be looked at: more with every employer that names it, less the nearer the library is.
pub(super) fn priority(companies: i32, novelty: f32, max_similarity: f32) -> f64 {
    f64::from(1 + companies).ln() * f64::from(novelty) * (1.0 - f64::from(max_similarity))
}

/// Merges proposals into the queues; the answer is the key of each one's item, in their order. A run counts once for an item.
pub(crate) async fn merge(
    tx: &DatabaseTransaction,
    proposals: &[Proposed<'_>],
) -> Result<Vec<i64>, StoreError> {
    if proposals.is_empty() {
        return Ok(Vec::new());
    }
    // In the order of their keys: two writers that wait for one another would wait for ever.
    let mut distinct: BTreeMap<(ReviewKind, &str), &Proposed<'_>> = BTreeMap::new();
    for proposed in proposals {
        distinct.entry((proposed.proposal.kind, &proposed.proposal.key)).or_insert(proposed);
    }
    make_items(tx, &distinct).await?;
    let items = Items::read(tx, distinct.keys().map(|(_, key)| *key)).await?;
    let of = |proposed: &Proposed<'_>| {
        let key = (proposed.proposal.kind, proposed.proposal.key.as_str());
        items
            .by_key
            .get(&(key.0, key.1.to_owned()))
            .copied()
            .ok_or_else(|| StoreError::Missing(format!("review item \"{}\"", key.1)))
    };
    let ids: Vec<i64> = proposals.iter().map(of).collect::<Result<_, _>>()?;
    let new = evidence(tx, proposals, &ids, &items).await?;
    let companies = companies(tx, proposals, &ids, &new).await?;
    count(tx, proposals, &ids, &items, &new, &companies).await?;
    Ok(ids)
}

async fn make_items(
    tx: &DatabaseTransaction,
    distinct: &BTreeMap<(ReviewKind, &str), &Proposed<'_>>,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(distinct.len());
    for ((kind, key), proposed) in distinct {
        let proposal = proposed.proposal;
        let nearest = proposal.nearest.iter().map(|near| near.similarity).fold(0.0, f32::max).clamp(0.0, 1.0);
        rows.push(review_item::ActiveModel {
            kind: Set(Word(*kind)),
            merge_key: Set((*key).to_owned()),
            title: Set(proposal.title.clone()),
            suggestion: Set(proposal.suggestion.clone()),
            suggested_action: Set(Word(proposal.action)),
            nearest: Set(json_of(&proposal.nearest)?),
            novelty: Set(proposal.novelty),
            max_similarity: Set(nearest),
            priority: Set(0.0),
            jds: Set(0),
            companies: Set(0),
            first_seen: Set(proposed.seen_at),
            last_seen: Set(proposed.seen_at),
            status: Set(Word(match proposal.auto_rejected {
                Some(_) => ReviewStatus::AutoRejected,
                None => ReviewStatus::Pending,
            })),
            revision: Set(0),
            reviewer: Set(None),
            reason: Set(proposal.auto_rejected.map(str::to_owned)),
            merged_into: Set(None),
            snoozed_until: Set(None),
            decided_at: Set(None),
            library_version_id: Set(None),
            ..Default::default()
        });
    }
    let there = OnConflict::columns([review_item::Column::Kind, review_item::Column::MergeKey])
        .do_nothing()
        .to_owned();
    review_item::Entity::insert_many(rows).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// The items of a batch, locked.
struct Items {
    /// Kind and key → the item that counts: the one that the key's own was merged into.
    by_key: HashMap<(ReviewKind, String), i64>,
    rows: HashMap<i64, review_item::Model>,
    /// Items that others were merged into.
    gathered: HashSet<i64>,
}

impl Items {
    async fn read(tx: &DatabaseTransaction, keys: impl Iterator<Item = &str>) -> Result<Self, StoreError> {
        let found = review_item::Entity::find()
            .filter(review_item::Column::MergeKey.is_in(keys))
            .order_by_asc(review_item::Column::Id)
            .lock_exclusive()
            .all(tx)
            .await?;
        let mut by_key = HashMap::new();
        let mut rows = HashMap::new();
        let mut gathered = HashSet::new();
        let targets: Vec<i64> = found.iter().filter_map(|item| item.merged_into).collect();
        for item in found {
            by_key.insert((item.kind.0, item.merge_key.clone()), item.merged_into.unwrap_or(item.id));
            gathered.extend(item.merged_into);
            rows.insert(item.id, item);
        }
        if !targets.is_empty() {
            let targets = review_item::Entity::find()
                .filter(review_item::Column::Id.is_in(targets))
                .order_by_asc(review_item::Column::Id)
                .lock_exclusive()
                .all(tx)
                .await?;
            rows.extend(targets.into_iter().map(|item| (item.id, item)));
        }
        Ok(Self { by_key, rows, gathered })
    }
}

/// Writes each run's evidence; tells which was not there.
async fn evidence(
    tx: &DatabaseTransaction,
    proposals: &[Proposed<'_>],
    ids: &[i64],
    items: &Items,
) -> Result<HashSet<(i64, Uuid)>, StoreError> {
    let mut quoted: HashMap<i64, i32> = HashMap::new();
    let mut seen: HashSet<(i64, Uuid)> = HashSet::new();
    let mut rows = Vec::new();
    for (proposed, &id) in proposals.iter().zip(ids) {
        if !proposed.counts || !seen.insert((id, proposed.run_id)) {
            continue;
        }
        let quotes = quoted.entry(id).or_insert_with(|| items.rows.get(&id).map_or(0, |item| item.jds));
        *quotes += 1;
        let span = &proposed.proposal.evidence;
        let keeps = *quotes <= QUOTES;
        rows.push(review_evidence::ActiveModel {
            item_id: Set(id),
            run_id: Set(proposed.run_id),
            company: Set(proposed.company.map(str::to_owned)),
            span_start: Set(keeps.then_some(span.start as i32)),
            span_end: Set(keeps.then_some(span.end as i32)),
            quote: Set(keeps.then(|| span.quote.clone())),
        });
    }
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let there = OnConflict::columns([review_evidence::Column::ItemId, review_evidence::Column::RunId])
        .do_nothing()
        .to_owned();
    let new = review_evidence::Entity::insert_many(rows).on_conflict(there).exec_with_returning(tx).await?;
    Ok(new.into_iter().map(|row| (row.item_id, row.run_id)).collect())
}

/// Writes which employers name an item; tells how many did not before.
async fn companies(
    tx: &DatabaseTransaction,
    proposals: &[Proposed<'_>],
    ids: &[i64],
    new: &HashSet<(i64, Uuid)>,
) -> Result<HashMap<i64, i32>, StoreError> {
    let mut rows: BTreeMap<(i64, String), review_company::ActiveModel> = BTreeMap::new();
    for (proposed, &id) in
        proposals.iter().zip(ids).filter(|(proposed, id)| new.contains(&(**id, proposed.run_id)))
    {
        let company = proposed.company.map_or_else(|| NOBODY.to_owned(), text::fold);
        rows.insert(
            (id, company.clone()),
            review_company::ActiveModel { item_id: Set(id), company: Set(company) },
        );
    }
    let mut counts = HashMap::new();
    if !rows.is_empty() {
        let there = OnConflict::columns([review_company::Column::ItemId, review_company::Column::Company])
            .do_nothing()
            .to_owned();
        let new = review_company::Entity::insert_many(rows.into_values())
            .on_conflict(there)
            .exec_with_returning(tx)
            .await?;
        for row in new {
            *counts.entry(row.item_id).or_default() += 1;
        }
    }
    Ok(counts)
}

/// Brings the counts of every item that has new evidence up to date.
async fn count(
    tx: &DatabaseTransaction,
    proposals: &[Proposed<'_>],
    ids: &[i64],
    items: &Items,
    new: &HashSet<(i64, Uuid)>,
    companies: &HashMap<i64, i32>,
) -> Result<(), StoreError> {
    let mut touched: BTreeMap<i64, (i32, OffsetDateTime)> = BTreeMap::new();
    let mut counted: HashSet<(i64, Uuid)> = HashSet::new();
    for (proposed, &id) in proposals.iter().zip(ids) {
        if new.contains(&(id, proposed.run_id)) && counted.insert((id, proposed.run_id)) {
            let (jds, last) = touched.entry(id).or_insert((0, proposed.seen_at));
            *jds += 1;
            *last = (*last).max(proposed.seen_at);
        }
    }
    for (id, (jds, last)) in touched {
        let Some(item) = items.rows.get(&id) else { continue };
        let (jds, companies) = if items.gathered.contains(&id) {
            // A run may already be evidence for an item that was merged into this one.
            recounted(tx, id).await?
        } else {
            (item.jds + jds, item.companies + companies.get(&id).copied().unwrap_or(0))
        };
        review_item::ActiveModel {
            id: Unchanged(id),
            jds: Set(jds),
            companies: Set(companies),
            last_seen: Set(item.last_seen.max(last)),
            priority: Set(priority(companies, item.novelty, item.max_similarity)),
            ..Default::default()
        }
        .update(tx)
        .await?;
    }
    Ok(())
}

/// Runs and employers of an item and of those that were merged into it.
pub(super) async fn recounted(tx: &DatabaseTransaction, id: i64) -> Result<(i32, i32), StoreError> {
    let own =
        Condition::any().add(review_item::Column::Id.eq(id)).add(review_item::Column::MergedInto.eq(id));
    let members: Vec<i64> = review_item::Entity::find()
        .select_only()
        .column(review_item::Column::Id)
        .filter(own)
        .into_tuple()
        .all(tx)
        .await?;
    let jds = review_evidence::Entity::find()
        .select_only()
        .column(review_evidence::Column::RunId)
        .distinct()
        .filter(review_evidence::Column::ItemId.is_in(members.iter().copied()))
        .count(tx)
        .await?;
    let companies = review_company::Entity::find()
        .select_only()
        .column(review_company::Column::Company)
        .distinct()
        .filter(review_company::Column::ItemId.is_in(members))
        .count(tx)
        .await?;
    Ok((jds as i32, companies as i32))
}
