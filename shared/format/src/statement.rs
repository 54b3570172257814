//! Signed JSON (`docs/format.md` 2).

use crate::crypto::{sha256, verify};
use crate::error::Error;
use crate::ids::{Digest, Signature, VerifyingKey};
use crate::json;
use crate::keys::SigningKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest payload, bytes.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 10;
/// Longest statement as JSON text, bytes: escapes may lengthen a payload.
const MAX_TEXT_BYTES: usize = 1 << 20;
const SIGNED: &[u8] = b"invigil v1 statement\0";
const DIGESTED: &[u8] = b"invigil v1 statement digest\0";

/// A signed JSON text, exactly as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// JSON text, never re-serialised.
    pub payload: String,
    /// Who signed.
    pub key: VerifyingKey,
    /// Over `"invigil v1 statement\0" || payload`.
    pub signature: Signature,
}

/// What a statement can say. `type` and `version` are added when signing and checked when reading.
pub trait Payload: Serialize + DeserializeOwned {
    /// The member `type`.
    const TYPE: &'static str;

    /// Rules that types cannot express.
    ///
    /// # Errors
    /// [`Error::BadMember`] and others that the payload documents.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl Statement {
    /// Signs `payload`.
    ///
    /// # Errors
    /// What [`Payload::check`] refuses, or [`Error::StatementTooLong`].
    pub fn sign<P: Payload>(payload: &P, key: &SigningKey) -> Result<Self, Error> {
        payload.check()?;
        let not_json = |reason: String| Error::Json { what: P::TYPE, reason };
        let Value::Object(mut members) = serde_json::to_value(payload).map_err(|e| not_json(e.to_string()))? else {
            return Err(not_json("not an object".into()));
        };
        members.insert("type".into(), P::TYPE.into());
        members.insert("version".into(), 1.into());
        Self::sign_text(Value::Object(members).to_string(), key)
    }

    /// Signs a payload that is text already.
    ///
    /// # Errors
    /// [`Error::StatementTooLong`].
    pub fn sign_text(payload: String, key: &SigningKey) -> Result<Self, Error> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(Error::StatementTooLong { found: payload.len() });
        }
        let signature = key.sign(&[SIGNED, payload.as_bytes()].concat());
        Ok(Self { payload, key: key.public(), signature })
    }

    /// Reads a statement from JSON text. Says nothing about its signature: see [`Statement::read`].
    ///
    /// # Errors
    /// [`Error::Json`], [`Error::DuplicateMember`], [`Error::UnknownMember`], [`Error::StatementTooLong`].
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(Error::StatementTooLong { found: text.len() });
        }
        json::parse("statement", text)
    }

    /// As JSON text.
    pub fn to_json(&self) -> String {
        serde_json::json!({ "payload": self.payload, "key": self.key, "signature": self.signature }).to_string()
    }

    /// Checks length, signature, type, version and members, in this order, and gives the payload. Whether `key` is to be trusted is another question.
    ///
    /// # Errors
    /// The first of these that is wrong.
    pub fn read<P: Payload>(&self) -> Result<P, Error> {
        self.verify_signature()?;
        let mut value = json::value(P::TYPE, self.payload.as_bytes())?;
        let not_json = |reason: &str| Error::Json { what: P::TYPE, reason: reason.into() };
        let members = value.as_object_mut().ok_or_else(|| not_json("not an object"))?;
        match members.remove("type") {
            Some(Value::String(found)) if found == P::TYPE => {}
            Some(Value::String(found)) => return Err(Error::WrongType { expected: P::TYPE, found: found.chars().take(80).collect() }),
            _ => return Err(not_json("member type: expected a string")),
        }
        match members.remove("version").as_ref().and_then(Value::as_u64) {
            Some(1) => {}
            Some(found) => return Err(Error::UnsupportedVersion { found }),
            None => return Err(not_json("member version: expected a number")),
        }
        let payload: P = json::typed(P::TYPE, value)?;
        payload.check()?;
        Ok(payload)
    }

    /// The same, and requires that `signer` signed.
    ///
    /// # Errors
    /// [`Error::WrongSigner`] or as [`Statement::read`].
    pub fn read_by<P: Payload>(&self, signer: &VerifyingKey) -> Result<P, Error> {
        if self.key != *signer {
            return Err(Error::WrongSigner { what: P::TYPE });
        }
        self.read()
    }

    /// Checks length and signature only.
    ///
    /// # Errors
    /// [`Error::StatementTooLong`] or [`Error::BadSignature`].
    pub fn verify_signature(&self) -> Result<(), Error> {
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(Error::StatementTooLong { found: self.payload.len() });
        }
        verify(&self.key, &[SIGNED, self.payload.as_bytes()].concat(), &self.signature).map_err(|()| Error::BadSignature)
    }

    /// The statement's digest: white space around the payload does not enter it.
    pub fn digest(&self) -> Digest {
        sha256(&[DIGESTED, self.key.as_bytes(), self.signature.as_bytes(), self.payload.as_bytes()])
    }
}
