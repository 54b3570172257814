//! Identifiers, digests and public keys as distinct types, so that one can never be passed for another.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// Why a textual identifier, digest or key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found:?}")]
pub struct ParseIdError {
    /// What the text should have been.
    pub expected: &'static str,
    /// The text, cut to 80 characters.
    pub found: String,
}

fn refuse(expected: &'static str, found: &str) -> ParseIdError {
    ParseIdError { expected, found: found.chars().take(80).collect() }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 random bytes; the version and variant bits of a random UUID (RFC 9562, 5.4) are set.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid().into_bytes())
            }
            /// From the 16 bytes that enter computations.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
            /// The 16 bytes, in network order.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id.into_bytes())
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                Self::from_bytes(id.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                const EXPECTED: &str = "a UUID in lower case with hyphens";
                let id = Uuid::try_parse(text).map_err(|_| refuse(EXPECTED, text))?;
                let id = Self(id.into_bytes());
                if id.to_string() == text { Ok(id) } else { Err(refuse(EXPECTED, text)) }
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

uuid_id!(
    /// One exam: one sitting with a scheduled and an actual window.
    ExamId
);
uuid_id!(
    /// What was captured for one exam and one candidate or room.
    RecordingId
);
uuid_id!(
    /// One life of an agent process.
    RunId
);
uuid_id!(
    /// One boot of a device: Linux's `/proc/sys/kernel/random/boot_id`.
    BootId
);

uuid_id!(
    /// A hold: footage kept beyond its month.
    HoldId
);
uuid_id!(
    /// An act, from its draft on.
    ActId
);
uuid_id!(
    /// A sealed picture or paper that belongs to an act.
    AttachmentId
);
uuid_id!(
    /// An evidence bundle.
    BundleId
);

macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $len:expr, $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let mut out = [0; $len];
                if text.bytes().any(|b| b.is_ascii_uppercase()) || hex::decode_to_slice(text, &mut out).is_err() {
                    return Err(refuse($expected, text));
                }
                Ok(Self(out))
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

hex_bytes!(
    /// A SHA-256 digest.
    Digest, 32, "a SHA-256 digest in 64 lower-case hexadecimal digits"
);
hex_bytes!(
    /// The institution's fingerprint: SHA-256 of its Ed25519 public key.
    Fingerprint, 32, "a fingerprint in 64 lower-case hexadecimal digits"
);
hex_bytes!(
    /// An Ed25519 public key (RFC 8032).
    VerifyingKey, 32, "an Ed25519 public key in 64 lower-case hexadecimal digits"
);
hex_bytes!(
    /// An X25519 public key (RFC 7748).
    SealingKey, 32, "an X25519 public key in 64 lower-case hexadecimal digits"
);
hex_bytes!(
    /// An Ed25519 signature.
    Signature, 64, "an Ed25519 signature in 128 lower-case hexadecimal digits"
);
hex_bytes!(
    /// Commitment to a segment key (`docs/format.md` 5, sealing).
    Commitment, 32, "a key commitment in 64 lower-case hexadecimal digits"
);

hex_bytes!(
    /// What a certificate names: an Ed25519 or X25519 public key, or the SHA-256 of a TLS certificate's SubjectPublicKeyInfo.
    Subject, 32, "a public key or digest in 64 lower-case hexadecimal digits"
);

impl From<VerifyingKey> for Subject {
    fn from(key: VerifyingKey) -> Self {
        Self(key.0)
    }
}
impl From<SealingKey> for Subject {
    fn from(key: SealingKey) -> Self {
        Self(key.0)
    }
}
impl From<Digest> for Subject {
    fn from(digest: Digest) -> Self {
        Self(digest.0)
    }
}

/// Name of a track: 1 to 32 characters of `a-z0-9-`, for instance `cam0`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackName(String);

impl TrackName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for TrackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for TrackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for TrackName {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let good = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if good { Ok(Self(text.into())) } else { Err(refuse("a track name of 1 to 32 characters a-z, 0-9 or -", text)) }
    }
}
impl Serialize for TrackName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for TrackName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_spelling() {
        let id = RunId::from_random([0xAB; 16]);
        assert_eq!(id.to_string().parse::<RunId>(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<RunId>().is_err());
        assert!(id.to_string().replace('-', "").parse::<RunId>().is_err());
        let digest = Digest([0xAB; 32]);
        assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
        assert!("ab".parse::<Digest>().is_err());
    }
}
