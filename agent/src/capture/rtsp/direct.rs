//! RTSP by the crate `retina`: H.264 passed through, read in batches so that many cameras cost little (`docs/decisions/rtsp-client.md`).

use super::{Arrived, Failure, Source};
use crate::capture::{Encoded, Picture, Stop};
use futures_util::{FutureExt, StreamExt};
use retina::client::{Credentials, Demuxed, PlayOptions, Session, SessionIdPolicy, SessionOptions, SetupOptions, TeardownPolicy};
use retina::codec::{CodecItem, FrameFormat, ParametersRef};
use std::sync::Arc;
use std::time::Duration;

/// Distance of reads, us: the network keeps what comes in between, and a thread that wakes for each packet costs several times as much.
const BATCH_US: u64 = 200_000;
/// The same for a camera that sends much: a socket holds only so much.
const SHORT_BATCH_US: u64 = 100_000;
/// By how much more each read is put off than the one before, as long as that is less than the distance of reads, us: one batch of pictures would be read just
/// as late as the next otherwise, for hours, where their distance goes into the distance of reads, or the other way round. So of any few dozen reads one comes
/// within some milliseconds after its newest picture.
const PHASE_STEP_US: u64 = 17_000;
/// So much in one read is much, bytes.
const MUCH_BYTES: usize = 192 << 10;
/// Longest time for connecting, and longest silence, us.
const CALL_LIMIT_US: u64 = 8_000_000;

/// A connection to a camera.
pub(super) struct Direct {
    runtime: tokio::runtime::Runtime,
    session: Demuxed,
    stream: usize,
    stop: Stop,
    /// Distance to the next read, us.
    batch_us: u64,
    /// `avcC` record of the newest parameter sets, and the size they name; empty before there are any.
    extradata: Arc<[u8]>,
    size: (u32, u32),
}

