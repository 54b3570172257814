//! Every second of the window is accounted for (P1): what no track covers has a named cause.

use super::timeline::{MIN_GAP_MS, merge};
use super::{Known, run_ms};
use crate::db::entities::{recordings, runs};
use invigil_rules::Interval;
use invigil_wire::review::{Missing, OutageView};
use std::collections::BTreeMap;

/// While an agent is recording, footage that is younger is on its way and not called missing, ms.
const ON_ITS_WAY_MS: i64 = 10_000;

/// The stretches of the window so far that no track covers, in order.
pub(super) fn stretches(
    row: &recordings::Model,
    known: &Known,
    tracks: &BTreeMap<String, Vec<Interval>>,
    outages: &[OutageView],
    live: bool,
    now_ms: i64,
) -> Vec<Missing> {
    let window = window(row, now_ms);
    let covered = merge(tracks.values().flatten().copied().collect());
    let mut missing = Vec::new();
    for hole in holes(window, &covered) {
        if live && hole.to_ms == now_ms && hole.len_ms() < ON_ITS_WAY_MS {
            continue;
        }
        let joined_ms = row.joined_ms.unwrap_or(i64::MAX).clamp(hole.from_ms, hole.to_ms);
        let (before, after) = (Interval::new(hole.from_ms, joined_ms), Interval::new(joined_ms, hole.to_ms));
        if before.len_ms() > 0 {
            missing.push(Missing { from_ms: before.from_ms, to_ms: before.to_ms, cause: "not-joined".into() });
        }
        if after.len_ms() > 0 {
            let cause = cause(after, known, row.joined_ms, outages, now_ms).to_owned();
            missing.push(Missing { from_ms: after.from_ms, to_ms: after.to_ms, cause });
        }
    }
    missing
}

/// The window so far: until its end, the finishing, or now.
pub(super) fn window(row: &recordings::Model, now_ms: i64) -> Interval {
    Interval::new(row.starts_ms, row.finished_ms.unwrap_or(i64::MAX).min(row.ends_ms + row.extra_ms).min(now_ms))
}

/// How much of the window these parts leave uncovered, ms.
pub(super) fn uncovered(window: Interval, parts: Vec<Interval>) -> i64 {
    holes(window, &merge(parts)).iter().map(Interval::len_ms).sum()
}

fn holes(window: Interval, covered: &[Interval]) -> Vec<Interval> {
    let mut holes = Vec::new();
    let mut at = window.from_ms;
    for part in covered {
        holes.push(Interval::new(at, part.from_ms.min(window.to_ms)));
        at = at.max(part.to_ms);
    }
    holes.push(Interval::new(at, window.to_ms));
    holes.retain(|hole| hole.len_ms() >= MIN_GAP_MS);
    holes
}

/// The cause that explains most of the hole; of equals the first in this order.
fn cause(hole: Interval, known: &Known, joined_ms: Option<i64>, outages: &[OutageView], now_ms: i64) -> &'static str {
    let mut stopped = between_runs(known, true);
    stopped.extend(before_capture(known, joined_ms));
    stopped.extend(after_end(known, now_ms));
    let mut arriving = promised(known, now_ms);
    arriving.extend(known.seen.iter().filter(|seen| seen.row.state == "incoming").flat_map(|seen| &seen.covers));
    let candidates = [
        ("camera-lost", overlap(hole, &between_events(known, "camera-lost", "camera-back", now_ms))),
        ("capture-paused", overlap(hole, &between_events(known, "capture-paused", "capture-resumed", now_ms))),
        ("suspended", overlap(hole, &of_cause(outages, "suspended", now_ms))),
        ("power-or-reboot", overlap(hole, &of_cause(outages, "power-or-reboot", now_ms)).max(overlap(hole, &between_runs(known, false)))),
        ("agent-stopped", overlap(hole, &of_cause(outages, "agent-stopped", now_ms)).max(overlap(hole, &stopped))),
        ("not-yet-uploaded", overlap(hole, &arriving).max(overlap(hole, &silent(outages, now_ms)))),
    ];
    let best = candidates.iter().map(|(_, covers)| *covers).max().unwrap_or(0);
    candidates.iter().find(|(_, covers)| *covers == best && best * 2 >= hole.len_ms()).map_or("unknown", |(cause, _)| cause)
}

