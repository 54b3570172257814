//! Seals one track's fragments and appends them to segments, on a thread of its own (S5-S10).

use super::recover::{Outcome, ToRead, recover_segment, recovered_behind};
use super::{Queue, Segment, layout};
use crate::capture::{Stop, watch::Dropped};
use crate::disk::{self, Growing};
use crate::journal::Journal;
use crate::link::Beacons;
use crate::rate::Rates;
use crate::seal::{Run, now};
use crate::segment::{Fragment, Media};
use invigil_format::{CloseReason, Digest, DroppedBecause, DroppedStretch, Error, Event, SegmentWriter, Stamp, TrackName};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// A segment is closed at the first key frame after this, us: where we encode, the next one is 4 s away.
const FULL_US: u64 = 296_000_000;
/// The same for its size.
const FULL_BYTES: u64 = 31 << 20;
/// Closed at an earlier key frame if the next group of pictures, being as the one before, would lead beyond this, us.
const MOST_US: u64 = 300_000_000;
/// The same for its size.
const MOST_BYTES: u64 = 32 << 20;
/// Groups of pictures that are longer do not count for that: a segment must not consist of one each, us.
const GROUP_US: u64 = 60_000_000;
/// Closed even without a key frame: readers accept 64 MiB. The pictures until the next key frame are dropped and counted.
const LIMIT_BYTES: u64 = 55 << 20;
/// A fragment that ends so long after the last signature is signed, us: with the one before, which ended just too early, at least every 5 s of capture.
const SIGN_US: u64 = 3_500_000;
/// Least distance of beacons, us.
const BEACON_US: u64 = 5_000_000;

/// As much of what is durable is kept in memory for a disk that loses it (S7.1), bytes: the bytes of a second or two.
const KEPT_BYTES: usize = 64 << 10;

/// To a track's spool thread. The end of the channel closes the segment.
pub enum Message {
    /// To be sealed and appended.
    Fragment(Fragment),
    /// Capture stands still: the segment is closed, so that it can leave the spool.
    Pause,
}

/// What a track's thread needs.
pub struct Context {
    /// Keys.
    pub run: Arc<Run>,
    /// Track.
    pub track: TrackName,
    /// Run's folder.
    pub folder: PathBuf,
    /// Where segments are journalled.
    pub journal: Journal,
    /// Where they are offered to the upload.
    pub queue: Arc<Queue>,
    /// Newest server beacon.
    pub beacons: Beacons,
    /// Last head of this track that the device knows.
    pub previous_head: Option<Digest>,
    /// Give up waiting for a disk that fails: the process must end now.
    pub abandon: Stop,
    /// Media that is durable, us.
    pub recorded_us: Arc<AtomicU64>,
    /// Where a disk that fails is told.
    pub rates: Arc<Rates>,
}

struct Open {
    writer: SegmentWriter,
    file: Growing,
    segment: Arc<Segment>,
    media: Arc<Media>,
    begun_us: u64,
    signed_us: u64,
    unsigned: bool,
    /// Boot time of the newest key frame, us, and the bytes before it.
    group: (u64, u64),
    /// Of each fragment: where it ends in the file, and what it holds.
    fragments: Vec<(u64, Dropped)>,
}

struct Track {
    context: Context,
    open: Option<Open>,
    sequence: u32,
    beacon_us: u64,
    dropped: Option<Dropped>,
}

