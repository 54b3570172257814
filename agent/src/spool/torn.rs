//! Tells a torn last write from damage (R2-R4). A write reaches the disk whole before the next one begins (S7), so what stands behind the last
//! whole frame may go only if nothing in it belongs to a second write.

use invigil_format::{Error, Scanner, Statement};

/// Longest first write: preamble, header, init (S6), bytes.
const FIRST_WRITE: u64 = 16 + 8192 + FRAME_HEADER + (64 << 10) + 16;
/// Longest later write: beacon, chunk, signature (S7), bytes.
const WRITE: u64 = BEACON_FRAME + FRAME_HEADER + (8 << 20) + 16 + FRAME_HEADER + 64;
const BEACON_FRAME: u64 = FRAME_HEADER + 120;
const FRAME_HEADER: u64 = 64;
const UNCOUNTED: u32 = u32::MAX;
/// A segment is shorter than this, us.
const NEAR_US: u64 = 3_600_000_000;
const MAX_FRAMES: u32 = 100_000;

/// Where [`is_one_write`] begins to look: at the body of the last whole frame, as its damaged length may have swallowed others.
pub(super) fn look_from(scanner: &Scanner) -> u64 {
    scanner.frames().last().map_or(scanner.whole_bytes(), invigil_format::Frame::body_offset)
}

/// The most bytes that one write may have left behind what the scanner found whole.
pub(super) fn longest(scanner: &Scanner) -> u64 {
    if scanner.header().is_some() { WRITE } else { FIRST_WRITE }
}

/// Whether everything behind the scanner's last whole frame can be the rest of one unfinished write. `bytes` are the file's from [`look_from`] on.
/// Errs towards no: then the file is kept as it is.
pub(super) fn is_one_write(scanner: &Scanner, bytes: &[u8]) -> bool {
    let swallowed = scanner.whole_bytes() - look_from(scanner);
    let Some(tail) = usize::try_from(swallowed).ok().and_then(|swallowed| bytes.get(swallowed..)) else { return false };
    if scanner.closing().is_some() || tail.len() as u64 > longest(scanner) {
        return false;
    }
    let sealed = scanner.frames().iter().filter(|frame| frame.kind.sealed()).count();
    let expected = u32::try_from(sealed).unwrap_or(u32::MAX);
    let last = scanner.frames().last().map(|frame| frame.at.boottime_us);
    let last_us = last.or_else(|| scanner.header().map(|header| header.origin_boottime_us));
    let of_another_write = (0..).zip(bytes.windows(64)).any(|(at, header): (u64, _)| {
        // The frame at the tail's own beginning is the torn one.
        at != swallowed && follows(header, at.checked_sub(swallowed) == Some(BEACON_FRAME), expected, last_us)
    });
    !(of_another_write || names_another_head(scanner, tail) || is_spoilt_closing(tail))
}

/// Whether this is the header of a frame that the write which is torn at offset 0 cannot hold, or only behind a frame that arrived whole.
/// Sealed bytes look like one with a chance of less than 2^-50.
fn follows(header: &[u8], behind_beacon: bool, expected: u32, last_us: Option<u64>) -> bool {
    if header[2..4] != [0, 0] {
        return false;
    }
    let [counter, duration_us, body_len] = [4, 24, 28].map(|at| number(header, at));
    // A header that is read a byte too late is of another time.
    let at_us = u64::from(number(header, 8)) << 32 | u64::from(number(header, 12));
    if last_us.is_some_and(|last_us| at_us.abs_diff(last_us) > NEAR_US) {
        return false;
    }
    let counted = counter >= expected && counter - expected <= MAX_FRAMES;
    let uncounted = counter == UNCOUNTED && duration_us == 0;
    match (header[0], header[1]) {
        // A chunk is the first counted frame of its write, and only a beacon may stand before it.
        (2, 0 | 2) => counted && (17..=(8 << 20) + 16).contains(&body_len) && (counter > expected || !behind_beacon),
        (3, 1) => counted && duration_us == 0 && body_len == 16,
        (4, 0) => uncounted && body_len == 64,
        (5, 0) => uncounted && body_len == 120,
        (6, 0) => uncounted && (1..=4096).contains(&body_len),
        _ => false,
    }
}

/// Whether the tail begins with a frame that was chained to other bytes than stand before it: those have changed since. Where a torn header's
/// head was not written, it is zeros.
fn names_another_head(scanner: &Scanner, tail: &[u8]) -> bool {
    let (Some(Error::ChainBroken { .. }), Some(head)) = (scanner.error(), tail.get(32..64)) else { return false };
    let expected = scanner.head();
    head.iter().zip(expected.as_bytes()).skip_while(|(found, expected)| found == expected).any(|(found, _)| *found != 0)
}

/// Whether the tail begins with a closing record that was written to its end and does not hold. Where it was not written, it is zeros.
fn is_spoilt_closing(tail: &[u8]) -> bool {
    let Some((header, body)) = tail.split_at_checked(64) else { return false };
    let of_this_length = header[0] == 6 && number(header, 28) as usize == body.len() && !body.contains(&0);
    of_this_length || Statement::from_json(body).is_ok()
}

fn number(header: &[u8], at: usize) -> u32 {
    header[at..at + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
