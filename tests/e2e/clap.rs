use invigil_tests::scenario::soak::{self, MOST_APART_MS, Plan};

/// Picture and sound of one source are in step within 100 ms in the recording, with a camera that is passed through, one that is encoded, and a
/// microphone; `./invigil soak` does it for three hours. Nothing of the exam is missing on any track.
#[test]
fn a_flash_and_a_beep_from_one_source_stand_at_the_same_time_in_the_recording() {
    let _turn = crate::turn();
    let home = tempfile::tempdir().unwrap();
    let clip = invigil_tests::clip().unwrap();
    let plan = Plan { secs: 25, clip, sound: true, clap_every_secs: 4, beep_delay_ms: 0, lead_secs: 12 };
    let report = soak::run(home.path(), &plan).unwrap();
    for (track, claps) in &report.in_step {
        let offsets: Vec<f64> = claps.claps.pairs.iter().map(|pair| pair.offset_ms).collect();
        eprintln!("{track}: offsets of picture and sound, ms: {offsets:.1?}; flashes stand {:.1?} ms late", claps.flash_late_ms);
        assert!(claps.claps.odd.is_empty() && claps.made >= 4, "{track}: {claps:#?}");
        assert!(claps.claps.pairs.len() >= 3 && claps.largest_ms <= MOST_APART_MS, "{track}: {claps:#?}");
    }
    assert_eq!(report.in_step.len(), 2);
    // Memory of half a minute says nothing, and claps at which a busy machine let their source stutter are left out; everything else must hold.
    let bears = |complaint: &&String| !complaint.contains(" grew from ") && !complaint.contains("too busy");
    let complaints: Vec<&String> = report.complaints.iter().filter(bears).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
