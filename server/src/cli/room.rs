//! `invigil-server room add|list|code|withdraw`.

use super::exam::name;
use crate::config::Config;
use crate::rooms::{self, RoomCode};
use crate::state::AppState;
use clap::{Args, Subcommand};
use invigil_clock::SystemClock;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a room that has a computer of its own; prints its room code, which is shown this once.
    Add(Named),
    /// List rooms with the state of their computers.
    List(List),
    /// Make a new room code, e.g. when the room's computer died; the old code and the old computer's access are worth nothing then.
    Code(Named),
    /// Withdraw a room: its computer sees no exams any more. What it records goes on.
    Withdraw(Named),
}

#[derive(Args)]
pub(super) struct Named {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Name of the room, the same as in `exam add --room`.
    #[arg(long)]
    name: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct List {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add(args) => print(&rooms::add(&open(&args.config).await?, &name("--name", &args.name)?).await?, args.json)?,
        Command::Code(args) => print(&rooms::reissue(&open(&args.config).await?, &name("--name", &args.name)?).await?, args.json)?,
        Command::Withdraw(args) => {
            rooms::withdraw(&open(&args.config).await?, &name("--name", &args.name)?).await?;
            println!("{}", if args.json { "{}" } else { "withdrawn; its computer sees no exams any more" });
        }
        Command::List(args) => list(&args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(args: &List) -> anyhow::Result<()> {
    let views = rooms::list(&open(&args.config).await?).await?;
    if args.json {
        println!("{}", serde_json::to_string(&views)?);
        return Ok(());
    }
    for view in views {
        println!("{:9}  {}", view.state, view.name);
    }
    Ok(())
}

fn print(code: &RoomCode, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(code)?);
    } else {
        println!(
            "room {}\nfor the configuration of its computer, shown only now:\n  server:    {}\n  room code: {}",
            code.room, code.server, code.join
        );
    }
    Ok(())
}

async fn open(config: &Path) -> anyhow::Result<AppState> {
    AppState::open(Config::load(config)?, Arc::new(SystemClock)).await
}
