//! The shipped policies and what a wrong one is told.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;

pub(crate) const KBTU: &str = include_str!("../../../../config/policies/kbtu.toml");
pub(crate) const KAZNU: &str = include_str!("../../../../config/policies/kaznu.toml");

pub(crate) fn policy(text: &str) -> Policy {
    toml::from_str::<PolicyFile>(text).unwrap().check().unwrap()
}

fn mistakes(text: &str) -> Vec<String> {
    toml::from_str::<PolicyFile>(text).unwrap().check().unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_shipped_policies_are_valid() {
    for (text, name) in [(KBTU, "kbtu"), (KAZNU, "kaznu")] {
        let policy = policy(text);
        assert_eq!(policy.name, name);
        assert_eq!(policy.zone.value.iana_name(), Some("Asia/Almaty"));
        let disconnect = &policy.disconnect;
        assert_eq!(disconnect.threshold.value, SignedDuration::from_mins(10));
        assert_eq!(disconnect.retake_within.value, SignedDuration::from_hours(72));
        assert_eq!(disconnect.opens_after.value, SignedDuration::from_secs(15));
        assert_eq!((disconnect.basis.value, disconnect.window_from.value), (Basis::Longest, WindowFrom::ExamEnd));
        assert!(!disconnect.causes.value.contains(&Cause::CameraLost));
        let capture = &policy.capture;
        assert_eq!((capture.width.value, capture.height.value, capture.fps.value, capture.max_kbits.value), (640, 480, 15, 300));
        // 1 Mbit/s from a student's line while the exam runs; a room's line is the university's.
        assert_eq!((capture.upload_max_kbits.value, capture.room_upload_max_kbits.value), (1000, 0));
        assert_eq!(policy.retention.keep.value.get_months(), 1);
    }
    assert_eq!(policy(KBTU).oral.timetable.value, OnBreach::Warn);
    assert_eq!(policy(KAZNU).oral.timetable.value, OnBreach::Refuse);
    assert_eq!(policy(KAZNU).incomplete.unwrap().lasts_days.value, 35);
    assert!(policy(KBTU).incomplete.is_none());
}

#[test]
fn every_mistake_is_reported_at_once_with_its_key() {
    let text = KBTU
        .replace("Asia/Almaty", "Asia/Nowhere")
        .replace("\"P1M\"", "\"-P1M\"")
        .replace("\"PT10M\", source = \"KBTU notice", "\"10 minutes\", source = \"KBTU notice")
        .replace("\"longest\"", "\"middle\"")
        .replace("value = 640", "value = 641")
        .replace("\"link\"", "\"server\"");
    let found = mistakes(&text);
    let keys: Vec<&str> = found.iter().filter_map(|m| m.split(':').next()).collect();
    assert_eq!(
        keys,
        [
            "zone.value",
            "retention.keep.value",
            "disconnect.threshold.value",
            "disconnect.basis.value",
            "disconnect.causes.value",
            "capture.width.value"
        ],
        "{found:?}"
    );
}

#[test]
fn a_value_without_source_is_a_mistake() {
    let text = KBTU.replace("source = \"KBTU notice: during next 72 hours\"", "source = \" \"");
    assert_eq!(mistakes(&text).len(), 1);
    assert!(mistakes(&text)[0].starts_with("disconnect.retake_within.source: is empty"));
}

#[test]
fn unknown_keys_are_refused() {
    let text = KBTU.replace("[capture]", "[capture]\ncolour = { value = true, source = \"assumed\" }");
    assert!(toml::from_str::<PolicyFile>(&text).unwrap_err().to_string().contains("colour"));
}

#[test]
fn disconnects_must_be_seen_before_they_count() {
    let text = KBTU.replace("\"PT15S\"", "\"PT10M\"");
    assert_eq!(mistakes(&text).len(), 1);
}

#[test]
fn causes_have_one_name() {
    for cause in Cause::ALL {
        assert_eq!(Cause::from_name(cause.name()), Some(cause));
        assert_eq!(serde_name(cause), cause.name());
    }
}

fn serde_name(cause: Cause) -> String {
    #[derive(Serialize)]
    struct Holder {
        cause: Cause,
    }
    let text = toml::to_string(&Holder { cause }).unwrap();
    text.trim().trim_start_matches("cause = ").trim_matches('"').to_string()
}
