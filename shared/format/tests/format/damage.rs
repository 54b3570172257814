//! Damage, tearing, recovery and limits of segments.

use crate::common::{Forge, Raw, World, stamp};
use invigil_format::{CloseReason, Error, Header, MAX_SEGMENT_BYTES, Opener, Scanner, SegmentWriter, recover_closing};
use proptest::prelude::*;

fn record() -> invigil_format::Digest {
    invigil_format::digest(b"key record")
}

fn open_all(w: &World, bytes: &[u8]) -> Result<(Scanner, Vec<Vec<u8>>), Error> {
    let scanner = Scanner::scan(bytes)?;
    let opener = Opener::new(&scanner, &w.run_keys[0])?;
    let mut plain = Vec::new();
    for frame in scanner.frames().iter().filter(|frame| frame.kind.sealed()) {
        let from = usize::try_from(frame.body_offset()).unwrap();
        plain.push(opener.open(frame, &bytes[from..from + frame.body_len as usize])?.to_vec());
    }
    Ok((scanner, plain))
}

/// P5: any one changed byte of a closed segment is found without a key.
#[test]
fn any_one_changed_byte_of_a_closed_segment_is_found() {
    let w = World::new();
    let (bytes, writer) = w.segment(w.start(0, "cam0", 0, None, record()), 0, &[3, 40, 5, 60], Some(CloseReason::Stopped));
    let trust = w.trust();
    let good = Scanner::scan(&bytes).unwrap();
    assert_eq!((good.digest(), good.head(), good.signed_bytes()), (writer.digest(), writer.head(), writer.size_bytes()));
    good.check_trust(&trust, crate::common::T0_MS).unwrap();
    for at in 0..bytes.len() {
        for mask in [1, 0x80] {
            let mut damaged = bytes.clone();
            damaged[at] ^= mask;
            let found = Scanner::scan(&damaged).and_then(|scanner| scanner.check_trust(&trust, crate::common::T0_MS).map(|()| scanner));
            // A cut-off length makes the closing frame incomplete: then the segment is no longer closed.
            assert!(found.is_err() || found.is_ok_and(|scanner| scanner.closing().is_none()), "byte {at} changed unnoticed");
        }
    }
}

#[test]
fn a_cut_at_any_byte_shows_the_last_whole_frame_and_can_be_closed() {
    let w = World::new();
    let (bytes, _) = w.segment(w.start(0, "cam0", 0, None, record()), 0, &[3, 40, 5, 60], None);
    let whole = Scanner::scan(&bytes).unwrap();
    let header_end = whole.frames()[0].offset;
    for cut in 0..=bytes.len() {
        let mut scanner = Scanner::new();
        scanner.feed(&bytes[..cut]).unwrap();
        if (cut as u64) < header_end {
            assert_eq!(recover_closing(&scanner, &w.device, stamp(0)).unwrap_err(), Error::NoHeader);
            continue;
        }
        let last =
            whole.frames().iter().map(invigil_format::Frame::end_offset).filter(|end| *end <= cut as u64).max().unwrap_or(header_end);
        assert_eq!((scanner.whole_bytes(), scanner.pending_bytes()), (last, cut as u64 - last));
        let recovery = recover_closing(&scanner, &w.device, stamp(99_000_000)).unwrap();
        assert_eq!(recovery.truncate_to, last);
        let closed = [&bytes[..usize::try_from(last).unwrap()], &recovery.append].concat();
        let (scanner, plain) = open_all(&w, &closed).unwrap();
        assert_eq!(scanner.closing().unwrap().reason, CloseReason::Recovered);
        assert_eq!((scanner.head(), scanner.signed_bytes()), (recovery.head, closed.len() as u64));
        assert_eq!(plain.len(), scanner.chunks() as usize + usize::from(!plain.is_empty()));
        assert_eq!(recover_closing(&scanner, &w.device, stamp(0)).unwrap_err(), Error::AlreadyClosed);
    }
}

/// A crash may also come while the recovery itself is being appended.
#[test]
fn a_recovery_that_was_cut_can_be_recovered() {
    let w = World::new();
    let (bytes, _) = w.segment(w.start(0, "cam0", 0, None, record()), 0, &[3, 40], None);
    let first = recover_closing(&Scanner::scan(&bytes).unwrap(), &w.device, stamp(5)).unwrap();
    for cut in 0..first.append.len() {
        let torn = [bytes.as_slice(), &first.append[..cut]].concat();
        let again = recover_closing(&Scanner::scan(&torn).unwrap(), &w.device, stamp(6)).unwrap();
        let closed = [&torn[..usize::try_from(again.truncate_to).unwrap()], &again.append].concat();
        assert_eq!(open_all(&w, &closed).unwrap().0.closing(), Some(&again.closing));
    }
}

