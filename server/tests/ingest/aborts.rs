//! The real program dies at each crash point, is started again, and what `docs/lifecycle.md` promises holds. Only debug builds have crash points.

use super::real::{Real, SIGABRT};
use super::support::{Agent, Answer, HOUR_MS, Place};
use super::{agent_record, assert_receipt, footage, sound};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use invigil_format::{Expired, Statement};
use invigil_server::db::entities::{deletions, segments, tombstones};
use invigil_wire::agent::{DURABLE_HEADER, EXPIRY_HEADER, FILES, key_record_path};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn ask(real: &Real, agent: &Agent<'_>, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let bearer = format!("Bearer {}", agent.joined.token);
    real.ask(method, path, &[headers, &[("authorization", &bearer), ("tus-resumable", "1.0.0")]].concat(), body)
}

fn create(real: &Real, agent: &Agent<'_>) -> Option<Answer> {
    let pairs =
        [("recording", agent.recording().to_string()), ("run", agent.run.to_string()), ("track", "cam0".into()), ("sequence", "0".into())];
    let metadata = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).join(",");
    ask(real, agent, "POST", FILES, &[("upload-defer-length", "1"), ("upload-metadata", &metadata)], b"")
}

/// What an agent does with a segment: it asks where the server is and goes on from there, until it has the receipt.
fn upload(real: &Real, agent: &Agent<'_>, bytes: &[u8]) -> Option<(String, Answer)> {
    let created = create(real, agent)?;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let location = created.header("location");
    let path = location[location.find(FILES).unwrap()..].to_owned();
    let half = bytes.len() / 2;
    for (until, last) in [(half, false), (bytes.len(), true)] {
        let head = ask(real, agent, "HEAD", &path, &[], b"")?;
        let offset: usize = head.header("upload-offset").parse().unwrap();
        assert!(head.header(DURABLE_HEADER).parse::<usize>().unwrap() <= offset);
        if offset < until || (last && offset == until) {
            let (at, length) = (offset.to_string(), bytes.len().to_string());
            let mut headers = vec![("content-type", "application/offset+octet-stream"), ("upload-offset", at.as_str())];
            if last {
                headers.push(("upload-length", &length));
            }
            let answer = ask(real, agent, "PATCH", &path, &headers, &bytes[offset..until])?;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
        }
    }
    let receipt = ask(real, agent, "GET", &format!("{path}/receipt"), &[], b"")?;
    Some((path, receipt))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn t1_to_t4_the_server_dies_at_each_step_and_the_segment_is_stored_exactly_once() {
    let place = Place::at(invigil_clock::wall_ms()).await;
    // In T1.1, T2.3, T4.1, T4.3 and T4.4.
    let points = ["create-after-row", "append-after-write", "complete-after-sync", "complete-after-link", "complete-after-commit"];
    for (number, point) in points.into_iter().enumerate() {
        let agent = place.agent().await;
        agent_record(&agent).await;
        let bytes = footage::pictures(&agent).await;
        let real = Real::ready(&place, Some(point));
        assert!(upload(&real, &agent, &bytes).is_none(), "{point} was not reached");
        real.died(point);

        let real = Real::ready(&place, None);
        let (path, receipt) = upload(&real, &agent, &bytes).unwrap();
        assert_receipt(&agent, &receipt, &bytes);
        assert_eq!(upload(&real, &agent, &bytes).unwrap().0, path, "{point}: sent once more, it is the same file");
        real.kill();
        let rows = segments::Entity::find().all(&place.state.db).await.unwrap();
        let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, vec!["stored"; number + 1], "{point}");
        let stored: Vec<Vec<u8>> =
            files(&place.state.store.folder().join("objects")).iter().map(|file| std::fs::read(file).unwrap()).collect();
        assert_eq!(stored.iter().filter(|file| **file == bytes).count(), 1, "{point}");
        assert_eq!((stored.len(), files(&place.state.store.incoming_folder()).len()), (number + 1, 0), "{point}");
        let opened = footage::open(&place, &agent).await.unwrap();
        assert!(opened.whole, "{point}: {:?}", opened.problems);
        assert_eq!(sound(&place).await, Vec::<String>::new(), "{point}");
    }
}

