//! `invigil-server exam add|list|code|collected`.

use crate::candidates;
use crate::config::Config;
use crate::exams::{self, Added, Joining, NewExam, NewSeat};
use crate::state::AppState;
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use invigil_clock::SystemClock;
use invigil_format::RecordingId;
use invigil_rules::retention::rfc3339;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an exam; prints one join code for each room and candidate, which is shown this once.
    Add(Box<Add>),
    /// List exams.
    List(List),
    /// Make a new join code for a recording, e.g. when a laptop died; the old one is worth nothing then.
    Code(Code),
    /// The papers are collected: end the recording of a room. Its computer goes on to its next exam.
    Collected(Collected),
}

#[derive(Args)]
pub(super) struct Add {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Title.
    #[arg(long)]
    title: String,
    /// Discipline.
    #[arg(long)]
    discipline: String,
    /// Faculty.
    #[arg(long)]
    faculty: Option<String>,
    /// Examiner.
    #[arg(long)]
    examiner: Option<String>,
    /// Form of the exam, in words, as it is to stand in acts: written, oral, test.
    #[arg(long)]
    form: Option<String>,
    /// Platform of an online exam.
    #[arg(long)]
    platform: Option<String>,
    /// Teacher on duty.
    #[arg(long)]
    invigilator: Option<String>,
    /// Start with UTC offset, e.g. 2026-06-01T09:00+05:00.
    #[arg(long)]
    start: String,
    /// End with UTC offset.
    #[arg(long)]
    end: String,
    /// Policy name.
    #[arg(long)]
    policy: String,
    /// A room.
    #[arg(long = "room", value_name = "NAME")]
    rooms: Vec<String>,
    /// A candidate; the id of the university's lists may follow after a colon.
    #[arg(long = "candidate", value_name = "NAME[:ID]")]
    candidates: Vec<String>,
    /// A list of candidates as CSV in UTF-8, its first line naming the columns: name, and any of id, extra_minutes, room, seat, programme, course, attempt.
    #[arg(long = "candidates", value_name = "FILE")]
    candidate_list: Option<PathBuf>,
    /// Extra time of one candidate in minutes.
    #[arg(long = "extra-minutes", value_name = "ID=MINUTES")]
    extra_minutes: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
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
pub(super) struct Code {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Recording.
    #[arg(long)]
    recording: RecordingId,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Collected {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Recording of the room.
    #[arg(long)]
    recording: RecordingId,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add(args) => add(*args).await?,
        Command::List(args) => list(args).await?,
        Command::Code(args) => code(args).await?,
        Command::Collected(args) => collected(args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(args: Add) -> anyhow::Result<()> {
    let listed = match &args.candidate_list {
        Some(path) => candidates::read(path)?,
        None => Vec::new(),
    };
    let optional = |flag: &str, text: Option<String>| text.map(|text| name(flag, &text)).transpose();
    let new = NewExam {
        starts_ms: instant("--start", &args.start)?,
        ends_ms: instant("--end", &args.end)?,
        seats: seats(&args.rooms, &args.candidates, listed, &args.extra_minutes)?,
        title: args.title,
        discipline: args.discipline,
        faculty: optional("--faculty", args.faculty)?,
        examiner: optional("--examiner", args.examiner)?,
        form: optional("--form", args.form)?,
        platform: optional("--platform", args.platform)?,
        invigilator: optional("--invigilator", args.invigilator)?,
        policy: args.policy,
    };
    let state = AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?;
    let added = exams::add(&state, &new).await?;
    if args.json {
        println!("{}", serde_json::to_string(&added)?);
        return Ok(());
    }
    let Added { exam, expires_ms, joins } = added;
    let zone = &state.policies.get(&new.policy)?.zone.value;
    println!("exam {exam}\nfootage expires {}\njoin codes, shown only now:", rfc3339(expires_ms, zone)?);
    joins.iter().for_each(print_joining);
    Ok(())
}

async fn list(args: List) -> anyhow::Result<()> {
    let state = AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?;
    let views = crate::views::exams(&state).await?;
    if args.json {
        println!("{}", serde_json::to_string(&views)?);
        return Ok(());
    }
    for view in views {
        println!(
            "{}  {:8}  {} recordings  expires {}  {} ({})",
            view.id, view.state, view.recordings, view.expires, view.title, view.discipline
        );
    }
    Ok(())
}

async fn code(args: Code) -> anyhow::Result<()> {
    let state = AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?;
    let joining = exams::reissue(&state, args.recording).await?;
    if args.json {
        println!("{}", serde_json::to_string(&joining)?)
    } else {
        print_joining(&joining)
    }
    Ok(())
}

async fn collected(args: Collected) -> anyhow::Result<()> {
    let state = AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?;
    // A refusal is written for people.
    crate::collected::collected(&state, args.recording, "cli".into()).await.map_err(|error| anyhow::anyhow!(error.message))?;
    println!("ended; its computer hears of it within seconds");
    Ok(())
}

fn print_joining(joining: &Joining) {
    println!("  {} {}: {}\n    {}", joining.kind, joining.who, joining.code, joining.link);
}

/// Unix ms of a date and time with UTC offset.
pub(super) fn instant(flag: &str, text: &str) -> anyhow::Result<i64> {
    let read = text.parse::<jiff::Timestamp>().ok();
    Ok(read
        .with_context(|| format!("{flag} {text:?}: expected a date and time with UTC offset such as 2026-06-01T09:00+05:00"))?
        .as_millisecond())
}

fn seats(rooms: &[String], candidates: &[String], listed: Vec<NewSeat>, extra: &[String]) -> anyhow::Result<Vec<NewSeat>> {
    let mut seats = Vec::new();
    for room in rooms {
        seats.push(NewSeat::room(name("--room", room)?));
    }
    seats.extend(listed);
    for candidate in candidates {
        let (who, id) = match candidate.rsplit_once(':') {
            Some((who, id)) => (who, Some(name("--candidate", id)?)),
            None => (candidate.as_str(), None),
        };
        if id.is_some() && seats.iter().any(|seat| seat.external_id == id) {
            bail!("--candidate {candidate:?}: another candidate has this id already");
        }
        seats.push(NewSeat { external_id: id, ..NewSeat::candidate(name("--candidate", who)?) });
    }
    for text in extra {
        let wrong =
            || format!("--extra-minutes {text:?}: expected the id of a candidate above and minutes from 1 to 600, such as 20B030001=25");
        let (id, minutes) = text.split_once('=').with_context(wrong)?;
        let minutes: i64 = minutes.parse().ok().filter(|minutes| (1..=600).contains(minutes)).with_context(wrong)?;
        let seat = seats.iter_mut().find(|seat| seat.external_id.as_deref() == Some(id)).with_context(wrong)?;
        seat.extra_ms = minutes * 60_000;
    }
    Ok(seats)
}

/// A name of one line.
pub(super) fn name(flag: &str, text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    ensure!(candidates::is_name(text), "{flag} {text:?}: expected 1 to {} bytes in one line", candidates::NAME_BYTES);
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_read_with_ids_and_extra_time() {
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let listed = || vec![NewSeat { external_id: Some("6".into()), ..NewSeat::candidate("L") }];
        let read = seats(&strings(&["Hall 1"]), &strings(&["A B:7", "C: D:8", "E"]), listed(), &strings(&["8=25", "6=1"])).unwrap();
        assert_eq!(read.iter().map(|s| s.who.as_str()).collect::<Vec<_>>(), ["Hall 1", "L", "A B", "C: D", "E"]);
        assert_eq!(read.iter().map(|s| s.extra_ms).collect::<Vec<_>>(), [0, 60_000, 0, 1_500_000, 0]);
        assert!(seats(&[], &strings(&["A:7", "B:7"]), Vec::new(), &[]).is_err());
        assert!(seats(&[], &strings(&["A:6"]), listed(), &[]).is_err());
        assert!(seats(&[], &strings(&["A:7"]), Vec::new(), &strings(&["9=25"])).is_err());
    }

    #[test]
    fn instants_need_an_offset() {
        assert_eq!(instant("--start", "2026-06-01T09:00+05:00").unwrap(), 1_780_286_400_000);
        assert!(instant("--start", "2026-06-01T09:00").is_err());
    }
}
