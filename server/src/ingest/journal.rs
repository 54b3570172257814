//! `POST /v1/journal`: a run's signed, hash-chained events. What was altered, left out, made by another device, or contradicts an entry that is here
//! already is refused and recorded with its place.

use super::auth::Agent;
use super::runs;
use crate::audit::{self, Entry as AuditEntry};
use crate::db::{self, entities::journal_entries, entities::runs as run_rows};
use crate::disconnects::{self, Renewal};
use crate::error::{ApiError, ApiResult};
use crate::live::Live;
use crate::state::Shared;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use invigil_format::{Digest, Entry, Event, JournalReader, RunId, Statement, VerifyingKey};
use invigil_wire::agent::{JOURNAL, JournalAnswer, JournalBatch, MAX_JOURNAL_BATCH};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::HashMap;

/// Entries of one run: weeks of a link that is lost and found again every minute.
const MAX_ENTRIES: u64 = 100_000;
/// All journals of one recording as they were signed, bytes: many times what its runs need, and nothing that fills a disk.
pub const MAX_BYTES: u64 = 64 << 20;
/// Characters of a trouble that are recorded: the device's own words may be in it.
const MAX_WHY: usize = 200;

pub(super) fn router() -> Router<Shared> {
    Router::new().route(JOURNAL, post(append))
}

async fn append(
    State(state): State<Shared>,
    agent: Agent,
    batch: Result<Json<JournalBatch>, JsonRejection>,
) -> ApiResult<Json<JournalAnswer>> {
    let Json(batch) = batch.map_err(|error| ApiError::bad("bad-json", error.body_text()))?;
    agent.not_expired(&state)?;
    if batch.entries.len() > MAX_JOURNAL_BATCH {
        return Err(ApiError::bad(
            "batch-too-long",
            format!("one batch carries at most {MAX_JOURNAL_BATCH} entries: send the rest in the next one"),
        ));
    }
    let JournalBatch { run: run_id, entries } = batch;
    let (device, now_ms) = (agent.device, state.now_ms());
    let is_empty = entries.is_empty();
    // Before the transaction and on a thread of its own: while many signatures are checked, neither writers nor other requests wait.
    let (signed, refused) = tokio::task::spawn_blocking(move || read(&entries, &device, now_ms))
        .await
        .map_err(|error| ApiError::internal("checking a journal's signatures", error))?;
    let tx = db::begin_write(&state.db).await?;
    runs::not_expired(&state, &tx, &agent).await?;
    let run = runs::ensure(&tx, &agent, run_id, now_ms).await?;
    let (next, digest) = match last(&tx, run.id).await? {
        Some((entry, digest)) => (u64::try_from(entry).unwrap_or(0) + 1, Some(read_digest(&digest)?)),
        None => (0, None),
    };
    if next >= MAX_ENTRIES && !is_empty {
        let message = format!("a journal has at most {MAX_ENTRIES} entries here: start the agent anew");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", message));
    }
    let known = known(&tx, run.id, &signed, next).await?;
    let mut reader = JournalReader::new(state.institution, agent.recording, run_id, agent.device).resume(next, digest);
    let mut rows = Vec::new();
    let mut ended = None;
    // The entry before this one in the batch: an altered entry's own number is worth nothing.
    let mut before: Option<u64> = None;
    // What comes before the first entry that is not acceptable is taken all the same.
    let mut trouble: Option<Trouble> = None;
    for Signed { entry, digest, row } in signed {
        let first = before.replace(entry.index).is_none();
        if entry.index < next {
            if known.get(&entry.index) != Some(&digest.to_string()) {
                trouble = Some(Trouble::conflict(entry.index, "differs", "differs from the one that is here"));
                break;
            }
            continue;
        }
        match reader.push_read(&entry, digest) {
            Ok(()) => {}
            Err(invigil_format::Error::JournalIndex { expected, found }) => {
                // In the middle of a batch, or where the agent begins again after it was told what is wanted, it has none to send.
                if found > expected && (!first || state.live.note_journal_gap(run.id, expected)) {
                    trouble = Some(Trouble::conflict(expected, "missing", &format!("is missing: entry {found} comes in its place")));
                    break;
                }
                let message = format!("journal entry {found} came where {expected} is expected: send from {expected} on");
                return Err(ApiError::conflict("journal-gap", message));
            }
            Err(error @ invigil_format::Error::JournalChain { .. }) => {
                trouble = Some(Trouble::conflict(entry.index, error.name(), &error.to_string()));
                break;
            }
            Err(error) => {
                trouble = Some(Trouble::not_signed(entry.index, &error));
                break;
            }
        }
        let mut row = row?;
        row.run_id = Set(run.id);
        rows.push(row);
        if let Event::RunEnded { reason } = entry.event {
            ended = Some(reason);
        }
    }
    if trouble.is_none()
        && let Some(error) = &refused
    {
        trouble = Some(Trouble::not_signed(before.map_or(next, |before| before + 1), error));
    }
    let some_new = !rows.is_empty();
    if some_new {
        let new: usize = rows.iter().filter_map(|row| row.statement.try_as_ref()).map(String::len).sum();
        let total = recorded_bytes(&state, &tx, agent.recording_row).await?.saturating_add(new as u64);
        if total > MAX_BYTES {
            let message = format!(
                "the journals of a recording have at most {} MiB together here: something on the device writes entries over and over; footage is taken as before",
                MAX_BYTES >> 20
            );
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", message));
        }
        // Before the commit, while no other batch can be counting.
        state.live.note_journal_bytes(agent.recording_row, Some(total));
        state.live.forget_journal_gap(run.id);
    }
    let mut counted = Counted { live: &state.live, recording: some_new.then_some(agent.recording_row) };
    let boot_id = rows.first().map(|row: &journal_entries::ActiveModel| row.boot_id.clone().take().unwrap_or_default());
    if some_new {
        journal_entries::Entity::insert_many(rows).exec(&tx).await?;
        note_run(&tx, &run, boot_id, ended, now_ms).await?;
    }
    let next_index = reader.next_index();
    let run = run.id;
    let renewal = some_new.then(|| Renewal::after(&state, agent.recording_row));
    tx.commit().await?;
    counted.recording = None;
    drop(counted);
    disconnects::contact(&state, agent.recording_row, Some(run));
    drop(renewal);
    if let Some(trouble) = trouble {
        return Err(record(&state, &agent, (run, run_id), trouble).await);
    }
    Ok(Json(JournalAnswer { next_index }))
}

