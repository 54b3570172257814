use anyhow::Result;
use invigil_tests::camera_vm::{CameraVm, HOST};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, decode, wait_for};
use std::path::PathBuf;
use std::time::Duration;

/// Time for one step. Emulated, everything is some ten times slower than on a laptop, and other tests run beside it.
const STEP: Duration = Duration::from_secs(60);

/// The webcam as students have it, with its driver: listed, recorded, stalled with the device in hand (nokhwa never returns: the child is killed),
/// unplugged and plugged in again; what was recorded opens and decodes, and what is missing has the cause's name.
#[test]
fn a_webcam_is_listed_recorded_and_comes_back_after_a_stall_and_after_unplugging() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let mut vm = CameraVm::boot(&home.path().join("vm")).unwrap();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A Candidate"] }).unwrap();
    let join = &exam.joins[0];
    let agent = binary("invigil-agent").unwrap();
    let agent = agent.display();
    let folder = vm.folder().display().to_string();
    // Process ids of the agent's children; emulated, a search with ps would take seconds.
    let children = format!("cat /proc/$(cat {folder}/pid)/task/*/children 2>/dev/null; true");

    let listed = vm.run(&format!("{agent} cameras --json"), STEP).unwrap();
    let listed: serde_json::Value = serde_json::from_str(listed.trim()).unwrap();
    // The driver's output node is no camera.
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["camera"], "webcam:0");

    // The server's certificate names neither 10.0.2.2 nor anything that a public authority signed: the join code's fingerprint decides.
    let (url, spool) = (format!("https://{HOST}:{}", server.address().port()), vm.memory().join("spool"));
    vm.run(
        &format!(
            "{agent} run --json --server {url} --join {} --spool {} --camera webcam >{folder}/progress 2>{folder}/agent.log &\necho $! >{folder}/pid",
            join.join,
            spool.display()
        ),
        STEP,
    )
    .unwrap();
    let progress = Progress(vm.folder().join("progress"));
    progress.wait("20 s are recorded", |line| line["recorded_ms"].as_u64() >= Some(20_000)).unwrap();

    // The driver delivers nothing more; the child process blocks in it for ever.
    let child = vm.run(&children, STEP).unwrap();
    let stalled_us = invigil_clock::boottime_us();
    vm.run("v4l2-ctl -d /dev/video0 -c percentage_of_dropped_buffers=100", STEP).unwrap();
    lost(&vm, 1).unwrap();
    let noticed_us = invigil_clock::boottime_us();
    wait_for("the child process that hangs is replaced", STEP, || {
        let now = vm.run(&children, STEP)?;
        Ok((!now.trim().is_empty() && now != child).then_some(()))
    })
    .unwrap();
    vm.run("v4l2-ctl -d /dev/video0 -c percentage_of_dropped_buffers=0", STEP).unwrap();
    let back_us = invigil_clock::boottime_us();
    progress.wait_for_more(3_000).unwrap();
    eprintln!(
        "stall: lost after {} ms; 3 s more recorded {} ms after its end",
        (noticed_us - stalled_us) / 1000,
        (invigil_clock::boottime_us() - back_us) / 1000
    );

    // Unplugged: the device is gone, and its file too; later another one stands in its place.
    let unplugged_us = invigil_clock::boottime_us();
    vm.run("v4l2-ctl -d /dev/video0 -c disconnect=1; echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind", STEP).unwrap();
    lost(&vm, 2).unwrap();
    let noticed_us = invigil_clock::boottime_us();
    std::thread::sleep(Duration::from_secs(4));
    vm.run("echo vivid.0 >/sys/bus/platform/drivers/vivid/bind", STEP).unwrap();
    let back_us = invigil_clock::boottime_us();
    progress.wait_for_more(3_000).unwrap();
    eprintln!(
        "unplugged: lost after {} ms; 3 s more recorded {} ms after plugging in",
        (noticed_us - unplugged_us) / 1000,
        (invigil_clock::boottime_us() - back_us) / 1000
    );

    vm.run(&format!("kill -TERM $(cat {folder}/pid)"), STEP).unwrap();
    progress.wait("everything is stored", |line| line["stage"] == "ended").unwrap();
    let end = progress.last();
    assert_eq!((end["pending_segments"].as_u64(), end["spooled_bytes"].as_u64()), (Some(0), Some(0)), "{end}");
    wait_for("no process of the agent is left", STEP, || Ok(vm.run(&children, STEP)?.trim().is_empty().then_some(()))).unwrap();

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let decoded = decode::decode(&out.join("cam0.mp4")).unwrap();
    assert!(decoded.errors.is_empty() && decoded.doubled() == 0, "{:?}", decoded.errors);
    let recording = server.recording(join.recording).unwrap();
    let gaps = decoded.gaps(2.5);
    eprintln!("{} pictures in {} ms, gaps {gaps:?}, missing {:?}", decoded.frames(), recording.recorded_ms, recording.missing);
    assert_eq!(gaps.len(), 2, "the stall and the unplugging: {gaps:?}");
    assert!(recording.recorded_ms >= 26_000 && decoded.frames() > 60);
    // The guest has a clock of its own; footage stands where it belongs on the server's.
    assert!(
        recording.footage.iter().all(|part| part.from_ms >= now && part.to_ms <= invigil_clock::wall_ms() + 500),
        "{:?}",
        recording.footage
    );
    let caused = recording.missing.iter().filter(|missing| missing.cause == "camera-lost").count();
    assert_eq!(caused, 2, "{:#?}", recording.missing);
}

/// Waits until the agent has said so often that the camera is lost.
fn lost(vm: &CameraVm, times: usize) -> Result<()> {
    let log = vm.folder().join("agent.log");
    wait_for(&format!("the camera is lost {times} times"), STEP, || {
        Ok((std::fs::read_to_string(&log)?.matches("camera lost").count() >= times).then_some(()))
    })
}

/// The agent's `--json` lines, written in the guest.
struct Progress(PathBuf);

impl Progress {
    fn last(&self) -> serde_json::Value {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().rev().find_map(|line| serde_json::from_str(line).ok()).unwrap_or_default()
    }

    fn wait(&self, what: &str, met: impl Fn(&serde_json::Value) -> bool) -> Result<()> {
        wait_for(what, 2 * STEP, || Ok(met(&self.last()).then_some(())))
    }

    fn wait_for_more(&self, ms: u64) -> Result<()> {
        let before = self.last()["recorded_ms"].as_u64().unwrap_or(0);
        self.wait("recording goes on", |line| line["recorded_ms"].as_u64() >= Some(before + ms))
    }
}
