#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use invigil_tests::binary;
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::mount::is_root;
use invigil_tests::pulse::{self, Pulse};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Exit status and findings.
fn check(spool: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, Vec<Value>) {
    let mut command = Command::new(binary("invigil-agent").unwrap());
    command.args(["check", "--json", "--spool"]).arg(spool).args(arguments).envs(environment.iter().copied());
    let output = command.output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)));
    let status = output.status.code().unwrap();
    assert_eq!(said["status"], status);
    (status, said["findings"].as_array().unwrap().clone())
}

fn about<'a>(findings: &'a [Value], what: &str) -> &'a Value {
    findings.iter().find(|finding| finding["about"] == what).unwrap_or_else(|| panic!("nothing about {what}: {findings:#?}"))
}

#[test]
fn cameras_and_disk_are_checked_without_a_server() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let (spool, pictures) = (home.path().join("spool"), home.path().join("pictures"));
    let clip = format!("file:{}", invigil_tests::clip().unwrap().display());
    let (status, findings) = check(&spool, &["--camera", "test", "--camera", &clip, "--picture", pictures.to_str().unwrap()], &[]);
    // The clip is smaller than what the policies ask for; that is said, and nothing else is wrong.
    let cameras: Vec<&Value> = findings.iter().filter(|finding| finding["about"] == "camera").collect();
    let levels: Vec<&str> = cameras.iter().filter_map(|camera| camera["level"].as_str()).collect();
    assert_eq!((status, levels), (1, vec!["good", "attention"]), "{findings:#?}");
    assert!(cameras[1]["to_do"][0].as_str().unwrap().contains("smaller than the 640x480"), "{findings:#?}");
    assert_eq!(check(&spool, &["--camera", "test"], &[]).0, 0);
    for (index, camera) in cameras.iter().enumerate() {
        let fps = camera["figures"]["fps"].as_f64().unwrap();
        assert!((10.0..=31.0).contains(&fps), "{camera}");
        let picture = pictures.join(format!("cam{index}.jpg"));
        assert!(camera["says"].as_str().unwrap().contains(picture.to_str().unwrap()), "where it lies is said: {camera}");
        assert_eq!(std::fs::metadata(&picture).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(std::fs::read(&picture).unwrap().starts_with(&[0xFF, 0xD8, 0xFF]), "a JPEG file");
    }
    assert!(!spool.exists(), "nothing is left behind");

    let (status, findings) = check(&spool, &["--camera", "file:/nowhere.mp4"], &[]);
    assert_eq!(status, 2, "{findings:#?}");
    assert!(about(&findings, "camera")["to_do"][0].as_str().unwrap().contains("plugged in"));
    let (status, _) = check(&spool, &["--camera", "file:/nowhere.mp4", "--camera", "test"], &[]);
    assert_eq!(status, 1, "one camera is enough to record");
    assert!(!pictures.join("cam2.jpg").exists());
}

/// A film of 6 s of what `source` (a filter of ffmpeg's) makes: exactly that with a quantiser (`qp`) of 0, which not every decoder can read.
fn film(to: &Path, source: &str, qp: &str) -> String {
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", source, "-t", "6", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-qp", qp])
        .args(["-preset", "ultrafast"])
        .arg(to)
        .status();
    assert!(made.unwrap().success());
    format!("file:{}", to.display())
}

