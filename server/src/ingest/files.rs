//! `/v1/files`: tus 1.0 with the states of `docs/lifecycle.md`, section Store.

use super::auth::Agent;
use super::complete::{self, Completion};
use super::runs;
use super::tus;
use crate::db::{self, entities::recordings, entities::runs as run_rows, entities::segments};
use crate::error::{ApiError, ApiResult};
use crate::files::free_bytes;
use crate::retention;
use crate::state::{AppState, Shared};
use crate::store::{Appended, Growing, Shown};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options, patch};
use axum::{Json, Router};
use futures_util::StreamExt;
use invigil_format::MAX_SEGMENT_BYTES;
use invigil_wire::agent::{DISK_FULL, DURABLE_HEADER, FILES, FileState, MAX_PATCH_BYTES, REFUSED, STATE_HEADER};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use std::sync::Arc;

/// Segments of one recording that one device may have under way at once; each holds an open file and some hundred KiB of memory. A room's
/// 16 cameras, each with its thumbnails, and sound are 33 tracks: as many segments that grow fit beside as many that a thin link left
/// behind, and beside nearly twice as many of earlier runs.
const MAX_INCOMING: u64 = 128;
/// Most room that is made for a body before any of it has come, bytes.
const MAX_FIRST_BYTES: usize = 1 << 20;

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route(FILES, options(describe).post(create))
        .route(&format!("{FILES}/{{id}}"), patch(append).head(head).options(describe))
        .route(&format!("{FILES}/{{id}}/receipt"), get(receipt))
}

