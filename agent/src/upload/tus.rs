//! One segment's upload: tus 1.0 creation, HEAD, PATCH with checksum, receipt.

use super::Limit;
use crate::account::{Account, CallError, header_number};
use crate::spool::{Queue, Remote, RemoveError, Segment, delete_stored};
use invigil_format::Statement;
use invigil_wire::agent::{FILES, FileState};
use reqwest::{Method, StatusCode, header};
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Longest append, bytes.
const PIECE_BYTES: u64 = 512 << 10;
/// The first one, and the longest while a limit is set or the line fails.
const SMALL_PIECE_BYTES: u64 = 64 << 10;
/// The shortest.
const LEAST_PIECE_BYTES: u64 = 16 << 10;
/// An append counts on the server only when it is there as a whole, so it is made as long as the line bears in about this time, us; two round trips,
/// which it takes however short it is, do not count.
const PIECE_US: (u64, u64) = (700_000, 2_000_000);
/// A segment that the disk has held back so often in a row, a second or so apart, is not waited for.
const DISK_TRIES: u32 = 5;
/// Time for an append: 64 KiB in it are 18 kbit/s.
const APPEND_TIMEOUT: Duration = Duration::from_secs(30);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// What a call of [`advance`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to send at the moment, or somebody else is sending it.
    Idle,
    /// Something was sent; ask again.
    Sent,
    /// Everything is there; the receipt is not yet.
    Waiting,
    /// The receipt came and the segment is gone.
    Stored,
    /// The server will never take it.
    Refused,
}

/// Does the next step for a segment.
pub async fn advance(
    account: &Account,
    client: &reqwest::Client,
    queue: &Arc<Queue>,
    segment: &Arc<Segment>,
    limit: &Limit,
    live: bool,
) -> Result<Step, CallError> {
    let Ok(mut remote) = segment.busy.try_lock() else { return Ok(Step::Idle) };
    let state = segment.state();
    if state.settled || state.synced_bytes == 0 {
        return Ok(Step::Idle);
    }
    let location = match &remote.location {
        Some(location) => location.clone(),
        None => {
            let location = create(account, client, segment).await?;
            remote.location.insert(location).clone()
        }
    };
    if remote.completed {
        let answered = receipt(account, client, queue, segment, &location).await;
        let (step, standing) = by_disk(&mut remote, segment, answered)?;
        if let Some(standing) = standing
            && standing.offset < state.synced_bytes
        {
            // The server crashed and fell back to what it had synced.
            (remote.completed, remote.offset) = (false, Some(standing.offset));
            return Ok(Step::Sent);
        }
        return Ok(step);
    }
    let offset = match remote.offset {
        Some(offset) => offset,
        None => {
            let answer = account.send(call(account, client, Method::HEAD, &location)).await;
            if let Err(CallError::Refused { status: 404, .. }) = answer {
                remote.location = None;
            }
            let offset = header_number(&answer?, "upload-offset")
                .ok_or_else(|| CallError::Network("the server's answer has no Upload-Offset".into()))?;
            segment.acknowledged(offset.min(state.synced_bytes));
            *remote.offset.insert(offset)
        }
    };
    if segment.contradicts(offset) {
        // Only what is synced was ever sent, so this file is not the one that the server has: nothing is to be gained by sending.
        remote.offset = None;
        if !state.closed {
            return Ok(Step::Idle);
        }
        let answered = receipt(account, client, queue, segment, &location).await.and_then(|(step, _)| match step {
            // The disk has lost what was sent, and recovery closed what it left: that is never told to the server.
            Step::Waiting => {
                let (path, has) = (segment.path.display(), state.synced_bytes);
                Err(CallError::Disk(format!("{path} has lost bytes that the server has: {has} are here, {offset} are there")))
            }
            step => Ok(step),
        });
        let answered = by_disk(&mut remote, segment, answered);
        if remote.disk_failures >= DISK_TRIES {
            queue.lost(segment);
        }
        return answered;
    }
    if offset == state.synced_bytes && !state.closed {
        return Ok(Step::Idle);
    }
    let mut now_us = invigil_clock::boottime_us();
    // Not by the computer's clock: one that is days behind would keep the ceiling for days after the exam, and one that is ahead would lift it while the exam runs.
    let limited = account.ends_ms.load(Ordering::SeqCst) > crate::enrol::server_now_ms();
    let wait = if limited && !live { limit.wait(now_us) } else { Duration::ZERO };
    if !wait.is_zero() {
        invigil_clock::sleep(wait).await;
        // What came in meanwhile pays for what is sent now.
        now_us = invigil_clock::boottime_us();
    }
    let small = !wait.is_zero() || remote.failures > 0;
    if remote.piece_bytes == 0 {
        remote.piece_bytes = SMALL_PIECE_BYTES;
    }
    let longest = if small { SMALL_PIECE_BYTES.min(remote.piece_bytes) } else { remote.piece_bytes };
    let end = segment.piece(offset, state.synced_bytes.min(offset + longest));
    let bytes = by_disk(&mut remote, segment, read(segment, offset, end).await)?;
    let completes = state.closed && end == state.synced_bytes;
    let mut request = call(account, client, Method::PATCH, &location)
        .timeout(APPEND_TIMEOUT)
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .header("upload-offset", offset)
        .header("upload-checksum", format!("sha256 {}", base64(ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref())));
    if completes {
        request = request.header("upload-length", end);
    }
    limit.take(end - offset, now_us);
    // Until the answer says otherwise nothing is known.
    remote.offset = None;
    let sent_us = invigil_clock::boottime_us();
    match account.send(request.body(bytes)).await {
        Ok(answer) => {
            let round_trips_us = 2 * account.round_trip_us.load(Ordering::SeqCst);
            let took_us = invigil_clock::boottime_us().saturating_sub(sent_us + round_trips_us);
            remote.piece_bytes = next_piece(remote.piece_bytes, end - offset, took_us);
            let at = header_number(&answer, "upload-offset").filter(|at| *at <= end).unwrap_or(end);
            queue.uploaded_bytes.fetch_add(at.saturating_sub(offset), Ordering::Relaxed);
            segment.acknowledged(at);
            (remote.offset, remote.completed, remote.failures) = (Some(at), completes && at == end, 0);
            Ok(Step::Sent)
        }
        Err(CallError::WrongOffset(right)) => {
            segment.acknowledged(right.min(state.synced_bytes));
            remote.offset = Some(right);
            remote.failures += 1;
            // A server that keeps answering so is asked slowly, as after any failure.
            if remote.failures > 3 { Err(CallError::WrongOffset(right)) } else { Ok(Step::Sent) }
        }
        Err(CallError::Refused { status: 422, .. }) => {
            remote.completed = true;
            Ok(Step::Sent)
        }
        Err(error) => {
            if let CallError::Refused { status: 404, .. } = error {
                remote.location = None;
            }
            remote.failures += 1;
            Err(error)
        }
    }
}

