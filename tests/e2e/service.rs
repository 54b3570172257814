//! The computer of a room, with real binaries: exams are picked up from the server, recorded from before their start until somebody ends them, and follow one
//! another without a picture lost or recorded twice.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod beside;
mod by_hand;
mod troubles;

use invigil_format::RecordingId;
use invigil_tests::agent::Agent;
use invigil_tests::server::{ExamAdded, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, wait_for};
use invigil_wire::review::RecordingView;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);
/// How long before an exam's start it is recorded here; half an hour in real life.
const LEAD_SECS: i64 = 10;

fn exam(server: &Server, room: &str, title: &str, starts_ms: i64, ends_ms: i64) -> RecordingId {
    exam_by(server, "kbtu", room, title, starts_ms, ends_ms)
}

fn exam_by(server: &Server, policy: &str, room: &str, title: &str, starts_ms: i64, ends_ms: i64) -> RecordingId {
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let (starts, ends) = (at(starts_ms), at(ends_ms));
    let arguments =
        ["--title", title, "--discipline", "D", "--start", &starts, "--end", &ends, "--policy", policy, "--room", room, "--json"];
    let (text, _) = server.command(&["exam", "add"], &arguments).unwrap();
    let added: ExamAdded = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    added.joins[0].recording
}

/// A room's computer: its configuration, and its service.
struct Room {
    config: PathBuf,
    spool: PathBuf,
    code: String,
}

impl Room {
    fn new(home: &Path, server: &Server, name: &str) -> Self {
        Self::with_lead(home, server, name, LEAD_SECS)
    }

    fn with_lead(home: &Path, server: &Server, name: &str, lead_secs: i64) -> Self {
        let (text, _) = server.command(&["room", "add"], &["--name", name, "--json"]).unwrap();
        let added: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let (config, spool) = (home.join("room.toml"), home.join("spool"));
        let text = format!(
            "servers = [\"{}\"]\nroom_code_file = \"room-code\"\nspool = \"spool\"\ncameras = [\"test\", \"test\"]\nlead_secs = {lead_secs}\ncheck_secs = 1\nask_secs = 2\n",
            server.url()
        );
        std::fs::write(&config, text).unwrap();
        Self { config, spool, code: added["join"].as_str().unwrap().to_owned() }
    }

    fn start(&self) -> Agent {
        Agent::service(&self.config, &[("INVIGIL_ROOM_CODE", &self.code)]).unwrap()
    }

    /// A life without the room code: what was kept must do.
    fn start_without_code(&self) -> Agent {
        Agent::service(&self.config, &[]).unwrap()
    }

    fn command(&self, words: &[&str]) -> Output {
        let mut command = Command::new(binary("invigil-agent").unwrap());
        command.args(words).arg("--config").arg(&self.config).stdin(Stdio::null()).output().unwrap()
    }

    /// What the service answers to a command as it stands on its socket.
    fn say(&self, command: &serde_json::Value) -> serde_json::Value {
        let mut stream = std::os::unix::net::UnixStream::connect(self.spool.join("control")).unwrap();
        writeln!(stream, "{command}").unwrap();
        serde_json::from_reader(stream).unwrap()
    }

