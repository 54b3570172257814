//! Any bytes as two init sections and as fragment. The first four bytes say how long the init sections are.
#![no_main]

use invigil_format::mp4::{Joiner, decode_time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(([a, b, c, d], data)) = data.split_first_chunk::<4>() else { return };
    let len = |bytes: [u8; 2], data: &[u8]| usize::from(u16::from_be_bytes(bytes)).min(data.len());
    let (init, rest) = data.split_at(len([*a, *b], data));
    let (other, fragment) = rest.split_at(len([*c, *d], rest));
    let _ = decode_time(fragment);
    for inits in [[init, init], [init, other]] {
        for made in [Joiner::new(&inits), Joiner::appending(&inits)] {
            let Ok((mut joiner, start)) = made else { continue };
            // What came out is again an init section.
            assert!(Joiner::new(&[start.as_slice()]).is_ok());
            if let Ok(joined) = joiner.fragment(1, 1_000_000, fragment) {
                assert_eq!(decode_time(&joined).is_ok(), decode_time(fragment).is_ok());
                assert!(joiner.fragment(0, 0, &joined).is_ok());
            }
        }
    }
});
