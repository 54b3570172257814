//! Any payload as a certificate that the institution signed.
#![no_main]

use invigil_format::{Certificate, Fingerprint, Need, SigningKey, Statement, TrustStore};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(statement) = Statement::sign_text(text.into(), &key)
    {
        let trust = TrustStore::new(Fingerprint::of(&key.public()), key.public(), std::slice::from_ref(&statement)).unwrap();
        if let Ok(certificate) = statement.read::<Certificate>() {
            let at = certificate.not_before_ms;
            let counts = trust.require(Need::new(certificate.role, certificate.subject, at)).is_ok();
            assert_eq!(counts, certificate.institution == trust.fingerprint() && at < certificate.not_after_ms);
            assert_eq!(trust.current(certificate.role, at).count(), usize::from(counts));
        }
    }
});
