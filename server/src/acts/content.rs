//! What a draft holds. In the database it is sealed to the act's key, so that destroying the key ends it in backups too (`docs/evidence.md` 1).

use crate::db::entities::acts;
use crate::{ApiError, ApiResult, AppState, Shared};
use invigil_evidence::{open_draft, seal_draft};
use invigil_format::{ActId, SealingKey};
use invigil_wire::acts::{Cited, Returned};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Most bytes of a draft's content: what fits into a statement, and room for a text that has to be shortened.
const MAX_BYTES: usize = 128 << 10;

/// A draft's content. Who is to sign stands in rows of its own.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Fields by name.
    pub fields: BTreeMap<String, String>,
    /// Points violated, by id.
    pub points: Vec<String>,
    /// Cited stretches.
    pub evidence: Vec<Cited>,
    /// Capacity of who draws it up; may be empty.
    pub capacity: String,
    /// While for signature: the content that is signed (`docs/evidence.md` 4), the very text.
    pub frozen: Option<String>,
    /// Why it was sent back, until it is put up for signature again: it may name people, so it stands here and not in the audit log.
    pub returned: Option<Returned>,
}

/// The public id of an act.
///
/// # Errors
/// When the row is damaged.
pub fn act_id(row: &acts::Model) -> ApiResult<ActId> {
    row.uuid.parse().map_err(|error| ApiError::internal("reading an act's id from the database", error))
}

/// Seals a draft to the act's key, as it stands in the row.
///
/// # Errors
/// 413 when it is too long.
pub fn seal(state: &AppState, act: ActId, key: &SealingKey, revision: i64, draft: &Draft) -> ApiResult<String> {
    let failed = |error: &dyn std::fmt::Display| ApiError::internal("sealing a draft", error);
    let plain = Zeroizing::new(serde_json::to_vec(draft).map_err(|error| failed(&error))?);
    if plain.len() > MAX_BYTES {
        let message = format!("an act's text has at most {MAX_BYTES} bytes, found {}; shorten it, or attach it as a paper", plain.len());
        return Err(ApiError::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, "too-long", message));
    }
    let revision = u64::try_from(revision).map_err(|error| failed(&error))?;
    seal_draft(state.institution, act, revision, key, &plain).map(hex::encode).map_err(|error| failed(&error))
}

/// Opens the drafts of these rows, in their order; nothing for an act that is signed or discarded.
///
/// # Errors
/// When a key is missing or a draft does not open: then the keystore or the database was damaged.
pub async fn open_all(state: &Shared, rows: Vec<acts::Model>) -> ApiResult<Vec<Option<Draft>>> {
    let state = state.clone();
    let opened = tokio::task::spawn_blocking(move || rows.iter().map(|row| open(&state, row)).collect());
    opened.await.map_err(|error| ApiError::internal("opening drafts", error))?
}

/// The same for one.
///
/// # Errors
/// As [`open_all`], and when there is nothing to open.
pub async fn open_one(state: &Shared, row: &acts::Model) -> ApiResult<Draft> {
    let opened = open_all(state, vec![row.clone()]).await?.pop().flatten();
    opened.ok_or_else(|| ApiError::internal("opening a draft", format!("act {} has no draft any more", row.uuid)))
}

fn open(state: &AppState, row: &acts::Model) -> ApiResult<Option<Draft>> {
    let failed = |error: &dyn std::fmt::Display| ApiError::internal("opening a draft", format!("act {}: {error}", row.uuid));
    let Some(sealed) = &row.sealed else { return Ok(None) };
    let act = act_id(row)?;
    let key = state.keystore.load(act)?.ok_or_else(|| failed(&"its key is missing from the keystore"))?;
    let revision = u64::try_from(row.revision).map_err(|error| failed(&error))?;
    let sealed = hex::decode(sealed).map_err(|error| failed(&error))?;
    let plain = open_draft(state.institution, act, revision, &key, &sealed).map_err(|error| failed(&error))?;
    serde_json::from_slice(&plain).map(Some).map_err(|error| failed(&error))
}
