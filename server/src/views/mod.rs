//! Exams and recordings as `wire::review` shows them: one place for the page and for the command line.

mod account;
mod busy;
mod conditions;
mod cover;
mod index;
mod missing;
mod receipt;
mod timeline;

use crate::clock_map::to_server_ms;
use crate::db::entities::{exams, findings, journal_entries, recordings, runs, segments};
use crate::state::AppState;
use crate::{disconnects, holds};
use anyhow::Context;
use index::{Index, Run};
use invigil_format::Event;
use invigil_rules::retention::rfc3339;
use invigil_wire::review::{ConditionView, ExamView, Missing, RecordingView, Stretch, TrackMissing};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap, HashSet};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use missing::is_of_all;
pub use receipt::receipt;
pub use timeline::{Seen, seen};

/// Silence after which a recording that is not finished counts as offline, ms: as long as until a disconnect opens.
const SILENT_MS: i64 = 15_000;
/// Looks at recordings that are computed at once: one leaves a core for footage on the smallest server.
const AT_ONCE: usize = 2;

static LOOKS: Semaphore = Semaphore::const_new(AT_ONCE);

/// All exams, newest first.
///
/// # Errors
/// When the database fails or an exam's policy is gone.
pub async fn exams(state: &AppState) -> anyhow::Result<Vec<ExamView>> {
    let mut views = Vec::new();
    for exam in crate::exams::list(&state.db).await? {
        views.push(self::exam(state, &exam).await?);
    }
    Ok(views)
}

/// One exam.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn exam(state: &AppState, exam: &exams::Model) -> anyhow::Result<ExamView> {
    let of_exam = || recordings::Entity::find().filter(recordings::Column::ExamId.eq(exam.id));
    let count = of_exam().count(&state.db).await?;
    let ids: Vec<i64> = of_exam().all(&state.db).await?.iter().map(|row| row.id).collect();
    let to_look_at = Condition::all().add(findings::Column::Kind.ne("none")).add(findings::Column::RecordingId.is_in(ids));
    let flagged = findings::Entity::find().filter(to_look_at).count(&state.db).await?;
    let expires_ms = state.policies.expires_ms(exam)?;
    let now_ms = disconnects::now_ms(state);
    let phase = match () {
        () if exam.destroyed_ms.is_some() || now_ms >= expires_ms => "expired",
        () if now_ms < exam.starts_ms => "coming",
        () if now_ms < exam.actual_end_ms => "running",
        () => "over",
    };
    Ok(ExamView {
        id: exam.uuid.parse().context("read an exam's row")?,
        title: exam.title.clone(),
        discipline: exam.discipline.clone(),
        policy: exam.policy.clone(),
        starts_ms: exam.starts_ms,
        ends_ms: exam.ends_ms,
        actual_end_ms: exam.actual_end_ms,
        expires_ms,
        expires: rfc3339(expires_ms, &state.policies.get(&exam.policy)?.zone.value)?,
        utc_offset_secs: exam.utc_offset_secs,
        state: phase.to_owned(),
        recordings: u32::try_from(count).unwrap_or(u32::MAX),
        flagged: u32::try_from(flagged).unwrap_or(u32::MAX),
    })
}

/// The recordings of an exam, in the order in which they were added.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn recordings(state: &AppState, exam: &exams::Model) -> anyhow::Result<Vec<RecordingView>> {
    let of_exam = recordings::Entity::find().filter(recordings::Column::ExamId.eq(exam.id)).order_by_asc(recordings::Column::Id);
    let exam_view = self::exam(state, exam).await?;
    let mut views = Vec::new();
    for row in of_exam.all(&state.db).await? {
        views.push(view(state, exam, exam_view.clone(), &row).await?);
    }
    Ok(views)
}

/// One recording.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn recording(state: &AppState, exam: &exams::Model, row: &recordings::Model) -> anyhow::Result<RecordingView> {
    view(state, exam, self::exam(state, exam).await?, row).await
}

/// What is known of a recording's runs and footage.
struct Known {
    runs: Vec<runs::Model>,
    seen: Vec<Seen>,
    journal: Vec<JournalRow>,
}

