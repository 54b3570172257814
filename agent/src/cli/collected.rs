//! `invigil-agent collected`.

use super::status::Where;
use crate::service::{Command, ask};
use invigil_format::RecordingId;
use std::process::ExitCode;

/// Exit status when the scheduled end has not passed and `--early` was not given.
const TOO_EARLY: u8 = 2;

/// Says that the papers are collected: the service of this room ends the recording and goes on with the next exam.
///
/// Of several exams that are recorded at once it means the one that was to end first, unless --recording names another one.
///
/// Exit status: 0 when the recording ends, 2 when its scheduled end has not passed or another one's recording ended only just now and --recording does not name this one (then --early is needed), 1 when
/// nothing is recorded, the recording has ended meanwhile, or no service answers.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// The papers are collected although the scheduled end has not passed.
    #[arg(long)]
    early: bool,
    /// The recording that is meant, as `status` names it.
    #[arg(long)]
    recording: Option<RecordingId>,
    /// As a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let control = args.place.control()?;
    let reply = runtime.block_on(async {
        // The word is for the exam that is recorded now, not for one that begins meanwhile.
        let now = ask(&control, Command::Status).await?;
        // Where nothing is recorded, it may be for an exam that has begun and whose recording stands still.
        let recording = args.recording.or(now.status.recording.as_ref().map(|now| now.recording));
        ask(&control, Command::Collected { early: args.early, recording, by_name: args.recording.is_some() }).await
    })?;
    if args.json {
        println!("{}", serde_json::to_string(&reply)?);
    } else {
        println!("{}", reply.message);
    }
    Ok(match reply.result.as_str() {
        "done" => ExitCode::SUCCESS,
        "too-early" => ExitCode::from(TOO_EARLY),
        _ => ExitCode::FAILURE,
    })
}
