//! `invigil-agent upload`.

use super::run::LEFT;
use crate::run::{Outcome, upload};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Sends what earlier recordings left in the spool and records nothing: for a computer that was closed before everything had gone up.
///
/// It waits for the network as long as it takes, or as --drain-secs says.
///
/// Exit status: 0 when nothing is left, 3 when something is (given up, or stopped: start again), 1 for any other failure.
#[derive(clap::Args)]
pub struct Args {
    /// Folder that was given to `run` or stands in the service's configuration.
    #[arg(long, default_value = "invigil-spool")]
    spool: PathBuf,
    /// Progress as one JSON object a line on standard output.
    #[arg(long)]
    json: bool,
    /// Give up after so many seconds.
    #[arg(long, value_name = "SECS")]
    drain_secs: Option<u64>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    crate::init();
    anyhow::ensure!(
        args.spool.is_dir(),
        "--spool {}: there is no such folder; give the one that recordings were made with",
        args.spool.display()
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(upload(&args.spool, args.json, args.drain_secs.map(Duration::from_secs)));
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(if outcome? == Outcome::Stored { ExitCode::SUCCESS } else { ExitCode::from(LEFT) })
}
