use super::*;
use crate::db::entities::{runs, segments};
use crate::views::{JournalRow, Known};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One run that is still going on, its boot time being ours, with a journal of these events, each at a second.
fn known(events: &[(i64, Value)]) -> Known {
    let run = runs::Model {
        id: 1,
        uuid: String::new(),
        recording_id: 1,
        device_key: String::new(),
        boot_id: None,
        first_seen_ms: 0,
        clock_offset_ms: Some(0),
        last_seen_ms: Some(0),
        last_boottime_us: None,
        ended_ms: None,
        end_reason: None,
    };
    let entry = |(second, event): &(i64, Value)| JournalRow {
        run_id: 1,
        kind: event["kind"].as_str().unwrap().into(),
        boottime_us: second * 1_000_000,
        wall_ms: second * 1000,
        event: event.to_string(),
        received_ms: second * 1000,
    };
    Known { runs: vec![run], seen: Vec::new(), journal: events.iter().map(entry).collect() }
}

/// A recording of the first minute that somebody joined then.
fn recording(joined_ms: Option<i64>) -> recordings::Model {
    recordings::Model {
        id: 1,
        uuid: String::new(),
        exam_id: 1,
        kind: "room".into(),
        who: String::new(),
        external_id: None,
        starts_ms: 0,
        ends_ms: 60_000,
        extra_ms: 0,
        code_digest: None,
        code_used_ms: None,
        device_key: None,
        token_digest: None,
        agent_version: None,
        joined_ms,
        finished_ms: None,
        finished_by: None,
        last_contact_ms: None,
        last_capture_ms: None,
        expired_ms: None,
        room: None,
        seat: None,
        programme: None,
        course: None,
        attempt: None,
        taken_by_room: None,
    }
}

/// A stored segment of a run that covers these seconds.
fn seen(run: i64, track: &str, from: i64, to: i64) -> Seen {
    let kind = Some(if track == "mic0" { "audio" } else { "video" }.to_owned());
    let row = segments::Model {
        id: 0,
        recording_id: 1,
        run_id: run,
        track: track.into(),
        sequence: 0,
        generation: 0,
        state: "stored".into(),
        refused: None,
        kind: kind.clone(),
        codec: None,
        created_ms: 0,
        stored_ms: None,
        size_bytes: 0,
        digest: None,
        head: None,
        origin_boottime_us: None,
        wall_minus_boot_ms: None,
        first_us: None,
        last_us: None,
        duration_us: None,
        chunks: None,
        receipt: None,
        revision: 0,
    };
    Seen { row, size_bytes: 0, kind, covers: vec![Interval::new(from * 1000, to * 1000)] }
}

/// What each track lacks of the first minute, and what all of them lack.
fn of_each(known: &Known) -> (Vec<String>, Vec<String>) {
    let row = recording(Some(0));
    let asked = Asked { row: &row, outages: &[], live: false, now_ms: 60_000 };
    let index = Index::new(known);
    let whole = stretches(&asked, &index, &timeline::pictures(&known.seen));
    let each = of_tracks(&asked, &index, &whole);
    let words = |from_ms: i64, to_ms: i64, cause: &str| format!("{} to {} {cause}", from_ms / 1000, to_ms / 1000);
    (
        each.iter().map(|part| format!("{} {}", part.track, words(part.from_ms, part.to_ms, &part.cause))).collect(),
        whole.iter().map(|part| words(part.from_ms, part.to_ms, &part.cause)).collect(),
    )
}

fn lost(second: i64, track: &str) -> (i64, Value) {
    (second, json!({ "kind": "camera-lost", "track": track, "reason": "unplugged" }))
}

fn back(second: i64, track: &str) -> (i64, Value) {
    (second, json!({ "kind": "camera-back", "track": track, "reason": "pictures again" }))
}

#[test]
fn a_dead_camera_is_missing_beside_those_that_record_with_a_cause_of_its_own() {
    let known = Known {
        seen: vec![seen(1, "cam0", 0, 60), seen(1, "cam1", 0, 20), seen(1, "cam1", 40, 60), seen(1, "mic0", 0, 50)],
        ..known(&[lost(5, "cam2"), lost(9, "cam2"), lost(23, "cam1"), back(40, "cam1"), lost(50, "mic0")])
    };
    let (each, whole) = of_each(&known);
    assert_eq!(each, ["cam1 20 to 40 camera-lost", "cam2 0 to 60 camera-lost", "mic0 50 to 60 camera-lost"]);
    assert!(whole.is_empty(), "one camera is enough for the window: {whole:?}");
}

