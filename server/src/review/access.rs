//! Finding a recording, and whether its footage may still be read (mission rule 1).

use crate::db::entities::{exams, recordings};
use crate::{ApiError, ApiResult, AppState, holds, retention};
use invigil_format::{ExamId, RecordingId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashSet;

/// A recording and its exam.
#[derive(Debug, Clone)]
pub struct Found {
    /// Recording.
    pub recording: recordings::Model,
    /// Exam.
    pub exam: exams::Model,
}

/// An exam by the id in a path.
///
/// # Errors
/// 404.
pub async fn exam(state: &AppState, id: &str) -> ApiResult<exams::Model> {
    let none = || ApiError::not_found("there is no such exam; go back to the list of exams");
    let id: ExamId = id.parse().map_err(|_| none())?;
    exams::Entity::find().filter(exams::Column::Uuid.eq(id.to_string())).one(&state.db).await?.ok_or_else(none)
}

/// A recording by the id in a path.
///
/// # Errors
/// 404.
pub async fn recording(state: &AppState, id: &str) -> ApiResult<Found> {
    let id: RecordingId = id.parse().map_err(|_| no_recording())?;
    let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(id.to_string())).one(&state.db).await?;
    with_exam(state, row).await
}

/// A recording by its row.
///
/// # Errors
/// 404.
pub async fn recording_by_row(state: &AppState, id: i64) -> ApiResult<Found> {
    with_exam(state, recordings::Entity::find_by_id(id).one(&state.db).await?).await
}

async fn with_exam(state: &AppState, recording: Option<recordings::Model>) -> ApiResult<Found> {
    let recording = recording.ok_or_else(no_recording)?;
    let exam = exams::Entity::find_by_id(recording.exam_id).one(&state.db).await?.ok_or_else(no_recording)?;
    Ok(Found { recording, exam })
}

/// Until when the recording's footage can be read, Unix ms, if it still can.
///
/// # Errors
/// 410 from the instant of expiry; 503 while it has expired by a clock that is not believed.
pub fn readable(state: &AppState, found: &Found) -> ApiResult<i64> {
    let expires_ms = state.policies.expires_ms(&found.exam)?;
    let gone = found.recording.expired_ms.is_some() || found.exam.destroyed_ms.is_some();
    match retention::access(state, expires_ms, gone) {
        retention::Access::Open => Ok(expires_ms),
        retention::Access::Expired => Err(ApiError::expired()),
        retention::Access::Suspended => Err(retention::suspended()),
    }
}

/// What of a recording can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All of it, until then, Unix ms.
    Until(i64),
    /// It has expired; only these segments, because a hold keeps them.
    Held(HashSet<i64>),
}

/// What of the recording can be read now.
///
/// # Errors
/// Those of [`readable`] when no hold keeps anything of it.
pub async fn reach(state: &AppState, found: &Found) -> ApiResult<Reach> {
    match readable(state, found) {
        Ok(expires_ms) => Ok(Reach::Until(expires_ms)),
        Err(error) => {
            let held = holds::held_segments(&state.db, &state.store, &found.recording).await?;
            if held.is_empty() { Err(error) } else { Ok(Reach::Held(held)) }
        }
    }
}

fn no_recording() -> ApiError {
    ApiError::not_found("there is no such recording; go back to the exam and choose one of its recordings")
}
