//! Any payload as what the server signs: acts, their events, held keys, manifests; and any text as custody.
#![no_main]

use invigil_evidence::bundle::Custody;
use invigil_evidence::{Act, ActEvent, BundleManifest, HeldRun, HeldSegment, canonical_json};
use invigil_format::{ErasurePrivateKey, SigningKey, Statement};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(custody) = Custody::from_json(data) {
        assert_eq!(Custody::from_json(custody.to_json().as_bytes()).unwrap(), custody);
    }
    let key = SigningKey::from_seed(&[4; 32]).unwrap();
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(statement) = Statement::sign_text(text.into(), &key) else { return };
    let stranger = ErasurePrivateKey::from_bytes([6; 32]);
    if let Ok(act) = statement.read::<Act>() {
        assert_eq!(Statement::sign(&act, &key).unwrap().read::<Act>().unwrap(), act);
        let content = act.content().to_json();
        assert_eq!(canonical_json(&content.parse().unwrap()), content);
    }
    if let Ok(event) = statement.read::<ActEvent>() {
        assert_eq!(Statement::sign(&event, &key).unwrap().read::<ActEvent>().unwrap(), event);
    }
    if let Ok(manifest) = statement.read::<BundleManifest>() {
        assert_eq!(Statement::sign(&manifest, &key).unwrap().read::<BundleManifest>().unwrap(), manifest);
    }
    if let Ok(held) = statement.read::<HeldRun>() {
        assert!(held.open_outer(&stranger).is_err());
    }
    if let Ok(held) = statement.read::<HeldSegment>() {
        assert!(held.open_outer(&stranger).is_err());
    }
});
