//! What lies in the spool and waits for its receipt: written by spool threads, read by the upload.

use super::reading::Reading;
use invigil_format::{RecordingId, RunId, TrackName};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a run said of how far it is behind counts for so long, us: it says so each second.
const BEHIND_COUNTS_US: u64 = 10_000_000;

/// One segment on its way to the server.
#[derive(Debug)]
pub struct Segment {
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
    state: Mutex<State>,
    /// Lengths at which it was synced and when, boot time us, as far as the server does not have them.
    synced_at: Mutex<VecDeque<(u64, u64)>>,
    /// It is far behind: the next key frame begins another one, so that what is new goes up beside what is old.
    left_behind: AtomicBool,
    held_back: AtomicBool,
    incomplete: AtomicBool,
    recovered_behind: AtomicU64,
    refused: AtomicBool,
    /// Held by whoever uploads it at the moment.
    pub(crate) busy: tokio::sync::Mutex<Remote>,
}

/// What is on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// Whole frames, synced: may be sent.
    pub synced_bytes: u64,
    /// Complete and journalled (S10): nothing will follow.
    pub closed: bool,
    /// Stored and removed, or given up for a named reason.
    pub settled: bool,
    /// Acknowledged by the server.
    pub acknowledged_bytes: u64,
}

/// What is known of the server's side.
#[derive(Debug, Default)]
pub(crate) struct Remote {
    pub location: Option<String>,
    pub offset: Option<u64>,
    pub completed: bool,
    pub failures: u32,
    /// How often in a row the disk did not let it be read or removed.
    pub disk_failures: u32,
    /// Length of the next append, as the line bears it; 0 before the first one.
    pub piece_bytes: u64,
}

impl Segment {
    /// A segment with `synced_bytes` that may be sent.
    pub fn new(
        path: PathBuf,
        recording: RecordingId,
        run: RunId,
        track: TrackName,
        sequence: u32,
        synced_bytes: u64,
        closed: bool,
    ) -> Arc<Self> {
        let state = State { synced_bytes, closed, ..State::default() };
        let (state, busy) = (Mutex::new(state), tokio::sync::Mutex::default());
        let [left_behind, held_back, incomplete, refused] = [false; 4].map(AtomicBool::new);
        let (synced_at, recovered_behind) = (Mutex::default(), AtomicU64::new(u64::MAX));
        Arc::new(Self {
            path,
            recording,
            run,
            track,
            sequence,
            state,
            synced_at,
            left_behind,
            held_back,
            incomplete,
            recovered_behind,
            refused,
            busy,
        })
    }

    /// Now.
    pub fn state(&self) -> State {
        *self.lock()
    }

    /// More whole frames are synced.
    pub fn synced(&self, bytes: u64, closed: bool) {
        let mut state = self.lock();
        if bytes > state.synced_bytes {
            self.marks().push_back((bytes, invigil_clock::boottime_us()));
        }
        state.synced_bytes = bytes;
        state.closed |= closed;
    }

    pub(crate) fn acknowledged(&self, bytes: u64) {
        self.lock().acknowledged_bytes = bytes;
        let mut marks = self.marks();
        while marks.front().is_some_and(|(end, _)| *end <= bytes) {
            marks.pop_front();
        }
    }

    /// Age of the oldest bytes that the server does not have, us.
    pub fn behind_us(&self, now_us: u64) -> u64 {
        self.marks().front().map_or(0, |(_, at_us)| now_us.saturating_sub(*at_us))
    }

    /// The disk does not let it be read or removed, for some tries now, or does so again.
    pub(crate) fn set_held_back(&self, held_back: bool) {
        self.held_back.store(held_back, Ordering::SeqCst);
    }

    /// Nothing more is written to it although it is not closed. As much goes up as is there.
    pub(super) fn set_incomplete(&self) {
        self.incomplete.store(true, Ordering::SeqCst);
        self.leave_behind();
    }

    /// Recovery closed it (R3): what it appended begins behind so many bytes.
    pub(super) fn set_recovered(&self, behind: u64) {
        self.recovered_behind.store(behind, Ordering::SeqCst);
    }

    /// Where an append that begins at `offset` ends at best, if it is to end at `end` at most. What recovery appended goes in one piece: so that a server which has a part of it
    /// has something else.
    pub(crate) fn piece(&self, offset: u64, end: u64) -> u64 {
        let (behind, size) = (self.recovered_behind.load(Ordering::SeqCst), self.state().synced_bytes);
        match end {
            end if end <= behind || end >= size => end,
            _ if offset < behind => behind,
            _ => size,
        }
    }

