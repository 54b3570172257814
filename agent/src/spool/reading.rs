//! Segments that a journal names are read beside capture: hours of footage that wait for the network must not keep the next second from being recorded.

use super::Queue;
use super::recover::{Recovered, ToRead, recover_segment};
use invigil_format::{DeviceKey, RecordingId, Stamp};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest pause between two segments.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Somebody reads what earlier runs of a recording left. Until they are through nobody can say that all of it is stored.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) recording: RecordingId,
    /// The recording was forgotten meanwhile: another run reads it anew, or it has expired.
    pub(super) stopped: AtomicBool,
    /// Segments that have still to be read, and their bytes.
    pub(super) left: Mutex<(usize, u64)>,
}

/// Starts the thread that reads these segments of one recording, as [`super::recover`] would, and offers each to the upload. At the end `say` is told what was found
/// ([`Recovered::closed`], `damaged` and `left`), unless the recording was forgotten.
///
/// # Errors
/// When the system has no thread for it.
pub fn start(
    recording: RecordingId,
    segments: Vec<ToRead>,
    device: DeviceKey,
    at: Stamp,
    queue: Arc<Queue>,
    say: impl FnOnce(Recovered) + Send + 'static,
) -> io::Result<()> {
    let size_bytes = |segment: &ToRead| std::fs::metadata(&segment.path).map_or(0, |found| found.len());
    let segments: Vec<_> = segments.into_iter().map(|segment| (size_bytes(&segment), segment)).collect();
    let left = (segments.len(), segments.iter().map(|(bytes, _)| bytes).sum());
    let mut reader = Reader { reading: queue.begin_reading(recording, left), queue, done: false };
    std::thread::Builder::new().name("spool reading".into()).spawn(move || {
        let mut found = Recovered::default();
        for (bytes, segment) in segments {
            let began_us = invigil_clock::boottime_us();
            if !reader.read(segment, &device, at, &mut found) {
                return;
            }
            reader.reading.has_read(bytes);
            // What is recorded meanwhile needs the disk, too.
            let took = Duration::from_micros(invigil_clock::boottime_us().saturating_sub(began_us));
            std::thread::sleep(took.min(PAUSE_MAX));
        }
        reader.done = true;
        drop(reader);
        say(found);
    })?;
    Ok(())
}

impl Reading {
    fn has_read(&self, bytes: u64) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = (left.0.saturating_sub(1), left.1.saturating_sub(bytes));
    }
}

struct Reader {
    reading: Arc<Reading>,
    queue: Arc<Queue>,
    done: bool,
}

impl Reader {
    /// Whether it goes on.
    fn read(&self, segment: ToRead, device: &DeviceKey, at: Stamp, found: &mut Recovered) -> bool {
        // A reader of the same recording that was stopped a moment ago may still have a file in its hands.
        let _alone = self.queue.reads_alone();
        if self.is_stopped() {
            return false;
        }
        let outcome = recover_segment(&segment.path, device, at);
        // What went away under its hands is no trouble.
        if self.is_stopped() {
            return false;
        }
        if let Some((segment, _)) = found.take(segment, outcome, &self.queue) {
            self.queue.add_read(&self.reading, segment);
        }
        true
    }

