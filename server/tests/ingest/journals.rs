//! A journal that is not what its device signed, or not all of it: found, recorded, and its place named.

use super::support::{Agent, Answer, Place};
use super::{ask, patch, sound, whole_segment};
use axum::http::{Method, StatusCode};
use invigil_format::{BootId, Condition, DeviceKey, Digest, Event, JournalWriter, RunId, Stamp, Statement};
use invigil_wire::agent::{JOURNAL, JournalAnswer, JournalBatch};
use invigil_wire::review::RecordingView;
use serde_json::Value;

const AT: Stamp = Stamp { boottime_us: 5_000_000, wall_ms: 6 };

pub(super) fn writer(agent: &Agent<'_>, run: RunId, previous: Option<Digest>, device: &DeviceKey) -> JournalWriter {
    JournalWriter::new(agent.place.state.institution, agent.recording(), run, BootId::from_random([4; 16]), previous, device)
}

fn lost(n: u64) -> Event {
    Event::LinkLost { first_failed_start_us: n, first_failed_end_us: n }
}

/// `run-started` and events after it.
fn journal(agent: &Agent<'_>, count: u64) -> Vec<Statement> {
    let mut writer = writer(agent, agent.run, None, &agent.device);
    let started = Event::RunStarted { agent_version: "test".into(), previous_run: None, key_record: Digest([1; 32]) };
    let events = std::iter::once(started).chain((1..count).map(lost));
    events.map(|event| writer.entry(event, AT).unwrap()).collect()
}

pub(super) async fn send(agent: &Agent<'_>, run: RunId, entries: &[Statement]) -> Answer {
    let body = serde_json::to_vec(&JournalBatch { run, entries: entries.to_vec() }).unwrap();
    ask(agent, Method::POST, JOURNAL, &[("content-type", "application/json")], body).await
}

async fn wanted(agent: &Agent<'_>) -> u64 {
    send(agent, agent.run, &[]).await.json::<JournalAnswer>().next_index
}

/// What the audit log says of journals: action and number of the entry.
async fn recorded(place: &Place) -> Vec<(String, u64)> {
    use invigil_server::db::entities::audit;
    use sea_orm::EntityTrait;
    let rows = audit::Entity::find().all(&place.state.db).await.unwrap();
    let journals = rows.into_iter().filter(|row| row.action.starts_with("journal-"));
    journals.map(|row| (row.action, serde_json::from_str::<Value>(&row.detail).unwrap()["index"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn an_entry_that_was_edited_is_named_and_what_stands_before_it_is_taken() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let mut entries = journal(&agent, 6);
    assert!(entries[3].payload.contains("\"first_failed_start_us\":3"), "{}", entries[3].payload);
    entries[3].payload = entries[3].payload.replace("\"first_failed_start_us\":3", "\"first_failed_start_us\":1");
    let answer = send(&agent, agent.run, &entries).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, "bad-journal"));
    assert!(answer.text().contains("journal entry 3 "), "{}", answer.text());
    assert_eq!(wanted(&agent).await, 3);
    assert_eq!(recorded(&place).await, [("journal-refused".to_owned(), 3)]);
}

#[tokio::test]
async fn a_batch_of_known_and_new_entries_with_an_altered_one_is_taken_up_to_that_one() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let entries = journal(&agent, 9);
    assert_eq!(send(&agent, agent.run, &entries[..3]).await.json::<JournalAnswer>().next_index, 3);
    let altered = |index: usize| {
        let mut entries = entries.clone();
        let member = format!("\"first_failed_start_us\":{index}");
        assert!(entries[index].payload.contains(&member), "{}", entries[index].payload);
        entries[index].payload = entries[index].payload.replace(&member, "\"first_failed_start_us\":99");
        entries
    };
    let answer = send(&agent, agent.run, &altered(5)[1..]).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, "bad-journal"));
    assert!(answer.text().contains("journal entry 5 "), "{}", answer.text());
    assert_eq!(wanted(&agent).await, 5);
    // One that is known already: its signature is looked at first.
    let answer = send(&agent, agent.run, &altered(2)).await;
    assert!(answer.error() == "bad-journal" && answer.text().contains("journal entry 2 "), "{}", answer.text());
    // Signed, and not the one that is here.
    let mut other = writer(&agent, agent.run, None, &agent.device);
    let fork: Vec<_> = (0..3).map(|n| other.entry(lost(70 + n), AT).unwrap()).collect();
    let mut forked = entries.clone();
    forked[2] = fork[2].clone();
    let answer = send(&agent, agent.run, &forked).await;
    assert!(answer.error() == "journal-conflict" && answer.text().contains("journal entry 2 differs"), "{}", answer.text());
    assert_eq!(wanted(&agent).await, 5, "nothing after it is taken");
    let expected = [("journal-refused", 5), ("journal-refused", 2), ("journal-conflict", 2)];
    assert_eq!(recorded(&place).await, expected.map(|(action, index)| (action.to_owned(), index)));
    assert_eq!(send(&agent, agent.run, &entries).await.json::<JournalAnswer>().next_index, 9);
    // The numbers of a batch need not stand together.
    let ends = [entries[0].clone(), entries[8].clone(), entries[4].clone()];
    assert_eq!(send(&agent, agent.run, &ends).await.json::<JournalAnswer>().next_index, 9);
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_entry_of_another_device_or_run_is_named() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let other = DeviceKey::from_seed(&[8; 32]).unwrap();
    let mut entries = journal(&agent, 4);
    let mut forger = writer(&agent, agent.run, None, &other);
    let forged: Vec<_> = (0..3).map(|n| forger.entry(lost(n), AT).unwrap()).collect();
    entries[2] = forged[2].clone();
    let answer = send(&agent, agent.run, &entries).await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.text().contains("journal entry 2 "), "{}", answer.text());
    let run = RunId::from_random([77; 16]);
    let mut of_another_run = writer(&agent, run, None, &agent.device);
    let strangers: Vec<_> = (0..3).map(|n| of_another_run.entry(lost(n), AT).unwrap()).collect();
    assert_eq!(send(&agent, agent.run, &strangers[2..]).await.error(), "bad-journal");
    assert_eq!(recorded(&place).await, [("journal-refused".to_owned(), 2), ("journal-refused".to_owned(), 2)]);
}

