//! A segment that grows: bytes are appended one request at a time, each is fed to the scanner, and others see what is there.

use super::index::Chunk;
use crate::files;
use crate::live::lock;
use invigil_format::{Error as FormatError, Header, Scanner};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::OwnedMutexGuard;

/// A segment that is not stored yet.
#[derive(Debug)]
pub struct Growing {
    /// Row id.
    pub segment: i64,
    /// Row id of its recording.
    pub recording: i64,
    path: PathBuf,
    appender: Arc<tokio::sync::Mutex<Appender>>,
    shown: Arc<Mutex<Shown>>,
    header_checked: AtomicBool,
}

/// What others see of a growing segment.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Bytes received.
    pub received: u64,
    /// Bytes synced: after a crash there are at least as many.
    pub durable: u64,
    /// See `SegmentView::revision`.
    pub revision: u64,
    /// Header, once it is whole.
    pub header: Option<Header>,
    /// Chunks received, in order.
    pub chunks: Vec<Chunk>,
    /// Device's wall clock minus its boot time in the first chunk, ms.
    pub wall_minus_boot_ms: Option<i64>,
    /// Total size that the client has declared, if so.
    pub declared: Option<u64>,
    /// The closing frame is there.
    pub closed: bool,
    /// Why it is refused.
    pub refused: Option<String>,
}

/// The writing end; locked for as long as one append takes.
struct Appender {
    file: File,
    scanner: Scanner,
    offset: u64,
    ended: bool,
}

/// While it is held, nothing can be appended.
pub struct Frozen(OwnedMutexGuard<Appender>);

impl Frozen {
    /// See [`Frozen::end`].
    pub fn is_ended(&self) -> bool {
        self.0.ended
    }

    /// Nothing can be appended ever again: the file has been stored or refused, or is being destroyed.
    pub fn end(mut self) {
        self.0.ended = true;
    }
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appender").field("offset", &self.offset).finish_non_exhaustive()
    }
}

/// How an append ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Bytes are there, up to this offset.
    At(u64),
    /// Bytes were for another offset than this one, which is the right one.
    WrongOffset(u64),
    /// The segment would be longer than allowed.
    TooLong,
    /// It was stored or refused meanwhile, or its recording is being destroyed: ask the database.
    Ended,
}

impl Growing {
    /// Makes the file of a new segment, durably, or opens the one that is there and scans it (lifecycle T1.2, T6.2). Whatever is there stays.
    ///
    /// # Errors
    /// The system's.
    pub fn open(segment: i64, recording: i64, path: &Path, revision: u64) -> io::Result<Self> {
        let is_new = !path.exists();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let (scanner, offset) = rescan(&file)?;
        file.sync_all()?;
        if is_new {
            files::sync_dir(path.parent().unwrap_or(Path::new(".")))?;
        }
        let mut shown = Shown { durable: offset, ..Shown::default() };
        show(&mut shown, &scanner, offset, revision);
        let appender = Appender { file, scanner, offset, ended: false };
        Ok(Self {
            segment,
            recording,
            path: path.to_owned(),
            appender: Arc::new(tokio::sync::Mutex::new(appender)),
            shown: Arc::new(Mutex::new(shown)),
            header_checked: AtomicBool::new(false),
        })
    }

    /// What is there now, with all its chunks: for those who show them.
    pub fn shown(&self) -> Shown {
        self.look(Shown::clone)
    }

