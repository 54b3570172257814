//! What time does to acts, by the server alone.

use super::{act, complete, film, for_signature, new_act, new_act_citing, place, post, problems, put, sign, signed};
use invigil_server::acts::discard::{close_overdue, recover};
use invigil_server::db::entities::{acts, exams, holds, segments};
use invigil_server::retention;
use invigil_wire::acts::ActView;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

/// 2026-07-01T13:30:00+05:00: a month after the exam's end.
const UNTIL_MS: i64 = 1_782_894_600_000;

async fn is_closed(place: &super::Place, view: &ActView) -> bool {
    let row = acts::Entity::find().filter(acts::Column::Uuid.eq(view.summary.id.to_string())).one(&place.state.db).await.unwrap();
    row.unwrap().closed_ms.is_some()
}

async fn held(place: &super::Place) -> usize {
    holds::Entity::find().filter(holds::Column::ReleasedMs.is_null()).all(&place.state.db).await.unwrap().len()
}

/// G4: somebody sets the clock ahead; nothing that cannot be taken back follows from it.
#[tokio::test]
async fn no_act_is_closed_and_no_hold_released_by_a_clock_that_is_not_believed() {
    let place = place().await;
    let (done, new) = {
        let agent = place.agent().await;
        film(&agent).await;
        let new = new_act_citing(agent.exam, agent.recording());
        (signed(&place, &new, "a phone").await, new)
    };
    act(&post(&place.browser("reviewer").await, "/api/acts", &new).await);
    place.note_time().await;
    let place = place.restart().await;
    let now_ms = place.clock_ms();
    place.clock.set_wall(UNTIL_MS + 1);
    close_overdue(&place.state).await.unwrap();
    assert_eq!((held(&place).await, is_closed(&place, &done).await), (2, false));
    // The month passes in truth.
    place.clock.set_wall(now_ms);
    place.clock.advance(UNTIL_MS - now_ms);
    close_overdue(&place.state).await.unwrap();
    assert_eq!((held(&place).await, is_closed(&place, &done).await), (0, true));
}

#[tokio::test]
async fn one_act_that_cannot_be_judged_or_ended_stops_no_other() {
    let place = place().await;
    let (first, second) = (place.agent().await, place.agent().await);
    let mut done = Vec::new();
    for agent in [&first, &second] {
        film(agent).await;
        done.push(signed(&place, &new_act_citing(agent.exam, agent.recording()), "a phone").await);
    }
    let policy = async |name: &str| {
        let of = exams::Entity::update_many().col_expr(exams::Column::Policy, Expr::value(name));
        of.filter(exams::Column::Uuid.eq(first.exam.to_string())).exec(&place.state.db).await.unwrap();
    };
    policy("taken-away").await;
    place.clock.advance(UNTIL_MS - place.clock_ms());
    close_overdue(&place.state).await.unwrap();
    assert_eq!((is_closed(&place, &done[0]).await, is_closed(&place, &done[1]).await), (false, true));
    policy("kaznu").await;
    close_overdue(&place.state).await.unwrap();
    assert!(is_closed(&place, &done[0]).await);

    // Two discards that a crash has interrupted, of which one cannot be read.
    let reviewer = place.browser("reviewer").await;
    let mut drafts = [Uuid::nil(); 2];
    for (place_of, id) in [Some("no id"), None].into_iter().enumerate() {
        let draft = act(&post(&reviewer, "/api/acts", &new_act(first.exam, None)).await);
        let row = acts::Entity::find().filter(acts::Column::Uuid.eq(draft.summary.id.to_string())).one(&place.state.db).await.unwrap();
        let mut change = acts::ActiveModel { id: Set(row.unwrap().id), state: Set("discarded".into()), ..Default::default() };
        change.sealed = Set(None);
        if let Some(id) = id {
            change.uuid = Set(id.into());
        }
        change.update(&place.state.db).await.unwrap();
        drafts[place_of] = draft.summary.id;
    }
    recover(&place.state).await.unwrap();
    assert_eq!(drafts.map(|act| place.state.keystore.is_destroyed(act)), [false, true]);
}

