//! `invigil-server footage open`.

use clap::{Args as ClapArgs, Subcommand};
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Open and verify a recording's footage; writes one playable MP4 a track.
    Open(Args),
}

#[derive(ClapArgs)]
pub(super) struct Args {}

pub(super) async fn run(_args: Args) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
