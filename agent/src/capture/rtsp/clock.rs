//! When a camera's pictures were taken, on this machine's boot clock.

/// How much earlier than by the camera's clock a picture arrives when that clock is taken to have jumped, us.
const JUMP_US: u64 = 1_000_000;
/// How much later: less is a hold-up, after which what comes in a rush shows the same clock.
const HELD_UP_US: i64 = 2_500_000;
/// Jumps after which a camera's timestamps are not believed any more.
const JUMPS: u32 = 3;
/// Pictures with the timestamp of the one before, each counted twice and less those with another, after which the same holds.
const REPEATS: u32 = 8;
/// Jumps that lie further back than this are forgiven, us.
const FORGIVEN_US: u64 = 60_000_000;
/// By how much more than usual a camera's clock may advance between two pictures than this machine's, us: more is a jump. Less is a hold-up on the network,
/// after which pictures come in a rush.
const AHEAD_US: i64 = 300_000;
/// Arrivals are compared over stretches of these lengths, us: a hold-up on the network that is shorter leaves the clock alone.
const STRETCHES_US: [u64; 2] = [1_000_000, 16_000_000];
/// How much later than by its clock a camera's pictures may all arrive over a stretch, us; more, and its clock is slow. A long one sees them come as early as
/// they ever do, whatever the distance at which they are read.
const LATE_US: [i64; 2] = [60_000, 10_000];
/// By how much a picture is brought forward or put off at most against the one before it, us: B-frames come after pictures that are shown later, and
/// must not meet them.
const STEP_US: (i64, i64) = (15_000, 25_000);
/// How far pictures without timestamps may run away from their arrival, us.
const FREE_US: u64 = 150_000;
/// Distance of pictures without timestamps until it is known, us.
const USUAL_US: u64 = 40_000;

/// Places the camera's timestamps on the boot clock: the earliest arrival seen counts, because later ones were delayed by the network. A clock that is
/// slow or fast is followed, one that stands still or jumps about is not believed: then arrivals count, evened out.
#[derive(Default)]
pub(super) struct CameraClock {
    /// Boot time of the camera's time zero, us.
    zero_us: Option<i64>,
    /// Newest timestamp of the camera, us, and its arrival.
    newest: Option<(i64, u64)>,
    /// Stamps are in use; before, nothing stands in the way of setting the zero right at once.
    settled: bool,
    /// Short and long.
    stretches: [Stretch; 2],
    jumps: u32,
    repeats: u32,
    jumped_us: u64,
    /// Newest place, us.
    placed_us: u64,
    arrivals: Arrivals,
}

impl CameraClock {
    /// Boot time of a picture that arrived at `arrival_us`, us.
    pub(super) fn place(&mut self, pts_us: Option<i64>, arrival_us: u64) -> u64 {
        let by_arrival = self.arrivals.place(arrival_us);
        if pts_us.is_some() {
            let repeated = self.newest.is_some_and(|(newest, _)| Some(newest) == pts_us);
            self.repeats = if repeated { self.repeats + 2 } else { self.repeats.saturating_sub(1) };
            if self.repeats >= REPEATS {
                self.jumps = JUMPS;
            }
        }
        let placed_us = match pts_us.filter(|pts| self.newest.is_none_or(|(newest, _)| newest != *pts)) {
            _ if !self.is_believed() => by_arrival,
            Some(pts_us) => self.place_by(pts_us, arrival_us),
            None if !self.settled => arrival_us,
            None => {
                Some(self.placed_us + self.arrivals.usual_us()).filter(|next| next.abs_diff(by_arrival) < FREE_US).unwrap_or(by_arrival)
            }
        };
        self.placed_us = placed_us;
        placed_us
    }

    /// Whether timestamps count for anything.
    pub(super) fn is_believed(&self) -> bool {
        self.jumps < JUMPS
    }