/// How much of a hole these parts cover, ms.
pub(super) fn overlap(hole: Interval, parts: &[Interval]) -> i64 {
    hole.len_ms() - hole.len_without_ms(parts)
}

fn of_cause(outages: &[OutageView], cause: &str, now_ms: i64) -> Vec<Interval> {
    let of_cause = outages.iter().filter(|outage| outage.cause == cause);
    of_cause.map(|outage| Interval::new(outage.from_ms, outage.to_ms.unwrap_or(now_ms))).collect()
}

/// Disconnects in which recording may have gone on: the footage is on the device as long as nobody says otherwise.
fn silent(outages: &[OutageView], now_ms: i64) -> Vec<Interval> {
    let links =
        outages.iter().filter(|outage| matches!(outage.cause.as_str(), "link" | "server") || (outage.ongoing && outage.cause == "unknown"));
    links.map(|outage| Interval::new(outage.from_ms, outage.to_ms.unwrap_or(now_ms))).collect()
}

/// How late an agent may notice that a camera is silent: it waits 3 s for a picture, and looks in steps.
const NOTICED_AFTER_MS: i64 = 4_000;

/// From each event of the kind `began` until the same track's `over`, the run's end, or now.
fn between_events(known: &Known, began: &str, over: &str, now_ms: i64) -> Vec<Interval> {
    let mut losses = Vec::new();
    for run in &known.runs {
        let events: Vec<_> = known.journal.iter().filter(|entry| entry.run_id == run.id).collect();
        for (n, lost) in events.iter().enumerate().filter(|(_, entry)| entry.kind == began) {
            let track = track_of(&lost.event);
            let ends = |kind: &str, event: &str| kind == "run-ended" || (kind == over && track_of(event) == track);
            let back = events[n..].iter().find(|entry| ends(&entry.kind, &entry.event));
            let from = run_ms(run, lost.boottime_us).map(|noticed_ms| noticed_ms - NOTICED_AFTER_MS);
            let to = back.map_or(Some(now_ms), |entry| run_ms(run, entry.boottime_us));
            losses.extend(from.zip(to).map(|(from_ms, to_ms)| Interval::new(from_ms, to_ms)));
        }
    }
    losses
}

/// From joining until the first picture, or for ever when there is none and no run was heard of: no agent was capturing.
fn before_capture(known: &Known, joined_ms: Option<i64>) -> Option<Interval> {
    let first = known.seen.iter().filter(|seen| seen.is_footage()).filter_map(|seen| seen.covers.first()).map(|part| part.from_ms).min();
    let until = first.or(if known.runs.is_empty() { Some(i64::MAX) } else { None });
    joined_ms.zip(until).map(|(from_ms, to_ms)| Interval::new(from_ms, to_ms))
}

/// From the end of capture that a run journalled until the next run's footage, or until now.
fn after_end(known: &Known, now_ms: i64) -> Vec<Interval> {
    let mut ends = Vec::new();
    for (n, run) in known.runs.iter().enumerate() {
        let ended = known.journal.iter().find(|entry| entry.run_id == run.id && entry.kind == "run-ended");
        // It is written when every track has been closed, some time after the last picture.
        let Some(ended_ms) = ended.and_then(|entry| run_ms(run, entry.boottime_us)) else { continue };
        let next = known.runs.get(n + 1).map(|next| first_of(known, next));
        ends.push(Interval::new(ended_ms - NOTICED_AFTER_MS, next.unwrap_or(now_ms)));
    }
    ends
}

/// The first footage of a run, or when it was first heard of if that was later.
fn first_of(known: &Known, run: &runs::Model) -> i64 {
    first_cover(&known.seen, run).unwrap_or(run.first_seen_ms).max(run.first_seen_ms)
}

