//! What lies in the spool and waits for its receipt: written by spool threads, read by the upload.

use invigil_format::{RecordingId, RunId, TrackName};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

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
        let (synced_at, left_behind) = (Mutex::default(), AtomicBool::new(false));
        Arc::new(Self { path, recording, run, track, sequence, state, synced_at, left_behind, busy })
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
    /// Bytes that the server took, this process.
    pub uploaded_bytes: AtomicU64,
    /// How far live footage is behind, us: older footage waits for it.
    pub live_behind_us: AtomicU64,
}

impl Queue {
    /// Adds a segment behind the others.
    pub fn add(&self, segment: Arc<Segment>) {
        self.lock().push(segment);
        self.changed.notify_waiters();
    }

    /// Segments that are not settled, oldest first.
    pub fn pending(&self) -> Vec<Arc<Segment>> {
        let mut segments = self.lock();
        segments.retain(|segment| !segment.state().settled);
        segments.clone()
    }

    /// Bytes in the spool that the server has not acknowledged.
    pub fn spooled_bytes(&self) -> u64 {
        self.lock().iter().map(|s| s.state()).filter(|s| !s.settled).map(|s| s.synced_bytes.saturating_sub(s.acknowledged_bytes)).sum()
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

    /// Drops everything of a recording: it has expired.
    pub(crate) fn forget(&self, recording: RecordingId) {
        self.lock().iter().filter(|segment| segment.recording == recording).for_each(|segment| segment.settle());
        self.changed.notify_waiters();
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
}
