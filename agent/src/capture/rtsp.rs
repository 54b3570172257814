//! IP cameras by RTSP over TCP. H.264 is passed through as it is; anything else is decoded, to be encoded again.

use super::{Camera, CameraError, Encoded, Frame, Pace, Picture, Stop, Wanted, decode, spec::Spec};
use crate::ffi;
use ffmpeg_next as ffmpeg;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest time that one call of libavformat may take, us.
const CALL_LIMIT_US: u64 = 8_000_000;
/// Distance between a camera's clock and arrival at which its clock is taken to have jumped, us.
const JUMP_US: u64 = 1_000_000;

/// An IP camera.
pub struct Rtsp {
    name: String,
    input: ffmpeg::format::context::Input,
    stream: usize,
    time_base: ffmpeg::Rational,
    deadline_us: Arc<AtomicU64>,
    clock: CameraClock,
    mode: Mode,
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
            ("fflags", "nobuffer"),
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
        Ok(Self { stream: stream.index(), time_base: stream.time_base(), deadline_us, clock: CameraClock::default(), mode, input, name })
    }

    fn micros(&self, ticks: i64) -> i64 {
        let (num, den) = (i128::from(self.time_base.numerator().max(1)), i128::from(self.time_base.denominator().max(1)));
        i64::try_from(i128::from(ticks) * num * 1_000_000 / den).unwrap_or(0)
    }
}

impl Camera for Rtsp {
    fn next(&mut self) -> Result<Frame, CameraError> {
        loop {
            self.deadline_us.store(invigil_clock::boottime_us() + CALL_LIMIT_US, Ordering::Relaxed);
            let mut packet = ffmpeg::Packet::empty();
            packet.read(&mut self.input).map_err(|e| CameraError::Read { camera: self.name.clone(), reason: e.to_string() })?;
            if packet.stream() != self.stream {
                continue;
            }
            let now = invigil_clock::boottime_us();
            let pts = packet.pts().or(packet.dts()).map(|pts| self.micros(pts));
            let boottime_us = pts.map_or(now, |pts| self.clock.boottime_us(pts, now));
            let composition_us = packet.pts().zip(packet.dts()).map_or(0, |(pts, dts)| self.micros(pts - dts).clamp(0, 2_000_000));
            match &mut self.mode {
                Mode::PassThrough { extradata, width, height } => {
                    if packet.is_corrupt() {
                        continue;
                    }
                    let Some(data) = packet.data() else { continue };
                    let unit = Encoded {
                        data: data.to_vec(),
                        extradata: Arc::clone(extradata),
                        key: packet.is_key(),
                        composition_us,
                        width: *width,
                        height: *height,
                        pixel_aspect: (1, 1),
                    };
                    return Ok(Frame { boottime_us, picture: Picture::Encoded(unit) });
                }
                Mode::Decode { decoder, pace } => {
                    let mut frame = ffmpeg::frame::Video::empty();
                    // A damaged packet costs its own picture, not the connection.
                    if decoder.send_packet(&packet).is_ok() && decoder.receive_frame(&mut frame).is_ok() && pace.wants(boottime_us) {
                        return Ok(Frame { boottime_us, picture: Picture::Raw(frame) });
                    }
                }
            }
        }
    }
}

/// Places the camera's timestamps on this machine's boot clock: the earliest arrival seen counts, because later ones were delayed by the network.
#[derive(Default)]
struct CameraClock {
    /// Boot time of the camera's time zero, us.
    zero_us: Option<i64>,
}

impl CameraClock {
    fn boottime_us(&mut self, pts_us: i64, arrival_us: u64) -> u64 {
        let arrival = i64::try_from(arrival_us).unwrap_or(i64::MAX);
        let zero = arrival.saturating_sub(pts_us);
        let kept = match self.zero_us {
            Some(old) if zero >= old && zero - old <= JUMP_US as i64 => old,
            _ => zero,
        };
        self.zero_us = Some(kept);
        u64::try_from(kept.saturating_add(pts_us)).unwrap_or(arrival_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cameras_clock_is_smooth_and_follows_jumps() {
        let mut clock = CameraClock::default();
        assert_eq!(clock.boottime_us(0, 10_000_000), 10_000_000);
        assert_eq!(clock.boottime_us(40_000, 10_090_000), 10_040_000, "late arrival: the camera's distance counts");
        assert_eq!(clock.boottime_us(80_000, 10_070_000), 10_070_000, "earlier than expected: never in the future");
        assert_eq!(clock.boottime_us(120_000, 10_140_000), 10_110_000);
        assert_eq!(clock.boottime_us(-5_000_000, 10_180_000), 10_180_000, "the camera's clock went back");
        assert_eq!(clock.boottime_us(-4_000_000, 14_180_000), 14_180_000, "pictures were missing");
    }
}
