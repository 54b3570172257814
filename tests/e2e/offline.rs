#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use invigil_tests::agent::{Agent, Start};
use invigil_tests::proxy::Proxy;
use invigil_tests::server::{Exam, ExamAdded, Join, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, decode, disk, wait_for};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);
const DAY_MS: i64 = 86_400_000;

fn join(url: &str, join: &Join, spool: &Path, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary("invigil-agent").unwrap());
    command.args(["join", "--json", "--server", url, "--join", &join.join, "--spool"]).arg(spool);
    command.envs(environment.iter().copied()).output().unwrap()
}

fn said(agent: &Agent, event: &str) -> Option<String> {
    let lines = agent.lines();
    lines.iter().find(|line| line["event"] == event).map(|line| line["message"].as_str().unwrap_or_default().to_owned())
}

/// Joined days before; no network when the exam starts, and two lives without one: everything is recorded, uploaded later, opens, and the outage is shown.
#[test]
fn an_agent_that_joined_earlier_records_without_a_network_and_uploads_later() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    // A candidate whose computer has the right time, and one whose battery is dead: its clock is 400 days behind.
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now + 4_000, ends_ms: now + 3_600_000, candidates: &["A:1", "B:2"] }).unwrap();
    let behind = (-400 * DAY_MS).to_string();
    let clocks: [&[(&str, &str)]; 2] = [&[], &[("INVIGIL_WALL_AHEAD_MS", behind.as_str())]];
    let spools = [home.path().join("spool-0"), home.path().join("spool-1")];
    let url = proxy.url();
    for (candidate, spool) in exam.joins.iter().zip(&spools) {
        let output = join(&url, candidate, spool, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let prepared: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(prepared["recording"], candidate.recording.to_string());
        assert!(prepared["counts_until_ms"].as_i64().unwrap() > now + 30 * DAY_MS && prepared["lasts"] == true, "{prepared}");
    }
    proxy.cut();

    let cameras = ["test".to_owned()];
    let start = |n: usize| Start { url: &url, join: &exam.joins[n].join, spool: &spools[n], cameras: &cameras, environment: clocks[n] };
    let mut first = [Agent::start(&start(0)).unwrap(), Agent::start(&start(1)).unwrap()];
    for agent in &mut first {
        agent.wait_recorded(10_000, LIMIT).unwrap();
        assert!(said(agent, "not-recording").is_none());
        agent.kill().unwrap();
    }
    let mut second = [Agent::start(&start(0)).unwrap(), Agent::start(&start(1)).unwrap()];
    for agent in &mut second {
        agent.wait_recorded(20_000, LIMIT).unwrap();
        assert_eq!((agent.number("stored_segments"), agent.latest("link").unwrap()), (0, "down".into()));
    }
    proxy.restore();
    for agent in &mut second {
        let recorded = agent.number("recorded_ms");
        wait_for("the network is back", LIMIT, || Ok((agent.latest("link").is_some_and(|link| link == "up")).then_some(()))).unwrap();
        agent.wait_recorded(recorded + 5_000, LIMIT).unwrap();
        assert!(agent.stop(LIMIT).unwrap().success());
    }
    for (n, candidate) in exam.joins.iter().enumerate() {
        let out = home.path().join(format!("opened-{n}"));
        let (report, whole) = server.open_footage(candidate.recording, &out).unwrap();
        assert!(whole, "{report}");
        let videos: Vec<_> =
            disk::files(&out).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")).collect();
        let pictures: usize = videos.iter().map(|file| decode::decode(file).unwrap().times_secs.len()).sum();
        assert!(pictures >= 33 * 15, "{pictures} pictures of two lives");
        let view = server.recording(candidate.recording).unwrap();
        // Both lives stand where they were, by boot time, whatever the computer's clock said.
        let inside = |ms: i64| (now..invigil_clock::wall_ms()).contains(&ms);
        assert!(view.footage.iter().all(|part| inside(part.from_ms) && inside(part.to_ms)), "{:#?}", view.footage);
        assert!(view.missing.iter().all(|part| part.cause != "unknown" && part.cause != "not-yet-uploaded"), "{:#?}", view.missing);
        let longest = view.outages.iter().map(|outage| outage.upper_ms).max().unwrap_or(0);
        assert!(longest >= 25_000, "the outage is shown: {:#?}", view.outages);
        assert!(view.outages.iter().all(|outage| !outage.ongoing));
    }
}

