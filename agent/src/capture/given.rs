//! Where cameras are named: `--camera`, a file of them, or the environment. A camera's password belongs into the latter two: a command line is
//! visible to every user of the computer.

use super::{Spec, SpecError};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Cameras, one a line, if the command line names none.
pub const VARIABLE: &str = "INVIGIL_CAMERAS";
/// Longest file of cameras, bytes.
const MAX_BYTES: u64 = 64 << 10;

/// Why no list of cameras came out. Texts never hold what was given: it may be a password with a slip of the pen.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// Not a camera.
    #[error("{place}: {why}")]
    Spec {
        /// Where it stands.
        place: String,
        /// What was expected.
        why: SpecError,
    },
    /// The file cannot be read.
    #[error("reading cameras from {} failed: {cause}", .path.display())]
    File {
        /// File.
        path: PathBuf,
        /// Cause.
        cause: std::io::Error,
    },
    /// Others may read the file.
    #[error(
        "the cameras in {0} were not read: others than its owner may read or change it (mode {mode:03o}); it can hold passwords, so run: chmod 600 {0}",
        .path.display()
    )]
    Open {
        /// File.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

/// Reads a list of cameras: each a camera, or `@PATH` for those in a file. If the list is empty, `environment` counts, the content of [`VARIABLE`].
pub fn cameras(list: &[String], environment: Option<&str>) -> Result<Vec<Spec>, GivenError> {
    if list.is_empty() {
        return environment.map_or_else(|| Ok(Vec::new()), |text| lines(text, VARIABLE));
    }
    let mut cameras = Vec::new();
    for (number, given) in (1..).zip(list) {
        match given.strip_prefix('@') {
            Some(path) => cameras.extend(lines(&read(Path::new(path))?, path)?),
            None => cameras.push(given.parse().map_err(|why| GivenError::Spec { place: format!("--camera number {number}"), why })?),
        }
    }
    Ok(cameras)
}

/// The content of [`VARIABLE`].
pub fn environment() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

/// One camera a line; empty lines and lines that begin with `#` do not count.
fn lines(text: &str, place: &str) -> Result<Vec<Spec>, GivenError> {
    let numbered = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    numbered
        .map(|(number, line)| line.parse().map_err(|why| GivenError::Spec { place: format!("line {number} of {place}"), why }))
        .collect()
}

fn read(path: &Path) -> Result<String, GivenError> {
    let failed = |cause| GivenError::File { path: path.to_owned(), cause };
    let file = std::fs::File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(GivenError::Open { path: path.to_owned(), mode });
        }
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(given: &[&str], environment: Option<&str>) -> Result<Vec<Spec>, GivenError> {
        cameras(&given.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), environment)
    }

    #[test]
    fn the_command_line_comes_before_the_environment_and_files_stand_in_the_lists_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall-3");
        std::fs::write(&path, "# left wall\nrtsp://a:geheim@10.0.0.5/h264\n\n  webcam:1  \n").unwrap();
        private(&path, 0o600);
        let at = format!("@{}", path.display());
        let found = list(&["test", &at, "webcam"], Some("webcam:7")).unwrap();
        let rtsp = Spec::Rtsp("rtsp://a:geheim@10.0.0.5/h264".into());
        assert_eq!(found, [Spec::Test, rtsp, Spec::Webcam(1), Spec::Webcam(0)]);
        assert_eq!(list(&[], Some("webcam:7\n#x\ntest\n")).unwrap(), [Spec::Webcam(7), Spec::Test]);
        assert_eq!(list(&[], None).unwrap(), []);
    }

    #[test]
    fn errors_name_the_place_and_never_what_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall-3");
        std::fs::write(&path, "test\nrstp://a:geheim@10.0.0.5/h264\n").unwrap();
        private(&path, 0o600);
        let at = format!("@{}", path.display());
        for (given, environment, place) in [
            (&["test", "rstp://a:geheim@h"][..], None, "--camera number 2: "),
            (&[], Some("\nrstp://a:geheim@h"), "line 2 of INVIGIL_CAMERAS: "),
            (&[&at], None, "line 2 of /"),
        ] {
            let error = list(given, environment).unwrap_err();
            assert!(error.to_string().starts_with(place), "{error}");
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error}");
        }
        assert!(list(&["@/nowhere"], None).unwrap_err().to_string().contains("/nowhere"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall-3");
        std::fs::write(&path, "test\n").unwrap();
        let at = format!("@{}", path.display());
        for mode in [0o644, 0o640, 0o602] {
            private(&path, mode);
            let error = list(&[&at], None).unwrap_err().to_string();
            assert!(error.contains("chmod 600") && error.contains(&format!("{mode:o}")), "{error}");
        }
        private(&path, 0o400);
        assert_eq!(list(&[&at], None).unwrap(), [Spec::Test]);
    }

    fn private(path: &Path, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        #[cfg(not(unix))]
        let _ = (path, mode);
    }
}
