//! Names in the spool (`docs/lifecycle.md`, Spool).

use invigil_format::{RecordingId, RunId, TrackName};
use std::path::{Path, PathBuf};

/// A spool folder.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// At this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// Lock file.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
    /// Device key and the like.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }
    /// A recording's folder.
    pub fn recording(&self, recording: RecordingId) -> PathBuf {
        self.root.join(recording.to_string())
    }
    /// The order of a recording's runs.
    pub fn runs(&self, recording: RecordingId) -> PathBuf {
        self.recording(recording).join("runs.json")
    }
    /// A run's folder.
    pub fn run(&self, recording: RecordingId, run: RunId) -> PathBuf {
        self.recording(recording).join(run.to_string())
    }
    /// The receipt of a whole recording, kept for the person; it stays when the recording's folder goes.
    pub fn recording_receipt(&self, recording: RecordingId) -> PathBuf {
        self.root.join(format!("receipt-{recording}.json"))
    }
    /// All recordings that have a folder, in the order of their names.
    pub fn recordings(&self) -> std::io::Result<Vec<RecordingId>> {
        let mut ids: Vec<RecordingId> = Vec::new();
        for entry in std::fs::read_dir(&self.root)? {
            ids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<RecordingId>().ok()));
        }
        ids.sort_unstable();
        Ok(ids)
    }
}

/// Key record in a run's folder.
pub fn key_record(run: &Path) -> PathBuf {
    run.join("key-record.json")
}
/// Journal in a run's folder.
pub fn journal(run: &Path) -> PathBuf {
    run.join("journal.jsonl")
}
/// Mark that the recording is to be finished.
pub fn finish(run: &Path) -> PathBuf {
    run.join("finish")
}
/// A segment in a run's folder.
pub fn segment(run: &Path, track: &TrackName, sequence: u32) -> PathBuf {
    run.join(format!("{track}-{sequence:08}.seg"))
}
/// The receipt beside a segment.
pub fn receipt(segment: &Path) -> PathBuf {
    segment.with_extension("receipt")
}

/// Files of a run with this extension, by track, oldest first.
pub fn list(run: &Path, extension: &str) -> std::io::Result<Vec<(TrackName, u32, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(run)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == extension)
            && let Some((track, sequence)) = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.rsplit_once('-'))
            && let (Ok(track), Ok(sequence)) = (track.parse(), sequence.parse())
        {
            found.push((track, sequence, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_listed_oldest_first_and_strangers_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let track: TrackName = "cam-0".parse().unwrap();
        for sequence in [10, 2, 0] {
            std::fs::write(segment(dir.path(), &track, sequence), "").unwrap();
        }
        std::fs::write(dir.path().join("notes.seg"), "").unwrap();
        let found: Vec<u32> = list(dir.path(), "seg").unwrap().into_iter().map(|(_, sequence, _)| sequence).collect();
        assert_eq!(found, [0, 2, 10]);
        assert_eq!(receipt(&segment(dir.path(), &track, 2)).file_name().unwrap(), "cam-0-00000002.receipt");
    }
}
