//! What agents talk to: `wire::agent`.

pub mod auth;
pub mod complete;
mod files;
pub mod heartbeats;
mod join;
mod journal;
pub mod recover;
pub mod runs;
mod tus;

use crate::state::Shared;
use axum::Router;
use axum::extract::DefaultBodyLimit;

/// Largest JSON body, bytes: a full batch of journal entries.
const MAX_JSON_BYTES: usize = 2 << 20;

/// Routes of `wire::agent`.
pub fn router() -> Router<Shared> {
    let json = Router::new().merge(join::router()).merge(runs::router()).merge(journal::router()).merge(heartbeats::router());
    // Files limit their bodies themselves, as they read them.
    json.layer(DefaultBodyLimit::max(MAX_JSON_BYTES)).merge(files::router())
}
