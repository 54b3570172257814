//! All routes under one roof.

use crate::state::Shared;
use crate::{acts, ingest, page, review};
use axum::Router;
use axum::middleware::map_response;

/// The whole service.
pub fn router(state: Shared) -> Router {
    let routes = Router::new().merge(ingest::router()).merge(review::router(&state)).merge(page::router()).merge(acts::routes::public());
    routes.layer(map_response(page::secure)).with_state(state)
}
