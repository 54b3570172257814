use super::*;
use crate::service::tests::Hall;
use invigil_format::Digest;
use invigil_wire::agent::ExamInfo;
use invigil_wire::room::EnrolAnswer;

fn trust(hall: &Hall) -> Trust {
    Trust { institution: hall.world.enrolment.institution, certificates: Vec::new() }
}

#[tokio::test]
async fn what_goes_on_is_taken_anew_only_if_what_is_kept_of_it_does_not_count_and_no_run_has_its_token() {
    let hall = Hall::new();
    let (keeper, trust, recording) = (hall.keeper(), trust(&hall), hall.exam.recording);
    let (server, asked) = hall.server(&hall.world.enrolment.answer).await;
    let folder = hall.home.spool.layout.recording(recording);
    let kept = || enrol::load(&folder, hall.home.device.public());
    let asked = || asked.load(Ordering::SeqCst);
    hall.state.update(|kept| kept.begin(recording, false));
    keeper.take(&server, &trust, &hall.exam).await.unwrap();
    assert_eq!(asked(), 0, "it counts, though it was had with another code");
    for (number, damage) in [(1, Some("no enrolment")), (2, None)] {
        match damage {
            Some(text) => std::fs::write(folder.join(enrol::FILE), text).unwrap(),
            None => std::fs::remove_file(folder.join(enrol::FILE)).unwrap(),
        }
        keeper.set_recorded(vec![recording]);
        keeper.take(&server, &trust, &hall.exam).await.unwrap();
        assert_eq!(asked(), number - 1, "recorded");
        keeper.set_recorded(Vec::new());
        keeper.take(&server, &trust, &hall.exam).await.unwrap();
        assert!(asked() == number && kept().unwrap().is_some(), "{damage:?}");
    }
    // Its scheduled end has passed, and it goes on all the same.
    let late = RoomExam { exam: ExamInfo { ends_ms: 1, ..hall.exam.exam.clone() }, ..hall.exam.clone() };
    std::fs::remove_file(folder.join(enrol::FILE)).unwrap();
    keeper.take(&server, &trust, &late).await.unwrap();
    assert!(asked() == 3 && kept().unwrap().is_some());
    // Ended, it is left alone.
    hall.state.update(|kept| kept.end(recording));
    std::fs::remove_file(folder.join(enrol::FILE)).unwrap();
    keeper.take(&server, &trust, &hall.exam).await.unwrap();
    assert_eq!(asked(), 3);
}

#[tokio::test]
async fn another_code_renews_the_pass_that_recordings_hold_unless_it_is_another_rooms() {
    let hall = Hall::new();
    let (keeper, trust) = (hall.keeper(), trust(&hall));
    let held = keeper.pass().unwrap();
    assert_eq!(held.code_digest(), Digest([1; 32]));
    let code = |code: &str| JoinLink::parse(&format!("{code}.{}", hall.world.enrolment.fingerprint)).unwrap();
    let answer = |room: &str| EnrolAnswer { room: room.into(), token: "new".into(), servers: Vec::new() };
    let new = code("ABCD-EFGH");
    let (server, _) = hall.server(&answer("Hall 1")).await;
    let pass = keeper.enrol(&server, &trust, Some(&new)).await.unwrap();
    assert!(Arc::ptr_eq(&pass, &held) && held.code_digest() == new.digest());
    // What is recorded here is of the room before: it has nothing to renew its token with.
    let (server, _) = hall.server(&answer("Hall 2")).await;
    let other = code("JKLM-NPQR");
    let moved = keeper.enrol(&server, &trust, Some(&other)).await.unwrap();
    assert!(!Arc::ptr_eq(&moved, &held) && Arc::ptr_eq(&moved, &keeper.pass().unwrap()));
    assert_eq!((held.code_digest(), moved.code_digest()), (new.digest(), other.digest()));
}

#[test]
fn the_newest_time_that_a_server_told_is_found_with_the_exams_that_were_taken_and_with_the_room() {
    let hall = Hall::new();
    let (names, device) = (&hall.home.spool.layout, &hall.home.device);
    let told = |told_ms| told_before(names, device.public(), &Kept { told_ms, ..Kept::default() });
    let mut later = hall.world.enrolment.clone();
    later.answer.recording = RecordingId::from_random([8; 16]);
    later.answer.server_time_ms = 5_000;
    let folder = names.recording(later.answer.recording);
    assert_eq!([told(None), told(Some(-3))], [Some(0), Some(0)]);
    later.save(&folder, device).unwrap();
    assert_eq!([None, Some(4_999), Some(5_001)].map(told), [5_000, 5_000, 5_001].map(Some));
    // Not what this computer signed.
    std::fs::write(folder.join(enrol::FILE), serde_json::to_string(&later).unwrap()).unwrap();
    assert_eq!([told(None), told(Some(7))], [Some(0), Some(7)]);
}

#[test]
fn before_a_server_has_told_its_time_this_computers_counts_and_is_called_so() {
    let keeper = Hall::new().keeper();
    assert!(keeper.now().1 && !keeper.is_told());
    keeper.hear(1_000);
    let (now_ms, own) = keeper.now();
    assert!(!own && (1_000..60_000).contains(&now_ms), "{now_ms}");
}