/// A dark room, a picture that stands still, a slow camera, and a real IP camera with which nothing is wrong.
#[test]
fn light_stillness_and_rate_of_cameras_are_said_with_what_to_do() {
    // Alone: a machine that is too busy makes any camera slow.
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let in_home = |name: &str, source: &str| film(&home.path().join(name), source, "0");
    let dark = in_home("dark.mp4", "testsrc2=size=640x480:rate=15,lutyuv=y=16+val/40,noise=alls=2:allf=t");
    let still = in_home("still.mp4", "color=gray:size=640x480:rate=15");
    let slow = in_home("slow.mp4", "testsrc2=size=640x480:rate=4");
    let room = film(&home.path().join("room.mp4"), "testsrc2=size=640x480:rate=20", "18");
    let ip = IpCamera::start(&["--size", "640x480", "--fps", "20", "--file", room.trim_start_matches("file:")]).unwrap();
    let cameras = [dark, still, slow, ip.url(0)];
    let arguments: Vec<&str> = cameras.iter().flat_map(|camera| ["--camera", camera]).collect();
    let (status, findings) = check(&home.path().join("spool"), &arguments, &[]);
    let cameras: Vec<&Value> = findings.iter().filter(|finding| finding["about"] == "camera").collect();
    let to_do = |index: usize| cameras[index]["to_do"].as_array().unwrap().iter().filter_map(Value::as_str);
    for (index, what) in ["switch on the light", "exactly the same", "fewer than the 15 pictures"].into_iter().enumerate() {
        assert_eq!(cameras[index]["level"], "attention", "{}", cameras[index]);
        assert!(to_do(index).all(|text| text.contains(what)) && to_do(index).count() == 1, "{}", cameras[index]);
    }
    assert!(status == 1 && cameras[3]["level"] == "good", "{}", cameras[3]);
    assert!(cameras[3]["says"].as_str().unwrap().starts_with("640x480, "), "{}", cameras[3]);
}

/// What an exam with sound needs of the microphone: one that hears, one that is muted, and none.
#[test]
fn the_microphone_is_listened_to_where_the_exam_asks_for_sound() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.add_policy("oral", "kbtu", &[("capture.sound", toml::Value::Boolean(true))]).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "oral", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let (spool, url, join) = (home.path().join("spool"), server.url(), exam.joins[0].join.as_str());
    let mut joining = Command::new(binary("invigil-agent").unwrap());
    assert!(joining.args(["join", "--server", &url, "--join", join, "--spool"]).arg(&spool).output().unwrap().status.success());

    let mut pulse = Pulse::start(&home.path().join("pulse")).unwrap();
    let environment = pulse.environment();
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let sound = || {
        let (status, findings) = check(&spool, &["--camera", "test", "--server", &url, "--join", join], &environment);
        (status, about(&findings, "sound").clone())
    };
    let voice = home.path().join("voice.wav");
    pulse::wav(&voice, 30.0, |at| 0.1 * (at * 440.0 * std::f64::consts::TAU).sin()).unwrap();
    let playing = pulse.play(&voice).unwrap();
    let (status, heard) = sound();
    assert!(status == 0 && heard["level"] == "good" && heard["says"].as_str().unwrap().contains("something is heard"), "{heard}");
    pulse.mute(true).unwrap();
    let (status, muted) = sound();
    assert!(status == 1 && muted["level"] == "attention" && muted["to_do"][0].as_str().unwrap().contains("muted"), "{muted}");
    drop(playing);
    pulse.kill().unwrap();
    let (status, none) = sound();
    assert!(status == 1 && none["says"].as_str().unwrap().starts_with("no sound"), "{none}");
    assert!(none["to_do"][0].as_str().unwrap().contains("plugged in"), "{none}");
}

/// A disk of 100 MiB in a mount namespace of its own: an exam of three hours does not fit; with 40 MiB left nothing is begun; then it is full to the last byte.
const SMALL_DISK: &str = r#"
set -e
mount -t tmpfs -o size=100m tmpfs "$DISK"
trap 'umount "$DISK"' EXIT
check() { "$AGENT" check --json --camera test --spool "$DISK/spool" > "$OUT/$1" || echo $? > "$OUT/$1.status"; }
check roomy
head -c 62914560 /dev/zero > "$DISK/rest"
check tight
cat /dev/zero > "$DISK/more" || true
check full
"#;

