//! The segments of a recording, and only those that changed when asked again.

use crate::clock_map::{kind_name, to_server_ms, wall_minus_boot_ms};
use crate::db::entities::{runs, segments};
use crate::review::access::{self, Reach};
use crate::review::revisions::{Mark, Revisions};
use crate::store::{Chunk, Shown, index};
use crate::{ApiError, ApiResult, AppState, Shared};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use invigil_wire::review::{ChunkView, SegmentList, SegmentView};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Query of `GET /api/recordings/{id}/segments`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// `revision` of the answer before; 0 at first.
    #[serde(default)]
    after: u64,
}

/// `GET /api/recordings/{id}/segments?after=N`. Of an expired recording there are those that a hold keeps.
pub async fn segments(
    State(state): State<Shared>,
    Extension(revisions): Extension<Arc<Revisions>>,
    Path(id): Path<String>,
    query: Result<Query<After>, axum::extract::rejection::QueryRejection>,
) -> ApiResult<Json<SegmentList>> {
    let Query(After { after }) =
        query.map_err(|_| ApiError::bad("bad-request", "expected after=N with the revision of the answer before"))?;
    let found = access::recording(&state, &id).await?;
    let reach = match access::reach(&state, &found).await {
        Ok(reach) => reach,
        Err(error) if error.status == StatusCode::INTERNAL_SERVER_ERROR => return Err(error),
        Err(_) => return Ok(Json(SegmentList { now_ms: state.now_ms(), revision: after, segments: Vec::new() })),
    };
    let runs =
        runs::Entity::find().filter(runs::Column::RecordingId.eq(found.recording.id)).order_by_asc(runs::Column::Id).all(&state.db).await?;
    let runs: HashMap<i64, runs::Model> = runs.into_iter().map(|run| (run.id, run)).collect();

    // Light columns of all, then everything of those that changed.
    let rows: Vec<(i64, i64, i64)> = segments::Entity::find()
        .filter(segments::Column::RecordingId.eq(found.recording.id))
        .select_only()
        .columns([segments::Column::Id, segments::Column::RunId, segments::Column::Revision])
        .into_tuple()
        .all(&state.db)
        .await?;
    let growing: HashMap<i64, Shown> =
        state.store.growing_of(found.recording.id).iter().map(|growing| (growing.segment, growing.shown())).collect();
    let marks: Vec<(i64, Mark)> = rows
        .into_iter()
        .filter(|(id, ..)| if let Reach::Held(held) = &reach { held.contains(id) } else { true })
        .map(|(id, run, row)| {
            let growing = growing.get(&id).map(|shown| (shown.revision, shown.durable));
            (id, Mark { row, growing, clock_offset_ms: runs.get(&run).and_then(|run| run.clock_offset_ms) })
        })
        .collect();
    let now_ms = state.now_ms();
    let numbers = revisions.observe(&marks, now_ms);
    let revision = numbers.iter().copied().max().unwrap_or(0).max(after);
    let changed: HashMap<i64, u64> = marks.iter().map(|(id, _)| *id).zip(numbers).filter(|(_, number)| *number > after).collect();

    let rows = segments::Entity::find().filter(segments::Column::Id.is_in(changed.keys().copied())).all(&state.db).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let (Some(run), Some(number)) = (runs.get(&row.run_id), changed.get(&row.id)) else { continue };
        let shown = match growing.get(&row.id) {
            // The row knows more as soon as the segment is stored, even if it is still in memory.
            _ if row.state == "stored" => None,
            Some(shown) => Some(shown.clone()),
            None => Some(scan(&state, &row).await?),
        };
        views.extend(view(&row, run, shown.as_ref(), *number)?);
    }
    let order = |view: &SegmentView| runs.values().find(|run| run.uuid == view.run.to_string()).map_or(0, |run| run.id);
    views.sort_by_cached_key(|view| (order(view), view.track.clone(), view.sequence));
    Ok(Json(SegmentList { now_ms, revision, segments: views }))
}

