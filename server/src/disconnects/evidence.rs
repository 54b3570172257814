//! From an agent's journal to a disconnect's lower bound, and whether more of the journal can still come.

#[cfg(test)]
mod tests;

use crate::db::entities::{journal_entries, outages, runs};
use anyhow::Context;
use invigil_format::Statement;
use invigil_rules::Interval;
use invigil_rules::outage::{Evidence, SILENCE_MS, lower_bound};
use invigil_rules::policy::Cause;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// How much a device's boot time, placed on the server's clock by the delay of one heartbeat, may be off, ms: a heartbeat is given up after 2 s.
const PLACING_MS: i64 = 2_000;
/// How long after a disconnect a journal that the device's disk holds back is waited for, ms: a finding is to be final well before its deadline.
const HELD_BACK_MS: i64 = 86_400_000;

/// Kinds of entries that prove something of a disconnect.
const KINDS: [&str; 3] = ["link-lost", "link-back", "run-started"];
/// More rows than these are not taken apart on a thread that answers requests.
const ON_THE_SPOT: usize = 1_000;

/// One loss of the link on the server's clock: its first and its last failed attempt, each from its start until it was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Loss {
    first: Interval,
    last: Interval,
}

/// What the journals of one recording say, on the server's clock, ms.
#[derive(Debug, Default)]
pub(super) struct Journals {
    /// By their starts.
    losses: Vec<Loss>,
    /// When runs started, in order.
    starts: Vec<i64>,
    /// Per run row: time of the newest entry.
    reach: HashMap<i64, i64>,
    /// Per run row: the run that its first entry follows, or none. Absent while one of the two is not here.
    before: HashMap<i64, Option<i64>>,
    /// Per run row: the key of its device.
    devices: HashMap<i64, String>,
    /// Runs whose journal ends with their end.
    ended: HashSet<i64>,
}

/// What is known of a disconnect's lower bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lower {
    pub bound: Option<Interval>,
    /// No more evidence will come.
    pub settled: bool,
}

impl Journals {
    /// Reads what concerns disconnects out of the journals of a recording. In a transaction, at one moment: a newest entry that is newer than the others would
    /// say that nothing more will come.
    pub(super) async fn read<C: ConnectionTrait>(tx: &C, recording: i64) -> anyhow::Result<Self> {
        let rows = Rows::read(tx, recording).await?;
        if rows.firsts.len() + rows.facts.len() <= ON_THE_SPOT {
            return Ok(Self::of(rows));
        }
        tokio::task::spawn_blocking(move || Self::of(rows)).await.context("read the journals of a recording")
    }

    fn of(rows: Rows) -> Self {
        let by_boot: HashMap<&str, i64> =
            rows.runs.iter().filter_map(|run| Some((run.boot_id.as_deref()?, run.clock_offset_ms?))).collect();
        let boots: HashMap<i64, &str> = rows.firsts.iter().map(|first| (first.run_id, first.boot_id.as_str())).collect();
        let ends: HashMap<&str, i64> = rows.lasts.iter().map(|last| (last.digest.as_str(), last.run_id)).collect();
        let mut journals = Self::default();
        let mut offsets: HashMap<i64, i64> = HashMap::new();
        for run in &rows.runs {
            // A run that never reached the server borrows the placing of another one on the same boot.
            let boot_id = run.boot_id.as_deref().or_else(|| boots.get(&run.id).copied());
            if let Some(offset_ms) = run.clock_offset_ms.or_else(|| by_boot.get(boot_id?).copied()) {
                offsets.insert(run.id, offset_ms);
            }
            journals.devices.insert(run.id, run.device_key.clone());
        }
        for first in &rows.firsts {
            match first.previous() {
                None => drop(journals.before.insert(first.run_id, None)),
                Some(digest) => journals.before.extend(ends.get(digest.as_str()).map(|earlier| (first.run_id, Some(*earlier)))),
            }
        }
        for last in &rows.lasts {
            journals.reach.extend(offsets.get(&last.run_id).map(|offset_ms| (last.run_id, last.boottime_us / 1000 + offset_ms)));
            if last.kind == "run-ended" {
                journals.ended.insert(last.run_id);
            }
        }
        for fact in &rows.facts {
            let Some(offset_ms) = offsets.get(&fact.run_id) else { continue };
            if fact.kind == "run-started" {
                journals.starts.push(fact.boottime_us / 1000 + offset_ms);
            } else if let Some(loss) = fact.loss(*offset_ms) {
                // No agent writes an end that lies before its beginning.
                journals.losses.extend(Some(loss).filter(|loss| loss.first.from_ms <= loss.last.to_ms));
            }
        }
        journals.losses.sort_unstable_by_key(|loss| loss.first.from_ms);
        journals.starts.sort_unstable();
        journals
    }

