//! `invigil-server hold`.

use super::exam::instant;
use crate::config::Config;
use crate::holds::{self, By, Opening, Reason};
use crate::state::AppState;
use anyhow::anyhow;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use invigil_clock::SystemClock;
use invigil_format::{RecordingId, TrackName};
use invigil_wire::holds::HoldView;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Subcommand)]
pub(super) enum Command {
    /// List holds, newest first, and say what each keeps.
    List(List),
    /// Keep a stretch of a recording beyond its month.
    Open(Open),
    /// Release a hold: what no other hold keeps and has expired is destroyed at once.
    Release(Release),
}

#[derive(ClapArgs)]
pub(super) struct List {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Only those that are not released.
    #[arg(long)]
    open: bool,
    /// Print JSON: a list as the review page gets it.
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
pub(super) struct Open {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Recording.
    #[arg(long)]
    recording: RecordingId,
    /// Beginning of the stretch: RFC 3339 with its offset, such as 2026-06-01T10:15:00+05:00.
    #[arg(long)]
    from: String,
    /// Its end.
    #[arg(long)]
    to: String,
    /// Only this track; may be given several times.
    #[arg(long = "track")]
    tracks: Vec<TrackName>,
    /// Why.
    #[arg(long)]
    reason: Why,
    /// Why, in words. No names: it is shown in lists.
    #[arg(long)]
    note: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Why {
    Appeal,
    Other,
}

#[derive(ClapArgs)]
pub(super) struct Release {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Hold.
    #[arg(long)]
    hold: Uuid,
    /// Why, in words.
    #[arg(long)]
    note: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(args) => {
            let mut all = holds::list(&state(&args.config).await?).await?;
            all.retain(|hold| !args.open || hold.released_ms.is_none());
            if args.json {
                println!("{}", serde_json::to_string(&all)?);
            } else {
                all.iter().try_for_each(print)?;
            }
        }
        Command::Open(args) => {
            let opening = Opening {
                recording: args.recording,
                from_ms: instant("--from", &args.from)?,
                to_ms: instant("--to", &args.to)?,
                tracks: (!args.tracks.is_empty()).then(|| args.tracks.iter().map(ToString::to_string).collect()),
                reason: match args.reason {
                    Why::Appeal => Reason::Appeal,
                    Why::Other => Reason::Other,
                },
                note: args.note,
            };
            show(&holds::open(&state(&args.config).await?, &opening, &By::command_line()).await?, args.json)?;
        }
        Command::Release(args) => {
            let state = state(&args.config).await?;
            let hold = holds::release(&state, args.hold, &args.note, &By::command_line()).await?;
            show(&holds::view(&state, &hold).await?, args.json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn state(config: &std::path::Path) -> anyhow::Result<AppState> {
    AppState::open(Config::load(config)?, Arc::new(SystemClock)).await
}

fn show(hold: &HoldView, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(hold)?);
        return Ok(());
    }
    print(hold)
}

fn print(hold: &HoldView) -> anyhow::Result<()> {
    // The errors of jiff are none of std's without its feature of that name.
    let wrong = |error: jiff::Error| anyhow!("show the times of hold {}: {error}", hold.id);
    let zone = TimeZone::fixed(Offset::from_seconds(hold.utc_offset_secs).map_err(wrong)?);
    let at = |ms: i64| at(ms, &zone);
    let over = if hold.over_retention { ", KEEPS MORE THAN IT CITES: a reviewer must seal its segments" } else { "" };
    println!("{}  {} ({}): {}{over}", hold.id, hold.state, hold.reason, hold.note);
    println!("  recording {} of {:?}, {} to {}", hold.recording, hold.exam, at(hold.from_ms), at(hold.to_ms));
    println!(
        "  {} segments, {} bytes; {} not sealed yet, {} of them not here in full",
        hold.segments, hold.size_bytes, hold.unsealed, hold.growing
    );
    println!("  opened {} by {}", at(hold.opened_ms), hold.opened_by);
    if let (Some(released_ms), Some(by)) = (hold.released_ms, &hold.released_by) {
        println!("  released {} by {by}: {}", at(released_ms), hold.release_note.as_deref().unwrap_or_default());
    }
    Ok(())
}

/// A time as the university reads it; milliseconds where no calendar has it.
fn at(ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string(),
        Err(_) => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_can_be_printed() {
        let almaty = TimeZone::fixed(Offset::from_seconds(5 * 3600).unwrap());
        assert_eq!(at(1_780_300_800_000, &almaty), "2026-06-01 13:00:00+05:00");
        assert_eq!([i64::MIN, i64::MAX].map(|ms| at(ms, &almaty)), [format!("{} ms", i64::MIN), format!("{} ms", i64::MAX)]);
        for zone in [almaty, TimeZone::fixed(Offset::MAX), TimeZone::fixed(Offset::MIN)] {
            for timestamp in [Timestamp::MIN, Timestamp::MAX] {
                assert!(!at(timestamp.as_millisecond(), &zone).is_empty());
            }
        }
    }
}
