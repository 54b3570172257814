//! States of cameras, microphones and machine that go on, as the newest run has journalled them.

use super::index::Index;
use invigil_format::Event;
use invigil_wire::review::ConditionView;
use std::collections::BTreeMap;

/// A camera or microphone that delivers nothing.
const CAMERA_LOST: &str = "camera-lost";

/// What has begun and not ended in the newest run; nothing when that run has ended.
pub(super) fn going_on(index: &Index<'_>) -> Vec<ConditionView> {
    let Some(run) = index.runs.last() else { return Vec::new() };
    let mut now: BTreeMap<(Option<String>, &str), ConditionView> = BTreeMap::new();
    for entry in &run.journal {
        match &entry.event {
            Some(Event::ConditionBegan { condition, track, since_us, reason }) => {
                let since_ms = i64::try_from(*since_us).ok().and_then(|us| run.at_ms(us)).unwrap_or(entry.row.wall_ms);
                let track = track.as_ref().map(ToString::to_string);
                let view = ConditionView { condition: condition.name().to_owned(), track: track.clone(), since_ms, reason: reason.clone() };
                now.insert((track, condition.name()), view);
            }
            Some(Event::ConditionEnded { condition, track, .. }) => {
                drop(now.remove(&(track.as_ref().map(ToString::to_string), condition.name())))
            }
            // The newest reason counts: a camera that is lost may be refused next. It has been lost since the first.
            Some(Event::CameraLost { track, reason }) => {
                let track = Some(track.to_string());
                let noticed_ms = run.at_ms(entry.row.boottime_us).unwrap_or(entry.row.wall_ms);
                let since_ms = now.get(&(track.clone(), CAMERA_LOST)).map_or(noticed_ms, |before| before.since_ms);
                let view = ConditionView { condition: CAMERA_LOST.to_owned(), track: track.clone(), since_ms, reason: reason.clone() };
                now.insert((track, CAMERA_LOST), view);
            }
            // One that was lost before its first sound or picture is never back: its track starts.
            Some(Event::CameraBack { track, .. } | Event::TrackStarted { track, .. }) => {
                drop(now.remove(&(Some(track.to_string()), CAMERA_LOST)))
            }
            Some(Event::RunEnded { .. }) => now.clear(),
            _ => {}
        }
    }
    now.into_values().collect()
}
