//! The numbered steps of `docs/lifecycle.md`, Spool.

use super::*;
use crate::capture::Stop;
use crate::journal::{self, Journal};
use crate::link::Beacons;
use crate::seal::now;
use crate::testing::{World, config, fragment};
use invigil_format::{CloseReason, Digest, Event, Expired, FrameKind, Receipt, RunId, Scanner, TrackName, digest};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;

pub(crate) fn track() -> TrackName {
    "cam0".parse().unwrap()
}

/// Records `seconds` fragments in a new run, as a process that ends properly does.
pub(crate) fn record(world: &World, spool: &Spool, queue: &Arc<Queue>, seconds: u64) -> (Arc<Run>, std::path::PathBuf) {
    let names = &spool.layout;
    let recording = world.enrolment.answer.recording;
    world.enrolment.save(&names.recording(recording), &world.device).unwrap();
    let recovered = recover(names, recording, &world.device, &world.enrolment.trust().unwrap(), now(), &Queue::default());
    let run = world.run();
    let folder = spool.create_run(&run, &recovered.runs).unwrap();
    let journal = Journal::create(&layout::journal(&folder), &run, recovered.last_entry).unwrap();
    for event in recovered.unjournalled {
        journal.record_durably(event);
    }
    let (sender, receiver) = sync_channel(4);
    let context = Context {
        run: Arc::clone(&run),
        track: track(),
        folder: folder.clone(),
        journal: journal.clone(),
        queue: Arc::clone(queue),
        beacons: Beacons::default(),
        previous_head: recovered.heads.get(&track()).copied(),
        abandon: Stop::default(),
        recorded_us: Arc::new(AtomicU64::new(0)),
        rates: Arc::default(),
    };
    let thread = std::thread::spawn(move || write_track(context, &receiver));
    let config = config(640);
    for second in 0..seconds {
        sender.send(Message::Fragment(fragment(&config, run.origin_us, second, second % 4 == 0))).unwrap();
    }
    drop(sender);
    thread.join().unwrap();
    (run, folder)
}

fn scan(path: &std::path::Path) -> Scanner {
    Scanner::scan(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn s5_to_s10_segments_are_whole_chained_and_journalled() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, folder) = record(&world, &spool, &queue, 3);
    let path = layout::segment(&folder, &track(), 0);
    let scanner = scan(&path);
    assert_eq!((scanner.chunks(), scanner.duration_us()), (3, 3_000_000));
    assert_eq!(scanner.closing().unwrap().reason, CloseReason::Stopped);
    assert_eq!(scanner.header().unwrap().key_record, run.key_record_digest);
    assert!(layout::key_record(&folder).exists());
    let state = queue.pending()[0].state();
    assert_eq!((state.synced_bytes, state.closed), (std::fs::metadata(&path).unwrap().len(), true));
    let entries = journal::load(&layout::journal(&folder), false).unwrap();
    let events: Vec<_> = journal::events(&entries).map(|entry| entry.event).collect();
    assert_eq!(events[0], Event::SegmentStarted { track: track(), sequence: 0, head: scanner.head0() });
    let closed = Event::SegmentClosed { track: track(), sequence: 0, head: scanner.head(), reason: CloseReason::Stopped, run: run.run };
    assert_eq!(events[1], closed);

    // The next run continues the chain of segments and of journal entries.
    let (second, folder) = record(&world, &spool, &queue, 1);
    assert_eq!(runs(&spool.layout, run.recording), [run.run, second.run]);
    assert_eq!(scan(&layout::segment(&folder, &track(), 0)).header().unwrap().previous_head, Some(scanner.head()));
    let next = journal::load(&layout::journal(&folder), false).unwrap();
    let first: invigil_format::Entry = next[0].read().unwrap();
    assert_eq!(first.previous, Some(entries.last().unwrap().digest()));
}

