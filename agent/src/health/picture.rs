//! What can be measured in a picture: light, detail, and how much of it differs from the picture before.

use ffmpeg::format::Pixel;
use ffmpeg_next as ffmpeg;

/// Side of a cell, pixels: means over cells are nearly free of sensor noise.
const CELL: usize = 16;
/// Wider pictures are thinned out to about this: rows and columns are left out, never mixed, so that equal stays equal.
const WIDTH: usize = 640;
/// A cell that is all darker, or all brighter, holds no sensor noise that could tell anything.
const BLACK: u8 = 18;
const WHITE: u8 = 234;
/// At least this share of all cells must be able to show noise.
const ENOUGH: f32 = 0.1;

/// Luma of one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// Luma (0 to 255) that 5 % of the picture's cells reach: a lit face in a dark room makes a picture light.
    pub light: f32,
    /// Mean bend of luma from cell to cell. Even gradients, as a finger or a cloth before the lens leaves them, have none, and noise hardly any.
    pub detail: f32,
    /// Share of cells (0 to 1) in which anything differs from the picture before; `None` without one, or where all is black or white.
    pub changed: Option<f32>,
}

impl Luma {
    /// Copies the luma out of a picture as a camera delivers it.
    pub fn of(picture: &ffmpeg::frame::Video) -> Option<Self> {
        // Where luma (for RGB: green) stands in the first plane: first byte and distance.
        let (first, step) = match picture.format() {
            Pixel::YUYV422 => (0, 2),
            Pixel::UYVY422 => (1, 2),
            Pixel::RGB24 | Pixel::BGR24 => (1, 3),
            Pixel::RGBA | Pixel::BGRA => (1, 4),
            _ => (0, 1),
        };
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        if width < CELL || height < CELL || picture.planes() == 0 {
            return None;
        }
        let thin = width.div_ceil(WIDTH);
        let (data, stride) = (picture.data(0), picture.stride(0));
        let mut bytes = Vec::with_capacity((width / thin + 1) * (height / thin + 1));
        for row in (0..height).step_by(thin) {
            let row = data.get(row * stride..)?.get(..width * step)?;
            match step * thin {
                1 => bytes.extend_from_slice(row),
                by => bytes.extend(row.get(first..)?.iter().step_by(by)),
            }
        }
        Some(Self { width: width.div_ceil(thin), height: height.div_ceil(thin), bytes })
    }

    /// Measures; `before` counts if it has the same shape.
    pub fn measure(&self, before: Option<&Self>) -> Measure {
        let before = before.filter(|before| (before.width, before.height) == (self.width, self.height));
        let (columns, rows) = (self.width / CELL, self.height / CELL);
        let mut means = Vec::with_capacity(columns * rows);
        let (mut telling, mut changed) = (0_usize, 0_usize);
        for row in 0..rows {
            for column in 0..columns {
                // Column by column, so that the compiler may take a whole line of the cell at once.
                let (mut sums, mut least, mut most, mut differ) = ([0_u16; CELL], [u8::MAX; CELL], [u8::MIN; CELL], [0_u8; CELL]);
                for line in 0..CELL {
                    let at = (row * CELL + line) * self.width + column * CELL;
                    let of = |luma: &Self| luma.bytes.get(at..).and_then(|rest| rest.first_chunk::<CELL>()).copied();
                    let Some(line) = of(self) else { continue };
                    let known = before.and_then(of).unwrap_or(line);
                    for i in 0..CELL {
                        sums[i] += u16::from(line[i]);
                        least[i] = least[i].min(line[i]);
                        most[i] = most[i].max(line[i]);
                        differ[i] |= line[i] ^ known[i];
                    }
                }
                means.push(sums.iter().map(|sum| f32::from(*sum)).sum::<f32>() / (CELL * CELL) as f32);
                let tells = most.iter().any(|byte| *byte > BLACK) && least.iter().any(|byte| *byte < WHITE);
                let differs = differ != [0; CELL];
                telling += usize::from(tells);
                changed += usize::from(tells && differs);
            }
        }
        let enough = telling as f32 >= ENOUGH * means.len() as f32 && telling > 0;
        Measure {
            light: reached_by_a_twentieth(&means),
            detail: detail(&means, columns, rows),
            changed: (before.is_some() && enough).then(|| changed as f32 / telling as f32),
        }
    }
}

