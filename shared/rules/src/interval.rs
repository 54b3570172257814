//! Half-open intervals of time.

use alloc::vec::Vec;

/// From (inclusive) until (exclusive), milliseconds. Empty when the end is not after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
}

impl Interval {
    /// From `from_ms` until `to_ms`.
    pub const fn new(from_ms: i64, to_ms: i64) -> Self {
        Self { from_ms, to_ms }
    }

    /// Length in milliseconds, never negative.
    pub fn len_ms(&self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms).max(0)
    }

    /// The common part, perhaps empty.
    pub fn intersect(&self, other: &Self) -> Self {
        Self::new(self.from_ms.max(other.from_ms), self.to_ms.min(other.to_ms))
    }

    /// Length in milliseconds of what no interval of `holes` covers; holes may overlap and come in any order.
    pub fn len_without_ms(&self, holes: &[Self]) -> i64 {
        let mut inside: Vec<Self> = holes.iter().map(|hole| hole.intersect(self)).filter(|hole| hole.len_ms() > 0).collect();
        inside.sort_unstable();
        let (mut covered, mut until) = (0, self.from_ms);
        for hole in inside {
            covered += Self::new(hole.from_ms.max(until), hole.to_ms).len_ms();
            until = until.max(hole.to_ms);
        }
        self.len_ms() - covered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_holes_are_taken_off_once() {
        let whole = Interval::new(100, 200);
        assert_eq!(whole.len_without_ms(&[]), 100);
        assert_eq!(whole.len_without_ms(&[Interval::new(150, 170), Interval::new(90, 110), Interval::new(160, 180)]), 60);
        assert_eq!(whole.len_without_ms(&[Interval::new(0, 300)]), 0);
        assert_eq!(Interval::new(5, 1).len_ms(), 0);
    }
}
