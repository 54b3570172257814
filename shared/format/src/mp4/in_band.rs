//! Parameter sets of H.264 in band (ISO/IEC 14496-15, `avc3`).

use super::boxes::{Box4, bad, children, find, header, u32_at};
use super::{TFHD_BASE_OFFSET, TFHD_DESCRIPTION, TRUN_DATA_OFFSET};
use crate::error::Error;

const TFHD_DURATION: u32 = 0x08;
const TFHD_SIZE: u32 = 0x10;
const TRUN_FIRST_FLAGS: u32 = 0x04;
const TRUN_DURATION: u32 = 0x100;
const TRUN_SIZE: u32 = 0x200;
const TRUN_FLAGS: u32 = 0x400;
const TRUN_COMPOSITION: u32 = 0x800;
/// Of a visual sample entry: its own fields, before the boxes in it.
const VISUAL_BYTES: usize = 78;
/// NAL unit that only says that a picture begins, and must stay before everything else of it.
const DELIMITER: u8 = 9;

/// What goes before the first sample of a fragment, and how long samples are when nothing else says so.
#[derive(Debug, Clone)]
pub(super) struct InBand {
    pub(super) sets: Vec<u8>,
    pub(super) sample_size: u32,
}

/// A fragment's change.
pub(super) struct Splice {
    /// First run that has a sample: where it begins, what stands there instead (with the old data offset), and that offset.
    pub(super) run_start: usize,
    pub(super) run: Vec<u8>,
    pub(super) data_offset: i64,
    /// What stands instead of `mdat`.
    pub(super) data: Vec<u8>,
}

/// SPS and PPS of an H.264 sample entry, each behind its length of 4 bytes; `None` for every other entry.
pub(super) fn parameter_sets(entry: &[u8]) -> Option<Vec<u8>> {
    let whole = children(entry, 0).ok()?.into_iter().next().filter(|whole| matches!(&whole.name, b"avc1" | b"avc3"))?;
    let config = find(&entry[..whole.end], whole.body + VISUAL_BYTES, b"avcC").ok()?;
    let [1, _, _, _, lengths, rest @ ..] = &entry[config.body..config.end] else { return None };
    if lengths & 3 != 3 {
        return None;
    }
    let mut rest = rest;
    let mut out: Vec<u8> = Vec::new();
    for mask in [0x1F, 0xFF] {
        let (count, mut tail) = rest.split_first()?;
        if count & mask == 0 {
            return None;
        }
        for _ in 0..count & mask {
            let (len, after) = tail.split_first_chunk::<2>()?;
            let (unit, after) = after.split_at_checked(u16::from_be_bytes(*len).into()).filter(|(unit, _)| !unit.is_empty())?;
            out.extend([0, 0]);
            out.extend(len);
            out.extend(unit);
            tail = after;
        }
        rest = tail;
    }
    Some(out)
}

/// The size of samples that an init section gives (`trex`); 0 when it gives none.
pub(super) fn sample_size(init: &[u8]) -> Result<u32, Error> {
    let moov = find(init, 0, b"moov")?;
    let Some(mvex) = child(&init[..moov.end], moov.body, b"mvex")? else { return Ok(0) };
    let Some(trex) = child(&init[..mvex.end], mvex.body, b"trex")? else { return Ok(0) };
    u32_at(init, trex.body + 16, &trex)
}

fn child(bytes: &[u8], at: usize, name: &[u8; 4]) -> Result<Option<Box4>, Error> {
    Ok(children(bytes, at)?.into_iter().find(|child| child.name == *name))
}

