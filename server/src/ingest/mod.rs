//! What agents talk to: `wire::agent`.

pub mod auth;
pub mod complete;
mod files;
pub mod heartbeats;
mod join;
pub mod journal;
mod receipt;
pub mod recover;
mod rooms;
pub mod runs;
mod speed;
mod tus;

use crate::error::ApiError;
use crate::state::Shared;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Largest JSON body, bytes: a full batch of journal entries.
const MAX_JSON_BYTES: usize = 2 << 20;
/// Longest time for a request that is no upload, and for a pause in one that is.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Routes of `wire::agent`.
pub fn router() -> Router<Shared> {
    let json = Router::new()
        .merge(join::router())
        .merge(rooms::router())
        .merge(runs::router())
        .merge(journal::router())
        .merge(heartbeats::router())
        .merge(receipt::router())
        .merge(speed::router());
    // Files limit their bodies themselves, as they read them.
    json.layer(DefaultBodyLimit::max(MAX_JSON_BYTES)).layer(from_fn(limit_time)).merge(files::router())
}

/// A body that trickles in holds nothing for long.
async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => too_slow().into_response(),
    }
}

/// 408.
fn too_slow() -> ApiError {
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the request came too slowly: send it again")
}
