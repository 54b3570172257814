use anyhow::{Context, Result, ensure};
use invigil_format::{Condition, Entry, Event};
use invigil_tests::camera_vm::{CameraVm, Fault, GuestAgent, HOST};
use invigil_tests::decode::{Decoded, decode, difference, shrunk};
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::server::{Exam, Join, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, project_root, wait_for};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Time for one step. Emulated, everything is some ten times slower than on a laptop, and other tests run beside it.
const STEP: Duration = Duration::from_secs(120);
/// Longest that a camera may be away after its fault is over, seconds, on a real machine.
const RECOVERY: f64 = 5.0;

/// Webcams as students have them, with their drivers: one with NV12, which meets every fault that a driver can have; one with MJPEG, whose pictures
/// come damaged; one with YUYV. Each loss has a cause, each recovers, no damaged picture is recorded, and what was recorded opens and decodes. Then two of them and an
/// IP camera together, as a room has them.
#[test]
fn webcams_of_each_format_are_recorded_and_come_back_after_each_fault() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    // Small pictures: what is emulated here is the driver, and it also paints them.
    let small = [("capture.width", 320.into()), ("capture.height", 180.into()), ("capture.fps", 10.into())];
    server.add_policy("small", "kbtu", &small).unwrap();
    server.start().unwrap();
    let mut vm = CameraVm::boot(&home.path().join("vm")).unwrap();
    let (folder, url) = (vm.folder().display().to_string(), format!("https://{HOST}:{}", server.address().port()));
    let camera = format!("/usr/bin/python3 {}", project_root().join("tests/camera-vm/camera.py").display());
    let now = invigil_clock::wall_ms();
    let candidates = ["NV12", "MJPEG", "YUYV", "Room"];
    let exam =
        server.add_exam(&Exam { policy: "small", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &candidates }).unwrap();
    let jpeg = still(home.path(), "bars.jpg", &["-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-q:v", "3"]).unwrap();
    let yuyv = still(home.path(), "bars.yuyv", &["-f", "rawvideo", "-pix_fmt", "yuyv422"]).unwrap();

    // Two webcams get their pictures from programs; another program holds the third, and will leave a format and a rate behind that few know.
    std::fs::write(vm.folder().join("mode"), "whole").unwrap();
    vm.run(
        &format!(
            "v4l2-ctl -d /dev/video0 -c osd_text_mode=2
             {camera} feed /dev/video10 MJPG 320x180 10 {} {folder}/mode 2>{folder}/feed10 &
             echo whole >{folder}/steady
             {camera} feed /dev/video11 YUYV 320x180 10 {} {folder}/steady 2>{folder}/feed11 &
             {camera} hold /dev/video0 {folder}/release >{folder}/held 2>&1 &",
            jpeg.display(),
            yuyv.display()
        ),
        STEP,
    )
    .unwrap();
    wait_for("another program holds the webcam", STEP, || Ok((lines(&vm, "held").len() == 1).then_some(()))).unwrap();
    let agent = binary("invigil-agent").unwrap();
    // What it warns of, slow as it is here, goes to another file.
    let listed = vm.run(&format!("{} cameras --json 2>{folder}/listing", agent.display()), STEP).unwrap();
    let listed: serde_json::Value = serde_json::from_str(listed.trim()).unwrap();
    let listed: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|found| found["camera"].as_str()).collect();
    // vivid's output node is no camera.
    assert_eq!(listed, ["webcam:0", "webcam:10", "webcam:11"]);

    let mut start = |name, join: &Join, camera| GuestAgent::start(&mut vm, name, &url, &join.join, &[camera], STEP).unwrap();
    let nv12 = start("nv12", &exam.joins[0], "webcam");
    let mjpeg = start("mjpeg", &exam.joins[1], "webcam:10");
    let steady = start("yuyv", &exam.joins[2], "webcam:11");
    nv12.wait_said(0, "another program uses the camera", STEP).unwrap();
    std::fs::write(vm.folder().join("release"), "").unwrap();
    let held = wait_for("the other program ends", STEP, || Ok(Some(lines(&vm, "held")).filter(|lines| lines.len() == 2))).unwrap();
    let busy = Fault { name: "in use, then a format left behind", reason: "another program uses", from: held[0], to: held[1] };
    for agent in [&nv12, &mjpeg, &steady] {
        agent.wait("6 s are recorded", 2 * STEP, |line| line["recorded_ms"].as_u64() >= Some(6_000)).unwrap();
    }

    let mut rig = Rig { vm, camera, folder, nv12: vec![busy], mjpeg: Vec::new() };
    // Some pictures flagged by the driver cost themselves only; the next fault must not be told together with them.
    rig.press(&nv12, "one picture flagged as bad", "flagged it as bad", "0", &["Inject V4L2_BUF_FLAG_ERROR"]).unwrap();
    nv12.wait_for_more(6_000, STEP).unwrap();

    let corrupt_from = rig.mode("corrupt").unwrap();
    rig.press(&nv12, "all pictures flagged as bad", "only damaged pictures for 3 s", "7", &["Inject V4L2_BUF_FLAG_ERROR"]).unwrap();
    mjpeg.wait_said(0, "camera lost", STEP).unwrap();
    let to = rig.mode("whole").unwrap();
    rig.mjpeg.push(Fault { name: "corrupt MJPEG", reason: "only damaged pictures for 3 s", from: corrupt_from, to });
    nv12.wait_for_more(2_000, STEP).unwrap();
    mjpeg.wait_for_more(2_000, STEP).unwrap();

    // The driver delivers nothing more; the child process that waits for it is replaced.
    let (child, from, cut_from) = (nv12.children(&mut rig.vm, STEP).unwrap(), nv12.logged(), mjpeg.logged());
    let cut = rig.mode("cut").unwrap();
    let (stalled, _) = rig.vm.timed("v4l2-ctl -d /dev/video0 -c percentage_of_dropped_buffers=100", STEP).unwrap();
    nv12.wait_said(from, "no picture for 3 s", STEP).unwrap();
    mjpeg.wait_said(cut_from, "camera lost", STEP).unwrap();
    wait_for("the child process that hangs is replaced", STEP, || {
        let now = nv12.children(&mut rig.vm, STEP)?;
        Ok((!now.trim().is_empty() && now != child).then_some(()))
    })
    .unwrap();
    let (_, to) = rig.vm.timed("v4l2-ctl -d /dev/video0 -c percentage_of_dropped_buffers=0", STEP).unwrap();
    rig.nv12.push(Fault { name: "stalled", reason: "no picture for 3 s", from: stalled, to });
    let to = rig.mode("whole").unwrap();
    rig.mjpeg.push(Fault { name: "MJPEG cut off", reason: "only damaged pictures for 3 s", from: cut, to });
    nv12.wait_for_more(2_000, STEP).unwrap();
    mjpeg.wait_for_more(2_000, STEP).unwrap();

    let from = mjpeg.logged();
    let none = rig.mode("none").unwrap();
    rig.press(&nv12, "fatal streaming error", "reading a picture failed", "0", &["Inject Fatal Streaming Error"]).unwrap();
    nv12.wait_for_more(2_000, STEP).unwrap();
    mjpeg.wait_said(from, "no picture for 3 s", STEP).unwrap();
    let to = rig.mode("whole").unwrap();
    rig.mjpeg.push(Fault { name: "no pictures in MJPEG", reason: "no picture for 3 s", from: none, to });
    rig.press(&nv12, "QBUF failing", "reading a picture failed", "0", &["Inject VIDIOC_QBUF Error"]).unwrap();
    nv12.wait_for_more(2_000, STEP).unwrap();
    let both = ["Inject VIDIOC_STREAMON Error", "Inject Fatal Streaming Error"];
    rig.press(&nv12, "STREAMON failing", "starting the stream failed", "6", &both).unwrap();
    nv12.wait_for_more(2_000, STEP).unwrap();

    // Unplugged: the device is gone, and its file too; later another one stands in its place.
    rig.unplug(&nv12, "unplugged").unwrap();
    // Again, while some program holds the old device open: it comes back under another number.
    let hold = format!("(exec 3</dev/video0; while [ ! -e {}/letgo ]; do sleep 0.5; done) &", rig.folder);
    rig.vm.run(&hold, STEP).unwrap();
    rig.unplug(&nv12, "unplugged, back under another number").unwrap();
    let name = rig.vm.run("cat /sys/class/video4linux/video0/name 2>/dev/null; true", STEP).unwrap();
    assert!(!name.contains("vid-cap"), "the webcam must not be number 0 now: {name}");
    std::fs::write(rig.vm.folder().join("letgo"), "").unwrap();

    let child_start = rig.child_start(&agent).unwrap();
    let Rig { mut vm, nv12: nv12_faults, mjpeg: mjpeg_faults, .. } = rig;
    let agents = [&nv12, &mjpeg, &steady];
    let journals = agents.map(|agent| agent.journal(&mut vm, STEP).unwrap());
    agents.iter().for_each(|agent| agent.stop(&mut vm, STEP).unwrap());
    for agent in agents {
        agent.wait("everything is stored", 2 * STEP, |line| line["stage"] == "ended").unwrap();
        let end = agent.progress();
        assert_eq!((end["pending_segments"].as_u64(), end["spooled_bytes"].as_u64()), (Some(0), Some(0)), "{end}");
        wait_for("no process of the agent is left", STEP, || Ok(agent.children(&mut vm, STEP)?.trim().is_empty().then_some(()))).unwrap();
    }
    let room = &exam.joins[3];
    record_room(&mut vm, &url, room).unwrap();
    drop(vm);
    let tracks = room_tracks(&server, room, &home.path().join("room")).unwrap();
    let pictures: Vec<usize> = tracks.iter().map(Decoded::frames).collect();
    eprintln!("two webcams and an IP camera in one agent: {pictures:?} pictures");
    assert!(tracks.iter().all(|track| track.frames() > 10 && track.gaps(5.0).is_empty()), "{tracks:?}");
    // Driver and programs send the same picture again and again, bit by bit: that is what a frozen camera looks like.
    let frozen = journals.each_ref().map(|journal| is_frozen(journal));
    eprintln!("said to be frozen: {frozen:?}");
    assert!(frozen[2], "{:#?}", journals[2]);

    let opened: Vec<(PathBuf, Decoded)> =
        exam.joins[..3].iter().map(|join| open(&server, join, &home.path().join(&join.who)).unwrap()).collect();
    eprintln!("the camera's process alone starts and fails within {child_start:.1} s emulated; the limit allows for it three times");
    eprintln!("{:<38} {:>7} {:>9} {:>11} {:>9} {:>9}", "fault", "lasted", "seen after", "no picture", "damaged", "back after");
    // A fault that ends while a process is being started, which then fails too, costs a second start; and the machine is busier then.
    let limit = RECOVERY + 3.0 * child_start;
    for (faults, journal, footage) in [(&nv12_faults, &journals[0], &opened[0].1), (&mjpeg_faults, &journals[1], &opened[1].1)] {
        for (n, fault) in faults.iter().enumerate() {
            let until = faults.get(n + 1).map_or(f64::MAX, |next| next.from - 0.02);
            let outcome = fault.outcome(journal, footage, until).unwrap();
            eprintln!(
                "{:<38} {:>5.1} s {:>7.1} s {:>9.1} s {:>9} {:>7.1} s",
                fault.name,
                fault.to - fault.from,
                outcome.noticed,
                outcome.missing,
                outcome.damaged,
                outcome.back
            );
            assert!(outcome.back <= limit, "{}: back after {:.1} s", fault.name, outcome.back);
            // 3 s of silence, seen in steps; at the start the agent itself has to start.
            assert!(n == 0 || outcome.noticed <= 3.0 + limit, "{}: noticed after {:.1} s", fault.name, outcome.noticed);
        }
    }

    // What was recorded shows what stood before the cameras: 75 % colour bars from the driver, the still picture from the others, each time.
    let bars = &shrunk(&opened[0].0).unwrap()[5];
    for (n, colour) in BARS.iter().enumerate() {
        let at = (6 * 16 + 2 * n) * 3;
        assert!(difference(&bars[at..at + 3], colour) < 50, "bar {n}: {:?}", &bars[at..at + 3]);
    }
    let source = &shrunk(&jpeg).unwrap()[0];
    for (file, _) in &opened[1..] {
        let worst = shrunk(file).unwrap().iter().map(|picture| difference(picture, source)).max().unwrap();
        assert!(worst < 25, "a recorded picture differs by {worst}: {}", file.display());
    }

    let recording = server.recording(exam.joins[0].recording).unwrap();
    // The guest has a clock of its own; footage stands where it belongs on the server's.
    assert!(
        recording.footage.iter().all(|part| part.from_ms >= now && part.to_ms <= invigil_clock::wall_ms() + 500),
        "{:?}",
        recording.footage
    );
    let caused = recording.missing.iter().filter(|missing| missing.cause == "camera-lost").count();
    assert!(caused >= 5 && recording.missing.iter().all(|missing| missing.cause != "unknown"), "{:#?}", recording.missing);
    assert!(opened[2].1.gaps(5.0).is_empty(), "the camera without faults: {:?}", opened[2].1.gaps(5.0));
}

