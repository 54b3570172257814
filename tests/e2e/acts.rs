use anyhow::{Context, Result};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::backlog::{self, Backlog};
use invigil_tests::camera_vm::CameraVm;
use invigil_tests::server::{Exam, Join, LOGIN, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, disk, wait_for};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Three hours of footage, as 36 segments.
const HOURS_MS: i64 = 3 * 3_600_000;
const SEGMENTS: u32 = 36;
/// Cited: ten minutes that begin and end with a segment, so two of the 36.
const CITED_FROM_MS: i64 = 3_600_000;
const CITED_MS: i64 = 600_000;
const KEEP_SECS: i64 = 420;
const BOARD: [(&str, &str); 2] = [("dean", "first board password of a test"), ("chair", "second board password of a test")];

const OTHERS: [(&str, &str); 3] = [("registry", "registrar"), ("audit", "auditor"), ("duty", "invigilator")];

/// Acts as their users meet it: from a moment in the player to a signed act with its PDF and its bundle, verified where the server is not; then the
/// month passes, and exactly what the act cites is left (`tests/browser/acts.mjs`).
#[test]
fn from_the_moment_seen_to_an_act_that_stands() {
    let turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.add_policy("brief", "kaznu", &[("retention.keep", format!("PT{KEEP_SECS}S").into())]).unwrap();
    server.set_config("sweep_secs", "1").unwrap();
    for (login, password) in BOARD {
        server.add_staff(login, "board", password, "Member of the commission").unwrap();
    }
    for (login, role) in OTHERS {
        server.add_staff(login, role, &format!("password of the {role} in a test"), "").unwrap();
    }
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let from_ms = now - HOURS_MS - 60_000;
    let exam = server
        .add_exam(&Exam {
            policy: "brief", starts_ms: from_ms, ends_ms: now + 20_000, candidates: &["Әсем Қожахметқызы Ғұмарова:17"]
        })
        .unwrap();
    let join = &exam.joins[0];
    let (spool, backlog) = record(&server, home.path(), join, from_ms).unwrap();
    assert_eq!(backlog.segments, SEGMENTS);
    let expires = server.recording(join.recording).unwrap().exam.expires_ms;

    // The whole path in the browser.
    let out = home.path().join("out");
    fs::create_dir_all(&out).unwrap();
    let (cited_from, cited_to) = (from_ms + CITED_FROM_MS + 1_000, from_ms + CITED_FROM_MS + CITED_MS - 1_000);
    browse("acts.mjs", &server, join, &out, (cited_from, cited_to), home.path()).unwrap();
    assert!(invigil_clock::wall_ms() < expires, "the browser took so long that the month was over meanwhile; nothing was shown");

    // Without the server: it is stopped and its folder out of reach. There are the tool, the bundle and the institution's public key.
    let institution = server.institution().unwrap();
    let cited: u64 = stored(&server).unwrap().iter().filter(|file| is_cited(file)).map(|file| fs::metadata(file).unwrap().len()).sum();
    server.stop().unwrap();
    let hidden = home.path().join("hidden");
    fs::rename(server.dir(), &hidden).unwrap();
    let bundle = home.path().join("bundle.zip");
    fs::copy(find(&out, "zip").unwrap(), &bundle).unwrap();
    let (said, holds) = verify(&bundle, &institution).unwrap();
    assert!(holds, "{said}");
    verify_elsewhere(&bundle, &institution, home.path()).unwrap();
    let mut bytes = fs::read(&bundle).unwrap();
    eprintln!("bundle of {} bytes; the cited segments have {cited}, the recording {}", bytes.len(), backlog.size_bytes);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&bundle, &bytes).unwrap();
    let (said, holds) = verify(&bundle, &institution).unwrap();
    assert!(!holds, "{said}");
    verify_sealed(&out, &institution).unwrap();
    fs::rename(&hidden, server.dir()).unwrap();
    server.start().unwrap();

    // The month is over. Nothing but a clock works until then.
    drop(turn);
    wait_for("the sweep leaves the cited segments only", Duration::from_secs(600), || {
        Ok((invigil_clock::wall_ms() > expires && stored(&server)?.len() == 2).then_some(()))
    })
    .unwrap();
    let _turn = crate::turn();
    let opened = home.path().join("after");
    let (report, _) = server.open_footage(join.recording, &opened).unwrap();
    let tracks = report["tracks"].as_array().unwrap();
    assert_eq!(tracks.iter().filter_map(|track| track["segments"].as_u64()).sum::<u64>(), 2, "{report}");
    let frames: usize = mp4s(&opened).unwrap().iter().map(|file| invigil_tests::decode::decode(file).unwrap().frames()).sum();
    assert_eq!(frames, 2 * 300 * 15, "exactly the ten minutes of the two cited segments decode");
    let (said, sound) = server.command(&["check"], &[]).unwrap();
    assert!(sound, "{said}");

    // The act outlives the month: whoever reads it finds its text, pictures, annex and documents as they were.
    browse("outlive.mjs", &server, join, &out, (cited_from, cited_to), home.path()).unwrap();

    // The case is closed: the hold ends, and nothing is left to open.
    browse("cancel.mjs", &server, join, &out, (cited_from, cited_to), home.path()).unwrap();
    wait_for("closing the case leaves no footage", Duration::from_secs(60), || Ok(stored(&server)?.is_empty().then_some(()))).unwrap();
    assert!(server.open_footage(join.recording, &home.path().join("closed")).map(|(_, whole)| !whole).unwrap_or(true));
    drop(spool);
}

