//! Webcams on Linux, by V4L2 with buffers that the driver shares (crate `v4l`).
//!
//! Nothing that another program left in the device is read before it is set: neither its format nor its rate can be in the way.

use super::offer::{Offer, ranked};
use super::{Layout, Pipe};
use crate::capture::{Pace, Wanted};
use anyhow::{anyhow, bail};
use nix::errno::Errno;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::time::Duration;
use v4l::buffer::{Flags, Metadata, Type};
use v4l::format::FieldOrder;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::io::mmap::Stream;
use v4l::io::traits::CaptureStream as _;
use v4l::video::Capture as _;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC, Fraction};

const FORMATS: [(&[u8; 4], Layout); 7] = [
    (b"NV12", Layout::Nv12),
    (b"YUYV", Layout::Yuyv),
    (b"MJPG", Layout::Mjpeg),
    (b"JPEG", Layout::Mjpeg),
    (b"RGB3", Layout::Rgb),
    (b"BGR3", Layout::Bgr),
    (b"GREY", Layout::Gray),
];
/// Pictures that the driver may be ahead.
const BUFFERS: u32 = 4;
/// Longest wait for a picture. The parent gives up earlier; this is for a parent that is stopped or hangs itself.
const READ_LIMIT: Duration = Duration::from_secs(15);

/// A driver's stamp that lies further back is not believed, us.
const OLDEST_US: u64 = 2_000_000;

/// Writes pictures until the camera fails or the reader goes away.
pub fn deliver(index: u32, wanted: Wanted, out: &mut Pipe<impl Write>) -> anyhow::Result<()> {
    let device = Device::new(index as usize).map_err(|error| plainly(&error, "opening the camera"))?;
    let setting = set_up(&device, wanted)?;
    let stream = Stream::with_buffers(&device, Type::VideoCapture, BUFFERS).map_err(|error| plainly(&error, "asking for buffers"))?;
    // Never dropped: the process ends right after this, the kernel takes everything back, and a driver that hangs in stopping delays no message.
    let mut stream = ManuallyDrop::new(stream);
    stream.set_timeout(READ_LIMIT);
    let mut pace = Pace::new(wanted.fps);
    let mut packed = Vec::new();
    let mut doing = "starting the stream";
    let mut last_us = 0;
    loop {
        let (buffer, meta) = stream.next().map_err(|error| plainly(&error, doing))?;
        doing = "reading a picture";
        let boottime_us = taken_us(meta).max(last_us + 1);
        last_us = boottime_us;
        match setting.take(buffer, meta, &mut packed) {
            Err(reason) => out.damaged(boottime_us, &reason)?,
            Ok(bytes) if pace.wants(boottime_us) => out.picture(setting.layout, setting.size, boottime_us, bytes)?,
            Ok(_) => {}
        }
    }
}

/// When a picture was taken, boot time, us: by the driver's word, because what waited in the queue is older than its turn; else now.
fn taken_us(meta: &Metadata) -> u64 {
    let now_us = invigil_clock::boottime_us();
    let (secs, micros) = (u64::try_from(meta.timestamp.sec).unwrap_or(0), u64::try_from(meta.timestamp.usec).unwrap_or(0));
    let taken_us = invigil_clock::boottime_of_monotonic_us(secs * 1_000_000 + micros);
    let monotonic = (meta.flags & Flags::TIMESTAMP_MASK) == Flags::TIMESTAMP_MONOTONIC;
    if monotonic && now_us.saturating_sub(taken_us) <= OLDEST_US { taken_us.min(now_us) } else { now_us }
}

/// What the camera was set to.
#[derive(Debug, Clone, Copy)]
struct Setting {
    layout: Layout,
    size: (u32, u32),
    /// Bytes from one row to the next, of each plane.
    stride: usize,
}

impl Setting {
    /// The picture's bytes without filling between its rows, or what is wrong with it.
    fn take<'a>(&self, buffer: &'a [u8], meta: &Metadata, packed: &'a mut Vec<u8>) -> Result<&'a [u8], String> {
        if meta.flags.contains(Flags::ERROR) {
            return Err("the driver flagged it as bad".into());
        }
        let bytes = buffer.get(..meta.bytesused as usize).unwrap_or(buffer);
        let planes = self.layout.planes(self.size.0, self.size.1);
        let tight: usize = planes.iter().map(|(len, rows)| len * rows).sum();
        let even = planes.iter().all(|(len, rows)| *rows == 0 || *len == self.stride);
        if self.layout == Layout::Mjpeg {
            return if bytes.is_empty() { Err("it is empty".into()) } else { Ok(bytes) };
        }
        if even {
            return bytes.get(..tight).ok_or_else(|| format!("it has {} bytes of {tight}", bytes.len()));
        }
        packed.clear();
        let mut at = 0;
        for (len, rows) in planes {
            for _ in 0..rows {
                let row = bytes.get(at..at + len).ok_or_else(|| format!("it has {} bytes and should have more", bytes.len()))?;
                packed.extend_from_slice(row);
                at += self.stride;
            }
        }
        Ok(packed)
    }
}

