use super::*;
use proptest::prelude::*;

fn write(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for (name, bytes) in files {
        writer.file(name, &Checksum::of(bytes)).unwrap();
        writer.write(bytes).unwrap();
    }
    writer.finish().unwrap()
}

fn small() -> Vec<u8> {
    write(&[("manifest.json", b"{}"), ("a/b-1.txt", b"hello"), ("empty", b"")])
}

#[test]
fn what_was_written_is_read_and_is_canonical() {
    let bytes = small();
    let archive = scan(&mut bytes.as_slice()).unwrap();
    assert_eq!(archive.faults, []);
    let names: Vec<&str> = archive.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["manifest.json", "a/b-1.txt", "empty"]);
    let mut source = std::io::Cursor::new(&bytes);
    assert_eq!(archive.files[1].read_at(&mut source, 1, 3).unwrap(), b"ell");
    assert!(archive.files[1].read_at(&mut source, 3, 3).is_err());
    assert_eq!(archive.files[1].digest, invigil_format::digest(b"hello"));
}

#[test]
fn the_length_of_an_archive_follows_from_names_and_sizes() {
    let bytes = small();
    let archive = scan(&mut bytes.as_slice()).unwrap();
    let files = archive.files.iter().map(|file| (file.name.as_str(), file.size_bytes));
    assert_eq!(archive_bytes(files), bytes.len() as u64);
    assert_eq!(archive_bytes([("a", u64::MAX), ("b", u64::MAX)]), u64::MAX);
}

#[test]
fn every_changed_dropped_or_added_byte_is_a_fault() {
    let good = small();
    for at in 0..good.len() {
        for flip in [1, 0x80] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            assert_ne!(scan(&mut bytes.as_slice()).unwrap().faults, [], "byte {at}");
        }
        assert_ne!(scan(&mut &good[..at]).unwrap().faults, [], "cut at {at}");
        let mut bytes = good.clone();
        bytes.insert(at, 0);
        assert_ne!(scan(&mut bytes.as_slice()).unwrap().faults, [], "added at {at}");
    }
    let trailing = [good.as_slice(), b"x"].concat();
    assert_eq!(scan(&mut trailing.as_slice()).unwrap().faults[0].name, "zip-trailing");
}

#[test]
fn names_that_leave_the_folder_or_stand_twice_are_refused() {
    for name in ["", "/a", "a/", "a//b", "../a", "a/..", ".a", "a b", "a\\b", "ä", "a\n"] {
        assert!(Writer::new(Vec::new()).file(name, &Checksum::default()).is_err(), "{name:?}");
    }
    let mut writer = Writer::new(Vec::new());
    writer.file("a", &Checksum::default()).unwrap();
    assert!(writer.file("a", &Checksum::default()).is_err());
}

#[test]
fn contents_that_are_not_the_announced_ones_end_writing() {
    let mut writer = Writer::new(Vec::new());
    writer.file("a", &Checksum::of(b"one")).unwrap();
    writer.write(b"two").unwrap();
    assert!(writer.finish().is_err());
}

#[test]
fn python_and_unzip_would_find_the_fields_where_the_specification_has_them() {
    // APPNOTE 4.3.16: the end record's offset of the directory, and the directory's first entry.
    let bytes = small();
    let end = bytes.len() - 22;
    let start = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().unwrap()) as usize;
    assert_eq!(&bytes[start..start + 4], b"PK\x01\x02");
    assert_eq!(u16::from_le_bytes(bytes[start + 28..start + 30].try_into().unwrap()), 13);
    assert_eq!(&bytes[start + 46..start + 59], b"manifest.json");
    assert_eq!(u16::from_le_bytes(bytes[end + 10..end + 12].try_into().unwrap()), 3);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!scan(&mut bytes.as_slice()).unwrap().faults.is_empty());
    }

    #[test]
    fn what_has_no_fault_is_written_again_byte_by_byte(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..6),
        at in any::<prop::sample::Index>(), to in any::<u8>(),
    ) {
        let names: Vec<String> = (0..contents.len()).map(|n| format!("f/{n}")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(String::as_str).zip(contents.iter().map(Vec::as_slice)).collect();
        let good = write(&files);
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        bytes[at] = to;
        prop_assert_eq!(scan(&mut bytes.as_slice()).unwrap().faults.is_empty(), bytes == good);
    }
}