    /// Whether a server that has so many bytes cannot have this file's: the disk has lost bytes that had been sent (lifecycle.md S7.1).
    pub(crate) fn contradicts(&self, offset: u64) -> bool {
        let (behind, size) = (self.recovered_behind.load(Ordering::SeqCst), self.state().synced_bytes);
        offset > size || (behind < offset && offset < size)
    }

    /// Whether nobody who is about to end waits for it: the disk holds it back. It stays there, is tried again as long as this goes on, and at the next start.
    pub fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::SeqCst) || self.incomplete.load(Ordering::SeqCst)
    }

    /// The server's last answer to it was a refusal, or is none any more.
    pub(crate) fn set_refused(&self, refused: bool) {
        self.refused.store(refused, Ordering::SeqCst);
    }

    /// Whether the server refuses it at the moment: that it is behind says nothing of the link.
    pub fn is_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst)
    }

    /// Whether the server is not known to have made a file for it. While it is being sent nobody can tell.
    pub(crate) fn is_unknown_there(&self) -> bool {
        self.busy.try_lock().is_ok_and(|remote| remote.location.is_none())
    }

    /// What is new shall not wait behind this segment's bytes.
    pub fn leave_behind(&self) {
        self.left_behind.store(true, Ordering::SeqCst);
    }

    /// Whether [`Segment::leave_behind`] was called.
    pub fn is_left_behind(&self) -> bool {
        self.left_behind.load(Ordering::SeqCst)
    }

    fn marks(&self) -> MutexGuard<'_, VecDeque<(u64, u64)>> {
        self.synced_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settle(&self) {
        self.lock().settled = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All segments that are not settled, oldest first, and totals for the progress line.
#[derive(Debug, Default)]
pub struct Queue {
    segments: Mutex<Vec<Arc<Segment>>>,
    /// Woken when something new can be sent or was settled.
    pub changed: Notify,
    /// Segments with a receipt, this process.
    pub stored: AtomicU64,
    /// Segments that the server refused as damaged: kept here, and not stored.
    pub refused: AtomicU64,
    /// What earlier runs left and the disk did not let be read or closed: kept here, and not offered before the next start.
    pub unread: AtomicU64,
    /// Bytes that the server took, this process.
    pub uploaded_bytes: AtomicU64,
    /// How far live footage of each run is behind, us, and when that was said, boot time us.
    live_behind_us: Mutex<HashMap<RunId, (u64, u64)>>,
    /// Recordings of which somebody still reads what earlier runs left.
    readings: Mutex<Vec<Arc<Reading>>>,
    /// Held while one of their files is read.
    reads: Mutex<()>,
}

impl Queue {
    /// Adds a segment behind the others.
    pub fn add(&self, segment: Arc<Segment>) {
        self.lock().push(segment);
        self.changed.notify_waiters();
    }

    /// From now on nobody can tell what of this recording waits here, until [`Queue::end_reading`].
    /// `left` is how many segments are to be read, and their bytes.
    pub(super) fn begin_reading(&self, recording: RecordingId, left: (usize, u64)) -> Arc<Reading> {
        let reading = Arc::new(Reading { recording, stopped: AtomicBool::new(false), left: Mutex::new(left) });
        self.readings().push(Arc::clone(&reading));
        reading
    }

    /// Everything was read.
    pub(super) fn end_reading(&self, reading: &Arc<Reading>) {
        self.readings().retain(|other| !Arc::ptr_eq(other, reading));
        self.changed.notify_waiters();
    }

    /// Whether segments that earlier runs of this recording left have still to be read: they are not among [`Queue::pending`] yet.
    pub fn is_reading(&self, recording: RecordingId) -> bool {
        self.readings().iter().any(|reading| reading.recording == recording)
    }

    /// Segments that have still to be read.
    pub fn to_read(&self) -> usize {
        self.left_to_read().0
    }

    fn left_to_read(&self) -> (usize, u64) {
        let left = |reading: &Arc<Reading>| *reading.left.lock().unwrap_or_else(PoisonError::into_inner);
        self.readings().iter().map(left).fold((0, 0), |sum, left| (sum.0 + left.0, sum.1 + left.1))
    }

    /// Segments that are not settled, those included that have still to be read.
    pub fn waiting(&self) -> usize {
        self.to_read() + self.pending().len()
    }

    /// Adds a segment that was read, unless its recording was forgotten meanwhile.
    pub(super) fn add_read(&self, reading: &Reading, segment: Arc<Segment>) {
        let mut segments = self.lock();
        if !reading.stopped.load(Ordering::SeqCst) {
            segments.push(segment);
        }
        drop(segments);
        self.changed.notify_waiters();
    }

    /// One file at a time.
    pub(crate) fn reads_alone(&self) -> MutexGuard<'_, ()> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Segments that are not settled, oldest first.
    pub fn pending(&self) -> Vec<Arc<Segment>> {
        let mut segments = self.lock();
        segments.retain(|segment| !segment.state().settled);
        segments.clone()
    }

    /// Whether something stays here because of the disk.
    pub fn has_unread(&self) -> bool {
        self.unread.load(Ordering::SeqCst) > 0 || self.pending().iter().any(|segment| segment.is_held_back())
    }

    /// Bytes in the spool that the server is not known to have acknowledged.
    pub fn spooled_bytes(&self) -> u64 {
        let of_queue = |state: State| state.synced_bytes.saturating_sub(state.acknowledged_bytes);
        let queued: u64 = self.lock().iter().map(|segment| segment.state()).filter(|state| !state.settled).map(of_queue).sum();
        self.left_to_read().1 + queued
    }

    /// So far is this run's live footage behind, us; none when it has ended.
    pub fn set_live_behind(&self, run: RunId, us: Option<u64>) {
        let mut behind = self.live_behind_us.lock().unwrap_or_else(PoisonError::into_inner);
        match us {
            Some(us) => behind.insert(run, (us, invigil_clock::boottime_us())),
            None => behind.remove(&run),
        };
    }

    /// How far live footage is behind, us: older footage waits for it.
    pub fn live_behind_us(&self) -> u64 {
        let now_us = invigil_clock::boottime_us();
        let behind = self.live_behind_us.lock().unwrap_or_else(PoisonError::into_inner);
        behind.values().filter(|(_, at_us)| now_us.saturating_sub(*at_us) < BEHIND_COUNTS_US).map(|(us, _)| *us).max().unwrap_or(0)
    }

    /// A receipt was written and its segment removed.
    pub(crate) fn stored(&self, segment: &Segment) {
        segment.settle();
        self.stored.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_waiters();
    }

    /// The server will never take this segment; it stays on disk.
    pub(crate) fn refused(&self, segment: &Segment) {
        segment.settle();
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_waiters();
    }

    /// The disk has lost a part of this segment: what is left of it stays there, and it is never stored.
    pub(crate) fn lost(&self, segment: &Segment) {
        segment.settle();
        self.unread.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Drops everything of a recording: it has expired, or another run looks through it anew.
    pub(crate) fn forget(&self, recording: RecordingId) {
        self.readings().retain(|reading| {
            let stays = reading.recording != recording;
            reading.stopped.fetch_or(!stays, Ordering::SeqCst);
            stays
        });
        self.lock().iter().filter(|segment| segment.recording == recording).for_each(|segment| segment.settle());
        self.changed.notify_waiters();
    }

    fn readings(&self) -> MutexGuard<'_, Vec<Arc<Reading>>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Segment>>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_as_far_behind_as_its_oldest_byte_that_the_server_does_not_have() {
        let run = RunId::from_random([1; 16]);
        let segment = Segment::new("x".into(), RecordingId::from_random([2; 16]), run, "cam0".parse().unwrap(), 0, 0, false);
        let now = invigil_clock::boottime_us() + 5_000_000;
        assert_eq!(segment.behind_us(now), 0);
        segment.synced(100, false);
        std::thread::sleep(std::time::Duration::from_millis(5));
        segment.synced(200, false);
        let both = segment.behind_us(now);
        segment.acknowledged(99);
        assert_eq!(segment.behind_us(now), both);
        segment.acknowledged(100);
        assert!(segment.behind_us(now) <= both - 5_000);
        segment.synced(200, true);
        segment.acknowledged(200);
        assert_eq!(segment.behind_us(now), 0);
    }

    #[test]
    fn older_footage_waits_for_whichever_live_footage_is_furthest_behind() {
        let queue = Queue::default();
        let [one, two] = [1, 2].map(|n| RunId::from_random([n; 16]));
        queue.set_live_behind(one, Some(7));
        queue.set_live_behind(two, Some(3));
        assert_eq!(queue.live_behind_us(), 7);
        queue.set_live_behind(one, None);
        assert_eq!(queue.live_behind_us(), 3);
    }
}
