//! A room's computer whose clock, disk, files or code are not as they should be.

use super::*;
use invigil_tests::mount::{Mount, is_root};
use invigil_tests::scenario::cases::footage;
use std::os::unix::fs::PermissionsExt;

const DAY_MS: i64 = 86_400_000;

/// A battery that died: the clock is years behind the certificates, so that it has to be lifted by what was kept before any server can be
/// asked.
#[test]
fn a_room_whose_clock_is_years_behind_reaches_its_server_and_is_recorded() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let mut service = room.start();
    let kept = room.spool.join("state/room.json");
    wait_for("the server's time is kept", LIMIT, || {
        Ok(std::fs::read_to_string(&kept).is_ok_and(|text| text.contains("\"told_ms\":1")).then_some(()))
    })
    .unwrap();
    assert!(service.stop(LIMIT).unwrap().success());
    // No exam was known in that life.
    let now_ms = invigil_clock::wall_ms();
    let recording = exam(&server, "Hall 1", "First", now_ms + 5_000, now_ms + 3_600_000);
    let behind = (-20 * 365 * DAY_MS).to_string();
    let mut service = Agent::service(&room.config, &[("INVIGIL_WALL_AHEAD_MS", behind.as_str())]).unwrap();
    room.wait_recorded(recording, 3_000);
    assert_eq!(said(&service, "room-unreached"), [""; 0]);
    assert!(room.command(&["collected", "--early"]).status.success());
    room.receipt(recording);
    assert!(service.stop(LIMIT).unwrap().success());
    let view = server.recording(recording).unwrap();
    assert!(view.footage.iter().all(|part| (now_ms..invigil_clock::wall_ms()).contains(&part.from_ms)), "{:#?}", view.footage);
}

/// S4 on a disk that fails: people are answered while a recording waits for its first entry to be durable, and it begins by itself.
#[test]
fn people_are_answered_while_a_recording_that_begins_waits_for_its_disk() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let now_ms = invigil_clock::wall_ms();
    let recording = exam(&server, "Hall 1", "First", now_ms + 5_000, now_ms + 3_600_000);
    // Twice a second: a quarter of a minute.
    let mut service = Agent::service(&room.config, &[("INVIGIL_ROOM_CODE", &room.code), ("INVIGIL_DISK_ERROR", "S4:30")]).unwrap();
    let log = room.config.with_extension("log");
    wait_for("the disk fails", LIMIT, || {
        Ok(std::fs::read_to_string(&log).is_ok_and(|text| text.contains("a disk error was asked for")).then_some(()))
    })
    .unwrap();
    let asked_us = invigil_clock::boottime_us();
    let status = room.command(&["status", "--json"]);
    let took_us = invigil_clock::boottime_us() - asked_us;
    assert!(status.status.success() && took_us < 5_000_000, "{took_us} us: {}", String::from_utf8_lossy(&status.stderr));
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert!(status["recording"].is_null(), "{status:#}");
    room.wait_recorded(recording, 2_000);
    assert!(room.command(&["collected", "--early"]).status.success());
    room.receipt(recording);
    assert!(service.stop(LIMIT).unwrap().success());
}

/// What was kept of an exam that goes on is damaged when the computer starts again. The server gives it anew; without a server the word that
/// its papers are collected counts, and the next exam begins at once.
#[test]
fn an_exam_that_goes_on_outlives_damage_of_what_was_kept_of_it() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    // Both are due from the start on, so that the next one only waits for the end of the first.
    let room = Room::with_lead(home.path(), &server, "Hall 1", 3_600);
    let now_ms = invigil_clock::wall_ms();
    let first = exam(&server, "Hall 1", "First", now_ms + 60_000, now_ms + 3_600_000);
    let next = exam(&server, "Hall 1", "Next", now_ms + 3_000_000, now_ms + 7_200_000);
    let mut service = room.start();
    room.wait_recorded(first, 3_000);
    let kept = [first, next].map(|recording| room.spool.join(recording.to_string()).join("enrolment.json"));
    wait_for("both were taken", LIMIT, || Ok(kept.iter().all(|kept| kept.exists()).then_some(()))).unwrap();
    service.kill().unwrap();
    std::fs::write(&kept[0], "no enrolment").unwrap();
    let mut service = room.start_without_code();
    room.wait_recorded(first, 3_000);
    assert_ne!(std::fs::read(&kept[0]).unwrap(), b"no enrolment");

    service.kill().unwrap();
    server.kill().unwrap();
    std::fs::write(&kept[0], "no enrolment").unwrap();
    let mut service = room.start_without_code();
    wait_said(&service, "not-recording", 1);
    assert!(room.status()["recording"].is_null());
    let word = |early| room.say(&serde_json::json!({ "command": "collected", "early": early, "recording": first }));
    assert_eq!(word(false)["result"], "too-early");
    assert_eq!(word(true)["result"], "done");
    room.wait_recorded(next, 3_000);
    assert_eq!(word(true)["result"], "ended-already", "said twice");
    server.start().unwrap();
    assert!(service.stop(LIMIT).unwrap().success());
}

