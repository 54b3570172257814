//! `test`: a generated picture, drawn with the image crate, so that a machine without a camera can try the whole path.

use super::{Camera, CameraError, Frame, Picture, Stop, Wanted};
use ffmpeg_next as ffmpeg;
use image::{Rgb, RgbImage};

/// Colour bars with a block that moves once around in 8 s and a row of 32 squares that count pictures in binary.
pub struct TestPicture {
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
            image: RgbImage::new(wanted.width, wanted.height),
            stop: stop.clone(),
            interval_us: 1_000_000 / u64::from(wanted.fps.max(1)),
            start_us: invigil_clock::boottime_us(),
            count: 0,
        }
    }

    fn draw(&mut self) {
        const BARS: [[u8; 3]; 8] =
            [[230, 230, 230], [230, 230, 40], [40, 220, 220], [40, 210, 40], [210, 40, 210], [210, 40, 40], [40, 40, 210], [30, 30, 30]];
        let (width, height) = (self.image.width(), self.image.height());
        let angle = (self.count * self.interval_us % 8_000_000) as f64 / 8_000_000.0 * std::f64::consts::TAU;
        let block = (f64::from(width) * (0.5 + 0.35 * angle.cos()), f64::from(height) * (0.45 + 0.3 * angle.sin()));
        let (size, cell) = (f64::from(height) / 12.0, (width / 32).max(1));
        let count = self.count;
        for (x, y, pixel) in self.image.enumerate_pixels_mut() {
            *pixel = if y >= height - cell {
                let bit = 31_u32.saturating_sub(x / cell);
                Rgb(if count >> bit & 1 == 1 { [235; 3] } else { [16; 3] })
            } else if (f64::from(x) - block.0).abs() < size && (f64::from(y) - block.1).abs() < size {
                Rgb([250, 130, 20])
            } else {
                Rgb(BARS[(x * 8 / width) as usize % 8])
            };
        }
    }
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
