//! Files that only grow, one synced write after another (S5-S8, the journal), and stay whole on a disk that fails, is repaired and comes back.

use super::{private, sync_folder};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A disk said that bytes were durable, has lost them since, and nobody has them any more.
#[derive(Debug, thiserror::Error)]
#[error("the disk has lost {lost_bytes} of {synced_bytes} bytes that it had called durable")]
pub struct Lost {
    synced_bytes: u64,
    lost_bytes: u64,
}

/// Whether an error is [`Lost`]: trying again is of no use.
pub fn is_lost(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Lost>())
}

/// A file that is only appended to.
///
/// After a write that failed the file is opened again by its name: the handle may belong to a disk that is gone. What is there by then need not be what was synced. When an error
/// makes ext4 read-only, the `fdatasync` that is under way returns success, and a repair takes those bytes away again; a disk with a cache of its own may lose more. So
/// what is missing is written again from memory, the very same bytes.
#[derive(Debug)]
pub struct Growing {
    path: PathBuf,
    file: File,
    synced_bytes: u64,
    /// The newest of the synced bytes: this many, and always the newest write, however long.
    kept: Vec<u8>,
    keep_bytes: usize,
    /// A write has failed since the file was opened.
    doubtful: bool,
    /// What was kept is being written again and not synced yet: that it can be read says nothing.
    rewriting: bool,
}

