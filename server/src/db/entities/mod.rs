//! Rows, one file a group of tables. Units and meanings are in `migrations/` too.

mod annulment;
mod capture;
mod disconnects;
mod footage;
mod held;
mod keys;
mod retention;
mod staff;
mod time;

pub use annulment::act_attachments;
pub use annulment::act_documents;
pub use annulment::act_log;
pub use annulment::act_signatories;
pub use annulment::acts;
pub use annulment::form_texts;
pub use capture::exams;
pub use capture::recordings;
pub use capture::runs;
pub use disconnects::findings;
pub use disconnects::outages;
pub use footage::journal_entries;
pub use footage::segments;
pub use held::held_runs;
pub use held::held_segments;
pub use held::holds;
pub use keys::certificates;
pub use keys::key_records;
pub use retention::deletions;
pub use retention::tombstones;
pub use staff::accounts;
pub use staff::audit;
pub use staff::review_keys;
pub use staff::sessions;
pub use time::meta;
pub use time::server_downtime;
pub use time::time_guard;
