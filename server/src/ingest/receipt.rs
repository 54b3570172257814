//! `GET /v1/recordings/{recording}/receipt`: what the server holds of a recording, for the person at the machine. It releases no footage, so it is no audit entry.

use super::auth::{Agent, too_many};
use crate::db::entities::{exams, recordings};
use crate::error::{ApiError, ApiResult};
use crate::state::Shared;
use crate::views;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use invigil_format::{ParseIdError, RecordingId};
use sea_orm::EntityTrait;

/// Receipts a second of one agent, averaged: each reads the recording's segments and journal. An agent needs one at its end.
const PER_SEC: u32 = 1;
/// Buckets of receipts, apart from those of agents (from 1 upwards), of heartbeats (from -3 downwards), of joins (from the smallest number
/// upwards), of rooms (from a half and a quarter of that number upwards) and of speed tests (from a sixteenth of it).
const BUCKETS: i64 = i64::MIN / 8;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/v1/recordings/{recording}/receipt", get(receipt))
}

async fn receipt(State(state): State<Shared>, agent: Agent, Path(recording): Path<String>) -> ApiResult<impl IntoResponse> {
    let wrong = |error: ParseIdError| ApiError::bad("bad-recording", format!("the recording's id in the path is wrong: {error}"));
    agent.owns(recording.parse::<RecordingId>().map_err(wrong)?)?;
    agent.not_expired(&state)?;
    if !state.live.may_ask(BUCKETS + agent.recording_row, PER_SEC, state.clock.boottime_us()) {
        return Err(too_many());
    }
    let gone = || ApiError::not_found("this recording is gone");
    let row = recordings::Entity::find_by_id(agent.recording_row).one(&state.db).await?.ok_or_else(gone)?;
    let exam = exams::Entity::find_by_id(agent.exam_row).one(&state.db).await?.ok_or_else(gone)?;
    let file = views::receipt(&state, &exam, &row).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(file)))
}