/// Staff make a new room code in the middle of an exam and put it into the same computer: the tokens of what is recorded are worth nothing by
/// that, and are renewed.
#[test]
fn a_new_code_for_the_same_computer_in_mid_exam_keeps_what_is_recorded_on_line() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let now_ms = invigil_clock::wall_ms();
    let recording = exam(&server, "Hall 1", "First", now_ms + 5_000, now_ms + 3_600_000);
    let mut service = room.start();
    room.wait_recorded(recording, 3_000);
    let (text, _) = server.command(&["room", "code"], &["--name", "Hall 1", "--json"]).unwrap();
    let added: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let code = room.config.with_file_name("room-code");
    // Whole, and never readable by others.
    let new = code.with_extension("new");
    std::fs::write(&new, added["join"].as_str().unwrap()).unwrap();
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::rename(&new, &code).unwrap();
    wait_said(&service, "enrolled", 2);
    // By then a heartbeat was refused.
    std::thread::sleep(Duration::from_secs(10));
    wait_for("the server takes what is recorded", LIMIT, || Ok((room.status()["recording"]["online"] == true).then_some(()))).unwrap();
    assert_eq!(said(&service, "started").len(), 1, "it was recorded all the time");
    assert!(room.command(&["collected", "--early"]).status.success());
    room.receipt(recording);
    assert!(service.stop(LIMIT).unwrap().success());
}

/// P1: the disk is full of an exam that is over, recorded without a network, and the next one is to go on: what is over goes up first, because only that makes room.
#[test]
fn a_room_whose_disk_is_full_of_an_exam_that_is_over_brings_it_up_and_records_the_next() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can mount a disk of its own");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    // Both are due from the start on, so that the next one only waits for the end of the first.
    let room = Room::with_lead(home.path(), &server, "Hall 1", 3_600);
    let disk = Mount::ext4(&room.spool, 160).unwrap();
    let config = std::fs::read_to_string(&room.config).unwrap();
    std::fs::write(&room.config, format!("{config}spool_reserve_mib = 1\n")).unwrap();
    let now_ms = invigil_clock::wall_ms();
    let first = exam(&server, "Hall 1", "First", now_ms + 60_000, now_ms + 3_600_000);
    let next = exam(&server, "Hall 1", "Next", now_ms + 3_000_000, now_ms + 7_200_000);
    let mut service = room.start();
    room.wait_recorded(first, 1_000);
    let kept = room.spool.join(next.to_string()).join("enrolment.json");
    wait_for("the next one was taken", LIMIT, || Ok(kept.exists().then_some(()))).unwrap();
    server.kill().unwrap();
    room.wait_recorded(first, 25_000);
    assert_eq!(room.say(&serde_json::json!({ "command": "collected", "early": true, "recording": first }))["result"], "done");
    room.wait_recorded(next, 1_000);
    assert!(service.stop(LIMIT).unwrap().success());
    // Of the next one nothing waits here that could make room.
    let footage = |recording: RecordingId| {
        let mut files = footage(&room.spool).unwrap();
        files.retain(|file| file.starts_with(room.spool.join(recording.to_string())));
        files
    };
    footage(next).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    assert!(!footage(first).is_empty());
    disk.fill(0).unwrap();

    let mut service = room.start_without_code();
    wait_said(&service, "capture-paused", 1);
    assert_eq!(said(&service, "started"), [""; 0]);
    server.start().unwrap();
    room.receipt(first);
    assert!(footage(first).is_empty());
    wait_said(&service, "started", 1);
    // That room is little more than what is kept in reserve.
    disk.make_room().unwrap();
    room.wait_recorded(next, 3_000);
    assert!(room.command(&["collected", "--early"]).status.success());
    room.receipt(next);
    assert!(service.stop(LIMIT).unwrap().success());
}
