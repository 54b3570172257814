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

/// Not a camera. Texts never hold what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Of no kind that there is.
    #[error("expected a camera such as webcam, webcam:1, file:PATH, rtsp://HOST/PATH or test")]
    Unknown,
    /// Where user and password end cannot be told (RFC 3986, 3.2.1).
    #[error(
        "this camera's address holds an @ behind a ? or #, so it cannot be told where its password ends: in user and password write # as %23, ? as %3F, \
         / as %2F and @ as %40; in what follows a ? write @ as %40"
    )]
    Unescaped,
}

impl FromStr for Spec {
    type Err = SpecError;
    fn from_str(text: &str) -> Result<Self, SpecError> {
        if text.starts_with("rtsp://") || text.starts_with("rtsps://") {
            return if is_ambiguous(text) { Err(SpecError::Unescaped) } else { Ok(Self::Rtsp(text.to_owned())) };
        }
        match text.split_once(':') {
            None if text == "webcam" => Ok(Self::Webcam(0)),
            None if text == "test" => Ok(Self::Test),
            Some(("webcam", index)) => index.parse().map(Self::Webcam).map_err(|_| SpecError::Unknown),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(SpecError::Unknown),
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

/// Whether what stands before the first ? or # may be a part of user and password: they do not end there with an @ and a host, and an @ comes later.
fn is_ambiguous(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let Some((before, after)) = rest.split_once(['?', '#']) else { return false };
    let authority = before.rsplit_once('@').map(|(_, host)| host.split('/').next().unwrap_or_default());
    let port = authority.and_then(|authority| authority.rsplit_once(':')).map(|(_, port)| port);
    let ends = authority.is_some() && port.is_none_or(|port| port.ends_with(']') || port.parse::<u16>().is_ok());
    after.contains('@') && !ends
}

/// Scheme, host and path of a URL: neither user and password nor the query, where cameras take passwords too.
fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("rtsp", url));
    if is_ambiguous(url) {
        return format!("{scheme}://...");
    }
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
    fn an_address_in_which_the_password_ends_nobody_knows_where_is_refused_and_never_shown() {
        for url in [
            "rtsp://admin:geheim1#@10.0.0.5/live",
            "rtsp://u:geheim/b?c@h/p",
            "rtsp://admin:12345?geheim@10.0.0.5",
            "rtsp://h/p?user=geheim@b",
            "rtsp://u@geheim:geheim#@h",
        ] {
            let error = url.parse::<Spec>().unwrap_err();
            assert_eq!(error, SpecError::Unescaped, "{url}");
            assert!(error.to_string().contains("%23") && !error.to_string().contains("geheim"));
            assert_eq!(Spec::Rtsp(url.into()).to_string(), "rtsp://...");
        }
        for url in ["rtsp://admin:geheim%23@10.0.0.5/live", "rtsp://a:geheim@10.0.0.5/live?mail=x@y", "rtsp://10.0.0.5/live#t"] {
            assert_eq!(url.parse::<Spec>().unwrap().to_string(), "rtsp://10.0.0.5/live");
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
