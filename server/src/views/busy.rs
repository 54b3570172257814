//! What the journals say of computers that did not keep up, as stretches of the server's time.

use super::account::Part;
use super::index::{Entry, Run};
use invigil_format::{Condition, DroppedBecause, Event};
use invigil_rules::Interval;

/// How far the pictures beside those that were thrown away may be, or beside a time without processor, ms.
const BESIDE_MS: i64 = 500;
/// How often an agent looks whether it was held up, ms: what stopped it may have done so that much earlier.
const LOOKED_EVERY_MS: i64 = 1_000;

/// When pictures were thrown away for this reason. Entries that do not say when they were taken say nothing here.
pub(super) fn dropped(part: &Part<'_>, why: DroppedBecause) -> Vec<Interval> {
    let dropped = part.journal.iter().filter_map(|entry| match &entry.event {
        Some(Event::FramesDropped { stretch: Some(stretch), .. }) if stretch.because == why => {
            part.run.stretch(stretch.from_us, stretch.to_us)
        }
        _ => None,
    });
    dropped.map(|stretch| Interval::new(stretch.from_ms - BESIDE_MS, stretch.to_ms + BESIDE_MS)).collect()
}

/// When an agent got no processor.
pub(super) fn held_up(run: &Run<'_>) -> Vec<Interval> {
    let held_up = run.journal.iter().filter_map(|entry| match &entry.event {
        Some(Event::HeldUp { from_us, to_us }) => run.stretch(*from_us, *to_us),
        _ => None,
    });
    held_up.map(|stretch| Interval::new(stretch.from_ms - LOOKED_EVERY_MS - BESIDE_MS, stretch.to_ms + BESIDE_MS)).collect()
}

/// When the processor did not keep up with all pictures, as far as it has been told: while that goes on, until it was told last.
pub(super) fn slow(part: &Part<'_>) -> Vec<Interval> {
    let stretch = |entry: &Entry<'_>| match &entry.event {
        Some(Event::ConditionBegan { condition: Condition::Cpu, since_us, .. }) => {
            part.run.stretch(*since_us, u64::try_from(entry.row.boottime_us).ok()?)
        }
        Some(Event::ConditionEnded { condition: Condition::Cpu, since_us, until_us, .. }) => part.run.stretch(*since_us, *until_us),
        _ => None,
    };
    part.journal.iter().filter_map(|entry| stretch(entry)).collect()
}
