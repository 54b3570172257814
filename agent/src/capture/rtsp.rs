//! IP cameras by RTSP over TCP. H.264 is passed through as it is, read by the crate `retina`; anything else is read and decoded by libav, to be encoded
//! again. libav also takes over where `retina`, which is strict, does not understand a camera.

mod clock;
mod direct;
mod libav;
mod order;

use super::{Camera, CameraError, Frame, Pace, Picture, Stop, Wanted, spec::Spec};
use crate::segment::h264::{self, ParameterSets};
use clock::CameraClock;
use direct::Direct;
use libav::Libav;
use order::Order;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zeroize::Zeroizing;

/// A read that takes this long has waited for the camera: what had gathered while connecting is used up, us.
const LIVE_US: u64 = 5_000;
/// Distance of a picture without a timestamp to the next one, us.
const UNTIMED_US: u64 = 20_000;
/// Greatest age of what had gathered, us.
const OLDEST_US: u64 = 20_000_000;
/// Reads that may bring what had gathered while connecting.
const GATHERED: usize = 200;

/// An IP camera.
pub struct Rtsp {
    name: String,
    source: Box<dyn Source>,
    /// With which libavformat takes over, once, where the other client does not understand the camera.
    other: Option<(Zeroizing<String>, Stop)>,
    clock: CameraClock,
    order: Order,
    pace: Pace,
    ready: VecDeque<Frame>,
    /// What came damaged, or did not come, and is not told of yet.
    damage: Option<String>,
    /// Pictures before the first key frame of the connection: nobody can decode them, whatever was recorded before it. `None` from that key frame on.
    before_key: Option<u64>,
    /// Kept from one life of the camera to the next.
    seat: Seat,
    /// Why there will be no more, told after the last picture.
    failed: Option<CameraError>,
}

/// A picture as it came: with the camera's timestamp.
struct Arrived {
    pts_us: Option<i64>,
    /// `CLOCK_BOOTTIME`.
    arrival_us: u64,
    picture: Picture,
}

/// A connection to a camera.
trait Source {
    /// Waits for something from the camera; pictures are put into `arrived`. Returns what is wrong with them, or missing among them, as far as it can be told.
    /// An error ends the connection.
    fn read(&mut self, arrived: &mut Vec<Arrived>) -> Result<Option<String>, Failure>;
}

/// What is known of an address from one life of its camera to the next: whether `retina` did not understand what it sent, so that libavformat reads it.
#[derive(Debug, Clone, Default)]
pub struct Seat(Arc<AtomicBool>);

/// A connection that has been given up, before there is another: some cameras serve one at a time.
struct Ended;

impl Source for Ended {
    fn read(&mut self, _: &mut Vec<Arrived>) -> Result<Option<String>, Failure> {
        Err(Failure::Gone("the connection was given up".into()))
    }
}

/// Why there is no more from a camera; the reason holds nothing of the URL.
enum Failure {
    /// The connection ended.
    Gone(String),
    /// The camera sent what this client does not understand; another may.
    Unreadable(String),
}

impl Rtsp {
    /// Connects and waits for the first pictures.
    pub fn open(url: &str, wanted: Wanted, stop: &Stop, seat: &Seat) -> Result<Self, CameraError> {
        let name = Spec::Rtsp(url.to_owned()).to_string();
        let failed = |reason| CameraError::Open { camera: name.clone(), reason };
        // For one life at a time: it may have been a single slip of the camera's.
        let direct = if seat.0.swap(false, Ordering::SeqCst) { None } else { Direct::open(url, stop).map_err(failed)? };
        let other = direct.is_some().then(|| (Zeroizing::new(url.to_owned()), stop.clone()));
        let source: Box<dyn Source> = match direct {
            Some(direct) => Box::new(direct),
            None => Box::new(Libav::open(url, stop).map_err(failed)?),
        };
        let (clock, order, pace) = (CameraClock::default(), Order::default(), Pace::new(wanted.fps));
        let (ready, before_key, seat) = (VecDeque::new(), Some(0), seat.clone());
        let mut camera = Self { name, source, other, clock, order, pace, ready, damage: None, before_key, seat, failed: None };
        camera.settle();
        Ok(camera)
    }

    /// Takes what gathered while connecting. Its arrival says nothing; when the camera's clock is known by pictures that came live, it is dated by that.
    fn settle(&mut self) {
        let (mut gathered, mut placed) = (Vec::new(), Vec::new());
        for _ in 0..GATHERED {
            let before = invigil_clock::boottime_us();
            self.read(&mut gathered);
            placed.extend(gathered[placed.len()..].iter().map(|one| self.clock.place(one.pts_us, one.arrival_us)));
            if self.failed.is_some() || invigil_clock::boottime_us() - before >= LIVE_US {
                break;
            }
        }
        self.clock.settle();
        // The very first picture may come without a timestamp: it stands just before the next one.
        let (mut next_us, mut next_pts_us) = (u64::MAX, None);
        for (one, placed_us) in gathered.iter().zip(&mut placed).rev() {
            let untimed_us = (*placed_us).min(next_us.saturating_sub(UNTIMED_US));
            // No picture was taken after it came, and no camera sends what is older than this.
            let possible_us = one.arrival_us.saturating_sub(OLDEST_US)..=one.arrival_us;
            let pts_us = one.pts_us.filter(|pts| Some(*pts) != next_pts_us);
            *placed_us = pts_us.and_then(|pts| self.clock.at(pts)).filter(|at| possible_us.contains(at)).unwrap_or(untimed_us);
            (next_us, next_pts_us) = (*placed_us, one.pts_us);
        }
        for (one, placed_us) in gathered.into_iter().zip(placed) {
            self.accept(one, placed_us);
        }
    }

