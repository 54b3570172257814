//! A process dies at each crash point, another one goes on, and what `docs/lifecycle.md` promises holds. Only debug builds have crash points.

use super::support::{Browser, Place, TestClock};
use super::{expire, film, opened, opened_online, range, set, signed_in, sound, traces};
use invigil_format::RecordingId;
use invigil_server::config::Config;
use invigil_server::db::entities::held_runs;
use invigil_server::holds::{self, By, Opening, Reason};
use invigil_server::{AppState, http, retention};
use invigil_wire::holds::HoldView;
use sea_orm::EntityTrait;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use uuid::Uuid;

const SIGABRT: i32 = 6;

/// What the process that dies is about.
enum Act {
    Sweep,
    Open(RecordingId, i64),
    Seal(RecordingId, Uuid),
    Release(Uuid),
}

/// Has another process do it on the same installation, and die of it.
fn dies(place: &Place, point: &str, act: &Act) {
    let words = match act {
        Act::Sweep => "sweep".to_owned(),
        Act::Open(recording, segment) => format!("open {recording} {segment}"),
        Act::Seal(recording, hold) => format!("seal {recording} {hold}"),
        Act::Release(hold) => format!("release {hold}"),
    };
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "aborts::the_process_that_dies", "--ignored", "--nocapture"]);
    child.env("INVIGIL_CRASH_AT", point).env("HOLDS_DIR", place.dir.path().join("server")).env("HOLDS_ACT", words);
    child.env("HOLDS_NOW_MS", place.clock_ms().to_string());
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{point}: {said}{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "the other tests run it in processes of their own"]
async fn the_process_that_dies() {
    let Ok(real) = std::env::var("HOLDS_DIR") else { return };
    let (now_ms, act) = (std::env::var("HOLDS_NOW_MS").unwrap().parse().unwrap(), std::env::var("HOLDS_ACT").unwrap());
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&real, dir.path().join("server")).unwrap();
    let clock = Arc::new(TestClock::new(now_ms));
    let config = Config::load(&std::path::Path::new(&real).join("server.toml")).unwrap();
    let state = Arc::new(AppState::open(config, clock.clone()).await.unwrap());
    let place = Place { dir, router: http::router(state.clone()), state, clock };
    let words: Vec<&str> = act.split(' ').collect();
    match words[0] {
        "sweep" => drop(retention::sweep(&place.state).await.unwrap()),
        "open" => {
            let (from_ms, to_ms) = range(words[2].parse().unwrap(), words[2].parse().unwrap());
            let recording = words[1].parse().unwrap();
            let opening = Opening { recording, from_ms, to_ms, tracks: None, reason: Reason::Other, note: "it dies".into() };
            holds::open(&place.state, &opening, &By::command_line()).await.unwrap();
        }
        "seal" => {
            let browser: Browser<'_> = signed_in(&place).await;
            browser.seal_of(words[1].parse().unwrap(), words[2].parse().unwrap()).await.unwrap();
        }
        _ => drop(holds::release(&place.state, words[1].parse().unwrap(), "it dies", &By::command_line()).await.unwrap()),
    }
}

#[tokio::test]
async fn e1_to_e5_with_e1_1_a_sweep_that_dies_at_any_step_loses_nothing_held_and_leaves_nothing_else() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let mut points = vec!["hold.pending-named".to_owned(), "hold.pending-sealed".to_owned()];
    for step in ["E1", "E1.1", "E2", "E3", "E4", "E5"] {
        points.extend([format!("expiry.{step}"), format!("expiry.{step}.done")]);
    }
    for point in points {
        let filmed = film(place.agent().await, 5).await;
        let pending = browser.hold(&filmed.agent, 1, 1).await;
        let effective = browser.hold(&filmed.agent, 3, 3).await;
        browser.seal(&filmed.agent, &effective).await.unwrap();
        place.clock.advance(filmed.agent.expires_ms - place.clock_ms());
        dies(&place, &point, &Act::Sweep);
        assert_eq!(opened_online(&browser, &filmed).await, set([1, 3]), "{point}");
        retention::sweep(&place.state).await.unwrap();
        assert_eq!(opened_online(&browser, &filmed).await, set([1, 3]), "{point}");
        assert_eq!(opened(&place, &filmed.agent).await.unwrap().0, set([1, 3]), "{point}");
        assert_eq!((traces(&place, &filmed), sound(&place).await), (set([1, 3]), Vec::new()), "{point}");
        assert_eq!(browser.seal(&filmed.agent, &pending).await.unwrap().state, "effective", "{point}");
        for hold in [pending, effective] {
            browser.release(&hold).await;
        }
        assert_eq!((traces(&place, &filmed), sound(&place).await), (set([]), Vec::new()), "{point}");
        assert!(place.state.keystore.list().unwrap().is_empty(), "{point}");
    }
}

