//! From pending to effective (steps H3-H6): the reviewer's page seals each covered segment's key, opens what the server made of it, and confirms.

use super::cover::{Ground, Piece, State, of_recording};
use super::keys::{self, Kind};
use super::view;
use crate::audit::{self, Entry};
use crate::db::{self, entities::held_runs, entities::held_segments, entities::holds, entities::key_records, entities::recordings};
use crate::live::lock;
use crate::state::AppState;
use crate::{ApiError, ApiResult, crash};
use anyhow::Context;
use invigil_evidence::{HeldSegment, NewHeldSegment};
use invigil_format::{KeyRecord, ParseIdError, Scanner, SealingKey, Statement};
use invigil_wire::holds::{Confirm, Covered, CoveredSegment, HoldView, InnerSegment, Seal, SealedSegments};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Mutex;

/// Segments in one request.
const MAX_SEGMENTS: usize = 400;
/// A segment's header ends before this, bytes.
const HEADER_BYTES: u64 = 128 << 10;
/// Records remembered; beyond it they are forgotten and sealed once more.
const MAX_REMEMBERED: usize = 100_000;

/// Which session had which record made: only who has opened a record may say that it opens.
#[derive(Debug, Default)]
pub struct Sealers(Mutex<HashMap<i64, i64>>);

impl Sealers {
    fn note(&self, record: i64, session: i64) {
        let mut known = lock(&self.0);
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        known.insert(record, session);
    }

    fn made(&self, record: i64, session: i64) -> bool {
        lock(&self.0).get(&record) == Some(&session)
    }
}

async fn ground<C: ConnectionTrait>(state: &AppState, db: &C, hold: &holds::Model) -> ApiResult<Ground> {
    if hold.released_ms.is_some() {
        return Err(ApiError::conflict("released", "this hold was released: nothing is kept for it any more"));
    }
    let recording = recordings::Entity::find_by_id(hold.recording_id).one(db).await?;
    let recording = recording.ok_or_else(|| ApiError::not_found("the recording of this hold is gone"))?;
    Ok(Ground::load(db, &state.store, recording).await?)
}

fn broken(error: ParseIdError) -> ApiError {
    ApiError::internal("reading a hold's segments", error)
}

/// What a page is to seal.
///
/// # Errors
/// 409 for a released hold.
pub async fn covered(state: &AppState, hold: &holds::Model) -> ApiResult<Covered> {
    let ground = ground(state, &state.db, hold).await?;
    let whole: Vec<Piece> = ground.standing(hold)?.unsealed.into_iter().filter(|piece| ground.is_whole(piece)).collect();
    let review = review_keys(&state.db, &whole).await?;
    let mut segments = Vec::with_capacity(whole.len());
    for piece in whole {
        let Some(run) = ground.runs.get(&piece.run_id) else { continue };
        segments.push(CoveredSegment {
            id: piece.id,
            run: run.uuid.parse().map_err(broken)?,
            sequence: u32::try_from(piece.sequence).unwrap_or(u32::MAX),
            size_bytes: u64::try_from(piece.size_bytes).unwrap_or(0),
            track: piece.track,
        });
    }
    Ok(Covered { review, segments })
}

/// Review keys of the runs' key records, each once, in order of the runs.
async fn review_keys<C: ConnectionTrait>(db: &C, pieces: &[Piece]) -> anyhow::Result<Vec<SealingKey>> {
    let mut review = Vec::new();
    for run in pieces.iter().map(|piece| piece.run_id).collect::<BTreeSet<_>>() {
        let Some(row) = key_records::Entity::find().filter(key_records::Column::RunId.eq(run)).one(db).await? else { continue };
        let record: KeyRecord = Statement::from_json(row.statement.as_bytes())?.read()?;
        let new: Vec<SealingKey> = record.review.into_iter().filter(|key| !review.contains(key)).collect();
        review.extend(new);
    }
    Ok(review)
}

