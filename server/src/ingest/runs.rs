//! Runs: their rows, `PUT /v1/runs/{run}/key-record` and `POST /v1/finish`.

use super::auth::{Agent, expired};
use crate::audit::{self, Entry};
use crate::clock_map::to_server_ms;
use crate::db::{
    self, entities::exams, entities::journal_entries, entities::key_records, entities::recordings, entities::runs, entities::tombstones,
};
use crate::disconnects::{self, Renewal};
use crate::error::{ApiError, ApiResult};
use crate::retention::{self, Access};
use crate::state::{AppState, Shared};
use crate::trust;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{post, put};
use axum::{Json, Router};
use invigil_format::{ExamId, KeyRecord, ParseIdError, RunId, Statement};
use invigil_wire::agent::{FINISH, FinishRequest};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

/// Runs of one recording. Each restart of an agent is one; they stay in memory and in the database.
const MAX_RUNS: u64 = 10_000;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/v1/runs/{run}/key-record", put(put_key_record)).route(FINISH, post(finish))
}

/// The row of a run, made when this is the first that is heard of it. `tx` must have been begun with [`db::begin_write`].
///
/// # Errors
/// 403 when the run is another recording's or another device's, 413 when the recording has too many.
pub async fn ensure<C: ConnectionTrait>(tx: &C, agent: &Agent, run: RunId, now_ms: i64) -> ApiResult<runs::Model> {
    if let Some(row) = find(tx, agent, run).await? {
        return Ok(row);
    }
    let known = runs::Entity::find().filter(runs::Column::RecordingId.eq(agent.recording_row)).count(tx).await?;
    if known >= MAX_RUNS {
        let message =
            format!("this recording has {MAX_RUNS} runs already: something starts the agent over and over; have the join code reissued");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-much", message));
    }
    let row = runs::ActiveModel {
        uuid: Set(run.to_string()),
        recording_id: Set(agent.recording_row),
        device_key: Set(agent.device.to_string()),
        first_seen_ms: Set(now_ms),
        ..Default::default()
    };
    Ok(row.insert(tx).await?)
}

/// The row of a run, if the server has heard of it.
///
/// # Errors
/// 403 when the run is another recording's or another device's.
pub async fn find<C: ConnectionTrait>(db: &C, agent: &Agent, run: RunId) -> ApiResult<Option<runs::Model>> {
    let row = runs::Entity::find().filter(runs::Column::Uuid.eq(run.to_string())).one(db).await?;
    match row {
        Some(row) if row.recording_id != agent.recording_row || row.device_key != agent.device.to_string() => {
            Err(ApiError::forbidden(format!("run {run} belongs to another recording or another device")))
        }
        other => Ok(other),
    }
}

