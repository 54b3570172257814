//! Nobody says that the papers of an exam are collected, and the next exam of the room starts.

use super::*;
use invigil_tests::decode;
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::pulse::Pulse;
use std::collections::BTreeSet;

/// Pictures that a busy machine may drop between two that were recorded.
const DROPPED: u32 = 3;

/// What is recorded now, the one that was to end first before the others.
fn titles(status: &serde_json::Value) -> Vec<String> {
    let all = [&status["recording"]].into_iter().chain(status["beside"].as_array().unwrap());
    all.filter_map(|now| Some(now["title"].as_str()?.to_owned())).collect()
}

/// Both are recorded from then on, through a kill too; when the first is ended at last the other one goes on without a gap.
#[test]
fn an_exam_that_starts_while_the_one_before_goes_on_is_recorded_beside_it() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::with_lead(home.path(), &server, "Hall 1", 20);
    let now_ms = invigil_clock::wall_ms();
    let starts_ms = now_ms + 45_000;
    let first = exam(&server, "Hall 1", "First", now_ms + 26_000, now_ms + 30_000);
    let next = exam(&server, "Hall 1", "Next", starts_ms, now_ms + 3_600_000);
    let mut service = room.start();
    wait_said(&service, "started", 1);
    wait_for("the next exam is due", LIMIT, || Ok((room.status()["waiting_exams"] == serde_json::json!(["Next"])).then_some(()))).unwrap();

    // Its start comes, and nobody has said anything.
    let said_so = wait_said(&service, "beside", 1);
    let late_ms = invigil_clock::wall_ms() - starts_ms;
    eprintln!("recorded beside the first {late_ms} ms after its start");
    assert!(said_so.contains("Next") && said_so.contains("papers of First"), "{said_so}");
    assert!((-5_000..5_000).contains(&late_ms), "{late_ms} ms");
    room.wait_recorded(next, 5_000);
    let status = room.status();
    assert_eq!(titles(&status), ["First", "Next"], "{status:#}");
    assert_eq!((&status["recording"]["end_passed"], &status["waiting_exams"]), (&true.into(), &serde_json::json!([])), "{status:#}");
    let words = room.command(&["status"]);
    let words = String::from_utf8_lossy(&words.stdout);
    assert!(words.contains("TWO EXAMS ARE RECORDED AT ONCE") && words.contains(&format!("collected --recording {next}")), "{words}");
    wait_for("the question says so, too", LIMIT, || {
        Ok(said(&service, "end-passed").iter().any(|text| text.contains("of First") && text.contains("TWO EXAMS")).then_some(()))
    })
    .unwrap();

    // Killed: the next life goes on with both.
    service.kill().unwrap();
    let mut service = room.start_without_code();
    room.wait_recorded(first, 5_000);
    room.wait_recorded(next, 5_000);
    assert_eq!(titles(&room.status()), ["First", "Next"]);

    // The word without a name is for the first one.
    let collected = room.command(&["collected"]);
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stdout));
    assert!(String::from_utf8_lossy(&collected.stdout).contains("First ends now; that of Next goes on"));
    wait_said(&service, "goes-on", 1);
    let ended = wait_view(&server, first, "the first recording has ended on the server", |view| view.ended_ms.is_some());
    assert_eq!(ended.state, "finished");
    let status = room.status();
    assert_eq!(titles(&status), ["Next"], "{status:#}");
    // Said twice.
    let again = room.command(&["collected"]);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stdout));
    assert!(String::from_utf8_lossy(&again.stdout).contains("First has ended"));
    let recorded_ms = room.status()["recording"]["recorded_ms"].as_u64().unwrap();
    room.wait_recorded(next, recorded_ms + 5_000);
    room.receipt(first);
    let (_, fine) = server.command(&["exam", "collected"], &["--recording", &next.to_string()]).unwrap();
    assert!(fine);
    wait_said(&service, "ended", 2);
    room.receipt(next);
    assert!(service.stop(LIMIT).unwrap().success());

    for track in ["cam0", "cam1"] {
        let one = numbers(&server, first, track, &home.path().join(format!("first-{track}")));
        let two = numbers(&server, next, track, &home.path().join(format!("next-{track}")));
        let ([one, one_then], [two, two_then]) = [one, two].map(lives).into();
        // The first life: the next exam's pictures are the first one's, too.
        let both: Vec<u32> = one.iter().copied().filter(|number| *number >= two[0]).collect();
        eprintln!(
            "{track}: the first life's pictures {} to {}, and of the exam beside it {} to {}",
            one[0],
            one[one.len() - 1],
            two[0],
            two[two.len() - 1]
        );
        assert!(both.len() > 40 && two.len() > 40 && one.len() > both.len() + 100, "{} {} {}", one.len(), both.len(), two.len());
        let shared = both.iter().filter(|number| two.contains(number)).count();
        assert!(shared * 10 > both.len().min(two.len()) * 8, "{track}: {shared} are in both of {both:?} and {two:?}");
        // The second life: the first exam ends, and the other one goes on over that end.
        let (begin, end) = (two_then[0], one_then[one_then.len() - 1]);
        eprintln!(
            "{track}: the second life's pictures {} to {end}, and of the exam beside it {begin} to {}",
            one_then[0],
            two_then[two_then.len() - 1]
        );
        assert!(two_then.iter().any(|number| *number > end + 40), "it goes on");
        assert!(end > begin + 40, "both were recorded");
        for pictures in [&one, &two, &one_then, &two_then] {
            assert!(pictures.windows(2).all(|pair| pair[0] < pair[1]), "{track}: each picture once and in order: {pictures:?}");
        }
        let around: Vec<u32> = two_then.iter().copied().filter(|number| (end - 8..end + 8).contains(number)).collect();
        eprintln!("{track}: around the end of the first, picture {end}: {around:?}");
        let last = two_then.iter().rfind(|number| **number <= end).unwrap();
        let following = two_then.iter().find(|number| **number > end).unwrap();
        assert!(following - last <= 1 + DROPPED, "{track}: {last} and {following}, though the first ended with {end}");
    }
    // Nothing of its window is missing but what the kill cost.
    let view = server.recording(next).unwrap();
    assert!(view.footage.iter().map(|stretch| stretch.from_ms).min().unwrap() <= starts_ms, "{:?}", view.footage);
    eprintln!("missing of the next exam's window: {:?}", view.missing);
    let missing_ms: i64 =
        view.missing.iter().filter(|missing| missing.from_ms < view.ended_ms.unwrap()).map(|missing| missing.to_ms - missing.from_ms).sum();
    assert!(missing_ms < 10_000, "{:?}", view.missing);
    let (report, _) = server.command(&["check"], &["--json"]).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["problems"], serde_json::json!([]), "{report:#}");
}

