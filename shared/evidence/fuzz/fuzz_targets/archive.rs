//! Any bytes as a ZIP: whatever has no fault is written again byte by byte.
#![no_main]

use invigil_evidence::zip::{Checksum, Writer, scan};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|data: &[u8]| {
    let archive = scan(&mut &*data).unwrap();
    let mut source = Cursor::new(data);
    let mut again = Writer::new(Vec::new());
    for file in &archive.files {
        let contents = file.read_at(&mut source, 0, usize::try_from(file.size_bytes).unwrap()).unwrap();
        assert_eq!(invigil_format::digest(&contents), file.digest);
        if archive.faults.is_empty() {
            again.file(&file.name, &Checksum::of(&contents)).unwrap();
            again.write(&contents).unwrap();
        }
    }
    if archive.faults.is_empty() {
        assert_eq!(again.finish().unwrap(), data);
    }
});
