//! Dark, covered, frozen on a real clip of a person, altered to show each state, and no false alarm on an ordinary hour. Pictures come from the
//! installed ffmpeg; what judges them is the agent's own code.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use invigil_agent::health::Change;
use invigil_agent::health::picture::Luma;
use invigil_agent::health::watch::{COVERED_ENDS, DARK_ENDS, FROZEN, Watch};
use invigil_format::Condition;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;
const SECOND_US: u64 = 1_000_000;

fn clip() -> PathBuf {
    PathBuf::from(
        std::env::var_os("INVIGIL_CLIP").expect("INVIGIL_CLIP is not set; run ./invigil test, which fetches the clip and sets it"),
    )
}

fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "ffmpeg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The luma of each picture of a file after a filter, as the agent takes it out of a camera's picture.
fn pictures(input: &[&str], filter: &str) -> Vec<Luma> {
    let filter = format!("{filter},scale={WIDTH}:{HEIGHT},format=yuv420p");
    let arguments: Vec<&str> = input.iter().copied().chain(["-vf", &filter, "-f", "rawvideo", "-"]).collect();
    let bytes = ffmpeg(&arguments);
    let pixels = (WIDTH * HEIGHT) as usize;
    let mut pictures = Vec::new();
    for raw in bytes.chunks_exact(pixels * 3 / 2) {
        let mut picture = Video::new(Pixel::YUV420P, WIDTH, HEIGHT);
        let stride = picture.stride(0);
        for (to, from) in picture.data_mut(0).chunks_mut(stride).zip(raw[..pixels].chunks(WIDTH as usize)) {
            to[..WIDTH as usize].copy_from_slice(from);
        }
        pictures.push(Luma::of(&picture).unwrap());
    }
    assert!(!pictures.is_empty(), "ffmpeg {arguments:?} gave no picture");
    pictures
}

/// One picture a second of the clip, over and over for so many seconds, through a filter.
fn a_second_each(secs: u32, filter: &str) -> Vec<Luma> {
    let (clip, secs) = (clip(), secs.to_string());
    pictures(&["-stream_loop", "-1", "-i", clip.to_str().unwrap(), "-t", &secs], &format!("{filter},fps=1"))
}

/// Looks once a second: what began and ended, with the seconds that are told as its bounds.
fn judge<'a>(pictures: impl IntoIterator<Item = &'a Luma>) -> Vec<(Condition, u64, Option<u64>)> {
    let (mut watch, mut told): (Watch, Vec<(Condition, u64, Option<u64>)>) = Default::default();
    let mut before = None;
    for (second, luma) in (0..).zip(pictures) {
        for (condition, change) in watch.look(second * SECOND_US, luma.measure(before)) {
            match change {
                Change::Began { since_us } => told.push((condition, since_us / SECOND_US, None)),
                Change::Ended { since_us, until_us } => {
                    let began = told.iter_mut().find(|began| **began == (condition, since_us / SECOND_US, None)).unwrap();
                    began.2 = Some(until_us / SECOND_US);
                }
            }
        }
        before = Some(luma);
    }
    told
}

/// Least light, least detail and least change of a film, to be compared with the thresholds.
fn extremes(pictures: &[Luma]) -> (f32, f32, f32) {
    let measures: Vec<_> = pictures.iter().zip(pictures.iter().skip(1)).map(|(before, luma)| luma.measure(Some(before))).collect();
    let least = |of: fn(&invigil_agent::health::picture::Measure) -> f32| measures.iter().map(of).fold(f32::MAX, f32::min);
    (least(|m| m.light), least(|m| m.detail), least(|m| m.changed.unwrap_or(1.0)))
}

#[test]
fn an_ordinary_hour_raises_no_alarm() {
    let clip = clip();
    let whole = pictures(&["-i", clip.to_str().unwrap()], "null");
    let noisy = pictures(&["-i", clip.to_str().unwrap()], "noise=alls=6:allf=t");
    let dim = pictures(&["-i", clip.to_str().unwrap()], "lutyuv=y='16+(val-16)*0.4'");
    for (what, film) in [("as it is", &whole), ("with a sensor's noise", &noisy), ("in dim light", &dim)] {
        let (light, detail, changed) = extremes(film);
        eprintln!("{what}: least light {light:.0}, least detail {detail:.1}, least change {changed:.2}");
        assert!(light > DARK_ENDS && detail > COVERED_ENDS && changed > FROZEN, "{what}");
        // 29 pictures on at each second: another phase of the clip at every turn.
        let hour = (0..3600).map(|second| &film[second * 29 % film.len()]);
        assert_eq!(judge(hour), [], "{what}");
    }
}