    /// A look at what is there now; nothing is appended meanwhile.
    pub fn look<T>(&self, at: impl FnOnce(&Shown) -> T) -> T {
        at(&lock(&self.shown))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends bytes at an offset (lifecycle T2). What the scanner refuses is kept in the file and shows as [`Shown::refused`].
    ///
    /// A request that is given up by its client still ends its append: the work runs to its end on its own thread.
    ///
    /// # Errors
    /// When writing fails; then the file is as before.
    pub async fn append(&self, at: u64, bytes: bytes::Bytes, limit: u64, revision: u64) -> io::Result<Appended> {
        let mut appender = self.appender.clone().lock_owned().await;
        if appender.ended {
            return Ok(Appended::Ended);
        }
        if at != appender.offset {
            return Ok(Appended::WrongOffset(appender.offset));
        }
        if at + bytes.len() as u64 > limit {
            return Ok(Appended::TooLong);
        }
        if bytes.is_empty() {
            return Ok(Appended::At(at));
        }
        let shown = self.shown.clone();
        let work = tokio::task::spawn_blocking(move || {
            if let Err(error) = appender.file.write_all_at(&bytes, at) {
                // What was written in part must not count: it is cut off, and if even that fails the next append writes over it.
                let _ = appender.file.set_len(at);
                return Err(error);
            }
            crate::crash::point("append-after-write");
            appender.offset = at + bytes.len() as u64;
            // An error stays in the scanner and shows as `refused`.
            let _ = appender.scanner.feed(&bytes);
            show(&mut lock(&shown), &appender.scanner, appender.offset, revision);
            Ok(Appended::At(appender.offset))
        });
        work.await.map_err(io::Error::other)?
    }

    /// Notes the total size that the client declares.
    pub fn declare(&self, length: u64) {
        lock(&self.shown).declared = Some(length);
    }

    /// The header, once it is whole, until [`Growing::header_checked`].
    pub fn unchecked_header(&self) -> Option<Header> {
        if self.header_checked.load(Ordering::Relaxed) { None } else { lock(&self.shown).header.clone() }
    }

    /// The header is what the upload was made for.
    pub fn header_checked(&self) {
        self.header_checked.store(true, Ordering::Relaxed);
    }

    /// Refuses the segment for a reason that is not in its bytes.
    pub fn refuse(&self, reason: String) {
        lock(&self.shown).refused.get_or_insert(reason);
    }

    /// Syncs what has been received (lifecycle T3); after a failure the file is cut back to what is durable, because the system may have
    /// dropped the rest. One that has ended meanwhile stays as it is.
    ///
    /// # Errors
    /// The system's, after falling back.
    pub async fn sync(&self, revision: u64) -> io::Result<()> {
        self.sync_with(revision, |file| file.sync_data()).await
    }

    pub(super) async fn sync_with(&self, revision: u64, sync: impl Fn(&File) -> io::Result<()> + Send + 'static) -> io::Result<()> {
        {
            let shown = lock(&self.shown);
            if shown.durable == shown.received {
                return Ok(());
            }
        }
        let appender = self.appender.clone().lock_owned().await;
        let shown = self.shown.clone();
        // A second handle on the same file, so that appends go on while the disk is busy.
        let (file, offset) = (appender.file.try_clone()?, appender.offset);
        drop(appender);
        let failed = tokio::task::spawn_blocking(move || sync(&file)).await.map_err(io::Error::other)?.err();
        let Some(error) = failed else {
            let mut shown = lock(&shown);
            shown.durable = shown.durable.max(offset.min(shown.received));
            shown.revision = revision;
            return Ok(());
        };
        let appender = self.appender.clone().lock_owned().await;
        let durable = lock(&shown).durable;
        tokio::task::spawn_blocking(move || fall_back(appender, &shown, durable, revision)).await.map_err(io::Error::other)??;
        Err(error)
    }

    /// Waits for the append under way and holds off others: what decides whether the segment is whole must not see it grow.
    pub async fn freeze(&self) -> Frozen {
        Frozen(self.appender.clone().lock_owned().await)
    }
}

fn fall_back(mut appender: OwnedMutexGuard<Appender>, shown: &Mutex<Shown>, durable: u64, revision: u64) -> io::Result<()> {
    // While the disk was busy it was stored, which syncs it once more, or refused: an object or evidence is never cut.
    if appender.ended {
        return Ok(());
    }
    appender.file.set_len(durable)?;
    let (scanner, offset) = rescan(&appender.file)?;
    appender.scanner = scanner;
    appender.offset = offset;
    show(&mut lock(shown), &appender.scanner, offset, revision);
    Ok(())
}

/// Scans the whole file; what the scanner refuses stays in the scanner.
fn rescan(file: &File) -> io::Result<(Scanner, u64)> {
    let mut scanner = Scanner::new();
    let mut reader = file.try_clone()?;
    io::Seek::seek(&mut reader, io::SeekFrom::Start(0))?;
    let total = scanner.read_from(reader)?;
    Ok((scanner, total))
}

fn show(shown: &mut Shown, scanner: &Scanner, received: u64, revision: u64) {
    shown.received = received;
    shown.durable = shown.durable.min(received);
    shown.revision = revision;
    if shown.header.is_none() {
        shown.header = scanner.header().cloned();
    }
    // Frames only ever get more, but for a fall-back after a failed sync.
    let known = shown.chunks.last().map_or(0, Chunk::end);
    if known > scanner.whole_bytes() {
        shown.chunks.retain(|chunk| chunk.end() <= scanner.whole_bytes());
    }
    let known = shown.chunks.last().map_or(0, Chunk::end);
    let first_new = scanner.frames().partition_point(|frame| frame.offset < known);
    shown.chunks.extend(scanner.frames()[first_new..].iter().filter_map(Chunk::of));
    if shown.wall_minus_boot_ms.is_none() {
        shown.wall_minus_boot_ms = crate::clock_map::wall_minus_boot_ms(scanner.frames());
    }
    shown.closed = scanner.closing().is_some();
    if let Some(error) = scanner.error() {
        shown.refused.get_or_insert_with(|| refusal(error));
    }
}

/// The reason of a refusal for people and programs: the error's name, then the sentence.
pub(crate) fn refusal(error: &FormatError) -> String {
    format!("{}: {error}", error.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn t3_2_a_failed_sync_falls_back_to_what_is_durable() {
        let dir = tempfile::tempdir().unwrap();
        let growing = Growing::open(1, 1, &dir.path().join("1.seg"), 1).unwrap();
        let append = |at, bytes: &'static [u8]| growing.append(at, bytes::Bytes::from_static(bytes), 100, 2);
        // The beginning of a preamble: the scanner waits for more.
        assert_eq!(append(0, b"\x89IVS").await.unwrap(), Appended::At(4));
        growing.sync(3).await.unwrap();
        assert_eq!(append(4, b"\r\n").await.unwrap(), Appended::At(6));
        assert_eq!(growing.shown().durable, 4);
        growing.sync_with(4, |_| Err(io::Error::other("the disk is gone"))).await.unwrap_err();
        let shown = growing.shown();
        assert_eq!((shown.received, shown.durable, shown.refused), (4, 4, None));
        assert_eq!(std::fs::read(growing.path()).unwrap(), b"\x89IVS");
        assert_eq!(append(6, b"x").await.unwrap(), Appended::WrongOffset(4));
        assert_eq!(append(4, b"\r\n").await.unwrap(), Appended::At(6));
        growing.sync(5).await.unwrap();
        assert_eq!(growing.shown().durable, 6);
        assert_eq!(append(6, &[0; 95]).await.unwrap(), Appended::TooLong);
    }

    #[tokio::test]
    async fn a_failed_sync_cuts_nothing_off_a_segment_that_was_stored_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        let growing = Growing::open(1, 1, &dir.path().join("1.seg"), 1).unwrap();
        growing.append(0, bytes::Bytes::from_static(b"\x89IVS"), 100, 2).await.unwrap();
        let object = dir.path().join("object.seg");
        std::fs::hard_link(growing.path(), &object).unwrap();
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (fail, may_fail) = std::sync::mpsc::channel();
        let sync = move |_: &File| -> io::Result<()> {
            begun.send(()).unwrap();
            may_fail.recv().unwrap();
            Err(io::Error::other("the disk is gone"))
        };
        let store = async {
            tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
            growing.freeze().await.end();
            fail.send(()).unwrap();
        };
        let (synced, ()) = tokio::join!(growing.sync_with(3, sync), store);
        synced.unwrap_err();
        assert_eq!(std::fs::read(&object).unwrap(), b"\x89IVS");
        assert_eq!(growing.shown().received, 4);
    }

    #[tokio::test]
    async fn t5_refused_bytes_stay_and_an_ended_segment_takes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let growing = Growing::open(1, 1, &dir.path().join("1.seg"), 1).unwrap();
        growing.append(0, bytes::Bytes::from_static(b"something else altogether"), 100, 2).await.unwrap();
        assert!(growing.shown().refused.unwrap().starts_with("not-a-segment"));
        assert_eq!(std::fs::read(growing.path()).unwrap(), b"something else altogether");
        growing.freeze().await.end();
        assert_eq!(growing.append(25, bytes::Bytes::from_static(b"x"), 100, 3).await.unwrap(), Appended::Ended);
    }
}