fn is_frozen(journal: &[Entry]) -> bool {
    journal.iter().any(|entry| matches!(entry.event, Event::ConditionBegan { condition: Condition::Frozen, .. }))
}

/// Records two webcams and an IP camera, which stands outside the virtual machine, in one agent, until everything of some 15 s is stored.
fn record_room(vm: &mut CameraVm, url: &str, join: &Join) -> Result<()> {
    let ip = IpCamera::start(&["--size", "320x180", "--fps", "10", "--key-every", "10"])?;
    let address = ip.url(0).replace("127.0.0.1", HOST);
    let agent = GuestAgent::start(vm, "room", url, &join.join, &["webcam:10", "webcam:11", &address], STEP)?;
    agent.wait("the first of them has recorded 15 s", 2 * STEP, |line| line["recorded_ms"].as_u64() >= Some(15_000))?;
    agent.stop(vm, STEP)?;
    agent.wait("everything is stored", 2 * STEP, |line| line["stage"] == "ended")
}

/// What each of a room's three cameras has recorded.
fn room_tracks(server: &Server, join: &Join, out: &Path) -> Result<Vec<Decoded>> {
    let (report, whole) = server.open_footage(join.recording, out)?;
    ensure!(whole, "{report}");
    ["cam0.mp4", "cam1.mp4", "cam2.mp4"].into_iter().map(|file| decode(&out.join(file))).collect()
}