/// A refused segment is in no index: what can be said of it is in its file, as far as that is whole. A reviewer is to see where it lies.
async fn scan(state: &AppState, row: &segments::Model) -> ApiResult<Shown> {
    let (size_bytes, refused) = (u64::try_from(row.size_bytes).unwrap_or(0), row.refused.clone());
    let scanned = state.store.scan_incoming(row.id).await;
    let (scanner, _) = scanned.map_err(|error| ApiError::internal("reading a refused segment", format!("{error:#}")))?;
    Ok(Shown {
        received: size_bytes,
        durable: size_bytes,
        header: scanner.header().cloned(),
        chunks: scanner.frames().iter().filter_map(Chunk::of).collect(),
        wall_minus_boot_ms: wall_minus_boot_ms(scanner.frames()),
        refused,
        ..Shown::default()
    })
}

/// The segment as the player needs it; `None` as long as its header has not arrived. One that was refused for want of a header lies at the
/// moment of its creation.
fn view(row: &segments::Model, run: &runs::Model, shown: Option<&Shown>, revision: u64) -> ApiResult<Option<SegmentView>> {
    let header = shown.and_then(|shown| shown.header.as_ref());
    let kind = row.kind.clone().or_else(|| header.map(|header| kind_name(header.kind).to_owned()));
    let codec = row.codec.clone().or_else(|| header.map(|header| header.codec.clone()));
    let origin_us = row.origin_boottime_us.or_else(|| header.and_then(|header| i64::try_from(header.origin_boottime_us).ok()));
    // Without a heartbeat the device's wall clock is all there is.
    let wall_minus_boot_ms = row.wall_minus_boot_ms.or_else(|| shown.and_then(|shown| shown.wall_minus_boot_ms));
    let (kind, codec, origin_us, offset_ms) = match (kind, codec, origin_us) {
        (Some(kind), Some(codec), Some(origin_us)) => (kind, codec, origin_us, run.clock_offset_ms.or(wall_minus_boot_ms).or(Some(0))),
        _ if row.state == "refused" => ("unknown".to_owned(), String::new(), 0, Some(row.created_ms)),
        _ => return Ok(None),
    };
    let server_ms = |boot_us: u64| to_server_ms(offset_ms, boot_us).unwrap_or(i64::MAX);
    let size_bytes = shown.map_or_else(|| u64::try_from(row.size_bytes).unwrap_or(0), |shown| shown.durable);
    let stored = row.chunks.as_deref().map(index::decode).unwrap_or_default();
    let chunks = shown.map_or(stored, |shown| shown.chunks.clone());
    let chunks: Vec<Chunk> = chunks.into_iter().filter(|chunk| chunk.end() <= size_bytes).collect();
    let origin_ms = server_ms(u64::try_from(origin_us).unwrap_or(0));
    let broken = |error: invigil_format::ParseIdError| ApiError::internal("reading a segment from the database", error);
    Ok(Some(SegmentView {
        id: row.id,
        revision,
        run: run.uuid.parse().map_err(broken)?,
        track: row.track.clone(),
        kind,
        codec,
        sequence: u32::try_from(row.sequence).unwrap_or(u32::MAX),
        state: segment_state(row, shown).to_owned(),
        size_bytes,
        digest: row.digest.as_deref().map(str::parse).transpose().map_err(broken)?,
        media_origin_ms: origin_ms,
        from_ms: chunks.first().map_or(origin_ms, |chunk| server_ms(chunk.at_us)),
        to_ms: chunks.last().map_or(origin_ms, |chunk| server_ms(chunk.end_us())),
        chunks: chunks
            .iter()
            .map(|chunk| ChunkView {
                offset: chunk.offset,
                len: chunk.len,
                from_ms: server_ms(chunk.at_us),
                duration_ms: chunk.duration_us / 1000,
                key: chunk.key,
            })
            .collect(),
    }))
}

fn segment_state<'a>(row: &'a segments::Model, shown: Option<&Shown>) -> &'a str {
    match shown {
        Some(shown) if shown.refused.is_some() => "refused",
        Some(shown) if shown.durable < shown.received => "received",
        Some(_) => "durable",
        None if row.state == "incoming" => "durable",
        None => &row.state,
    }
}
