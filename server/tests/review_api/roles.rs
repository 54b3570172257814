//! The one table of route x role: what everybody may ask for, over the real router. A route that is not in it fails the test, and so does one that is in it and not
//! there.

use crate::CSRF;
use crate::support::{Browser, Place};
use axum::http::{Method, StatusCode};
use invigil_server::review::routes;
use invigil_server::staff::Role;

/// Columns: invigilator, reviewer, board, registrar, admin, admin with a review key, auditor. `x`: gets past the guard.
const TABLE: [(&str, &str, &str); 48] = [
    ("POST", "/api/login", "x x x x x x x"),
    ("POST", "/api/logout", "x x x x x x x"),
    ("GET", "/api/me", "x x x x x x x"),
    ("GET", "/api/exams", "x x x x x x -"),
    ("GET", "/api/exams/{id}/recordings", "x x x x x x -"),
    ("GET", "/api/recordings/{id}", "- x x x x x -"),
    ("GET", "/api/recordings/{id}/receipt", "- x x x x x -"),
    ("POST", "/api/recordings/{id}/collected", "x - - - x x -"),
    ("GET", "/api/recordings/{id}/segments", "- x x x x x -"),
    ("GET", "/api/recordings/{id}/keys", "- x x - - x -"),
    ("GET", "/api/segments/{id}", "- x x - - x -"),
    ("GET", "/api/review-keys", "x x x x x x x"),
    ("GET", "/api/holds", "- x x - - x -"),
    ("POST", "/api/holds", "- x x - - x -"),
    ("GET", "/api/holds/{id}/covered", "- x x - - x -"),
    ("POST", "/api/holds/{id}/seal", "- x x - - x -"),
    ("POST", "/api/holds/{id}/confirm", "- x x - - x -"),
    ("POST", "/api/holds/{id}/release", "- x x - - x -"),
    ("GET", "/api/forms", "x x x x x x x"),
    ("GET", "/api/acts", "x x x x x x -"),
    ("POST", "/api/acts", "x x x x - x -"),
    ("GET", "/api/acts/{id}", "x x x x x x -"),
    ("PUT", "/api/acts/{id}", "x x x x - x -"),
    ("POST", "/api/acts/{id}/discard", "x x x x - x -"),
    ("POST", "/api/acts/{id}/for-signature", "x x x x - x -"),
    ("POST", "/api/acts/{id}/back-to-draft", "x x x x x x -"),
    ("POST", "/api/acts/{id}/sign", "x x x x x x -"),
    ("POST", "/api/acts/{id}/pass-on", "- - x - - - -"),
    ("POST", "/api/acts/{id}/cancel-grade", "- - x - - - -"),
    ("POST", "/api/acts/{id}/attachments", "x x x x - x -"),
    ("DELETE", "/api/acts/{id}/attachments/{attachment}", "x x x x - x -"),
    ("GET", "/api/acts/{id}/attachments/{attachment}", "- x x - - x -"),
    ("GET", "/api/acts/{id}/pdf", "x x x x x x -"),
    ("GET", "/api/acts/{id}/statement", "x x x x x x -"),
    ("GET", "/api/acts/{id}/evidence", "- x x - - x -"),
    ("POST", "/api/acts/{id}/bundle", "- x x - - x -"),
    ("GET", "/api/registrar/annulments", "- - - x - - -"),
    ("GET", "/api/accounts", "x x x x - x -"),
    ("GET", "/api/audit", "- - - - x x x"),
    // Open to everybody, and to a browser without a session.
    ("GET", "/", "x x x x x x x"),
    ("GET", "/join", "x x x x x x x"),
    ("GET", "/check/{id}", "x x x x x x x"),
    ("GET", "/fonts/{id}", "x x x x x x x"),
    ("GET", "/v1/trust", "x x x x x x x"),
    ("POST", "/v1/join", "x x x x x x x"),
    ("POST", "/v1/room/enrol", "x x x x x x x"),
    // An agent's: no session of staff opens it.
    ("HEAD", "/v1/files/{id}", "x x x x x x x"),
    ("GET", "/v1/room/exams", "x x x x x x x"),
];

