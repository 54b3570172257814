//! The engine: each second it takes the contacts that handlers noted, moves every recording's state machine, and writes what follows from it in
//! one transaction together with the server's sign of life. What a crash loses is therefore at most a second of contacts, and never more than
//! the sign of life.

use super::evidence::{self, Journals};
use super::table::Inbox;
use super::{downtime, finding};
use crate::db::entities::{exams, outages, recordings};
use crate::db::{self};
use crate::retention::actual_end;
use crate::state::Shared;
use anyhow::Context;
use invigil_rules::Interval;
use invigil_rules::outage::{self, Sign, Step, Tracker};
use invigil_rules::policy::Cause;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    TransactionTrait,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// Exams whose end is longer ago are not looked at again unless an agent of theirs appears, ms.
const RECENT_MS: i64 = 2 * 86_400_000;
/// Exams that start later than this are not looked at yet, ms.
const SOON_MS: i64 = 2 * 3_600_000;
/// How often windows are read again: another process may have changed them, ms.
const REFRESH_MS: i64 = 10_000;
/// Rows in one batched update.
const BATCH: usize = 400;

/// One recording as the engine sees it.
#[derive(Debug)]
struct Entry {
    exam: i64,
    tracker: Option<Tracker>,
    opens_after_ms: i64,
    /// End of the window; silence after it is no disconnect.
    ends_ms: i64,
    /// The exam's actual end as last seen; a later capture moves it.
    exam_end_ms: i64,
    ask_again_ms: Option<i64>,
}

/// Runs before and after a step, as rows.
#[derive(Debug, Clone, Copy)]
struct Sides {
    before: Option<i64>,
    after: Option<i64>,
}

/// State of the engine.
pub(super) struct Engine {
    state: Shared,
    entries: HashMap<i64, Entry>,
    down: Vec<Interval>,
    life: i64,
    refreshed_ms: i64,
}

impl Engine {
    /// Ends the downtime before this start and reads all that may still matter.
    pub(super) async fn start(state: Shared, now_ms: i64) -> anyhow::Result<Self> {
        let tx = db::begin_write(&state.db).await?;
        let life = downtime::begin(&tx, now_ms).await?;
        tx.commit().await.context("begin a life of this server")?;
        let down = downtime::since(&state.db, now_ms - 40 * RECENT_MS, now_ms).await?;
        Ok(Self { state, entries: HashMap::new(), down, life, refreshed_ms: i64::MIN })
    }

    /// One second's work.
    pub(super) async fn tick(&mut self, now_ms: i64, stopping: bool) -> anyhow::Result<()> {
        let inbox = self.state.disconnects.take();
        let mut renew = self.state.disconnects.take_marked();
        let result = self.work(&inbox, &mut renew, now_ms, stopping).await;
        if result.is_err() {
            // The state machines moved without their rows: read them again from the database, and do not lose the contacts.
            self.entries.clear();
            self.refreshed_ms = i64::MIN;
            self.state.disconnects.give_back(inbox);
            renew.into_iter().for_each(|recording| self.state.disconnects.mark(recording));
        }
        result
    }

