use invigil_tests::agent::{Agent, Start};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, keys};
use std::time::Duration;

/// P2: while footage lies in the agent's spool and on the server, no byte of its plain text and no key that opens it is on either disk.
#[test]
fn no_plain_video_and_no_key_is_on_any_disk() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.set_environment("INVIGIL_LOG", Some("trace"));
    server.start().unwrap();
    let proxy = invigil_tests::proxy::Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server
        .add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Zhanbolat Qonyrbayev:S-4711"] })
        .unwrap();
    let join = &exam.joins[0];
    let spool = home.path().join("spool");
    let cameras = [format!("file:{}", invigil_tests::clip().unwrap().display())];
    let start = Start { url: &proxy.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[("INVIGIL_LOG", "trace")] };
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
    // Thumbnails: bytes from behind their tables, which are the same in every JPEG.
    for file in playable.iter().filter(|file| file.extension().is_some_and(|end| end == "jpg")) {
        let bytes = std::fs::read(file).unwrap();
        needles.extend(bytes.chunks(512).skip(2).filter_map(|part| part.get(64..96)).map(<[u8]>::to_vec));
    }
    assert!(playable.iter().any(|file| file.extension().is_some_and(|end| end == "jpg")), "no thumbnails");
    // The search can find: it does in the opened file.
    assert!(!disk::find(&[&out], &needles).unwrap().is_empty());
    // The review key and every run key, raw and in hexadecimal.
    for key in keys::secrets(&server, exam.exam, &spool_copy).unwrap() {
        needles.push(key.to_vec());
        needles.push(hex::encode(key).into_bytes());
    }
    let found = disk::find(&[&spool, &spool_copy, server.dir()], &needles).unwrap();
    assert!(found.is_empty(), "plain text or keys on disk: {found:?}");

    // What must never be logged, at the most talkative level: names of people, passwords, passphrases, join codes, tokens, keys.
    let enrolment =
        std::fs::read_to_string(disk::files(&spool_copy).unwrap().into_iter().find(|file| file.ends_with("enrolment.json")).unwrap())
            .unwrap();
    let token = serde_json::from_str::<serde_json::Value>(enrolment.lines().next().unwrap())
        .unwrap()
        .pointer("/answer/token")
        .and_then(|token| token.as_str())
        .unwrap()
        .to_owned();
    let code = join.join.split('.').next().unwrap();
    let never = [PASSWORD, PASSPHRASE, "Zhanbolat", "Qonyrbayev", code, &code.replace('-', ""), &token];
    for log in [home.path().join("server.log"), home.path().join("spool.log")] {
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(!text.is_empty(), "{} is empty", log.display());
        for secret in never {
            assert!(!text.contains(secret), "{} holds {secret:?}", log.display());
        }
    }
}
