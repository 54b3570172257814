use invigil_tests::agent::{Agent, Start};
use invigil_tests::proxy::Proxy;
use invigil_tests::server::{Exam, LOGIN, PASSPHRASE, PASSWORD, Server};
use invigil_tests::wait_for;
use std::process::Command;
use std::time::Duration;

/// A reviewer in real Chromium: signs in, unlocks, watches, seeks, follows a recording that grows, sees an outage (`tests/browser/review.mjs`).
#[test]
fn a_reviewer_watches_footage_in_chromium() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server
        .add_exam(&Exam { policy: "kbtu", starts_ms: now - 2000, ends_ms: now + 1_800_000, candidates: &["A Candidate:17"] })
        .unwrap();
    let join = &exam.joins[0];
    let spool = home.path().join("spool");
    let cameras = [format!("file:{}", invigil_tests::clip().unwrap().display())];
    let url = proxy.url();
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(15_000, Duration::from_secs(90)).unwrap();
    proxy.cut();
    std::thread::sleep(Duration::from_secs(20));
    proxy.restore();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 10_000, Duration::from_secs(90)).unwrap();
    // The agent dies and is started again: a gap to jump over.
    agent.kill().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(8_000, Duration::from_secs(90)).unwrap();
    // What is recorded is not yet on the server.
    wait_for("the server has footage of both lives", Duration::from_secs(90), || {
        let footage = server.recording(join.recording)?.footage;
        Ok((footage.iter().filter(|stretch| stretch.track == "cam0").count() >= 2).then_some(()))
    })
    .unwrap();
    let output = Command::new("node")
        .arg(invigil_tests::project_root().join("tests/browser/review.mjs"))
        .env("INVIGIL_URL", server.url())
        .env("INVIGIL_LOGIN", LOGIN)
        .env("INVIGIL_PASSWORD", PASSWORD)
        .env("INVIGIL_PASSPHRASE", PASSPHRASE)
        .env("INVIGIL_RECORDING", join.recording.to_string())
        .env("INVIGIL_EXPECT", "growing,outage,gap")
        .env("INVIGIL_SCREENSHOTS", home.path().join("screenshots"))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(agent.stop(Duration::from_secs(60)).unwrap().success());
}
