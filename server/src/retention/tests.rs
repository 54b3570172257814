//! Expiry against a real database, keystore and store; each step is named as in `docs/lifecycle.md`, section Expiry.

use super::sweep::{Step, destroy, effect};
use super::{Access, access, confirm, sweep};
use crate::db::entities::{audit, deletions, exams, key_records, recordings, runs, segments, tombstones};
use crate::disconnects::testkit::{Bench, MIN, START};
use crate::store::Place;
use invigil_clock::Clock;
use invigil_format::{ExamId, Expired, Statement};
use invigil_rules::clock_trust::Trust;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use std::path::{Path, PathBuf};

/// The policy `short` keeps footage for 30 s after the end.
const EXPIRES: i64 = START + 120 * MIN + 30_000;

/// A bench with one stored, one incoming segment and a key record.
async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.exam("short").await;
    let recording = bench.join().await;
    let run = bench.run(recording.id, 1, 1).await;
    let db = &bench.state.db;
    let record = key_records::ActiveModel {
        run_id: Set(run),
        digest: Set("d".into()),
        statement: Set("{}".into()),
        received_ms: Set(START),
        ..Default::default()
    };
    record.insert(db).await.unwrap();
    for (sequence, state) in [(0, "stored"), (1, "incoming")] {
        let row = segments::ActiveModel {
            recording_id: Set(recording.id),
            run_id: Set(run),
            track: Set("cam0".into()),
            sequence: Set(sequence),
            generation: Set(0),
            state: Set(state.into()),
            created_ms: Set(START),
            size_bytes: Set(100),
            revision: Set(1),
            ..Default::default()
        };
        let id = row.insert(db).await.unwrap().id;
        std::fs::write(bench.state.store.incoming_path(id), [1; 100]).unwrap();
        if state == "stored" {
            let run = runs::Entity::find().one(db).await.unwrap().unwrap().uuid;
            let place = Place { recording: &recording.uuid, run: &run, track: "cam0", sequence, generation: 0 };
            bench.state.store.link(id, &place).unwrap();
            bench.state.store.remove_incoming(id).unwrap();
        }
    }
    // Starts before anything is old: the clock is known.
    super::Guard::tick(&bench.state.guard, &bench.state).await.unwrap();
    bench
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn exam_id(row: &exams::Model) -> ExamId {
    row.uuid.parse().unwrap()
}

async fn exam(bench: &Bench) -> exams::Model {
    exams::Entity::find().one(&bench.state.db).await.unwrap().unwrap()
}

/// Everything that must hold once an exam is destroyed.
async fn all_gone(bench: &Bench) {
    let db = &bench.state.db;
    let exam = exam(bench).await;
    assert!(bench.state.keystore.is_destroyed(exam_id(&exam)) && bench.state.keystore.list().unwrap().is_empty());
    assert_eq!(files(bench.state.store.folder()), Vec::<PathBuf>::new());
    assert!(segments::Entity::find().all(db).await.unwrap().is_empty() && key_records::Entity::find().all(db).await.unwrap().is_empty());
    let recording = recordings::Entity::find().one(db).await.unwrap().unwrap();
    assert!(recording.expired_ms.is_some() && exam.destroyed_ms.is_some());
    let tombstone = tombstones::Entity::find().all(db).await.unwrap();
    assert_eq!((tombstone.len(), &tombstone[0].recording, tombstone[0].expired_ms), (1, &recording.uuid, EXPIRES));
    let statement = Statement::from_json(tombstone[0].statement.as_ref().unwrap().as_bytes()).unwrap();
    let said: Expired = statement.read_by(&bench.state.server_key.public()).unwrap();
    assert_eq!((said.recording.to_string(), said.expired_ms), (recording.uuid, EXPIRES));
    let deletion = deletions::Entity::find().all(db).await.unwrap();
    assert_eq!((deletion.len(), deletion[0].segments, deletion[0].bytes, deletion[0].step.as_str()), (1, 2, 200, "E5"));
    assert!(deletion[0].finished_ms.is_some());
    let actions: Vec<String> = audit::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.action).collect();
    for action in ["expiry-began", "footage-destroyed"] {
        assert_eq!(actions.iter().filter(|found| *found == action).count(), 1, "{actions:?}");
    }
    assert_eq!(crate::audit::first_broken(db).await.unwrap(), None);
    assert_eq!(access(&bench.state, i64::MAX, true), Access::Expired);
}

