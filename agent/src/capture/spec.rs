//! `--camera SPEC`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What an IP camera's own H.264 is taken to need where nobody has said, bytes a second: 4 Mbit/s.
const PASSED_THROUGH_BYTES_PER_SEC: u64 = 500_000;

/// Which camera to record. [`fmt::Display`] shows it without credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum Spec {
    /// The system's webcam with this number.
    Webcam(u32),
    /// A video file at its own pace, looped.
    File(PathBuf),
    /// An IP camera; the URL may hold a password.
    Rtsp(String),
    /// A generated picture.
    Test,
}

impl Spec {
    /// What its footage is taken to need at most, bytes a second; `max_kbits` is the policy's bound for what is encoded here.
    pub fn bytes_per_sec(&self, max_kbits: u32) -> u64 {
        match self {
            Self::Rtsp(_) => PASSED_THROUGH_BYTES_PER_SEC,
            Self::Webcam(_) | Self::File(_) | Self::Test => u64::from(max_kbits) * 125,
        }
    }
}

/// Not a camera.
#[derive(Debug, thiserror::Error)]
#[error("expected a camera such as webcam, webcam:1, file:PATH, rtsp://HOST/PATH or test")]
pub struct SpecError;

impl FromStr for Spec {
    type Err = SpecError;
    fn from_str(text: &str) -> Result<Self, SpecError> {
        if text.starts_with("rtsp://") || text.starts_with("rtsps://") {
            return Ok(Self::Rtsp(text.to_owned()));
        }
        match text.split_once(':') {
            None if text == "webcam" => Ok(Self::Webcam(0)),
            None if text == "test" => Ok(Self::Test),
            Some(("webcam", index)) => index.parse().map(Self::Webcam).map_err(|_| SpecError),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(SpecError),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webcam(index) => write!(f, "webcam:{index}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Rtsp(url) => f.write_str(&without_credentials(url)),
            Self::Test => f.write_str("test"),
        }
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Scheme, host and path of a URL: neither user and password nor the query, where cameras take passwords too.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("rtsp", url));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(a, p)| (a, Some(p)));
    // A password may hold an unescaped @ or even a slash; whatever stands before the last @ is never shown.
    let (authority, path) = match path.and_then(|p| p.rsplit_once('@')) {
        Some((_, after)) => after.split_once('/').map_or((after, None), |(a, p)| (a, Some(p))),
        None => (authority, path),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match path {
        Some(path) => format!("{scheme}://{host}/{path}"),
        None => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_read() {
        assert_eq!("webcam".parse::<Spec>().unwrap(), Spec::Webcam(0));
        assert_eq!("webcam:2".parse::<Spec>().unwrap(), Spec::Webcam(2));
        assert_eq!("file:/a:b.mp4".parse::<Spec>().unwrap(), Spec::File("/a:b.mp4".into()));
        assert_eq!("test".parse::<Spec>().unwrap(), Spec::Test);
        for wrong in ["", "webcam:", "webcam:x", "file:", "http://x", "tests"] {
            assert!(wrong.parse::<Spec>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn credentials_are_never_shown() {
        for url in [
            "rtsp://admin:geheim@10.0.0.5:554/h264?pwd=geheim",
            "rtsp://admin:ge/geheim@10.0.0.5:554/h264",
            "rtsp://admin:a@geheim@10.0.0.5:554/h264",
        ] {
            let spec: Spec = url.parse().unwrap();
            assert_eq!(spec.to_string(), "rtsp://10.0.0.5:554/h264");
            assert!(!format!("{spec:?}").contains("geheim"));
        }
    }
}