#[test]
fn a_full_disk_is_said() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let disk = home.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    // Root needs no namespace for it, and has none in a changed root folder.
    let mut script = Command::new(if is_root() { "sh" } else { "unshare" });
    script.args(if is_root() { &[][..] } else { &["--map-root-user", "--mount", "sh"] }).args(["-c", SMALL_DISK]);
    script.env("DISK", &disk).env("OUT", home.path()).env("AGENT", binary("invigil-agent").unwrap());
    let output = script.output().expect("start unshare: install util-linux");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found = |name: &str| -> (String, Value) {
        let said: Value = serde_json::from_slice(&std::fs::read(home.path().join(name)).unwrap()).unwrap();
        let status = std::fs::read_to_string(home.path().join(format!("{name}.status"))).unwrap();
        (status.trim().to_owned(), about(said["findings"].as_array().unwrap(), "disk").clone())
    };
    let (status, roomy) = found("roomy");
    assert!(status == "1" && roomy["to_do"][0].as_str().unwrap().contains("without a network it lasts for 0:4"), "{roomy}");
    for name in ["tight", "full"] {
        let (status, disk) = found(name);
        assert!(status == "2" && disk["level"] == "bad" && disk["to_do"][0].as_str().unwrap().contains("make room"), "{disk}");
    }
}

#[test]
fn server_link_and_clock_are_checked_and_the_code_is_not_used_up() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["A:1"] }).unwrap();
    let (spool, url, join) = (home.path().join("spool"), server.url(), exam.joins[0].join.as_str());
    let arguments = ["--camera", "test", "--server", &url, "--join", join];
    let (status, findings) = check(&spool, &arguments, &[]);
    let standing = about(&findings, "server");
    assert_eq!((status, standing["figures"]["reached"].as_bool(), standing["figures"]["joined"].as_bool()), (1, Some(true), Some(false)));
    assert!(standing["to_do"][0].as_str().unwrap().contains("join"), "{standing}");
    assert_eq!(server.recording(exam.joins[0].recording).unwrap().state, "waiting", "checking is not joining");

    let mut joining = Command::new(binary("invigil-agent").unwrap());
    joining.args(["join", "--server", &url, "--join", join, "--spool"]).arg(&spool);
    let joined = joining.output().unwrap();
    assert!(joined.status.success() && String::from_utf8_lossy(&joined.stdout).contains("without a network until"));
    let (status, findings) = check(&spool, &arguments, &[]);
    assert_eq!(status, 0, "{findings:#?}");
    let up = about(&findings, "link")["figures"]["up_kbits"].as_u64().unwrap();
    assert!(up > 1_000, "{up} kbit/s over loopback");
    assert!(about(&findings, "clock")["figures"]["ahead_ms"].as_i64().unwrap().abs() < 2_000);

    // A way up of 16 kbyte/s (128 kbit/s), less than the 300 kbit/s that the policy allows a camera.
    let proxy = invigil_tests::proxy::Proxy::start(server.address()).unwrap();
    proxy.throttle(16_000);
    let (status, findings) = check(&spool, &["--camera", "test", "--server", &proxy.url(), "--join", join], &[]);
    let link = about(&findings, "link");
    let up = link["figures"]["up_kbits"].as_u64().unwrap();
    assert!(status == 1 && link["level"] == "attention" && (40..=250).contains(&up), "{link}");

    let (status, findings) = check(&spool, &arguments, &[("INVIGIL_WALL_AHEAD_MS", "7200000")]);
    let clock = about(&findings, "clock");
    assert!(status == 1 && clock["says"].as_str().unwrap().contains("ahead of the server's"), "{clock}");
    let behind = check(&spool, &arguments, &[("INVIGIL_WALL_AHEAD_MS", "-34560000000")]);
    assert!(behind.0 == 1 && about(&behind.1, "clock")["says"].as_str().unwrap().contains("behind"), "{behind:#?}");

    server.stop().unwrap();
    let (status, findings) = check(&spool, &arguments, &[]);
    let standing = about(&findings, "server");
    assert!(status == 1 && standing["to_do"][0].as_str().unwrap().contains("uploaded later"), "it joined: {standing}");
    let (status, _) = check(&home.path().join("other-spool"), &arguments, &[]);
    assert_eq!(status, 2, "without a server a computer that has not joined records nothing");
}
