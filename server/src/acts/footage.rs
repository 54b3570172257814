//! The footage that an act cites: its holds, and the segments as they stand in the act.

use crate::acts::stills;
use crate::db::entities::{holds as rows, key_records, recordings, runs, segments};
use crate::disconnects;
use crate::holds::{self, By, Ground, Opening, Piece, Reason};
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState};
use axum::http::StatusCode;
use invigil_evidence::bundle::{Unfit, fits_a_bundle};
use invigil_evidence::{CitedRun, CitedSegment, Evidence};
use invigil_wire::acts::Cited;
use invigil_wire::holds::HoldView;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// Longest stretch, ms.
const MAX_STRETCH_MS: i64 = 2 * 3_600_000;
/// Most stretches of one act.
const MAX_STRETCHES: usize = 20;
/// For how long an act waits for a device that is silent, or for an older run that a new one completes, ms. A router or a computer that is started again is back by then, and
/// an agent completes what an earlier run left as soon as it starts (lifecycle R3); waiting longer for one that may never come back would cost the act its month (KazNU 1.19).
const QUIET_MS: i64 = 600_000;

/// Refuses stretches that are none, that nobody could sign, or that are not of this exam.
///
/// # Errors
/// 422 `bad-evidence`.
pub async fn check(state: &AppState, exam: i64, cited: &[Cited]) -> ApiResult<()> {
    let bad = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-evidence", message);
    if cited.len() > MAX_STRETCHES {
        return Err(bad(format!("an act cites at most {MAX_STRETCHES} stretches, found {}", cited.len())));
    }
    for (place, one) in cited.iter().enumerate() {
        let length_ms = one.to_ms.checked_sub(one.from_ms);
        if !length_ms.is_some_and(|length_ms| (1..=MAX_STRETCH_MS).contains(&length_ms)) {
            return Err(bad("a stretch begins before it ends and has at most 2 hours; cite two".into()));
        }
        if cited.iter().take(place).any(|other| other == one) {
            return Err(bad("a stretch is cited twice; take one of them out".into()));
        }
        let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(one.recording.to_string())).one(&state.db).await?;
        let row = row.filter(|row| row.exam_id == exam);
        let row = row.ok_or_else(|| bad(format!("there is no recording {} in this exam", one.recording)))?;
        Ground::load(&state.db, &state.store, row).await?.check_range(one.from_ms, one.to_ms).map_err(bad)?;
    }
    Ok(())
}

/// Brings the holds of an act in line with what it cites: opens what is new, releases what is dropped. [`finish`] is to follow after the commit.
///
/// # Errors
/// 410 when something of a new stretch has expired; as opening and releasing.
pub async fn change<C: ConnectionTrait>(state: &AppState, tx: &C, act: i64, cited: &[Cited], who: &Who) -> ApiResult<()> {
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    for (hold, recording) in open_of(tx, act).await? {
        let has = Cited { recording: id(&recording)?, from_ms: hold.from_ms, to_ms: hold.to_ms };
        if cited.contains(&has) && !kept.contains(&has) {
            kept.push(has);
        } else {
            dropped.push(hold);
        }
    }
    let new = cited.iter().filter(|one| !kept.contains(one)).map(|one| {
        let (recording, from_ms, to_ms) = (one.recording, one.from_ms, one.to_ms);
        Opening { recording, from_ms, to_ms, tracks: None, reason: Reason::Act(act), note: String::new() }
    });
    let new: Vec<Opening> = new.collect();
    for opening in &new {
        holds::may_open(state, tx, opening).await?;
    }
    // First what is new: of expired footage it takes over the keys of what is released after it.
    for opening in &new {
        holds::open_in(state, tx, opening, &By::from(who)).await?;
    }
    for hold in dropped {
        holds::release_in(state, tx, hold, "no longer cited by the act", &By::from(who)).await?;
    }
    Ok(())
}

/// Releases all holds of an act. [`finish`] is to follow after the commit.
///
/// # Errors
/// As releasing.
pub async fn release<C: ConnectionTrait>(state: &AppState, tx: &C, act: i64, note: &str, who: &Who) -> ApiResult<()> {
    release_by(state, tx, act, note, &By::from(who)).await
}

