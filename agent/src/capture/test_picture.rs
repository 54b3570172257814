//! `test`: a generated picture, drawn with the image crate, so that a machine without a camera can try the whole path.

use super::{Camera, CameraError, Frame, Picture, Stop, Wanted};
use ffmpeg_next as ffmpeg;
use image::{Rgb, RgbImage};

/// Colour bars with a block that moves once around in 8 s and a row of 32 squares that count pictures in binary.
pub struct TestPicture {
    bars: RgbImage,
    image: RgbImage,
    stop: Stop,
    interval_us: u64,
    start_us: u64,
    count: u64,
}

impl TestPicture {
    /// At the wanted size and rate.
    pub fn new(wanted: Wanted, stop: &Stop) -> Self {
        Self {
            bars: bars(wanted.width, wanted.height),
            image: RgbImage::new(wanted.width, wanted.height),
            stop: stop.clone(),
            interval_us: 1_000_000 / u64::from(wanted.fps.max(1)),
            start_us: invigil_clock::boottime_us(),
            count: 0,
        }
    }

    /// Only what moves is drawn anew: a test's camera is not to take the processor that its test needs.
    fn draw(&mut self) {
        let (width, height) = (self.image.width(), self.image.height());
        let angle = (self.count * self.interval_us % 8_000_000) as f64 / 8_000_000.0 * std::f64::consts::TAU;
        let block = (f64::from(width) * (0.5 + 0.35 * angle.cos()), f64::from(height) * (0.45 + 0.3 * angle.sin()));
        let (size, cell) = (f64::from(height) / 12.0, (width / 32).max(1));
        self.image.copy_from_slice(&self.bars);
        let within =
            |middle: f64, end: u32| ((middle - size).max(0.0) as u32)..(((middle + size).max(0.0) as u32).saturating_add(1)).min(end);
        for y in within(block.1, height) {
            for x in within(block.0, width) {
                self.image.put_pixel(x, y, Rgb([250, 130, 20]));
            }
        }
        let count = self.count;
        let row: Vec<u8> = (0..width).flat_map(|x| [if count >> 31_u32.saturating_sub(x / cell) & 1 == 1 { 235 } else { 16 }; 3]).collect();
        for y in height.saturating_sub(cell)..height {
            let from = y as usize * row.len();
            if let Some(squares) = self.image.get_mut(from..from + row.len()) {
                squares.copy_from_slice(&row);
            }
        }
    }
}

/// What stands still.
fn bars(width: u32, height: u32) -> RgbImage {
    const BARS: [[u8; 3]; 8] =
        [[230, 230, 230], [230, 230, 40], [40, 220, 220], [40, 210, 40], [210, 40, 210], [210, 40, 40], [40, 40, 210], [30, 30, 30]];
    RgbImage::from_fn(width, height, |x, _| Rgb(BARS[(x * 8 / width) as usize % 8]))
}

impl Camera for TestPicture {
    fn next(&mut self) -> Result<Frame, CameraError> {
        let late_us = invigil_clock::boottime_us().saturating_sub(self.start_us + self.count * self.interval_us);
        if late_us > 1_000_000 {
            // The machine slept or was busy: nobody saw the pictures in between.
            self.count += late_us / self.interval_us;
        }
        let due = self.start_us + self.count * self.interval_us;
        if !self.stop.sleep_until(due) {
            return Err(CameraError::Stopped);
        }
        self.draw();
        self.count += 1;
        let mut frame = ffmpeg::frame::Video::new(ffmpeg::format::Pixel::RGB24, self.image.width(), self.image.height());
        let (stride, row) = (frame.stride(0), self.image.width() as usize * 3);
        for (to, from) in frame.data_mut(0).chunks_mut(stride).zip(self.image.as_raw().chunks(row)) {
            to[..row].copy_from_slice(from);
        }
        Ok(Frame { boottime_us: due, picture: Picture::Raw(frame.into()) })
    }
}
