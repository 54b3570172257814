//! How an agent comes to trust a server and gets its place in an exam: trust bootstrap, join, and the enrolment kept on disk.
//!
//! The join link's fingerprint is the only thing taken on faith. Nothing secret is sent before the server has shown a TLS key that the institution certified.

mod device;
mod join;
mod keep;
mod names;
mod room;
mod time;
pub mod tls;
mod trust;

pub use device::device_key;
pub use join::{JoinLink, join};
pub use keep::{Enrolment, FILE, Recipients, find, load};
pub use room::{RoomPass, enrol_room};
pub use time::{heard, not_before, now_ms, server_now_ms};
pub use trust::{Addresses, Server, bootstrap, bootstrap_any, causes};

/// Why enrolling failed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// `--join` without fingerprint.
    #[error(
        "the join code carries no fingerprint, so the server cannot be told from an impostor: use the whole join link, or CODE.FINGERPRINT as printed beside the code"
    )]
    NoFingerprint,
    /// A fingerprint that is none.
    #[error("the join link's fingerprint is damaged ({0}): copy the whole link again")]
    BadFingerprint(invigil_format::ParseIdError),
    /// `--server` is no https address.
    #[error("the server's address {0:?} is not usable: expected https://HOST:PORT")]
    BadServer(String),
    /// The network or the server failed; trying again may help.
    #[error("{attempt} at {server} failed: {reason}")]
    Unreachable {
        /// What was attempted.
        attempt: &'static str,
        /// Server.
        server: String,
        /// Cause.
        reason: String,
    },
    /// The server is not the one that the join link names.
    #[error(
        "the server at {server} cannot prove that it belongs to this institution: {reason}; check the join link and this computer's date and time"
    )]
    Untrusted {
        /// Server.
        server: String,
        /// Cause.
        reason: invigil_format::Error,
    },
    /// What was kept on disk is not what this computer kept.
    #[error(
        "what this computer kept of the exam in {path} does not count: {reason}. It was altered, or comes from another computer or an older version of this program. \
         Connect this computer to the network and start again with the join link: it then joins anew (a room's computer does so by itself)"
    )]
    Altered {
        /// File.
        path: String,
        /// Cause.
        reason: String,
    },
    /// The server refused.
    #[error("the server refused to {attempt}: {message} ({status} {error})")]
    Refused {
        /// What was attempted.
        attempt: &'static str,
        /// HTTP status.
        status: u16,
        /// Stable name.
        error: String,
        /// For people.
        message: String,
        /// After how many seconds to try again, as the server said; 0 if it said nothing.
        wait_secs: u64,
    },
    /// Keys and certificates.
    #[error("{attempt} failed: {source}")]
    Format {
        /// What was attempted.
        attempt: &'static str,
        /// Cause.
        source: invigil_format::Error,
    },
    /// The spool's state folder.
    #[error("{attempt} {path} failed: {source}")]
    Disk {
        /// What was attempted.
        attempt: &'static str,
        /// File.
        path: String,
        /// Cause.
        source: std::io::Error,
    },
}

impl EnrolError {
    /// Whether the same may succeed later without a person doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
            _ => false,
        }
    }

    /// How long the server wants to be left alone before the same is asked again (429); at least a second, at most a minute.
    pub fn wait(&self) -> Option<std::time::Duration> {
        match self {
            Self::Refused { status: 429, wait_secs, .. } => Some(std::time::Duration::from_secs((*wait_secs).clamp(1, 60))),
            _ => None,
        }
    }

    fn disk(attempt: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Disk { attempt, path, source }
    }
}

/// What `Retry-After` says, seconds; 0 if there is none.
fn wait_secs(answer: &reqwest::Response) -> u64 {
    let header = answer.headers().get("retry-after");
    header.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_server_that_wants_to_be_left_alone_is_left_alone_as_long_as_it_says_within_bounds() {
        let refused =
            |status, wait_secs| EnrolError::Refused { attempt: "take", status, error: "e".into(), message: "m".into(), wait_secs }.wait();
        assert_eq!([0, 7, 9_999].map(|secs| refused(429, secs)), [1, 7, 60].map(|secs| Some(Duration::from_secs(secs))));
        assert_eq!(refused(409, 7), None);
    }
}
