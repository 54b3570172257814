//! Bundles that hold, and what is said of them.

use crate::kit::{Case, Parts, stretch};
use crate::world::{BOOT_US, T0_MS, World};
use invigil_evidence::CitedRun;
use invigil_evidence::bundle::{Institution, MakeError, Report, SourceRun, Unfit, Video, prepare};
use invigil_format::{BundleId, Digest, DroppedBecause, DroppedStretch, Event, RunId};

fn names(report: &Report) -> Vec<(&str, &str)> {
    report.problems.iter().map(|problem| (problem.name, problem.object.as_str())).collect()
}

#[test]
fn an_unchanged_bundle_holds_and_says_what_it_is() {
    let case = Case::new(World::new(), 1);
    let bundle = case.bundle();
    let report = case.verify(&bundle);
    assert_eq!(names(&report), []);
    assert!(report.holds());
    let fingerprint = Institution(Digest(case.world.fingerprint.0));
    assert!(invigil_evidence::bundle::verify(&mut std::io::Cursor::new(&bundle), &fingerprint).unwrap().holds());

    let act = report.act.unwrap();
    assert_eq!((act.number_text.as_str(), act.signatories.len()), ("A-1/2026", 2));
    assert_eq!(report.unproven_ends, [case.world.runs[0]]);
    let [cam, thumbs] = report.tracks.as_slice() else { panic!("{:?}", report.tracks) };
    assert_eq!((cam.track.as_str(), cam.segments, cam.devices.len()), ("cam0", 3, 1));
    assert_eq!(cam.devices[0].name.as_deref(), Some("test"));
    // The beacon of second 4 was signed at 3.3; the last receipt came 6 s after the last picture.
    assert_eq!((cam.not_before_ms, cam.not_after_ms), (Some(T0_MS + 3300), Some(T0_MS + 23_000)));
    let missing: Vec<_> =
        cam.missing.iter().map(|m| ((m.from_ms - T0_MS + 50) / 100, (m.to_ms - T0_MS + 50) / 100, m.why[0].kind)).collect();
    assert_eq!(missing, [(90, 100, "camera-lost"), (120, 140, "agent-stopped")]);
    assert!(matches!(&cam.video, Video::Same(name) if name.ends_with("-cam0.mp4")));
    assert_eq!((thumbs.track.as_str(), thumbs.segments, &thumbs.video), ("thumb0", 1, &Video::None));
    assert_eq!(report.outages.len(), 1);
    assert_eq!((report.outages[0].from_ms, report.outages[0].to_ms), (T0_MS + 5000, Some(T0_MS + 7000)));
}

/// What is journalled with times of its own counts where those are, whenever it was written.
#[test]
fn a_computer_that_did_not_keep_up_is_named() {
    let dropped = |from: u64, to: u64, reason: &str| {
        let at = |second: u64| BOOT_US + second * 1_000_000;
        let stretch = Some(DroppedStretch { from_us: at(from), to_us: at(to), because: DroppedBecause::TooBusy });
        Event::FramesDropped { track: "cam0".parse().unwrap(), count: 10, reason: reason.into(), stretch }
    };
    let held_up = Event::HeldUp { from_us: BOOT_US + 8_500_000, to_us: BOOT_US + 10_000_000 };
    let events = vec![(9, dropped(3, 6, "before")), (10, held_up), (13, dropped(8, 11, "too slow")), (13, dropped(11, 12, "behind"))];
    let mut world = World::new();
    world.keep_journals(events);
    let case = Case::new(world, 1);
    let report = case.verify(&case.bundle());
    assert_eq!(names(&report), []);
    let why: Vec<(&str, &str)> = report.tracks[0].missing[0].why.iter().map(|why| (why.kind, why.detail.as_str())).collect();
    assert_eq!(why, [("held-up", "1.5 s"), ("frames-dropped", "too slow")]);
}

