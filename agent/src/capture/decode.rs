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
        let mut decoder = context.decoder();
        // Otherwise it fills in what it cannot decode and says nothing: with this it notices each lost, zeroed or cut off stretch of data.
        decoder.check(ffmpeg::decoder::Check::EXPLODE);
        Ok(Self(decoder.open_as(codec)?.video()?))
    }

    /// Decodes one picture. What stands behind the end of image is ignored: some systems hand out the whole buffer.
    pub fn decode(&mut self, jpeg: &[u8]) -> Result<ffmpeg::frame::Video, ffmpeg::Error> {
        let end = jpeg.windows(2).rposition(|pair| pair == [0xFF, 0xD9]).map_or(jpeg.len(), |at| at + 2);
        let mut frame = ffmpeg::frame::Video::empty();
        let sent = self.0.send_packet(&ffmpeg::Packet::copy(&jpeg[..end]));
        let decoded = sent.and_then(|()| self.0.receive_frame(&mut frame));
        if decoded.is_err() {
            self.0.flush();
        }
        decoded?;
        if frame.is_corrupt() || frame.has_decode_errors() { Err(ffmpeg::Error::InvalidData) } else { Ok(frame) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With detail everywhere, as a sensor gives it.
    fn picture() -> Vec<u8> {
        let mut noise = 1_u32;
        let image = image::RgbImage::from_fn(320, 180, |x, y| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as u8;
            image::Rgb([(x / 2) as u8 + grain, y as u8 + grain, ((x * y) >> 8) as u8 + grain])
        });
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
        assert_eq!(jpeg.decode(&padded).unwrap().width(), 320);
        assert!(jpeg.decode(b"no picture at all").is_err() && jpeg.decode(&[]).is_err());
        let frame = jpeg.decode(&good).unwrap();
        assert_eq!((frame.width(), frame.height()), (320, 180));
    }

    #[test]
    fn lost_zeroed_and_cut_off_transfers_are_damage_wherever_they_are() {
        let good = picture();
        let mut jpeg = Jpeg::new().unwrap();
        for at in (700..good.len() - 600).step_by(101) {
            let lost = [&good[..at], &good[at + 512..]].concat();
            let mut zeroed = good.clone();
            zeroed[at..at + 512].fill(0);
            for (damage, damaged) in [("lost", lost.as_slice()), ("zeroed", &zeroed), ("cut off", &good[..at])] {
                assert!(jpeg.decode(damaged).is_err(), "512 bytes {damage} at {at} of {}", good.len());
            }
        }
        assert!(jpeg.decode(&good).is_ok());
    }
}
