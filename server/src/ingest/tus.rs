//! Headers of tus 1.0: versions, offsets, lengths, metadata, checksums.

use crate::error::{ApiError, ApiResult};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use invigil_format::{RecordingId, RunId, TrackName};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

/// The protocol's version.
pub const VERSION: &str = "1.0.0";
/// What of tus is spoken.
pub const EXTENSIONS: &str = "creation,creation-defer-length,checksum";
/// Checksums that are understood.
pub const ALGORITHMS: &str = "sha1,sha256";

/// Status of a checksum that does not fit (tus, Checksum).
pub const CHECKSUM_MISMATCH: u16 = 460;

/// Which segment an upload is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
}

/// A header of every answer.
pub fn resumable() -> (HeaderName, HeaderValue) {
    (HeaderName::from_static("tus-resumable"), HeaderValue::from_static(VERSION))
}

/// Refuses clients of another version.
///
/// # Errors
/// 412 with `Tus-Version`.
pub fn check_version(headers: &HeaderMap) -> ApiResult<()> {
    if headers.get("tus-resumable").is_some_and(|value| value == VERSION) {
        return Ok(());
    }
    let message = format!("expected the header Tus-Resumable: {VERSION}");
    Err(ApiError::new(StatusCode::PRECONDITION_FAILED, "wrong-tus-version", message)
        .with_header("tus-version", HeaderValue::from_static(VERSION)))
}

/// A header that holds a number.
///
/// # Errors
/// 400 when it holds something else.
pub fn number(headers: &HeaderMap, name: &'static str) -> ApiResult<Option<u64>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| ApiError::bad("bad-header", format!("the header {name} must be a whole number that is not negative")))
}

/// Reads `Upload-Metadata`: keys and base64 values.
///
/// # Errors
/// 400 when one of the four keys is missing or wrong. Other keys do not matter.
pub fn metadata(headers: &HeaderMap) -> ApiResult<Metadata> {
    let wrong = |why: String| ApiError::bad("bad-metadata", format!("the header Upload-Metadata is wrong: {why}"));
    let text = headers.get("upload-metadata").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = |key: &str| -> ApiResult<String> {
        let mut pairs = text.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, encoded) = pairs.find(|(name, _)| *name == key).ok_or_else(|| wrong(format!("the key {key} is missing")))?;
        let bytes = STANDARD.decode(encoded.trim()).map_err(|_| wrong(format!("the value of {key} is not base64")))?;
        String::from_utf8(bytes).map_err(|_| wrong(format!("the value of {key} is not UTF-8")))
    };
    Ok(Metadata {
        recording: value("recording")?.parse().map_err(|error| wrong(format!("recording: {error}")))?,
        run: value("run")?.parse().map_err(|error| wrong(format!("run: {error}")))?,
        track: value("track")?.parse().map_err(|error| wrong(format!("track: {error}")))?,
        sequence: value("sequence")?.parse().map_err(|_| wrong("sequence: expected a number below 2^32".into()))?,
    })
}

/// Compares the body with `Upload-Checksum`, if there is one.
///
/// # Errors
/// 400 when the header or its algorithm is wrong, 460 when the body does not fit.
pub fn check_checksum(headers: &HeaderMap, body: &[u8]) -> ApiResult<()> {
    let Some(value) = headers.get("upload-checksum") else { return Ok(()) };
    let wrong =
        || ApiError::bad("bad-checksum", format!("the header Upload-Checksum must be an algorithm of {ALGORITHMS}, a space, and base64"));
    let (name, encoded) = value.to_str().ok().and_then(|text| text.trim().split_once(' ')).ok_or_else(wrong)?;
    let algorithm = match name {
        "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => &SHA256,
        _ => return Err(wrong()),
    };
    let expected = STANDARD.decode(encoded).map_err(|_| wrong())?;
    if digest(algorithm, body).as_ref() == expected.as_slice() {
        return Ok(());
    }
    let status = StatusCode::from_u16(CHECKSUM_MISMATCH).unwrap_or(StatusCode::BAD_REQUEST);
    Err(ApiError::new(status, "checksum-mismatch", "the body does not fit its checksum: it was damaged on the way; send it again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn metadata_is_read_and_mistakes_are_named() {
        let id = "01234567-89ab-4def-8123-456789abcdef";
        let text = |track: &str, sequence: &str| {
            let pairs = [("recording", id), ("run", id), ("track", track), ("sequence", sequence), ("filename", "x")];
            pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).join(",")
        };
        let read = metadata(&headers("upload-metadata", &text("cam0", "7"))).unwrap();
        assert_eq!((read.track.as_str(), read.sequence), ("cam0", 7));
        for bad in [text("../etc", "7"), text("cam0", "-1"), text("cam0", "4294967296"), "recording !".into(), String::new()] {
            assert_eq!(metadata(&headers("upload-metadata", &bad)).unwrap_err().code, "bad-metadata", "{bad}");
        }
    }

    #[test]
    fn checksums_of_both_algorithms_are_checked() {
        let good = |name: &str, algorithm| format!("{name} {}", STANDARD.encode(digest(algorithm, b"bytes").as_ref()));
        for value in [good("sha1", &SHA1_FOR_LEGACY_USE_ONLY), good("sha256", &SHA256)] {
            check_checksum(&headers("upload-checksum", &value), b"bytes").unwrap();
            assert_eq!(check_checksum(&headers("upload-checksum", &value), b"other").unwrap_err().status.as_u16(), 460);
        }
        for bad in ["md5 AAAA", "sha1", "sha1 !"] {
            assert_eq!(check_checksum(&headers("upload-checksum", bad), b"").unwrap_err().code, "bad-checksum");
        }
    }

    #[test]
    fn numbers_are_plain_digits() {
        assert_eq!(number(&headers("upload-offset", "12"), "upload-offset").unwrap(), Some(12));
        assert_eq!(number(&HeaderMap::new(), "upload-offset").unwrap(), None);
        for bad in ["-1", "+1", "1.0", "99999999999999999999"] {
            assert!(number(&headers("upload-offset", bad), "upload-offset").is_err(), "{bad}");
        }
    }
}
