//! `invigil-agent receipt`.

use crate::receipt::describe;
use anyhow::Context;
use invigil_format::{Fingerprint, ReceiptFile};
use invigil_wire::agent::split_join;
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks the receipt of a recording without network: that a server of this institution signed it and that nothing in it was changed; then says it.
///
/// Exit status: 0 when it counts, 1 when it does not.
#[derive(clap::Args)]
pub struct Args {
    /// File that an agent kept, `receipt-RECORDING.json`.
    file: PathBuf,
    /// Fingerprint of the institution: 64 hexadecimal digits, or a join link that ends in them. Get it from the institution, not from the file.
    #[arg(long)]
    fingerprint: String,
    /// As a JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let digits = split_join(args.fingerprint.trim()).1.unwrap_or(args.fingerprint.trim());
    let fingerprint: Fingerprint = digits.parse().context("reading the fingerprint failed")?;
    let text = std::fs::read(&args.file).with_context(|| format!("reading {} failed", args.file.display()))?;
    let checked = ReceiptFile::from_json(&text).and_then(|file| Ok((file.digest(), file.check(fingerprint)?)));
    match (&checked, args.json) {
        (Ok((digest, receipt)), true) => println!("{}", serde_json::json!({ "counts": true, "digest": digest, "receipt": receipt })),
        (Ok((digest, receipt)), false) => {
            println!("{}\nit counts: a server of this institution signed it (digest {digest})", describe(receipt));
        }
        (Err(error), true) => {
            println!("{}", serde_json::json!({ "counts": false, "error": error.name(), "message": error.to_string() }));
        }
        (Err(error), false) => println!("it does NOT count: {error} ({})", error.name()),
    }
    Ok(if checked.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