/// An exam of one candidate whose computer has joined it (into `spool`), and whose network is cut now.
fn joined_and_cut_off(home: &Path) -> (Server, Proxy, ExamAdded) {
    let mut server = Server::init(&home.join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    assert!(join(&proxy.url(), &exam.joins[0], &home.join("spool"), &[]).status.success());
    proxy.cut();
    (server, proxy, exam)
}

/// Nothing is ever sealed to a key that is not certified: a computer by whose clock the review key has ended records nothing, says so at once and why.
#[test]
fn without_a_certified_review_key_nothing_is_recorded_and_it_is_said() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let (_server, proxy, exam) = joined_and_cut_off(home.path());
    let (url, spool) = (proxy.url(), home.path().join("spool"));
    let late = (20 * 365 * DAY_MS).to_string();
    let cameras = ["test".to_owned()];
    let environment = [("INVIGIL_WALL_AHEAD_MS", late.as_str())];
    let start = Start { url: &url, join: &exam.joins[0].join, spool: &spool, cameras: &cameras, environment: &environment };
    let mut agent = Agent::start(&start).unwrap();
    let why = wait_for("it says that nothing is recorded", LIMIT, || Ok(said(&agent, "not-recording"))).unwrap();
    assert!(why.contains("NOTHING IS RECORDED") && why.contains("has expired") && why.contains("set it"), "{why}");
    assert_eq!(agent.number("recorded_ms"), 0);
    agent.kill().unwrap();
    assert!(disk::files(&spool).unwrap().iter().all(|file| file.extension().is_none_or(|end| end != "seg")));
    // Joining with such a clock fails and names it.
    proxy.restore();
    let output = join(&url, &exam.joins[0], &spool, &environment);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("date and time"), "{}", String::from_utf8_lossy(&output.stderr));
    // With the right clock it records.
    let right = Start { environment: &[], ..start };
    let mut agent = Agent::start(&right).unwrap();
    agent.wait_recorded(2_000, LIMIT).unwrap();
    assert!(agent.stop(LIMIT).unwrap().success());
}

/// A policy that somebody has altered on the disk records nothing by itself: the server is asked, and until it answers the agent says what is the matter.
#[test]
fn what_was_altered_on_the_disk_is_not_recorded_by_and_the_server_is_asked_again() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let (_server, proxy, exam) = joined_and_cut_off(home.path());
    let (url, spool) = (proxy.url(), home.path().join("spool"));
    let kept = spool.join(exam.joins[0].recording.to_string()).join("enrolment.json");
    let text = std::fs::read_to_string(&kept).unwrap();
    let altered = text.replacen("\"fps\":15", "\"fps\":1", 1);
    assert_ne!(altered, text);
    std::fs::write(&kept, &altered).unwrap();
    let cameras = ["test".to_owned()];
    let start = Start { url: &url, join: &exam.joins[0].join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    let why = wait_for("it says that nothing is recorded", LIMIT, || Ok(said(&agent, "not-recording"))).unwrap();
    assert!(why.contains("NOTHING IS RECORDED") && why.contains("not what this computer signed") && why.contains("joins anew"), "{why}");
    wait_for("it waits for the server", LIMIT, || Ok(said(&agent, "waiting"))).unwrap();
    assert_eq!((agent.number("recorded_ms"), std::fs::read_to_string(&kept).unwrap()), (0, altered));
    // The network comes, and with it the right policy.
    proxy.restore();
    agent.wait_recorded(2_000, LIMIT).unwrap();
    assert!(std::fs::read_to_string(&kept).unwrap().contains("\"fps\":15"));
    assert!(agent.stop(LIMIT).unwrap().success());
}

/// What an earlier exam left is on a disk that takes very long to give it: the next exam begins all the same, and its end waits for what was
/// left.
#[test]
fn an_exam_begins_while_what_an_earlier_one_left_is_still_being_read() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let add = || server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let exams = [add(), add()];
    let (url, spool, cameras) = (server.url(), home.path().join("spool"), ["test".to_owned()]);
    let start = |n: usize| Start { url: &url, join: &exams[n].joins[0].join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start(0)).unwrap();
    agent.wait_recorded(4_000, LIMIT).unwrap();
    agent.kill().unwrap();
    let journal = disk::files(&spool).unwrap().into_iter().find(|file| file.ends_with("journal.jsonl")).unwrap();
    let text = std::fs::read(&journal).unwrap();
    // Whoever reads it waits until somebody writes.
    let (there, waits) = (journal.with_extension("there"), journal.with_extension("waits"));
    std::fs::rename(&journal, &there).unwrap();
    assert!(Command::new("mkfifo").arg(&waits).status().unwrap().success());
    std::fs::rename(&waits, &journal).unwrap();

    let mut agent = Agent::start(&start(1)).unwrap();
    agent.wait_recorded(4_000, LIMIT).unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(agent.pid().unwrap() as i32), nix::sys::signal::Signal::SIGINT).unwrap();
    wait_for("capture has ended", LIMIT, || Ok(said(&agent, "stopping"))).unwrap();
    std::thread::sleep(Duration::from_secs(5));
    assert!(said(&agent, "receipt").is_none(), "nobody knows yet whether everything is stored");
    let open = || std::fs::File::options().write(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(&journal).ok();
    let mut waiting = wait_for("it is being read", LIMIT, || Ok(open())).unwrap();
    std::fs::rename(&there, &journal).unwrap();
    waiting.write_all(&text).unwrap();
    drop(waiting);
    let ended = agent.wait_for_end(LIMIT).unwrap();
    assert!(ended.success(), "{ended}");
    let left: Vec<_> = disk::files(&spool).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "seg")).collect();
    assert!(left.is_empty(), "{left:?}");
    for exam in &exams {
        assert!(!server.recording(exam.joins[0].recording).unwrap().footage.is_empty());
    }
}
