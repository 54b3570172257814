use super::*;
use invigil_format::ExamId;

fn exam(n: u8, ended_ms: Option<i64>, by_code: bool) -> RoomExam {
    let id = ExamId::from_random([n; 16]);
    let info = ExamInfo { id, title: "T".into(), discipline: "D".into(), starts_ms: 1, ends_ms: 2, utc_offset_secs: 0 };
    RoomExam { recording: RecordingId::from_random([n; 16]), exam: info, lead_ms: 30, ended_ms, by_code, begun: false }
}

#[test]
fn what_goes_on_stays_in_the_list_and_what_has_ended_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::load(folder.path()).unwrap();
    state.update(|kept| {
        kept.listed(vec![exam(1, None, false), exam(2, None, true), exam(3, Some(7), false)]);
        kept.begin(exam(1, None, false).recording, false);
    });
    state.update(|kept| kept.listed(vec![exam(4, None, false)]));
    let again = State::load(folder.path()).unwrap().get();
    assert_eq!(again.exams.iter().map(|exam| exam.recording).collect::<Vec<_>>(), [4, 1].map(|n| exam(n, None, false).recording));
    state.update(|kept| kept.end(exam(1, None, false).recording));
    state.update(|kept| kept.listed(vec![exam(2, None, true), exam(3, Some(7), false)]));
    let kept = State::load(folder.path()).unwrap().get();
    assert_eq!((kept.exams.len(), kept.ended().len(), kept.slots(None).len()), (2, 2, 1));
    let begins = [None, Some(Duration::from_millis(5))].map(|lead| kept.slots(lead)[0].begins_ms);
    assert_eq!(begins, [1 - 30, 1 - 5], "the policy's, or this computer's own");
    let beside = [5, 60_000].map(|ms| kept.slots(Some(Duration::from_millis(ms)))[0].beside_ms);
    assert_eq!(beside, [1 - 5, 1 - HEAD_START_MS], "moments before the start, but not before it begins alone");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(folder.path().join("room.json")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::write(folder.path().join("room.json"), "{").unwrap();
    assert!(State::load(folder.path()).unwrap().get().room.is_none());
    assert_eq!(std::fs::read(folder.path().join("room.json.damaged")).unwrap(), b"{", "laid aside");
    // Something that cannot be read as a file stays what it is, and is said.
    std::fs::create_dir(folder.path().join("room.json")).unwrap();
    let error = format!("{:#}", State::load(folder.path()).err().unwrap());
    assert!(error.contains("room.json") && error.contains("left as it is"), "{error}");
    assert!(folder.path().join("room.json").is_dir());
}

fn begun(of: &[(RecordingId, bool)]) -> Vec<Begun> {
    of.iter().map(|(recording, by_own_clock)| Begun { recording: *recording, by_own_clock: *by_own_clock }).collect()
}

#[test]
fn an_exam_that_waits_is_remembered_until_it_is_ended_or_gone() {
    let (first, second) = (exam(1, None, false).recording, exam(2, None, false).recording);
    let exams = vec![exam(1, None, false), exam(2, None, false)];
    let mut kept = Kept { exams, begun: begun(&[(first, false)]), ..Kept::default() };
    assert_eq!(kept.overtaken(None, -30), []);
    assert_eq!(kept.overtaken(None, -29), [second]);
    kept.waiting.insert(second);
    assert_eq!((kept.overtaken(None, 99), kept.slots(None).iter().filter(|slot| slot.stays).count()), (vec![second], 1));
    kept.listed(vec![exam(2, None, false)]);
    assert!(kept.waiting.contains(&second));
    kept.listed(vec![exam(2, Some(3), false)]);
    assert!(kept.waiting.is_empty(), "ended");
    let elsewhere = RoomExam { begun: true, ..exam(3, None, false) };
    assert!(Kept { exams: vec![elsewhere], ..Kept::default() }.slots(None)[0].stays, "begun on another computer");
}

