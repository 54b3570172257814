//! What agents talk to.

pub mod heartbeats;

use crate::state::Shared;
use axum::Router;

/// Routes of `wire::agent`.
pub fn router() -> Router<Shared> {
    Router::new().merge(heartbeats::router())
}
