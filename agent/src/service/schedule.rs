//! What a room's computer records, and when to look again: a pure function of what is known. Rules:
//!
//! 1. A recording that has begun goes on until somebody ends it. No time ends it (mission rule 8).
//! 2. While none goes on, the exam is begun that is due: from [`Slot::begins_ms`] until its end; of several the one that starts first.
//! 3. While one goes on, an exam that is due waits for its end ([`overtaken`]), but not beyond its own start: from moments before that
//!    ([`Slot::beside_ms`]) it is recorded beside that one, from the same cameras, because the people on the pictures may be its candidates by now. Whichever of
//!    them is ended first, the others go on.
//! 4. [`AT_ONCE`] at once and no more, for the processor's sake. Another one begins when one of them is ended, after its own scheduled end too: its papers may be
//!    on the desks, and whoever ended the earlier one is there.
//! 5. So does an exam that another computer of the room has begun and nobody has ended. Both are due until somebody ends them ([`Slot::stays`]).
//! 6. Any other exam whose end passed before its recording began was missed: it is not begun, because nobody would be there to end it.

use invigil_format::RecordingId;
use std::collections::BTreeSet;

/// One exam of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The room's recording of it.
    pub recording: RecordingId,
    /// When its recording begins if nothing else goes on: some time before the start, Unix ms.
    pub begins_ms: i64,
    /// When it begins beside another one that goes on: moments before the start, not before `begins_ms`, Unix ms.
    pub beside_ms: i64,
    /// Scheduled start, Unix ms.
    pub starts_ms: i64,
    /// Scheduled end, Unix ms.
    pub ends_ms: i64,
    /// Its scheduled end does not make it missed: it waits for its turn, or was begun elsewhere.
    pub stays: bool,
}

impl Slot {
    /// Whether its recording is to go on now, unless it was ended.
    fn is_due(&self, now_ms: i64) -> bool {
        self.begins_ms <= now_ms && !self.is_missed(now_ms)
    }

    fn is_missed(&self, now_ms: i64) -> bool {
        now_ms >= self.ends_ms && !self.stays
    }
}

/// So many are recorded at once: a day's exams of a room in which nobody ever says that papers are collected.
pub const AT_ONCE: usize = 4;

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Recordings that are to go on now, at most [`AT_ONCE`]; those that have begun first.
    pub record: Vec<RecordingId>,
    /// When something changes by itself at the earliest, Unix ms.
    pub again_ms: Option<i64>,
}

/// Decides. `begun` are the recordings that were begun, in that order; `ended` are those that somebody has ended.
pub fn decide(slots: &[Slot], begun: &[RecordingId], ended: &BTreeSet<RecordingId>, now_ms: i64) -> Plan {
    let mut record: Vec<_> = begun.iter().copied().filter(|recording| !ended.contains(recording)).collect();
    let due = waiting(slots, &record, ended, now_ms);
    if record.is_empty() {
        record.extend(due.first().map(|slot| slot.recording));
    }
    let started = due.iter().filter(|slot| slot.beside_ms <= now_ms && !record.contains(&slot.recording)).map(|slot| slot.recording);
    let free = AT_ONCE.saturating_sub(record.len());
    record.extend(started.take(free).collect::<Vec<_>>());

    let open = slots.iter().filter(|slot| !ended.contains(&slot.recording) && !record.contains(&slot.recording) && !slot.is_missed(now_ms));
    let moments = open.map(|slot| match record.len() {
        0 => slot.begins_ms,
        _ => slot.beside_ms,
    });
    let again_ms = moments.filter(|at_ms| *at_ms > now_ms).min().filter(|_| record.len() < AT_ONCE);
    Plan { record, again_ms }
}

/// The exam that comes next, beside those that are recorded.
pub fn next(slots: &[Slot], recorded: &[RecordingId], ended: &BTreeSet<RecordingId>, now_ms: i64) -> Option<Slot> {
    let coming =
        slots.iter().filter(|slot| !recorded.contains(&slot.recording) && !ended.contains(&slot.recording) && !slot.is_missed(now_ms));
    coming.min_by_key(|slot| (slot.starts_ms, slot.recording)).copied()
}

/// Exams that are due and wait because others go on; in the order of their starts.
pub fn overtaken(slots: &[Slot], begun: &[RecordingId], ended: &BTreeSet<RecordingId>, now_ms: i64) -> Vec<RecordingId> {
    let recorded: Vec<_> = begun.iter().copied().filter(|recording| !ended.contains(recording)).collect();
    if recorded.is_empty() {
        return Vec::new();
    }
    waiting(slots, &recorded, ended, now_ms).into_iter().map(|slot| slot.recording).collect()
}

