//! What earlier lives of this agent left behind (R1-R5).

use super::remove::check_receipt;
use super::runs::recover_runs;
use super::{Layout, Queue, Segment, layout, torn};
use crate::disk;
use crate::journal;
use invigil_format::{
    CloseReason, DeviceKey, Digest, Event, FrameKind, Receipt, RecordingId, RunId, Scanner, Stamp, Statement, TrackName, TrustStore,
    recover_closing,
};
use std::collections::HashMap;
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// State of a recording after recovery.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Earlier runs, oldest first.
    pub runs: Vec<RunId>,
    /// The newest of them, but for those whose journal cannot be read: the new run names it as the one before.
    pub previous_run: Option<RunId>,
    /// Newest head of each track that this device knows.
    pub heads: HashMap<TrackName, Digest>,
    /// Digest of the last journal entry of the last run that has one.
    pub last_entry: Option<Digest>,
    /// Closed segments that no journal names: to be journalled by the new run (R5).
    pub unjournalled: Vec<Event>,
    /// Segments that were cut off by a crash and closed now.
    pub closed: usize,
    /// Segments that are damaged and kept as they are.
    pub damaged: usize,
    /// What the disk did not let be read, closed or removed: it stays as it is, and the next start tries again.
    pub left: Vec<LeftOver>,
    /// Segments of which a journal says that they are closed, and how: nobody has read them yet, and none is offered to the upload before that.
    pub to_read: Vec<ToRead>,
}

/// A segment that an earlier run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRead {
    /// File.
    pub path: PathBuf,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
}

impl ToRead {
    /// As it is offered to the upload.
    pub(super) fn closed(self, scanner: &Scanner, size_bytes: u64) -> Arc<Segment> {
        let Self { path, recording, run, track, sequence } = self;
        let segment = Segment::new(path, recording, run, track, sequence, size_bytes, true);
        if let Some(behind) = recovered_behind(scanner) {
            segment.set_recovered(behind);
        }
        segment
    }
}

/// Where what recovery appended to a segment begins: a signature, then the closing record.
pub(super) fn recovered_behind(scanner: &Scanner) -> Option<u64> {
    scanner.closing().filter(|closing| closing.reason == CloseReason::Recovered)?;
    scanner.frames().iter().rev().find(|frame| frame.kind == FrameKind::Signature).map(|frame| frame.offset)
}

/// A file or folder that recovery had to leave as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOver {
    /// Where it is now.
    pub path: PathBuf,
    /// What was attempted, and what the disk said.
    pub why: String,
}

impl LeftOver {
    pub(super) fn new(path: &Path, attempt: &str, error: &dyn Display) -> Self {
        tracing::error!(path = %path.display(), %error, "{attempt} failed, it is left as it is");
        Self { path: path.to_owned(), why: format!("{attempt} failed: {error}") }
    }
}

/// [`look`], and all that is left to read at once.
#[cfg(test)]
pub fn recover(names: &Layout, recording: RecordingId, device: &DeviceKey, trust: &TrustStore, at: Stamp, queue: &Queue) -> Recovered {
    let mut found = look(names, recording, device, trust, at, queue);
    for segment in std::mem::take(&mut found.to_read) {
        if let Some((segment, _)) = found.read(segment, device, at, queue) {
            queue.add(segment);
        }
    }
    found
}