/// H3: adds the outer layer to what the page made. The records do not count yet.
///
/// # Errors
/// 400 for what is not covered or not sealed as asked, 409 when the hold or its segments have changed.
pub async fn seal(state: &AppState, sealers: &Sealers, session: i64, hold: &holds::Model, asked: &Seal) -> ApiResult<SealedSegments> {
    if asked.segments.is_empty() || asked.segments.len() > MAX_SEGMENTS {
        return Err(ApiError::bad("bad-count", format!("expected 1 to {MAX_SEGMENTS} segments in a request")));
    }
    let tx = db::begin_write(&state.db).await?;
    let mut hold = super::find(&tx, hold.uuid.parse().map_err(|error| ApiError::internal("reading a hold's row", error))?).await?;
    ground(state, &tx, &hold).await?;
    let id = keys::name(&tx, &mut hold, Kind::Effective).await?;
    tx.commit().await?;
    crash::point("hold.H3.named");

    let tx = db::begin_write(&state.db).await?;
    let hold = super::find(&tx, hold.uuid.parse().map_err(|error| ApiError::internal("reading a hold's row", error))?).await?;
    let ground = ground(state, &tx, &hold).await?;
    let standing = ground.standing(&hold)?;
    let pieces: BTreeMap<i64, &Piece> =
        standing.unsealed.iter().filter(|piece| ground.is_whole(piece)).map(|piece| (piece.id, piece)).collect();
    let allowed = review_keys(&tx, &pieces.values().map(|piece| (*piece).clone()).collect::<Vec<_>>()).await?;
    if asked.review != allowed {
        return Err(ApiError::conflict(
            "covered-changed",
            "the segments to be sealed or their review keys have changed: ask what is covered again",
        ));
    }
    let public = state.keystore.ensure(id)?;
    let headers = headers(state, &ground, &asked.segments, &pieces).await?;
    let mut segments = Vec::with_capacity(asked.segments.len());
    let mut rows = Vec::with_capacity(asked.segments.len());
    let key = state.keystore.load(id)?.context("load the hold's effective key")?;
    for (segment, header) in asked.segments.iter().zip(headers) {
        if header.commitment != segment.commitment {
            return Err(ApiError::bad(
                "wrong-commitment",
                format!("the commitment of segment {} is not the one in its header", segment.id),
            ));
        }
        let new = NewHeldSegment {
            institution: state.institution,
            hold: hold.uuid.parse().map_err(broken)?,
            recording: header.recording,
            run: header.run,
            track: header.track,
            sequence: header.sequence,
            commitment: header.commitment,
            review: asked.review.clone(),
            erasure: public,
            created_ms: state.now_ms(),
        };
        let inner = hex::decode(&segment.inner).map_err(|_| ApiError::bad("bad-inner", "expected the inner entries in hexadecimal"))?;
        let held = HeldSegment::seal(new, &inner).map_err(|error| ApiError::bad("bad-inner", error.to_string()))?;
        let statement = state.server_key.state(&held).map_err(|error| ApiError::internal("signing a held segment", error))?;
        let of = held_segments::Entity::delete_many().filter(held_segments::Column::HoldId.eq(hold.id));
        of.filter(held_segments::Column::SegmentId.eq(segment.id)).exec(&tx).await?;
        let row = held_segments::ActiveModel {
            hold_id: Set(hold.id),
            segment_id: Set(segment.id),
            statement: Set(statement.to_json()),
            created_ms: Set(state.now_ms()),
            ..Default::default()
        };
        let row = row.insert(&tx).await?;
        segments.push(keys::open_segment(&row, &key)?);
        rows.push(row.id);
    }
    tx.commit().await?;
    rows.into_iter().for_each(|row| sealers.note(row, session));
    crash::point("hold.H3.done");
    Ok(SealedSegments { segments })
}

/// Headers of the segments that are asked for, in their order, as they stand in the files.
async fn headers(
    state: &AppState,
    ground: &Ground,
    asked: &[InnerSegment],
    pieces: &BTreeMap<i64, &Piece>,
) -> ApiResult<Vec<invigil_format::Header>> {
    let mut paths = Vec::with_capacity(asked.len());
    for segment in asked {
        let piece = pieces.get(&segment.id).copied();
        let path = piece.and_then(|piece| ground.path(&state.store, piece));
        paths.push(path.ok_or_else(|| {
            ApiError::bad("not-covered", format!("segment {} is not one that this hold still needs: ask what is covered again", segment.id))
        })?);
    }
    let unique: BTreeSet<i64> = asked.iter().map(|segment| segment.id).collect();
    if unique.len() < asked.len() {
        return Err(ApiError::bad("twice", "a segment is named twice"));
    }
    let read = tokio::task::spawn_blocking(move || paths.iter().map(header).collect::<anyhow::Result<Vec<_>>>());
    Ok(read.await.map_err(|error| ApiError::internal("reading headers", error))??)
}

fn header(path: &PathBuf) -> anyhow::Result<invigil_format::Header> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(|| format!("open {}", path.display()))?;
    file.take(HEADER_BYTES).read_to_end(&mut bytes).with_context(|| format!("read {}", path.display()))?;
    let mut scanner = Scanner::new();
    // What is wrong further back does not concern the header.
    let _ = scanner.feed(&bytes);
    scanner.header().cloned().with_context(|| format!("{} has no header", path.display()))
}

