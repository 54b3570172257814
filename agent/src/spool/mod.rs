//! The spool: footage on this machine's disk until the server's receipt. Steps are numbered in `docs/lifecycle.md` (Spool).

pub mod guard;
pub mod layout;
mod queue;
pub mod reading;
mod recover;
mod remove;
pub mod room;
mod runs;
#[cfg(test)]
pub(crate) mod tests;
mod torn;
mod track;

pub use layout::Layout;
pub(crate) use queue::Remote;
pub use queue::{Queue, Segment, State};
#[cfg(test)]
pub use recover::recover;
pub use recover::{LeftOver, Recovered, ToRead, look};
pub use remove::{RemoveError, delete_recording, delete_stored};
pub use runs::runs;
pub use track::{Context, Message, write_track};

use crate::disk;
use crate::seal::Run;
use invigil_format::RunId;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What can be wrong with a spool.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The disk.
    #[error("{attempt} {path} failed: {source}")]
    Disk {
        /// What was attempted.
        attempt: &'static str,
        /// File or folder.
        path: String,
        /// Cause.
        source: io::Error,
    },
    /// Two agents.
    #[error("the spool {path} is in use by another invigil-agent: stop that one, or choose another folder with --spool")]
    InUse {
        /// Folder.
        path: String,
    },
}

impl SpoolError {
    pub(crate) fn disk(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Disk { attempt, path, source }
    }
}

/// A spool that this process alone uses.
pub struct Spool {
    /// Its names.
    pub layout: Layout,
    _lock: File,
}

impl Spool {
    /// Creates the folder if needed and takes the lock.
    pub fn open(root: &Path) -> Result<Self, SpoolError> {
        let layout = Layout::new(root);
        disk::create_folder(&layout.state()).map_err(SpoolError::disk("creating the spool", &layout.state()))?;
        let lock = disk::append(&layout.lock()).map_err(SpoolError::disk("opening", &layout.lock()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { layout, _lock: lock }),
            Err(std::fs::TryLockError::WouldBlock) => Err(SpoolError::InUse { path: root.display().to_string() }),
            Err(std::fs::TryLockError::Error(source)) => Err(SpoolError::disk("locking", root)(source)),
        }
    }

    /// Folder, run list and key record of a new run (S2, S3). Returns its folder. After a failure it may be asked again for the same run.
    pub fn create_run(&self, run: &Run, earlier: &[RunId]) -> Result<PathBuf, SpoolError> {
        let folder = self.layout.run(run.recording, run.run);
        disk::fault("S2").and_then(|()| disk::create_folder(&folder)).map_err(SpoolError::disk("creating", &folder))?;
        disk::crash_point("run-folder");
        let list = self.layout.runs(run.recording);
        let runs: Vec<RunId> = earlier.iter().copied().chain([run.run]).collect();
        let text = serde_json::to_vec(&runs).map_err(|e| SpoolError::disk("writing", &list)(e.into()))?;
        disk::fault("S2.list").and_then(|()| disk::write_atomic(&list, &text)).map_err(SpoolError::disk("writing", &list))?;
        disk::crash_point("runs-listed");
        let record = layout::key_record(&folder);
        let written = disk::fault("S3").and_then(|()| disk::write_atomic(&record, run.key_record.to_json().as_bytes()));
        written.map_err(SpoolError::disk("writing the key record", &record))?;
        disk::crash_point("key-record-written");
        Ok(folder)
    }
}
