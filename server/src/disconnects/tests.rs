//! Whole disconnects against a real database, on a clock that the tests move.

use super::engine::Engine;
use super::testkit::{Bench, MIN, START};
use super::{Renewal, contact, heartbeat, report};
use crate::db::entities::{audit, exams, findings, outages, recordings, server_downtime};
use invigil_clock::Clock;
use invigil_wire::review::{FindingView, OutageView};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QueryOrder};
use serde_json::json;

mod held_back;
mod stalls;

const END: i64 = START + 120 * MIN;
const HOUR: i64 = 60 * MIN;

/// A bench with a joined candidate, one run on one boot, and an engine.
struct Scene {
    bench: Bench,
    engine: Engine,
    recording: recordings::Model,
    run: (i64, u8, u8),
    sequence: u64,
}

impl Scene {
    async fn new() -> Self {
        let bench = Bench::new().await;
        bench.exam("kbtu").await;
        bench.clock.pass(29 * MIN);
        let recording = bench.join().await;
        let run = bench.run(recording.id, 1, 1).await;
        let engine = Engine::start(bench.state.clone(), super::now_ms(&bench.state)).await.unwrap();
        let mut scene = Self { bench, engine, recording, run: (run, 1, 1), sequence: 0 };
        scene.alive(9_000).await;
        let until_start = START - scene.bench.clock.wall_ms();
        scene.alive(until_start).await;
        scene
    }

    fn beat(&mut self) {
        self.sequence += 1;
        let (row, run, boot) = self.run;
        let beat = self.bench.beat(&self.recording.uuid, run, boot, self.sequence);
        heartbeat(&self.bench.state, self.recording.id, row, &beat);
    }

    async fn tick(&mut self) {
        self.engine.tick(super::now_ms(&self.bench.state), false).await.unwrap();
    }

    /// Heartbeats every 3 s; the engine runs at the same pace, which decides nothing.
    async fn alive(&mut self, ms: i64) {
        for _ in 0..ms / 3_000 {
            self.beat();
            self.tick().await;
            self.bench.clock.pass(3_000);
        }
    }

    async fn silent(&mut self, ms: i64) {
        for _ in 0..ms / 5_000 {
            self.bench.clock.pass(5_000);
            self.tick().await;
        }
        self.bench.clock.pass(ms % 5_000);
    }

    async fn report(&self) -> (Vec<OutageView>, FindingView) {
        let db = &self.bench.state.db;
        let exam = exams::Entity::find().one(db).await.unwrap().unwrap();
        let recording = recordings::Entity::find().one(db).await.unwrap().unwrap();
        let report = report(db, &self.bench.state.policies, &exam, &recording, super::now_ms(&self.bench.state)).await.unwrap();
        (report.outages, report.finding)
    }

    async fn stored(&self) -> (String, bool) {
        let row = findings::Entity::find().one(&self.bench.state.db).await.unwrap().unwrap();
        (row.kind, row.provisional)
    }

    /// The link is cut for `ms`; the agent's attempts fail from 2 s after to 2 s before the end, and its journal says so once `settle` is called.
    async fn cut(&mut self, ms: i64) -> (i64, i64) {
        let from = self.bench.device_ms();
        self.silent(ms).await;
        self.sequence += u64::try_from(ms / 4_000).unwrap();
        (from, self.bench.device_ms())
    }

    async fn settle(&mut self, (from, to): (i64, i64)) {
        let us = |ms: i64| ms * 1000;
        let event = json!({ "kind": "link-back", "first_failed_start_us": us(from), "first_failed_end_us": us(from + 2000),
            "last_failed_start_us": us(to - 2000), "last_failed_end_us": us(to), "attempts": 9, "error": "timed out" });
        self.bench.journal(self.run.0, self.run.2, to, event, None).await;
        drop(Renewal::after(&self.bench.state, self.recording.id));
        self.tick().await;
    }
}

fn kind(finding: &FindingView) -> (&str, bool) {
    (&finding.kind, finding.provisional)
}