/// Gives the place on the server's clock that a run's heartbeats have found to the runs of the same boot of the device of which none was heard: they lived while
/// there was no network. Their wall clock, which may be wrong, is then not needed.
///
/// # Errors
/// When the database fails.
pub async fn place_same_boot<C: ConnectionTrait>(tx: &C, recording: i64, boot_id: &str, offset_ms: i64) -> ApiResult<()> {
    runs::Entity::update_many()
        .col_expr(runs::Column::ClockOffsetMs, Expr::value(offset_ms))
        .filter(runs::Column::RecordingId.eq(recording))
        .filter(runs::Column::BootId.eq(boot_id))
        .filter(runs::Column::ClockOffsetMs.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The place of any run of this boot of the device, if a heartbeat of one was heard.
///
/// # Errors
/// When the database fails.
pub async fn place_of_boot<C: ConnectionTrait>(tx: &C, recording: i64, boot_id: &str) -> ApiResult<Option<i64>> {
    let of_boot = runs::Entity::find().filter(runs::Column::RecordingId.eq(recording)).filter(runs::Column::BootId.eq(boot_id));
    let placed = of_boot.filter(runs::Column::ClockOffsetMs.is_not_null()).one(tx).await?;
    Ok(placed.and_then(|run| run.clock_offset_ms))
}

/// Reads a run's id out of a path.
pub(super) fn parse_run(text: &str) -> ApiResult<RunId> {
    text.parse().map_err(|error| ApiError::bad("bad-run", format!("the run's id in the path is wrong: {error}")))
}

async fn put_key_record(State(state): State<Shared>, agent: Agent, Path(run): Path<String>, body: Bytes) -> ApiResult<StatusCode> {
    agent.not_expired(&state)?;
    let run = parse_run(&run)?;
    let refuse = |why: String| ApiError::bad("bad-key-record", format!("this key record is not acceptable: {why}"));
    let statement = Statement::from_json(&body).map_err(|error| refuse(error.to_string()))?;
    let record: KeyRecord = statement.read_by(&agent.device).map_err(|error| refuse(error.to_string()))?;
    if record.run != run || record.recording != agent.recording || record.exam != agent.exam {
        return Err(refuse("it names another run, recording or exam than the path and the token".into()));
    }
    let now_ms = state.now_ms();
    let tx = db::begin_write(&state.db).await?;
    not_expired(&state, &tx, &agent).await?;
    let store = trust::store_of(&tx, &state.trust, agent.exam_row, agent.recording_row).await?;
    let row = recordings::Entity::find_by_id(agent.recording_row).one(&tx).await?;
    let at_ms = judged_ms(record.created_ms, row.and_then(|row| row.joined_ms), now_ms);
    record.check_trust(&statement, &store, at_ms).map_err(|error| refuse(error.to_string()))?;
    let row = ensure(&tx, &agent, run, now_ms).await?;
    let digest = statement.digest().to_string();
    if let Some(known) = key_records::Entity::find().filter(key_records::Column::RunId.eq(row.id)).one(&tx).await? {
        return if known.digest == digest {
            Ok(StatusCode::OK)
        } else {
            Err(ApiError::conflict("key-record-differs", format!("run {run} has another key record already: begin a new run")))
        };
    }
    let new = key_records::ActiveModel {
        run_id: Set(row.id),
        digest: Set(digest),
        statement: Set(statement.to_json()),
        received_ms: Set(now_ms),
        ..Default::default()
    };
    key_records::Entity::insert(new).exec(&tx).await?;
    // The database syncs on commit (`synchronous = FULL`): durable before 201.
    tx.commit().await?;
    Ok(StatusCode::CREATED)
}

/// When a key record's certificates must have counted: when it was made, by the device's word as far as that can be true. What was recorded without a network may
/// arrive after a review key's certificate has ended.
fn judged_ms(created_ms: i64, joined_ms: Option<i64>, now_ms: i64) -> i64 {
    created_ms.max(joined_ms.unwrap_or(now_ms)).min(now_ms)
}

/// Refuses what has expired meanwhile, swept or not; asked inside the transaction that writes, so that append and expiry exclude each other.
///
/// # Errors
/// 410 with the signed expiry, 503 while the clock is suspect.
pub async fn not_expired<C: ConnectionTrait>(state: &AppState, tx: &C, agent: &Agent) -> ApiResult<()> {
    match access(state, tx, agent.recording_row).await? {
        (Access::Open, _) => Ok(()),
        (Access::Expired, expired_ms) => Err(expired(state, agent.recording, expired_ms.unwrap_or(agent.expires_ms))),
        (Access::Suspended, _) => Err(retention::suspended()),
    }
}

/// Whether a recording may still be added to, by its rows and the clock as they are now, and when it expires, Unix ms, if its rows are there.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn access<C: ConnectionTrait>(state: &AppState, db: &C, recording: i64) -> ApiResult<(Access, Option<i64>)> {
    let Some(recording) = recordings::Entity::find_by_id(recording).one(db).await? else { return Ok((Access::Expired, None)) };
    let Some(exam) = exams::Entity::find_by_id(recording.exam_id).one(db).await? else { return Ok((Access::Expired, None)) };
    let buried_ms = buried_ms(state, db, &recording, &exam).await?;
    let expires_ms = buried_ms.map_or_else(|| state.policies.expires_ms(&exam), Ok)?;
    Ok((retention::access(state, expires_ms, buried_ms.is_some()), Some(expires_ms)))
}

/// When a recording's footage expired, Unix ms, if its destruction has begun. Its own row is not believed alone: one that comes back with a restored database
/// stays dead by its tombstone and by the key that the keystore knows to be destroyed.
///
/// # Errors
/// When the database fails or the exam's policy is gone.
pub async fn buried_ms<C: ConnectionTrait>(
    state: &AppState,
    db: &C,
    recording: &recordings::Model,
    exam: &exams::Model,
) -> ApiResult<Option<i64>> {
    if let Some(tombstone) = tombstones::Entity::find().filter(tombstones::Column::Recording.eq(&recording.uuid)).one(db).await? {
        return Ok(Some(tombstone.expired_ms));
    }
    let id: ExamId = exam.uuid.parse().map_err(|error: ParseIdError| ApiError::internal("reading an exam's row", error))?;
    let gone = recording.expired_ms.is_some() || exam.destroyed_ms.is_some() || state.keystore.is_destroyed(id);
    Ok(if gone { Some(state.policies.expires_ms(exam)?) } else { None })
}

/// What a device journalled about its having finished.
struct Journalled {
    boot_id: String,
    boottime_us: i64,
    wall_ms: i64,
    /// What places its run, if anything does, ms.
    offset_ms: Option<i64>,
}

/// The last such entry of a run's journal, if it is here. The journal is sent before the word itself, but may have been refused, or that entry cut off.
async fn journalled<C: ConnectionTrait>(db: &C, agent: &Agent, run: RunId) -> ApiResult<Option<Journalled>> {
    let run = runs::Entity::find().filter(runs::Column::RecordingId.eq(agent.recording_row)).filter(runs::Column::Uuid.eq(run.to_string()));
    let Some(run) = run.one(db).await? else { return Ok(None) };
    let said = journal_entries::Entity::find()
        .select_only()
        .columns([journal_entries::Column::BootId, journal_entries::Column::BoottimeUs, journal_entries::Column::WallMs])
        .filter(journal_entries::Column::RunId.eq(run.id))
        .filter(journal_entries::Column::Kind.eq("finished"))
        .order_by_desc(journal_entries::Column::Entry);
    let Some((boot_id, boottime_us, wall_ms)) = said.into_tuple::<(String, i64, i64)>().one(db).await? else { return Ok(None) };
    let offset_ms = match run.clock_offset_ms {
        None => place_of_boot(db, agent.recording_row, &boot_id).await?,
        placed => placed,
    };
    Ok(Some(Journalled { boot_id, boottime_us, wall_ms, offset_ms }))
}

/// When a device said that it has finished, Unix ms, never later than now: where the run is placed, or, on the same boot, as long ago as its boot time says.
/// Otherwise its wall clock tells how long ago that was, unless that leads to a time at which it had not joined: then, and of what was not journalled, it says so
/// now.
fn said_ms(said: Option<&Journalled>, request: &FinishRequest, joined_ms: Option<i64>, now_ms: i64) -> i64 {
    let Some(said) = said else { return now_ms };
    let boottime_us = u64::try_from(said.boottime_us).unwrap_or(0);
    let placed_ms = to_server_ms(said.offset_ms, boottime_us);
    let ago_ms = request.boottime_us.checked_sub(boottime_us).and_then(|ago_us| i64::try_from(ago_us / 1000).ok());
    let by_boot_ms = ago_ms.filter(|_| request.boot_id.to_string() == said.boot_id).map(|ago_ms| now_ms.saturating_sub(ago_ms));
    let by_wall_ms = now_ms.saturating_sub(request.wall_ms.saturating_sub(said.wall_ms));
    let by_wall_ms = Some(by_wall_ms).filter(|at_ms| joined_ms.is_some_and(|joined_ms| *at_ms >= joined_ms));
    placed_ms.or(by_boot_ms).or(by_wall_ms).unwrap_or(now_ms).min(now_ms)
}

async fn finish(State(state): State<Shared>, agent: Agent, request: Result<Json<FinishRequest>, JsonRejection>) -> ApiResult<StatusCode> {
    let Json(request) = request.map_err(|error| ApiError::bad("bad-json", error.body_text()))?;
    agent.owns(request.recording)?;
    agent.not_expired(&state)?;
    let now_ms = state.now_ms();
    let said = journalled(&state.db, &agent, request.run).await?;
    let tx = db::begin_write(&state.db).await?;
    not_expired(&state, &tx, &agent).await?;
    let run = ensure(&tx, &agent, request.run, now_ms).await?;
    let gone = || ApiError::not_found("this recording is gone");
    let row = recordings::Entity::find_by_id(agent.recording_row).one(&tx).await?.ok_or_else(gone)?;
    if row.finished_ms.is_none() {
        let by = if row.kind == "room" { "invigilator" } else { "candidate" };
        // Whoever rehearses before the exam and stops the agent has not given it up, also where that word had to wait for a network.
        let began = said_ms(said.as_ref(), &request, row.joined_ms, now_ms) >= row.starts_ms;
        if began {
            let mut change = row.into_active_model();
            change.finished_ms = Set(Some(now_ms));
            change.finished_by = Set(Some(by.to_owned()));
            change.update(&tx).await?;
        }
        // The exam's actual end does not follow from this: it may arrive weeks later. It is the last capture (`retention::actual_end`).
        let entry = Entry {
            who: format!("device:{}", agent.device),
            action: if began { "finished" } else { "finished-before-start" },
            object: format!("recording:{}", agent.recording),
            detail: serde_json::json!({ "run": request.run, "by": by }),
        };
        audit::append_in(&tx, now_ms, entry).await?;
    }
    let renewal = Renewal::after(&state, agent.recording_row);
    tx.commit().await?;
    state.live.forget_agent(agent.recording_row);
    disconnects::contact(&state, agent.recording_row, Some(run.id));
    drop(renewal);
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disconnects::testkit::{Bench, START, TOKEN, boot_id, run_id};
    use axum::body::Body;
    use axum::http::{Request, header};
    use invigil_clock::Clock;
    use invigil_format::{BootId, RecordingId};
    use std::future::{Future, poll_fn};
    use std::task::Poll;
    use tower::util::ServiceExt;

    /// Polls for so long and drops; returns whether it ended, and how long that took, us.
    async fn dropped_after(most_us: u64, future: impl Future) -> (bool, u64) {
        let mut future = std::pin::pin!(future);
        let begun_us = invigil_clock::boottime_us();
        loop {
            let ended = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
            let took_us = invigil_clock::boottime_us() - begun_us;
            if ended || took_us >= most_us {
                return (ended, took_us);
            }
        }
    }

    #[tokio::test]
    async fn a_client_that_goes_away_in_mid_commit_does_not_keep_its_finding_from_being_renewed() {
        let bench = Bench::new().await;
        bench.exam("short").await;
        let recording = bench.join().await;
        bench.clock.pass(START + 60_000 - bench.clock.wall_ms());
        let word = FinishRequest {
            recording: recording.uuid.parse().unwrap(),
            run: run_id(1),
            boot_id: boot_id(1),
            boottime_us: 700_000_000,
            wall_ms: START,
        };
        let mut longest_us = 20_000;
        // Dropped sooner and later, until one was just being committed.
        for attempt in 0_u64..1_000 {
            let request = Request::post(FINISH)
                .header(header::AUTHORIZATION, format!("Bearer {}", hex::encode(TOKEN)))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(serde_json::to_string(&word).unwrap()))
                .unwrap();
            bench.state.disconnects.take_marked();
            let most_us = longest_us * (attempt % 50 + 1) / 50;
            let (ended, took_us) = dropped_after(most_us, router().with_state(bench.state.clone()).oneshot(request)).await;
            // Whatever was sent to the database before is done when it gives out this one.
            let tx = db::begin_write(&bench.state.db).await.unwrap();
            let row = recordings::Entity::find_by_id(recording.id).one(&tx).await.unwrap().unwrap();
            let finished = row.finished_ms.is_some();
            let renewed = bench.state.disconnects.take_marked().contains(&recording.id);
            assert!(renewed || !finished, "dropped after {took_us} us");
            if finished && !ended {
                return;
            }
            if ended {
                assert!(finished);
                longest_us = took_us;
            }
            let mut change = row.into_active_model();
            (change.finished_ms, change.finished_by) = (Set(None), Set(None));
            change.update(&tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        panic!("no request was dropped in mid-commit");
    }

    #[test]
    fn a_key_record_is_judged_by_when_it_was_made_between_joining_and_now() {
        assert_eq!(judged_ms(500, Some(100), 900), 500);
        assert_eq!(judged_ms(50, Some(100), 900), 100);
        assert_eq!(judged_ms(5000, Some(100), 900), 900);
        assert_eq!(judged_ms(500, None, 900), 900);
        // A server whose clock was set back.
        assert_eq!(judged_ms(500, Some(1000), 900), 900);
    }

    #[test]
    fn a_word_counts_by_when_it_was_journalled_as_far_as_that_can_be_told() {
        const NOW_MS: i64 = 1_000_000_000;
        let (boot, other) = (BootId::from_random([4; 16]), BootId::from_random([5; 16]));
        let request = |boot_id, wall_ms| FinishRequest {
            recording: RecordingId::from_random([1; 16]),
            run: RunId::from_random([2; 16]),
            boot_id,
            boottime_us: 700_000_000,
            wall_ms,
        };
        // Journalled 100 s before by boot time, 300 s before by the wall clock, which an hour of error does not matter to.
        let said = |offset_ms| Journalled { boot_id: boot.to_string(), boottime_us: 600_000_000, wall_ms: 5_000_000, offset_ms };
        let wall_ms = 5_300_000;
        let at = |offset_ms, boot_id, joined_ms| said_ms(Some(&said(offset_ms)), &request(boot_id, wall_ms), joined_ms, NOW_MS);
        assert_eq!(at(Some(900_000), boot, Some(0)), 900_000 + 600_000, "placed by a heartbeat");
        assert_eq!(at(Some(NOW_MS), boot, Some(0)), NOW_MS, "never later than now");
        assert_eq!(at(None, boot, None), NOW_MS - 100_000);
        assert_eq!(at(None, other, Some(0)), NOW_MS - 300_000);
        assert_eq!(at(None, other, Some(NOW_MS - 299_999)), NOW_MS, "it had not joined then");
        assert_eq!(at(None, other, None), NOW_MS);
        assert_eq!(said_ms(None, &request(boot, wall_ms), Some(0), NOW_MS), NOW_MS, "not journalled");
        // What no device says.
        let odd = Journalled { boottime_us: -1, wall_ms: i64::MIN, ..said(None) };
        assert_eq!(said_ms(Some(&odd), &request(other, i64::MAX), Some(0), NOW_MS), NOW_MS);
        assert_eq!(
            said_ms(Some(&Journalled { boottime_us: i64::MAX, ..said(None) }), &request(boot, wall_ms), Some(0), NOW_MS),
            NOW_MS - 300_000
        );
    }
}