async fn describe() -> impl IntoResponse {
    let headers = [
        ("tus-resumable", tus::VERSION.to_owned()),
        ("tus-version", tus::VERSION.to_owned()),
        ("tus-extension", tus::EXTENSIONS.to_owned()),
        ("tus-checksum-algorithm", tus::ALGORITHMS.to_owned()),
        ("tus-max-size", MAX_SEGMENT_BYTES.to_string()),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// T1: one row and one file for each (recording, run, track, sequence), however often it is asked for.
async fn create(State(state): State<Shared>, agent: Agent, headers: HeaderMap) -> ApiResult<Response> {
    tus::check_version(&headers)?;
    agent.not_expired(&state)?;
    let metadata = tus::metadata(&headers)?;
    agent.owns(metadata.recording)?;
    let length = tus::number(&headers, "upload-length")?;
    let deferred = headers.get("upload-defer-length").is_some_and(|value| value == "1");
    if length.is_some() == deferred {
        return Err(ApiError::bad("bad-header", "expected either Upload-Length or Upload-Defer-Length: 1"));
    }
    if length.is_some_and(|length| length > MAX_SEGMENT_BYTES) {
        return Err(too_long());
    }
    let now_ms = state.now_ms();
    let tx = db::begin_write(&state.db).await?;
    runs::not_expired(&state, &tx, &agent).await?;
    let run = runs::ensure(&tx, &agent, metadata.run, now_ms).await?;
    let place = Condition::all()
        .add(segments::Column::RunId.eq(run.id))
        .add(segments::Column::Track.eq(metadata.track.as_str()))
        .add(segments::Column::Sequence.eq(metadata.sequence));
    let row = match segments::Entity::find().filter(place).one(&tx).await? {
        Some(row) => row,
        None => {
            check_limits(&state, &tx, &agent, run.id).await?;
            let row = segments::ActiveModel {
                recording_id: Set(agent.recording_row),
                run_id: Set(run.id),
                track: Set(metadata.track.to_string()),
                sequence: Set(metadata.sequence.into()),
                generation: Set(0),
                state: Set("incoming".into()),
                created_ms: Set(now_ms),
                size_bytes: Set(0),
                revision: Set(i64::try_from(state.live.next_revision()).unwrap_or(i64::MAX)),
                ..Default::default()
            };
            row.insert(&tx).await?
        }
    };
    tx.commit().await?;
    crate::crash::point("create-after-row");
    let location = HeaderValue::try_from(format!("{FILES}/{}", row.id)).map_err(|error| ApiError::internal("naming a file", error))?;
    let state_now = match open(&state, &row).await? {
        Some(growing) => {
            if let Some(length) = length {
                growing.declare(length);
            }
            growing.look(standing)
        }
        None => row_standing(&row),
    };
    crate::disconnects::contact(&state, agent.recording_row, Some(run.id));
    let mut answer = (StatusCode::CREATED, [tus::resumable(), (header::LOCATION, location)]).into_response();
    state_now.write(answer.headers_mut());
    Ok(answer)
}

/// T2, and T4 when the file is complete with it.
async fn append(State(state): State<Shared>, agent: Agent, Path(id): Path<String>, headers: HeaderMap, body: Body) -> ApiResult<Response> {
    tus::check_version(&headers)?;
    agent.not_expired(&state)?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|value| value != "application/offset+octet-stream") {
        let message = "expected the header Content-Type: application/offset+octet-stream";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-content-type", message));
    }
    let at = tus::number(&headers, "upload-offset")?.ok_or_else(|| ApiError::bad("bad-header", "the header Upload-Offset is missing"))?;
    let declared = tus::number(&headers, "upload-length")?;
    if declared.is_some_and(|length| length > MAX_SEGMENT_BYTES) {
        return Err(too_long());
    }
    let row = find(&state, &agent, &id).await?;
    let Some(growing) = open(&state, &row).await? else {
        return after_the_end(&state, &agent, &row, at);
    };
    if free_bytes(state.store.folder()).is_ok_and(|free| free < state.config.limits.min_free_bytes) {
        let message = "the server's disk is nearly full: keep the bytes and try again later";
        return Err(ApiError::new(StatusCode::INSUFFICIENT_STORAGE, DISK_FULL, message));
    }
    // A body is not worth reading when its bytes are for another place. The file may grow while it comes: that is looked at below.
    let received = growing.look(|shown| shown.received);
    if at != received {
        crate::disconnects::contact(&state, agent.recording_row, Some(row.run_id));
        return Err(wrong_offset(at, received));
    }
    let announced = announced(&headers).unwrap_or(MAX_PATCH_BYTES).min(MAX_PATCH_BYTES);
    let room = state.live.take_body(agent.recording_row, announced as u64).ok_or_else(super::auth::too_many)?;
    let bytes = read_body(body, &headers).await?;
    // A body may take minutes, and what counts is when its bytes are added. The exam's end may have moved meanwhile, too: the rows say.
    if retention::access(&state, agent.expires_ms, agent.destroyed) != retention::Access::Open {
        runs::not_expired(&state, &state.db, &agent).await?;
    }
    let known = growing.look(|shown| shown.declared);
    if known.is_some() && declared.is_some() && known != declared {
        return Err(ApiError::bad("bad-header", "another Upload-Length than before: it cannot change"));
    }
    let limit = declared.or(known).unwrap_or(MAX_SEGMENT_BYTES);
    let appended = growing.append(at, bytes, limit, state.live.next_revision()).await;
    drop(room);
    crate::disconnects::contact(&state, agent.recording_row, Some(row.run_id));
    match appended.map_err(|error| ApiError::internal("appending to a file", error))? {
        Appended::At(_) => {}
        Appended::WrongOffset(right) => return Err(wrong_offset(at, right)),
        Appended::TooLong => return Err(too_long()),
        Appended::Ended => return after_the_end(&state, &agent, &find(&state, &agent, &id).await?, at),
    }
    // Only now: a length that came with bytes for a wrong offset must not end the file where it stands.
    if let Some(length) = declared {
        growing.declare(length);
    }
    check_place(&state, &agent, &growing, &row).await?;
    let standing = settle(&state, &agent, &growing).await?;
    let mut answer = (StatusCode::NO_CONTENT, [tus::resumable()]).into_response();
    standing.write(answer.headers_mut());
    Ok(answer)
}

/// Refuses a segment whose header is not what its upload was made for, as soon as the header is here.
async fn check_place(state: &AppState, agent: &Agent, growing: &Growing, row: &segments::Model) -> ApiResult<()> {
    let Some(header) = growing.unchecked_header() else { return Ok(()) };
    let gone = || ApiError::not_found("the run of this segment is gone");
    let run = run_rows::Entity::find_by_id(row.run_id).one(&state.db).await?.ok_or_else(gone)?;
    match complete::wrong_place(state, &header, &agent.exam.to_string(), &agent.recording.to_string(), &run, row) {
        Some(reason) => growing.refuse(reason),
        None => growing.header_checked(),
    }
    Ok(())
}

async fn head(State(state): State<Shared>, agent: Agent, Path(id): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    tus::check_version(&headers)?;
    agent.not_expired(&state)?;
    let row = find(&state, &agent, &id).await?;
    let standing = match open(&state, &row).await? {
        Some(growing) => growing.look(standing),
        None => row_standing(&row),
    };
    let mut answer = (StatusCode::OK, [tus::resumable(), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response();
    standing.write(answer.headers_mut());
    Ok(answer)
}

async fn receipt(State(state): State<Shared>, agent: Agent, Path(id): Path<String>) -> ApiResult<Response> {
    agent.not_expired(&state)?;
    let mut row = find(&state, &agent, &id).await?;
    if let Some(growing) = open(&state, &row).await? {
        // A crash between the last append and the commit, or a late key record, is made good here.
        let standing = settle_quietly(&state, &agent, &growing).await?;
        if standing.state != "stored" && standing.refused.is_none() {
            return Ok((StatusCode::ACCEPTED, Json(standing.file_state())).into_response());
        }
        row = find(&state, &agent, &id).await?;
    }
    Ok(match complete::finished(&row)? {
        Some(Completion::Stored(receipt)) => Json(receipt).into_response(),
        _ => (StatusCode::ACCEPTED, Json(row_standing(&row).file_state())).into_response(),
    })
}

/// Completes or refuses a file if it is time; 422 when it is refused.
async fn settle(state: &Shared, agent: &Agent, growing: &Arc<Growing>) -> ApiResult<Standing> {
    let standing = settle_quietly(state, agent, growing).await?;
    match &standing.refused {
        Some(reason) => Err(refused(reason)),
        None => Ok(standing),
    }
}

async fn settle_quietly(state: &Shared, agent: &Agent, growing: &Arc<Growing>) -> ApiResult<Standing> {
    let (mut now, closed) = growing.look(|shown| (standing(shown), shown.closed));
    let reason = now.refused.clone();
    if reason.is_none() && !closed && now.declared != Some(now.offset) {
        return Ok(now);
    }
    // On a task of its own: cut off by a client that goes away, it might leave a segment that is committed and still takes bytes.
    let (shared, segment) = (state.clone(), growing.clone());
    let completion = tokio::spawn(async move {
        match reason {
            Some(reason) => complete::refuse(&shared, &segment, reason).await,
            None => complete::complete(&shared, &segment).await,
        }
    });
    match completion.await.map_err(|error| ApiError::internal("completing a segment", error))?? {
        Completion::Stored(_) => (now.state, now.durable) = ("stored", now.offset),
        Completion::Refused(reason) => now.refused = Some(reason),
        Completion::WaitsForKeyRecord => (now.state, now.durable) = ("durable", now.offset),
        Completion::Gone => return Err(super::auth::expired(state, agent.recording, agent.expires_ms)),
    }
    Ok(now)
}

/// Size of the body, if the client says so, bytes.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The whole body; when the client goes away midway, what has come, unless a checksum says that it is all or nothing.
async fn read_body(body: Body, headers: &HeaderMap) -> ApiResult<Bytes> {
    // As much as the client says will come: growing step by step leaves holes in memory.
    let mut bytes = Vec::with_capacity(announced(headers).unwrap_or(0).min(MAX_FIRST_BYTES));
    let mut stream = body.into_data_stream();
    while let Some(piece) = tokio::time::timeout(super::TIME_LIMIT, stream.next()).await.map_err(|_| super::too_slow())? {
        match piece {
            Ok(piece) if bytes.len() + piece.len() > MAX_PATCH_BYTES => {
                let message = format!("one PATCH carries at most {MAX_PATCH_BYTES} bytes: send the rest in the next one");
                return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-long", message));
            }
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(_) if !headers.contains_key("upload-checksum") => break,
            Err(error) => return Err(ApiError::bad("body-cut-off", format!("the body ended early: {error}"))),
        }
    }
    tus::check_checksum(headers, &bytes)?;
    Ok(bytes.into())
}

async fn check_limits(state: &AppState, tx: &sea_orm::DatabaseTransaction, agent: &Agent, run: i64) -> ApiResult<()> {
    let too_many = |message: String| ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", message);
    let count = segments::Entity::find().filter(segments::Column::RunId.eq(run)).count(tx).await?;
    if count >= state.config.limits.segments_per_run {
        return Err(too_many(format!(
            "a run may have at most {count} segments here: start the agent anew, or have limits.segments_per_run raised"
        )));
    }
    // The rows, not the open files: a row of a request beside this one counts before its file is open. What a device left that was lost and replaced can
    // never be finished, so it takes no place of the one that came after it; each replacement is an act of staff.
    let mut runs = Query::select();
    runs.column(run_rows::Column::Id)
        .from(run_rows::Entity)
        .and_where(run_rows::Column::RecordingId.eq(agent.recording_row))
        .and_where(run_rows::Column::DeviceKey.eq(agent.device.to_string()));
    let incoming = Condition::all().add(segments::Column::RunId.in_subquery(runs)).add(segments::Column::State.eq("incoming"));
    if segments::Entity::find().filter(incoming).count(tx).await? >= MAX_INCOMING {
        let message = format!("{MAX_INCOMING} segments of this recording are under way already: finish some of them, then create this one");
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", message)
            .with_header("retry-after", HeaderValue::from_static("5")));
    }
    let stored: Option<Option<i64>> = segments::Entity::find()
        .select_only()
        .column_as(segments::Column::SizeBytes.sum(), "total")
        .filter(segments::Column::RecordingId.eq(agent.recording_row))
        .into_tuple()
        .one(tx)
        .await?;
    let stored = u64::try_from(stored.flatten().unwrap_or(0)).unwrap_or(0);
    let growing: u64 = state.store.growing_of(agent.recording_row).iter().map(|growing| growing.look(|shown| shown.received)).sum();
    if stored + growing >= state.config.limits.recording_bytes {
        return Err(too_many("this recording has reached its size limit: have limits.recording_gib raised".into()));
    }
    Ok(())
}

/// The segment's row, if it is this agent's.
async fn find(state: &AppState, agent: &Agent, id: &str) -> ApiResult<segments::Model> {
    let unknown = || ApiError::not_found("there is no such file; create it with POST");
    let id: i64 = id.parse().map_err(|_| unknown())?;
    let row = segments::Entity::find_by_id(id).one(&state.db).await?;
    row.filter(|row| row.recording_id == agent.recording_row).ok_or_else(unknown)
}

/// The growing segment of a row, opened if this server has not done so yet; `None` when it is stored or refused.
async fn open(state: &AppState, row: &segments::Model) -> ApiResult<Option<Arc<Growing>>> {
    if row.state != "incoming" {
        return Ok(None);
    }
    if let Some(growing) = state.store.growing(row.id) {
        return Ok(Some(growing));
    }
    let (id, recording, path, revision) = (row.id, row.recording_id, state.store.incoming_path(row.id), state.live.next_revision());
    let opened = state.store.open_once(id, move || Growing::open(id, recording, &path, revision)).await;
    let opened = opened.map_err(|error| ApiError::internal("opening an incoming file", error))?;
    // It may have been stored, or its destruction may have begun, between the read of the row and now: then the file that was just opened must not count.
    // A destruction that begins after this look finds the segment among those that grow, and ends it.
    let now = segments::Entity::find_by_id(id).one(&state.db).await?.map(|row| row.state);
    let buried = recordings::Entity::find_by_id(recording).one(&state.db).await?.is_none_or(|row| row.expired_ms.is_some());
    if now.as_deref() == Some("incoming") && !buried {
        return Ok(Some(opened));
    }
    opened.freeze().await.end();
    state.store.forget(id);
    if now.as_deref() != Some("refused") {
        // Opening may have made the name anew that storing or destroying had just removed; nothing can have been appended under it.
        state.store.remove_incoming(id).map_err(|error| ApiError::internal("removing an incoming file", error))?;
    }
    Ok(None)
}

/// Answer to an append to a file that grows no more: nothing to do when nothing was to be added.
fn after_the_end(state: &AppState, agent: &Agent, row: &segments::Model, at: u64) -> ApiResult<Response> {
    let standing = row_standing(row);
    if let Some(reason) = &standing.refused {
        return Err(refused(reason));
    }
    if row.state == "incoming" {
        return Err(super::auth::expired(state, agent.recording, agent.expires_ms));
    }
    if at != standing.offset {
        return Err(wrong_offset(at, standing.offset));
    }
    let mut answer = (StatusCode::NO_CONTENT, [tus::resumable()]).into_response();
    standing.write(answer.headers_mut());
    Ok(answer)
}

fn wrong_offset(at: u64, right: u64) -> ApiError {
    let message = format!("bytes for offset {at} were sent, but the file has {right}: go on from there");
    ApiError::conflict("wrong-offset", message).with_header("upload-offset", HeaderValue::from(right))
}

fn too_long() -> ApiError {
    let message = format!("a segment has at most {MAX_SEGMENT_BYTES} bytes and no more than its Upload-Length");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "segment-too-long", message)
}

fn refused(reason: &str) -> ApiError {
    let message = format!("this file was refused and is kept as evidence: {reason}");
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, REFUSED, message)
}

