//! Pictures to H.264: scaled once, encoded once, in memory. H.264 from a camera passes through untouched.

mod choose;

pub use choose::{available, open as open_encoder};

use crate::capture::{Encoded, Frame, Picture};
use crate::ffi;
use ffmpeg::format::Pixel;
use ffmpeg::software::scaling;
use ffmpeg_next as ffmpeg;
use std::sync::Arc;

/// Longest distance between key frames, us: what a seek or a lost chunk can cost.
const KEY_EVERY_US: u64 = 4_000_000;

/// Why a picture could not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// libav refused.
    #[error("{attempt} failed: {source}")]
    Av {
        /// What was attempted.
        attempt: &'static str,
        /// libav's error.
        source: ffmpeg::Error,
    },
    /// Nothing that makes H.264.
    #[error("the installed ffmpeg offers no H.264 encoder that works here (tried {tried}): install libx264 or libopenh264")]
    NoEncoder {
        /// Names and errors.
        tried: String,
    },
}

fn av(attempt: &'static str) -> impl Fn(ffmpeg::Error) -> EncodeError {
    move |source| EncodeError::Av { attempt, source }
}

/// What to encode to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Pixels, even.
    pub width: u32,
    /// Pixels, even.
    pub height: u32,
    /// Pictures a second, nominal.
    pub fps: u32,
    /// Ceiling, kbit/s (1000 bit/s).
    pub max_kbits: u32,
}

/// An encoder for one camera. A picture of another shape than the one before (camera exchanged) starts a new stream.
pub struct Encoder {
    target: Target,
    /// Pictures a second that come at the moment: the ceiling is in proportion.
    fps: u32,
    open: Option<Open>,
}

struct Open {
    shape: Shape,
    encoder: ffmpeg::encoder::video::Encoder,
    scaler: Option<Scaler>,
    last_key_us: Option<u64>,
    no_extradata: Arc<[u8]>,
    pixel_aspect: (u32, u32),
}

struct Scaler {
    context: scaling::Context,
    output: ffmpeg::frame::Video,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    format: Pixel,
    width: u32,
    height: u32,
    aspect: ffmpeg::Rational,
}

impl Encoder {
    /// Opens nothing yet: the shape comes with the first picture.
    pub fn new(target: Target) -> Self {
        Self { target, fps: target.fps, open: None }
    }

    /// Encodes one picture; what comes out (usually one, none while an encoder gathers pictures) goes to `output` with its capture time. After an error
    /// the next picture starts a new stream.
    pub fn encode(&mut self, frame: Frame, output: &mut dyn FnMut(u64, Encoded)) -> Result<(), EncodeError> {
        let result = self.try_encode(frame, output);
        if result.is_err() {
            self.open = None;
        }
        result
    }

    fn try_encode(&mut self, frame: Frame, output: &mut dyn FnMut(u64, Encoded)) -> Result<(), EncodeError> {
        let picture = match frame.picture {
            Picture::Encoded(unit) => {
                output(frame.boottime_us, unit);
                return Ok(());
            }
            Picture::Raw(picture) => picture,
        };
        let shape = Shape { format: picture.format(), width: picture.width(), height: picture.height(), aspect: picture.aspect_ratio() };
        if self.open.as_ref().is_some_and(|open| open.shape != shape) {
            self.finish(output)?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let open = none.insert(Open::new(self.target, shape)?);
                ffi::set_ceiling(&mut open.encoder, choose::max_bits(self.target, self.fps));
                open
            }
        };
        let mut own;
        let input = match &mut open.scaler {
            Some(scaler) => {
                ffi::make_writable(&mut scaler.output).map_err(av("reusing a picture"))?;
                scaler.context.run(&picture, &mut scaler.output).map_err(av("scaling"))?;
                &mut scaler.output
            }
            // Copied only while another recording has it, too.
            None => {
                own = Arc::unwrap_or_clone(picture);
                &mut own
            }
        };
        input.set_pts(i64::try_from(frame.boottime_us).ok());
        let key = open.last_key_us.is_none_or(|last| frame.boottime_us >= last.saturating_add(KEY_EVERY_US));
        input.set_kind(if key { ffmpeg::picture::Type::I } else { ffmpeg::picture::Type::None });
        open.encoder.send_frame(input).map_err(av("encoding"))?;
        open.receive(self.target, output)
    }

    /// From now on so many pictures come a second: the ceiling falls and rises with them, without a new stream.
    pub fn set_fps(&mut self, fps: u32) {
        self.fps = fps.clamp(1, self.target.fps);
        if let Some(open) = &mut self.open {
            ffi::set_ceiling(&mut open.encoder, choose::max_bits(self.target, self.fps));
        }
    }

    /// The next picture becomes a key frame.
    pub fn begin_anew(&mut self) {
        if let Some(open) = &mut self.open {
            open.last_key_us = None;
        }
    }

    /// Gets out what the encoder still holds; the next picture starts a new stream.
    pub fn finish(&mut self, output: &mut dyn FnMut(u64, Encoded)) -> Result<(), EncodeError> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        open.encoder.send_eof().map_err(av("ending the stream"))?;
        open.receive(self.target, output)
    }
}