    fn place_by(&mut self, pts_us: i64, arrival_us: u64) -> u64 {
        let zero = i64::try_from(arrival_us).unwrap_or(i64::MAX).saturating_sub(pts_us);
        let (newest_us, arrived_us) = self.newest.unwrap_or((pts_us, arrival_us));
        let passed = pts_us.saturating_sub(newest_us).max(0);
        let waited = i64::try_from(arrival_us.saturating_sub(arrived_us)).unwrap_or(0);
        let usual = 3 * i64::try_from(self.arrivals.usual_us()).unwrap_or(0);
        // With B-frames the next picture in the order of decoding is some pictures ahead: what counts is by how much it moves the zero, too.
        let ahead = |old: i64| passed.saturating_sub(waited).min(old.saturating_sub(zero));
        let is_ahead = |old| self.settled && ahead(old) > AHEAD_US.max(usual);
        let kept = match self.zero_us {
            None => zero,
            Some(old) if zero.saturating_sub(old) > HELD_UP_US || is_ahead(old) || (zero < old && old.abs_diff(zero) > JUMP_US) => {
                self.jumps = if arrival_us.saturating_sub(self.jumped_us) > FORGIVEN_US { 1 } else { self.jumps + 1 };
                self.jumped_us = arrival_us;
                self.stretches = [Stretch::default(); 2];
                zero
            }
            Some(old) if !self.settled => zero.min(old),
            // Pictures that were held up come in a rush: they are brought forward bit by bit, so that they stay in order and apart.
            Some(old) if zero < old => zero.max(old.saturating_sub((passed / 4).min(STEP_US.0))),
            Some(old) => old.saturating_add(self.late_us(old).min(waited / 4).min(STEP_US.1)),
        };
        for (stretch, length_us) in self.stretches.iter_mut().zip(STRETCHES_US) {
            stretch.compare(zero, arrival_us, length_us);
        }
        self.newest = Some((pts_us, arrival_us));
        self.zero_us = Some(kept);
        self.at(pts_us).unwrap_or(arrival_us)
    }

    /// From now on stamps are in use.
    pub(super) fn settle(&mut self) {
        self.settled = true;
    }

    /// Boot time of a timestamp as it is known now, us.
    pub(super) fn at(&self, pts_us: i64) -> Option<u64> {
        self.zero_us.and_then(|zero| u64::try_from(zero.saturating_add(pts_us)).ok())
    }

    /// By how much everything came too late for at least a stretch, us.
    fn late_us(&self, zero: i64) -> i64 {
        let late =
            |(stretch, allowed): (&Stretch, i64)| stretch.lowest().map_or(0, |lowest| lowest.saturating_sub(zero).saturating_sub(allowed));
        // A short stretch sees few pictures of a slow camera, and none of them may have been read soon.
        let usual = i64::try_from(self.arrivals.usual_us()).unwrap_or(0);
        self.stretches.iter().zip([LATE_US[0].max(usual), LATE_US[1]]).map(late).max().unwrap_or(0).max(0)
    }
}

/// The lowest zero of some time.
#[derive(Default, Clone, Copy)]
struct Stretch {
    /// When it began, us; 0 is not yet.
    begun_us: u64,
    /// Lowest zero of the stretch before, once there was one, and of this one, us.
    before: Option<i64>,
    now: i64,
}

impl Stretch {
    /// Over at least a whole stretch.
    fn lowest(&self) -> Option<i64> {
        self.before.map(|before| before.min(self.now))
    }

    fn compare(&mut self, zero: i64, arrival_us: u64, length_us: u64) {
        if self.begun_us == 0 {
            *self = Self { begun_us: arrival_us, before: None, now: zero };
        } else if arrival_us.saturating_sub(self.begun_us) > length_us {
            *self = Self { begun_us: arrival_us, before: Some(self.now), now: zero };
        } else {
            self.now = self.now.min(zero);
        }
    }
}

/// Evens out arrivals: pictures come in bunches, but they were not taken so.
#[derive(Default)]
struct Arrivals {
    /// Newest arrival, newest place, and usual distance, us.
    state: Option<(u64, u64, u64)>,
}

impl Arrivals {
    fn usual_us(&self) -> u64 {
        self.state.map_or(USUAL_US, |(_, _, usual_us)| usual_us)
    }

    fn place(&mut self, arrival_us: u64) -> u64 {
        let Some((arrived_us, placed_us, usual_us)) = self.state else {
            self.state = Some((arrival_us, arrival_us, USUAL_US));
            return arrival_us;
        };
        let distance_us = arrival_us.saturating_sub(arrived_us);
        let expected_us = placed_us + usual_us;
        let (placed_us, usual_us) = if arrival_us.abs_diff(expected_us) > JUMP_US {
            (arrival_us.max(placed_us + 1), usual_us)
        } else {
            let toward = if arrival_us > expected_us {
                expected_us + (arrival_us - expected_us) / 8
            } else {
                expected_us - ((expected_us - arrival_us) / 8).min(usual_us / 2)
            };
            (toward, (usual_us * 31 + distance_us) / 32)
        };
        self.state = Some((arrival_us, placed_us, usual_us));
        placed_us
    }
}

