//! From the last byte to the receipt: verify, link, commit (lifecycle T4), or refuse with a reason (T5).

use crate::audit::{self, Entry};
use crate::clock_map;
use crate::db::{self, entities::exams, entities::key_records, entities::recordings, entities::runs, entities::segments};
use crate::error::{ApiError, ApiResult};
use crate::ingest::runs as runs_of;
use crate::retention::Access;
use crate::state::AppState;
use crate::store::{Chunk, Growing, Place, Store, index, refusal};
use crate::trust;
use invigil_format::{Receipt, Scanner, Statement, TrackKind};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::io;
use std::sync::Arc;

/// What became of a file that is complete.
#[derive(Debug, Clone)]
pub enum Completion {
    /// In the store and committed.
    Stored(Statement),
    /// Whole and durable, but its run's key record is not here yet: without it nobody could ever open it.
    WaitsForKeyRecord,
    /// Kept as evidence, never to be stored.
    Refused(String),
    /// Its recording has expired or is being destroyed.
    Gone,
}

/// Takes a complete file into the store. Can be repeated after any interruption.
///
/// # Errors
/// When disk or database fail; nothing is lost then.
pub async fn complete(state: &AppState, growing: &Growing) -> ApiResult<Completion> {
    let frozen = growing.freeze().await;
    let Some(row) = segments::Entity::find_by_id(growing.segment).one(&state.db).await? else {
        return Ok(Completion::Gone);
    };
    if let Some(known) = finished(&row)? {
        return Ok(known);
    }
    if frozen.is_ended() {
        return Ok(Completion::Gone);
    }
    let found = Found::load(state, row).await?;
    // T4.1 and T4.2: what is checked is what the disk gives back, not what passed through memory.
    let path = growing.path().to_owned();
    let scanned = tokio::task::spawn_blocking(move || -> std::io::Result<_> {
        let file = std::fs::File::open(&path)?;
        file.sync_all()?;
        let mut scanner = Scanner::new();
        scanner.read_from(file)?;
        Ok(match scanner.error().cloned() {
            Some(error) => Err(error),
            None if scanner.header().is_none() => Err(invigil_format::Error::NoHeader),
            None => Ok(scanner),
        })
    });
    let scanned = scanned.await.map_err(|error| ApiError::internal("verifying a segment", error))?;
    let scanned = scanned.map_err(|error| ApiError::internal("reading a segment", error))?;
    crate::crash::point("complete-after-sync");
    let verdict = match scanned {
        Err(error) => Err(refusal(&error)),
        Ok(scanner) => found.check(state, &scanner).await?.map(|()| scanner),
    };
    let completion = match verdict {
        Err(reason) if reason == NO_KEY_RECORD => return Ok(Completion::WaitsForKeyRecord),
        Err(reason) => refuse_row(state, found.row, growing.look(|shown| shown.received), reason).await?,
        Ok(scanner) => found.store(state, &scanner).await?,
    };
    // Ended before it is forgotten, and its name removed before that: nobody may write into what is now an object.
    frozen.end();
    if let Completion::Stored(_) = completion
        && let Err(error) = remove_incoming(state.store.clone(), growing.segment).await
    {
        // T4.5 is left to the next start; until then the ended segment stays in memory and answers for the file.
        tracing::warn!(segment = growing.segment, %error, "could not remove the incoming name of a stored segment");
        return Ok(completion);
    }
    state.store.forget(growing.segment);
    Ok(completion)
}

/// Marks a growing segment as refused (lifecycle T5): its bytes stay where they are.
///
/// # Errors
/// When the database fails.
pub async fn refuse(state: &AppState, growing: &Growing, reason: String) -> ApiResult<Completion> {
    let frozen = growing.freeze().await;
    let Some(row) = segments::Entity::find_by_id(growing.segment).one(&state.db).await? else {
        return Ok(Completion::Gone);
    };
    if let Some(known) = finished(&row)? {
        return Ok(known);
    }
    if frozen.is_ended() {
        return Ok(Completion::Gone);
    }
    let completion = refuse_row(state, row, growing.look(|shown| shown.received), reason).await?;
    frozen.end();
    state.store.forget(growing.segment);
    Ok(completion)
}

/// What the database says of a segment that is no longer incoming.
///
/// # Errors
/// When its receipt cannot be read.
pub fn finished(row: &segments::Model) -> ApiResult<Option<Completion>> {
    match row.state.as_str() {
        "stored" => {
            let receipt = Statement::from_json(row.receipt.as_deref().unwrap_or_default().as_bytes());
            Ok(Some(Completion::Stored(receipt.map_err(|error| ApiError::internal("reading a receipt", error))?)))
        }
        "refused" => Ok(Some(Completion::Refused(row.refused.clone().unwrap_or_default()))),
        _ => Ok(None),
    }
}