    fn status(&self) -> serde_json::Value {
        // The socket is there moments after the start.
        let answered = || Ok(Some(self.command(&["status", "--json"])).filter(|output| output.status.success()));
        let output = wait_for("the service answers", LIMIT, answered).unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Waits until so much of a recording is durable in this life.
    fn wait_recorded(&self, recording: RecordingId, ms: u64) {
        let is = |now: &serde_json::Value| now["recording"] == recording.to_string() && now["recorded_ms"].as_u64().unwrap_or(0) >= ms;
        let any = |status: &serde_json::Value| is(&status["recording"]) || status["beside"].as_array().unwrap().iter().any(is);
        wait_for(&format!("{ms} ms of {recording}"), LIMIT, || Ok(any(&self.status()).then_some(()))).unwrap();
    }

    /// Waits until the server's receipt of a whole recording lies in the spool.
    fn receipt(&self, recording: RecordingId) {
        let path = self.spool.join(format!("receipt-{recording}.json"));
        wait_for(&format!("the receipt of {recording}"), LIMIT, || Ok(path.exists().then_some(()))).unwrap();
    }
}

fn said(agent: &Agent, event: &str) -> Vec<String> {
    let lines = agent.lines();
    lines.iter().filter(|line| line["event"] == event).map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
}

fn wait_said(agent: &Agent, event: &str, count: usize) -> String {
    let what = format!("the service says {event} {count} times");
    wait_for(&what, LIMIT, || Ok(said(agent, event).into_iter().nth(count - 1))).unwrap_or_else(|error| {
        let events: Vec<_> = agent.lines().into_iter().filter(|line| !line["event"].is_null()).collect();
        panic!("{error}: {events:#?}")
    })
}

fn wait_view(server: &Server, recording: RecordingId, what: &str, is: impl Fn(&RecordingView) -> bool) -> RecordingView {
    wait_for(what, LIMIT, || Ok(server.recording(recording).ok().filter(|view| is(view)))).unwrap()
}

/// The pictures of a track by the number that the test camera draws into each (a row of 32 squares at the bottom).
fn numbers(server: &Server, recording: RecordingId, track: &str, out: &Path) -> Vec<u32> {
    let (report, whole) = server.open_footage(recording, out).unwrap();
    assert!(whole, "{report:#}");
    let files = report["tracks"].as_array().unwrap().iter().filter(|file| file["track"] == track);
    let mut numbers = Vec::new();
    for file in files {
        let shown = Command::new("ffmpeg")
            .args(["-v", "error", "-i", file["file"].as_str().unwrap()])
            .args(["-vf", "crop=iw:ih/32:0:ih-ih/32,scale=32:1:flags=area,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        let number = |row: &[u8]| row.iter().fold(0, |number, square| number << 1 | u32::from(*square > 125));
        numbers.extend(shown.stdout.chunks_exact(32).map(number));
    }
    numbers
}

/// Two exams follow one another in a room while a third goes on elsewhere.
#[test]
fn exams_of_a_room_follow_one_another_without_a_gap_or_a_mix_up() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    // The next exam waits for so long at most before it is recorded beside the first: enough for all that is looked at here.
    let lead_ms = 45_000;
    let room = Room::with_lead(home.path(), &server, "Hall 1", lead_ms / 1000);
    let mut service = room.start();
    wait_said(&service, "enrolled", 1);
    assert!(room.status()["recording"].is_null());
    // Added while the service runs.
    let now_ms = invigil_clock::wall_ms();
    let first = exam(&server, "Hall 1", "First", now_ms + lead_ms + 8_000, now_ms + lead_ms + 10_000);
    let elsewhere = exam(&server, "Hall 10", "Elsewhere", now_ms + lead_ms + 8_000, now_ms + lead_ms + 10_000);
    let next = exam(&server, "Hall 1", "Next", now_ms + 2 * lead_ms + 12_000, now_ms + 3_600_000);
    wait_for("the first exam is taken ahead", LIMIT, || Ok((room.status()["next"]["ready"] == true).then_some(()))).unwrap();
    assert_eq!(room.status()["next"]["title"], "First");

    let started = wait_said(&service, "started", 1);
    let begun_ms = invigil_clock::wall_ms();
    assert!(started.contains("First") && begun_ms >= now_ms + 8_000, "{started} at {}", begun_ms - now_ms);
    let early = room.command(&["collected"]);
    assert_eq!(early.status.code(), Some(2), "{}", String::from_utf8_lossy(&early.stderr));

    // The scheduled end passes, and by then the next exam is due: nothing stops, it is asked, and the server tells everybody.
    wait_said(&service, "end-passed", 2);
    let asked = wait_view(&server, first, "the server shows that the end is asked for", |view| view.end_asked_ms.is_some());
    assert_eq!((asked.ended_ms, asked.state.as_str()), (None, "recording"));
    wait_for("the next exam is due", LIMIT, || Ok((invigil_clock::wall_ms() > now_ms + lead_ms + 12_000).then_some(()))).unwrap();
    let status = room.status();
    assert_eq!((&status["recording"]["title"], &status["recording"]["end_passed"]), (&"First".into(), &true.into()), "{status:#}");
    assert_eq!((&status["waiting_exams"], &status["recording"]["lost"]), (&["Next"].into(), &serde_json::json!([])), "{status:#}");
    assert_eq!(status["beside"], serde_json::json!([]), "{status:#}");
    wait_for("the question names the exam that waits", LIMIT, || {
        Ok(said(&service, "end-passed").iter().any(|text| text.contains("Next WAITS")).then_some(()))
    })
    .unwrap();
    assert_eq!(said(&service, "started").len(), 1);

    let collected = room.command(&["collected"]);
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stderr));
    wait_said(&service, "handed-over", 1);
    wait_view(&server, first, "the first recording has ended on the server", |view| view.ended_ms.is_some() && view.end_asked_ms.is_none());
    assert_eq!(room.status()["recording"]["recording"], next.to_string());
    // The same word again, meant for the first exam: whatever way it comes, the next one goes on.
    let again = room.command(&["collected"]);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stdout));
    let late = room.say(&serde_json::json!({ "command": "collected", "early": true, "recording": first }));
    assert_eq!(late["result"], "ended-already", "{late:#}");
    room.wait_recorded(next, 4_000);
    room.receipt(first);

    // Killed in the middle: the next life goes on with the same recording at once, and does not take the first one up again.
    service.kill().unwrap();
    let mut service = room.start_without_code();
    assert!(wait_said(&service, "started", 1).contains(&next.to_string()));
    room.wait_recorded(next, 4_000);

    // Staff end it.
    let (_, fine) = server.command(&["exam", "collected"], &["--recording", &next.to_string()]).unwrap();
    assert!(fine);
    wait_said(&service, "ended", 1);
    room.receipt(next);
    let status = room.status();
    assert!(status["recording"].is_null() && status["waiting_segments"] == 0, "{status:#}");
    assert!(!room.command(&["collected"]).status.success(), "nothing is recorded");
    assert!(service.stop(LIMIT).unwrap().success());

    for track in ["cam0", "cam1"] {
        let one = numbers(&server, first, track, &home.path().join(format!("first-{track}")));
        let two = numbers(&server, next, track, &home.path().join(format!("next-{track}")));
        // Numbers begin anew with the second life.
        let second_life = two.windows(2).position(|pair| pair[1] < pair[0]).map(|at| at + 1).unwrap();
        let (two, again) = two.split_at(second_life);
        assert!(one.len() > 25 * 15 / 2 && two.len() > 20 && again.len() > 20, "{} {} {}", one.len(), two.len(), again.len());
        for pictures in [&one[..], two, again] {
            assert!(pictures.windows(2).all(|pair| pair[0] < pair[1]), "{track}: each picture once and in order");
        }
        let (last, following) = (one[one.len() - 1], two[0]);
        eprintln!("{track}: the first recording ends with picture {last}, the next begins with picture {following}");
        assert!(following > last && following <= last + 2, "{track}: {last} and {following}");
    }
    let other = server.recording(elsewhere).unwrap();
    assert_eq!((other.state.as_str(), other.size_bytes, other.footage.len()), ("waiting", 0, 0), "another room's exam is none of ours");
    let (report, _) = server.command(&["check"], &["--json"]).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["problems"], serde_json::json!([]), "{report:#}");
}

