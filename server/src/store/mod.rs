//! Segments on disk. `docs/lifecycle.md`, section Store, numbers the steps that this module and [`crate::ingest`] take.
//!
//! ```text
//! store/incoming/<segment>.seg                                              growing, refused, or about to be stored
//! store/objects/<ab>/<recording>/<run>/<track>/<sequence>-<generation>.seg  stored; never written again
//! ```

mod growing;
pub mod index;
mod sync;

pub(crate) use growing::refusal;
pub use growing::{Appended, Frozen, Growing, Shown};
pub use index::Chunk;
pub use sync::run as run_sync;

use crate::files;
use crate::live::lock;
use anyhow::Context;
use invigil_format::Scanner;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Where a stored segment belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// Recording, public id.
    pub recording: &'a str,
    /// Run, public id.
    pub run: &'a str,
    /// Track.
    pub track: &'a str,
    /// Number within run and track.
    pub sequence: i64,
    /// See `segments.generation`.
    pub generation: i32,
}

/// The store's folder and the segments that grow in it.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    growing: Mutex<HashMap<i64, Arc<Growing>>>,
    opening: tokio::sync::Mutex<()>,
}

impl Store {
    /// Opens the folder, makes it if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        for part in ["incoming", "objects"] {
            files::create_private_dir(&folder.join(part))
                .with_context(|| format!("make the store's folder {}", folder.join(part).display()))?;
        }
        Ok(Self { folder: folder.to_owned(), growing: Mutex::default(), opening: tokio::sync::Mutex::default() })
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Folder of incoming files.
    pub fn incoming_folder(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    /// What is there of a segment that is not stored, and its length in bytes. What is wrong with it stays in the scanner: the whole frames before it count.
    /// A file that is not there yet, or no more because it was stored a moment ago, is empty.
    ///
    /// # Errors
    /// When the disk does not give it.
    pub async fn scan_incoming(&self, segment: i64) -> anyhow::Result<(Scanner, u64)> {
        let path = self.incoming_path(segment);
        let read = tokio::task::spawn_blocking(move || {
            let mut scanner = Scanner::new();
            match fs::File::open(&path).and_then(|file| scanner.read_from(file)) {
                Ok(len) => Ok((scanner, len)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((scanner, 0)),
                Err(error) => Err(anyhow::Error::from(error).context(format!("read {}", path.display()))),
            }
        });
        read.await.context("read an incoming file")?
    }

    /// File of a segment that is not stored yet, or was refused.
    pub fn incoming_path(&self, segment: i64) -> PathBuf {
        self.incoming_folder().join(format!("{segment}.seg"))
    }

    /// File of a stored segment.
    pub fn object_path(&self, place: &Place<'_>) -> PathBuf {
        let shard = place.recording.get(..2).unwrap_or("00");
        let name = format!("{:08}-{}.seg", place.sequence, place.generation);
        self.folder.join("objects").join(shard).join(place.recording).join(place.run).join(place.track).join(name)
    }

    /// Links an incoming file, which is synced, to its place (lifecycle T4.3). Linking the same file again is no change.
    ///
    /// # Errors
    /// `AlreadyExists` when another file is there: take the next generation.
    pub fn link(&self, segment: i64, place: &Place<'_>) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        let (from, to) = (self.incoming_path(segment), self.object_path(place));
        let folder = to.parent().unwrap_or(&self.folder);
        files::create_private_dir(folder)?;
        match fs::hard_link(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let (a, b) = (fs::metadata(&from)?, fs::metadata(&to)?);
                if (a.dev(), a.ino()) != (b.dev(), b.ino()) {
                    return Err(error);
                }
            }
            other => other?,
        }
        files::sync_dir(folder)
    }

    /// Removes the incoming name of a segment, durably (lifecycle T4.5).
    ///
    /// # Errors
    /// The system's.
    pub fn remove_incoming(&self, segment: i64) -> io::Result<()> {
        files::remove_durably(&self.incoming_path(segment))
    }

    /// Removes every file of a segment, stored or incoming, durably. Can be repeated.
    ///
    /// # Errors
    /// The system's.
    pub fn remove_segment(&self, segment: i64, place: &Place<'_>) -> io::Result<()> {
        self.remove_incoming(segment)?;
        files::remove_durably(&self.object_path(place))
    }

    /// The segment while it grows.
    pub fn growing(&self, segment: i64) -> Option<Arc<Growing>> {
        lock(&self.growing).get(&segment).cloned()
    }

    /// All that grow.
    pub fn all_growing(&self) -> Vec<Arc<Growing>> {
        lock(&self.growing).values().cloned().collect()
    }

    /// Growing segments of the recording with this row id.
    pub fn growing_of(&self, recording: i64) -> Vec<Arc<Growing>> {
        lock(&self.growing).values().filter(|growing| growing.recording == recording).cloned().collect()
    }

    /// The growing segment, opened with `open` off the async threads if it is not here yet. Never opened twice at a time: two writing ends would both
    /// believe in their own offset.
    ///
    /// # Errors
    /// Those of `open`.
    pub async fn open_once(&self, segment: i64, open: impl FnOnce() -> io::Result<Growing> + Send + 'static) -> io::Result<Arc<Growing>> {
        let _opening = self.opening.lock().await;
        if let Some(growing) = self.growing(segment) {
            return Ok(growing);
        }
        let growing = Arc::new(tokio::task::spawn_blocking(open).await.map_err(io::Error::other)??);
        lock(&self.growing).insert(segment, growing.clone());
        Ok(growing)
    }

    /// Forgets a growing segment: it was stored, refused or destroyed.
    pub fn forget(&self, segment: i64) {
        lock(&self.growing).remove(&segment);
    }

    /// Ends all appending to a recording that is being destroyed: requests under way are answered with 410 and leave nothing behind.
    pub async fn end_recording(&self, recording: i64) {
        for growing in self.growing_of(recording) {
            growing.freeze().await.end();
            self.forget(growing.segment);
        }
    }
}
