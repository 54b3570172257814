//! `invigil-agent camera-child`: the webcam's process, started by the agent itself.

use crate::capture::{Wanted, webcam_child};
use std::process::ExitCode;

/// Writes pictures of a webcam to standard output.
#[derive(clap::Args)]
pub struct Args {
    index: u32,
    width: u32,
    height: u32,
    fps: u32,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    webcam_child::run(args.index, Wanted { width: args.width, height: args.height, fps: args.fps })?;
    Ok(ExitCode::SUCCESS)
}
