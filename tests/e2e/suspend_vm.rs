use anyhow::{Context, Result, ensure};
use invigil_format::{Entry, Event, Statement};
use invigil_tests::camera_vm::{HOST, Loner};
use invigil_tests::decode::decode;
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use std::io::Read;
use std::net::TcpListener;
use std::time::Duration;

/// Emulated, everything is some ten times slower than on a laptop, and other tests run beside it.
const LIMIT: Duration = Duration::from_secs(300);
/// How far the wall clock is set, s.
const STEP_SECS: i64 = 3600;

/// A computer of its own records, has its clock set an hour ahead, sleeps, and has its clock set back. The journal says all three with their lengths,
/// footage stands where it belongs on the server's clock before and after, and what is missing is what it slept.
#[test]
fn a_laptop_that_sleeps_and_whose_clock_is_set_loses_what_it_slept_and_says_so() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    let small = [("capture.width", 320.into()), ("capture.height", 180.into()), ("capture.fps", 10.into())];
    server.add_policy("small", "kbtu", &small).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "small", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Asleep"] }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, url) = (listener.local_addr().unwrap().port(), format!("https://{HOST}:{}", server.address().port()));
    let join = &exam.joins[0];
    // The alarm of its clock chip wakes it; busybox's `date` sets the clock that the agent must not trust.
    let script = format!(
        "/invigil-agent run --json --server {url} --join {} --spool /spool --camera test >/progress 2>/log &
         pid=$!
         recorded() {{ tail -n 1 /progress | sed -n 's/.*\"recorded_ms\":\\([0-9]*\\).*/\\1/p'; }}
         more() {{ from=$(recorded); until [ \"$(recorded)\" -ge $((${{from:-0}} + $1)) ] 2>/dev/null; do sleep 1; done; }}
         more 4000
         date -s @$(($(date +%s) + {STEP_SECS}))
         more 4000
         echo +9 >/sys/class/rtc/rtc0/wakealarm
         echo mem >/sys/power/state
         more 4000
         date -s @$(($(date +%s) - {STEP_SECS}))
         more 4000
         cat $(find /spool -name journal.jsonl) >/journal
         kill -TERM $pid
         wait $pid
         status=$?
         (echo $status; cat /journal) | nc {HOST} {port}",
        join.join
    );
    let _loner = Loner::boot(&home.path().join("vm"), &script).unwrap();
    let said = heard(&listener).unwrap();
    let (status, journal) = said.split_once('\n').unwrap();
    assert_eq!(status, "0", "the agent's exit status: everything is stored");
    let journal: Vec<Entry> = journal.lines().map(|line| Statement::from_json(line.as_bytes()).unwrap().read().unwrap()).collect();

    let stepped: Vec<i64> =
        journal.iter().filter_map(|entry| if let Event::ClockStepped { by_ms } = entry.event { Some(by_ms) } else { None }).collect();
    let near = |wanted_secs: i64| stepped.iter().any(|by_ms| (by_ms - wanted_secs * 1000).abs() <= 1500);
    assert!(near(STEP_SECS) && near(-STEP_SECS), "{stepped:?}");
    let slept: Vec<(u64, u64)> = journal
        .iter()
        .filter_map(|entry| if let Event::Suspended { from_us, to_us } = entry.event { Some((from_us, to_us)) } else { None })
        .collect();
    let [(from_us, to_us)] = slept[..] else { panic!("one sleep: {slept:?}") };
    let slept_secs = (to_us - from_us) as f64 / 1e6;
    // The alarm's chip counts whole seconds, and falling asleep takes its time.
    assert!((5.0..=11.0).contains(&slept_secs), "{slept_secs}");

    let (report, whole) = server.open_footage(join.recording, &home.path().join("opened")).unwrap();
    assert!(whole, "{report}");
    let decoded = decode(&home.path().join("opened/cam0.mp4")).unwrap();
    assert!(decoded.errors.is_empty() && decoded.doubled() == 0, "{:?}", decoded.errors);
    let gaps = decoded.gaps(3.0);
    eprintln!("slept {slept_secs:.1} s; gaps in the footage {gaps:.1?}; clock steps {stepped:?} ms");
    // Falling asleep and waking up take a while in an emulated computer.
    assert!(gaps.len() == 1 && (slept_secs - 0.5..slept_secs + 6.0).contains(&gaps[0].1), "{gaps:?}");

    let recording = server.recording(join.recording).unwrap();
    assert!(
        recording.footage.iter().all(|part| part.from_ms >= now && part.to_ms <= invigil_clock::wall_ms() + 500),
        "{:?}",
        recording.footage
    );
    let caused: Vec<_> = recording.missing.iter().filter(|missing| missing.cause == "suspended").collect();
    let [missing] = caused[..] else { panic!("{:#?}", recording.missing) };
    assert!(((missing.to_ms - missing.from_ms) as f64 / 1000.0 - gaps[0].1).abs() < 1.0, "{missing:?} {gaps:?}");
}

/// What the first who connects says, all of it.
fn heard(listener: &TcpListener) -> Result<String> {
    listener.set_nonblocking(true)?;
    let (mut stream, _) = invigil_tests::wait_for("the computer reports", LIMIT, || match listener.accept() {
        Ok(accepted) => Ok(Some(accepted)),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error.into()),
    })?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let mut said = String::new();
    stream.read_to_string(&mut said).context("read its report")?;
    ensure!(!said.is_empty(), "the computer reported nothing");
    Ok(said)
}