/// D2 and D3 in their order, D4 with the journal, D5 at each change.
#[tokio::test]
async fn a_cut_of_twelve_minutes_is_a_case_while_it_lasts_and_final_with_the_journal() {
    let mut scene = Scene::new().await;
    let last_contact = scene.bench.clock.wall_ms() - 3_000;
    let cut = scene.cut(9 * MIN).await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages.len(), outages[0].from_ms, outages[0].ongoing, kind(&finding)), (1, last_contact, true, ("none", true)));
    scene.silent(3 * MIN).await;
    assert_eq!(scene.stored().await, ("retake".into(), true));
    scene.sequence += 45;
    scene.alive(6_000).await;
    let (outages, finding) = scene.report().await;
    assert_eq!(
        (outages[0].to_ms, outages[0].cause.as_str(), outages[0].provisional),
        (Some(last_contact + 12 * MIN + 3_000), "link", true)
    );
    assert_eq!(kind(&finding), ("retake", true));
    scene.settle((cut.0, cut.1 + 3 * MIN)).await;
    let (outages, finding) = scene.report().await;
    let (upper, lower) = (outages[0].upper_ms, outages[0].lower_ms.unwrap());
    assert!(lower <= 12 * MIN && 12 * MIN <= upper && upper - lower <= 7_000, "{lower} {upper}");
    assert_eq!((kind(&finding), finding.deadline_ms), (("retake", false), Some(END + 72 * HOUR)));
    assert_eq!(finding.deadline.as_deref(), Some("2026-06-13T11:00:00+05:00"));
    assert_eq!(scene.stored().await, ("retake".into(), false));
    let said: Vec<String> = audit::Entity::find()
        .order_by_asc(audit::Column::Id)
        .all(&scene.bench.state.db)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.action)
        .collect();
    assert_eq!(said.iter().filter(|action| *action == "finding-changed").count(), 3, "{said:?}");
}

/// D4.
#[tokio::test]
async fn bounds_on_both_sides_are_a_near_miss_and_less_is_nothing() {
    let mut scene = Scene::new().await;
    let cut = scene.cut(10 * MIN + 2_000).await;
    scene.alive(3_000).await;
    scene.settle(cut).await;
    assert_eq!(kind(&scene.report().await.1), ("near-miss", false));
    let mut scene = Scene::new().await;
    let cut = scene.cut(9 * MIN + 50_000).await;
    scene.alive(3_000).await;
    scene.settle(cut).await;
    assert_eq!(kind(&scene.report().await.1), ("none", false));
}

/// D1: the time since the last sign of life is downtime, and D3 calls it ours.
#[tokio::test]
async fn a_server_that_was_killed_accuses_nobody() {
    let mut scene = Scene::new().await;
    scene.alive(MIN).await;
    // kill -9: no last sign of life but the one of the last second.
    scene.bench.clock.pass(20 * MIN);
    scene.bench.restart().await;
    scene.engine = Engine::start(scene.bench.state.clone(), super::now_ms(&scene.bench.state)).await.unwrap();
    scene.tick().await;
    scene.bench.clock.pass(3_000);
    scene.sequence += 300;
    scene.alive(9_000).await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages.len(), outages[0].cause.as_str(), outages[0].provisional), (1, "server", false));
    assert!(outages[0].counted_upper_ms <= 10_000, "{outages:?}");
    assert_eq!(kind(&finding), ("server-outage", false));
    let kinds: Vec<String> =
        server_downtime::Entity::find().all(&scene.bench.state.db).await.unwrap().into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["crashed", "alive"]);
}

#[tokio::test]
async fn a_restart_of_ours_in_the_middle_of_a_disconnect_leaves_one_disconnect() {
    let mut scene = Scene::new().await;
    scene.cut(5 * MIN).await;
    scene.bench.clock.pass(30_000);
    scene.bench.restart().await;
    scene.engine = Engine::start(scene.bench.state.clone(), super::now_ms(&scene.bench.state)).await.unwrap();
    let cut = scene.cut(7 * MIN).await;
    scene.alive(6_000).await;
    scene.settle((cut.0 - 5 * MIN - 30_000, cut.1)).await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages.len(), outages[0].cause.as_str(), outages[0].ongoing), (1, "link", false));
    // 12 minutes 30, of which our half minute does not count.
    assert!(outages[0].upper_ms - outages[0].counted_upper_ms >= 30_000);
    assert_eq!(kind(&finding), ("retake", false));
    assert_eq!(outages::Entity::find().one(&scene.bench.state.db).await.unwrap().unwrap().server_down_ms, 30_000);
}

