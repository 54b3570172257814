//! Expiry with holds on it: what is held opens, and nothing else does.

use super::support::Place;
use super::{expire, files, film, opened, opened_online, range, set, signed_in, sound, traces};
use axum::http::StatusCode;
use invigil_server::db::entities::{held_runs, held_segments, key_records, segments};
use invigil_server::retention;
use invigil_wire::holds::HoldView;
use invigil_wire::review::{KeyList, RecordingView};
use sea_orm::EntityTrait;

/// E1.1-E5 and H1-H6: 36 segments, two of them held.
#[tokio::test]
async fn exactly_the_held_segments_open_after_expiry_pending_and_effective_and_nothing_is_left_of_the_others() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 36).await;
    let agent = &filmed.agent;
    let recording = agent.recording();
    let hold = browser.hold(agent, 10, 11).await;
    assert_eq!((hold.state.as_str(), hold.segments, hold.unsealed, hold.growing), ("pending", 2, 2, 0));
    assert!(!hold.over_retention);
    assert_eq!(traces(&place, &filmed), set(0..36), "the search finds what is there");
    assert_eq!(opened_online(&browser, &filmed).await, set(0..36));
    let view: RecordingView = browser.get(&format!("/api/recordings/{recording}")).await.json();
    assert_eq!((view.held.len(), view.held[0].hold, view.held[0].state.as_str()), (1, hold.id, "pending"));
    assert_eq!((view.held[0].from_ms, view.held[0].to_ms), range(10, 11));

    // From that instant, whether or not the sweep has run.
    place.clock.advance(agent.expires_ms - place.clock_ms());
    assert_eq!(opened_online(&browser, &filmed).await, set([10, 11]));
    assert_eq!(opened(&place, agent).await.unwrap().0, set([10, 11]));
    assert_eq!(browser.get(&format!("/api/segments/{}", filmed.ids[9])).await.status, StatusCode::GONE);
    assert_eq!(browser.segments(agent).await, filmed.ids[10..12]);

    // Pending: the bytes and rows of the others are gone, but the run's key is kept, and it says so.
    retention::sweep(&place.state).await.unwrap();
    let pending = async |what: &str| {
        let views: Vec<HoldView> = browser.holds().await;
        assert!(views[0].over_retention && views[0].state == "pending" && views[0].segments == 2, "{what}");
        assert_eq!(opened_online(&browser, &filmed).await, set([10, 11]), "{what}");
        let (numbers, said) = opened(&place, agent).await.unwrap();
        assert_eq!(numbers, set([10, 11]), "{what}");
        assert!(said.whole && said.held_only, "{what}: {:?}", said.problems);
        assert_eq!(said.conclusion(), "what a hold keeps is here and authentic");
        assert_eq!(browser.segments(agent).await, filmed.ids[10..12], "{what}");
        assert_eq!(traces(&place, &filmed), set([10, 11]), "{what}");
        assert_eq!(sound(&place).await, Vec::<String>::new(), "{what}");
    };
    pending("after the sweep").await;
    assert!(place.state.keystore.is_destroyed(agent.exam));
    let db = &place.state.db;
    assert_eq!(segments::Entity::find().all(db).await.unwrap().len(), 2);
    assert_eq!((held_runs::Entity::find().all(db).await.unwrap().len(), key_records::Entity::find().all(db).await.unwrap().len()), (1, 1));
    retention::sweep(&place.state).await.unwrap();
    pending("after another sweep").await;
    let view: RecordingView = browser.get(&format!("/api/recordings/{recording}")).await.json();
    assert_eq!((view.state.as_str(), view.recorded_ms, view.held.len()), ("expired", 0, 1), "thumbnails are no footage");

    // Effective: the run's key is gone, and each segment has its own.
    let hold = browser.seal(agent, &hold).await.unwrap();
    assert_eq!((hold.state.as_str(), hold.unsealed, hold.over_retention), ("effective", 0, false));
    assert!(held_runs::Entity::find().all(db).await.unwrap().is_empty());
    assert_eq!(place.state.keystore.list().unwrap().len(), 1);
    let keys: KeyList = browser.get(&format!("/api/recordings/{recording}/keys")).await.json();
    assert_eq!((keys.runs.len(), keys.runs[0].inner.as_str(), keys.segments.len()), (1, "", 2));
    assert_eq!(opened_online(&browser, &filmed).await, set([10, 11]));
    assert_eq!(opened(&place, agent).await.unwrap().0, set([10, 11]));
    assert_eq!(traces(&place, &filmed), set([10, 11]));
    assert_eq!(sound(&place).await, Vec::<String>::new());
    for (action, count) in [("hold-opened", 1), ("hold-effective", 1), ("hold-released", 0), ("footage-destroyed", 1)] {
        assert_eq!(place.audit(action).await.len(), count, "{action}");
    }

    // H7-H11.
    assert_eq!(browser.release(&hold).await.state, "released");
    assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([]), set([])));
    assert!(opened(&place, agent).await.unwrap_err().to_string().contains("has expired"));
    assert!(place.state.keystore.list().unwrap().is_empty());
    assert!(segments::Entity::find().all(db).await.unwrap().is_empty() && held_segments::Entity::find().all(db).await.unwrap().is_empty());
    assert!(key_records::Entity::find().all(db).await.unwrap().is_empty());
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