impl Direct {
    /// Connects, if the camera offers H.264 in a way that this client understands; else there is nothing. A failure is one that another client
    /// would have too; its reason holds nothing of the URL.
    pub(super) fn open(url: &str, stop: &Stop) -> Result<Option<Self>, String> {
        let Some((url, credentials)) = address(url) else { return Ok(None) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let stopped = Arc::new(tokio::sync::Notify::new());
        stop.on_stop({
            let stopped = Arc::clone(&stopped);
            move || stopped.notify_one()
        });
        let opened = runtime.block_on(async {
            tokio::select! {
                opened = Box::pin(connect(url, credentials)) => opened,
                () = stopped.notified() => Err("stopped".into()),
                () = invigil_clock::sleep(Duration::from_micros(CALL_LIMIT_US)) => Err("it does not answer".into()),
            }
        })?;
        let Some((session, stream)) = opened else { return Ok(None) };
        let (extradata, size) = parameters(&session, stream).unwrap_or_default();
        Ok(Some(Self { runtime, session, stream, stop: stop.clone(), batch_us: SHORT_BATCH_US, extradata, size }))
    }

    /// Takes what is there, without waiting.
    fn drain(&mut self, arrived: &mut Vec<Arrived>, lost: &mut u64) -> Result<(), Failure> {
        let arrival_us = invigil_clock::boottime_us();
        let Self { runtime, session, stream, extradata, size, .. } = self;
        let mut bytes = 0;
        // Without tokio's own limit, at which there would seem to be nothing more.
        let drained = runtime.block_on(tokio::task::unconstrained(async {
            // Only now the runtime looks at the socket.
            tokio::task::yield_now().await;
            loop {
                match session.next().now_or_never() {
                    None => return Ok(()),
                    Some(None) => return Err(Failure::Gone("the camera ended the connection".into())),
                    Some(Some(Err(error))) => return Err(failure(&error)),
                    Some(Some(Ok(CodecItem::VideoFrame(frame)))) => {
                        if frame.has_new_parameters()
                            && let Some(new) = parameters(session, *stream)
                        {
                            (*extradata, *size) = new;
                        }
                        *lost += u64::from(frame.loss());
                        if extradata.is_empty() {
                            continue;
                        }
                        let pts_us = frame.timestamp().elapsed().saturating_mul(100) / 9;
                        let unit = Encoded {
                            key: frame.is_random_access_point(),
                            extradata: Arc::clone(extradata),
                            composition_us: 0,
                            width: size.0,
                            height: size.1,
                            pixel_aspect: (1, 1),
                            data: frame.into_data(),
                        };
                        bytes += unit.data.len();
                        arrived.push(Arrived { pts_us: Some(pts_us), arrival_us, picture: Picture::Encoded(unit) });
                    }
                    Some(Some(Ok(_))) => {}
                }
            }
        }));
        self.batch_us = if bytes > MUCH_BYTES { SHORT_BATCH_US } else { BATCH_US };
        drained
    }
}

/// The `avcC` record of a stream, and the size that it names, pixels.
type Parameters = (Arc<[u8]>, (u32, u32));

fn parameters(session: &Demuxed, stream: usize) -> Option<Parameters> {
    match session.streams().get(stream)?.parameters()? {
        ParametersRef::Video(parameters) => Some((parameters.extra_data().into(), parameters.pixel_dimensions())),
        _ => None,
    }
}

impl Source for Direct {
    fn read(&mut self, arrived: &mut Vec<Arrived>) -> Result<Option<String>, Failure> {
        let begun_us = invigil_clock::boottime_us();
        let before = arrived.len();
        let mut lost = 0;
        while arrived.len() == before {
            let now = invigil_clock::boottime_us();
            if now > begun_us + CALL_LIMIT_US {
                return Err(Failure::Gone("it sends nothing".into()));
            }
            if !self.stop.sleep_until(next_read_us(now, self.batch_us)) {
                return Err(Failure::Gone("stopped".into()));
            }
            self.drain(arrived, &mut lost)?;
        }
        Ok((lost > 0).then(|| format!("{lost} RTP packets were lost on the way, or the camera left them out")))
    }
}

/// When the next read is due after `now`, us: for all cameras at once, so that the computer wakes for them together.
pub(super) fn next_read_us(now: u64, batch_us: u64) -> u64 {
    let due = |number: u64| number * batch_us + number * PHASE_STEP_US % batch_us;
    let number = now / batch_us;
    [number.saturating_sub(1), number, number + 1].map(due).into_iter().find(|due| *due > now).unwrap_or(now + batch_us)
}

async fn connect(url: reqwest::Url, credentials: Option<Credentials>) -> Result<Option<(Demuxed, usize)>, String> {
    let options = SessionOptions::default()
        .creds(credentials)
        .user_agent("Invigil".into())
        .session_id(SessionIdPolicy::UseFirst)
        .teardown(TeardownPolicy::Never);
    let mut session = match Session::describe(url, options).await {
        Ok(session) => session,
        Err(error) => return other(&error),
    };
    let is_h264 = |stream: &retina::client::Stream| stream.media() == "video" && stream.encoding_name() == "h264";
    let Some(stream) = session.streams().iter().position(is_h264) else { return Ok(None) };
    let format = SetupOptions::default().frame_format(FrameFormat::MP4);
    if let Err(error) = session.setup(stream, format).await {
        return other(&error);
    }
    match session.play(PlayOptions::default()).await.and_then(|playing| playing.demuxed()) {
        Ok(demuxed) => Ok(Some((demuxed, stream))),
        Err(error) => other(&error),
    }
}

/// Refused is refused, whoever asks; what is not understood may be by another client: then there is nothing.
fn other<T>(error: &retina::Error) -> Result<Option<T>, String> {
    let refused = error.status_code().is_some_and(|status| status >= 400) || is_unreachable(error);
    if refused || matches!(failure(error), Failure::Gone(_)) {
        return Err(first_line(error));
    }
    tracing::debug!(error = first_line(error), "this camera is not understood, trying libavformat");
    Ok(None)
}

/// The address without credentials, and these; nothing if it is no address that this client takes.
fn address(url: &str) -> Option<(reqwest::Url, Option<Credentials>)> {
    let mut url = reqwest::Url::parse(url).ok().filter(|url| url.scheme() == "rtsp" && url.has_host())?;
    let credentials = Credentials { username: unescaped(url.username())?, password: unescaped(url.password().unwrap_or(""))? };
    let given = !url.username().is_empty() || url.password().is_some();
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some((url, given.then_some(credentials)))
}

/// RFC 3986, 2.1.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        match (first, tail.split_at_checked(2).and_then(|(digits, after)| Some((hex::decode(digits).ok()?, after)))) {
            (b'%', Some((byte, after))) => {
                bytes.extend(byte);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn failure(error: &retina::Error) -> Failure {
    let reason = first_line(error);
    // What the connection itself reports begins so; anything else is about what the camera sent.
    if reason.starts_with("Error reading from RTSP peer") || reason == "Timeout" {
        Failure::Gone(reason)
    } else {
        Failure::Unreadable(reason)
    }
}

fn is_unreachable(error: &retina::Error) -> bool {
    error.to_string().starts_with("Unable to connect")
}

/// The rest names connections and positions.
fn first_line(error: &retina::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_come_at_every_phase_of_the_pictures_and_never_too_early_or_late() {
        for batch_us in [SHORT_BATCH_US, BATCH_US] {
            let mut reads = vec![next_read_us(50_000_000, batch_us)];
            reads.extend(std::iter::successors(reads.first().copied(), |last| Some(next_read_us(*last, batch_us))).skip(1).take(200));
            let distances = || reads.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(distances().all(|distance| distance == batch_us + PHASE_STEP_US || distance == PHASE_STEP_US), "{reads:?}");
            // How late the newest of pictures that are so far apart is read, at best, wherever they stand.
            for picture_us in [40_000, 66_667, 100_000, 200_000, 500_000, 1_000_000] {
                for stands_us in (0..picture_us).step_by(9_000) {
                    let best = reads.iter().map(|read| (read - stands_us) % picture_us).min().unwrap();
                    assert!(best < 3_000 + picture_us / 60, "{best} us of {picture_us} at {stands_us}");
                }
            }
        }
        assert_eq!(next_read_us(0, BATCH_US), BATCH_US + PHASE_STEP_US);
    }

    #[test]
    fn credentials_leave_the_address_and_are_unescaped() {
        let (url, credentials) = address("rtsp://room:Zq7%40room%2F12@10.0.0.5:8554/h264?channel=1").unwrap();
        assert_eq!(url.as_str(), "rtsp://10.0.0.5:8554/h264?channel=1");
        let credentials = credentials.unwrap();
        assert_eq!((&*credentials.username, &*credentials.password), ("room", "Zq7@room/12"));
        assert!(address("rtsp://10.0.0.5/x").unwrap().1.is_none());
        assert!(address("rtsps://10.0.0.5/x").is_none() && address("rtsp://").is_none());
        assert_eq!(unescaped("100%").as_deref(), Some("100%"));
    }
}
