//! `invigil-server recordings`.

use crate::config::Config;
use crate::db::entities::exams;
use crate::state::AppState;
use crate::views;
use anyhow::ensure;
use clap::Args as ClapArgs;
use invigil_clock::SystemClock;
use invigil_format::ExamId;
use invigil_rules::retention::rfc3339;
use invigil_wire::review::RecordingView;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Only those of this exam.
    #[arg(long)]
    exam: Option<ExamId>,
    /// Print JSON: a list as the review page gets it.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let state = AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?;
    let wanted = args.exam.map(|exam| exam.to_string());
    let exams = crate::exams::list(&state.db).await?;
    let exams: Vec<exams::Model> = exams.into_iter().filter(|exam| wanted.as_ref().is_none_or(|wanted| *wanted == exam.uuid)).collect();
    ensure!(wanted.is_none() || !exams.is_empty(), "there is no such exam; `invigil-server exam list` shows those that there are");
    let mut all = Vec::new();
    for exam in &exams {
        all.extend(views::recordings(&state, exam).await?);
    }
    if args.json {
        println!("{}", serde_json::to_string(&all)?);
    } else {
        for view in &all {
            print(&state, view)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(state: &AppState, view: &RecordingView) -> anyhow::Result<()> {
    let zone = &state.policies.get(&view.exam.policy)?.zone.value;
    let at = |ms: i64| rfc3339(ms / 1000 * 1000, zone);
    println!(
        "{}  {} {} in {:?}: {}, {} s of footage, {} bytes",
        view.id,
        view.kind,
        view.who,
        view.exam.title,
        view.state,
        view.recorded_ms / 1000,
        view.size_bytes
    );
    for part in &view.footage {
        println!("  {:8} {} to {}", part.track, at(part.from_ms)?, at(part.to_ms)?);
    }
    for part in &view.missing {
        println!("  missing  {} to {}: {}", at(part.from_ms)?, at(part.to_ms)?, part.cause);
    }
    // What all tracks lack stands above.
    for part in view.track_missing.iter().filter(|part| !views::is_of_all(part, &view.missing)) {
        println!("  missing  {} to {}: {} ({})", at(part.from_ms)?, at(part.to_ms)?, part.cause, part.track);
    }
    for state in &view.conditions {
        let whose = state.track.as_deref().unwrap_or("the computer");
        println!("  now      {} since {}: {whose}: {}", state.condition, at(state.since_ms)?, state.reason);
    }
    for part in &view.held {
        println!("  held     {} to {}: {} by {}", at(part.from_ms)?, at(part.to_ms)?, part.state, part.hold);
    }
    for outage in &view.outages {
        let until = outage.to_ms.map_or_else(|| Ok("now".to_owned()), at)?;
        let lower = outage.lower_ms.map_or("not known yet".to_owned(), |ms| format!("{:.1} s", seconds(ms)));
        let note = if outage.provisional { ", provisional" } else { "" };
        println!(
            "  offline  {} to {until}: {}, at most {:.1} s, at least {lower}{note}",
            at(outage.from_ms)?,
            outage.cause,
            seconds(outage.upper_ms)
        );
    }
    let finding = &view.finding;
    if finding.kind != "none" {
        let deadline = finding.deadline.as_ref().map_or(String::new(), |deadline| format!(", before {deadline}"));
        println!("  finding  {}{deadline}{} ({})", finding.kind, if finding.provisional { ", provisional" } else { "" }, finding.source);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
