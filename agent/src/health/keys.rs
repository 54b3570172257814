//! Decodes single key frames of a camera's own H.264, to be looked at. What is recorded is not touched.

use crate::capture::Encoded;
use crate::segment::h264::{ParameterSets, access_unit};
use ffmpeg_next as ffmpeg;

/// Decoder of key frames, each on its own.
pub struct KeyFrames {
    decoder: ffmpeg::decoder::Video,
    sets: ParameterSets,
}

impl KeyFrames {
    /// Fails if the installed ffmpeg has no H.264 decoder.
    pub fn new() -> Result<Self, ffmpeg::Error> {
        let codec = ffmpeg::decoder::find(ffmpeg::codec::Id::H264).ok_or(ffmpeg::Error::DecoderNotFound)?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        context.set_threading(ffmpeg::threading::Config::count(1));
        let mut decoder = context.decoder();
        // A fifth of the work, and nothing that a look or a thumbnail would show.
        decoder.skip_loop_filter(ffmpeg::Discard::All);
        Ok(Self { decoder: decoder.open_as(codec)?.video()?, sets: ParameterSets::default() })
    }

    /// The picture of a key frame; `None` if it cannot be decoded on its own.
    pub fn decode(&mut self, unit: &Encoded) -> Option<ffmpeg::frame::Video> {
        let access = access_unit(&unit.data, &unit.extradata);
        let found = [access.sets, ParameterSets::from_extradata(&unit.extradata)].into_iter().find(ParameterSets::complete);
        if let Some(sets) = found {
            self.sets = sets;
        }
        let mut data = Vec::with_capacity(access.data.len() + 256);
        for nal in self.sets.sps.iter().chain(&self.sets.pps) {
            data.extend([0, 0, 0, 1]);
            data.extend(nal);
        }
        let mut rest = access.data.as_slice();
        while let Some((len, tail)) = rest.split_first_chunk::<4>() {
            let (nal, tail) = tail.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
            data.extend([0, 0, 0, 1]);
            data.extend(nal);
            rest = tail;
        }
        let mut picture = ffmpeg::frame::Video::empty();
        // The end of the stream makes the decoder give the picture out; flushed, it begins anew.
        let decoded = self
            .decoder
            .send_packet(&ffmpeg::Packet::copy(&data))
            .and_then(|()| self.decoder.send_eof())
            .and_then(|()| self.decoder.receive_frame(&mut picture));
        self.decoder.flush();
        (decoded.is_ok() && !picture.is_corrupt() && !picture.has_decode_errors()).then_some(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Frame, Picture};
    use crate::encode::{Encoder, Target};
    use ffmpeg::format::Pixel;

    #[test]
    fn key_frames_decode_one_by_one_in_both_forms_and_rubbish_is_none() {
        let mut units = Vec::new();
        let mut encoder = Encoder::new(Target { width: 160, height: 120, fps: 15, max_kbits: 300 });
        for i in 0..130_u64 {
            let mut picture = ffmpeg::frame::Video::new(Pixel::YUV420P, 160, 120);
            picture.data_mut(0).fill(60 + i as u8);
            picture.data_mut(1).fill(128);
            picture.data_mut(2).fill(128);
            let frame = Frame { boottime_us: i * 66_667, picture: Picture::Raw(picture.into()) };
            encoder.encode(frame, &mut |_, unit| units.push(unit)).unwrap();
        }
        let mut keys = KeyFrames::new().unwrap();
        let lumas: Vec<u8> = units.iter().filter(|unit| unit.key).map(|unit| keys.decode(unit).unwrap().data(0)[0]).collect();
        assert_eq!(lumas.len(), 3);
        assert!(lumas.iter().zip([60, 120, 180]).all(|(luma, at)| luma.abs_diff(at) < 4), "{lumas:?}");

        // The same as an IP camera's library may deliver it: lengths before the units, parameter sets apart.
        let key = units.iter().find(|unit| unit.key).unwrap();
        let access = access_unit(&key.data, &key.extradata);
        let apart = Encoded { data: access.data, extradata: access.sets.avcc().into(), key: true, composition_us: 0, ..*key };
        assert!(KeyFrames::new().unwrap().decode(&apart).unwrap().data(0)[0].abs_diff(60) < 4);

        let other = units.iter().find(|unit| !unit.key).unwrap();
        assert!(KeyFrames::new().unwrap().decode(other).is_none());
        let rubbish = Encoded { data: vec![0, 0, 1, 0x65, 9, 9, 9], extradata: std::sync::Arc::from([]), ..*key };
        assert!(keys.decode(&rubbish).is_none());
        assert!(keys.decode(key).is_some(), "damage passes");
    }
}