/// A day on which nobody ever says that papers are collected: each exam is recorded from its start on, four at once, and a fifth waits until one of them, whichever,
/// is ended. Of the others nothing is lost by that.
#[test]
fn a_day_of_exams_that_nobody_ends_is_recorded_all_the_same() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let now_ms = invigil_clock::wall_ms();
    let starts: Vec<i64> = (0..5).map(|n| now_ms + 14_000 + n * 12_000).collect();
    let day = ["A", "B", "C", "D", "E"].map(|title| {
        let starts_ms = starts[usize::from(title.as_bytes()[0] - b'A')];
        // The last one has hours, the others are over soon.
        exam(&server, "Hall 1", title, starts_ms, if title == "E" { now_ms + 3_600_000 } else { starts_ms + 4_000 })
    });
    let [a, b, c, d, e] = day;
    let mut service = room.start();
    let said_so = wait_said(&service, "beside", 3);
    assert!(
        said_so.contains("FOUR EXAMS ARE RECORDED AT ONCE, from the same cameras: A, B, C and D: D starts, and nobody has said"),
        "{said_so}"
    );
    wait_for("the fifth has started and waits", LIMIT, || {
        Ok(Some(room.status())
            .filter(|status| status["waiting_exams"] == serde_json::json!(["E"]) && invigil_clock::wall_ms() > starts[4] + 4_000))
    })
    .unwrap();
    assert_eq!(titles(&room.status()), ["A", "B", "C", "D"]);
    let words = String::from_utf8_lossy(&room.command(&["status"]).stdout).into_owned();
    for part in [
        "FOUR EXAMS ARE RECORDED AT ONCE",
        "WAITING until one of them is ended, and its own start has come: E",
        &format!("collected --recording {c}"),
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }

    // One in the middle is over: the fifth begins, the others go on.
    let collected = room.command(&["collected", "--recording", &c.to_string()]);
    let answer = String::from_utf8_lossy(&collected.stdout).into_owned();
    assert!(collected.status.success() && answer.contains("C ends now; those of A, B and D go on"), "{answer}");
    wait_said(&service, "beside", 4);
    room.wait_recorded(e, 5_000);
    assert_eq!(titles(&room.status()), ["A", "B", "D", "E"]);
    // So is the one that the cameras have for the first.
    let collected = room.command(&["collected", "--recording", &a.to_string()]);
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stdout));
    wait_said(&service, "goes-on", 2);
    let recorded_ms = room.status()["recording"]["recorded_ms"].as_u64().unwrap();
    room.wait_recorded(b, recorded_ms + 4_000);
    for recording in [b, d, e] {
        let (_, fine) = server.command(&["exam", "collected"], &["--recording", &recording.to_string()]).unwrap();
        assert!(fine);
    }
    wait_said(&service, "ended", 5);
    day.iter().for_each(|recording| room.receipt(*recording));
    assert!(service.stop(LIMIT).unwrap().success());

    for (place, recording) in day.iter().enumerate() {
        let view = server.recording(*recording).unwrap();
        let first_ms = view.footage.iter().map(|stretch| stretch.from_ms).min().unwrap();
        eprintln!("exam {place}: recorded from {} ms after its start on", first_ms - starts[place]);
        if place < 4 {
            assert!(first_ms <= starts[place], "{place}: {:?}", view.footage);
        } else {
            eprintln!("missing of the fifth: {:?}", view.missing);
            assert!(first_ms > starts[place] && !view.missing.is_empty(), "what it waited is missing: {:?}", view.missing);
        }
    }
    for track in ["cam0", "cam1"] {
        let of = |place: usize| numbers(&server, day[place], track, &home.path().join(format!("{place}-{track}")));
        let pictures: Vec<Vec<u32>> = (0..5).map(of).collect();
        // A busy machine's test camera leaves pictures out, of all of them.
        let delivered: BTreeSet<u32> = pictures.iter().flatten().copied().collect();
        for (place, pictures) in pictures.iter().enumerate() {
            let (first, last) = (pictures[0], pictures[pictures.len() - 1]);
            eprintln!("exam {place}, {track}: {} pictures, {first} to {last}", pictures.len());
            assert!(pictures.len() > 60, "{place} {track}: {pictures:?}");
            for pair in pictures.windows(2) {
                assert!(pair[0] < pair[1], "{place} {track}: each once and in order: {pictures:?}");
                let dropped = delivered.range(pair[0] + 1..pair[1]).count();
                assert!(dropped <= DROPPED as usize, "{place} {track}: {dropped} between {pair:?}, which another exam has");
            }
        }
    }
    let (report, _) = server.command(&["check"], &["--json"]).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["problems"], serde_json::json!([]), "{report:#}");
}

