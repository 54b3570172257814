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
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use subtle::ConstantTimeEq;

/// Bucket of all joins with codes that nobody was given.
const UNKNOWN: i64 = -1;
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
    // What cannot be a code is looked up as well, in vain: all wrong codes look alike.
    let digest = code_digest(&joincode::normalise(&request.code).unwrap_or_default()).to_string();
    may_try(&state, &digest).await?;
    check_proof(&state, &request)?;
    let unknown = || {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "join-code-unknown",
            "this join code is not known, or was replaced by a newer one: compare it with the one you were given, or ask the invigilator for a new one",
        )
    };
    let tx = db::begin_write(&state.db).await?;
    let row = recordings::Entity::find().filter(recordings::Column::CodeDigest.eq(&digest)).one(&tx).await?.ok_or_else(unknown)?;
    let same = row.code_digest.as_deref().unwrap_or_default().as_bytes().ct_eq(digest.as_bytes());
    if !bool::from(same) {
        return Err(unknown());
    }
    let recording: RecordingId = row.uuid.parse().map_err(|error| ApiError::internal("reading a recording's row", error))?;
    let exam = exams::Entity::find_by_id(row.exam_id).one(&tx).await?.ok_or_else(unknown)?;
    let buried_ms = runs::buried_ms(&state, &tx, &row, &exam).await?;
    let expires_ms = buried_ms.map_or_else(|| state.policies.expires_ms(&exam), Ok)?;
    let now_ms = state.now_ms();
    may_add(&state, recording, expires_ms, buried_ms.is_some())?;
    let device = request.proof.key;
    if row.code_used_ms.is_some() && row.device_key.as_deref() != Some(device.to_string().as_str()) {
        return Err(ApiError::conflict(
            "join-code-used",
            "this join code was used on another computer already: go on there, or ask the invigilator for a new code for this one",
        ));
    }
    let token: [u8; 32] = invigil_clock::random()?;
    let id = row.id;
    let mut change = row.clone().into_active_model();
    change.code_used_ms = Set(row.code_used_ms.or(Some(now_ms)));
    change.device_key = Set(Some(device.to_string()));
    change.token_digest = Set(Some(hex::encode(token_digest(&token))));
    change.agent_version = Set(Some(request.agent_version.chars().take(80).collect()));
    change.joined_ms = Set(row.joined_ms.or(Some(now_ms)));
    change.update(&tx).await?;
    let certificates = certificates_for(&state, &tx, &exam, id, recording, device).await?;
    let entry = Entry {
        who: format!("device:{device}"),
        action: "joined",
        object: format!("recording:{recording}"),
        detail: serde_json::json!({ "again": row.code_used_ms.is_some() }),
    };
    audit::append_in(&tx, now_ms, entry).await?;
    tx.commit().await?;
    state.live.forget_agent(id);
    crate::disconnects::contact(&state, id, None);
    tracing::info!(%recording, "a device joined");
    let policy = state.policies.get(&exam.policy)?;
    Ok(Json(JoinAnswer {
        recording,
        exam: exam_info(&exam, &row).map_err(|error| ApiError::internal("reading an exam's row", error))?,
        who: row.who,
        token: hex::encode(token),
        certificates,
        capture: CapturePolicy {
            width: policy.capture.width.value,
            height: policy.capture.height.value,
            fps: policy.capture.fps.value,
            max_kbits: policy.capture.max_kbits.value,
            upload_max_kbits: policy.capture.upload_max_kbits.value,
        },
        platform_url: exam.platform.filter(|text| text.starts_with("https://") || text.starts_with("http://")),
        server_time_ms: now_ms,
        expires_ms,
        servers: state.config.listen.other_urls.clone(),
    }))
}

/// Those who try codes in vain share one bucket, so that they cannot keep out who was given one. It bounds their work for the server; what keeps a code from
/// being guessed is its 65 bits. A look-up by a digest takes no other time for a code that nearly exists.
async fn may_try(state: &AppState, digest: &str) -> ApiResult<()> {
    let known = recordings::Entity::find().filter(recordings::Column::CodeDigest.eq(digest)).one(&state.db).await?;
    let (bucket, per_sec) = match known {
        // Apart from the buckets of agents (from 1 upwards) and of their heartbeats (from -3 downwards).
        Some(row) => (i64::MIN + row.id, PER_CODE),
        None => (UNKNOWN, state.config.limits.joins_per_min.div_ceil(60)),
    };
    if state.live.may_ask(bucket, per_sec, state.clock.boottime_us()) { Ok(()) } else { Err(too_many()) }
}

fn exam_info(exam: &exams::Model, row: &recordings::Model) -> Result<ExamInfo, invigil_format::ParseIdError> {
    Ok(ExamInfo {
        id: exam.uuid.parse()?,
        title: exam.title.clone(),
        discipline: exam.discipline.clone(),
        starts_ms: row.starts_ms,
        ends_ms: row.ends_ms + row.extra_ms,
        utc_offset_secs: exam.utc_offset_secs,
    })
}

/// Checks that the device itself signed for this very code and institution.
fn check_proof(state: &AppState, request: &JoinRequest) -> ApiResult<()> {
    let refuse =
        |why: &str| ApiError::bad("bad-proof", format!("the proof of this join is not acceptable: {why}; use an agent of this release"));
    let proof: Join = request.proof.read().map_err(|error| refuse(&error.to_string()))?;
    if proof.institution != state.institution {
        return Err(refuse("it names another institution"));
    }
    if proof.code_digest != code_digest(&request.code)
        && Some(proof.code_digest) != joincode::normalise(&request.code).map(|c| code_digest(&c))
    {
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
