//! What reviewers are given: exams, recordings, segments and what opens them (`wire::review`). Every release of bytes or keys is an
//! audit entry, written before the release.

mod access;
mod bytes;
mod exams;
pub(crate) mod keys;
mod range;
mod revisions;
pub mod routes;
mod segments;

pub use exams::runs_now;
pub use routes::router;