    fn read(&mut self, arrived: &mut Vec<Arrived>) {
        let reason = match (self.source.read(arrived), self.other.take()) {
            (Ok(damage), other) => {
                (self.damage, self.other) = (damage.or(self.damage.take()), other);
                return;
            }
            (Err(Failure::Unreadable(reason)), Some((url, stop))) => {
                tracing::warn!(camera = self.name, reason, "this camera is not understood, going on with libavformat");
                // Where connecting takes too long for that, the next life of the camera begins with it.
                self.seat.0.store(true, Ordering::SeqCst);
                self.source = Box::new(Ended);
                match Libav::open(&url, &stop) {
                    Ok(libav) => {
                        (self.source, self.clock, self.order) = (Box::new(libav), CameraClock::default(), Order::default());
                        self.clock.settle();
                        self.before_key = Some(0);
                        self.damage =
                            Some(format!("the connection was made anew, because the camera sent what was not understood ({reason})"));
                        return;
                    }
                    Err(reason) => reason,
                }
            }
            (Err(Failure::Gone(reason) | Failure::Unreadable(reason)), _) => reason,
        };
        self.failed = Some(CameraError::Read { camera: self.name.clone(), reason });
    }

    /// A picture whose time is known gets ready.
    fn accept(&mut self, arrived: Arrived, boottime_us: u64) {
        let Arrived { pts_us, mut picture, .. } = arrived;
        match &mut picture {
            Picture::Encoded(unit) => {
                if let Some(count) = &mut self.before_key {
                    if !h264::begins(&unit.data, &unit.extradata, unit.key) {
                        *count += 1;
                        return;
                    }
                    self.before_key = None;
                }
                if unit.key {
                    let in_band = h264::leading_sets(&unit.data, &unit.extradata);
                    let sets = if in_band.sps.is_empty() { ParameterSets::from_extradata(&unit.extradata) } else { in_band };
                    self.order.expect(sets.shape().and_then(|shape| shape.reorder));
                }
                unit.composition_us = pts_us.filter(|_| self.clock.is_believed()).map_or(0, |pts| self.order.ahead_us(pts));
            }
            Picture::Raw(_) if !self.pace.wants(boottime_us) => return,
            Picture::Raw(_) => {}
        }
        self.ready.push_back(Frame { boottime_us, picture });
    }
}

impl Camera for Rtsp {
    fn next(&mut self) -> Result<Frame, CameraError> {
        let mut arrived = Vec::new();
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Ok(frame);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if let Some(reason) = self.damage.take() {
                return Err(CameraError::Damaged { camera: self.name.clone(), reason });
            }
            if let Some(count @ 1..) = self.before_key.as_mut().map(std::mem::take) {
                return Err(CameraError::BeforeKey { camera: self.name.clone(), count });
            }
            self.read(&mut arrived);
            for one in arrived.drain(..) {
                let boottime_us = self.clock.place(one.pts_us, one.arrival_us);
                self.accept(one, boottime_us);
            }
        }
    }

    fn next_batch(&mut self) -> Result<Vec<Frame>, CameraError> {
        let first = self.next()?;
        Ok(std::iter::once(first).chain(self.ready.drain(..)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Encoded;

    /// What a camera sends, read by read.
    struct Script(VecDeque<Vec<Arrived>>);

    impl Source for Script {
        fn read(&mut self, arrived: &mut Vec<Arrived>) -> Result<Option<String>, Failure> {
            arrived.extend(self.0.pop_front().ok_or_else(|| Failure::Gone("it is over".into()))?);
            Ok(None)
        }
    }

    fn camera(script: Vec<Vec<Arrived>>) -> Rtsp {
        let (clock, order, pace) = (CameraClock::default(), Order::default(), Pace::new(15));
        let (name, source) = ("camera".to_owned(), Box::new(Script(script.into())));
        let (ready, before_key, seat) = (VecDeque::new(), Some(0), Seat::default());
        Rtsp { name, source, other: None, clock, order, pace, ready, damage: None, before_key, seat, failed: None }
    }

    /// A slice of this kind (5 is an IDR picture's), with an `avcC` record without sets.
    fn slice(kind: u8, number: i64) -> Arrived {
        let picture = Picture::Encoded(Encoded {
            data: vec![0, 0, 0, 2, 0x60 | kind, 0x80],
            extradata: Arc::from([1, 66, 0, 30, 0xFF, 0xE0, 0]),
            key: kind == 5,
            composition_us: 0,
            width: 320,
            height: 180,
            pixel_aspect: (1, 1),
        });
        Arrived { pts_us: Some(number * 40_000), arrival_us: 9_000_000 + number.unsigned_abs() * 40_000, picture }
    }

    #[test]
    fn pictures_before_the_first_key_frame_of_a_connection_are_counted_and_not_handed_on() {
        let mut camera = camera(vec![vec![slice(1, 0), slice(1, 1)], vec![slice(1, 2)], vec![slice(5, 3), slice(1, 4)], vec![slice(1, 5)]]);
        assert!(matches!(camera.next(), Err(CameraError::BeforeKey { count: 2, .. })));
        assert!(matches!(camera.next(), Err(CameraError::BeforeKey { count: 1, .. })));
        let keys: Vec<bool> = std::iter::from_fn(|| camera.next().ok())
            .map(|frame| matches!(frame.picture, Picture::Encoded(Encoded { key: true, .. })))
            .collect();
        assert_eq!(keys, [true, false, false]);
        assert!(matches!(camera.next(), Err(CameraError::Read { .. })));
    }
}