impl Open {
    fn new(target: Target, shape: Shape) -> Result<Self, EncodeError> {
        let fits = (shape.width, shape.height) == (target.width, target.height) && shape.format == Pixel::YUV420P;
        let scaler = if fits {
            None
        } else {
            let context = scaling::Context::get(
                shape.format,
                shape.width,
                shape.height,
                Pixel::YUV420P,
                target.width,
                target.height,
                scaling::Flags::BILINEAR,
            )
            .map_err(av("setting up scaling"))?;
            Some(Scaler { context, output: ffmpeg::frame::Video::new(Pixel::YUV420P, target.width, target.height) })
        };
        let (num, den) = pixel_aspect(target, shape);
        let encoder = open_encoder(target, (num, den))?;
        let pixel_aspect = (num.unsigned_abs(), den.unsigned_abs());
        Ok(Self { shape, encoder, scaler, last_key_us: None, no_extradata: Arc::from([]), pixel_aspect })
    }

    fn receive(&mut self, target: Target, output: &mut dyn FnMut(u64, Encoded)) -> Result<(), EncodeError> {
        let mut packet = ffmpeg::Packet::empty();
        loop {
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => {}
                Err(ffmpeg::Error::Eof | ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) => return Ok(()),
                Err(error) => return Err(av("encoding")(error)),
            }
            let (Some(data), Some(pts)) = (packet.data(), packet.pts().and_then(|pts| u64::try_from(pts).ok())) else { continue };
            if packet.is_key() {
                self.last_key_us = Some(pts);
            }
            let unit = Encoded {
                data: data.to_vec(),
                extradata: Arc::clone(&self.no_extradata),
                key: packet.is_key(),
                composition_us: 0,
                width: target.width,
                height: target.height,
                pixel_aspect: self.pixel_aspect,
            };
            output(pts, unit);
        }
    }
}

