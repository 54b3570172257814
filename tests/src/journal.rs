//! What an agent wrote into its journals, read from its spool.

use anyhow::{Context, Result};
use invigil_format::{Entry, Event, Statement};
use std::path::Path;

/// Entries of all runs in a spool, in the order of their times.
pub fn entries(spool: &Path) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for file in crate::disk::files(spool)?.iter().filter(|file| file.ends_with("journal.jsonl")) {
        let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
        for line in text.lines() {
            entries.push(Statement::from_json(line.as_bytes())?.read()?);
        }
    }
    entries.sort_by_key(|entry| (entry.boottime_us, entry.index));
    Ok(entries)
}

/// The same, events only.
pub fn events(spool: &Path) -> Result<Vec<Event>> {
    Ok(entries(spool)?.into_iter().map(|entry| entry.event).collect())
}