#[test]
fn what_a_wrong_clock_began_and_what_another_room_left_is_put_down() {
    let (first, second) = (exam(1, None, false).recording, exam(2, None, false).recording);
    let exams = vec![exam(1, None, false), exam(2, None, false)];
    let mut kept = Kept { exams, begun: begun(&[(first, true), (second, false)]), ..Kept::default() };
    assert_eq!(kept.began_too_early(None, -30), [first], "the other one was begun by the server's time: its exam was moved, it goes on");
    assert_eq!(kept.began_too_early(None, -29), []);
    let mut right = kept.clone();
    right.right_clock(&[first]);
    assert_eq!(right.going_on(), [second]);
    kept.right_clock(&[]);
    assert_eq!((kept.going_on(), kept.began_too_early(None, -30)), (vec![first, second], vec![]));
    kept.end(exam(7, None, false).recording);
    kept.moved();
    // What was just beginning when the computer was moved.
    kept.begin(first, false);
    assert_eq!((kept.exams.len(), kept.begun.len(), kept.ended.len()), (0, 0, 1));
}

#[test]
fn both_that_go_on_outlive_a_restart_each_with_whose_clock_began_it_until_it_is_ended() {
    let (first, second) = (exam(1, None, false).recording, exam(2, None, false).recording);
    let folder = tempfile::tempdir().unwrap();
    let state = State::load(folder.path()).unwrap();
    state.update(|kept| {
        kept.listed(vec![exam(1, None, false), exam(2, None, false)]);
        kept.waiting.insert(second);
        kept.begin(first, false);
        kept.begin(first, true);
    });
    assert_eq!((state.get().begun, state.get().waiting.len()), (begun(&[(first, false)]), 1));
    state.update(|kept| kept.begin(second, true));
    let again = State::load(folder.path()).unwrap();
    assert_eq!((again.get().begun, again.get().waiting.len()), (begun(&[(first, false), (second, true)]), 0));
    again.update(|kept| kept.listed(Vec::new()));
    assert_eq!(again.get().exams.len(), 2, "they go on whatever becomes of their exams");
    again.update(|kept| kept.end(first));
    assert_eq!((again.get().going_on(), State::load(folder.path()).unwrap().get().going_on()), (vec![second], vec![second]));
    again.update(|kept| kept.listed(vec![exam(2, Some(5), false)]));
    again.update(|kept| kept.listed(Vec::new()));
    assert_eq!((again.get().going_on(), again.get().begun), (vec![], vec![]), "ended on the server, and nobody tells that again");
}

#[test]
fn the_file_of_a_version_that_recorded_one_at_a_time_is_read() {
    let first = exam(1, None, false).recording;
    let read = |text: String| serde_json::from_str::<Kept>(&text).map(|kept| kept.begun);
    let old = |rest: &str| format!("{{\"room\":null,\"exams\":[],\"ended\":[],\"waiting\":[]{rest}}}");
    assert_eq!(read(old(&format!(",\"begun\":\"{first}\",\"by_own_clock\":true"))).unwrap(), begun(&[(first, true)]));
    assert_eq!(read(old(",\"begun\":null,\"by_own_clock\":false")).unwrap(), []);
    assert_eq!(read(old("")).unwrap(), []);
    assert!(read(old(",\"begin\":null")).is_err(), "what is not known is damage");
}

#[test]
fn the_servers_time_is_kept_about_and_the_last_word_counts() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::load(folder.path()).unwrap();
    let step = i64::try_from(TOLD_EVERY_MS).unwrap();
    let told = |ms| {
        state.update(|kept| kept.told(ms));
        State::load(folder.path()).unwrap().get().told_ms
    };
    assert_eq!([5, 5 + step - 1, 5 + step, 9 * step, step].map(told), [5, 5, 5 + step, 9 * step, step].map(Some));
}
