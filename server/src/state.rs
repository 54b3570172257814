//! What every handler and job gets.

use crate::config::Config;
use crate::keystore::Keystore;
use crate::live::Live;
use crate::store::Store;
use invigil_clock::Clock;
use invigil_format::{Fingerprint, VerifyingKey};
use sea_orm::DatabaseConnection;
use std::sync::Arc;

/// The state as handlers hold it.
pub type Shared = Arc<AppState>;

/// Everything a running server has.
pub struct AppState {
    /// Settings.
    pub config: Config,
    /// Database.
    pub db: DatabaseConnection,
    /// Segments on disk.
    pub store: Store,
    /// Erasure keys.
    pub keystore: Keystore,
    /// Institution public key and certificates, as agents are shown them.
    pub trust: invigil_wire::agent::Trust,
    /// SHA-256 of the institution public key.
    pub institution: Fingerprint,
    /// Public half of the server key.
    pub server_public: VerifyingKey,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What is only in memory.
    pub live: Live,
}
