//! After a start: what lies in `incoming` is brought in line with the database (lifecycle T6), before the first request is answered.

use super::complete::{self, Completion};
use crate::db::entities::{recordings, runs, segments};
use crate::state::AppState;
use crate::store::{Growing, Place};
use anyhow::Context;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashSet;

/// What a start found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Segments that go on growing.
    pub growing: usize,
    /// Segments that were complete and are stored now.
    pub stored: usize,
    /// Segments that were refused.
    pub refused: usize,
}

/// Recovers. Can be interrupted and repeated.
///
/// # Errors
/// When disk or database fail.
pub async fn recover(state: &AppState) -> anyhow::Result<Recovered> {
    remove_second_names(state).await?;
    let mut recovered = Recovered::default();
    let incoming = segments::Entity::find().filter(segments::Column::State.eq("incoming")).order_by_asc(segments::Column::Id);
    let buried: HashSet<i64> = recordings::Entity::find()
        .filter(recordings::Column::ExpiredMs.is_not_null())
        .select_only()
        .column(recordings::Column::Id)
        .into_tuple()
        .all(&state.db)
        .await?
        .into_iter()
        .collect();
    // What is being destroyed is left to the sweep: a file that was made anew here would outlive its row (E3, E4).
    for row in incoming.all(&state.db).await?.into_iter().filter(|row| !buried.contains(&row.recording_id)) {
        let (id, recording, path, revision) = (row.id, row.recording_id, state.store.incoming_path(row.id), state.live.next_revision());
        let opened = state.store.open_once(id, move || Growing::open(id, recording, &path, revision)).await;
        let growing = opened.with_context(|| format!("open the incoming file of segment {id}"))?;
        let shown = growing.shown();
        let completion = match shown.refused {
            Some(reason) => complete::refuse(state, &growing, reason).await,
            None if shown.closed => complete::complete(state, &growing).await,
            None => {
                recovered.growing += 1;
                continue;
            }
        };
        match completion.with_context(|| format!("complete segment {id}"))? {
            Completion::Stored(_) => recovered.stored += 1,
            Completion::Refused(_) => recovered.refused += 1,
            Completion::WaitsForKeyRecord => recovered.growing += 1,
            Completion::Gone => {}
        }
    }
    Ok(recovered)
}

/// T6.1: a stored segment whose incoming name survived a crash loses that name, if its object is there.
async fn remove_second_names(state: &AppState) -> anyhow::Result<()> {
    let folder = state.store.incoming_folder();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
        let name = entry.with_context(|| format!("list {}", folder.display()))?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".seg")).and_then(|id| id.parse::<i64>().ok());
        let Some(id) = id else { continue };
        let Some(row) = segments::Entity::find_by_id(id).one(&state.db).await? else {
            tracing::warn!(segment = id, "an incoming file has no row in the database; it is left for `invigil-server check`");
            continue;
        };
        if row.state == "stored" && object(state, &row).await?.is_some_and(|path| path.exists()) {
            state.store.remove_incoming(id).with_context(|| format!("remove the incoming name of segment {id}"))?;
        }
    }
    Ok(())
}

async fn object(state: &AppState, row: &segments::Model) -> anyhow::Result<Option<std::path::PathBuf>> {
    let run = runs::Entity::find_by_id(row.run_id).one(&state.db).await?;
    let recording = recordings::Entity::find_by_id(row.recording_id).one(&state.db).await?;
    Ok(run.zip(recording).map(|(run, recording)| {
        let place =
            Place { recording: &recording.uuid, run: &run.uuid, track: &row.track, sequence: row.sequence, generation: row.generation };
        state.store.object_path(&place)
    }))
}
