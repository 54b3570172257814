//! Routes of `wire::holds`.

use super::{By, Opening, Reason, seal, view};
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState, Shared};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use invigil_wire::holds::{Confirm, Covered, HoldView, NewHold, Release, Seal, SealedSegments};
use std::sync::Arc;

pub use seal::Sealers;

/// Largest body of a request to seal, bytes: 400 segments for 16 review keys.
pub const MAX_SEAL_BYTES: usize = 2 << 20;

type Asked<T> = Result<Json<T>, JsonRejection>;

fn body<T>(asked: Asked<T>) -> ApiResult<T> {
    asked.map(|Json(asked)| asked).map_err(|error| ApiError::bad("bad-json", error.body_text()))
}

async fn find(state: &AppState, id: &str) -> ApiResult<crate::db::entities::holds::Model> {
    let id = id.parse().map_err(|_| ApiError::not_found("there is no such hold; load the list of holds again"))?;
    super::find(&state.db, id).await
}

/// `GET /api/holds`.
pub async fn list(State(state): State<Shared>, Extension(who): Extension<Who>) -> ApiResult<Json<Vec<HoldView>>> {
    let mut shown = Vec::new();
    for hold in view::list(&state).await? {
        shown.push(view::for_person(&state, &who, hold).await?);
    }
    Ok(Json(shown))
}

/// `POST /api/holds`.
pub async fn open(State(state): State<Shared>, Extension(who): Extension<Who>, asked: Asked<NewHold>) -> ApiResult<Json<HoldView>> {
    let NewHold { recording, from_ms, to_ms, tracks, reason, note } = body(asked)?;
    let reason = Reason::parse(&reason).ok_or_else(|| ApiError::bad("bad-reason", "expected the reason `appeal` or `other`"))?;
    let opening = Opening { recording, from_ms, to_ms, tracks, reason, note };
    Ok(Json(super::open(&state, &opening, &By::from(&who)).await?))
}

/// `GET /api/holds/{id}/covered`.
pub async fn covered(State(state): State<Shared>, Path(id): Path<String>) -> ApiResult<Json<Covered>> {
    Ok(Json(seal::covered(&state, &find(&state, &id).await?).await?))
}

/// `POST /api/holds/{id}/seal`.
pub async fn seal(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Extension(sealers): Extension<Arc<Sealers>>,
    Path(id): Path<String>,
    asked: Asked<Seal>,
) -> ApiResult<Json<SealedSegments>> {
    let (hold, asked) = (find(&state, &id).await?, body(asked)?);
    Ok(Json(seal::seal(&state, &sealers, who.session, &hold, &asked).await?))
}

/// `POST /api/holds/{id}/confirm`.
pub async fn confirm(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Extension(sealers): Extension<Arc<Sealers>>,
    Path(id): Path<String>,
    asked: Asked<Confirm>,
) -> ApiResult<Json<HoldView>> {
    let (hold, asked) = (find(&state, &id).await?, body(asked)?);
    let hold = seal::confirm(&state, &sealers, who.session, &hold, &asked).await?;
    Ok(Json(view::for_person(&state, &who, hold).await?))
}

/// `POST /api/holds/{id}/release`.
pub async fn release(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
    asked: Asked<Release>,
) -> ApiResult<Json<HoldView>> {
    let (hold, asked) = (find(&state, &id).await?, body(asked)?);
    let id = hold.uuid.parse().map_err(|error| ApiError::internal("reading a hold's row", error))?;
    let hold = super::release(&state, id, &asked.note, &By::from(&who)).await?;
    Ok(Json(view::for_person(&state, &who, view::view(&state, &hold).await?).await?))
}
