//! `invigil-agent check`.

use super::hide;
use crate::capture::given;
use crate::check::{Finding, Level, Options, check};
use crate::sound;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Checks cameras, microphone, disk, server, link and clock before an exam, and says in plain words what to do. Records nothing.
///
/// Exit status: 0 when all is well, 1 when something must be seen to, 2 when nothing can be recorded as it stands.
#[derive(clap::Args)]
pub struct Args {
    /// Address of the server, `https://HOST:PORT`.
    #[arg(long, env = "INVIGIL_SERVER")]
    server: Option<String>,
    /// Join link, or CODE.FINGERPRINT. In the environment other users of this computer do not see it. Checking does not use the code up.
    #[arg(long, env = "INVIGIL_JOIN", hide_env_values = true, value_name = "CODE_OR_LINK")]
    join: Option<String>,
    /// As for `run`, `@FILE` and the variable INVIGIL_CAMERAS too; several times for several cameras. Without it, the first webcam.
    #[arg(long, value_name = "SPEC")]
    camera: Vec<String>,
    /// As for `run`.
    #[arg(long, value_name = "SPEC", env = "INVIGIL_MICROPHONE", default_value = "default")]
    microphone: sound::Spec,
    /// The folder that `run` will use.
    #[arg(long, default_value = "invigil-spool")]
    spool: PathBuf,
    /// Write a picture of each camera to this folder, readable by you only. It is not encrypted: delete it when you have looked at it.
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
    /// Length of the exam, where this computer has not joined it.
    #[arg(long, default_value_t = 180)]
    minutes: u32,
    /// As a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    crate::init();
    let cameras = given::cameras(&args.camera, given::environment().as_deref())?;
    hide::passwords(&args.camera, &cameras);
    let options = Options {
        server: args.server,
        join: args.join,
        cameras,
        microphone: args.microphone,
        spool: args.spool,
        picture: args.picture,
        minutes: args.minutes,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(check(&options));
    // Threads that hang in a driver must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(200));
    let findings = findings?;
    let status = match findings.iter().map(|finding| finding.level).max() {
        None | Some(Level::Good) => 0,
        Some(Level::Attention) => 1,
        Some(Level::Bad) => 2,
    };
    if args.json {
        println!("{}", serde_json::json!({ "status": status, "findings": findings }));
    } else {
        print(&findings, status);
    }
    Ok(ExitCode::from(status))
}

fn print(findings: &[Finding], status: u8) {
    for finding in findings {
        let mark = match finding.level {
            Level::Good => "good",
            Level::Attention => "SEE TO IT",
            Level::Bad => "BAD",
        };
        println!("{mark:9}  {} {}: {}", finding.about, finding.subject, finding.says);
        finding.to_do.iter().for_each(|to_do| println!("{:9}  -> {to_do}", ""));
    }
    println!(
        "{}",
        match status {
            0 => "all is well",
            1 => "recording works, but something must be seen to",
            _ => "nothing can be recorded as it stands",
        }
    );
}
