//! `file:PATH`: a video file played at its own pace, over and over, as if it were a camera.

use super::{Camera, CameraError, Frame, Pace, Picture, Stop, Wanted, decode};
use ffmpeg_next as ffmpeg;
use std::path::Path;

/// A video file as a camera.
pub struct File {
    name: String,
    input: ffmpeg::format::context::Input,
    decoder: ffmpeg::decoder::Video,
    stream: usize,
    time_base: ffmpeg::Rational,
    stop: Stop,
    pace: Pace,
    /// Boot time at which the first picture of this round was due, us.
    round_us: u64,
    first_pts: Option<i64>,
    /// Due time of the newest picture within the round, and the distance to the one before, us.
    last_us: u64,
    step_us: u64,
    ended: bool,
    delivered: bool,
}

impl File {
    /// Opens the best video stream of the file.
    pub fn open(path: &Path, wanted: Wanted, stop: &Stop) -> Result<Self, CameraError> {
        let name = format!("file:{}", path.display());
        let failed = |reason: String| CameraError::Open { camera: name.clone(), reason };
        let input = ffmpeg::format::input(path).map_err(|e| failed(e.to_string()))?;
        let stream = input.streams().best(ffmpeg::media::Type::Video).ok_or_else(|| failed("it has no video stream".into()))?;
        let decoder = decode::for_stream(stream.parameters()).map_err(|e| failed(e.to_string()))?;
        Ok(Self {
            stream: stream.index(),
            time_base: stream.time_base(),
            stop: stop.clone(),
            pace: Pace::new(wanted.fps),
            round_us: invigil_clock::boottime_us(),
            first_pts: None,
            last_us: 0,
            step_us: 1_000_000 / u64::from(wanted.fps.max(1)),
            ended: false,
            delivered: false,
            input,
            decoder,
            name,
        })
    }

    fn failed(&self, error: &ffmpeg::Error) -> CameraError {
        CameraError::Read { camera: self.name.clone(), reason: error.to_string() }
    }

    fn decode(&mut self) -> Result<ffmpeg::frame::Video, CameraError> {
        let mut frame = ffmpeg::frame::Video::empty();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => {
                    self.delivered = true;
                    return Ok(frame);
                }
                Err(ffmpeg::Error::Eof) => self.rewind()?,
                Err(_) if self.ended => self.rewind()?,
                Err(_) => {}
            }
            let mut packet = ffmpeg::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => {
                    // A damaged packet costs its own picture, not the file.
                    let _ = self.decoder.send_packet(&packet);
                }
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => {
                    self.decoder.send_eof().map_err(|e| self.failed(&e))?;
                    self.ended = true;
                }
                Err(e) => return Err(self.failed(&e)),
            }
        }
    }

    fn rewind(&mut self) -> Result<(), CameraError> {
        if !std::mem::take(&mut self.delivered) {
            return Err(CameraError::Read { camera: self.name.clone(), reason: "it holds no picture that can be decoded".into() });
        }
        self.input.seek(0, ..).map_err(|e| self.failed(&e))?;
        self.decoder.flush();
        self.round_us += self.last_us + self.step_us;
        (self.first_pts, self.last_us, self.ended) = (None, 0, false);
        Ok(())
    }
}

impl Camera for File {
    fn next(&mut self) -> Result<Frame, CameraError> {
        loop {
            if self.stop.is_stopped() {
                return Err(CameraError::Stopped);
            }
            let frame = self.decode()?;
            let offset_us = match frame.timestamp() {
                Some(pts) => {
                    let ticks = u64::try_from(pts - *self.first_pts.get_or_insert(pts)).unwrap_or(0);
                    let (num, den) = (self.time_base.numerator().max(1) as u128, self.time_base.denominator().max(1) as u128);
                    u64::try_from(u128::from(ticks) * num * 1_000_000 / den).unwrap_or(0)
                }
                None => self.last_us + self.step_us,
            };
            if offset_us > self.last_us {
                self.step_us = (offset_us - self.last_us).min(1_000_000);
            }
            self.last_us = self.last_us.max(offset_us);
            let now = invigil_clock::boottime_us();
            if now > self.round_us + self.last_us + 1_000_000 {
                // The machine slept or was busy: go on from here, the pictures in between were never due.
                self.round_us = now - self.last_us;
            }
            let due = self.round_us + self.last_us;
            if self.pace.wants(due) {
                if !self.stop.sleep_until(due) {
                    return Err(CameraError::Stopped);
                }
                return Ok(Frame { boottime_us: due, picture: Picture::Raw(frame.into()) });
            }
        }
    }
}
