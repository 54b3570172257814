//! All routes under one roof.

use crate::state::Shared;
use crate::{ingest, review, staff};
use axum::Router;

/// The whole service.
pub fn router(state: Shared) -> Router {
    Router::new().merge(ingest::router()).merge(staff::router()).merge(review::router()).with_state(state)
}
