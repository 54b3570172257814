//! One camera, watched for some seconds: does it deliver, how large and how fast, is anything to be seen, does anything move.

use super::{Finding, Level};
use crate::capture::{self, CameraError, Encoded, Frame, Picture, Spec, Stop, Wanted};
use crate::disk;
use crate::segment::h264::{ParameterSets, access_unit};
use ffmpeg::format::Pixel;
use ffmpeg::software::scaling;
use ffmpeg_next as ffmpeg;
use image::codecs::jpeg::JpegEncoder;
use invigil_wire::agent::CapturePolicy;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// How long a camera is watched from its first picture on, us.
const WATCH_US: u64 = 3_000_000;
/// How long its first picture may take.
const FIRST: Duration = Duration::from_secs(10);
/// How long any later one may.
const NEXT: Duration = Duration::from_secs(3);
/// A mean brightness below this, of 255, is a covered lens or a dark room.
const DARK: f64 = 24.0;
/// Quality of the picture that is written.
const JPEG_QUALITY: u8 = 85;

/// What was seen.
#[derive(Default)]
struct Watched {
    pictures: u64,
    first_us: u64,
    last_us: u64,
    size: (u32, u32),
    /// Mean of the last picture that was looked at, 0 to 255.
    brightness: Option<f64>,
    /// Pictures that are, bit by bit, the one before.
    same: u64,
    last: Vec<u8>,
    shown: Option<Arc<ffmpeg::frame::Video>>,
    /// Pictures that came damaged, and what was the matter with the last one.
    damaged: u64,
    damage: String,
    /// Pictures came that need a key frame before them.
    before_key: bool,
    broken: Option<String>,
}

/// Opens the camera as `run` would and watches it. Blocks for up to 13 s. With `picture`, the last picture is written there as a JPEG.
pub(super) fn check(spec: &Spec, policy: &CapturePolicy, picture: Option<&Path>) -> Finding {
    let wanted = Wanted { width: policy.width, height: policy.height, fps: policy.fps.max(1) };
    let watched = watch(spec, wanted);
    let subject = spec.to_string();
    if watched.pictures == 0 {
        let why = watched.broken.unwrap_or_else(|| format!("no picture within {} s", FIRST.as_secs()));
        let to_do = if watched.before_key {
            "set the camera's key frame (I-frame) interval to 2 s"
        } else {
            "see that the camera is plugged in and switched on and that no other program uses it; `invigil-agent cameras` lists the webcams that are there"
        };
        return Finding::good("camera", subject, format!("no picture: {why}")).but(Level::Bad, to_do).measured(json!({ "pictures": 0 }));
    }
    let span_us = watched.last_us.saturating_sub(watched.first_us).max(1);
    let rate = (watched.pictures - 1) as f64 * 1e6 / span_us as f64;
    let (width, height) = watched.size;
    let mut says = format!("{width}x{height}, {rate:.1} pictures a second");
    if let Some(brightness) = watched.brightness {
        says += &format!(", brightness {:.0} %", brightness / 2.55);
    }
    let figures = json!({
        "pictures": watched.pictures, "width": width, "height": height, "fps": (rate * 10.0).round() / 10.0,
        "brightness_percent": watched.brightness.map(|mean| (mean / 2.55).round()), "identical": watched.same,
    });
    let mut finding = Finding::good("camera", subject, says).measured(figures);
    if let Some(broken) = watched.broken {
        finding =
            finding.but(Level::Attention, format!("it stopped while it was watched ({broken}): see to cable and power, and check again"));
    }
    if watched.damaged > 0 {
        let says = format!("{} of its pictures came damaged ({}): try another cable or port", watched.damaged, watched.damage);
        finding = finding.but(Level::Attention, says);
    }
    // A virtual test picture and a file have the rate that they were made with, like any camera.
    if rate < f64::from(wanted.fps) * 0.6 {
        finding = finding.but(Level::Attention, format!("it delivers fewer than the {} pictures a second that the exam asks for: more light helps, and no other program on the same USB hub", wanted.fps));
    }
    if width < wanted.width || height < wanted.height {
        finding = finding.but(
            Level::Attention,
            format!(
                "its pictures are smaller than the {}x{} that the exam asks for: choose another camera or its main stream",
                wanted.width, wanted.height
            ),
        );
    }
    if watched.brightness.is_some_and(|mean| mean < DARK) {
        finding = finding.but(Level::Attention, "hardly anything is to be seen: open its cover, switch on the light");
    }
    if watched.pictures > 5 && watched.same + 1 >= watched.pictures {
        finding =
            finding.but(Level::Attention, "all its pictures are exactly the same: it is frozen, or shows a still; plug it out and in");
    }
    match (picture, &watched.shown) {
        (Some(path), Some(shown)) => match write(shown, path) {
            Ok(()) => {
                finding.says += &format!("; picture in {}", path.display());
                finding.to_do.push(format!("look at {} and delete it afterwards: it is not encrypted", path.display()));
                finding
            }
            Err(error) => finding.but(
                Level::Attention,
                format!("writing the picture {} failed: {error}; choose another folder with --picture", path.display()),
            ),
        },
        (Some(_), None) => finding.but(Level::Attention, "none of its pictures could be decoded: see that it delivers H.264"),
        (None, _) => finding,
    }
}

