//! CMAF boxes (ISO/IEC 23000-19, 14496-12), written directly: an initialisation section and one fragment of one video track.
//!
//! libavformat's muxer makes the same boxes, but it decides itself when a fragment ends and what its first decoding time is; written here,
//! both are arguments, and nothing is buffered.

use super::h264::ParameterSets;

/// Ticks of media time a second.
pub const TIMESCALE: u64 = 90_000;

/// Media time of a boot time, in ticks after the run's origin.
pub fn ticks(since_origin_us: u64) -> u64 {
    since_origin_us * 9 / 100
}

/// What the initialisation section says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Parameter sets.
    pub sets: ParameterSets,
    /// Coded pixels.
    pub width: u32,
    /// Coded pixels.
    pub height: u32,
    /// Width to height of one pixel.
    pub pixel_aspect: (u32, u32),
}

/// A picture in a fragment.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Length-prefixed NAL units.
    pub data: Vec<u8>,
    /// Key frame.
    pub key: bool,
    /// Ticks.
    pub duration: u32,
    /// Presentation minus decoding time, ticks.
    pub composition: i32,
}

/// The initialisation section: `ftyp`, `moov`.
pub fn init(config: &Config) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    boxed(&mut out, b"ftyp", |out| {
        out.extend(b"iso6\0\0\0\0iso6cmfcmp41");
    });
    boxed(&mut out, b"moov", |out| {
        full(out, b"mvhd", 0, 0, |out| {
            words(out, &[0, 0, TIMESCALE as u32, 0, 0x0001_0000]);
            out.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            matrix(out);
            words(out, &[0, 0, 0, 0, 0, 0, 2]);
        });
        boxed(out, b"trak", |out| track(out, config));
        boxed(out, b"mvex", |out| full(out, b"trex", 0, 0, |out| words(out, &[1, 1, 0, 0, 0])));
    });
    // mvhd above: rate 1.0, then volume, reserved; see the field list in 14496-12, 8.2.2.
    out
}

fn track(out: &mut Vec<u8>, config: &Config) {
    let (num, den) = config.pixel_aspect;
    let shown = u64::from(config.width) * u64::from(num.max(1)) / u64::from(den.max(1));
    full(out, b"tkhd", 0, 3, |out| {
        words(out, &[0, 0, 1, 0, 0, 0, 0, 0, 0]);
        matrix(out);
        words(out, &[u32::try_from(shown).unwrap_or(0xFFFF) << 16, config.height << 16]);
    });
    boxed(out, b"mdia", |out| {
        full(out, b"mdhd", 0, 0, |out| words(out, &[0, 0, TIMESCALE as u32, 0, 0x55C4_0000]));
        full(out, b"hdlr", 0, 0, |out| {
            words(out, &[0]);
            out.extend(b"vide\0\0\0\0\0\0\0\0\0\0\0\0video\0");
        });
        boxed(out, b"minf", |out| {
            full(out, b"vmhd", 0, 1, |out| words(out, &[0, 0]));
            boxed(out, b"dinf", |out| {
                full(out, b"dref", 0, 0, |out| {
                    words(out, &[1]);
                    full(out, b"url ", 0, 1, |_| {});
                });
            });
            boxed(out, b"stbl", |out| {
                full(out, b"stsd", 0, 0, |out| {
                    words(out, &[1]);
                    sample_entry(out, config);
                });
                full(out, b"stts", 0, 0, |out| words(out, &[0]));
                full(out, b"stsc", 0, 0, |out| words(out, &[0]));
                full(out, b"stsz", 0, 0, |out| words(out, &[0, 0]));
                full(out, b"stco", 0, 0, |out| words(out, &[0]));
            });
        });
    });
}

fn sample_entry(out: &mut Vec<u8>, config: &Config) {
    boxed(out, b"avc1", |out| {
        words(out, &[0, 1, 0, 0, 0, 0]);
        out.extend(u16::try_from(config.width).unwrap_or(u16::MAX).to_be_bytes());
        out.extend(u16::try_from(config.height).unwrap_or(u16::MAX).to_be_bytes());
        words(out, &[0x0048_0000, 0x0048_0000, 0]);
        out.extend(1_u16.to_be_bytes());
        out.extend([0; 32]);
        out.extend([0, 0x18, 0xFF, 0xFF]);
        boxed(out, b"avcC", |out| out.extend(config.sets.avcc()));
        if config.pixel_aspect.0 != config.pixel_aspect.1 {
            boxed(out, b"pasp", |out| words(out, &[config.pixel_aspect.0, config.pixel_aspect.1]));
        }
    });
}

/// One fragment: `moof`, `mdat`. `number` counts fragments of the run, `decode_time` is the first sample's in ticks.
pub fn fragment(number: u32, decode_time: u64, samples: &[Sample]) -> Vec<u8> {
    let payload: usize = samples.iter().map(|sample| sample.data.len()).sum();
    let mut out = Vec::with_capacity(payload + 128 + samples.len() * 16);
    let with_composition = samples.iter().any(|sample| sample.composition != 0);
    let mut data_offset_at = 0;
    boxed(&mut out, b"moof", |out| {
        full(out, b"mfhd", 0, 0, |out| words(out, &[number]));
        boxed(out, b"traf", |out| {
            // default-base-is-moof
            full(out, b"tfhd", 0, 0x02_0000, |out| words(out, &[1]));
            full(out, b"tfdt", 1, 0, |out| out.extend(decode_time.to_be_bytes()));
            // data offset; duration, size, flags of each sample; composition offset if any
            full(out, b"trun", 1, 0x701 | if with_composition { 0x800 } else { 0 }, |out| {
                words(out, &[u32::try_from(samples.len()).unwrap_or(u32::MAX)]);
                data_offset_at = out.len();
                words(out, &[0]);
                for sample in samples {
                    // 14496-12, 8.8.3.1: depends on no other, or depends on others and is no sync sample
                    let flags = if sample.key { 0x0200_0000 } else { 0x0101_0000 };
                    words(out, &[sample.duration, u32::try_from(sample.data.len()).unwrap_or(u32::MAX), flags]);
                    if with_composition {
                        out.extend(sample.composition.to_be_bytes());
                    }
                }
            });
        });
    });
    let data_offset = u32::try_from(out.len() + 8).unwrap_or(u32::MAX);
    out[data_offset_at..data_offset_at + 4].copy_from_slice(&data_offset.to_be_bytes());
    boxed(&mut out, b"mdat", |out| samples.iter().for_each(|sample| out.extend(&sample.data)));
    out
}

pub(super) fn boxed(out: &mut Vec<u8>, kind: &[u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend([0; 4]);
    out.extend(kind);
    body(out);
    let len = u32::try_from(out.len() - at).unwrap_or(u32::MAX);
    out[at..at + 4].copy_from_slice(&len.to_be_bytes());
}

pub(super) fn full(out: &mut Vec<u8>, kind: &[u8; 4], version: u8, flags: u32, body: impl FnOnce(&mut Vec<u8>)) {
    boxed(out, kind, |out| {
        words(out, &[u32::from(version) << 24 | flags]);
        body(out);
    });
}

pub(super) fn words(out: &mut Vec<u8>, words: &[u32]) {
    words.iter().for_each(|word| out.extend(word.to_be_bytes()));
}

pub(super) fn matrix(out: &mut Vec<u8>) {
    words(out, &[0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000]);
}
