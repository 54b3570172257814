//! From an agent's journal to a disconnect's lower bound, and whether more of the journal can still come.

use crate::db::entities::{journal_entries, outages, runs};
use invigil_format::Statement;
use invigil_rules::Interval;
use invigil_rules::outage::{Evidence, SILENCE_MS, lower_bound};
use invigil_rules::policy::Cause;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How much a device's boot time, placed on the server's clock by the delay of one heartbeat, may be off, ms: a heartbeat is given up after 2 s.
const PLACING_MS: i64 = 2_000;
/// How long after a disconnect a journal that the device's disk holds back is waited for, ms: a finding is to be final well before its deadline.
const HELD_BACK_MS: i64 = 86_400_000;

/// What an entry of a journal proves, on the device's boot time, ms.
#[derive(Debug, Clone, Copy)]
enum Fact {
    /// First and last failed attempt of one loss of the link, each from its start until it was given up.
    Failed(Interval, Interval),
    RunStarted(i64),
}

/// What the journals of one recording say.
#[derive(Debug, Default)]
pub(super) struct Journals {
    /// Per run row: server's time minus device's boot time, ms.
    offsets: HashMap<i64, i64>,
    facts: Vec<(i64, Fact)>,
    /// Per run row: newest boot time of an entry, ms.
    reach: HashMap<i64, i64>,
    /// Per run row: the digest of the entry before its first one, once the first one is here.
    before: HashMap<i64, Option<String>>,
    /// Digest of every entry that could be the last of its run, with the run.
    ends: HashMap<String, i64>,
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
    /// Reads what concerns disconnects out of the journals of a recording.
    pub(super) async fn read<C: ConnectionTrait>(db: &C, recording: i64) -> anyhow::Result<Self> {
        let runs = runs::Entity::find().filter(runs::Column::RecordingId.eq(recording)).order_by_asc(runs::Column::Id).all(db).await?;
        let mut journals = Self::default();
        let by_boot: HashMap<&str, i64> = runs.iter().filter_map(|run| Some((run.boot_id.as_deref()?, run.clock_offset_ms?))).collect();
        for run in &runs {
            journals.devices.insert(run.id, run.device_key.clone());
            let entries = journal_entries::Entity::find()
                .filter(journal_entries::Column::RunId.eq(run.id))
                .order_by_asc(journal_entries::Column::Entry)
                .all(db)
                .await?;
            // A run that never reached the server borrows the placing of another one on the same boot.
            let boot_id = run.boot_id.as_deref().or_else(|| entries.first().map(|entry| entry.boot_id.as_str()));
            if let Some(offset) = run.clock_offset_ms.or_else(|| by_boot.get(boot_id?).copied()) {
                journals.offsets.insert(run.id, offset);
            }
            for entry in &entries {
                journals.take(run.id, entry);
            }
            if let Some(last) = entries.last() {
                journals.reach.insert(run.id, last.boottime_us / 1000);
                journals.ends.insert(last.digest.clone(), run.id);
                if last.kind == "run-ended" {
                    journals.ended.insert(run.id);
                }
            }
        }
        Ok(journals)
    }

    fn take(&mut self, run: i64, entry: &journal_entries::Model) {
        if entry.entry == 0 {
            let payload =
                Statement::from_json(entry.statement.as_bytes()).ok().and_then(|s| serde_json::from_str::<Value>(&s.payload).ok());
            let previous = payload.and_then(|payload| payload.get("previous").and_then(Value::as_str).map(str::to_owned));
            self.before.insert(run, previous);
        }
        let event: Value = serde_json::from_str(&entry.event).unwrap_or_default();
        let ms = |name: &str| event.get(name).and_then(Value::as_i64).map(|us| us / 1000);
        let attempt = |start: &str, end: &str| Some(Interval::new(ms(start)?, ms(end)?));
        let first = attempt("first_failed_start_us", "first_failed_end_us");
        let fact = match entry.kind.as_str() {
            "link-lost" => first.map(|first| Fact::Failed(first, first)),
            "link-back" => first.zip(attempt("last_failed_start_us", "last_failed_end_us")).map(|(first, last)| Fact::Failed(first, last)),
            "run-started" => Some(Fact::RunStarted(entry.boottime_us / 1000)),
            _ => None,
        };
        self.facts.extend(fact.map(|fact| (run, fact)));
    }

    /// What the journals prove of `outage`, which is over, as of `now_ms`.
    pub(super) fn lower(&self, outage: &outages::Model, to_ms: i64, cause: Cause, now_ms: i64) -> Lower {
        let upper = Interval::new(outage.from_ms, to_ms);
        if cause == Cause::Server {
            return Lower { bound: None, settled: true };
        }
        let mut evidence: Vec<Evidence> = self.facts.iter().flat_map(|(run, fact)| self.place(*run, fact, &upper)).collect();
        if cause == Cause::Suspended {
            evidence.push(Evidence::Slept);
        }
        Lower { bound: lower_bound(&upper, &evidence), settled: self.settled(outage, &upper, now_ms) }
    }

    /// A fact as evidence on the server's clock, if it belongs to this disconnect.
    ///
    /// Placing is off by up to [`PLACING_MS`], so what is asked is on which side the greater part of it lies, not whether it touches.
    fn place(&self, run: i64, fact: &Fact, upper: &Interval) -> Vec<Evidence> {
        let Some(offset) = self.offsets.get(&run) else { return Vec::new() };
        match *fact {
            Fact::Failed(first, last) => {
                let on_server = |attempt: Interval| Interval::new(attempt.from_ms + offset, attempt.to_ms + offset);
                let (first, last) = (on_server(first), on_server(last));
                let span = Interval::new(first.from_ms, last.to_ms);
                if span.intersect(upper).len_ms() * 2 < span.len_ms() {
                    return Vec::new();
                }
                // Attempts failed before the last contact already, which another connection made: it was lost within the silence of a living agent.
                let began = if first.to_ms < upper.from_ms { Interval::new(upper.from_ms, upper.from_ms + SILENCE_MS) } else { first };
                [began, last].map(|attempt| Evidence::Failed { start_ms: attempt.from_ms, end_ms: attempt.to_ms }).to_vec()
            }
            Fact::RunStarted(at_ms) => {
                let at_ms = at_ms + offset;
                let inside = at_ms > upper.from_ms && at_ms < upper.to_ms + PLACING_MS;
                inside.then_some(Evidence::RunStarted { at_ms }).into_iter().collect()
            }
        }
    }

    /// The journal of the run after it reaches beyond it, and nothing is missing between that run and the one before.
    fn settled(&self, outage: &outages::Model, upper: &Interval, now_ms: i64) -> bool {
        let Some(after) = outage.run_after else { return false };
        let placed = self.offsets.get(&after).and_then(|offset| Some(self.reach.get(&after)? + offset));
        if outage.run_before == Some(after) {
            return placed.is_some_and(|reach_ms| reach_ms >= upper.to_ms - PLACING_MS);
        }
        let mut run = after;
        let mut seen = HashSet::new();
        while seen.insert(run) {
            match self.before.get(&run) {
                Some(None) => return !self.is_held_back(outage.run_before, after) || now_ms - upper.to_ms >= HELD_BACK_MS,
                Some(Some(digest)) => match self.ends.get(digest) {
                    Some(earlier) if Some(*earlier) == outage.run_before => return true,
                    Some(earlier) => run = *earlier,
                    None => return false,
                },
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
