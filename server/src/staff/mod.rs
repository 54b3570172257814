//! Accounts and sign-in.

use crate::state::Shared;
use axum::Router;

/// Routes of sign-in.
pub fn router() -> Router<Shared> {
    Router::new()
}
