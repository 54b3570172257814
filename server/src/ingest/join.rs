//! `GET /v1/trust` and `POST /v1/join`: a code is traded for a place in an exam, once.

use super::auth::{may_add, token_digest, too_many};
use super::runs;
use crate::audit::{self, Entry};
use crate::db::entities::{certificates, exams, recordings};
use crate::db::{self};
use crate::error::{ApiError, ApiResult};
use crate::state::{AppState, Shared};
use crate::{exams as exam_rules, joincode};
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use invigil_format::{Join, Need, RecordingId, Role, Statement, TrustStore, VerifyingKey, code_digest};
use invigil_wire::agent::{CapturePolicy, ExamInfo, JOIN, JoinAnswer, JoinRequest, TRUST, Trust};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter,
};
use subtle::ConstantTimeEq;

/// Bucket of all joins with codes that nobody was given.
const UNKNOWN: i64 = -1;
/// Buckets of codes that somebody was given, apart from those of agents (from 1 upwards) and of their heartbeats (from -3 downwards).
const CODES: i64 = i64::MIN;
/// Joins a second with one code that somebody was given, averaged. A device needs one.
const PER_CODE: u32 = 1;

pub(super) fn router() -> Router<Shared> {
    Router::new().route(TRUST, get(trust)).route(JOIN, post(join))
}

async fn trust(State(state): State<Shared>) -> Json<Trust> {
    Json(state.trust.clone())
}

async fn join(State(state): State<Shared>, request: Result<Json<JoinRequest>, JsonRejection>) -> ApiResult<Json<JoinAnswer>> {
    let Json(request) = request.map_err(|error| ApiError::bad("bad-json", error.body_text()))?;
    let digest = digest_of(&request.code);
    let known = recordings::Entity::find().filter(recordings::Column::CodeDigest.eq(&digest)).one(&state.db).await?;
    may_try(&state, known.map(|row| CODES + row.id))?;
    check_proof(&state, &request.code, &request.proof)?;
    let unknown = || {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "join-code-unknown",
            "this join code is not known, or was replaced by a newer one: compare it with the one you were given, or ask the invigilator for a new one",
        )
    };
    let tx = db::begin_write(&state.db).await?;
    let row = recordings::Entity::find().filter(recordings::Column::CodeDigest.eq(&digest)).one(&tx).await?.ok_or_else(unknown)?;
    if !is_same(row.code_digest.as_deref(), &digest) {
        return Err(unknown());
    }
    let exam = exams::Entity::find_by_id(row.exam_id).one(&tx).await?.ok_or_else(unknown)?;
    let device = request.proof.key;
    if row.code_used_ms.is_some() && row.device_key.as_deref() != Some(device.to_string().as_str()) {
        not_expired(&state, &tx, &row, &exam).await?;
        return Err(ApiError::conflict(
            "join-code-used",
            "this join code was used on another computer already: go on there, or ask the invigilator for a new code for this one",
        ));
    }
    admit(&state, tx, row, exam, Admitted { device, agent_version: request.agent_version, room: None }).await
}

/// Who is let in, by what.
pub(super) struct Admitted {
    /// Device that feeds the recording from now on.
    pub device: VerifyingKey,
    /// Version of its agent.
    pub agent_version: String,
    /// Row and public id of the room whose computer it is; none: it has the join code.
    pub room: Option<(i64, String)>,
}

/// Gives a recording to a device that may have it, and commits: a new token (the one before is worth nothing then), its certificate, and what the answer says.
///
/// # Errors
/// 410 with the signed expiry, 503 while the clock is suspect.
pub(super) async fn admit(
    state: &Shared,
    tx: DatabaseTransaction,
    row: recordings::Model,
    exam: exams::Model,
    admitted: Admitted,
) -> ApiResult<Json<JoinAnswer>> {
    let Admitted { device, agent_version, room } = admitted;
    let (recording, expires_ms) = not_expired(state, &tx, &row, &exam).await?;
    let now_ms = state.now_ms();
    let token: [u8; 32] = invigil_clock::random()?;
    let id = row.id;
    let again = row.device_key.as_deref() == Some(device.to_string().as_str());
    let mut change = row.clone().into_active_model();
    if room.is_none() {
        change.code_used_ms = Set(row.code_used_ms.or(Some(now_ms)));
    }
    change.taken_by_room = Set(room.as_ref().map(|(row, _)| *row));
    change.device_key = Set(Some(device.to_string()));
    change.token_digest = Set(Some(hex::encode(token_digest(&token))));
    change.agent_version = Set(Some(short_version(&agent_version)));
    change.joined_ms = Set(row.joined_ms.or(Some(now_ms)));
    change.update(&tx).await?;
    let certificates = certificates_for(state, &tx, &exam, id, recording, device).await?;
    let (action, detail) = match &room {
        None => ("joined", serde_json::json!({ "again": row.code_used_ms.is_some() })),
        Some((_, room)) => ("taken-by-room", serde_json::json!({ "again": again, "room": room })),
    };
    let entry = Entry { who: format!("device:{device}"), action, object: format!("recording:{recording}"), detail };
    audit::append_in(&tx, now_ms, entry).await?;
    tx.commit().await?;
    state.live.forget_agent(id);
    crate::disconnects::contact(state, id, None);
    tracing::info!(%recording, action, "a device joined");
    let policy = state.policies.get(&exam.policy)?;
    Ok(Json(JoinAnswer {
        recording,
        exam: exam_info(&exam, &row)?,
        who: row.who,
        token: hex::encode(token),
        certificates,
        capture: CapturePolicy {
            width: policy.capture.width.value,
            height: policy.capture.height.value,
            fps: policy.capture.fps.value,
            max_kbits: policy.capture.max_kbits.value,
            upload_max_kbits: if row.kind == "room" { &policy.capture.room_upload_max_kbits } else { &policy.capture.upload_max_kbits }
                .value,
            sound: policy.capture.sound.value,
        },
        platform_url: exam.platform.filter(|text| text.starts_with("https://") || text.starts_with("http://")),
        server_time_ms: now_ms,
        expires_ms,
        servers: state.config.listen.other_urls.clone(),
    }))
}

