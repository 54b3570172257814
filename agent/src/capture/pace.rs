//! Picture rate: which pictures to keep so that no more than the wanted rate goes on, with true timestamps.

/// Chooses pictures. Nothing is repeated: a slow camera gives fewer pictures, and a camera that delivers nothing leaves a gap.
#[derive(Debug, Clone)]
pub struct Pace {
    interval_us: u64,
    due_us: Option<u64>,
    kept_us: u64,
}

impl Pace {
    /// At most `fps` pictures a second on average.
    pub fn new(fps: u32) -> Self {
        Self { interval_us: 1_000_000 / u64::from(fps.max(1)), due_us: None, kept_us: 0 }
    }

    /// Whether to keep the picture taken at `boottime_us`.
    pub fn wants(&mut self, boottime_us: u64) -> bool {
        let Some(due) = self.due_us else {
            (self.due_us, self.kept_us) = (Some(boottime_us + self.interval_us), boottime_us);
            return true;
        };
        // What a camera makes up for after a hold-up comes close together: the second picture shows nothing that the first does not.
        if boottime_us < self.kept_us + self.interval_us / 4 {
            return false;
        }
        // A quarter of an interval of tolerance: cameras jitter, and without it a camera at exactly the wanted rate would lose pictures.
        if boottime_us + self.interval_us / 4 < due {
            return false;
        }
        self.kept_us = boottime_us;
        let next = due + self.interval_us;
        self.due_us = Some(if next + self.interval_us < boottime_us { boottime_us + self.interval_us } else { next });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(source_fps: u64, wanted: u32, jitter: bool) -> usize {
        let mut pace = Pace::new(wanted);
        (0..source_fps * 10)
            .filter(|i| {
                let shake = if jitter { (i * 7919 % 11) * 1000 } else { 0 };
                pace.wants(i * 1_000_000 / source_fps + shake)
            })
            .count()
    }

    #[test]
    fn the_rate_is_kept_or_lowered_never_raised() {
        for source in [15, 20, 25, 30, 50, 60] {
            for jitter in [false, true] {
                let n = kept(source, 15, jitter);
                assert!((148..=151).contains(&n), "{source} fps, jitter {jitter}: {n} pictures in 10 s");
            }
        }
        assert_eq!(kept(10, 15, true), 100);
    }

    #[test]
    fn pictures_close_together_are_one() {
        let mut pace = Pace::new(10);
        assert!(pace.wants(1_000_000) && pace.wants(1_195_000));
        assert!(!pace.wants(1_196_000));
        assert!(pace.wants(1_290_000));
    }

    #[test]
    fn after_a_gap_there_is_no_burst() {
        let mut pace = Pace::new(10);
        assert!(pace.wants(0));
        assert!(pace.wants(5_000_000));
        assert!(!pace.wants(5_010_000));
        assert!(pace.wants(5_100_000));
    }
}
