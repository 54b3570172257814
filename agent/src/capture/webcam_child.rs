//! The webcam's child process: it alone touches nokhwa and the driver, either of which may hang with the device in hand, and it can be killed.
//!
//! It writes pictures to standard output, each as a [`Header`] and the bytes; it ends when standard input closes, so that it never outlives the agent.

use super::{Pace, Wanted};
use anyhow::Context as _;
use nokhwa::pixel_format::{LumaFormat, RgbFormat};
use nokhwa::utils::{CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution};
use std::io::{Read, Write};

/// Bytes of a [`Header`].
pub const HEADER_LEN: usize = 32;
/// Largest picture, bytes: 4K in RGB.
pub const MAX_PICTURE: usize = 3840 * 2160 * 3;
const MAGIC: [u8; 4] = *b"IVC1";

/// Pixel layout of a picture on the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Layout {
    /// Packed 4:2:2.
    Yuyv = 1,
    /// 4:2:0 in two planes.
    Nv12 = 2,
    /// JPEG.
    Mjpeg = 3,
    /// Luma only.
    Gray = 4,
    /// 24-bit RGB.
    Rgb = 5,
    /// 24-bit BGR.
    Bgr = 6,
    /// Not a picture: the reason, as text, why there will be none.
    Failure = 255,
}

impl Layout {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Yuyv, Self::Nv12, Self::Mjpeg, Self::Gray, Self::Rgb, Self::Bgr, Self::Failure].into_iter().find(|l| *l as u8 == byte)
    }
}

/// What stands before each picture on the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How the bytes are to be read.
    pub layout: Layout,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// `CLOCK_BOOTTIME`, us; the clock is the same in both processes.
    pub boottime_us: u64,
    /// Bytes that follow.
    pub len: u32,
}

impl Header {
    /// As bytes.
    pub fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = self.layout as u8;
        bytes[8..12].copy_from_slice(&self.width.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.height.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.boottime_us.to_be_bytes());
        bytes[24..28].copy_from_slice(&self.len.to_be_bytes());
        bytes
    }

    /// From bytes; `None` if they are no header.
    pub fn from_bytes(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let layout = Layout::from_byte(bytes[4]).filter(|_| bytes[..4] == MAGIC)?;
        let header =
            Self { layout, width: word(8), height: word(12), boottime_us: u64::from(word(16)) << 32 | u64::from(word(20)), len: word(24) };
        (header.len as usize <= MAX_PICTURE).then_some(header)
    }
}

/// Delivers pictures until standard input closes, the camera fails or the reader goes away.
pub fn run(index: u32, wanted: Wanted) -> anyhow::Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let mut out = std::io::stdout().lock();
    let result = deliver(index, wanted, &mut out);
    if let Err(error) = &result {
        let text = format!("{error:#}");
        let header = Header { layout: Layout::Failure, width: 0, height: 0, boottime_us: 0, len: u32::try_from(text.len()).unwrap_or(0) };
        out.write_all(&header.to_bytes())?;
        out.write_all(text.as_bytes())?;
        out.flush()?;
    }
    result
}

fn deliver(index: u32, wanted: Wanted, out: &mut impl Write) -> anyhow::Result<()> {
    let mut camera = open(index, wanted)?;
    camera.open_stream().context("starting the stream failed")?;
    let mut pace = Pace::new(wanted.fps);
    loop {
        let buffer = camera.frame().context("reading a picture failed")?;
        let boottime_us = invigil_clock::boottime_us();
        if !pace.wants(boottime_us) {
            continue;
        }
        let layout = match buffer.source_frame_format() {
            FrameFormat::YUYV => Layout::Yuyv,
            FrameFormat::NV12 => Layout::Nv12,
            FrameFormat::MJPEG => Layout::Mjpeg,
            FrameFormat::GRAY => Layout::Gray,
            FrameFormat::RAWRGB => Layout::Rgb,
            FrameFormat::RAWBGR => Layout::Bgr,
        };
        let (size, bytes) = (buffer.resolution(), buffer.buffer());
        let header = Header { layout, width: size.width(), height: size.height(), boottime_us, len: u32::try_from(bytes.len())? };
        out.write_all(&header.to_bytes())?;
        out.write_all(bytes)?;
        out.flush()?;
    }
}

