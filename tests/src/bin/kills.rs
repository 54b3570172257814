//! `./invigil kills [ROUNDS]`: kill -9 of agent and server at random moments during a recording, and what it cost.

use anyhow::Result;
use clap::Parser;
use invigil_tests::scenario::kills;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "./invigil kills", about = "kill -9 of agent and server at random moments during a recording")]
struct Options {
    /// Kills of each
    #[arg(default_value_t = 20)]
    rounds: usize,
    /// Clip that stands for a camera
    #[arg(long)]
    clip: PathBuf,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let home = tempfile::Builder::new().prefix("invigil-kills-").tempdir()?;
    let outcome = kills::run(home.path(), &format!("file:{}", options.clip.display()), options.rounds, options.rounds)?;
    println!("kills: {} of the agent, {} of the server; half-sent chunks at {} of them", options.rounds, options.rounds, outcome.half_sent);
    println!("pictures decoded: {}, doubled: {}, decoder errors: {}", outcome.pictures, outcome.doubled, outcome.errors.len());
    println!("lost video a kill, ms: {:?}; largest {}", outcome.lost_ms, outcome.lost_ms.iter().max().unwrap_or(&0));
    let mut complaints = outcome.complaints();
    if outcome.half_sent == 0 {
        complaints.push("no kill met a half-sent chunk; run more rounds".into());
    }
    complaints.iter().for_each(|complaint| println!("FAILED {complaint}"));
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
