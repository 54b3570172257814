use anyhow::{Context, Result, bail};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, project_root, signal, wait_for};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Needs escaping in a URL, as passwords do.
const CAMERA_PASSWORD: &str = "Zq7@room/12";
const CAMERA_PASSWORD_IN_URL: &str = "Zq7%40room%2F12";
const FPS: u64 = 25;

/// A room's IP camera with a password: its own H.264 is recorded as it is; it fails and comes back, and only its absence is missing; nothing that
/// the agent or the server writes holds its password.
#[test]
fn an_ip_camera_passes_through_comes_back_and_keeps_its_password() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut camera = Camera::start(port, "h264").unwrap();
    let url = format!("rtsp://room:{CAMERA_PASSWORD_IN_URL}@127.0.0.1:{port}/camera");
    let sps = sprop_sps(&url).unwrap();

    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A Candidate"] }).unwrap();
    let join = &exam.joins[0];
    let (spool, spool_copy) = (home.path().join("spool"), home.path().join("spool-copy"));
    let cameras = [url.clone()];
    let start = Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[("RUST_LOG", "trace")] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, Duration::from_secs(60)).unwrap();

    // A camera without power: it says no farewell, and its address refuses for a while.
    camera.kill().unwrap();
    let died_us = invigil_clock::boottime_us();
    wait_for("the agent notices that the camera is gone", Duration::from_secs(15), || Ok((agent.number("fps") == 0).then_some(())))
        .unwrap();
    let noticed_us = invigil_clock::boottime_us();
    std::thread::sleep(Duration::from_secs(4));
    let mut camera = Camera::start(port, "h264").unwrap();
    let back_us = invigil_clock::boottime_us();
    let before = agent.number("recorded_ms");
    agent.wait_recorded(before + 1_000, Duration::from_secs(30)).unwrap();
    let recovered_us = invigil_clock::boottime_us();
    let ms = |from: u64, to: u64| to.saturating_sub(from) / 1000;
    eprintln!(
        "camera killed: seen after {} ms; camera back after {} ms; 1 s recorded {} ms after that",
        ms(died_us, noticed_us),
        ms(died_us, back_us),
        ms(back_us, recovered_us)
    );

    // What passing through costs, by /proc and not by the agent's word.
    let pid = agent.pid().unwrap();
    let (cpu, from, recorded) = (invigil_tests::procfs::cpu_secs(pid).unwrap(), invigil_clock::boottime_us(), agent.number("recorded_ms"));
    agent.wait_recorded(recorded + 8_000, Duration::from_secs(60)).unwrap();
    let share = (invigil_tests::procfs::cpu_secs(pid).unwrap() - cpu) * 1e6 / (invigil_clock::boottime_us() - from) as f64;
    eprintln!("CPU while passing 640x360 at {FPS} fps through: {:.1} % of a core (trace log, this build)", share * 100.0);
    disk::copy(&spool, &spool_copy).unwrap();
    assert!(agent.stop(Duration::from_secs(60)).unwrap().success());
    camera.kill().unwrap();

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let footage = only_mp4(&out, "cam0").unwrap();
    let decoded = decode::decode(&footage).unwrap();
    assert!(decoded.errors.is_empty(), "{:#?}", decoded.errors);
    assert_eq!(decoded.doubled(), 0, "{:?}", crowded(&decoded));
    let gaps = decoded.gaps(1.0);
    eprintln!("{} pictures, gaps {gaps:?}", decoded.frames());
    assert_eq!(gaps.len(), 1, "one gap, while the camera was away: {gaps:?}");
    // From death to return, and then what the agent needed to notice, to connect and to get a key frame (one a second).
    let away_secs = ms(died_us, back_us) as f64 / 1000.0;
    assert!(gaps[0].1 > away_secs - 1.0 && gaps[0].1 < away_secs + 6.0, "the camera was away for {away_secs} s: {gaps:?}");
    let span = decoded.times_secs.last().unwrap() - decoded.times_secs.first().unwrap() - gaps[0].1;
    assert!(decoded.frames() as f64 >= span * FPS as f64 * 0.97, "{} pictures in {span} s: too few", decoded.frames());

    // Not transcoded: the parameter set is the camera's to the last byte.
    let bytes = std::fs::read(&footage).unwrap();
    assert!(bytes.windows(sps.len()).any(|window| window == sps), "the camera's sequence parameter set is not in the footage");

    let recording = server.recording(join.recording).unwrap();
    let lost: Vec<_> = recording.missing.iter().filter(|missing| missing.cause == "camera-lost").collect();
    assert_eq!(lost.len(), 1, "{:#?}", recording.missing);

    // The password: neither as it is nor as it stands in the URL, in the agent's spool and log, what it printed, the server's folder and log,
    // its commands' output and what came out of opening.
    let (said, _) = server.command(&["recordings"], &[]).unwrap();
    std::fs::write(home.path().join("said.txt"), format!("{said}{recording:?}{report}{:?}", agent.lines())).unwrap();
    let mut logs = Vec::new();
    for file in disk::files(home.path()).unwrap() {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [CAMERA_PASSWORD, CAMERA_PASSWORD_IN_URL] {
            if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                logs.push(file.clone());
            }
        }
    }
    assert!(logs.is_empty(), "the camera's password is in {logs:?}");
}

