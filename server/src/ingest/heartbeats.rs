//! `POST /v1/heartbeats`.

use crate::state::Shared;
use axum::Router;

/// Route of heartbeats.
pub fn router() -> Router<Shared> {
    Router::new()
}
