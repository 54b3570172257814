//! The run's signed event log: written by a thread of its own, one statement a line, each synced before anybody acts on it.

use crate::disk::{self, Growing};
use crate::seal::Run;
use invigil_format::{Digest, Entry, Event, JournalWriter, RunId, Stamp, Statement};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use tokio::sync::Notify;

/// Whoever records an event may hold a lock or send heartbeats, so the channel has no bound: events are small and rare. What piles up
/// while the disk fails for hours are counts of dropped and damaged pictures, each camera's every few seconds. With so many events waiting
/// no more of these are taken, and how many is logged; all others are, however many wait. Of a run the server takes 100,000 entries.
const MOST_WAITING: u64 = 20_000;

/// As much of a journal is kept in memory, should the disk lose it (lifecycle.md S7.1): more than any but a run full of faults has.
const KEPT_BYTES: usize = 4 << 20;

/// Writes the journal of this run. Clones write to the same.
#[derive(Clone)]
pub struct Journal {
    sender: Sender<Command>,
    shared: Arc<Shared>,
}

struct Shared {
    entries: AtomicU64,
    changed: Notify,
    path: PathBuf,
    /// How often the disk did not take an entry.
    failures: AtomicU64,
    /// A disk that fails is not waited for any more.
    abandoned: AtomicBool,
    /// Events that the thread has not taken up, and how many may be before repeats are left out.
    waiting: AtomicU64,
    most_waiting: u64,
    /// Repeats that were left out and not logged yet.
    left_out: AtomicU64,
}

impl Shared {
    fn new(path: &Path, most_waiting: u64) -> Self {
        let [entries, failures, waiting, left_out] = [0; 4].map(AtomicU64::new);
        let (changed, path, abandoned) = (Notify::new(), path.to_owned(), AtomicBool::new(false));
        Self { entries, changed, path, failures, abandoned, waiting, most_waiting, left_out }
    }

    /// Counts an event in, unless too many wait for it to be taken.
    fn admits(&self, event: &Event) -> bool {
        let waiting = self.waiting.fetch_add(1, Ordering::SeqCst);
        let is_repeat = matches!(event, Event::FramesDropped { .. } | Event::FramesDamaged { .. });
        if waiting < self.most_waiting || !is_repeat {
            return true;
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        if self.left_out.fetch_add(1, Ordering::SeqCst) == 0 {
            tracing::error!(waiting, "the journal waits for its disk: further counts of dropped and damaged pictures are left out of it");
        }
        false
    }

    /// Counts an event out.
    fn taken(&self) {
        if self.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
            let left_out = self.left_out.swap(0, Ordering::SeqCst);
            if left_out > 0 {
                tracing::warn!(left_out, "the journal has caught up, without these counts of dropped and damaged pictures");
            }
        }
    }
}

struct Command {
    event: Event,
    at: Stamp,
    done: Option<SyncSender<()>>,
}

impl Journal {
    /// Creates the file and starts the thread. `previous` is the digest of the last entry of the run before. The thread ends when the last clone is gone.
    pub fn create(path: &Path, run: &Run, previous: Option<Digest>) -> io::Result<Self> {
        let file = Growing::create(path, KEPT_BYTES)?;
        let writer = JournalWriter::new(run.institution, run.recording, run.run, run.boot_id, previous, &run.device);
        let own_run = run.run;
        let (sender, receiver) = channel();
        let shared = Arc::new(Shared::new(path, MOST_WAITING));
        std::thread::Builder::new().name("journal".into()).spawn({
            let shared = Arc::clone(&shared);
            move || write(&receiver, writer, own_run, file, &shared)
        })?;
        Ok(Self { sender, shared })
    }

    /// Records an event that has just happened. Never waits for the disk.
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

    /// How often the disk has not taken an entry so far: whoever asks twice knows whether it has failed in between.
    pub fn failures(&self) -> u64 {
        self.shared.failures.load(Ordering::SeqCst)
    }

    /// From now on what the disk does not take at once is left out: nothing of this recording is kept any more.
    pub fn abandon(&self) {
        self.shared.abandoned.store(true, Ordering::SeqCst);
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
        if self.shared.admits(&event) && self.sender.send(Command { event, at: crate::seal::now(), done }).is_err() {
            tracing::error!("an event came after the journal's end");
        }
    }
}

