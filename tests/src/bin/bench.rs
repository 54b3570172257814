//! `./invigil bench`: what the agent costs beside ffmpeg doing the same encode of the same clip, and beside ffmpeg with age and curl, in the same run.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use invigil_tests::agent::{Agent, Start};
use invigil_tests::by_hand::{self, Shelf};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::watch::{Meter, tree_cpu_secs};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

#[derive(Parser)]
#[command(
    name = "./invigil bench",
    about = "Agent beside ffmpeg, and beside ffmpeg, age and curl: CPU seconds a minute of video and peak memory"
)]
struct Options {
    /// Clip that all encode
    #[arg(long)]
    clip: PathBuf,
    /// Seconds of one round
    #[arg(long, default_value_t = 60)]
    secs: u64,
    /// Rounds, each program in turn
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Fail above this ratio of CPU time to ffmpeg's
    #[arg(long, default_value_t = 1.05)]
    most_cpu: f64,
    /// Fail above this ratio of peak memory to ffmpeg's
    #[arg(long, default_value_t = 1.0)]
    most_memory: f64,
}

#[derive(Debug, Clone, Copy)]
struct Cost {
    cpu_secs_a_minute: f64,
    peak_mib: f64,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let home = tempfile::Builder::new().prefix("invigil-bench-").tempdir()?;
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE)?;
    server.start()?;
    let now = invigil_clock::wall_ms();
    // A recording that was stopped is finished: each round is a candidate of its own.
    let names: Vec<String> = (1..=options.rounds).map(|round| format!("Bench {round}:{round}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now, ends_ms: now + 3_600_000, candidates: &names })?;
    let (url, cameras) = (server.url(), [format!("file:{}", options.clip.display())]);
    let shelf = Shelf::start(&home.path().join("shelf"))?;
    let (mut agents, mut encoders, mut hands) = (Vec::new(), Vec::new(), Vec::new());
    for (round, join) in (1..).zip(&exam.joins) {
        let spool = home.path().join(format!("spool-{round}"));
        let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
        encoders.push(ffmpeg(&options)?);
        agents.push(agent(&start, options.secs)?);
        hands.push(hand(&options, &shelf, &home.path().join(format!("hand-{round}")))?);
        let latest = (agents.last(), encoders.last(), hands.last());
        eprintln!("round {round} of {}: agent {:?}, ffmpeg {:?}, ffmpeg+age+curl {:?}", options.rounds, latest.0, latest.1, latest.2);
    }
    let (agent, ffmpeg, hand) = (middle(&agents), middle(&encoders), middle(&hands));
    println!("{:20}{:>16}{:>12}", "", "CPU s a minute", "peak MiB");
    let line = |name: &str, cost: Cost, what: &str| println!("{name:20}{:16.2}{:12.1}   ({what})", cost.cpu_secs_a_minute, cost.peak_mib);
    line("invigil-agent", agent, "decodes, encodes, looks at the picture, seals, syncs, uploads within seconds over TLS");
    line("ffmpeg", ffmpeg, "decodes and encodes");
    line("ffmpeg, age, curl", hand, "decodes, encodes, seals and uploads segments of 10 s");
    let ratios = |to: Cost| (agent.cpu_secs_a_minute / to.cpu_secs_a_minute, agent.peak_mib / to.peak_mib);
    let (cpu, memory) = ratios(ffmpeg);
    println!("{:20}{cpu:16.3}{memory:12.3}   (goals: at most {} and {})", "ratio to ffmpeg", options.most_cpu, options.most_memory);
    let (by_hand_cpu, by_hand_memory) = ratios(hand);
    println!("{:20}{by_hand_cpu:16.3}{by_hand_memory:12.3}", "ratio to all three");
    println!("CPU and memory are those of a program with its children; memory is the sum of the peaks of processes alive together.");
    Ok(if cpu <= options.most_cpu && memory <= options.most_memory { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Median of the rounds, of each figure by itself.
fn middle(costs: &[Cost]) -> Cost {
    let of = |figure: fn(&Cost) -> f64| {
        let mut figures: Vec<f64> = costs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Cost { cpu_secs_a_minute: of(|cost| cost.cpu_secs_a_minute), peak_mib: of(|cost| cost.peak_mib) }
}

/// Cost between the fifth second of recording and the end of the round: steady state, as for the others below.
fn agent(start: &Start<'_>, secs: u64) -> Result<Cost> {
    let mut agent = Agent::start(start)?;
    let pid = agent.pid().context("the agent runs")?;
    let meter = Meter::start(pid);
    agent.wait_recorded(5_000, Duration::from_secs(60))?;
    let (from_ms, from) = (agent.number("recorded_ms"), tree_cpu_secs(pid)?);
    agent.wait_recorded(from_ms + secs * 1000, Duration::from_secs(secs * 3))?;
    let (to_ms, to) = (agent.number("recorded_ms"), tree_cpu_secs(pid)?);
    let peak_mib = meter.end()?;
    agent.stop(Duration::from_secs(60))?;
    Ok(Cost { cpu_secs_a_minute: (to - from) * 60_000.0 / (to_ms - from_ms) as f64, peak_mib })
}

/// The same scale, rate, encoder, preset, ceiling and key frame distance as the agent's, at the clip's own pace, for five seconds more than are measured.
fn encode(options: &Options) -> Vec<String> {
    let mut words = vec!["-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-threads", "1", "-i"];
    let (clip, secs) = (options.clip.display().to_string(), (options.secs + 6).to_string());
    words.extend([
        clip.as_str(),
        "-t",
        &secs,
        "-an",
        "-vf",
        "scale=640:480:flags=bilinear,fps=15",
        "-c:v",
        "libx264",
        "-preset",
        "superfast",
    ]);
    words.extend(["-tune", "zerolatency", "-crf", "23", "-threads", "1", "-bf", "0", "-maxrate", "282k", "-bufsize", "282k", "-g", "60"]);
    words.into_iter().map(str::to_owned).collect()
}

/// ffmpeg alone, nothing written.
fn ffmpeg(options: &Options) -> Result<Cost> {
    let mut command = Command::new("ffmpeg");
    command.args(encode(options)).args(["-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-y", "/dev/null"]);
    measured(command, options.secs).map(|(cost, _)| cost)
}

/// ffmpeg into segments, each sealed and uploaded. What it uploaded must be all of it.
fn hand(options: &Options, shelf: &Shelf, folder: &std::path::Path) -> Result<Cost> {
    std::fs::create_dir_all(folder)?;
    let before = shelf.files()?;
    let (cost, secs) = measured(by_hand::command(shelf, folder, &encode(options))?, options.secs)?;
    let uploaded = shelf.files()? - before;
    // Segments end at key frames, every 4 s: 8 or 12 s each.
    ensure!(uploaded as f64 >= (secs / 12.0).floor(), "only {uploaded} segments of {secs} s were uploaded");
    shelf.clear()?;
    Ok(cost)
}

/// Cost of a program and its children from its fifth second on, and how long it ran, seconds.
fn measured(mut command: Command, secs: u64) -> Result<(Cost, f64)> {
    let begun_us = invigil_clock::boottime_us();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("start what is measured")?;
    let (pid, meter) = (child.id(), Meter::start(child.id()));
    std::thread::sleep(Duration::from_secs(5));
    let (from, from_us) = (tree_cpu_secs(pid)?, invigil_clock::boottime_us());
    std::thread::sleep(Duration::from_secs(secs));
    let (to, to_us) = (tree_cpu_secs(pid)?, invigil_clock::boottime_us());
    let status = child.wait()?;
    let peak_mib = meter.end()?;
    ensure!(status.success(), "what is measured ended with {status}");
    let minutes = (to_us - from_us) as f64 / 60e6;
    Ok((Cost { cpu_secs_a_minute: (to - from) / minutes, peak_mib }, (invigil_clock::boottime_us() - begun_us) as f64 / 1e6))
}