#[tokio::test]
async fn e1_to_e5_the_server_dies_at_each_step_and_the_next_one_completes_the_expiry() {
    let now_ms = invigil_clock::wall_ms();
    // Uploaded by a clock that stands two hours back; for the real program the exam has been over for longer than this policy keeps it.
    let place = Place::at(now_ms - 2 * HOUR_MS).await;
    let policies = place.dir.path().join("server/policies");
    let brief = std::fs::read_to_string(policies.join("kbtu.toml")).unwrap();
    let brief = brief.replace("name = \"kbtu\"", "name = \"brief\"").replace("\"P1M\"", "\"PT1S\"");
    std::fs::write(policies.join("brief.toml"), brief).unwrap();
    let place = place.restart().await;
    for step in ["E1", "E2", "E3", "E4", "E5"] {
        for point in [format!("expiry.{step}"), format!("expiry.{step}.done")] {
            let agent = place.agent_of("brief").await;
            let bytes = footage::pictures(&agent).await;
            let path = agent.create(0).await;
            agent.append(&path, 0, bytes.clone(), true).await;
            // One that still grows, too.
            let growing = agent.create(1).await;
            agent.append(&growing, 0, agent.segment(agent_record(&agent).await, 1).1, false).await;
            assert_eq!(files(place.state.store.folder()).iter().filter(|file| !file.ends_with("lock")).count(), 2, "{point}");

            match Real::start(&place, Some(&point)) {
                Ok(real) => real.died(&point),
                Err(mut child) => assert_eq!(child.wait().unwrap().signal(), Some(SIGABRT), "{point}"),
            }
            let real = Real::ready(&place, None);
            let finished = async || {
                let open = deletions::Entity::find().filter(deletions::Column::FinishedMs.is_not_null());
                let buried = tombstones::Entity::find().filter(tombstones::Column::Recording.eq(agent.recording().to_string()));
                let exam = buried.one(&place.state.db).await.unwrap();
                exam.is_some()
                    && open.all(&place.state.db).await.unwrap().len() == deletions::Entity::find().all(&place.state.db).await.unwrap().len()
            };
            let mut tries = 0;
            while !finished().await {
                tries += 1;
                assert!(tries < 500, "{point}: the expiry was not completed within 10 s");
                invigil_clock::sleep(Duration::from_millis(20)).await;
            }
            // Nothing of it comes back, and the device is told with the signature on which it deletes what it has.
            let record = key_record_path(agent.run);
            let answers = [create(&real, &agent), ask(&real, &agent, "PUT", &record, &[("content-type", "application/json")], b"{}")];
            for answer in answers {
                let answer = answer.unwrap();
                assert_eq!(answer.status, StatusCode::GONE, "{point}: {}", answer.text());
                let statement = Statement::from_json(&hex::decode(answer.header(EXPIRY_HEADER)).unwrap()).unwrap();
                let expired: Expired = statement.read_by(&place.state.server_key.public()).unwrap();
                assert_eq!(expired.recording, agent.recording(), "{point}");
            }
            real.kill();
            let left: Vec<PathBuf> = files(place.state.store.folder()).into_iter().filter(|file| !file.ends_with("lock")).collect();
            assert_eq!(left, Vec::<PathBuf>::new(), "{point}");
            assert!(place.state.keystore.is_destroyed(agent.exam) && place.state.keystore.list().unwrap().is_empty(), "{point}");
            assert_eq!(place.audit("footage-destroyed").await.len(), place.audit("expiry-began").await.len(), "{point}");
            assert!(footage::open(&place, &agent).await.unwrap_err().to_string().contains("has expired"), "{point}");
            let report = invigil_server::check::check(&place.state.config, &invigil_clock::SystemClock).await.unwrap();
            assert!(report.problems.is_empty(), "{point}: {:?}", report.problems);
        }
    }
}
