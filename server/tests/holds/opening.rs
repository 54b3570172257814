//! What a hold covers, and when one can be opened.

use super::support::{HOUR_MS, Place};
use super::{expire, film, new_hold, opened_online, range, set, signed_in, sound, traces, upload, whole};
use axum::http::StatusCode;
use invigil_server::holds::{self, By, Opening, Reason};
use invigil_server::retention;
use invigil_server::staff::Role;
use invigil_wire::holds::{HoldView, NewHold};

const MONTH_MS: i64 = 30 * 24 * HOUR_MS;

#[tokio::test]
async fn h1_a_segment_that_comes_late_is_covered_too_and_makes_the_hold_pending_again() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let mut filmed = film(place.agent().await, 3).await;
    // Before anything of the range is here.
    let hold = browser.hold(&filmed.agent, 4, 4).await;
    assert_eq!((hold.state.as_str(), hold.segments), ("pending", 0));
    let other = browser.hold(&filmed.agent, 2, 3).await;
    assert_eq!(browser.seal(&filmed.agent, &other).await.unwrap().state, "effective");
    place.clock.advance(HOUR_MS);
    for number in 3..6 {
        let bytes = whole(&filmed.agent, number, filmed.bytes.last()).await;
        filmed.ids.push(upload(&filmed.agent, number, &bytes).await);
        filmed.bytes.push(bytes);
    }
    let views: Vec<HoldView> = browser.holds().await;
    let said: Vec<_> = views.iter().map(|view| (view.id, view.state.as_str(), view.segments, view.unsealed)).collect();
    assert_eq!(said, [(other.id, "pending", 2, 1), (hold.id, "pending", 1, 1)]);
    assert_eq!(browser.seal(&filmed.agent, &other).await.unwrap().state, "effective");
    expire(&place, &filmed.agent).await;
    assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([2, 3, 4]), set([2, 3, 4])));
    assert_eq!(browser.seal(&filmed.agent, &hold).await.unwrap().state, "effective");
    assert_eq!((opened_online(&browser, &filmed).await, sound(&place).await), (set([2, 3, 4]), Vec::new()));
}

#[tokio::test]
async fn h1_only_whole_segments_of_the_range_and_the_tracks_are_covered() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 4).await;
    let at = |number: i64| super::START_MS + number * super::SEGMENT_MS;
    let rows = [
        ("exactly one", (at(1), at(2)), None, 1),
        ("a moment of one", (at(1), at(1) + 1), None, 1),
        ("a moment of two", (at(2) - 1, at(2) + 1), None, 2),
        ("before all", (at(0) - MONTH_MS, at(0)), None, 0),
        ("all", (at(0) - MONTH_MS, at(0) + MONTH_MS), None, 4),
        ("its track", (at(0) - MONTH_MS, at(0) + MONTH_MS), Some(vec!["cam0".to_owned()]), 4),
        ("another track", (at(0) - MONTH_MS, at(0) + MONTH_MS), Some(vec!["cam1".to_owned()]), 0),
    ];
    for (what, range, tracks, expected) in rows {
        let hold: HoldView = browser.post("/api/holds", &NewHold { tracks, ..new_hold(&filmed.agent, range) }).await.json();
        assert_eq!((hold.segments, hold.growing), (expected, 0), "{what}");
    }
    let good = new_hold(&filmed.agent, range(1, 1));
    let bad = [
        ("bad-range", NewHold { to_ms: good.from_ms, ..good.clone() }),
        ("bad-range", NewHold { from_ms: at(0) - 2 * MONTH_MS, ..good.clone() }),
        ("bad-range", NewHold { to_ms: at(0) + 2 * MONTH_MS, ..good.clone() }),
        ("bad-range", NewHold { from_ms: i64::MIN, to_ms: i64::MAX, ..good.clone() }),
        ("bad-range", NewHold { from_ms: i64::MAX - 1, to_ms: i64::MAX, ..good.clone() }),
        ("bad-tracks", NewHold { tracks: Some(Vec::new()), ..good.clone() }),
        ("bad-tracks", NewHold { tracks: Some(vec!["../cam0".into()]), ..good.clone() }),
        ("bad-reason", NewHold { reason: "act".into(), ..good.clone() }),
        ("bad-note", NewHold { note: " ".into(), ..good.clone() }),
        ("bad-note", NewHold { note: "x".repeat(501), ..good.clone() }),
    ];
    for (code, asked) in bad {
        let answer = browser.post("/api/holds", &asked).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, code));
    }
    let unknown = NewHold { recording: invigil_format::RecordingId::from_random([1; 16]), ..good };
    assert_eq!(browser.post("/api/holds", &unknown).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn h2_after_expiry_only_what_is_held_can_be_held_again_and_its_keys_are_passed_on() {
    for effective in [false, true] {
        let place = Place::new().await;
        let browser = signed_in(&place).await;
        let filmed = film(place.agent().await, 8).await;
        let first = browser.hold(&filmed.agent, 2, 4).await;
        if effective {
            browser.seal(&filmed.agent, &first).await.unwrap();
        }
        place.clock.advance(filmed.agent.expires_ms - place.clock_ms());
        let refused = async |from: i64, to: i64| {
            let answer = browser.post("/api/holds", &new_hold(&filmed.agent, range(from, to))).await;
            assert_eq!((answer.status, answer.error().as_str()), (StatusCode::GONE, "expired"), "{effective} {from} {to}");
        };
        // Expired by the clock, and not yet swept: the bytes of all are there, and still nothing is rescued.
        refused(6, 6).await;
        refused(4, 5).await;
        let early = browser.hold(&filmed.agent, 4, 4).await;
        retention::sweep(&place.state).await.unwrap();
        refused(6, 6).await;
        let second = browser.hold(&filmed.agent, 3, 4).await;
        let state = if effective { "effective" } else { "pending" };
        assert_eq!((second.state.as_str(), second.segments, second.over_retention), (state, 2, !effective));
        browser.release(&first).await;
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([3, 4]), set([3, 4])), "{effective}");
        browser.release(&second).await;
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([4]), set([4])), "{effective}");
        if !effective {
            assert_eq!(browser.seal(&filmed.agent, &early).await.unwrap().state, "effective");
            assert_eq!(opened_online(&browser, &filmed).await, set([4]));
        }
        assert_eq!(sound(&place).await, Vec::<String>::new());
        browser.release(&early).await;
        assert_eq!((traces(&place, &filmed), sound(&place).await), (set([]), Vec::new()));
        assert!(place.state.keystore.list().unwrap().is_empty());
        refused(4, 4).await;
    }
}