#[tokio::test]
async fn nothing_is_destroyed_before_its_time_and_everything_after() {
    let bench = bench().await;
    bench.clock.pass(EXPIRES - 1 - bench.clock.wall_ms());
    assert_eq!(access(&bench.state, EXPIRES, false), Access::Open);
    assert_eq!(sweep(&bench.state).await.unwrap(), 0);
    assert_eq!(files(bench.state.store.folder()).len(), 2);
    bench.clock.pass(1);
    // Unreadable from that instant, sweep or not.
    assert_eq!(access(&bench.state, EXPIRES, false), Access::Expired);
    assert_eq!(sweep(&bench.state).await.unwrap(), 1);
    all_gone(&bench).await;
    assert_eq!(sweep(&bench.state).await.unwrap(), 0);
}

#[tokio::test]
async fn e1_to_e5_go_on_after_a_crash_behind_each_step() {
    for last in [Step::E1, Step::E2, Step::E3, Step::E4, Step::E5] {
        let mut bench = bench().await;
        bench.clock.pass(EXPIRES - bench.clock.wall_ms());
        let row = exam(&bench).await.id;
        assert!(destroy(&bench.state, row, last).await.unwrap());
        assert_eq!(access(&bench.state, EXPIRES, true), Access::Expired);
        bench.restart().await;
        sweep(&bench.state).await.unwrap();
        all_gone(&bench).await;
    }
}

#[tokio::test]
async fn e2_to_e4_go_on_after_a_crash_between_a_step_and_its_record() {
    for (before, step) in [(Step::E1, Step::E2), (Step::E2, Step::E3), (Step::E3, Step::E4)] {
        let mut bench = bench().await;
        bench.clock.pass(EXPIRES - bench.clock.wall_ms());
        let row = exam(&bench).await.id;
        destroy(&bench.state, row, before).await.unwrap();
        effect(&bench.state, row, step).await.unwrap();
        bench.restart().await;
        assert_eq!(sweep(&bench.state).await.unwrap(), 1);
        all_gone(&bench).await;
    }
}

#[tokio::test]
async fn e2_the_key_goes_before_any_byte() {
    let bench = bench().await;
    bench.clock.pass(EXPIRES - bench.clock.wall_ms());
    let row = exam(&bench).await;
    destroy(&bench.state, row.id, Step::E2).await.unwrap();
    assert!(bench.state.keystore.is_destroyed(exam_id(&row)));
    assert_eq!(files(bench.state.store.folder()).len(), 2);
}

/// E0, G1, G4 and both ends of G6.
#[tokio::test]
async fn a_clock_that_jumps_ahead_destroys_nothing_until_somebody_confirms_it() {
    let bench = bench().await;
    bench.clock.step(40 * 24 * 60 * MIN);
    // Not readable by the jumped clock, but no device is told to delete.
    assert_eq!(access(&bench.state, EXPIRES, false), Access::Suspended);
    bench.state.guard.tick(&bench.state).await.unwrap();
    assert_eq!(sweep(&bench.state).await.unwrap(), 0);
    assert_eq!(files(bench.state.store.folder()).len(), 2);
    assert!(super::alarm(&bench.state.db).await.unwrap().unwrap().contains("jumped"));
    // It comes back by itself: the alarm ends.
    bench.clock.step(-40 * 24 * 60 * MIN);
    bench.state.guard.tick(&bench.state).await.unwrap();
    assert_eq!((access(&bench.state, EXPIRES, false), super::alarm(&bench.state.db).await.unwrap()), (Access::Open, None));
    // It was right after all, and an operator says so.
    bench.clock.step(40 * 24 * 60 * MIN);
    let confirmed = confirm(&bench.state.db, &*bench.clock).await.unwrap();
    assert_eq!(confirmed.wall_ms, bench.clock.wall_ms());
    bench.state.guard.tick(&bench.state).await.unwrap();
    assert_eq!(super::trust(&bench.state), Trust::Trusted);
    assert_eq!(sweep(&bench.state).await.unwrap(), 1);
    all_gone(&bench).await;
}

