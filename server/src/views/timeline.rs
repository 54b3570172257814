//! Stretches of footage on the server's clock.

use crate::clock_map::{kind_name, to_server_ms, wall_minus_boot_ms};
use crate::db::entities::{runs, segments};
use crate::state::AppState;
use crate::store::{Chunk, index};
use invigil_rules::Interval;
use invigil_wire::review::Stretch;
use std::collections::BTreeMap;

/// Pauses between chunks that are shorter are no gap, ms: encoders and clocks are not that exact (the format's readers use the same).
pub(super) const MIN_GAP_MS: i64 = 500;

/// A segment as far as it is here.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its row.
    pub row: segments::Model,
    /// Bytes on the server.
    pub size_bytes: u64,
    /// Kind of track, once known.
    pub kind: Option<String>,
    /// What each chunk covers on the server's clock.
    pub covers: Vec<Interval>,
}

impl Seen {
    /// Footage, not pictures beside it (thumbnails, photos), which say for how long they stand and not what was captured.
    pub fn is_footage(&self) -> bool {
        !matches!(self.kind.as_deref(), Some("thumbnail" | "photo") | None)
    }

    /// Moving pictures: what accounts for the window. Sound goes on while a camera does not, and must not hide that.
    pub fn is_moving_pictures(&self) -> bool {
        self.is_footage() && self.kind.as_deref() != Some("audio")
    }
}

/// Looks at a segment: in the row when it is stored, in memory or in its file while it grows.
///
/// # Errors
/// When its file cannot be read.
pub async fn seen(state: &AppState, row: segments::Model, run: Option<&runs::Model>) -> anyhow::Result<Seen> {
    let (mut kind, mut wall_minus_boot) = (row.kind.clone(), row.wall_minus_boot_ms);
    let (chunks, size_bytes): (Vec<Chunk>, u64) = match row.state.as_str() {
        "stored" => (row.chunks.as_deref().map(index::decode).unwrap_or_default(), u64::try_from(row.size_bytes).unwrap_or(0)),
        "incoming" => match state.store.growing(row.id).map(|growing| growing.shown()) {
            Some(shown) => {
                kind = shown.header.as_ref().map(|header| kind_name(header.kind).to_owned());
                wall_minus_boot = shown.wall_minus_boot_ms;
                (shown.chunks, shown.received)
            }
            None => {
                let (scanner, len) = state.store.scan_incoming(row.id).await?;
                kind = scanner.header().map(|header| kind_name(header.kind).to_owned());
                wall_minus_boot = wall_minus_boot_ms(scanner.frames());
                (scanner.frames().iter().filter_map(Chunk::of).collect(), len)
            }
        },
        _ => (Vec::new(), u64::try_from(row.size_bytes).unwrap_or(0)),
    };
    let offset = run.and_then(|run| run.clock_offset_ms).or(wall_minus_boot);
    let covers = chunks.iter().filter_map(|chunk| {
        let from_ms = to_server_ms(offset, chunk.at_us)?;
        Some(Interval::new(from_ms, from_ms + i64::from(chunk.duration_us / 1000)))
    });
    Ok(Seen { size_bytes, kind, covers: covers.collect(), row })
}

/// Merged intervals of footage, track by track.
pub(super) fn tracks(seen: &[Seen]) -> BTreeMap<String, Vec<Interval>> {
    let mut tracks: BTreeMap<String, Vec<Interval>> = BTreeMap::new();
    for segment in seen.iter().filter(|seen| seen.is_footage()) {
        tracks.entry(segment.row.track.clone()).or_default().extend(&segment.covers);
    }
    tracks.into_iter().map(|(track, covers)| (track, merge(covers))).collect()
}

/// What any track of moving pictures covers.
pub(super) fn pictures(seen: &[Seen]) -> Vec<Interval> {
    merge(seen.iter().filter(|seen| seen.is_moving_pictures()).flat_map(|seen| &seen.covers).copied().collect())
}

/// [`tracks`] as the wire has them.
pub(super) fn stretches(tracks: &BTreeMap<String, Vec<Interval>>) -> Vec<Stretch> {
    let stretch = |track: &String, part: &Interval| Stretch { track: track.clone(), from_ms: part.from_ms, to_ms: part.to_ms };
    tracks.iter().flat_map(|(track, parts)| parts.iter().map(move |part| stretch(track, part))).collect()
}

/// In order, and joined where less than [`MIN_GAP_MS`] lies between.
pub(super) fn merge(mut parts: Vec<Interval>) -> Vec<Interval> {
    parts.sort_unstable();
    let mut merged: Vec<Interval> = Vec::new();
    for part in parts {
        match merged.last_mut() {
            Some(last) if part.from_ms.saturating_sub(last.to_ms) < MIN_GAP_MS => last.to_ms = last.to_ms.max(part.to_ms),
            _ => merged.push(part),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_and_gaps_stay() {
        let part = Interval::new;
        let merged = merge(vec![part(3000, 4000), part(0, 1000), part(1000, 2010), part(4500, 5000), part(4499, 4600)]);
        assert_eq!(merged, [part(0, 2010), part(3000, 5000)]);
        assert_eq!(merge(vec![part(0, 1000), part(1500, 2000)]).len(), 2);
    }
}
