//! Opening a hold: before expiry of whatever the range covers now and later, afterwards of what another hold still keeps.

use super::cover::{Ground, Piece, of_recording};
use super::keys::{self, Kind};
use super::{By, Reason, check_note, view};
use crate::audit::{self, Entry};
use crate::db::{self, entities::exams, entities::held_segments, entities::holds, entities::recordings};
use crate::ingest::runs;
use crate::retention::{self, Access};
use crate::state::AppState;
use crate::{ApiError, ApiResult};
use axum::http::StatusCode;
use invigil_format::{HoldId, RecordingId, TrackName};
use invigil_wire::holds::HoldView;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// What is to be held.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Recording.
    pub recording: RecordingId,
    /// Cited range on the server's clock: from (inclusive), Unix ms.
    pub from_ms: i64,
    /// Until (exclusive), Unix ms.
    pub to_ms: i64,
    /// Tracks; `None`: all.
    pub tracks: Option<Vec<String>>,
    /// Why.
    pub reason: Reason,
    /// In words, 1 to 500 characters; for [`Reason::Act`] empty, because the act says it.
    pub note: String,
}

/// Opens a hold.
///
/// # Errors
/// Those of [`open_in`].
pub async fn open(state: &AppState, opening: &Opening, by: &By) -> ApiResult<HoldView> {
    let tx = db::begin_write(&state.db).await?;
    let hold = open_in(state, &tx, opening, by).await?;
    crate::crash::point("hold.opened");
    tx.commit().await?;
    crate::crash::point("hold.opened.done");
    Ok(view::view(state, &hold).await?)
}

/// What a hold that may be opened stands on.
struct Ready {
    access: Access,
    ground: Ground,
    others: Vec<holds::Model>,
    covered: Vec<Piece>,
}

/// Whether a hold would be opened now. Who opens several asks for all of them first: a key that one has made (H2) is not taken back when another is refused.
///
/// # Errors
/// Those of [`open_in`].
pub async fn may_open<C: ConnectionTrait>(state: &AppState, tx: &C, opening: &Opening) -> ApiResult<()> {
    ready(state, tx, opening).await.map(drop)
}

async fn ready<C: ConnectionTrait>(state: &AppState, tx: &C, opening: &Opening) -> ApiResult<Ready> {
    check(opening)?;
    let found = recordings::Entity::find().filter(recordings::Column::Uuid.eq(opening.recording.to_string())).one(tx).await?;
    let recording =
        found.ok_or_else(|| ApiError::not_found("there is no such recording; go back to the exam and choose one of its recordings"))?;
    let (access, _) = runs::access(state, tx, recording.id).await?;
    let others = of_recording(tx, recording.id).await?;
    let ground = Ground::load(tx, &state.store, recording).await?;
    let covered: Vec<Piece> = ground.within(opening.from_ms, opening.to_ms, opening.tracks.as_deref()).into_iter().cloned().collect();
    match access {
        Access::Open => {}
        Access::Suspended => return Err(retention::suspended()),
        Access::Expired => still_held(&ground, &others, &covered)?,
    }
    ground.check_range(opening.from_ms, opening.to_ms).map_err(|what| ApiError::bad("bad-range", what))?;
    Ok(Ready { access, ground, others, covered })
}

/// H1 and H2, in the caller's transaction, which must have been begun with [`db::begin_write`]: expiry takes the same lock, so that no hold is granted on
/// something whose key is already gone.
///
/// # Errors
/// 400 for a range, track or note that is none or a range far from the recording, 404 for an unknown recording, 410 when the range has expired and no hold keeps
/// all of it, 503 while the clock is suspect.
pub async fn open_in<C: ConnectionTrait>(state: &AppState, tx: &C, opening: &Opening, by: &By) -> ApiResult<holds::Model> {
    let Ready { access, ground, others, covered } = ready(state, tx, opening).await?;
    let recording = &ground.recording;
    let now_ms = state.now_ms();
    let tracks = opening.tracks.as_ref().map(serde_json::to_string).transpose();
    let row = holds::ActiveModel {
        uuid: Set(HoldId::from_random(invigil_clock::random()?).to_string()),
        recording_id: Set(recording.id),
        from_ms: Set(opening.from_ms),
        to_ms: Set(opening.to_ms),
        tracks: Set(tracks.map_err(|error| ApiError::internal("writing a hold's tracks", error))?),
        reason: Set(opening.reason.name().to_owned()),
        act_id: Set(if let Reason::Act(act) = opening.reason { Some(act) } else { None }),
        note: Set(opening.note.trim().to_owned()),
        opened_ms: Set(now_ms),
        opened_by: Set(by.account),
        ..Default::default()
    };
    let mut hold = row.insert(tx).await?;
    let detail = serde_json::json!({
        "recording": recording.uuid, "from_ms": hold.from_ms, "to_ms": hold.to_ms, "tracks": opening.tracks, "reason": hold.reason, "segments": covered.len()
    });
    let entry = Entry { who: by.audit.clone(), action: "hold-opened", object: format!("hold:{}", hold.uuid), detail };
    audit::append_in(tx, now_ms, entry).await?;
    if access == Access::Expired {
        hold = take_over(state, tx, &ground, &others, hold, &covered).await?;
    }
    Ok(hold)
}

