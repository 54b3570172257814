//! What the computers of rooms talk to: `wire::room`. Such a computer is enrolled with a room code, sees the exams of its room, and takes their recordings.

use super::auth::{bearer_digest, token_digest, too_many};
use super::join::{self, Admitted, check_proof, digest_of, exam_info, is_same, may_try, short_version};
use super::runs;
use crate::audit::{self, Entry};
use crate::db::entities::{self, exams, recordings, rooms};
use crate::db::{self};
use crate::disconnects;
use crate::error::{ApiError, ApiResult};
use crate::retention::{self, Access};
use crate::state::{AppState, Shared};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Json, Router};
use invigil_format::VerifyingKey;
use invigil_wire::agent::JoinAnswer;
use invigil_wire::room::{
    ENDED, ENROL, EXAMS, EnrolAnswer, EnrolRequest, LISTED_AFTER_MS, LISTED_BEFORE_MS, RoomExam, RoomExams, TAKE, TAKEN, TakeRequest,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Buckets of room codes and of enrolled computers, apart from those in [`join`].
const CODES: i64 = i64::MIN / 2;
const COMPUTERS: i64 = i64::MIN / 4;
/// Requests a second of one room's computer, averaged. It asks about twice a minute, and once for each exam that is new.
const PER_SEC: u32 = 5;
/// Most exams in one list: a week in one room has far fewer.
const MOST: u64 = 500;

pub(super) fn router() -> Router<Shared> {
    Router::new().route(ENROL, post(enrol)).route(EXAMS, get(list)).route(TAKE, post(take))
}

/// An enrolled computer of a room.
pub struct Computer {
    room: rooms::Model,
    device: VerifyingKey,
}

impl Computer {
    fn has(&self, row: &recordings::Model) -> bool {
        row.device_key.as_deref() == Some(self.device.to_string().as_str())
    }

    /// Who has a recording by a code that still counts keeps it: the laptop that stands in for a broken computer. A former computer of this room does not.
    fn is_kept_out(&self, row: &recordings::Model) -> bool {
        !self.has(row) && row.device_key.is_some() && row.code_used_ms.is_some() && row.taken_by_room != Some(self.room.id)
    }
}

impl FromRequestParts<Shared> for Computer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        // Looked up by the digest of 256 random bits: how long it takes tells nothing about a token.
        let digest = hex::encode(bearer_digest(&parts.headers)?);
        let room = rooms::Entity::find().filter(rooms::Column::TokenDigest.eq(digest)).one(&state.db).await?;
        let room = room.filter(|room| room.withdrawn_ms.is_none()).ok_or_else(ApiError::unauthorized)?;
        if !state.live.may_ask(COMPUTERS + room.id, PER_SEC, state.clock.boottime_us()) {
            return Err(too_many());
        }
        let device = room.device_key.as_deref().unwrap_or_default().parse();
        let device = device.map_err(|error| ApiError::internal("reading a room's row", error))?;
        Ok(Self { room, device })
    }
}

async fn enrol(State(state): State<Shared>, request: Result<Json<EnrolRequest>, JsonRejection>) -> ApiResult<Json<EnrolAnswer>> {
    let Json(request) = request.map_err(|error| ApiError::bad("bad-json", error.body_text()))?;
    let digest = digest_of(&request.code);
    let known = rooms::Entity::find().filter(rooms::Column::CodeDigest.eq(&digest)).one(&state.db).await?;
    may_try(&state, known.map(|row| CODES + row.id))?;
    check_proof(&state, &request.code, &request.proof)?;
    let unknown = || {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "room-code-unknown",
            "this room code is not known, or was replaced by a newer one: have a new one made with `invigil-server room code`",
        )
    };
    let tx = db::begin_write(&state.db).await?;
    let row = rooms::Entity::find().filter(rooms::Column::CodeDigest.eq(&digest)).one(&tx).await?.ok_or_else(unknown)?;
    if !is_same(row.code_digest.as_deref(), &digest) {
        return Err(unknown());
    }
    let (now_ms, device) = (state.now_ms(), request.proof.key);
    if row.code_used_ms.is_some() && row.device_key.as_deref() != Some(device.to_string().as_str()) {
        return Err(ApiError::conflict(
            "room-code-used",
            "this room code was used on another computer already: have a new one made with `invigil-server room code`",
        ));
    }
    let token: [u8; 32] = invigil_clock::random()?;
    let (room, uuid, again) = (row.name.clone(), row.uuid.clone(), row.code_used_ms.is_some());
    let change = rooms::ActiveModel {
        code_used_ms: Set(row.code_used_ms.or(Some(now_ms))),
        device_key: Set(Some(device.to_string())),
        token_digest: Set(Some(hex::encode(token_digest(&token)))),
        agent_version: Set(Some(short_version(&request.agent_version))),
        enrolled_ms: Set(Some(now_ms)),
        ..row.into_active_model()
    };
    change.update(&tx).await?;
    let detail = serde_json::json!({ "again": again });
    let entry = Entry { who: format!("device:{device}"), action: "room-enrolled", object: format!("room:{uuid}"), detail };
    audit::append_in(&tx, now_ms, entry).await?;
    tx.commit().await?;
    tracing::info!(room = uuid, "a room's computer was enrolled");
    Ok(Json(EnrolAnswer { room, token: hex::encode(token), servers: state.config.listen.other_urls.clone() }))
}

