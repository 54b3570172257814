//! What reviewers are given: exams, recordings, segments and what opens them (`wire::review`). Every release of bytes or keys is an
//! audit entry, written before the release.

mod range;
pub mod routes;

pub use routes::router;