/// The exam that starts has a policy of its own, with sound and smaller and fewer pictures: it gets what its policy asks for from the cameras that are open, and the
/// exam before gets no sound.
#[test]
fn an_exam_beside_another_one_gets_its_own_picture_and_sound() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    let own = [("width", 320), ("height", 240), ("fps", 10)].map(|(name, value)| (format!("capture.{name}"), toml::Value::Integer(value)));
    let mut own: Vec<(&str, toml::Value)> = own.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    own.push(("capture.sound", toml::Value::Boolean(true)));
    server.add_policy("oral", "kbtu", &own).unwrap();
    server.start().unwrap();
    let pulse = Pulse::start(&home.path().join("pulse")).unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let now_ms = invigil_clock::wall_ms();
    let first = exam(&server, "Hall 1", "First", now_ms + 14_000, now_ms + 16_000);
    let oral = exam_by(&server, "oral", "Hall 1", "Oral", now_ms + 26_000, now_ms + 3_600_000);
    let environment = pulse.environment();
    let mut environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    environment.push(("INVIGIL_ROOM_CODE", &room.code));
    let mut service = Agent::service(&room.config, &environment).unwrap();
    assert!(wait_said(&service, "beside", 1).contains("stay open with the size and rate that First asks for"));
    room.wait_recorded(oral, 8_000);
    assert!(room.command(&["collected"]).status.success());
    wait_said(&service, "goes-on", 1);
    let recorded_ms = room.status()["recording"]["recorded_ms"].as_u64().unwrap();
    room.wait_recorded(oral, recorded_ms + 5_000);
    assert!(room.command(&["collected", "--early"]).status.success());
    wait_said(&service, "ended", 2);
    room.receipt(first);
    room.receipt(oral);
    assert!(service.stop(LIMIT).unwrap().success());

    let tracks = |recording, out: &str| -> Vec<(String, String)> {
        let (report, whole) = server.open_footage(recording, &home.path().join(out)).unwrap();
        assert!(whole, "{report:#}");
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        report["tracks"].as_array().unwrap().iter().map(|file| (text(&file["track"]), text(&file["file"]))).collect()
    };
    let (of_first, of_oral) = (tracks(first, "of-first"), tracks(oral, "of-oral"));
    let names = |tracks: &[(String, String)]| tracks.iter().map(|(track, _)| track.clone()).collect::<Vec<_>>();
    let with_sound = |tracks: &[(String, String)]| names(tracks).iter().any(|track| track == "mic0");
    assert!(!with_sound(&of_first) && with_sound(&of_oral), "{:?} {:?}", names(&of_first), names(&of_oral));
    let shape = |tracks: &[(String, String)], track: &str, entries: &str| {
        let file = tracks.iter().find(|(name, _)| name == track).unwrap();
        let output =
            Command::new("ffprobe").args(["-v", "error", "-count_packets", "-show_entries", entries, "-of", "csv=p=0", &file.1]).output();
        String::from_utf8_lossy(&output.unwrap().stdout).trim().to_owned()
    };
    assert_eq!(shape(&of_first, "cam0", "stream=width,height"), "640,480");
    assert_eq!(shape(&of_oral, "cam0", "stream=width,height"), "320,240");
    let duration = |track| shape(&of_oral, track, "format=duration").parse::<f64>().unwrap();
    let (picture_secs, sound_secs) = (duration("cam0"), duration("mic0"));
    let pictures: f64 = shape(&of_oral, "cam0", "stream=nb_read_packets").parse().unwrap();
    eprintln!("beside: {pictures} pictures in {picture_secs} s, {sound_secs} s of sound");
    assert!((5.0..10.6).contains(&(pictures / picture_secs)), "{pictures} pictures in {picture_secs} s");
    assert!(sound_secs > 10.0 && (sound_secs - picture_secs).abs() < 4.0, "{sound_secs} s of sound beside {picture_secs} s");
}

