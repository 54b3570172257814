//! Every second of the window is accounted for (P1): what no track of moving pictures covers has a named cause, and so has what one of several lacks.

use super::account::{self, Account};
use super::timeline::{self, MIN_GAP_MS, merge};
use super::{Known, busy, run_ms};
use crate::db::entities::{recordings, runs};
use invigil_format::{DroppedBecause, Event};
use invigil_rules::Interval;
use invigil_wire::review::{Missing, OutageView, TrackMissing};

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
pub(super) fn stretches(asked: &Asked<'_>, known: &Known, covered: &[Interval]) -> Vec<Missing> {
    let entries = account::entries(known);
    of_account(asked, &Account::of_pictures(known, &entries), covered, &[])
}

/// The same track by track, those included of which nothing has come. `whole` is what all of them lack together: where a stretch of it begins or ends
/// the cause may be another.
pub(super) fn of_tracks(asked: &Asked<'_>, known: &Known, whole: &[Missing]) -> Vec<TrackMissing> {
    let entries = account::entries(known);
    let covered = timeline::tracks(&known.seen);
    let mut cuts: Vec<i64> = whole.iter().flat_map(|stretch| [stretch.from_ms, stretch.to_ms]).collect();
    cuts.sort_unstable();
    let mut missing = Vec::new();
    for track in account::tracks(known, &entries) {
        let of_track = Account::of_track(known, &entries, track);
        let stretches = of_account(asked, &of_track, covered.get(track).map_or(&[], Vec::as_slice), &cuts);
        let named = |Missing { from_ms, to_ms, cause }| TrackMissing { track: track.to_owned(), from_ms, to_ms, cause };
        missing.extend(stretches.into_iter().map(named));
    }
    missing
}

