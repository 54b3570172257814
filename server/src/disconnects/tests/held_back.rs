//! D4 where the run after does not name the run before.

use super::*;
use crate::db::entities::runs;

/// An agent is killed in a disconnect of eleven minutes; the next run names `previous`. Returned is the run before.
async fn killed(previous: Option<&str>) -> (Scene, i64) {
    let mut scene = Scene::new().await;
    let before = scene.run.0;
    scene.bench.journal(before, 1, scene.bench.device_ms(), json!({ "kind": "segment-started" }), None).await;
    scene.cut(11 * MIN).await;
    let started = scene.bench.device_ms();
    scene.run = (scene.bench.run(scene.recording.id, 2, 1).await, 2, 1);
    scene.sequence = 0;
    scene.alive(6_000).await;
    scene.bench.journal(scene.run.0, 1, started, json!({ "kind": "run-started" }), previous).await;
    (scene, before)
}

impl Scene {
    async fn is_provisional(&mut self) -> bool {
        drop(Renewal::after(&self.bench.state, self.recording.id));
        self.tick().await;
        let (outages, _) = self.report().await;
        assert_eq!((outages.len(), outages[0].cause.as_str()), (1, "agent-stopped"), "{outages:?}");
        outages[0].provisional
    }
}

#[tokio::test]
async fn a_journal_that_the_disk_hid_from_the_next_run_is_waited_for() {
    let (mut scene, before) = killed(None).await;
    assert!(scene.is_provisional().await, "the rest of the journal may come");
    // It says that attempts failed for nine minutes, and how it ended.
    let us = |ms: i64| ms * 1000;
    let lost_ms = scene.bench.device_ms() - 11 * MIN - 6_000;
    let event = json!({ "kind": "link-back", "first_failed_start_us": us(lost_ms), "first_failed_end_us": us(lost_ms + 2000),
        "last_failed_start_us": us(lost_ms + 9 * MIN), "last_failed_end_us": us(lost_ms + 9 * MIN + 2000), "attempts": 9, "error": "timed out" });
    scene.bench.journal(before, 1, lost_ms + 9 * MIN + 2000, event, None).await;
    assert!(scene.is_provisional().await, "it has not ended");
    scene.bench.journal(before, 1, lost_ms + 10 * MIN, json!({ "kind": "run-ended", "reason": "asked to" }), None).await;
    assert!(!scene.is_provisional().await);
    assert_eq!(kind(&scene.report().await.1), ("retake", false));
}

/// The next run names the newest one that the disk let it read.
#[tokio::test]
async fn an_older_run_that_is_named_instead_vouches_for_nothing() {
    let (mut scene, before) = killed(Some("digest-3-0")).await;
    let older = scene.bench.run(scene.recording.id, 3, 1).await;
    assert_eq!((before, older), (1, 3));
    let at_ms = scene.bench.device_ms() - HOUR;
    scene.bench.journal(older, 1, at_ms, json!({ "kind": "run-started" }), None).await;
    assert!(scene.is_provisional().await);
    scene.bench.journal(before, 1, at_ms + HOUR, json!({ "kind": "run-ended", "reason": "asked to" }), None).await;
    assert!(!scene.is_provisional().await);
}

/// A run that was killed never says that it ended, and a disk may give nothing back.
#[tokio::test]
async fn what_never_comes_is_waited_for_a_day() {
    let (mut scene, _) = killed(None).await;
    assert!(scene.is_provisional().await);
    scene.bench.clock.pass(24 * HOUR - MIN);
    scene.alive(3_000).await;
    assert!(scene.stored().await.1);
    scene.bench.clock.pass(MIN);
    // Nobody asks: the engine looks by itself.
    scene.alive(12_000).await;
    let row = outages::Entity::find().order_by_asc(outages::Column::Id).one(&scene.bench.state.db).await.unwrap().unwrap();
    assert_eq!((row.cause.as_str(), row.provisional), ("agent-stopped", false));
}

/// A device key is lost with its spool.
#[tokio::test]
async fn of_another_device_or_a_lost_spool_no_more_will_come() {
    let (mut scene, _) = killed(None).await;
    let change = runs::ActiveModel { id: Set(scene.run.0), device_key: Set("another".into()), ..Default::default() };
    change.update(&scene.bench.state.db).await.unwrap();
    assert!(!scene.is_provisional().await);
}
