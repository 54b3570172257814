//! IP cameras by RTSP over TCP. H.264 is passed through as it is; anything else is decoded, to be encoded again.

use super::{Camera, CameraError, Encoded, Frame, Pace, Picture, Stop, Wanted, decode, spec::Spec};
use crate::ffi;
use crate::segment::h264;
use ffmpeg_next as ffmpeg;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest time that one call of libavformat may take, us.
const CALL_LIMIT_US: u64 = 8_000_000;
/// Distance between a camera's clock and arrival at which its clock is taken to have jumped, us.
const JUMP_US: u64 = 1_000_000;
/// A read that takes this long has waited for the camera: what had gathered while connecting is used up, us.
const LIVE_US: u64 = 5_000;
/// Distance of a picture without a timestamp to the next one, us.
const UNTIMED_US: u64 = 20_000;
/// Packets that may have gathered while connecting.
const GATHERED: usize = 200;

/// An IP camera.
pub struct Rtsp {
    name: String,
    input: ffmpeg::format::context::Input,
    stream: usize,
    time_base: ffmpeg::Rational,
    deadline_us: Arc<AtomicU64>,
    clock: CameraClock,
    mode: Mode,
    /// Whole pictures, with the camera's timestamps.
    ready: VecDeque<(Option<i64>, Frame)>,
    /// A picture that is whole when the next one begins: some cameras put parameter sets between its slices, and libavformat then cuts it there.
    held: Option<(Option<i64>, Frame)>,
    /// Why there will be no more, told after the last picture.
    failed: Option<CameraError>,
}

enum Mode {
    PassThrough { extradata: Arc<[u8]>, width: u32, height: u32 },
    Decode { decoder: ffmpeg::decoder::Video, pace: Pace },
}

impl Rtsp {
    /// Connects and waits for the stream's description.
    pub fn open(url: &str, wanted: Wanted, stop: &Stop) -> Result<Self, CameraError> {
        let name = Spec::Rtsp(url.to_owned()).to_string();
        // libavformat's messages may hold the URL: only the error's own text is passed on.
        let failed = |reason: String| CameraError::Open { camera: name.clone(), reason };
        let deadline_us = Arc::new(AtomicU64::new(invigil_clock::boottime_us() + CALL_LIMIT_US));
        let (deadline, stop) = (Arc::clone(&deadline_us), stop.clone());
        let mut options = ffmpeg::Dictionary::new();
        for (key, value) in [
            ("rtsp_transport", "tcp"),
            ("timeout", "5000000"),
            ("allowed_media_types", "video"),
            // What it reads while it looks at the stream must stay, a key frame is among it; and it need not measure the rate.
            ("fpsprobesize", "0"),
            ("analyzeduration", "2000000"),
        ] {
            options.set(key, value);
        }
        let interrupt = move || stop.is_stopped() || invigil_clock::boottime_us() > deadline.load(Ordering::Relaxed);
        let input = ffmpeg::format::input_with_interrupt_and_dictionary(url, interrupt, options).map_err(|e| failed(e.to_string()))?;
        let stream = input.streams().best(ffmpeg::media::Type::Video).ok_or_else(|| failed("it offers no video".into()))?;
        let parameters = stream.parameters();
        let mode = if parameters.id() == ffmpeg::codec::Id::H264 {
            let (width, height) = ffi::size(&parameters);
            Mode::PassThrough { extradata: ffi::extradata(&parameters).into(), width, height }
        } else {
            Mode::Decode { decoder: decode::for_stream(parameters).map_err(|e| failed(e.to_string()))?, pace: Pace::new(wanted.fps) }
        };
        let (stream, time_base) = (stream.index(), stream.time_base());
        let (clock, ready) = (CameraClock::default(), VecDeque::new());
        let mut camera = Self { name, input, stream, time_base, deadline_us, clock, mode, ready, held: None, failed: None };
        camera.settle();
        Ok(camera)
    }

    /// Takes what gathered while connecting. Its arrival says nothing; when the camera's clock is known by pictures that came live, it is dated by that.
    fn settle(&mut self) {
        for _ in 0..GATHERED {
            let before = invigil_clock::boottime_us();
            self.read();
            if self.failed.is_some() || invigil_clock::boottime_us() - before >= LIVE_US {
                break;
            }
        }
        self.clock.settled = true;
        // The very first picture may come without a timestamp: it stands just before the next one.
        let mut next_us = u64::MAX;
        for (pts, frame) in self.ready.iter_mut().chain(&mut self.held).rev() {
            let untimed_us = frame.boottime_us.min(next_us.saturating_sub(UNTIMED_US));
            frame.boottime_us = pts.and_then(|pts| self.clock.at(pts)).unwrap_or(untimed_us);
            next_us = frame.boottime_us;
        }
    }