/// The same where the hold was effective before the exam expired: the whole run's key is never kept.
#[tokio::test]
async fn e1_1_a_hold_that_is_effective_before_expiry_needs_no_run() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 6).await;
    let hold = browser.hold(&filmed.agent, 2, 3).await;
    let hold = browser.seal(&filmed.agent, &hold).await.unwrap();
    assert_eq!(hold.state, "effective");
    assert_eq!(opened_online(&browser, &filmed).await, set(0..6), "before expiry everything is as ever");
    expire(&place, &filmed.agent).await;
    assert!(held_runs::Entity::find().all(&place.state.db).await.unwrap().is_empty());
    assert_eq!(place.state.keystore.list().unwrap().len(), 1);
    assert_eq!((opened_online(&browser, &filmed).await, opened(&place, &filmed.agent).await.unwrap().0), (set([2, 3]), set([2, 3])));
    assert_eq!((traces(&place, &filmed), sound(&place).await), (set([2, 3]), Vec::new()));
}

/// What a thief has: whatever was copied before the hold became effective, with the keystore as it is afterwards.
#[tokio::test]
async fn a_backup_from_before_gives_nothing_back_but_what_is_held() {
    for after_expiry in [false, true] {
        let mut place = Place::new().await;
        let backup = tempfile::tempdir().unwrap();
        let (dir, exam, hold) = {
            let browser = signed_in(&place).await;
            let filmed = film(place.agent().await, 6).await;
            let hold = browser.hold(&filmed.agent, 2, 3).await;
            if after_expiry {
                expire(&place, &filmed.agent).await;
            }
            let server = place.dir.path().join("server");
            invigil_server::db::forget_old_pages(&place.state.db).await.unwrap();
            copy(&server, backup.path());
            if !after_expiry {
                expire(&place, &filmed.agent).await;
            }
            assert_eq!(browser.seal(&filmed.agent, &hold).await.unwrap().state, "effective");
            (server, filmed, hold.id)
        };
        // Database, store and keystore come back over what is there; what the keystore has marked since stays marked.
        let (joined, device, run) = (exam.agent.joined.clone(), exam.agent.device, exam.agent.run);
        let (exam_id, expires_ms, bytes, ids) = (exam.agent.exam, exam.agent.expires_ms, exam.bytes, exam.ids);
        place.state.db.clone().close().await.unwrap();
        for companion in files(&dir).iter().filter(|file| ["-wal", "-shm"].iter().any(|end| file.to_str().unwrap().ends_with(end))) {
            std::fs::remove_file(companion).unwrap();
        }
        copy(backup.path(), &dir);
        place = place.restart().await;
        let run_key = invigil_format::RunKey::from_bytes([0; 32]);
        let agent = super::Agent { place: &place, device, exam: exam_id, expires_ms, joined, run, run_key };
        let filmed = super::Filmed { agent, bytes, ids };
        let browser = signed_in(&place).await;
        let online = opened_online(&browser, &filmed).await;
        assert!(online.is_empty(), "{after_expiry} {hold}: {online:?}");
        let (offline, said) = opened(&place, &filmed.agent).await.unwrap();
        assert!(offline.is_empty() && said.held_only, "{after_expiry}: {offline:?}");
        // Neither does any key that is left open any record, in whatever order they are tried.
        let db = &place.state.db;
        let records = key_records::Entity::find().all(db).await.unwrap();
        let held = held_runs::Entity::find().all(db).await.unwrap();
        assert_eq!((records.len(), held.len()), (1, usize::from(after_expiry)));
        for id in place.state.keystore.list().unwrap() {
            let key = place.state.keystore.peek(id).unwrap();
            for row in &records {
                let record: invigil_format::KeyRecord = read(&row.statement);
                assert!(record.open_outer(&key).is_err());
            }
            for row in &held {
                let run: invigil_evidence::HeldRun = read(&row.statement);
                assert!(run.open_outer(&key).is_err());
            }
        }
    }
}

fn read<P: invigil_format::Payload>(text: &str) -> P {
    invigil_format::Statement::from_json(text.as_bytes()).unwrap().read().unwrap()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// E1.1, E3: what still grew at expiry stays as it is, and can be sealed then.
#[tokio::test]
async fn e1_1_a_segment_that_was_never_closed_is_held_as_far_as_it_came() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let mut filmed = film(place.agent().await, 3).await;
    let bytes = super::begin(&filmed.agent, 3, filmed.bytes.last()).await.1;
    let path = filmed.agent.create(3).await;
    filmed.agent.append(&path, 0, bytes.clone(), false).await;
    filmed.ids.push(path.rsplit('/').next().unwrap().parse().unwrap());
    filmed.bytes.push(bytes);
    let hold = browser.hold(&filmed.agent, 2, 3).await;
    assert_eq!((hold.segments, hold.unsealed, hold.growing), (2, 2, 1));
    let hold = browser.seal(&filmed.agent, &hold).await.unwrap();
    assert_eq!((hold.state.as_str(), hold.unsealed, hold.growing), ("pending", 1, 1), "it cannot be sealed yet");
    assert!(browser.seal(&filmed.agent, &hold).await.is_none());
    expire(&place, &filmed.agent).await;
    assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([2, 3]), set([2, 3])));
    let views: Vec<HoldView> = browser.holds().await;
    assert_eq!((views[0].state.as_str(), views[0].unsealed, views[0].growing, views[0].over_retention), ("pending", 1, 0, true));
    let hold = browser.seal(&filmed.agent, &hold).await.unwrap();
    assert_eq!((hold.state.as_str(), hold.over_retention), ("effective", false));
    assert_eq!((opened_online(&browser, &filmed).await, opened(&place, &filmed.agent).await.unwrap().0), (set([2, 3]), set([2, 3])));
    assert_eq!(sound(&place).await, Vec::<String>::new());
    browser.release(&hold).await;
    assert_eq!((traces(&place, &filmed), sound(&place).await), (set([]), Vec::new()));
}
