//! What follows when a draft was discarded: its key is destroyed, so that every copy of it ends, and its attachments go. And what time does to acts.

use crate::acts::people::Circle;
use crate::acts::{access, attachments, deadline, footage, view};
use crate::db;
use crate::db::entities::acts;
use crate::holds::By;
use crate::state::{AppState, Shared};
use anyhow::Context;
use invigil_format::ActId;
use invigil_rules::acts::{State, needs_footage, too_late};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Pause between two rounds.
const PAUSE: Duration = Duration::from_secs(600);

/// Ends a discarded act. Can be repeated.
///
/// # Errors
/// When keystore, folder or database fail; then the next round goes on.
pub async fn finish(state: &AppState, row: &acts::Model) -> anyhow::Result<()> {
    let act: ActId = row.uuid.parse().context("read an act's id")?;
    state.keystore.destroy(act).context("destroy a discarded act's key")?;
    crate::crash::point("act-discard-after-key");
    attachments::destroy(state, row.id).await?;
    db::forget_old_pages(&state.db).await.context("forget a discarded act")
}

/// Does what a crash has left undone; before the server answers anybody.
///
/// # Errors
/// When keystore, folder or database fail.
pub async fn recover(state: &AppState) -> anyhow::Result<()> {
    attachments::sweep(state).await.context("look through the folder of attachments")?;
    unfinished(state).await
}

/// Closes acts whose footage nobody needs any more: those for whose cancellation it is too late. What they cite is held no longer.
///
/// # Errors
/// When the database fails.
pub async fn close_overdue(state: &AppState) -> anyhow::Result<()> {
    let failed = |error: crate::ApiError| anyhow::anyhow!("{error}");
    let open = acts::Entity::find().filter(acts::Column::ClosedMs.is_null());
    let signed = open.filter(acts::Column::State.is_in([State::Signed.name(), State::PassedOn.name()])).all(&state.db).await?;
    if signed.is_empty() {
        return Ok(());
    }
    let (circle, now_ms) = (Circle::load(&state.db).await.map_err(failed)?, state.now_ms());
    for row in signed {
        let exam = view::exam_of(state, &row).await.map_err(failed)?;
        let found = access::with_form(state, &state.db, row).await.map_err(failed)?;
        let facts = view::facts(&found, &circle);
        let limit = deadline::limit(state, &exam, facts.decides_grade).map_err(failed)?;
        if !needs_footage(found.state, facts, too_late(now_ms, limit.until_ms, true)) {
            close(state, &found.row, now_ms).await?;
        }
    }
    Ok(())
}

/// Closes an act and releases its holds, together, if it is still as it was read: the board may cancel the grade at this very moment.
async fn close(state: &AppState, read: &acts::Model, now_ms: i64) -> anyhow::Result<()> {
    let tx = db::begin_write(&state.db).await?;
    let now = acts::Entity::find_by_id(read.id).one(&tx).await?;
    if now.is_none_or(|now| now.state != read.state || now.closed_ms.is_some()) {
        return Ok(());
    }
    footage::release_by(state, &tx, read.id, "too late to cancel the grade", &By::server()).await?;
    acts::ActiveModel { id: Set(read.id), closed_ms: Set(Some(now_ms)), ..Default::default() }.update(&tx).await?;
    tx.commit().await.context("close an act")?;
    footage::finish(state, read.id).await;
    Ok(())
}

/// The job: both, again and again.
pub async fn run(state: Shared, stop: CancellationToken) {
    loop {
        if let Err(error) = close_overdue(&state).await {
            tracing::error!(error = format!("{error:#}"), "closing acts for which it is too late failed; tried again later");
        }
        if let Err(error) = unfinished(&state).await {
            tracing::error!(error = format!("{error:#}"), "ending discarded acts failed; tried again later");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = invigil_clock::sleep(PAUSE) => {}
        }
    }
}

/// Discarded acts whose end was interrupted.
async fn unfinished(state: &AppState) -> anyhow::Result<()> {
    let keys = state.keystore.list()?;
    for row in acts::Entity::find().filter(acts::Column::State.eq(State::Discarded.name())).all(&state.db).await? {
        let act: ActId = row.uuid.parse().context("read an act's id")?;
        let attached = !attachments::of_act(&state.db, row.id).await.map_err(|error| anyhow::anyhow!("{error}"))?.is_empty();
        if attached || keys.contains(&act.into()) {
            finish(state, &row).await?;
        }
    }
    Ok(())
}