async fn list(State(state): State<Shared>, computer: Computer) -> ApiResult<Json<RoomExams>> {
    // A wall clock that jumps must begin no exam: the time that heartbeats are told.
    let now_ms = disconnects::now_ms(&state);
    let of_room = recordings::Entity::find()
        .filter(recordings::Column::Kind.eq("room"))
        .filter(recordings::Column::Who.eq(&computer.room.name))
        .filter(recordings::Column::ExpiredMs.is_null())
        .filter(recordings::Column::StartsMs.lt(now_ms + LISTED_BEFORE_MS))
        .filter(recordings::Column::EndsMs.gt(now_ms - LISTED_AFTER_MS))
        .order_by_asc(recordings::Column::StartsMs)
        .order_by_asc(recordings::Column::Id)
        .limit(MOST);
    let mut listed = Vec::new();
    for row in of_room.all(&state.db).await? {
        let Some(exam) = exams::Entity::find_by_id(row.exam_id).one(&state.db).await? else { continue };
        let buried_ms = runs::buried_ms(&state, &state.db, &row, &exam).await?;
        if buried_ms.is_some() || retention::access(&state, state.policies.expires_ms(&exam)?, false) != Access::Open {
            continue;
        }
        let recording = row.uuid.parse().map_err(|error| ApiError::internal("reading a recording's row", error))?;
        let by_code = computer.is_kept_out(&row);
        let lead_ms = disconnects::lead_ms(state.policies.get(&exam.policy)?);
        let begun = row.finished_ms.is_none() && runs_of(&state, &row).await? > 0;
        listed.push(RoomExam { recording, exam: exam_info(&exam, &row)?, lead_ms, ended_ms: row.finished_ms, by_code, begun });
    }
    Ok(Json(RoomExams { room: computer.room.name, server_time_ms: now_ms, exams: listed }))
}

async fn runs_of(state: &AppState, row: &recordings::Model) -> ApiResult<u64> {
    Ok(entities::runs::Entity::find().filter(entities::runs::Column::RecordingId.eq(row.id)).count(&state.db).await?)
}

async fn take(
    State(state): State<Shared>,
    computer: Computer,
    request: Result<Json<TakeRequest>, JsonRejection>,
) -> ApiResult<Json<JoinAnswer>> {
    let Json(request) = request.map_err(|error| ApiError::bad("bad-json", error.body_text()))?;
    // Another room's recording and one that does not exist look alike.
    let not_ours = || {
        ApiError::forbidden(format!(
            "recording {} is none of room {:?}: this computer may not take it",
            request.recording, computer.room.name
        ))
    };
    let tx = db::begin_write(&state.db).await?;
    // As the room is now: its code may just have been reissued.
    let room = rooms::Entity::find_by_id(computer.room.id).one(&tx).await?;
    let room = room.filter(|room| room.token_digest == computer.room.token_digest).ok_or_else(ApiError::unauthorized)?;
    let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(request.recording.to_string())).one(&tx).await?;
    let row = row.filter(|row| row.kind == "room" && row.who == room.name).ok_or_else(not_ours)?;
    let exam = exams::Entity::find_by_id(row.exam_id).one(&tx).await?.ok_or_else(not_ours)?;
    // First, so that a computer that may not have it any more still learns when to delete what it keeps of it.
    join::not_expired(&state, &tx, &row, &exam).await?;
    if row.finished_ms.is_some() && !computer.has(&row) {
        return Err(ApiError::conflict(ENDED, "the papers of this exam are collected: its recording has ended"));
    }
    if computer.is_kept_out(&row) {
        return Err(ApiError::conflict(
            TAKEN,
            "another computer records this exam with a join code: let it go on, or make the code worthless with `invigil-server exam code`",
        ));
    }
    let admitted = Admitted { device: computer.device, agent_version: request.agent_version, room: Some((room.id, room.uuid)) };
    join::admit(&state, tx, row, exam, admitted).await
}
