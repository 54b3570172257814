//! Reading: front to back, comparing each byte of the frame with the only one that can stand there.

use super::{CENTRAL, COMMON, Checksum, Entry, LOCAL, LOCAL_BYTES, MAX_ENTRIES, good_name, tail};
use invigil_format::Digest;
use std::io::{self, Read, Seek, SeekFrom};

/// Longest archive, bytes: all offsets and sizes are 32-bit.
pub const MAX_ARCHIVE_BYTES: u64 = u32::MAX as u64;
const BUFFER_BYTES: usize = 256 << 10;

/// Where a file's contents lie, and what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAt {
    /// Name.
    pub name: String,
    /// First byte of the contents in the archive.
    pub offset: u64,
    /// Bytes.
    pub size_bytes: u64,
    /// SHA-256.
    pub digest: Digest,
}

impl FileAt {
    /// Bytes `from..from + len` of the contents.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file has fewer; the source's.
    pub fn read_at<R: Read + Seek>(&self, source: &mut R, from: u64, len: usize) -> io::Result<Vec<u8>> {
        if from.checked_add(len as u64).is_none_or(|end| end > self.size_bytes) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        source.seek(SeekFrom::Start(self.offset + from))?;
        let mut out = vec![0; len];
        source.read_exact(&mut out)?;
        Ok(out)
    }
}

/// What is wrong with an archive as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable name: `zip-header`, `zip-name`, `zip-checksum`, `zip-cut-off`, `zip-directory`, `zip-trailing`, `zip-too-long`.
    pub name: &'static str,
    /// Which file, counted from 0 in order; `None`: the directory.
    pub file: Option<usize>,
    /// Byte of the archive.
    pub offset: u64,
    /// More, for people.
    pub detail: &'static str,
}

/// What was found in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Archive {
    /// The files up to the first fault that ends reading, in order.
    pub files: Vec<FileAt>,
    /// What is wrong. Empty: canonical, every byte of it accounted for.
    pub faults: Vec<Fault>,
}

/// Reads a whole archive once, front to back, in pieces of 256 KiB.
///
/// # Errors
/// The source's.
pub fn scan<R: Read>(source: &mut R) -> io::Result<Archive> {
    let mut archive = Archive::default();
    let mut entries: Vec<Entry> = Vec::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut offset = 0_u64;
    loop {
        let mut head = [0; LOCAL_BYTES];
        let got = fill(source, &mut head[..4])?;
        if head[..got] == CENTRAL[..got] && got == 4 {
            check_tail(source, &entries, offset, &mut archive)?;
            return Ok(archive);
        }
        let number = entries.len();
        let fault = |name, at, detail| Fault { name, file: Some(number), offset: at, detail };
        let got = got + if got == 4 { fill(source, &mut head[4..])? } else { 0 };
        let sizes = match read_local(&head, got) {
            Ok(sizes) => sizes,
            Err((name, at, detail)) => {
                archive.faults.push(fault(name, offset + at, detail));
                return Ok(archive);
            }
        };
        if number >= MAX_ENTRIES {
            archive.faults.push(fault("zip-too-long", offset, "more than 401 files"));
            return Ok(archive);
        }
        let mut name = vec![0; sizes.name];
        let cut = fill(source, &mut name)? < name.len();
        let name = String::from_utf8(name).ok().filter(|name| good_name(name) && entries.iter().all(|entry| entry.name != *name));
        let Some(name) = name.filter(|_| !cut) else {
            archive.faults.push(fault("zip-name", offset + LOCAL_BYTES as u64, "expected a name that a bundle can have, and only once"));
            return Ok(archive);
        };
        let start = offset + (LOCAL_BYTES + sizes.name) as u64;
        if start + u64::from(sizes.size) > MAX_ARCHIVE_BYTES {
            archive.faults.push(fault("zip-too-long", offset, "4 GiB or more"));
            return Ok(archive);
        }
        let mut sum = Checksum::default();
        let mut left = u64::from(sizes.size);
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let got = fill(source, &mut buffer[..want])?;
            sum.update(&buffer[..got]);
            left -= got as u64;
            if got < want {
                archive.faults.push(fault("zip-cut-off", start + sum.size_bytes(), "the archive ends inside this file"));
                return Ok(archive);
            }
        }
        if sum.crc() != sizes.crc {
            archive.faults.push(fault("zip-checksum", offset + 14, "the contents are not those that the header was made for"));
        }
        // The offset is below 4 GiB, because the contents' end is.
        let Ok(at) = u32::try_from(offset) else { return Ok(archive) };
        entries.push(Entry { name: name.clone(), crc: sizes.crc, size: sizes.size, offset: at });
        archive.files.push(FileAt { name, offset: start, size_bytes: sum.size_bytes(), digest: sum.digest() });
        offset = start + u64::from(sizes.size);
    }
}

struct Sizes {
    crc: u32,
    size: u32,
    name: usize,
}

/// Fields of a local header: the first that is not as it must be gives the fault.
fn read_local(head: &[u8; LOCAL_BYTES], got: usize) -> Result<Sizes, (&'static str, u64, &'static str)> {
    if got < LOCAL_BYTES {
        return Err(("zip-cut-off", got as u64, "the archive ends inside a header"));
    }
    if head[..4] != LOCAL {
        return Err(("zip-header", 0, "expected the first bytes of a header"));
    }
    if let Some(place) = head[4..14].iter().zip(COMMON).position(|(found, expected)| *found != expected) {
        let detail = match place {
            0 | 1 => "expected version 20",
            2 | 3 => "expected flags 0x0800",
            4 | 5 => "expected method 0, stored",
            _ => "expected time 0 and date 0x0021",
        };
        return Err(("zip-header", 4 + place as u64, detail));
    }
    let u32_at = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
    if u32_at(18) != u32_at(22) {
        return Err(("zip-header", 18, "expected both sizes to be equal"));
    }
    if u16_at(28) != 0 {
        return Err(("zip-header", 28, "expected no extra field"));
    }
    Ok(Sizes { crc: u32_at(14), size: u32_at(18), name: u16_at(26) })
}

/// The directory, whose first 4 bytes are read already, and that nothing follows it.
fn check_tail<R: Read>(source: &mut R, entries: &[Entry], offset: u64, archive: &mut Archive) -> io::Result<()> {
    let fault = |name, at, detail| Fault { name, file: None, offset: at, detail };
    let Some(expected) = tail(entries, offset) else {
        archive.faults.push(fault("zip-too-long", offset, "4 GiB or more"));
        return Ok(());
    };
    let expected = expected.get(4..).unwrap_or_default();
    let mut found = vec![0; expected.len()];
    let got = fill(source, &mut found)?;
    let differs = expected.iter().zip(&found[..got]).position(|(expected, found)| expected != found);
    match differs {
        Some(place) => archive.faults.push(fault("zip-directory", offset + 4 + place as u64, "the directory does not fit the files")),
        None if got < expected.len() => {
            archive.faults.push(fault("zip-cut-off", offset + 4 + got as u64, "the archive ends inside its directory"));
        }
        None => {
            let mut one = [0];
            if fill(source, &mut one)? > 0 {
                archive.faults.push(fault("zip-trailing", offset + 4 + got as u64, "expected nothing after the directory"));
            }
        }
    }
    Ok(())
}

/// Reads until the buffer is full or the source ends; how much it read.
fn fill<R: Read>(source: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match source.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(read) => got += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}
