//! The real program dies at each step of signing and of what follows, is started again, and an act is signed once or not at all, with numbers that have no gap and
//! no double. Only debug builds have crash points.

use super::{PASSWORD, act, exam, for_signature, new_act, post, problems, sign};
use crate::support::{Answer, Place};
use axum::http::StatusCode;
use invigil_format::ExamId;
use invigil_wire::acts::ActView;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const SIGABRT: i32 = 6;

/// A running server on the folder of a [`Place`].
struct Real {
    child: Child,
    address: String,
    certificate: PathBuf,
}

impl Real {
    fn start(place: &Place, crash_at: Option<&str>) -> Result<Self, Child> {
        let dir = place.dir.path().join("server");
        let mut command = Command::new(env!("CARGO_BIN_EXE_invigil-server"));
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--config"]).arg(dir.join("server.toml"));
        if let Some(point) = crash_at {
            command.env("INVIGIL_CRASH_AT", point);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else { return Err(child) };
        let address = ready["listen"].as_str().unwrap().to_owned();
        Ok(Self { child, address, certificate: dir.join("keys/tls-certificate.pem") })
    }

    /// One request; `None` when the server died over it.
    fn ask(&self, method: &str, path: &str, cookie: &str, body: &[u8]) -> Option<Answer> {
        use rustls::pki_types::pem::PemObject;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(rustls::pki_types::CertificateDer::from_pem_file(&self.certificate).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
        let connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(&self.address).ok()?);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\ncontent-type: application/json\r\n\
             x-invigil: 1\r\ncookie: {cookie}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        // The end of the connection is not announced by a server that dies, nor by one that closes it in a hurry.
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = StatusCode::from_bytes(lines.next()?.split(' ').nth(1)?.as_bytes()).unwrap();
        let pairs = lines.filter_map(|line| line.split_once(": "));
        let headers = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Some(Answer { status, headers, body: answer[end + 4..].to_vec() })
    }

    fn sign_in(&self, login: &str) -> String {
        let body = json!({ "login": login, "password": PASSWORD }).to_string();
        let answer = self.ask("POST", "/api/login", "", body.as_bytes()).unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    fn post(&self, path: &str, cookie: &str, body: &Value) -> Option<Answer> {
        self.ask("POST", path, cookie, body.to_string().as_bytes())
    }

    /// Waits for its death at the crash point.
    fn died(mut self, point: &str) {
        assert_eq!(self.child.wait().unwrap().signal(), Some(SIGABRT), "the server did not die at {point}");
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn start(place: &Place, crash_at: Option<&str>) -> Real {
    Real::start(place, crash_at).unwrap_or_else(|mut child| panic!("the server died before it served: {}", child.wait().unwrap()))
}

async fn prepared() -> (Place, ExamId) {
    let place = Place::at(invigil_clock::wall_ms()).await;
    super::staff(&place).await;
    let (exam, _) = exam(&place, &[("Aliya", Some("1"))]).await;
    (place, exam)
}

/// An act that waits for the chair's signature only.
async fn half_signed(place: &Place, exam: ExamId, name: &str) -> ActView {
    let mut new = new_act(exam, None);
    new["fields"] = json!({ "student": name, "student-id": name });
    let ready = for_signature(&place.browser("reviewer").await, &new, "a phone").await;
    act(&sign(&place.browser("board").await, &ready).await)
}

#[tokio::test]
async fn the_server_dies_at_each_step_of_signing_and_an_act_is_signed_once_or_not_at_all() {
    let (place, exam) = prepared().await;
    let points = [
        "act-sign-after-signature",
        "act-sign-after-number",
        "act-sign-after-log",
        "act-sign-after-row",
        "act-sign-before-commit",
        "act-sign-after-commit",
    ];
    let board = place.browser("board").await;
    for (number, point) in (1..).zip(points) {
        let ready = half_signed(&place, exam, point).await;
        let path = format!("/api/acts/{}", ready.summary.id);
        let body = json!({ "password": PASSWORD, "content": ready.content });
        let real = start(&place, Some(point));
        let cookie = real.sign_in("chair");
        assert!(real.post(&format!("{path}/sign"), &cookie, &body).is_none(), "{point} was not reached");
        real.died(point);

        let state = act(&board.get(&path).await).summary.state;
        let expected = if point == "act-sign-after-commit" { "signed" } else { "for-signature" };
        assert_eq!(state, expected, "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
        // An ambiguous failure is simply tried again.
        let real = start(&place, None);
        let cookie = real.sign_in("chair");
        let again = real.post(&format!("{path}/sign"), &cookie, &body).unwrap();
        match expected {
            "signed" => assert_eq!(again.error(), "wrong-state", "{point}"),
            _ => assert_eq!(again.status, StatusCode::OK, "{point}: {}", again.text()),
        }
        real.kill();
        let now = act(&board.get(&path).await);
        assert_eq!(now.summary.state, "signed", "{point}");
        assert!(now.summary.number_text.unwrap().ends_with(&format!("-{number:04}")), "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
}

#[tokio::test]
async fn the_server_dies_over_drafts_events_and_discards_and_nothing_is_half_done() {
    let (place, exam) = prepared().await;
    let reviewer = place.browser("reviewer").await;
    // A draft is there with its key, or not at all; a key without a draft opens nothing, and `check` names it.
    for point in ["act-create-after-key", "act-create-before-commit"] {
        let real = start(&place, Some(point));
        let cookie = real.sign_in("reviewer");
        assert!(real.post("/api/acts", &cookie, &new_act(exam, None)).is_none(), "{point} was not reached");
        real.died(point);
        assert_eq!(reviewer.get("/api/acts").await.json::<invigil_wire::acts::ActList>().acts, [], "{point}");
        let orphans = problems(&place).await;
        assert_eq!(orphans.len(), 1, "{orphans:?}");
        for id in place.state.keystore.list().unwrap().into_iter().filter(|id| orphans[0].contains(&id.to_string())) {
            place.state.keystore.destroy(id).unwrap();
        }
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    // An event is in the log and in the act's state, or in neither.
    let board = place.browser("board").await;
    for point in ["act-event-before-entry", "act-event-after-entry", "act-event-before-commit"] {
        let ready = half_signed(&place, exam, point).await;
        let done = act(&sign(&place.browser("chair").await, &ready).await);
        let path = format!("/api/acts/{}", done.summary.id);
        let real = start(&place, Some(point));
        let cookie = real.sign_in("board");
        let body = json!({ "to_name": "Somebody", "to_post": "Member" });
        assert!(real.post(&format!("{path}/pass-on"), &cookie, &body).is_none(), "{point} was not reached");
        real.died(point);
        let now = act(&board.get(&path).await);
        assert_eq!((now.summary.state.as_str(), now.events.len()), ("signed", 0), "{point}");
        act(&post(&board, &format!("{path}/pass-on"), &body).await);
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    // What was discarded ends at the next start at the latest.
    for point in ["act-discard-after-commit", "act-discard-after-key", "act-discard-after-file"] {
        let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, None)).await);
        let sealed = super::attachments::still(&place, &draft, 1);
        assert_eq!(super::attachments::upload(&reviewer, &draft, sealed).await.status, StatusCode::CREATED);
        let path = format!("/api/acts/{}", draft.summary.id);
        let real = start(&place, Some(point));
        let cookie = real.sign_in("reviewer");
        assert!(real.post(&format!("{path}/discard"), &cookie, &json!({ "note": "a mistake" })).is_none(), "{point} was not reached");
        real.died(point);
        start(&place, None).kill();
        assert_eq!(act(&reviewer.get(&path).await).summary.state, "discarded", "{point}");
        assert!(place.state.keystore.is_destroyed(draft.summary.id), "{point}");
        assert_eq!(std::fs::read_dir(&place.state.config.paths.attachments).unwrap().count(), 0, "{point}");
        assert_eq!(problems(&place).await, Vec::<String>::new(), "{point}");
    }
    // A file whose row was not committed goes at the next start.
    let draft = act(&post(&reviewer, "/api/acts", &new_act(exam, None)).await);
    let real = start(&place, Some("act-attachment-after-rename"));
    let cookie = real.sign_in("reviewer");
    let sealed = super::attachments::still(&place, &draft, 1);
    assert!(real.ask("POST", &format!("/api/acts/{}/attachments", draft.summary.id), &cookie, &sealed).is_none());
    real.died("act-attachment-after-rename");
    assert_eq!(std::fs::read_dir(&place.state.config.paths.attachments).unwrap().count(), 1);
    start(&place, None).kill();
    assert_eq!(std::fs::read_dir(&place.state.config.paths.attachments).unwrap().count(), 0);
    assert_eq!(upload_again(&place, &draft).await, StatusCode::CREATED);
}

async fn upload_again(place: &Place, draft: &ActView) -> StatusCode {
    super::attachments::upload(&place.browser("reviewer").await, draft, super::attachments::still(place, draft, 1)).await.status
}
