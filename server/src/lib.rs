//! Invigil's server: takes footage from agents, keeps it for its month and no longer, measures disconnects, and shows footage to reviewers.
//!
//! The map of the whole is `docs/architecture.md`; what lies on disk and in which order it comes and goes, `docs/lifecycle.md`.

pub mod acts;
pub mod arrival;
pub mod audit;
pub mod candidates;
pub mod check;
pub mod cli;
pub mod clock_map;
pub mod collected;
pub mod config;
pub mod crash;
pub mod db;
pub mod disconnects;
pub mod error;
pub mod exams;
pub mod files;
pub mod footage;
pub mod holds;
pub mod http;
pub mod ingest;
pub mod install;
pub mod jobs;
pub mod joincode;
pub mod journals;
pub mod keys;
pub mod keystore;
pub mod live;
pub mod memory;
pub mod page;
pub mod policies;
pub mod retention;
pub mod review;
pub mod rooms;
pub mod staff;
pub mod state;
pub mod store;
pub mod trust;
pub mod views;
pub mod wrap;

pub use error::{ApiError, ApiResult};
pub use state::{AppState, Shared};
