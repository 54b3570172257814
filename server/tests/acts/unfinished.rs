//! Segments that nobody completes any more: an act waits for a device that may still send them, and no longer.

use super::support::{Agent, START_MS};
use super::{act, complete, film, new_act, place, post, problems, put, sign, tool};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use invigil_evidence::Act;
use invigil_format::{BootId, DeviceKey, Event, JournalWriter, RunId, Scanner};
use invigil_server::db::entities::{recordings, runs};
use invigil_wire::acts::{ActRecord, ActView};
use invigil_wire::agent::{JOURNAL, JournalBatch};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

/// Ten minutes.
const QUIET_MS: i64 = 600_000;

fn named(view: &ActView) -> Vec<(&str, &str)> {
    view.problems.iter().map(|one| (one.field.as_str(), one.problem.as_str())).collect()
}

fn citing(agent: &Agent<'_>, from_ms: i64, to_ms: i64) -> Value {
    let mut new = new_act(agent.exam, Some(agent.recording()));
    new["evidence"] = json!([{ "recording": agent.recording(), "from_ms": START_MS + from_ms, "to_ms": START_MS + to_ms }]);
    new
}

/// What the agent had journalled when it died.
async fn journal(agent: &Agent<'_>, segments: &[&[u8]]) {
    let boot = BootId::from_random([4; 16]);
    let mut journal = JournalWriter::new(agent.place.state.institution, agent.recording(), agent.run, boot, None, &agent.device);
    let entries = (0..).zip(segments).map(|(sequence, bytes)| {
        let head = Scanner::scan(bytes).unwrap().head0();
        let started = Event::SegmentStarted { track: "cam0".parse().unwrap(), sequence, head };
        journal.entry(started, agent.stamp(i64::from(sequence) * 12_000)).unwrap()
    });
    let body = serde_json::to_vec(&JournalBatch { run: agent.run, entries: entries.collect() }).unwrap();
    let request = Request::post(JOURNAL).header("authorization", format!("Bearer {}", agent.joined.token));
    let answer = agent.place.send(request.header("content-type", "application/json").body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn a_device_that_died_does_not_keep_an_act_from_its_signatures_and_the_bundle_says_what_is_missing() {
    let place = place().await;
    let agent = place.agent().await;
    let record = agent.key_record().await;
    let (first, end) = tool::video(&agent, record, 0, None);
    let first = [first, end].concat();
    let path = agent.create(0).await;
    agent.append(&path, 0, first.clone(), true).await;
    agent.stored(&path).await;
    let (second, second_end) = tool::video(&agent, record, 1, Some(Scanner::scan(&first).unwrap().head()));
    let late = agent.create(1).await;
    agent.append(&late, 0, second.clone(), false).await;
    journal(&agent, &[&first, &second]).await;

    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &citing(&agent, 10_000, 14_000)).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let draft = act(&put(&reviewer, &path, &complete(&draft, "a phone")).await);
    assert_eq!((named(&draft), draft.holds[0].segments, draft.holds[0].growing), (vec![("evidence", "growing")], 2, 1));
    // Until the device has been silent for ten minutes; that something is not here in full is said all the same.
    place.clock.advance(QUIET_MS - 1);
    let asked = json!({ "revision": draft.revision });
    assert_eq!(post(&reviewer, &format!("{path}/for-signature"), &asked).await.error(), "incomplete");
    place.clock.advance(1);
    let draft = act(&reviewer.get(&path).await);
    assert_eq!((named(&draft), draft.holds[0].growing), (vec![], 1));
    // Where nothing at all is stored, there is nothing to be signed.
    let nothing = act(&post(&reviewer, "/api/acts", &citing(&agent, 13_000, 14_000)).await);
    assert!(named(&nothing).contains(&("evidence", "missing")), "{:?}", nothing.problems);
    let ready = act(&post(&reviewer, &format!("{path}/for-signature"), &asked).await);

    // It comes back after all: held like the rest, and no part of what is being signed.
    agent.append(&late, second.len() as u64, second_end, true).await;
    agent.stored(&late).await;
    let (board, chair) = (place.browser("board").await, place.browser("chair").await);
    act(&sign(&board, &ready).await);
    let done = act(&sign(&chair, &ready).await);
    assert_eq!((done.summary.state.as_str(), done.holds[0].segments, done.holds[0].growing), ("signed", 2, 0));
    let statement: ActRecord = board.get(&format!("{path}/statement")).await.json();
    let signed: Act = statement.act.read().unwrap();
    assert_eq!(Some(signed.content().digest()), ready.content);
    assert_eq!(signed.evidence[0].segments.iter().map(|segment| segment.sequence).collect::<Vec<_>>(), [0]);

    let (wrapped, review) = tool::review_key(&place);
    let who = invigil_server::acts::tool::actor(&place.state, None, &wrapped).await.unwrap();
    let out = place.dir.path().join("act.zip");
    let id = done.summary.id.to_string();
    let report = invigil_server::acts::tool::make_bundle(&place.state, &who, &id, &review, "The court", &out).await.unwrap();
    assert!(report.holds(), "{:#?}", report.problems);
    let [missing] = &report.tracks[0].missing[..] else { panic!("{:?}", report.tracks) };
    assert_eq!((missing.from_ms, missing.to_ms), (START_MS + 12_000, START_MS + 14_000));
    let why: Vec<_> = missing.why.iter().map(|why| (why.kind, why.detail.as_str())).collect();
    assert_eq!(why, [("segment-not-here", "1"), ("end-unproven", "")]);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

/// A run that left a segment behind, while the computer goes on in another one.
#[tokio::test]
async fn an_older_run_is_waited_for_as_long_as_it_may_be_completed_and_another_device_not_at_all() {
    let place = place().await;
    let mut agent = place.agent().await;
    let record = Scanner::scan(&film(&agent).await).unwrap().header().unwrap().key_record;
    let (mut writer, mut bytes) = agent.segment(record, 1);
    bytes.extend(agent.chunk(&mut writer, 3000, b"a second of a picture"));
    let path = agent.create(1).await;
    agent.append(&path, 0, bytes, false).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &citing(&agent, 0, 4000)).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let waits = async || named(&act(&reviewer.get(&path).await)).contains(&("evidence", "growing"));
    assert!(waits().await);

    // Half an hour in one run: each contact of the device keeps the newest run alive.
    for _ in 0..4 {
        place.clock.advance(QUIET_MS - 1);
        agent.ask_to_create(1).await;
        assert!(waits().await);
    }
    // The agent is started again: it has ten minutes to complete what the run before has left, and after these it has not.
    agent.run = RunId::from_random([9; 16]);
    agent.key_record().await;
    assert!(waits().await);
    place.clock.advance(QUIET_MS - 1);
    agent.ask_to_create(0).await;
    assert!(waits().await);
    place.clock.advance(1);
    assert!(!waits().await);
    // Backlog of an older run that begins to arrive now is waited for, though the newest one is heard.
    let older = act(&post(&reviewer, "/api/acts", &citing(&agent, 5000, 9000)).await);
    let newest = agent.run.to_string();
    agent.run = RunId::from_random([8; 16]);
    let record = agent.key_record().await;
    let heard = runs::Entity::update_many().col_expr(runs::Column::LastSeenMs, Expr::value(place.clock_ms() + 1));
    heard.filter(runs::Column::Uuid.eq(newest)).exec(&place.state.db).await.unwrap();
    let (mut writer, mut bytes) = agent.segment(record, 0);
    bytes.extend(agent.chunk(&mut writer, 6000, b"a second of a picture"));
    let upload = agent.create(0).await;
    agent.append(&upload, 0, bytes, false).await;
    let of_older = format!("/api/acts/{}", older.summary.id);
    assert!(named(&act(&reviewer.get(&of_older).await)).contains(&("evidence", "growing")));

    // Another computer has the recording: the one before is refused whatever it sends.
    let row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    let other = DeviceKey::from_seed(&[8; 32]).unwrap().public().to_string();
    recordings::ActiveModel { id: Set(row.id), device_key: Set(Some(other)), ..Default::default() }.update(&place.state.db).await.unwrap();
    assert!(named(&act(&reviewer.get(&of_older).await)).contains(&("evidence", "missing")));
}
