//! Which H.264 encoder: chosen at run time from what the installed ffmpeg offers, x264 first.

use super::{EncodeError, Target};
use ffmpeg_next as ffmpeg;

/// In order of preference. Encoders that need hardware frames are not here.
const ENCODERS: [&str; 7] = ["libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "h264_nvenc", "h264_qsv", "h264_v4l2m2m"];

/// Names of the encoders that the installed ffmpeg knows, best first. Whether one works shows when it is opened.
pub fn available() -> Vec<&'static str> {
    ENCODERS.into_iter().filter(|name| ffmpeg::encoder::find_by_name(name).is_some()).collect()
}

/// Ceiling at so many pictures a second, bit/s. Container, seals and signatures take their share of it, and x264 may overdraw it a little on noise.
pub(super) fn max_bits(target: Target, fps: u32) -> usize {
    (target.max_kbits as usize * 940 * fps as usize / (target.fps as usize).max(1)).max(30_000)
}

/// Opens the best encoder that works.
pub fn open(target: Target, pixel_aspect: (i32, i32)) -> Result<ffmpeg::encoder::video::Encoder, EncodeError> {
    let mut tried = Vec::new();
    for name in available() {
        match open_named(name, target, pixel_aspect) {
            Ok(encoder) => {
                tracing::debug!(encoder = name, "encoder opened");
                return Ok(encoder);
            }
            Err(error) => tried.push(format!("{name}: {error}")),
        }
    }
    if tried.is_empty() {
        tried.push("none is compiled in".into());
    }
    Err(EncodeError::NoEncoder { tried: tried.join(", ") })
}

fn open_named(name: &str, target: Target, pixel_aspect: (i32, i32)) -> Result<ffmpeg::encoder::video::Encoder, ffmpeg::Error> {
    let codec = ffmpeg::encoder::find_by_name(name).ok_or(ffmpeg::Error::EncoderNotFound)?;
    let mut context = ffmpeg::codec::Context::new_with_codec(codec);
    context.set_threading(ffmpeg::threading::Config::count(1));
    let mut video = context.encoder().video()?;
    video.set_width(target.width);
    video.set_height(target.height);
    video.set_format(ffmpeg::format::Pixel::YUV420P);
    video.set_time_base((1, 1_000_000));
    video.set_frame_rate(Some((i32::try_from(target.fps).unwrap_or(15), 1)));
    video.set_aspect_ratio(pixel_aspect);
    video.set_max_b_frames(0);
    // The encoder forces key frames by time; this is its own bound, in pictures, should the camera's rate be right.
    video.set_gop(target.fps.saturating_mul(4));
    let max_bits = max_bits(target, target.fps);
    let mut options = ffmpeg::Dictionary::new();
    if name == "libx264" {
        video.set_max_bit_rate(max_bits);
        // One second of buffer: the ceiling holds over every second or so, not only on average.
        options.set("bufsize", &max_bits.to_string());
        for (key, value) in [("preset", "superfast"), ("tune", "zerolatency"), ("crf", "23"), ("forced-idr", "1")] {
            options.set(key, value);
        }
    } else {
        video.set_bit_rate(max_bits * 9 / 10);
        video.set_max_bit_rate(max_bits);
        if name == "libopenh264" {
            options.set("allow_skip_frames", "1");
            options.set("rc_mode", "bitrate");
        }
    }
    video.open_as_with(codec, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_works_is_x264_where_it_is_installed() {
        let names = available();
        if ffmpeg::encoder::find_by_name("libx264").is_some() {
            assert_eq!(names[0], "libx264");
        }
        open(Target { width: 640, height: 480, fps: 15, max_kbits: 300 }, (1, 1)).unwrap();
    }
}
