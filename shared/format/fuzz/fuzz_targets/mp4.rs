//! Any bytes as init section and as fragment.
#![no_main]

use invigil_format::mp4::{Joiner, decode_time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = decode_time(data);
    let at = data.first().map_or(0, |first| usize::from(*first) * data.len() / 256);
    let (init, fragment) = data.split_at(at);
    if let Ok((mut joiner, start)) = Joiner::new(&[init, init]) {
        // What came out is again an init section.
        assert!(Joiner::new(&[start.as_slice()]).is_ok());
        if let Ok(joined) = joiner.fragment(1, 1_000_000, fragment) {
            assert!(decode_time(&joined).is_ok());
            assert!(joiner.fragment(0, 0, &joined).is_ok());
        }
    }
});