/// An agent joins, "records" three hours, and uploads them.
fn record(server: &Server, home: &Path, join: &Join, from_ms: i64) -> Result<(PathBuf, Backlog)> {
    let (spool, url) = (home.join("spool"), server.url());
    let cameras = [format!("file:{}", invigil_tests::clip()?.display())];
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start)?;
    wait_for("the agent has joined", Duration::from_secs(60), || {
        Ok(spool.join(join.recording.to_string()).join("runs.json").exists().then_some(()))
    })?;
    agent.kill()?;
    let backlog = backlog::write(&spool, join.recording, &invigil_tests::clip()?, from_ms, u64::try_from(HOURS_MS)? / 1000)?;
    let mut agent = Agent::start(&start)?;
    agent.wait_recorded(2_000, Duration::from_secs(90))?;
    anyhow::ensure!(agent.stop(Duration::from_secs(240))?.success(), "the agent did not upload everything");
    Ok((spool, backlog))
}

fn browse(script: &str, server: &Server, join: &Join, out: &Path, (from_ms, to_ms): (i64, i64), home: &Path) -> Result<()> {
    let board: Vec<String> = BOARD.iter().map(|(login, password)| format!("{login}:{password}")).collect();
    let others =
        OTHERS.map(|(login, role)| (format!("INVIGIL_{}", role.to_uppercase()), format!("{login}:password of the {role} in a test")));
    let output = Command::new("node")
        .arg(invigil_tests::project_root().join("tests/browser").join(script))
        .envs(others)
        .env("INVIGIL_URL", server.url())
        .env("INVIGIL_LOGIN", LOGIN)
        .env("INVIGIL_PASSWORD", PASSWORD)
        .env("INVIGIL_PASSPHRASE", PASSPHRASE)
        .env("INVIGIL_RECORDING", join.recording.to_string())
        .env("INVIGIL_BOARD", board.join(","))
        .env("INVIGIL_RANGE_MS", format!("{from_ms},{to_ms}"))
        .env("INVIGIL_OUT", out)
        .env("INVIGIL_SCREENSHOTS", std::env::var("INVIGIL_SCREENSHOTS").map_or_else(|_| home.join("screenshots"), PathBuf::from))
        .output()
        .context("run node")?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprintln!("{said}");
    anyhow::ensure!(output.status.success(), "{said}");
    Ok(())
}

fn verify(bundle: &Path, institution: &str) -> Result<(String, bool)> {
    let begun = invigil_clock::boottime_us();
    let output = Command::new(binary("invigil-server")?)
        .arg("verify")
        .arg(bundle)
        .args(["--institution", institution])
        .env_clear()
        .output()
        .context("run invigil-server verify")?;
    eprintln!("verified in {} ms", (invigil_clock::boottime_us() - begun) / 1000);
    Ok((format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)), output.status.success()))
}

/// The same on another computer, an emulated one without network: the tool, the bundle and the institution's key are all that it needs.
fn verify_elsewhere(bundle: &Path, institution: &str, home: &Path) -> Result<()> {
    let mut computer = CameraVm::boot(&home.join("elsewhere"))?;
    let there = computer.folder().join("bundle.zip");
    fs::copy(bundle, &there)?;
    let limit = Duration::from_secs(240);
    let offline = "busybox ip link set eth0 down && test -z \"$(busybox ip route)\"";
    computer.run(offline, limit).context("cut the computer off the network")?;
    let command = format!("{} verify {} --institution {institution}", binary("invigil-server")?.display(), there.display());
    let said = computer.run(&command, limit)?;
    eprintln!("on another computer, without network:\n{said}");
    let mut bytes = fs::read(&there)?;
    let last_third = bytes.len() / 3 * 2;
    bytes[last_third] ^= 1;
    fs::write(&there, bytes)?;
    computer.run(&format!("! {command}"), limit).context("a changed byte is found there, too")?;
    Ok(())
}

fn stored(server: &Server) -> Result<Vec<PathBuf>> {
    Ok(disk::files(server.dir())?.into_iter().filter(|file| fs::read(file).is_ok_and(|b| b.starts_with(b"\x89IVS\r\n\x1a\n"))).collect())
}

/// Segments 12 and 13 begin one hour after the first.
fn is_cited(file: &Path) -> bool {
    let sequence = file.file_name().and_then(|name| name.to_str()?.split('-').next()?.parse::<u32>().ok());
    sequence.is_some_and(|sequence| sequence == 12 || sequence == 13)
}

fn mp4s(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(disk::files(folder)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")).collect())
}

fn find(folder: &Path, extension: &str) -> Result<PathBuf> {
    disk::files(folder)?.into_iter().find(|file| file.extension().is_some_and(|end| end == extension)).context("the bundle was saved")
}

/// What the page sealed for a key is verified as it is with the identity file, and not without.
fn verify_sealed(out: &Path, institution: &str) -> Result<()> {
    let sealed = find(out, "age")?;
    let identity = invigil_tests::project_root().join("shared/evidence/vectors/v1/receiver/identity.txt");
    let tool = |with: &[&Path]| -> Result<(String, bool)> {
        let mut command = Command::new(binary("invigil-server")?);
        command.arg("verify").arg(&sealed).args(["--institution", institution]);
        let output = command.args(with).env_clear().stdin(Stdio::null()).output().context("run invigil-server verify")?;
        Ok((format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)), output.status.success()))
    };
    let (said, holds) = tool(&[Path::new("--identity"), &identity])?;
    anyhow::ensure!(holds, "{said}");
    let (said, holds) = tool(&[])?;
    anyhow::ensure!(!holds, "opened without a key: {said}");
    Ok(())
}
