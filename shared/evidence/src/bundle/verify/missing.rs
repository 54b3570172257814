//! What of a cited stretch is missing, and what the signed journals say about it.

use super::super::plan::{Plan, PlannedTrack};
use super::footage::{Footage, ReadRun};
use super::report::{Device, Missing, Outage, TrackReport, Video, Why};
use crate::act::Act;
use invigil_format::recording::MIN_GAP_US;
use invigil_format::{Entry, Event, FrameKind, Need, Role, RunId, Scanner, TrackName, TrustStore};

/// Longest distance between two pictures of a track that carries few on purpose, us.
const PICTURES_GAP_US: i64 = 60_000_000;
/// How long after it happened the agent may note that a camera was lost, us.
const NOTED_LATE_US: i64 = 2_000_000;

/// One report for each track of the plan.
pub(super) fn tracks(plan: &Plan, act: &Act, footage: &Footage, videos: Vec<Video>, trust: &TrustStore) -> Vec<TrackReport> {
    let mut videos = videos.into_iter();
    plan.tracks.iter().map(|track| report(plan, act, footage, track, videos.next().unwrap_or(Video::None), trust)).collect()
}

fn report(plan: &Plan, act: &Act, footage: &Footage, track: &PlannedTrack, video: Video, trust: &TrustStore) -> TrackReport {
    let stretch = &act.evidence[track.stretch];
    let parts = || track.segments.iter().filter_map(|place| footage.segments.get(*place).map(|read| (&plan.segments[*place], read)));
    let mut devices: Vec<Device> = Vec::new();
    for (segment, read) in parts() {
        let Some(header) = read.scanner.as_ref().and_then(Scanner::header) else { continue };
        if devices.iter().all(|device| device.key != header.device) {
            let at_ms = footage.runs.iter().find(|run| run.run == segment.run).map_or(act.signed_ms, |run| run.at_ms);
            let certificate = trust.require(Need::new(Role::Device, header.device, at_ms).of_recording(segment.recording));
            devices.push(Device { key: header.device, name: certificate.ok().map(|certificate| certificate.name.clone()) });
        }
    }
    let first = parts().find_map(|(_, read)| read.scanner.as_ref());
    TrackReport {
        recording: track.recording,
        track: track.track.clone(),
        from_ms: stretch.from_ms,
        to_ms: stretch.to_ms,
        segments: parts().filter(|(_, read)| read.scanner.is_some()).count(),
        devices,
        not_before_ms: first.and_then(not_before_ms),
        not_after_ms: parts().map(|(_, read)| read.receipt.as_ref().map(|receipt| receipt.stored_ms)).max().flatten(),
        missing: missing(plan, footage, track, stretch.from_ms, stretch.to_ms),
        video,
    }
}

/// The newest beacon before the first picture.
fn not_before_ms(scanner: &Scanner) -> Option<i64> {
    let first = scanner.frames().iter().find(|frame| frame.kind == FrameKind::Chunk)?;
    scanner.beacons().iter().filter(|(offset, _)| *offset < first.offset).map(|(_, beacon)| beacon.time_ms).max()
}