/// Where a file stands, as headers and [`FileState`] say it.
struct Standing {
    state: &'static str,
    offset: u64,
    durable: u64,
    declared: Option<u64>,
    refused: Option<String>,
}

impl Standing {
    fn write(&self, headers: &mut HeaderMap) {
        headers.insert("upload-offset", HeaderValue::from(self.offset));
        headers.insert(HeaderName::from_static(DURABLE_HEADER), HeaderValue::from(self.durable));
        headers.insert(HeaderName::from_static(STATE_HEADER), HeaderValue::from_static(self.state));
        match self.declared {
            Some(length) => headers.insert("upload-length", HeaderValue::from(length)),
            None => headers.insert("upload-defer-length", HeaderValue::from_static("1")),
        };
    }

    fn file_state(self) -> FileState {
        FileState { state: self.state.into(), offset: self.offset, durable: self.durable, refused: self.refused }
    }
}

fn standing(shown: &Shown) -> Standing {
    let state = if shown.durable == shown.received { "durable" } else { "received" };
    Standing { state, offset: shown.received, durable: shown.durable, declared: shown.declared, refused: shown.refused.clone() }
}

fn row_standing(row: &segments::Model) -> Standing {
    let size = u64::try_from(row.size_bytes).unwrap_or(0);
    let state = if row.state == "stored" { "stored" } else { "durable" };
    Standing { state, offset: size, durable: size, declared: Some(size), refused: row.refused.clone() }
}
