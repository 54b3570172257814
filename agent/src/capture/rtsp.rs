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
    /// RTP packets that were lost and are not told of yet.
    lost: u64,
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
    /// Waits for something from the camera; pictures that are whole are put into `arrived`. Returns how many RTP packets were lost, as far as
    /// their numbers show it. An error ends the connection.
    fn read(&mut self, arrived: &mut Vec<Arrived>) -> Result<u64, Failure>;
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
    pub fn open(url: &str, wanted: Wanted, stop: &Stop) -> Result<Self, CameraError> {
        let name = Spec::Rtsp(url.to_owned()).to_string();
        let failed = |reason| CameraError::Open { camera: name.clone(), reason };
        let source: Box<dyn Source> = match Direct::open(url, stop).map_err(failed)? {
            Some(direct) => Box::new(direct),
            None => Box::new(Libav::open(url, stop).map_err(failed)?),
        };
        let other = Some((Zeroizing::new(url.to_owned()), stop.clone()));
        let (clock, order, pace) = (CameraClock::default(), Order::default(), Pace::new(wanted.fps));
        let mut camera = Self { name, source, other, clock, order, pace, ready: VecDeque::new(), lost: 0, failed: None };
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
        let reason = match (self.source.read(arrived), &self.other) {
            (Ok(lost), _) => {
                self.lost += lost;
                return;
            }
            (Err(Failure::Unreadable(reason)), Some((url, stop))) => {
                tracing::warn!(camera = self.name, reason, "this camera is not understood, going on with libavformat");
                match Libav::open(url, stop) {
                    Ok(libav) => {
                        (self.source, self.clock, self.order, self.other) =
                            (Box::new(libav), CameraClock::default(), Order::default(), None);
                        self.clock.settle();
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
            if let lost @ 1.. = std::mem::take(&mut self.lost) {
                let reason = format!("{lost} RTP packets were lost on the way, or the camera left them out");
                return Err(CameraError::Damaged { camera: self.name.clone(), reason });
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
