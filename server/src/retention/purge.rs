//! Removing an expired recording's bytes and rows, but for those that a hold keeps (E3, E4, H9, H10). Everything here can be repeated.

use crate::db::entities::{held_segments, key_records, recordings, runs, segments};
use crate::files;
use crate::holds;
use crate::state::AppState;
use crate::store::{Place, Store};
use anyhow::Context;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

/// Ends what still grows and removes every file of the recording that no hold keeps, whether or not a row knows it.
///
/// # Errors
/// When database or store fail.
pub async fn files(state: &AppState, recording: &recordings::Model) -> anyhow::Result<()> {
    state.store.end_recording(recording.id).await;
    let held = holds::held_segments(&state.db, &state.store, recording).await?;
    let (removed, kept) = split(&state.db, recording, &held).await?;
    let (store, uuid) = (state.store.clone(), recording.uuid.clone());
    let work = tokio::task::spawn_blocking(move || {
        remove_segments(&store, &uuid, &removed)?;
        let kept = kept.iter().map(|segment| segment.object(&store, &uuid)).collect();
        let place = Place { recording: &uuid, run: "-", track: "-", sequence: 0, generation: 0 };
        let file = store.object_path(&place);
        let folder = file.ancestors().nth(3).context("find the folder of a recording")?;
        remove_others(folder, &kept).map(|_| ())
    });
    work.await.context("remove files")?
}

/// Removes the rows of the recording's segments that no hold keeps, and the key records of the runs that none of them belongs to. `tx` must have been begun
/// with [`crate::db::begin_write`]. Files that a hold still kept when the others were removed go before their rows.
///
/// # Errors
/// When database or store fail.
pub async fn rows<C: ConnectionTrait>(state: &AppState, tx: &C, recording: &recordings::Model) -> anyhow::Result<()> {
    let held = holds::held_segments(tx, &state.store, recording).await?;
    let (removed, kept) = split(tx, recording, &held).await?;
    let runs_kept: HashSet<i64> = kept.iter().map(|segment| segment.run_id).collect();
    let ids: Vec<i64> = removed.iter().map(|segment| segment.id).collect();
    let (store, uuid) = (state.store.clone(), recording.uuid.clone());
    tokio::task::spawn_blocking(move || remove_segments(&store, &uuid, &removed)).await.context("remove files")??;
    for some in ids.chunks(500) {
        held_segments::Entity::delete_many().filter(held_segments::Column::SegmentId.is_in(some.iter().copied())).exec(tx).await?;
        segments::Entity::delete_many().filter(segments::Column::Id.is_in(some.iter().copied())).exec(tx).await?;
    }
    for run in runs::Entity::find().filter(runs::Column::RecordingId.eq(recording.id)).all(tx).await? {
        if !runs_kept.contains(&run.id) {
            key_records::Entity::delete_many().filter(key_records::Column::RunId.eq(run.id)).exec(tx).await?;
        }
    }
    Ok(())
}

/// A segment's place, owned.
struct Segment {
    id: i64,
    run_id: i64,
    run: String,
    track: String,
    sequence: i64,
    generation: i32,
}

impl Segment {
    fn place<'a>(&'a self, recording: &'a str) -> Place<'a> {
        Place { recording, run: &self.run, track: &self.track, sequence: self.sequence, generation: self.generation }
    }

    fn object(&self, store: &Store, recording: &str) -> PathBuf {
        store.object_path(&self.place(recording))
    }
}

/// Segments that go and segments that are held.
async fn split<C: ConnectionTrait>(
    db: &C,
    recording: &recordings::Model,
    held: &HashSet<i64>,
) -> anyhow::Result<(Vec<Segment>, Vec<Segment>)> {
    use sea_orm::QuerySelect;
    let runs = runs::Entity::find().filter(runs::Column::RecordingId.eq(recording.id)).all(db).await?;
    let runs: HashMap<i64, String> = runs.into_iter().map(|run| (run.id, run.uuid)).collect();
    let rows = segments::Entity::find().filter(segments::Column::RecordingId.eq(recording.id)).select_only().columns([
        segments::Column::Id,
        segments::Column::RunId,
        segments::Column::Track,
        segments::Column::Sequence,
        segments::Column::Generation,
    ]);
    let (mut removed, mut kept) = (Vec::new(), Vec::new());
    for (id, run_id, track, sequence, generation) in rows.into_tuple::<(i64, i64, String, i64, i32)>().all(db).await? {
        let run = runs.get(&run_id).context("find the run of a segment")?.clone();
        let segment = Segment { id, run_id, run, track, sequence, generation };
        if held.contains(&id) { kept.push(segment) } else { removed.push(segment) }
    }
    Ok((removed, kept))
}

fn remove_segments(store: &Store, recording: &str, removed: &[Segment]) -> anyhow::Result<()> {
    for segment in removed {
        let of = || format!("remove the files of segment {}", segment.id);
        store.remove_segment(segment.id, &segment.place(recording)).with_context(of)?;
    }
    Ok(())
}

/// Removes everything below `folder` but the files in `kept`, and the folders that are empty then. Returns whether anything is left.
fn remove_others(folder: &Path, kept: &HashSet<PathBuf>) -> anyhow::Result<bool> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other.with_context(|| format!("list {}", folder.display()))?,
    };
    let mut left = false;
    for entry in entries {
        let path = entry.with_context(|| format!("list {}", folder.display()))?.path();
        if path.is_dir() {
            left |= remove_others(&path, kept)?;
        } else if kept.contains(&path) {
            left = true;
        } else {
            files::remove_durably(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    if !left {
        std::fs::remove_dir(folder).with_context(|| format!("remove {}", folder.display()))?;
        let above = folder.parent().context("find the folder above")?;
        files::sync_dir(above).with_context(|| format!("sync {}", above.display()))?;
    }
    Ok(left)
}
