use invigil_tests::agent::{Agent, Start};
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, wait_for};
use std::collections::BTreeMap;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// A room with nine cameras of four kinds in one agent, of which eight deliver: one of these loses its power and comes back, the ninth is never there,
/// and the others do not notice. The server says which camera is gone, and afterwards what each lacks and why.
#[test]
fn eight_cameras_in_one_agent_do_not_disturb_each_other() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let hall = IpCamera::start(&["--size", "320x180", "--mounts", "5"]).unwrap();
    let mut weak = IpCamera::start(&["--size", "320x180"]).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Hall:1"] }).unwrap();
    let join = &exam.joins[0];
    let clip = format!("file:{}", invigil_tests::clip().unwrap().display());
    let gone = format!("rtsp://127.0.0.1:{}/camera", invigil_tests::ip_camera::free_port().unwrap());
    let cameras = [hall.url(0), weak.url(0), clip, hall.url(1), gone, "test".into(), hall.url(2), hall.url(3), hall.url(4)];
    let spool = home.path().join("spool");
    let mut agent =
        Agent::start(&Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[] }).unwrap();
    agent.wait_recorded(8_000, Duration::from_secs(90)).unwrap();
    let lost_on_server = |tracks: &[&str]| {
        wait_for(&format!("the server says that {tracks:?} and no others are lost"), LIMIT, || {
            let conditions = server.recording(join.recording)?.conditions;
            let lost = conditions.iter().filter(|one| one.condition == "camera-lost").map(|one| one.track.as_deref().unwrap_or_default());
            Ok((lost.collect::<Vec<_>>() == tracks).then_some(conditions))
        })
        .unwrap()
    };
    lost_on_server(&["cam4"]);
    weak.kill().unwrap();
    let killed_us = invigil_clock::boottime_us();
    let conditions = lost_on_server(&["cam1", "cam4"]);
    eprintln!("told on the server {} ms after the power cut: {conditions:?}", (invigil_clock::boottime_us() - killed_us) / 1000);
    assert!(conditions.iter().all(|one| one.condition != "camera-lost" || !one.reason.is_empty()), "{conditions:?}");
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 6_000, Duration::from_secs(60)).unwrap();
    let weak = IpCamera::start_at(weak.port(), &["--size", "320x180"]).unwrap();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 8_000, Duration::from_secs(60)).unwrap();
    lost_on_server(&["cam4"]);
    let journal = disk::files(&spool).unwrap().into_iter().find(|file| file.ends_with("journal.jsonl")).unwrap();
    let journal = std::fs::read_to_string(journal).unwrap().replace('\\', "");
    assert!(agent.stop(Duration::from_secs(60)).unwrap().success());
    drop((weak, hall));
    let told = |kind: &str| journal.lines().filter(|line| line.contains(&format!("\"{kind}\""))).collect::<Vec<_>>();
    for kind in ["camera-lost", "camera-back"] {
        let events = told(kind);
        assert!(events.iter().any(|line| line.contains("\"cam1\"")), "{kind}: {events:?}");
        assert!(events.iter().all(|line| line.contains("\"cam1\"") || line.contains("\"cam4\"")), "{kind}: {events:?}");
    }
    assert_eq!(told("track-started").len(), 8);

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let mut tracks = BTreeMap::new();
    for file in disk::files(&out).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
        let name = file.to_string_lossy().into_owned();
        let track = (0..9).find(|track| name.contains(&format!("cam{track}"))).unwrap();
        assert!(tracks.insert(track, decode::decode(&file).unwrap()).is_none(), "two files of cam{track}");
    }
    assert_eq!(tracks.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 5, 6, 7, 8]);
    let view = server.recording(join.recording).unwrap();
    eprintln!("missing: {:?}\nof each track: {:#?}", view.missing, view.track_missing);
    // What a track lacks between its first picture and its last as the server shows it.
    let lacks = |track: &str| {
        let own = view.footage.iter().filter(|part| part.track == track);
        let (first, last) = own.fold((i64::MAX, i64::MIN), |(from, to), part| (from.min(part.from_ms), to.max(part.to_ms)));
        view.track_missing.iter().filter(move |part| part.track == track && part.from_ms >= first && part.to_ms <= last).collect::<Vec<_>>()
    };
    for (track, decoded) in &tracks {
        let span = decoded.times_secs.last().unwrap() - decoded.times_secs.first().unwrap();
        let gaps = decoded.gaps(0.7);
        eprintln!("cam{track}: {} pictures in {span:.1} s, gaps {gaps:?}", decoded.frames());
        assert!(decoded.errors.is_empty(), "cam{track}: {:?}", decoded.errors);
        assert_eq!(decoded.doubled(), 0, "cam{track}");
        assert!(span > 18.0, "cam{track}: {span} s");
        assert_eq!(gaps.len(), usize::from(*track == 1), "cam{track}: {gaps:?}");
        // 25 a second are passed through, at most 15 are encoded.
        let least = if matches!(track, 2 | 5) { 13.0 } else { 24.0 };
        let away: f64 = gaps.iter().map(|(_, secs)| secs).sum();
        assert!(decoded.frames() as f64 >= (span - away) * least, "cam{track}: {} pictures in {span} s", decoded.frames());
        // The server knows of the same gap, by its own account and with its cause.
        let shown: Vec<_> = lacks(&format!("cam{track}")).iter().map(|part| (part.cause.as_str(), part.to_ms - part.from_ms)).collect();
        assert!(shown.iter().all(|(cause, _)| *cause == "camera-lost") && shown.len() == gaps.len(), "cam{track}: {shown:?}, {gaps:?}");
        let shown_secs = shown.iter().map(|(_, ms)| *ms).sum::<i64>() as f64 / 1000.0;
        assert!((shown_secs - away).abs() < 1.0, "cam{track}: {shown:?}, {gaps:?}");
    }
    // Of the camera that was never there, all of the time in which the others recorded.
    assert!(view.footage.iter().all(|part| part.track != "cam4"));
    let (begun, ended) = (view.footage.iter().map(|part| part.from_ms).min(), view.footage.iter().map(|part| part.to_ms).max());
    let never = view
        .track_missing
        .iter()
        .filter(|part| part.track == "cam4" && part.cause == "camera-lost")
        .max_by_key(|part| part.to_ms - part.from_ms);
    let (never, begun, ended) = (never.unwrap(), begun.unwrap(), ended.unwrap());
    assert!(never.from_ms <= begun + 1_000 && never.to_ms >= ended - 1_000, "{never:?}, footage from {begun} to {ended}");
    assert!(view.missing.iter().all(|part| part.cause != "camera-lost"), "the others recorded: {:?}", view.missing);
}
