//! What follows when a draft was discarded: its key is destroyed, so that every copy of it ends, and its attachments go. And what time does to acts.

use crate::acts::people::Circle;
use crate::acts::{access, attachments, deadline, footage, view};
use crate::db;
use crate::db::entities::{acts, holds};
use crate::holds::By;
use crate::retention;
use crate::state::{AppState, Shared};
use anyhow::Context;
use invigil_format::ActId;
use invigil_rules::acts::{State, needs_footage, too_late};
use invigil_rules::clock_trust::Trust;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

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

/// Does what a crash has left undone; before the server answers anybody. What fails for one act is logged, and tried again by the next round.
///
/// # Errors
/// When the folder of attachments, the keystore or the database cannot be read.
pub async fn recover(state: &AppState) -> anyhow::Result<()> {
    attachments::sweep(state).await.context("look through the folder of attachments")?;
    unfinished(state).await
}

/// What time does to acts whose footage nobody needs any more: one whose grade can no longer be cancelled is closed, and what it cites is held no longer; neither is what an act
/// cites that can no longer be signed with it, which stays as it is otherwise. Never by a clock that is not believed (G4). What fails for one act is logged, and the others
/// go on.
///
/// # Errors
/// When the database fails.
pub async fn close_overdue(state: &AppState) -> anyhow::Result<()> {
    let now_ms = state.now_ms();
    if retention::trust(state) != Trust::Trusted {
        return Ok(());
    }
    let held = holds::Entity::find().filter(holds::Column::ReleasedMs.is_null()).filter(holds::Column::ActId.is_not_null());
    let held: HashSet<i64> = held.all(&state.db).await?.into_iter().filter_map(|hold| hold.act_id).collect();
    let rows = acts::Entity::find().filter(acts::Column::ClosedMs.is_null()).all(&state.db).await?;
    let circle = Circle::load(&state.db).await.map_err(plain)?;
    for row in rows {
        if let Err(error) = overdue(state, &row, &circle, held.contains(&row.id), now_ms).await {
            tracing::error!(act = row.uuid, error = format!("{error:#}"), "cannot do what time does to this act; tried again later");
        }
    }
    Ok(())
}

/// The same for one act; `held`: it has a hold that is not released.
async fn overdue(state: &AppState, row: &acts::Model, circle: &Circle, held: bool, now_ms: i64) -> anyhow::Result<()> {
    let exam = view::exam_of(state, row).await.map_err(plain)?;
    let found = access::with_form(state, &state.db, row.clone()).await.map_err(plain)?;
    let closes = match found.state {
        State::Draft | State::ForSignature if held => false,
        State::Signed | State::PassedOn => true,
        State::Draft | State::ForSignature | State::GradeCancelled | State::Discarded => return Ok(()),
    };
    let facts = view::facts(&found, circle);
    let limit = deadline::limit(state, &exam, facts.decides_grade).map_err(plain)?;
    if needs_footage(found.state, facts, too_late(now_ms, limit.until_ms, true)) {
        return Ok(());
    }
    let tx = db::begin_write(&state.db).await?;
    // As it was read: the board may cancel the grade at this very moment.
    let now = acts::Entity::find_by_id(row.id).one(&tx).await?;
    if now.is_none_or(|now| now.state != row.state || now.closed_ms.is_some()) {
        return Ok(());
    }
    let note = if closes { "too late to cancel the grade" } else { "too late to sign" };
    footage::release_by(state, &tx, row.id, note, &By::server()).await?;
    if closes {
        acts::ActiveModel { id: Set(row.id), closed_ms: Set(Some(now_ms)), ..Default::default() }.update(&tx).await?;
    }
    tx.commit().await.context("close an act")?;
    footage::finish(state, row.id).await;
    Ok(())
}

fn plain(error: crate::ApiError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
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
        if let Err(error) = go_on(state, &row, &keys).await {
            tracing::error!(act = row.uuid, error = format!("{error:#}"), "ending a discarded act failed; tried again later");
        }
    }
    Ok(())
}

async fn go_on(state: &AppState, row: &acts::Model, keys: &BTreeSet<Uuid>) -> anyhow::Result<()> {
    let act: ActId = row.uuid.parse().context("read an act's id")?;
    let attached = !attachments::of_act(&state.db, row.id).await.map_err(plain)?.is_empty();
    if attached || keys.contains(&act.into()) {
        finish(state, row).await?;
    }
    Ok(())
}