/// How long the next append may be, after one of `sent` bytes took `took_us`.
fn next_piece(piece: u64, sent: u64, took_us: u64) -> u64 {
    let piece = match took_us {
        took if took > PIECE_US.1 => piece / 2,
        // A short one says nothing of longer ones.
        took if took < PIECE_US.0 && sent >= piece => piece * 2,
        _ => piece,
    };
    piece.clamp(LEAST_PIECE_BYTES, PIECE_BYTES)
}

async fn create(account: &Account, client: &reqwest::Client, segment: &Segment) -> Result<String, CallError> {
    let pairs = [
        ("recording", segment.recording.to_string()),
        ("run", segment.run.to_string()),
        ("track", segment.track.to_string()),
        ("sequence", segment.sequence.to_string()),
    ];
    let metadata = pairs.map(|(key, value)| format!("{key} {}", base64(value.as_bytes()))).join(",");
    let request = call(account, client, Method::POST, FILES).header("upload-defer-length", "1").header("upload-metadata", metadata);
    let answer = account.send(request).await?;
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // tus allows a whole address; a token must never follow it to another host.
    let addresses = account.server.addresses.all();
    let path = addresses.iter().find_map(|url| location.strip_prefix(url.as_str())).unwrap_or(location);
    if path.starts_with(FILES) { Ok(path.to_owned()) } else { Err(CallError::Network("the server named no place for the file".into())) }
}