fn write(commands: &Receiver<Command>, mut writer: JournalWriter, own_run: RunId, file: Growing, shared: &Shared) {
    let mut lines = Lines { file, failing: false };
    let mut end = None;
    for command in commands {
        shared.taken();
        for event in with_end_last(command.event, &mut end) {
            let step = match &event {
                Event::RunStarted { .. } => "S4",
                Event::SegmentStarted { .. } => "S6.journal",
                Event::SegmentClosed { run, .. } if *run != own_run => "R5",
                Event::SegmentClosed { .. } => "S9",
                _ => "journal",
            };
            match writer.entry(event, command.at) {
                Ok(statement) => {
                    if lines.append(step, &(statement.to_json() + "\n"), shared) {
                        shared.entries.fetch_add(1, Ordering::SeqCst);
                        shared.changed.notify_waiters();
                    }
                }
                Err(error) => tracing::error!(%error, "an event could not be signed"),
            }
        }
        drop(command.done);
    }
}

/// The file.
struct Lines {
    file: Growing,
    failing: bool,
}

impl Lines {
    /// Appends a line and syncs it, however long the disk fails, unless the journal is abandoned. Whether it is there.
    fn append(&mut self, step: &'static str, line: &str, shared: &Shared) -> bool {
        let Self { file, failing } = self;
        let mut lost = false;
        let path = file.path().to_owned();
        let put = |file: &mut File| file.write_all(line.as_bytes()).and_then(|()| disk::fault(step)).and_then(|()| disk::sync_data(file));
        let written = disk::insist(
            || file.append(line.as_bytes(), put),
            |error| {
                shared.failures.fetch_add(1, Ordering::SeqCst);
                if !std::mem::replace(failing, true) {
                    tracing::error!(%error, path = %path.display(), "writing the journal failed, trying until it works");
                }
                if disk::is_lost(error) && !std::mem::replace(&mut lost, true) {
                    tracing::error!(%error, path = %path.display(), "THE JOURNAL IS LOST: recording waits until somebody puts the file back or starts the agent again");
                }
                !shared.abandoned.load(Ordering::SeqCst)
            },
        );
        if written.is_ok() && std::mem::replace(failing, false) {
            tracing::info!("the journal can be written again");
        }
        written.is_ok()
    }
}

/// The end of a run is proven by its last entry. While the rest goes up after it an outage may begin or end, and its bounds are needed: the end is then
/// said again. Other events come too late.
fn with_end_last(event: Event, end: &mut Option<Event>) -> Vec<Event> {
    match (&event, &*end) {
        (Event::RunEnded { .. }, None) => {
            *end = Some(event.clone());
            vec![event]
        }
        (_, None) => vec![event],
        (Event::LinkLost { .. } | Event::LinkBack { .. }, Some(end)) => vec![event, end.clone()],
        (_, Some(_)) => {
            tracing::debug!(?event, "an event came after the run's end and is not journalled");
            Vec::new()
        }
    }
}

/// Reads a journal. What is torn at its end is cut off the file if `repair` is set (it was never sent); a damaged line with whole ones behind it is
/// no torn write: it is left where it is and left out here, so that the server finds the hole and names its place.
pub fn load(path: &Path, repair: bool) -> io::Result<Vec<Statement>> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let (mut at, mut good_bytes) = (0, 0);
    let mut entries = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if let Some(Ok(statement)) = line.strip_suffix(b"\n").map(Statement::from_json) {
            if repair && good_bytes + line.len() < at {
                tracing::error!(path = %path.display(), bytes = at - good_bytes - line.len(), entries = entries.len(), "the journal is damaged behind these entries");
            }
            good_bytes = at;
            entries.push(statement);
        }
    }
    if repair && good_bytes < bytes.len() {
        tracing::warn!(path = %path.display(), bytes = bytes.len() - good_bytes, "cutting a torn entry off the journal");
        let cut = disk::fault("R.journal.cut").and_then(|()| {
            let file = std::fs::OpenOptions::new().write(true).open(path)?;
            file.set_len(good_bytes as u64)?;
            file.sync_all()
        });
        if let Err(error) = cut {
            // It is left out of what is sent, and nothing is ever written behind it: the next start cuts it off.
            tracing::error!(%error, path = %path.display(), "cutting a torn entry off the journal failed, it stays there");
        }
    }
    Ok(entries)
}

