//! `POST /v1/speed-test`: takes some bytes and throws them away, so that an agent learns how fast its way to the server is and how far its clock is off.

use super::auth::{Agent, too_many};
use crate::disconnects;
use crate::error::{ApiError, ApiResult};
use crate::state::Shared;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use futures_util::StreamExt;
use invigil_wire::agent::{MAX_SPEED_TEST_BYTES, SPEED_TEST, SpeedAnswer};

/// Tests a second of one agent, averaged: one measurement is three of them.
const PER_SEC: u32 = 1;
/// Buckets of speed tests, apart from all others (see `receipt.rs`).
const BUCKETS: i64 = i64::MIN / 16;

pub(super) fn router() -> Router<Shared> {
    Router::new().route(SPEED_TEST, post(speed))
}

async fn speed(State(state): State<Shared>, agent: Agent, body: Body) -> ApiResult<Json<SpeedAnswer>> {
    agent.not_expired(&state)?;
    if !state.live.may_ask(BUCKETS + agent.recording_row, PER_SEC, state.clock.boottime_us()) {
        return Err(too_many());
    }
    // Nothing of it is kept, in memory neither.
    let mut received_bytes = 0;
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        received_bytes += piece.map_err(|error| ApiError::bad("body-cut-off", format!("the body ended early: {error}")))?.len();
        if received_bytes > MAX_SPEED_TEST_BYTES {
            let message = format!("a speed test carries at most {MAX_SPEED_TEST_BYTES} bytes");
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-long", message));
        }
    }
    Ok(Json(SpeedAnswer { received_bytes: received_bytes as u64, server_time_ms: disconnects::now_ms(&state) }))
}