    async fn work(&mut self, inbox: &Inbox, renew: &mut BTreeSet<i64>, now_ms: i64, stopping: bool) -> anyhow::Result<()> {
        if now_ms.saturating_sub(self.refreshed_ms) >= REFRESH_MS {
            self.refresh(renew, now_ms).await?;
            self.refreshed_ms = now_ms;
        }
        let mut steps: Vec<(i64, Step, Sides)> = Vec::new();
        let mut heard: BTreeMap<i64, Option<Sign>> = BTreeMap::new();
        let mut captured: BTreeMap<i64, i64> = BTreeMap::new();
        for unwritten in &inbox.unwritten {
            // It grows with each attempt that fails.
            self.down.retain(|known| known.from_ms < unwritten.from_ms || known.to_ms > unwritten.to_ms);
            self.down.push(*unwritten);
        }
        self.down.sort_unstable_by_key(|interval| interval.from_ms);
        for contact in &inbox.contacts {
            self.ensure(contact.recording).await?;
            let Some(entry) = self.entries.get_mut(&contact.recording) else { continue };
            let tracker = entry.tracker.get_or_insert_with(|| {
                renew.insert(contact.recording);
                Tracker::new(contact.arrived_ms, None, false)
            });
            let sides = Sides { before: tracker.last_sign.as_ref().map(row_of), after: contact.sign.as_ref().map(row_of) };
            let heard_of = outage::Contact { at_ms: contact.at_ms, arrived_ms: contact.arrived_ms, sign: contact.sign };
            for step in tracker.contact(&heard_of, entry.opens_after_ms, &self.down) {
                steps.push((contact.recording, step, sides));
            }
            if contact.capturing {
                captured.entry(contact.recording).and_modify(|at_ms| *at_ms = contact.at_ms.max(*at_ms)).or_insert(contact.at_ms);
            }
            let sign = heard.entry(contact.recording).or_default();
            *sign = contact.sign.or(*sign);
        }
        for (recording, entry) in &mut self.entries {
            if let Some(step) = entry.tracker.as_mut().and_then(|tracker| tracker.tick(now_ms, entry.opens_after_ms, &self.down)) {
                let before = entry.tracker.as_ref().and_then(|tracker| tracker.last_sign.as_ref().map(row_of));
                steps.push((*recording, step, Sides { before, after: None }));
            }
            if entry.ask_again_ms.is_some_and(|at_ms| at_ms <= now_ms) {
                renew.insert(*recording);
            }
        }
        let journals = self.journals(renew, &steps).await?;
        let tx = db::begin_write(&self.state.db).await?;
        downtime::alive(&tx, self.life, now_ms, stopping).await?;
        for unwritten in &inbox.unwritten {
            downtime::unwritten(&tx, unwritten).await?;
        }
        self.write_contacts(&tx, &heard).await?;
        let ends = self.write_captures(&tx, &captured, now_ms).await?;
        for (recording, step, sides) in steps {
            if self.write(&tx, recording, step, sides).await? {
                renew.insert(recording);
            }
        }
        for recording in renew.iter() {
            let again = finding::renew(&tx, &self.state.policies, *recording, journals.get(recording), &self.down, now_ms).await?;
            if let Some(entry) = self.entries.get_mut(recording) {
                entry.ask_again_ms = again;
            }
        }
        tx.commit().await.context("write the state of disconnects")?;
        for entry in self.entries.values_mut() {
            if let Some(end_ms) = ends.get(&entry.exam) {
                entry.exam_end_ms = *end_ms;
            }
        }
        Ok(())
    }

    /// The journals that disconnects wait for, or will once `steps` are written.
    ///
    /// They are read before the transaction that writes, so that a long one holds up nobody: a journal only grows, so that what this reading settles every
    /// later one would, and whatever arrives from now on marks its recording again ([`super::changed`]).
    async fn journals(&self, renew: &BTreeSet<i64>, steps: &[(i64, Step, Sides)]) -> anyhow::Result<HashMap<i64, Journals>> {
        let ended = |step: &Step| matches!(step, Step::Closed { .. } | Step::Explained { .. });
        let mut wanted: BTreeSet<i64> = steps.iter().filter(|(_, step, _)| ended(step)).map(|(recording, ..)| *recording).collect();
        let begun = steps.iter().map(|(recording, ..)| *recording);
        let others: BTreeSet<i64> = renew.iter().copied().chain(begun).filter(|recording| !wanted.contains(recording)).collect();
        let others: Vec<i64> = others.into_iter().collect();
        // One transaction for all: a busy server lets each of its connections be waited for.
        let tx = self.state.db.begin().await?;
        for batch in others.chunks(BATCH) {
            wanted.extend(finding::unsettled(&tx, batch).await?);
        }
        let mut journals = HashMap::new();
        for recording in wanted {
            journals.insert(recording, Journals::read(&tx, recording).await?);
        }
        tx.commit().await?;
        Ok(journals)
    }

    /// Reads windows again; marks recordings that are new, whose window changed, or that wait for their journal.
    async fn refresh(&mut self, renew: &mut BTreeSet<i64>, now_ms: i64) -> anyhow::Result<()> {
        let recent = exams::Entity::find()
            .filter(exams::Column::DestroyedMs.is_null())
            .filter(exams::Column::ActualEndMs.gt(now_ms - RECENT_MS))
            .filter(exams::Column::StartsMs.lt(now_ms + SOON_MS))
            .all(&self.state.db)
            .await?;
        let by_id: HashMap<i64, &exams::Model> = recent.iter().map(|exam| (exam.id, exam)).collect();
        for batch in recent.chunks(BATCH) {
            let ids = batch.iter().map(|exam| exam.id);
            for recording in recordings::Entity::find().filter(recordings::Column::ExamId.is_in(ids)).all(&self.state.db).await? {
                let ends_ms = window_end(&recording);
                match (self.entries.get_mut(&recording.id), by_id.get(&recording.exam_id)) {
                    (Some(entry), _) if entry.ends_ms == ends_ms => {}
                    (Some(entry), _) => {
                        entry.ends_ms = ends_ms;
                        renew.insert(recording.id);
                    }
                    (None, Some(exam)) => {
                        self.load(exam, &recording).await?;
                        renew.insert(recording.id);
                    }
                    (None, None) => {}
                }
            }
        }
        let waiting = outages::Entity::find()
            .filter(outages::Column::Provisional.eq(true))
            .filter(outages::Column::ToMs.is_not_null())
            .filter(outages::Column::FromMs.gt(now_ms - RECENT_MS))
            .all(&self.state.db)
            .await?;
        renew.extend(waiting.iter().map(|row| row.recording_id));
        let watched: Vec<i64> = self.entries.values().map(|entry| entry.exam).collect::<BTreeSet<_>>().into_iter().collect();
        for batch in watched.chunks(BATCH) {
            let gone = exams::Entity::find()
                .filter(exams::Column::Id.is_in(batch.iter().copied()))
                .filter(exams::Column::DestroyedMs.is_not_null());
            for exam in gone.all(&self.state.db).await? {
                self.entries.retain(|_, entry| entry.exam != exam.id);
            }
        }
        Ok(())
    }

