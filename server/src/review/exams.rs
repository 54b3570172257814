//! Exams and recordings with their timelines and findings.

use crate::review::access;
use crate::{ApiResult, Shared, views};
use axum::Json;
use axum::extract::{Path, State};
use invigil_wire::review::{ExamView, RecordingView};

/// `GET /api/exams`.
pub async fn exams(State(state): State<Shared>) -> ApiResult<Json<Vec<ExamView>>> {
    Ok(Json(views::exams(&state).await?))
}

/// `GET /api/exams/{id}/recordings`.
pub async fn recordings(State(state): State<Shared>, Path(id): Path<String>) -> ApiResult<Json<Vec<RecordingView>>> {
    let exam = access::exam(&state, &id).await?;
    Ok(Json(views::recordings(&state, &exam).await?))
}

/// `GET /api/recordings/{id}`.
pub async fn recording(State(state): State<Shared>, Path(id): Path<String>) -> ApiResult<Json<RecordingView>> {
    let found = access::recording(&state, &id).await?;
    Ok(Json(views::recording(&state, &found.exam, &found.recording).await?))
}