/// An empty room: one picture with nothing moving in it but a sensor's noise, as webcams' MJPEG and IP cameras' H.264 leave it.
#[test]
fn a_still_room_is_not_frozen_as_long_as_there_is_noise() {
    let (clip, dir) = (clip(), tempfile::tempdir().unwrap());
    let room = "trim=end_frame=1,loop=loop=-1:size=1,fps=15,scale=640:480,noise=alls=5:allf=t";
    for (name, codec, only_keys) in [
        ("mjpeg.avi", &["-c:v", "mjpeg", "-q:v", "8"][..], false),
        (
            "h264.mp4",
            &["-c:v", "libx264", "-preset", "superfast", "-b:v", "300k", "-maxrate", "300k", "-bufsize", "600k", "-g", "30"][..],
            true,
        ),
    ] {
        let path = dir.path().join(name);
        let path = path.to_str().unwrap();
        ffmpeg(&[&["-i", clip.to_str().unwrap(), "-vf", room, "-t", "60"], codec, &[path]].concat());
        // Of a camera's H.264 the agent sees key frames only.
        let film = if only_keys {
            pictures(&["-skip_frame", "nokey", "-i", path, "-vsync", "0"], "null")
        } else {
            pictures(&["-i", path], "fps=1")
        };
        let (_, _, changed) = extremes(&film);
        eprintln!("{name}: {} pictures, least change {changed:.2}", film.len());
        assert!(film.len() >= 25 && changed > 5.0 * FROZEN, "{name}");
        assert_eq!(judge(&film), [], "{name}");
    }
}

/// 20 s as it is, 30 s altered, 20 s as it is.
fn altered(filter: &str) -> Vec<(Condition, u64, Option<u64>)> {
    judge(&a_second_each(70, &filter.replace('@', "enable='between(t,20,49.9)'")))
}

#[test]
fn dark_is_told_with_its_bounds() {
    for filter in
        ["eq=brightness=-0.9:@", "eq=contrast=0.1:brightness=-0.45:@", "noise=alls=1:allf=t,eq=brightness=-0.9:@,noise=alls=8:allf=t:@"]
    {
        assert_eq!(altered(filter), [(Condition::Dark, 20, Some(50))], "{filter}");
    }
}

#[test]
fn covered_is_told_with_its_bounds_and_half_a_view_is_none() {
    for filter in ["gblur=sigma=60:steps=3:@", "drawbox=color=0x8a5040:t=fill:@", "gblur=sigma=80:steps=3:@,noise=alls=12:allf=t:@"] {
        let (light, detail, _) = extremes(&a_second_each(5, &filter.replace(":@", "")));
        eprintln!("{filter}: light {light:.0}, detail {detail:.2}");
        let told: Vec<_> = altered(filter).into_iter().filter(|(condition, ..)| *condition != Condition::Frozen).collect();
        assert_eq!(told, [(Condition::Covered, 20, Some(50))], "{filter}");
    }
    // A hand before half of the lens: there is still something to be seen.
    assert_eq!(altered("drawbox=w=iw/2:color=0x8a5040:t=fill:@"), []);
}

#[test]
fn frozen_is_told_with_its_bounds_as_it_is_and_as_cameras_send_it() {
    let film = a_second_each(70, "null");
    let (before, rest) = film.split_at(20);
    let frozen = || std::iter::repeat_n(&before[19], 30);
    assert_eq!(judge(before.iter().chain(frozen()).chain(&rest[30..])), [(Condition::Frozen, 19, Some(50))]);
    // Too short: somebody sits still and the camera sends only what changes.
    assert_eq!(judge(before.iter().chain(frozen().take(12)).chain(&rest[30..])), []);

    let (clip, dir) = (clip(), tempfile::tempdir().unwrap());
    let still = "trim=end_frame=1,loop=loop=-1:size=1,fps=15,scale=640:480";
    let clock = format!("{still},drawbox=x=36:y=36:w=8:h=8:color=black:t=fill:enable='mod(floor(t),2)'");
    for (name, filter, codec, only_keys) in [
        ("mjpeg.avi", still, &["-c:v", "mjpeg", "-q:v", "8"][..], false),
        ("keys.mp4", still, &["-c:v", "libx264", "-preset", "superfast", "-g", "30"][..], true),
        ("clock.avi", &clock, &["-c:v", "mjpeg", "-q:v", "8"][..], false),
    ] {
        let path = dir.path().join(name);
        encode(&clip, filter, codec, &path);
        let path = path.to_str().unwrap();
        let film = if only_keys {
            pictures(&["-skip_frame", "nokey", "-i", path, "-vsync", "0"], "null")
        } else {
            pictures(&["-i", path], "fps=1")
        };
        let (light, detail, changed) = extremes(&film);
        eprintln!("{name}: light {light:.0}, detail {detail:.1}, least change {changed:.3}");
        assert!(name != "clock.avi" || changed > 0.0, "the clock goes");
        let told = judge(&film);
        assert!(matches!(told[..], [(Condition::Frozen, since, None)] if since < 10), "{name}: {told:?}");
    }
}

fn encode(clip: &Path, filter: &str, codec: &[&str], path: &Path) {
    ffmpeg(&[&["-i", clip.to_str().unwrap(), "-vf", filter, "-t", "60"], codec, &[path.to_str().unwrap()]].concat());
}
