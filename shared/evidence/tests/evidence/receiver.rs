//! Bundles sealed for their receiver: by this code, by the page's, and opened by the `age` program.

use crate::vectors::{dir, json};
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use invigil_evidence::bundle::{Institution, verify};
use invigil_evidence::receiver::{Receiver, Unlock, open, seal};
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;
use zeroize::Zeroizing;

#[test]
fn what_tool_and_page_sealed_opens_for_ever_and_is_verified_as_it_is() {
    let dir = dir("receiver");
    let vector = json(&dir.join("receiver.json"));
    let file = |name: &str| std::fs::read(dir.join(name)).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let plain = file(text("plain"));
    let institution: Institution = json(&dir.join("../bundle/bundle.json"))["institution"].as_str().unwrap().parse().unwrap();
    for maker in ["tool", "page"] {
        let key = Unlock::Identities(Zeroizing::new(file(text("identity"))));
        let passphrase = Unlock::Passphrase(Zeroizing::new(text("passphrase").into()));
        for (name, unlock) in [("key", key), ("passphrase", passphrase)] {
            let sealed = file(&format!("{maker}-{name}.age"));
            let mut opened = open(Cursor::new(&sealed), &unlock).unwrap();
            let mut bytes = Vec::new();
            opened.read_to_end(&mut bytes).unwrap();
            assert!(bytes == plain, "{maker}-{name}.age");
            assert!(verify(&mut opened, &institution).unwrap().holds(), "{maker}-{name}.age");
        }
        let mut changed = file(&format!("{maker}-key.age"));
        let last = changed.len() - 1;
        changed[last] ^= 1;
        let key = Unlock::Identities(Zeroizing::new(file(text("identity"))));
        assert!(open(Cursor::new(changed), &key).unwrap().read_to_end(&mut Vec::new()).is_err(), "{maker}-key.age");
    }
}

/// What `age` opens with an identity file; nothing when it refuses.
fn opened_by_age(identity: &Path, sealed: &Path) -> Option<Vec<u8>> {
    let output = Command::new("age")
        .args(["--decrypt", "--identity"])
        .arg(identity)
        .arg(sealed)
        .output()
        .expect("start age: install the package age");
    let said = String::from_utf8_lossy(&output.stderr);
    eprintln!("{}: {}{said}", sealed.display(), output.status);
    output.status.success().then_some(output.stdout)
}

#[test]
fn the_age_program_opens_what_was_sealed_for_its_key() {
    let vectors = dir("receiver");
    let plain = std::fs::read(dir("bundle").join("small.zip")).unwrap();
    for name in ["tool-key.age", "page-key.age"] {
        assert!(opened_by_age(&vectors.join("identity.txt"), &vectors.join(name)).unwrap() == plain, "{name}");
    }

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("age");
    std::fs::create_dir_all(&folder).unwrap();
    let (identity, sealed) = (folder.join("identity.txt"), folder.join("bundle.zip.age"));
    let [mine, yours] = [Identity::generate(), Identity::generate()];
    let keys = [&mine, &yours].map(|key| key.to_public().to_string()).to_vec();
    let mut bytes = seal(&mut plain.as_slice(), Vec::new(), &Receiver::Keys(keys)).unwrap();
    std::fs::write(&sealed, &bytes).unwrap();
    for key in [&mine, &yours] {
        std::fs::write(&identity, key.to_string().expose_secret()).unwrap();
        assert!(opened_by_age(&identity, &sealed).unwrap() == plain);
    }
    assert!(opened_by_age(&vectors.join("identity.txt"), &sealed).is_none(), "opened with another key");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&sealed, &bytes).unwrap();
    assert!(opened_by_age(&identity, &sealed).is_none(), "a changed byte was not seen");
}