/// D4: settled only when no journal of a run in between is missing.
#[tokio::test]
async fn a_killed_agent_is_bounded_by_its_next_run() {
    let mut scene = Scene::new().await;
    let last = scene.bench.journal(scene.run.0, 1, scene.bench.device_ms(), json!({ "kind": "segment-started" }), None).await;
    scene.cut(11 * MIN).await;
    let started = scene.bench.device_ms();
    let run = scene.bench.run(scene.recording.id, 2, 1).await;
    scene.run = (run, 2, 1);
    scene.sequence = 0;
    scene.alive(6_000).await;
    let (outages, _) = scene.report().await;
    assert_eq!((outages[0].cause.as_str(), outages[0].provisional), ("agent-stopped", true));
    // The new run's journal is here, but something of the old one's is still in the spool.
    scene.bench.journal(run, 1, started, json!({ "kind": "run-started" }), Some("not here yet")).await;
    scene.tick().await;
    assert!(scene.report().await.0[0].provisional);
    let row = crate::db::entities::journal_entries::Entity::find().all(&scene.bench.state.db).await.unwrap().pop().unwrap();
    let statement = row.statement.replace("not here yet", &last);
    crate::db::entities::journal_entries::ActiveModel { id: Set(row.id), statement: Set(statement), ..Default::default() }
        .update(&scene.bench.state.db)
        .await
        .unwrap();
    drop(Renewal::after(&scene.bench.state, scene.recording.id));
    scene.tick().await;
    let (outages, finding) = scene.report().await;
    assert_eq!(kind(&finding), ("retake", false));
    assert_eq!((outages[0].upper_ms, outages[0].lower_ms), (11 * MIN + 3_000, Some(11 * MIN + 3_000 - 5_000)));
}

/// D3.
#[tokio::test]
async fn a_reboot_is_told_from_a_killed_agent() {
    let mut scene = Scene::new().await;
    scene.cut(2 * MIN).await;
    scene.run = (scene.bench.run(scene.recording.id, 2, 2).await, 2, 2);
    scene.alive(3_000).await;
    assert_eq!(scene.report().await.0[0].cause, "power-or-reboot");
}

/// D3.
#[tokio::test]
async fn a_machine_that_slept_is_told_from_a_lost_link() {
    let mut scene = Scene::new().await;
    let sequence = scene.sequence;
    scene.cut(11 * MIN).await;
    scene.sequence = sequence + 1;
    scene.alive(3_000).await;
    let at = scene.bench.device_ms();
    scene.bench.journal(scene.run.0, 1, at, json!({ "kind": "segment-closed" }), None).await;
    drop(Renewal::after(&scene.bench.state, scene.recording.id));
    scene.tick().await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages[0].cause.as_str(), kind(&finding)), ("suspended", ("retake", false)));
}

#[tokio::test]
async fn another_request_is_contact_too() {
    let mut scene = Scene::new().await;
    for _ in 0..100 {
        scene.bench.clock.pass(10_000);
        contact(&scene.bench.state, scene.recording.id, None);
        scene.tick().await;
    }
    assert!(scene.report().await.0.is_empty());
}

/// D2.
#[tokio::test]
async fn after_finishing_silence_is_no_disconnect() {
    let mut scene = Scene::new().await;
    let finished = recordings::ActiveModel {
        id: Set(scene.recording.id),
        finished_ms: Set(Some(scene.bench.clock.wall_ms() - 3_000)),
        ..Default::default()
    };
    finished.update(&scene.bench.state.db).await.unwrap();
    scene.silent(10_000).await;
    scene.alive(3_000).await;
    scene.silent(30 * MIN).await;
    assert!(scene.report().await.0.is_empty());
    assert_eq!(kind(&scene.report().await.1), ("none", false));
}

