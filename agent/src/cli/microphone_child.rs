//! `invigil-agent microphone-child`: the microphone's process, started by the agent itself.

use crate::sound::child::{self, Task};
use std::process::ExitCode;

/// Writes the sound of a microphone to standard output.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct Args {
    /// The default microphone.
    #[arg(long)]
    default: bool,
    /// The microphone with this name.
    #[arg(long, allow_hyphen_values = true)]
    name: Option<String>,
    /// Which microphones there are.
    #[arg(long)]
    list: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    child::run(&if args.list { Task::List } else { Task::Deliver(args.name.as_deref()) })?;
    Ok(ExitCode::SUCCESS)
}