/// Stretches of half a second or more without a picture, each with its reasons.
fn missing(plan: &Plan, footage: &Footage, track: &PlannedTrack, from_ms: i64, to_ms: i64) -> Vec<Missing> {
    let (from_us, to_us) = (from_ms.saturating_mul(1000), to_ms.saturating_mul(1000));
    // Of each chunk: begin, end, run.
    let mut shown: Vec<(i64, i64, RunId)> = Vec::new();
    let mut pictures = false;
    for place in &track.segments {
        let segment = &plan.segments[*place];
        let Some(run) = footage.runs.iter().find(|run| run.run == segment.run) else { continue };
        let Some(scanner) = footage.segments.get(*place).and_then(|read| read.scanner.as_ref()) else { continue };
        pictures |= scanner
            .header()
            .is_some_and(|header| matches!(header.kind, invigil_format::TrackKind::Thumbnail | invigil_format::TrackKind::Photo));
        for frame in scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk) {
            let begin = place_us(run, frame.at.boottime_us);
            shown.push((begin, begin.saturating_add(frame.duration_us.into()), run.run));
        }
    }
    shown.sort_unstable();
    let least = if pictures { PICTURES_GAP_US } else { i64::try_from(MIN_GAP_US).unwrap_or(i64::MAX) };
    let (mut out, mut covered, mut before) = (Vec::new(), from_us, None);
    for (begin, end, run) in shown {
        if begin >= to_us {
            break;
        }
        if begin.saturating_sub(covered) >= least {
            out.push(gap(footage, track, covered, begin, before, Some(run)));
        }
        if end > covered {
            covered = end;
        }
        before = Some(run);
    }
    if to_us.saturating_sub(covered) >= least {
        out.push(gap(footage, track, covered, to_us, before, None));
    }
    out
}

fn place_us(run: &ReadRun, boottime_us: u64) -> i64 {
    run.clock_offset_ms.saturating_mul(1000).saturating_add(i64::try_from(boottime_us).unwrap_or(i64::MAX))
}

/// A gap between two runs' pictures (or the stretch's ends), with everything in the journals that speaks of it.
fn gap(footage: &Footage, track: &PlannedTrack, from_us: i64, to_us: i64, before: Option<RunId>, after: Option<RunId>) -> Missing {
    let mut why: Vec<Why> = Vec::new();
    let mut say = |kind: &'static str, detail: &str| {
        let reason = Why { kind, detail: detail.to_owned() };
        if !why.contains(&reason) {
            why.push(reason);
        }
    };
    for run in &footage.runs {
        // A run that neither ended before the gap nor began after it, nor did anything within, has nothing to say of it.
        let within = run.journal.iter().any(|entry| (from_us..to_us).contains(&place_us(run, entry.boottime_us)));
        if within || [before, after].contains(&Some(run.run)) {
            journal(run, &track.track, from_us, to_us, &mut say);
        }
    }
    let entries = |run: Option<RunId>| footage.runs.iter().find(|known| Some(known.run) == run).map_or(&[][..], |run| &run.journal);
    if before.is_none() && after.is_some() {
        let begins = footage.runs.iter().find(|run| Some(run.run) == after).and_then(|run| begin_us(run, &track.track));
        if begins.is_some_and(|begin| begin > from_us) {
            say("before-recording", "");
        }
    }
    if let (Some(last), true) = (entries(before).last(), before != after) {
        let ended = matches!(last.event, Event::RunEnded { .. });
        match entries(after).first() {
            _ if ended => {}
            Some(next) if next.boot_id == last.boot_id => say("agent-stopped", ""),
            Some(_) if footage_device(footage, before) == footage_device(footage, after) => say("power-or-reboot", ""),
            Some(_) => say("other-device", ""),
            None => say("end-unproven", ""),
        }
    }
    if why.is_empty() {
        why.push(Why { kind: "unexplained", detail: String::new() });
    }
    Missing { from_ms: from_us.div_euclid(1000), to_ms: to_us.div_euclid(1000), why }
}

fn footage_device(footage: &Footage, run: Option<RunId>) -> Option<invigil_format::VerifyingKey> {
    footage.runs.iter().find(|known| Some(known.run) == run).map(|run| run.device)
}

/// When a run first had the track, by its journal.
fn begin_us(run: &ReadRun, track: &TrackName) -> Option<i64> {
    let starts = |entry: &&Entry| match &entry.event {
        Event::TrackStarted { track: name, .. } | Event::SegmentStarted { track: name, .. } => name == track,
        _ => false,
    };
    run.journal.iter().find(starts).map(|entry| place_us(run, entry.boottime_us))
}

