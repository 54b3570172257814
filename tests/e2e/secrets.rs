use invigil_tests::agent::{Agent, Start};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, keys};
use std::time::Duration;

/// P2: while footage lies in the agent's spool and on the server, no byte of its plain text and no key that opens it is on either disk.
#[test]
fn no_plain_video_and_no_key_is_on_any_disk() {
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let proxy = invigil_tests::proxy::Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A Candidate"] }).unwrap();
    let join = &exam.joins[0];
    let spool = home.path().join("spool");
    let cameras = [format!("file:{}", invigil_tests::clip().unwrap().display())];
    let start = Start { url: &proxy.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(8_000, Duration::from_secs(90)).unwrap();
    proxy.cut();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 6_000, Duration::from_secs(90)).unwrap();
    // The agent dies with a backlog: both disks hold footage now, one of them torn.
    agent.kill().unwrap();
    let spool_copy = home.path().join("spool-copy");
    disk::copy(&spool, &spool_copy).unwrap();
    proxy.restore();
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(3_000, Duration::from_secs(90)).unwrap();
    assert!(agent.stop(Duration::from_secs(120)).unwrap().success());

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let playable = disk::files(&out).unwrap();
    let mut needles = Vec::new();
    for file in playable.iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
        needles.extend(decode::needles(file).unwrap());
    }
    // The search can find: it does in the opened file.
    assert!(!disk::find(&[&out], &needles).unwrap().is_empty());
    // The review key and every run key, raw and in hexadecimal.
    for key in keys::secrets(&server, exam.exam, &spool_copy).unwrap() {
        needles.push(key.to_vec());
        needles.push(hex::encode(key).into_bytes());
    }
    let found = disk::find(&[&spool, &spool_copy, server.dir()], &needles).unwrap();
    assert!(found.is_empty(), "plain text or keys on disk: {found:?}");
}
