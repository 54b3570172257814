//! What goes up beside footage: key records (before any segment of their run), journals, and the word that the recording is finished.

use crate::account::{Account, CallError};
use crate::journal;
use crate::spool::{Segment, layout};
use crate::{disk, enrol};
use invigil_format::{BootId, Entry, RecordingId, RunId};
use invigil_wire::agent::{FINISH, FinishRequest, JOURNAL, JournalAnswer, JournalBatch, MAX_JOURNAL_BATCH, key_record_path};
use reqwest::Method;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Records that the disk has not let be read so often in a row, a second apart, are not waited for.
const UNREAD_TRIES: u32 = 5;
/// How often they are tried then, unless something changes.
const UNREAD_AGAIN: Duration = Duration::from_secs(10);

/// Runs of one recording and how far the server knows them.
pub struct Records {
    recording: RecordingId,
    runs: Mutex<Vec<Record>>,
    changed: Notify,
}

#[derive(Debug, Clone)]
struct Record {
    run: RunId,
    folder: PathBuf,
    key_record: bool,
    /// It was written by this process: its journal may hold entries that are not durable yet.
    live: bool,
    /// Entries on disk that are known of (of a live run those that are durable), and entries that the server has.
    entries: Option<u64>,
    acknowledged: Option<u64>,
    /// The server will not take more of this journal.
    refused: bool,
    /// Nor the word that the recording is finished.
    finish_refused: bool,
    /// How often in a row the disk did not let its files be read.
    unread: u32,
}

impl Records {
    /// Earlier runs; their folders may be incomplete.
    pub fn new(recording: RecordingId, runs: impl IntoIterator<Item = (RunId, PathBuf)>) -> Self {
        let runs = runs.into_iter().map(|(run, folder)| Record::new(run, folder)).collect();
        Self { recording, runs: Mutex::new(runs), changed: Notify::new() }
    }

    /// Adds the run that begins now.
    pub fn add(&self, run: RunId, folder: PathBuf) {
        self.lock().push(Record { live: true, ..Record::new(run, folder) });
        self.wake();
    }

    /// Something was journalled, or the recording is to be finished.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    /// New durable entries of a run.
    pub fn entries(&self, run: RunId, entries: u64) {
        self.update(run, |record| record.entries = Some(entries));
        self.wake();
    }

    /// Whether the server has the run's key record.
    pub fn is_ready(&self, run: RunId) -> bool {
        self.lock().iter().any(|record| record.run == run && record.key_record)
    }

    /// Whether a part cannot be read from the disk: it stays there, and is tried again as long as this goes on and at the next start.
    pub fn has_unread(&self) -> bool {
        self.lock().iter().any(|record| record.unread > 0)
    }

    /// Whether this segment waits for the disk, which does not let itself be read, or not its run's key record: whoever ends does not wait for it.
    pub fn hold_back(&self, segment: &Segment) -> bool {
        let waits = |record: &Record| record.run == segment.run && record.unread >= UNREAD_TRIES && !record.key_record;
        segment.recording == self.recording && (segment.is_held_back() || self.lock().iter().any(waits))
    }

    /// Whether the server has all entries of a run's journal.
    fn has_all(&self, run: RunId) -> bool {
        self.lock().iter().any(|record| record.run == run && record.entries == record.acknowledged)
    }

    /// Whether the server has everything that can be sent.
    pub fn is_complete(&self) -> bool {
        self.lock().iter().all(Record::is_complete)
    }

    /// Whether the server refused a part of a journal or a key record.
    pub fn has_refused(&self) -> bool {
        self.lock().iter().any(|record| record.refused)
    }

    /// Sends until dropped or expired.
    pub async fn run(&self, account: &Account) {
        let Ok(client) = account.server.client() else { return };
        while !account.is_expired() {
            let runs = self.lock().clone();
            let (mut failed, mut by_disk) = (false, false);
            for record in runs.iter().rev().filter(|record| record.unread > 0 || !record.is_complete()) {
                let brought = self.bring(account, &client, record).await;
                self.note_disk(record.run, brought.as_ref().err());
                if let Err(error) = brought {
                    tracing::debug!(%error, run = %record.run, "sending records was interrupted");
                    // What a disk holds back keeps nothing else back.
                    if !matches!(error, CallError::Disk(_)) {
                        failed = true;
                        break;
                    }
                    by_disk = true;
                }
            }
            if failed || (by_disk && self.may_settle()) {
                invigil_clock::sleep(Duration::from_secs(1)).await;
            } else if by_disk {
                let _ = tokio::time::timeout(UNREAD_AGAIN, self.changed.notified()).await;
            } else {
                let _ = tokio::time::timeout(Duration::from_secs(2), self.changed.notified()).await;
            }
        }
    }

    /// Whether a disk that fails has not done so for long.
    fn may_settle(&self) -> bool {
        self.lock().iter().any(|record| (1..UNREAD_TRIES).contains(&record.unread))
    }

    /// Said once.
    fn note_disk(&self, run: RunId, error: Option<&CallError>) {
        let unread = matches!(error, Some(CallError::Disk(_)));
        self.update(run, |record| {
            if let Some(error) = error.filter(|_| unread && record.unread == 0) {
                tracing::error!(%run, %error, "the records of this run stay on this computer until the disk can be read");
            }
            record.unread = if unread { record.unread.saturating_add(1) } else { 0 };
        });
    }

