//! `./invigil bench-cameras`: what a passed-through camera costs the agent, sealed and uploaded, beside `ffmpeg -c copy` into a file, in the same run.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use invigil_tests::agent::{Agent, Start};
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::procfs::{cpu_secs, peak_mib, switches};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

#[derive(Parser)]
#[command(
    name = "./invigil bench-cameras",
    about = "CPU a passed-through camera: agent (sealed and uploaded) beside ffmpeg -c copy (written to a file)"
)]
struct Options {
    /// Clip from which the cameras' pictures are made
    #[arg(long)]
    clip: PathBuf,
    /// Seconds that are measured, of each program
    #[arg(long, default_value_t = 60)]
    secs: u64,
    /// Which of the rooms: 0 is 16 cameras of 640x480 at 1 Mbit/s, 1 is 8 cameras of 1920x1080 at 4 Mbit/s; both by default
    #[arg(long)]
    room: Option<usize>,
    /// Leave out ffmpeg
    #[arg(long)]
    alone: bool,
    /// The agent's other RTSP client, libavformat, which it takes for addresses that the usual one cannot read
    #[arg(long)]
    libav: bool,
    /// Exit status 0 whatever the figures are
    #[arg(long)]
    no_limit: bool,
}

struct Room {
    name: &'static str,
    cameras: usize,
    size: &'static str,
    kbits: u32,
    /// Goal, percent of a core each.
    most: f64,
}

const ROOMS: [Room; 2] = [
    Room { name: "640x480, 1 Mbit/s", cameras: 16, size: "640:480", kbits: 1000, most: 0.15 },
    Room { name: "1920x1080, 4 Mbit/s", cameras: 8, size: "1920:1080", kbits: 4000, most: 0.40 },
];

