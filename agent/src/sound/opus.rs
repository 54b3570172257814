//! Opus by libavcodec (libopus): mono, 48 kHz, packets of 20 ms.

use ffmpeg::codec::{Context, Parameters};
use ffmpeg::format::sample::{Sample, Type};
use ffmpeg_next as ffmpeg;

/// Samples of a packet.
pub const PACKET: usize = 960;
/// bit/s: speech across a room, and more than its consonants.
const BITS: usize = 32_000;

/// Why sound cannot be encoded.
#[derive(Debug, thiserror::Error)]
pub enum OpusError {
    /// The installed ffmpeg has no libopus.
    #[error(
        "the installed ffmpeg has no Opus encoder: install one with libopus, in the version that the agent was built with (Debian 12: libavcodec59)"
    )]
    Missing,
    /// Opening or encoding failed.
    #[error("encoding Opus failed: {0}")]
    Codec(#[from] ffmpeg::Error),
}

/// An encoder. It has to stay on its thread.
pub struct Opus {
    encoder: ffmpeg::encoder::Audio,
    frame: ffmpeg::frame::Audio,
    ahead: u64,
    count: i64,
}

impl Opus {
    /// Opens the encoder.
    pub fn new() -> Result<Self, OpusError> {
        let codec = ffmpeg::encoder::find_by_name("libopus").ok_or(OpusError::Missing)?;
        let mut encoder = Context::new_with_codec(codec).encoder().audio()?;
        encoder.set_rate(48_000);
        encoder.set_channel_layout(ffmpeg::ChannelLayout::MONO);
        encoder.set_format(Sample::F32(Type::Packed));
        encoder.set_bit_rate(BITS);
        encoder.set_time_base((1, 48_000));
        let mut options = ffmpeg::Dictionary::new();
        options.set("application", "audio");
        options.set("frame_duration", "20");
        options.set("vbr", "constrained");
        let encoder = encoder.open_as_with(codec, options)?;
        // `OpusHead`: what the decoder gives of before the first sample stands at byte 10, little-endian (RFC 7845, 5.1).
        let head = crate::ffi::extradata(&Parameters::from(&encoder));
        let ahead = head.get(10..12).map_or(312, |bytes| u64::from(bytes[0]) | u64::from(bytes[1]) << 8);
        let mut frame = ffmpeg::frame::Audio::new(Sample::F32(Type::Packed), PACKET, ffmpeg::ChannelLayout::MONO);
        frame.set_rate(48_000);
        Ok(Self { encoder, frame, ahead, count: 0 })
    }

    /// By how many samples a decoder's output comes later than what went in.
    pub fn ahead(&self) -> u64 {
        self.ahead
    }

    /// Encodes [`PACKET`] samples (fewer are followed by silence): one packet.
    pub fn encode(&mut self, samples: &[f32]) -> Result<Vec<u8>, OpusError> {
        crate::ffi::make_audio_writable(&mut self.frame)?;
        let plane = self.frame.plane_mut::<f32>(0);
        let len = samples.len().min(plane.len());
        plane[..len].copy_from_slice(&samples[..len]);
        plane[len..].fill(0.0);
        self.frame.set_pts(Some(self.count));
        self.count += PACKET as i64;
        self.encoder.send_frame(&self.frame)?;
        let mut packet = ffmpeg::Packet::empty();
        self.encoder.receive_packet(&mut packet)?;
        Ok(packet.data().unwrap_or_default().to_vec())
    }
}