#[cfg(test)]
mod tests {
    use super::super::direct::next_read_us;
    use super::*;

    fn settled() -> CameraClock {
        CameraClock { settled: true, ..CameraClock::default() }
    }

    #[test]
    fn a_cameras_clock_is_smooth_and_follows_jumps() {
        let mut clock = settled();
        assert_eq!(clock.place(Some(0), 10_000_000), 10_000_000);
        assert_eq!(clock.place(Some(40_000), 10_090_000), 10_040_000, "late arrival: the camera's distance counts");
        assert_eq!(clock.place(Some(80_000), 10_070_000), 10_070_000, "earlier than expected: the picture was not taken after it came");
        assert_eq!(clock.place(Some(120_000), 10_140_000), 10_110_000);
        assert_eq!(clock.place(Some(-5_000_000), 10_180_000), 10_180_000, "the camera's clock went back");
        assert_eq!(clock.place(Some(-4_000_000), 14_180_000), 14_180_000, "pictures were missing");
    }

    #[test]
    fn pictures_held_up_at_the_start_stay_apart_while_their_time_is_set_right() {
        let mut clock = settled();
        let held_up = |i: u64| if i < 10 { 10_680_000 } else { 10_280_000 + i * 40_000 };
        let times: Vec<u64> = (0..100).map(|i| clock.place(Some(i as i64 * 40_000), held_up(i))).collect();
        assert!(times.windows(2).all(|pair| (30_000..=40_000).contains(&(pair[1] - pair[0]))), "{times:?}");
        assert_eq!(times[99], held_up(99));
    }

    /// Pictures 40 ms apart, read every `read_us`, whose timestamps are `stamp` of their number: greatest error against the times they were
    /// taken, shortest and longest distance, from the 40th second to the 60th.
    fn follow(read_us: u64, stamp: &dyn Fn(i64) -> Option<i64>) -> (u64, u64, u64) {
        let mut clock = settled();
        let taken = |i: i64| 50_000_000 + i as u64 * 40_000;
        let times: Vec<u64> = (0..1500).map(|i| clock.place(stamp(i), taken(i).next_multiple_of(read_us))).collect();
        let error = (1000..1500).map(|i| times[i].abs_diff(taken(i as i64))).max().unwrap();
        let distances = || times.windows(2).skip(1000).map(|pair| pair[1].saturating_sub(pair[0]));
        (error, distances().min().unwrap(), distances().max().unwrap())
    }

    #[test]
    fn a_clock_that_is_slow_fast_still_or_missing_gives_true_times_all_the_same() {
        type Stamp = fn(i64) -> Option<i64>;
        let stamps: [(&str, Stamp); 13] = [
            ("right", |i| Some(i * 40_000)),
            ("1 % slow", |i| Some(i * 39_600)),
            ("1 % fast", |i| Some(i * 40_400)),
            ("10 % slow", |i| Some(i * 36_000)),
            ("10 % fast", |i| Some(i * 44_000)),
            ("0.01 % slow", |i| Some(i * 39_996)),
            ("whole seconds", |i| Some(i * 40_000 / 1_000_000 * 1_000_000)),
            ("still", |_| Some(0)),
            ("missing", |_| None),
            ("now and then missing", |i| (i % 7 != 0).then_some(i * 40_000)),
            ("anything", |i| Some(i * 7_919_000 % 100_000_000)),
            ("half as fast", |i| Some(i * 20_000)),
            ("twice as fast", |i| Some(i * 80_000)),
        ];
        for (name, stamp) in stamps {
            for read_us in [100_000, 200_000] {
                let (error, shortest, longest) = follow(read_us, &stamp);
                assert!(
                    error <= 400_000 && shortest >= 1_000 && longest <= 160_000,
                    "{name}, read every {read_us} us: error {error}, distances {shortest} to {longest}"
                );
            }
        }
    }