/// What all cameras of a room together cost in a second.
#[derive(Debug, Clone, Copy)]
struct Cost {
    cpu_secs: f64,
    switches: f64,
    peak_mib: f64,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let home = tempfile::Builder::new().prefix("invigil-bench-").tempdir()?;
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE)?;
    // A room's own network: the ceiling that protects a student's link would make the upload ask in small pieces.
    server.add_policy("room", "kbtu", &[("capture.upload_max_kbits", 0.into())])?;
    server.start()?;
    let mut reached = true;
    println!("{:22}{:>10}{:>16}{:>22}{:>14}{:>10}", "", "cameras", "% of a core", "wake-ups a second", "peak MiB", "goal %");
    println!("{:22}{:>10}{:>16}{:>22}{:>14}", "", "", "a camera", "a camera", "together");
    for (number, room) in ROOMS.iter().enumerate().filter(|(number, _)| options.room.is_none_or(|only| only == *number)) {
        let film = home.path().join(format!("{number}.h264"));
        encode(&options.clip, room, &film)?;
        let film = film.to_str().context("the temporary folder's name")?;
        let camera = IpCamera::start(&["--encoded", film, "--mounts", &room.cameras.to_string()])?;
        let user = if options.libav { "rtsp://%FF@" } else { "rtsp://" };
        let urls: Vec<String> = (0..room.cameras).map(|mount| camera.url(mount).replace("rtsp://", user)).collect();
        let now = invigil_clock::wall_ms();
        let exam = server.add_exam(&Exam { policy: "room", starts_ms: now, ends_ms: now + 3_600_000, candidates: &["Room"] })?;
        let spool = home.path().join(format!("spool-{number}"));
        let start = Start { url: &server.url(), join: &exam.joins[0].join, spool: &spool, cameras: &urls, environment: &[] };
        println!("{}", room.name);
        let agent = agent(&start, options.secs)?;
        reached &= line("  invigil-agent", room, agent, true);
        if !options.alone {
            let ffmpeg = ffmpeg(&urls, home.path(), options.secs)?;
            line("  ffmpeg -c copy", room, ffmpeg, false);
            println!("{:22}{:>26.3}", "  ratio", agent.cpu_secs / ffmpeg.cpu_secs);
        }
    }
    Ok(if reached || options.no_limit { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(name: &str, room: &Room, cost: Cost, with_goal: bool) -> bool {
    let each = cost.cpu_secs * 100.0 / room.cameras as f64;
    let goal = if with_goal { format!("{:>10}", room.most) } else { String::new() };
    let switches = cost.switches / room.cameras as f64;
    println!("{name:22}{:>10}{each:>16.3}{switches:>22.1}{:>14.1}{goal}", room.cameras, cost.peak_mib);
    each <= room.most
}

/// Twenty seconds of the clip as a camera would send it: a key frame every two seconds at least (the noise brings one every half second or so), no
/// B-frames, noise that uses up its bit rate.
fn encode(clip: &Path, room: &Room, film: &Path) -> Result<()> {
    let rate = format!("{}k", room.kbits);
    let filter = format!("scale={}:flags=bilinear,fps=25,noise=alls=20:allf=t", room.size);
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i"])
        .arg(clip)
        .args(["-t", "20", "-an", "-vf", &filter, "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", "50"])
        .args(["-x264-params", "slices=1:sliced-threads=0", "-b:v", &rate, "-minrate", &rate, "-maxrate", &rate, "-bufsize", &rate])
        .args(["-f", "h264"])
        .arg(film)
        .stdin(Stdio::null())
        .status()
        .context("run ffmpeg")?;
    ensure!(status.success(), "ffmpeg failed to encode the cameras' film");
    let kbits = std::fs::metadata(film)?.len() * 8 / 20 / 1000;
    ensure!(kbits * 10 >= u64::from(room.kbits) * 9, "the film has {kbits} kbit/s only, {} were wanted", room.kbits);
    Ok(())
}

fn agent(start: &Start<'_>, secs: u64) -> Result<Cost> {
    let mut agent = Agent::start(start)?;
    agent.wait_recorded(8_000, Duration::from_secs(90))?;
    let pid = agent.pid().context("the agent runs")?;
    let cost = measure(&[pid], secs)?;
    // Live footage must be on the server, else its upload was not measured.
    let (sent, left) = (agent.number("uploaded_bytes"), agent.number("spooled_bytes"));
    ensure!(sent > left * 2, "the upload does not keep up: {left} bytes are left, {sent} were sent");
    ensure!(agent.number("dropped") == 0, "pictures were dropped");
    agent.stop(Duration::from_secs(90))?;
    Ok(cost)
}

fn ffmpeg(urls: &[String], home: &Path, secs: u64) -> Result<Cost> {
    let mut children = Vec::new();
    for (number, url) in urls.iter().enumerate() {
        let child = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-an", "-c", "copy"])
            .args(["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-y"])
            .arg(home.join(format!("{number}.mp4")))
            .stdin(Stdio::null())
            .spawn()
            .context("start ffmpeg")?;
        children.push(child);
    }
    std::thread::sleep(Duration::from_secs(10));
    let pids: Vec<u32> = children.iter().map(Child::id).collect();
    let cost = measure(&pids, secs);
    for (number, mut child) in children.into_iter().enumerate() {
        child.kill()?;
        child.wait()?;
        let written = std::fs::metadata(home.join(format!("{number}.mp4")))?.len();
        ensure!(written > 100_000, "ffmpeg wrote only {written} bytes of camera {number}");
    }
    cost
}

fn measure(pids: &[u32], secs: u64) -> Result<Cost> {
    let sum = |of: fn(u32) -> Result<f64>| pids.iter().map(|pid| of(*pid)).sum::<Result<f64>>();
    let (cpu, switched, begun_us) = (sum(cpu_secs)?, sum(switches)?, invigil_clock::boottime_us());
    std::thread::sleep(Duration::from_secs(secs));
    let passed = (invigil_clock::boottime_us() - begun_us) as f64 / 1e6;
    Ok(Cost { cpu_secs: (sum(cpu_secs)? - cpu) / passed, switches: (sum(switches)? - switched) / passed, peak_mib: sum(peak_mib)? })
}
