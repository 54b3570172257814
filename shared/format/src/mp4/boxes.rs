//! Finding boxes.

use crate::error::Error;

/// Where a box lies: its first byte, the first of its body, the one after its last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Box4 {
    pub(super) name: [u8; 4],
    pub(super) start: usize,
    pub(super) body: usize,
    pub(super) end: usize,
}

/// A box's error.
pub(super) fn bad(name: [u8; 4], offset: usize, reason: &'static str) -> Error {
    Error::Mp4 { name: name.escape_ascii().to_string(), offset, reason }
}

/// The boxes that fill `bytes` from `at` on.
pub(super) fn children(bytes: &[u8], mut at: usize) -> Result<Vec<Box4>, Error> {
    let mut out = Vec::new();
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let short = || bad(*b"    ", at, "the length and name are cut off");
        let (head, tail) = rest.split_first_chunk::<8>().ok_or_else(short)?;
        let name = [head[4], head[5], head[6], head[7]];
        let small = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let (len, header_len) = match small {
            0 => (rest.len(), 8),
            1 => {
                let large = tail.first_chunk::<8>().ok_or_else(short)?;
                (usize::try_from(u64::from_be_bytes(*large)).unwrap_or(usize::MAX), 16)
            }
            _ => (small as usize, 8),
        };
        if len < header_len || len > rest.len() {
            return Err(bad(name, at, "the length is less than its header or more than what holds it"));
        }
        out.push(Box4 { name, start: at, body: at + header_len, end: at + len });
        at += len;
    }
    Ok(out)
}

/// The first box of this name among [`children`].
pub(super) fn find(bytes: &[u8], at: usize, name: &[u8; 4]) -> Result<Box4, Error> {
    children(bytes, at)?.into_iter().find(|child| child.name == *name).ok_or_else(|| bad(*name, at, "missing"))
}

/// Four bytes inside a box.
pub(super) fn u32_at(bytes: &[u8], at: usize, within: &Box4) -> Result<u32, Error> {
    bytes
        .get(..within.end)
        .and_then(|bytes| bytes.get(at..)?.first_chunk::<4>())
        .map(|value| u32::from_be_bytes(*value))
        .ok_or_else(|| bad(within.name, within.start, "cut off"))
}

/// A box's first 8 bytes.
pub(super) fn header(name: [u8; 4], body_len: usize) -> Result<[u8; 8], Error> {
    let len = body_len.checked_add(8).and_then(|len| u32::try_from(len).ok()).ok_or_else(|| bad(name, 0, "too long"))?;
    let mut out = [0; 8];
    out[..4].copy_from_slice(&len.to_be_bytes());
    out[4..].copy_from_slice(&name);
    Ok(out)
}
