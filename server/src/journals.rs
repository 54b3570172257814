//! Are the devices' journals what the devices signed, and does each go on where the one before it ended?

use crate::db::entities::{journal_entries, recordings, runs};
use anyhow::Context;
use invigil_format::{Digest, Entry, Event, Fingerprint, JournalReader, RecordingId, RunId, Statement};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{HashMap, HashSet};

/// How one run's journal begins and ends here.
struct Span {
    run: RunId,
    /// The entry before its first one, and the run before it, as it says.
    before: Option<Digest>,
    previous_run: Option<RunId>,
    last: Digest,
    entries: u64,
}

/// What is wrong with the journals, as (object, what).
///
/// # Errors
/// When the database fails or a row of it cannot be read.
pub async fn check(db: &DatabaseConnection, institution: Fingerprint) -> anyhow::Result<Vec<(String, String)>> {
    let mut problems = Vec::new();
    for recording in recordings::Entity::find().order_by_asc(recordings::Column::Id).all(db).await? {
        let id: RecordingId = recording.uuid.parse().context("read a recording's row")?;
        let rows = runs::Entity::find().filter(runs::Column::RecordingId.eq(recording.id)).order_by_asc(runs::Column::Id).all(db).await?;
        let mut spans: HashMap<RunId, Span> = HashMap::new();
        let mut without: HashSet<RunId> = HashSet::new();
        for row in rows {
            let run: RunId = row.uuid.parse().context("read a run's row")?;
            let entries = journal_entries::Entity::find()
                .filter(journal_entries::Column::RunId.eq(row.id))
                .order_by_asc(journal_entries::Column::Entry)
                .all(db)
                .await?;
            let reader = JournalReader::new(institution, id, run, row.device_key.parse().context("read a run's row")?);
            match read(reader, run, &entries) {
                Ok(Some(span)) => {
                    spans.insert(run, span);
                }
                Ok(None) => {
                    without.insert(run);
                }
                Err((index, why)) => problems.push((format!("journal of run {run}"), format!("entry {index}: {why}"))),
            }
        }
        let lasts: HashSet<Digest> = spans.values().map(|span| span.last).collect();
        for span in spans.values() {
            let Some(previous_run) = span.previous_run else { continue };
            // A run that was cut short before its first entry has none: then the one after it names the last entry of another run, or none.
            if without.contains(&previous_run) && span.before.is_some_and(|before| !lasts.contains(&before)) {
                let what = format!(
                    "all its entries are gone, or have not arrived: run {}, which followed on the same device, names one as the last",
                    span.run
                );
                problems.push((format!("journal of run {previous_run}"), what));
            }
            let Some(before) = spans.get(&previous_run) else { continue };
            if span.before != Some(before.last) {
                let what = format!(
                    "entries after {} were cut off, or have not arrived: run {}, which followed on the same device, names another entry as the last",
                    before.entries - 1,
                    span.run
                );
                problems.push((format!("journal of run {}", before.run), what));
            }
        }
    }
    Ok(problems)
}

/// Follows one journal; the number of the first entry that does not follow from the ones before it, and why.
fn read(mut reader: JournalReader, run: RunId, rows: &[journal_entries::Model]) -> Result<Option<Span>, (u64, String)> {
    let mut span: Option<Span> = None;
    for row in rows {
        let index = reader.next_index();
        let statement = Statement::from_json(row.statement.as_bytes()).map_err(|error| (index, error.to_string()))?;
        let entry: Entry = reader.push(&statement).map_err(|error| (index, error.to_string()))?;
        if row.digest != statement.digest().to_string() {
            return Err((index, "the database names another digest for it".to_owned()));
        }
        let span = span.get_or_insert(Span { run, before: entry.previous, previous_run: None, last: statement.digest(), entries: 0 });
        if let Event::RunStarted { previous_run, .. } = entry.event {
            span.previous_run = span.previous_run.or(previous_run);
        }
        (span.last, span.entries) = (statement.digest(), index + 1);
    }
    Ok(span)
}
