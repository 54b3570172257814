//! What is said of a camera that fails: each loss with its reasons, and damaged pictures now and then.

use super::Event;

/// Damaged pictures, and dropped ones, are reported at most this often, us.
const REPORT_US: u64 = 5_000_000;
/// Those of a camera that counts as lost, us.
const REPORT_LOST_US: u64 = 60_000_000;
/// Different reasons that one loss may be reported with.
const MAX_REASONS: usize = 6;

/// Damaged pictures since the report before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// How many.
    pub count: u64,
    /// When the first arrived, boot time, us.
    pub from_us: u64,
    /// When the last did.
    pub to_us: u64,
    /// What was wrong with the last.
    pub reason: String,
}

/// Pictures that were thrown away since the report before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// How many.
    pub count: u64,
    /// When the first was taken, boot time, us.
    pub from_us: u64,
    /// When the last was.
    pub to_us: u64,
}

impl Dropped {
    /// Adds pictures that were taken from then until then.
    pub fn add(sum: &mut Option<Self>, count: u64, from_us: u64, to_us: u64) {
        let sum = sum.get_or_insert(Self { count: 0, from_us, to_us });
        sum.count += count;
        (sum.from_us, sum.to_us) = (sum.from_us.min(from_us), sum.to_us.max(to_us));
    }
}

/// Says when pictures stop and when they come again.
pub(super) struct Losses<'a> {
    report: &'a dyn Fn(Event),
    ever: bool,
    /// Reasons of the present loss.
    said: Vec<String>,
}

impl<'a> Losses<'a> {
    pub(super) fn new(report: &'a dyn Fn(Event)) -> Self {
        Self { report, ever: false, said: Vec::new() }
    }

    /// Whether the camera counts as lost now.
    pub(super) fn lost(&self) -> bool {
        !self.said.is_empty()
    }

    /// No pictures come, for this reason.
    pub(super) fn lose(&mut self, reason: String) {
        if self.said.len() < MAX_REASONS && !self.said.contains(&reason) {
            tracing::warn!(reason, "camera lost");
            (self.report)(Event::Lost(reason.clone()));
            self.said.push(reason);
        }
    }

    /// A picture came.
    pub(super) fn back(&mut self) {
        if !std::mem::replace(&mut self.ever, true) {
            (self.report)(Event::Started);
        }
        if self.lost() {
            self.said.clear();
            (self.report)(Event::Back);
        }
    }
}

/// Counts damaged pictures, and reports them now and then.
pub(super) struct Damages<'a> {
    report: &'a dyn Fn(Event),
    unreported: Option<Damage>,
    reported_us: u64,
}

impl<'a> Damages<'a> {
    pub(super) fn new(report: &'a dyn Fn(Event)) -> Self {
        Self { report, unreported: None, reported_us: 0 }
    }

    /// A damaged picture came, while the camera counts as lost or not.
    pub(super) fn damaged(&mut self, reason: &str, lost: bool) {
        self.damaged_many(1, reason, lost);
    }

    /// The same of several.
    pub(super) fn damaged_many(&mut self, count: u64, reason: &str, lost: bool) {
        let now = invigil_clock::boottime_us();
        let damage = self.unreported.get_or_insert(Damage { count: 0, from_us: now, to_us: now, reason: String::new() });
        (damage.count, damage.to_us) = (damage.count + count, now);
        reason.clone_into(&mut damage.reason);
        self.report_when_due(now, lost);
    }

    /// A whole picture came.
    pub(super) fn whole(&mut self, now: u64, lost: bool) {
        // What ends a loss comes before its end.
        if lost { self.report() } else { self.report_when_due(now, lost) }
    }

    fn report_when_due(&mut self, now: u64, lost: bool) {
        if now.saturating_sub(self.reported_us) > if lost { REPORT_LOST_US } else { REPORT_US } {
            self.report();
        }
    }

    /// Reports what is not reported yet.
    pub(super) fn report(&mut self) {
        if let Some(damage) = self.unreported.take() {
            self.reported_us = damage.to_us;
            tracing::warn!(count = damage.count, reason = damage.reason, "damaged pictures");
            (self.report)(Event::Damaged(damage));
        }
    }
}

/// Counts pictures that were thrown away; they are reported now and then.
#[derive(Debug, Default)]
pub(in super::super) struct Drops {
    unreported: Option<Dropped>,
    reported_us: u64,
}

impl Drops {
    /// The picture of that boot time was thrown away.
    pub(in super::super) fn dropped(&mut self, taken_us: u64) {
        Dropped::add(&mut self.unreported, 1, taken_us, taken_us);
    }

    /// What is to be reported at `now`, if anything.
    pub(in super::super) fn due(&mut self, now: u64) -> Option<Dropped> {
        let due = self.unreported.is_some() && now.saturating_sub(self.reported_us) > REPORT_US;
        if due {
            self.reported_us = now;
        }
        self.unreported.take_if(|_| due)
    }

    /// What is not reported yet.
    pub(in super::super) fn rest(&mut self) -> Option<Dropped> {
        self.unreported.take()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Log;
    use super::*;

    #[test]
    fn each_reason_of_a_loss_is_said_once_and_a_start_that_came_late_ends_the_loss() {
        let log = Log::default();
        let report = |event| log.push(event);
        let mut losses = Losses::new(&report);
        for reason in ["busy", "busy", "gone", "busy"] {
            losses.lose(reason.into());
        }
        losses.back();
        losses.back();
        losses.lose("gone".into());
        losses.back();
        let lost = |reason: &str| Event::Lost(reason.into());
        assert_eq!(log.all(), [lost("busy"), lost("gone"), Event::Started, Event::Back, lost("gone"), Event::Back]);
    }

    #[test]
    fn dropped_pictures_are_reported_at_once_and_then_now_and_then_with_their_times() {
        let (mut drops, mut told) = (Drops::default(), Vec::new());
        // Ten pictures a second; from second 2 to second 4, and in second 9, they are thrown away.
        for n in 100..250 {
            let taken_us = n * 100_000;
            if (120..140).contains(&n) || (190..200).contains(&n) {
                drops.dropped(taken_us);
            }
            told.extend(drops.due(taken_us));
        }
        let expected = [(1, 12_000_000, 12_000_000), (19, 12_100_000, 13_900_000), (10, 19_000_000, 19_900_000)];
        assert_eq!(told, expected.map(|(count, from_us, to_us)| Dropped { count, from_us, to_us }));
        assert_eq!(drops.rest(), None);
        drops.dropped(7);
        assert_eq!(drops.rest(), Some(Dropped { count: 1, from_us: 7, to_us: 7 }));
    }

    #[test]
    fn damaged_pictures_among_whole_ones_are_counted_and_reported_now_and_then() {
        let log = Log::default();
        let report = |event| log.push(event);
        let mut damages = Damages::new(&report);
        let now = invigil_clock::boottime_us();
        for _ in 0..3 {
            damages.damaged("cut off", false);
        }
        damages.whole(now + REPORT_US / 2, false);
        assert!(log.all().len() <= 1, "{:?}", log.all());
        damages.whole(now + 2 * REPORT_US, false);
        damages.whole(now + 4 * REPORT_US, false);
        let counts: Vec<u64> = log.all().iter().map(|event| if let Event::Damaged(damage) = event { damage.count } else { 0 }).collect();
        assert_eq!(counts.iter().sum::<u64>(), 3, "{counts:?}");
        assert!(counts.len() <= 2);
    }
}
