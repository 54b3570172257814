//! Command line: one subcommand, one file.

mod camera_child;
mod cameras;
mod check;
mod collected;
mod hide;
mod join;
mod microphone_child;
mod receipt;
mod run;
mod service;
mod status;
mod upload;

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Records cameras for an exam, seals what they see, and uploads it.
#[derive(Parser)]
#[command(name = "invigil-agent", version)]
struct Cli {
    /// What is logged to standard error: error, warn, info, debug, or a filter such as `invigil_agent=debug`.
    #[arg(long, global = true, env = "INVIGIL_LOG", default_value = "info")]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Service(service::Args),
    Collected(collected::Args),
    Status(status::Args),
    Join(join::Args),
    Check(check::Args),
    Cameras(cameras::Args),
    Receipt(receipt::Args),
    Upload(upload::Args),
    #[command(hide = true)]
    CameraChild(camera_child::Args),
    #[command(hide = true)]
    MicrophoneChild(microphone_child::Args),
}

/// Exit status of a command line that is not understood (`EX_USAGE` of sysexits.h): 2, which clap would give, says something else of several commands.
const USAGE: u8 = 64;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes.
            let status = if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
            let _ = error.print();
            return status;
        }
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let ansi = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi).with_target(false);
    // What it would say of a log that cannot be written (a full disk, a reader that is gone) goes the same way, and ends the thread that logs.
    log.log_internal_errors(false).init();
    let result = match cli.command {
        Command::Run(args) => run::run(args),
        Command::Service(args) => service::run(&args),
        Command::Collected(args) => collected::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Join(args) => join::run(&args),
        Command::Check(args) => check::run(args),
        Command::Cameras(args) => cameras::run(&args),
        Command::Receipt(args) => receipt::run(&args),
        Command::Upload(args) => upload::run(&args),
        Command::CameraChild(args) => camera_child::run(&args),
        Command::MicrophoneChild(args) => microphone_child::run(&args),
    };
    result.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_unit_starts_what_there_is_with_the_folders_of_the_shipped_configuration() {
        let unit = include_str!("../../../config/systemd/invigil-agent.service");
        let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap();
        let cli = Cli::try_parse_from(value("ExecStart").split(' ')).unwrap();
        assert!(matches!(cli.command, Command::Service(_)));
        assert!(value("ExecStart").ends_with(crate::service::config::DEFAULT));
        let sample = include_str!("../../../config/agent.toml");
        for (folder, key) in [("/var/lib/", "StateDirectory"), ("/run/", "RuntimeDirectory"), ("/etc/", "ConfigurationDirectory")] {
            assert!(sample.contains(&format!("{folder}{}", value(key))), "{key}");
        }
    }
}