/// Recovers all earlier runs of a recording, as far as a new run must know of them before it begins. `trust` says whose receipts count. A disk that fails at something
/// old keeps nothing new from being recorded: it is left as it is and named.
///
/// What was read is offered to the upload; of a segment that a journal names its head stands there, and it is only listed
/// ([`Recovered::to_read`]). Hours of footage that wait for the network are minutes of reading.
pub fn look(names: &Layout, recording: RecordingId, device: &DeviceKey, trust: &TrustStore, at: Stamp, queue: &Queue) -> Recovered {
    let mut found = Recovered::default();
    found.runs = recover_runs(names, recording, &mut found.left);
    if found.left.iter().any(|left| left.path == names.recording(recording)) {
        queue.unread.fetch_add(1, Ordering::Relaxed);
    }
    let runs: Vec<_> = found.runs.iter().map(|run| (*run, names.run(recording, *run))).collect();
    let journals: Vec<_> = runs.iter().map(|(run, folder)| closed_by_journal(folder, *run, &mut found)).collect();
    let named: HashMap<_, _> = journals.iter().flatten().cloned().collect();
    let mut unjournalled = Vec::new();
    for ((run, folder), journal) in runs.into_iter().zip(journals) {
        found.heads.extend(journal.into_iter().map(|((_, track, _), head)| (track, head)));
        for (track, _, path) in list(&folder, "receipt").unwrap_or_default() {
            let receipt = std::fs::read(&path).ok().and_then(|text| Statement::from_json(&text).ok());
            if let Some(receipt) = receipt.and_then(|statement| statement.read::<Receipt>().ok()) {
                found.heads.insert(track, receipt.head);
            }
        }
        let listed = list(&folder, "seg").unwrap_or_else(|error| {
            found.leave(&folder, "listing the folder of an earlier run", &error, queue);
            Vec::new()
        });
        for (track, sequence, path) in listed {
            if is_stored(&Segment::new(path.clone(), recording, run, track.clone(), sequence, 0, true), trust) {
                if let Err(error) = disk::fault("R1").and_then(|()| disk::remove(&path)) {
                    found.left.push(LeftOver::new(&path, "removing a segment that the server has stored", &error));
                }
                continue;
            }
            let segment = ToRead { path, recording, run, track: track.clone(), sequence };
            if let Some(head) = named.get(&(run, track.clone(), sequence)) {
                found.heads.insert(track, *head);
                found.to_read.push(segment);
            } else if let Some((segment, scanner)) = found.read(segment, device, at, queue) {
                let head = scanner.head();
                found.heads.insert(track.clone(), head);
                // R5.
                unjournalled.extend(scanner.closing().map(|closing| Event::SegmentClosed {
                    track,
                    sequence,
                    head,
                    reason: closing.reason,
                    run,
                }));
                queue.add(segment);
            }
        }
    }
    found.unjournalled = unjournalled;
    found
}

impl Recovered {
    fn read(&mut self, segment: ToRead, device: &DeviceKey, at: Stamp, queue: &Queue) -> Option<(Arc<Segment>, Box<Scanner>)> {
        // Somebody who was told to stop reading for this recording may still have the file in hands.
        let _alone = queue.reads_alone();
        let outcome = recover_segment(&segment.path, device, at);
        self.take(segment, outcome, queue)
    }

    /// What became of a segment. What comes back is to be offered to the upload; of anything else it is noted here what it is.
    pub(super) fn take(&mut self, segment: ToRead, outcome: io::Result<Outcome>, queue: &Queue) -> Option<(Arc<Segment>, Box<Scanner>)> {
        match outcome {
            Ok(Outcome::Closed { scanner, size_bytes, now }) => {
                self.closed += usize::from(now);
                return Some((segment.closed(&scanner, size_bytes), scanner));
            }
            Ok(Outcome::Nothing) => {}
            Ok(Outcome::Damaged) => self.damaged += 1,
            // An upload that was under way when it was broken off has removed it (S13).
            Err(error) if error.kind() == io::ErrorKind::NotFound && layout::receipt(&segment.path).exists() => {}
            Err(error) => self.leave(&segment.path, "reading and closing a segment of an earlier run", &error, queue),
        }
        None
    }

    fn leave(&mut self, path: &Path, attempt: &str, error: &dyn Display, queue: &Queue) {
        self.left.push(LeftOver::new(path, attempt, error));
        queue.unread.fetch_add(1, Ordering::Relaxed);
    }
}

/// A closed segment that a journal names, and its head.
type Closed = ((RunId, TrackName, u32), Digest);

/// What a run's journal says of closed segments. Nobody knows the last entry of one that cannot be read, so it is left out of the chain.
fn closed_by_journal(folder: &Path, run: RunId, found: &mut Recovered) -> Vec<Closed> {
    let path = layout::journal(folder);
    let entries = match disk::fault("R.journal").and_then(|()| journal::load(&path, true)) {
        Ok(entries) => entries,
        Err(error) => {
            found.left.push(LeftOver::new(&path, "reading the journal of an earlier run", &error));
            return Vec::new();
        }
    };
    found.previous_run = Some(run);
    if let Some(last) = entries.last() {
        found.last_entry = Some(last.digest());
    }
    let closed = journal::events(&entries).filter_map(|entry| match entry.event {
        Event::SegmentClosed { track, sequence, head, run, .. } => Some(((run, track, sequence), head)),
        _ => None,
    });
    closed.collect()
}

