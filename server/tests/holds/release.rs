//! Releasing: the ordinary rule acts at once, on what no other hold keeps.

use super::support::Place;
use super::{expire, film, opened, opened_online, set, signed_in, sound, traces};
use axum::http::StatusCode;
use invigil_server::db::entities::{acts, exams, holds as rows};
use invigil_server::holds::{self, By, Opening, Reason};
use invigil_server::{db, retention};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};

#[tokio::test]
async fn h9_of_two_holds_that_overlap_the_other_one_keeps_what_it_covers() {
    for (first_effective, second_effective) in [(false, false), (false, true), (true, false), (true, true)] {
        let place = Place::new().await;
        let browser = signed_in(&place).await;
        let filmed = film(place.agent().await, 8).await;
        let first = browser.hold(&filmed.agent, 1, 3).await;
        let second = browser.hold(&filmed.agent, 3, 5).await;
        for (hold, effective) in [(&first, first_effective), (&second, second_effective)] {
            if effective {
                assert_eq!(browser.seal(&filmed.agent, hold).await.unwrap().state, "effective");
            }
        }
        expire(&place, &filmed.agent).await;
        let what = format!("{first_effective} {second_effective}");
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set(1..6), set(1..6)), "{what}");
        browser.release(&first).await;
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set(3..6), set(3..6)), "{what}");
        assert_eq!(opened(&place, &filmed.agent).await.unwrap().0, set(3..6), "{what}");
        assert_eq!((sound(&place).await, place.state.keystore.list().unwrap().len()), (Vec::new(), 1), "{what}");
        browser.release(&second).await;
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([]), set([])), "{what}");
        assert!(sound(&place).await.is_empty() && place.state.keystore.list().unwrap().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn h7_a_release_before_expiry_destroys_nothing_then_and_everything_in_its_time() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 3).await;
    let hold = browser.hold(&filmed.agent, 1, 1).await;
    browser.seal(&filmed.agent, &hold).await.unwrap();
    browser.release(&hold).await;
    assert_eq!((opened_online(&browser, &filmed).await, place.state.keystore.list().unwrap().len()), (set(0..3), 1));
    // Released after the instant and before the sweep: left to the sweep.
    let late = browser.hold(&filmed.agent, 2, 2).await;
    place.clock.advance(filmed.agent.expires_ms - place.clock_ms());
    browser.release(&late).await;
    assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([]), set(0..3)));
    retention::sweep(&place.state).await.unwrap();
    assert_eq!((traces(&place, &filmed), sound(&place).await), (set([]), Vec::new()));
}

/// H1 and H7 in the transactions of an act.
#[tokio::test]
async fn the_hold_of_an_act_comes_and_goes_with_its_draft_and_with_nothing_else() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 3).await;
    let exam = exams::Entity::find().one(&place.state.db).await.unwrap().unwrap();
    let (from_ms, to_ms) = super::range(1, 1);
    let opening = |act: i64| Opening {
        recording: filmed.agent.recording(),
        from_ms,
        to_ms,
        tracks: None,
        reason: Reason::Act(act),
        note: String::new(),
    };
    let by = By { account: 1, audit: "staff:1".into() };
    let draft = async |commit: bool| {
        let tx = db::begin_write(&place.state.db).await.unwrap();
        let act = acts::ActiveModel {
            uuid: Set(invigil_format::ActId::from_random(invigil_clock::random().unwrap()).to_string()),
            kind: Set("annulment".into()),
            state: Set("draft".into()),
            exam_id: Set(exam.id),
            language: Set("en".into()),
            revision: Set(1),
            act_public: Set(String::new()),
            created_ms: Set(0),
            created_by: Set(1),
            changed_ms: Set(0),
            changed_by: Set(1),
            ..Default::default()
        };
        let act = act.insert(&tx).await.unwrap();
        let hold = holds::open_in(&place.state, &tx, &opening(act.id), &by).await.unwrap();
        if commit {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        (act, hold)
    };
    draft(false).await;
    assert!(rows::Entity::find().all(&place.state.db).await.unwrap().is_empty() && browser.holds().await.is_empty());
    let (act, hold) = draft(true).await;
    let view = &browser.holds().await[0];
    assert_eq!((view.reason.as_str(), view.act.unwrap().to_string()), ("act", act.uuid.clone()));
    let answer = browser.post(&format!("/api/holds/{}/release", hold.uuid), &serde_json::json!({ "note": "no" })).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::CONFLICT, "act-open"));
    expire(&place, &filmed.agent).await;
    assert_eq!(opened_online(&browser, &filmed).await, set([1]));
    let tx = db::begin_write(&place.state.db).await.unwrap();
    acts::ActiveModel { id: Set(act.id), state: Set("discarded".into()), ..Default::default() }.update(&tx).await.unwrap();
    let hold = holds::release_in(&place.state, &tx, hold, "the draft was discarded", &by).await.unwrap();
    let hold = holds::release_in(&place.state, &tx, hold, "once more", &by).await.unwrap();
    assert_eq!(hold.release_note.as_deref(), Some("the draft was discarded"));
    tx.commit().await.unwrap();
    assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([]), set([1])));
    holds::finish(&place.state, &hold).await.unwrap();
    assert_eq!((traces(&place, &filmed), sound(&place).await), (set([]), Vec::new()));
}

/// H1 and H7 by the real program, beside a server.
#[tokio::test]
async fn an_administrator_lists_opens_and_releases_holds_on_the_command_line() {
    let place = Place::at(invigil_clock::wall_ms()).await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 3).await;
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_invigil-server"));
        command.arg("hold").args(arguments).arg("--config").arg(place.dir.path().join("server/server.toml"));
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let recording = filmed.agent.recording().to_string();
    let (from, to) = ("2026-06-01T13:00:11+05:00", "2026-06-01T13:00:12+05:00");
    let open = ["open", "--recording", &recording, "--from", from, "--to", to, "--reason", "appeal", "--note", "an appeal", "--json"];
    let (done, said, wrong) = run(&open);
    assert!(done, "{wrong}");
    let hold: invigil_wire::holds::HoldView = serde_json::from_str(&said).unwrap();
    assert_eq!((hold.segments, hold.state.as_str(), hold.opened_by.as_str()), (1, "pending", "command line"));
    assert_eq!(browser.holds().await, std::slice::from_ref(&hold));
    let (_, listed, _) = run(&["list", "--open"]);
    assert!(listed.contains("pending (appeal): an appeal") && listed.contains("2026-06-01 13:00:11+05:00"), "{listed}");
    let id = hold.id.to_string();
    let release = ["release", "--hold", &id, "--note", "decided"];
    assert!(run(&release).1.contains("released 20"));
    let (done, _, wrong) = run(&release);
    assert!(!done && wrong.contains("was released before"), "{wrong}");
    assert_eq!((run(&["list", "--open", "--json"]).1.as_str(), browser.holds().await.len()), ("[]\n", 1));
    assert_eq!(place.audit("hold-released").await, [("cli".to_owned(), format!("hold:{id}"))]);
}
