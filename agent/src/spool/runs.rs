//! Which runs a recording has: the list (S2), and the folders that it does not name, because a list that cannot be read must not lose what was recorded.

use super::recover::LeftOver;
use super::{Layout, layout};
use crate::disk;
use invigil_format::{KeyRecord, RecordingId, RunId, Statement};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Runs of a recording, oldest first, as far as the disk tells them.
pub fn runs(names: &Layout, recording: RecordingId) -> Vec<RunId> {
    find(names, recording).0
}

/// The same, with what cannot be read. A list that makes no sense or cannot be read is set aside: the one of the next run names all that is here.
pub(super) fn recover_runs(names: &Layout, recording: RecordingId, left: &mut Vec<LeftOver>) -> Vec<RunId> {
    let (runs, troubles) = find(names, recording);
    for LeftOver { path, why } in troubles {
        let aside = path.with_file_name("damaged-runs.json");
        let is_list = path == names.runs(recording);
        let kept = if is_list && std::fs::rename(&path, &aside).is_ok() { aside } else { path };
        left.push(LeftOver { path: kept, why });
    }
    runs
}

fn find(names: &Layout, recording: RecordingId) -> (Vec<RunId>, Vec<LeftOver>) {
    let (list, folder) = (names.runs(recording), names.recording(recording));
    let mut troubles = Vec::new();
    let listed = listed(&list).unwrap_or_else(|error| {
        troubles.push(LeftOver::new(&list, "reading the list of runs", &error));
        Vec::new()
    });
    let unlisted = unlisted(&folder, &listed).unwrap_or_else(|error| {
        troubles.push(LeftOver::new(&folder, "looking for runs in it", &error));
        Vec::new()
    });
    (unlisted.into_iter().chain(listed).collect(), troubles)
}

fn listed(list: &Path) -> io::Result<Vec<RunId>> {
    match disk::fault("R.runs").and_then(|()| std::fs::read(list)) {
        Ok(text) => serde_json::from_slice(&text).map_err(Into::into),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Folders of runs that the list does not name, in the order in which they began. Without a key record nothing was recorded there (S3).
fn unlisted(folder: &Path, listed: &[RunId]) -> io::Result<Vec<RunId>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some(run) = entry.file_name().to_str().and_then(|name| name.parse::<RunId>().ok()) else { continue };
        let record = layout::key_record(&entry.path());
        // One that the disk does not show may be there.
        let is_absent = matches!(record.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound);
        if !listed.contains(&run) && !is_absent {
            found.push((began_ms(&record), run));
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, run)| run).collect())
}

/// When a run began: by its key record, or else by the time of that file. Unix ms.
fn began_ms(record: &Path) -> i64 {
    let stated = std::fs::read(record).ok().and_then(|text| Statement::from_json(&text).ok()?.read::<KeyRecord>().ok());
    let written = || record.symlink_metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok();
    let written_ms = || written().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0);
    stated.map_or_else(written_ms, |record| record.created_ms)
}