/// The recording's id and when its footage expires, Unix ms.
pub(super) async fn not_expired(
    state: &AppState,
    tx: &DatabaseTransaction,
    row: &recordings::Model,
    exam: &exams::Model,
) -> ApiResult<(RecordingId, i64)> {
    let recording: RecordingId = row.uuid.parse().map_err(|error| ApiError::internal("reading a recording's row", error))?;
    let buried_ms = runs::buried_ms(state, tx, row, exam).await?;
    let expires_ms = buried_ms.map_or_else(|| state.policies.expires_ms(exam), Ok)?;
    may_add(state, recording, expires_ms, buried_ms.is_some())?;
    Ok((recording, expires_ms))
}

/// The digest that a code is looked up by. What cannot be a code is looked up as well, in vain: all wrong codes look alike.
pub(super) fn digest_of(code: &str) -> String {
    code_digest(&joincode::normalise(code).unwrap_or_default()).to_string()
}

/// Whether a row's digest is the code's, in constant time.
pub(super) fn is_same(kept: Option<&str>, digest: &str) -> bool {
    kept.unwrap_or_default().as_bytes().ct_eq(digest.as_bytes()).into()
}

/// An agent's word for its version, bounded.
pub(super) fn short_version(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Those who try codes in vain share one bucket, so that they cannot keep out who was given one (`known` is the bucket of that code). It bounds their work for the
/// server; what keeps a code from being guessed is its 65 bits. A look-up by a digest takes no other time for a code that nearly exists.
///
/// # Errors
/// 429.
pub(super) fn may_try(state: &AppState, known: Option<i64>) -> ApiResult<()> {
    let (bucket, per_sec) = match known {
        Some(bucket) => (bucket, PER_CODE),
        None => (UNKNOWN, state.config.limits.joins_per_min.div_ceil(60)),
    };
    if state.live.may_ask(bucket, per_sec, state.clock.boottime_us()) { Ok(()) } else { Err(too_many()) }
}

/// An exam with the window of one of its recordings, as agents are told of it.
///
/// # Errors
/// When the row's id is none.
pub(super) fn exam_info(exam: &exams::Model, row: &recordings::Model) -> ApiResult<ExamInfo> {
    Ok(ExamInfo {
        id: exam.uuid.parse().map_err(|error| ApiError::internal("reading an exam's row", error))?,
        title: exam.title.clone(),
        discipline: exam.discipline.clone(),
        starts_ms: row.starts_ms,
        ends_ms: row.ends_ms + row.extra_ms,
        utc_offset_secs: exam.utc_offset_secs,
    })
}

/// Checks that the device itself signed for this very code and institution.
///
/// # Errors
/// 400.
pub(super) fn check_proof(state: &AppState, code: &str, proof: &Statement) -> ApiResult<()> {
    let refuse =
        |why: &str| ApiError::bad("bad-proof", format!("the proof of this join is not acceptable: {why}; use an agent of this release"));
    let proof: Join = proof.read().map_err(|error| refuse(&error.to_string()))?;
    if proof.institution != state.institution {
        return Err(refuse("it names another institution"));
    }
    if proof.code_digest != code_digest(code) && Some(proof.code_digest) != joincode::normalise(code).map(|c| code_digest(&c)) {
        return Err(refuse("it names another code"));
    }
    Ok(())
}

/// Server, review, the exam's erasure and this device's certificate, which is made the first time.
async fn certificates_for<C: ConnectionTrait>(
    state: &AppState,
    tx: &C,
    exam: &exams::Model,
    recording_row: i64,
    recording: RecordingId,
    device: VerifyingKey,
) -> anyhow::Result<Vec<Statement>> {
    let now_ms = state.now_ms();
    let current = |role| state.trust_store.current(role, now_ms).map(|(_, statement)| statement.clone());
    let mut out: Vec<Statement> = current(Role::Server).chain(current(Role::Review)).collect();
    let kept = certificates::Entity::find()
        .filter(Condition::any().add(certificates::Column::ExamId.eq(exam.id)).add(certificates::Column::RecordingId.eq(recording_row)))
        .all(tx)
        .await?;
    let subject = device.to_string();
    let mut known = None;
    for row in kept {
        let statement = Statement::from_json(row.statement.as_bytes())?;
        if row.role == Role::Erasure.as_str() {
            out.push(statement);
        } else if row.role == Role::Device.as_str() && row.subject == subject {
            known = Some(statement);
        }
    }
    let device_certificate = match known {
        Some(statement) => statement,
        None => {
            let statement = exam_rules::certify_device(state, device, recording)?;
            exam_rules::insert_certificate(tx, &statement, now_ms, None, Some(recording_row)).await?;
            statement
        }
    };
    out.push(device_certificate);
    let store = TrustStore::new(state.institution, state.trust.institution, &out)?;
    store.require(Need::new(Role::Device, device, now_ms).of_recording(recording))?;
    Ok(out)
}
