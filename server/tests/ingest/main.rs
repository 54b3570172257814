//! What agents talk to, over a real database and real files: joining, tus, crashes, refusals. Numbers are steps of `docs/lifecycle.md`, section Store.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

#[path = "../review_api/real.rs"]
mod real;
#[path = "../review_api/support.rs"]
#[expect(dead_code, reason = "these tests need a part of it")]
mod support;

mod aborts;
mod command_line;
mod crashes;
mod finishing;
mod footage;
mod instant;
mod joining;
mod journals;
mod receipts;
mod rooms;
mod speed;
mod uploads;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use support::{Agent, Answer, Place};

/// A request with an agent's token.
async fn ask(agent: &Agent<'_>, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    ask_with(agent.place, &agent.joined.token, method, path, headers, body).await
}

async fn ask_with(place: &Place, token: &str, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    place.send(request.body(Body::from(body)).unwrap()).await
}

/// An append with these headers besides the usual ones.
async fn patch(agent: &Agent<'_>, path: &str, offset: usize, more: &[(&str, &str)], body: &[u8]) -> Answer {
    let offset = offset.to_string();
    let mut headers =
        vec![("tus-resumable", "1.0.0"), ("content-type", "application/offset+octet-stream"), ("upload-offset", offset.as_str())];
    headers.extend(more);
    ask(agent, Method::PATCH, path, &headers, body.to_vec()).await
}

/// A closed segment of three seconds.
async fn whole_segment(agent: &Agent<'_>, sequence: u32) -> Vec<u8> {
    let (mut writer, mut bytes) = agent.segment(agent_record(agent).await, sequence);
    for second in 0..3 {
        bytes.extend(agent.chunk(&mut writer, second * 1000, b"a second of a picture"));
    }
    bytes.extend(agent.closing(&mut writer, 3000));
    bytes
}

/// The digest of the run's key record, which is uploaded if it is not there yet.
async fn agent_record(agent: &Agent<'_>) -> invigil_format::Digest {
    use invigil_server::db::entities::{key_records, runs};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let db = &agent.place.state.db;
    let run = runs::Entity::find().filter(runs::Column::Uuid.eq(agent.run.to_string())).one(db).await.unwrap();
    if let Some(run) = run
        && let Some(record) = key_records::Entity::find().filter(key_records::Column::RunId.eq(run.id)).one(db).await.unwrap()
    {
        return record.digest.parse().unwrap();
    }
    agent.key_record().await
}

async fn receipt(agent: &Agent<'_>, path: &str) -> Answer {
    ask(agent, Method::GET, &format!("{path}/receipt"), &[], Vec::new()).await
}

/// Checks that the receipt is for exactly these bytes.
fn assert_receipt(agent: &Agent<'_>, answer: &Answer, bytes: &[u8]) {
    use invigil_format::{Receipt, Statement};
    use invigil_server::AppState;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let state: &AppState = &agent.place.state;
    let receipt: Receipt = answer.json::<Statement>().read_by(&state.server_key.public()).unwrap();
    assert_eq!((receipt.size_bytes, receipt.digest), (bytes.len() as u64, invigil_format::digest(bytes)));
    assert_eq!(receipt.recording, agent.recording());
}

async fn sound(place: &Place) -> Vec<String> {
    let report = invigil_server::check::check(&place.state.config, &*place.clock).await.unwrap();
    report.problems.into_iter().map(|problem| format!("{}: {}", problem.object, problem.what)).collect()
}