#[tokio::test]
async fn every_route_is_closed_to_strangers_and_to_roles_that_may_not() {
    let named: Vec<(String, String)> = TABLE.iter().map(|(method, path, _)| ((*method).into(), (*path).into())).collect();
    let there: Vec<(String, String)> = routes::table().iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    assert_eq!(named[..there.len()], there, "whoever adds a route decides here, too, who may ask for it");
    assert!(named[there.len()..].iter().all(|(_, path)| !path.starts_with("/api/")));

    let place = Place::new().await;
    let mut browsers = Vec::new();
    for login in ["invigilator", "reviewer", "board", "registrar", "keyless-admin", "admin", "auditor"] {
        // The account `admin` of the installation holds a review key.
        if login != "admin" {
            let role: Role = login.trim_start_matches("keyless-").parse().unwrap();
            place.add_account(login, role).await;
        }
        browsers.push((login, place.browser(login).await));
    }
    let stranger = Browser { place: &place, cookie: String::new() };
    for (method, path, row) in TABLE {
        let (method, wanted): (Method, Vec<bool>) = (method.parse().unwrap(), row.split(' ').map(|cell| cell == "x").collect());
        assert_eq!(wanted.len(), browsers.len(), "{path}");
        let asked =
            path.replace("{id}", "00000000-0000-4000-8000-000000000000").replace("{attachment}", "00000000-0000-4000-8000-000000000001");
        let ask = async |browser: &Browser<'_>| browser.ask(method.clone(), &asked, &[CSRF], String::new()).await.status;
        let open = !path.starts_with("/api/") || path == "/api/login";
        let answer = ask(&stranger).await;
        if open {
            assert_ne!(answer, StatusCode::FORBIDDEN, "{method} {path}");
        } else {
            assert_eq!(answer, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
        if path == "/v1/files/{id}" || path == "/v1/room/exams" {
            for (login, browser) in &browsers {
                assert_eq!(ask(browser).await, StatusCode::UNAUTHORIZED, "{login}: a session is no agent's token");
            }
        }
        if path == "/api/logout" {
            continue;
        }
        for ((login, browser), allowed) in browsers.iter().zip(wanted) {
            assert_eq!(ask(browser).await != StatusCode::FORBIDDEN, allowed, "{login} at {method} {path}");
        }
        if path.starts_with("/api/") && method != Method::GET {
            let without = browsers[1].1.ask(method.clone(), &asked, &[], String::new()).await;
            assert_eq!(without.error(), "csrf", "{method} {path}");
        }
    }
}

/// The paths of what the page asks by itself, as its own list has them (`polled` in server/web/src/api.ts).
fn polled_by_the_page() -> Vec<String> {
    let source = include_str!("../../web/src/api.ts");
    let list = source.split("export const polled = {").nth(1).unwrap().split("\n};").next().unwrap();
    let mut paths: Vec<String> = list
        .match_indices("/api/")
        .map(|(at, _)| {
            let path = list[at..].split(['"', '`', '?', '\'']).next().unwrap();
            let parts = path.split('/').map(|part| if part.starts_with("${") { "{id}" } else { part });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect();
    paths.sort();
    paths.dedup();
    assert!(paths.len() >= 7, "{paths:?}");
    paths
}

#[tokio::test]
async fn a_page_that_is_left_open_ends_with_its_hour() {
    let place = Place::new().await;
    place.add_account("board", Role::Board).await;
    let board = place.browser("board").await;
    let table = routes::table();
    let paths = polled_by_the_page();
    for path in &paths {
        let route = table.iter().find(|route| route.method == Method::GET && route.path == path.as_str());
        let route = route.unwrap_or_else(|| panic!("the page polls {path}, which is no route"));
        assert!(!route.rule.is_use, "the page polls {path}: mark it as polled");
    }
    let poll = async || {
        for path in &paths {
            let status = board.get(&path.replace("{id}", "00000000-0000-4000-8000-000000000000")).await.status;
            assert!(status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN, "{path}: {status}");
        }
    };
    for _ in 0..59 {
        place.clock.advance(60_000);
        poll().await;
    }
    place.clock.advance(60_000);
    assert_eq!(board.get("/api/me").await.status, StatusCode::UNAUTHORIZED);
}