/// The server is away when the exam starts; a stopped service goes on with its recording; the word given here reaches the server when it is back.
#[test]
fn an_exam_begins_without_the_server_and_outlives_a_restart() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let now_ms = invigil_clock::wall_ms();
    let recording = exam(&server, "Hall 1", "First", now_ms + 25_000, now_ms + 3_600_000);
    let mut service = room.start();
    wait_for("the exam is taken ahead", LIMIT, || Ok((room.status()["next"]["ready"] == true).then_some(()))).unwrap();
    assert!(service.stop(LIMIT).unwrap().success());
    server.kill().unwrap();

    let mut service = room.start_without_code();
    wait_said(&service, "started", 1);
    assert!(invigil_clock::wall_ms() >= now_ms + 25_000 - LEAD_SECS * 1000);
    room.wait_recorded(recording, 4_000);
    assert_eq!(room.status()["recording"]["online"], false);
    assert!(service.stop(LIMIT).unwrap().success(), "a stop ends nothing");
    let mut service = room.start_without_code();
    wait_said(&service, "started", 1);
    room.wait_recorded(recording, 4_000);
    // Said before the exam's start it would be the end of a rehearsal.
    wait_for("the exam has started", LIMIT, || Ok((invigil_clock::wall_ms() > now_ms + 26_000).then_some(()))).unwrap();
    assert!(room.command(&["collected", "--early"]).status.success());
    wait_said(&service, "ended", 1);
    assert!(room.status()["recording"].is_null(), "it does not begin again though it is due");

    // The word was given while the server was away: even a restart does not lose it.
    service.kill().unwrap();
    let mut service = room.start_without_code();
    server.start().unwrap();
    let view = wait_view(&server, recording, "the server knows of the end", |view| view.ended_ms.is_some());
    assert_eq!(view.state, "finished");
    room.receipt(recording);
    assert!(said(&service, "started").is_empty());
    assert!(service.stop(LIMIT).unwrap().success());
    let pictures = numbers(&server, recording, "cam0", &home.path().join("opened"));
    // A busy machine drops pictures; what counts is that both lives are there.
    let lives = pictures.chunk_by(|before, after| before < after).map(<[u32]>::len).collect::<Vec<_>>();
    assert!(lives.len() == 2 && lives.iter().all(|pictures| *pictures > 15), "{lives:?}");
}

