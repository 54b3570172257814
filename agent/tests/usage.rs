//! Exit statuses: of command lines that are not understood, and where nothing can be logged.

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

/// A log on a full disk (`2>log`), or one whose reader is gone, ends nothing: each command does what it does otherwise, and its status is
/// the same.
#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_written_ends_nothing() {
    use std::process::{Output, Stdio};
    let run = |arguments: &str, stderr: Stdio| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_invigil-agent"));
        command.args(arguments.split(' ')).env("INVIGIL_LOG", "debug").stdin(Stdio::null()).stderr(stderr).output().unwrap()
    };
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let full = || std::fs::File::options().write(true).open("/dev/full").map(Stdio::from).ok();
    // The first two log an error at their end, the third says what there is.
    let commands = [("status --config /nowhere/agent.toml", 1), ("service --config /nowhere/agent.toml", 1), ("cameras --json", 0)];
    for (arguments, status) in commands {
        let usual = run(arguments, Stdio::piped());
        assert_eq!(usual.status.code(), Some(status), "{arguments}: {}", String::from_utf8_lossy(&usual.stderr));
        assert!(status == 0 || !usual.stderr.is_empty(), "{arguments}: it logs something");
        // Not every system has such a device.
        for (log, stderr) in [("a closed pipe", Some(closed())), ("a full disk", full())] {
            let Some(stderr) = stderr else { continue };
            let output = run(arguments, stderr);
            assert_eq!((output.status.code(), &output.stdout), (Some(status), &usual.stdout), "{arguments}, {log}");
        }
    }
}
