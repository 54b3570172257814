//! Exit statuses of command lines that are not understood.

use std::process::Command;

#[test]
fn a_command_line_that_is_not_understood_has_a_status_of_its_own_and_help_is_none() {
    let status = |arguments: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_invigil-agent")).args(arguments.split(' ')).output().unwrap();
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{arguments}: it says why");
        output.status.code()
    };
    for wrong in ["check --bogus", "collected --recording", "join", "nothing"] {
        assert_eq!(status(wrong), Some(64), "{wrong}: 2 would say something of the cameras, the end or the certificates");
    }
    for asked in ["--help", "check --help", "--version"] {
        assert_eq!(status(asked), Some(0), "{asked}");
    }
}
