//! Any bytes as a sealed attachment, and as its header alone.
#![no_main]

use invigil_evidence::{Attachment, AttachmentHeader};
use invigil_format::ReviewPrivateKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(header) = AttachmentHeader::from_json(data) {
        // A header has one spelling.
        assert_eq!(header.to_json().as_bytes(), data);
        if let Ok(inner) = header.inner_bytes() {
            assert_eq!(header.without_inner().with_inner(&inner), header);
        }
    }
    if let Ok(attachment) = Attachment::parse(data) {
        assert_eq!(attachment.header.sealed_bytes(), attachment.sealed.len() as u64);
        // Nobody has sealed it for this key.
        assert!(attachment.open(&ReviewPrivateKey::from_bytes([5; 32])).is_err());
    }
});
