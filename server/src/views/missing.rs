//! Every second of the window is accounted for (P1): what no track of moving pictures covers has a named cause, and so has what one of several lacks.

use super::account::{Account, Part};
use super::cover::Cover;
use super::index::{Index, Run};
use super::timeline::{self, MIN_GAP_MS, merge};
use super::{Seen, busy};
use crate::db::entities::recordings;
use invigil_format::{DroppedBecause, Event};
use invigil_rules::Interval;
use invigil_wire::review::{Missing, OutageView, TrackMissing};
use std::collections::{BTreeMap, HashMap};

/// While an agent is recording, footage that is younger is on its way and not called missing, ms.
const ON_ITS_WAY_MS: i64 = 10_000;

/// What is asked: of which recording, and as of when.
pub(super) struct Asked<'a> {
    /// The recording.
    pub(super) row: &'a recordings::Model,
    /// Its disconnects.
    pub(super) outages: &'a [OutageView],
    /// An agent is recording.
    pub(super) live: bool,
    /// Now.
    pub(super) now_ms: i64,
}

/// The stretches of the window so far that `covered` (merged) leaves open, in order.
pub(super) fn stretches(asked: &Asked<'_>, index: &Index<'_>, covered: &[Interval]) -> Vec<Missing> {
    of_account(asked, &Account::of_pictures(index), &Device::new(asked, index), covered, &[])
}

/// The same track by track, those included of which nothing has come. `whole` is what all of them lack together: where a stretch of it begins or ends
/// the cause may be another.
pub(super) fn of_tracks(asked: &Asked<'_>, index: &Index<'_>, whole: &[Missing]) -> Vec<TrackMissing> {
    let device = Device::new(asked, index);
    let covered = timeline::tracks(&index.known.seen);
    let mut cuts: Vec<i64> = whole.iter().flat_map(|stretch| [stretch.from_ms, stretch.to_ms]).collect();
    cuts.sort_unstable();
    let mut missing = Vec::new();
    for track in &index.tracks {
        let of_track = Account::of_track(index, track);
        let stretches = of_account(asked, &of_track, &device, covered.get(track).map_or(&[], Vec::as_slice), &cuts);
        let named = |Missing { from_ms, to_ms, cause }| TrackMissing { track: track.clone(), from_ms, to_ms, cause };
        missing.extend(stretches.into_iter().map(named));
    }
    missing
}

fn of_account(asked: &Asked<'_>, account: &Account<'_>, device: &Device, covered: &[Interval], cuts: &[i64]) -> Vec<Missing> {
    let mut missing: Vec<Missing> = Vec::new();
    let mut add = |part: Interval, cause: &str| match missing.last_mut() {
        _ if part.len_ms() == 0 => {}
        Some(last) if last.to_ms == part.from_ms && last.cause == cause => last.to_ms = part.to_ms,
        _ => missing.push(Missing { from_ms: part.from_ms, to_ms: part.to_ms, cause: cause.to_owned() }),
    };
    let promised = promised(account, asked.now_ms);
    // Where what may still arrive ends the cause may be another, too: a run that has ended since does not hide that its footage is on its way.
    let mut cuts = cuts.to_vec();
    cuts.extend(promised.iter().map(|part| part.to_ms));
    cuts.sort_unstable();
    let own = Own::new(account, device, asked.now_ms, promised);
    let candidates = candidates(device, &own);
    for hole in holes(window(asked.row, asked.now_ms), covered) {
        if asked.live && hole.to_ms == asked.now_ms && hole.len_ms() < ON_ITS_WAY_MS {
            continue;
        }
        let joined_ms = asked.row.joined_ms.unwrap_or(i64::MAX).clamp(hole.from_ms, hole.to_ms);
        add(Interval::new(hole.from_ms, joined_ms), "not-joined");
        for part in cut(Interval::new(joined_ms, hole.to_ms), &cuts) {
            add(part, cause(part, &candidates));
        }
    }
    missing
}

/// Whether what a track lacks stands among what all of them lack already (in order), to within what counts as no gap.
pub fn is_of_all(part: &TrackMissing, whole: &[Missing]) -> bool {
    let near = |one: i64, other: i64| (one - other).abs() < MIN_GAP_MS;
    let first = whole.partition_point(|all| all.from_ms <= part.from_ms - MIN_GAP_MS);
    let mut beside = whole[first..].iter().take_while(|all| near(part.from_ms, all.from_ms));
    beside.any(|all| part.cause == all.cause && near(part.to_ms, all.to_ms))
}

