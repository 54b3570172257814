//! `./invigil demo`: a server, an exam that is running now, an agent on a camera, and where to watch it; `--check` does it for a minute
//! without a person, cuts the network, and proves what it says by opening the footage and decoding every picture.

use anyhow::{Context, Result, bail};
use clap::Parser;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::proxy::Proxy;
use invigil_tests::server::{Exam, LOGIN, Server};
use invigil_tests::{binary, decode, disk};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[derive(Parser)]
#[command(name = "./invigil demo", about = "A server and an agent on this machine, for trying out")]
struct Options {
    /// Run for a minute without a person and check everything; exit status 0 only if all holds
    #[arg(long)]
    check: bool,
    /// Clip that stands for a camera where there is none
    #[arg(long)]
    clip: PathBuf,
    /// Camera instead of the first webcam or the clip: webcam:N, file:PATH, rtsp://..., test
    #[arg(long)]
    camera: Vec<String>,
    /// Folder for the demo's data instead of a temporary one; it is kept
    #[arg(long)]
    dir: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("invigil demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    let temporary = tempfile::Builder::new().prefix("invigil-demo-").tempdir()?;
    let home = options.dir.clone().unwrap_or_else(|| temporary.path().to_path_buf());
    std::fs::create_dir_all(&home)?;
    let cameras = if options.camera.is_empty() { vec![camera(&options.clip)?] } else { options.camera.clone() };
    let (password, passphrase) = (secret()?, secret()?);
    let mut server = Server::init(&home.join("server"), &password, &passphrase)?;
    if options.check { check(&mut server, &home, &cameras) } else { show(&mut server, &home, &cameras, &password, &passphrase) }
}

/// The first webcam, else the clip.
fn camera(clip: &Path) -> Result<String> {
    let output = Command::new(binary("invigil-agent")?).args(["cameras", "--json"]).output().context("list the cameras")?;
    let found: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let webcam = found.iter().any(|one| one.get("camera").is_some());
    Ok(if webcam { "webcam".into() } else { format!("file:{}", clip.display()) })
}

/// Four groups of five letters and digits: about 100 bits.
fn secret() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
    let bytes = invigil_clock::random::<20>()?;
    let groups: Vec<String> =
        bytes.chunks(5).map(|group| group.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()).collect();
    Ok(groups.join("-"))
}

fn show(server: &mut Server, home: &Path, cameras: &[String], password: &str, passphrase: &str) -> Result<bool> {
    server.start()?;
    let now = invigil_clock::wall_ms();
    let exam = server.add_exam(&Exam {
        policy: "kbtu",
        starts_ms: now - 60_000,
        ends_ms: now + 3 * 3_600_000,
        candidates: &["Demo Candidate"],
    })?;
    let join = exam.joins.first().context("exam add gave no join code")?;
    let mut agent = Agent::start(&Start { url: &server.url(), join: &join.join, spool: &home.join("spool"), cameras, environment: &[] })?;
    agent.wait_recorded(1, Duration::from_secs(60))?;
    println!("\n  watch       {}/#/recording/{}", server.url(), join.recording);
    println!("              (the certificate is self-made: the browser asks once)");
    println!("  login       {LOGIN}");
    println!("  password    {password}");
    println!("  passphrase  {passphrase}     (opens the footage, in your browser only)");
    println!("  camera      {}", cameras.join(", "));
    println!("  data        {}", home.display());
    println!("\n  Ctrl-C ends it.\n");

    let stopped = Arc::new(AtomicBool::new(false));
    let flag = stopped.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if runtime.is_ok_and(|runtime| runtime.block_on(tokio::signal::ctrl_c()).is_ok()) {
            flag.store(true, Ordering::SeqCst);
        }
    });
    let line = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    let mut tick = 0_u32;
    while !stopped.load(Ordering::SeqCst) {
        let link = agent.latest("link").and_then(|link| link.as_str().map(str::to_owned)).unwrap_or_default();
        let text = format!(
            "recorded {}  uploaded {}  link {link}",
            clock(agent.number("recorded_ms")),
            HumanBytes(agent.number("uploaded_bytes"))
        );
        if line.is_hidden() && tick.is_multiple_of(40) {
            // Not a terminal: a line now and then instead of one that changes.
            println!("{text}");
        }
        line.set_message(text);
        line.tick();
        tick += 1;
        std::thread::sleep(Duration::from_millis(250));
    }
    line.finish();
    println!("ending: closing the recording and uploading the rest");
    let status = agent.stop(Duration::from_secs(60))?;
    let recording = server.recording(join.recording)?;
    println!(
        "recorded {} in {}; kept until {}",
        clock(u64::try_from(recording.recorded_ms)?),
        HumanBytes(recording.size_bytes),
        recording.exam.expires
    );
    server.stop()?;
    Ok(status.success())
}

