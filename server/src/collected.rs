//! "The papers are collected" (mission rule 8): staff end a room's recording. Its computer hears of it with the next heartbeat and ends.

use crate::audit::{self, Entry};
use crate::db::{self, entities::recordings, entities::runs};
use crate::disconnects::Renewal;
use crate::state::AppState;
use crate::{ApiError, ApiResult};
use invigil_format::RecordingId;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

/// Ends the recording of a room; `who` is as in [`Entry::who`].
///
/// # Errors
/// 404; 409 `not-a-room`, `already-ended`, or `not-begun`: nothing was recorded yet, and a word too early must not keep the exam from being recorded.
pub async fn collected(state: &AppState, recording: RecordingId, who: String) -> ApiResult<()> {
    let now_ms = state.now_ms();
    let tx = db::begin_write(&state.db).await?;
    let row = recordings::Entity::find().filter(recordings::Column::Uuid.eq(recording.to_string())).one(&tx).await?;
    let row =
        row.ok_or_else(|| ApiError::not_found(format!("there is no recording {recording}; `invigil-server recordings` lists them")))?;
    if row.kind != "room" {
        return Err(ApiError::conflict("not-a-room", "this is a candidate's recording: the candidate finishes it"));
    }
    if row.finished_ms.is_some() {
        return Err(ApiError::conflict("already-ended", "this recording has ended already"));
    }
    if runs::Entity::find().filter(runs::Column::RecordingId.eq(row.id)).count(&tx).await? == 0 {
        return Err(ApiError::conflict("not-begun", "nothing of this exam was recorded yet, so there is nothing to end"));
    }
    let id = row.id;
    let change =
        recordings::ActiveModel { finished_ms: Set(Some(now_ms)), finished_by: Set(Some("staff".to_owned())), ..row.into_active_model() };
    change.update(&tx).await?;
    let entry = Entry { who, action: "papers-collected", object: format!("recording:{recording}"), detail: serde_json::json!({}) };
    audit::append_in(&tx, now_ms, entry).await?;
    let renewal = Renewal::after(state, id);
    tx.commit().await?;
    state.beats.forget(id);
    drop(renewal);
    tracing::info!(%recording, "the papers are collected");
    Ok(())
}