/// The size of a recording's journals was noted with a batch that is not committed yet: if it never is, it is to be counted again.
struct Counted<'a> {
    live: &'a Live,
    recording: Option<i64>,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if let Some(recording) = self.recording {
            self.live.note_journal_bytes(recording, None);
        }
    }
}

/// Size of what is here of a recording's journals, bytes; counted once in a life of the server.
async fn recorded_bytes<C: ConnectionTrait>(state: &Shared, tx: &C, recording: i64) -> ApiResult<u64> {
    if let Some(known) = state.live.journal_bytes(recording) {
        return Ok(known);
    }
    let mut runs = Query::select();
    runs.column(run_rows::Column::Id).from(run_rows::Entity).and_where(run_rows::Column::RecordingId.eq(recording));
    let total: Option<Option<i64>> = journal_entries::Entity::find()
        .select_only()
        .column_as(Expr::cust("SUM(OCTET_LENGTH(statement))"), "total")
        .filter(journal_entries::Column::RunId.in_subquery(runs))
        .into_tuple()
        .one(tx)
        .await?;
    let total = u64::try_from(total.flatten().unwrap_or(0)).unwrap_or(0);
    // Noted at once: an agent whose batches are refused must not have it counted again with each of them.
    state.live.note_journal_bytes(recording, Some(total));
    Ok(total)
}

async fn note_run<C: ConnectionTrait>(
    tx: &C,
    run: &run_rows::Model,
    boot_id: Option<String>,
    ended: Option<String>,
    now_ms: i64,
) -> ApiResult<()> {
    let mut change = run.clone().into_active_model();
    let boot_id = run.boot_id.clone().or(boot_id);
    if let Some(boot_id) = &boot_id
        && run.clock_offset_ms.is_none()
        && let Some(offset_ms) = runs::place_of_boot(tx, run.recording_id, boot_id).await?
    {
        change.clock_offset_ms = Set(Some(offset_ms));
    }
    if run.boot_id.is_none() {
        change.boot_id = Set(boot_id);
    }
    if let Some(reason) = ended {
        change.ended_ms = Set(Some(now_ms));
        change.end_reason = Set(Some(reason.chars().take(200).collect()));
    }
    if change.is_changed() {
        change.update(tx).await?;
    }
    Ok(())
}

/// An entry that the device signed, made ready before the transaction that writes.
struct Signed {
    entry: Entry,
    digest: Digest,
    /// Its row but for the run, or why it can have none.
    row: ApiResult<journal_entries::ActiveModel>,
}

/// The entries of a batch up to the first that `device` did not sign, and what is wrong with that one.
fn read(statements: &[Statement], device: &VerifyingKey, now_ms: i64) -> (Vec<Signed>, Option<invigil_format::Error>) {
    let mut signed = Vec::with_capacity(statements.len());
    for statement in statements {
        let entry: Entry = match statement.read_by(device) {
            Ok(entry) => entry,
            Err(error) => return (signed, Some(error)),
        };
        let digest = statement.digest();
        let row = row(&entry, statement, digest, now_ms);
        signed.push(Signed { entry, digest, row });
    }
    (signed, None)
}

