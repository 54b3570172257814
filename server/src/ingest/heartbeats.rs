//! `POST /v1/heartbeats`: costs no transaction but for the first one of a run.

use super::auth::{Agent, too_many};
use super::runs;
use crate::db::{self, entities::recordings};
use crate::disconnects::{self, Run};
use crate::error::{ApiError, ApiResult};
use crate::live::lock;
use crate::state::{AppState, Shared};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use invigil_format::Beacon;
use invigil_wire::agent::{HEARTBEATS, Heartbeat, HeartbeatAnswer};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use std::collections::HashMap;
use std::sync::Mutex;

/// Largest body, bytes; a heartbeat has about 300.
const MAX_BODY_BYTES: usize = 4 << 10;
/// Heartbeats a second of one agent, averaged; they come every 3 s, in trouble every 2 s.
const BEATS_PER_SEC: u32 = 2;
/// How long a beacon is shared, us.
const BEACON_US: u64 = 2_000_000;
/// How long a window is believed without asking the database again, us.
const WINDOW_US: u64 = 5_000_000;

/// For how long after a run was first heard of a faster heartbeat improves its place on the server's clock, ms.
const PLACING_MS: i64 = 60_000;
/// An improvement by less is not worth a transaction, ms.
const FASTER_MS: i64 = 20;

/// What heartbeats need at hand.
#[derive(Debug, Default)]
pub struct Beats {
    beacon: Mutex<Option<(u64, String)>>,
    windows: Mutex<HashMap<i64, (Window, u64)>>,
}

impl Beats {
    /// The window of the recording with row id `recording` has changed: the next heartbeat is told so.
    pub fn forget(&self, recording: i64) {
        lock(&self.windows).remove(&recording);
    }
}

#[derive(Debug, Clone, Copy)]
struct Window {
    starts_ms: i64,
    ends_ms: i64,
    finished: bool,
}

/// Route of heartbeats.
pub fn router() -> Router<Shared> {
    Router::new().route(HEARTBEATS, post(heartbeat).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)))
}

async fn heartbeat(
    State(state): State<Shared>,
    agent: Agent,
    beat: Result<Json<Heartbeat>, JsonRejection>,
) -> ApiResult<Json<HeartbeatAnswer>> {
    let Json(beat) = beat.map_err(|error| ApiError::bad("bad-json", error.body_text()))?;
    agent.owns(beat.recording)?;
    agent.not_expired(&state)?;
    if i64::try_from(beat.boottime_us).is_err() {
        return Err(ApiError::bad("bad-heartbeat", "boottime_us is above 2^63: expected microseconds since this machine's boot"));
    }
    let row = agent.recording_row;
    // A bucket of their own: uploading eagerly costs nobody a heartbeat. -1 are the joins.
    if !state.live.may_ask(-2 - row, BEATS_PER_SEC, state.clock.boottime_us()) {
        return Err(too_many());
    }
    let now_ms = disconnects::now_ms(&state);
    let offset_ms = now_ms.saturating_sub(i64::try_from(beat.boottime_us / 1000).unwrap_or(i64::MAX));
    let run = match state.disconnects.run(beat.run, row) {
        Some(run) if offset_ms >= run.offset_ms - FASTER_MS || now_ms > run.improves_until_ms => run,
        _ => place_run(&state, &agent, &beat, offset_ms).await?,
    };
    disconnects::heartbeat(&state, row, run.row, &beat);
    let window = window(&state, row).await?;
    Ok(Json(HeartbeatAnswer {
        server_time_ms: disconnects::now_ms(&state),
        beacon: beacon(&state)?,
        starts_ms: window.starts_ms,
        ends_ms: window.ends_ms,
        expires_ms: agent.expires_ms,
        finished: window.finished,
    }))
}

/// Notes boot and clock of a run: from here on its boot times have a place on the server's clock. The first heartbeat includes making the connection,
/// so in the run's first minute a faster one places it better; then it stays.
async fn place_run(state: &AppState, agent: &Agent, beat: &Heartbeat, offset_ms: i64) -> ApiResult<Run> {
    let now_ms = disconnects::now_ms(state);
    let tx = db::begin_write(&state.db).await?;
    runs::not_expired(state, &tx, agent).await?;
    let row = runs::ensure(&tx, agent, beat.run, now_ms).await?;
    let mut run = Run { row: row.id, recording: agent.recording_row, offset_ms, improves_until_ms: row.first_seen_ms + PLACING_MS };
    match row.clock_offset_ms {
        Some(known) if known <= offset_ms || now_ms > run.improves_until_ms => run.offset_ms = known,
        _ => {
            let mut change = row.into_active_model();
            change.boot_id = Set(Some(beat.boot_id.to_string()));
            change.clock_offset_ms = Set(Some(offset_ms));
            change.update(&tx).await?;
            runs::place_same_boot(&tx, agent.recording_row, &beat.boot_id.to_string(), offset_ms).await?;
        }
    }
    tx.commit().await?;
    state.disconnects.remember_run(beat.run, run);
    Ok(run)
}

/// One for all agents, signed anew when it is two seconds old.
fn beacon(state: &AppState) -> ApiResult<String> {
    let boottime_us = state.clock.boottime_us();
    let mut shared = lock(&state.beats.beacon);
    if let Some((_, text)) = shared.as_ref().filter(|(at, _)| boottime_us.saturating_sub(*at) < BEACON_US) {
        return Ok(text.clone());
    }
    let text = Beacon::sign(state.institution, disconnects::now_ms(state), invigil_clock::random()?, &state.server_key).to_hex();
    *shared = Some((boottime_us, text.clone()));
    Ok(text)
}

