//! `invigil-agent join`.

use crate::receipt::time;
use crate::run::{Prepared, prepare};
use std::path::PathBuf;
use std::process::ExitCode;

/// Exit status when what was kept ends before the exam does.
const TOO_SHORT: u8 = 2;

/// Joins an exam ahead of it and keeps everything that recording needs, so that `run` records even if there is no network when the exam starts.
///
/// Exit status: 0 when this computer can record until the exam's end, 2 when only for a part of it (join again later, as it says), 1 when it could not join.
#[derive(clap::Args)]
pub struct Args {
    /// Address of the server, `https://HOST:PORT`.
    #[arg(long, env = "INVIGIL_SERVER")]
    server: String,
    /// Join link, or CODE.FINGERPRINT. In the environment other users of this computer do not see it.
    #[arg(long, env = "INVIGIL_JOIN", hide_env_values = true, value_name = "CODE_OR_LINK")]
    join: String,
    /// Folder for what is kept; give the same one to `run`.
    #[arg(long, default_value = "invigil-spool")]
    spool: PathBuf,
    /// As a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    crate::init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let prepared = runtime.block_on(prepare(&args.server, &args.join, &args.spool))?;
    if args.json {
        println!("{}", serde_json::to_string(&prepared)?);
    } else {
        print(&prepared);
    }
    Ok(if prepared.lasts { ExitCode::SUCCESS } else { ExitCode::from(TOO_SHORT) })
}

fn print(prepared: &Prepared) {
    let exam = &prepared.exam;
    let at = |ms| time(ms, exam.utc_offset_secs);
    println!("joined: {} ({}), {}", exam.title, exam.discipline, prepared.who);
    println!("window: {} to {}", at(exam.starts_ms), at(exam.ends_ms));
    let capture = &prepared.capture;
    println!(
        "to be recorded: {}x{}, {} pictures a second, at most {} kbit/s",
        capture.width, capture.height, capture.fps, capture.max_kbits
    );
    println!("readable for: {} review keys of institution {}", prepared.review_keys, prepared.fingerprint);
    if prepared.lasts {
        println!("this computer can start recording without a network until {}", at(prepared.counts_until_ms));
    } else {
        println!(
            "this computer can start recording without a network only until {}, before the exam ends: join again after the institution has renewed its keys",
            at(prepared.counts_until_ms)
        );
    }
}
