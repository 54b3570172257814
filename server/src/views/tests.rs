//! Views against a real database.

use super::*;
use crate::db::entities::segments;
use crate::disconnects::testkit::{Bench, MIN, START};
use crate::store::{Chunk, index};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

/// A stored segment of `cam0` that covers this time.
async fn footage(bench: &Bench, recording: i64, run: i64, from_ms: i64, to_ms: i64) {
    let ahead_ms = bench.clock.wall.load(std::sync::atomic::Ordering::SeqCst) - bench.device_ms();
    let at_us = u64::try_from((from_ms - ahead_ms) * 1000).unwrap();
    let chunk = Chunk { offset: 0, len: 1, at_us, duration_us: u32::try_from((to_ms - from_ms) * 1000).unwrap(), key: true };
    let row = segments::ActiveModel {
        recording_id: Set(recording),
        run_id: Set(run),
        track: Set("cam0".into()),
        sequence: Set((from_ms - START) / MIN),
        generation: Set(0),
        state: Set("stored".into()),
        kind: Set(Some("video".into())),
        created_ms: Set(to_ms),
        size_bytes: Set(1),
        chunks: Set(Some(index::encode(&[chunk]))),
        revision: Set(run),
        ..Default::default()
    };
    row.insert(&bench.state.db).await.unwrap();
}

/// Started without a network and with its camera unplugged, killed, and heard of when the next run, which records and also began without one, is heard
/// of already: records go up newest first.
#[tokio::test]
async fn a_run_without_pictures_that_is_heard_of_late_stands_where_it_lived() {
    let bench = Bench::new().await;
    bench.exam("kbtu").await;
    let exam = exams::Entity::find().one(&bench.state.db).await.unwrap().unwrap();
    bench.clock.pass(30 * MIN);
    let row = bench.join().await;
    let boot_ms = |ms: i64| bench.device_ms() + ms;
    let (began, lost, killed) = (boot_ms(0), boot_ms(4_000), boot_ms(4 * MIN));
    bench.clock.pass(20 * MIN);
    let next = bench.run(row.id, 2, 1).await;
    // A hole of its own, of which nothing tells.
    footage(&bench, row.id, next, START + 5 * MIN, START + 12 * MIN).await;
    footage(&bench, row.id, next, START + 14 * MIN, START + 20 * MIN).await;
    bench.clock.pass(MIN);
    let late = bench.run(row.id, 1, 1).await;
    bench
        .journal(late, 1, began, json!({ "kind": "run-started", "agent_version": "1", "previous_run": null, "key_record": "" }), None)
        .await;
    bench.journal(late, 1, lost, json!({ "kind": "camera-lost", "track": "cam0", "reason": "unplugged" }), None).await;
    bench.journal(late, 1, killed, json!({ "kind": "suspended", "from_us": 0, "to_us": 1 }), None).await;
    let known = load(&bench.state, &row).await.unwrap();
    assert_eq!(Index::new(&known).runs.iter().map(|run| run.row.id).collect::<Vec<_>>(), [late, next], "in the order in which they lived");
    let view = recording(&bench.state, &exam, &row).await.unwrap();
    assert!(view.conditions.is_empty(), "the run that lives has its camera: {:?}", view.conditions);
    let minutes = |ms: i64| (ms - START) / MIN;
    let missing: Vec<_> = view.missing.iter().map(|part| (minutes(part.from_ms), minutes(part.to_ms), part.cause.as_str())).collect();
    assert_eq!(missing, [(0, 5, "camera-lost"), (12, 14, "unknown"), (20, 21, "unknown")]);
}
