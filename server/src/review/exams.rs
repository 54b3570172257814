//! Exams and recordings with their timelines and findings. A teacher on duty is shown the exams that run, and who is in them, to draw up an act on the spot
//! (KazNU 10.4): neither timelines nor findings, and no exam of another day.

use crate::db::entities::exams;
use crate::review::access;
use crate::staff::{Access, Who};
use crate::{ApiError, ApiResult, AppState, Shared, views};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use invigil_format::ReceiptFile;
use invigil_wire::review::{ExamView, FindingView, RecordingView};

/// From so long before its start an exam is one of those that run, ms.
const BEFORE_MS: i64 = 3_600_000;
/// Until so long after its end, ms: the act may be written when the papers have been collected.
const AFTER_MS: i64 = 12 * 3_600_000;

/// Whether an exam is shown to a teacher on duty.
pub fn runs_now(state: &AppState, exam: &exams::Model) -> bool {
    (exam.starts_ms - BEFORE_MS..exam.actual_end_ms + AFTER_MS).contains(&state.now_ms())
}

/// `GET /api/exams`.
pub async fn exams(State(state): State<Shared>, Extension(who): Extension<Who>) -> ApiResult<Json<Vec<ExamView>>> {
    if who.may(Access::Facts) {
        return Ok(Json(views::exams(&state).await?));
    }
    let mut shown = Vec::new();
    for exam in crate::exams::list(&state.db).await?.iter().filter(|exam| runs_now(&state, exam)) {
        shown.push(ExamView { flagged: 0, ..views::exam(&state, exam).await? });
    }
    Ok(Json(shown))
}

/// `GET /api/exams/{id}/recordings`.
pub async fn recordings(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Path(id): Path<String>,
) -> ApiResult<Json<Vec<RecordingView>>> {
    let exam = access::exam(&state, &id).await?;
    let facts = who.may(Access::Facts);
    if !facts && !runs_now(&state, &exam) {
        return Err(ApiError::not_found("there is no such exam; go back to the list of exams"));
    }
    let all = views::recordings(&state, &exam).await?;
    Ok(Json(if facts { all } else { all.into_iter().map(bare).collect() }))
}

/// `GET /api/recordings/{id}`.
pub async fn recording(State(state): State<Shared>, Path(id): Path<String>) -> ApiResult<Json<RecordingView>> {
    let found = access::recording(&state, &id).await?;
    Ok(Json(views::recording(&state, &found.exam, &found.recording).await?))
}

/// `GET /api/recordings/{id}/receipt`: what its own agent is given, for whoever asks the staff for it.
pub async fn receipt(State(state): State<Shared>, Path(id): Path<String>) -> ApiResult<Json<ReceiptFile>> {
    let found = access::recording(&state, &id).await?;
    access::readable(&state, &found)?;
    Ok(Json(views::receipt(&state, &found.exam, &found.recording).await?))
}

/// `POST /api/recordings/{id}/collected`: the papers are collected.
pub async fn collected(State(state): State<Shared>, Extension(who): Extension<Who>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let found = access::recording(&state, &id).await?;
    if !who.may(Access::Facts) && !runs_now(&state, &found.exam) {
        return Err(ApiError::not_found("there is no such recording among the exams that run now; go back to the list of exams"));
    }
    access::readable(&state, &found)?;
    let recording = found.recording.uuid.parse().map_err(|error| ApiError::internal("reading a recording's row", error))?;
    crate::collected::collected(&state, recording, format!("staff:{}", who.account)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who it is, and nothing of what was recorded.
fn bare(view: RecordingView) -> RecordingView {
    let finding = FindingView {
        kind: "none".to_owned(),
        provisional: true,
        longest_upper_ms: 0,
        longest_lower_ms: 0,
        total_upper_ms: 0,
        deadline_ms: None,
        deadline: None,
        ..view.finding
    };
    RecordingView {
        exam: ExamView { flagged: 0, ..view.exam },
        last_contact_ms: None,
        footage: Vec::new(),
        missing: Vec::new(),
        track_missing: Vec::new(),
        recorded_ms: 0,
        size_bytes: 0,
        outages: Vec::new(),
        held: Vec::new(),
        conditions: Vec::new(),
        finding,
        ..view
    }
}
