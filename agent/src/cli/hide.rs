//! Takes camera passwords off the command line, where every user of the computer can read them.

use crate::capture::{Spec, given};
#[cfg(unix)]
use std::ffi::{OsStr, OsString};

/// If one of the `cameras` was given by `--camera` together with something that may be a password, says so, and puts this process's program in its own
/// place with all cameras in the environment instead, which only the owner can read. Returns when there is nothing to hide or that did not work.
pub(super) fn passwords(given: &[String], cameras: &[Spec]) {
    if !given.iter().any(|text| may_hold_password(text)) {
        return;
    }
    tracing::warn!(
        "a camera's user or query stands on the command line: until now every user of this computer could read it there, and a shell keeps it in its \
         history; name the cameras in a file that only you can read (--camera @FILE) or in {}",
        given::VARIABLE
    );
    start_anew(cameras);
}

/// User, password and query: some cameras take passwords there.
fn may_hold_password(given: &str) -> bool {
    matches!(given.parse::<Spec>(), Ok(Spec::Rtsp(url)) if Spec::Rtsp(url.clone()).to_string() != url)
}

#[cfg(unix)]
fn start_anew(cameras: &[Spec]) {
    use std::os::unix::process::CommandExt;
    let all: Vec<OsString> = std::env::args_os().collect();
    let rest = without_cameras(&all);
    let Some((name, arguments)) = rest.split_first().filter(|_| rest.len() < all.len()) else { return };
    let Ok(program) = std::env::current_exe() else { return };
    // The same process with the same files and number; it comes back only on failure.
    let error = std::process::Command::new(program).arg0(name).args(arguments).env(given::VARIABLE, environment(cameras)).exec();
    tracing::warn!(%error, "taking it off the command line failed: it stays visible there as long as this program runs");
}

#[cfg(not(unix))]
fn start_anew(_cameras: &[Spec]) {
    tracing::warn!("it stays visible there as long as this program runs");
}

/// The arguments without `--camera` and its values.
#[cfg(unix)]
fn without_cameras(arguments: &[OsString]) -> Vec<&OsStr> {
    let mut rest = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--camera") => {
                arguments.next();
            }
            Some(text) if text.starts_with("--camera=") => {}
            _ => rest.push(argument.as_os_str()),
        }
    }
    rest
}

#[cfg(unix)]
fn environment(cameras: &[Spec]) -> OsString {
    let mut text = OsString::new();
    for camera in cameras {
        match camera {
            Spec::Rtsp(url) => text.push(url),
            Spec::File(path) => {
                text.push("file:");
                text.push(path);
            }
            other => text.push(other.to_string()),
        }
        text.push("\n");
    }
    text
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_hold_a_password_is_hidden() {
        for url in ["rtsp://a:b@h/x", "rtsp://a@h/x", "rtsp://h/x?pwd=b"] {
            assert!(may_hold_password(url), "{url}");
        }
        for harmless in ["rtsp://10.0.0.5:554/h264", "rtsp://camera", "webcam:1", "test", "@/etc/cameras", "file:/a@b?c"] {
            assert!(!may_hold_password(harmless), "{harmless}");
        }
    }

    #[test]
    fn cameras_move_from_the_arguments_to_the_environment() {
        let given: Vec<OsString> =
            ["agent", "run", "--camera", "rtsp://a:b@h/x", "--spool", "s", "--camera=file:/a b.mp4", "--camera", "@f"]
                .map(OsString::from)
                .to_vec();
        assert_eq!(without_cameras(&given), ["agent", "run", "--spool", "s"]);
        let cameras = [Spec::Rtsp("rtsp://a:b@h/x".into()), Spec::File("/a b.mp4".into()), Spec::Webcam(1), Spec::Test];
        let text = environment(&cameras).into_string().unwrap();
        assert_eq!(text, "rtsp://a:b@h/x\nfile:/a b.mp4\nwebcam:1\ntest\n");
        assert_eq!(given::cameras(&[], Some(&text)).unwrap(), cameras);
    }
}
