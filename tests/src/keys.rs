//! The secrets that must never be on a disk in the clear, opened as a reviewer and a server together would.

use crate::disk;
use crate::server::{PASSPHRASE, Server};
use anyhow::{Context, Result, ensure};
use invigil_format::{ErasurePrivateKey, ExamId, KeyRecord, Statement, WrappedKey};
use std::path::Path;

/// The review key and the run key of each key record below `spool`, with the review key under [`PASSPHRASE`].
pub fn secrets(server: &Server, exam: ExamId, spool: &Path) -> Result<Vec<[u8; 32]>> {
    let wrapped = WrappedKey::from_json(&std::fs::read(server.dir().join("review-key.json"))?)?;
    let review = wrapped.unwrap_with(PASSPHRASE)?;
    let file = server.dir().join("keys/erasure").join(format!("{exam}.key"));
    let erasure: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).with_context(|| format!("read {}", file.display()))?)?;
    let mut private = [0; 32];
    hex::decode_to_slice(erasure["private"].as_str().context("the erasure key's private half")?, &mut private)?;
    let erasure = ErasurePrivateKey::from_bytes(private);
    let mut secrets = vec![*review.expose()];
    for file in disk::files(spool)?.into_iter().filter(|file| file.file_name().is_some_and(|name| name == "key-record.json")) {
        let statement: Statement = serde_json::from_slice(&std::fs::read(&file)?)?;
        let record: KeyRecord = statement.read()?;
        secrets.push(*record.open_inner(&record.open_outer(&erasure)?, &review)?.expose());
    }
    ensure!(secrets.len() > 1, "no key record below {}", spool.display());
    Ok(secrets)
}