/// When a run's footage begins, Unix ms, if there is any.
pub(super) fn first_cover(seen: &[super::Seen], run: &runs::Model) -> Option<i64> {
    let of_run = seen.iter().filter(|seen| seen.is_footage() && seen.row.run_id == run.id);
    of_run.filter_map(|seen| seen.covers.first()).map(|part| part.from_ms).min()
}

/// Between the last sign of one run and the first of the next, on the same boot or on another.
fn between_runs(known: &Known, same_boot: bool) -> Vec<Interval> {
    let pairs = known.runs.iter().zip(known.runs.iter().skip(1));
    pairs
        .filter(|(one, next)| (one.boot_id == next.boot_id) == same_boot)
        .map(|(one, next)| {
            let segments = known.seen.iter().filter(|seen| seen.is_footage() && seen.row.run_id == one.id);
            let last = segments.filter_map(|seen| seen.covers.last()).map(|part| part.to_ms).max();
            let next_ms = first_cover(&known.seen, next);
            // What is sent of a run after the next one has begun is no sign of its life.
            let contact = one.last_seen_ms.filter(|at_ms| next_ms.is_none_or(|next_ms| *at_ms <= next_ms));
            let seen_ms = last.into_iter().chain(contact).max().unwrap_or(one.first_seen_ms);
            Interval::new(seen_ms, first_of(known, next))
        })
        .collect()
}

/// What the journal says was recorded and is not here: from the start of each segment that has not been stored until the next one's, or until now.
fn promised(known: &Known, now_ms: i64) -> Vec<Interval> {
    journalled(known, now_ms, |segment| segment.is_none_or(|segment| segment.row.state != "stored"))
}

/// The same of segments that were refused.
pub(super) fn refused(known: &Known, now_ms: i64) -> Vec<Interval> {
    journalled(known, now_ms, |segment| segment.is_some_and(|segment| segment.row.state == "refused"))
}

fn journalled(known: &Known, now_ms: i64, counts: impl Fn(Option<&super::Seen>) -> bool) -> Vec<Interval> {
    let mut promised = Vec::new();
    for run in &known.runs {
        let started: Vec<_> = known.journal.iter().filter(|entry| entry.run_id == run.id && entry.kind == "segment-started").collect();
        for (n, entry) in started.iter().enumerate() {
            let Some((track, sequence)) = track_of(&entry.event).zip(sequence_of(&entry.event)) else { continue };
            let is_here = |seen: &&super::Seen| seen.row.run_id == run.id && seen.row.track == track && seen.row.sequence == sequence;
            let here = known.seen.iter().find(is_here);
            if here.is_some_and(|seen| seen.kind.is_some() && !seen.is_footage()) || !counts(here) {
                continue;
            }
            let next = started[n + 1..].iter().find(|later| track_of(&later.event).as_ref() == Some(&track));
            let to = next.map_or(Some(now_ms), |later| run_ms(run, later.boottime_us));
            promised.extend(run_ms(run, entry.boottime_us).zip(to).map(|(from_ms, to_ms)| Interval::new(from_ms, to_ms)));
        }
    }
    promised
}

fn track_of(event: &str) -> Option<String> {
    let event: serde_json::Value = serde_json::from_str(event).ok()?;
    Some(event.get("track")?.as_str()?.to_owned())
}

fn sequence_of(event: &str) -> Option<i64> {
    let event: serde_json::Value = serde_json::from_str(event).ok()?;
    event.get("sequence")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_what_nothing_covers_inside_the_window() {
        let part = Interval::new;
        let covered = [part(-5, 10_000), part(12_000, 20_000), part(20_400, 30_000)];
        assert_eq!(holes(part(0, 40_000), &covered), [part(10_000, 12_000), part(30_000, 40_000)]);
        assert_eq!(holes(part(0, 5000), &covered), []);
        assert_eq!(holes(part(0, 5000), &[]), [part(0, 5000)]);
        assert_eq!(holes(part(50_000, 60_000), &covered), [part(50_000, 60_000)]);
    }
}
