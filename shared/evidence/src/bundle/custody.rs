//! Who held, opened and released the footage: `custody.json`.

use invigil_format::json::{self, nullable};
use invigil_format::{Error, HoldId, RecordingId};
use serde::{Deserialize, Serialize};

/// The file. All times Unix ms on the server's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// Holds on the cited recordings.
    pub holds: Vec<CustodyHold>,
    /// Who did what with their footage, in order of time.
    pub log: Vec<CustodyEntry>,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyHold {
    /// Hold.
    pub hold: HoldId,
    /// Recording.
    pub recording: RecordingId,
    /// From (inclusive).
    pub from_ms: i64,
    /// Until (exclusive).
    pub to_ms: i64,
    /// `act`, `appeal` or `other`.
    pub reason: String,
    /// Who opened it.
    pub opened_by: String,
    /// When.
    pub opened_ms: i64,
    /// Who released it.
    #[serde(deserialize_with = "nullable")]
    pub released_by: Option<String>,
    /// When.
    #[serde(deserialize_with = "nullable")]
    pub released_ms: Option<i64>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyEntry {
    /// When.
    pub at_ms: i64,
    /// Who.
    pub who: String,
    /// What.
    pub action: String,
}

impl Custody {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Json`] and its likes.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        json::parse("custody.json", text)
    }

    /// As JSON text.
    pub fn to_json(&self) -> String {
        // A struct of strings, numbers and lists always has a JSON text.
        serde_json::to_string(self).unwrap_or_default()
    }
}
