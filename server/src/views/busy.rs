//! What the journals say of computers that did not keep up, as stretches of the server's time.

use super::account::Account;
use super::run_ms;
use crate::db::entities::{journal_entries, runs};
use invigil_format::{Condition, DroppedBecause, Event};
use invigil_rules::Interval;

/// How far the pictures beside those that were thrown away may be, or beside a time without processor, ms.
const BESIDE_MS: i64 = 500;
/// How often an agent looks whether it was held up, ms: what stopped it may have done so that much earlier.
const LOOKED_EVERY_MS: i64 = 1_000;

/// When pictures were thrown away for this reason. Entries that do not say when they were taken say nothing here.
pub(super) fn dropped(account: &Account<'_>, why: DroppedBecause) -> Vec<Interval> {
    stretches(account, "frames-dropped", |event, _| match event {
        Event::FramesDropped { stretch: Some(stretch), .. } if stretch.because == why => Some((stretch.from_us, stretch.to_us)),
        _ => None,
    })
    .map(|stretch| Interval::new(stretch.from_ms - BESIDE_MS, stretch.to_ms + BESIDE_MS))
    .collect()
}

/// When an agent got no processor.
pub(super) fn held_up(account: &Account<'_>) -> Vec<Interval> {
    stretches(account, "held-up", |event, _| if let Event::HeldUp { from_us, to_us } = event { Some((from_us, to_us)) } else { None })
        .map(|stretch| Interval::new(stretch.from_ms - LOOKED_EVERY_MS - BESIDE_MS, stretch.to_ms + BESIDE_MS))
        .collect()
}

/// When the processor did not keep up with all pictures, as far as it has been told: while that goes on, until it was told last.
pub(super) fn slow(account: &Account<'_>) -> Vec<Interval> {
    let began = stretches(account, "condition-began", |event, at_us| match event {
        Event::ConditionBegan { condition: Condition::Cpu, since_us, .. } => Some((since_us, at_us)),
        _ => None,
    });
    let ended = stretches(account, "condition-ended", |event, _| match event {
        Event::ConditionEnded { condition: Condition::Cpu, since_us, until_us, .. } => Some((since_us, until_us)),
        _ => None,
    });
    began.chain(ended).collect()
}

/// From and to of the entries of a kind; `times` (boot times) is given the event and when it was journalled.
fn stretches(
    account: &Account<'_>,
    kind: &'static str,
    times: impl Fn(Event, u64) -> Option<(u64, u64)>,
) -> impl Iterator<Item = Interval> {
    let stretch = move |entry: &journal_entries::Model| {
        let run: &runs::Model = account.known.runs.iter().find(|run| run.id == entry.run_id)?;
        let (from_us, to_us) = times(serde_json::from_str(&entry.event).ok()?, u64::try_from(entry.boottime_us).ok()?)?;
        let at = |boottime_us: u64| run_ms(run, i64::try_from(boottime_us).ok()?);
        Some(Interval::new(at(from_us)?, at(to_us)?))
    };
    account.of_kind(kind).filter_map(stretch)
}