#[test]
fn another_device_closes_nothing_and_another_key_opens_nothing() {
    let w = World::new();
    let (bytes, _) = w.segment(w.start(0, "cam0", 0, None, record()), 0, &[3], None);
    let scanner = Scanner::scan(&bytes).unwrap();
    let other = invigil_format::DeviceKey::from_seed(&[50; 32]).unwrap();
    assert_eq!(recover_closing(&scanner, &other, stamp(0)).unwrap_err().name(), "wrong-signer");
    assert_eq!(Opener::new(&scanner, &w.run_keys[1]).err(), Some(Error::Commitment));
    let opener = Opener::new(&scanner, &w.run_keys[0]).unwrap();
    assert_eq!(opener.open(&scanner.frames()[0], b"short").unwrap_err().name(), "not-sealed");
    // A body under another frame's header: what was sealed as chunk 1 does not open as init.
    let body = |i: usize| {
        let from = usize::try_from(scanner.frames()[i].body_offset()).unwrap();
        &bytes[from..from + scanner.frames()[i].body_len as usize]
    };
    let mut frame = scanner.frames()[0].clone();
    frame.body_len = scanner.frames()[1].body_len;
    assert_eq!(opener.open(&frame, body(1)).unwrap_err().name(), "broken-seal");
}

#[test]
fn the_writer_keeps_the_order_and_the_limits() {
    let w = World::new();
    let (mut writer, start) = SegmentWriter::begin(w.start(0, "cam0", 0, None, record()), &w.run_keys[0], &w.device).unwrap();
    let at = stamp(0);
    let order = |result: Result<Vec<u8>, Error>| assert_eq!(result.unwrap_err().name(), "frame-order");
    order(writer.chunk(at, 0, true, b"x"));
    order(writer.signature(at));
    order(writer.beacon(at, &w.beacon()));
    order(writer.end(at));
    assert_eq!(writer.init(at, &vec![0; (64 << 10) + 1]).unwrap_err().name(), "plain-length");
    let mut bytes = start;
    bytes.extend(writer.init(at, b"init").unwrap());
    order(writer.init(at, b"init"));
    assert_eq!(writer.chunk(at, 0, true, b"").unwrap_err().name(), "plain-length");
    assert_eq!(writer.chunk(at, 0, true, &vec![0; (8 << 20) + 1]).unwrap_err().name(), "plain-length");
    assert_eq!(writer.close(CloseReason::Full).unwrap_err().name(), "no-final-frame");
    assert_eq!(writer.close(CloseReason::Recovered).unwrap_err().name(), "bad-member");
    bytes.extend(writer.chunk(at, 5, true, b"x").unwrap());
    bytes.extend(writer.end(at).unwrap());
    order(writer.chunk(at, 0, true, b"x"));
    order(writer.beacon(at, &w.beacon()));
    bytes.extend(writer.signature(at).unwrap());
    bytes.extend(writer.close(CloseReason::Full).unwrap());
    order(writer.signature(at));
    assert_eq!(writer.close(CloseReason::Full).unwrap_err(), Error::AlreadyClosed);
    // No refused call left a trace.
    let (scanner, plain) = open_all(&w, &bytes).unwrap();
    assert_eq!((plain, scanner.duration_us()), (vec![b"init".to_vec(), b"x".to_vec(), Vec::new()], 5));
}

#[test]
fn a_key_record_opens_for_each_reviewer_and_only_in_its_own_scope() {
    let w = World::new();
    let record = |run: usize| w.key_record(run).read::<invigil_format::KeyRecord>().unwrap();
    let (first, second) = (record(0), record(1));
    let inner = first.open_outer(&w.erasure).unwrap();
    for review in [&w.review, &w.review2] {
        assert_eq!(first.open_inner(&inner, review).unwrap().expose(), w.run_keys[0].expose());
        // The inner text of one run does not pass for another's.
        assert_eq!(second.open_inner(&inner, review).err(), Some(Error::InnerSeal));
    }
    // Two records of the same run share no byte that could be compared.
    assert_ne!(record(0).enc, first.enc);
}

