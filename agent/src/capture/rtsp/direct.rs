//! RTSP by the crate `retina`: H.264 passed through, read in batches so that many cameras cost little (`docs/decisions/rtsp-client.md`).

use super::{Arrived, Failure, Source};
use crate::capture::{Encoded, Picture, Stop};
use futures_util::{FutureExt, StreamExt};
use retina::client::{Credentials, Demuxed, PlayOptions, Session, SessionIdPolicy, SessionOptions, SetupOptions, TeardownPolicy};
use retina::codec::{CodecItem, FrameFormat, ParametersRef};
use std::sync::Arc;
use std::time::Duration;

/// The network keeps what comes in between: a thread that wakes for each packet costs several times as much.
const BATCH_US: u64 = 100_000;
/// Longest time for connecting, and longest silence, us.
const CALL_LIMIT_US: u64 = 8_000_000;

/// A connection to a camera.
pub(super) struct Direct {
    runtime: tokio::runtime::Runtime,
    session: Demuxed,
    stream: usize,
    stop: Stop,
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
        let mut direct = Self { runtime, session, stream, stop: stop.clone(), extradata: Arc::from([]), size: (0, 0) };
        direct.take_parameters();
        Ok(Some(direct))
    }

    fn take_parameters(&mut self) {
        if let Some(ParametersRef::Video(parameters)) = self.session.streams().get(self.stream).and_then(|stream| stream.parameters()) {
            self.extradata = parameters.extra_data().into();
            self.size = parameters.pixel_dimensions();
        }
    }

    /// Takes what is there, without waiting.
    fn drain(&mut self, arrived: &mut Vec<Arrived>) -> Result<(), Failure> {
        let arrival_us = invigil_clock::boottime_us();
        let mut first = true;
        loop {
            let session = &mut self.session;
            let next = self.runtime.block_on(async {
                if first {
                    // Only now the runtime looks at the socket.
                    tokio::task::yield_now().await;
                }
                session.next().now_or_never()
            });
            first = false;
            match next {
                None => return Ok(()),
                Some(None) => return Err(Failure::Gone("the camera ended the connection".into())),
                Some(Some(Err(error))) => return Err(failure(&error)),
                Some(Some(Ok(CodecItem::VideoFrame(frame)))) => {
                    if frame.has_new_parameters() {
                        self.take_parameters();
                    }
                    if self.extradata.is_empty() {
                        continue;
                    }
                    let pts_us = frame.timestamp().elapsed().saturating_mul(100) / 9;
                    let unit = Encoded {
                        key: frame.is_random_access_point(),
                        extradata: Arc::clone(&self.extradata),
                        composition_us: 0,
                        width: self.size.0,
                        height: self.size.1,
                        pixel_aspect: (1, 1),
                        data: frame.into_data(),
                    };
                    arrived.push(Arrived { pts_us: Some(pts_us), arrival_us, picture: Picture::Encoded(unit) });
                }
                Some(Some(Ok(_))) => {}
            }
        }
    }
}

impl Source for Direct {
    fn read(&mut self, arrived: &mut Vec<Arrived>) -> Result<(), Failure> {
        let begun_us = invigil_clock::boottime_us();
        let before = arrived.len();
        while arrived.len() == before {
            let now = invigil_clock::boottime_us();
            if now > begun_us + CALL_LIMIT_US {
                return Err(Failure::Gone("it sends nothing".into()));
            }
            if !self.stop.sleep_until((now + 1).next_multiple_of(BATCH_US)) {
                return Err(Failure::Gone("stopped".into()));
            }
            self.drain(arrived)?;
        }
        Ok(())
    }
}

async fn connect(url: reqwest::Url, credentials: Option<Credentials>) -> Result<Option<(Demuxed, usize)>, String> {
    let options = SessionOptions::default()
        .creds(credentials)
        .user_agent("Invigil".into())
        .session_id(SessionIdPolicy::UseFirst)
        .teardown(TeardownPolicy::Never);
    let mut session = match Session::describe(url, options).await {
        Ok(session) => session,
        // Refused is refused, whoever asks; what is not understood may be by another client.
        Err(error) if error.status_code().is_some_and(|status| status >= 400) || is_unreachable(&error) => return Err(first_line(&error)),
        Err(error) => {
            tracing::debug!(error = first_line(&error), "this camera's description is not understood, trying libavformat");
            return Ok(None);
        }
    };
    let is_h264 = |stream: &retina::client::Stream| stream.media() == "video" && stream.encoding_name() == "h264";
    let Some(stream) = session.streams().iter().position(is_h264) else { return Ok(None) };
    let format = SetupOptions::default().frame_format(FrameFormat::MP4);
    session.setup(stream, format).await.map_err(|e| first_line(&e))?;
    let playing = session.play(PlayOptions::default()).await.map_err(|e| first_line(&e))?;
    Ok(Some((playing.demuxed().map_err(|e| first_line(&e))?, stream)))
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
