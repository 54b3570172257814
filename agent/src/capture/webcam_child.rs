//! The webcam's child process: it alone touches the driver, which may hang with the device in hand, and it can be killed.
//!
//! It writes messages to standard output, each as a [`Header`] and the bytes; it ends when standard input closes, so that it never outlives the
//! agent. On Linux it speaks V4L2 itself, elsewhere nokhwa does (`docs/decisions/webcam-capture.md`).

mod offer;
mod portable;
#[cfg(target_os = "linux")]
mod v4l2;

#[cfg(not(target_os = "linux"))]
use portable as system;
#[cfg(target_os = "linux")]
use v4l2 as system;

use super::Wanted;
use crate::child;
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;

/// Bytes of a [`Header`].
pub const HEADER_LEN: usize = 32;
/// Largest picture, bytes: 4K in RGB.
pub const MAX_PICTURE: usize = 3840 * 2160 * 3;
const MAGIC: [u8; 4] = *b"IVC1";

/// What a message is: a picture with this layout, or text.
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
    /// Not a picture: the reason, as text, why one that the camera delivered is not passed on.
    Damaged = 254,
    /// Not a picture: the reason, as text, why there will be none.
    Failure = 255,
}

impl Layout {
    const ALL: [Self; 8] = [Self::Yuyv, Self::Nv12, Self::Mjpeg, Self::Gray, Self::Rgb, Self::Bgr, Self::Damaged, Self::Failure];

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| *layout as u8 == byte)
    }

    /// Each plane's rows as (bytes of one, how many); no rows for what is not made of any. Rows stand on the pipe without filling.
    pub fn planes(self, width: u32, height: u32) -> [(usize, usize); 2] {
        let (width, height) = (width as usize, height as usize);
        match self {
            Self::Yuyv => [(width.div_ceil(2) * 4, height), (0, 0)],
            Self::Nv12 => [(width, height), (width.div_ceil(2) * 2, height.div_ceil(2))],
            Self::Gray => [(width, height), (0, 0)],
            Self::Rgb | Self::Bgr => [(width * 3, height), (0, 0)],
            Self::Mjpeg | Self::Damaged | Self::Failure => [(0, 0); 2],
        }
    }
}

/// What stands before each message on the pipe.
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

/// The writing end of the pipe.
pub struct Pipe<W>(pub W);

impl<W: Write> Pipe<W> {
    /// Sends a picture as it lies in memory, without filling between its rows.
    pub fn picture(&mut self, layout: Layout, size: (u32, u32), boottime_us: u64, bytes: &[u8]) -> io::Result<()> {
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.0.write_all(&Header { layout, width: size.0, height: size.1, boottime_us, len }.to_bytes())?;
        self.0.write_all(bytes)?;
        self.0.flush()
    }

    /// Says that a picture came damaged; another may follow.
    pub fn damaged(&mut self, boottime_us: u64, reason: &str) -> io::Result<()> {
        self.picture(Layout::Damaged, (0, 0), boottime_us, reason.as_bytes())
    }

    /// Says why there will be no more pictures.
    pub fn failure(&mut self, reason: &str) -> io::Result<()> {
        self.picture(Layout::Failure, (0, 0), 0, reason.as_bytes())
    }
}

/// Delivers pictures until standard input closes, the camera fails or the reader goes away.
pub fn run(index: u32, wanted: Wanted) -> anyhow::Result<()> {
    child::end_with_parent();
    let mut out = Pipe(std::io::stdout().lock());
    let result = child::guarded("the camera's driver", AssertUnwindSafe(|| system::deliver(index, wanted, &mut out)));
    if let Err(error) = &result {
        out.failure(&format!("{error:#}"))?;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_pipe_and_rubbish_is_refused() {
        for layout in Layout::ALL {
            let header = Header { layout, width: 640, height: 480, boottime_us: 0x0102_0304_0506_0708, len: 460_800 };
            assert_eq!(Header::from_bytes(&header.to_bytes()), Some(header));
            let mut huge = header.to_bytes();
            huge[24] = 0xFF;
            assert_eq!(Header::from_bytes(&huge), None);
        }
        assert_eq!(Header::from_bytes(&[0; HEADER_LEN]), None);
    }
}
