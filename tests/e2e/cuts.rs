use invigil_tests::scenario::cuts;
use std::time::Duration;

/// The ten-minute rule with a threshold of 32 s (`./invigil long-cut` tells it in real time): over it by more than the bounds are apart,
/// under it by more, and over it by less. Rule 3 of the mission, KBTU notice.
#[test]
fn cuts_around_the_threshold_are_flagged_spared_and_left_to_a_person() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let camera = format!("file:{}", invigil_tests::clip().unwrap().display());
    let lengths = [42, 24, 34].map(Duration::from_secs);
    let prepare = |server: &invigil_tests::server::Server| server.add_policy("quick", "kbtu", &[("disconnect.threshold", "PT32S".into())]);
    let cuts = cuts::run(home.path(), "quick", prepare, &camera, &lengths).unwrap();
    let mut complaints = Vec::new();
    for (cut, expected) in cuts.iter().zip(["retake", "none", "near-miss"]) {
        complaints.extend(cut.complaints(expected).into_iter().map(|complaint| format!("cut of {} ms: {complaint}", cut.length_ms)));
    }
    assert!(complaints.is_empty(), "{complaints:#?}\n{cuts:#?}");
    // Opened while it still goes on (the threshold is passed before the network is back).
    assert_eq!(cuts[0].finding_while_cut, "retake", "{:#?}", cuts[0]);
}
