//! `invigil-server check`.

use crate::check;
use crate::config::Config;
use clap::Args as ClapArgs;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let report = check::check(&Config::load(&args.config)?, &invigil_clock::SystemClock).await?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!(
            "{} segments stored, {} growing, {} refused; {} bytes verified",
            report.stored, report.incoming, report.refused, report.verified_bytes
        );
        report.problems.iter().for_each(|problem| println!("{}: {}", problem.object, problem.what));
        println!("{}", if report.problems.is_empty() { "all is well".to_owned() } else { format!("{} problems", report.problems.len()) });
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
