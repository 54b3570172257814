//! `invigil-server attachment open`.

use super::bundle::Key;
use crate::acts::tool;
use crate::config::Config;
use crate::state::AppState;
use clap::{Args as ClapArgs, Subcommand};
use invigil_clock::SystemClock;
use invigil_format::ActId;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Open the stills, the annex and the scans of an act with a review key.
    Open(Args),
}

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Act or draft.
    #[arg(long)]
    act: ActId,
    #[command(flatten)]
    key: Key,
    /// Folder for the opened files.
    #[arg(long)]
    out: PathBuf,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (wrapped, review) = args.key.unwrap().await?;
    let state = Arc::new(AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?);
    let who = tool::actor(&state, args.key.login(), &wrapped).await?;
    for (attachment, path) in tool::open_attachments(&state, &who, &args.act.to_string(), &review, &args.out).await? {
        println!("{}: {}, {} bytes, {}", path.display(), attachment.name, attachment.size_bytes, attachment.digest);
    }
    Ok(ExitCode::SUCCESS)
}