#[tokio::test]
async fn what_was_not_signed_in_time_keeps_no_footage_and_can_be_signed_without_it() {
    let place = place().await;
    let (held_on, gone, free) = (place.agent().await, place.agent().await, place.agent_of("kbtu").await);
    for agent in [&held_on, &gone, &free] {
        film(agent).await;
    }
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act_citing(held_on.exam, held_on.recording())).await);
    let waiting = for_signature(&reviewer, &new_act_citing(gone.exam, gone.recording()), "a phone").await;
    let without_limit = act(&post(&reviewer, "/api/acts", &new_act_citing(free.exam, free.recording())).await);
    let appeal = json!({
        "recording": held_on.recording(), "from_ms": draft.evidence[0].from_ms, "to_ms": draft.evidence[0].to_ms, "tracks": null,
        "reason": "appeal", "note": "an appeal against a mark",
    });
    assert_eq!(post(&reviewer, "/api/holds", &appeal).await.status, axum::http::StatusCode::OK);
    let standing = async |view: &ActView| {
        let now = act(&place.browser("board").await.get(&format!("/api/acts/{}", view.summary.id)).await);
        let hold = now.holds[0].clone();
        (now.summary.state, hold.state, hold.release_note, hold.released_by)
    };
    let kept = |state: &str| (state.to_owned(), "pending".to_owned(), None, None);
    let released = |state: &str| (state.to_owned(), "released".to_owned(), Some("too late to sign".to_owned()), Some("server".to_owned()));

    // The last millisecond.
    place.clock.advance(UNTIL_MS - 1 - place.clock_ms());
    close_overdue(&place.state).await.unwrap();
    assert_eq!((standing(&draft).await, standing(&waiting).await), (kept("draft"), kept("for-signature")));
    // The footage expires at the same instant: what only these drafts hold goes with their holds.
    place.clock.advance(1);
    retention::sweep(&place.state).await.unwrap();
    assert_eq!(segments::Entity::find().all(&place.state.db).await.unwrap().len(), 3);
    close_overdue(&place.state).await.unwrap();
    assert_eq!((standing(&draft).await, standing(&waiting).await), (released("draft"), released("for-signature")));
    assert_eq!(standing(&without_limit).await, kept("draft"), "a policy without the rule has no limit");
    assert!(!is_closed(&place, &draft).await && !is_closed(&place, &waiting).await);
    assert_eq!((held(&place).await, segments::Entity::find().all(&place.state.db).await.unwrap().len()), (2, 2), "the appeal goes on");
    close_overdue(&place.state).await.unwrap();
    assert_eq!(place.audit("hold-released").await.len(), 2, "once");
    assert_eq!(problems(&place).await, Vec::<String>::new());

    // What was seen with one's own eyes is not bound to recordings.
    let (reviewer, board, chair) = (place.browser("reviewer").await, place.browser("board").await, place.browser("chair").await);
    let path = format!("/api/acts/{}", waiting.summary.id);
    let back = act(&post(&reviewer, &format!("{path}/back-to-draft"), &json!({ "note": "without footage" })).await);
    assert!(back.problems.iter().any(|one| (one.field.as_str(), one.problem.as_str()) == ("evidence", "not-held")), "{:?}", back.problems);
    let mut change = complete(&back, "a phone, seen by the teacher on duty");
    change["evidence"] = json!([]);
    let without = act(&put(&reviewer, &path, &change).await);
    assert_eq!(without.problems, []);
    let ready = act(&post(&reviewer, &format!("{path}/for-signature"), &json!({ "revision": without.revision })).await);
    act(&sign(&board, &ready).await);
    assert_eq!(act(&sign(&chair, &ready).await).summary.state, "signed");
    let discarded = act(&post(&reviewer, &format!("/api/acts/{}/discard", draft.summary.id), &json!({ "note": "too late" })).await);
    assert_eq!(discarded.holds[0].release_note.as_deref(), Some("too late to sign"), "the first reason stands");
}
