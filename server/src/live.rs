//! What is in memory only: contacts and sign-ins of agents. A heartbeat costs no transaction; what must outlive a crash is written in batches.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    revision: AtomicU64,
}

impl Live {
    /// Starts with revisions above `revision`.
    pub fn new(revision: u64) -> Self {
        Self { contacts: Mutex::default(), revision: AtomicU64::new(revision) }
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