fn set_up(device: &Device, wanted: Wanted) -> anyhow::Result<Setting> {
    let mut offers = offers(device, wanted);
    if offers.is_empty() {
        // A driver that lists nothing may still take something.
        let plain = Offer { layout: Layout::Yuyv, width: wanted.width, height: wanted.height, fps_milli: u64::from(wanted.fps) * 1000 };
        offers = [Layout::Nv12, Layout::Yuyv, Layout::Mjpeg]
            .into_iter()
            .map(|layout| (Offer { layout, ..plain }, Fraction::new(1, wanted.fps)))
            .collect();
    }
    let mut refused = Vec::new();
    for offer in ranked(offers.iter().map(|(offer, _)| *offer), wanted) {
        let interval = offers.iter().find(|(known, _)| *known == offer).map_or(Fraction::new(1, wanted.fps), |(_, interval)| *interval);
        match set(device, offer, interval) {
            Ok(setting) => return Ok(setting),
            Err(error) if error.raw_os_error() == Some(Errno::EBUSY as i32) => return Err(plainly(&error, "setting the format")),
            Err(error) => refused.push(format!("{:?}: {error}", offer.layout)),
        }
    }
    bail!("the camera takes none of the formats that this program knows ({})", refused.join(", "))
}

fn set(device: &Device, offer: Offer, interval: Fraction) -> io::Result<Setting> {
    let mut last = io::Error::from(io::ErrorKind::Unsupported);
    for (code, _) in FORMATS.iter().filter(|(_, layout)| *layout == offer.layout) {
        let asked = Format { field_order: FieldOrder::Progressive, ..Format::new(offer.width, offer.height, FourCC::new(code)) };
        match device.set_format(&asked) {
            Ok(got) => match FORMATS.iter().find(|(code, _)| **code == got.fourcc.repr) {
                Some((_, layout)) => {
                    // Some cameras have one rate and refuse to be asked for it.
                    if let Err(error) = device.set_params(&Parameters::new(interval)) {
                        tracing::debug!(%error, "the camera did not take a picture rate");
                    }
                    let stride = (got.stride as usize).max(layout.planes(got.width, got.height)[0].0);
                    return Ok(Setting { layout: *layout, size: (got.width, got.height), stride });
                }
                None => last = io::Error::other(format!("it went over to {} instead", got.fourcc)),
            },
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// All that the camera lists of what we know, each with its interval between pictures.
fn offers(device: &Device, wanted: Wanted) -> Vec<(Offer, Fraction)> {
    let mut offers = Vec::new();
    for description in device.enum_formats().unwrap_or_default() {
        let Some((_, layout)) = FORMATS.iter().find(|(code, _)| **code == description.fourcc.repr) else { continue };
        for (width, height) in sizes(device, description.fourcc, wanted) {
            for interval in intervals(device, description.fourcc, (width, height), wanted) {
                let fps_milli = u64::from(interval.denominator) * 1000 / u64::from(interval.numerator.max(1));
                offers.push((Offer { layout: *layout, width, height, fps_milli }, interval));
            }
        }
    }
    offers
}

fn sizes(device: &Device, code: FourCC, wanted: Wanted) -> Vec<(u32, u32)> {
    let listed = device.enum_framesizes(code).unwrap_or_default();
    if listed.is_empty() {
        return vec![(wanted.width, wanted.height)];
    }
    listed
        .into_iter()
        .map(|listed| match listed.size {
            FrameSizeEnum::Discrete(size) => (size.width, size.height),
            FrameSizeEnum::Stepwise(range) => (
                fit(wanted.width, range.min_width, range.max_width, range.step_width),
                fit(wanted.height, range.min_height, range.max_height, range.step_height),
            ),
        })
        .collect()
}

fn intervals(device: &Device, code: FourCC, (width, height): (u32, u32), wanted: Wanted) -> Vec<Fraction> {
    let ours = Fraction::new(1, wanted.fps.max(1));
    let listed = device.enum_frameintervals(code, width, height).unwrap_or_default();
    if listed.is_empty() {
        return vec![ours];
    }
    let shorter =
        |a: Fraction, b: Fraction| u64::from(a.numerator) * u64::from(b.denominator) < u64::from(b.numerator) * u64::from(a.denominator);
    listed
        .into_iter()
        .map(|listed| match listed.interval {
            FrameIntervalEnum::Discrete(interval) => interval,
            FrameIntervalEnum::Stepwise(range) if shorter(ours, range.min) => range.min,
            FrameIntervalEnum::Stepwise(range) if shorter(range.max, ours) => range.max,
            FrameIntervalEnum::Stepwise(_) => ours,
        })
        .collect()
}

/// The wanted length, or the next above it that a range of lengths has.
fn fit(wanted: u32, min: u32, max: u32, step: u32) -> u32 {
    let step = step.max(1);
    let above = wanted.clamp(min, max.max(min)) - min;
    let fitting = min + above.div_ceil(step) * step;
    if fitting > max { min + (above / step) * step } else { fitting }
}

/// An error of the driver in words that help.
fn plainly(error: &io::Error, doing: &str) -> anyhow::Error {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EBUSY) => anyhow!("another program uses the camera; it has to be closed"),
        Some(Errno::ENOENT | Errno::ENODEV | Errno::ENXIO) => anyhow!("the camera is not there; is it plugged in?"),
        Some(Errno::EACCES | Errno::EPERM) => anyhow!("this user may not use the camera; on most systems members of the group video may"),
        _ if error.kind() == io::ErrorKind::TimedOut => anyhow!("the camera delivered no picture for {} s", READ_LIMIT.as_secs()),
        _ => anyhow!("{doing} failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(bytesused: usize, flags: Flags) -> Metadata {
        Metadata { bytesused: bytesused as u32, flags, ..Metadata::default() }
    }

    #[test]
    fn bad_short_and_empty_pictures_are_named_and_rows_are_packed() {
        let nv12 = Setting { layout: Layout::Nv12, size: (4, 2), stride: 8 };
        let buffer: Vec<u8> = (0..32).collect();
        let mut packed = Vec::new();
        assert_eq!(nv12.take(&buffer, &meta(24, Flags::DONE), &mut packed).unwrap(), [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19]);
        assert!(nv12.take(&buffer, &meta(24, Flags::DONE | Flags::ERROR), &mut packed).unwrap_err().contains("flagged"));
        assert!(nv12.take(&buffer, &meta(19, Flags::DONE), &mut packed).unwrap_err().contains("19 bytes"));
        let gray = Setting { layout: Layout::Gray, size: (8, 4), stride: 8 };
        assert_eq!(gray.take(&buffer, &meta(32, Flags::DONE), &mut packed).unwrap(), buffer);
        assert!(gray.take(&buffer, &meta(31, Flags::DONE), &mut packed).unwrap_err().contains("31 bytes of 32"));
        let jpeg = Setting { layout: Layout::Mjpeg, size: (8, 4), stride: 0 };
        assert_eq!(jpeg.take(&buffer, &meta(5, Flags::DONE), &mut packed).unwrap(), [0, 1, 2, 3, 4]);
        assert!(jpeg.take(&buffer, &meta(0, Flags::DONE), &mut packed).is_err());
    }

    #[test]
    fn the_drivers_stamps_are_believed_when_they_can_be_true() {
        let now = invigil_clock::boottime_us();
        let monotonic = now - invigil_clock::boottime_of_monotonic_us(0);
        let stamped = |age_us: u64, flags| {
            let at = monotonic.saturating_sub(age_us);
            let timestamp = v4l::Timestamp::new((at / 1_000_000) as i64, (at % 1_000_000) as i64);
            taken_us(&Metadata { timestamp, flags, ..Metadata::default() })
        };
        assert!((now - 301_000..now - 100_000).contains(&stamped(300_000, Flags::TIMESTAMP_MONOTONIC)));
        assert!(stamped(300_000, Flags::TIMESTAMP_COPY) >= now);
        assert!(stamped(60_000_000, Flags::TIMESTAMP_MONOTONIC) >= now);
    }

    #[test]
    fn a_range_of_sizes_gives_the_wanted_one_or_the_next_above() {
        assert_eq!(fit(640, 48, 8192, 1), 640);
        assert_eq!(fit(640, 32, 1920, 48), 656);
        assert_eq!(fit(640, 800, 1920, 16), 800);
        assert_eq!(fit(640, 16, 320, 16), 320);
        assert_eq!(fit(640, 16, 650, 100), 616);
        assert_eq!(fit(640, 640, 640, 0), 640);
    }

    #[test]
    fn a_busy_camera_is_said_plainly() {
        let said = |errno: Errno| plainly(&io::Error::from_raw_os_error(errno as i32), "opening the camera").to_string();
        assert!(said(Errno::EBUSY).contains("another program uses the camera"));
        assert!(said(Errno::ENODEV).contains("plugged in"));
        assert!(said(Errno::EIO).starts_with("opening the camera failed"));
    }
}