/// An agent that ran and whose camera was unplugged all the time did not stand still: what the camera lacked is the camera's.
#[test]
fn a_run_whose_camera_never_worked_is_no_time_without_an_agent() {
    let of = |events: &[(i64, Value)]| {
        let known = known(events);
        let second = runs::Model { id: 2, first_seen_ms: 42_000, ..known.runs[0].clone() };
        let known = Known { runs: vec![known.runs[0].clone(), second], seen: vec![seen(2, "cam0", 42, 60)], ..known };
        of_each(&known).1
    };
    let ended = (40, json!({ "kind": "run-ended", "reason": "stopped" }));
    let started = (2, json!({ "kind": "run-started", "agent_version": "", "key_record": "" }));
    assert_eq!(of(&[started.clone(), lost(5, "cam0"), ended.clone()]), ["0 to 42 camera-lost"]);
    assert_eq!(of(&[started, ended]), ["0 to 42 agent-stopped"]);
}

/// A microphone without a first sound is lost, and back with the start of its track.
#[test]
fn the_start_of_a_track_ends_a_loss_before_it() {
    let started = (20, json!({ "kind": "track-started", "track": "mic0", "camera": "a microphone", "reason": "first sound" }));
    let gone_on = |events: &[(i64, Value)]| {
        let seen = vec![seen(1, "cam0", 0, 60), seen(1, "mic0", 20, 35), seen(1, "mic0", 45, 60)];
        let known = Known { seen, ..known(events) };
        let going_on = crate::views::conditions::going_on(&Index::new(&known));
        (of_each(&known).0, going_on.into_iter().map(|state| (state.condition, state.since_ms)).collect::<Vec<_>>())
    };
    let lost_for_good = gone_on(&[lost(8, "mic0")]);
    assert_eq!(lost_for_good.0, ["mic0 0 to 20 camera-lost", "mic0 35 to 45 camera-lost"]);
    assert_eq!(lost_for_good.1, [("camera-lost".to_owned(), 8_000)]);
    let began = gone_on(&[lost(8, "mic0"), started.clone()]);
    assert_eq!(began.0, ["mic0 0 to 20 camera-lost", "mic0 35 to 45 unknown"]);
    assert!(began.1.is_empty(), "{:?}", began.1);
    let other = (20, json!({ "kind": "track-started", "track": "mic1", "camera": "another", "reason": "first sound" }));
    assert_eq!(gone_on(&[lost(8, "mic0"), other]), lost_for_good, "of another track");
    // What one of many does ends the loss of all, too.
    let all_lack =
        |events: &[(i64, Value)]| of_each(&Known { seen: vec![seen(1, "cam0", 20, 35), seen(1, "cam0", 45, 60)], ..known(events) }).1;
    let picture = (20, json!({ "kind": "track-started", "track": "cam0", "camera": "a camera", "reason": "first picture" }));
    assert_eq!(all_lack(&[lost(2, "cam0"), picture])[1], "35 to 45 unknown");
}

#[test]
fn what_all_lack_is_known_again_though_each_track_ends_a_little_apart() {
    let part = |from_ms: i64, to_ms: i64, cause: &str| Missing { from_ms, to_ms, cause: cause.into() };
    let of_track = |from_ms: i64, to_ms: i64, cause: &str| TrackMissing { track: "cam1".into(), from_ms, to_ms, cause: cause.into() };
    let whole = [part(0, 300, "not-joined"), part(20_000, 40_000, "suspended")];
    assert!(is_of_all(&of_track(19_667, 40_333, "suspended"), &whole) && is_of_all(&of_track(0, 300, "not-joined"), &whole));
    assert!(!is_of_all(&of_track(19_667, 40_333, "camera-lost"), &whole), "another cause");
    assert!(!is_of_all(&of_track(19_500, 40_000, "suspended"), &whole) && !is_of_all(&of_track(20_000, 40_500, "suspended"), &whole));
    // Two cameras stop for a sleep and go on, not on the same picture.
    let mut known = known(&[(41, json!({ "kind": "suspended", "from_us": 20_000_000, "to_us": 40_000_000 }))]);
    let covers = |track: &str, from_ms: i64, to_ms: i64| Seen { covers: vec![Interval::new(from_ms, to_ms)], ..seen(1, track, 0, 0) };
    known.seen = vec![covers("cam0", 0, 20_100), covers("cam0", 40_000, 60_000), covers("cam1", 0, 19_800), covers("cam1", 40_250, 60_000)];
    let row = recording(Some(0));
    let asked = Asked { row: &row, outages: &[], live: false, now_ms: 60_000 };
    let index = Index::new(&known);
    let whole = stretches(&asked, &index, &timeline::pictures(&known.seen));
    assert_eq!(whole, [part(20_100, 40_000, "suspended")]);
    let each = of_tracks(&asked, &index, &whole);
    assert_eq!(each.len(), 2, "{each:?}");
    assert!(each.iter().all(|part| is_of_all(part, &whole)), "{each:?}");
}

