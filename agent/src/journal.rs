//! The run's signed event log: written by a thread of its own, one statement a line, each synced before anybody acts on it.

use crate::disk;
use crate::seal::Run;
use invigil_format::{Digest, Entry, Event, JournalWriter, Stamp, Statement};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::Notify;

/// Events that may wait for the disk. Events are rare: a few a minute at most.
const WAITING: usize = 1024;

/// Writes the journal of this run. Clones write to the same.
#[derive(Clone)]
pub struct Journal {
    sender: SyncSender<Command>,
    shared: Arc<Shared>,
}

struct Shared {
    entries: AtomicU64,
    changed: Notify,
    path: PathBuf,
}

struct Command {
    event: Event,
    at: Stamp,
    done: Option<SyncSender<()>>,
}

impl Journal {
    /// Creates the file and starts the thread. `previous` is the digest of the last entry of the run before. The thread ends when the last clone is gone.
    pub fn create(path: &Path, run: &Run, previous: Option<Digest>) -> io::Result<Self> {
        let file = disk::create_new(path)?;
        let writer = JournalWriter::new(run.institution, run.recording, run.run, run.boot_id, previous, &run.device);
        let (sender, receiver) = sync_channel(WAITING);
        let shared = Arc::new(Shared { entries: AtomicU64::new(0), changed: Notify::new(), path: path.to_owned() });
        std::thread::Builder::new().name("journal".into()).spawn({
            let shared = Arc::clone(&shared);
            move || write(&receiver, writer, file, &shared)
        })?;
        Ok(Self { sender, shared })
    }

    /// Records an event that has just happened.
    pub fn record(&self, event: Event) {
        self.send(event, None);
    }

    /// Records an event and waits until it is durable.
    pub fn record_durably(&self, event: Event) {
        let (done, wait) = sync_channel(1);
        self.send(event, Some(done));
        // An error means that the thread is gone, which happens only at the process's end.
        let _ = wait.recv();
    }

    /// Entries that are durable.
    pub fn entries(&self) -> u64 {
        self.shared.entries.load(Ordering::SeqCst)
    }

    /// Woken at each new entry.
    pub async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    fn send(&self, event: Event, done: Option<SyncSender<()>>) {
        if self.sender.send(Command { event, at: crate::seal::now(), done }).is_err() {
            tracing::error!("an event came after the journal's end");
        }
    }
}

fn write(commands: &Receiver<Command>, mut writer: JournalWriter, mut file: File, shared: &Shared) {
    let mut good_bytes = 0;
    for command in commands {
        match writer.entry(command.event, command.at) {
            Ok(statement) => {
                let mut line = statement.to_json();
                line.push('\n');
                while let Err(error) = file.write_all(line.as_bytes()).and_then(|()| file.sync_data()) {
                    tracing::error!(%error, path = %shared.path.display(), "writing the journal failed, trying again");
                    let _ = file.set_len(good_bytes);
                    std::thread::sleep(Duration::from_millis(500));
                }
                good_bytes += line.len() as u64;
                shared.entries.fetch_add(1, Ordering::SeqCst);
                shared.changed.notify_waiters();
            }
            Err(error) => tracing::error!(%error, "an event could not be signed"),
        }
        drop(command.done);
    }
}

/// Reads a journal; a torn last line is cut off the file if `repair` is set (it was never sent).
pub fn load(path: &Path, repair: bool) -> io::Result<Vec<Statement>> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut good_bytes = 0;
    let mut entries = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n").map(Statement::from_json) {
            Some(Ok(statement)) => entries.push(statement),
            _ => break,
        }
        good_bytes += line.len();
    }
    if repair && good_bytes < bytes.len() {
        tracing::warn!(path = %path.display(), bytes = bytes.len() - good_bytes, "cutting a torn entry off the journal");
        let file = std::fs::OpenOptions::new().write(true).open(path)?;
        file.set_len(good_bytes as u64)?;
        file.sync_all()?;
    }
    Ok(entries)
}

/// The events of a journal that was read; entries of other kinds of statement are skipped.
pub fn events(entries: &[Statement]) -> impl Iterator<Item = Entry> {
    entries.iter().filter_map(|statement| statement.read::<Entry>().ok())
}
