//! `invigil-server staff add|list|disable`.

use super::secret::Sources;
use crate::config::Config;
use crate::staff::Role;
use crate::staff::accounts::{self, GivenKey, NewAccount};
use crate::state::AppState;
use anyhow::Context;
use clap::{Args, Subcommand};
use invigil_clock::SystemClock;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an account. Its password comes from --password-file, INVIGIL_STAFF_PASSWORD or the terminal.
    Add(Add),
    /// List accounts.
    List(List),
    /// Disable an account; whoever is signed in with it is signed out at once.
    Disable(Disable),
}

#[derive(Args)]
pub(super) struct Add {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Login name; case does not matter.
    #[arg(long)]
    login: String,
    /// Name for people.
    #[arg(long)]
    name: String,
    /// invigilator, reviewer, board, registrar, admin or auditor.
    #[arg(long)]
    role: Role,
    /// Post, as it is to stand in acts.
    #[arg(long, default_value = "")]
    post: String,
    /// File whose first line is the password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Wrapped review key to give to the account; its passphrase stays as it is and is not asked for.
    #[arg(long, value_name = "FILE")]
    review_key: Option<PathBuf>,
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

#[derive(Args)]
pub(super) struct Disable {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Login name.
    #[arg(long)]
    login: String,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add(args) => add(args).await?,
        Command::List(args) => list(args).await?,
        Command::Disable(args) => disable(args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(args: Add) -> anyhow::Result<()> {
    let state = open(&args.config).await?;
    let review_key = args.review_key.as_deref().map(|path| read_review_key(&state, path)).transpose()?;
    let file = args.password_file.as_deref();
    let password = Sources { what: "new account's password", file, env: "INVIGIL_STAFF_PASSWORD", generate: false, new: true }.get()?.text;
    let new = NewAccount { login: args.login, name: args.name, role: args.role, post: args.post, password, review_key };
    let id = accounts::add(&state.db, new, "cli", state.now_ms()).await?;
    println!("added account {id} with the role {}", args.role);
    Ok(())
}

async fn list(args: List) -> anyhow::Result<()> {
    let state = open(&args.config).await?;
    let accounts = accounts::list(&state.db).await?;
    if args.json {
        let all: Vec<_> = accounts
            .iter()
            .map(|a| serde_json::json!({ "id": a.id, "login": a.login, "name": a.name, "role": a.role, "post": a.post, "disabled_ms": a.disabled_ms }))
            .collect();
        println!("{}", serde_json::to_string(&all)?);
        return Ok(());
    }
    for account in accounts {
        let state = if account.disabled_ms.is_some() { "disabled" } else { "active" };
        println!("{:4}  {:11}  {:8}  {} ({})", account.id, account.role, state, account.login, account.name);
    }
    Ok(())
}

async fn disable(args: Disable) -> anyhow::Result<()> {
    let state = open(&args.config).await?;
    accounts::disable(&state.db, &args.login, "cli", state.now_ms()).await?;
    println!("disabled; its sessions have ended");
    Ok(())
}

async fn open(config: &Path) -> anyhow::Result<AppState> {
    AppState::open(Config::load(config)?, Arc::new(SystemClock)).await
}

/// The file must be a wrapped key, and the institution must certify its public half now: agents seal to no other.
fn read_review_key(state: &AppState, path: &Path) -> anyhow::Result<GivenKey> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read the review key {}", path.display()))?;
    accounts::given_key(&state.trust_store, &text, state.now_ms())
        .with_context(|| format!("the review key {} cannot be given", path.display()))
}