/// The parts of a hole between these moments (in order), none shorter than a gap.
fn cut(hole: Interval, cuts: &[i64]) -> Vec<Interval> {
    let mut parts = Vec::new();
    let mut from_ms = hole.from_ms;
    let first = cuts.partition_point(|at_ms| at_ms - hole.from_ms < MIN_GAP_MS);
    for at_ms in cuts[first..].iter().copied().take_while(|at_ms| hole.to_ms - at_ms >= MIN_GAP_MS) {
        if at_ms - from_ms >= MIN_GAP_MS {
            parts.push(Interval::new(from_ms, at_ms));
            from_ms = at_ms;
        }
    }
    parts.push(Interval::new(from_ms, hole.to_ms));
    parts
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

/// What happened to the whole device or its link: it may explain what any track lacks. Of several covers the one that covers most of a hole counts.
struct Device {
    suspended: [Cover; 2],
    power_or_reboot: [Cover; 2],
    agent_stopped: [Cover; 2],
    held_up: Cover,
    silent: Cover,
}

impl Device {
    fn new(asked: &Asked<'_>, index: &Index<'_>) -> Self {
        let (outages, now_ms) = (asked.outages, asked.now_ms);
        let held_up = Cover::new(index.runs.iter().flat_map(busy::held_up).collect());
        let mut slept = of_cause(outages, "suspended", now_ms);
        // Silence without attempts looks like sleep; the journal knows better.
        slept.retain(|outage| held_up.overlap_ms(*outage) * 2 < outage.len_ms());
        let mut stopped = between_runs(index, true);
        stopped.extend(before_capture(index, asked.row.joined_ms));
        stopped.extend(after_end(index, now_ms));
        Self {
            suspended: [Cover::new(slept), Cover::new(asleep(index))],
            power_or_reboot: [Cover::new(of_cause(outages, "power-or-reboot", now_ms)), Cover::new(between_runs(index, false))],
            agent_stopped: [Cover::new(of_cause(outages, "agent-stopped", now_ms)), Cover::new(stopped)],
            held_up,
            silent: Cover::new(silent(outages, now_ms)),
        }
    }
}

/// What happened to the tracks of an account.
struct Own {
    lost: Cover,
    paused: Cover,
    slow: Cover,
    arriving: Cover,
}

impl Own {
    /// `promised` is what [`promised`] says.
    fn new(account: &Account<'_>, device: &Device, now_ms: i64, promised: Vec<Interval>) -> Self {
        let (mut lost_all, mut paused, mut slow, mut arriving) = (Vec::new(), Vec::new(), device.held_up.parts().to_vec(), promised);
        for part in &account.parts {
            lost_all.extend(account.track.map_or_else(|| all_lost(account, part, now_ms), |track| lost(part, track, now_ms)));
            paused.extend(between_events(part, "capture-paused", &["capture-resumed"], now_ms));
            paused.extend(busy::dropped(part, DroppedBecause::DiskFailure));
            slow.extend(busy::dropped(part, DroppedBecause::TooBusy));
            slow.extend(busy::slow(part));
        }
        let incoming = account.index.known.seen.iter().filter(|seen| seen.row.state == "incoming" && account.takes(seen));
        arriving.extend(incoming.flat_map(|seen| &seen.covers));
        Self { lost: Cover::new(lost_all), paused: Cover::new(paused), slow: Cover::new(slow), arriving: Cover::new(arriving) }
    }
}

/// What may explain a hole: a cause, and covers of which the one that covers most of the hole counts.
type Candidate<'a> = (&'static str, Vec<&'a Cover>);

/// In the order in which they are preferred.
fn candidates<'a>(device: &'a Device, own: &'a Own) -> Vec<Candidate<'a>> {
    vec![
        ("camera-lost", vec![&own.lost]),
        ("capture-paused", vec![&own.paused]),
        ("suspended", device.suspended.iter().collect()),
        ("power-or-reboot", device.power_or_reboot.iter().collect()),
        ("agent-stopped", device.agent_stopped.iter().collect()),
        // Nothing at all was recorded then.
        ("computer-too-busy", vec![&device.held_up]),
        ("not-yet-uploaded", vec![&own.arriving, &device.silent]),
        // Of a stretch in which pictures were thrown away others may have been recorded: whatever else explains all that is missing comes first.
        ("computer-too-busy", vec![&own.slow]),
    ]
}

/// The cause that explains most of the hole; of equals the first.
fn cause(hole: Interval, candidates: &[Candidate<'_>]) -> &'static str {
    let covers = |covers: &[&Cover]| covers.iter().map(|cover| cover.overlap_ms(hole)).max().unwrap_or(0);
    let covered: Vec<(&'static str, i64)> = candidates.iter().map(|(cause, of_cause)| (*cause, covers(of_cause))).collect();
    let best = covered.iter().map(|(_, covers)| *covers).max().unwrap_or(0);
    covered.iter().find(|(_, covers)| *covers == best && best * 2 >= hole.len_ms()).map_or("unknown", |(cause, _)| *cause)
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

/// When the device slept, as its journal says: a short sleep is no disconnect.
fn asleep(index: &Index<'_>) -> Vec<Interval> {
    let of_run = |run: &Run<'_>| -> Vec<Interval> {
        let slept = run.journal.iter().filter_map(|entry| match &entry.event {
            Some(Event::Suspended { from_us, to_us }) => run.stretch(*from_us, *to_us),
            _ => None,
        });
        // Its place is known to within a look at the clocks, its length exactly.
        slept.map(|slept| Interval::new(slept.from_ms, slept.to_ms + LOOKED_EVERY_MS)).collect()
    };
    index.runs.iter().flat_map(of_run).collect()
}

/// How often an agent compares its clocks, ms.
const LOOKED_EVERY_MS: i64 = 1_000;

/// How late an agent may notice that a camera is silent: it waits 3 s for a picture, and looks in steps.
const NOTICED_AFTER_MS: i64 = 4_000;

/// When one track's camera gave nothing that can be recorded, in one run.
fn lost(part: &Part<'_>, track: &str, now_ms: i64) -> Vec<Interval> {
    // One that was lost before its first sound or picture is never back: its track starts.
    let mut lost = between_events(part, "camera-lost", &["camera-back", "track-started"], now_ms);
    lost.extend(busy::dropped(part, DroppedBecause::NoKeyFrame));
    lost.extend(opening(part, track));
    lost
}

/// When all cameras of a run were lost at once: one that is dead explains nothing that the others lack.
fn all_lost(account: &Account<'_>, part: &Part<'_>, now_ms: i64) -> Vec<Interval> {
    let of_track = |track: &str| merge(lost(&part.of_track(track), track, now_ms));
    let tracks = account.tracks_of(part).into_iter().map(of_track);
    tracks.reduce(|all, one| common(&all, &one)).unwrap_or_default()
}

/// What both lists (merged) cover.
fn common(one: &[Interval], other: &[Interval]) -> Vec<Interval> {
    let (mut common, mut n, mut n_other) = (Vec::new(), 0, 0);
    while let (Some(part), Some(with)) = (one.get(n), other.get(n_other)) {
        let both = part.intersect(with);
        if both.len_ms() > 0 {
            common.push(both);
        }
        if part.to_ms < with.to_ms { n += 1 } else { n_other += 1 }
    }
    common
}

/// From each event of the kind `began` until one of the same track's `over`, the run's end, or now.
fn between_events(part: &Part<'_>, began: &str, over: &[&str], now_ms: i64) -> Vec<Interval> {
    let mut losses = Vec::new();
    // When tracks were lost that are not back.
    let mut open: BTreeMap<Option<&str>, Vec<i64>> = BTreeMap::new();
    for entry in &part.journal {
        let (kind, track) = (entry.row.kind.as_str(), entry.track.as_deref());
        let Some(at_ms) = part.run.at_ms(entry.row.boottime_us) else { continue };
        if kind == began {
            open.entry(track).or_default().push(at_ms);
        }
        let back: Vec<i64> = match kind {
            "run-ended" => std::mem::take(&mut open).into_values().flatten().collect(),
            _ if over.contains(&kind) => open.remove(&track).unwrap_or_default(),
            _ => continue,
        };
        losses.extend(back.into_iter().map(|lost_ms| Interval::new(lost_ms - NOTICED_AFTER_MS, at_ms)));
    }
    for lost_ms in open.into_values().flatten() {
        // A run that says no more: as long as there was a sign of it, or else until the next.
        let to_ms = part.run.gap.map_or(now_ms, |gap| if gap.from_ms > lost_ms { gap.from_ms } else { gap.to_ms });
        losses.push(Interval::new(lost_ms - NOTICED_AFTER_MS, to_ms));
    }
    losses
}

/// From a run's first picture until one track's first segment: its camera was being opened.
fn opening(part: &Part<'_>, track: &str) -> Option<Interval> {
    let first = part.journal.iter().find(|entry| entry.row.kind == "segment-started" && entry.track.as_deref() == Some(track))?;
    Some(Interval::new(part.run.first_picture_ms?, part.run.at_ms(first.row.boottime_us)?))
}

/// From joining until the first picture, or until a run that had none because its cameras were lost, or for ever when no run was heard of: no agent was capturing.
fn before_capture(index: &Index<'_>, joined_ms: Option<i64>) -> Option<Interval> {
    let tried = |run: &Run<'_>| run.journal.iter().any(|entry| entry.row.kind == "camera-lost");
    let began = |run: &Run<'_>| run.first_picture_ms.or_else(|| run.first_sign_ms.filter(|_| tried(run)));
    let first = index.runs.iter().filter_map(began).min();
    let until = first.or(if index.runs.is_empty() { Some(i64::MAX) } else { None });
    joined_ms.zip(until).map(|(from_ms, to_ms)| Interval::new(from_ms, to_ms))
}

/// How long closing all tracks of a run may take, ms.
const CLOSED_WITHIN_MS: i64 = 60_000;

/// From the end of capture that a run journalled until the next run's footage, or until now.
fn after_end(index: &Index<'_>, now_ms: i64) -> Vec<Interval> {
    let after = |run: &Run<'_>| {
        let ended_ms = run.ended_ms?;
        // It is written when every track has been closed, which a slow disk or processor may keep for a while behind the last picture.
        let last_ms = run.last_picture_ms.map_or(ended_ms, |last_ms| last_ms.max(ended_ms - CLOSED_WITHIN_MS));
        Some(Interval::new(last_ms.min(ended_ms - NOTICED_AFTER_MS), run.gap.map_or(now_ms, |gap| gap.to_ms)))
    };
    index.runs.iter().filter_map(after).collect()
}

/// Between the last sign of one run and the first of the next, on the same boot or on another.
fn between_runs(index: &Index<'_>, same_boot: bool) -> Vec<Interval> {
    let pairs = index.runs.windows(2).filter(|pair| (pair[0].row.boot_id == pair[1].row.boot_id) == same_boot);
    pairs.filter_map(|pair| pair[0].gap).collect()
}

/// What the journal says was recorded and is not here: from the start of each segment that has not been stored until the next one's, or as long
/// as its run may have gone on.
fn promised(account: &Account<'_>, now_ms: i64) -> Vec<Interval> {
    journalled(account, now_ms, |segment| segment.is_none_or(|segment| segment.row.state != "stored"))
}

/// The same of segments that were refused.
pub(super) fn refused(index: &Index<'_>, now_ms: i64) -> Cover {
    let refused = |segment: Option<&Seen>| segment.is_some_and(|segment| segment.row.state == "refused");
    Cover::new(journalled(&Account::of_pictures(index), now_ms, refused))
}

fn journalled(account: &Account<'_>, now_ms: i64, counts: impl Fn(Option<&Seen>) -> bool) -> Vec<Interval> {
    let mut promised = Vec::new();
    for part in &account.parts {
        let run = part.run;
        // Backwards: when the segment after this one of the same track began.
        let mut next_starts: HashMap<Option<&str>, Option<i64>> = HashMap::new();
        for entry in part.journal.iter().rev().filter(|entry| entry.row.kind == "segment-started") {
            let started_ms = run.at_ms(entry.row.boottime_us);
            let next_ms = next_starts.insert(entry.track.as_deref(), started_ms).flatten();
            let Some((track, sequence)) = entry.track.as_deref().zip(entry.sequence) else { continue };
            let here = run.segment(track, sequence);
            if here.is_some_and(|seen| seen.kind.is_some() && !account.takes(seen)) || !counts(here) {
                continue;
            }
            let Some(from_ms) = started_ms else { continue };
            // A run's last segment promises nothing of what comes after that run.
            let ends = [next_ms, run.ended_ms, run.gap.map(|gap| gap.to_ms)].into_iter().flatten().filter(|at_ms| *at_ms >= from_ms);
            promised.push(Interval::new(from_ms, ends.fold(now_ms, i64::min)));
        }
    }
    promised
}

#[cfg(test)]
mod tests;
