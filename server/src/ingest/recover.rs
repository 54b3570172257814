//! After a start: what lies in `incoming` is brought in line with the database (lifecycle T6), before the first request is answered.

use super::complete::{self, Completion};
use super::runs::access;
use crate::db::entities::{recordings, runs, segments};
use crate::retention::Access;
use crate::state::AppState;
use crate::store::{Growing, Place};
use anyhow::Context;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

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
    let mut left = HashMap::new();
    for row in incoming.all(&state.db).await? {
        // What has expired is left to the sweep: a file that was made anew here would outlive its row (E3, E4), and nothing of it is stored any more.
        if let Entry::Vacant(unknown) = left.entry(row.recording_id) {
            let waits = match access(state, &state.db, row.recording_id).await {
                Ok((access, _)) => access == Access::Expired,
                Err(error) => {
                    // A policy is missing, say. That is no reason to serve nobody; once it is back, the device's next request goes on with the segment.
                    tracing::error!(recording = row.recording_id, %error, "cannot tell when this recording expires; what it has under way waits");
                    true
                }
            };
            unknown.insert(waits);
        }
        if left.get(&row.recording_id) == Some(&true) {
            continue;
        }
        let (id, recording, path, revision) = (row.id, row.recording_id, state.store.incoming_path(row.id), state.live.next_revision());
        let opened = state.store.open_once(id, move || Growing::open(id, recording, &path, revision)).await;
        let growing = opened.with_context(|| format!("open the incoming file of segment {id}"))?;
        let (refused, closed) = growing.look(|shown| (shown.refused.clone(), shown.closed));
        let completion = match refused {
            Some(reason) => complete::refuse(state, &growing, reason).await,
            None if closed => complete::complete(state, &growing).await,
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
