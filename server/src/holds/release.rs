//! Releasing (steps H7-H11): the ordinary rule acts at once on what no other hold keeps. The last complete step stands in `holds.release_step`.

use super::{By, check_note, seal};
use crate::audit::{self, Entry};
use crate::db::{
    self, entities::acts, entities::exams, entities::held_runs, entities::held_segments, entities::holds, entities::recordings,
};
use crate::retention::purge;
use crate::state::AppState;
use crate::{ApiError, ApiResult, crash};
use anyhow::{Context, bail};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::BTreeSet;
use uuid::Uuid;

const STEPS: [&str; 5] = ["H7", "H8", "H9", "H10", "H11"];

/// Releases a hold, and does what follows from it.
///
/// # Errors
/// 404, 400 for a note that is none, 409 when it was released before or an open act needs it.
pub async fn release(state: &AppState, hold: Uuid, note: &str, by: &By) -> ApiResult<holds::Model> {
    check_note(note)?;
    let tx = db::begin_write(&state.db).await?;
    let row = super::find(&tx, hold).await?;
    if row.released_ms.is_some() {
        return Err(ApiError::conflict("released", "this hold was released before"));
    }
    if let Some(act) = row.act_id
        && let Some(act) = acts::Entity::find_by_id(act).one(&tx).await?
        && act.state != "discarded"
        && act.closed_ms.is_none()
    {
        return Err(ApiError::conflict("act-open", "an act that is not closed cites this footage: discard or close the act instead"));
    }
    let row = release_in(state, &tx, row, note, by).await?;
    crash::point("hold.H7");
    tx.commit().await?;
    crash::point("hold.H7.done");
    if let Err(error) = finish(state, &row).await {
        // Nothing reads by it any more; what is left to do is done by the next sweep.
        tracing::error!(hold = row.uuid, error = format!("{error:#}"), "a release goes on at the next sweep");
    }
    super::find(&state.db, hold).await
}

/// H7, in the caller's transaction, which must have been begun with [`db::begin_write`]. After its commit [`finish`] does the rest. A hold that was released
/// before stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn release_in<C: ConnectionTrait>(state: &AppState, tx: &C, hold: holds::Model, note: &str, by: &By) -> ApiResult<holds::Model> {
    let now = holds::Entity::find_by_id(hold.id).one(tx).await?;
    let Some(hold) = now.filter(|hold| hold.released_ms.is_none()) else { return Ok(hold) };
    let now_ms = state.now_ms();
    let change = holds::ActiveModel {
        id: Set(hold.id),
        released_ms: Set(Some(now_ms)),
        released_by: Set(Some(by.account)),
        release_note: Set(Some(note.trim().to_owned())),
        release_step: Set(Some(STEPS[0].to_owned())),
        ..Default::default()
    };
    let hold = change.update(tx).await?;
    let detail = serde_json::json!({ "recording": recording_of(tx, &hold).await?.uuid, "reason": hold.reason });
    let entry = Entry { who: by.audit.clone(), action: "hold-released", object: format!("hold:{}", hold.uuid), detail };
    audit::append_in(tx, now_ms, entry).await?;
    Ok(hold)
}

/// H8-H11 of a hold that was released. Can be repeated; what fails here is done by the next sweep.
///
/// # Errors
/// When database, keystore or store fail.
pub async fn finish(state: &AppState, hold: &holds::Model) -> anyhow::Result<()> {
    steps(state, hold.id).await.with_context(|| format!("release hold {}", hold.uuid))
}

/// Goes on with every release and every pending key that is not needed any more. Can be repeated.
///
/// # Errors
/// When database, keystore or store fail; all other holds were tried.
pub async fn finish_all(state: &AppState) -> anyhow::Result<()> {
    let mut failed = None;
    let released = holds::Entity::find().filter(holds::Column::ReleasedMs.is_not_null()).filter(holds::Column::ReleaseStep.ne(STEPS[4]));
    for hold in released.all(&state.db).await? {
        failed = finish(state, &hold).await.err().or(failed);
    }
    let open = holds::Entity::find().filter(holds::Column::ReleasedMs.is_null()).all(&state.db).await?;
    for recording in open.iter().map(|hold| hold.recording_id).collect::<BTreeSet<_>>() {
        let Some(recording) = recordings::Entity::find_by_id(recording).one(&state.db).await? else { continue };
        if let Err(error) = seal::settle(state, &recording).await {
            failed = Some(error.context(format!("settle the holds of recording {}", recording.uuid)));
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn steps(state: &AppState, hold: i64) -> anyhow::Result<()> {
    loop {
        let row = holds::Entity::find_by_id(hold).one(&state.db).await?.context("find the hold")?;
        let done = row.release_step.as_deref().with_context(|| format!("hold {} was not released", row.uuid))?;
        let Some(at) = STEPS.iter().position(|step| *step == done) else {
            bail!("its release is at step {done:?}, which this program does not know");
        };
        let Some(step) = STEPS.get(at + 1) else { return Ok(()) };
        effect(state, &row, step).await?;
        crash::point(&format!("hold.{step}"));
        let change = holds::ActiveModel { id: Set(hold), release_step: Set(Some((*step).to_owned())), ..Default::default() };
        change.update(&state.db).await?;
        crash::point(&format!("hold.{step}.done"));
    }
}

/// What a step does. Can be repeated.
async fn effect(state: &AppState, hold: &holds::Model, step: &str) -> anyhow::Result<()> {
    let recording = recording_of(&state.db, hold).await?;
    // Before the exam's own key is destroyed (E2) the sweep has all of its work before it, and this release with it.
    let swept = exams::Entity::find_by_id(recording.exam_id).one(&state.db).await?.is_some_and(|exam| exam.destroyed_ms.is_some());
    match step {
        "H8" => {
            for key in [&hold.pending_key, &hold.effective_key].into_iter().flatten() {
                state.keystore.destroy(key.parse::<Uuid>()?).context("destroy a hold's key")?;
            }
            Ok(())
        }
        "H9" if swept => purge::files(state, &recording).await,
        "H10" => {
            let tx = db::begin_write(&state.db).await?;
            held_runs::Entity::delete_many().filter(held_runs::Column::HoldId.eq(hold.id)).exec(&tx).await?;
            held_segments::Entity::delete_many().filter(held_segments::Column::HoldId.eq(hold.id)).exec(&tx).await?;
            if swept {
                purge::rows(state, &tx, &recording).await?;
            }
            tx.commit().await.context("remove the rows of a hold")?;
            db::forget_old_pages(&state.db).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn recording_of<C: ConnectionTrait>(db: &C, hold: &holds::Model) -> anyhow::Result<recordings::Model> {
    recordings::Entity::find_by_id(hold.recording_id).one(db).await?.context("find the hold's recording")
}
