//! Joining one track's init sections and fragments, over segments and runs, into one playable fragmented MP4 (ISO/IEC 14496-12).
//! Pure functions on bytes; anything malformed is an [`Error::Mp4`].

use crate::error::Error;

mod boxes;
mod in_band;

use boxes::{Box4, bad, children, find, header, u32_at};
use in_band::InBand;

const TFHD_BASE_OFFSET: u32 = 0x01;
const TFHD_DESCRIPTION: u32 = 0x02;
const TFHD_BASE_IS_MOOF: u32 = 0x02_0000;
const TRUN_DATA_OFFSET: u32 = 0x01;

/// Joins fragments behind one header.
#[derive(Debug, Clone)]
pub struct Joiner {
    track_id: u32,
    timescale: u32,
    sources: Vec<Source>,
    sequence: u32,
}

/// What the joiner knows of one init section.
#[derive(Debug, Clone)]
struct Source {
    /// Sample description index of its fragments.
    description: u32,
    /// Parameter sets that go into them, if any.
    in_band: Option<InBand>,
}

impl Joiner {
    /// From the init sections of all segments, in order (equal ones are welcome): the joiner, and the bytes that begin the file. If their sample descriptions
    /// differ and all are H.264, the first alone stays, as `avc3`, and each fragment gets its own parameter sets before its first sample; others are
    /// appended as [`Joiner::appending`] does.
    ///
    /// # Errors
    /// [`Error::Mp4`]: a malformed section, more or less than one track, another time scale than the first's.
    pub fn new<I: AsRef<[u8]>>(inits: &[I]) -> Result<(Self, Vec<u8>), Error> {
        Self::of(inits, true)
    }

    /// The same, but sample descriptions that differ from the first's are appended to it and fragments name theirs by its index. ISO/IEC 14496-12 means it so,
    /// but players that heed only the first description of a fragmented file (ffmpeg, so browsers too) do not decode what follows another one. Bundles
    /// made in this way are there and must be compared.
    ///
    /// # Errors
    /// As for [`Joiner::new`].
    pub fn appending<I: AsRef<[u8]>>(inits: &[I]) -> Result<(Self, Vec<u8>), Error> {
        Self::of(inits, false)
    }

    fn of<I: AsRef<[u8]>>(inits: &[I], in_band: bool) -> Result<(Self, Vec<u8>), Error> {
        let first = inits.first().ok_or_else(|| bad(*b"moov", 0, "expected at least one init section"))?.as_ref();
        let (track_id, timescale, mut entries) = read_init(first)?;
        // Places in `entries`.
        let mut places = vec![0];
        for init in &inits[1..] {
            let (_, other_scale, others) = read_init(init.as_ref())?;
            if other_scale != timescale {
                return Err(bad(*b"mdhd", 0, "the time scale differs from the first one's"));
            }
            let entry = others.into_iter().next().ok_or_else(|| bad(*b"stsd", 0, "expected a sample description"))?;
            places.push(entries.iter().position(|known| *known == entry).unwrap_or_else(|| {
                entries.push(entry);
                entries.len() - 1
            }));
        }
        let differ = places.iter().any(|place| *place != 0);
        let sets: Option<Vec<_>> =
            if in_band && differ { places.iter().map(|place| in_band::parameter_sets(&entries[*place])).collect() } else { None };
        let mut sources = Vec::new();
        if let Some(sets) = sets {
            for (init, sets) in inits.iter().zip(sets) {
                let in_band = InBand { sets, sample_size: in_band::sample_size(init.as_ref())? };
                sources.push(Source { description: 1, in_band: Some(in_band) });
            }
            entries.truncate(1);
            entries[0][4..8].copy_from_slice(b"avc3");
        } else {
            for place in places {
                let description = u32::try_from(place + 1).map_err(|_| bad(*b"stsd", 0, "too many sample descriptions"))?;
                sources.push(Source { description, in_band: None });
            }
        }
        let start = with_entries(first, &entries)?;
        Ok((Self { track_id, timescale, sources, sequence: 0 }, start))
    }

    /// One chunk's fragments, ready to be appended: `shift_us` is where the segment's media time zero lies on the file's time line.
    ///
    /// # Errors
    /// [`Error::Mp4`]: a malformed fragment, or one that would begin before the time line does.
    pub fn fragment(&mut self, init: usize, shift_us: i64, fragment: &[u8]) -> Result<Vec<u8>, Error> {
        let shift = i128::from(shift_us) * i128::from(self.timescale);
        self.shifted(init, (shift + 500_000).div_euclid(1_000_000), fragment)
    }

    /// The same for a chunk that is to begin at `at_us` of the file's time line, whatever decode time it has: `at_us * timescale / 1,000,000` ticks, rounded
    /// to the nearest (a half upwards). Further fragments in the same chunk keep their distance.
    ///
    /// # Errors
    /// [`Error::Mp4`]: a malformed fragment.
    pub fn fragment_at(&mut self, init: usize, at_us: u64, fragment: &[u8]) -> Result<Vec<u8>, Error> {
        let at = (i128::from(at_us) * i128::from(self.timescale) + 500_000).div_euclid(1_000_000);
        self.shifted(init, at - i128::from(decode_time(fragment)?), fragment)
    }

