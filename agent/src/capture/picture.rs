//! What a camera delivers.

use ffmpeg_next as ffmpeg;
use std::sync::Arc;

/// A picture and when it was taken.
#[derive(Clone)]
pub struct Frame {
    /// `CLOCK_BOOTTIME`, us.
    pub boottime_us: u64,
    /// The picture.
    pub picture: Picture,
}

/// A picture as pixels, or as the camera's own H.264.
#[derive(Clone)]
pub enum Picture {
    /// Pixels, to be scaled and encoded; several recordings may take the same.
    Raw(Arc<ffmpeg::frame::Video>),
    /// Passed through without transcoding.
    Encoded(Encoded),
}

/// One access unit of H.264 in Annex B or length-prefixed form.
#[derive(Clone)]
pub struct Encoded {
    /// Bytes of the access unit.
    pub data: Vec<u8>,
    /// `extradata` of the stream: Annex B parameter sets or an `avcC` record.
    pub extradata: Arc<[u8]>,
    /// Starts with a key frame.
    pub key: bool,
    /// Presentation minus decoding time, us; 0 without B-frames.
    pub composition_us: i64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Width to height of one pixel.
    pub pixel_aspect: (u32, u32),
}

impl Frame {
    /// Whether decoding can start here: any picture as pixels, key frames of H.264.
    pub fn starts_anew(&self) -> bool {
        match &self.picture {
            Picture::Raw(_) => true,
            Picture::Encoded(unit) => unit.key,
        }
    }
}
