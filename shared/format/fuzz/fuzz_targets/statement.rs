//! Any JSON text as a statement, and any payload with a right signature, of every type.
#![no_main]

use invigil_format::{Closing, Expired, Fingerprint, Join, Payload, Receipt, ReceiptFile, RecordingReceipt, SigningKey, Statement};
use libfuzzer_sys::fuzz_target;

fn same_again<P: Payload>(statement: &Statement, key: &SigningKey) {
    if let Ok(payload) = statement.read::<P>() {
        let again = Statement::sign(&payload, key).expect("what was read can be signed").read::<P>().expect("and read again");
        assert_eq!(serde_json::to_value(&payload).unwrap(), serde_json::to_value(&again).unwrap());
    }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(statement) = Statement::from_json(data) {
        assert_eq!(Statement::from_json(statement.to_json().as_bytes()), Ok(statement.clone()));
        let _ = statement.read::<Receipt>();
    }
    if let Ok(file) = ReceiptFile::from_json(data) {
        assert_eq!(ReceiptFile::from_json(file.to_json().as_bytes()), Ok(file.clone()));
        let _ = file.check(Fingerprint::of(&file.institution));
    }
    let key = SigningKey::from_seed(&[1; 32]).unwrap();
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(statement) = Statement::sign_text(text.into(), &key)
    {
        same_again::<Receipt>(&statement, &key);
        same_again::<Expired>(&statement, &key);
        same_again::<Join>(&statement, &key);
        same_again::<Closing>(&statement, &key);
        same_again::<RecordingReceipt>(&statement, &key);
    }
});