/// Asks for the receipt; removes the segment if it came.
async fn receipt(
    account: &Account,
    client: &reqwest::Client,
    queue: &Arc<Queue>,
    segment: &Arc<Segment>,
    location: &str,
) -> Result<(Step, Option<FileState>), CallError> {
    let answer = account.send(account.request(client, Method::GET, &format!("{location}/receipt")).timeout(CALL_TIMEOUT)).await?;
    let unreadable = |error: reqwest::Error| CallError::Network(format!("the receipt is not readable: {}", crate::enrol::causes(&error)));
    if answer.status() == StatusCode::ACCEPTED {
        let standing: FileState = answer.json().await.map_err(unreadable)?;
        if let Some(reason) = &standing.refused {
            tracing::error!(path = %segment.path.display(), reason, "the server refused this segment as damaged; it stays on this computer");
            queue.refused(segment);
            return Ok((Step::Refused, None));
        }
        return Ok((Step::Waiting, Some(standing)));
    }
    let statement: Statement = answer.json().await.map_err(unreadable)?;
    let (segment, queue, trust) = (Arc::clone(segment), Arc::clone(queue), account.trust());
    let removed = tokio::task::spawn_blocking(move || {
        let removed = delete_stored(&segment, &queue, &statement, &trust, crate::enrol::now_ms());
        (removed, segment)
    });
    match removed.await {
        Ok((Ok(()), _)) => Ok((Step::Stored, None)),
        // Of this segment alone: the file is not what was sent any more, or the disk does not let it go.
        Ok((Err(error @ (RemoveError::Disk(_) | RemoveError::Content)), segment)) => {
            Err(CallError::Disk(format!("{} cannot be removed although it is stored: {error}", segment.path.display())))
        }
        Ok((Err(error), segment)) => {
            tracing::error!(path = %segment.path.display(), %error, "a receipt does not count, the segment stays on this computer");
            // It may be signed by a server key that was certified since.
            account.renew.notify_one();
            Err(CallError::Receipt(error.to_string()))
        }
        Err(error) => Err(CallError::Network(error.to_string())),
    }
}

/// Notes how the disk stands to this segment; a trouble is said once.
fn by_disk<T>(remote: &mut Remote, segment: &Segment, done: Result<T, CallError>) -> Result<T, CallError> {
    match &done {
        Err(error @ CallError::Disk(_)) => {
            if remote.disk_failures == 0 {
                tracing::error!(%error, "a segment stays on this computer until its disk works");
            }
            remote.disk_failures = remote.disk_failures.saturating_add(1);
        }
        _ => remote.disk_failures = 0,
    }
    segment.set_held_back(remote.disk_failures >= DISK_TRIES);
    done
}

fn call(account: &Account, client: &reqwest::Client, method: Method, path: &str) -> reqwest::RequestBuilder {
    account.request(client, method, path).header("tus-resumable", "1.0.0").timeout(CALL_TIMEOUT)
}

async fn read(segment: &Arc<Segment>, from: u64, to: u64) -> Result<Vec<u8>, CallError> {
    if from == to {
        // All of it is there: its receipt settles it, whether the file is still here or not.
        return Ok(Vec::new());
    }
    let path = segment.path.clone();
    let bytes = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::with_capacity(usize::try_from(to - from).unwrap_or(0));
        file.take(to - from).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == to - from { Ok(bytes) } else { Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)) }
    });
    let failed = |error: String| CallError::Disk(format!("reading {} failed: {error}", segment.path.display()));
    bytes.await.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))
}

/// RFC 4648 base64 with padding: what tus wants in two headers.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 0x3F) as usize];
            out.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn appends_are_as_long_as_the_line_bears_in_a_second_or_two() {
        // At 256 kbit/s, at 32 kbit/s, and on a good line; the first one has 64 KiB.
        for (bytes_per_sec, expected) in [(32_000, 32_768), (4_000, 16_384), (10_000_000, 524_288)] {
            let mut piece = super::SMALL_PIECE_BYTES;
            for _ in 0..20 {
                piece = super::next_piece(piece, piece, 50_000 + piece * 1_000_000 / bytes_per_sec);
            }
            assert_eq!(piece, expected, "at {bytes_per_sec} B/s");
        }
        assert_eq!(super::next_piece(65_536, 100, 1), 65_536);
    }

    #[test]
    fn base64_as_in_rfc_4648_section_10() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(super::base64(plain.as_bytes()), encoded);
        }
    }
}
