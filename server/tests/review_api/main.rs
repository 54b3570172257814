//! The review API as a browser meets it: in-process router, real SQLite, footage that an agent sealed and sent.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod collected;
mod footage;
mod roles;
mod support;

use axum::http::{Method, StatusCode};
use invigil_server::staff::{Role, accounts};
use invigil_wire::review::{Me, ReviewKey};
use support::{HOST, HOUR_MS, PASSWORD, Place};

const CSRF: (&str, &str) = ("x-invigil", "1");

#[tokio::test]
async fn signing_in_gives_a_cookie_that_only_this_site_gets() {
    let place = Place::new().await;
    let stranger = support::Browser { place: &place, cookie: String::new() };
    let answer = stranger.login("  ADMIN ", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let cookie = answer.header("set-cookie").to_owned();
    let (pair, flags) = cookie.split_once("; ").unwrap();
    assert_eq!(flags, "Path=/; Secure; HttpOnly; SameSite=Strict");
    let token = pair.strip_prefix("__Host-invigil=").unwrap();
    assert_eq!(token.len(), 64);
    let me: Me = answer.json();
    assert_eq!((me.login.as_str(), me.role.as_str(), me.organisation.as_str()), ("admin", "admin", "Test University"));
    assert_eq!(me.institution, place.state.institution);
    assert!(
        !std::fs::read(&place.state.config.paths.database).unwrap().windows(64).any(|w| w == token.as_bytes()),
        "the token is not stored"
    );

    let browser = support::Browser { place: &place, cookie: pair.to_owned() };
    assert_eq!(browser.get("/api/me").await.json::<Me>(), me);
    assert_eq!(browser.ask(Method::POST, "/api/logout", &[], String::new()).await.error(), "csrf");
    let cross = [CSRF, ("origin", "https://evil.example")];
    assert_eq!(browser.ask(Method::POST, "/api/logout", &cross, String::new()).await.error(), "cross-site");
    assert_eq!(browser.ask(Method::GET, "/api/me", &[("sec-fetch-site", "cross-site")], String::new()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/api/me").await.status, StatusCode::OK, "still signed in");

    let own = [CSRF, ("origin", "https://exam.example:8443"), ("sec-fetch-site", "same-origin")];
    assert!(HOST.ends_with("exam.example:8443"));
    let answer = browser.ask(Method::POST, "/api/logout", &own, String::new()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").starts_with("__Host-invigil=; ") && answer.header("set-cookie").ends_with("Max-Age=0"));
    assert_eq!(browser.get("/api/me").await.error(), "unauthorized");
    let admin = place.audit("signed-in").await[0].0.clone();
    assert!(admin.starts_with("staff:"));
    assert_eq!(place.audit("signed-out").await[0].0, admin);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_logins_look_alike_and_are_limited() {
    let place = Place::new().await;
    let stranger = support::Browser { place: &place, cookie: String::new() };
    let wrong = stranger.login("admin", "not the password").await;
    let unknown = stranger.login("nobody", "not the password").await;
    assert_eq!((wrong.status, wrong.text()), (StatusCode::UNAUTHORIZED, unknown.text()));
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.header("set-cookie"), "");

    let tries = place.state.config.staff.login_tries;
    for _ in 1..tries {
        assert_eq!(stranger.login("admin", "not the password").await.status, StatusCode::UNAUTHORIZED);
    }
    let limited = stranger.login("Admin", PASSWORD).await;
    assert_eq!((limited.status, limited.error().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too-many-tries"));
    let wait: i64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    place.clock.set_wall(place.clock_ms() + 30 * HOUR_MS);
    assert_eq!(stranger.login("admin", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "setting the clock does not help");
    place.clock.advance(wait * 1000);
    assert_eq!(stranger.login("admin", PASSWORD).await.status, StatusCode::OK);

    let no_header = stranger.ask(Method::POST, "/api/login", &[("content-type", "application/json")], "{}".into()).await;
    assert_eq!(no_header.error(), "csrf");
    for body in ["", "{}", "{\"login\":\"a\",\"password\":\"b\",\"more\":1}", &format!("\"{}\"", "x".repeat(20_000))] {
        let answer = stranger.ask(Method::POST, "/api/login", &[CSRF, ("content-type", "application/json")], body.into()).await;
        assert_eq!(answer.error(), "bad-request");
    }
}

#[tokio::test]
async fn guessing_at_made_up_logins_keeps_nobody_out() {
    let place = Place::new().await;
    let stranger = support::Browser { place: &place, cookie: String::new() };
    let names: Vec<String> = (0..100).map(|n| format!("made-up-{n}")).collect();
    let answers = futures_util::future::join_all(names.iter().map(|name| stranger.login(name, "a guess"))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED));
    assert_eq!(stranger.login("admin", PASSWORD).await.status, StatusCode::OK);
    // What nobody can have is refused like a wrong password.
    let long = "x".repeat(600);
    for (login, password) in [("admin", long.as_str()), (&long, PASSWORD)] {
        assert_eq!(stranger.login(login, password).await.error(), "wrong-login");
    }
}

#[tokio::test]
async fn sessions_end_by_themselves_and_polling_does_not_keep_them() {
    let place = Place::new().await;
    let browser = place.browser("admin").await;
    for _ in 0..3 {
        place.clock.advance(HOUR_MS / 3 - 1);
        assert_eq!(browser.get("/api/exams").await.status, StatusCode::OK);
    }
    place.clock.advance(10);
    assert_eq!(browser.get("/api/exams").await.status, StatusCode::UNAUTHORIZED);

    let browser = place.browser("admin").await;
    for _ in 0..12 {
        assert_eq!(browser.get("/api/review-keys").await.status, StatusCode::OK);
        place.clock.advance(HOUR_MS - 1);
    }
    assert_eq!(browser.get("/api/review-keys").await.status, StatusCode::OK);
    place.clock.advance(12);
    assert_eq!(browser.get("/api/review-keys").await.status, StatusCode::UNAUTHORIZED, "twelve hours");
}

#[tokio::test]
async fn a_reviewer_gets_only_their_own_wrapped_keys() {
    let place = Place::new().await;
    place.add_account("reviewer", Role::Reviewer).await;
    assert_eq!(place.browser("reviewer").await.get("/api/review-keys").await.json::<Vec<ReviewKey>>(), []);
    let keys: Vec<ReviewKey> = place.browser("admin").await.get("/api/review-keys").await.json();
    assert_eq!(keys.len(), 1);
    let file = std::fs::read(place.dir.path().join("server/review-key.json")).unwrap();
    assert_eq!(keys[0].wrapped, serde_json::from_slice::<serde_json::Value>(&file).unwrap());
    assert_eq!(place.audit("review-keys-given").await.len(), 1);

    // `staff add --review-key` takes a key that the institution certifies, and no other.
    let (trust, now) = (&place.state.trust_store, place.clock_ms());
    let given = accounts::given_key(trust, std::str::from_utf8(&file).unwrap(), now).unwrap();
    assert_eq!((given.public, given.name.as_str()), (keys[0].public, "review key made by init"));
    let cost = invigil_format::KdfCost { memory_kib: 64, iterations: 1, parallelism: 1 };
    let stranger = invigil_format::ReviewPrivateKey::from_bytes([9; 32]);
    let stranger = invigil_format::WrappedKey::wrap(&stranger, "x", cost, [1; 16], [2; 12]).unwrap().to_json();
    assert!(format!("{:#}", accounts::given_key(trust, &stranger, now).unwrap_err()).contains("does not certify"));
    assert!(accounts::given_key(trust, "{}", now).is_err());
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let place = Place::new().await;
    let stranger = support::Browser { place: &place, cookie: String::new() };
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/app.js", 200, "text/javascript; charset=utf-8"),
        ("/app.css", 200, "text/css; charset=utf-8"),
        ("/join", 200, "text/html; charset=utf-8"),
        ("/join.css", 200, "text/css; charset=utf-8"),
        ("/api/me", 401, "application/json"),
        ("/api/none", 404, ""),
        ("/index.html", 404, ""),
        ("/../server.toml", 404, ""),
        ("/v1/trust", 200, "application/json"),
    ] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        if !kind.is_empty() {
            assert_eq!(answer.header("content-type"), kind, "{path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';") && !policy.contains("unsafe-inline"),
            "{path}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
            ("cache-control", if status == 200 && path != "/v1/trust" { "no-cache" } else { "no-store" }),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
    }
}
