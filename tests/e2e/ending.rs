#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use invigil_format::{MissingCause, RecordingReceipt};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::proxy::Proxy;
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, decode, disk, wait_for};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);

/// The agent's offline check of a receipt.
fn checked(file: &Path, fingerprint: &str, json: bool) -> Output {
    let mut command = Command::new(binary("invigil-agent").unwrap());
    command.arg("receipt").arg(file).args(["--fingerprint", fingerprint]);
    if json {
        command.arg("--json");
    }
    command.output().unwrap()
}

fn receipt(file: &Path, fingerprint: &str) -> RecordingReceipt {
    let output = checked(file, fingerprint, true);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(said["receipt"].clone()).unwrap()
}

/// P1, S18 and S19: an agent that is killed while it uploads the rest sends it at its next start, and ends with a receipt that says what the server says.
#[test]
fn closed_while_it_uploads_it_goes_on_at_its_next_start_and_ends_with_a_receipt() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let join = &exam.joins[0];
    let (_, fingerprint) = join.join.split_once('.').unwrap();
    let spool = home.path().join("spool");
    let (url, cameras) = (proxy.url(), ["test".to_owned()]);
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, LIMIT).unwrap();
    proxy.cut();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 6_000, LIMIT).unwrap();
    // Ctrl-C: capture ends, and the rest cannot go up.
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(agent.pid().unwrap() as i32), nix::sys::signal::Signal::SIGINT).unwrap();
    wait_for("the agent shows that it uploads", LIMIT, || {
        Ok((agent.latest("stage").is_some_and(|stage| stage == "uploading") && agent.number("pending_segments") > 0).then_some(()))
    })
    .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(agent.latest("stage").unwrap(), "uploading");
    agent.kill().unwrap();
    let segments =
        |spool: &Path| disk::files(spool).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "seg")).count();
    assert!(segments(&spool) > 0);
    proxy.restore();

    let file = spool.join(format!("receipt-{}.json", join.recording));
    assert!(!file.exists());
    let mut agent = Agent::start(&start).unwrap();
    // That the recording is finished was not told: the next life tells it, and ends.
    assert!(agent.wait_for_end(LIMIT).unwrap().success());
    assert_eq!(segments(&spool), 0);
    let shown = agent.latest("receipt").expect("the receipt is an event for programs");
    let shown: RecordingReceipt = serde_json::from_value(shown).unwrap();
    let kept = receipt(&file, fingerprint);
    assert_eq!(shown, kept);

    let view = server.recording(join.recording).unwrap();
    assert_eq!((kept.recording, kept.exam, kept.finished), (join.recording, exam.exam, true));
    assert_eq!((kept.starts_ms, kept.ends_ms), (view.starts_ms, view.ends_ms));
    assert_eq!(kept.size_bytes, view.size_bytes);
    assert!(kept.has_all_that_exists() && kept.refused_segments == 0, "{kept:#?}");
    let same: Vec<(i64, i64, String)> = kept
        .missing
        .iter()
        .map(|stretch| (stretch.from_ms, stretch.to_ms, serde_json::to_value(stretch.cause).unwrap().as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(same, view.missing.iter().map(|part| (part.from_ms, part.to_ms, part.cause.clone())).collect::<Vec<_>>());
    assert!(kept.missing.iter().all(|stretch| stretch.cause != MissingCause::Unknown), "{kept:#?}");
    let missing_ms: i64 = kept.missing.iter().map(|stretch| stretch.to_ms - stretch.from_ms).sum();
    assert_eq!((kept.stored_ms + missing_ms, kept.unlisted_ms), (kept.expected_ms, 0));
    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let pictures: f64 = disk::files(&out)
        .unwrap()
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "mp4"))
        .map(|file| decode::decode(file).unwrap().times_secs.len() as f64 / 15.0)
        .sum();
    let media_secs = kept.tracks[0].media_ms as f64 / 1000.0;
    assert!((media_secs - pictures).abs() < 1.5, "the receipt says {media_secs} s, a decoder finds {pictures} s");

    // In plain words, and with one figure changed not at all.
    let said = String::from_utf8(checked(&file, &join.link, false).stdout).unwrap();
    assert!(said.contains("it counts") && said.contains("cam0:"), "{said}");
    let text = std::fs::read_to_string(&file).unwrap();
    let forged = home.path().join("forged.json");
    std::fs::write(
        &forged,
        text.replace(&format!("\\\"stored_ms\\\":{}", kept.stored_ms), &format!("\\\"stored_ms\\\":{}", kept.stored_ms + 1)),
    )
    .unwrap();
    assert_ne!(std::fs::read_to_string(&forged).unwrap(), text);
    let output = checked(&forged, fingerprint, true);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).contains("bad-signature"));
    let other = checked(&file, &"ab".repeat(32), false);
    assert!(!other.status.success() && String::from_utf8_lossy(&other.stdout).contains("wrong-institution"));
}

