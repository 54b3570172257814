//! What a start finds after the server died.

use super::support::{Agent, Place};
use super::{assert_receipt, receipt, sound, whole_segment};
use invigil_server::db::entities::segments;
use invigil_server::ingest::recover::{Recovered, recover};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

/// Restarts and gives the same agent again, with what the start found.
macro_rules! restarted {
    ($place:ident, $agent:ident) => {{
        let Agent { device, exam, expires_ms, joined, run, run_key, .. } = $agent;
        $place = $place.restart().await;
        let found = recover(&$place.state).await.unwrap();
        $agent = Agent { place: &$place, device, exam, expires_ms, joined, run, run_key };
        found
    }};
}

fn number(path: &str) -> i64 {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn t6_2_bytes_in_flight_are_taken_as_they_are_and_the_upload_goes_on() {
    let mut place = Place::new().await;
    let mut agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    // In the middle of a frame.
    let half = bytes.len() / 2 + 3;
    agent.append(&path, 0, bytes[..half].to_vec(), false).await;
    let found = restarted!(place, agent);
    assert_eq!(found, Recovered { growing: 1, stored: 0, refused: 0 });
    assert_eq!(agent.head(&path).await, ("durable".into(), half as u64));
    // T1.2 was interrupted for another one: its row is there, its file is not.
    let other = agent.create(1).await;
    std::fs::remove_file(place.state.store.incoming_path(number(&other))).unwrap();
    let found = restarted!(place, agent);
    assert_eq!(found.growing, 2);
    assert_eq!(agent.head(&other).await.1, 0);
    agent.append(&path, half as u64, bytes[half..].to_vec(), true).await;
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
    assert_eq!(sound(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn t6_a_crash_at_each_step_of_closing_ends_in_the_same_receipt() {
    let mut place = Place::new().await;
    let mut agent = place.agent().await;
    let bytes = whole_segment(&agent, 0).await;
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes.clone(), true).await;
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
    let incoming = place.state.store.incoming_path(number(&path));
    assert!(!incoming.exists());
    let row = segments::Entity::find_by_id(number(&path)).one(&place.state.db).await.unwrap().unwrap();
    let uuid = agent.recording().to_string();
    let run = agent.run.to_string();
    let place_of = invigil_server::store::Place { recording: &uuid, run: &run, track: "cam0", sequence: 0, generation: 0 };
    let object = place.state.store.object_path(&place_of);

    // Between T4.4 and T4.5: T6.1.
    std::fs::hard_link(&object, &incoming).unwrap();
    assert_eq!(restarted!(place, agent), Recovered::default());
    assert!(!incoming.exists());

    // Between T4.3 and T4.4: T6.3.
    std::fs::hard_link(&object, &incoming).unwrap();
    let mut back = row.clone().into_active_model();
    (back.state, back.receipt) = (Set("incoming".into()), Set(None));
    back.update(&place.state.db).await.unwrap();
    assert_eq!(restarted!(place, agent), Recovered { growing: 0, stored: 1, refused: 0 });
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);

    // Between T4.2 and T4.3, with another file at that place, as after a restored backup: the next generation.
    std::fs::rename(&object, &incoming).unwrap();
    std::fs::write(&object, b"something else").unwrap();
    let mut back = row.into_active_model();
    (back.state, back.receipt) = (Set("incoming".into()), Set(None));
    back.update(&place.state.db).await.unwrap();
    assert_eq!(restarted!(place, agent).stored, 1);
    assert_receipt(&agent, &receipt(&agent, &path).await, &bytes);
    let row = segments::Entity::find_by_id(number(&path)).one(&place.state.db).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.generation), ("stored", 1));
    assert_eq!(std::fs::read(&object).unwrap(), b"something else");
    let problems = sound(&place).await;
    assert!(problems.len() == 1 && problems[0].contains("belongs to no segment"), "{problems:?}");
}

#[tokio::test]
async fn check_names_what_is_damaged_or_gone() {
    let place = Place::new().await;
    let agent = place.agent().await;
    let mut objects = Vec::new();
    for sequence in 0..2 {
        let bytes = whole_segment(&agent, sequence).await;
        let path = agent.create(sequence).await;
        agent.append(&path, 0, bytes, true).await;
        let (uuid, run) = (agent.recording().to_string(), agent.run.to_string());
        let place_of =
            invigil_server::store::Place { recording: &uuid, run: &run, track: "cam0", sequence: sequence.into(), generation: 0 };
        objects.push(place.state.store.object_path(&place_of));
    }
    let mut bytes = std::fs::read(&objects[0]).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&objects[0], bytes).unwrap();
    std::fs::remove_file(&objects[1]).unwrap();
    let key = std::fs::read_dir(&place.state.config.paths.keystore_mirror).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(key).unwrap();
    let problems = sound(&place).await;
    assert_eq!(problems.len(), 3, "{problems:?}");
    for (problem, word) in problems.iter().zip(["digest", "reading", "missing or damaged"]) {
        assert!(problem.contains(word), "{problem}");
    }
}

#[tokio::test]
async fn t6_2_a_file_that_a_destruction_has_removed_is_not_made_anew() {
    use invigil_server::db::entities::recordings;
    let mut place = Place::new().await;
    let agent = place.agent().await;
    let path = agent.create(0).await;
    let incoming = place.state.store.incoming_path(number(&path));
    let mut row = recordings::Entity::find().one(&place.state.db).await.unwrap().unwrap().into_active_model();
    row.expired_ms = Set(Some(place.clock_ms()));
    row.update(&place.state.db).await.unwrap();
    std::fs::remove_file(&incoming).unwrap();
    place = place.restart().await;
    assert_eq!(recover(&place.state).await.unwrap(), Recovered::default());
    assert!(!incoming.exists());
}