const NO_KEY_RECORD: &str = "no-key-record";

/// A segment's row with those above it.
struct Found {
    row: segments::Model,
    run: runs::Model,
    recording: recordings::Model,
    exam: exams::Model,
}

impl Found {
    async fn load(state: &AppState, row: segments::Model) -> ApiResult<Self> {
        let gone = || ApiError::not_found("the recording of this segment is gone");
        let run = runs::Entity::find_by_id(row.run_id).one(&state.db).await?.ok_or_else(gone)?;
        let recording = recordings::Entity::find_by_id(row.recording_id).one(&state.db).await?.ok_or_else(gone)?;
        let exam = exams::Entity::find_by_id(recording.exam_id).one(&state.db).await?.ok_or_else(gone)?;
        Ok(Self { row, run, recording, exam })
    }

    /// T4.2: the reason why this file is not what its upload said, or not authentic.
    async fn check(&self, state: &AppState, scanner: &Scanner) -> ApiResult<Result<(), String>> {
        let Some(header) = scanner.header() else { return Ok(Err("no-header: the file ends before its header does".into())) };
        if let Some(reason) = wrong_place(state, header, &self.exam.uuid, &self.recording.uuid, &self.run, &self.row) {
            return Ok(Err(reason));
        }
        if scanner.closing().is_none() || scanner.pending_bytes() > 0 {
            return Ok(Err("not-closed: the upload was declared complete without a closing record".into()));
        }
        let store = trust::store_of(&state.db, &state.trust, self.exam.id, self.recording.id).await?;
        if let Err(error) = scanner.check_trust(&store, state.now_ms()) {
            return Ok(Err(refusal(&error)));
        }
        let record = key_records::Entity::find().filter(key_records::Column::RunId.eq(self.run.id)).one(&state.db).await?;
        Ok(match record {
            None => Err(NO_KEY_RECORD.to_owned()),
            Some(record) if record.digest != header.key_record.to_string() => {
                Err("wrong-key-record: the header names another key record than the run has".into())
            }
            Some(_) => Ok(()),
        })
    }

    /// T4.3 and T4.4.
    async fn store(self, state: &AppState, scanner: &Scanner) -> ApiResult<Completion> {
        let Self { row, run, recording, exam } = self;
        let Some(header) = scanner.header() else { return Ok(Completion::Gone) };
        let generation = link(state.store.clone(), &recording.uuid, &run.uuid, &row).await;
        let generation = generation.map_err(|error| ApiError::internal("linking a segment into the store", error))?;
        crate::crash::point("complete-after-link");
        let now_ms = state.now_ms();
        let receipt = state.server_key.state(&Receipt {
            institution: state.institution,
            recording: header.recording,
            run: header.run,
            track: header.track.clone(),
            sequence: header.sequence,
            size_bytes: scanner.whole_bytes(),
            digest: scanner.digest(),
            head: scanner.head(),
            stored_ms: now_ms,
        });
        let receipt = receipt.map_err(|error| ApiError::internal("signing a receipt", error))?;
        let chunks: Vec<Chunk> = scanner.frames().iter().filter_map(Chunk::of).collect();
        let wall_minus_boot_ms = clock_map::wall_minus_boot_ms(scanner.frames());
        let tx = db::begin_write(&state.db).await?;
        if runs_of::access(state, &tx, recording.id).await?.0 == Access::Expired {
            return Ok(Completion::Gone);
        }
        let last_us = chunks.last().map(Chunk::end_us);
        let steady_ms = crate::disconnects::now_ms(state);
        // A thumbnail says for how long it stands, a chunk of footage what was captured.
        let captured_us = match header.kind {
            TrackKind::Thumbnail | TrackKind::Photo => chunks.last().map(|chunk| chunk.at_us),
            TrackKind::Video | TrackKind::Audio | TrackKind::Screen => last_us,
        };
        let captured_ms = captured_us.and_then(|last| clock_map::to_server_ms(run.clock_offset_ms.or(wall_minus_boot_ms), last));
        // A device whose clock is fast has captured nothing in the future.
        let captured_ms = captured_ms.map(|at_ms| at_ms.min(steady_ms));
        let mut change = row.into_active_model();
        change.generation = Set(generation);
        change.state = Set("stored".into());
        change.kind = Set(Some(clock_map::kind_name(header.kind).to_owned()));
        change.codec = Set(Some(header.codec.clone()));
        change.stored_ms = Set(Some(now_ms));
        change.size_bytes = Set(i64::try_from(scanner.whole_bytes()).unwrap_or(i64::MAX));
        change.digest = Set(Some(scanner.digest().to_string()));
        change.head = Set(Some(scanner.head().to_string()));
        change.origin_boottime_us = Set(i64::try_from(header.origin_boottime_us).ok());
        change.wall_minus_boot_ms = Set(wall_minus_boot_ms);
        change.first_us = Set(chunks.first().and_then(|chunk| i64::try_from(chunk.at_us).ok()));
        change.last_us = Set(last_us.and_then(|last| i64::try_from(last).ok()));
        change.duration_us = Set(i64::try_from(scanner.duration_us()).ok());
        change.chunks = Set(Some(index::encode(&chunks)));
        change.receipt = Set(Some(receipt.to_json()));
        change.revision = Set(i64::try_from(state.live.next_revision()).unwrap_or(i64::MAX));
        change.update(&tx).await?;
        if let Some(captured_ms) = captured_ms.filter(|at| recording.last_capture_ms.is_none_or(|before| before < *at)) {
            let mut change = recording.into_active_model();
            change.last_capture_ms = Set(Some(captured_ms));
            change.update(&tx).await?;
        }
        if let Some(captured_ms) = captured_ms {
            crate::retention::actual_end::captured(&tx, &state.policies, exam.id, captured_ms, steady_ms).await?;
        }
        tx.commit().await?;
        crate::crash::point("complete-after-commit");
        Ok(Completion::Stored(receipt))
    }
}

