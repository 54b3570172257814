//! What reviewers see: exams, recordings, segments, keys.

use crate::state::Shared;
use axum::Router;

/// Routes of the review API and page.
pub fn router() -> Router<Shared> {
    Router::new()
}
