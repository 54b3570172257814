//! What every handler, job and subcommand gets.

use crate::acts::people::Memory;
use crate::acts::wording::{self, Wordings};
use crate::config::Config;
use crate::db::{self, entities::segments};
use crate::disconnects::Table;
use crate::ingest::heartbeats::Beats;
use crate::keys;
use crate::keystore::Keystore;
use crate::live::Live;
use crate::policies::Policies;
use crate::retention::Guard;
use crate::store::Store;
use anyhow::Context;
use invigil_clock::Clock;
use invigil_format::{Fingerprint, ServerKey, TrustStore};
use invigil_forms::Forms;
use invigil_wire::agent::Trust;
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};
use std::sync::Arc;

/// The state as handlers hold it.
pub type Shared = Arc<AppState>;

/// Everything a running server has.
pub struct AppState {
    /// Settings.
    pub config: Config,
    /// Database.
    pub db: DatabaseConnection,
    /// Segments on disk and those that grow.
    pub store: Arc<Store>,
    /// Erasure keys.
    pub keystore: Keystore,
    /// Policies.
    pub policies: Policies,
    /// Forms of acts, as their files are now.
    pub forms: Forms,
    /// Forms that acts were put up for signature under, as their files were then.
    pub wordings: Wordings,
    /// University's emblem, SVG or PNG.
    pub emblem: Option<Vec<u8>>,
    /// Signs receipts, beacons, expiries and delegated certificates.
    pub server_key: ServerKey,
    /// Institution public key and certificates, as agents are shown them.
    pub trust: Trust,
    /// The same, ready to answer questions.
    pub trust_store: TrustStore,
    /// SHA-256 of the institution public key.
    pub institution: Fingerprint,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What is only in memory.
    pub live: Live,
    /// Contacts on their way to the engine of disconnects.
    pub disconnects: Table,
    /// What heartbeats are answered with.
    pub beats: Beats,
    /// Whether the clock is believed.
    pub guard: Guard,
    /// What is kept in memory of acts.
    pub acts: Memory,
}

impl AppState {
    /// Opens everything that `config` names; changes nothing but heals the keystore and brings the schema up to date.
    ///
    /// # Errors
    /// When something is missing or wrong.
    pub async fn open(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let server_key = keys::read_server_key(&config.paths.server_key)?;
        let (trust, trust_store) = keys::read_trust(&config.paths.trust)?;
        let policies = Policies::load(&config.paths.policies)?;
        let forms = Forms::load(&config.paths.forms)?;
        let emblem = config.acts.emblem.as_ref();
        let emblem = emblem.map(|path| std::fs::read(path).with_context(|| format!("read the emblem {}", path.display()))).transpose()?;
        let keystore = Keystore::open(&config.paths.keystore, &config.paths.keystore_mirror)?;
        let db = db::open(&config.paths.database, false).await?;
        wording::require(&db, &forms, &config.paths.forms).await?;
        let wordings = Wordings::load(&db).await?;
        let store = Arc::new(Store::open(&config.paths.store)?);
        let newest =
            segments::Entity::find().order_by_desc(segments::Column::Revision).one(&db).await.context("read the newest revision")?;
        // Growing segments had revisions that were never written down; the clock is ahead of all of them.
        let revision = newest.map_or(0, |row| row.revision).max(clock.wall_ms().saturating_mul(1000));
        let live = Live::new(u64::try_from(revision).unwrap_or(0));
        let institution = trust_store.fingerprint();
        let guard = Guard::open(&db).await?;
        let (disconnects, beats, acts) = Default::default();
        Ok(Self {
            config,
            db,
            store,
            keystore,
            policies,
            forms,
            wordings,
            emblem,
            server_key,
            trust,
            trust_store,
            institution,
            clock,
            live,
            disconnects,
            beats,
            guard,
            acts,
        })
    }

    /// Server's wall clock, Unix ms.
    pub fn now_ms(&self) -> i64 {
        self.clock.wall_ms()
    }
}
