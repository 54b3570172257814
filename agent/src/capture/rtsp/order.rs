//! Decoding times of pictures that come in the order of decoding, with the times at which they are shown (RTP carries no others).

/// Distance between pictures above which nothing of the order before counts, us.
const BREAK_US: u64 = 2_000_000;
/// Most pictures by which decoding is taken to run ahead where the stream does not say.
const MOST_AHEAD: usize = 4;
/// Distance of made-up decoding times before the first pictures, us.
const STEP_US: i64 = 20_000;

/// Keeps the presentation times of the newest pictures: with pictures up to `ahead` ahead, the lowest of the `ahead + 1` newest is a decoding time.
#[derive(Default)]
pub(super) struct Order {
    ahead: usize,
    /// Lowest first.
    newest: Vec<i64>,
    highest_us: i64,
}

impl Order {
    /// By how many pictures decoding runs ahead, as the parameter sets say; `None` is found out.
    pub(super) fn expect(&mut self, ahead: Option<u32>) {
        if let Some(ahead) = ahead.and_then(|ahead| usize::try_from(ahead).ok()) {
            self.ahead = ahead.min(16);
            self.newest.truncate(self.ahead + 1);
        }
    }

    /// Presentation minus decoding time of the next picture, us.
    pub(super) fn ahead_us(&mut self, pts_us: i64) -> i64 {
        if self.newest.is_empty() || pts_us.abs_diff(self.highest_us) > BREAK_US {
            self.newest.clear();
            self.highest_us = pts_us;
        }
        if self.newest.first().is_some_and(|lowest| pts_us < *lowest) && self.newest.len() > self.ahead && self.ahead < MOST_AHEAD {
            self.ahead += 1;
        }
        if self.newest.len() > self.ahead {
            self.newest.remove(0);
        }
        let place = self.newest.partition_point(|known| *known <= pts_us);
        self.newest.insert(place, pts_us);
        self.highest_us = self.highest_us.max(pts_us);
        let missing = (self.ahead + 1).saturating_sub(self.newest.len());
        let lowest = self.newest.first().copied().unwrap_or(pts_us);
        pts_us - lowest + STEP_US * i64::try_from(missing).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presentation times in ms of two B-frames between each two others, in the order of decoding.
    fn with_b_frames() -> Vec<i64> {
        [0].into_iter().chain((0..40).flat_map(|group| [group * 120 + 120, group * 120 + 40, group * 120 + 80])).collect()
    }

    fn decoding(order: &mut Order, shown: &[i64]) -> Vec<i64> {
        shown.iter().map(|ms| ms * 1000 - order.ahead_us(ms * 1000)).collect()
    }

    #[test]
    fn without_reordering_both_times_are_the_same() {
        let mut order = Order::default();
        order.expect(Some(0));
        assert!((0..100).all(|i| order.ahead_us(i * 40_000) == 0));
        assert!((0..100).all(|i| Order::default().ahead_us(i * 40_000) == 0));
    }

    #[test]
    fn decoding_times_rise_and_never_lie_behind_presentation() {
        let shown = with_b_frames();
        let mut order = Order::default();
        order.expect(Some(1));
        let times = decoding(&mut order, &shown);
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
        assert!(times.iter().zip(&shown).all(|(decode, show)| *decode <= show * 1000));
        // Not said by the stream: right after the first picture that is shown earlier than one before it.
        let times = decoding(&mut Order::default(), &shown);
        assert!(times[4..].windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    }

    #[test]
    fn a_jump_of_the_cameras_clock_begins_anew() {
        let mut order = Order::default();
        order.expect(Some(1));
        decoding(&mut order, &with_b_frames());
        assert_eq!(order.ahead_us(-90_000_000), STEP_US);
        assert_eq!(order.ahead_us(-89_880_000), 120_000);
    }
}
