use super::*;
use crate::spool::{Spool, recover};
use crate::testing::{World, config, fragment};
use invigil_format::{RecordingId, RunId, Scanner};
use std::path::Path;

const S: u64 = 1_000_000;

/// A track that records into a spool of its own.
fn track(spool: &Spool, run: &Arc<Run>, abandon: &Stop) -> Track {
    let folder = spool.create_run(run, &[]).unwrap();
    let context = Context {
        run: Arc::clone(run),
        track: "cam0".parse().unwrap(),
        journal: Journal::create(&layout::journal(&folder), run, None).unwrap(),
        folder,
        queue: Arc::default(),
        beacons: Beacons::default(),
        previous_head: None,
        abandon: abandon.clone(),
        recorded_us: Arc::default(),
        rates: Arc::default(),
    };
    Track { context, open: None, sequence: 0, beacon_us: 0, dropped: None }
}

#[test]
fn behind_what_the_disk_did_not_take_until_the_end_nothing_is_written_and_the_next_start_closes_the_segment() {
    let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
    let (spool, run, abandon) = (Spool::open(dir.path()).unwrap(), world.run(), Stop::default());
    let mut track = track(&spool, &run, &abandon);
    let path = layout::segment(&track.context.folder, &track.context.track, 0);
    let media = config(640);
    let second = |index| fragment(&media, run.origin_us, index, index == 0);
    track.take(&second(0)).unwrap();
    // A file that was opened for reading stands for the disk that fails.
    track.open.as_mut().unwrap().file.break_handle();
    abandon.stop();
    assert!(matches!(track.take(&second(1)), Err(TrackError::Disk(_))));
    // The disk works again before the process ends.
    if let Some(open) = &mut track.open {
        open.file.mend().unwrap();
    }
    track.take(&second(2)).unwrap();
    track.close(CloseReason::Stopped);
    drop(track);

    let (found, trust) = (Queue::default(), world.enrolment.trust().unwrap());
    let recovered = recover(&spool.layout, run.recording, &world.device, &trust, now(), &found);
    assert_eq!((recovered.closed, recovered.damaged, found.pending().len()), (1, 0, 1));
    let scanner = Scanner::scan(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!((scanner.chunks(), scanner.closing().unwrap().reason), (1, CloseReason::Recovered));
}

/// Five fragments of a second; then the disk fails, and when it comes back `harm` was done to the segment. What the sixth met with.
fn harmed(track: &mut Track, media: &Arc<Media>, harm: impl FnOnce(&Path) + Send + 'static) -> TrackError {
    let origin_us = track.context.run.origin_us;
    (0..5).for_each(|index| track.take(&long(media, origin_us, index)).unwrap());
    let open = track.open.as_mut().unwrap();
    open.file.break_handle();
    let path = open.segment.path.clone();
    let harmed = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        harm(&path);
    });
    let error = track.take(&long(media, origin_us, 5)).unwrap_err();
    harmed.join().unwrap();
    assert!(track.context.rates.disk_failure().is_none(), "the disk works");
    error
}

/// The `index`th second, of 30 kB; the first and the eighth begin with key frames.
fn long(media: &Arc<Media>, origin_us: u64, index: u64) -> Fragment {
    Fragment { bytes: vec![index as u8; 30_000], ..fragment(media, origin_us, index, index.is_multiple_of(7)) }
}

fn journalled(track: &Track) -> Vec<Event> {
    let entries = crate::journal::load(track.context.journal.path(), false).unwrap();
    crate::journal::events(&entries).map(|entry| entry.event).collect()
}

/// Seconds of which a journal says that the disk has lost their pictures, from `origin_us` on.
fn lost_secs(events: &[Event], origin_us: u64) -> Vec<(u64, u64)> {
    let lost = events.iter().filter_map(|event| match event {
        Event::FramesDropped { count, stretch: Some(DroppedStretch { from_us, to_us, because: DroppedBecause::DiskFailure }), .. } => {
            assert_eq!(*count, 15 * (to_us - from_us) / S);
            Some(((from_us - origin_us) / S, (to_us - origin_us) / S))
        }
        _ => None,
    });
    lost.collect()
}