    fn is_stopped(&self) -> bool {
        self.reading.stopped.load(Ordering::SeqCst)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.done && !self.is_stopped() {
            // It broke down: what it has not read is not called stored.
            self.queue.unread.fetch_add(1, Ordering::SeqCst);
        }
        self.queue.end_reading(&self.reading);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::now;
    use crate::spool::tests::{record, track};
    use crate::spool::{Spool, layout, look};
    use crate::testing::World;
    use invigil_format::Scanner;
    use std::path::PathBuf;
    use std::sync::mpsc::{Receiver, channel};

    const LIMIT: Duration = Duration::from_secs(10);

    struct Left {
        _dir: tempfile::TempDir,
        world: World,
        queue: Arc<Queue>,
        recording: RecordingId,
        path: PathBuf,
        found: Recovered,
    }

    /// What [`look`] says of a closed segment in whose file `spoil` did something.
    fn left(spoil: impl FnOnce(&mut Vec<u8>)) -> Left {
        let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
        let spool = Spool::open(dir.path()).unwrap();
        let (run, folder) = record(&world, &spool, &Arc::default(), 3);
        let path = layout::segment(&folder, &track(), 0);
        let mut bytes = std::fs::read(&path).unwrap();
        let head = Scanner::scan(&bytes).unwrap().head();
        spoil(&mut bytes);
        std::fs::write(&path, &bytes).unwrap();
        let found = look(&spool.layout, run.recording, &world.device, &world.enrolment.trust().unwrap(), now(), &queue);
        assert_eq!(found.heads.get(&track()), Some(&head), "the journal says it");
        assert!(found.to_read.len() == 1 && queue.pending().is_empty(), "nobody has read it");
        Left { _dir: dir, world, queue, recording: run.recording, path, found }
    }

    impl Left {
        fn start(&mut self) -> Receiver<Recovered> {
            let (said, says) = channel();
            let (to_read, queue) = (std::mem::take(&mut self.found.to_read), Arc::clone(&self.queue));
            start(self.recording, to_read, self.world.device.clone(), now(), queue, move |found| said.send(found).unwrap()).unwrap();
            says
        }
    }

    #[test]
    fn a_segment_that_a_journal_names_is_offered_once_it_was_read_and_nobody_calls_it_stored_before() {
        let mut left = left(|_| {});
        let (queue, alone) = (Arc::clone(&left.queue), left.queue.clone());
        let alone = alone.reads_alone();
        let says = left.start();
        assert!(queue.is_reading(left.recording) && queue.pending().is_empty());
        let bytes = std::fs::metadata(&left.path).unwrap().len();
        assert_eq!((queue.to_read(), queue.waiting(), queue.spooled_bytes()), (1, 1, bytes), "nobody takes the spool for empty");
        drop(alone);
        let found = says.recv_timeout(LIMIT).unwrap();
        assert_eq!((found.closed, found.damaged, found.left.len()), (0, 0, 0));
        assert!(!queue.is_reading(left.recording) && !queue.has_unread());
        assert_eq!((queue.to_read(), queue.waiting(), queue.spooled_bytes()), (0, 1, bytes));
        let state = queue.pending()[0].state();
        assert_eq!((state.synced_bytes, state.closed), (std::fs::metadata(&left.path).unwrap().len(), true));
    }

    #[test]
    fn what_a_journal_calls_closed_and_is_not_is_closed_or_kept_as_damaged() {
        let mut torn = left(|bytes| bytes.truncate(bytes.len() - 100));
        let found = torn.start().recv_timeout(LIMIT).unwrap();
        assert_eq!((found.closed, found.damaged, torn.queue.pending().len()), (1, 0, 1));
        assert!(Scanner::scan(&std::fs::read(&torn.path).unwrap()).unwrap().closing().is_some());
        let mut damaged = left(|bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        let found = damaged.start().recv_timeout(LIMIT).unwrap();
        assert_eq!((found.closed, found.damaged, damaged.queue.pending().len()), (0, 1, 0));
        assert!(damaged.path.with_extension("damaged").exists());
        // One that cannot be read stays, and so does the word that something is left.
        let mut gone = left(|_| {});
        std::fs::remove_file(&gone.path).unwrap();
        let found = gone.start().recv_timeout(LIMIT).unwrap();
        assert!(found.left.len() == 1 && gone.queue.has_unread());
    }

    #[test]
    fn whoever_reads_for_a_recording_that_was_forgotten_touches_nothing_any_more() {
        let mut left = left(|bytes| bytes.truncate(bytes.len() - 100));
        let queue = Arc::clone(&left.queue);
        let before = std::fs::read(&left.path).unwrap();
        let alone = queue.reads_alone();
        let says = left.start();
        queue.forget(left.recording);
        assert!(!queue.is_reading(left.recording));
        drop(alone);
        assert!(says.recv_timeout(LIMIT).is_err(), "it has nothing to say");
        assert!(queue.pending().is_empty() && !queue.has_unread());
        assert_eq!(std::fs::read(&left.path).unwrap(), before);
    }
}