/// The same in the name of whoever does it, the server too.
///
/// # Errors
/// As releasing.
pub async fn release_by<C: ConnectionTrait>(state: &AppState, tx: &C, act: i64, note: &str, by: &By) -> ApiResult<()> {
    for (hold, _) in open_of(tx, act).await? {
        holds::release_in(state, tx, hold, note, by).await?;
    }
    Ok(())
}

/// Does after the commit what releasing holds of this act leaves to be done. What fails here is done by the next sweep.
pub async fn finish(state: &AppState, act: i64) {
    let released = rows::Entity::find().filter(rows::Column::ActId.eq(act)).filter(rows::Column::ReleasedMs.is_not_null());
    let done: anyhow::Result<()> = async {
        for hold in released.all(&state.db).await? {
            holds::finish(state, &hold).await?;
        }
        Ok(())
    }
    .await;
    if let Err(error) = done {
        tracing::error!(error = format!("{error:#}"), "a release goes on at the next sweep");
    }
}

/// The holds of an act, released ones too.
///
/// # Errors
/// When the database fails.
pub async fn holds(state: &AppState, act: i64) -> ApiResult<Vec<HoldView>> {
    let found = rows::Entity::find().filter(rows::Column::ActId.eq(act)).order_by_asc(rows::Column::Id).all(&state.db).await?;
    let mut out = Vec::with_capacity(found.len());
    for hold in &found {
        out.push(holds::view(state, hold).await?);
    }
    Ok(out)
}

/// What the act says of the stretches that it cites, each segment by its digest; or why that cannot be said: `growing` (a segment is still coming in),
/// `missing` (there is no footage in a stretch), `not-held` (nothing holds it any more),
/// `too-much-footage` (no bundle could be made of it: whoever signs an act must be able to prove it).
///
/// Only what is stored can be proved, so an act names nothing else. A segment that nobody completes any more ([`may_grow`]) is no reason to wait: the bundle's report says what
/// of the stretch is missing. If it comes after all it is held like the rest, and the content that was frozen stays as it is.
///
/// # Errors
/// When the database fails or is damaged.
pub async fn cited<C: ConnectionTrait>(
    state: &AppState,
    db: &C,
    act: i64,
    cited: &[Cited],
) -> ApiResult<Result<Vec<Evidence>, &'static str>> {
    let holds = open_of(db, act).await?;
    let mut out = Vec::with_capacity(cited.len());
    for one in cited {
        let uuid = one.recording.to_string();
        let hold = holds.iter().find(|(hold, recording)| *recording == uuid && (hold.from_ms, hold.to_ms) == (one.from_ms, one.to_ms));
        let recording = recordings::Entity::find().filter(recordings::Column::Uuid.eq(&uuid)).one(db).await?;
        let (Some((hold, _)), Some(recording)) = (hold, recording) else { return Ok(Err("not-held")) };
        let ground = Ground::load(db, &state.store, recording).await?;
        let pieces = ground.within(one.from_ms, one.to_ms, None);
        if pieces.iter().any(|piece| may_grow(state, &ground, piece)) {
            return Ok(Err("growing"));
        }
        let stored: Vec<i64> = pieces.iter().filter(|piece| piece.state == "stored").map(|piece| piece.id).collect();
        if stored.is_empty() {
            return Ok(Err("missing"));
        }
        out.push(of_segments(db, one, &hold.uuid, stored).await?);
    }
    match fits_a_bundle(&out, &stills::attached(db, act).await?) {
        Ok(()) => Ok(Ok(out)),
        Err(error @ Unfit::Contradiction(_)) => Err(damaged(error)),
        Err(_) => Ok(Err("too-much-footage")),
    }
}