/// Puts the parameter sets before the first sample of a fragment; `None` when it has none.
pub(super) fn splice(bytes: &[u8], moof: &Box4, traf: &Box4, data: &Box4, in_band: &InBand) -> Result<Option<Splice>, Error> {
    let mut first = None;
    for child in children(&bytes[..traf.end], traf.body)?.into_iter().filter(|child| child.name == *b"trun") {
        if u32_at(bytes, child.body + 4, &child)? > 0 {
            first = Some(child);
            break;
        }
    }
    let Some(run) = first else { return Ok(None) };
    let flags = u32_at(bytes, run.body, &run)?;
    if flags & TRUN_DATA_OFFSET == 0 {
        return Err(bad(*b"trun", run.start, "expected a data offset"));
    }
    let count = u32_at(bytes, run.body + 4, &run)? as usize;
    let data_offset = i64::from(u32_at(bytes, run.body + 8, &run)?.cast_signed());
    let field = |flag: u32| if flags & flag == 0 { 0 } else { 4 };
    let table = run.body + 12 + field(TRUN_FIRST_FLAGS);
    let sized = flags & TRUN_SIZE != 0;
    let (before, after) = (field(TRUN_DURATION), field(TRUN_FLAGS) + field(TRUN_COMPOSITION));
    let stride = before + field(TRUN_SIZE) + after;
    let table_end = count.checked_mul(stride).and_then(|len| table.checked_add(len)).filter(|end| *end <= run.end);
    let table_end = table_end.ok_or_else(|| bad(*b"trun", run.start, "cut off"))?;
    let usual = if sized { 0 } else { usual_size(bytes, &find(&bytes[..traf.end], traf.body, b"tfhd")?)?.unwrap_or(in_band.sample_size) };
    let size = if sized { u32_at(bytes, table + before, &run)? } else { usual };
    let outside = || bad(*b"trun", run.start, "expected its samples within mdat");
    let from = usize::try_from(moof.start as i64 + data_offset).ok().filter(|from| (data.body..=data.end).contains(from));
    let from = from.ok_or_else(outside)?;
    let room = (data.end - from) as u64;
    // Without sizes of their own the samples' number is bounded by the bytes that are there.
    let all = if sized { u64::from(size) } else { (count as u64).saturating_mul(usual.into()) };
    if all > room || (!sized && usual == 0) {
        return Err(outside());
    }

    let sets = in_band.sets.as_slice();
    let grown = u32::try_from(sets.len()).ok().and_then(|more| size.checked_add(more)).ok_or_else(outside)?;
    let mut made = header(*b"trun", run.end - run.body + if sized { 0 } else { 4 * count })?.to_vec();
    made.extend((flags | TRUN_SIZE).to_be_bytes());
    made.extend_from_slice(&bytes[run.body + 4..table]);
    for number in 0..count {
        let at = table + number * stride;
        let own = match number {
            0 => grown,
            _ if sized => u32_at(bytes, at + before, &run)?,
            _ => usual,
        };
        made.extend_from_slice(&bytes[at..at + before]);
        made.extend(own.to_be_bytes());
        made.extend_from_slice(&bytes[at + stride - after..at + stride]);
    }
    made.extend_from_slice(&bytes[table_end..run.end]);

    let at = from + delimiter(&bytes[from..from + size as usize]);
    let mut spliced = header(*b"mdat", data.end - data.body + sets.len())?.to_vec();
    for part in [&bytes[data.body..at], sets, &bytes[at..data.end]] {
        spliced.extend_from_slice(part);
    }
    Ok(Some(Splice { run_start: run.start, run: made, data_offset, data: spliced }))
}

/// The size of samples that a fragment gives.
fn usual_size(bytes: &[u8], tfhd: &Box4) -> Result<Option<u32>, Error> {
    let flags = u32_at(bytes, tfhd.body, tfhd)?;
    if flags & TFHD_SIZE == 0 {
        return Ok(None);
    }
    let field = |flag: u32, len: usize| if flags & flag == 0 { 0 } else { len };
    let before = field(TFHD_BASE_OFFSET, 8) + field(TFHD_DESCRIPTION, 4) + field(TFHD_DURATION, 4);
    u32_at(bytes, tfhd.body + 8 + before, tfhd).map(Some)
}

/// Length of the delimiter that a sample begins with.
fn delimiter(sample: &[u8]) -> usize {
    let Some(([a, b, c, d], [kind, ..])) = sample.split_first_chunk::<4>() else { return 0 };
    let len = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
    if kind & 0x1F == DELIMITER && len > 0 && len <= sample.len() - 4 { 4 + len } else { 0 }
}