fn header(w: &World) -> Header {
    let (writer, _) = SegmentWriter::begin(w.start(0, "cam0", 0, None, record()), &w.run_keys[0], &w.device).unwrap();
    writer.header().clone()
}

#[test]
fn longer_than_64_mib_is_refused_at_the_frame_that_goes_beyond() {
    let w = World::new();
    let mut forge = Forge::new(&header(&w)).frame(1, &[0; 16]);
    let mut scanner = Scanner::new();
    scanner.feed(&forge.bytes).unwrap();
    forge.bytes.clear();
    for _ in 0..7 {
        forge = forge.frame(2, &vec![0; 8 << 20]);
        scanner.feed(&forge.bytes).unwrap();
        forge.bytes.clear();
    }
    let room = usize::try_from(MAX_SEGMENT_BYTES - scanner.whole_bytes()).unwrap() - 64;
    let fits = forge.clone().frame(2, &vec![0; room]);
    scanner.clone().feed(&fits.bytes).unwrap();
    let beyond = Raw { body_len: Some(u32::try_from(room).unwrap() + 1), ..Raw::new(2, forge.counter) };
    assert_eq!(scanner.feed(&forge.raw(&beyond, b"").bytes), Err(Error::SegmentTooLong));
}

#[test]
fn more_than_100_000_frames_are_refused() {
    let w = World::new();
    let mut forge = Forge::new(&header(&w)).frame(1, &[0; 16]);
    let mut scanner = Scanner::new();
    for _ in 1..100_000 {
        forge = forge.frame(2, &[0; 17]);
    }
    scanner.feed(&forge.bytes).unwrap();
    forge.bytes.clear();
    assert_eq!(scanner.feed(&forge.frame(2, &[0; 17]).bytes), Err(Error::TooManyFrames));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read(
        chunks in proptest::collection::vec(prop_oneof![1usize..200, 1000usize..20_000], 0..12),
        close in prop_oneof![Just(None), Just(Some(CloseReason::Full)), Just(Some(CloseReason::Stopped))],
        piece in 1usize..5000,
    ) {
        let w = World::new();
        let (bytes, writer) = w.segment(w.start(0, "cam0", 3, Some(record()), record()), 0, &chunks, close);
        let mut scanner = Scanner::new();
        for piece in bytes.chunks(piece) {
            scanner.feed(piece).unwrap();
        }
        prop_assert_eq!((scanner.head(), scanner.whole_bytes(), scanner.digest()), (writer.head(), writer.size_bytes(), writer.digest()));
        prop_assert_eq!((scanner.signed_bytes(), scanner.chunks()), (writer.signed_bytes(), writer.chunks()));
        prop_assert_eq!(scanner.header(), Some(writer.header()));
        prop_assert_eq!(scanner.closing().map(|closing| closing.reason), close);
        let (_, plain) = open_all(&w, &bytes).unwrap();
        let lengths: Vec<usize> = plain[1..=chunks.len()].iter().map(Vec::len).collect();
        prop_assert_eq!(lengths, chunks);
    }
}

/// Gives a few bytes at a time, is interrupted now and then, and counts the most that was asked for.
struct Trickle<'a>(&'a [u8], usize, usize);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        self.1 = self.1.max(to.len());
        self.2 += 1;
        if self.2.is_multiple_of(5) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let len = self.0.len().min(to.len()).min(37);
        to[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

#[test]
fn a_file_read_bit_by_bit_is_what_it_is_read_at_once_and_never_lies_in_memory_whole() {
    for case in crate::read_vectors::load().cases.iter().filter(|case| case.kind == "segment") {
        let bytes = std::fs::read(crate::vectors::dir().join(&case.file)).unwrap();
        let (mut whole, mut pieces) = (Scanner::new(), Scanner::new());
        let _ = whole.feed(&bytes);
        let mut reader = Trickle(&bytes, 0, 0);
        assert_eq!(pieces.read_from(&mut reader).unwrap(), bytes.len() as u64, "{}", case.name);
        assert!(reader.1 <= 64 << 10, "{} bytes at once", reader.1);
        assert_eq!(
            (pieces.error(), pieces.digest(), pieces.frames(), pieces.whole_bytes()),
            (whole.error(), whole.digest(), whole.frames(), whole.whole_bytes()),
            "{}",
            case.name
        );
    }
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    assert_eq!(Scanner::new().read_from(Broken).unwrap_err().to_string(), "the disk is gone");
}
