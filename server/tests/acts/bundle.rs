//! What a bundle is made of, and its manifest.

use super::{act, complete, film, new_act_citing, place, post, problems, put, signed};
use axum::http::StatusCode;
use invigil_evidence::bundle::README;
use invigil_evidence::{ActEvent, BundleManifest};
use invigil_format::{Digest, Statement, digest};
use invigil_server::db::entities::segments;
use invigil_server::holds::{self, By, Opening, Reason};
use invigil_wire::acts::{EvidenceSource, Problem};
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

fn file(name: &str, text: &[u8]) -> Value {
    json!({ "name": name, "size_bytes": text.len(), "digest": digest(text) })
}

/// The files of a bundle as the page makes them.
fn files(source: &EvidenceSource, footage: &[u8]) -> Vec<Value> {
    let text = |statement: &Statement| serde_json::to_string(statement).unwrap();
    let lines = |all: &[Statement]| all.iter().map(|one| text(one) + "\n").collect::<String>();
    let certificates = json!({ "institution": source.institution }).to_string();
    let certificates =
        certificates.replace('}', ",\"certificates\":[") + &source.certificates.iter().map(text).collect::<Vec<_>>().join(",") + "]}";
    let run = &source.runs[0];
    vec![
        file(README[0].0, README[0].1.as_bytes()),
        file("act/act.json", text(&source.record.act).as_bytes()),
        file("act/events.jsonl", lines(&source.record.events).as_bytes()),
        file("certificates.json", certificates.as_bytes()),
        file("keys.json", b"{}"),
        file("custody.json", source.custody.as_bytes()),
        file(&format!("runs/{}/key-record.json", run.run), text(&run.key_record).as_bytes()),
        file(&format!("runs/{}/journal.jsonl", run.run), lines(&run.journal).as_bytes()),
        file(&format!("runs/{}/cam0-00000000.seg", run.run), footage),
        file(&format!("runs/{}/cam0-00000000.receipt.json", run.run), text(&source.segments[0].receipt).as_bytes()),
        file(&format!("video/{}-cam0.mp4", run.recording), b"a video"),
        file(README[1].0, README[1].1.as_bytes()),
        file(README[2].0, README[2].1.as_bytes()),
    ]
}