/// What `check` says of clock and expiry; the segments of [`bench`] are none that it would accept.
async fn said(bench: &Bench) -> Vec<String> {
    let report = crate::check::check(&bench.state.config, &*bench.clock).await.unwrap();
    let about = report.problems.into_iter().filter(|problem| !problem.object.starts_with("segment:"));
    about.map(|problem| format!("{}: {}", problem.object, problem.what)).collect()
}

/// G5.
#[tokio::test]
async fn check_says_that_the_clock_is_suspect_and_only_then() {
    const DAY: i64 = 24 * 60 * MIN;
    for (what, step_ms) in [("a day", DAY), ("a month", 31 * DAY), ("ten years", 3_652 * DAY)] {
        let bench = bench().await;
        assert_eq!(said(&bench).await, Vec::<String>::new(), "{what}");
        bench.clock.step(step_ms);
        // Whether or not a running server has noticed it.
        for _ in 0..2 {
            let problems = said(&bench).await;
            assert!(problems.len() == 1 && problems[0].starts_with("clock: the clock jumped"), "{what}: {problems:?}");
            assert!(problems[0].contains("clock confirm"), "{what}: {problems:?}");
            bench.state.guard.tick(&bench.state).await.unwrap();
        }
        assert_eq!((access(&bench.state, EXPIRES, false), sweep(&bench.state).await.unwrap()), (Access::Suspended, 0), "{what}");
        assert_eq!(files(bench.state.store.folder()).len(), 2, "{what}");
        confirm(&bench.state.db, &*bench.clock).await.unwrap();
        bench.state.guard.tick(&bench.state).await.unwrap();
        // Believed now: what has expired should be gone, and is at the next sweep.
        let problems = said(&bench).await;
        assert!(problems.len() == 2 && problems.iter().all(|problem| problem.contains("has expired")), "{what}: {problems:?}");
        assert_eq!(sweep(&bench.state).await.unwrap(), 1, "{what}");
        assert_eq!(said(&bench).await, Vec::<String>::new(), "{what}");
    }
}

/// G1, G4.
#[tokio::test]
async fn a_clock_that_is_set_back_gives_nothing_back() {
    let bench = bench().await;
    bench.clock.pass(EXPIRES - bench.clock.wall_ms());
    bench.clock.step(-60 * MIN);
    assert_eq!(access(&bench.state, EXPIRES, false), Access::Suspended);
    assert_eq!(sweep(&bench.state).await.unwrap(), 0);
}

/// G3.
#[tokio::test]
async fn devices_that_agree_with_the_clock_vouch_for_it() {
    let bench = bench().await;
    bench.clock.step(40 * 24 * 60 * MIN);
    for recording in 0..3 {
        bench.state.disconnects.note_clock(recording, 1_500 * recording - 1_000, bench.clock.boottime_us());
    }
    assert_eq!(access(&bench.state, EXPIRES, false), Access::Expired);
    bench.state.guard.tick(&bench.state).await.unwrap();
    assert_eq!(sweep(&bench.state).await.unwrap(), 1);
    all_gone(&bench).await;
}

#[tokio::test]
async fn an_exam_that_moved_is_not_destroyed() {
    let bench = bench().await;
    bench.clock.pass(EXPIRES - bench.clock.wall_ms());
    let row = exam(&bench).await;
    let change = exams::ActiveModel { id: Set(row.id), actual_end_ms: Set(row.ends_ms + 5 * MIN), ..Default::default() };
    change.update(&bench.state.db).await.unwrap();
    assert!(!destroy(&bench.state, row.id, Step::E5).await.unwrap());
    assert_eq!(sweep(&bench.state).await.unwrap(), 0);
    assert_eq!(files(bench.state.store.folder()).len(), 2);
}
