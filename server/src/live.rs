//! What is in memory only: contacts and sign-ins of agents, and how many requests each may still make. A heartbeat costs no transaction; what must
//! outlive a crash is written in batches.

use crate::ingest::auth::Agent;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// For how long a checked token is believed without asking the database again, us: a code that another process reissues takes effect after it.
const TOKEN_FRESH_US: u64 = 5_000_000;
/// Requests that may come at once are this many times those allowed in a second.
const BURST: u64 = 5;
/// Troubles of one recording's journals that are recorded in one life of the server: more of them say nothing new.
const MAX_TROUBLES: usize = 1000;
/// Bodies of one recording that may be on their way to files at once, bytes. A room's 33 tracks and older footage send up to half a MiB
/// each at a time, which are 17 MiB; the rest is for those that hang on connections which were lost a moment ago.
const MAX_BODIES_BYTES: u64 = 64 << 20;
/// The least that a body counts for, bytes: an empty one costs something, too.
const LEAST_BODY_BYTES: u64 = 64 << 10;

/// The last authenticated request of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// Row of the run that made it, when the request says so; else that of the contact before.
    pub run: Option<i64>,
    /// Server's wall clock, Unix ms.
    pub at_ms: i64,
    /// Server's boot time, us: differences of contacts are measured on this one.
    pub at_boot_us: u64,
}

/// State in memory.
#[derive(Debug, Default)]
pub struct Live {
    contacts: Mutex<HashMap<i64, Contact>>,
    tokens: Mutex<HashMap<[u8; 32], (Agent, u64)>>,
    buckets: Mutex<HashMap<i64, Bucket>>,
    journal_bytes: Mutex<HashMap<i64, u64>>,
    journal_gaps: Mutex<HashMap<i64, u64>>,
    journal_troubles: Mutex<HashMap<i64, HashSet<Trouble>>>,
    bodies: Mutex<HashMap<i64, u64>>,
    revision: AtomicU64,
}

/// Row id of a run, number of an entry of its journal, and what is wrong there.
type Trouble = (i64, u64, &'static str);

/// Room for a body on its way; given back when this is dropped.
#[derive(Debug)]
pub struct BodyRoom<'a> {
    live: &'a Live,
    recording: i64,
    bytes: u64,
}

impl Drop for BodyRoom<'_> {
    fn drop(&mut self) {
        let mut bodies = lock(&self.live.bodies);
        let left = bodies.get(&self.recording).map_or(0, |bytes| bytes.saturating_sub(self.bytes));
        if left == 0 {
            bodies.remove(&self.recording);
        } else {
            bodies.insert(self.recording, left);
        }
    }
}

/// Token bucket in thousandths of a request.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: u64,
    at_us: u64,
}

impl Live {
    /// Starts with revisions above `revision`.
    pub fn new(revision: u64) -> Self {
        Self { revision: AtomicU64::new(revision), ..Self::default() }
    }

    /// Notes a contact of the recording with row id `recording` and returns the one before it.
    pub fn note_contact(&self, recording: i64, run: Option<i64>, at_ms: i64, at_boot_us: u64) -> Option<Contact> {
        let mut contacts = lock(&self.contacts);
        let before = contacts.get(&recording).copied();
        let run = run.or_else(|| before.and_then(|contact| contact.run));
        contacts.insert(recording, Contact { run, at_ms, at_boot_us });
        before
    }

    /// Last contact of the recording with row id `recording` in this life of the server.
    pub fn contact(&self, recording: i64) -> Option<Contact> {
        lock(&self.contacts).get(&recording).copied()
    }

    /// Last contact of every recording that had one in this life of the server.
    pub fn contacts(&self) -> Vec<(i64, Contact)> {
        lock(&self.contacts).iter().map(|(recording, contact)| (*recording, *contact)).collect()
    }

    /// The agent of a token that was checked moments ago.
    pub fn agent(&self, token: &[u8; 32], now_boot_us: u64) -> Option<Agent> {
        let tokens = lock(&self.tokens);
        tokens.get(token).filter(|(_, checked)| now_boot_us.saturating_sub(*checked) < TOKEN_FRESH_US).map(|(agent, _)| agent.clone())
    }

    /// Remembers a token that the database knows.
    pub fn remember_agent(&self, token: [u8; 32], agent: Agent, now_boot_us: u64) {
        let mut tokens = lock(&self.tokens);
        tokens.retain(|_, (_, checked)| now_boot_us.saturating_sub(*checked) < TOKEN_FRESH_US);
        tokens.insert(token, (agent, now_boot_us));
    }

    /// Forgets what is remembered of a recording: its token or exam has changed.
    pub fn forget_agent(&self, recording: i64) {
        lock(&self.tokens).retain(|_, (agent, _)| agent.recording_row != recording);
    }

