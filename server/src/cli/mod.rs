//! The command line: one subcommand, one file.

mod act;
mod attachment;
mod bundle;
mod check;
mod clock;
mod exam;
mod footage;
mod hold;
mod init;
mod recordings;
mod room;
mod secret;
mod serve;
mod staff;
mod verify;

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Keeps exam footage for its month and no longer, measures disconnects, and shows both to reviewers.
#[derive(Parser)]
#[command(name = "invigil-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new installation with all its keys, for trying out.
    Init(init::Args),
    /// Run the server.
    Serve(serve::Args),
    /// Add and list exams, reissue join codes, end the recording of a room.
    #[command(subcommand)]
    Exam(exam::Command),
    /// Add and list rooms with a computer of their own, make room codes.
    #[command(subcommand)]
    Room(room::Command),
    /// List recordings with their footage, gaps and disconnects.
    Recordings(recordings::Args),
    /// Open footage with a review key, offline.
    #[command(subcommand)]
    Footage(footage::Command),
    /// List, open and release holds on footage.
    #[command(subcommand)]
    Hold(hold::Command),
    /// Add, list and disable staff accounts.
    #[command(subcommand)]
    Staff(staff::Command),
    /// List acts, show their log, export a signed record.
    #[command(subcommand)]
    Act(act::Command),
    /// Make evidence bundles, seal them for their receiver, open sealed ones.
    #[command(subcommand)]
    Bundle(bundle::Command),
    /// Open the stills and papers of an act.
    #[command(subcommand)]
    Attachment(attachment::Command),
    /// Verify an evidence bundle with the institution's public key only; needs no installation.
    Verify(verify::Args),
    /// Confirm the clock when the server does not believe it.
    #[command(subcommand)]
    Clock(clock::Command),
    /// Compare database, store, digests and keystore, offline.
    Check(check::Args),
}

/// Runs the program and returns its exit status: 0 when all is well, 1 when not, 2 when the command line is wrong.
pub fn main() -> ExitCode {
    crate::memory::give_back();
    // Before any thread could make a TLS connection. It fails only when there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let filter = EnvFilter::try_from_env("INVIGIL_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"));
    let ansi = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).with_target(false).init();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("invigil-server: start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(Box::pin(run(cli.command))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("invigil-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init(args) => init::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Exam(command) => exam::run(command).await,
        Command::Room(command) => room::run(command).await,
        Command::Recordings(args) => recordings::run(args).await,
        Command::Footage(footage::Command::Open(args)) => footage::run(args).await,
        Command::Hold(command) => hold::run(command).await,
        Command::Staff(command) => staff::run(command).await,
        Command::Act(command) => act::run(command).await,
        Command::Bundle(command) => bundle::run(command).await,
        Command::Attachment(attachment::Command::Open(args)) => attachment::run(args).await,
        Command::Verify(args) => verify::run(&args),
        Command::Clock(command) => clock::run(command).await,
        Command::Check(args) => check::run(args).await,
    }
}