    /// What the journals prove of `outage`, which is over, as of `now_ms`.
    pub(super) fn lower(&self, outage: &outages::Model, to_ms: i64, cause: Cause, now_ms: i64) -> Lower {
        let upper = Interval::new(outage.from_ms, to_ms);
        if cause == Cause::Server {
            return Lower { bound: None, settled: true };
        }
        let mut evidence = self.evidence(&upper);
        if cause == Cause::Suspended {
            evidence.push(Evidence::Slept);
        }
        Lower { bound: lower_bound(&upper, &evidence), settled: self.settled(outage, &upper, now_ms) }
    }

    /// What belongs to this disconnect. Only what can lie in it is looked at: a device writes as many entries, and has as many disconnects, as it likes.
    fn evidence(&self, upper: &Interval) -> Vec<Evidence> {
        // The greater part of a loss that begins still earlier lies before the disconnect.
        let earliest_ms = upper.from_ms.saturating_sub(upper.len_ms());
        let from = self.losses.partition_point(|loss| loss.first.from_ms < earliest_ms);
        let to = self.losses.partition_point(|loss| loss.first.from_ms < upper.to_ms);
        let losses = self.losses.get(from..to).unwrap_or_default();
        let mut evidence: Vec<Evidence> = losses.iter().filter_map(|loss| loss.within(upper)).flatten().collect();
        let from = self.starts.partition_point(|at_ms| *at_ms <= upper.from_ms);
        let to = self.starts.partition_point(|at_ms| *at_ms < upper.to_ms + PLACING_MS);
        let starts = self.starts.get(from..to).unwrap_or_default();
        evidence.extend(starts.iter().map(|at_ms| Evidence::RunStarted { at_ms: *at_ms }));
        evidence
    }

    /// The journal of the run after it reaches beyond it, and nothing is missing between that run and the one before.
    fn settled(&self, outage: &outages::Model, upper: &Interval, now_ms: i64) -> bool {
        let Some(after) = outage.run_after else { return false };
        if outage.run_before == Some(after) {
            return self.reach.get(&after).is_some_and(|reach_ms| *reach_ms >= upper.to_ms - PLACING_MS);
        }
        let mut run = after;
        let mut seen = HashSet::new();
        while seen.insert(run) {
            match self.before.get(&run) {
                Some(None) => return !self.is_held_back(outage.run_before, after) || now_ms - upper.to_ms >= HELD_BACK_MS,
                Some(Some(earlier)) if Some(*earlier) == outage.run_before => return true,
                Some(Some(earlier)) => run = *earlier,
                None => return false,
            }
        }
        false
    }

    /// The run before is not in the chain of the run after: of another device, or of a spool that was lost (its device key with it), no more will come. Of the
    /// same device its disk hid the journal when the run after began (format.md 6), and the rest of it may come yet.
    fn is_held_back(&self, before: Option<i64>, after: i64) -> bool {
        before.is_some_and(|before| self.devices.get(&before) == self.devices.get(&after) && !self.ended.contains(&before))
    }
}

impl Loss {
    /// As evidence, if it belongs to this disconnect.
    ///
    /// Placing is off by up to [`PLACING_MS`], so what is asked is on which side the greater part of it lies, not whether it touches.
    fn within(&self, upper: &Interval) -> Option<[Evidence; 2]> {
        let span = Interval::new(self.first.from_ms, self.last.to_ms);
        // One that took no time, as far as milliseconds tell, lies in it or not.
        let lies_in = span.len_ms() > 0 || (upper.from_ms..upper.to_ms).contains(&span.from_ms);
        if !lies_in || span.intersect(upper).len_ms() * 2 < span.len_ms() {
            return None;
        }
        // Attempts failed before the last contact already, which another connection made: it was lost within the silence of a living agent.
        let lost_before = self.first.to_ms < upper.from_ms;
        let began = if lost_before { Interval::new(upper.from_ms, upper.from_ms + SILENCE_MS) } else { self.first };
        Some([began, self.last].map(|attempt| Evidence::Failed { start_ms: attempt.from_ms, end_ms: attempt.to_ms }))
    }
}