/// An IP camera's own H.264: the later exam begins with a key frame, and misses nothing when the first is ended.
#[test]
fn an_exam_beside_another_one_gets_an_ip_cameras_own_pictures() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let camera = IpCamera::start(&["--codec", "h264"]).unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let config = std::fs::read_to_string(&room.config).unwrap();
    std::fs::write(&room.config, config.replace("\"test\", \"test\"", &format!("\"{}\"", camera.url(0)))).unwrap();
    let now_ms = invigil_clock::wall_ms();
    let first = exam(&server, "Hall 1", "First", now_ms + 14_000, now_ms + 16_000);
    let next = exam(&server, "Hall 1", "Next", now_ms + 26_000, now_ms + 3_600_000);
    let mut service = room.start();
    wait_said(&service, "beside", 1);
    room.wait_recorded(next, 8_000);
    assert!(room.command(&["collected"]).status.success());
    wait_said(&service, "goes-on", 1);
    let recorded_ms = room.status()["recording"]["recorded_ms"].as_u64().unwrap();
    room.wait_recorded(next, recorded_ms + 5_000);
    assert!(room.command(&["collected", "--early"]).status.success());
    wait_said(&service, "ended", 2);
    room.receipt(first);
    room.receipt(next);
    assert!(service.stop(LIMIT).unwrap().success());
    for (recording, name, secs) in [(first, "first", 18.0), (next, "next", 12.0)] {
        let (report, whole) = server.open_footage(recording, &home.path().join(name)).unwrap();
        assert!(whole, "{report:#}");
        let files = report["tracks"].as_array().unwrap().iter().filter(|file| file["track"] == "cam0");
        let files: Vec<_> = files.map(|file| file["file"].as_str().unwrap()).collect();
        let [file] = files[..] else { panic!("one run, and no break in it: {files:?}") };
        let decoded = decode::decode(Path::new(file)).unwrap();
        assert_eq!(decoded.errors, [""; 0], "{name}: it decodes from its first picture on");
        let times = decoded.times_secs;
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        let length = times[times.len() - 1] - times[0];
        eprintln!("{name}: {} pictures of the camera in {length:.1} s, at most {longest:.3} s apart", times.len());
        assert!(length > secs && longest < 0.5, "{name}: {length} s, {longest} s apart");
    }
}