/// An entry of a journal, without the statement that was signed: it is as long again and says nothing more.
#[derive(Debug, FromQueryResult)]
struct JournalRow {
    run_id: i64,
    kind: String,
    boottime_us: i64,
    wall_ms: i64,
    event: String,
    received_ms: i64,
}

async fn view(state: &AppState, exam: &exams::Model, exam_view: ExamView, row: &recordings::Model) -> anyhow::Result<RecordingView> {
    let now_ms = disconnects::now_ms(state);
    let report = disconnects::report(&state.db, &state.policies, exam, row, now_ms).await?;
    let expired = exam_view.state == "expired" || row.expired_ms.is_some();
    // After expiry what a hold keeps is all that there is to be seen.
    let place = place(&LOOKS).await?;
    let held = if expired { holds::held_segments(&state.db, &state.store, row).await? } else { HashSet::new() };
    let mut known = Known { runs: Vec::new(), seen: Vec::new(), journal: Vec::new() };
    if !expired || !held.is_empty() {
        known = load(state, row).await?;
        known.seen.retain(|seen| !expired || held.contains(&seen.row.id));
    }
    let last_contact_ms = row.last_contact_ms.max(state.live.contact(row.id).map(|contact| contact.at_ms));
    let phase = match () {
        () if expired => "expired",
        () if row.finished_ms.is_some() => "finished",
        // A device that has joined ahead, or a room's computer that has taken it, does not record yet.
        () if row.joined_ms.is_none() || known.runs.is_empty() => "waiting",
        () if last_contact_ms.is_some_and(|at| now_ms - at < SILENT_MS) => "recording",
        () => "offline",
    };
    let (own_row, outages) = (row.clone(), report.outages.clone());
    let figures = compute(place, move || {
        let asked = missing::Asked { row: &own_row, outages: &outages, live: phase == "recording", now_ms };
        Figures::new(&asked, &known, phase)
    });
    let figures = figures.await?;
    Ok(RecordingView {
        id: row.uuid.parse().context("read a recording's row")?,
        exam: exam_view,
        kind: row.kind.clone(),
        who: row.who.clone(),
        state: phase.to_owned(),
        now_ms,
        starts_ms: row.starts_ms,
        ends_ms: row.ends_ms + row.extra_ms,
        end_asked_ms: figures.end_asked_ms,
        ended_ms: row.finished_ms,
        last_contact_ms,
        recorded_ms: figures.recorded_ms,
        footage: figures.footage,
        missing: figures.missing,
        track_missing: figures.track_missing,
        size_bytes: figures.size_bytes,
        outages: report.outages,
        finding: report.finding,
        held: holds::stretches(state, row).await?,
        conditions: figures.conditions,
    })
}

/// Waits until a recording may be looked at. Before anything of it is loaded: a device can write journals that take a while and much room.
async fn place(of: &'static Semaphore) -> anyhow::Result<SemaphorePermit<'static>> {
    of.acquire().await.context("wait for a place to look at a recording")
}

/// Runs what is computed from all that is known of a recording off the async threads.
async fn compute<T: Send + 'static>(place: SemaphorePermit<'static>, look: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    let computed = tokio::task::spawn_blocking(move || {
        // Held here, not by the request: a client that hangs up does not free a place while its look is still being computed.
        let _place = place;
        look()
    });
    computed.await.context("look at a recording")
}

/// What a view says that is computed from all that is known of a recording.
struct Figures {
    end_asked_ms: Option<i64>,
    recorded_ms: i64,
    footage: Vec<Stretch>,
    missing: Vec<Missing>,
    track_missing: Vec<TrackMissing>,
    size_bytes: u64,
    conditions: Vec<ConditionView>,
}