    #[test]
    fn pictures_out_of_order_never_meet_while_their_time_is_set_right() {
        for late_us in [40_000, 80_000, 160_000, 300_000] {
            for early in [true, false] {
                let mut clock = settled();
                // Two B-frames after each other picture, in the order of decoding; from the 20th group on all arrive earlier, or later.
                let order = (0..200_u64).flat_map(|group| [group * 3 + 3, group * 3 + 1, group * 3 + 2]).enumerate();
                let mut shown: Vec<(u64, u64)> = order
                    .map(|(sent, number)| {
                        let late_us = if (sent < 60) == early { late_us } else { 0 };
                        let arrival = (50_000_000 + sent as u64 * 40_000 + late_us).next_multiple_of(200_000);
                        (number, clock.place(Some(number as i64 * 40_000), arrival))
                    })
                    .collect();
                shown.sort_unstable();
                assert!(shown.windows(2).all(|pair| pair[1].1 > pair[0].1 + 10_000), "{late_us} {early}: {shown:?}");
            }
        }
    }

    /// As [`super::super::direct`] reads: the time of a picture that is exactly as far apart as reads are, or a third of that, must not depend on chance, nor
    /// drift with the camera's clock.
    #[test]
    fn pictures_stand_where_they_were_taken_for_hours_whatever_the_distance_of_reads() {
        for (picture_us, of_a_million) in
            [(66_667, 0), (40_000, 0), (40_000, 50), (66_667, -50), (40_000, -50), (200_000, 0), (100_000, 50)]
        {
            let mut clock = settled();
            let mut read_us = 0;
            let mut worst = 0_i64;
            for i in 0..2 * 3_600_000_000 / picture_us {
                let taken = 50_000_000 + i * picture_us;
                while read_us < taken {
                    read_us = next_read_us(read_us.max(taken - picture_us), 200_000);
                }
                let passed = (i * picture_us) as i64;
                let placed = clock.place(Some(passed + passed / 1_000_000 * of_a_million), read_us);
                if i * picture_us > 30_000_000 {
                    let off = placed as i64 - taken as i64;
                    worst = if off.abs() > worst.abs() { off } else { worst };
                }
            }
            assert!(worst.abs() <= 15_000, "{picture_us} us, {of_a_million} of a million: {worst} us");
        }
    }

    #[test]
    fn b_frames_at_low_rates_and_pictures_that_gathered_leave_the_clock_believed() {
        for (fps, b_frames, of_a_million) in
            [(15, 3, 0), (15, 3, 50), (12, 2, 50), (12, 3, -50), (10, 2, 50), (10, 3, 0), (5, 2, 50), (25, 3, 50)]
        {
            let mut clock = settled();
            let (picture_us, mut read_us) = (1_000_000 / fps, 0);
            // Decoded and sent: the last of each group first.
            let order = (0..900 * fps / (b_frames + 1)).flat_map(|group| {
                let first = group * (b_frames + 1);
                std::iter::once(first + b_frames).chain(first..first + b_frames)
            });
            for (sent, shown) in (0..).zip(order) {
                let sent_us = 50_000_000 + sent * picture_us;
                while read_us < sent_us {
                    read_us = next_read_us(read_us.max(sent_us - picture_us.min(sent_us)), 200_000);
                }
                let pts_us = (shown * picture_us) as i64;
                clock.place(Some(pts_us + pts_us / 1_000_000 * of_a_million), read_us);
                assert!(clock.is_believed(), "{fps} a second, {b_frames} B-frames, {of_a_million}: picture {sent}");
            }
        }
        for fps in [1_u64, 2, 3, 5] {
            let mut clock = CameraClock::default();
            for i in 0..100 {
                let taken_us = 50_000_000 + i * 1_000_000 / fps;
                clock.place(Some((i * 1_000_000 / fps) as i64), taken_us.max(50_000_000 + 3_000_000 / fps).next_multiple_of(200_000));
                if i == 3 {
                    clock.settle();
                }
                assert!(clock.is_believed(), "{fps} a second: picture {i}");
            }
        }
    }

    #[test]
    fn a_short_hold_up_on_the_network_moves_nothing() {
        let mut clock = settled();
        for i in 0..500_u64 {
            let taken = 50_000_000 + i * 40_000;
            let arrival = if (200..215).contains(&i) { 58_600_000 } else { taken };
            assert_eq!(clock.place(Some(i as i64 * 40_000), arrival), taken, "{i}");
        }
    }
}