/// Numbers begin anew with the second life.
fn lives(pictures: Vec<u32>) -> [Vec<u32>; 2] {
    let second = pictures.windows(2).position(|pair| pair[1] < pair[0]).map(|at| at + 1).unwrap();
    [pictures[..second].to_vec(), pictures[second..].to_vec()]
}

/// An exam that cannot begin keeps no place from another one: here what was kept of it makes no sense, and there is no server that could be asked again.
#[test]
fn an_exam_that_cannot_begin_keeps_no_place_from_another_one() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let mut service = room.start();
    wait_said(&service, "enrolled", 1);
    let now_ms = invigil_clock::wall_ms();
    let first = exam(&server, "Hall 1", "First", now_ms + 5_000, now_ms + 8_000);
    let [broken, whole] =
        [("Broken", 0), ("Whole", 1000)].map(|(title, later)| exam(&server, "Hall 1", title, now_ms + 40_000 + later, now_ms + 3_600_000));
    let kept = [broken, whole].map(|recording| room.spool.join(recording.to_string()).join("enrolment.json"));
    wait_for("the exams were taken ahead", LIMIT, || Ok(kept.iter().all(|kept| kept.exists()).then_some(()))).unwrap();
    room.wait_recorded(first, 3_000);
    server.kill().unwrap();
    std::fs::write(&kept[0], "no enrolment").unwrap();
    wait_said(&service, "not-recording", 1);
    let status = wait_for("the exam that can begin is recorded beside the first", LIMIT, || {
        Ok(Some(room.status()).filter(|status| status["beside"][0]["recording"] == whole.to_string()))
    })
    .unwrap();
    assert_eq!(status["recording"]["title"], "First", "{status:#}");
    let said = said(&service, "not-recording");
    assert!(said[0].contains("ONLY First IS RECORDED"), "{said:?}");
    assert_eq!(std::fs::read(&kept[0]).unwrap(), b"no enrolment", "kept for whoever looks into it");
    server.start().unwrap();
    assert!(service.stop(LIMIT).unwrap().success());
}