    /// Takes one request from the bucket of `who` (a recording's row, or a negative number for others), which fills at `per_sec` a second.
    pub fn may_ask(&self, who: i64, per_sec: u32, now_boot_us: u64) -> bool {
        let full = u64::from(per_sec) * 1000 * BURST;
        let mut buckets = lock(&self.buckets);
        let bucket = buckets.entry(who).or_insert(Bucket { left: full, at_us: now_boot_us });
        let earned = now_boot_us.saturating_sub(bucket.at_us).saturating_mul(u64::from(per_sec)) / 1000;
        if earned > 0 {
            *bucket = Bucket { left: bucket.left.saturating_add(earned).min(full), at_us: now_boot_us };
        }
        let may = bucket.left >= 1000;
        if may {
            bucket.left -= 1000;
        }
        may
    }

    /// Size of all journals of a recording, if it was counted in this life of the server, bytes.
    pub fn journal_bytes(&self, recording: i64) -> Option<u64> {
        lock(&self.journal_bytes).get(&recording).copied()
    }

    /// Remembers that size; `None`: it is to be counted again.
    pub fn note_journal_bytes(&self, recording: i64, bytes: Option<u64>) {
        let mut known = lock(&self.journal_bytes);
        match bytes {
            Some(bytes) => drop(known.insert(recording, bytes)),
            None => drop(known.remove(&recording)),
        }
    }

    /// Notes that a batch of the run with row id `run` began behind the entry that is wanted; `true` when that one was told to be wanted before.
    pub fn note_journal_gap(&self, run: i64, expected: u64) -> bool {
        lock(&self.journal_gaps).insert(run, expected) == Some(expected)
    }

    /// Entries of that run arrived.
    pub fn forget_journal_gap(&self, run: i64) {
        lock(&self.journal_gaps).remove(&run);
    }

    /// Notes that an entry of a run's journal is not acceptable; `true` when that is to be recorded: it is new, and not one of too many.
    pub fn note_journal_trouble(&self, recording: i64, run: i64, index: u64, kind: &'static str) -> bool {
        let mut troubles = lock(&self.journal_troubles);
        let known = troubles.entry(recording).or_default();
        known.len() < MAX_TROUBLES && known.insert((run, index, kind))
    }

    /// It could not be recorded: the next one is.
    pub fn forget_journal_trouble(&self, recording: i64, run: i64, index: u64, kind: &'static str) {
        if let Some(known) = lock(&self.journal_troubles).get_mut(&recording) {
            known.remove(&(run, index, kind));
        }
    }

    /// Room for a body of so many bytes for a file of the recording with this row id; `None` while as much as is allowed is on its way.
    pub fn take_body(&self, recording: i64, bytes: u64) -> Option<BodyRoom<'_>> {
        let bytes = bytes.max(LEAST_BODY_BYTES);
        let mut bodies = lock(&self.bodies);
        let total = bodies.get(&recording).copied().unwrap_or(0).saturating_add(bytes);
        if total > MAX_BODIES_BYTES {
            return None;
        }
        bodies.insert(recording, total);
        Some(BodyRoom { live: self, recording, bytes })
    }

    /// A number above all before it, for `SegmentView::revision`.
    pub fn next_revision(&self) -> u64 {
        self.revision.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The newest revision given out.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }
}

/// Locks; a panic elsewhere leaves these tables whole, so they stay usable.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_allows_a_burst_and_then_its_rate() {
        let live = Live::default();
        assert_eq!((0..100).filter(|_| live.may_ask(1, 10, 0)).count(), 50);
        assert!(!live.may_ask(1, 10, 50_000));
        assert!(live.may_ask(1, 10, 150_000));
        assert!(live.may_ask(2, 10, 0));
        assert_eq!((0..100).filter(|_| live.may_ask(1, 10, 3_600_000_000)).count(), 50);
    }

    #[test]
    fn bodies_on_their_way_are_bounded_and_give_their_room_back() {
        let live = Live::default();
        let eight: Vec<_> = (0..8).map(|_| live.take_body(1, 8 << 20).unwrap()).collect();
        assert!(live.take_body(1, 0).is_none());
        assert!(live.take_body(2, 8 << 20).is_some(), "another recording");
        drop(eight);
        assert!(lock(&live.bodies).is_empty());
        let small: Vec<_> = std::iter::from_fn(|| live.take_body(1, 1)).collect();
        assert_eq!(small.len(), 1024);
    }

    #[test]
    fn a_trouble_of_a_journal_is_recorded_once_and_not_too_many_of_one_recording() {
        let live = Live::default();
        assert!(live.note_journal_trouble(1, 5, 3, "missing"));
        assert!(!live.note_journal_trouble(1, 5, 3, "missing"));
        live.forget_journal_trouble(1, 5, 3, "missing");
        assert!(live.note_journal_trouble(1, 5, 3, "missing"));
        assert!(live.note_journal_trouble(1, 5, 3, "differs"));
        assert!(live.note_journal_trouble(1, 6, 3, "missing"));
        assert_eq!((0..5000).filter(|index| live.note_journal_trouble(1, 7, *index, "missing")).count(), MAX_TROUBLES - 3);
        assert!(live.note_journal_trouble(2, 8, 3, "missing"));
    }

    #[test]
    fn revisions_only_rise() {
        let live = Live::new(41);
        assert_eq!((live.next_revision(), live.next_revision(), live.revision()), (42, 43, 43));
    }
}
