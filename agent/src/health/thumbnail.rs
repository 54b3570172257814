//! A small JPEG of the picture every 5 s, to a spool thread of its own.

use super::tap::Due;
use super::watch::OUT_OF_SIGHT_US;
use crate::segment::{Fragment, Media};
use crate::spool::Message;
use ffmpeg::format::Pixel;
use ffmpeg::software::scaling;
use ffmpeg_next as ffmpeg;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// Distance, us.
const EVERY_US: u64 = 5_000_000;
/// Pixels.
const WIDTH: u32 = 160;
/// Of the JPEG, 1 to 100: 3 to 6 KB.
const QUALITY: u8 = 60;
/// Distance of pictures as long as it is not known, us.
const SPACING_US: u64 = 500_000;
/// A thumbnail is not said to stand for longer, us.
const LONGEST_US: u64 = 20_000_000;

/// Why a thumbnail was not made.
#[derive(Debug, thiserror::Error)]
enum ThumbnailError {
    #[error("scaling failed: {0}")]
    Scale(#[from] ffmpeg::Error),
    #[error("the JPEG encoder failed: {0}")]
    Jpeg(#[from] image::ImageError),
}

/// Makes one track's thumbnails.
pub struct Thumbnails {
    sender: SyncSender<Message>,
    due: Due,
    /// Longest distance of pictures that one can be made of, and when the last one was, us.
    spacing_us: u64,
    seen_us: Option<u64>,
    scaler: Option<Scaler>,
    failing: bool,
}

struct Scaler {
    from: (Pixel, u32, u32, ffmpeg::Rational),
    context: scaling::Context,
    output: ffmpeg::frame::Video,
    media: Arc<Media>,
}

impl Thumbnails {
    /// To this spool thread.
    pub fn new(sender: SyncSender<Message>) -> Self {
        Self { sender, due: Due::every(EVERY_US), spacing_us: SPACING_US, seen_us: None, scaler: None, failing: false }
    }

    /// There is a picture of `at_us` that a thumbnail could be made of.
    pub(super) fn seen(&mut self, at_us: u64) {
        let distance_us = self.seen_us.replace(at_us).map_or(0, |seen_us| at_us.saturating_sub(seen_us));
        // After a loss of the camera there is no distance.
        if distance_us < OUT_OF_SIGHT_US {
            self.spacing_us = self.spacing_us.max(distance_us);
        }
    }

    /// Whether it would be taken.
    pub(super) fn wants(&self, at_us: u64) -> bool {
        self.due.is(at_us)
    }

    /// Takes a picture. Never blocks: while the disk is too slow for it there are no thumbnails.
    pub(super) fn take(&mut self, at_us: u64, picture: &ffmpeg::frame::Video) {
        self.due.done(at_us);
        // Until the next one, which may be late.
        let duration_us = (EVERY_US + self.spacing_us).min(LONGEST_US);
        match self.jpeg(picture) {
            Ok((media, bytes)) => {
                self.failing = false;
                let duration_us = u32::try_from(duration_us).unwrap_or(u32::MAX);
                let fragment = Fragment { media, bytes, boottime_us: at_us, duration_us, key: true, pictures: 1 };
                if self.sender.try_send(Message::Fragment(fragment)).is_err() {
                    tracing::debug!("a thumbnail was left out: the spool is busy");
                }
            }
            Err(error) if !std::mem::replace(&mut self.failing, true) => tracing::warn!(%error, "a thumbnail could not be made"),
            Err(_) => {}
        }
    }

    fn jpeg(&mut self, picture: &ffmpeg::frame::Video) -> Result<(Arc<Media>, Vec<u8>), ThumbnailError> {
        let from = (picture.format(), picture.width(), picture.height(), picture.aspect_ratio());
        if self.scaler.as_ref().is_none_or(|scaler| scaler.from != from) {
            self.scaler = Some(Scaler::new(from)?);
        }
        let Some(Scaler { context, output, media, .. }) = &mut self.scaler else { return Err(ffmpeg::Error::Bug.into()) };
        context.run(picture, output)?;
        let (width, height) = media.size();
        let (row, stride) = (width as usize * 3, output.stride(0));
        let mut rgb = Vec::with_capacity(row * height as usize);
        output.data(0).chunks(stride).take(height as usize).for_each(|line| rgb.extend_from_slice(&line[..row]));
        let mut bytes = Vec::with_capacity(8 << 10);
        JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode(&rgb, width, height, ExtendedColorType::Rgb8)?;
        Ok((Arc::clone(media), bytes))
    }
}

impl Scaler {
    fn new(from: (Pixel, u32, u32, ffmpeg::Rational)) -> Result<Self, ffmpeg::Error> {
        let height = height(from.1, from.2, from.3);
        let context = scaling::Context::get(from.0, from.1, from.2, Pixel::RGB24, WIDTH, height, scaling::Flags::AREA)?;
        let output = ffmpeg::frame::Video::new(Pixel::RGB24, WIDTH, height);
        Ok(Self { from, context, output, media: Arc::new(Media::Jpeg { width: WIDTH, height }) })
    }
}

/// Of a thumbnail that keeps the picture's proportions.
fn height(width: u32, height: u32, pixel: ffmpeg::Rational) -> u32 {
    let (num, den) = match (u64::try_from(pixel.numerator()), u64::try_from(pixel.denominator())) {
        (Ok(num), Ok(den)) if num > 0 && den > 0 => (num, den),
        _ => (1, 1),
    };
    let wanted = u64::from(WIDTH) * u64::from(height) * den / (u64::from(width) * num).max(1);
    u32::try_from(wanted).unwrap_or(u32::MAX).clamp(32, 320) & !1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    fn picture(format: Pixel, width: u32, height: u32) -> ffmpeg::frame::Video {
        let mut picture = ffmpeg::frame::Video::new(format, width, height);
        for plane in 0..picture.planes() {
            picture.data_mut(plane).fill(if plane == 0 { 120 } else { 128 });
        }
        picture
    }

    fn taken(message: Message) -> Fragment {
        match message {
            Message::Fragment(fragment) => fragment,
            Message::Pause => panic!("a thumbnail is no pause"),
        }
    }

    #[test]
    fn a_thumbnail_every_5_s_small_decodable_and_in_proportion() {
        let (sender, receiver) = sync_channel(8);
        let mut thumbnails = Thumbnails::new(sender);
        for i in 0..=225_u64 {
            let at_us = 7_000_000 + i * 66_667;
            thumbnails.seen(at_us);
            if thumbnails.wants(at_us) {
                thumbnails.take(at_us, &picture(Pixel::NV12, 640, 480));
            }
        }
        let made: Vec<Fragment> = receiver.try_iter().map(taken).collect();
        let times: Vec<u64> = made.iter().map(|fragment| (fragment.boottime_us - 7_000_000) / 100_000).collect();
        assert_eq!(times, [0, 50, 100, 150]);
        assert!(made.windows(2).all(|pair| Arc::ptr_eq(&pair[0].media, &pair[1].media)));
        let ends: Vec<u64> = made.iter().map(|fragment| fragment.boottime_us + u64::from(fragment.duration_us)).collect();
        assert!(made.iter().skip(1).zip(ends).all(|(next, end)| next.boottime_us <= end), "each stands until the next");
        for fragment in &made {
            let image = image::load_from_memory_with_format(&fragment.bytes, image::ImageFormat::Jpeg).unwrap().to_rgb8();
            assert_eq!((image.width(), image.height(), fragment.media.size()), (160, 120, (160, 120)));
            // Luma 120 of 16 to 235.
            assert!(image.pixels().all(|pixel| pixel.0.iter().all(|byte| byte.abs_diff(121) < 6)), "{:?}", image.get_pixel(0, 0));
        }
    }

    #[test]
    fn another_shape_is_another_media_and_a_full_channel_costs_only_thumbnails() {
        let (sender, receiver) = sync_channel(2);
        let mut thumbnails = Thumbnails::new(sender);
        for (i, (format, width, height)) in
            [(Pixel::YUYV422, 1280, 720), (Pixel::RGB24, 640, 480), (Pixel::YUV420P, 320, 240)].into_iter().enumerate()
        {
            thumbnails.take(i as u64 * EVERY_US, &picture(format, width, height));
        }
        let sizes: Vec<_> = receiver.try_iter().map(taken).map(|fragment| fragment.media.size()).collect();
        assert_eq!(sizes, [(160, 90), (160, 120)]);
        assert_eq!(height(352, 288, ffmpeg::Rational(12, 11)), 120);
        assert_eq!(height(480, 4000, ffmpeg::Rational(0, 1)), 320);
    }
}