fn watch(spec: &Spec, wanted: Wanted) -> Watched {
    let (stop, mut watched, mut decoder) = (Stop::default(), Watched::default(), None);
    let pictures = match start(spec.clone(), wanted, stop.clone()) {
        Ok(pictures) => pictures,
        Err(error) => return Watched { broken: Some(error.to_string()), ..watched },
    };
    let begun_us = invigil_clock::boottime_us();
    loop {
        // Damaged pictures are no sign of life.
        let last_us = if watched.pictures == 0 { begun_us } else { watched.last_us };
        let silent = Duration::from_micros(invigil_clock::boottime_us().saturating_sub(last_us));
        match pictures.recv_timeout((if watched.pictures == 0 { FIRST } else { NEXT }).saturating_sub(silent)) {
            Ok(Ok(frame)) => {
                watched.take(frame, &mut decoder);
                if watched.last_us.saturating_sub(watched.first_us) >= WATCH_US {
                    break;
                }
            }
            Ok(Err(CameraError::Damaged { reason, .. })) => (watched.damaged, watched.damage) = (watched.damaged + 1, reason),
            Ok(Err(CameraError::BeforeKey { .. })) => watched.before_key = true,
            Ok(Err(error)) => {
                watched.broken = Some(error.to_string());
                break;
            }
            Err(_) => {
                let only = format!("only damaged pictures ({})", watched.damage);
                let no_key = "it sends, but no key frame came in time";
                watched.broken = Some(match (watched.damaged > 0, watched.before_key) {
                    (_, true) => no_key.into(),
                    (true, false) => only,
                    (false, false) => "no picture in time".into(),
                });
                break;
            }
        }
    }
    // A thread that hangs in a driver is left behind.
    stop.stop();
    watched
}

fn start(spec: Spec, wanted: Wanted, stop: Stop) -> std::io::Result<Receiver<Result<Frame, CameraError>>> {
    let (sender, receiver) = sync_channel(2);
    std::thread::Builder::new().name("check camera".into()).spawn(move || match capture::open(&spec, wanted, &stop) {
        Ok(mut camera) => loop {
            let picture = camera.next();
            let ended = matches!(&picture, Err(error) if !matches!(error, CameraError::Damaged { .. } | CameraError::BeforeKey { .. }));
            if sender.send(picture).is_err() || ended {
                break;
            }
        },
        Err(error) => drop(sender.send(Err(error))),
    })?;
    Ok(receiver)
}

impl Watched {
    fn take(&mut self, frame: Frame, decoder: &mut Option<ffmpeg::decoder::Video>) {
        if self.pictures == 0 {
            self.first_us = frame.boottime_us;
        }
        self.pictures += 1;
        self.last_us = frame.boottime_us;
        let shown = match frame.picture {
            Picture::Raw(picture) => {
                self.size = (picture.width(), picture.height());
                Some(picture)
            }
            Picture::Encoded(unit) => {
                self.size = (unit.width, unit.height);
                decode(&unit, decoder).map(Arc::new)
            }
        };
        let Some(shown) = shown else { return };
        self.size = (shown.width(), shown.height());
        let gray = scaled(&shown, Pixel::GRAY8, shown.width(), shown.height()).map(|picture| pixels(&picture, 1));
        if let Some(gray) = gray.filter(|gray| !gray.is_empty()) {
            self.same += u64::from(gray == self.last);
            let mean = gray.iter().map(|value| u64::from(*value)).sum::<u64>() as f64 / gray.len() as f64;
            self.brightness = Some(mean);
            self.last = gray;
        }
        self.shown = Some(shown);
    }
}

/// A camera's own H.264 as a picture, from its first key frame on.
fn decode(unit: &Encoded, decoder: &mut Option<ffmpeg::decoder::Video>) -> Option<ffmpeg::frame::Video> {
    const START: [u8; 4] = [0, 0, 0, 1];
    if decoder.is_none() && unit.key {
        let codec = ffmpeg::decoder::find(ffmpeg::codec::Id::H264)?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        context.set_threading(ffmpeg::threading::Config::count(1));
        *decoder = context.decoder().open_as(codec).ok()?.video().ok();
    }
    let split = access_unit(&unit.data, &unit.extradata);
    let mut bytes = Vec::with_capacity(unit.data.len() + 256);
    let sets = ParameterSets::from_extradata(&unit.extradata);
    for set in [&sets, &split.sets].into_iter().filter(|_| unit.key).flat_map(|sets| sets.sps.iter().chain(&sets.pps)) {
        bytes.extend_from_slice(&START);
        bytes.extend_from_slice(set);
    }
    let mut rest = split.data.as_slice();
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let (nal, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        bytes.extend_from_slice(&START);
        bytes.extend_from_slice(nal);
        rest = after;
    }
    let decoder = decoder.as_mut()?;
    decoder.send_packet(&ffmpeg::Packet::copy(&bytes)).ok()?;
    let mut picture = ffmpeg::frame::Video::empty();
    decoder.receive_frame(&mut picture).ok().map(|()| picture)
}