/// The events of a journal that was read; entries of other kinds of statement are skipped.
pub fn events(entries: &[Statement]) -> impl Iterator<Item = Entry> {
    entries.iter().filter_map(|statement| statement.read::<Entry>().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;
    use invigil_format::JournalReader;

    fn written(path: &Path, run: &Run, previous: Option<Digest>, count: u64) -> Vec<Statement> {
        let journal = Journal::create(path, run, previous).unwrap();
        for n in 0..count {
            journal.record_durably(Event::LinkLost { first_failed_start_us: n, first_failed_end_us: n });
        }
        assert_eq!(journal.entries(), count);
        load(path, false).unwrap()
    }

    #[test]
    fn what_a_kill_tore_is_cut_off_and_the_next_run_goes_on_from_the_last_whole_entry() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let path = dir.path().join("journal.jsonl");
        let entries = written(&path, &world.run(), None, 4);
        let whole = std::fs::read(&path).unwrap();
        let third = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2).unwrap().0 + 1;
        // Any part of the last line, or what a power cut may leave of it.
        let mut torn: Vec<Vec<u8>> = (third..whole.len()).step_by(37).map(|len| whole[..len].to_vec()).collect();
        torn.push([&whole[..third], &[0; 600]].concat());
        torn.push([&whole[..third], &[0; 600], b"\n"].concat());
        for bytes in torn {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(load(&path, false).unwrap(), entries[..3], "{} bytes", bytes.len());
            assert_eq!(std::fs::read(&path).unwrap(), bytes, "only a repair changes the file");
            assert_eq!(load(&path, true).unwrap(), entries[..3]);
            assert_eq!(std::fs::read(&path).unwrap(), whole[..third]);
        }
        let (run, path) = (world.run(), dir.path().join("next.jsonl"));
        let next = written(&path, &run, entries[2..3].last().map(Statement::digest), 2);
        let mut reader = JournalReader::new(run.institution, run.recording, run.run, world.device.public());
        assert_eq!(reader.push(&next[0]).unwrap().previous, Some(entries[2].digest()));
        reader.push(&next[1]).unwrap();
    }

    /// The disk that takes nothing is a thread that takes nothing up.
    #[test]
    fn while_the_disk_takes_nothing_recording_never_waits_and_only_counts_of_pictures_are_left_out() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let (path, run) = (dir.path().join("journal.jsonl"), world.run());
        let dropped = |count| Event::FramesDropped { track: "cam0".parse().unwrap(), count, reason: "disk".into(), stretch: None };
        let damaged = |count| Event::FramesDamaged { track: "cam0".parse().unwrap(), count, reason: "torn".into() };
        let stepped = |by_ms| Event::ClockStepped { by_ms };
        let stuck = |most_waiting| {
            let ((sender, receiver), shared) = (channel(), Arc::new(Shared::new(&path, most_waiting)));
            (Journal { sender, shared: Arc::clone(&shared) }, receiver, shared)
        };
        let (journal, receiver, shared) = stuck(5_000);
        (0..4_999).for_each(|by_ms| journal.record(stepped(by_ms)));
        [dropped(1), dropped(2), damaged(3), stepped(-1)].into_iter().for_each(|event| journal.record(event));
        let waiting: Vec<Event> = receiver.try_iter().map(|command: Command| command.event).collect();
        assert_eq!(waiting.len(), 5_001);
        assert_eq!(waiting[4_999..], [dropped(1), stepped(-1)]);
        assert_eq!(shared.left_out.load(Ordering::SeqCst), 2);

        // When it takes them, all that waited is journalled, and counts are taken again.
        let (journal, receiver, shared) = stuck(2);
        [damaged(1), stepped(1), dropped(2), stepped(2)].into_iter().for_each(|event| journal.record(event));
        drop(journal);
        let writer = JournalWriter::new(run.institution, run.recording, run.run, run.boot_id, None, &run.device);
        write(&receiver, writer, run.run, Growing::create(&path, KEPT_BYTES).unwrap(), &shared);
        let written: Vec<Event> = events(&load(&path, false).unwrap()).map(|entry| entry.event).collect();
        assert_eq!(written, [damaged(1), stepped(1), stepped(2)]);
        assert!(shared.admits(&dropped(3)));
        assert_eq!(shared.left_out.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn the_end_of_a_run_stays_its_last_entry_and_an_outage_across_it_keeps_its_bounds() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let path = dir.path().join("journal.jsonl");
        let journal = Journal::create(&path, &world.run(), None).unwrap();
        let lost = Event::LinkLost { first_failed_start_us: 1, first_failed_end_us: 2 };
        let ended = Event::RunEnded { reason: "stopped".into() };
        let late = Event::ClockStepped { by_ms: 700 };
        for event in [lost.clone(), ended.clone(), late, lost.clone()] {
            journal.record_durably(event);
        }
        let events: Vec<Event> = events(&load(&path, false).unwrap()).map(|entry| entry.event).collect();
        assert_eq!(events, [lost.clone(), ended.clone(), lost, ended]);
    }

    #[test]
    fn a_damaged_line_with_whole_ones_behind_it_stays_in_the_file_and_is_left_out() {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let path = dir.path().join("journal.jsonl");
        let entries = written(&path, &world.run(), None, 4);
        let mut bytes = std::fs::read(&path).unwrap();
        let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        bytes[second] = b'#';
        std::fs::write(&path, [bytes.as_slice(), b"{\"payl"].concat()).unwrap();
        assert_eq!(load(&path, true).unwrap(), [&entries[..1], &entries[2..]].concat());
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "what follows the damage is evidence, only the torn end goes");
    }
}