impl Figures {
    fn new(asked: &missing::Asked<'_>, known: &Known, phase: &str) -> Self {
        let index = Index::new(known);
        let footage = timeline::stretches(&timeline::tracks(&known.seen));
        let (mut missing, mut track_missing) = (Vec::new(), Vec::new());
        if phase != "expired" {
            missing = missing::stretches(asked, &index, &timeline::pictures(&known.seen));
            track_missing = missing::of_tracks(asked, &index, &missing);
        }
        Self {
            end_asked_ms: end_asked_ms(asked.row, &index),
            recorded_ms: longest(&known.seen, &footage),
            footage,
            missing,
            track_missing,
            size_bytes: known.seen.iter().map(|seen| seen.size_bytes).sum(),
            conditions: if matches!(phase, "recording" | "offline") { conditions::going_on(&index) } else { Vec::new() },
        }
    }
}

/// Since when the device has asked whether the papers are collected. A word about an end that has been moved meanwhile does not count.
fn end_asked_ms(row: &recordings::Model, index: &Index<'_>) -> Option<i64> {
    if row.finished_ms.is_some() {
        return None;
    }
    let of_run = |run: &Run<'_>| {
        let asked = run.journal.iter().filter_map(|entry| match &entry.event {
            Some(Event::EndPassed { ends_ms }) if *ends_ms >= row.ends_ms + row.extra_ms => {
                Some(run.at_ms(entry.row.boottime_us).unwrap_or(entry.row.received_ms))
            }
            _ => None,
        });
        asked.min()
    };
    index.runs.iter().filter_map(of_run).min()
}

async fn load(state: &AppState, row: &recordings::Model) -> anyhow::Result<Known> {
    let runs = runs::Entity::find().filter(runs::Column::RecordingId.eq(row.id)).order_by_asc(runs::Column::Id).all(&state.db).await?;
    let rows =
        segments::Entity::find().filter(segments::Column::RecordingId.eq(row.id)).order_by_asc(segments::Column::Id).all(&state.db).await?;
    let by_id: HashMap<i64, &runs::Model> = runs.iter().map(|run| (run.id, run)).collect();
    let mut footage = Vec::with_capacity(rows.len());
    for segment in rows {
        let run = by_id.get(&segment.run_id).copied();
        footage.push(seen(state, segment, run).await?);
    }
    let ids: Vec<i64> = runs.iter().map(|run| run.id).collect();
    let kinds = [
        "run-started",
        "track-started",
        "camera-lost",
        "camera-back",
        "capture-paused",
        "capture-resumed",
        "frames-dropped",
        "segment-started",
        "run-ended",
        "suspended",
        "held-up",
        "condition-began",
        "condition-ended",
        "end-passed",
    ];
    let wanted = Condition::all().add(journal_entries::Column::RunId.is_in(ids)).add(journal_entries::Column::Kind.is_in(kinds));
    let journal = journal_entries::Entity::find()
        .select_only()
        .columns([
            journal_entries::Column::RunId,
            journal_entries::Column::Kind,
            journal_entries::Column::BoottimeUs,
            journal_entries::Column::WallMs,
            journal_entries::Column::Event,
            journal_entries::Column::ReceivedMs,
        ])
        .filter(wanted)
        .order_by_asc(journal_entries::Column::RunId)
        .order_by_asc(journal_entries::Column::Entry)
        .into_model::<JournalRow>();
    Ok(Known { runs, seen: footage, journal: journal.all(&state.db).await? })
}

/// The longest track of moving pictures; of sound only where there is nothing else.
fn longest(seen: &[Seen], footage: &[Stretch]) -> i64 {
    let pictures: HashSet<&str> = seen.iter().filter(|seen| seen.is_moving_pictures()).map(|seen| seen.row.track.as_str()).collect();
    let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
    for stretch in footage.iter().filter(|stretch| pictures.is_empty() || pictures.contains(stretch.track.as_str())) {
        *totals.entry(&stretch.track).or_default() += stretch.to_ms - stretch.from_ms;
    }
    totals.into_values().max().unwrap_or(0)
}

/// Server's time of a run's boot time, from its frozen offset.
fn run_ms(run: &runs::Model, boottime_us: i64) -> Option<i64> {
    to_server_ms(run.clock_offset_ms, u64::try_from(boottime_us).ok()?)
}

#[cfg(test)]
mod tests;