#[test]
fn r2_r3_r5_a_segment_cut_at_any_byte_keeps_every_whole_chunk_and_is_closed_and_journalled() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, folder) = record(&world, &spool, &queue, 2);
    let path = layout::segment(&folder, &track(), 0);
    let whole = std::fs::read(&path).unwrap();
    let frames = scan(&path).frames().to_vec();
    let header_end = frames[0].offset;
    // No journal entry of its closing: the process died before S9.
    std::fs::remove_file(layout::journal(&folder)).unwrap();
    for len in 0..whole.len() {
        std::fs::write(&path, &whole[..len]).unwrap();
        let queue = Queue::default();
        let recovered = recover(&spool.layout, run.recording, &world.device, &world.enrolment.trust().unwrap(), now(), &queue);
        if (len as u64) < header_end {
            assert!(!path.exists() && queue.pending().is_empty() && recovered.unjournalled.is_empty(), "cut at {len}");
            continue;
        }
        assert!(path.exists(), "cut at {len}");
        let scanner = scan(&path);
        let whole_chunks = frames.iter().filter(|f| f.kind == FrameKind::Chunk && f.end_offset() <= len as u64).count();
        assert_eq!(scanner.chunks() as usize, whole_chunks, "cut at {len}");
        assert_eq!(scanner.closing().unwrap().reason, CloseReason::Recovered, "cut at {len}");
        // Invariant b: whole frames, which may have been sent, are as they were.
        let kept = frames.iter().map(|f| f.end_offset()).chain([header_end]).filter(|end| *end <= len as u64).max().unwrap() as usize;
        assert_eq!(std::fs::read(&path).unwrap()[..kept], whole[..kept], "cut at {len}");
        assert_eq!(recovered.unjournalled.len(), 1, "cut at {len}");
        assert_eq!(queue.pending()[0].state().synced_bytes, std::fs::metadata(&path).unwrap().len());
        if len % 8 != 0 {
            continue;
        }
        // Done again (a crash right after), nothing changes.
        let again = recover(&spool.layout, run.recording, &world.device, &world.enrolment.trust().unwrap(), now(), &Queue::default());
        assert_eq!((again.closed, &again.heads), (0, &recovered.heads), "cut at {len}");
    }
}

#[test]
fn r3_rubbish_where_the_last_write_was_is_cut_off_and_r4_damage_further_back_is_kept() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, folder) = record(&world, &spool, &queue, 2);
    let path = layout::segment(&folder, &track(), 0);
    let whole = std::fs::read(&path).unwrap();
    let second = scan(&path).frames().iter().filter(|f| f.kind == FrameKind::Chunk).nth(1).unwrap().clone();
    for rubbish in [0, 0xFF] {
        let mut torn = whole[..second.offset as usize].to_vec();
        torn.extend([rubbish; 400]);
        std::fs::write(&path, &torn).unwrap();
        let recovered = recover(&spool.layout, run.recording, &world.device, &world.enrolment.trust().unwrap(), now(), &Queue::default());
        assert_eq!((recovered.closed, recovered.damaged), (1, 0));
        assert_eq!(scan(&path).chunks(), 1);
    }
    let mut damaged = whole[..second.offset as usize].to_vec();
    damaged.extend(vec![0; 10 << 20]);
    std::fs::write(&path, &damaged).unwrap();
    let recovered = recover(&spool.layout, run.recording, &world.device, &world.enrolment.trust().unwrap(), now(), &Queue::default());
    assert_eq!((recovered.closed, recovered.damaged), (0, 1));
    assert!(!path.exists());
    assert_eq!(std::fs::read(path.with_extension("damaged")).unwrap(), damaged);
}

#[test]
fn r4_a_flipped_bit_before_the_last_write_or_in_a_closed_segment_never_cuts_anything_off() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, folder) = record(&world, &spool, &queue, 4);
    let path = layout::segment(&folder, &track(), 0);
    let whole = std::fs::read(&path).unwrap();
    let last = scan(&path).frames().iter().rfind(|f| f.kind == FrameKind::Chunk).unwrap().clone();
    let growing = &whole[..last.end_offset() as usize];
    for (bytes, until) in [(growing, last.offset as usize), (&whole, whole.len())] {
        for (at, bit) in (0..until).flat_map(|at| [(at, 1), (at, 0x80)]) {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= bit;
            let mut scanner = Scanner::new();
            let _ = scanner.feed(&bytes);
            let rest = &bytes[torn::look_from(&scanner) as usize..];
            assert!(!torn::is_one_write(&scanner, rest), "byte {at} of {}, {:?}", bytes.len(), scanner.error());
        }
        let mut bytes = bytes.to_vec();
        bytes[until / 2] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let trust = world.enrolment.trust().unwrap();
        let recovered = recover(&spool.layout, run.recording, &world.device, &trust, now(), &Queue::default());
        assert_eq!((recovered.closed, recovered.damaged), (0, 1));
        assert_eq!(std::fs::read(path.with_extension("damaged")).unwrap(), bytes);
    }
}