/// Runs until the channel ends; then closes the segment.
pub fn write_track(context: Context, messages: &Receiver<Message>) {
    let mut track = Track { context, open: None, sequence: 0, beacon_us: 0, dropped: None };
    loop {
        match messages.recv_timeout(Duration::from_secs(1)) {
            Ok(Message::Fragment(fragment)) => {
                if let Err(error) = track.take(&fragment) {
                    tracing::error!(%error, track = %track.context.track, "a fragment could not be recorded");
                    track.tell_left_out();
                    track.tell_failed(&fragment, &error);
                }
            }
            Ok(Message::Pause) => track.close(CloseReason::Stopped),
            Err(RecvTimeoutError::Timeout) => track.sign_if_due(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    track.tell_left_out();
    track.close(CloseReason::Stopped);
}

/// Appending was given up because the process must end.
#[derive(Debug, thiserror::Error)]
enum TrackError {
    #[error(transparent)]
    Format(#[from] Error),
    #[error("the disk failed: {0}")]
    Disk(#[from] io::Error),
}

impl Track {
    fn take(&mut self, fragment: &Fragment) -> Result<(), TrackError> {
        if self.open.as_ref().is_some_and(|open| open.is_full(fragment)) {
            self.close(CloseReason::Full);
        }
        if self.open.is_none() {
            if !fragment.key {
                self.leave_out(fragment);
                return Ok(());
            }
            self.tell_left_out();
            self.begin(fragment)?;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        if fragment.key {
            open.group = (fragment.boottime_us, open.writer.size_bytes());
        }
        let at = now();
        let mut bytes = Vec::new();
        if at.boottime_us.saturating_sub(self.beacon_us) >= BEACON_US
            && let Some(beacon) = self.context.beacons.take_newer()
        {
            bytes.extend(open.writer.beacon(at, &beacon)?);
            self.beacon_us = at.boottime_us;
        }
        let stamp = Stamp { boottime_us: fragment.boottime_us, ..at };
        match open.writer.chunk(stamp, fragment.duration_us, fragment.key, &fragment.bytes) {
            Ok(chunk) if bytes.is_empty() => bytes = chunk,
            Ok(chunk) => bytes.extend(chunk),
            Err(error) => {
                // The beacon, if any, is part of the chain already.
                self.append(&bytes)?;
                self.close(CloseReason::Full);
                return Err(error.into());
            }
        }
        open.unsigned = true;
        if at.boottime_us.saturating_sub(open.signed_us) >= SIGN_US
            && let Err(error) = open.sign(at, &mut bytes)
        {
            // The chunk is part of the chain already.
            tracing::error!(%error, track = %self.context.track, "signing failed");
        }
        self.append(&bytes)?;
        if let Some(open) = &mut self.open {
            open.fragments.push((open.file.synced_bytes(), pictures_of(fragment)));
        }
        self.context.recorded_us.fetch_add(u64::from(fragment.duration_us), Ordering::Relaxed);
        self.context.queue.changed.notify_waiters();
        Ok(())
    }

    /// S7. What the disk did not take is part of the writer's chain already: with anything behind it the segment would be a damaged one. So
    /// nothing more is written to it, and the next start closes it (R3). The disk may have lost a part of it: then the next key frame begins another one.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let appended = open.append("S7", bytes, &self.context);
        if appended.is_err()
            && let Some(open) = self.open.take()
        {
            self.give_up(&open);
        }
        appended
    }

    /// Nothing more is written to a segment that is not closed. What the disk has left of it is closed as after a crash (R2-R4).
    fn give_up(&mut self, open: &Open) {
        let context = &mut self.context;
        open.segment.set_incomplete();
        if context.abandon.is_stopped() {
            return;
        }
        // Whoever sends it at the moment sends no more.
        open.segment.settle();
        let Segment { path, recording, run, track, sequence, .. } = &*open.segment;
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound && context.folder.is_dir();
        let closed = retry(context, "closing what is left of a segment", || {
            let _alone = context.queue.reads_alone();
            match recover_segment(path, &context.run.device, now()) {
                Err(error) if gone(&error) => Ok(Outcome::Nothing),
                outcome => outcome,
            }
        });
        let mut whole_bytes = 0;
        match closed {
            Ok(Outcome::Closed { scanner, size_bytes, .. }) => {
                let found = ToRead { path: path.clone(), recording: *recording, run: *run, track: track.clone(), sequence: *sequence };
                context.queue.add(found.closed(&scanner, size_bytes));
                whole_bytes = recovered_behind(&scanner).unwrap_or(size_bytes);
                let head = scanner.head();
                context.previous_head = Some(head);
                let (track, sequence, run) = (track.clone(), *sequence, *run);
                if let Some(reason) = scanner.closing().map(|closing| closing.reason) {
                    context.journal.record(Event::SegmentClosed { track, sequence, head, reason, run });
                }
            }
            Ok(Outcome::Nothing | Outcome::Damaged) => {
                tracing::error!(path = %path.display(), "the disk has lost this segment: what the server has of it is all there is");
                context.queue.lost(&open.segment);
            }
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "what is left of a segment waits for the next start");
                context.queue.lost(&open.segment);
                return;
            }
        }
        let missing_from = whole_bytes.max(open.segment.state().acknowledged_bytes);
        if let Some(Dropped { count, from_us, to_us }) = open.behind(missing_from) {
            let stretch = Some(DroppedStretch { from_us, to_us, because: DroppedBecause::DiskFailure });
            let (track, reason) = (track.clone(), "the disk has lost what it had called durable".into());
            context.journal.record(Event::FramesDropped { track, count, reason, stretch });
        }
    }

    fn leave_out(&mut self, fragment: &Fragment) {
        let Dropped { count, from_us, to_us } = pictures_of(fragment);
        Dropped::add(&mut self.dropped, count, from_us, to_us);
    }

    fn tell_left_out(&mut self) {
        if let Some(Dropped { count, from_us, to_us }) = self.dropped.take() {
            let stretch = Some(DroppedStretch { from_us, to_us, because: DroppedBecause::NoKeyFrame });
            let (track, reason) = (self.context.track.clone(), "no key frame to begin a segment with".into());
            self.context.journal.record(Event::FramesDropped { track, count, reason, stretch });
        }
    }

    /// What could not be recorded although it could be decoded.
    fn tell_failed(&self, fragment: &Fragment, error: &TrackError) {
        let Dropped { count, from_us, to_us } = pictures_of(fragment);
        let because = matches!(error, TrackError::Disk(_)).then_some(DroppedBecause::DiskFailure);
        let stretch = because.map(|because| DroppedStretch { from_us, to_us, because });
        let (track, reason) = (self.context.track.clone(), error.to_string().chars().take(200).collect());
        self.context.journal.record(Event::FramesDropped { track, count, reason, stretch });
    }

    fn sign_if_due(&mut self) {
        let at = now();
        let Some(open) = self.open.as_mut().filter(|open| open.unsigned && at.boottime_us.saturating_sub(open.signed_us) >= SIGN_US) else {
            return;
        };
        let mut bytes = Vec::new();
        if let Err(error) = open.sign(at, &mut bytes).map_err(TrackError::from).and_then(|()| Ok(self.append(&bytes)?)) {
            tracing::error!(%error, track = %self.context.track, "signing failed");
        }
    }

    /// S5, S6.
    fn begin(&mut self, fragment: &Fragment) -> Result<(), TrackError> {
        let context = &self.context;
        let sequence = self.sequence;
        let at = now();
        let (writer, bytes) = context.run.begin(&context.track, sequence, context.previous_head, &fragment.media, at)?;
        // Counted up whatever happens now: a sequence, and with it a segment key, is never used twice (invariant d).
        self.sequence += 1;
        let path = layout::segment(&context.folder, &context.track, sequence);
        let create = || Growing::create(&path, KEPT_BYTES).and_then(|file| disk::fault("S5").map(|()| file));
        let file = retry(context, "creating a segment", create)?;
        disk::crash_point("segment-created");
        let segment = Segment::new(path, context.run.recording, context.run.run, context.track.clone(), sequence, 0, false);
        let mut open = Open {
            writer,
            file,
            segment,
            media: Arc::clone(&fragment.media),
            begun_us: at.boottime_us,
            signed_us: at.boottime_us,
            unsigned: false,
            group: (fragment.boottime_us, 0),
            fragments: Vec::new(),
        };
        open.append("S6", &bytes, context)?;
        disk::crash_point("segment-begun");
        context.journal.record_durably(Event::SegmentStarted { track: context.track.clone(), sequence, head: open.writer.head0() });
        disk::crash_point("segment-journalled");
        context.queue.add(Arc::clone(&open.segment));
        self.open = Some(open);
        Ok(())
    }

    /// S8, S9, S10.
    fn close(&mut self, reason: CloseReason) {
        let Some(mut open) = self.open.take() else { return };
        let context = &mut self.context;
        let at = now();
        let closed = (|| {
            let mut bytes = open.writer.end(at)?;
            bytes.extend(open.writer.signature(at)?);
            bytes.extend(open.writer.close(reason)?);
            Ok::<_, TrackError>(open.append("S8", &bytes, context)?)
        })();
        if let Err(error) = closed {
            tracing::error!(%error, track = %context.track, "closing a segment failed");
            self.give_up(&open);
            return;
        }
        disk::crash_point("closed");
        let head = open.writer.head();
        context.previous_head = Some(head);
        let (track, sequence, run) = (context.track.clone(), open.segment.sequence, context.run.run);
        let failures = context.journal.failures();
        context.journal.record_durably(Event::SegmentClosed { track, sequence, head, reason, run });
        disk::crash_point("closed-journalled");
        // The disk failed right behind the closing record: it may not be there, and no further write would find that out.
        if context.journal.failures() != failures
            && let Err(error) = retry(context, "looking after a closed segment", || open.file.mend())
        {
            // Another end of it would contradict the journal.
            tracing::error!(%error, path = %open.segment.path.display(), "this segment is not whole on the disk, and stays there");
            context.queue.lost(&open.segment);
            return;
        }
        open.segment.synced(open.writer.size_bytes(), true);
        context.queue.changed.notify_waiters();
    }
}

impl Open {
    fn is_full(&self, fragment: &Fragment) -> bool {
        let extent = Extent {
            bytes: self.writer.size_bytes(),
            us: fragment.boottime_us.saturating_sub(self.begun_us),
            group_bytes: self.writer.size_bytes().saturating_sub(self.group.1),
            group_us: fragment.boottime_us.saturating_sub(self.group.0),
        };
        let asked = self.segment.is_left_behind() || *self.media != *fragment.media;
        extent.must_end(fragment.key, asked)
    }

    fn sign(&mut self, at: Stamp, bytes: &mut Vec<u8>) -> Result<(), Error> {
        bytes.extend(self.writer.signature(at)?);
        self.signed_us = at.boottime_us;
        self.unsigned = false;
        Ok(())
    }

    /// The pictures that stand behind so many bytes of the file.
    fn behind(&self, bytes: u64) -> Option<Dropped> {
        let mut behind = None;
        let fragments = self.fragments.iter().filter(|(end_bytes, _)| *end_bytes > bytes);
        fragments.for_each(|(_, of)| Dropped::add(&mut behind, of.count, of.from_us, of.to_us));
        behind
    }

    /// S7. A disk that fails is asked again and again; before anything is written anew, the file is made what was synced of it.
    fn append(&mut self, step: &str, bytes: &[u8], context: &Context) -> io::Result<()> {
        let file = &mut self.file;
        retry(context, "appending to a segment", || {
            file.append(bytes, |file| {
                write(file, step, bytes)?;
                disk::crash_point("appended");
                disk::fault(step)?;
                disk::sync_data(file)
            })
        })?;
        disk::crash_point("synced");
        self.segment.synced(self.file.synced_bytes(), false);
        Ok(())
    }
}

/// What a segment holds, and of that its newest group of pictures, which began at the newest key frame.
#[derive(Debug, Clone, Copy)]
struct Extent {
    bytes: u64,
    us: u64,
    group_bytes: u64,
    group_us: u64,
}

impl Extent {
    /// Whether the segment ends before a fragment that starts with a `key` frame or not; `asked` says that there is another reason to begin a new one.
    fn must_end(self, key: bool, asked: bool) -> bool {
        let (group_us, group_bytes) = if self.group_us > GROUP_US { (0, 0) } else { (self.group_us, self.group_bytes) };
        let full = self.bytes >= FULL_BYTES || self.us >= FULL_US || self.bytes + group_bytes > MOST_BYTES || self.us + group_us > MOST_US;
        (key && (full || asked)) || self.bytes >= LIMIT_BYTES
    }
}

/// What a fragment holds: as it is counted if it is lost.
fn pictures_of(fragment: &Fragment) -> Dropped {
    let to_us = fragment.boottime_us + u64::from(fragment.duration_us);
    Dropped { count: fragment.pictures.into(), from_us: fragment.boottime_us, to_us }
}

/// One call; a test may have it fail half way (`S7.torn`).
fn write(file: &mut File, step: &str, bytes: &[u8]) -> io::Result<()> {
    if cfg!(debug_assertions)
        && let Err(error) = disk::fault(&format!("{step}.torn"))
    {
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(error);
    }
    file.write_all(bytes)
}

fn retry<T>(context: &Context, attempt: &'static str, action: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut failed = false;
    let done = disk::insist(action, |error| {
        context.rates.disk_failed(Some(&error.to_string()));
        if !std::mem::replace(&mut failed, true) {
            tracing::error!(%error, attempt, track = %context.track, "the spool's disk fails, trying until it works");
        }
        !context.abandon.is_stopped() && !disk::is_lost(error)
    });
    if failed && done.as_ref().err().is_none_or(disk::is_lost) {
        context.rates.disk_failed(None);
        tracing::info!(attempt, track = %context.track, "the spool's disk works again");
    }
    done
}

#[cfg(test)]
mod tests;