/// D5: the finding is renewed when the rule asked to be asked again, though nothing happens.
#[tokio::test]
async fn never_came_back_and_never_joined() {
    let mut scene = Scene::new().await;
    scene.silent(130 * MIN).await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages[0].ongoing, outages[0].counted_upper_ms, kind(&finding)), (true, 120 * MIN, ("retake", true)));

    let bench = Bench::new().await;
    bench.exam("kbtu").await;
    let mut engine = Engine::start(bench.state.clone(), super::now_ms(&bench.state)).await.unwrap();
    for _ in 0..41 {
        engine.tick(super::now_ms(&bench.state), false).await.unwrap();
        bench.clock.pass(MIN);
    }
    engine.tick(super::now_ms(&bench.state), false).await.unwrap();
    assert_eq!(findings::Entity::find().one(&bench.state.db).await.unwrap().unwrap().kind, "could-not-join");
}

#[tokio::test]
async fn a_step_of_our_own_clock_makes_no_disconnect() {
    let mut scene = Scene::new().await;
    scene.alive(30_000).await;
    scene.bench.clock.step(HOUR);
    scene.alive(30_000).await;
    scene.bench.clock.step(-2 * HOUR);
    scene.alive(30_000).await;
    assert!(scene.report().await.0.is_empty());
}

/// A disconnect of this length during which the device's clock is set, and what is known of it at the end. The heartbeats and journal entries after it
/// carry the new time; an agent that was killed begins a new run by it.
async fn with_a_clock_set_by(set_ms: i64, cut_ms: i64, killed: bool) -> (OutageView, FindingView) {
    let mut scene = Scene::new().await;
    scene.alive(30_000).await;
    let last = scene.bench.journal(scene.run.0, 1, scene.bench.device_ms(), json!({ "kind": "segment-started" }), None).await;
    let cut = scene.cut(cut_ms).await;
    scene.bench.device_ahead_ms = set_ms;
    if killed {
        scene.run = (scene.bench.run(scene.recording.id, 2, 1).await, 2, 1);
        scene.sequence = 0;
        scene.bench.journal(scene.run.0, 1, cut.1, json!({ "kind": "run-started" }), Some(&last)).await;
    }
    scene.alive(6_000).await;
    if killed {
        drop(Renewal::after(&scene.bench.state, scene.recording.id));
        scene.tick().await;
    } else {
        scene.settle(cut).await;
    }
    let (mut outages, finding) = scene.report().await;
    assert_eq!(outages.len(), 1, "{outages:?}");
    (outages.remove(0), finding)
}

#[tokio::test]
async fn the_devices_clock_has_no_part_in_it() {
    // Short of the threshold the clock says two hours more, beyond it two hours less.
    let rows = [
        (9 * MIN + 50_000, 2 * HOUR, false, "none"),
        (9 * MIN + 59_000, 2 * HOUR, false, "near-miss"),
        (10 * MIN + 1_000, -2 * HOUR, false, "near-miss"),
        (10 * MIN + 10_000, -2 * HOUR, false, "retake"),
        (9 * MIN + 50_000, 2 * HOUR, true, "none"),
        (10 * MIN + 10_000, -2 * HOUR, true, "retake"),
    ];
    for (cut_ms, set_ms, killed, decided) in rows {
        let (outage, finding) = with_a_clock_set_by(0, cut_ms, killed).await;
        assert_eq!(kind(&finding), (decided, false), "{cut_ms} ms, killed: {killed}");
        let lower_ms = outage.lower_ms.unwrap();
        assert!(lower_ms <= cut_ms && cut_ms <= outage.upper_ms && outage.upper_ms - lower_ms <= 7_000, "{cut_ms}: {outage:?}");
        assert_eq!(with_a_clock_set_by(set_ms, cut_ms, killed).await, (outage, finding), "{cut_ms} ms, killed: {killed}");
    }
}

