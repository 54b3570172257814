use anyhow::{Context, Result, ensure};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::scenario::cases::{self, footage};
use invigil_tests::server::{Join, Server};
use invigil_tests::{decode, disk, wait_for};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// When the agent comes to a crash point.
#[derive(Clone, Copy, PartialEq)]
enum When {
    /// By itself, soon after its start.
    Start,
    /// While it ends after a signal.
    Stop,
    /// When it starts again after a kill.
    Recovery,
}

/// Each step of docs/lifecycle.md, Spool, after which the agent can die.
const POINTS: [(&str, When); 16] = [
    // S2.
    ("run-folder", When::Start),
    ("runs-listed", When::Start),
    // S3.
    ("key-record-written", When::Start),
    // S4.
    ("run-started", When::Start),
    // S5.
    ("segment-created", When::Start),
    // S6.
    ("segment-begun", When::Start),
    ("segment-journalled", When::Start),
    // S7, before and after its sync.
    ("appended:3", When::Start),
    ("synced:3", When::Start),
    // S8, then S9 with what S10 offers.
    ("closed", When::Stop),
    ("closed-journalled", When::Stop),
    // S12 and S13.
    ("receipt-written", When::Stop),
    ("segment-removed", When::Stop),
    // S1, within R3 and after it.
    ("recovery-cut", When::Recovery),
    ("recovery-appended", When::Recovery),
    ("recovered", When::Recovery),
];

/// P1: dead at any step, the agent goes on at its next start: everything is stored, whole, and nothing is there twice.
#[test]
fn an_agent_that_dies_at_any_step_of_the_spool_goes_on_at_its_next_start() {
    let _turn = crate::turn();
    let complaints =
        cases::run(&POINTS, |(point, _)| point, |server, home, point, join| die_and_go_on(server, home, *point, join)).unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

fn die_and_go_on(server: &Server, home: &Path, (point, when): (&str, When), join: &Join) -> Result<()> {
    let spool = home.join(format!("spool-{}", point.replace(':', "-")));
    let (url, cameras) = (server.url(), ["test".to_owned()]);
    let start = |environment| Agent::start(&Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment });
    if when == When::Recovery {
        let mut agent = start(&[])?;
        agent.wait_recorded(1_000, LIMIT)?;
        agent.kill()?;
    }
    let crash = [("INVIGIL_CRASH_AT", point)];
    let mut agent = start(&crash)?;
    let died = if when == When::Stop {
        agent.wait_recorded(1_000, LIMIT)?;
        agent.stop(LIMIT)?
    } else {
        agent.wait_for_end(LIMIT)?
    };
    ensure!(is_crash(died), "the agent should have died at this step, it ended with {died}");

    let mut agent = start(&[])?;
    // After a receipt the word that the recording is finished is on disk: the next agent passes it on and is then ended by the server. A signal
    // on top of that would make it leave at once, so it gets time.
    let enough_ms = if ["receipt-written", "segment-removed"].contains(&point) { 15_000 } else { 1_000 };
    let by_itself = wait_for("the agent begins again", LIMIT, || {
        let by_itself = agent.latest("stage").is_some_and(|stage| stage != "recording");
        Ok((by_itself || agent.number("recorded_ms") >= enough_ms).then_some(by_itself))
    })?;
    let ended = if by_itself { agent.wait_for_end(LIMIT)? } else { agent.stop(LIMIT)? };
    let log = || std::fs::read_to_string(spool.with_extension("log")).unwrap_or_default();
    ensure!(ended.success(), "the next agent ended with {ended}: {}", log());
    let left = footage(&spool)?;
    ensure!(left.is_empty(), "the spool still holds {left:?}");

    let out = home.join(format!("opened-{}", join.recording));
    let (report, whole) = server.open_footage(join.recording, &out)?;
    ensure!(whole, "the offline tool complains: {report}");
    let video = disk::files(&out)?.into_iter().find(|file| file.extension().is_some_and(|end| end == "mp4")).context("a playable file")?;
    let decoded = decode::decode(&video)?;
    ensure!(decoded.errors.is_empty(), "the decoder complains: {:?}", decoded.errors);
    ensure!(decoded.frames() > 0 && decoded.doubled() == 0, "{} of {} pictures are doubled", decoded.doubled(), decoded.frames());
    Ok(())
}

fn is_crash(status: ExitStatus) -> bool {
    status.signal() == Some(nix::sys::signal::Signal::SIGABRT as i32)
}