    async fn ensure(&mut self, recording: i64) -> anyhow::Result<()> {
        if !self.entries.contains_key(&recording)
            && let Some(recording) = recordings::Entity::find_by_id(recording).one(&self.state.db).await?
            && let Some(exam) = exams::Entity::find_by_id(recording.exam_id).one(&self.state.db).await?
        {
            self.load(&exam, &recording).await?;
        }
        Ok(())
    }

    /// Restores a recording's state machine as the last committed second left it.
    async fn load(&mut self, exam: &exams::Model, recording: &recordings::Model) -> anyhow::Result<()> {
        let opens_after_ms = self.state.policies.get(&exam.policy)?.disconnect.opens_after.millis();
        let newest = outages::Entity::find()
            .filter(outages::Column::RecordingId.eq(recording.id))
            .order_by_desc(outages::Column::FromMs)
            .one(&self.state.db)
            .await?;
        // How many attempts a run had made is not kept: a disconnect across a restart of ours is never called a suspend.
        let sign = evidence::newest_run(&self.state.db, recording.id).await?.and_then(|run| {
            let boot_id: invigil_format::BootId = run.boot_id.as_deref()?.parse().ok()?;
            Some(Sign { boot_id: *boot_id.as_bytes(), run: bytes_of(run.id), sequence: 0, boottime_ms: run.last_boottime_us? / 1000 })
        });
        let tracker = recording.last_contact_ms.map(|last_contact_ms| {
            let open = newest.as_ref().is_some_and(|row| row.to_ms.is_none());
            let tracker = Tracker::new(last_contact_ms, sign, open);
            match newest.as_ref().and_then(|row| row.to_ms.map(|to_ms| (row, to_ms))) {
                Some((row, to_ms)) if row.run_after.is_none() && row.provisional => {
                    tracker.with_unexplained(Interval::new(row.from_ms, to_ms), sign.filter(|sign| Some(row_of(sign)) == row.run_before))
                }
                _ => tracker,
            }
        });
        let (ends_ms, exam_end_ms) = (window_end(recording), exam.actual_end_ms);
        self.entries.insert(recording.id, Entry { exam: exam.id, tracker, opens_after_ms, ends_ms, exam_end_ms, ask_again_ms: None });
        Ok(())
    }

    /// Last contacts and heartbeats, some hundred rows a statement. Only numbers that are ours go into the text.
    async fn write_contacts<C: ConnectionTrait>(&self, tx: &C, heard: &BTreeMap<i64, Option<Sign>>) -> anyhow::Result<()> {
        let last =
            |recording: &i64| self.entries.get(recording).and_then(|entry| entry.tracker.as_ref().map(|tracker| tracker.last_contact_ms));
        let contacts: Vec<(i64, i64)> = heard.keys().filter_map(|recording| Some((*recording, last(recording)?))).collect();
        for batch in contacts.chunks(BATCH) {
            update(tx, "recordings", Change::Set, &[("last_contact_ms", batch)]).await?;
        }
        let seen: Vec<(i64, i64)> = heard.iter().filter_map(|(recording, sign)| Some((row_of(sign.as_ref()?), last(recording)?))).collect();
        let boot: Vec<(i64, i64)> = heard.values().flatten().map(|sign| (row_of(sign), sign.boottime_ms * 1000)).collect();
        for (seen, boot) in seen.chunks(BATCH).zip(boot.chunks(BATCH)) {
            update(tx, "runs", Change::Set, &[("last_seen_ms", seen), ("last_boottime_us", boot)]).await?;
        }
        Ok(())
    }