#[tokio::test]
async fn h3_to_h6_a_hold_becomes_effective_once_or_not_at_all() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let points = ["hold.H3.named", "hold.H3.done", "hold.H4", "hold.H4.done", "hold.H5", "hold.H6", "hold.H6.done"];
    for (number, point) in points.into_iter().enumerate() {
        let filmed = film(place.agent().await, 4).await;
        let hold = browser.hold(&filmed.agent, 1, 2).await;
        expire(&place, &filmed.agent).await;
        dies(&place, point, &Act::Seal(filmed.agent.recording(), hold.id));
        assert_eq!(opened_online(&browser, &filmed).await, set([1, 2]), "{point}");
        retention::sweep(&place.state).await.unwrap();
        let view: HoldView = browser.holds().await.into_iter().find(|view| view.id == hold.id).unwrap();
        assert_eq!(view.state, if number < 3 { "pending" } else { "effective" }, "{point}");
        if number < 3 {
            browser.seal(&filmed.agent, &hold).await.unwrap();
        }
        assert!(held_runs::Entity::find().all(&place.state.db).await.unwrap().is_empty(), "{point}");
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (set([1, 2]), set([1, 2])), "{point}");
        assert_eq!((sound(&place).await, place.audit("hold-effective").await.len()), (Vec::new(), number + 1), "{point}");
        browser.release(&hold).await;
        assert!(place.state.keystore.list().unwrap().is_empty(), "{point}");
    }
}

#[tokio::test]
async fn h7_to_h11_a_release_that_dies_at_any_step_is_completed() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let mut points = vec!["hold.H7".to_owned(), "hold.H7.done".to_owned()];
    for step in ["H8", "H9", "H10", "H11"] {
        points.extend([format!("hold.{step}"), format!("hold.{step}.done")]);
    }
    for (number, point) in points.iter().enumerate() {
        let filmed = film(place.agent().await, 4).await;
        let hold = browser.hold(&filmed.agent, 1, 2).await;
        let other = browser.hold(&filmed.agent, 2, 2).await;
        if number % 2 == 0 {
            browser.seal(&filmed.agent, &hold).await.unwrap();
        }
        expire(&place, &filmed.agent).await;
        dies(&place, point, &Act::Release(hold.id));
        let left = if number == 0 { set([1, 2]) } else { set([2]) };
        assert_eq!(opened_online(&browser, &filmed).await, left, "{point}");
        retention::sweep(&place.state).await.unwrap();
        assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (left.clone(), left), "{point}");
        if number == 0 {
            browser.release(&hold).await;
        }
        assert_eq!((traces(&place, &filmed), sound(&place).await), (set([2]), Vec::new()), "{point}");
        browser.release(&other).await;
        assert_eq!((traces(&place, &filmed), sound(&place).await), (set([]), Vec::new()), "{point}");
        assert!(place.state.keystore.list().unwrap().is_empty(), "{point}");
        assert_eq!(place.audit("hold-released").await.len(), 2 * number + 2, "{point}");
    }
}

#[tokio::test]
async fn h1_and_h2_a_hold_is_opened_whole_or_not_at_all() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    for after_expiry in [false, true] {
        for (point, count) in [("hold.opened", 1), ("hold.opened.done", 2)] {
            let filmed = film(place.agent().await, 3).await;
            let first = browser.hold(&filmed.agent, 1, 1).await;
            if after_expiry {
                expire(&place, &filmed.agent).await;
            }
            dies(&place, point, &Act::Open(filmed.agent.recording(), 1));
            let open: Vec<HoldView> = browser.holds().await.into_iter().filter(|hold| hold.released_ms.is_none()).collect();
            assert_eq!(open.len(), count, "{point} {after_expiry}");
            // A key to which nothing was sealed is all that can be left, and it is named.
            let orphan = after_expiry && count == 1;
            let problems = sound(&place).await;
            assert_eq!(problems.len(), usize::from(orphan), "{point} {after_expiry}: {problems:?}");
            browser.release(&first).await;
            expire(&place, &filmed.agent).await;
            let left = if count == 2 { set([1]) } else { set([]) };
            assert_eq!((opened_online(&browser, &filmed).await, traces(&place, &filmed)), (left.clone(), left), "{point} {after_expiry}");
            for hold in open.iter().filter(|hold| hold.id != first.id) {
                browser.release(hold).await;
            }
            for key in place.state.keystore.list().unwrap() {
                assert!(orphan, "{point} {after_expiry}");
                place.state.keystore.destroy(key).unwrap();
            }
        }
    }
}
