//! Decoding with one thread: a camera's pictures come one at a time, and a second thread would only hold more of them in memory.

use ffmpeg_next as ffmpeg;

/// A video decoder for a stream.
pub fn for_stream(parameters: ffmpeg::codec::Parameters) -> Result<ffmpeg::decoder::Video, ffmpeg::Error> {
    let mut context = ffmpeg::codec::Context::from_parameters(parameters)?;
    context.set_threading(ffmpeg::threading::Config::count(1));
    context.decoder().video()
}

/// Decoder of single JPEG pictures. A damaged one is an error and nothing more.
pub struct Jpeg(ffmpeg::decoder::Video);

impl Jpeg {
    /// Fails if the installed ffmpeg has no MJPEG decoder.
    pub fn new() -> Result<Self, ffmpeg::Error> {
        let codec = ffmpeg::decoder::find(ffmpeg::codec::Id::MJPEG).ok_or(ffmpeg::Error::DecoderNotFound)?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        context.set_threading(ffmpeg::threading::Config::count(1));
        Ok(Self(context.decoder().open_as(codec)?.video()?))
    }

    /// Decodes one picture. What stands behind the end of image is ignored: V4L2 hands out the whole buffer.
    pub fn decode(&mut self, jpeg: &[u8]) -> Result<ffmpeg::frame::Video, ffmpeg::Error> {
        let end = jpeg.windows(2).rposition(|pair| pair == [0xFF, 0xD9]).map_or(jpeg.len(), |at| at + 2);
        let mut frame = ffmpeg::frame::Video::empty();
        self.0.send_packet(&ffmpeg::Packet::copy(&jpeg[..end]))?;
        self.0.receive_frame(&mut frame)?;
        if frame.is_corrupt() || frame.has_decode_errors() { Err(ffmpeg::Error::InvalidData) } else { Ok(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<u8> {
        let image = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 3, y as u8 * 4, 90]));
        let mut bytes = Vec::new();
        image.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
        bytes
    }

    #[test]
    fn jpegs_decode_with_rubbish_behind_and_damage_is_an_error_that_passes() {
        let good = picture();
        let mut jpeg = Jpeg::new().unwrap();
        let mut padded = good.clone();
        padded.extend([0; 5000]);
        assert_eq!(jpeg.decode(&padded).unwrap().width(), 64);
        for cut in [3, 50, good.len() / 3] {
            let _ = jpeg.decode(&good[..cut]);
        }
        assert!(jpeg.decode(b"no picture at all").is_err());
        let frame = jpeg.decode(&good).unwrap();
        assert_eq!((frame.width(), frame.height()), (64, 48));
    }
}