#[tokio::test]
async fn the_manifest_is_signed_for_the_very_files_that_the_server_knows() {
    let place = place().await;
    let agent = place.agent().await;
    let footage = film(&agent).await;
    let done = signed(&place, &new_act_citing(agent.exam, agent.recording()), "a phone").await;
    let path = format!("/api/acts/{}", done.summary.id);
    let reviewer = place.browser("reviewer").await;
    let ask = |files: &[Value]| json!({ "bundle": "01234567-89ab-4def-8123-456789abcdef", "receiver": "The court", "files": files });
    let make = format!("{path}/bundle");
    assert_eq!(post(&reviewer, &make, &ask(&[file("keys.json", b"{}")])).await.error(), "stale-source", "nothing was given yet");
    let source: EvidenceSource = reviewer.get(&format!("{path}/evidence")).await.json();
    // On paper in every language, though nobody has asked for it.
    let languages: &[&str] = if cfg!(feature = "documents") { &["en", "kk", "ru"] } else { &[] };
    let mut documents: Vec<&str> = source.documents.iter().map(String::as_str).collect();
    documents.sort_unstable();
    assert_eq!((source.runs.len(), source.segments.len(), documents.as_slice()), (1, 1, languages));
    assert_eq!(source.record.events.len(), languages.len(), "each is named in the log");
    assert_eq!(source.segments[0].digest, digest(&footage));
    let custody: Value = serde_json::from_str(&source.custody).unwrap();
    assert_eq!(
        (custody["holds"][0]["opened_by"].as_str(), custody["holds"][0]["hold"].as_str()),
        (Some("reviewer"), Some(done.holds[0].id.to_string().as_str()))
    );
    assert!(custody["log"].as_array().unwrap().iter().any(|entry| entry["action"] == "hold-opened" && entry["who"] == "reviewer"));

    let right = files(&source, &footage);
    for place in 0..right.len() {
        let name = right[place]["name"].as_str().unwrap();
        if name.starts_with("video") {
            continue;
        }
        // What only the holder of a review key can make is not known to the server; that it is there, is.
        if name != "keys.json" {
            let mut wrong = right.clone();
            wrong[place]["digest"] = json!(Digest([7; 32]));
            let answer = post(&reviewer, &make, &ask(&wrong)).await;
            assert_eq!((answer.status, answer.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "wrong-file"), "{name}");
            assert!(answer.text().contains(name.rsplit('/').next().unwrap()), "{name} in {}", answer.text());
        }
        let mut without = right.clone();
        without.remove(place);
        assert_eq!(post(&reviewer, &make, &ask(&without)).await.error(), "wrong-file", "without {name}");
    }
    let recording = source.runs[0].recording;
    let videos = ["cam1.mp4", "cam0.2.mp4", "cam0.mp4.mp4"].map(|rest| file(&format!("video/{recording}-{rest}"), b"x"));
    let other = [
        file("act/../x", b"x"),
        file("runs/other.seg", b"x"),
        file("video/other.mp4", b"x"),
        file("README.de.txt", b"x"),
        right[1].clone(),
    ];
    for more in videos.into_iter().chain(other) {
        let mut wrong = right.clone();
        wrong.push(more);
        assert_eq!(post(&reviewer, &make, &ask(&wrong)).await.error(), "wrong-file");
    }
    let mut long = right.clone();
    long[10]["size_bytes"] = json!(1_u64 << 32);
    let answer = post(&reviewer, &make, &ask(&long)).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "too-large"));
    assert_eq!(place.audit("bundle-released").await.len(), 0);
    assert!(act(&reviewer.get(&path).await).events.iter().all(|event| event.event != "bundle"), "what is refused is not entered");

    let answer = post(&reviewer, &make, &ask(&right)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let manifest: BundleManifest = answer.json::<Statement>().read_by(&place.state.server_key.public()).unwrap();
    assert_eq!((manifest.files.len(), manifest.act), (right.len(), source.record.act.digest()));
    let now = act(&reviewer.get(&path).await);
    let event = now.events.last().unwrap();
    assert_eq!((event.event.as_str(), event.detail["receiver"].as_str()), ("bundle", "The court"));
    assert_eq!(event.detail["manifest"], answer.json::<Statement>().digest().to_string());
    assert_eq!(place.audit("bundle-released").await.len(), 1);
    // The tool spells statements with sorted members; and the bundle's own event is in the next one.
    let source: EvidenceSource = reviewer.get(&format!("{path}/evidence")).await.json();
    let event: ActEvent = source.record.events.last().unwrap().read().unwrap();
    assert_eq!(usize::try_from(event.log_index), Ok(1 + languages.len()), "documents are made once");
    let mut sorted = files(&source, &footage);
    sorted[1] = file("act/act.json", source.record.act.to_json().as_bytes());
    assert_eq!(post(&reviewer, &make, &ask(&sorted)).await.status, StatusCode::OK);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_no_bundle_can_hold_is_not_put_up_for_signature() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&post(&reviewer, "/api/acts", &new_act_citing(agent.exam, agent.recording())).await);
    let path = format!("/api/acts/{}", draft.summary.id);
    let written = act(&put(&reviewer, &path, &complete(&draft, "a phone")).await);
    assert_eq!(written.problems, []);
    // As if the camera had written so much. Footage stands in a bundle twice: sealed, and playable.
    let size = async |bytes: i64| {
        let set = segments::Entity::update_many().col_expr(segments::Column::SizeBytes, Expr::value(bytes));
        set.exec(&place.state.db).await.unwrap();
    };
    size(1 << 31).await;
    let too_much = || Problem { field: "evidence".into(), problem: "too-much-footage".into() };
    assert_eq!(act(&reviewer.get(&path).await).problems, [too_much()]);
    let ask = json!({ "revision": written.revision });
    let refused = post(&reviewer, &format!("{path}/for-signature"), &ask).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "incomplete"));
    assert_eq!(refused.json::<Value>()["problems"], json!([too_much()]));
    size(1 << 30).await;
    assert_eq!(act(&post(&reviewer, &format!("{path}/for-signature"), &ask).await).summary.state, "for-signature");
}

#[tokio::test]
async fn custody_says_nothing_of_acts_that_whoever_makes_the_bundle_may_not_read() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let (board, reviewer) = (place.browser("board").await, place.browser("reviewer").await);
    let new = new_act_citing(agent.exam, agent.recording());
    let done = signed(&place, &new, "a phone").await;
    let mut report = new.clone();
    report["kind"] = json!("staff-report");
    report["recording"] = json!(null);
    let report = act(&post(&board, "/api/acts", &report).await);
    let start_ms = super::support::START_MS;
    let appeal = Opening {
        recording: agent.recording(),
        from_ms: start_ms,
        to_ms: start_ms + 1000,
        tracks: None,
        reason: Reason::Appeal,
        note: "an appeal".into(),
    };
    let appeal = holds::open(&place.state, &appeal, &By::command_line()).await.unwrap();
    let custody = async |browser: &super::Browser<'_>| -> Value {
        let source: EvidenceSource = browser.get(&format!("/api/acts/{}/evidence", done.summary.id)).await.json();
        serde_json::from_str(&source.custody).unwrap()
    };
    let holds = |custody: &Value| -> Vec<String> {
        custody["holds"].as_array().unwrap().iter().map(|hold| hold["hold"].as_str().unwrap().to_owned()).collect()
    };
    let opened = |custody: &Value| -> Vec<String> {
        let log = custody["log"].as_array().unwrap().iter().filter(|entry| entry["action"] == "hold-opened");
        log.map(|entry| entry["who"].as_str().unwrap().to_owned()).collect()
    };
    let [own, foreign, free] = [done.holds[0].id, report.holds[0].id, appeal.id].map(|id| id.to_string());
    let of_reviewer = custody(&reviewer).await;
    assert_eq!(
        (holds(&of_reviewer), opened(&of_reviewer)),
        (vec![own.clone(), free.clone()], vec!["reviewer".to_owned(), "cli".to_owned()])
    );
    let of_board = custody(&board).await;
    assert_eq!(holds(&of_board), [own, foreign, free]);
    assert_eq!(opened(&of_board), ["reviewer", "board", "cli"]);
}