fn check(opening: &Opening) -> ApiResult<()> {
    if opening.from_ms >= opening.to_ms {
        return Err(ApiError::bad("bad-range", "expected a range that begins before it ends, in Unix milliseconds"));
    }
    if let Some(tracks) = &opening.tracks {
        let right = !tracks.is_empty() && tracks.len() <= 64 && tracks.iter().all(|track| track.parse::<TrackName>().is_ok());
        if !right {
            return Err(ApiError::bad("bad-tracks", "expected names of 1 to 64 tracks, or null for all of them"));
        }
    }
    if matches!(opening.reason, Reason::Act(_)) { Ok(()) } else { check_note(&opening.note) }
}

/// After expiry only what another hold keeps can be held: whatever else the range covers is being destroyed.
fn still_held(ground: &Ground, others: &[holds::Model], covered: &[Piece]) -> ApiResult<()> {
    let mut kept = std::collections::HashSet::new();
    for hold in others {
        kept.extend(ground.standing(hold)?.pieces.into_iter().map(|piece| piece.id));
    }
    let message = match covered.iter().filter(|piece| !kept.contains(&piece.id)).count() {
        _ if covered.is_empty() => "nothing of this range can be read any more: it has expired".to_owned(),
        0 => return Ok(()),
        gone => format!("{gone} segments of this range have expired and no hold keeps them: cite no more than what is held"),
    };
    Err(ApiError::new(StatusCode::GONE, invigil_wire::agent::EXPIRED, message))
}

/// H2: the other holds' keys are passed on, each under a key of the new hold that is durable before.
async fn take_over<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    ground: &Ground,
    others: &[holds::Model],
    mut hold: holds::Model,
    covered: &[Piece],
) -> ApiResult<holds::Model> {
    let exam = exams::Entity::find_by_id(ground.recording.exam_id).one(tx).await?;
    let exam = exam.ok_or_else(|| ApiError::not_found("the recording's exam is gone"))?;
    let mut without = Vec::new();
    for piece in covered {
        if !pass_on(state, tx, ground, others, &mut hold, piece).await? {
            without.push(piece.clone());
        }
    }
    if !without.is_empty() {
        keys::keep_runs_in(state, tx, &exam, ground, hold.clone(), &without).await?;
    }
    super::seal::note_effective(state, tx, &ground.recording, hold.id).await?;
    super::find(tx, hold.uuid.parse().map_err(|error| ApiError::internal("reading a hold's row", error))?).await
}

/// The segment's own key from a hold that has it; `false` when none has.
async fn pass_on<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    ground: &Ground,
    others: &[holds::Model],
    hold: &mut holds::Model,
    piece: &Piece,
) -> ApiResult<bool> {
    for other in others.iter().filter(|other| ground.is_sealed(other.id, piece.id)) {
        let of = held_segments::Entity::find().filter(held_segments::Column::HoldId.eq(other.id));
        let row = of.filter(held_segments::Column::SegmentId.eq(piece.id)).one(tx).await?;
        let (Some(row), Some(from)) = (row, keys::load(&state.keystore, other, Kind::Effective)?) else { continue };
        let id = keys::name(tx, hold, Kind::Effective).await?;
        let to = state.keystore.ensure(id)?;
        let now_ms = state.now_ms();
        let new = held_segments::ActiveModel {
            hold_id: Set(hold.id),
            segment_id: Set(piece.id),
            statement: Set(keys::pass_on(state, &row, &from, to)?.to_json()),
            // Whoever confirmed it for the other hold has opened the very same inner layer.
            confirmed_ms: Set(Some(now_ms)),
            created_ms: Set(now_ms),
            ..Default::default()
        };
        new.insert(tx).await?;
        return Ok(true);
    }
    Ok(false)
}