async fn remove_incoming(store: Arc<Store>, segment: i64) -> io::Result<()> {
    tokio::task::spawn_blocking(move || store.remove_incoming(segment)).await.map_err(io::Error::other)?
}

/// Links the segment to its place among the objects, off the async threads because folders are synced; returns the generation in its name.
async fn link(store: Arc<Store>, recording: &str, run: &str, row: &segments::Model) -> io::Result<i32> {
    let (recording, run, track) = (recording.to_owned(), run.to_owned(), row.track.clone());
    let (id, sequence, mut generation) = (row.id, row.sequence, row.generation);
    let work = tokio::task::spawn_blocking(move || {
        loop {
            let place = Place { recording: &recording, run: &run, track: &track, sequence, generation };
            match store.link(id, &place) {
                Ok(()) => return Ok(generation),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => generation += 1,
                Err(error) => return Err(error),
            }
        }
    });
    work.await.map_err(io::Error::other)?
}

/// Why a header is not what the upload was made for, if so.
pub fn wrong_place(
    state: &AppState,
    header: &invigil_format::Header,
    exam: &str,
    recording: &str,
    run: &runs::Model,
    row: &segments::Model,
) -> Option<String> {
    let checks = [
        ("institution", header.institution == state.institution),
        ("exam", header.exam.to_string() == exam),
        ("recording", header.recording.to_string() == recording),
        ("run", header.run.to_string() == run.uuid),
        ("track", header.track.as_str() == row.track),
        ("sequence", i64::from(header.sequence) == row.sequence),
        ("device", header.device.to_string() == run.device_key),
    ];
    let (member, _) = checks.into_iter().find(|(_, right)| !right)?;
    Some(format!("wrong-scope: the header's {member} is not the one that the upload was made for"))
}

async fn refuse_row(state: &AppState, row: segments::Model, received: u64, reason: String) -> ApiResult<Completion> {
    let (id, now_ms) = (row.id, state.now_ms());
    tracing::warn!(segment = id, reason, "refused a segment; its bytes are kept");
    let tx = db::begin_write(&state.db).await?;
    let mut change = row.into_active_model();
    change.state = Set("refused".into());
    change.refused = Set(Some(reason.clone()));
    change.size_bytes = Set(i64::try_from(received).unwrap_or(i64::MAX));
    change.revision = Set(i64::try_from(state.live.next_revision()).unwrap_or(i64::MAX));
    change.update(&tx).await?;
    let detail = serde_json::json!({ "reason": reason, "size_bytes": received });
    audit::append_in(&tx, now_ms, Entry { who: "server".into(), action: "segment-refused", object: format!("segment:{id}"), detail })
        .await?;
    tx.commit().await?;
    Ok(Completion::Refused(reason))
}