/// What vivid paints by default.
const BARS: [[u8; 3]; 8] = [[191, 191, 191], [191, 191, 0], [0, 191, 191], [0, 191, 0], [191, 0, 191], [191, 0, 0], [0, 0, 191], [0, 0, 0]];

struct Rig {
    vm: CameraVm,
    /// `camera.py`.
    camera: String,
    folder: String,
    nv12: Vec<Fault>,
    mjpeg: Vec<Fault>,
}

impl Rig {
    /// Presses buttons of the driver, and waits until the agent has noticed.
    fn press(&mut self, agent: &GuestAgent, name: &'static str, reason: &'static str, secs: &str, controls: &[&str]) -> Result<()> {
        let logged = agent.logged();
        let names: Vec<String> = controls.iter().map(|control| format!("'{control}'")).collect();
        let (from, to) = self.vm.timed(&format!("{} press /dev/video0 {secs} {}", self.camera, names.join(" ")), STEP)?;
        self.nv12.push(Fault { name, reason, from, to });
        agent.wait_said(logged, reason, STEP)
    }

    /// Unplugs the webcam for some seconds.
    fn unplug(&mut self, agent: &GuestAgent, name: &'static str) -> Result<()> {
        let (driver, logged) = ("/sys/bus/platform/drivers/vivid", agent.logged());
        let (from, _) = self.vm.timed(&format!("v4l2-ctl -d /dev/video0 -c disconnect=1; echo vivid.0 >{driver}/unbind"), STEP)?;
        agent.wait_said(logged, "not there", STEP)?;
        std::thread::sleep(Duration::from_secs(3));
        let (to, _) = self.vm.timed(&format!("echo vivid.0 >{driver}/bind"), STEP)?;
        self.nv12.push(Fault { name, reason: "not there", from, to });
        agent.wait_for_more(2_000, STEP)
    }