impl Growing {
    /// Creates the file, which must not exist yet unless an attempt that failed half way left it empty, and syncs its folder. Readable by the owner only.
    /// So many of the newest synced bytes are kept in memory.
    ///
    /// # Errors
    /// When the disk does not let it, or the file holds something.
    pub fn create(path: &Path, keep_bytes: usize) -> io::Result<Self> {
        let file = private().append(true).create(true).open(path)?;
        if file.metadata()?.len() > 0 {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        sync_folder(path.parent().unwrap_or_else(|| Path::new(".")))?;
        let path = path.to_owned();
        Ok(Self { path, file, synced_bytes: 0, kept: Vec::new(), keep_bytes, doubtful: false, rewriting: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length, as far as it is synced.
    pub fn synced_bytes(&self) -> u64 {
        self.synced_bytes
    }

    /// Appends `bytes`: `put` writes them to the file and syncs it. After an error nothing of them counts, and the next call begins by making the file what it was.
    ///
    /// # Errors
    /// What `put` or the disk says; [`Lost`] when the file cannot be made what it was.
    pub fn append(&mut self, bytes: &[u8], put: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        if self.doubtful {
            self.mend()?;
        }
        if let Err(error) = put(&mut self.file) {
            self.doubtful = true;
            // At once, because a full disk needs the room; [`Growing::mend`] makes sure.
            let _ = self.file.set_len(self.synced_bytes);
            return Err(error);
        }
        self.synced_bytes += bytes.len() as u64;
        if bytes.len() >= self.keep_bytes {
            self.kept = bytes.to_vec();
        } else {
            self.kept.drain(..(self.kept.len() + bytes.len()).saturating_sub(self.keep_bytes).min(self.kept.len()));
            self.kept.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Opens the file again by its name, cuts off what stands behind the synced bytes, and writes and syncs those of them that are gone.
    ///
    /// # Errors
    /// When the disk does not let it; [`Lost`] when more is gone than is kept in memory.
    pub fn mend(&mut self) -> io::Result<()> {
        let kept_from = self.synced_bytes - self.kept.len() as u64;
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        let mut options = private();
        options.read(true).append(true);
        let mut file = match options.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && kept_from == 0 => options.create(true).open(&self.path)?,
            // A disk that is not there at the moment has no such folder either.
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => return Err(self.lost(0)),
            opened => opened?,
        };
        let len = file.metadata()?.len();
        if len < kept_from {
            return Err(self.lost(len));
        }
        file.seek(SeekFrom::Start(kept_from))?;
        let mut there = Vec::new();
        (&file).take(self.kept.len() as u64).read_to_end(&mut there)?;
        let same = self.kept.iter().zip(&there).take_while(|(kept, there)| kept == there).count();
        let gone = if self.rewriting { &self.kept[..] } else { &self.kept[same..] };
        file.set_len(self.synced_bytes - gone.len() as u64)?;
        if !gone.is_empty() {
            if !std::mem::replace(&mut self.rewriting, true) {
                let (path, bytes) = (self.path.display(), gone.len());
                tracing::warn!(%path, bytes, "the disk has lost what it had called durable: it is written again");
            }
            file.write_all(gone)?;
        }
        super::sync_data(&file)?;
        if kept_from == 0 {
            // It may have been created anew.
            sync_folder(folder)?;
        }
        (self.file, self.doubtful, self.rewriting) = (file, false, false);
        Ok(())
    }

    fn lost(&self, len: u64) -> io::Error {
        let lost = Lost { synced_bytes: self.synced_bytes, lost_bytes: self.synced_bytes - len };
        io::Error::new(io::ErrorKind::InvalidData, lost)
    }

    /// A handle that takes nothing, for tests: as that of a disk that is gone.
    #[cfg(test)]
    pub(crate) fn break_handle(&mut self) {
        self.file = File::open(&self.path).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const KEPT_BYTES: usize = 4 << 10;

    fn put(bytes: &[u8]) -> impl FnOnce(&mut File) -> io::Result<()> {
        move |file| file.write_all(bytes).and_then(|()| file.sync_data())
    }

    fn grown(path: &Path, pieces: &[&[u8]]) -> Growing {
        let mut file = Growing::create(path, KEPT_BYTES).unwrap();
        for piece in pieces {
            file.append(piece, put(piece)).unwrap();
        }
        file
    }

    /// Fails once as on a disk that went away, then appends on what `there` is by then.
    fn come_back(file: &mut Growing, there: impl FnOnce(&Path)) -> io::Result<()> {
        file.break_handle();
        assert!(file.append(b"next", put(b"next")).is_err());
        there(file.path());
        file.append(b"next", put(b"next"))
    }

    #[test]
    fn whatever_a_repair_leaves_of_the_newest_bytes_the_file_becomes_what_was_written_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let pieces: [&[u8]; 3] = [b"header.", b"first chunk.", b"second chunk."];
        let whole = pieces.concat();
        let left: Vec<Vec<u8>> = (0..=whole.len())
            .flat_map(|len| {
                let (cut, zeros) = (whole[..len].to_vec(), [&whole[..len], &vec![0; whole.len() - len]].concat());
                [cut.clone(), zeros, [&whole[..], b"torn"].concat(), [&cut[..], &[0xA5; 99]].concat()]
            })
            .collect();
        for (number, left) in left.iter().enumerate() {
            let path = dir.path().join(number.to_string());
            let mut file = grown(&path, &pieces);
            come_back(&mut file, |path| fs::write(path, left).unwrap()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), [&whole[..], b"next"].concat(), "{left:?}");
            assert_eq!(file.synced_bytes(), whole.len() as u64 + 4);
        }
        // A rewriting whose sync failed is done again, whatever can be read.
        let path = dir.path().join("rewriting");
        let mut file = grown(&path, &pieces);
        (file.doubtful, file.rewriting) = (true, true);
        file.append(b"next", put(b"next")).unwrap();
        assert!(!file.rewriting);
        assert_eq!(fs::read(&path).unwrap(), [&whole[..], b"next"].concat());
        let path = dir.path().join("vanished");
        come_back(&mut grown(&path, &pieces), |path| fs::remove_file(path).unwrap()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [&whole[..], b"next"].concat());
    }

    #[test]
    fn the_newest_write_is_kept_however_long_and_what_nobody_has_any_more_is_said_to_be_lost() {
        let dir = tempfile::tempdir().unwrap();
        let (old, long) = (vec![1; 1000], vec![2; KEPT_BYTES + 1000]);
        let path = dir.path().join("long");
        let mut file = grown(&path, &[&old, &long]);
        come_back(&mut file, |path| fs::write(path, &old).unwrap()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [&old[..], &long, b"next"].concat());

        let shorter = |path: &Path| fs::write(path, &old[..999]).unwrap();
        let vanished = |path: &Path| fs::remove_file(path).unwrap();
        for (name, harm) in [("shorter", &shorter as &dyn Fn(&Path)), ("vanished", &vanished)] {
            let path = dir.path().join(name);
            let error = come_back(&mut grown(&path, &[&old, &long]), harm).unwrap_err();
            assert!(is_lost(&error), "{name}: {error}");
            assert!(error.to_string().contains("bytes that it had called durable"), "{error}");
        }
        // While the disk is away nothing is lost.
        let folder = dir.path().join("disk");
        fs::create_dir(&folder).unwrap();
        let mut file = grown(&folder.join("file"), &[&old, &long]);
        let away = dir.path().join("away");
        let gone = come_back(&mut file, |_| fs::rename(&folder, &away).unwrap()).unwrap_err();
        assert!(!is_lost(&gone), "{gone}");
        fs::rename(&away, &folder).unwrap();
        file.append(b"next", put(b"next")).unwrap();
        assert_eq!(fs::read(folder.join("file")).unwrap(), [&old[..], &long, b"next"].concat());
    }

    #[test]
    fn no_more_is_kept_in_memory_than_that_and_a_file_that_holds_something_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let piece = vec![7; 1000];
        let mut file = grown(&path, &[]);
        for _ in 0..200 {
            file.append(&piece, put(&piece)).unwrap();
            assert!(file.kept.len() <= KEPT_BYTES);
        }
        assert_eq!(file.kept.len(), KEPT_BYTES);
        assert!(Growing::create(&path, KEPT_BYTES).is_err());
        fs::write(dir.path().join("empty"), b"").unwrap();
        Growing::create(&dir.path().join("empty"), KEPT_BYTES).unwrap();
    }
}
