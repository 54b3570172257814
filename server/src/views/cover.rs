//! Stretches of time that cover something together.

use invigil_rules::Interval;

/// What stretches cover together: in order and apart, so that a hole is compared with those in it only.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cover(Vec<Interval>);

impl Cover {
    /// What these stretches cover; they may overlap and come in any order.
    pub(super) fn new(mut parts: Vec<Interval>) -> Self {
        parts.retain(|part| part.len_ms() > 0);
        parts.sort();
        let mut apart: Vec<Interval> = Vec::new();
        for part in parts {
            match apart.last_mut() {
                Some(last) if part.from_ms <= last.to_ms => last.to_ms = last.to_ms.max(part.to_ms),
                _ => apart.push(part),
            }
        }
        Self(apart)
    }

    /// The stretches, in order.
    pub(super) fn parts(&self) -> &[Interval] {
        &self.0
    }

    /// How much of a hole it covers, ms.
    pub(super) fn overlap_ms(&self, hole: Interval) -> i64 {
        let first = self.0.partition_point(|part| part.to_ms <= hole.from_ms);
        let inside = self.0[first..].iter().take_while(|part| part.from_ms < hole.to_ms);
        inside.map(|part| part.intersect(&hole).len_ms()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_counts_once_and_in_any_order() {
        let part = Interval::new;
        let parts = vec![part(150, 170), part(300, 200), part(90, 110), part(160, 180), part(180, 190)];
        let cover = Cover::new(parts.clone());
        assert_eq!(cover.parts(), [part(90, 110), part(150, 190)]);
        let holes = [(100, 200), (0, 90), (95, 96), (110, 150), (105, 155), (0, 1000), (190, 300), (170, 160)];
        for hole in holes.map(|(from_ms, to_ms)| part(from_ms, to_ms)) {
            assert_eq!(cover.overlap_ms(hole), hole.len_ms() - hole.len_without_ms(&parts), "{hole:?}");
        }
        assert_eq!(Cover::new(Vec::new()).overlap_ms(part(0, 10)), 0);
    }
}
