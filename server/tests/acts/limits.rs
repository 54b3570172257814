//! The month of KazNU 1.19, at its edges.

use super::attachments::{scan, still, upload};
use super::{act, complete, exam, film, for_signature, new_act, new_act_citing, place, post, put, sign, signed};
use axum::http::StatusCode;
use invigil_wire::acts::ActList;
use serde_json::{Value, json};

/// 2026-07-01T13:30:00+05:00: a month after the exam's end.
const UNTIL_MS: i64 = 1_782_894_600_000;

#[tokio::test]
async fn from_the_instant_on_nothing_is_opened_signed_or_cancelled_from_recordings() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let (exam, recording) = (agent.exam, agent.recording());
    let new = new_act_citing(exam, recording);
    let reviewer = place.browser("reviewer").await;
    let ready = for_signature(&reviewer, &new, "a phone").await;
    let open = act(&post(&reviewer, "/api/acts", &new_act(exam, Some(recording))).await);
    let done = signed(&place, &new, "a phone").await;

    // The last millisecond.
    place.clock.advance(UNTIL_MS - 1 - place.clock_ms());
    let (reviewer, board, chair) = (place.browser("reviewer").await, place.browser("board").await, place.browser("chair").await);
    let in_time = act(&post(&reviewer, "/api/acts", &new).await);
    assert_eq!(in_time.summary.cancel_until_ms, Some(UNTIL_MS));
    act(&sign(&board, &ready).await);

    place.clock.advance(1);
    let cancel = json!({ "cancelled_ms": UNTIL_MS - 1, "routing": "" });
    let open_path = format!("/api/acts/{}", open.summary.id);
    let mut cites = complete(&open, "a phone");
    cites["evidence"] = new["evidence"].clone();
    for (what, answer) in [
        ("opening", post(&reviewer, "/api/acts", &new).await),
        ("citing", put(&reviewer, &open_path, &cites).await),
        ("signing", sign(&chair, &ready).await),
        ("cancelling", post(&board, &format!("/api/acts/{}/cancel-grade", done.summary.id), &cancel).await),
    ] {
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "too-late"), "{what}");
        let body: Value = answer.json();
        assert_eq!((body["rule"].as_str(), body["until_ms"].as_i64()), (Some("KazNU 1.19"), Some(UNTIL_MS)), "{what}");
        assert!(
            body["message"].as_str().unwrap().contains("KazNU 1.19")
                && body["message"].as_str().unwrap().contains("2026-07-01T13:30:00+05:00"),
            "{what}"
        );
    }
    assert_eq!(act(&chair.get(&format!("/api/acts/{}", ready.summary.id)).await).summary.signatures, (1, 2), "nothing was signed");
    // A picture from a recording comes too late as well; the paper that was signed on the spot does not.
    assert_eq!(upload(&reviewer, &open, still(&place, &open, 1)).await.error(), "too-late");
    assert_eq!(upload(&reviewer, &open, scan(&place, &open, 2)).await.status, StatusCode::CREATED);
    // An act that cites no recordings is not bound: 1.19 speaks of recordings.
    let without = signed(&place, &new_act(exam, Some(recording)), "seen by the teacher on duty").await;
    assert_eq!(without.summary.cancel_until_ms, None);
    let cancel = json!({ "cancelled_ms": place.clock_ms(), "routing": "" });
    act(&post(&board, &format!("/api/acts/{}/cancel-grade", without.summary.id), &cancel).await);

    // Nobody needs the footage of the act that came too late: once the server has noticed, nothing holds it any more.
    let hold = format!("/api/holds/{}/release", done.holds[0].id);
    assert_eq!(post(&board, &hold, &json!({ "note": "too late" })).await.error(), "act-open");
    invigil_server::acts::discard::close_overdue(&place.state).await.unwrap();
    assert_eq!(post(&board, &hold, &json!({ "note": "too late" })).await.error(), "released");
    let closed = act(&board.get(&format!("/api/acts/{}", done.summary.id)).await);
    let hold = &closed.holds[0];
    assert_eq!((closed.summary.state.as_str(), hold.state.as_str()), ("signed", "released"));
    assert_eq!((hold.release_note.as_deref(), hold.released_by.as_deref()), (Some("too late to cancel the grade"), Some("server")));
    assert!(place.audit("hold-released").await.contains(&("server".to_owned(), format!("hold:{}", hold.id))));
    // What is not signed is not closed, and keeps no footage either: nobody can sign it with that any more.
    for view in [&ready, &in_time] {
        let now = act(&board.get(&format!("/api/acts/{}", view.summary.id)).await);
        assert_eq!((&now.summary.state, now.holds[0].release_note.as_deref()), (&view.summary.state, Some("too late to sign")));
    }
    assert_eq!(place.audit("hold-released").await.len(), 3);
    invigil_server::acts::discard::close_overdue(&place.state).await.unwrap();
    assert_eq!(place.audit("hold-released").await.len(), 3);
}

#[tokio::test]
async fn the_list_is_by_days_left() {
    let place = place().await;
    let reviewer = place.browser("reviewer").await;
    let (first, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    act(&post(&reviewer, "/api/acts", &new_act(first, Some(people[0]))).await);
    place.clock.advance(2 * 86_400_000);
    let reviewer = place.browser("reviewer").await;
    let (second, people) = exam(&place, &[("Dana", Some("2"))]).await;
    act(&post(&reviewer, "/api/acts", &new_act(second, Some(people[0]))).await);
    act(&post(&reviewer, "/api/acts", &new_act(first, None)).await);
    let list: ActList = reviewer.get("/api/acts").await.json();
    let left: Vec<i64> = list.acts.iter().map(|act| (act.cancel_until_ms.unwrap() - list.now_ms) / 86_400_000).collect();
    assert_eq!(left, [28, 28, 30]);
    assert_eq!(list.acts.iter().map(|act| act.subject.as_deref()).collect::<Vec<_>>(), [None, Some("Aliya"), Some("Dana")]);
    assert_eq!(reviewer.get("/api/acts?state=signed").await.json::<ActList>().acts, []);
    assert_eq!(reviewer.get("/api/acts?state=nothing").await.error(), "bad-state");
}
