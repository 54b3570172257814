use std::process::Command;

/// The demo's own check is the first thing a newcomer runs: record, cut, restore, open, decode, flag.
#[test]
fn demo_check_passes() {
    let _turn = crate::half();
    let clip = invigil_tests::clip().unwrap();
    let output = Command::new(invigil_tests::binary("invigil-demo").unwrap())
        .args(["--check", "--camera", &format!("file:{}", clip.display()), "--clip"])
        .arg(&clip)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("checks hold") && !said.contains("FAILED"), "{said}");
}