#[tokio::test]
async fn an_entry_that_was_taken_out_is_named_wherever_the_batch_begins() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let mut entries = journal(&agent, 8);
    entries.remove(3);
    let answer = send(&agent, agent.run, &entries).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::CONFLICT, "journal-conflict"));
    assert!(answer.text().contains("journal entry 3 is missing: entry 4 comes in its place"), "{}", answer.text());
    assert_eq!(wanted(&agent).await, 3);
    // The agent begins where it is told to and has entry 4 there: once that may be a misunderstanding.
    assert_eq!(send(&agent, agent.run, &entries[3..]).await.error(), "journal-gap");
    assert_eq!(send(&agent, agent.run, &entries[3..]).await.error(), "journal-conflict");
    assert_eq!(recorded(&place).await, [("journal-conflict".to_owned(), 3)], "the same is recorded once");
    // With what was missing all is well.
    assert_eq!(send(&agent, agent.run, &journal(&agent, 8)).await.json::<JournalAnswer>().next_index, 8);
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

/// Whoever holds a device's key fills no audit log with it: neither by repeating, nor by words of its own.
#[tokio::test]
async fn the_same_trouble_is_recorded_once_and_in_few_words() {
    use invigil_server::db::entities::audit;
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let place = Place::new().await;
    let agent = place.agent().await;
    let mut statements = Vec::new();
    for letter in ["й", "w"] {
        let payload = serde_json::json!({ "type": "journal", "version": 1, (letter.repeat(9000)): 0 });
        statements.push(Statement::sign_text(payload.to_string(), &agent.device).unwrap());
    }
    for statement in statements.iter().chain(&statements) {
        let answer = send(&agent, agent.run, std::slice::from_ref(statement)).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, "bad-journal"));
        assert!(answer.text().contains("journal entry 0 ") && answer.body.len() < 1000, "{}", answer.text());
    }
    let rows = audit::Entity::find().filter(audit::Column::Action.eq("journal-refused")).all(&place.state.db).await.unwrap();
    assert_eq!(rows.len(), 1);
    let detail: Value = serde_json::from_str(&rows[0].detail).unwrap();
    let why = detail["why"].as_str().unwrap();
    assert!(why.contains("йй") && why.chars().count() == 200, "{why}");
    // Another one is another one, and so is the same of another run.
    assert_eq!(send(&agent, agent.run, &journal(&agent, 2)[1..]).await.error(), "journal-gap");
    assert_eq!(send(&agent, agent.run, &journal(&agent, 2)[1..]).await.error(), "journal-conflict");
    assert_eq!(send(&agent, RunId::from_random([77; 16]), &statements[..1]).await.error(), "bad-journal");
    let expected = [("journal-refused", 0), ("journal-conflict", 0), ("journal-refused", 0)];
    assert_eq!(recorded(&place).await, expected.map(|(action, index)| (action.to_owned(), index)));
}

