//! The one ZIP that a bundle can be (`docs/evidence.md` 5, canonical): stored files, fixed headers, no gaps. From names, sizes and contents every byte
//! follows, so a reader can tell each byte that is another one.

mod read;
mod write;

pub use read::{Archive, Fault, FileAt, MAX_ARCHIVE_BYTES, scan};
pub use write::{Checksum, Writer};

#[cfg(test)]
mod tests;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
pub(crate) const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: u64 = 22;
/// Version needed to extract 2.0, flags UTF-8, method stored, time 0, date 1 January 1980.
const COMMON: [u8; 10] = [20, 0, 0x00, 0x08, 0, 0, 0, 0, 0x21, 0x00];
const MADE_BY: [u8; 2] = [0x14, 0x00];
/// Longest name, bytes.
const MAX_NAME_BYTES: usize = 200;
/// Most files: those of a manifest and the manifest.
const MAX_ENTRIES: usize = crate::manifest::MAX_FILES + 1;

/// What the headers say of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    crc: u32,
    size: u32,
    offset: u32,
}

impl Entry {
    fn sums(&self) -> [u8; 12] {
        let mut out = [0; 12];
        out[..4].copy_from_slice(&self.crc.to_le_bytes());
        out[4..8].copy_from_slice(&self.size.to_le_bytes());
        out[8..].copy_from_slice(&self.size.to_le_bytes());
        out
    }

    fn name_len(&self) -> [u8; 2] {
        // Names have at most MAX_NAME_BYTES bytes.
        u16::try_from(self.name.len()).unwrap_or(u16::MAX).to_le_bytes()
    }

    /// What stands before the contents.
    fn local(&self) -> Vec<u8> {
        [LOCAL.as_slice(), &COMMON, &self.sums(), &self.name_len(), &[0, 0], self.name.as_bytes()].concat()
    }

    fn central(&self) -> Vec<u8> {
        // No extra field, no comment, first disk, no attributes.
        let rest = [0; 12];
        let parts = [CENTRAL.as_slice(), &MADE_BY, &COMMON, &self.sums(), &self.name_len(), &rest, &self.offset.to_le_bytes()];
        [parts.concat().as_slice(), self.name.as_bytes()].concat()
    }
}

/// Central directory and end, for files that end at `offset`; nothing when they would reach 4 GiB.
fn tail(entries: &[Entry], offset: u64) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = entries.iter().flat_map(Entry::central).collect();
    let len = u32::try_from(out.len()).ok()?.to_le_bytes();
    let count = u16::try_from(entries.len()).ok()?.to_le_bytes();
    let start = u32::try_from(offset).ok()?.to_le_bytes();
    out.extend([END.as_slice(), &[0, 0, 0, 0], &count, &count, &len, &start, &[0, 0]].concat());
    (offset + out.len() as u64 <= MAX_ARCHIVE_BYTES).then_some(out)
}

/// Bytes of an archive of files with these names and sizes.
pub fn archive_bytes<'a>(files: impl IntoIterator<Item = (&'a str, u64)>) -> u64 {
    let one = |(name, size): (&str, u64)| size.saturating_add((LOCAL_BYTES + CENTRAL_BYTES + 2 * name.len()) as u64);
    files.into_iter().map(one).fold(END_BYTES, u64::saturating_add)
}

/// Names that a bundle may have: no folder of its own, none above, no characters that any file system minds.
fn good_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    name.len() <= MAX_NAME_BYTES && name.split('/').all(part)
}