    /// Reads one packet; pictures that are whole get ready.
    fn read(&mut self) {
        self.deadline_us.store(invigil_clock::boottime_us() + CALL_LIMIT_US, Ordering::Relaxed);
        let mut packet = ffmpeg::Packet::empty();
        if let Err(error) = packet.read(&mut self.input) {
            self.ready.extend(self.held.take());
            self.failed = Some(CameraError::Read { camera: self.name.clone(), reason: error.to_string() });
            return;
        }
        if packet.stream() != self.stream {
            return;
        }
        let now = invigil_clock::boottime_us();
        let pts = packet.pts().or(packet.dts()).map(|pts| self.micros(pts));
        let composition_us = packet.pts().zip(packet.dts()).map_or(0, |(pts, dts)| self.micros(pts - dts).clamp(0, 2_000_000));
        match &mut self.mode {
            Mode::PassThrough { extradata, width, height } => {
                let Some(data) = packet.data().filter(|_| !packet.is_corrupt()) else { return };
                if h264::continues_picture(data, extradata) {
                    if let Some((held_pts, Frame { picture: Picture::Encoded(unit), .. })) = &mut self.held {
                        *held_pts = held_pts.or(pts);
                        unit.data.extend(data);
                    }
                    return;
                }
                let unit = Encoded {
                    data: data.to_vec(),
                    extradata: Arc::clone(extradata),
                    key: packet.is_key(),
                    composition_us,
                    width: *width,
                    height: *height,
                    pixel_aspect: (1, 1),
                };
                self.ready.extend(self.held.take());
                let boottime_us = pts.map_or(now, |pts| self.clock.boottime_us(pts, now));
                self.held = Some((pts, Frame { boottime_us, picture: Picture::Encoded(unit) }));
            }
            Mode::Decode { decoder, pace } => {
                let boottime_us = pts.map_or(now, |pts| self.clock.boottime_us(pts, now));
                let mut frame = ffmpeg::frame::Video::empty();
                // A damaged packet costs its own picture, not the connection.
                if decoder.send_packet(&packet).is_ok() && decoder.receive_frame(&mut frame).is_ok() && pace.wants(boottime_us) {
                    self.ready.push_back((pts, Frame { boottime_us, picture: Picture::Raw(frame) }));
                }
            }
        }
    }

    fn micros(&self, ticks: i64) -> i64 {
        let (num, den) = (i128::from(self.time_base.numerator().max(1)), i128::from(self.time_base.denominator().max(1)));
        i64::try_from(i128::from(ticks) * num * 1_000_000 / den).unwrap_or(0)
    }
}

impl Camera for Rtsp {
    fn next(&mut self) -> Result<Frame, CameraError> {
        loop {
            if let Some((_, frame)) = self.ready.pop_front() {
                return Ok(frame);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            self.read();
        }
    }
}

/// Places the camera's timestamps on this machine's boot clock: the earliest arrival seen counts, because later ones were delayed by the network.
#[derive(Default)]
struct CameraClock {
    /// Boot time of the camera's time zero, us.
    zero_us: Option<i64>,
    /// Newest timestamp of the camera, us.
    newest_us: i64,
    /// Stamps are in use; before, nothing stands in the way of setting the zero right at once.
    settled: bool,
}

impl CameraClock {
    fn boottime_us(&mut self, pts_us: i64, arrival_us: u64) -> u64 {
        let arrival = i64::try_from(arrival_us).unwrap_or(i64::MAX);
        let zero = arrival.saturating_sub(pts_us);
        let passed = pts_us.saturating_sub(self.newest_us).max(0);
        let kept = match self.zero_us {
            Some(old) if old.abs_diff(zero) > JUMP_US => zero,
            Some(old) if !self.settled => zero.min(old),
            // Pictures that were held up come in a rush: they are brought forward bit by bit, so that they stay in order and apart.
            Some(old) => zero.max(old.saturating_sub(passed / 4)).min(old),
            None => zero,
        };
        self.newest_us = pts_us;
        self.zero_us = Some(kept);
        self.at(pts_us).unwrap_or(arrival_us)
    }

    fn at(&self, pts_us: i64) -> Option<u64> {
        self.zero_us.and_then(|zero| u64::try_from(zero.saturating_add(pts_us)).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cameras_clock_is_smooth_and_follows_jumps() {
        let mut clock = CameraClock { settled: true, ..CameraClock::default() };
        assert_eq!(clock.boottime_us(0, 10_000_000), 10_000_000);
        assert_eq!(clock.boottime_us(40_000, 10_090_000), 10_040_000, "late arrival: the camera's distance counts");
        assert_eq!(clock.boottime_us(80_000, 10_070_000), 10_070_000, "earlier than expected: the picture was not taken after it came");
        assert_eq!(clock.boottime_us(120_000, 10_140_000), 10_110_000);
        assert_eq!(clock.boottime_us(-5_000_000, 10_180_000), 10_180_000, "the camera's clock went back");
        assert_eq!(clock.boottime_us(-4_000_000, 14_180_000), 14_180_000, "pictures were missing");
    }

    #[test]
    fn pictures_held_up_at_the_start_stay_apart_while_their_time_is_set_right() {
        let mut clock = CameraClock { settled: true, ..CameraClock::default() };
        let held_up = |i: u64| if i < 10 { 10_680_000 } else { 10_280_000 + i * 40_000 };
        let times: Vec<u64> = (0..100).map(|i| clock.boottime_us(i as i64 * 40_000, held_up(i))).collect();
        assert!(times.windows(2).all(|pair| (30_000..=40_000).contains(&(pair[1] - pair[0]))), "{times:?}");
        assert_eq!(times[99], held_up(99));
    }
}