fn row(entry: &Entry, statement: &Statement, digest: Digest, now_ms: i64) -> ApiResult<journal_entries::ActiveModel> {
    let broken = |error: serde_json::Error| ApiError::internal("writing a journal entry", error);
    let event = serde_json::to_value(&entry.event).map_err(broken)?;
    let number = |value: u64| i64::try_from(value).map_err(|_| ApiError::bad("bad-journal", "a number in this entry is above 2^63"));
    Ok(journal_entries::ActiveModel {
        entry: Set(number(entry.index)?),
        digest: Set(digest.to_string()),
        kind: Set(event.get("kind").and_then(|kind| kind.as_str()).unwrap_or_default().to_owned()),
        boot_id: Set(entry.boot_id.to_string()),
        boottime_us: Set(number(entry.boottime_us)?),
        wall_ms: Set(entry.wall_ms),
        event: Set(event.to_string()),
        statement: Set(statement.to_json()),
        received_ms: Set(now_ms),
        ..Default::default()
    })
}

/// Number and digest of the last entry of a run.
async fn last<C: ConnectionTrait>(db: &C, run: i64) -> ApiResult<Option<(i64, String)>> {
    let last = journal_entries::Entity::find()
        .select_only()
        .columns([journal_entries::Column::Entry, journal_entries::Column::Digest])
        .filter(journal_entries::Column::RunId.eq(run))
        .order_by_desc(journal_entries::Column::Entry);
    Ok(last.into_tuple::<(i64, String)>().one(db).await?)
}

/// Digests of those entries of a batch that are here already, by their numbers. They are asked for one by one and not as a range: the numbers are the
/// device's, and a batch of the first and the last entry would have all between them read.
async fn known<C: ConnectionTrait>(db: &C, run: i64, batch: &[Signed], next: u64) -> ApiResult<HashMap<u64, String>> {
    let here = batch.iter().map(|signed| signed.entry.index).filter(|index| *index < next);
    let here: Vec<i64> = here.filter_map(|index| i64::try_from(index).ok()).collect();
    if here.is_empty() {
        return Ok(HashMap::new());
    }
    let places = Condition::all().add(journal_entries::Column::RunId.eq(run)).add(journal_entries::Column::Entry.is_in(here));
    let rows = journal_entries::Entity::find()
        .select_only()
        .columns([journal_entries::Column::Entry, journal_entries::Column::Digest])
        .filter(places);
    let rows = rows.into_tuple::<(i64, String)>().all(db).await?;
    Ok(rows.into_iter().filter_map(|(entry, digest)| Some((u64::try_from(entry).ok()?, digest))).collect())
}

/// The first entry of a batch that is not acceptable, by the number that it should have.
struct Trouble {
    index: u64,
    /// What it is in one word, which never is the device's.
    kind: &'static str,
    why: String,
    /// It contradicts others; else it is not what this device has signed for this run.
    conflict: bool,
}

impl Trouble {
    fn conflict(index: u64, kind: &'static str, why: &str) -> Self {
        Self { index, kind, why: why.chars().take(MAX_WHY).collect(), conflict: true }
    }
    fn not_signed(index: u64, error: &invigil_format::Error) -> Self {
        Self { index, kind: error.name(), why: error.to_string().chars().take(MAX_WHY).collect(), conflict: false }
    }
}

/// Records the trouble with its place, once in a life of the server; returns the answer. `row` is the run's row id.
async fn record(state: &Shared, agent: &Agent, (row, run): (i64, RunId), trouble: Trouble) -> ApiError {
    let Trouble { index, kind, why, conflict } = trouble;
    let (action, answer) = if conflict {
        let message = format!("journal entry {index} {why}: this is recorded; begin a new run");
        ("journal-conflict", ApiError::conflict("journal-conflict", message))
    } else {
        let message = format!("journal entry {index} is not acceptable: {why}; this is recorded");
        ("journal-refused", ApiError::bad("bad-journal", message))
    };
    let recording = agent.recording_row;
    if !state.live.note_journal_trouble(recording, row, index, kind) {
        return answer;
    }
    tracing::warn!(recording = %agent.recording, %run, index, why, action, "a device's journal is not what it should be");
    let entry = AuditEntry {
        who: format!("device:{}", agent.device),
        action,
        object: format!("recording:{}", agent.recording),
        detail: serde_json::json!({ "run": run, "index": index, "why": why }),
    };
    // On a task of its own: noted above, it must be recorded even when the device goes away now.
    let state = state.clone();
    let recorded = tokio::spawn(async move {
        let recorded = audit::append(&state.db, state.now_ms(), entry).await;
        if recorded.is_err() {
            state.live.forget_journal_trouble(recording, row, index, kind);
        }
        recorded
    });
    match recorded.await {
        Ok(Ok(())) => answer,
        Ok(Err(error)) => error.into(),
        Err(error) => ApiError::internal("recording what is wrong with a journal", error),
    }
}

fn read_digest(text: &str) -> ApiResult<Digest> {
    text.parse().map_err(|error| ApiError::internal("reading a journal entry's row", error))
}