/// A wrong password is an error that says so and shows no password; the agent goes on trying. A camera that offers no H.264 is decoded and encoded.
#[test]
fn a_refused_password_is_said_and_other_codecs_are_encoded() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut camera = Camera::start(port, "mjpeg").unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server
        .add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Wrong:1", "Right:2"] })
        .unwrap();
    let address = |password| [format!("rtsp://room:{password}@127.0.0.1:{port}/camera")];
    let (wrong, right) = (address("Vx9notthisone"), address(CAMERA_PASSWORD_IN_URL));
    let (wrong_spool, right_spool) = (home.path().join("wrong"), home.path().join("right"));
    let start = |join: &invigil_tests::server::Join, spool: &Path, cameras: &[String]| {
        Agent::start(&Start { url: &server.url(), join: &join.join, spool, cameras, environment: &[] }).unwrap()
    };
    let refused = start(&exam.joins[0], &wrong_spool, &wrong);
    let mut agent = start(&exam.joins[1], &right_spool, &right);
    agent.wait_recorded(4_000, Duration::from_secs(60)).unwrap();
    assert!(agent.stop(Duration::from_secs(60)).unwrap().success());
    let log = wrong_spool.with_extension("log");
    wait_for("the agent says that the camera refused it", Duration::from_secs(20), || {
        Ok(std::fs::read_to_string(&log)?.contains("401").then_some(()))
    })
    .unwrap();
    drop(refused);
    assert!(!std::fs::read_to_string(&log).unwrap().contains("Vx9notthisone"));
    camera.kill().unwrap();

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(exam.joins[1].recording, &out).unwrap();
    assert!(whole, "{report}");
    let decoded = decode::decode(&only_mp4(&out, "cam0").unwrap()).unwrap();
    assert!(decoded.errors.is_empty() && decoded.frames() > 30, "{} pictures, {:?}", decoded.frames(), decoded.errors);
}

/// The RTSP server of `tests/rtsp`.
struct Camera(Child);

impl Camera {
    fn start(port: u16, codec: &str) -> Result<Self> {
        let mut child = Command::new("/usr/bin/python3")
            .arg(project_root().join("tests/rtsp/server.py"))
            .args(["--port", &port.to_string(), "--user", "room", "--password-env", "CAMERA_PASSWORD", "--codec", codec])
            .args(["--fps", &FPS.to_string(), "--key-every", &FPS.to_string()])
            .env("CAMERA_PASSWORD", CAMERA_PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("start the RTSP server")?;
        let line = BufReader::new(child.stdout.take().context("the RTSP server's output")?).lines().next();
        match line {
            Some(Ok(line)) if line == "ready" => Ok(Self(child)),
            other => {
                let _ = child.kill();
                let _ = child.wait();
                bail!("the RTSP server did not get ready ({other:?}); it needs the packages that ./invigil test installs")
            }
        }
    }

    fn kill(&mut self) -> Result<()> {
        signal(&self.0, Signal::SIGKILL)?;
        self.0.wait().map(drop).context("wait for the RTSP server")
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The sequence parameter set that the camera announces, as ffprobe (no code of ours) sees it.
fn sprop_sps(url: &str) -> Result<Vec<u8>> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-rtsp_transport", "tcp", "-i", url, "-c", "copy", "-frames:v", "30", "-f", "h264", "-"])
        .stdin(Stdio::null())
        .output()
        .context("run ffmpeg")?;
    let bytes = output.stdout;
    let starts: Vec<usize> = bytes.windows(3).enumerate().filter(|(_, window)| *window == [0, 0, 1]).map(|(at, _)| at + 3).collect();
    for pair in starts.windows(2) {
        let nal = &bytes[pair[0]..pair[1] - 3];
        if nal.first().is_some_and(|byte| byte & 0x1F == 7) {
            let len = nal.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
            return Ok(nal[..len].to_vec());
        }
    }
    bail!("the camera sends no sequence parameter set: {}", String::from_utf8_lossy(&output.stderr))
}

/// Pictures that stand less than half of the camera's interval after another.
fn crowded(decoded: &decode::Decoded) -> Vec<(f64, f64)> {
    let least = 0.5 / FPS as f64;
    decoded.times_secs.windows(2).filter(|pair| pair[1] - pair[0] < least).map(|pair| (pair[0], pair[1] - pair[0])).collect()
}

fn only_mp4(folder: &Path, track: &str) -> Result<std::path::PathBuf> {
    let is_track = |file: &std::path::PathBuf| file.extension().is_some_and(|end| end == "mp4") && file.to_string_lossy().contains(track);
    let mut files: Vec<_> = disk::files(folder)?.into_iter().filter(is_track).collect();
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        (file, _) => bail!("expected one file of track {track} in {}, found {files:?} {file:?}", folder.display()),
    }
}
