//! H.264 as MP4 wants it: NAL units with 4-byte lengths, parameter sets apart in an `avcC` record (ISO/IEC 14496-15).

use super::sps::{self, Shape};

/// Parameter sets of a stream: what a decoder must have before the first picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParameterSets {
    /// Sequence parameter sets.
    pub sps: Vec<Vec<u8>>,
    /// Picture parameter sets.
    pub pps: Vec<Vec<u8>>,
}

impl ParameterSets {
    /// From a stream's `extradata`, in either form; empty when it holds none.
    pub fn from_extradata(extradata: &[u8]) -> Self {
        let mut sets = Self::default();
        if extradata.first() == Some(&1) && extradata.len() > 6 {
            let mut rest = &extradata[5..];
            for is_sps in [true, false] {
                let Some((&count, tail)) = rest.split_first() else { break };
                rest = tail;
                for _ in 0..if is_sps { count & 0x1F } else { count } {
                    let Some((nal, tail)) = rest.split_first_chunk::<2>().and_then(|(len, tail)| {
                        let len = usize::from(u16::from_be_bytes(*len));
                        (tail.len() >= len).then(|| tail.split_at(len))
                    }) else {
                        return sets;
                    };
                    sets.add(nal);
                    rest = tail;
                }
            }
        } else {
            annex_b(extradata).for_each(|nal| sets.add(nal));
        }
        sets
    }

    /// Both kinds are there.
    pub fn complete(&self) -> bool {
        self.sps.iter().any(|sps| sps.len() >= 4) && !self.pps.is_empty()
    }

    /// Nothing is there.
    pub fn is_empty(&self) -> bool {
        self.sps.is_empty() && self.pps.is_empty()
    }

    /// These sets after `newer` ones came: each takes the place of the one with its identifier.
    #[must_use]
    pub fn replaced_by(mut self, newer: Self) -> Self {
        for (known, newer) in [(&mut self.sps, newer.sps), (&mut self.pps, newer.pps)] {
            for nal in newer {
                match known.iter_mut().find(|old| sps::id(old) == sps::id(&nal)) {
                    Some(old) => *old = nal,
                    None => known.push(nal),
                }
            }
        }
        self
    }

    /// What the first sequence parameter set says of the pictures.
    pub fn shape(&self) -> Option<Shape> {
        self.sps.first().and_then(|sps| Shape::of(sps))
    }

    fn add(&mut self, nal: &[u8]) {
        let list = match nal.first().map(|byte| byte & 0x1F) {
            Some(7) => &mut self.sps,
            Some(8) => &mut self.pps,
            _ => return,
        };
        if !list.iter().any(|known| known == nal) {
            list.push(nal.to_vec());
        }
    }

    /// RFC 6381 name, such as `avc1.64001e`.
    pub fn codec(&self) -> String {
        match self.sps.first().map(Vec::as_slice) {
            Some([_, profile, constraints, level, ..]) => format!("avc1.{profile:02x}{constraints:02x}{level:02x}"),
            _ => "avc1".into(),
        }
    }

    /// The `avcC` record (14496-15, 5.3.3.1) with 4-byte lengths.
    pub fn avcc(&self) -> Vec<u8> {
        let Some([_, profile, constraints, level, ..]) = self.sps.first().map(Vec::as_slice) else { return Vec::new() };
        let mut out = vec![1, *profile, *constraints, *level, 0xFF];
        for (list, mark) in [(&self.sps, 0xE0), (&self.pps, 0)] {
            let list = &list[..list.len().min(31)];
            out.push(mark | list.len() as u8);
            for nal in list {
                out.extend(u16::try_from(nal.len()).unwrap_or(u16::MAX).to_be_bytes());
                out.extend(&nal[..nal.len().min(usize::from(u16::MAX))]);
            }
        }
        if matches!(profile, 100 | 110 | 122 | 144) {
            // 4:2:0, 8 bits is what nearly every camera and our own encoder make.
            let (chroma, luma_depth, chroma_depth) =
                self.shape().map_or((1, 0, 0), |shape| (shape.chroma_format, shape.luma_depth, shape.chroma_depth));
            out.extend([0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0]);
        }
        out
    }
}

/// One access unit: length-prefixed NAL units, and the parameter sets that stood among them.
pub struct AccessUnit {
    /// Sample data for `mdat`.
    pub data: Vec<u8>,
    /// Parameter sets found in band.
    pub sets: ParameterSets,
    /// Holds a picture that decoding can start from (IDR).
    pub idr: bool,
    /// Holds a picture at all, or a part of one.
    pub picture: bool,
}

impl AccessUnit {
    /// What came on its own before a picture, and the picture.
    pub fn followed_by(mut self, next: Self) -> Self {
        self.data.extend(next.data);
        let sets = self.sets.replaced_by(next.sets);
        Self { data: self.data, sets, idr: self.idr || next.idr, picture: self.picture || next.picture }
    }
}