fn open(index: u32, wanted: Wanted) -> anyhow::Result<nokhwa::Camera> {
    plain_format_first(index, wanted);
    let index = CameraIndex::Index(index);
    let formats = [FrameFormat::YUYV, FrameFormat::NV12, FrameFormat::MJPEG, FrameFormat::RAWRGB, FrameFormat::RAWBGR, FrameFormat::GRAY];
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &formats);
    let mut camera = nokhwa::Camera::new(index, any).context("opening the camera failed")?;
    let offered = camera.compatible_camera_formats().unwrap_or_default();
    let best = offered.into_iter().filter(|offer| formats.contains(&offer.format())).min_by_key(|offer| distance(offer, wanted));
    if let Some(best) = best {
        // A driver may refuse what it lists; what it delivers then is scaled.
        if let Err(error) = camera.set_camera_requset(RequestedFormat::new::<RgbFormat>(RequestedFormatType::Exact(best))) {
            let gray = best.format() == FrameFormat::GRAY;
            if gray {
                camera.set_camera_requset(RequestedFormat::new::<LumaFormat>(RequestedFormatType::Exact(best))).ok();
            }
            tracing::debug!(%error, "the camera did not take its own format");
        }
    }
    Ok(camera)
}

/// How far an offer is from what is wanted: first the rate must suffice, then the size should be equal or the next larger, then the cheapest layout.
fn distance(offer: &CameraFormat, wanted: Wanted) -> (bool, bool, u64, u32, u32) {
    let Resolution { width_x, height_y } = offer.resolution();
    let (have, want) = (u64::from(width_x) * u64::from(height_y), u64::from(wanted.width) * u64::from(wanted.height));
    let cost = match offer.format() {
        FrameFormat::NV12 => 0,
        FrameFormat::YUYV => 1,
        FrameFormat::MJPEG => 2,
        FrameFormat::RAWRGB | FrameFormat::RAWBGR => 3,
        FrameFormat::GRAY => 4,
    };
    let too_slow = offer.frame_rate() < wanted.fps;
    (too_slow, have < want, have.abs_diff(want), cost, offer.frame_rate().abs_diff(wanted.fps))
}

/// nokhwa reads the device's present format before anything else and fails on one that it does not know, left there by another program.
#[cfg(target_os = "linux")]
fn plain_format_first(index: u32, wanted: Wanted) {
    use v4l::video::Capture as _;
    let Ok(device) = v4l::Device::new(index as usize) else { return };
    let Ok(present) = device.format() else { return };
    if ![*b"YUYV", *b"MJPG", *b"NV12"].contains(&present.fourcc.repr) {
        for fourcc in [b"YUYV", b"MJPG", b"NV12"] {
            let plain = v4l::Format::new(wanted.width, wanted.height, v4l::FourCC::new(fourcc));
            if device.set_format(&plain).is_ok_and(|set| set.fourcc.repr == *fourcc) {
                break;
            }
        }
    }
    // The driver's own default rate is a whole number; a fraction left by another program is not.
    let _ = device.set_params(&v4l::video::capture::Parameters::with_fps(wanted.fps.max(25)));
}

#[cfg(not(target_os = "linux"))]
fn plain_format_first(_index: u32, _wanted: Wanted) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_pipe_and_rubbish_is_refused() {
        let header = Header { layout: Layout::Nv12, width: 640, height: 480, boottime_us: 0x0102_0304_0506_0708, len: 460_800 };
        assert_eq!(Header::from_bytes(&header.to_bytes()), Some(header));
        assert_eq!(Header::from_bytes(&[0; HEADER_LEN]), None);
        let mut huge = header.to_bytes();
        huge[24] = 0xFF;
        assert_eq!(Header::from_bytes(&huge), None);
    }

    #[test]
    fn the_nearest_sufficient_format_is_chosen() {
        let wanted = Wanted { width: 640, height: 480, fps: 15 };
        let offer = |w, h, format, fps| CameraFormat::new(Resolution::new(w, h), format, fps);
        let offers = [
            offer(1920, 1080, FrameFormat::MJPEG, 30),
            offer(640, 480, FrameFormat::MJPEG, 30),
            offer(640, 480, FrameFormat::YUYV, 30),
            offer(640, 480, FrameFormat::YUYV, 10),
            offer(320, 240, FrameFormat::YUYV, 15),
        ];
        let best = offers.iter().min_by_key(|o| distance(o, wanted)).unwrap();
        assert_eq!((best.resolution().width(), best.format(), best.frame_rate()), (640, FrameFormat::YUYV, 30));
    }
}
