//! `./invigil kills [ROUNDS]`: kill -9 of agent and server at random moments during a recording, and what it cost.

use anyhow::Result;
use clap::Parser;
use invigil_tests::scenario::kills::{self, MOST_LOST_MS, Outcome};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "./invigil kills",
    about = "kill -9 of agent and server at random moments during a recording with two cameras and a microphone"
)]
struct Options {
    /// Kills of the agent
    #[arg(default_value_t = 20)]
    rounds: usize,
    /// Kills of the server; without it as many as of the agent, at most 20
    #[arg(long)]
    server_rounds: Option<usize>,
    /// Clip that stands for the camera that is encoded
    #[arg(long)]
    clip: PathBuf,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let home = tempfile::Builder::new().prefix("invigil-kills-").tempdir()?;
    let outcome = match kills::run(home.path(), &options.clip, options.rounds, options.server_rounds.unwrap_or(options.rounds.min(20))) {
        Ok(outcome) => outcome,
        Err(error) => {
            // The logs say why.
            println!("everything was left in {}", home.keep().display());
            return Err(error);
        }
    };
    show(&outcome);
    let mut complaints = outcome.complaints();
    if outcome.half_sent == 0 {
        complaints.push("no kill met a half-sent chunk; run more rounds".into());
    }
    complaints.iter().for_each(|complaint| println!("FAILED {complaint}"));
    if !complaints.is_empty() {
        println!("everything was left in {}", home.keep().display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(outcome: &Outcome) {
    let (agent, server) = outcome.kills;
    println!("kills: {agent} of the agent, {server} of the server; half-sent chunks at {} of them", outcome.half_sent);
    println!("steps of docs/lifecycle.md that the agent was killed at (several a kill, one a track):");
    outcome.points.iter().for_each(|(point, count)| println!("{count:6}  {point}"));
    let mut syncs = outcome.sync_ms.clone();
    syncs.sort_unstable();
    println!("this disk syncs 40 kB in, ms: median {}, largest {}", syncs.get(syncs.len() / 2).unwrap_or(&0), syncs.last().unwrap_or(&0));
    let mut back = outcome.back_ms.clone();
    back.sort_unstable();
    println!("from start to recording again, ms: median {}, largest {}", back.get(back.len() / 2).unwrap_or(&0), back.last().unwrap_or(&0));
    println!(
        "{:8}{:>8}{:>8}{:>7}{:>14}{:>10}{:>9}  lost ms a kill: median, largest (at most {MOST_LOST_MS})",
        "track", "begun", "stored", "lost", "twice or open", "pictures", "doubled"
    );
    for (name, track) in &outcome.tracks {
        let lost = match (track.lost.get(track.lost.len() / 2), track.lost.last()) {
            (Some((median, _)), Some((most, _))) => format!("{median}, {most} ({} kills)", track.lost.len()),
            _ => String::new(),
        };
        println!(
            "{name:8}{:8}{:8}{:7}{:14}{:10}{:9}  {lost}",
            track.begun,
            track.stored,
            track.lost_segments.len(),
            track.odd_segments.len(),
            track.pictures,
            track.doubled
        );
    }
    println!("the costliest of each track:");
    for (name, track) in &outcome.tracks {
        track.lost.iter().rev().take(4).for_each(|(_, kill)| println!("{name:8}{kill}"));
    }
}