#[test]
fn what_one_track_lacks_is_not_explained_by_what_happened_to_another() {
    let dropped = |track: &str| {
        let stretch = json!({ "from_us": 20_000_000, "to_us": 40_000_000, "because": "too-busy" });
        (41, json!({ "kind": "frames-dropped", "track": track, "count": 90, "reason": "", "stretch": stretch }))
    };
    let started = |second: i64, track: &str, sequence: i64| {
        (second, json!({ "kind": "segment-started", "track": track, "sequence": sequence, "head": "" }))
    };
    let footage = || vec![seen(1, "cam0", 0, 60), seen(1, "cam1", 0, 20), seen(1, "cam1", 40, 60), seen(1, "cam2", 3, 60)];
    let causes = |events: &[(i64, Value)]| of_each(&Known { seen: footage(), ..known(events) }).0;
    assert_eq!(causes(&[lost(22, "cam0"), dropped("cam0"), started(21, "cam0", 7)]), ["cam1 20 to 40 unknown", "cam2 0 to 3 unknown"]);
    assert_eq!(causes(&[lost(22, "cam0"), dropped("cam1")]), ["cam1 20 to 40 computer-too-busy", "cam2 0 to 3 unknown"]);
    // Its own segment was begun and is not here; the other's camera took so long to open.
    let (on_its_way, next) = (started(20, "cam1", 1), started(40, "cam1", 2));
    assert_eq!(causes(&[on_its_way, next, started(3, "cam2", 0)]), ["cam1 20 to 40 not-yet-uploaded", "cam2 0 to 3 camera-lost"]);
    let held_up = (41, json!({ "kind": "held-up", "from_us": 21_000_000, "to_us": 40_000_000 }));
    assert_eq!(causes(&[held_up]), ["cam1 20 to 40 computer-too-busy", "cam2 0 to 3 unknown"], "the whole computer was");
}

/// A segment that never arrives is no reason for what is missing of later runs.
#[test]
fn the_last_segment_of_a_run_promises_nothing_after_that_run() {
    let started = (5, json!({ "kind": "segment-started", "track": "cam0", "sequence": 1, "head": "" }));
    let ended = (20, json!({ "kind": "run-ended", "reason": "stopped" }));
    let of = |events: &[(i64, Value)], state: Option<&str>| {
        let mut known = known(events);
        let next = runs::Model { id: 2, first_seen_ms: 25_000, ..known.runs[0].clone() };
        known.runs.push(next);
        known.seen = vec![seen(1, "cam0", 0, 5), seen(2, "cam0", 25, 40)];
        known.seen.extend(state.map(|state| {
            let mut late = seen(1, "cam0", 0, 0);
            (late.row.sequence, late.row.state, late.covers) = (1, state.to_owned(), Vec::new());
            late
        }));
        known
    };
    for (events, to_ms) in [(vec![started.clone(), ended.clone()], 20_000), (vec![started.clone()], 25_000)] {
        let (each, whole) = of_each(&of(&events, None));
        assert_eq!(whole.last().map(String::as_str), Some("40 to 60 unknown"), "{whole:?}");
        assert_eq!(each.last().map(String::as_str), Some("cam0 40 to 60 unknown"), "{each:?}");
        let known = of(&events, Some("refused"));
        assert_eq!(refused(&Index::new(&known), 60_000).parts(), [Interval::new(5_000, to_ms)]);
    }
    // One run alone: until its end, or as long as it goes on.
    let (_, whole) = of_each(&known(&[started.clone(), (40, ended.1.clone())]));
    assert_eq!(whole, ["0 to 40 not-yet-uploaded", "40 to 60 agent-stopped"]);
    assert_eq!(cause_of(&[], std::slice::from_ref(&started)), "not-yet-uploaded");
    assert_eq!(cause_of(&[], &[started, (9, ended.1)]), "agent-stopped");
}

