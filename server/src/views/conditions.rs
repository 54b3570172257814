//! States of cameras, microphones and machine that go on, as the newest run has journalled them.

use super::{Known, run_ms};
use invigil_format::Event;
use invigil_wire::review::ConditionView;
use std::collections::BTreeMap;

/// A camera or microphone that delivers nothing.
const CAMERA_LOST: &str = "camera-lost";

/// What has begun and not ended in the newest run; nothing when that run has ended.
pub(super) fn going_on(known: &Known) -> Vec<ConditionView> {
    let Some(run) = known.runs.last() else { return Vec::new() };
    let mut now: BTreeMap<(Option<String>, &str), ConditionView> = BTreeMap::new();
    for row in known.journal.iter().filter(|row| row.run_id == run.id) {
        match serde_json::from_str::<Event>(&row.event) {
            Ok(Event::ConditionBegan { condition, track, since_us, reason }) => {
                let since_ms = i64::try_from(since_us).ok().and_then(|us| run_ms(run, us)).unwrap_or(row.wall_ms);
                let track = track.as_ref().map(ToString::to_string);
                let view = ConditionView { condition: condition.name().to_owned(), track: track.clone(), since_ms, reason };
                now.insert((track, condition.name()), view);
            }
            Ok(Event::ConditionEnded { condition, track, .. }) => {
                drop(now.remove(&(track.map(|track| track.to_string()), condition.name())))
            }
            // The newest reason counts: a camera that is lost may be refused next. It has been lost since the first.
            Ok(Event::CameraLost { track, reason }) => {
                let track = Some(track.to_string());
                let noticed_ms = run_ms(run, row.boottime_us).unwrap_or(row.wall_ms);
                let since_ms = now.get(&(track.clone(), CAMERA_LOST)).map_or(noticed_ms, |before| before.since_ms);
                let view = ConditionView { condition: CAMERA_LOST.to_owned(), track: track.clone(), since_ms, reason };
                now.insert((track, CAMERA_LOST), view);
            }
            // One that was lost before its first sound or picture is never back: its track starts.
            Ok(Event::CameraBack { track, .. } | Event::TrackStarted { track, .. }) => {
                drop(now.remove(&(Some(track.to_string()), CAMERA_LOST)))
            }
            Ok(Event::RunEnded { .. }) => now.clear(),
            _ => {}
        }
    }
    now.into_values().collect()
}
