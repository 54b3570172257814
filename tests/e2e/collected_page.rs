use invigil_format::RecordingId;
use invigil_tests::agent::{Agent, Start};
use invigil_tests::backlog;
use invigil_tests::server::{Exam, LOGIN, PASSPHRASE, PASSWORD, Server};
use invigil_tests::wait_for;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const OTHERS: [(&str, &str); 2] = [("duty", "invigilator"), ("registry", "registrar")];

/// The scheduled end of a room's exam passes and its computer asks; the invigilator says on the page that the papers are collected, and the recording ends
/// (`tests/browser/collected.mjs`).
#[test]
fn the_invigilator_ends_a_rooms_recording_on_the_page() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    for (login, role) in OTHERS {
        server.add_staff(login, role, &format!("password of the {role} in a test"), "").unwrap();
    }
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let ends_ms = now + 15_000;
    let exam = Exam { policy: "kaznu", starts_ms: now - 600_000, ends_ms, candidates: &["A Candidate:17"] };
    let exam = server.add_exam_in(&exam, &["Room 101"]).unwrap();
    let room = exam.joins.iter().find(|join| join.who.contains("101")).unwrap();
    let spool = home.path().join("spool");
    let cameras = [format!("file:{}", invigil_tests::clip().unwrap().display())];
    let url = server.url();
    let start = Start { url: &url, join: &room.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();
    wait_for("the agent has joined", Duration::from_secs(60), || {
        Ok(spool.join(room.recording.to_string()).join("runs.json").exists().then_some(()))
    })
    .unwrap();
    agent.kill().unwrap();
    backlog::write_asking(&spool, room.recording, &invigil_tests::clip().unwrap(), now - 500_000, 60, ends_ms).unwrap();
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(2_000, Duration::from_secs(90)).unwrap();
    wait_for("the word that the end has passed has arrived", Duration::from_secs(60), || {
        let past = invigil_clock::wall_ms() > ends_ms;
        Ok((past && is_set(&server, room.recording, "end_asked_ms")?).then_some(()))
    })
    .unwrap();

    let others =
        OTHERS.map(|(login, role)| (format!("INVIGIL_{}", role.to_uppercase()), format!("{login}:password of the {role} in a test")));
    let output = Command::new("node")
        .arg(invigil_tests::project_root().join("tests/browser/collected.mjs"))
        .envs(others)
        .env("INVIGIL_URL", &url)
        .env("INVIGIL_LOGIN", LOGIN)
        .env("INVIGIL_PASSWORD", PASSWORD)
        .env("INVIGIL_RECORDING", room.recording.to_string())
        .env("INVIGIL_SCREENSHOTS", std::env::var("INVIGIL_SCREENSHOTS").map_or_else(|_| home.path().join("screenshots"), PathBuf::from))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprintln!("{said}");
    assert!(output.status.success(), "{said}");
    assert!(is_set(&server, room.recording, "ended_ms").unwrap());
    drop(agent);
}

/// Whether the server's answer about a recording has that time.
fn is_set(server: &Server, recording: RecordingId, member: &str) -> anyhow::Result<bool> {
    let (text, _) = server.command(&["recordings"], &["--json"])?;
    let all: Vec<serde_json::Value> = serde_json::from_str(&text)?;
    Ok(all.iter().any(|one| one["id"] == recording.to_string() && one[member].is_i64()))
}
