//! What an independent program (ffmpeg's) decodes of joined video whose H.264 parameters change on the way.

use crate::kit::{Case, Parts};
use crate::vectors::videos;
use crate::world::{FIRST, SECOND, World, clip};
use invigil_evidence::bundle::Video;
use invigil_format::mp4::Joiner;
use std::path::Path;
use std::process::Command;

/// Sizes of the pictures, in order, each with how many follow one another.
type Stretches = Vec<(String, usize)>;

/// Decodes every picture; what the decoder complained of.
fn decode(file: &Path, seek_secs: f64) -> (Stretches, String) {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width,height", "-of", "csv=p=0"]);
    let shown = ffprobe.arg("-read_intervals").arg(format!("{seek_secs}%")).arg(file).output();
    let shown = shown.expect("start ffprobe: install the package ffmpeg");
    let mut stretches = Stretches::new();
    for size in String::from_utf8_lossy(&shown.stdout).lines().map(|line| line.trim_end_matches(',')).filter(|line| !line.is_empty()) {
        match stretches.last_mut() {
            Some((last, pictures)) if last == size => *pictures += 1,
            _ => stretches.push((size.to_owned(), 1)),
        }
    }
    (stretches, String::from_utf8_lossy(&shown.stderr).into_owned())
}

/// The same of bytes.
fn decode_bytes(bytes: &[u8], seek_secs: f64) -> (Stretches, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("joined.mp4");
    std::fs::write(&file, bytes).unwrap();
    decode(&file, seek_secs)
}

fn expected(stretches: &[(&str, usize)]) -> (Stretches, String) {
    (stretches.iter().map(|(size, pictures)| ((*size).to_owned(), *pictures)).collect(), String::new())
}

const LARGE: &str = "96,64";
const SMALL: &str = "64,48";

#[test]
fn a_range_over_two_runs_decodes_to_its_last_picture() {
    let videos = videos("in-band", false);
    assert_eq!(decode_bytes(&videos["whole"], 0.0), expected(&[(LARGE, 35), (SMALL, 15)]));
    assert_eq!(decode_bytes(&videos["at-the-change"], 0.0), expected(&[(LARGE, 10), (SMALL, 5)]));
    // In the first bundles' way it did not, which is why there is another.
    assert_ne!(decode_bytes(&crate::vectors::videos("range", true)["whole"], 0.0).1, "");
}

/// Devices that take turns, both ways round, fragment by fragment: parameters change at each joint.
#[test]
fn parameters_may_change_back_and_forth_and_seeking_lands_on_the_right_ones() {
    let clips = [clip(FIRST), clip(SECOND)];
    for (order, sizes) in [([0, 1, 0, 1, 0], [LARGE, SMALL]), ([1, 0, 1, 0, 1], [SMALL, LARGE])] {
        let inits: Vec<&[u8]> = order.iter().map(|which| clips[*which].0.as_slice()).collect();
        let (mut joiner, mut file) = Joiner::new(&inits).unwrap();
        for (place, which) in order.iter().enumerate() {
            // The first clip has a key frame every other second, so it gives two fragments; the second one gives as many.
            for (number, fragment) in clips[*which].1[..2].iter().enumerate() {
                let at_us = (2 * place + number) as u64 * 1_000_000;
                file.extend(joiner.fragment_at(place, at_us, fragment).unwrap());
            }
        }
        let all: Vec<(&str, usize)> = (0..5).map(|place| (sizes[place % 2], 10)).collect();
        assert_eq!(decode_bytes(&file, 0.0), expected(&all));
        // Half a second later than each joint: with B-frames a key frame is shown after its decoding time.
        for (place, at_secs) in [(1, 2.5), (2, 4.5), (3, 6.5)] {
            assert_eq!(decode_bytes(&file, at_secs), expected(&all[place..]), "from {at_secs} s on");
        }
    }
}

/// An act's stretch with a track of sound beside the camera's: it is in the bundle, verified, and its MP4 decodes without a complaint.
#[test]
fn sound_is_in_a_bundle_and_can_be_played() {
    let case = Case::new(World::made(0, true), 1);
    let bundle = case.bundle();
    let report = case.verify(&bundle);
    assert!(report.holds(), "{:?}", report.problems);
    let [cam, mic, _] = report.tracks.as_slice() else { panic!("{:?}", report.tracks) };
    assert_eq!((cam.track.as_str(), mic.track.as_str(), mic.segments), ("cam0", "mic0", 1));
    let Video::Same(name) = &mic.video else { panic!("{:?}", mic.video) };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mic0.mp4");
    std::fs::write(&file, Parts::of(&bundle).get(name)).unwrap();
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "stream=codec_name,sample_rate,channels:frame=pts_time", "-of", "csv=p=0"]);
    let shown = ffprobe.arg(&file).output().expect("start ffprobe: install the package ffmpeg");
    assert_eq!(String::from_utf8_lossy(&shown.stderr), "");
    let text = String::from_utf8_lossy(&shown.stdout);
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches(',')).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.last(), Some(&"opus,48000,1"));
    // From the chunk in which the stretch begins: seconds 5 to 10, packets 20 ms apart.
    let times: Vec<f64> = lines.iter().filter_map(|line| line.parse().ok()).collect();
    assert_eq!(times.len(), 250, "{text}");
    assert!(times[0].abs() < 0.001 && times.windows(2).all(|pair| (pair[1] - pair[0] - 0.02).abs() < 0.002), "{times:?}");
}
