//! What agent, server and review page say to each other: paths, headers and JSON bodies.
//!
//! Times end in `_ms` (Unix milliseconds on the server's clock unless said otherwise) or `_us`. Request bodies refuse unknown members.

pub mod acts;
pub mod agent;
pub mod holds;
pub mod review;
pub mod room;

use serde::{Deserialize, Serialize};

/// Body of every answer with a status of 400 or more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Stable name for programs, in kebab-case: `join-code-used`, `wrong-offset`, `expired`.
    pub error: String,
    /// For people: what was attempted, what was expected, what to do.
    pub message: String,
}
