//! What a sequence parameter set says of its pictures (H.264, 7.3.2.1.1 and annex E).

/// Shape and order of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Pixels, cropped.
    pub width: u32,
    /// Pixels, cropped.
    pub height: u32,
    /// Width to height of one pixel, if it is said.
    pub pixel_aspect: Option<(u32, u32)>,
    /// By how many pictures decoding may run ahead of presentation, if it is said; 0 without B-frames.
    pub reorder: Option<u32>,
    /// `chroma_format_idc`: 0 is grey, 1 is 4:2:0.
    pub chroma_format: u8,
    /// Bits of a luma sample beyond 8.
    pub luma_depth: u8,
    /// Bits of a chroma sample beyond 8.
    pub chroma_depth: u8,
}

/// Widths to heights by `aspect_ratio_idc` 1 to 16 (table E-1).
const ASPECTS: [(u32, u32); 16] = [
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];
/// Profiles whose sets say how colours are sampled.
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// Largest picture that is believed, pixels a side.
const MAX_SIDE: u32 = 16_384;

impl Shape {
    /// From a sequence parameter set with its one-byte header; nothing if it makes no sense.
    pub fn of(sps: &[u8]) -> Option<Self> {
        let bytes = without_emulation_prevention(sps.get(1..)?);
        let mut bits = Bits { bytes: &bytes, at: 0 };
        let profile = u8::try_from(bits.take(8)?).ok()?;
        bits.take(16)?;
        bits.ue()?;
        let (mut chroma_format, mut luma_depth, mut chroma_depth) = (1, 0, 0);
        if HIGH_PROFILES.contains(&profile) {
            chroma_format = bits.ue()?;
            if chroma_format == 3 {
                bits.take(1)?;
            }
            (luma_depth, chroma_depth) = (bits.ue()?, bits.ue()?);
            bits.take(1)?;
            if bits.flag()? {
                skip_scaling(&mut bits, if chroma_format == 3 { 12 } else { 8 })?;
            }
        }
        bits.ue()?;
        let order_type = bits.ue()?;
        match order_type {
            0 => {
                bits.ue()?;
            }
            1 => {
                bits.take(1)?;
                bits.ue()?;
                bits.ue()?;
                for _ in 0..bits.ue()?.min(255) {
                    bits.ue()?;
                }
            }
            _ => {}
        }
        bits.ue()?;
        bits.take(1)?;
        let (columns, rows) = (bits.ue()?.checked_add(1)?, bits.ue()?.checked_add(1)?);
        let fields = 2 - bits.take(1)?;
        if fields == 2 {
            bits.take(1)?;
        }
        bits.take(1)?;
        let (mut across, mut down) = (0, 0);
        if bits.flag()? {
            let unit = match chroma_format {
                1 => (2, 2 * fields),
                2 => (2, fields),
                _ => (1, fields),
            };
            across = bits.ue()?.checked_add(bits.ue()?)?.checked_mul(unit.0)?;
            down = bits.ue()?.checked_add(bits.ue()?)?.checked_mul(unit.1)?;
        }
        let width = columns.checked_mul(16)?.checked_sub(across)?;
        let height = rows.checked_mul(16 * fields)?.checked_sub(down)?;
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) || chroma_format > 3 || luma_depth.max(chroma_depth) > 6 {
            return None;
        }
        // Cameras cut this last part short now and then: what is there counts.
        let (mut pixel_aspect, mut said) = (None, None);
        if bits.flag() == Some(true) {
            let _ = usability(&mut bits, &mut pixel_aspect, &mut said);
        }
        let always_in_order = profile == 66 || order_type == 2;
        Some(Self {
            width,
            height,
            pixel_aspect,
            reorder: if always_in_order { Some(0) } else { said },
            chroma_format: chroma_format as u8,
            luma_depth: luma_depth as u8,
            chroma_depth: chroma_depth as u8,
        })
    }
}

/// Video usability information: pixel aspect and reordering out of it.
fn usability(bits: &mut Bits<'_>, pixel_aspect: &mut Option<(u32, u32)>, reorder: &mut Option<u32>) -> Option<()> {
    if bits.flag()? {
        let aspect = match bits.take(8)? {
            255 => Some((bits.take(16)?, bits.take(16)?)),
            index => usize::try_from(index).ok().and_then(|index| ASPECTS.get(index.checked_sub(1)?)).copied(),
        };
        *pixel_aspect = aspect.filter(|(width, height)| *width > 0 && *height > 0);
    }
    if bits.flag()? {
        bits.take(1)?;
    }
    if bits.flag()? {
        bits.take(4)?;
        if bits.flag()? {
            bits.take(24)?;
        }
    }
    if bits.flag()? {
        bits.ue()?;
        bits.ue()?;
    }
    if bits.flag()? {
        bits.take(65)?;
    }
    let mut has_buffer = false;
    for _ in 0..2 {
        if bits.flag()? {
            has_buffer = true;
            let count = bits.ue()?.min(31) + 1;
            bits.take(8)?;
            for _ in 0..count {
                bits.ue()?;
                bits.ue()?;
                bits.take(1)?;
            }
            bits.take(20)?;
        }
    }
    if has_buffer {
        bits.take(1)?;
    }
    bits.take(1)?;
    if bits.flag()? {
        bits.take(1)?;
        for _ in 0..4 {
            bits.ue()?;
        }
        *reorder = Some(bits.ue()?).filter(|count| *count <= 16);
    }
    Some(())
}

