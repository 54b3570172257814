use invigil_format::{Event, MissingCause, RecordingReceipt};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, journal, wait_for};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);
/// How long the agent gets no processor, ms.
const HELD_MS: i64 = 6_000;

/// P1: an agent that the computer does not run for seconds says so in its journal, and what is missing has that cause: while the exam goes on, and in the receipt.
#[test]
fn an_agent_without_a_processor_for_seconds_names_what_is_missing() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    let small = [("capture.width", 320.into()), ("capture.height", 180.into()), ("capture.fps", 10.into())];
    server.add_policy("small", "kbtu", &small).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "small", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let (join, spool) = (&exam.joins[0], home.path().join("spool"));
    let (url, cameras) = (server.url(), ["test".to_owned()]);
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, LIMIT).unwrap();
    let held_ms = invigil_clock::wall_ms();
    agent.hold().unwrap();
    std::thread::sleep(Duration::from_millis(HELD_MS as u64));
    agent.go_on().unwrap();
    let went_on_ms = invigil_clock::wall_ms();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 6_000, LIMIT).unwrap();

    let secs = |event: &Event| if let Event::HeldUp { from_us, to_us } = event { Some((to_us - from_us) as f64 / 1e6) } else { None };
    // It looks once a second. The last line may be half written.
    let journalled = wait_for("the journal's entry", LIMIT, || {
        let events = journal::events(&spool).unwrap_or_default();
        Ok(events.iter().filter_map(secs).find(|secs| (4.9..9.0).contains(secs)))
    })
    .unwrap();
    let lines = agent.lines();
    assert!(lines.iter().any(|line| line["event"] == "held-up"), "nothing is said to the person: {lines:?}");

    let is_of_it = |from_ms: i64, to_ms: i64| from_ms < went_on_ms && to_ms > held_ms;
    // Its journal may arrive after its pictures.
    let named = || {
        let missing = server.recording(join.recording)?.missing;
        Ok(missing.into_iter().find(|part| is_of_it(part.from_ms, part.to_ms) && part.cause == "computer-too-busy"))
    };
    let named = wait_for("the cause, while the agent records", LIMIT, named).unwrap();
    eprintln!("journalled {journalled:.1} s; missing {:.1} s", (named.to_ms - named.from_ms) as f64 / 1e3);
    assert!((HELD_MS - 1_000..HELD_MS + 3_000).contains(&(named.to_ms - named.from_ms)), "{named:?}");

    assert!(agent.stop(LIMIT).unwrap().success());
    let receipt: RecordingReceipt = serde_json::from_value(agent.latest("receipt").unwrap()).unwrap();
    let of_it: Vec<_> = receipt.missing.iter().filter(|part| is_of_it(part.from_ms, part.to_ms)).collect();
    let [part] = of_it[..] else { panic!("{receipt:#?}") };
    assert_eq!((part.cause, part.from_ms, part.to_ms), (MissingCause::ComputerTooBusy, named.from_ms, named.to_ms), "{receipt:#?}");
    let file = spool.join(format!("receipt-{}.json", join.recording));
    let said =
        Command::new(binary("invigil-agent").unwrap()).arg("receipt").arg(file).args(["--fingerprint", &join.link]).output().unwrap();
    assert!(said.status.success() && String::from_utf8_lossy(&said.stdout).contains("too busy"), "{said:?}");
    let view = server.recording(join.recording).unwrap();
    assert_eq!(view.outages, [], "a few seconds are no disconnect");
}

/// How much of each fifth of a second the agent may run, ms.
const SHARE_MS: u64 = 10;

/// An agent that gets a twentieth of the processor, in slices too short to count as held up: that it does not keep up is told here and on the server.
#[test]
fn an_agent_with_too_little_processor_says_that_pictures_are_dropped() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    let large = [("capture.width", 1280.into()), ("capture.height", 720.into()), ("capture.fps", 25.into())];
    // Its pictures come whether or not the agent runs, and have to be decoded and encoded.
    let camera = IpCamera::start(&["--codec", "mjpeg", "--size", "1280x720"]).unwrap();
    server.add_policy("large", "kbtu", &large).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "large", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let (join, spool) = (&exam.joins[0], home.path().join("spool"));
    let (url, cameras) = (server.url(), [camera.url(0)]);
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(4_000, LIMIT).unwrap();

    let is_told = |line: &serde_json::Value| {
        line["event"] == "condition-began" && line["message"].as_str().is_some_and(|text| text.contains("the processor does not keep up"))
    };
    let from_us = invigil_clock::boottime_us();
    let until = from_us + LIMIT.as_micros() as u64;
    let told = loop {
        agent.hold().unwrap();
        std::thread::sleep(Duration::from_millis(200 - SHARE_MS));
        agent.go_on().unwrap();
        std::thread::sleep(Duration::from_millis(SHARE_MS));
        if let Some(line) = agent.lines().into_iter().find(is_told) {
            break line;
        }
        assert!(invigil_clock::boottime_us() < until, "nothing is said to the person: {:?}", agent.lines().last());
    };
    eprintln!("told after {} ms: {}", (invigil_clock::boottime_us() - from_us) / 1000, told["message"]);
    // It lasts for 10 s after the last dropped picture, so that the server hears of it from an agent that runs again.
    let on_server = || Ok(server.recording(join.recording)?.conditions.into_iter().find(|one| one.condition == "cpu"));
    let shown = wait_for("the state on the server", LIMIT, on_server).unwrap();
    assert!(shown.track.is_none() && shown.reason.contains(" in 5 s"), "{shown:?}");
    assert!(agent.stop(LIMIT).unwrap().success());
}
