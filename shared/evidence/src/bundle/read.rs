//! The files of a bundle, at hand by name.

use crate::zip::{Archive, FileAt};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read, Seek};

/// Longest file that is read as a whole, bytes: a journal.
pub(super) const MAX_TEXT_BYTES: u64 = 64 << 20;

/// A scanned archive and its source.
pub(super) struct Files<'a, R> {
    source: RefCell<&'a mut R>,
    pub(super) archive: Archive,
    by_name: HashMap<String, usize>,
}

impl<'a, R: Read + Seek> Files<'a, R> {
    pub(super) fn new(source: &'a mut R, archive: Archive) -> Self {
        let by_name = archive.files.iter().enumerate().map(|(place, file)| (file.name.clone(), place)).collect();
        Self { source: RefCell::new(source), archive, by_name }
    }

    pub(super) fn find(&self, name: &str) -> Option<&FileAt> {
        self.by_name.get(name).and_then(|place| self.archive.files.get(*place))
    }

    /// The whole file; `None` when it is not there or too long to be what it should be.
    pub(super) fn text(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.find(name).filter(|file| file.size_bytes <= MAX_TEXT_BYTES) else { return Ok(None) };
        let len = usize::try_from(file.size_bytes).unwrap_or(usize::MAX);
        self.read_at(file, 0, len).map(Some)
    }

    /// A part of a file.
    pub(super) fn read_at(&self, file: &FileAt, from: u64, len: usize) -> io::Result<Vec<u8>> {
        file.read_at(&mut **self.source.borrow_mut(), from, len)
    }
}