/// H1 and E1 take the same lock: whichever comes first, a hold that was granted keeps what it covers, and one that was refused kept nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h1_and_e1_exclude_each_other() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let mut granted = 0;
    for round in 0..12_u32 {
        let filmed = film(place.agent().await, 3).await;
        place.clock.advance(filmed.agent.expires_ms - place.clock_ms() - 1);
        let (_, to_ms) = range(1, 1);
        let opening = Opening {
            recording: filmed.agent.recording(),
            from_ms: super::START_MS,
            to_ms,
            tracks: None,
            reason: Reason::Other,
            note: "a race".into(),
        };
        let (state, clock) = (place.state.clone(), place.clock.clone());
        let sweep = tokio::spawn(async move {
            // At no two rounds at the same step of the other one.
            invigil_clock::sleep(std::time::Duration::from_micros(u64::from(round) * 700)).await;
            clock.advance(1);
            retention::sweep(&state).await.unwrap();
        });
        let by = By::command_line();
        let open = holds::open(&place.state, &opening, &by);
        let hold = if round == 0 {
            sweep.await.unwrap();
            open.await
        } else if round == 1 {
            let hold = open.await;
            sweep.await.unwrap();
            hold
        } else {
            let (hold, sweep) = tokio::join!(open, sweep);
            sweep.unwrap();
            hold
        };
        let found = opened_online(&browser, &filmed).await;
        match hold {
            Ok(hold) => {
                granted += 1;
                assert_eq!((found, hold.segments), (set([0, 1]), 2), "round {round}");
                holds::release(&place.state, hold.id, "over", &By::command_line()).await.unwrap();
            }
            Err(error) => assert_eq!((found, error.status), (set([]), StatusCode::GONE), "round {round}"),
        }
        assert!(traces(&place, &filmed).is_empty(), "round {round}");
    }
    assert!(granted < 12);
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn holds_are_opened_and_released_by_those_who_may_see_footage_and_named() {
    let place = Place::new().await;
    let filmed = film(place.agent().await, 2).await;
    for (role, may_list, may_open) in [
        (Role::Reviewer, true, true),
        (Role::Board, true, true),
        (Role::Registrar, false, false),
        (Role::Invigilator, false, false),
        (Role::Auditor, false, false),
    ] {
        place.add_account(role.name(), role).await;
        let browser = place.browser(role.name()).await;
        let answer = browser.get("/api/holds").await.status;
        assert_eq!(answer == StatusCode::OK, may_list, "{role}");
        let answer = browser.post("/api/holds", &new_hold(&filmed.agent, range(0, 0))).await;
        assert_eq!(answer.status == StatusCode::OK, may_open, "{role}");
        if may_open {
            let hold: HoldView = answer.json();
            assert_eq!(hold.opened_by, format!("Name of {role}"));
            let released = browser.release(&hold).await;
            assert_eq!((released.released_by, released.state.as_str()), (Some(format!("Name of {role}")), "released"));
            let again = browser.post(&format!("/api/holds/{}/release", hold.id), &serde_json::json!({ "note": "again" })).await;
            assert_eq!((again.status, again.error().as_str()), (StatusCode::CONFLICT, "released"));
        }
    }
    assert_eq!(place.audit("hold-opened").await.len(), 2);
    assert_eq!(opened_online(&signed_in(&place).await, &filmed).await, set([0, 1]), "not expired: releasing destroys nothing");
}

/// A device whose clock is wrong and that no heartbeat has corrected: its footage can be held where it is shown.
#[tokio::test]
async fn footage_that_lies_far_from_its_exam_can_be_held() {
    let place = Place::at(super::START_MS + 12 * MONTH_MS).await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 2).await;
    assert_eq!(browser.hold(&filmed.agent, 1, 1).await.segments, 1);
    let before = NewHold { from_ms: super::START_MS - 1, ..new_hold(&filmed.agent, range(1, 1)) };
    assert_eq!(browser.post("/api/holds", &before).await.error(), "bad-range");
}

/// What a released hold covered is not looked for: not in the database, and not in a file that cannot be read.
#[tokio::test]
async fn released_holds_cost_no_look_at_footage() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 1).await;
    let path = filmed.agent.create(1).await;
    let bytes = super::begin(&filmed.agent, 1, filmed.bytes.last()).await.1;
    filmed.agent.append(&path, 0, bytes, false).await;
    let hold = browser.hold(&filmed.agent, 0, 1).await;
    assert_eq!((hold.segments, hold.growing), (2, 1));
    browser.release(&hold).await;
    let segment: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
    place.state.store.forget(segment);
    let file = place.state.store.incoming_path(segment);
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let answer = browser.get("/api/holds").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let views: Vec<HoldView> = answer.json();
    assert_eq!((views.len(), views[0].state.as_str(), views[0].segments, views[0].size_bytes), (1, "released", 0, 0));
}
