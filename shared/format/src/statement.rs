//! Signed JSON (`docs/format.md` 2).

use crate::ids::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

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
