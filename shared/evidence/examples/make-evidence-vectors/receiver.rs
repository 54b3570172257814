//! The small bundle sealed for its receiver; `server/web/test/make-receiver-vectors.mjs` adds what the page makes of it.

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use invigil_evidence::receiver::{Receiver, seal};
use serde_json::json;
use std::path::PathBuf;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "йоғұрт-қант шай 7 рет";

pub(crate) fn make(folder: &Option<PathBuf>) {
    let Some(folder) = folder else { return };
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    write("identity.txt", format!("# public key: {recipient}\n{}\n", identity.to_string().expose_secret()).as_bytes());

    let plain = std::fs::read(folder.join("../bundle/small.zip")).unwrap();
    let sealed = |receiver: &Receiver| seal(&mut plain.as_slice(), Vec::new(), receiver).unwrap();
    write("tool-key.age", &sealed(&Receiver::Keys(vec![recipient.clone()])));
    write("tool-passphrase.age", &sealed(&Receiver::Passphrase(Zeroizing::new(PASSPHRASE.into()))));
    let value = json!({ "plain": "../bundle/small.zip", "identity": "identity.txt", "recipient": recipient, "passphrase": PASSPHRASE });
    write("receiver.json", (serde_json::to_string_pretty(&value).unwrap() + "\n").as_bytes());
}