fn of_account(asked: &Asked<'_>, account: &Account<'_>, covered: &[Interval], cuts: &[i64]) -> Vec<Missing> {
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
    let candidates = candidates(account, asked, promised);
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

/// Whether what a track lacks stands among what all of them lack already, to within what counts as no gap.
pub fn is_of_all(part: &TrackMissing, whole: &[Missing]) -> bool {
    let near = |one: i64, other: i64| (one - other).abs() < MIN_GAP_MS;
    whole.iter().any(|all| part.cause == all.cause && near(part.from_ms, all.from_ms) && near(part.to_ms, all.to_ms))
}

/// The parts of a hole between these moments (in order), none shorter than a gap.
fn cut(hole: Interval, cuts: &[i64]) -> Vec<Interval> {
    let mut parts = Vec::new();
    let mut from_ms = hole.from_ms;
    for at_ms in cuts.iter().copied().filter(|at_ms| hole.to_ms - at_ms >= MIN_GAP_MS) {
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

/// What may explain a hole: a cause, and lists of stretches of which the one that covers most of the hole counts.
type Candidate = (&'static str, Vec<Vec<Interval>>);

/// In the order in which they are preferred. `promised` is what [`promised`] says.
fn candidates(account: &Account<'_>, asked: &Asked<'_>, promised: Vec<Interval>) -> Vec<Candidate> {
    let (known, outages, now_ms) = (account.known, asked.outages, asked.now_ms);
    let lost = if account.is_one_track() { lost(account, now_ms) } else { all_lost(account, now_ms) };
    let mut paused = between_events(account, "capture-paused", &["capture-resumed"], now_ms);
    paused.extend(busy::dropped(account, DroppedBecause::DiskFailure));
    let held_up = busy::held_up(account);
    let mut slept = of_cause(outages, "suspended", now_ms);
    // Silence without attempts looks like sleep; the journal knows better.
    slept.retain(|outage| overlap(*outage, &held_up) * 2 < outage.len_ms());
    let mut stopped = between_runs(known, true);
    stopped.extend(before_capture(known, asked.row.joined_ms));
    stopped.extend(after_end(known, now_ms));
    let slow = [busy::dropped(account, DroppedBecause::TooBusy), held_up.clone(), busy::slow(account)].concat();
    let mut arriving = promised;
    let incoming = known.seen.iter().filter(|seen| seen.row.state == "incoming" && account.takes(seen));
    arriving.extend(incoming.flat_map(|seen| &seen.covers));
    vec![
        ("camera-lost", vec![lost]),
        ("capture-paused", vec![paused]),
        ("suspended", vec![slept, asleep(known)]),
        ("power-or-reboot", vec![of_cause(outages, "power-or-reboot", now_ms), between_runs(known, false)]),
        ("agent-stopped", vec![of_cause(outages, "agent-stopped", now_ms), stopped]),
        // Nothing at all was recorded then.
        ("computer-too-busy", vec![held_up]),
        ("not-yet-uploaded", vec![arriving, silent(outages, now_ms)]),
        // Of a stretch in which pictures were thrown away others may have been recorded: whatever else explains all that is missing comes first.
        ("computer-too-busy", vec![slow]),
    ]
}

/// The cause that explains most of the hole; of equals the first.
fn cause(hole: Interval, candidates: &[Candidate]) -> &'static str {
    let covers = |lists: &[Vec<Interval>]| lists.iter().map(|parts| overlap(hole, parts)).max().unwrap_or(0);
    let covered: Vec<(&str, i64)> = candidates.iter().map(|(cause, lists)| (*cause, covers(lists))).collect();
    let best = covered.iter().map(|(_, covers)| *covers).max().unwrap_or(0);
    covered.iter().find(|(_, covers)| *covers == best && best * 2 >= hole.len_ms()).map_or("unknown", |(cause, _)| cause)
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

/// When the device slept, as its journal says: a short sleep is no disconnect.
fn asleep(known: &Known) -> Vec<Interval> {
    let slept = known.journal.iter().filter(|entry| entry.kind == "suspended");
    slept
        .filter_map(|entry| {
            let run = known.runs.iter().find(|run| run.id == entry.run_id)?;
            let Event::Suspended { from_us, to_us } = serde_json::from_str(&entry.event).ok()? else { return None };
            let at = |boottime_us: u64| run_ms(run, i64::try_from(boottime_us).ok()?);
            // Its place is known to within a look at the clocks, its length exactly.
            Some(Interval::new(at(from_us)?, at(to_us)? + LOOKED_EVERY_MS))
        })
        .collect()
}

/// How often an agent compares its clocks, ms.
const LOOKED_EVERY_MS: i64 = 1_000;

/// How late an agent may notice that a camera is silent: it waits 3 s for a picture, and looks in steps.
const NOTICED_AFTER_MS: i64 = 4_000;

/// When one track's camera gave nothing that can be recorded.
fn lost(account: &Account<'_>, now_ms: i64) -> Vec<Interval> {
    // One that was lost before its first sound or picture is never back: its track starts.
    let mut lost = between_events(account, "camera-lost", &["camera-back", "track-started"], now_ms);
    lost.extend(busy::dropped(account, DroppedBecause::NoKeyFrame));
    lost.extend(opening(account));
    lost
}

/// When all cameras of a run were lost at once: one that is dead explains nothing that the others lack.
fn all_lost(account: &Account<'_>, now_ms: i64) -> Vec<Interval> {
    let mut all = Vec::new();
    for run in &account.known.runs {
        let of_run = |track| merge(lost(&account.of_run(run.id, track), now_ms));
        let tracks = account.tracks_of(run.id).into_iter().map(of_run);
        all.extend(tracks.reduce(|all, one| common(&all, &one)).unwrap_or_default());
    }
    all
}

/// What both lists (merged) cover.
fn common(one: &[Interval], other: &[Interval]) -> Vec<Interval> {
    let both = one.iter().flat_map(|part| other.iter().map(|with| part.intersect(with)));
    both.filter(|part| part.len_ms() > 0).collect()
}

/// From each event of the kind `began` until one of the same track's `over`, the run's end, or now.
fn between_events(account: &Account<'_>, began: &str, over: &[&str], now_ms: i64) -> Vec<Interval> {
    let mut losses = Vec::new();
    for (n, run) in account.known.runs.iter().enumerate() {
        let events: Vec<_> = account.journal.iter().filter(|entry| entry.row.run_id == run.id).collect();
        for (n_lost, lost) in events.iter().enumerate().filter(|(_, entry)| entry.row.kind == began) {
            let ends = |kind: &str, track: &Option<String>| kind == "run-ended" || (over.contains(&kind) && *track == lost.track);
            let back = events[n_lost..].iter().find(|entry| ends(&entry.row.kind, &entry.track));
            let Some(lost_ms) = run_ms(run, lost.row.boottime_us) else { continue };
            let to = match back {
                Some(entry) => run_ms(run, entry.row.boottime_us),
                // A run that says no more: as long as there was a sign of it, or else until the next.
                None => Some(account.known.runs.get(n + 1).map_or(now_ms, |next| {
                    let seen_ms = last_sign(account.known, run, next);
                    if seen_ms > lost_ms { seen_ms } else { first_of(account.known, next) }
                })),
            };
            losses.extend(to.map(|to_ms| Interval::new(lost_ms - NOTICED_AFTER_MS, to_ms)));
        }
    }
    losses
}

/// In each run, from its first picture until one track's first segment: its camera was being opened.
fn opening(account: &Account<'_>) -> Vec<Interval> {
    let until = |run: &runs::Model| {
        let first = account.of_own("segment-started").find(|entry| entry.run_id == run.id)?;
        Some(Interval::new(first_cover(&account.known.seen, run)?, run_ms(run, first.boottime_us)?))
    };
    account.known.runs.iter().filter_map(until).collect()
}

/// From joining until the first picture, or until a run that had none because its cameras were lost, or for ever when no run was heard of: no agent was capturing.
fn before_capture(known: &Known, joined_ms: Option<i64>) -> Option<Interval> {
    let tried = |run: &runs::Model| known.journal.iter().any(|entry| entry.run_id == run.id && entry.kind == "camera-lost");
    let began = |run: &runs::Model| first_cover(&known.seen, run).or_else(|| first_sign(known, run).filter(|_| tried(run)));
    let first = known.runs.iter().filter_map(began).min();
    let until = first.or(if known.runs.is_empty() { Some(i64::MAX) } else { None });
    joined_ms.zip(until).map(|(from_ms, to_ms)| Interval::new(from_ms, to_ms))
}

/// How long closing all tracks of a run may take, ms.
const CLOSED_WITHIN_MS: i64 = 60_000;

/// From the end of capture that a run journalled until the next run's footage, or until now.
fn after_end(known: &Known, now_ms: i64) -> Vec<Interval> {
    let mut ends = Vec::new();
    for (n, run) in known.runs.iter().enumerate() {
        let ended = known.journal.iter().find(|entry| entry.run_id == run.id && entry.kind == "run-ended");
        let Some(ended_ms) = ended.and_then(|entry| run_ms(run, entry.boottime_us)) else { continue };
        let next = known.runs.get(n + 1).map(|next| first_of(known, next));
        // It is written when every track has been closed, which a slow disk or processor may keep for a while behind the last picture.
        let last = pictures_of(&known.seen, run).map(|part| part.to_ms).max();
        let from_ms = last.map_or(ended_ms, |last_ms| last_ms.max(ended_ms - CLOSED_WITHIN_MS)).min(ended_ms - NOTICED_AFTER_MS);
        ends.push(Interval::new(from_ms, next.unwrap_or(now_ms)));
    }
    ends
}

/// The first picture of a run; of one without pictures its first journal entry, or else when it was first heard of, which may be long after it ended.
pub(super) fn first_of(known: &Known, run: &runs::Model) -> i64 {
    first_sign(known, run).unwrap_or(run.first_seen_ms)
}

fn first_sign(known: &Known, run: &runs::Model) -> Option<i64> {
    let journal = known.journal.iter().filter(|entry| entry.run_id == run.id);
    // A run that nothing places has only its own clock, as its pictures would have; it began before it was heard of.
    let began = || journal.map(|entry| run_ms(run, entry.boottime_us).unwrap_or(entry.wall_ms).min(run.first_seen_ms)).min();
    first_cover(&known.seen, run).or_else(began)
}

/// When a run's pictures begin, Unix ms, if there are any. Sound does not count: what is missing is what no picture covers.
fn first_cover(seen: &[super::Seen], run: &runs::Model) -> Option<i64> {
    pictures_of(seen, run).map(|part| part.from_ms).min()
}

/// What the moving pictures of a run cover, segment by segment: in order within each.
fn pictures_of<'a>(seen: &'a [super::Seen], run: &runs::Model) -> impl Iterator<Item = &'a Interval> + use<'a> {
    let id = run.id;
    seen.iter().filter(move |seen| seen.is_moving_pictures() && seen.row.run_id == id).flat_map(|seen| &seen.covers)
}

/// Between the last sign of one run and the first of the next, on the same boot or on another.
fn between_runs(known: &Known, same_boot: bool) -> Vec<Interval> {
    let pairs = known.runs.iter().zip(known.runs.iter().skip(1));
    pairs
        .filter(|(one, next)| (one.boot_id == next.boot_id) == same_boot)
        .map(|(one, next)| Interval::new(last_sign(known, one, next), first_of(known, next)))
        .collect()
}

/// The last picture of a run, or when it was last heard of or journalled something before the next one.
fn last_sign(known: &Known, run: &runs::Model, next: &runs::Model) -> i64 {
    let last = pictures_of(&known.seen, run).map(|part| part.to_ms).max();
    let next_ms = first_sign(known, next);
    let journal = known.journal.iter().filter(|entry| entry.run_id == run.id);
    let journalled = journal.filter_map(|entry| run_ms(run, entry.boottime_us));
    // What is sent of a run after the next one has begun is no sign of its life.
    let signs = run.last_seen_ms.into_iter().chain(journalled).filter(|at_ms| next_ms.is_none_or(|next_ms| *at_ms <= next_ms));
    last.into_iter().chain(signs).max().unwrap_or_else(|| first_of(known, run))
}

/// What the journal says was recorded and is not here: from the start of each segment that has not been stored until the next one's, or as long
/// as its run may have gone on.
fn promised(account: &Account<'_>, now_ms: i64) -> Vec<Interval> {
    journalled(account, now_ms, |segment| segment.is_none_or(|segment| segment.row.state != "stored"))
}

/// The same of segments that were refused.
pub(super) fn refused(known: &Known, now_ms: i64) -> Vec<Interval> {
    let entries = account::entries(known);
    journalled(&Account::of_pictures(known, &entries), now_ms, |segment| segment.is_some_and(|segment| segment.row.state == "refused"))
}

fn journalled(account: &Account<'_>, now_ms: i64, counts: impl Fn(Option<&super::Seen>) -> bool) -> Vec<Interval> {
    let (known, mut promised) = (account.known, Vec::new());
    for (n_run, run) in known.runs.iter().enumerate() {
        let started: Vec<_> =
            account.journal.iter().filter(|entry| entry.row.run_id == run.id && entry.row.kind == "segment-started").collect();
        let ended = account.journal.iter().find(|entry| entry.row.run_id == run.id && entry.row.kind == "run-ended");
        let ended_ms = ended.and_then(|entry| run_ms(run, entry.row.boottime_us));
        let next_run_ms = known.runs.get(n_run + 1).map(|next| first_of(known, next));
        for (n, entry) in started.iter().enumerate() {
            let Some((track, sequence)) = entry.track.as_ref().zip(sequence_of(&entry.row.event)) else { continue };
            let is_here = |seen: &&super::Seen| seen.row.run_id == run.id && seen.row.track == *track && seen.row.sequence == sequence;
            let here = known.seen.iter().find(is_here);
            if here.is_some_and(|seen| seen.kind.is_some() && !account.takes(seen)) || !counts(here) {
                continue;
            }
            let Some(from_ms) = run_ms(run, entry.row.boottime_us) else { continue };
            let next = started[n + 1..].iter().find(|later| later.track == entry.track);
            let next_ms = next.and_then(|later| run_ms(run, later.row.boottime_us));
            // A run's last segment promises nothing of what comes after that run.
            let ends = [next_ms, ended_ms, next_run_ms].into_iter().flatten().filter(|at_ms| *at_ms >= from_ms);
            promised.push(Interval::new(from_ms, ends.fold(now_ms, i64::min)));
        }
    }
    promised
}

fn sequence_of(event: &str) -> Option<i64> {
    let event: serde_json::Value = serde_json::from_str(event).ok()?;
    event.get("sequence")?.as_i64()
}

#[cfg(test)]
mod tests;