/// What is due and not recorded, in the order of the starts.
fn waiting(slots: &[Slot], recorded: &[RecordingId], ended: &BTreeSet<RecordingId>, now_ms: i64) -> Vec<Slot> {
    let due = slots.iter().filter(|slot| !recorded.contains(&slot.recording) && !ended.contains(&slot.recording) && slot.is_due(now_ms));
    let mut due: Vec<_> = due.copied().collect();
    due.sort_unstable_by_key(|slot| (slot.starts_ms, slot.recording));
    due
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEAD: i64 = 30;
    const HEAD_START: i64 = 2;

    fn id(n: u8) -> RecordingId {
        RecordingId::from_random([n; 16])
    }

    fn slot(n: u8, starts_ms: i64, ends_ms: i64) -> Slot {
        Slot { recording: id(n), begins_ms: starts_ms - LEAD, beside_ms: starts_ms - HEAD_START, starts_ms, ends_ms, stays: false }
    }

    fn ids<const N: usize>(of: [u8; N]) -> Vec<RecordingId> {
        of.map(id).to_vec()
    }

    fn plan<const N: usize>(record: [u8; N], again_ms: Option<i64>) -> Plan {
        Plan { record: ids(record), again_ms }
    }

    fn at(now_ms: i64, begun: &[u8], ended: &[u8]) -> Plan {
        let slots = [slot(1, 100, 200), slot(2, 210, 300), slot(3, 220, 400)];
        let begun: Vec<_> = begun.iter().copied().map(id).collect();
        decide(&slots, &begun, &ended.iter().copied().map(id).collect(), now_ms)
    }

    #[test]
    fn begins_half_an_hour_before_and_is_never_ended_by_the_clock() {
        assert_eq!(at(69, &[], &[]), plan([], Some(70)));
        assert_eq!(at(70, &[], &[]), plan([1], Some(208)));
        for now_ms in [70, 199, 200, 205, 250, 1_000_000] {
            assert_eq!(at(now_ms, &[1], &[]).record[0], id(1), "at {now_ms}");
        }
    }

    #[test]
    fn the_next_exam_begins_when_the_earlier_one_is_ended_or_when_it_is_due() {
        assert_eq!(at(185, &[1], &[1]), plan([2], Some(218)), "due while the first went on");
        assert_eq!(at(150, &[1], &[1]), plan([], Some(180)), "ended early: not before it is due");
        assert_eq!(at(217, &[], &[1]), plan([2], Some(218)));
        assert_eq!(at(300, &[], &[1]), plan([3], None), "the second one was missed");
        assert_eq!(at(300, &[2], &[1]), plan([2, 3], None));
        assert_eq!(at(250, &[2, 3], &[1, 2, 3]), plan([], None));
    }

    #[test]
    fn from_its_start_on_an_exam_is_recorded_beside_the_earlier_ones() {
        assert_eq!(at(207, &[1], &[]), plan([1], Some(208)));
        assert_eq!(at(208, &[1], &[]), plan([1, 2], Some(218)));
        assert_eq!(at(217, &[1, 2], &[]), plan([1, 2], Some(218)));
        assert_eq!(at(230, &[1, 2], &[]), plan([1, 2, 3], None));
        assert_eq!(at(1_000, &[1, 2], &[]), plan([1, 2], None), "the clock ends none, and the third was missed");
        assert_eq!(at(215, &[1, 2], &[1]), plan([2], Some(218)), "the later one goes on");
        assert_eq!(at(215, &[1, 2], &[2]), plan([1], Some(218)), "and the earlier one if the later is ended first");
        assert_eq!(at(230, &[1, 2], &[1]), plan([2, 3], None));
        assert_eq!(at(230, &[1, 2, 3], &[2]), plan([1, 3], None), "the others go on");
        assert_eq!(at(215, &[1, 2], &[1, 2]), plan([3], None), "due by then, though it has not started");
    }

    #[test]
    fn where_nobody_ever_ends_one_four_are_recorded_and_a_fifth_waits() {
        let slots: Vec<Slot> = (1..=5).map(|n| slot(n, i64::from(n) * 100, i64::from(n) * 100 + 90)).collect();
        let none = BTreeSet::new();
        assert_eq!(decide(&slots, &ids([1, 2, 3]), &none, 397), plan([1, 2, 3], Some(398)));
        assert_eq!(decide(&slots, &ids([1, 2, 3]), &none, 398), plan([1, 2, 3, 4], None));
        assert_eq!(decide(&slots, &ids([1, 2, 3, 4]), &none, 510), plan([1, 2, 3, 4], None), "four and no more");
        assert_eq!(overtaken(&slots, &ids([1, 2, 3, 4]), &none, 510), [id(5)]);
        assert_eq!(decide(&slots, &ids([1, 2, 3, 4]), &[id(3)].into(), 510), plan([1, 2, 4, 5], None), "there is room for the fifth");
    }

    #[test]
    fn of_two_that_are_due_the_earlier_one_and_then_the_other() {
        let slots = [slot(2, 110, 400), slot(1, 100, 300)];
        let none = BTreeSet::new();
        assert_eq!(decide(&slots, &[], &none, 95), plan([1], Some(108)));
        assert_eq!(decide(&slots, &[], &none, 120), plan([1, 2], None), "the computer was off: both have started");
        assert_eq!(decide(&slots, &ids([1]), &[id(1)].into(), 350), plan([2], None));
        assert_eq!(next(&slots, &ids([1]), &none, 120).unwrap().recording, id(2));
        assert_eq!(next(&slots, &ids([1, 2]), &none, 120), None);
        assert_eq!(overtaken(&slots, &ids([1]), &none, 79), []);
        assert_eq!(overtaken(&slots, &ids([1]), &none, 399), [id(2)]);
        assert_eq!(overtaken(&slots, &ids([1]), &none, 400), [], "missed, unless it was noted before");
        assert_eq!(overtaken(&slots, &ids([1]), &[id(1)].into(), 399), [], "nothing goes on that it could wait for");
        assert_eq!(overtaken(&slots, &ids([1, 2]), &none, 399), [], "recorded beside it");
    }

    #[test]
    fn what_waits_or_was_begun_elsewhere_is_due_until_somebody_ends_it() {
        let slots = [slot(1, 100, 200), Slot { stays: true, ..slot(2, 110, 210) }];
        let none = BTreeSet::new();
        assert_eq!(decide(&slots, &ids([1]), &[id(1)].into(), 5_000), plan([2], None));
        assert_eq!(decide(&slots, &ids([1]), &none, 5_000), plan([1, 2], None));
        assert_eq!(decide(&slots, &[], &none, 79), plan([1], Some(108)));
        assert_eq!(decide(&slots[1..], &[], &none, 79), plan([], Some(80)), "never before it begins");
        assert_eq!(overtaken(&slots, &ids([1]), &none, 5_000), [id(2)]);
        assert_eq!(next(&slots, &ids([1]), &none, 5_000).unwrap().recording, id(2));
        assert_eq!(decide(&slots, &ids([2]), &[id(1), id(2)].into(), 5_000).record, []);
    }

    proptest! {
        /// A day of a room: exams come in any order and overlap, people end them whenever they like, the earlier or the later one, the computer restarts (nothing
        /// but what is kept counts).
        #[test]
        fn four_at_most_none_missing_once_it_has_started_and_none_stopped_by_the_clock(
            exams in proptest::collection::vec((0_i64..500, 1_i64..120, 0_i64..60), 0..9),
            ends in proptest::collection::vec((0_i64..700, 0_usize..4), 0..12),
        ) {
            let slots: Vec<Slot> = (1..).zip(&exams).map(|(n, (starts, length, lead))| {
                let slot = slot(n, *starts, starts + length);
                Slot { begins_ms: starts - lead, beside_ms: slot.beside_ms.max(starts - lead), ..slot }
            }).collect();
            let (mut begun, mut ended, mut noted) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
            let mut look_again: Option<i64> = None;
            for now_ms in -100..800 {
                // The invigilator says that the papers are collected.
                let mut by_person = false;
                for (_, which) in ends.iter().filter(|(at_ms, _)| *at_ms == now_ms) {
                    let going: Vec<RecordingId> = begun.iter().copied().filter(|recording| !ended.contains(recording)).collect();
                    by_person |= !going.is_empty();
                    ended.extend(going.get(*which).or(going.first()));
                }
                let slots: Vec<Slot> = slots.iter().map(|slot| Slot { stays: noted.contains(&slot.recording), ..*slot }).collect();
                let plan = decide(&slots, &begun, &ended, now_ms);
                prop_assert!(plan.record.len() <= AT_ONCE);
                prop_assert!(plan.record.iter().all(|recorded| !ended.contains(recorded)));
                let went_on: Vec<RecordingId> = begun.iter().copied().filter(|recording| !ended.contains(recording)).collect();
                prop_assert!(plan.record.starts_with(&went_on), "stopped at {} though nobody ended it", now_ms);

                let due: Vec<&Slot> = slots.iter().filter(|slot| {
                    !ended.contains(&slot.recording) && slot.begins_ms <= now_ms && (now_ms < slot.ends_ms || noted.contains(&slot.recording))
                }).collect();
                let left_out: Vec<&&Slot> = due.iter().filter(|slot| !plan.record.contains(&slot.recording)).collect();
                match plan.record.len() {
                    0 => prop_assert!(due.is_empty(), "none recorded at {now_ms} while one is due"),
                    some if some < AT_ONCE => prop_assert!(left_out.iter().all(|slot| now_ms < slot.beside_ms), "left out at {now_ms} though it starts"),
                    _ => {}
                }
                for new in plan.record.iter().filter(|new| !went_on.contains(new)) {
                    let slot = slots.iter().find(|slot| slot.recording == *new).unwrap();
                    prop_assert!(slot.begins_ms <= now_ms && (plan.record.len() == 1 || plan.record[0] == *new || slot.beside_ms <= now_ms));
                    prop_assert!(by_person || look_again == Some(now_ms), "begun at {} of which nobody was told", now_ms);
                }
                look_again = plan.again_ms;
                begun = plan.record.clone();
                noted.extend(overtaken(&slots, &begun, &ended, now_ms));
                prop_assert!(left_out.iter().all(|slot| noted.contains(&slot.recording)), "due at {now_ms} and forgotten: {left_out:?}");
                prop_assert_eq!(decide(&slots, &begun, &ended, now_ms), plan, "a restart changes nothing");
            }
        }
    }
}
