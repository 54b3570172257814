//! What earlier lives of this agent left behind (R1-R5).

use super::remove::check_receipt;
use super::{Layout, Queue, Segment, SpoolError, layout, runs, torn};
use crate::disk;
use crate::journal;
use invigil_format::{
    DeviceKey, Digest, Event, Receipt, RecordingId, RunId, Scanner, Stamp, Statement, TrackName, TrustStore, recover_closing,
};
use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// State of a recording after recovery.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Earlier runs, oldest first.
    pub runs: Vec<RunId>,
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
}

/// Recovers all earlier runs of a recording and offers their segments to the upload. `trust` says whose receipts count.
pub fn recover(
    names: &Layout,
    recording: RecordingId,
    device: &DeviceKey,
    trust: &TrustStore,
    at: Stamp,
    queue: &Queue,
) -> Result<Recovered, SpoolError> {
    let mut found = Recovered { runs: runs(names, recording)?, ..Recovered::default() };
    let mut named = HashSet::new();
    let mut closed = Vec::new();
    for run in found.runs.clone() {
        let folder = names.run(recording, run);
        let path = layout::journal(&folder);
        let entries = journal::load(&path, true).map_err(SpoolError::disk("reading the journal", &path))?;
        if let Some(last) = entries.last() {
            found.last_entry = Some(last.digest());
        }
        for entry in journal::events(&entries) {
            if let Event::SegmentClosed { track, sequence, head, run, .. } = entry.event {
                found.heads.insert(track.clone(), head);
                named.insert((run, track, sequence));
            }
        }
        for (track, _, path) in list(&folder, "receipt")? {
            let receipt = std::fs::read(&path).ok().and_then(|text| Statement::from_json(&text).ok());
            if let Some(receipt) = receipt.and_then(|statement| statement.read::<Receipt>().ok()) {
                found.heads.insert(track, receipt.head);
            }
        }
        for (track, sequence, path) in list(&folder, "seg")? {
            if is_stored(&Segment::new(path.clone(), recording, run, track.clone(), sequence, 0, true), trust) {
                disk::remove(&path).map_err(SpoolError::disk("removing", &path))?;
                continue;
            }
            let outcome = recover_segment(&path, device, at).map_err(SpoolError::disk("recovering", &path))?;
            let (scanner, size_bytes) = match outcome {
                Outcome::Closed { scanner, size_bytes, now } => {
                    found.closed += usize::from(now);
                    (scanner, size_bytes)
                }
                Outcome::Nothing => continue,
                Outcome::Damaged => {
                    found.damaged += 1;
                    continue;
                }
            };
            found.heads.insert(track.clone(), scanner.head());
            if let Some(closing) = scanner.closing() {
                closed.push((run, track.clone(), sequence, scanner.head(), closing.reason));
            }
            queue.add(Segment::new(path, recording, run, track, sequence, size_bytes, true));
        }
    }
    found.unjournalled = closed
        .into_iter()
        .filter(|(run, track, sequence, ..)| !named.contains(&(*run, track.clone(), *sequence)))
        .map(|(run, track, sequence, head, reason)| Event::SegmentClosed { track, sequence, head, reason, run })
        .collect();
    Ok(found)
}

fn list(folder: &Path, extension: &str) -> Result<Vec<(TrackName, u32, std::path::PathBuf)>, SpoolError> {
    match layout::list(folder, extension) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(SpoolError::disk("listing", folder)),
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

enum Outcome {
    /// Closed, `now` or before.
    Closed { scanner: Box<Scanner>, size_bytes: u64, now: bool },
    /// R2.
    Nothing,
    /// R4.
    Damaged,
}

fn recover_segment(path: &Path, device: &DeviceKey, at: Stamp) -> io::Result<Outcome> {
    let len = std::fs::metadata(path)?.len();
    let mut scanner = scan(path, len)?;
    if scanner.closing().is_some() && scanner.error().is_none() {
        return Ok(Outcome::Closed { scanner: Box::new(scanner), size_bytes: len, now: false });
    }
    let from = torn::look_from(&scanner);
    let mut rest = Vec::new();
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    file.take(scanner.whole_bytes() - from + torn::longest(&scanner) + 1).read_to_end(&mut rest)?;
    if !torn::is_one_write(&scanner, &rest) {
        let reason = scanner.error().map_or_else(|| "a frame's length is damaged".into(), ToString::to_string);
        return keep_damaged(path, &reason);
    }
    if scanner.header().is_none() {
        tracing::warn!(path = %path.display(), bytes = len, "removing a segment without header: nothing of it was ever sent");
        disk::remove(path)?;
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
    file.write_all(&recovery.append)?;
    disk::crash_point("recovery-appended");
    file.sync_all()?;
    disk::crash_point("recovered");
    let size_bytes = recovery.truncate_to + recovery.append.len() as u64;
    if scanner.feed(&recovery.append).is_err() || scanner.closing().is_none() {
        // The scanner may still hold the incomplete frame that was cut off: read the file as it is now.
        scanner = scan(path, size_bytes)?;
    }
    tracing::info!(path = %path.display(), cut = len - recovery.truncate_to, "closed a segment that a crash had cut off");
    Ok(Outcome::Closed { scanner: Box::new(scanner), size_bytes, now: true })
}

/// R4.
fn keep_damaged(path: &Path, reason: &str) -> io::Result<Outcome> {
    tracing::error!(path = %path.display(), reason, "a segment is damaged, it is kept as *.damaged and not sent");
    std::fs::rename(path, path.with_extension("damaged"))?;
    disk::sync_folder(path.parent().unwrap_or_else(|| Path::new(".")))?;
    Ok(Outcome::Damaged)
}

/// Scans the first `len` bytes; an error stays in the scanner.
fn scan(path: &Path, len: u64) -> io::Result<Scanner> {
    let mut file = std::fs::File::open(path)?.take(len);
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