/// What is read of the journals of one recording.
#[derive(Debug, Default)]
struct Rows {
    runs: Vec<RunRow>,
    firsts: Vec<FirstRow>,
    lasts: Vec<LastRow>,
    facts: Vec<FactRow>,
}

#[derive(Debug, FromQueryResult)]
struct RunRow {
    id: i64,
    device_key: String,
    boot_id: Option<String>,
    clock_offset_ms: Option<i64>,
}

/// First entry of a run.
#[derive(Debug, FromQueryResult)]
struct FirstRow {
    run_id: i64,
    boot_id: String,
    statement: String,
}

/// Newest entry of a run.
#[derive(Debug, FromQueryResult)]
struct LastRow {
    run_id: i64,
    digest: String,
    kind: String,
    boottime_us: i64,
}

/// An entry of one of [`KINDS`].
#[derive(Debug, FromQueryResult)]
struct FactRow {
    run_id: i64,
    kind: String,
    boottime_us: i64,
    event: String,
}

impl Rows {
    async fn read<C: ConnectionTrait>(db: &C, recording: i64) -> Result<Self, sea_orm::DbErr> {
        use journal_entries::Column;
        let of_runs = || {
            let mut ids = Query::select();
            ids.column(runs::Column::Id).from(runs::Entity).and_where(runs::Column::RecordingId.eq(recording));
            Column::RunId.in_subquery(ids)
        };
        let entries = |columns: &[Column]| journal_entries::Entity::find().select_only().columns(columns.iter().copied());
        // Entries of a run arrive in their order.
        let mut newest = Query::select();
        newest.expr(Column::Id.max()).from(journal_entries::Entity).and_where(of_runs()).group_by_col(Column::RunId);
        Ok(Self {
            runs: runs::Entity::find()
                .select_only()
                .columns([runs::Column::Id, runs::Column::DeviceKey, runs::Column::BootId, runs::Column::ClockOffsetMs])
                .filter(runs::Column::RecordingId.eq(recording))
                .order_by_asc(runs::Column::Id)
                .into_model::<RunRow>()
                .all(db)
                .await?,
            firsts: entries(&[Column::RunId, Column::BootId, Column::Statement])
                .filter(of_runs())
                .filter(Column::Entry.eq(0))
                .into_model::<FirstRow>()
                .all(db)
                .await?,
            lasts: entries(&[Column::RunId, Column::Digest, Column::Kind, Column::BoottimeUs])
                .filter(Column::Id.in_subquery(newest))
                .into_model::<LastRow>()
                .all(db)
                .await?,
            facts: entries(&[Column::RunId, Column::Kind, Column::BoottimeUs, Column::Event])
                .filter(of_runs())
                .filter(Column::Kind.is_in(KINDS))
                .into_model::<FactRow>()
                .all(db)
                .await?,
        })
    }
}

impl FirstRow {
    /// Digest of the entry that it follows.
    fn previous(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Follows {
            previous: Option<String>,
        }
        let statement = Statement::from_json(self.statement.as_bytes()).ok()?;
        serde_json::from_str::<Follows>(&statement.payload).ok()?.previous
    }
}

impl FactRow {
    /// The loss that `link-lost` or `link-back` speaks of, on the server's clock.
    fn loss(&self, offset_ms: i64) -> Option<Loss> {
        #[derive(Deserialize)]
        struct Attempts {
            first_failed_start_us: i64,
            first_failed_end_us: i64,
            last_failed_start_us: Option<i64>,
            last_failed_end_us: Option<i64>,
        }
        let attempts: Attempts = serde_json::from_str(&self.event).ok()?;
        let attempt = |start_us: i64, end_us: i64| Interval::new(start_us / 1000 + offset_ms, end_us / 1000 + offset_ms);
        let first = attempt(attempts.first_failed_start_us, attempts.first_failed_end_us);
        let last = match self.kind.as_str() {
            "link-lost" => first,
            _ => attempt(attempts.last_failed_start_us?, attempts.last_failed_end_us?),
        };
        Some(Loss { first, last })
    }
}

/// Rows of runs with a heartbeat, newest first.
pub(super) async fn newest_run<C: ConnectionTrait>(db: &C, recording: i64) -> Result<Option<runs::Model>, sea_orm::DbErr> {
    runs::Entity::find()
        .filter(runs::Column::RecordingId.eq(recording))
        .filter(runs::Column::LastSeenMs.is_not_null())
        .order_by_desc(runs::Column::LastSeenMs)
        .limit(1)
        .one(db)
        .await
}
