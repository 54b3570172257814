use anyhow::{Context, Result, bail};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::ip_camera::{self, IpCamera, PASSWORD as CAMERA_PASSWORD, PASSWORD_IN_URL as CAMERA_PASSWORD_IN_URL};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, wait_for};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FPS: u64 = 25;

/// The person at the machine is told this of the camera, in a line that names it.
fn told(agent: &Agent, event: &str) -> Result<()> {
    let is_it = |line: &serde_json::Value| line["event"] == event && line["message"].as_str().is_some_and(|text| text.starts_with("cam0 "));
    wait_for(&format!("a line {event} for the person"), Duration::from_secs(15), || Ok(agent.lines().iter().any(is_it).then_some(())))
}

fn protected(port: u16, codec: &str) -> Result<IpCamera> {
    let mut arguments = IpCamera::PROTECTED.to_vec();
    arguments.extend(["--codec", codec]);
    IpCamera::start_at(port, &arguments)
}

/// A file of cameras that only its owner can read.
fn camera_file(path: &Path, lines: &str) -> Result<String> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, lines)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(format!("@{}", path.display()))
}

/// A room's IP camera with a password: its own H.264 is recorded as it is; it fails and comes back, and only its absence is missing; nothing that
/// the agent or the server writes holds its password.
#[test]
fn an_ip_camera_passes_through_comes_back_and_keeps_its_password() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let port = ip_camera::free_port().unwrap();
    let mut camera = protected(port, "h264").unwrap();
    let url = format!("rtsp://room:{CAMERA_PASSWORD_IN_URL}@127.0.0.1:{port}/camera");
    let sps = sprop_sps(&url).unwrap();

    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A Candidate"] }).unwrap();
    let join = &exam.joins[0];
    let (spool, spool_copy) = (home.path().join("spool"), home.path().join("spool-copy"));
    // The list of cameras lies outside of what is searched for the password below.
    let hall = tempfile::tempdir().unwrap();
    let cameras = [camera_file(&hall.path().join("cameras"), &format!("# the hall's camera\n{url}\n")).unwrap()];
    let start = Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[("RUST_LOG", "trace")] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, Duration::from_secs(60)).unwrap();

    // A camera without power: it says no farewell, and its address refuses for a while.
    camera.kill().unwrap();
    let died_us = invigil_clock::boottime_us();
    wait_for("the agent notices that the camera is gone", Duration::from_secs(15), || Ok((agent.number("fps") == 0).then_some(())))
        .unwrap();
    let noticed_us = invigil_clock::boottime_us();
    told(&agent, "camera-lost").unwrap();
    std::thread::sleep(Duration::from_secs(4));
    let mut camera = protected(port, "h264").unwrap();
    let back_us = invigil_clock::boottime_us();
    let before = agent.number("recorded_ms");
    agent.wait_recorded(before + 1_000, Duration::from_secs(30)).unwrap();
    let recovered_us = invigil_clock::boottime_us();
    told(&agent, "camera-back").unwrap();
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

/// A camera whose power fails closes no connection: it just says nothing more. That is noticed within seconds, and it records again within 5 s of
/// coming back.
#[test]
fn a_camera_that_falls_silent_on_an_open_connection_is_noticed_and_comes_back() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let mut camera = IpCamera::start(&[]).unwrap();
    let port = camera.port();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A Candidate"] }).unwrap();
    let join = &exam.joins[0];
    let (spool, cameras) = (home.path().join("spool"), [camera.url(0)]);
    let mut agent =
        Agent::start(&Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[] }).unwrap();
    agent.wait_recorded(6_000, Duration::from_secs(60)).unwrap();

    camera.hold().unwrap();
    let since = |from_us: u64| (invigil_clock::boottime_us() - from_us) / 1000;
    let silent_us = invigil_clock::boottime_us();
    told(&agent, "camera-lost").unwrap();
    let noticed_ms = since(silent_us);
    // It is tried again meanwhile: somebody listens there, and nobody answers.
    std::thread::sleep(Duration::from_secs(8));
    camera.kill().unwrap();
    let _camera = IpCamera::start_at(port, &[]).unwrap();
    let back_us = invigil_clock::boottime_us();
    told(&agent, "camera-back").unwrap();
    let (back_ms, away_ms) = (since(back_us), since(silent_us));
    eprintln!("silent camera: told after {noticed_ms} ms; told that it is back {back_ms} ms after it was");
    assert!(noticed_ms < 8_000, "told after {noticed_ms} ms");
    assert!(back_ms < 5_000, "back after {back_ms} ms");
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 4_000, Duration::from_secs(60)).unwrap();
    assert!(agent.stop(Duration::from_secs(60)).unwrap().success());

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let decoded = decode::decode(&only_mp4(&out, "cam0").unwrap()).unwrap();
    assert!(decoded.errors.is_empty(), "{:#?}", decoded.errors);
    let gaps = decoded.gaps(1.0);
    assert!(gaps.len() == 1 && (gaps[0].1 - away_ms as f64 / 1000.0).abs() < 2.0, "away for {away_ms} ms: {gaps:?}");
    let recording = server.recording(join.recording).unwrap();
    let lost: Vec<_> = recording.missing.iter().filter(|missing| missing.cause == "camera-lost").collect();
    assert_eq!(lost.len(), 1, "{:#?}", recording.missing);
}