    /// Last captures, and the actual ends of the exams that go on after their end, which are returned.
    async fn write_captures<C: ConnectionTrait>(
        &self,
        tx: &C,
        captured: &BTreeMap<i64, i64>,
        now_ms: i64,
    ) -> anyhow::Result<HashMap<i64, i64>> {
        let rows: Vec<(i64, i64)> = captured.iter().map(|(recording, at_ms)| (*recording, *at_ms)).collect();
        for batch in rows.chunks(BATCH) {
            update(tx, "recordings", Change::Raise, &[("last_capture_ms", batch)]).await?;
        }
        let mut later: HashMap<i64, i64> = HashMap::new();
        for (recording, at_ms) in rows {
            if let Some(entry) = self.entries.get(&recording).filter(|entry| at_ms > entry.exam_end_ms) {
                later.entry(entry.exam).and_modify(|latest| *latest = at_ms.max(*latest)).or_insert(at_ms);
            }
        }
        let mut ends = HashMap::new();
        for (exam, at_ms) in later {
            ends.extend(actual_end::captured(tx, &self.state.policies, exam, at_ms, now_ms).await?.map(|end_ms| (exam, end_ms)));
        }
        Ok(ends)
    }

    /// Writes one step; says whether anything was written.
    async fn write<C: ConnectionTrait>(&self, tx: &C, recording: i64, step: Step, sides: Sides) -> anyhow::Result<bool> {
        let ends_ms = self.entries.get(&recording).map_or(i64::MAX, |entry| entry.ends_ms);
        let (Step::Opened { from_ms } | Step::Closed { from_ms, .. } | Step::Explained { from_ms, .. }) = step;
        if from_ms >= ends_ms {
            return Ok(false);
        }
        let of = || outages::Entity::find().filter(outages::Column::RecordingId.eq(recording));
        match step {
            Step::Opened { from_ms } => {
                new_row(recording, from_ms, None, sides.before).insert(tx).await?;
                tracing::info!(recording, from_ms, "disconnect is open");
            }
            Step::Closed { from_ms, to_ms } => {
                match of().filter(outages::Column::ToMs.is_null()).one(tx).await? {
                    Some(row) => {
                        let mut change = row.into_active_model();
                        change.to_ms = Set(Some(to_ms));
                        change.update(tx).await?;
                    }
                    None => {
                        new_row(recording, from_ms, Some(to_ms), sides.before).insert(tx).await?;
                    }
                }
                tracing::info!(recording, from_ms, to_ms, "disconnect is over");
            }
            Step::Explained { from_ms, to_ms, cause } => {
                let row = of().filter(outages::Column::FromMs.eq(from_ms)).filter(outages::Column::ToMs.eq(to_ms)).one(tx).await?;
                let Some(row) = row else { return Ok(false) };
                let mut change = row.into_active_model();
                change.cause = Set(cause.name().to_owned());
                change.run_after = Set(sides.after);
                change.update(tx).await?;
                tracing::info!(recording, from_ms, to_ms, cause = cause.name(), "disconnect is explained");
            }
        }
        Ok(true)
    }
}

/// End of a recording's window, Unix ms.
fn window_end(recording: &recordings::Model) -> i64 {
    let scheduled_ms = recording.ends_ms + recording.extra_ms;
    recording.finished_ms.map_or(scheduled_ms, |finished| finished.min(scheduled_ms))
}

fn new_row(recording: i64, from_ms: i64, to_ms: Option<i64>, run_before: Option<i64>) -> outages::ActiveModel {
    outages::ActiveModel {
        recording_id: Set(recording),
        from_ms: Set(from_ms),
        to_ms: Set(to_ms),
        cause: Set(Cause::Unknown.name().to_owned()),
        provisional: Set(true),
        run_before: Set(run_before),
        server_down_ms: Set(0),
        ..Default::default()
    }
}

/// A run's row as the rules carry it.
pub(super) fn bytes_of(row: i64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&row.to_be_bytes());
    bytes
}

fn row_of(sign: &Sign) -> i64 {
    let mut row = [0; 8];
    row.copy_from_slice(&sign.run[8..]);
    i64::from_be_bytes(row)
}

/// How a batch changes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Set,
    /// A value that is greater already stays.
    Raise,
}

async fn update<C: ConnectionTrait>(tx: &C, table: &str, change: Change, columns: &[(&str, &[(i64, i64)])]) -> anyhow::Result<()> {
    let mut sql = format!("UPDATE {table} SET ");
    for (number, (column, values)) in columns.iter().enumerate() {
        write!(sql, "{}{column} = CASE id", if number == 0 { "" } else { ", " })?;
        for (id, value) in *values {
            match change {
                Change::Set => write!(sql, " WHEN {id} THEN {value}")?,
                Change::Raise => write!(sql, " WHEN {id} THEN CASE WHEN {column} > {value} THEN {column} ELSE {value} END")?,
            }
        }
        sql.push_str(" END");
    }
    let ids: Vec<String> = columns.first().map(|(_, values)| values.iter().map(|(id, _)| id.to_string()).collect()).unwrap_or_default();
    write!(sql, " WHERE id IN ({})", ids.join(","))?;
    tx.execute_unprepared(&sql).await?;
    Ok(())
}