/// Whether a segment that is not stored yet is worth waiting for: the device that has the recording now was heard lately, and the segment is of its newest run, or of an older
/// one that it may be completing just now.
fn may_grow(state: &AppState, ground: &Ground, piece: &Piece) -> bool {
    let now_ms = disconnects::now_ms(state);
    let lately = |at_ms: i64| now_ms.saturating_sub(at_ms) < QUIET_MS;
    let recording = &ground.recording;
    let contact_ms = recording.last_contact_ms.max(state.live.contact(recording.id).map(|contact| contact.at_ms));
    let run = ground.runs.get(&piece.run_id).filter(|run| recording.device_key.as_ref() == Some(&run.device_key));
    let Some(run) = run.filter(|_| !ground.is_whole(piece) && contact_ms.is_some_and(lately)) else { return false };
    // Rows are in order of arrival, and backlog arrives late: the newest is the one that was heard last.
    let newest = ground.runs.values().max_by_key(|run| (run.last_seen_ms.max(Some(run.first_seen_ms)), run.id));
    newest.is_some_and(|newest| newest.id == run.id || lately(newest.first_seen_ms)) || lately(piece.created_ms)
}

async fn of_segments<C: ConnectionTrait>(db: &C, cited: &Cited, hold: &str, stored: Vec<i64>) -> ApiResult<Evidence> {
    let mut found = segments::Entity::find().filter(segments::Column::Id.is_in(stored)).all(db).await?;
    let runs = runs::Entity::find().filter(runs::Column::Id.is_in(found.iter().map(|row| row.run_id))).order_by_asc(runs::Column::Id);
    let runs: BTreeMap<i64, runs::Model> = runs.all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let records = key_records::Entity::find().filter(key_records::Column::RunId.is_in(runs.keys().copied())).all(db).await?;
    let mut cited_runs = Vec::with_capacity(runs.len());
    for run in runs.values() {
        let record = records.iter().find(|record| record.run_id == run.id).ok_or_else(|| damaged("a run has no key record"))?;
        let device_clock = found.iter().find(|row| row.run_id == run.id).and_then(|row| row.wall_minus_boot_ms);
        let clock_offset_ms = run.clock_offset_ms.or(device_clock).ok_or_else(|| damaged("a run has no clock"))?;
        cited_runs.push(CitedRun { run: id(&run.uuid)?, device: id(&run.device_key)?, key_record: id(&record.digest)?, clock_offset_ms });
    }
    found.sort_by(|a, b| (a.run_id, &a.track, a.sequence).cmp(&(b.run_id, &b.track, b.sequence)));
    let mut segments = Vec::with_capacity(found.len());
    for row in &found {
        let run = runs.get(&row.run_id).ok_or_else(|| damaged("a segment has no run"))?;
        let (Some(digest), Some(head)) = (&row.digest, &row.head) else { return Err(damaged("a stored segment has no digest")) };
        segments.push(CitedSegment {
            run: id(&run.uuid)?,
            track: id(&row.track)?,
            sequence: u32::try_from(row.sequence).map_err(damaged)?,
            size_bytes: u64::try_from(row.size_bytes).map_err(damaged)?,
            digest: id(digest)?,
            head: id(head)?,
        });
    }
    let (recording, from_ms, to_ms) = (cited.recording, cited.from_ms, cited.to_ms);
    Ok(Evidence { recording, from_ms, to_ms, hold: id(hold)?, runs: cited_runs, segments })
}

/// Holds of an act that are not released, with the public ids of their recordings, oldest first.
async fn open_of<C: ConnectionTrait>(db: &C, act: i64) -> ApiResult<Vec<(rows::Model, String)>> {
    let open = rows::Entity::find().filter(rows::Column::ActId.eq(act)).filter(rows::Column::ReleasedMs.is_null());
    let mut out = Vec::new();
    for hold in open.order_by_asc(rows::Column::Id).all(db).await? {
        let recording =
            recordings::Entity::find_by_id(hold.recording_id).one(db).await?.ok_or_else(|| damaged("a hold has no recording"))?;
        out.push((hold, recording.uuid));
    }
    Ok(out)
}

fn id<T: std::str::FromStr>(text: &str) -> ApiResult<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(damaged)
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    ApiError::internal("reading what an act cites", error)
}
