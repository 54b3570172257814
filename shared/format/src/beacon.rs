//! Server beacons (`docs/format.md` 5, frame kind 5): whatever is written after one was written not before it.

use crate::crypto::verify;
use crate::error::Error;
use crate::ids::{Fingerprint, Signature, VerifyingKey};
use crate::keys::ServerKey;

/// Length of a beacon, bytes.
pub const BEACON_BYTES: usize = 120;

/// A server's signed time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    /// Server's clock, Unix ms, not negative.
    pub time_ms: i64,
    /// Nobody could have known these before.
    pub random: [u8; 16],
    /// The server's key; whether it is certified is the reader's question.
    pub key: VerifyingKey,
    /// By `key`.
    pub signature: Signature,
}

impl Beacon {
    /// Signs a new one; a negative time becomes 0.
    pub fn sign(institution: Fingerprint, time_ms: i64, random: [u8; 16], key: &ServerKey) -> Self {
        let time_ms = time_ms.max(0);
        let signature = key.sign(&signed(institution, time_ms, &random));
        Self { time_ms, random, key: key.public(), signature }
    }

    /// Reads the 120 bytes and checks the signature.
    ///
    /// # Errors
    /// [`Error::BeaconLength`] or [`Error::BadBeacon`].
    pub fn read(institution: Fingerprint, bytes: &[u8]) -> Result<Self, Error> {
        let wrong = || Error::BeaconLength { found: bytes.len() };
        let (time, rest) = bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
        let (random, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
        let (key, rest) = rest.split_first_chunk::<32>().ok_or_else(wrong)?;
        let signature: &[u8; 64] = rest.try_into().map_err(|_| wrong())?;
        let time_ms = i64::try_from(u64::from_be_bytes(*time)).map_err(|_| Error::BadBeacon)?;
        let beacon = Self { time_ms, random: *random, key: VerifyingKey(*key), signature: Signature(*signature) };
        verify(&beacon.key, &signed(institution, time_ms, random), &beacon.signature).map_err(|()| Error::BadBeacon)?;
        Ok(beacon)
    }

    /// Reads 240 hexadecimal digits and checks the signature.
    ///
    /// # Errors
    /// As [`Beacon::read`].
    pub fn from_hex(institution: Fingerprint, text: &str) -> Result<Self, Error> {
        Self::read(institution, &hex::decode(text).map_err(|_| Error::BeaconLength { found: text.len() / 2 })?)
    }

    /// The 120 bytes.
    pub fn to_bytes(&self) -> [u8; BEACON_BYTES] {
        let mut out = [0; BEACON_BYTES];
        out[..8].copy_from_slice(&self.time_ms.to_be_bytes());
        out[8..24].copy_from_slice(&self.random);
        out[24..56].copy_from_slice(self.key.as_bytes());
        out[56..].copy_from_slice(self.signature.as_bytes());
        out
    }

    /// 240 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.to_bytes())
    }
}

fn signed(institution: Fingerprint, time_ms: i64, random: &[u8; 16]) -> Vec<u8> {
    [b"invigil v1 beacon\0".as_slice(), institution.as_bytes(), &time_ms.to_be_bytes(), random].concat()
}
