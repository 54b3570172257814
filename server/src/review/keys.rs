//! What opens a recording: key records with their outer seal opened by the server, and the reviewer's own wrapped keys.

use crate::audit::{self, Entry};
use crate::db::entities::{key_records, review_keys, runs};
use crate::holds::{self, OpenedRun};
use crate::review::access::{self, Found, Reach};
use crate::staff::Who;
use crate::{ApiError, ApiResult, AppState, Shared, trust};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use invigil_format::{ErasurePrivateKey, ExamId, KeyRecord, Statement};
use invigil_wire::holds::SegmentKeyView;
use invigil_wire::review::{KeyList, ReviewKey, RunKey};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// `GET /api/recordings/{id}/keys`.
pub async fn keys(State(state): State<Shared>, Extension(who): Extension<Who>, Path(id): Path<String>) -> ApiResult<Json<KeyList>> {
    let found = access::recording(&state, &id).await?;
    let (runs, segments) = match access::reach(&state, &found).await? {
        Reach::Until(_) => (open(state.clone(), found.exam.uuid.clone(), records(&state, found.recording.id).await?).await?, Vec::new()),
        Reach::Held(_) => held(&state, &found).await?,
    };
    // Of server and review keys, of the exam's erasure key and of the recording's devices.
    let mut certificates = state.trust.certificates.clone();
    certificates.extend(trust::certificates_of(&state.db, found.exam.id, found.recording.id).await?);

    let object = format!("recording:{}", found.recording.uuid);
    let detail = who.noted(serde_json::json!({ "session": who.session, "runs": runs.len(), "segments": segments.len() }));
    audit::append(&state.db, state.now_ms(), Entry { who: who.audit_name(), action: "keys-released", object, detail }).await?;

    Ok(Json(KeyList { institution: state.trust.institution, certificates, runs, segments }))
}

/// What the holds of an expired recording keep.
async fn held(state: &AppState, found: &Found) -> ApiResult<(Vec<RunKey>, Vec<SegmentKeyView>)> {
    let keys = holds::opened(&state.db, &state.store, &state.keystore, &found.exam, &found.recording).await?;
    let mut runs = Vec::with_capacity(keys.runs.len());
    for OpenedRun { record, inner } in keys.runs.into_values() {
        let run = record.read::<KeyRecord>().map_err(|error| ApiError::internal("reading a key record from the database", error))?.run;
        runs.push(RunKey { run, record, inner: inner.map_or_else(String::new, |inner| hex::encode(inner.as_bytes())) });
    }
    Ok((runs, keys.segments))
}

/// `GET /api/review-keys`.
pub async fn review_keys(State(state): State<Shared>, Extension(who): Extension<Who>) -> ApiResult<Json<Vec<ReviewKey>>> {
    let rows = review_keys::Entity::find().filter(review_keys::Column::AccountId.eq(who.account)).order_by_desc(review_keys::Column::Id);
    let read = |row: review_keys::Model| -> ApiResult<ReviewKey> {
        let broken = |error: String| ApiError::internal("reading a wrapped review key from the database", error);
        let public = row.public.parse().map_err(|error: invigil_format::ParseIdError| broken(error.to_string()))?;
        let wrapped = serde_json::from_str(&row.wrapped).map_err(|error| broken(error.to_string()))?;
        Ok(ReviewKey { public, name: row.name, wrapped })
    };
    let keys = rows.all(&state.db).await?.into_iter().map(read).collect::<ApiResult<Vec<_>>>()?;
    if !keys.is_empty() {
        let detail = serde_json::json!({ "session": who.session, "keys": keys.iter().map(|key| key.public).collect::<Vec<_>>() });
        let entry = Entry { who: who.audit_name(), action: "review-keys-given", object: format!("staff:{}", who.account), detail };
        audit::append(&state.db, state.now_ms(), entry).await?;
    }
    Ok(Json(keys))
}

/// Key records of a recording, in order of their runs.
async fn records(state: &AppState, recording: i64) -> ApiResult<Vec<Statement>> {
    let runs = runs::Entity::find().filter(runs::Column::RecordingId.eq(recording)).order_by_asc(runs::Column::Id).all(&state.db).await?;
    let ids = runs.into_iter().map(|run| run.id);
    let rows = key_records::Entity::find().filter(key_records::Column::RunId.is_in(ids)).order_by_asc(key_records::Column::RunId);
    rows.all(&state.db).await?.iter().map(|row| statement(&row.statement)).collect()
}

fn statement(text: &str) -> ApiResult<Statement> {
    Statement::from_json(text.as_bytes()).map_err(|error| ApiError::internal("reading a statement from the database", error))
}

/// Opens the outer seal of each record. One that does not open is left out and logged: the other runs can be watched.
async fn open(state: Shared, exam: String, records: Vec<Statement>) -> ApiResult<Vec<RunKey>> {
    let opened = tokio::task::spawn_blocking(move || -> ApiResult<Vec<RunKey>> {
        let id: ExamId = exam.parse().map_err(|error| ApiError::internal("reading an exam's id from the database", error))?;
        let key = match state.keystore.load(id)? {
            Some(key) => key,
            None if state.keystore.is_destroyed(id) => return Err(ApiError::expired()),
            None => {
                return Err(ApiError::internal(
                    "opening key records",
                    format!("the erasure key of exam {id} is missing from the keystore"),
                ));
            }
        };
        Ok(records.into_iter().filter_map(|record| open_one(&key, record)).collect())
    });
    opened.await.map_err(|error| ApiError::internal("opening key records", error))?
}

fn open_one(key: &ErasurePrivateKey, statement: Statement) -> Option<RunKey> {
    let opened = statement.read::<KeyRecord>().and_then(|record| Ok((record.run, record.open_outer(key)?)));
    match opened {
        Ok((run, inner)) => Some(RunKey { run, record: statement, inner: hex::encode(inner.as_bytes()) }),
        Err(error) => {
            tracing::error!(record = %statement.digest(), %error, "a key record does not open with its exam's erasure key");
            None
        }
    }
}
