//! Journals that are long, or that a device has filled on purpose.

use super::super::testkit::{Bench, MIN, boot_id};
use super::*;
use proptest::prelude::*;
use sea_orm::ActiveValue::Set;
use serde_json::json;

/// Server's time minus the device's.
const OFFSET_MS: i64 = 1_000_000;

fn run_row() -> RunRow {
    RunRow { id: 1, device_key: "device".into(), boot_id: None, clock_offset_ms: Some(OFFSET_MS) }
}

/// `link-back` of the first run with attempts at these times of the server, ms.
fn back(first: Interval, last: Interval) -> FactRow {
    let us = |ms: i64| (ms - OFFSET_MS) * 1000;
    let event = json!({ "kind": "link-back", "first_failed_start_us": us(first.from_ms), "first_failed_end_us": us(first.to_ms),
        "last_failed_start_us": us(last.from_ms), "last_failed_end_us": us(last.to_ms), "attempts": 9, "error": "timed out" });
    FactRow { run_id: 1, kind: "link-back".into(), boottime_us: us(last.to_ms), event: event.to_string() }
}

fn outage(from_ms: i64, to_ms: i64) -> outages::Model {
    outages::Model {
        id: 1,
        recording_id: 1,
        from_ms,
        to_ms: Some(to_ms),
        lower_ms: None,
        lower_from_ms: None,
        lower_to_ms: None,
        cause: Cause::Link.name().to_owned(),
        provisional: true,
        run_before: Some(1),
        run_after: Some(1),
        server_down_ms: 0,
    }
}

#[test]
fn twenty_thousand_losses_and_five_hundred_disconnects_each_have_their_own_bound() {
    let start = |number: i64| OFFSET_MS + number * 60_000;
    let mut facts = Vec::new();
    for place in 0..20_000 {
        // In no order: 7919 is prime to 20,000.
        let (number, step) = ((place * 7919 % 20_000) / 40, place * 7919 % 40);
        let (from_ms, to_ms) = (start(number), start(number) + 30_000);
        let first = Interval::new(from_ms + 1_000 + step, from_ms + 2_000 + step);
        facts.push(back(first, Interval::new(to_ms - 2_000 - step, to_ms - 1_000 - step)));
    }
    // Longer than all together, and one that ends before it begins.
    facts.push(back(Interval::new(start(0), start(0) + 1), Interval::new(start(500) - 1, start(500))));
    facts.push(back(Interval::new(start(400), start(400) + 1), Interval::new(start(1), start(1) + 1)));
    let last = LastRow { run_id: 1, digest: "last".into(), kind: "segment-closed".into(), boottime_us: (start(500) - OFFSET_MS) * 1000 };
    let journals = Journals::of(Rows { runs: vec![run_row()], lasts: vec![last], facts, ..Rows::default() });
    for number in 0..500 {
        let (from_ms, to_ms) = (start(number), start(number) + 30_000);
        let lower = journals.lower(&outage(from_ms, to_ms), to_ms, Cause::Link, to_ms);
        assert_eq!(lower, Lower { bound: Some(Interval::new(from_ms + 2_000, to_ms - 2_000)), settled: true }, "{number}");
    }
}

#[test]
fn an_attempt_that_fails_in_no_time_belongs_to_the_disconnect_in_which_it_lies_and_to_no_other() {
    let at = |ms: i64| Interval::new(OFFSET_MS + ms, OFFSET_MS + ms);
    let facts = vec![back(at(70_000), at(70_000))];
    let journals = Journals::of(Rows { runs: vec![run_row()], facts, ..Rows::default() });
    let bound = |from_ms: i64, to_ms: i64| {
        let outage = outage(OFFSET_MS + from_ms, OFFSET_MS + to_ms);
        journals.lower(&outage, outage.to_ms.unwrap(), Cause::Link, outage.to_ms.unwrap()).bound
    };
    assert_eq!([bound(0, 60_000), bound(80_000, 200_000)], [None, None]);
    assert!(bound(65_000, 90_000).is_some_and(|bound| bound.len_ms() == 0));
}

/// All losses, each weighed against the disconnect.
fn bound_by_all(losses: &[Loss], upper: &Interval) -> Option<Interval> {
    let evidence: Vec<Evidence> = losses.iter().filter_map(|loss| loss.within(upper)).flatten().collect();
    lower_bound(upper, &evidence)
}

