//! Holds as `wire::holds` and `wire::review` show them.

use super::By;
use super::cover::{Ground, Standing, State, of_recording};
use crate::acts::access;
use crate::db::entities::{accounts, acts, exams, holds, recordings};
use crate::staff::Who;
use crate::state::AppState;
use anyhow::Context;
use invigil_format::ActId;
use invigil_rules::acts::State as ActState;
use invigil_rules::retention::readable;
use invigil_wire::holds::HoldView;
use invigil_wire::review::HeldStretch;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// All holds, newest first.
///
/// # Errors
/// When database or store fail.
pub async fn list(state: &AppState) -> anyhow::Result<Vec<HoldView>> {
    let mut grounds: HashMap<i64, Ground> = HashMap::new();
    let mut views = Vec::new();
    for hold in holds::Entity::find().order_by_desc(holds::Column::Id).all(&state.db).await? {
        if hold.released_ms.is_some() {
            views.push(view(state, &hold).await?);
            continue;
        }
        let ground = match grounds.entry(hold.recording_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(ground(state, &hold).await?),
        };
        views.push(view_of(state, &hold, &ground.recording, Some(ground.standing(&hold)?)).await?);
    }
    Ok(views)
}

/// One hold.
///
/// # Errors
/// When database or store fail.
pub async fn view(state: &AppState, hold: &holds::Model) -> anyhow::Result<HoldView> {
    // A released hold keeps nothing that would have to be looked for.
    if hold.released_ms.is_some() {
        return view_of(state, hold, &recording(state, hold).await?, None).await;
    }
    let ground = ground(state, hold).await?;
    view_of(state, hold, &ground.recording, Some(ground.standing(hold)?)).await
}

/// A hold as it is for this person: of an act that they may not read, neither the act nor whom it concerns nor who drew it up; and of a discarded one nobody is
/// told whom it concerned.
///
/// # Errors
/// When the database fails.
pub(super) async fn for_person(state: &AppState, who: &Who, mut view: HoldView) -> anyhow::Result<HoldView> {
    let Some(act) = view.act else { return Ok(view) };
    let row = acts::Entity::find().filter(acts::Column::Uuid.eq(ActId::from(act).to_string())).one(&state.db).await?;
    let found = access::with_form(state, &state.db, row.context("find the hold's act")?).await?;
    let readable = access::may_read(who, &found);
    if !readable || found.state == ActState::Discarded {
        view.who.clear();
    }
    if !readable {
        view.act = None;
        view.opened_by.clear();
        view.released_by = None;
    }
    Ok(view)
}

/// Stretches of a recording under hold, oldest hold first.
///
/// # Errors
/// When database or store fail.
pub async fn stretches(state: &AppState, recording: &recordings::Model) -> anyhow::Result<Vec<HeldStretch>> {
    let holds = of_recording(&state.db, recording.id).await?;
    if holds.is_empty() {
        return Ok(Vec::new());
    }
    let ground = Ground::load(&state.db, &state.store, recording.clone()).await?;
    let stretch = |hold: &holds::Model| -> anyhow::Result<HeldStretch> {
        let state = ground.standing(hold)?.state.name().to_owned();
        Ok(HeldStretch { hold: hold.uuid.parse()?, from_ms: hold.from_ms, to_ms: hold.to_ms, state })
    };
    holds.iter().map(stretch).collect()
}

async fn recording(state: &AppState, hold: &holds::Model) -> anyhow::Result<recordings::Model> {
    recordings::Entity::find_by_id(hold.recording_id).one(&state.db).await?.context("find the hold's recording")
}

async fn ground(state: &AppState, hold: &holds::Model) -> anyhow::Result<Ground> {
    Ground::load(&state.db, &state.store, recording(state, hold).await?).await
}

/// `standing`: none of a released hold.
async fn view_of(
    state: &AppState,
    hold: &holds::Model,
    recording: &recordings::Model,
    standing: Option<Standing>,
) -> anyhow::Result<HoldView> {
    let exam = exams::Entity::find_by_id(recording.exam_id).one(&state.db).await?.context("find the recording's exam")?;
    let standing = standing.unwrap_or(Standing { pieces: Vec::new(), unsealed: Vec::new(), growing: 0, state: State::Released });
    let expires_ms = state.policies.expires_ms(&exam)?;
    let expired = recording.expired_ms.is_some() || !readable(state.now_ms(), expires_ms);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let act = match hold.act_id {
        Some(act) => acts::Entity::find_by_id(act).one(&state.db).await?,
        None => None,
    };
    Ok(HoldView {
        id: hold.uuid.parse()?,
        recording: recording.uuid.parse()?,
        who: recording.who.clone(),
        exam: exam.title,
        utc_offset_secs: exam.utc_offset_secs,
        from_ms: hold.from_ms,
        to_ms: hold.to_ms,
        tracks: super::tracks(hold)?,
        state: standing.state.name().to_owned(),
        reason: hold.reason.clone(),
        act: act.map(|act| act.uuid.parse()).transpose()?,
        note: hold.note.clone(),
        opened_by: name(state, hold.opened_by).await?,
        opened_ms: hold.opened_ms,
        segments: count(standing.pieces.len()),
        size_bytes: standing.pieces.iter().map(|piece| u64::try_from(piece.size_bytes).unwrap_or(0)).sum(),
        unsealed: count(standing.unsealed.len()),
        growing: count(standing.growing),
        over_retention: expired && standing.state == State::Pending && !standing.pieces.is_empty(),
        expires_ms,
        released_by: match hold.released_by {
            Some(account) => Some(name(state, account).await?),
            None => None,
        },
        released_ms: hold.released_ms,
        release_note: hold.release_note.clone(),
    })
}

/// Name of an account, for people.
async fn name(state: &AppState, account: i64) -> anyhow::Result<String> {
    if account == By::SERVER {
        return Ok("server".to_owned());
    }
    let row = accounts::Entity::find_by_id(account).one(&state.db).await?;
    Ok(row.map_or_else(|| "command line".to_owned(), |row| row.name))
}
