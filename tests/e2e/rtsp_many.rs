use invigil_tests::agent::{Agent, Start};
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk};
use std::collections::BTreeMap;
use std::time::Duration;

/// A room with eight cameras of four kinds in one agent: one of them loses its power and comes back, another is never there, and the others do not
/// notice.
#[test]
fn eight_cameras_in_one_agent_do_not_disturb_each_other() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let hall = IpCamera::start(&["--size", "320x180", "--mounts", "4"]).unwrap();
    let mut weak = IpCamera::start(&["--size", "320x180"]).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Hall:1"] }).unwrap();
    let join = &exam.joins[0];
    let clip = format!("file:{}", invigil_tests::clip().unwrap().display());
    let gone = format!("rtsp://127.0.0.1:{}/camera", invigil_tests::ip_camera::free_port().unwrap());
    let cameras = [hall.url(0), weak.url(0), clip, hall.url(1), gone, "test".into(), hall.url(2), hall.url(3)];
    let spool = home.path().join("spool");
    let mut agent =
        Agent::start(&Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[] }).unwrap();
    agent.wait_recorded(8_000, Duration::from_secs(90)).unwrap();
    weak.kill().unwrap();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 6_000, Duration::from_secs(60)).unwrap();
    let weak = IpCamera::start_at(weak.port(), &["--size", "320x180"]).unwrap();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 8_000, Duration::from_secs(60)).unwrap();
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
    assert_eq!(told("track-started").len(), 7);

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let mut tracks = BTreeMap::new();
    for file in disk::files(&out).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
        let name = file.to_string_lossy().into_owned();
        let track = (0..8).find(|track| name.contains(&format!("cam{track}"))).unwrap();
        assert!(tracks.insert(track, decode::decode(&file).unwrap()).is_none(), "two files of cam{track}");
    }
    assert_eq!(tracks.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 5, 6, 7]);
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
    }
}