#[test]
fn r3_a_last_write_that_ends_in_zeros_anywhere_is_cut_off() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (_, folder) = record(&world, &spool, &queue, 3);
    let path = layout::segment(&folder, &track(), 0);
    let whole = std::fs::read(&path).unwrap();
    let frames = scan(&path).frames().to_vec();
    let last = frames.iter().rfind(|f| f.kind == FrameKind::Chunk).unwrap();
    // The last chunk's write, and the closing write.
    for (from, to) in [(last.offset, last.end_offset()), (last.end_offset(), whole.len() as u64)] {
        for written in from..to {
            let mut bytes = whole[..to as usize].to_vec();
            bytes[written as usize..].fill(0);
            let mut scanner = Scanner::new();
            let _ = scanner.feed(&bytes);
            let rest = &bytes[torn::look_from(&scanner) as usize..];
            assert!(torn::is_one_write(&scanner, rest), "written to {written} of {from}..{to}, {:?}", scanner.error());
            assert!(scanner.whole_bytes() >= from);
        }
    }
}

/// What the server says of the first segment of [`record`], whose file has this content.
fn right_receipt(run: &Run, segment: &Segment, bytes: &[u8]) -> Receipt {
    Receipt {
        institution: run.institution,
        recording: run.recording,
        run: run.run,
        track: track(),
        sequence: 0,
        size_bytes: bytes.len() as u64,
        digest: digest(bytes),
        head: scan(&segment.path).head(),
        stored_ms: 1,
    }
}

#[test]
fn s11_only_the_right_receipt_removes_a_segment_and_r1_completes_it() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, folder) = record(&world, &spool, &queue, 2);
    let segment = queue.pending()[0].clone();
    let bytes = std::fs::read(&segment.path).unwrap();
    let right = right_receipt(&run, &segment, &bytes);
    let trust = world.enrolment.trust().unwrap();
    let wrong = [
        world.says(&Receipt { size_bytes: 1, ..right.clone() }),
        world.says(&Receipt { digest: digest(b"other"), ..right.clone() }),
        world.says(&Receipt { sequence: 1, ..right.clone() }),
        world.says(&Receipt { run: RunId::from_random([8; 16]), ..right.clone() }),
        world.device.state(&right).unwrap(),
    ];
    for receipt in &wrong {
        assert!(delete_stored(&segment, &queue, receipt, &trust, 1).is_err());
        assert!(segment.path.exists());
    }
    let receipt = world.says(&right);
    delete_stored(&segment, &queue, &receipt, &trust, 1).unwrap();
    assert!(!segment.path.exists() && layout::receipt(&segment.path).exists() && queue.pending().is_empty());

    // A receipt that does not count, of another content here, removes nothing.
    std::fs::write(&segment.path, &bytes).unwrap();
    for receipt in &wrong {
        std::fs::write(layout::receipt(&segment.path), receipt.to_json()).unwrap();
        let again = Queue::default();
        recover(&spool.layout, run.recording, &world.device, &trust, now(), &again);
        assert!(segment.path.exists() && again.pending().len() == 1);
    }
    std::fs::write(layout::receipt(&segment.path), receipt.to_json()).unwrap();

    // R1: killed between S12 and S13.
    std::fs::write(&segment.path, &bytes).unwrap();
    let again = Queue::default();
    let recovered = recover(&spool.layout, run.recording, &world.device, &world.enrolment.trust().unwrap(), now(), &again);
    assert!(!segment.path.exists() && again.pending().is_empty());
    assert_eq!(recovered.heads.get(&track()), Some(&right.head));
    assert!(folder.exists());
}

