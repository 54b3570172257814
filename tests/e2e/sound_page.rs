use anyhow::{Context, Result};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::backlog;
use invigil_tests::server::{Exam, Join, LOGIN, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, disk, wait_for};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SECS: u64 = 150;
/// Seconds in which the microphone was away.
const LOST: std::ops::Range<u64> = 100..106;
/// So slow a microphone would be 0.3 s late after a minute and a half.
const SLOW_PPM: u64 = 4000;

const BOARD: [(&str, &str); 2] = [("dean", "first board password of a test"), ("chair", "second board password of a test")];

/// A reviewer hears what a camera's microphone heard, in step with the picture (`tests/browser/sound.mjs`): claps are seen and heard at the same time.
#[test]
fn a_reviewer_hears_footage_in_step_with_the_picture() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam = Exam { policy: "kbtu", starts_ms: now - 600_000, ends_ms: now + 600_000, candidates: &["A Candidate:17", "B Candidate:18"] };
    let exam = server.add_exam(&exam).unwrap();
    for (join, slow_ppm) in exam.joins.iter().zip([0, SLOW_PPM]) {
        record(&server, home.path(), join, now - 500_000, slow_ppm).unwrap();
    }
    let slow = exam.joins[1].recording.to_string();
    browse("sound.mjs", &server, &exam.joins[0], &[("INVIGIL_SLOW", slow)], home.path()).unwrap();
}

/// An act that cites a stretch cites its sound: it is in the bundle that the page makes, sealed and playable, and the offline tool confirms it.
#[test]
fn an_act_has_the_sound_of_what_it_cites() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    for (login, password) in BOARD {
        server.add_staff(login, "board", password, "Member of the commission").unwrap();
    }
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam = Exam { policy: "kaznu", starts_ms: now - 600_000, ends_ms: now + 600_000, candidates: &["A Candidate:17"] };
    let exam = server.add_exam(&exam).unwrap();
    let from_ms = now - 500_000;
    record(&server, home.path(), &exam.joins[0], from_ms, 0).unwrap();
    let out = home.path().join("out");
    std::fs::create_dir_all(&out).unwrap();
    let board: Vec<String> = BOARD.iter().map(|(login, password)| format!("{login}:{password}")).collect();
    let range = format!("{},{}", from_ms + 20_000, from_ms + 50_000);
    let with = [("INVIGIL_BOARD", board.join(",")), ("INVIGIL_RANGE_MS", range), ("INVIGIL_OUT", out.display().to_string())];
    browse("acts.mjs", &server, &exam.joins[0], &with, home.path()).unwrap();

    let mut bundles = disk::files(&out).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "zip"));
    let bundle = bundles.next_back().expect("the page saved a bundle");
    let institution = server.institution().unwrap();
    let verified = Command::new(binary("invigil-server").unwrap())
        .arg("verify")
        .arg(&bundle)
        .args(["--institution", &institution])
        .env_clear()
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    let unpacked = home.path().join("unpacked");
    let status = Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&bundle).arg(&unpacked).status().unwrap();
    assert!(status.success());
    let named = |end: &str| {
        let files = disk::files(&unpacked).unwrap();
        files.into_iter().find(|file| file.to_string_lossy().ends_with(end)).unwrap_or_else(|| panic!("the bundle has no file {end}"))
    };
    named("mic0-00000000.seg");
    named("mic0-00000000.receipt.json");
    // 30 s, from a chunk of a second that begins before them to one that ends after them: packets of 20 ms, pictures of 40 ms.
    let packets = sound_packets(&named("-mic0.mp4")).unwrap();
    assert!((30 * 50..=32 * 50).contains(&packets), "{packets} packets");
    let pictures = invigil_tests::decode::decode(&named("-cam0.mp4")).unwrap().frames();
    assert_eq!(pictures, packets / 2, "sound and picture of the same stretch");
}

fn browse(script: &str, server: &Server, join: &Join, with: &[(&str, String)], home: &Path) -> Result<()> {
    let output = Command::new("node")
        .arg(invigil_tests::project_root().join("tests/browser").join(script))
        .env("INVIGIL_URL", server.url())
        .env("INVIGIL_LOGIN", LOGIN)
        .env("INVIGIL_PASSWORD", PASSWORD)
        .env("INVIGIL_PASSPHRASE", PASSPHRASE)
        .env("INVIGIL_RECORDING", join.recording.to_string())
        .env("INVIGIL_SCREENSHOTS", std::env::var("INVIGIL_SCREENSHOTS").map_or_else(|_| home.join("screenshots"), PathBuf::from))
        .envs(with.iter().map(|(name, value)| (name, value)))
        .output()?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprintln!("{said}");
    anyhow::ensure!(output.status.success(), "{said}");
    Ok(())
}

/// Packets of sound that another program finds in a file.
fn sound_packets(file: &Path) -> Result<usize> {
    let shown = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "a:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"])
        .arg(file)
        .output()?;
    let text = String::from_utf8_lossy(&shown.stdout).trim().trim_end_matches(',').to_owned();
    text.parse().with_context(|| format!("count the packets of {}: {text}", file.display()))
}

/// An agent joins; a run with camera and microphone lies in its spool when it is started again, and it uploads that.
fn record(server: &Server, home: &Path, join: &Join, from_ms: i64, slow_ppm: u64) -> Result<()> {
    let (spool, url) = (home.join(join.recording.to_string()), server.url());
    let cameras = [format!("file:{}", invigil_tests::clip()?.display())];
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start)?;
    wait_for("the agent has joined", Duration::from_secs(60), || {
        Ok(spool.join(join.recording.to_string()).join("runs.json").exists().then_some(()))
    })?;
    agent.kill()?;
    backlog::write_claps(&spool, join.recording, from_ms, SECS, LOST, slow_ppm)?;
    let mut agent = Agent::start(&start)?;
    agent.wait_recorded(2_000, Duration::from_secs(90))?;
    anyhow::ensure!(agent.stop(Duration::from_secs(120))?.success(), "the agent did not upload everything");
    Ok(())
}
