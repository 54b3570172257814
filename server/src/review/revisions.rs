//! When a segment last changed, as far as reviewers have seen it.
//!
//! A reviewer's page asks "what is above revision N" every second or two. A number that the writer takes before its change is visible
//! would let a change slip below an N that was given out meanwhile. So the number is given by the reader: a segment that looks different from
//! the last time anybody looked gets a new one, above all before it. Nothing is missed, and what is sent twice is harmless.

use crate::live::lock;
use std::collections::HashMap;
use std::sync::Mutex;

/// Everything about a segment that can change what a reviewer is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Revision of its row.
    pub row: i64,
    /// Revision and durable bytes in memory, while it grows.
    pub growing: Option<(u64, u64)>,
    /// Offset of its run's clock, ms, once known.
    pub clock_offset_ms: Option<i64>,
}

/// Segments remembered; beyond it all are forgotten and sent once more.
const MAX_REMEMBERED: usize = 200_000;

/// The numbers given so far. They begin with the time, so that they rise over restarts too.
#[derive(Debug, Default)]
pub struct Revisions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: u64,
    seen: HashMap<i64, (Mark, u64)>,
}

impl Revisions {
    /// The revision of each of these segments, in their order.
    pub fn observe(&self, marks: &[(i64, Mark)], now_ms: i64) -> Vec<u64> {
        let mut state = lock(&self.0);
        if state.seen.len() > MAX_REMEMBERED {
            state.seen.clear();
        }
        let mut out = Vec::with_capacity(marks.len());
        for (segment, mark) in marks {
            let known = state.seen.get(segment).filter(|(seen, _)| seen == mark).map(|(_, revision)| *revision);
            let revision = known.unwrap_or_else(|| {
                let revision = (state.last + 1).max(u64::try_from(now_ms).unwrap_or(0).saturating_mul(1000));
                state.last = revision;
                state.seen.insert(*segment, (*mark, revision));
                revision
            });
            out.push(revision);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_rises_and_always_above_what_was_given() {
        let revisions = Revisions::default();
        let mark = |row, durable| Mark { row, growing: Some((row as u64, durable)), clock_offset_ms: None };
        let first = revisions.observe(&[(1, mark(1, 10)), (2, mark(2, 10))], 5);
        assert_eq!(first, [5000, 5001]);
        assert_eq!(revisions.observe(&[(1, mark(1, 10)), (2, mark(2, 10))], 5), first);
        // The writer's own number is lower than one that was given out: the change is seen all the same.
        assert_eq!(revisions.observe(&[(1, mark(1, 20)), (2, mark(2, 10))], 5), [5002, 5001]);
        // The clock was set back.
        assert_eq!(revisions.observe(&[(2, mark(2, 30))], 1), [5003]);
        let after_restart = Revisions::default().observe(&[(1, mark(1, 20))], 6);
        assert!(after_restart[0] > 5003);
    }
}