fn scaled(picture: &ffmpeg::frame::Video, format: Pixel, width: u32, height: u32) -> Option<ffmpeg::frame::Video> {
    let mut out = ffmpeg::frame::Video::new(format, width, height);
    let flags = scaling::Flags::BILINEAR;
    let mut context = scaling::Context::get(picture.format(), picture.width(), picture.height(), format, width, height, flags).ok()?;
    context.run(picture, &mut out).ok()?;
    Some(out)
}

/// Rows without padding, `bytes` a pixel.
fn pixels(picture: &ffmpeg::frame::Video, bytes: usize) -> Vec<u8> {
    let row = picture.width() as usize * bytes;
    picture
        .data(0)
        .chunks(picture.stride(0).max(1))
        .take(picture.height() as usize)
        .flat_map(|line| line.iter().take(row))
        .copied()
        .collect()
}

/// A JPEG that only its owner can read.
fn write(picture: &ffmpeg::frame::Video, path: &Path) -> anyhow::Result<()> {
    let (width, height) = (picture.width(), picture.height());
    let rgb = scaled(picture, Pixel::RGB24, width, height).ok_or_else(|| anyhow::anyhow!("converting the picture failed"))?;
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY).encode(&pixels(&rgb, 3), width, height, image::ExtendedColorType::Rgb8)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        disk::create_folder(folder)?;
    }
    Ok(disk::write_atomic(path, &jpeg)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Encoder, Target};

    fn policy(width: u32, fps: u32) -> CapturePolicy {
        CapturePolicy { width, height: width * 3 / 4, fps, max_kbits: 300, upload_max_kbits: 0, sound: false }
    }

    #[test]
    fn the_test_camera_is_fine_and_its_picture_is_private() {
        crate::init();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pictures/cam0.jpg");
        let finding = check(&Spec::Test, &policy(320, 15), Some(&path));
        assert_eq!(finding.level, Level::Good, "{finding:?}");
        assert!(finding.says.starts_with("320x240, 15.") || finding.says.starts_with("320x240, 14."), "{finding:?}");
        let picture = image::open(&path).unwrap();
        assert_eq!((picture.width(), picture.height()), (320, 240));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
    }

    #[test]
    fn a_missing_camera_is_said_and_what_to_do() {
        crate::init();
        let finding = check(&Spec::File("/nowhere/at-all.mp4".into()), &policy(320, 15), None);
        assert_eq!((finding.level, finding.to_do.len()), (Level::Bad, 1), "{finding:?}");
    }

    #[test]
    fn dark_frozen_slow_and_small_pictures_are_seen() {
        crate::init();
        let mut watched = Watched::default();
        for n in 0..10_u64 {
            let mut picture = ffmpeg::frame::Video::new(Pixel::GRAY8, 64, 48);
            picture.data_mut(0).fill(7);
            watched.take(Frame { boottime_us: n * 500_000, picture: Picture::Raw(picture.into()) }, &mut None);
        }
        assert_eq!((watched.pictures, watched.same, watched.size), (10, 9, (64, 48)));
        assert!(watched.brightness.is_some_and(|mean| mean < DARK));
    }

    #[test]
    fn a_cameras_own_h264_is_looked_at_too() {
        crate::init();
        let target = Target { width: 320, height: 240, fps: 15, max_kbits: 300 };
        let (mut encoder, mut units) = (Encoder::new(target), Vec::new());
        let mut camera = capture::open(&Spec::Test, Wanted { width: 320, height: 240, fps: 15 }, &Stop::default()).unwrap();
        for _ in 0..12 {
            encoder.encode(camera.next().unwrap(), &mut |at, unit| units.push((at, unit))).unwrap();
        }
        encoder.finish(&mut |at, unit| units.push((at, unit))).unwrap();
        let (mut watched, mut decoder) = (Watched::default(), None);
        for (boottime_us, unit) in units {
            watched.take(Frame { boottime_us, picture: Picture::Encoded(unit) }, &mut decoder);
        }
        assert!(watched.shown.is_some() && watched.brightness.is_some_and(|mean| mean > DARK), "{:?}", watched.brightness);
    }
}