/// Aspect ratio of one pixel of the target so that the picture keeps its proportions whatever the camera's shape is.
fn pixel_aspect(target: Target, shape: Shape) -> (i32, i32) {
    let (num, den) = match (shape.aspect.numerator(), shape.aspect.denominator()) {
        (num, den) if num > 0 && den > 0 => (num as u64, den as u64),
        _ => (1, 1),
    };
    let (num, den) = (u64::from(shape.width) * num * u64::from(target.height), u64::from(shape.height) * den * u64::from(target.width));
    let divisor = gcd(num, den).max(1);
    match (i32::try_from(num / divisor), i32::try_from(den / divisor)) {
        (Ok(num), Ok(den)) if num > 0 && den > 0 => (num, den),
        _ => (1, 1),
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Target = Target { width: 640, height: 480, fps: 15, max_kbits: 300 };

    /// Noisy moving picture: hard to compress, so that the ceiling is really tested.
    fn picture(count: u64, format: Pixel, width: u32, height: u32) -> ffmpeg::frame::Video {
        let mut frame = ffmpeg::frame::Video::new(format, width, height);
        let mut seed = count.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for plane in 0..frame.planes() {
            for byte in frame.data_mut(plane).iter_mut() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = 100 + (seed >> 60) as u8 * 4;
            }
        }
        frame
    }

    fn encode(target: Target, count: u64, format: Pixel, width: u32, height: u32) -> Vec<(u64, Encoded)> {
        let mut encoder = Encoder::new(target);
        let mut units = Vec::new();
        for i in 0..count {
            let frame = Frame { boottime_us: 5_000_000 + i * 66_667, picture: Picture::Raw(picture(i, format, width, height).into()) };
            encoder.encode(frame, &mut |at, unit| units.push((at, unit))).unwrap();
        }
        encoder.finish(&mut |at, unit| units.push((at, unit))).unwrap();
        units
    }

    #[test]
    fn each_picture_keeps_its_time_the_rate_its_ceiling_and_key_frames_come_in_time() {
        let units = encode(TARGET, 20 * 15, Pixel::YUYV422, 320, 240);
        assert_eq!(units.len(), 300);
        assert!(units.iter().enumerate().all(|(i, (at, _))| *at == 5_000_000 + i as u64 * 66_667));
        let kbits = units.iter().map(|(_, unit)| unit.data.len() * 8).sum::<usize>() as f64 / 1000.0 / 20.0;
        assert!(kbits < 310.0, "{kbits} kbit/s");
        let keys: Vec<u64> = units.iter().filter(|(_, unit)| unit.key).map(|(at, _)| *at).collect();
        assert_eq!(keys[0], 5_000_000);
        assert!(keys.windows(2).all(|pair| pair[1] - pair[0] <= 4_100_000), "{keys:?}");
        assert!(keys.len() >= 5);
    }

    #[test]
    fn fewer_pictures_have_a_lower_ceiling_in_the_same_stream() {
        let mut encoder = Encoder::new(TARGET);
        let (mut at_us, mut kbits) = (5_000_000, Vec::new());
        for (fps, seconds) in [(15, 12), (5, 24), (15, 12)] {
            encoder.set_fps(fps);
            let mut bytes = 0;
            for _ in 0..u64::from(fps) * seconds {
                at_us += 1_000_000 / u64::from(fps);
                let frame = Frame { boottime_us: at_us, picture: Picture::Raw(picture(at_us, Pixel::YUV420P, 640, 480).into()) };
                encoder.encode(frame, &mut |_, unit| bytes += unit.data.len()).unwrap();
            }
            kbits.push(bytes as u64 * 8 / 1000 / seconds);
        }
        assert!(kbits[0] < 330 && kbits[2] < 330, "{kbits:?} kbit/s");
        assert!(kbits[1] < 130, "{kbits:?} kbit/s");
    }

    #[test]
    fn another_shape_starts_a_new_stream_without_losing_a_picture() {
        let mut encoder = Encoder::new(TARGET);
        let mut keys = Vec::new();
        for (i, (format, width, height)) in
            [(Pixel::NV12, 640, 480), (Pixel::NV12, 640, 480), (Pixel::YUV420P, 1280, 720), (Pixel::YUV420P, 640, 480)]
                .into_iter()
                .enumerate()
        {
            let frame = Frame { boottime_us: i as u64 * 66_667, picture: Picture::Raw(picture(i as u64, format, width, height).into()) };
            encoder.encode(frame, &mut |_, unit| keys.push(unit.key)).unwrap();
        }
        assert_eq!(keys, [true, false, true, true]);
    }

    #[test]
    fn proportions_are_kept() {
        let shape = |width, height| Shape { format: Pixel::NV12, width, height, aspect: ffmpeg::Rational(0, 1) };
        assert_eq!(pixel_aspect(TARGET, shape(1280, 720)), (4, 3));
        assert_eq!(pixel_aspect(TARGET, shape(320, 240)), (1, 1));
        assert_eq!(pixel_aspect(TARGET, shape(176, 144)), (11, 12));
    }
}
