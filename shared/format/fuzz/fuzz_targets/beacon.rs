//! Any bytes and any text as a beacon.
#![no_main]

use invigil_format::{Beacon, Fingerprint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let institution = Fingerprint([7; 32]);
    if let Ok(beacon) = Beacon::read(institution, data) {
        assert_eq!(beacon.to_bytes().as_slice(), data);
    }
    let _ = Beacon::from_hex(institution, &String::from_utf8_lossy(data));
});