#[test]
fn a_camera_that_was_lost_before_a_power_cut_is_not_blamed_for_it() {
    let mut known = Known {
        seen: vec![seen(1, "cam0", 0, 20), seen(2, "cam0", 40, 60), seen(2, "cam1", 50, 60)],
        ..known(&[lost(3, "cam1"), lost(43, "cam1"), back(50, "cam1")])
    };
    let next = runs::Model { id: 2, boot_id: Some("another".into()), first_seen_ms: 40_000, ..known.runs[0].clone() };
    known.runs.push(next);
    known.journal.iter_mut().skip(1).for_each(|entry| entry.run_id = 2);
    let (each, whole) = of_each(&known);
    assert_eq!(whole, ["20 to 40 power-or-reboot"]);
    let dead: Vec<_> = each.into_iter().filter(|part| part.starts_with("cam1")).collect();
    assert_eq!(dead, ["cam1 0 to 20 camera-lost", "cam1 20 to 40 power-or-reboot", "cam1 40 to 50 camera-lost"]);
}

/// P1: a hall with a dead camera is held up, or its link is down. Only where all cameras are lost is that why nothing is there.
#[test]
fn one_dead_camera_is_not_why_all_pictures_are_missing() {
    let all_lack = |events: &[(i64, Value)]| {
        let seen = vec![seen(1, "cam0", 0, 20), seen(1, "cam0", 40, 60), seen(1, "cam1", 0, 10), seen(1, "mic0", 0, 60)];
        of_each(&Known { seen, ..known(events) }).1
    };
    let held_up = (41, json!({ "kind": "held-up", "from_us": 21_000_000, "to_us": 40_000_000 }));
    let started =
        |second: i64, sequence: i64| (second, json!({ "kind": "segment-started", "track": "cam0", "sequence": sequence, "head": "" }));
    let (dead, never) = (lost(12, "cam1"), lost(2, "cam2"));
    assert_eq!(all_lack(&[never.clone(), dead.clone(), held_up]), ["20 to 40 computer-too-busy"]);
    assert_eq!(all_lack(&[never.clone(), dead.clone(), started(20, 1), started(40, 2)]), ["20 to 40 not-yet-uploaded"]);
    assert_eq!(all_lack(&[never.clone(), dead.clone()]), ["20 to 40 unknown"]);
    assert_eq!(all_lack(&[never, dead, lost(23, "cam0"), back(40, "cam0")]), ["20 to 40 camera-lost"]);
    assert_eq!(common(&[Interval::new(0, 5), Interval::new(7, 9)], &[Interval::new(3, 8)]), [Interval::new(3, 5), Interval::new(7, 8)]);
}

#[test]
fn holes_are_cut_where_another_begins_and_into_no_slivers() {
    let part = Interval::new;
    assert_eq!(cut(part(0, 10_000), &[-5, 300, 4_000, 4_200, 9_800, 12_000]), [part(0, 4_000), part(4_000, 10_000)]);
    assert_eq!(cut(part(0, 10_000), &[]), [part(0, 10_000)]);
    assert_eq!(cut(part(0, 0), &[0]), [part(0, 0)]);
}

/// The cause of a hole from second 10 to second 30.
fn cause_of(outages: &[OutageView], events: &[(i64, Value)]) -> &'static str {
    // The run has delivered nothing here; nobody joined, so that no missing agent explains that.
    let (known, row) = (known(events), recording(None));
    let index = Index::new(&known);
    let asked = Asked { row: &row, outages, live: false, now_ms: 60_000 };
    let (account, device) = (Account::of_pictures(&index), Device::new(&asked, &index));
    let own = Own::new(&account, &device, asked.now_ms, promised(&account, asked.now_ms));
    cause(Interval::new(10_000, 30_000), &candidates(&device, &own))
}

