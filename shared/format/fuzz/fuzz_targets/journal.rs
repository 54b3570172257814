//! Any payload as a journal entry that the device signed.
#![no_main]

use invigil_format::{Entry, JournalReader, SigningKey, Statement};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let key = SigningKey::from_seed(&[3; 32]).unwrap();
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(statement) = Statement::sign_text(text.into(), &key)
        && let Ok(entry) = statement.read::<Entry>()
    {
        let again: Entry = Statement::sign(&entry, &key).unwrap().read().unwrap();
        assert_eq!(entry, again);
        let mut reader = JournalReader::new(entry.institution, entry.recording, entry.run, key.public()).resume(entry.index, entry.previous);
        assert_eq!(reader.push(&statement), Ok(entry));
        assert!(reader.push(&statement).is_err() || reader.next_index() == u64::MAX);
    }
});