    async fn bring(&self, account: &Account, client: &reqwest::Client, record: &Record) -> Result<(), CallError> {
        if !record.key_record && !record.refused {
            let sent = self.key_record(account, client, record).await;
            self.settle(record.run, sent, |record| record.key_record = true)?;
        }
        // What is there is sent, whatever the disk has lost of it (lifecycle.md S7.1).
        let mut gone = None;
        if record.has_news() {
            let path = layout::journal(&record.folder);
            let read = disk::fault("records.journal").and_then(|()| journal::load(&path, false));
            let mut entries = read.map_err(|e| CallError::Disk(format!("reading {} failed: {e}", path.display())))?;
            if record.live {
                // What is not synced may be gone after a power cut, and others take its place: to the server that is a contradiction.
                let durable = usize::try_from(record.entries.unwrap_or(0)).unwrap_or(usize::MAX);
                entries.truncate(durable);
                let last = entries.last().and_then(|last| last.read::<Entry>().ok());
                let whole = entries.len() == durable || last.is_some_and(|last| last.index + 1 >= durable as u64);
                gone = (!whole).then(|| format!("{} holds {} of {durable} entries", path.display(), entries.len()));
            }
            let mut next = record.acknowledged;
            loop {
                let from = usize::try_from(next.unwrap_or(0)).unwrap_or(usize::MAX);
                // The first batch is empty: it asks what the server has.
                let batch: Vec<_> =
                    if next.is_some() { entries.iter().skip(from).take(MAX_JOURNAL_BATCH).cloned().collect() } else { Vec::new() };
                if next.is_some() && batch.is_empty() {
                    break;
                }
                let request = account
                    .request(client, Method::POST, JOURNAL)
                    .timeout(CALL_TIMEOUT)
                    .json(&JournalBatch { run: record.run, entries: batch });
                let answer = match account.send(request).await {
                    Ok(answer) => Ok(answer.json::<JournalAnswer>().await.map_err(|e| CallError::Network(enrol::causes(&e)))?.next_index),
                    Err(CallError::Refused { error, message, .. }) if error == "journal-gap" => {
                        self.update(record.run, |record| record.acknowledged = None);
                        return Err(CallError::Network(message));
                    }
                    Err(error) => Err(error),
                };
                // Refused for good: that the recording is finished is told all the same.
                let Some(known) = self.settle(record.run, answer, |_| {})? else { break };
                if next.is_some_and(|next| known <= next) {
                    return Err(CallError::Network("the server took no journal entry".into()));
                }
                next = Some(known);
                let total = (entries.len() as u64).max(record.entries.unwrap_or(0));
                self.update(record.run, |record| {
                    record.acknowledged = Some(known.min(total));
                    record.entries = record.entries.max(Some(total));
                });
            }
        }
        let mark = layout::finish(&record.folder);
        if !record.finish_refused && mark.exists() {
            let body = FinishRequest {
                recording: self.recording,
                run: record.run,
                boot_id: BootId::from_bytes(invigil_clock::boot_id()),
                boottime_us: invigil_clock::boottime_us(),
                wall_ms: invigil_clock::wall_ms(),
            };
            let sent = account.send(account.request(client, Method::POST, FINISH).timeout(CALL_TIMEOUT).json(&body)).await.map(|_| ());
            match self.settle(record.run, sent, |_| {})? {
                Some(()) => disk::remove(&mark).map_err(|e| CallError::Disk(format!("removing {} failed: {e}", mark.display())))?,
                None => self.update(record.run, |record| record.finish_refused = true),
            }
        }
        match gone {
            Some(gone) if !self.has_all(record.run) => Err(CallError::Disk(gone)),
            _ => Ok(()),
        }
    }

    async fn key_record(&self, account: &Account, client: &reqwest::Client, record: &Record) -> Result<(), CallError> {
        let text = match std::fs::read(layout::key_record(&record.folder)) {
            Ok(text) => text,
            // A crash between S2 and S3: the run never had a segment.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(CallError::Disk(format!("reading the key record in {} failed: {error}", record.folder.display()))),
        };
        let request = account.request(client, Method::PUT, &key_record_path(record.run)).timeout(CALL_TIMEOUT);
        account.send(request.header("content-type", "application/json").body(text)).await.map(|_| ())
    }

    /// A refusal for good (400, 403, 409, 413, 422) is reported once and not tried again; anything else is an error to try again after.
    fn settle<T>(&self, run: RunId, sent: Result<T, CallError>, done: impl FnOnce(&mut Record)) -> Result<Option<T>, CallError> {
        match sent {
            Ok(value) => {
                self.update(run, done);
                Ok(Some(value))
            }
            Err(CallError::Refused { status: status @ (400 | 403 | 409 | 413 | 422), error, message }) => {
                tracing::error!(%run, status, error, message, "the server refused a record of this run");
                self.update(run, |record| record.refused = true);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn update(&self, run: RunId, change: impl FnOnce(&mut Record)) {
        if let Some(record) = self.lock().iter_mut().find(|record| record.run == run) {
            change(record);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Record>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn new(run: RunId, folder: PathBuf) -> Self {
        let (key_record, live, refused, finish_refused) = (false, false, false, false);
        Self { run, folder, key_record, live, entries: None, acknowledged: None, refused, finish_refused, unread: 0 }
    }

    /// Whether the journal has something that the server does not have, as far as is known.
    fn has_news(&self) -> bool {
        let is_known = !self.live || self.entries.is_some();
        !self.refused && is_known && (self.acknowledged.is_none() || self.entries != self.acknowledged)
    }

    fn is_complete(&self) -> bool {
        let is_sent = self.refused || (self.key_record && self.entries.is_some() && self.entries == self.acknowledged);
        self.unread >= UNREAD_TRIES || (is_sent && (self.finish_refused || !layout::finish(&self.folder).exists()))
    }
}