#[test]
fn s13_a_segment_that_was_removed_before_the_disk_failed_is_settled_by_its_own_receipt_alone() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, folder) = record(&world, &spool, &queue, 2);
    let segment = queue.pending()[0].clone();
    let bytes = std::fs::read(&segment.path).unwrap();
    let right = right_receipt(&run, &segment, &bytes);
    let trust = world.enrolment.trust().unwrap();
    // As after a sync of the folder that failed.
    std::fs::remove_file(&segment.path).unwrap();
    for receipt in [world.says(&Receipt { sequence: 1, ..right.clone() }), world.device.state(&right).unwrap()] {
        assert!(delete_stored(&segment, &queue, &receipt, &trust, 1).is_err());
    }
    // A disk that is not there has lost nothing.
    let receipt = world.says(&right);
    let away = folder.with_file_name("away");
    std::fs::rename(&folder, &away).unwrap();
    assert!(matches!(delete_stored(&segment, &queue, &receipt, &trust, 1), Err(RemoveError::Disk(_))));
    assert_eq!(queue.pending().len(), 1);
    std::fs::rename(&away, &folder).unwrap();
    delete_stored(&segment, &queue, &receipt, &trust, 1).unwrap();
    assert!(queue.pending().is_empty() && layout::receipt(&segment.path).exists());
    assert_eq!(queue.stored.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn s14_a_signed_expiry_of_this_recording_removes_everything_and_another_nothing() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let (run, _) = record(&world, &spool, &queue, 2);
    let trust = world.enrolment.trust().unwrap();
    let folder = spool.layout.recording(run.recording);
    let right = Expired { institution: run.institution, recording: run.recording, expired_ms: 5 };
    let other = Expired { recording: invigil_format::RecordingId::from_random([8; 16]), ..right.clone() };
    for expired in [world.says(&other), world.device.state(&right).unwrap()] {
        assert!(delete_recording(&spool.layout, run.recording, &queue, &expired, &trust, 1).is_err());
        assert!(folder.exists());
    }
    delete_recording(&spool.layout, run.recording, &queue, &world.says(&right), &trust, 1).unwrap();
    assert!(!folder.exists() && queue.pending().is_empty());
}