#[test]
fn of_a_segment_of_which_the_disk_has_lost_a_part_the_rest_is_closed_and_the_next_key_frame_begins_another_one() {
    let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
    let (spool, run, media) = (Spool::open(dir.path()).unwrap(), world.run(), config(640));
    let mut track = track(&spool, &run, &Stop::default());
    let [first, second] = [0, 1].map(|number| layout::segment(&track.context.folder, &track.context.track, number));
    let error = harmed(&mut track, &media, |path| std::fs::File::options().write(true).open(path).unwrap().set_len(70_000).unwrap());
    assert!(matches!(&error, TrackError::Disk(error) if disk::is_lost(error)), "{error}");
    track.tell_failed(&long(&media, run.origin_us, 5), &error);
    track.take(&long(&media, run.origin_us, 6)).unwrap();
    track.take(&long(&media, run.origin_us, 7)).unwrap();
    track.close(CloseReason::Stopped);

    let events = journalled(&track);
    for (path, sequence, chunks, why) in [(&first, 0, 2, CloseReason::Recovered), (&second, 1, 1, CloseReason::Stopped)] {
        let scanner = Scanner::scan(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!((scanner.chunks(), scanner.closing().unwrap().reason), (chunks, why));
        let (track, head, run) = (track.context.track.clone(), scanner.head(), run.run);
        assert!(events.contains(&Event::SegmentClosed { track, sequence, head, reason: why, run }), "{events:#?}");
    }
    assert_eq!(lost_secs(&events, run.origin_us), [(2, 5), (5, 6)]);
    let queue = &track.context.queue;
    let pending = queue.pending();
    assert!(pending.len() == 2 && pending.iter().all(|segment| segment.state().closed) && !queue.has_unread(), "{pending:#?}");
    // Of what recovery appended the server has nothing or all, now and at any later start.
    let cut = pending.iter().find(|segment| segment.sequence == 0).unwrap();
    let size = cut.state().synced_bytes;
    let behind = (0..size).find(|offset| cut.contradicts(*offset)).unwrap() - 1;
    assert!((60_000..70_000).contains(&behind) && (behind + 1..size).all(|offset| cut.contradicts(offset)), "{behind} of {size}");
    assert!(!cut.contradicts(size) && cut.contradicts(size + 1));
    let (found, trust) = (Queue::default(), world.enrolment.trust().unwrap());
    recover(&spool.layout, run.recording, &world.device, &trust, now(), &found);
    let again = found.pending().into_iter().find(|segment| segment.sequence == 0).unwrap();
    assert!(!again.contradicts(behind) && again.contradicts(behind + 1) && again.contradicts(size - 1) && !again.contradicts(size));
}

#[test]
fn a_segment_of_which_nothing_is_left_is_named_and_not_called_stored() {
    let empty: fn(&Path) = |path| std::fs::write(path, b"").unwrap();
    let gone: fn(&Path) = |path| std::fs::remove_file(path).unwrap();
    let rubbish: fn(&Path) = |path| std::fs::write(path, [0x5A; 50_000]).unwrap();
    for harm in [empty, gone, rubbish] {
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let (spool, run, media) = (Spool::open(dir.path()).unwrap(), world.run(), config(640));
        let mut track = track(&spool, &run, &Stop::default());
        harmed(&mut track, &media, harm);
        track.take(&long(&media, run.origin_us, 7)).unwrap();
        track.close(CloseReason::Stopped);
        let queue = &track.context.queue;
        assert!(queue.has_unread(), "it is not called stored");
        assert_eq!(queue.pending().iter().map(|segment| segment.sequence).collect::<Vec<_>>(), [1], "nobody waits for it");
        assert_eq!(lost_secs(&journalled(&track), run.origin_us), [(0, 5)]);
    }
}

#[test]
fn what_recovery_appended_is_sent_in_one_piece_so_that_a_server_with_a_part_of_it_has_something_else() {
    let (recording, run) = (RecordingId::from_random([1; 16]), RunId::from_random([2; 16]));
    let segment = Segment::new("x".into(), recording, run, "cam0".parse().unwrap(), 0, 1000, true);
    assert_eq!((segment.piece(0, 700), segment.piece(600, 1000)), (700, 1000), "one that was closed as usual goes as the line bears it");
    assert!(!segment.contradicts(999) && segment.contradicts(1001));
    segment.set_recovered(300);
    for (offset, end, piece) in [(0, 200, 200), (0, 300, 300), (0, 301, 300), (299, 999, 300), (0, 1000, 1000), (300, 310, 1000)] {
        assert_eq!(segment.piece(offset, end), piece, "from {offset} to {end}");
    }
    let contradicting: Vec<u64> = (0..=1001).filter(|offset| segment.contradicts(*offset)).collect();
    assert_eq!(contradicting, (301..1000).chain([1001]).collect::<Vec<u64>>());
}

#[test]
fn signatures_are_at_most_five_seconds_apart_with_the_longest_fragments_and_a_slow_disk() {
    // What follows a signature is recorded a little less than `SIGN_US` after it; the next fragment comes late by what a disk may need.
    let slow_us = 300_000;
    assert!(SIGN_US + crate::segment::LONGEST_US + slow_us <= 5 * S);
}

/// Lengths (s, bytes) of the segments that an hour of footage becomes: fragments of a second, a key frame each `gop_secs`.
fn segments(gop_secs: u64, kbits: u64) -> Vec<(u64, u64)> {
    let (mut ended, mut extent) = (Vec::new(), Extent { bytes: 0, us: 0, group_bytes: 0, group_us: 0 });
    for second in 0..3600 {
        let key = second % gop_secs == 0;
        if extent.must_end(key, false) {
            ended.push((extent.us / S, extent.bytes));
            extent = Extent { bytes: 0, us: 0, group_bytes: 0, group_us: 0 };
        }
        if key {
            (extent.group_bytes, extent.group_us) = (0, 0);
        }
        let bytes = kbits * 125;
        extent = Extent {
            bytes: extent.bytes + bytes,
            us: extent.us + S,
            group_bytes: extent.group_bytes + bytes,
            group_us: extent.group_us + S,
        };
    }
    ended
}

#[test]
fn segments_keep_to_five_minutes_and_32_mib_whatever_distance_a_cameras_key_frames_have() {
    for gop_secs in [1, 2, 4, 7, 10, 30, 45, 60] {
        for kbits in [100, 300, 1000, 4000] {
            let ended = segments(gop_secs, kbits);
            assert!(!ended.is_empty());
            for (secs, bytes) in ended {
                assert!(secs <= 300 && bytes <= MOST_BYTES, "{gop_secs} s, {kbits} kbit/s: {secs} s, {bytes} bytes");
                // They are not cut into more pieces than need be.
                let enough = secs + 2 * gop_secs >= 290 || bytes + 2 * gop_secs * kbits * 125 >= 31 << 20;
                assert!(enough, "{gop_secs} s, {kbits} kbit/s: {secs} s, {bytes} bytes");
            }
        }
    }
}

#[test]
fn without_key_frames_for_long_a_segment_ends_at_the_first_one_or_before_readers_refuse_it() {
    for (secs, _) in segments(250, 300) {
        assert!((296..=296 + 250).contains(&secs), "{secs}");
    }
    for (_, bytes) in segments(100_000, 4000) {
        assert!((LIMIT_BYTES..LIMIT_BYTES + (1 << 20)).contains(&bytes), "{bytes}");
    }
}