fn list(folder: &Path, extension: &str) -> io::Result<Vec<(TrackName, u32, PathBuf)>> {
    match disk::fault("R.folder").and_then(|()| layout::list(folder, extension)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

/// R1.
fn is_stored(segment: &Segment, trust: &TrustStore) -> bool {
    let Ok(text) = std::fs::read(layout::receipt(&segment.path)) else { return false };
    let checked =
        Statement::from_json(&text).map_err(Into::into).and_then(|receipt| check_receipt(segment, &receipt, trust, crate::enrol::now_ms()));
    if let Err(error) = &checked {
        tracing::warn!(path = %segment.path.display(), %error, "the receipt beside a segment does not count, the segment is kept and uploaded");
    }
    checked.is_ok()
}

/// What became of a segment that was read.
pub(super) enum Outcome {
    /// Closed, `now` or before.
    Closed { scanner: Box<Scanner>, size_bytes: u64, now: bool },
    /// R2.
    Nothing,
    /// R4.
    Damaged,
}

/// Reads a segment, and closes it if a crash has cut it off (R2-R4).
pub(super) fn recover_segment(path: &Path, device: &DeviceKey, at: Stamp) -> io::Result<Outcome> {
    disk::fault("R.segment")?;
    let len = std::fs::metadata(path)?.len();
    let mut scanner = scan(path, len)?;
    if scanner.closing().is_some() && scanner.error().is_none() {
        return Ok(Outcome::Closed { scanner: Box::new(scanner), size_bytes: len, now: false });
    }
    let from = torn::look_from(&scanner);
    let mut rest = Vec::new();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    file.take(scanner.whole_bytes() - from + torn::longest(&scanner) + 1).read_to_end(&mut rest)?;
    if !torn::is_one_write(&scanner, &rest) {
        let reason = scanner.error().map_or_else(|| "a frame's length is damaged".into(), ToString::to_string);
        return keep_damaged(path, &reason);
    }
    if scanner.header().is_none() {
        tracing::warn!(path = %path.display(), bytes = len, "removing a segment without header: nothing of it was ever sent");
        disk::fault("R2").and_then(|()| disk::remove(path))?;
        return Ok(Outcome::Nothing);
    }
    if scanner.error().is_some() {
        // A power cut can leave the last write as zeros or rubbish; the frames before it are whole.
        scanner = scan(path, scanner.whole_bytes())?;
    }
    let recovery = match recover_closing(&scanner, device, at) {
        Ok(recovery) => recovery,
        Err(error) => return keep_damaged(path, &error.to_string()),
    };
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.set_len(recovery.truncate_to)?;
    disk::crash_point("recovery-cut");
    if let Err(error) = close(&mut file, &recovery.append) {
        // What is not sure to be on the disk must not look closed to the next start.
        let _ = file.set_len(recovery.truncate_to);
        return Err(error);
    }
    disk::crash_point("recovered");
    let size_bytes = recovery.truncate_to + recovery.append.len() as u64;
    if scanner.feed(&recovery.append).is_err() || scanner.closing().is_none() {
        // The scanner may still hold the incomplete frame that was cut off: read the file as it is now.
        scanner = scan(path, size_bytes)?;
    }
    tracing::info!(path = %path.display(), cut = len - recovery.truncate_to, "closed a segment that a crash had cut off");
    Ok(Outcome::Closed { scanner: Box::new(scanner), size_bytes, now: true })
}

/// R3, behind what stays.
fn close(file: &mut File, closing: &[u8]) -> io::Result<()> {
    if let Err(error) = disk::fault("R3.torn") {
        file.write_all(&closing[..closing.len() / 2])?;
        return Err(error);
    }
    file.write_all(closing)?;
    disk::crash_point("recovery-appended");
    disk::fault("R3").and_then(|()| file.sync_all())
}

/// R4.
fn keep_damaged(path: &Path, reason: &str) -> io::Result<Outcome> {
    tracing::error!(path = %path.display(), reason, "a segment is damaged, it is kept as *.damaged and not sent");
    disk::fault("R4").and_then(|()| std::fs::rename(path, path.with_extension("damaged")))?;
    disk::sync_folder(path.parent().unwrap_or_else(|| Path::new(".")))?;
    Ok(Outcome::Damaged)
}

/// Scans the first `len` bytes; an error stays in the scanner.
fn scan(path: &Path, len: u64) -> io::Result<Scanner> {
    let mut file = File::open(path)?.take(len);
    let mut scanner = Scanner::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(scanner),
            n if scanner.feed(&buffer[..n]).is_err() => return Ok(scanner),
            _ => {}
        }
    }
}
