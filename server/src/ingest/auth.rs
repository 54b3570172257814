//! Who is asking: the bearer token of the join answer.

use crate::db::entities::{exams, recordings};
use crate::error::{ApiError, ApiResult};
use crate::retention;
use crate::state::{AppState, Shared};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use invigil_format::{ExamId, Expired, RecordingId, VerifyingKey};
use invigil_wire::agent::{EXPIRY_HEADER, HEARTBEATS};
use ring::digest::{SHA256, digest};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// An authenticated agent. Extracting it is contact (mission rule 4) and counts against the agent's rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Row of its recording.
    pub recording_row: i64,
    /// Its recording.
    pub recording: RecordingId,
    /// Row of the exam.
    pub exam_row: i64,
    /// The exam.
    pub exam: ExamId,
    /// The device that joined.
    pub device: VerifyingKey,
    /// From then on nothing is taken any more, Unix ms.
    pub expires_ms: i64,
    /// The exam's footage has been destroyed.
    pub destroyed: bool,
}

impl Agent {
    /// Refuses with 410 once the exam has expired.
    ///
    /// # Errors
    /// 410 `expired` with a signed expiry; 503 while the clock is suspect, so that no device deletes anything on its word.
    pub fn not_expired(&self, state: &AppState) -> ApiResult<()> {
        may_add(state, self.recording, self.expires_ms, self.destroyed)
    }

    /// Refuses what belongs to another recording.
    ///
    /// # Errors
    /// 403.
    pub fn owns(&self, recording: RecordingId) -> ApiResult<()> {
        if recording == self.recording {
            Ok(())
        } else {
            Err(ApiError::forbidden(format!("this token belongs to recording {}, the request names {recording}", self.recording)))
        }
    }
}

impl FromRequestParts<Shared> for Agent {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        let agent = find(state, &bearer_digest(&parts.headers)?).await?;
        crate::disconnects::contact(state, agent.recording_row, None);
        // Contact must never fail for having uploaded too eagerly.
        if parts.uri.path() != HEARTBEATS
            && !state.live.may_ask(agent.recording_row, state.config.limits.requests_per_sec, state.clock.boottime_us())
        {
            return Err(too_many());
        }
        Ok(agent)
    }
}

/// Digest of a request's bearer token.
///
/// # Errors
/// 401 when there is none, or it is no token of this server.
pub fn bearer_digest(headers: &HeaderMap) -> ApiResult<[u8; 32]> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(ApiError::unauthorized)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(token, &mut bytes).map_err(|_| ApiError::unauthorized())?;
    Ok(token_digest(&bytes))
}

/// SHA-256 of a token: all that is kept of it.
pub fn token_digest(token: &[u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, token).as_ref());
    out
}

/// Refuses what is added to footage that expires at `expires_ms` once that is past; `gone` when it was destroyed.
///
/// # Errors
/// See [`Agent::not_expired`].
pub fn may_add(state: &AppState, recording: RecordingId, expires_ms: i64, gone: bool) -> ApiResult<()> {
    match retention::access(state, expires_ms, gone) {
        retention::Access::Open => Ok(()),
        retention::Access::Expired => Err(expired(state, recording, expires_ms)),
        retention::Access::Suspended => Err(retention::suspended()),
    }
}

/// 410 with the signed expiry (format.md 7) on which the agent deletes what it has: JSON in hexadecimal in [`EXPIRY_HEADER`].
pub fn expired(state: &AppState, recording: RecordingId, expired_ms: i64) -> ApiError {
    let error = ApiError::expired();
    let statement = state.server_key.state(&Expired { institution: state.institution, recording, expired_ms });
    match statement.map(|statement| HeaderValue::from_str(&hex::encode(statement.to_json()))) {
        Ok(Ok(value)) => error.with_header(EXPIRY_HEADER, value),
        _ => error,
    }
}

/// 429.
pub fn too_many() -> ApiError {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "too many requests: wait a second and go on")
        .with_header("retry-after", HeaderValue::from_static("1"))
}

async fn find(state: &AppState, digest: &[u8; 32]) -> ApiResult<Agent> {
    let now_us = state.clock.boottime_us();
    // The exam's end may have moved in these seconds: "expired", on which a device deletes all it has, is only ever said after a look at the rows.
    if let Some(agent) = state.live.agent(digest, now_us)
        && retention::access(state, agent.expires_ms, agent.destroyed) == retention::Access::Open
    {
        return Ok(agent);
    }
    // Looked up by the digest of 256 random bits: how long it takes tells nothing about a token.
    let row = recordings::Entity::find().filter(recordings::Column::TokenDigest.eq(hex::encode(digest))).one(&state.db).await?;
    let row = row.ok_or_else(ApiError::unauthorized)?;
    let exam = exams::Entity::find_by_id(row.exam_id).one(&state.db).await?.ok_or_else(ApiError::unauthorized)?;
    let broken = |error: invigil_format::ParseIdError| ApiError::internal("reading a recording's row", error);
    let buried_ms = super::runs::buried_ms(state, &state.db, &row, &exam).await?;
    let agent = Agent {
        recording_row: row.id,
        recording: row.uuid.parse().map_err(broken)?,
        exam_row: exam.id,
        exam: exam.uuid.parse().map_err(broken)?,
        device: row.device_key.as_deref().unwrap_or_default().parse().map_err(broken)?,
        expires_ms: buried_ms.map_or_else(|| state.policies.expires_ms(&exam), Ok)?,
        destroyed: buried_ms.is_some(),
    };
    state.live.remember_agent(*digest, agent.clone(), now_us);
    Ok(agent)
}