#[tokio::test]
async fn an_end_that_was_cut_off_shows_by_the_next_run_and_a_killed_run_is_no_fault() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let entries = journal(&agent, 6);
    assert_eq!(send(&agent, agent.run, &entries[..3]).await.json::<JournalAnswer>().next_index, 3);
    assert_eq!(sound(&place).await, Vec::<String>::new(), "a run without an end: killed, or still going on");
    let next = RunId::from_random([88; 16]);
    let mut after = writer(&agent, next, Some(entries[5].digest()), &agent.device);
    let started = Event::RunStarted { agent_version: "test".into(), previous_run: Some(agent.run), key_record: Digest([2; 32]) };
    assert_eq!(send(&agent, next, &[after.entry(started, AT).unwrap()]).await.json::<JournalAnswer>().next_index, 1);
    let found = sound(&place).await;
    assert!(found.len() == 1 && found[0].contains(&format!("run {}", agent.run)) && found[0].contains("entries after 2 "), "{found:?}");
    assert_eq!(send(&agent, agent.run, &entries[3..]).await.json::<JournalAnswer>().next_index, 6);
    assert_eq!(sound(&place).await, Vec::<String>::new(), "they had only not arrived");
}

#[tokio::test]
async fn a_journal_that_was_deleted_whole_is_named_and_a_run_cut_short_before_its_first_entry_is_no_fault() {
    use invigil_server::db::entities::{journal_entries, runs};
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
    let place = Place::new().await;
    let agent = place.agent().await;
    let entries = journal(&agent, 3);
    send(&agent, agent.run, &entries).await;
    let started = |previous| Event::RunStarted { agent_version: "test".into(), previous_run: Some(previous), key_record: Digest([2; 32]) };
    let next = RunId::from_random([88; 16]);
    let first_of_next = writer(&agent, next, Some(entries[2].digest()), &agent.device).entry(started(agent.run), AT).unwrap();
    assert_eq!(send(&agent, next, std::slice::from_ref(&first_of_next)).await.json::<JournalAnswer>().next_index, 1);
    // A run of which there never was an entry, and one after it.
    let of_agent = runs::Column::Uuid.eq(agent.run.to_string());
    let row = runs::Entity::find().filter(of_agent).one(&place.state.db).await.unwrap().unwrap();
    let short = RunId::from_random([89; 16]);
    let without = runs::ActiveModel {
        uuid: Set(short.to_string()),
        recording_id: Set(row.recording_id),
        device_key: Set(row.device_key),
        first_seen_ms: Set(row.first_seen_ms),
        ..Default::default()
    };
    without.insert(&place.state.db).await.unwrap();
    let last = RunId::from_random([90; 16]);
    let after_short = writer(&agent, last, Some(first_of_next.digest()), &agent.device).entry(started(short), AT).unwrap();
    assert_eq!(send(&agent, last, &[after_short]).await.json::<JournalAnswer>().next_index, 1);
    assert_eq!(sound(&place).await, Vec::<String>::new());

    let of_run = journal_entries::Entity::delete_many().filter(journal_entries::Column::RunId.eq(row.id));
    assert_eq!(of_run.exec(&place.state.db).await.unwrap().rows_affected, 3);
    let found = sound(&place).await;
    assert!(found.len() == 1 && found[0].contains(&format!("journal of run {}", agent.run)), "{found:?}");
    assert!(found[0].contains("all its entries are gone, or have not arrived"), "{found:?}");
}