/// A wrong password is an error that says so and shows no password; the agent goes on trying. A camera that offers no H.264 is decoded and encoded.
#[test]
fn a_refused_password_is_said_and_other_codecs_are_encoded() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let port = ip_camera::free_port().unwrap();
    let mut camera = protected(port, "mjpeg").unwrap();
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

/// No command line holds a camera's password for long: neither where it was given in a file or the environment, nor where it was given on the command
/// line; and no error message holds it.
#[test]
fn a_cameras_password_shows_in_no_command_line_and_no_message() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let names = ["File:1", "Variable:2", "Line:3"];
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &names }).unwrap();
    // Nobody listens there: what is said about it is looked at as well.
    let url = format!("rtsp://room:{CAMERA_PASSWORD_IN_URL}@127.0.0.1:{}/camera?pwd=Vx9also", ip_camera::free_port().unwrap());
    let hall = tempfile::tempdir().unwrap();
    let in_file = [camera_file(&hall.path().join("cameras"), &format!("{url}\n")).unwrap()];
    let variable = [("INVIGIL_CAMERAS", url.as_str())];
    let ways = [(&in_file[..], &variable[..0]), (&in_file[..0], &variable[..]), (std::slice::from_ref(&url), &variable[..0])];
    for ((cameras, environment), (join, name)) in ways.into_iter().zip(exam.joins.iter().zip(names)) {
        let spool = home.path().join(name.split(':').next().unwrap());
        let agent = Agent::start(&Start { url: &server.url(), join: &join.join, spool: &spool, cameras, environment }).unwrap();
        let log = spool.with_extension("log");
        wait_for(&format!("{name}: the agent tried the camera"), Duration::from_secs(60), || {
            Ok(std::fs::read_to_string(&log)?.contains("camera lost").then_some(()))
        })
        .unwrap();
        let line = std::fs::read(format!("/proc/{}/cmdline", agent.pid().unwrap())).unwrap();
        let shown = String::from_utf8_lossy(&line).replace('\0', " ");
        assert!(shown.contains("--spool"), "{shown}");
        let warned = std::fs::read_to_string(&log).unwrap().contains("stands on the command line");
        assert_eq!(warned, environment.is_empty() && cameras != in_file, "{name}");
        for secret in [CAMERA_PASSWORD, CAMERA_PASSWORD_IN_URL, "Vx9also"] {
            assert!(!shown.contains(secret), "{name}: {shown}");
        }
        drop(agent);
    }
    for (cameras, why) in
        [("rstp://room:Vx9notthis@127.0.0.1/x", "number 1"), (&*format!("@{}", hall.path().join("open").display()), "chmod 600")]
    {
        std::fs::write(hall.path().join("open"), &url).unwrap();
        let spool = home.path().join("refused");
        let start =
            Start { url: &server.url(), join: &exam.joins[0].join, spool: &spool, cameras: &[cameras.to_owned()], environment: &[] };
        assert!(!Agent::start(&start).unwrap().wait_for_end(Duration::from_secs(30)).unwrap().success());
        assert!(std::fs::read_to_string(spool.with_extension("log")).unwrap().contains(why));
    }
    for file in disk::files(home.path()).unwrap() {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        for secret in [CAMERA_PASSWORD, CAMERA_PASSWORD_IN_URL, "Vx9also", "Vx9notthis"] {
            assert!(!text.contains(secret), "{} holds {secret}", file.display());
        }
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
