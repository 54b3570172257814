//! Sealed bytes of a segment, in ranges. Nothing here could open them.

use crate::audit::{self, Entry};
use crate::db::entities::{runs, segments};
use crate::review::access::{self, Found, Reach};
use crate::review::range::{Range, range};
use crate::staff::Who;
use crate::store::Place;
use crate::{ApiError, ApiResult, AppState, Shared, retention};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use sea_orm::EntityTrait;
use std::collections::HashSet;
use std::io;
use std::path::Path as FilePath;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

/// Bytes read at once: what an answer holds in memory.
const BLOCK_BYTES: usize = 64 << 10;
/// Releases remembered; beyond it they are forgotten, and entered in the audit log once more.
const MAX_REMEMBERED: usize = 100_000;

/// Which segments were released in which session, so that the audit log has one entry for it and not one a range.
#[derive(Debug, Default)]
pub struct Released(Mutex<HashSet<(i64, i64)>>);

/// `GET /api/segments/{id}`.
pub async fn bytes(
    State(state): State<Shared>,
    Extension(who): Extension<Who>,
    Extension(released): Extension<Arc<Released>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let none = || ApiError::not_found("there is no such segment; load the recording again");
    let id: i64 = id.parse().map_err(|_| none())?;
    let row = segments::Entity::find_by_id(id).one(&state.db).await?.ok_or_else(none)?;
    let found = access::recording_by_row(&state, row.recording_id).await?;
    let expires_ms = match access::reach(&state, &found).await? {
        Reach::Until(expires_ms) => Some(expires_ms),
        Reach::Held(held) if held.contains(&row.id) => None,
        Reach::Held(_) => return Err(ApiError::expired()),
    };
    let Readable { mut file, size_bytes, growing } = open(&state, &found, row.clone()).await?;

    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    // A growing file has no complete length yet (RFC 9110, 14.4).
    let complete = if growing { "*".to_owned() } else { size_bytes.to_string() };
    let (status, first, len) = match range(asked, size_bytes) {
        Range::Whole => (StatusCode::OK, 0, size_bytes),
        Range::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Range::Beyond => {
            let message = format!("only {size_bytes} bytes of the segment can be read now");
            let content_range =
                header::HeaderValue::from_str(&format!("bytes */{size_bytes}")).map_err(|e| ApiError::internal("writing a header", e))?;
            return Err(ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", message).with_header("content-range", content_range));
        }
    };
    note_release(&state, &released, &who, &found, &row).await?;

    file.seek(io::SeekFrom::Start(first)).await.map_err(|error| ApiError::internal("reading a segment", error))?;
    let clock = state.clone();
    let stream = ReaderStream::with_capacity(file.take(len), BLOCK_BYTES).map(move |block| {
        // An answer that began before expiry breaks off at it. One of a held segment does not.
        if expires_ms.is_some_and(|expires_ms| retention::access(&clock, expires_ms, false) != retention::Access::Open) {
            Err(io::Error::other("the footage expired"))
        } else {
            block
        }
    });
    let mut answer = (status, Body::from_stream(stream)).into_response();
    let set = answer.headers_mut();
    set.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/octet-stream"));
    set.insert(header::CONTENT_LENGTH, len.into());
    set.insert(header::ACCEPT_RANGES, header::HeaderValue::from_static("bytes"));
    set.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    if status == StatusCode::PARTIAL_CONTENT {
        let text = format!("bytes {first}-{}/{complete}", first + len - 1);
        set.insert(header::CONTENT_RANGE, header::HeaderValue::from_str(&text).map_err(|e| ApiError::internal("writing a header", e))?);
    }
    Ok(answer)
}

/// A segment's file, as far as it may be read.
struct Readable {
    file: File,
    size_bytes: u64,
    growing: bool,
}

/// Opens the file: the growing one as far as it is durable, else the stored or refused one.
async fn open(state: &AppState, found: &Found, mut row: segments::Model) -> ApiResult<Readable> {
    for _ in 0..2 {
        let opened = match state.store.growing(row.id) {
            Some(growing) => read_up_to(growing.path(), growing.look(|shown| shown.durable), row.state == "incoming").await,
            None if row.state == "stored" => {
                let run = runs::Entity::find_by_id(row.run_id).one(&state.db).await?;
                let run = run.ok_or_else(|| ApiError::not_found("the segment's run is not in the database"))?.uuid;
                let (recording, track) = (found.recording.uuid.as_str(), row.track.as_str());
                let place = Place { recording, run: &run, track, sequence: row.sequence, generation: row.generation };
                read_up_to(&state.store.object_path(&place), u64::try_from(row.size_bytes).unwrap_or(0), false).await
            }
            None => {
                read_up_to(&state.store.incoming_path(row.id), u64::try_from(row.size_bytes).unwrap_or(0), row.state == "incoming").await
            }
        };
        match opened {
            Ok(readable) => return Ok(readable),
            // It was stored between our looking at the row and at the file: look again.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let again = segments::Entity::find_by_id(row.id).one(&state.db).await?;
                row = again.ok_or_else(ApiError::expired)?;
            }
            Err(error) => return Err(ApiError::internal("opening a segment", error)),
        }
    }
    Err(ApiError::not_found("the segment's bytes are not on the server; `invigil-server check` tells the IT staff more"))
}

async fn read_up_to(path: &FilePath, size_bytes: u64, growing: bool) -> io::Result<Readable> {
    let file = File::open(path).await?;
    let size_bytes = file.metadata().await?.len().min(size_bytes);
    Ok(Readable { file, size_bytes, growing })
}

/// Enters the release in the audit log unless this session had this segment already. The lock is held meanwhile: the entry comes before
/// any byte leaves, and only once.
async fn note_release(state: &Shared, released: &Released, who: &Who, found: &Found, row: &segments::Model) -> ApiResult<()> {
    let mut known = released.0.lock().await;
    if known.contains(&(who.session, row.id)) {
        return Ok(());
    }
    let object = format!("recording:{}", found.recording.uuid);
    let detail = serde_json::json!({ "session": who.session, "segment": row.id, "track": row.track, "sequence": row.sequence });
    audit::append(&state.db, state.now_ms(), Entry { who: who.audit_name(), action: "footage-released", object, detail }).await?;
    if known.len() >= MAX_REMEMBERED {
        known.clear();
    }
    known.insert((who.session, row.id));
    Ok(())
}