/// What one journal says of a gap: what had begun before its end and was not over at its beginning, and what happened in it.
fn journal(run: &ReadRun, track: &TrackName, from_us: i64, to_us: i64, say: &mut dyn FnMut(&'static str, &str)) {
    let mut open: Vec<(&'static str, &str)> = Vec::new();
    let over = |open: &mut Vec<(&'static str, &str)>, what: &str, at_us: i64| {
        if at_us <= from_us {
            open.retain(|(kind, _)| *kind != what);
        }
    };
    let touches = |from: u64, to: u64| place_us(run, from) < to_us && place_us(run, to) > from_us;
    // Told with their own times, at any time later.
    for entry in &run.journal {
        match &entry.event {
            Event::HeldUp { from_us, to_us } if touches(*from_us, *to_us) => {
                say("held-up", &format!("{:.1} s", to_us.saturating_sub(*from_us) as f64 / 1e6));
            }
            Event::FramesDropped { track: name, reason, stretch: Some(stretch), .. }
                if name == track && touches(stretch.from_us, stretch.to_us) =>
            {
                say("frames-dropped", reason);
            }
            _ => {}
        }
    }
    for entry in &run.journal {
        let at_us = place_us(run, entry.boottime_us);
        // What ends a gap may be noted a little after it.
        if at_us > to_us.saturating_add(NOTED_LATE_US) {
            break;
        }
        let inside = at_us >= from_us;
        match &entry.event {
            Event::CameraLost { track: name, reason } if name == track => open.push(("camera-lost", reason)),
            Event::CapturePaused { track: name, reason } if name == track => open.push(("capture-paused", reason)),
            Event::TrackEnded { track: name, reason, .. } if name == track => open.push(("track-ended", reason)),
            Event::RunEnded { reason } => open.push(("run-ended", reason)),
            Event::CameraBack { track: name, .. } if name == track => over(&mut open, "camera-lost", at_us),
            Event::CaptureResumed { track: name, .. } if name == track => over(&mut open, "capture-paused", at_us),
            // Of a microphone that was lost before its first sound older agents say nothing else.
            Event::TrackStarted { track: name, .. } if name == track => {
                ["track-ended", "camera-lost"].into_iter().for_each(|kind| over(&mut open, kind, at_us));
            }
            Event::FramesDropped { track: name, reason, stretch: None, .. } if name == track && inside => say("frames-dropped", reason),
            Event::SegmentStarted { track: name, sequence, .. }
                if name == track && inside && at_us < to_us && !run.has(name, *sequence) =>
            {
                say("segment-not-here", &sequence.to_string());
            }
            _ => {}
        }
    }
    for (kind, reason) in open {
        say(kind, reason);
    }
}

/// Times without connection that overlap a stretch.
pub(super) fn outages(act: &Act, footage: &Footage) -> Vec<Outage> {
    let mut out: Vec<Outage> = Vec::new();
    for run in &footage.runs {
        let mut lost: Option<i64> = None;
        for entry in &run.journal {
            match &entry.event {
                Event::LinkLost { first_failed_start_us, .. } => lost = Some(place_us(run, *first_failed_start_us)),
                Event::LinkBack { first_failed_start_us, last_failed_end_us, .. } => {
                    let (from_us, to_us) = (place_us(run, *first_failed_start_us), place_us(run, *last_failed_end_us));
                    out.push(Outage { run: run.run, from_ms: from_us.div_euclid(1000), to_ms: Some(to_us.div_euclid(1000)) });
                    lost = None;
                }
                _ => {}
            }
        }
        out.extend(lost.map(|from_us| Outage { run: run.run, from_ms: from_us.div_euclid(1000), to_ms: None }));
    }
    let touches = |outage: &Outage| {
        act.evidence.iter().any(|stretch| {
            let names = stretch.runs.iter().any(|run| run.run == outage.run);
            names && outage.from_ms < stretch.to_ms && outage.to_ms.is_none_or(|to| to > stretch.from_ms)
        })
    };
    out.retain(touches);
    out
}
