//! Drafts under the act's key, so that destroying the key ends them in backups too (`docs/evidence.md` 1).

use crate::error::Error;
use invigil_format::{ActId, ErasurePrivateKey, Fingerprint, SealingKey, hpke};
use zeroize::Zeroizing;

const INFO: &[u8] = b"invigil v1 draft\0";

/// Seals a revision of a draft to the act's key: encapsulated key (32), then the ciphertext.
///
/// # Errors
/// `weak-key`.
pub fn seal_draft(institution: Fingerprint, act: ActId, revision: u64, key: &SealingKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let (enc, sealed) = hpke::seal(key, INFO, &aad(institution, act, revision), plain)?;
    Ok([enc.as_slice(), &sealed].concat())
}

/// Opens what [`seal_draft`] made.
///
/// # Errors
/// `outer-seal` when key, institution, act, revision or bytes are others.
pub fn open_draft(
    institution: Fingerprint,
    act: ActId,
    revision: u64,
    key: &ErasurePrivateKey,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let broken = invigil_format::Error::OuterSeal;
    let (enc, sealed) = sealed.split_first_chunk::<{ hpke::ENC_BYTES }>().ok_or(broken.clone())?;
    Ok(key.open(enc, INFO, &aad(institution, act, revision), sealed)?.ok_or(broken)?)
}

fn aad(institution: Fingerprint, act: ActId, revision: u64) -> Vec<u8> {
    [institution.as_bytes().as_slice(), act.as_bytes(), &revision.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_opens_as_the_revision_of_the_act_that_it_is() {
        let (institution, act) = (Fingerprint([1; 32]), ActId::from_bytes([2; 16]));
        let key = ErasurePrivateKey::from_bytes([3; 32]);
        let sealed = seal_draft(institution, act, 7, &key.public().unwrap(), b"{}").unwrap();
        assert_eq!(open_draft(institution, act, 7, &key, &sealed).unwrap().as_slice(), b"{}");
        for (act, revision) in [(act, 6), (ActId::from_bytes([4; 16]), 7)] {
            assert_eq!(open_draft(institution, act, revision, &key, &sealed).unwrap_err().name(), "outer-seal");
        }
        assert_eq!(open_draft(institution, act, 7, &key, &sealed[..31]).unwrap_err().name(), "outer-seal");
    }
}