proptest! {
    #[test]
    fn no_loss_that_belongs_to_a_disconnect_is_passed_over(
        times in prop::collection::vec((0..2_000_i64, 0..40_i64, 0..400_i64, 0..40_i64), 0..30),
        from_ms in 0..2_000_i64,
        len_ms in 0..600_i64,
    ) {
        let mut losses = Vec::new();
        let mut journals = Journals::default();
        for (start_ms, first_ms, between_ms, last_ms) in times {
            let first = Interval::new(start_ms, start_ms + first_ms);
            let last_from_ms = first.to_ms + between_ms;
            let loss = Loss { first, last: Interval::new(last_from_ms, last_from_ms + last_ms) };
            losses.push(loss);
            journals.losses.push(loss);
        }
        journals.losses.sort_unstable_by_key(|loss| loss.first.from_ms);
        let upper = Interval::new(from_ms, from_ms + len_ms);
        prop_assert_eq!(lower_bound(&upper, &journals.evidence(&upper)), bound_by_all(&losses, &upper));
    }
}

/// Entries of one run from `first` on, each an event at a time of the device, ms.
async fn write(bench: &Bench, run: i64, first: i64, events: impl Iterator<Item = (i64, serde_json::Value)>) {
    let rows: Vec<journal_entries::ActiveModel> = events
        .zip(first..)
        .map(|((at_ms, event), entry)| journal_entries::ActiveModel {
            run_id: Set(run),
            entry: Set(entry),
            digest: Set(format!("digest-{run}-{entry}")),
            kind: Set(event["kind"].as_str().unwrap().to_owned()),
            boot_id: Set(boot_id(1).to_string()),
            boottime_us: Set(at_ms * 1000),
            wall_ms: Set(0),
            event: Set(event.to_string()),
            statement: Set(String::new()),
            received_ms: Set(0),
            ..Default::default()
        })
        .collect();
    for batch in rows.chunks(500) {
        journal_entries::Entity::insert_many(batch.to_vec()).exec(&bench.state.db).await.unwrap();
    }
}

#[tokio::test]
async fn entries_of_other_kinds_and_other_times_change_nothing() {
    let bench = Bench::new().await;
    bench.exam("kbtu").await;
    let recording = bench.join().await;
    let device_ms = bench.device_ms();
    let offset_ms = bench.clock.wall.load(std::sync::atomic::Ordering::SeqCst) - device_ms;
    let run = bench.run(recording.id, 1, 1).await;
    bench.journal(run, 1, device_ms, json!({ "kind": "run-started" }), Some("nowhere")).await;
    let (lost_ms, back_ms) = (device_ms + MIN, device_ms + 10 * MIN);
    let event = |lost_ms: i64, back_ms: i64| {
        json!({ "kind": "link-back", "first_failed_start_us": lost_ms * 1000, "first_failed_end_us": (lost_ms + 2_000) * 1000,
            "last_failed_start_us": (back_ms - 2_000) * 1000, "last_failed_end_us": back_ms * 1000, "attempts": 9, "error": "timed out" })
    };
    let disconnect =
        outages::Model { run_before: Some(run), run_after: Some(run), ..outage(lost_ms + offset_ms - 1_000, back_ms + offset_ms + 1_000) };
    let to_ms = disconnect.to_ms.unwrap();
    let read = async || Journals::read(&bench.state.db, recording.id).await.unwrap();
    let lower = async || read().await.lower(&disconnect, to_ms, Cause::Link, to_ms);
    let other = |n: i64| (lost_ms + n, json!({ "kind": "segment-started", "track": "cam0", "sequence": n }));
    write(&bench, run, 1, (0..5_000).map(other)).await;
    assert_eq!(lower().await, Lower { bound: None, settled: false });
    write(&bench, run, 5_001, [(back_ms, event(lost_ms, back_ms))].into_iter()).await;
    let bound = Some(Interval::new(lost_ms + 2_000 + offset_ms, back_ms - 2_000 + offset_ms));
    assert_eq!(lower().await, Lower { bound, settled: true });
    // So many losses of an hour later that they are taken apart on another thread, with another run after that names the end of this one.
    let later_ms = |n: i64| back_ms + 60 * MIN + n * 10_000;
    write(&bench, run, 5_002, (0..1_500).map(|n| (later_ms(n), event(later_ms(n) - 9_000, later_ms(n))))).await;
    assert_eq!(lower().await, Lower { bound, settled: true });
    let next = bench.run(recording.id, 2, 1).await;
    let disconnect = outages::Model { run_after: Some(next), ..disconnect.clone() };
    let settled = async || read().await.lower(&disconnect, to_ms, Cause::AgentStopped, to_ms).settled;
    assert!(!settled().await);
    bench.journal(next, 1, later_ms(1_500), json!({ "kind": "run-started" }), Some(&format!("digest-{run}-6501"))).await;
    assert!(settled().await);
}