/// H4: the page has opened these records again. H5 and H6 follow if nothing is left.
///
/// # Errors
/// 409 for a record that this session did not have made.
pub async fn confirm(state: &AppState, sealers: &Sealers, session: i64, hold: &holds::Model, asked: &Confirm) -> ApiResult<HoldView> {
    let tx = db::begin_write(&state.db).await?;
    let hold = super::find(&tx, hold.uuid.parse().map_err(|error| ApiError::internal("reading a hold's row", error))?).await?;
    let ground = ground(state, &tx, &hold).await?;
    for segment in &asked.segments {
        let of = held_segments::Entity::find().filter(held_segments::Column::HoldId.eq(hold.id));
        let row = of.filter(held_segments::Column::SegmentId.eq(*segment)).one(&tx).await?;
        let Some(row) = row.filter(|row| row.confirmed_ms.is_some() || sealers.made(row.id, session)) else {
            let message = format!("segment {segment} was not sealed here, or was sealed again by somebody else meanwhile: seal it again");
            return Err(ApiError::conflict("not-sealed-here", message));
        };
        if row.confirmed_ms.is_none() {
            let change = held_segments::ActiveModel { id: Set(row.id), confirmed_ms: Set(Some(state.now_ms())), ..Default::default() };
            change.update(&tx).await?;
        }
    }
    note_effective(state, &tx, &ground.recording, hold.id).await?;
    crash::point("hold.H4");
    tx.commit().await?;
    crash::point("hold.H4.done");
    if let Err(error) = settle(state, &ground.recording).await {
        tracing::error!(hold = hold.uuid, error = format!("{error:#}"), "the pending key is left to the next sweep");
    }
    let hold = super::find(&state.db, hold.uuid.parse().map_err(|error| ApiError::internal("reading a hold's row", error))?).await?;
    Ok(view::view(state, &hold).await?)
}

/// Writes down that a hold has become effective, if it has.
pub(super) async fn note_effective<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    recording: &recordings::Model,
    hold: i64,
) -> anyhow::Result<bool> {
    let hold = holds::Entity::find_by_id(hold).one(tx).await?.context("find the hold")?;
    let standing = Ground::load(tx, &state.store, recording.clone()).await?.standing(&hold)?;
    if standing.state != State::Effective {
        return Ok(false);
    }
    let newest = held_segments::Entity::find().filter(held_segments::Column::HoldId.eq(hold.id)).all(tx).await?;
    let newest = newest.iter().filter_map(|row| row.confirmed_ms).max();
    // Once more when a segment that came late had made it pending again.
    if hold.effective_ms.is_none() || newest > hold.effective_ms {
        let now_ms = state.now_ms();
        holds::ActiveModel { id: Set(hold.id), effective_ms: Set(Some(now_ms)), ..Default::default() }.update(tx).await?;
        let detail = serde_json::json!({ "recording": recording.uuid, "segments": standing.pieces.len() });
        let entry = Entry { who: "server".into(), action: "hold-effective", object: format!("hold:{}", hold.uuid), detail };
        audit::append_in(tx, now_ms, entry).await?;
    }
    Ok(true)
}

/// H5 and H6 for every hold of a recording that is effective: its pending key goes, then what was sealed to it. Can be repeated.
///
/// # Errors
/// When database, keystore or store fail.
pub(super) async fn settle(state: &AppState, recording: &recordings::Model) -> anyhow::Result<()> {
    for hold in of_recording(&state.db, recording.id).await? {
        if hold.effective_ms.is_some() && hold.pending_key.is_none() {
            continue;
        }
        let tx = db::begin_write(&state.db).await?;
        // The row as it is now: its expiry may have begun since.
        let recording = recordings::Entity::find_by_id(recording.id).one(&tx).await?.context("find the recording")?;
        let effective = note_effective(state, &tx, &recording, hold.id).await?;
        tx.commit().await?;
        let Some(key) = hold.pending_key.filter(|_| effective) else { continue };
        state.keystore.destroy(key.parse::<uuid::Uuid>()?).context("destroy a hold's pending key")?;
        crash::point("hold.H5");
        let tx = db::begin_write(&state.db).await?;
        held_runs::Entity::delete_many().filter(held_runs::Column::HoldId.eq(hold.id)).exec(&tx).await?;
        holds::ActiveModel { id: Set(hold.id), pending_key: Set(None), ..Default::default() }.update(&tx).await?;
        crash::point("hold.H6");
        tx.commit().await?;
        db::forget_old_pages(&state.db).await?;
        crash::point("hold.H6.done");
    }
    Ok(())
}
