//! `invigil-server act list|log|export`.

use crate::acts::{access, log, routes};
use crate::config::Config;
use crate::db::entities::{act_log, acts};
use crate::state::AppState;
use anyhow::Context;
use clap::{Args, Subcommand};
use invigil_clock::SystemClock;
use invigil_format::ActId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List acts: state, number and dates; no names.
    List(Look),
    /// Show the log of acts and say whether it is unbroken.
    Log(Look),
    /// Print the signed record of an act: its statement and its events, JSON.
    Export(Export),
}

#[derive(Args)]
pub(super) struct Look {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Export {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Act.
    #[arg(long)]
    act: ActId,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(args) => list(args).await,
        Command::Log(args) => show_log(args).await,
        Command::Export(args) => export(args).await,
    }
}

async fn list(args: Look) -> anyhow::Result<ExitCode> {
    let state = open(&args.config).await?;
    let rows = acts::Entity::find().order_by_asc(acts::Column::Id).all(&state.db).await?;
    if args.json {
        let all: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "act": row.uuid, "kind": row.kind, "state": row.state, "year": row.series_year, "number": row.number, "digest": row.digest,
                    "created_ms": row.created_ms, "signed_ms": row.signed_ms, "cancel_until_ms": row.cancel_until_ms,
                    "cancelled_ms": row.cancelled_ms, "closed_ms": row.closed_ms,
                })
            })
            .collect();
        println!("{}", serde_json::to_string(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    for row in &rows {
        let number = match (access::form_of_act(&state, row), row.series_year, row.number.and_then(|number| u32::try_from(number).ok())) {
            (Ok(form), Some(year), Some(number)) => form.number_text(year, number),
            _ => "-".to_owned(),
        };
        println!("{}  {:15}  {:18}  {number}", row.uuid, row.state, row.kind);
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_log(args: Look) -> anyhow::Result<ExitCode> {
    let state = open(&args.config).await?;
    let rows = act_log::Entity::find().order_by_asc(act_log::Column::Entry).all(&state.db).await?;
    let problems = log::verify(&state.db, &state.trust_store).await?;
    if args.json {
        let entries: Vec<_> = rows
            .iter()
            .map(|row| serde_json::json!({ "log_index": row.entry, "kind": row.kind, "digest": row.digest, "at_ms": row.at_ms }))
            .collect();
        let problems: Vec<_> = problems.iter().map(|(object, what)| serde_json::json!({ "object": object, "what": what })).collect();
        println!("{}", serde_json::json!({ "entries": entries, "problems": problems }));
    } else {
        for row in &rows {
            println!("{:6}  {:15}  {}", row.entry, row.kind, row.digest);
        }
        problems.iter().for_each(|(object, what)| println!("{object}: {what}"));
        println!("{}", if problems.is_empty() { "the log is unbroken" } else { "the log is not right" });
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn export(args: Export) -> anyhow::Result<ExitCode> {
    let state = Arc::new(open(&args.config).await?);
    let found = acts::Entity::find().filter(acts::Column::Uuid.eq(args.act.to_string())).one(&state.db).await?;
    let row = found.with_context(|| format!("there is no act {}; `act list` shows all", args.act))?;
    let record = routes::record(&state, row.id).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    println!("{}", serde_json::to_string(&record.with_context(|| format!("act {} is not signed", args.act))?)?);
    Ok(ExitCode::SUCCESS)
}

async fn open(config: &Path) -> anyhow::Result<AppState> {
    AppState::open(Config::load(config)?, Arc::new(SystemClock)).await
}