#[tokio::test]
async fn an_entry_that_was_altered_or_taken_out_on_the_server_is_found_by_check() {
    use invigil_server::db::entities::journal_entries;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
    let place = Place::new().await;
    let agent = place.agent().await;
    send(&agent, agent.run, &journal(&agent, 6)).await;
    let rows = journal_entries::Entity::find().all(&place.state.db).await.unwrap();
    let statement = rows[4].statement.replace("first_failed_start_us\\\":4", "first_failed_start_us\\\":1");
    assert_ne!(statement, rows[4].statement);
    let mut altered = rows[4].clone().into_active_model();
    altered.statement = Set(statement);
    altered.update(&place.state.db).await.unwrap();
    let found = sound(&place).await;
    assert!(found.len() == 1 && found[0].contains("entry 4: "), "{found:?}");
    journal_entries::Entity::delete_by_id(rows[2].id).exec(&place.state.db).await.unwrap();
    let found = sound(&place).await;
    assert!(found.len() == 1 && found[0].contains("entry 2: "), "{found:?}");
}

#[tokio::test]
async fn conditions_that_go_on_are_shown_with_the_recording() {
    use super::support::Browser;
    use invigil_server::staff::Role;
    let place = Place::new().await;
    let agent = place.agent().await;
    place.add_account("reviewer", Role::Reviewer).await;
    let browser: Browser<'_> = place.browser("reviewer").await;
    let path = format!("/api/recordings/{}", agent.recording());
    let mut writer = writer(&agent, agent.run, None, &agent.device);
    let track = Some("cam0".parse().unwrap());
    let began = |condition, track, reason: &str| Event::ConditionBegan { condition, track, since_us: 3_000_000, reason: reason.into() };
    let mut entries = vec![
        writer.entry(began(Condition::Dark, Option::clone(&track), "too dark"), AT).unwrap(),
        writer.entry(began(Condition::LowDisk, None, "1.0 GB are left"), AT).unwrap(),
    ];
    send(&agent, agent.run, &entries).await;
    let view: RecordingView = browser.get(&path).await.json();
    let shown: Vec<_> = view.conditions.iter().map(|c| (c.condition.as_str(), c.track.as_deref(), c.reason.as_str())).collect();
    assert_eq!(shown, [("low-disk", None, "1.0 GB are left"), ("dark", Some("cam0"), "too dark")]);

    let ended = Event::ConditionEnded { condition: Condition::Dark, track, since_us: 3_000_000, until_us: 5_000_000 };
    entries.push(writer.entry(ended, AT).unwrap());
    send(&agent, agent.run, &entries).await;
    assert_eq!(browser.get(&path).await.json::<RecordingView>().conditions.len(), 1);

    // Cameras and microphones that deliver nothing stand there, too: since they were lost first, with the newest reason.
    let lost = |track: &str, reason: &str| Event::CameraLost { track: track.parse().unwrap(), reason: reason.into() };
    let later = Stamp { boottime_us: AT.boottime_us + 9_000_000, wall_ms: AT.wall_ms + 9_000 };
    for (event, at) in [(lost("cam1", "unplugged"), AT), (lost("mic0", "muted"), AT), (lost("cam1", "busy"), later)] {
        entries.push(writer.entry(event, at).unwrap());
    }
    send(&agent, agent.run, &entries).await;
    let view: RecordingView = browser.get(&path).await.json();
    let gone: Vec<_> = view.conditions.iter().filter(|c| c.condition == "camera-lost").collect();
    assert_eq!(
        gone.iter().map(|c| (c.track.as_deref(), c.reason.as_str())).collect::<Vec<_>>(),
        [(Some("cam1"), "busy"), (Some("mic0"), "muted")]
    );
    assert_eq!(gone[0].since_ms, gone[1].since_ms, "lost again is lost on");
    let back = Event::CameraBack { track: "cam1".parse().unwrap(), reason: "pictures again".into() };
    entries.push(writer.entry(back, later).unwrap());
    send(&agent, agent.run, &entries).await;
    let left: Vec<_> = browser.get(&path).await.json::<RecordingView>().conditions.into_iter().filter_map(|c| c.track).collect();
    assert_eq!(left, ["mic0"]);
    entries.push(writer.entry(Event::RunEnded { reason: "test".into() }, AT).unwrap());
    send(&agent, agent.run, &entries).await;
    assert_eq!(browser.get(&path).await.json::<RecordingView>().conditions, [], "the run has ended");
}

