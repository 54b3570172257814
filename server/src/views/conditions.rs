//! States of cameras and machine that go on, as the newest run has journalled them.

use super::{Known, run_ms};
use invigil_format::Event;
use invigil_wire::review::ConditionView;
use std::collections::BTreeMap;

/// What has begun and not ended in the newest run; nothing when that run has ended.
pub(super) fn going_on(known: &Known) -> Vec<ConditionView> {
    let Some(run) = known.runs.last() else { return Vec::new() };
    let mut now = BTreeMap::new();
    for row in known.journal.iter().filter(|row| row.run_id == run.id) {
        match serde_json::from_str::<Event>(&row.event) {
            Ok(Event::ConditionBegan { condition, track, since_us, reason }) => {
                let since_ms = i64::try_from(since_us).ok().and_then(|us| run_ms(run, us)).unwrap_or(row.wall_ms);
                let track_name = track.as_ref().map(ToString::to_string);
                let view = ConditionView { condition: condition.name().to_owned(), track: track_name, since_ms, reason };
                now.insert((track, condition), view);
            }
            Ok(Event::ConditionEnded { condition, track, .. }) => drop(now.remove(&(track, condition))),
            Ok(Event::RunEnded { .. }) => now.clear(),
            _ => {}
        }
    }
    now.into_values().collect()
}
