//! Writing: front to back, nothing is held back and nothing is written twice.

use super::{Entry, LOCAL_BYTES, MAX_ARCHIVE_BYTES, MAX_ENTRIES, good_name, tail};
use invigil_format::Digest;
use invigil_format::crypto::Hasher;
use std::io::{self, Write};

/// What must be known of a file before it is written, because its header stands before it.
#[derive(Clone, Default)]
pub struct Checksum {
    crc: crc32fast::Hasher,
    hash: Hasher,
    size: u64,
}

impl Checksum {
    /// Of a whole file.
    pub fn of(bytes: &[u8]) -> Self {
        let mut sum = Self::default();
        sum.update(bytes);
        sum
    }
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }
    /// Bytes so far.
    pub fn size_bytes(&self) -> u64 {
        self.size
    }
    /// SHA-256 of the bytes so far.
    pub fn digest(&self) -> Digest {
        self.hash.digest()
    }
    pub(super) fn crc(&self) -> u32 {
        self.crc.clone().finalize()
    }
}

/// Writes an archive.
pub struct Writer<W> {
    out: W,
    offset: u64,
    entries: Vec<Entry>,
    /// Of the open file: what was announced, and what was written.
    open: Option<(Checksum, Checksum)>,
}

impl<W: Write> Writer<W> {
    /// An archive without files.
    pub fn new(out: W) -> Self {
        Self { out, offset: 0, entries: Vec::new(), open: None }
    }

    /// Begins a file whose contents have this checksum; [`Writer::write`] follows.
    ///
    /// # Errors
    /// `InvalidInput` for a name that a bundle cannot have or that is there already, when the file before is not whole, at 4 GiB and above 401 files.
    pub fn file(&mut self, name: &str, sum: &Checksum) -> io::Result<()> {
        self.close()?;
        let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, format!("bundle file {name:?}: {why}")));
        if !good_name(name) || self.entries.iter().any(|entry| entry.name == name) {
            return refuse("expected another name");
        }
        if self.entries.len() >= MAX_ENTRIES {
            return refuse("a bundle has at most 400 files and its manifest");
        }
        let end = self.offset + (LOCAL_BYTES + name.len()) as u64 + sum.size;
        let (Ok(offset), Ok(size), true) = (u32::try_from(self.offset), u32::try_from(sum.size), end <= MAX_ARCHIVE_BYTES) else {
            return refuse("a bundle stays below 4 GiB");
        };
        let entry = Entry { name: name.to_owned(), crc: sum.crc(), size, offset };
        let header = entry.local();
        self.out.write_all(&header)?;
        self.offset += header.len() as u64;
        self.entries.push(entry);
        self.open = Some((sum.clone(), Checksum::default()));
        Ok(())
    }

    /// The next bytes of the file.
    ///
    /// # Errors
    /// The sink's; `InvalidInput` without a file.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (_, written) = self.open.as_mut().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "expected a file to write to"))?;
        written.update(bytes);
        self.offset += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// Writes the directory and gives the sink back.
    ///
    /// # Errors
    /// As [`Writer::file`].
    pub fn finish(mut self) -> io::Result<W> {
        self.close()?;
        let tail = tail(&self.entries, self.offset);
        let tail = tail.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a bundle stays below 4 GiB"))?;
        self.out.write_all(&tail)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn close(&mut self) -> io::Result<()> {
        let Some((announced, written)) = self.open.take() else { return Ok(()) };
        if (announced.size, announced.digest()) == (written.size, written.digest()) {
            return Ok(());
        }
        let name = self.entries.last().map(|entry| entry.name.as_str()).unwrap_or_default();
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("bundle file {name:?} changed while it was written")))
    }
}
