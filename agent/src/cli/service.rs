//! `invigil-agent service`.

use crate::service::{self, Config, config};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Records the exams of a room by itself: follows them on the server, begins half an hour before each, ends when somebody says that the papers are collected,
/// and goes on with the next one without closing the cameras. Runs until SIGTERM or SIGINT; the next start goes on with what was recorded.
///
/// Exit status: 0 when it was stopped, 1 when it could not start.
#[derive(clap::Args)]
pub struct Args {
    /// Configuration file; a commented sample is config/agent.toml.
    #[arg(long, default_value = config::DEFAULT)]
    config: PathBuf,
    /// Progress as one JSON object a line on standard output.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    crate::init();
    let config = Config::load(&args.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(Box::pin(service::run(config, args.json)));
    // Threads that hang in a driver or on a disk must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(200));
    ended.map(|()| ExitCode::SUCCESS)
}