/// A device writes what it wants into its journal. Work that grows with the square of it would keep this test busy for minutes.
#[test]
fn a_journal_full_of_runs_and_tracks_hides_nothing_and_is_accounted_for_up_to_a_bound() {
    let hostile = (2..=200).flat_map(|run| (0..100).map(move |n| (run, n)));
    let event = |(run, n): (i64, i64)| {
        let (second, track) = (600 + 15 * run + n / 10, format!("a{:03}", (37 * run + n) % 300));
        let started = json!({ "kind": "segment-started", "track": track, "sequence": n, "head": "00".repeat(32) });
        (run, if n % 2 == 0 { lost(second, &track) } else { (second, started) })
    };
    let honest = [lost(101, "cam1"), back(200, "cam1"), (600, json!({ "kind": "run-ended", "reason": "stopped" }))];
    let (of_run, events): (Vec<i64>, Vec<_>) = honest.into_iter().map(|event| (1, event)).chain(hostile.map(event)).unzip();
    let mut known = known(&events);
    known.journal.iter_mut().zip(of_run).for_each(|(entry, run)| entry.run_id = run);
    let first = known.runs[0].clone();
    known.runs.extend((2..=200).map(|id| runs::Model { id, first_seen_ms: (600 + 15 * id) * 1000, ..first.clone() }));
    known.seen = vec![seen(1, "cam0", 0, 600), seen(1, "cam1", 0, 100), seen(1, "cam1", 200, 600)];
    let row = recordings::Model { ends_ms: 3_600_000, ..recording(Some(0)) };
    let asked = Asked { row: &row, outages: &[], live: false, now_ms: 3_600_000 };
    let index = Index::new(&known);
    let whole = stretches(&asked, &index, &timeline::pictures(&known.seen));
    assert!(whole.iter().all(|part| part.from_ms >= 600_000), "the first run has pictures: {whole:?}");
    assert_eq!(whole.iter().map(|part| part.to_ms - part.from_ms).sum::<i64>(), 3_000_000, "every second has a cause");
    let each = of_tracks(&asked, &index, &whole);
    let tracks: BTreeSet<&str> = each.iter().map(|part| part.track.as_str()).collect();
    assert_eq!(tracks.len(), 64, "{tracks:?}");
    let of_cam1 = each.iter().find(|part| part.track == "cam1").unwrap();
    assert_eq!((of_cam1.from_ms, of_cam1.to_ms, of_cam1.cause.as_str()), (100_000, 200_000, "camera-lost"));
    assert!(tracks.contains("cam0") && tracks.contains("a000"), "those with footage, and then by name: {tracks:?}");
}

#[test]
fn silence_is_no_sleep_where_the_journal_says_that_the_computer_was_awake() {
    let outage = OutageView {
        from_ms: 9_000,
        to_ms: Some(31_000),
        upper_ms: 22_000,
        lower_ms: None,
        counted_upper_ms: 22_000,
        counted_lower_ms: None,
        cause: "suspended".into(),
        ongoing: false,
        provisional: false,
    };
    let held_up = |to_us: u64| (31, json!({ "kind": "held-up", "from_us": 11_000_000, "to_us": to_us }));
    assert_eq!(cause_of(std::slice::from_ref(&outage), &[]), "suspended");
    assert_eq!(cause_of(&[], &[held_up(29_900_000)]), "computer-too-busy");
    assert_eq!(cause_of(std::slice::from_ref(&outage), &[held_up(29_900_000)]), "computer-too-busy");
    assert_eq!(cause_of(&[outage], &[held_up(14_000_000)]), "suspended", "the rest of it may have been one");
}

#[test]
fn pictures_that_were_thrown_away_do_not_arrive_and_those_beside_them_may() {
    let started = (1, json!({ "kind": "segment-started", "track": "cam0", "sequence": 0, "head": "" }));
    let dropped = |because: &str| {
        let stretch = json!({ "from_us": 10_100_000, "to_us": 29_900_000, "because": because });
        (31, json!({ "kind": "frames-dropped", "track": "cam0", "count": 90, "reason": "", "stretch": stretch }))
    };
    let slow = json!({ "kind": "condition-ended", "condition": "cpu", "track": null, "since_us": 5_000_000, "until_us": 40_000_000 });
    assert_eq!(cause_of(&[], std::slice::from_ref(&started)), "not-yet-uploaded");
    assert_eq!(cause_of(&[], &[started.clone(), dropped("too-busy")]), "not-yet-uploaded", "some of them were recorded");
    assert_eq!(cause_of(&[], &[dropped("too-busy")]), "computer-too-busy");
    assert_eq!(cause_of(&[], &[started.clone(), dropped("disk-failure")]), "capture-paused");
    assert_eq!(cause_of(&[], &[started.clone(), dropped("no-key-frame")]), "camera-lost");
    assert_eq!(cause_of(&[], &[started, (41, slow.clone())]), "not-yet-uploaded");
    assert_eq!(cause_of(&[], &[(41, slow)]), "computer-too-busy");
}

#[test]
fn holes_are_what_nothing_covers_inside_the_window() {
    let part = Interval::new;
    let covered = [part(-5, 10_000), part(12_000, 20_000), part(20_400, 30_000)];
    assert_eq!(holes(part(0, 40_000), &covered), [part(10_000, 12_000), part(30_000, 40_000)]);
    assert_eq!(holes(part(0, 5000), &covered), []);
    assert_eq!(holes(part(0, 5000), &[]), [part(0, 5000)]);
    assert_eq!(holes(part(50_000, 60_000), &covered), [part(50_000, 60_000)]);
}