#[test]
fn two_agents_do_not_share_a_spool_and_a_torn_journal_line_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let (world, queue) = (World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    assert!(matches!(Spool::open(dir.path()), Err(SpoolError::InUse { .. })));
    let (_, folder) = record(&world, &spool, &queue, 1);
    let path = layout::journal(&folder);
    let whole = std::fs::read(&path).unwrap();
    let entries = journal::load(&path, false).unwrap().len();
    std::fs::write(&path, [whole.as_slice(), &whole[..whole.len() / 3]].concat()).unwrap();
    assert_eq!(journal::load(&path, true).unwrap().len(), entries);
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

/// A folder in a file's place is what no disk lets be read.
fn make_unreadable(path: &std::path::Path) {
    if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
    std::fs::create_dir(path).unwrap();
}

#[test]
fn what_cannot_be_read_is_left_as_it_is_and_the_rest_is_recovered_and_the_next_run_begins() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let names = &spool.layout;
    let folders: Vec<_> = (0..3).map(|_| record(&world, &spool, &queue, 2)).collect();
    let recording = folders[0].0.recording;
    let [first, second, third] = [0, 1, 2].map(|n| folders[n].0.run);
    let trust = world.enrolment.trust().unwrap();
    let ends: Vec<Digest> =
        folders.iter().map(|(_, folder)| journal::load(&layout::journal(folder), false).unwrap().last().unwrap().digest()).collect();
    let journal = layout::journal(&folders[2].1);
    let segment = layout::segment(&folders[1].1, &track(), 0);
    let (kept_journal, kept_segment) = (std::fs::read(&journal).unwrap(), std::fs::read(&segment).unwrap());
    make_unreadable(&journal);
    make_unreadable(&segment);

    let found = Queue::default();
    let recovered = recover(names, recording, &world.device, &trust, now(), &found);
    let left: Vec<_> = recovered.left.iter().map(|left| left.path.clone()).collect();
    assert_eq!(left, [journal.clone(), segment.clone()]);
    assert!(recovered.left.iter().all(|left| left.why.contains(" of an earlier run failed: ")), "{:?}", recovered.left);
    assert_eq!(found.unread.load(std::sync::atomic::Ordering::SeqCst), 1, "a journal is no footage");
    let offered: HashSet<RunId> = found.pending().iter().map(|segment| segment.run).collect();
    assert_eq!(offered, [first, third].into());
    // The chain goes on from the newest journal that can be read, and never names an entry that nobody has seen.
    assert_eq!(recovered.runs, [first, second, third]);
    assert_eq!((recovered.previous_run, recovered.last_entry), (Some(second), Some(ends[1])));
    assert!(segment.is_dir() && journal.is_dir());

    // The disk is well again: everything is there.
    let (fourth, _) = record(&world, &spool, &queue, 1);
    for (path, bytes) in [(&journal, &kept_journal), (&segment, &kept_segment)] {
        std::fs::remove_dir(path).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let again = Queue::default();
    let recovered = recover(names, recording, &world.device, &trust, now(), &again);
    assert_eq!((recovered.left.len(), again.pending().len(), recovered.previous_run), (0, 4, Some(fourth.run)));
    assert_eq!(std::fs::read(&segment).unwrap(), kept_segment);
}

#[test]
fn a_list_of_runs_that_makes_no_sense_or_cannot_be_read_is_set_aside_and_made_anew_from_the_folders() {
    let world = World::new();
    let trust = world.enrolment.trust().unwrap();
    for unreadable in [false, true] {
        let (dir, queue) = (tempfile::tempdir().unwrap(), Arc::new(Queue::default()));
        let spool = Spool::open(dir.path()).unwrap();
        let names = &spool.layout;
        let [(first, _), (second, _)] = [0, 1].map(|_| {
            // Their order is that of their key records' times.
            std::thread::sleep(std::time::Duration::from_millis(5));
            record(&world, &spool, &queue, 2)
        });
        let recording = first.recording;
        // Nothing was recorded in a folder without key record (S3).
        disk::create_folder(&names.run(recording, RunId::from_random([3; 16]))).unwrap();
        let list = names.runs(recording);
        if unreadable {
            make_unreadable(&list);
        } else {
            std::fs::write(&list, "no list").unwrap();
        }
        let found = Queue::default();
        let recovered = recover(names, recording, &world.device, &trust, now(), &found);
        assert_eq!((&recovered.runs, recovered.previous_run), (&vec![first.run, second.run], Some(second.run)));
        let aside = list.with_file_name("damaged-runs.json");
        assert_eq!(recovered.left.iter().map(|left| &left.path).collect::<Vec<_>>(), [&aside]);
        assert!(aside.exists() && !list.exists() && found.pending().len() == 2);
        // A list that misses a run that is here, as after a folder that could not be looked through, loses it as little.
        std::fs::write(&list, serde_json::to_vec(&[second.run]).unwrap()).unwrap();
        assert_eq!(runs(names, recording), [first.run, second.run]);
        let (third, _) = record(&world, &spool, &queue, 1);
        assert_eq!(serde_json::from_slice::<Vec<RunId>>(&std::fs::read(&list).unwrap()).unwrap(), [first.run, second.run, third.run]);
    }
}

#[test]
fn s14_a_segment_that_cannot_be_removed_keeps_no_other_one() {
    let (dir, world, queue) = (tempfile::tempdir().unwrap(), World::new(), Arc::new(Queue::default()));
    let spool = Spool::open(dir.path()).unwrap();
    let [(first, one), (_, two)] = [0, 1].map(|_| record(&world, &spool, &queue, 1));
    let [stuck, other] = [one, two].map(|folder| layout::segment(&folder, &track(), 0));
    make_unreadable(&stuck);
    let expired = world.says(&Expired { institution: first.institution, recording: first.recording, expired_ms: 5 });
    let trust = world.enrolment.trust().unwrap();
    assert!(delete_recording(&spool.layout, first.recording, &queue, &expired, &trust, 1).is_err());
    assert!(stuck.exists() && !other.exists());
    std::fs::remove_dir(&stuck).unwrap();
    delete_recording(&spool.layout, first.recording, &queue, &expired, &trust, 1).unwrap();
    assert!(!spool.layout.recording(first.recording).exists());
}