async fn window(state: &AppState, recording: i64) -> ApiResult<Window> {
    let boottime_us = state.clock.boottime_us();
    if let Some((window, at)) = lock(&state.beats.windows).get(&recording)
        && boottime_us.saturating_sub(*at) < WINDOW_US
    {
        return Ok(*window);
    }
    let row = recordings::Entity::find_by_id(recording).one(&state.db).await?;
    let row = row.ok_or_else(|| ApiError::not_found("this recording is gone"))?;
    let window = Window { starts_ms: row.starts_ms, ends_ms: row.ends_ms + row.extra_ms, finished: row.finished_ms.is_some() };
    let mut windows = lock(&state.beats.windows);
    windows.retain(|_, (_, at)| boottime_us.saturating_sub(*at) < WINDOW_US);
    windows.insert(recording, (window, boottime_us));
    Ok(window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::entities::runs;
    use crate::disconnects::testkit::{Bench, MIN, START, TOKEN};
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode, header};
    use axum::response::Response;
    use invigil_clock::Clock;
    use invigil_wire::agent::EXPIRY_HEADER;
    use tower::util::ServiceExt;

    async fn send(bench: &Bench, body: String) -> Response {
        let request = Request::post(HEARTBEATS)
            .header(header::AUTHORIZATION, format!("Bearer {}", hex::encode(TOKEN)))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap();
        router().with_state(bench.state.clone()).oneshot(request).await.unwrap()
    }

    async fn beat(bench: &Bench, recording: &str, sequence: u64) -> Response {
        send(bench, serde_json::to_string(&bench.beat(recording, 1, 1, sequence)).unwrap()).await
    }

    async fn answer(response: Response) -> HeartbeatAnswer {
        assert_eq!(response.status(), StatusCode::OK);
        serde_json::from_slice(&to_bytes(response.into_body(), 10_000).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_heartbeat_is_answered_with_beacon_window_and_expiry() {
        let bench = Bench::new().await;
        let added = bench.exam("short").await;
        let recording = bench.join().await.uuid;
        let first = answer(beat(&bench, &recording, 1).await).await;
        assert_eq!((first.starts_ms, first.ends_ms, first.expires_ms, first.finished), (START, START + 120 * MIN, added.expires_ms, false));
        let beacon = Beacon::from_hex(bench.state.institution, &first.beacon).unwrap();
        assert_eq!((beacon.time_ms, beacon.key), (first.server_time_ms, bench.state.server_key.public()));
        let run = runs::Entity::find().one(&bench.state.db).await.unwrap().unwrap();
        let offset_ms = first.server_time_ms - bench.device_ms();
        assert_eq!(run.clock_offset_ms, Some(offset_ms));
        // One beacon is shared for two seconds.
        bench.clock.pass(1_999);
        assert_eq!(answer(beat(&bench, &recording, 2).await).await.beacon, first.beacon);
        bench.clock.pass(1);
        assert_ne!(answer(beat(&bench, &recording, 3).await).await.beacon, first.beacon);
    }

    #[tokio::test]
    async fn a_faster_heartbeat_places_a_young_run_better() {
        let bench = Bench::new().await;
        bench.exam("short").await;
        let recording = bench.join().await.uuid;
        let sent = |delay_ms: u64| {
            let mut beat = bench.beat(&recording, 1, 1, 1);
            beat.boottime_us -= delay_ms * 1000;
            serde_json::to_string(&beat).unwrap()
        };
        let placed = async || runs::Entity::find().one(&bench.state.db).await.unwrap().unwrap().clock_offset_ms.unwrap();
        let exact = bench.clock.wall_ms() - bench.device_ms();
        for (delay_ms, late_ms, expected) in [(1_500, 0, 1_500), (200, 3_000, 200), (900, 3_000, 200), (190, 3_000, 200), (0, 60_000, 200)]
        {
            bench.clock.pass(late_ms);
            assert_eq!(send(&bench, sent(delay_ms)).await.status(), StatusCode::OK);
            assert_eq!(placed().await - exact, expected);
        }
    }

    #[tokio::test]
    async fn floods_large_bodies_and_other_recordings_are_refused() {
        let bench = Bench::new().await;
        bench.exam("short").await;
        let recording = bench.join().await.uuid;
        let other = serde_json::to_string(&bench.beat(&crate::disconnects::testkit::run_id(3).to_string(), 1, 1, 1)).unwrap();
        assert_eq!(send(&bench, other).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(send(&bench, " ".repeat(MAX_BODY_BYTES + 1)).await.status(), StatusCode::BAD_REQUEST);
        let mut refused = 0;
        for sequence in 0..20 {
            refused += u32::from(beat(&bench, &recording, sequence).await.status() == StatusCode::TOO_MANY_REQUESTS);
        }
        assert_eq!(refused, 10);
    }

    #[tokio::test]
    async fn after_expiry_a_signed_expiry_is_the_answer_but_not_on_the_word_of_one_clock() {
        let bench = Bench::new().await;
        bench.exam("short").await;
        let recording = bench.join().await.uuid;
        bench.state.guard.tick(&bench.state).await.unwrap();
        bench.clock.step(24 * 60 * MIN);
        let suspended = beat(&bench, &recording, 1).await;
        assert_eq!((suspended.status(), suspended.headers().contains_key(EXPIRY_HEADER)), (StatusCode::SERVICE_UNAVAILABLE, false));
        bench.clock.step(-24 * 60 * MIN);
        bench.clock.pass(24 * 60 * MIN);
        let expired = beat(&bench, &recording, 2).await;
        assert_eq!((expired.status(), expired.headers().contains_key(EXPIRY_HEADER)), (StatusCode::GONE, true));
    }
}