/// A fifth exam waits beyond its own end until one of the four that are recorded is ended; a code file that is of no use stops nobody; a computer that is moved to
/// another room puts down what it records, and ends nothing.
#[test]
fn an_exam_that_waited_is_recorded_and_a_move_to_another_room_ends_nothing() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let room = Room::new(home.path(), &server, "Hall 1");
    let now_ms = invigil_clock::wall_ms();
    let four = [("First", 8_000), ("Second", 12_000), ("Third", 16_000), ("Fourth", 20_000)];
    let four = four.map(|(title, after_ms)| exam(&server, "Hall 1", title, now_ms + after_ms, now_ms + 3_600_000));
    let [first, second, third, fourth] = four;
    let waits = exam(&server, "Hall 1", "Waits", now_ms + 24_000, now_ms + 28_000);
    let mut service = room.start();
    four.iter().for_each(|recording| room.wait_recorded(*recording, 2_000));
    wait_for("the other exam waits", LIMIT, || Ok((room.status()["waiting_exams"] == serde_json::json!(["Waits"])).then_some(()))).unwrap();
    wait_for("its end has passed", LIMIT, || Ok((invigil_clock::wall_ms() > now_ms + 29_000).then_some(()))).unwrap();
    // A restart does not forget that it waits, nor does it need the code: one that is of no use is said.
    assert!(service.stop(LIMIT).unwrap().success());
    let mut service = Agent::service(&room.config, &[("INVIGIL_ROOM_CODE", "no code")]).unwrap();
    assert!(wait_said(&service, "room-unreached", 1).contains("goes on, but its room code"));
    four.iter().for_each(|recording| room.wait_recorded(*recording, 2_000));
    assert_eq!(room.status()["waiting_exams"], serde_json::json!(["Waits"]));
    // A later one is ended first, and only it; the fifth takes its place.
    assert!(room.command(&["collected", "--early", "--recording", &second.to_string()]).status.success());
    room.wait_recorded(waits, 2_000);
    wait_view(&server, second, "the second recording has ended on the server", |view| view.ended_ms.is_some());
    let status = room.status();
    let beside: Vec<_> = status["beside"].as_array().unwrap().iter().map(|now| now["title"].as_str().unwrap()).collect();
    assert_eq!((&status["recording"]["title"], &beside[..]), (&"Waits".into(), &["First", "Third", "Fourth"][..]), "{status:#}");
    for recording in [first, third, fourth] {
        assert!(room.command(&["collected", "--early", "--recording", &recording.to_string()]).status.success());
    }
    wait_said(&service, "goes-on", 4);
    room.wait_recorded(waits, 6_000);
    assert!(service.stop(LIMIT).unwrap().success());

    // Another room's code: what goes on here is of the room before.
    let (text, _) = server.command(&["room", "add"], &["--name", "Hall 2", "--json"]).unwrap();
    let added: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut service = Agent::service(&room.config, &[("INVIGIL_ROOM_CODE", added["join"].as_str().unwrap())]).unwrap();
    wait_said(&service, "enrolled", 1);
    wait_for("nothing is recorded", LIMIT, || Ok(room.status()["recording"].is_null().then_some(()))).unwrap();
    assert_eq!(room.status()["room"], "Hall 2");
    assert!(wait_said(&service, "stopping", 1).contains("Waits ends (stopped)"));
    wait_said(&service, "ended", 1);
    assert_eq!(server.recording(waits).unwrap().ended_ms, None, "nobody has ended it");
    assert!(service.stop(LIMIT).unwrap().success());
}
