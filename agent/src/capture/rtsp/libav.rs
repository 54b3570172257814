//! RTSP by libavformat: what is not H.264 is decoded.

use super::{Arrived, Failure, Source};
use crate::capture::{Encoded, Picture, Stop, decode};
use crate::ffi;
use crate::segment::h264;
use ffmpeg_next as ffmpeg;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest time that one call of libavformat may take, us.
const CALL_LIMIT_US: u64 = 8_000_000;

/// A connection to a camera.
pub(super) struct Libav {
    input: ffmpeg::format::context::Input,
    stream: usize,
    time_base: ffmpeg::Rational,
    deadline_us: Arc<AtomicU64>,
    mode: Mode,
    /// A picture that is whole when the next one begins: some cameras put parameter sets between its slices, and libavformat then cuts it there.
    held: Option<Arrived>,
}

enum Mode {
    PassThrough { extradata: Arc<[u8]>, width: u32, height: u32 },
    Decode(ffmpeg::decoder::Video),
}

impl Libav {
    /// Connects and waits for the stream's description. The reason of a failure holds nothing of the URL.
    pub(super) fn open(url: &str, stop: &Stop) -> Result<Self, String> {
        let deadline_us = Arc::new(AtomicU64::new(invigil_clock::boottime_us() + CALL_LIMIT_US));
        let (deadline, stop) = (Arc::clone(&deadline_us), stop.clone());
        let mut options = ffmpeg::Dictionary::new();
        for (key, value) in [
            ("rtsp_transport", "tcp"),
            ("timeout", "5000000"),
            ("allowed_media_types", "video"),
            // What it reads while it looks at the stream must stay, a key frame is among it; and it need not measure the rate.
            ("fpsprobesize", "0"),
            ("analyzeduration", "2000000"),
        ] {
            options.set(key, value);
        }
        let interrupt = move || stop.is_stopped() || invigil_clock::boottime_us() > deadline.load(Ordering::Relaxed);
        let input = ffmpeg::format::input_with_interrupt_and_dictionary(url, interrupt, options).map_err(|e| e.to_string())?;
        // H.264 where the camera offers it beside something else: it need not be transcoded.
        let is_h264 = |stream: &ffmpeg::format::stream::Stream<'_>| stream.parameters().id() == ffmpeg::codec::Id::H264;
        let passed = input.streams().find(is_h264);
        let stream = passed.or_else(|| input.streams().best(ffmpeg::media::Type::Video)).ok_or("it offers no video")?;
        let parameters = stream.parameters();
        let mode = if is_h264(&stream) {
            let (width, height) = ffi::size(&parameters);
            Mode::PassThrough { extradata: ffi::extradata(&parameters).into(), width, height }
        } else {
            Mode::Decode(decode::for_stream(parameters).map_err(|e| e.to_string())?)
        };
        let (stream, time_base) = (stream.index(), stream.time_base());
        Ok(Self { input, stream, time_base, deadline_us, mode, held: None })
    }

    fn micros(&self, ticks: i64) -> i64 {
        let (num, den) = (i128::from(self.time_base.numerator().max(1)), i128::from(self.time_base.denominator().max(1)));
        i64::try_from(i128::from(ticks) * num * 1_000_000 / den).unwrap_or(0)
    }
}

impl Source for Libav {
    /// Reads one packet; pictures that are whole come out.
    fn read(&mut self, arrived: &mut Vec<Arrived>) -> Result<Option<String>, Failure> {
        self.deadline_us.store(invigil_clock::boottime_us() + CALL_LIMIT_US, Ordering::Relaxed);
        let mut packet = ffmpeg::Packet::empty();
        if let Err(error) = packet.read(&mut self.input) {
            arrived.extend(self.held.take());
            return Err(Failure::Gone(error.to_string()));
        }
        if packet.stream() != self.stream {
            return Ok(None);
        }
        let arrival_us = invigil_clock::boottime_us();
        let pts_us = packet.pts().or(packet.dts()).map(|pts| self.micros(pts));
        match &mut self.mode {
            Mode::PassThrough { extradata, width, height } => {
                let Some(data) = packet.data().filter(|_| !packet.is_corrupt()) else {
                    return Ok(Some("a picture came damaged, and is left out".into()));
                };
                if let Some(Arrived { pts_us: held_pts_us, picture: Picture::Encoded(unit), .. }) = &mut self.held
                    && (h264::continues_picture(data, extradata) || h264::is_prefix(&unit.data, extradata))
                {
                    *held_pts_us = held_pts_us.or(pts_us);
                    unit.data.extend(data);
                    unit.key |= packet.is_key();
                    return Ok(None);
                }
                let unit = Encoded {
                    data: data.to_vec(),
                    extradata: Arc::clone(extradata),
                    key: packet.is_key(),
                    composition_us: 0,
                    width: *width,
                    height: *height,
                    pixel_aspect: (1, 1),
                };
                arrived.extend(self.held.replace(Arrived { pts_us, arrival_us, picture: Picture::Encoded(unit) }));
            }
            Mode::Decode(decoder) => {
                // A damaged packet costs its own picture, not the connection.
                let mut damage = decoder.send_packet(&packet).err().map(|error| format!("a picture cannot be decoded ({error})"));
                let mut decoded = Vec::new();
                let mut frame = ffmpeg::frame::Video::empty();
                while decoder.receive_frame(&mut frame).is_ok() {
                    decoded.push(std::mem::replace(&mut frame, ffmpeg::frame::Video::empty()));
                }
                for frame in decoded {
                    // It is recorded all the same: what there is of it may be all that there is.
                    if frame.is_corrupt() || frame.has_decode_errors() {
                        damage = Some("a picture came with parts missing or damaged".into());
                    }
                    let pts_us = frame.timestamp().map(|pts| self.micros(pts)).or(pts_us);
                    arrived.push(Arrived { pts_us, arrival_us, picture: Picture::Raw(frame.into()) });
                }
                return Ok(damage);
            }
        }
        Ok(None)
    }
}