    fn shifted(&mut self, init: usize, shift: i128, fragment: &[u8]) -> Result<Vec<u8>, Error> {
        let source = self.sources.get(init).ok_or_else(|| bad(*b"moov", 0, "no such init section"))?;
        let mut out = Vec::with_capacity(fragment.len() + 32);
        let mut boxes = children(fragment, 0)?.into_iter().peekable();
        while let Some(next) = boxes.next() {
            if next.name != *b"moof" {
                continue;
            }
            let data =
                boxes.next().filter(|data| data.name == *b"mdat").ok_or_else(|| bad(*b"mdat", next.end, "expected right after moof"))?;
            self.sequence = self.sequence.wrapping_add(1);
            out.extend(self.joined(fragment, &next, &data, source, shift)?);
        }
        if out.is_empty() {
            return Err(bad(*b"moof", 0, "expected a fragment"));
        }
        Ok(out)
    }

    /// One `moof` and its `mdat`.
    fn joined(&self, bytes: &[u8], moof: &Box4, data: &Box4, source: &Source, shift: i128) -> Result<Vec<u8>, Error> {
        let mut tracks = children(&bytes[..moof.end], moof.body)?.into_iter().filter(|child| child.name == *b"traf");
        let traf = tracks.next().ok_or_else(|| bad(*b"traf", moof.start, "expected one"))?;
        if tracks.next().is_some() {
            return Err(bad(*b"traf", moof.start, "expected one"));
        }
        let in_band = source.in_band.as_ref();
        let spliced = in_band.map(|in_band| in_band::splice(bytes, moof, &traf, data, in_band)).transpose()?.flatten();
        let mut body = Vec::new();
        // Data offsets: their place in `body`, and the run.
        let mut runs = Vec::new();
        for child in children(&bytes[..traf.end], traf.body)? {
            match &child.name {
                b"tfhd" => body.extend(self.tfhd(bytes, &child, source.description)?),
                b"tfdt" => body.extend(tfdt(bytes, &child, shift)?),
                b"trun" => {
                    let other = spliced.as_ref().filter(|spliced| spliced.run_start == child.start);
                    let run = other.map_or(&bytes[child.start..child.end], |spliced| spliced.run.as_slice());
                    // After the box's header, flags and number of samples.
                    runs.push((body.len() + other.map_or(child.body - child.start, |_| 8) + 8, child));
                    body.extend_from_slice(run);
                }
                _ => body.extend_from_slice(&bytes[child.start..child.end]),
            }
        }
        let mut out = vec![0; 8];
        out.extend(header(*b"mfhd", 8)?);
        out.extend([0; 4]);
        out.extend(self.sequence.to_be_bytes());
        out.extend(header(*b"traf", body.len())?);
        let base = out.len();
        out.extend(body);
        let start = header(*b"moof", out.len() - 8)?;
        out[..8].copy_from_slice(&start);
        // Data offsets count from the beginning of moof, whose length has changed, as mdat's header may have.
        let was = moof.end - moof.start + spliced.as_ref().map_or(0, |_| data.body - data.start - 8);
        let grown = i64::try_from(out.len()).unwrap_or(i64::MAX) - i64::try_from(was).unwrap_or(i64::MAX);
        let sets = in_band.map_or(0, |in_band| i64::try_from(in_band.sets.len()).unwrap_or(i64::MAX));
        for (place, run) in runs {
            let flags = u32_at(bytes, run.body, &run)? & 0xFF_FFFF;
            if flags & TRUN_DATA_OFFSET == 0 {
                return Err(bad(*b"trun", run.start, "expected a data offset"));
            }
            let old = i64::from(u32_at(bytes, run.body + 8, &run)?.cast_signed());
            let moved = if spliced.as_ref().is_some_and(|spliced| old > spliced.data_offset) { sets } else { 0 };
            let new = i32::try_from(old + grown + moved).map_err(|_| bad(*b"trun", run.start, "data offset out of range"))?;
            let at = base + place;
            out[at..at + 4].copy_from_slice(&new.to_be_bytes());
        }
        out.extend_from_slice(spliced.as_ref().map_or(&bytes[data.start..data.end], |spliced| spliced.data.as_slice()));
        Ok(out)
    }

    fn tfhd(&self, bytes: &[u8], tfhd: &Box4, description: u32) -> Result<Vec<u8>, Error> {
        let flags = u32_at(bytes, tfhd.body, tfhd)?;
        if flags & TFHD_BASE_OFFSET != 0 || flags & TFHD_BASE_IS_MOOF == 0 {
            return Err(bad(*b"tfhd", tfhd.start, "expected default-base-is-moof"));
        }
        u32_at(bytes, tfhd.body + 4, tfhd)?;
        let mut rest = tfhd.body + 8;
        if flags & TFHD_DESCRIPTION != 0 {
            u32_at(bytes, rest, tfhd)?;
            rest += 4;
        }
        let mut out = header(*b"tfhd", 12 + (tfhd.end - rest))?.to_vec();
        out.extend((flags | TFHD_DESCRIPTION).to_be_bytes());
        out.extend(self.track_id.to_be_bytes());
        out.extend(description.to_be_bytes());
        out.extend_from_slice(&bytes[rest..tfhd.end]);
        Ok(out)
    }
}

