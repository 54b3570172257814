//! Any bytes as a segment: whole, in pieces, and recovered. Digests and signatures stop a fuzzer early, so frame headers are also fed behind a right beginning.
#![no_main]

use invigil_format::{DeviceKey, Scanner, Stamp, recover_closing};
use libfuzzer_sys::fuzz_target;

const BEGINNING: &[u8] = include_bytes!("../../vectors/v1/good/init-only.ivs");

fn scan(bytes: &[u8]) {
    let device = DeviceKey::from_seed(&[3; 32]).unwrap();
    let (mut whole, mut pieces) = (Scanner::new(), Scanner::new());
    let expected = whole.feed(bytes);
    assert_eq!(bytes.chunks(13).try_for_each(|piece| pieces.feed(piece)), expected);
    assert_eq!((whole.head(), whole.whole_bytes(), whole.frames().len()), (pieces.head(), pieces.whole_bytes(), pieces.frames().len()));
    assert!(whole.signed_bytes() <= whole.whole_bytes() && whole.whole_bytes() <= bytes.len() as u64);
    if let Ok(recovery) = recover_closing(&whole, &device, Stamp { boottime_us: 1, wall_ms: 1 }) {
        let kept = &bytes[..usize::try_from(recovery.truncate_to).unwrap()];
        let closed = Scanner::scan(&[kept, &recovery.append].concat()).expect("a recovered segment reads");
        assert_eq!(closed.head(), recovery.head);
    }
}

fuzz_target!(|data: &[u8]| {
    scan(data);
    // The head that a right next frame carries is put in, so that the fuzzer gets beyond it.
    let mut next = data.to_vec();
    if next.len() >= 64 {
        let head = Scanner::scan(BEGINNING).unwrap().head();
        next[32..64].copy_from_slice(head.as_bytes());
    }
    scan(&[BEGINNING, &next].concat());
});
