//! Webcams by nokhwa, where there is no driver interface of our own.
#![cfg_attr(target_os = "linux", expect(dead_code, reason = "compiled everywhere so that it does not rot; Linux has v4l2.rs"))]

use super::offer::{Offer, ranked};
use super::{Layout, Pipe};
use crate::capture::{Pace, Wanted};
use anyhow::Context as _;
use nokhwa::pixel_format::{LumaFormat, RgbFormat};
use nokhwa::utils::{CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution};
use std::io::Write;

const FORMATS: [(FrameFormat, Layout); 6] = [
    (FrameFormat::YUYV, Layout::Yuyv),
    (FrameFormat::NV12, Layout::Nv12),
    (FrameFormat::MJPEG, Layout::Mjpeg),
    (FrameFormat::RAWRGB, Layout::Rgb),
    (FrameFormat::RAWBGR, Layout::Bgr),
    (FrameFormat::GRAY, Layout::Gray),
];

/// Writes pictures until the camera fails or the reader goes away.
pub fn deliver(index: u32, wanted: Wanted, out: &mut Pipe<impl Write>) -> anyhow::Result<()> {
    let mut camera = open(index, wanted)?;
    camera.open_stream().context("starting the stream failed")?;
    let mut pace = Pace::new(wanted.fps);
    loop {
        let buffer = camera.frame().context("reading a picture failed")?;
        let boottime_us = invigil_clock::boottime_us();
        if !pace.wants(boottime_us) {
            continue;
        }
        let layout = layout_of(buffer.source_frame_format()).context("the camera delivers a format that this program does not know")?;
        let size = buffer.resolution();
        out.picture(layout, (size.width(), size.height()), boottime_us, buffer.buffer())?;
    }
}

fn layout_of(format: FrameFormat) -> Option<Layout> {
    FORMATS.iter().find(|(known, _)| *known == format).map(|(_, layout)| *layout)
}

fn open(index: u32, wanted: Wanted) -> anyhow::Result<nokhwa::Camera> {
    let formats = FORMATS.map(|(format, _)| format);
    let any = RequestedFormat::with_formats(RequestedFormatType::None, &formats);
    let mut camera = nokhwa::Camera::new(CameraIndex::Index(index), any).context("opening the camera failed")?;
    let offered: Vec<(Offer, CameraFormat)> = camera
        .compatible_camera_formats()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|format| {
            let Resolution { width_x: width, height_y: height } = format.resolution();
            let layout = layout_of(format.format())?;
            Some((Offer { layout, width, height, fps_milli: u64::from(format.frame_rate()) * 1000 }, format))
        })
        .collect();
    let best = ranked(offered.iter().map(|(offer, _)| *offer), wanted).first().copied();
    if let Some((offer, format)) = best.and_then(|best| offered.into_iter().find(|(offer, _)| *offer == best)) {
        let exact = RequestedFormatType::Exact(format);
        // A driver may refuse what it lists; what it delivers then is scaled.
        let set = match offer.layout {
            Layout::Gray => camera.set_camera_requset(RequestedFormat::new::<LumaFormat>(exact)),
            _ => camera.set_camera_requset(RequestedFormat::new::<RgbFormat>(exact)),
        };
        if let Err(error) = set {
            tracing::debug!(%error, "the camera did not take its own format");
        }
    }
    Ok(camera)
}