fn clock(ms: u64) -> String {
    format!("{:02}:{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60)
}

/// Findings of `--check`, each with whether it holds.
#[derive(Default)]
struct Checks(Vec<(bool, String)>);

impl Checks {
    fn note(&mut self, holds: bool, text: String) {
        println!("  {} {text}", if holds { "ok    " } else { "FAILED" });
        self.0.push((holds, text));
    }
}

fn check(server: &mut Server, home: &Path, cameras: &[String]) -> Result<bool> {
    // The real rule counts minutes; a minute of demo needs the same rule with seconds.
    server.add_policy("quick", "kbtu", &[("disconnect.threshold", "PT18S".into())])?;
    server.start()?;
    let proxy = Proxy::start(server.address())?;
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "quick", starts_ms: now - 1_000, ends_ms: now + 3_600_000, candidates: &["Demo Candidate"] })?;
    let join = exam.joins.first().context("exam add gave no join code")?.clone();
    let spool = home.join("spool");
    println!("recording for 60 s from {}, with the network cut for 30 s of it", cameras.join(", "));
    let mut agent = Agent::start(&Start { url: &proxy.url(), join: &join.join, spool: &spool, cameras, environment: &[] })?;
    agent.wait_recorded(12_000, Duration::from_secs(60))?;
    proxy.cut();
    let cut_at = invigil_clock::boottime_us();
    std::thread::sleep(Duration::from_secs(30));
    let while_cut = disk::files(&spool)?.len();
    let cut_ms = i64::try_from((invigil_clock::boottime_us() - cut_at) / 1000)?;
    proxy.restore();
    agent.wait_recorded(58_000, Duration::from_secs(90))?;
    let (recorded_ms, uploaded) = (agent.number("recorded_ms"), agent.number("uploaded_bytes"));
    let status = agent.stop(Duration::from_secs(60))?;

    let mut checks = Checks::default();
    checks.note(status.success(), format!("agent: everything is stored on the server ({uploaded} bytes uploaded); it ended with {status}"));
    checks.note(while_cut > 0, format!("spool: {while_cut} files kept while the network was cut"));
    let recording = server.recording(join.recording)?;
    let out = home.join("opened");
    let (report, whole) = server.open_footage(join.recording, &out)?;
    checks.note(
        whole,
        format!(
            "offline tool: every segment opens and verifies with the review key{}",
            if whole { String::new() } else { format!(": {report}") }
        ),
    );
    let mut pictures = 0;
    for file in disk::files(&out)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
        let decoded = decode::decode(&file)?;
        pictures += decoded.frames();
        let (gaps, doubled) = (decoded.gaps(1.0), decoded.doubled());
        let length = decoded.times_secs.last().zip(decoded.times_secs.first()).map_or(0.0, |(last, first)| last - first);
        checks.note(
            decoded.errors.is_empty() && doubled == 0 && gaps.is_empty() && length * 1000.0 >= recorded_ms as f64 - 1000.0,
            format!(
                "footage: {} pictures over {length:.1} s decode ({} errors), {doubled} doubled, lost {} s",
                decoded.frames(),
                decoded.errors.len(),
                gaps.iter().fold(0.0, |sum, gap| sum + gap.1)
            ),
        );
        let found = disk::find(&[&spool, server.dir()], &decode::needles(&file)?)?;
        checks.note(
            found.is_empty(),
            format!(
                "disks of agent and server: {} places with plain video{}",
                found.len(),
                found.first().map_or(String::new(), |(file, at)| format!(": {} at {at}", file.display()))
            ),
        );
    }
    checks.note(pictures > 0, format!("recorded: {pictures} pictures, {} bytes on the server", recording.size_bytes));
    let leftover = disk::files(&spool)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "seg")).count();
    checks.note(leftover == 0, format!("spool after the receipts: {leftover} segments left"));
    match recording.outages.as_slice() {
        [outage] => {
            let lower = outage.lower_ms.unwrap_or(-1);
            checks.note(
                lower >= 0 && lower <= cut_ms && cut_ms <= outage.upper_ms && outage.upper_ms - lower <= 7_000,
                format!("disconnect: cut for {cut_ms} ms, measured between {lower} and {} ms, cause {}", outage.upper_ms, outage.cause),
            );
        }
        other => checks.note(false, format!("disconnect: expected one, found {}", other.len())),
    }
    let finding = &recording.finding;
    checks.note(
        finding.kind == "retake" && !finding.provisional && finding.deadline_ms.is_some(),
        format!(
            "flagged: {}{}, oral retake to be offered until {}",
            finding.kind,
            if finding.provisional { " (provisional)" } else { "" },
            finding.deadline.as_deref().unwrap_or("?")
        ),
    );
    let (said, sound) = server.command(&["check"], &[])?;
    checks.note(sound, format!("database against store against digests: {}", said.lines().last().unwrap_or("nothing said")));
    server.stop()?;
    let failed = checks.0.iter().filter(|(holds, _)| !holds).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", checks.0.len());
    }
    println!("all {} checks hold", checks.0.len());
    Ok(true)
}