fn reached_by_a_twentieth(means: &[f32]) -> f32 {
    let mut sorted = means.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted.get(sorted.len() * 19 / 20).copied().unwrap_or(0.0)
}

fn detail(means: &[f32], columns: usize, rows: usize) -> f32 {
    let at = |row: usize, column: usize| means.get(row * columns + column).copied().unwrap_or(0.0);
    let (mut sum, mut count) = (0.0, 0_usize);
    for row in 1..rows.saturating_sub(1) {
        for column in 1..columns.saturating_sub(1) {
            let twice = 2.0 * at(row, column);
            sum += (twice - at(row, column - 1) - at(row, column + 1)).abs() + (twice - at(row - 1, column) - at(row + 1, column)).abs();
            count += 2;
        }
    }
    if count == 0 { 0.0 } else { sum / count as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(make: impl Fn(usize, usize) -> u8) -> Luma {
        let (width, height) = (640, 480);
        Luma { width, height, bytes: (0..width * height).map(|i| make(i % width, i / width)).collect() }
    }

    /// A few levels of noise, other for each `seed`.
    fn noise(x: usize, y: usize, seed: usize) -> u8 {
        ((x * 7919 + y * 104_729 + seed * 1_299_709).wrapping_mul(2_654_435_761) >> 13) as u8 % 5
    }

    #[test]
    fn noise_is_a_change_and_no_detail_and_its_lack_is_none() {
        let [one, other] = [1, 2].map(|seed| luma(|x, y| 100 + (x / 8) as u8 + noise(x, y, seed)));
        let measure = other.measure(Some(&one));
        assert!(measure.changed.unwrap() > 0.99 && measure.detail < 0.5, "{measure:?}");
        assert_eq!(one.measure(Some(&one)).changed, Some(0.0));
        assert_eq!(one.measure(None).changed, None);
    }

    #[test]
    fn black_and_white_tell_nothing_of_noise_and_a_lit_corner_is_light() {
        let black = luma(|x, y| 14 + noise(x, y, 1));
        let measure = black.measure(Some(&black));
        assert!(measure.light < 20.0 && measure.changed.is_none(), "{measure:?}");
        assert_eq!(luma(|_, _| 255).measure(Some(&luma(|_, _| 255))).changed, None);
        let lit = luma(|x, y| if x < 160 && y < 160 { 120 } else { 16 });
        assert!(lit.measure(None).light > 100.0);
    }

    #[test]
    fn every_layout_gives_the_same_luma_and_wide_pictures_are_thinned() {
        let mut planar = ffmpeg::frame::Video::new(Pixel::YUV420P, 64, 48);
        let stride = planar.stride(0);
        for (i, byte) in planar.data_mut(0).iter_mut().enumerate() {
            *byte = (i % stride + i / stride) as u8;
        }
        let mut packed = ffmpeg::frame::Video::new(Pixel::YUYV422, 64, 48);
        let stride = packed.stride(0);
        for (i, byte) in packed.data_mut(0).iter_mut().enumerate() {
            *byte = if (i % stride).is_multiple_of(2) { (i % stride / 2 + i / stride) as u8 } else { 128 };
        }
        assert_eq!(Luma::of(&planar), Luma::of(&packed));
        let wide = Luma::of(&ffmpeg::frame::Video::new(Pixel::NV12, 1920, 1080)).unwrap();
        assert_eq!((wide.width, wide.height, wide.bytes.len()), (640, 360, 640 * 360));
        assert_eq!(Luma::of(&ffmpeg::frame::Video::empty()), None);
    }
}
