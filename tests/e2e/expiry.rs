use invigil_tests::agent::{Agent, Start};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{disk, wait_for};
use std::time::Duration;

const RETENTION_SECS: i64 = 12;

/// P3 with a retention of seconds: before it the backup and the server open; after it the server refuses, holds no byte, and a backup of
/// database and store taken before it opens nothing, with the real review key (rule 1 of the mission, KazNU 1.5).
#[test]
fn after_expiry_nothing_opens_anywhere_and_what_comes_late_is_refused() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.add_policy("brief", "kaznu", &[("retention.keep", format!("PT{RETENTION_SECS}S").into())]).unwrap();
    server.set_config("sweep_secs", "1").unwrap();
    server.start().unwrap();
    let proxy = invigil_tests::proxy::Proxy::start(server.address()).unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server
        .add_exam(&Exam { policy: "brief", starts_ms: now - 1000, ends_ms: now + 5_000, candidates: &["First:1", "Late:2"] })
        .unwrap();
    let (first, late) = (&exam.joins[0], &exam.joins[1]);
    let cameras = [format!("file:{}", invigil_tests::clip().unwrap().display())];
    let start = |url, join, spool| Agent::start(&Start { url, join, spool, cameras: &cameras, environment: &[] }).unwrap();

    let (spool, late_spool, url) = (home.path().join("spool"), home.path().join("late-spool"), server.url());
    let proxy_url = proxy.url();
    let mut agent = start(&url, &first.join, &spool);
    // The second agent is cut off with a backlog and comes back after the month.
    let mut late_agent = start(&proxy_url, &late.join, &late_spool);
    late_agent.wait_recorded(3_000, Duration::from_secs(90)).unwrap();
    proxy.cut();
    let recorded = late_agent.number("recorded_ms");
    late_agent.wait_recorded(recorded + 2_000, Duration::from_secs(90)).unwrap();
    late_agent.kill().unwrap();
    agent.wait_recorded(6_000, Duration::from_secs(90)).unwrap();
    assert!(agent.stop(Duration::from_secs(60)).unwrap().success());

    // Before expiry it opens, and a backup is taken: everything but the small keystore, which is the one thing that backups leave out.
    let (_, whole) = server.open_footage(first.recording, &home.path().join("before")).unwrap();
    assert!(whole);
    let backup = home.path().join("backup");
    disk::copy(server.dir(), &backup).unwrap();
    for keystore in ["keys/erasure", "keys/erasure-mirror"] {
        std::fs::remove_dir_all(backup.join(keystore)).unwrap();
    }
    assert!(disk::files(&backup).unwrap().iter().any(|file| holds_footage(file)));

    let expires = server.recording(first.recording).unwrap().exam.expires_ms;
    wait_for("the server's sweep destroys the footage", Duration::from_secs(120), || {
        Ok(disk::files(server.dir())?.iter().all(|file| !holds_footage(file)).then_some(()))
    })
    .unwrap();
    assert!(invigil_clock::wall_ms() >= expires, "footage was destroyed before its time");
    assert!(invigil_clock::wall_ms() - expires < 3_600_000);
    assert!(server.open_footage(first.recording, &home.path().join("after")).map(|(_, whole)| !whole).unwrap_or(true));
    assert!(
        !disk::files(&home.path().join("after")).unwrap_or_default().iter().any(|file| file.extension().is_some_and(|end| end == "mp4"))
    );
    assert_eq!(server.recording(first.recording).unwrap().state, "expired");

    let restored = server.restored_at(&backup);
    let opened = home.path().join("from-backup");
    assert!(restored.open_footage(first.recording, &opened).map(|(_, whole)| !whole).unwrap_or(true));
    assert!(!disk::files(&opened).unwrap_or_default().iter().any(|file| file.extension().is_some_and(|end| end == "mp4")));

    // The late agent is told, deletes its backlog and leaves nothing behind; nothing comes back on the server.
    proxy.restore();
    assert!(disk::files(&late_spool).unwrap().iter().any(|file| holds_footage(file)));
    // Its disk fails at that at first (S14).
    let environment = [("INVIGIL_DISK_ERROR", "S14:2")];
    let start = Start { url: &proxy_url, join: &late.join, spool: &late_spool, cameras: &cameras, environment: &environment };
    let late_agent = Agent::start(&start).unwrap();
    wait_for("the agent deletes its expired spool", Duration::from_secs(60), || {
        Ok(disk::files(&late_spool)?.iter().all(|file| !holds_footage(file)).then_some(()))
    })
    .unwrap();
    drop(late_agent);
    let log = std::fs::read_to_string(late_spool.with_extension("log")).unwrap();
    assert_eq!(log.matches("a disk error was asked for").count(), 2, "{log}");
    assert!(disk::files(server.dir()).unwrap().iter().all(|file| !holds_footage(file)));
    let (said, sound) = server.command(&["check"], &[]).unwrap();
    assert!(sound, "{said}");
}

fn holds_footage(file: &std::path::Path) -> bool {
    std::fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"\x89IVS\r\n\x1a\n"))
}
