//! The chunk index of a segment: what a seek needs without reading the file. Kept in memory while a segment grows, and as a compact column afterwards.

use invigil_format::{Frame, FrameKind};

/// Where a chunk lies and what it covers, on the device's boot clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Offset of its frame header in the file.
    pub offset: u64,
    /// Frame header and body, bytes.
    pub len: u32,
    /// Boot time of its first picture, us.
    pub at_us: u64,
    /// Duration, us.
    pub duration_us: u32,
    /// Starts with a key frame.
    pub key: bool,
}

const ENTRY_BYTES: usize = 24;
/// A frame has at most 8 MiB and some bytes, so the length's highest bit is free.
const KEY_BIT: u32 = 1 << 31;

impl Chunk {
    /// The index entry of a frame; `None` when it is no chunk.
    pub fn of(frame: &Frame) -> Option<Self> {
        let len = u32::try_from(frame.end_offset() - frame.offset).ok()?;
        let entry = Self { offset: frame.offset, len, at_us: frame.at.boottime_us, duration_us: frame.duration_us, key: frame.key_frame };
        (frame.kind == FrameKind::Chunk).then_some(entry)
    }

    /// First byte after it.
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.len)
    }

    /// Boot time of its end, us.
    pub fn end_us(&self) -> u64 {
        self.at_us.saturating_add(u64::from(self.duration_us))
    }
}

/// 24 bytes a chunk, big-endian: offset, boot time, length with the key flag in its highest bit, duration.
pub fn encode(chunks: &[Chunk]) -> Vec<u8> {
    let mut out = Vec::with_capacity(chunks.len() * ENTRY_BYTES);
    for chunk in chunks {
        out.extend_from_slice(&chunk.offset.to_be_bytes());
        out.extend_from_slice(&chunk.at_us.to_be_bytes());
        out.extend_from_slice(&(chunk.len | if chunk.key { KEY_BIT } else { 0 }).to_be_bytes());
        out.extend_from_slice(&chunk.duration_us.to_be_bytes());
    }
    out
}

/// Reads what [`encode`] wrote; an incomplete entry at the end is left out.
pub fn decode(bytes: &[u8]) -> Vec<Chunk> {
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let half = |bytes: &[u8]| u32::try_from(number(bytes)).unwrap_or(u32::MAX);
    bytes
        .chunks_exact(ENTRY_BYTES)
        .map(|entry| {
            let len = half(&entry[16..20]);
            Chunk {
                offset: number(&entry[..8]),
                at_us: number(&entry[8..16]),
                len: len & !KEY_BIT,
                duration_us: half(&entry[20..]),
                key: len & KEY_BIT != 0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(entries in proptest::collection::vec((any::<u64>(), 0..KEY_BIT, any::<u64>(), any::<u32>(), any::<bool>()), 0..20)) {
            let chunks: Vec<Chunk> = entries.into_iter().map(|(offset, len, at_us, duration_us, key)| Chunk { offset, len, at_us, duration_us, key }).collect();
            prop_assert_eq!(decode(&encode(&chunks)), chunks);
        }
    }
}