/// The decode time of the first fragment, in the track's time scale.
///
/// # Errors
/// [`Error::Mp4`].
pub fn decode_time(fragment: &[u8]) -> Result<u64, Error> {
    let moof = find(fragment, 0, b"moof")?;
    let traf = find(&fragment[..moof.end], moof.body, b"traf")?;
    let tfdt = find(&fragment[..traf.end], traf.body, b"tfdt")?;
    time_of(fragment, &tfdt)
}

fn time_of(bytes: &[u8], tfdt: &Box4) -> Result<u64, Error> {
    let wide = u32_at(bytes, tfdt.body, tfdt)? >> 24 != 0;
    let first = u64::from(u32_at(bytes, tfdt.body + 4, tfdt)?);
    if wide { Ok((first << 32) | u64::from(u32_at(bytes, tfdt.body + 8, tfdt)?)) } else { Ok(first) }
}

fn tfdt(bytes: &[u8], tfdt: &Box4, shift: i128) -> Result<Vec<u8>, Error> {
    let time = i128::from(time_of(bytes, tfdt)?) + shift;
    let time = u64::try_from(time).map_err(|_| bad(*b"tfdt", tfdt.start, "the fragment begins before the time line does"))?;
    let mut out = header(*b"tfdt", 12)?.to_vec();
    out.extend([1, 0, 0, 0]);
    out.extend(time.to_be_bytes());
    Ok(out)
}

/// The boxes on the way to the sample descriptions.
const PATH: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"];

/// Track id, time scale, sample descriptions.
fn read_init(init: &[u8]) -> Result<(u32, u32, Vec<Vec<u8>>), Error> {
    let moov = find(init, 0, b"moov")?;
    let within = &init[..moov.end];
    if children(within, moov.body)?.iter().filter(|child| child.name == *b"trak").count() != 1 {
        return Err(bad(*b"trak", moov.start, "expected one track"));
    }
    let trak = find(within, moov.body, b"trak")?;
    let within = &init[..trak.end];
    let tkhd = find(within, trak.body, b"tkhd")?;
    let wide = u32_at(init, tkhd.body, &tkhd)? >> 24 != 0;
    let track_id = u32_at(init, tkhd.body + if wide { 20 } else { 12 }, &tkhd)?;
    let mdia = find(within, trak.body, b"mdia")?;
    let mdhd = find(&init[..mdia.end], mdia.body, b"mdhd")?;
    let wide = u32_at(init, mdhd.body, &mdhd)? >> 24 != 0;
    let timescale = u32_at(init, mdhd.body + if wide { 20 } else { 12 }, &mdhd)?;
    if timescale == 0 {
        return Err(bad(*b"mdhd", mdhd.start, "expected a time scale"));
    }
    let stsd = *descend(init)?.last().ok_or_else(|| bad(*b"stsd", 0, "missing"))?;
    let count = u32_at(init, stsd.body + 4, &stsd)?;
    let entries: Vec<Vec<u8>> =
        children(&init[..stsd.end], stsd.body + 8)?.iter().map(|entry| init[entry.start..entry.end].to_vec()).collect();
    if entries.is_empty() || u32::try_from(entries.len()) != Ok(count) {
        return Err(bad(*b"stsd", stsd.start, "expected as many sample descriptions as it says"));
    }
    Ok((track_id, timescale, entries))
}

fn descend(init: &[u8]) -> Result<Vec<Box4>, Error> {
    let mut path = Vec::new();
    let (mut end, mut at) = (init.len(), 0);
    for name in PATH {
        let found = find(&init[..end], at, name)?;
        (end, at) = (found.end, found.body);
        path.push(found);
    }
    Ok(path)
}

/// An init section with these sample descriptions instead of its own.
fn with_entries(init: &[u8], entries: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    // A length of 0 means "to the end" and would take in what follows.
    if entries.iter().rev().skip(1).any(|entry| entry.starts_with(&[0; 4])) {
        return Err(bad(*b"stsd", 0, "expected a length"));
    }
    let path = descend(init)?;
    let stsd = *path.last().ok_or_else(|| bad(*b"stsd", 0, "missing"))?;
    let list: Vec<u8> = entries.concat();
    let listed = stsd.body + 8..stsd.end;
    let mut out = init.to_vec();
    for parent in &path {
        let len = header(parent.name, parent.end - parent.body - listed.len() + list.len())?;
        if parent.body - parent.start != 8 {
            return Err(bad(parent.name, parent.start, "expected a 32-bit length"));
        }
        out[parent.start..parent.body].copy_from_slice(&len);
    }
    let count = u32::try_from(entries.len()).map_err(|_| bad(*b"stsd", stsd.start, "too many sample descriptions"))?;
    out[stsd.body + 4..stsd.body + 8].copy_from_slice(&count.to_be_bytes());
    out.splice(listed, list);
    Ok(out)
}
