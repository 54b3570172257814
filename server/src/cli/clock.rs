//! `invigil-server clock confirm`.

use crate::config::Config;
use crate::{db, retention};
use anyhow::Context;
use clap::{Args, Subcommand};
use invigil_clock::SystemClock;
use invigil_rules::retention::rfc3339;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Vouch for this machine's clock after comparing it with another one: what has expired by it is destroyed again.
    Confirm(Confirm),
}

#[derive(Args)]
pub(super) struct Confirm {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Confirm(args) = command;
    let config = Config::load(&args.config)?;
    let db = db::open(&config.paths.database, false).await?;
    let confirmed = retention::confirm(&db, &SystemClock).await?;
    db.close().await.context("close the database")?;
    let utc = |ms| rfc3339(ms, &jiff::tz::TimeZone::UTC);
    println!("the clock is confirmed: it is {}", utc(confirmed.wall_ms)?);
    if let Some(before_ms) = confirmed.before_ms {
        println!("the time last believed before was {}", utc(before_ms)?);
    }
    println!("a running server takes this up within {} s", retention::GUARD_SECS);
    Ok(ExitCode::SUCCESS)
}