#[test]
fn its_files_are_those_of_the_document_in_its_order() {
    let case = Case::new(World::new(), 1);
    let parts = Parts::of(&case.bundle());
    let (one, two, recording) = (case.world.runs[0], case.world.runs[1], case.world.recording);
    let expected = format!(
        "manifest.json README.kk.txt README.ru.txt README.en.txt act/act.json act/events.jsonl act/act-kk.pdf act/annex.pdf act/scan-1.pdf \
         act/still-01.jpg certificates.json keys.json custody.json runs/{one}/key-record.json runs/{one}/journal.jsonl \
         runs/{one}/cam0-00000001.seg runs/{one}/cam0-00000001.receipt.json runs/{one}/cam0-00000002.seg \
         runs/{one}/cam0-00000002.receipt.json runs/{one}/thumb0-00000000.seg runs/{one}/thumb0-00000000.receipt.json \
         runs/{two}/key-record.json runs/{two}/journal.jsonl runs/{two}/cam0-00000000.seg runs/{two}/cam0-00000000.receipt.json \
         video/{recording}-cam0.mp4"
    );
    assert_eq!(parts.names().join(" "), expected);
}

#[test]
fn two_stretches_of_one_recording_share_segments_and_have_a_video_each() {
    let world = World::new();
    let evidence = vec![stretch(&world, 1000, 5000, 60), stretch(&world, 6000, 9000, 61)];
    let case = Case::citing(world, 2, evidence);
    let bundle = case.bundle();
    assert_eq!(names(&case.verify(&bundle)), []);
    let parts = Parts::of(&bundle);
    let videos: Vec<_> = parts.names().into_iter().filter(|name| name.starts_with("video/")).collect();
    let recording = case.world.recording;
    assert_eq!(videos, [format!("video/{recording}-cam0.mp4"), format!("video/{recording}-cam0.2.mp4")]);
    assert_eq!(parts.names().iter().filter(|name| name.ends_with("cam0-00000001.seg")).count(), 1);
}

#[test]
fn an_act_without_footage_has_a_bundle_too() {
    let case = Case::citing(World::new(), 3, Vec::new());
    let report = case.verify(&case.bundle());
    assert_eq!(names(&report), []);
    assert_eq!(report.tracks, []);
}

#[test]
fn what_would_be_no_bundle_is_not_prepared() {
    let world = World::new();
    let mut evidence = vec![stretch(&world, 5500, 16_500, 60)];
    let run = evidence[0].runs[0].clone();
    let others = (20..220).map(|n| CitedRun { run: RunId::from_random([n; 16]), ..run.clone() });
    evidence[0].runs.extend(others.clone());
    let case = Case::citing(world, 5, evidence);
    let mut source = case.source();
    let of = |cited: CitedRun| SourceRun { run: cited.run, key_record: source.runs[0].key_record.clone(), journal: Vec::new() };
    source.runs = source
        .runs
        .iter()
        .map(|run| SourceRun { run: run.run, key_record: run.key_record.clone(), journal: run.journal.clone() })
        .chain(others.map(of))
        .collect();
    let refused = prepare(source, &mut case.store(), BundleId::from_random([99; 16])).err().unwrap();
    assert!(matches!(refused, MakeError::Unfit(Unfit::Files { found: 425 })), "{refused}");
}

#[test]
fn a_stretch_that_begins_before_the_recording_and_ends_after_it_says_so() {
    let world = World::new();
    let mut evidence = vec![stretch(&world, 0, 30_000, 60)];
    evidence[0].from_ms = T0_MS - 5000;
    let case = Case::citing(world, 4, evidence);
    let report = case.verify(&case.bundle());
    assert_eq!(names(&report), []);
    let why: Vec<_> = report.tracks[0].missing.iter().map(|m| m.why[0].kind).collect();
    assert_eq!(why, ["before-recording", "camera-lost", "agent-stopped", "track-ended"]);
}