fn skip_scaling(bits: &mut Bits<'_>, lists: u32) -> Option<()> {
    for list in 0..lists {
        if bits.flag()? {
            let (mut last, mut next) = (8_i64, 8_i64);
            for _ in 0..if list < 6 { 16 } else { 64 } {
                if next != 0 {
                    let code = i64::from(bits.ue()?);
                    let delta = if code % 2 == 1 { code / 2 + 1 } else { -(code / 2) };
                    next = (last + delta).rem_euclid(256);
                }
                last = if next == 0 { last } else { next };
            }
        }
    }
    Some(())
}

fn without_emulation_prevention(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for byte in nal {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let bit = self.bytes.get(self.at / 8)? >> (7 - self.at % 8) & 1;
            value = value << 1 | u32::from(bit);
            self.at += 1;
        }
        Some(value)
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.take(1)? == 1)
    }

    /// Exp-Golomb code.
    fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}

/// Identifier of a parameter set: of itself for a sequence's, of itself for a picture's.
pub fn id(nal: &[u8]) -> Option<u32> {
    let start = match nal.first()? & 0x1F {
        7 => 4,
        8 => 1,
        _ => return None,
    };
    let bytes = without_emulation_prevention(nal.get(start..nal.len().min(start + 8))?);
    Bits { bytes: &bytes, at: 0 }.ue()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Target, open_encoder};
    use crate::segment::h264::ParameterSets;

    #[test]
    fn sets_of_real_cameras_are_read() {
        // As Reolink, Foscam and Vstarcam cameras and a streaming server announce them.
        for (text, size) in [
            ("67640033ace802800b59", (2560, 1440)),
            ("674d001f95a814016e40", (1280, 720)),
            ("674d002a9da81e0089f966e02020280000030008000003007c20", (1920, 1080)),
            ("6742c01ed903c56840000003004000000c03c58b92", (240, 160)),
        ] {
            let shape = Shape::of(&hex::decode(text).unwrap()).unwrap();
            assert_eq!((shape.width, shape.height, shape.chroma_format), (size.0, size.1, 1), "{text}");
        }
    }

    #[test]
    fn what_x264_writes_is_understood() {
        for (width, height, aspect) in [(640, 480, (1, 1)), (1920, 1080, (1, 1)), (704, 576, (16, 11)), (322, 182, (7, 5))] {
            let mut encoder = open_encoder(Target { width, height, fps: 15, max_kbits: 500 }, aspect).unwrap();
            let mut picture = ffmpeg_next::frame::Video::new(ffmpeg_next::format::Pixel::YUV420P, width, height);
            (0..3).for_each(|plane| picture.data_mut(plane).fill(128));
            picture.set_pts(Some(0));
            encoder.send_frame(&picture).unwrap();
            encoder.send_eof().unwrap();
            let mut packet = ffmpeg_next::Packet::empty();
            encoder.receive_packet(&mut packet).unwrap();
            let sets = ParameterSets::from_extradata(packet.data().unwrap());
            let shape = Shape::of(&sets.sps[0]).unwrap();
            assert_eq!((shape.width, shape.height), (width, height));
            if crate::encode::available()[0] == "libx264" {
                assert_eq!((shape.pixel_aspect, shape.reorder), (Some((aspect.0 as u32, aspect.1 as u32)), Some(0)));
            }
            assert_eq!((shape.chroma_format, shape.luma_depth, shape.chroma_depth), (1, 0, 0));
            assert_eq!((id(&sets.sps[0]), id(&sets.pps[0])), (Some(0), Some(0)));
        }
    }

    #[test]
    fn nonsense_gives_nothing_and_never_panics() {
        let good = [0x67, 0x42, 0x00, 0x1E, 0xA6, 0x80, 0xA0, 0x3D, 0xA1];
        for len in 0..good.len() {
            Shape::of(&good[..len]);
        }
        for byte in [0, 1, 3, 0x55, 0xFF] {
            for len in 0..64 {
                Shape::of(&vec![byte; len]);
                id(&vec![byte; len]);
            }
        }
        assert_eq!(Shape::of(&[0x67, 0x42, 0xC0, 0x1E, 1]), None);
    }
}
