//! `invigil-agent status`.

use crate::service::{Command, Config, ask, config};
use std::path::PathBuf;
use std::process::ExitCode;

/// Says what the service of this room records, until when, what comes next, and what waits to be uploaded.
///
/// Exit status: 0 when the service answers, 1 when none does.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// As a JSON object.
    #[arg(long)]
    json: bool,
}

/// Which service.
#[derive(clap::Args)]
pub(super) struct Where {
    /// Configuration file of the service.
    #[arg(long, default_value = config::DEFAULT)]
    config: PathBuf,
    /// Spool of the service, instead of its configuration, where that names no control socket.
    #[arg(long, conflicts_with = "config")]
    spool: Option<PathBuf>,
}

impl Where {
    /// Its control socket.
    pub(super) fn control(&self) -> anyhow::Result<PathBuf> {
        match &self.spool {
            Some(spool) => Ok(config::control_in(spool)),
            None => Config::control_of(&self.config),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reply = runtime.block_on(ask(&args.place.control()?, Command::Status))?;
    if args.json {
        println!("{}", serde_json::to_string(&reply.status)?);
    } else {
        println!("{}", reply.status.words());
    }
    Ok(ExitCode::SUCCESS)
}