/// Splits an access unit in Annex B or, if `extradata` is an `avcC` record, in length-prefixed form.
pub fn access_unit(data: &[u8], extradata: &[u8]) -> AccessUnit {
    let mut unit = AccessUnit { data: Vec::with_capacity(data.len() + 16), sets: ParameterSets::default(), idr: false, picture: false };
    let mut take = |nal: &[u8]| match nal.first().map(|byte| byte & 0x1F) {
        Some(7 | 8) => unit.sets.add(nal),
        // Delimiters, ends of stream and filler have no place in MP4.
        None | Some(9..=12) => {}
        Some(kind) => {
            unit.idr |= kind == 5;
            unit.picture |= matches!(kind, 1..=5);
            if let Ok(len) = u32::try_from(nal.len()) {
                unit.data.extend(len.to_be_bytes());
                unit.data.extend(nal);
            }
        }
    };
    match extradata {
        [1, _, _, _, lengths, ..] => length_prefixed(data, usize::from(lengths & 3) + 1).for_each(&mut take),
        _ => annex_b(data).for_each(&mut take),
    }
    unit
}

/// [`access_unit`] of a unit that is given away: what is as MP4 wants it already is not copied.
pub fn into_access_unit(data: Vec<u8>, extradata: &[u8]) -> AccessUnit {
    let (mut length, mut idr, mut picture) = (0, false, false);
    if matches!(extradata, [1, _, _, _, lengths, ..] if lengths & 3 == 3) {
        for nal in length_prefixed(&data, 4) {
            match nal.first().map(|byte| byte & 0x1F) {
                None | Some(7..=12) => break,
                Some(kind) => {
                    idr |= kind == 5;
                    picture |= matches!(kind, 1..=5);
                }
            }
            length += 4 + nal.len();
        }
    }
    if length > 0 && length == data.len() {
        return AccessUnit { data, sets: ParameterSets::default(), idr, picture };
    }
    access_unit(&data, extradata)
}

/// Whether a unit holds no part of a picture: some cameras give parameter sets and messages an own timestamp; they belong to what follows.
pub fn is_prefix(data: &[u8], extradata: &[u8]) -> bool {
    let slice = |nal: &[u8]| nal.first().is_some_and(|head| matches!(head & 0x1F, 1..=5));
    match extradata {
        [1, _, _, _, lengths, ..] => !length_prefixed(data, usize::from(lengths & 3) + 1).any(slice),
        _ => !annex_b(data).any(slice),
    }
}

/// Whether decoding can begin with this unit (`marked` as a key frame or not): an IDR picture, or one that brings its parameter sets.
pub fn begins(data: &[u8], extradata: &[u8], marked: bool) -> bool {
    let begins = |nal: &[u8]| nal.first().is_some_and(|head| head & 0x1F == 5 || (marked && head & 0x1F == 7));
    match extradata {
        [1, _, _, _, lengths, ..] => length_prefixed(data, usize::from(lengths & 3) + 1).any(begins),
        _ => annex_b(data).any(begins),
    }
}

/// Parameter sets that stand before the first slice.
pub fn leading_sets(data: &[u8], extradata: &[u8]) -> ParameterSets {
    let mut sets = ParameterSets::default();
    let before = |nal: &&[u8]| !nal.first().is_some_and(|head| matches!(head & 0x1F, 1..=5));
    match extradata {
        [1, _, _, _, lengths, ..] => length_prefixed(data, usize::from(lengths & 3) + 1).take_while(before).for_each(|nal| sets.add(nal)),
        _ => annex_b(data).take_while(before).for_each(|nal| sets.add(nal)),
    }
    sets
}

/// Whether the first slice in `data` is not the first of its picture (`first_mb_in_slice` above 0; H.264, 7.3.3): what stands before belongs to it.
pub fn continues_picture(data: &[u8], extradata: &[u8]) -> bool {
    let later_slice = |nal: &[u8]| match nal {
        // An Exp-Golomb 0 is a single set bit.
        [head, first, ..] if matches!(head & 0x1F, 1 | 5) => Some(first & 0x80 == 0),
        _ => None,
    };
    match extradata {
        [1, _, _, _, lengths, ..] => length_prefixed(data, usize::from(lengths & 3) + 1).find_map(later_slice),
        _ => annex_b(data).find_map(later_slice),
    }
    .unwrap_or(false)
}

fn length_prefixed(mut rest: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, tail) = rest.split_at_checked(size)?;
        let len = len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        let (nal, tail) = tail.split_at_checked(len)?;
        rest = tail;
        Some(nal)
    })
}

/// NAL units between start codes, without trailing zeros.
fn annex_b(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut next = start_code(data, 0).map(|at| at + 3);
    std::iter::from_fn(move || {
        let begin = next?;
        let following = start_code(data, begin);
        next = following.map(|at| at + 3);
        let nal = &data[begin..following.unwrap_or(data.len())];
        Some(&nal[..nal.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1)])
    })
}

