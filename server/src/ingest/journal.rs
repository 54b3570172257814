//! `POST /v1/journal`: a run's signed, hash-chained events. What was altered, left out, made by another device, or contradicts an entry that is here
//! already is refused and recorded with its place.

use super::auth::Agent;
use super::runs;
use crate::audit::{self, Entry as AuditEntry};
use crate::db::{self, entities::journal_entries, entities::runs as run_rows};
use crate::error::{ApiError, ApiResult};
use crate::state::Shared;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use invigil_format::{Digest, Entry, Event, JournalReader, RunId, Statement};
use invigil_wire::agent::{JOURNAL, JournalAnswer, JournalBatch, MAX_JOURNAL_BATCH};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

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
    let now_ms = state.now_ms();
    let tx = db::begin_write(&state.db).await?;
    runs::not_expired(&state, &tx, &agent).await?;
    let run = runs::ensure(&tx, &agent, batch.run, now_ms).await?;
    let last =
        journal_entries::Entity::find().filter(journal_entries::Column::RunId.eq(run.id)).order_by_desc(journal_entries::Column::Entry);
    let last = last.one(&tx).await?;
    let (next, digest) = match &last {
        Some(row) => (u64::try_from(row.entry).unwrap_or(0) + 1, Some(read_digest(&row.digest)?)),
        None => (0, None),
    };
    if next >= MAX_ENTRIES && !batch.entries.is_empty() {
        let message = format!("a journal has at most {MAX_ENTRIES} entries here: start the agent anew");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", message));
    }
    let mut reader = JournalReader::new(state.institution, agent.recording, batch.run, agent.device).resume(next, digest);
    let mut rows = Vec::new();
    let mut ended = None;
    // The entry before this one in the batch: an altered entry's own number is worth nothing.
    let mut before: Option<u64> = None;
    // What comes before the first entry that is not acceptable is taken all the same.
    let mut trouble: Option<Trouble> = None;
    for statement in &batch.entries {
        let entry: Entry = match statement.read_by(&agent.device) {
            Ok(entry) => entry,
            Err(error) => {
                trouble = Some(Trouble::not_signed(before.map_or(next, |before| before + 1), &error));
                break;
            }
        };
        let first = before.replace(entry.index).is_none();
        if entry.index < next {
            if known(&tx, run.id, entry.index).await? != Some(statement.digest().to_string()) {
                trouble = Some(Trouble::conflict(entry.index, "differs", "differs from the one that is here"));
                break;
            }
            continue;
        }
        let entry = match reader.push(statement) {
            Ok(entry) => entry,
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
        };
        if let Event::RunEnded { reason } = &entry.event {
            ended = Some(reason.clone());
        }
        rows.push(row(run.id, &entry, statement, now_ms)?);
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
        // Before the commit, while no other batch can be counting: one that fails is counted again below.
        state.live.note_journal_bytes(agent.recording_row, Some(total));
        state.live.forget_journal_gap(run.id);
    }
    let boot_id = rows.first().map(|row: &journal_entries::ActiveModel| row.boot_id.clone().take().unwrap_or_default());
    if some_new {
        journal_entries::Entity::insert_many(rows).exec(&tx).await?;
        note_run(&tx, &run, boot_id, ended, now_ms).await?;
    }
    let next_index = reader.next_index();
    let run = run.id;
    if let Err(error) = tx.commit().await {
        state.live.note_journal_bytes(agent.recording_row, None);
        return Err(error.into());
    }
    crate::disconnects::contact(&state, agent.recording_row, Some(run));
    if some_new {
        crate::disconnects::changed(&state, agent.recording_row);
    }
    if let Some(trouble) = trouble {
        return Err(record(&state, &agent, (run, batch.run), trouble).await);
    }
    Ok(Json(JournalAnswer { next_index }))
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
    Ok(u64::try_from(total.flatten().unwrap_or(0)).unwrap_or(0))
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

fn row(run: i64, entry: &Entry, statement: &Statement, now_ms: i64) -> ApiResult<journal_entries::ActiveModel> {
    let broken = |error: serde_json::Error| ApiError::internal("writing a journal entry", error);
    let event = serde_json::to_value(&entry.event).map_err(broken)?;
    let number = |value: u64| i64::try_from(value).map_err(|_| ApiError::bad("bad-journal", "a number in this entry is above 2^63"));
    Ok(journal_entries::ActiveModel {
        run_id: Set(run),
        entry: Set(number(entry.index)?),
        digest: Set(statement.digest().to_string()),
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

async fn known<C: ConnectionTrait>(db: &C, run: i64, index: u64) -> ApiResult<Option<String>> {
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    let place = Condition::all().add(journal_entries::Column::RunId.eq(run)).add(journal_entries::Column::Entry.eq(index));
    Ok(journal_entries::Entity::find().filter(place).one(db).await?.map(|row| row.digest))
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