#[tokio::test]
async fn a_blip_right_before_a_disconnect_does_not_lengthen_its_lower_bound() {
    let mut scene = Scene::new().await;
    let us = |ms: i64| ms * 1000;
    let lost = |from: i64, to: i64| {
        json!({ "kind": "link-back", "first_failed_start_us": us(from), "first_failed_end_us": us(from + 1800),
            "last_failed_start_us": us(to - 1800), "last_failed_end_us": us(to), "attempts": 9, "error": "timed out" })
    };
    // A blip of 9 s, one heartbeat, then ten minutes and one second. Placing is a second late, and the last attempt was given up after the link was back.
    let blip = scene.cut(9_000).await;
    scene.beat();
    scene.tick().await;
    let cut = scene.cut(10 * MIN + 1_000).await;
    scene.alive(3_000).await;
    scene.bench.journal(scene.run.0, 1, blip.1, lost(blip.0 + 1_000, blip.1 + 1_000), None).await;
    scene.bench.journal(scene.run.0, 1, cut.1 + 3_000, lost(cut.0 + 4_000, cut.1 + 2_500), None).await;
    drop(Renewal::after(&scene.bench.state, scene.recording.id));
    scene.tick().await;
    let (outages, finding) = scene.report().await;
    assert_eq!((outages.len(), outages[0].lower_ms), (1, Some(10 * MIN + 1_000 - 5_800)));
    assert_eq!(kind(&finding), ("near-miss", false));
}

#[tokio::test]
async fn capturing_after_the_end_moves_the_exams_end_though_nobody_finishes() {
    let mut scene = Scene::new().await;
    let end = async |scene: &Scene| exams::Entity::find().one(&scene.bench.state.db).await.unwrap().unwrap().actual_end_ms;
    let until_end = END - scene.bench.clock.wall_ms();
    scene.silent(until_end).await;
    assert_eq!(end(&scene).await, END);
    scene.alive(20 * MIN).await;
    let last = scene.bench.clock.wall_ms() - 3_000;
    let row = recordings::Entity::find().one(&scene.bench.state.db).await.unwrap().unwrap();
    assert_eq!((end(&scene).await, row.last_capture_ms), (last, Some(last)));
    // Contact without capture is no exam.
    let mut beat = scene.bench.beat(&scene.recording.uuid, 1, 1, 10_000);
    beat.capturing = false;
    scene.bench.clock.pass(MIN);
    heartbeat(&scene.bench.state, scene.recording.id, scene.run.0, &beat);
    scene.tick().await;
    assert_eq!(end(&scene).await, last);
    // An agent that is started again weeks later is none either.
    scene.bench.clock.pass(14 * 24 * HOUR);
    scene.alive(9_000).await;
    assert_eq!(end(&scene).await, last);
}

/// D6.
#[tokio::test]
async fn contacts_that_could_not_be_written_accuse_nobody() {
    let mut scene = Scene::new().await;
    scene.alive(MIN).await;
    // The database takes nothing for 20 minutes, and so much is waiting that only the ends are kept.
    let from = scene.bench.clock.wall_ms();
    for _ in 0..20 * 20 {
        scene.beat();
        scene.bench.clock.pass(3_000);
    }
    for _ in 0..super::table::MAX_WAITING {
        contact(&scene.bench.state, scene.recording.id, None);
    }
    assert!(scene.bench.state.disconnects.waiting() < super::table::MAX_WAITING / 2);
    scene.alive(MIN).await;
    let (outages, finding) = scene.report().await;
    assert_eq!(kind(&finding), ("server-outage", false), "one decision for all who were hit");
    assert!(outages.iter().all(|outage| outage.cause == "server"), "{outages:?}");
    let down = server_downtime::Entity::find().all(&scene.bench.state.db).await.unwrap();
    let unwritten: Vec<_> = down.iter().filter(|row| row.kind == "unwritten").map(|row| (row.from_ms, row.to_ms)).collect();
    assert_eq!(unwritten, [(from, Some(from + 20 * MIN))]);
}
