//! Attachments on their way in: how many at once, how long one may stall, how full the disk may become, and what is removed when one ends early.

use crate::files;
use crate::live::lock;
use crate::{ApiError, ApiResult, AppState};
use axum::body::BodyDataStream;
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::TryStreamExt;
use invigil_wire::agent::DISK_FULL;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Most uploads of one account at once.
const MAX_OF_ACCOUNT: usize = 2;
/// Most uploads at once.
const MAX_IN_ALL: usize = 8;
/// Longest time without a byte.
const IDLE: Duration = Duration::from_secs(30);

/// Uploads under way, by account.
#[derive(Debug, Clone, Default)]
pub struct Uploads(Arc<Mutex<HashMap<i64, usize>>>);

impl Uploads {
    /// Takes a place for one more, until it is dropped.
    ///
    /// # Errors
    /// 429 `too-many-uploads`.
    pub fn begin(&self, account: i64) -> ApiResult<UploadPlace> {
        let mut under_way = lock(&self.0);
        let of_account = under_way.get(&account).copied().unwrap_or(0);
        if of_account >= MAX_OF_ACCOUNT || under_way.values().sum::<usize>() >= MAX_IN_ALL {
            let message = format!(
                "at most {MAX_OF_ACCOUNT} attachments of one person and {MAX_IN_ALL} in all are taken at once; send this one again when another is done"
            );
            return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too-many-uploads", message).with_header("retry-after", 2));
        }
        under_way.insert(account, of_account + 1);
        Ok(UploadPlace { uploads: self.clone(), account })
    }
}

/// One upload's place.
#[derive(Debug)]
pub struct UploadPlace {
    uploads: Uploads,
    account: i64,
}

impl Drop for UploadPlace {
    fn drop(&mut self) {
        let mut under_way = lock(&self.uploads.0);
        match under_way.get_mut(&self.account) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                under_way.remove(&self.account);
            }
        }
    }
}

/// A body that is read a piece at a time.
pub struct Incoming {
    stream: BodyDataStream,
    rest: Bytes,
    idle: Duration,
}

impl Incoming {
    /// Reads this body.
    pub fn new(stream: BodyDataStream) -> Self {
        Self { stream, rest: Bytes::new(), idle: IDLE }
    }

    /// The next bytes, at most `most`; nothing at the end.
    ///
    /// # Errors
    /// 400 `broken-upload`; 408 `upload-stalled` when no byte comes for half a minute.
    pub async fn next(&mut self, most: usize) -> ApiResult<Bytes> {
        let broken = |error: axum::Error| ApiError::bad("broken-upload", format!("the upload broke off: {error}; send it again"));
        while self.rest.is_empty() {
            let more = tokio::select! {
                more = self.stream.try_next() => more.map_err(broken)?,
                () = invigil_clock::sleep(self.idle) => return Err(stalled(self.idle)),
            };
            match more {
                Some(bytes) => self.rest = bytes,
                None => return Ok(Bytes::new()),
            }
        }
        Ok(self.rest.split_to(most.min(self.rest.len())))
    }
}

fn stalled(idle: Duration) -> ApiError {
    let message = format!("nothing came for {} s in the middle of the upload; send it again", idle.as_secs());
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "upload-stalled", message)
}

/// Refuses what would leave less free than `limits.min_free_mib`: what agents send comes first.
///
/// # Errors
/// 507 `disk-full`.
pub fn require_space(state: &AppState, folder: &Path, coming_bytes: u64) -> ApiResult<()> {
    let least = state.config.limits.min_free_bytes;
    if files::free_bytes(folder).is_ok_and(|free| free.saturating_sub(coming_bytes) < least) {
        let message = "the server's disk is nearly full, so no attachment is taken; tell the IT staff and try again later";
        return Err(ApiError::new(StatusCode::INSUFFICIENT_STORAGE, DISK_FULL, message));
    }
    Ok(())
}

/// A file that goes when this is dropped, unless it was said to stay: also when the request ends in the middle because its sender has gone.
#[derive(Debug)]
pub struct Unkept(Option<PathBuf>);

impl Unkept {
    /// This file; it need not be there yet.
    pub const fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// It belongs to something now.
    pub fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Best effort: the next start removes it as well.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use futures_util::StreamExt;
    use futures_util::stream;

    #[test]
    fn one_person_has_two_uploads_at_once_and_all_have_eight() {
        let uploads = Uploads::default();
        let mut places: Vec<UploadPlace> = [1, 1, 2, 2, 3, 3, 4].map(|account| uploads.begin(account).unwrap()).into();
        assert_eq!(uploads.begin(1).unwrap_err().code, "too-many-uploads");
        places.push(uploads.begin(5).unwrap());
        let refused = uploads.begin(6).unwrap_err();
        assert_eq!((refused.status, refused.headers.len()), (StatusCode::TOO_MANY_REQUESTS, 1));
        drop(places.remove(0));
        assert_eq!(uploads.begin(2).unwrap_err().status, StatusCode::TOO_MANY_REQUESTS);
        places.push(uploads.begin(1).unwrap());
        drop(places);
        assert!(lock(&uploads.0).is_empty());
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_given_up() {
        let parts = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"begun"))]).chain(stream::pending());
        let mut body = Incoming { idle: Duration::from_millis(20), ..Incoming::new(Body::from_stream(parts).into_data_stream()) };
        assert_eq!(body.next(3).await.unwrap().as_ref(), b"beg");
        assert_eq!(body.next(3).await.unwrap().as_ref(), b"un");
        let refused = body.next(3).await.unwrap_err();
        assert_eq!((refused.status, refused.code), (StatusCode::REQUEST_TIMEOUT, "upload-stalled"));
    }

    #[test]
    fn a_file_goes_unless_it_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let [kept, gone] = ["kept", "gone"].map(|name| dir.path().join(name));
        for path in [&kept, &gone] {
            std::fs::write(path, b"x").unwrap();
        }
        Unkept::new(kept.clone()).keep();
        drop(Unkept::new(gone.clone()));
        drop(Unkept::new(dir.path().join("never there")));
        assert!(kept.exists() && !gone.exists());
    }
}
