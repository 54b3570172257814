//! `invigil-server footage open`.

use super::secret::Sources;
use crate::config::Config;
use crate::footage;
use anyhow::Context;
use clap::{Args as ClapArgs, Subcommand};
use invigil_format::{RecordingId, WrappedKey};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Open and verify a recording's footage; writes one playable MP4 a track and names what is missing, damaged or not authentic.
    Open(Args),
}

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Recording.
    #[arg(long)]
    recording: RecordingId,
    /// Wrapped review key.
    #[arg(long)]
    review_key: PathBuf,
    /// File with its passphrase; else the environment variable INVIGIL_REVIEW_PASSPHRASE; else asked for.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// Folder for the opened footage. It is plain video then: keep it as carefully as the exam's.
    #[arg(long)]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.config)?;
    let text = std::fs::read(&args.review_key).with_context(|| format!("read the review key {}", args.review_key.display()))?;
    let wrapped = WrappedKey::from_json(&text).with_context(|| format!("{} is not a wrapped review key", args.review_key.display()))?;
    let file = args.passphrase_file.as_deref();
    let passphrase =
        Sources { what: "review key's passphrase", file, env: "INVIGIL_REVIEW_PASSPHRASE", generate: false, new: false }.get()?;
    let review = tokio::task::spawn_blocking(move || wrapped.unwrap_with(&passphrase.text)).await.context("unwrap the review key")??;
    let opened = footage::open(&config, args.recording, &review, &args.out, &invigil_clock::SystemClock).await?;
    if args.json {
        println!("{}", serde_json::to_string(&opened)?);
    } else {
        for track in &opened.tracks {
            println!("{}: {} segments, {} chunks, {} s", track.file.display(), track.segments, track.chunks, track.duration_ms / 1000);
        }
        opened.notes.iter().for_each(|note| println!("note: {note}"));
        opened.problems.iter().for_each(|problem| println!("{}: {}: {}", problem.kind, problem.object, problem.what));
        println!("{}", opened.conclusion());
    }
    Ok(if opened.whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