#[tokio::test]
async fn a_journal_is_taken_once_in_order_and_contradictions_are_recorded() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let journal =
        || JournalWriter::new(place.state.institution, agent.recording(), agent.run, BootId::from_random([4; 16]), None, &agent.device);
    let at = Stamp { boottime_us: 5, wall_ms: 6 };
    let lost = |n| Event::LinkLost { first_failed_start_us: n, first_failed_end_us: n };
    let mut writer = journal();
    let entries: Vec<_> = (0..4).map(|n| writer.entry(lost(n), at).unwrap()).collect();
    let send = |entries: Vec<invigil_format::Statement>| {
        let agent = &agent;
        async move {
            let body = serde_json::to_vec(&JournalBatch { run: agent.run, entries }).unwrap();
            ask(agent, Method::POST, JOURNAL, &[("content-type", "application/json")], body).await
        }
    };
    assert_eq!(send(vec![]).await.json::<JournalAnswer>().next_index, 0);
    assert_eq!(send(entries[..2].to_vec()).await.json::<JournalAnswer>().next_index, 2);
    assert_eq!(send(entries[1..3].to_vec()).await.json::<JournalAnswer>().next_index, 3, "what is known is skipped");
    assert_eq!(send(entries[..1].to_vec()).await.json::<JournalAnswer>().next_index, 3);
    let mut other = journal();
    assert_eq!(send(vec![other.entry(lost(99), at).unwrap()]).await.error(), "journal-conflict");
    let fork: Vec<_> = (0..4).map(|_| other.entry(lost(99), at).unwrap()).collect();
    assert_eq!(send(vec![fork[2].clone()]).await.error(), "journal-conflict", "the right number on another chain");
    assert_eq!(send(vec![fork[3].clone()]).await.error(), "journal-gap");
    assert_eq!(send(entries).await.json::<JournalAnswer>().next_index, 4);
    assert_eq!(place.audit("journal-conflict").await.len(), 2);
}

#[tokio::test]
async fn the_journals_of_a_recording_end_at_64_mib_and_footage_goes_on() {
    use invigil_server::db::entities::recordings;
    use invigil_server::ingest::journal::MAX_BYTES;
    use sea_orm::EntityTrait;
    let place = Place::new().await;
    let agent = place.agent().await;
    let recording = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap().id;
    let boot = BootId::from_random([4; 16]);
    let mut writer = JournalWriter::new(place.state.institution, agent.recording(), agent.run, boot, None, &agent.device);
    let mut entry = || {
        let event = Event::TrackStarted { track: "cam0".parse().unwrap(), camera: "камера".into(), reason: String::new() };
        writer.entry(event, Stamp { boottime_us: 5, wall_ms: 6 }).unwrap()
    };
    let send = async |entry: &invigil_format::Statement| {
        let body = serde_json::to_vec(&JournalBatch { run: agent.run, entries: vec![entry.clone()] }).unwrap();
        ask(&agent, Method::POST, JOURNAL, &[("content-type", "application/json")], body).await
    };
    let (first, second, third) = (entry(), entry(), entry());
    let len = |entry: &invigil_format::Statement| entry.to_json().len() as u64;
    let live = &place.state.live;
    assert_eq!(send(&first).await.status, StatusCode::OK);
    assert_eq!(live.journal_bytes(recording), Some(len(&first)));
    // After a start the database is asked.
    live.note_journal_bytes(recording, None);
    assert_eq!(send(&second).await.status, StatusCode::OK);
    assert_eq!(live.journal_bytes(recording), Some(len(&first) + len(&second)));

    live.note_journal_bytes(recording, Some(MAX_BYTES - len(&third) + 1));
    let refused = send(&third).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too-much"));
    assert!(refused.text().contains("64 MiB"), "{}", refused.text());
    assert_eq!(send(&second).await.json::<JournalAnswer>().next_index, 2, "what is here is known as before");
    let path = agent.create(0).await;
    assert_eq!(patch(&agent, &path, 0, &[], &whole_segment(&agent, 0).await).await.status, StatusCode::NO_CONTENT);
    live.note_journal_bytes(recording, Some(MAX_BYTES - len(&third)));
    assert_eq!(send(&third).await.json::<JournalAnswer>().next_index, 3, "exactly so much is taken");
}