    /// Changes what the webcam with MJPEG delivers; when, in seconds.
    fn mode(&mut self, mode: &str) -> Result<f64> {
        let (_, at) = self.vm.timed(&format!("echo {mode} >{}/mode", self.folder), STEP)?;
        Ok(at)
    }

    /// How long the camera's process alone takes here to start and to say that there is no camera 99, seconds.
    fn child_start(&mut self, agent: &Path) -> Result<f64> {
        let fifo = self.vm.memory().join("fifo");
        let script = format!("mkfifo {0}; {1} camera-child 99 320 180 10 <>{0} >/dev/null 2>&1; true", fifo.display(), agent.display());
        let (from, to) = self.vm.timed(&script, STEP)?;
        Ok(to - from)
    }
}

/// Numbers that a program in the guest wrote into the shared folder, one a line.
fn lines(vm: &CameraVm, file: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(vm.folder().join(file)).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// A still picture with the grain of a sensor.
fn still(folder: &Path, name: &str, format: &[&str]) -> Result<PathBuf> {
    let file = folder.join(name);
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "smptebars=size=320x180,noise=alls=12:all_seed=7", "-frames:v", "1"])
        .args(format)
        .arg(&file)
        .stdin(Stdio::null())
        .status()
        .context("run ffmpeg")?;
    ensure!(status.success(), "ffmpeg made no still picture: {status}");
    Ok(file)
}

/// Opens a recording as a reviewer does and decodes all of it.
fn open(server: &Server, join: &Join, out: &Path) -> Result<(PathBuf, Decoded)> {
    let (report, whole) = server.open_footage(join.recording, out)?;
    ensure!(whole, "{report}");
    let file = out.join("cam0.mp4");
    let decoded = decode(&file)?;
    ensure!(decoded.errors.is_empty() && decoded.doubled() == 0, "{}: {:?}", join.who, decoded.errors);
    ensure!(decoded.frames() > 60, "{}: only {} pictures", join.who, decoded.frames());
    eprintln!("{}: {} pictures, gaps {:.1?}", join.who, decoded.frames(), decoded.gaps(0.7));
    Ok((file, decoded))
}