/// S19: told to wait no longer, the agent still gets a receipt, and it says what has not arrived; `upload` brings the rest without recording anything.
#[test]
fn a_receipt_before_everything_has_arrived_says_so() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let (_, fingerprint) = exam.joins[0].join.split_once('.').unwrap();
    let (spool, file) = (home.path().join("spool"), home.path().join("mine.json"));
    let mut agent = Command::new(binary("invigil-agent").unwrap())
        .args(["run", "--json", "--camera", "test", "--server", &proxy.url(), "--join", &exam.joins[0].join, "--spool"])
        .arg(&spool)
        .args(["--duration", "15", "--drain-secs", "4", "--receipt"])
        .arg(&file)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // The first seconds go up, then the way is far too slow for footage, and wide enough for a receipt.
    wait_for("the first segment is on its way", LIMIT, || Ok((proxy.relayed_bytes() > 60_000).then_some(()))).unwrap();
    proxy.throttle(2_500);
    let status = wait_for("the agent ends", LIMIT, || Ok(agent.try_wait()?)).unwrap();
    assert_eq!(status.code(), Some(3), "something is left in the spool");
    let kept = receipt(&file, fingerprint);
    assert!(!kept.has_all_that_exists() && kept.stored_ms == 0, "{kept:#?}");
    assert!(kept.waiting_segments > 0 && kept.missing.iter().any(|stretch| stretch.cause == MissingCause::NotYetUploaded), "{kept:#?}");

    // Later, without recording anything: what is left goes up, and the receipt says so.
    proxy.throttle(u64::MAX);
    let upload = || Command::new(binary("invigil-agent").unwrap()).args(["upload", "--json", "--spool"]).arg(&spool).output().unwrap();
    let output = upload();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = receipt(&spool.join(format!("receipt-{}.json", exam.joins[0].recording)), fingerprint);
    assert!(kept.has_all_that_exists() && kept.waiting_segments == 0 && kept.finished, "{kept:#?}");
    assert!(kept.missing.iter().all(|stretch| stretch.cause != MissingCause::NotYetUploaded), "{kept:#?}");
    let journals = disk::files(&spool).unwrap().into_iter().filter(|file| file.ends_with("journal.jsonl")).count();
    assert_eq!(journals, 1, "no second run was begun");
    assert!(upload().status.success(), "with nothing left it ends at once");
}

/// P1: a computer that shuts down in mid-exam, without a network as it happens, ends this run within seconds and the exam not at all: the next start goes on
/// with the recording, the time between has its cause, and Ctrl-C finishes it.
#[test]
fn a_shutdown_ends_the_run_and_not_the_exam() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let join = &exam.joins[0];
    let spool = home.path().join("spool");
    let (url, cameras) = (proxy.url(), ["test".to_owned()]);
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, LIMIT).unwrap();
    proxy.cut();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 3_000, LIMIT).unwrap();
    // With the network gone nothing but the signal can end it.
    assert_eq!(agent.terminate(LIMIT).unwrap().code(), Some(3), "what the server does not have waits in the spool");
    let first_end_ms = invigil_clock::wall_ms();
    assert!(server.recording(join.recording).unwrap().ended_ms.is_none());
    proxy.restore();

    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, LIMIT).unwrap();
    assert!(server.recording(join.recording).unwrap().ended_ms.is_none(), "the exam goes on");
    assert!(agent.stop(LIMIT).unwrap().success());
    let view = server.recording(join.recording).unwrap();
    assert!(view.ended_ms.is_some(), "Ctrl-C finishes it");
    let between: Vec<_> = view.missing.iter().filter(|part| part.from_ms <= first_end_ms && first_end_ms <= part.to_ms).collect();
    assert!(matches!(between.as_slice(), [part] if part.cause == "agent-stopped"), "{:#?}", view.missing);
    let (report, whole) = server.open_footage(join.recording, &home.path().join("opened")).unwrap();
    assert!(whole, "{report}");
    let journals = disk::files(&spool).unwrap().into_iter().filter(|file| file.ends_with("journal.jsonl")).count();
    assert_eq!(journals, 2, "two runs of one recording");
}
