//! `./invigil bench`: what the agent costs beside ffmpeg doing the same encode of the same clip, in the same run.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use invigil_tests::agent::{Agent, Start};
use invigil_tests::procfs::{cpu_secs, peak_mib};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

#[derive(Parser)]
#[command(name = "./invigil bench", about = "Agent beside ffmpeg: CPU seconds a minute of video and peak memory")]
struct Options {
    /// Clip that both encode
    #[arg(long)]
    clip: PathBuf,
    /// Seconds of one round
    #[arg(long, default_value_t = 60)]
    secs: u64,
    /// Rounds, each program in turn
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Fail above this ratio, of CPU time or of peak memory
    #[arg(long, default_value_t = 1.15)]
    most: f64,
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
    let (mut agents, mut peers) = (Vec::new(), Vec::new());
    for (round, join) in (1..).zip(&exam.joins) {
        let spool = home.path().join(format!("spool-{round}"));
        let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
        peers.push(ffmpeg(&options)?);
        agents.push(agent(&start, options.secs)?);
        eprintln!("round {round} of {}: agent {:?}, ffmpeg {:?}", options.rounds, agents.last(), peers.last());
    }
    let (agent, ffmpeg) = (middle(&agents), middle(&peers));
    let (cpu, memory) = (agent.cpu_secs_a_minute / ffmpeg.cpu_secs_a_minute, agent.peak_mib / ffmpeg.peak_mib);
    println!("                    CPU s a minute    peak MiB");
    println!(
        "invigil-agent       {:14.2}    {:8.1}   (decodes, encodes, seals, syncs, uploads over TLS)",
        agent.cpu_secs_a_minute, agent.peak_mib
    );
    println!("ffmpeg              {:14.2}    {:8.1}   (decodes and encodes)", ffmpeg.cpu_secs_a_minute, ffmpeg.peak_mib);
    println!("ratio               {cpu:14.3}    {memory:8.3}   (each at most {})", options.most);
    Ok(if cpu.max(memory) <= options.most { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

/// Cost between the fifth second of recording and the end of the round: steady state, as for ffmpeg below.
fn agent(start: &Start<'_>, secs: u64) -> Result<Cost> {
    let mut agent = Agent::start(start)?;
    agent.wait_recorded(5_000, Duration::from_secs(60))?;
    let pid = agent.pid().context("the agent runs")?;
    let (from_ms, from) = (agent.number("recorded_ms"), cpu_secs(pid)?);
    agent.wait_recorded(from_ms + secs * 1000, Duration::from_secs(secs * 3))?;
    let (to_ms, to, peak_mib) = (agent.number("recorded_ms"), cpu_secs(pid)?, peak_mib(pid)?);
    agent.stop(Duration::from_secs(60))?;
    Ok(Cost { cpu_secs_a_minute: (to - from) * 60_000.0 / (to_ms - from_ms) as f64, peak_mib })
}

/// The same scale, rate, encoder, preset, ceiling and key frame distance, at the clip's own pace, nothing written.
fn ffmpeg(options: &Options) -> Result<Cost> {
    let length = (options.secs + 5).to_string();
    let mut child = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-threads", "1", "-i"])
        .arg(&options.clip)
        .args([
            "-t",
            &length,
            "-an",
            "-vf",
            "scale=640:480:flags=bilinear,fps=15",
            "-c:v",
            "libx264",
            "-preset",
            "superfast",
            "-tune",
            "zerolatency",
            "-crf",
            "23",
            "-threads",
            "1",
            "-bf",
            "0",
        ])
        .args(["-maxrate", "282k", "-bufsize", "282k", "-g", "60", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-y", "/dev/null"])
        .stdin(Stdio::null())
        .spawn()
        .context("start ffmpeg")?;
    let pid = child.id();
    std::thread::sleep(Duration::from_secs(5));
    let from = cpu_secs(pid)?;
    std::thread::sleep(Duration::from_secs(options.secs - 1));
    let (to, peak_mib) = (cpu_secs(pid)?, peak_mib(pid)?);
    ensure!(child.wait()?.success(), "ffmpeg failed");
    Ok(Cost { cpu_secs_a_minute: (to - from) * 60.0 / (options.secs - 1) as f64, peak_mib })
}