/// Position of the next `00 00 01`.
fn start_code(data: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        // The third byte decides how far to jump: only a 1 can end a start code, only a 0 can lie inside one.
        match data.get(at + 2)? {
            1 if data[at] == 0 && data[at + 1] == 0 => return Some(at),
            0 => at += 1,
            _ => at += 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPS: &[u8] = &[0x67, 0x64, 0x00, 0x1E, 0xAC];
    const PPS: &[u8] = &[0x68, 0xEB];
    const IDR: &[u8] = &[0x65, 1, 2, 0, 0, 3, 1, 9];

    #[test]
    fn a_later_slice_of_the_same_picture_is_told_apart() {
        let first = [0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0, 0, 1, 0x65, 0x88, 1];
        let later = [0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0, 0, 1, 0x65, 0x0D, 1];
        assert!(!continues_picture(&first, &[]));
        assert!(continues_picture(&later, &[]));
        assert!(continues_picture(&[0, 0, 0, 3, 0x41, 0x0D, 1], &[1, 0x42, 0xC0, 0x1E, 0xFF, 0xE0, 0]));
        assert!(!continues_picture(&[0, 0, 1, 0x67, 0x42, 0xC0, 0x1E], &[]), "no slice at all");
    }

    #[test]
    fn annex_b_and_length_prefixed_give_the_same() {
        let mut stream = vec![0, 0, 0, 1, 9, 0xF0];
        for nal in [SPS, PPS, IDR] {
            stream.extend([0, 0, 1]);
            stream.extend(nal);
        }
        let unit = access_unit(&stream, &[]);
        assert!(unit.idr);
        assert_eq!(unit.sets, ParameterSets { sps: vec![SPS.to_vec()], pps: vec![PPS.to_vec()] });
        let mut expected = vec![0, 0, 0, IDR.len() as u8];
        expected.extend(IDR);
        assert_eq!(unit.data, expected);

        let avcc = unit.sets.avcc();
        assert_eq!(ParameterSets::from_extradata(&avcc), unit.sets);
        assert_eq!(ParameterSets::from_extradata(&stream), unit.sets);
        assert_eq!(access_unit(&expected, &avcc).data, expected);
        let given = into_access_unit(expected.clone(), &avcc);
        assert!(given.data == expected && given.idr && given.picture && given.sets.is_empty());
        // A set among the others, a delimiter, a torn end: none may stay in the data.
        let with = |nal: &[u8]| [&[0, 0, 0, nal.len() as u8], nal, expected.as_slice()].concat();
        let with_set = into_access_unit(with(PPS), &avcc);
        assert!(with_set.data == expected && with_set.sets.pps == [PPS]);
        assert_eq!(into_access_unit(with(&[9, 0xF0]), &avcc).data, expected);
        assert_eq!(into_access_unit([&expected[..], &[0, 0, 0, 9, 1]].concat(), &avcc).data, expected);
        assert_eq!(into_access_unit(stream, &[]).data, expected);
        assert_eq!(unit.sets.codec(), "avc1.64001e");
    }

    #[test]
    fn sets_replace_those_with_their_identifier_only() {
        let set = |sps: &[&[u8]], pps: &[&[u8]]| ParameterSets {
            sps: sps.iter().map(|nal| nal.to_vec()).collect(),
            pps: pps.iter().map(|nal| nal.to_vec()).collect(),
        };
        // Identifier 0 begins with a set bit, identifier 1 with 010.
        let (first, second): (&[u8], &[u8]) = (&[0x68, 0x80, 1], &[0x68, 0x40, 1]);
        let known = set(&[SPS], &[first, second]);
        let merged = known.clone().replaced_by(set(&[], &[&[0x68, 0x40, 7]]));
        assert_eq!(merged, set(&[SPS], &[first, &[0x68, 0x40, 7]]));
        assert_eq!(known.clone().replaced_by(ParameterSets::default()), known);
        let other: &[u8] = &[0x67, 0x64, 0x00, 0x28, 0xAC];
        assert_eq!(known.replaced_by(set(&[other], &[])), set(&[other], &[first, second]));
    }

    #[test]
    fn what_comes_before_a_picture_is_told_from_pictures() {
        let sets = [0, 0, 1, 0x67, 0x42, 0xC0, 0x1E, 0, 0, 1, 0x68, 1, 0, 0, 1, 6, 5, 1];
        assert!(is_prefix(&sets, &[]));
        assert!(leading_sets(&sets, &[]).complete());
        let mut picture = sets.to_vec();
        picture.extend([0, 0, 1, 0x41, 0x9A, 1]);
        assert!(!is_prefix(&picture, &[]));
        assert!(leading_sets(&picture, &[]).complete() && leading_sets(&[0, 0, 1, 0x41, 0x9A], &[]).is_empty());
    }

    #[test]
    fn broken_streams_give_less_and_never_panic() {
        for len in 0..20 {
            for byte in [0, 1, 7, 255] {
                let data = vec![byte; len];
                access_unit(&data, &[]);
                access_unit(&data, &[1, 0x64, 0, 0x1E, 0xFF]);
                into_access_unit(data.clone(), &[1, 0x64, 0, 0x1E, 0xFF]);
                ParameterSets::from_extradata(&data);
            }
        }
        assert!(!ParameterSets::from_extradata(&[1, 0x64, 0, 0x1E, 0xFF, 0xE1, 0, 200, 1]).complete());
        assert_eq!(annex_b(&[0, 0, 1, 0x65, 0, 0, 0]).collect::<Vec<_>>(), [[0x65]]);
    }
}
