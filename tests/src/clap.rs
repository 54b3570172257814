//! The clap test: one source flashes and beeps at the same instants (`tests/clap/source.py`); here both are found again in what was recorded.
//!
//! Times are seconds on the server's clock, as `footage open` gives the beginning of each track; within a track they are the media's own.

use crate::ip_camera::free_port;
use crate::pulse::{Pulse, ROOM};
use crate::{decode, project_root};
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// Two claps belong together when they are not further apart, seconds: half of the smallest distance of claps.
const TOGETHER_SECS: f64 = 1.0;
/// Luma from which a picture is a flash; the source's other pictures have about 64.
const WHITE: u8 = 160;
/// Length of the pieces in which sound is looked at, samples (5 ms at 48 kHz).
const PIECE: usize = 240;
/// Samples a second of what is decoded.
const RATE: f64 = 48_000.0;
/// Share of full scale from which a piece is loud, root mean square; the beep has 0.26.
const LOUD: f64 = 0.03;
/// Silence before a beep, seconds: what comes sooner belongs to the same beep.
const QUIET_SECS: f64 = 0.5;

/// The most that the sound server's words around a beep may be apart, us: more, and the source itself stuttered.
const SURE_US: i64 = 15_000;

/// A running source; it ends when dropped.
#[derive(Debug)]
pub struct Source {
    child: Child,
    port: u16,
    done: Arc<Mutex<Vec<Done>>>,
}

/// A clap as its source made it, CLOCK_MONOTONIC in us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Number, from 1.
    pub clap: u32,
    /// First white picture.
    pub flash_us: i64,
    /// The same of the second camera; `None` while nobody looked at it.
    pub second_us: Option<i64>,
    /// First sample of the beep, as the sound server said; `None` without a loudspeaker.
    pub beep_us: Option<i64>,
    /// How far apart the sound server's words around the beep are, us.
    pub wobble_us: i64,
}

impl Done {
    /// Whether it is known when the beep was to be heard.
    pub fn is_sure(&self) -> bool {
        self.wobble_us <= SURE_US
    }
}

impl Source {
    /// Starts a source that claps every so many seconds; it beeps in the room of `room`, if there is one. `more` are further arguments.
    pub fn start(every_secs: u32, room: Option<&Pulse>, more: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("/usr/bin/python3");
        command.arg(project_root().join("tests/clap/source.py"));
        command.args(["--port", &port.to_string(), "--every", &every_secs.to_string()]).args(more);
        if let Some(room) = room {
            command.args(["--sink", ROOM]).envs(room.environment());
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("start the source of claps, tests/clap/source.py")?;
        let mut lines = BufReader::new(child.stdout.take().context("the source's output")?).lines();
        let ready = lines.next();
        let done = Arc::new(Mutex::new(Vec::new()));
        let source = Self { child, port, done: done.clone() };
        match ready {
            Some(Ok(line)) if line == "ready" => {}
            other => bail!("the source of claps did not get ready ({other:?}); it needs the packages that ./invigil test installs"),
        }
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                match serde_json::from_str(&line) {
                    Ok(clap) => done.lock().unwrap_or_else(PoisonError::into_inner).push(clap),
                    Err(_) => eprintln!("source of claps: {line}"),
                }
            }
        });
        Ok(source)
    }

    /// Address of its camera, which sends H.264.
    pub fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/camera", self.port)
    }

    /// Address of its second camera, which sends Motion JPEG.
    pub fn second_url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/second", self.port)
    }

    /// What it has done so far.
    pub fn done(&self) -> Vec<Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One clap as it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Clap {
    /// Its flash, seconds on the server's clock.
    pub flash_secs: f64,
    /// Its beep.
    pub beep_secs: f64,
    /// Beep minus flash, less what the source itself made of it, ms; positive when the sound is late.
    pub offset_ms: f64,
}

/// All of a recording's claps.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Claps {
    /// Those with both ends, in order.
    pub pairs: Vec<Clap>,
    /// Claps of the source inside the recording of which the flash was not found, or not the beep; and what was found that the source did not make.
    pub odd: Vec<String>,
}

impl Claps {
    /// Largest distance of both ends, ms.
    pub fn largest_ms(&self) -> f64 {
        self.pairs.iter().map(|pair| pair.offset_ms.abs()).fold(0.0, f64::max)
    }

    /// How fast the offset grows, ms an hour: the slope of a straight line through all claps, least squares. `None` for fewer than three.
    pub fn drift_ms_an_hour(&self) -> Option<f64> {
        let points: Vec<(f64, f64)> = self.pairs.iter().map(|pair| (pair.flash_secs / 3600.0, pair.offset_ms)).collect();
        (points.len() >= 3).then(|| slope(&points))
    }
}

/// Puts flashes and beeps of a recording to the claps of their source. `done` are the source's, in seconds on the server's clock; only those inside
/// `from..to` are asked for.
pub fn pair(done: &[(f64, f64)], flashes: &[f64], beeps: &[f64], (from, to): (f64, f64)) -> Claps {
    let mut claps = Claps::default();
    let (mut flashes, mut beeps) = (flashes.to_vec(), beeps.to_vec());
    for &(flash, beep) in done {
        let seen = take_near(&mut flashes, flash);
        let heard = take_near(&mut beeps, beep);
        match (seen, heard) {
            (Some(seen), Some(heard)) => {
                claps.pairs.push(Clap { flash_secs: seen, beep_secs: heard, offset_ms: ((heard - seen) - (beep - flash)) * 1000.0 })
            }
            _ if !(from..to).contains(&flash) => {}
            (seen, heard) => {
                let lost = |found: Option<f64>, what| if found.is_none() { what } else { "" };
                claps.odd.push(format!("clap at {flash:.3} s: {} {}", lost(seen, "no flash"), lost(heard, "no beep")));
            }
        }
    }
    claps.odd.extend(flashes.iter().map(|at| format!("a flash at {at:.3} s that the source did not make")));
    claps.odd.extend(beeps.iter().map(|at| format!("a beep at {at:.3} s that the source did not make")));
    claps
}

/// Flashes of a playable file, seconds from its first picture on.
pub fn flashes(file: &Path) -> Result<Vec<f64>> {
    let shown = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-vf", "scale=16:12:flags=area,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"])
        .stdin(Stdio::null())
        .output()
        .context("run ffmpeg")?;
    ensure!(shown.status.success(), "ffmpeg failed on {}: {}", file.display(), String::from_utf8_lossy(&shown.stderr));
    let luma: Vec<u8> =
        shown.stdout.chunks_exact(16 * 12).map(|picture| (picture.iter().map(|&y| u32::from(y)).sum::<u32>() / 192) as u8).collect();
    let times = decode::decode(file)?.times_secs;
    ensure!(times.len() == luma.len(), "{} pictures with a time and {} decoded in {}", times.len(), luma.len(), file.display());
    let first = times.first().copied().unwrap_or(0.0);
    Ok(flash_onsets(times.iter().map(|time| time - first).zip(luma)))
}

/// Beeps of a playable file, seconds from the time of its first packet on (what a decoder leaves out at the start counts).
pub fn beeps(file: &Path) -> Result<Vec<f64>> {
    let frames = frames(file)?;
    let first = first_packet(file)?;
    let mut child = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("run ffmpeg")?;
    let mut sound = BufReader::with_capacity(1 << 20, child.stdout.take().context("ffmpeg's output")?);
    let mut pieces = Vec::new();
    let mut decoded = 0;
    for (at, samples) in &frames {
        let mut bytes = vec![0; samples * 2];
        sound.read_exact(&mut bytes).with_context(|| format!("ffmpeg decodes fewer samples of {} than ffprobe", file.display()))?;
        let samples: Vec<i16> = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        decoded += samples.len();
        for (index, piece) in samples.chunks(PIECE).enumerate() {
            pieces.push((at - first + (index * PIECE) as f64 / RATE, level(piece)));
        }
    }
    let mut rest = Vec::new();
    sound.read_to_end(&mut rest)?;
    ensure!(child.wait()?.success() && rest.is_empty(), "ffmpeg decodes {} bytes after the {decoded} samples of ffprobe", rest.len());
    Ok(beep_onsets(pieces))
}

/// Root mean square of samples, share of full scale.
fn level(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|&sample| (f64::from(sample) / 32_768.0).powi(2)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

/// Time of the first white picture of each flash.
fn flash_onsets(pictures: impl IntoIterator<Item = (f64, u8)>) -> Vec<f64> {
    let mut onsets = Vec::new();
    let mut white = false;
    for (at, luma) in pictures {
        if luma >= WHITE && !white {
            onsets.push(at);
        }
        white = luma >= WHITE;
    }
    onsets
}

/// Time of the first loud piece after silence.
fn beep_onsets(pieces: impl IntoIterator<Item = (f64, f64)>) -> Vec<f64> {
    let mut onsets = Vec::new();
    let mut last_loud = f64::NEG_INFINITY;
    for (at, level) in pieces {
        if level >= LOUD {
            if at - last_loud > QUIET_SECS {
                onsets.push(at);
            }
            last_loud = at;
        }
    }
    onsets
}

/// Time and samples of each decoded frame of sound.
fn frames(file: &Path) -> Result<Vec<(f64, usize)>> {
    let text = ffprobe(file, &["-show_entries", "frame=pts_time,nb_samples"])?;
    let mut frames = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut fields = line.split(',');
        let at = fields.next().and_then(|field| field.parse().ok());
        let samples = fields.next().and_then(|field| field.parse().ok());
        frames.push(at.zip(samples).with_context(|| format!("ffprobe said of a frame of sound: {line}"))?);
    }
    ensure!(!frames.is_empty(), "there is no sound in {}", file.display());
    Ok(frames)
}

/// Time of the first packet, seconds.
fn first_packet(file: &Path) -> Result<f64> {
    let text = ffprobe(file, &["-show_entries", "packet=pts_time", "-read_intervals", "%+#1"])?;
    text.lines().next().and_then(|line| line.trim_end_matches(',').split(',').next()?.parse().ok()).context("the first packet of sound")
}

fn ffprobe(file: &Path, what: &[&str]) -> Result<String> {
    let shown = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "a:0", "-of", "csv=p=0"])
        .args(what)
        .arg(file)
        .output()
        .context("run ffprobe")?;
    ensure!(shown.status.success(), "ffprobe failed on {}: {}", file.display(), String::from_utf8_lossy(&shown.stderr));
    Ok(String::from_utf8_lossy(&shown.stdout).into_owned())
}

/// Takes the nearest time out of `times`, if it is near enough.
fn take_near(times: &mut Vec<f64>, to: f64) -> Option<f64> {
    let distance = |at: f64| (at - to).abs();
    let nearest = (0..times.len()).min_by(|&a, &b| distance(times[a]).total_cmp(&distance(times[b])))?;
    (distance(times[nearest]) <= TOGETHER_SECS).then(|| times.remove(nearest))
}

/// Slope of the least-squares line through points.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (mut up, mut along) = (0.0, 0.0);
    for point in points {
        up += (point.0 - x) * (point.1 - y);
        along += (point.0 - x).powi(2);
    }
    if along == 0.0 { 0.0 } else { up / along }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up recording: dark pictures with a flash of two pictures every 10 s, silence with beeps that are `late_ms` late and drift.
    fn recorded(claps: u32, late_ms: f64, drift_ms: f64) -> (Vec<(f64, f64)>, Vec<f64>, Vec<f64>) {
        let done: Vec<(f64, f64)> = (1..=claps).map(|clap| (f64::from(clap) * 10.0, f64::from(clap) * 10.0 + 0.004)).collect();
        let pictures = (0..claps * 150 + 30).map(|number| {
            let at = f64::from(number) / 15.0;
            (at, if number >= 150 && number % 150 < 2 { 235 } else { 64 })
        });
        let pieces = (0..claps * 2000 + 400).map(|piece| {
            let at = f64::from(piece) * 0.005;
            let loud = done.iter().enumerate().any(|(index, (_, beep))| {
                let since = at - (beep + (late_ms + drift_ms * index as f64) / 1000.0);
                (0.0..0.1).contains(&since)
            });
            (at, if loud { 0.26 } else { 0.002 })
        });
        let beeps = beep_onsets(pieces);
        (done, flash_onsets(pictures), beeps)
    }

    #[test]
    fn claps_are_found_with_their_offset_and_without_the_source_s_own() {
        let (done, flashes, beeps) = recorded(6, 40.0, 0.0);
        assert_eq!((flashes.len(), beeps.len()), (6, 6));
        let claps = pair(&done, &flashes, &beeps, (0.0, 70.0));
        assert!(claps.odd.is_empty(), "{claps:?}");
        assert!(claps.pairs.iter().all(|pair| (38.0..=46.0).contains(&pair.offset_ms)), "{claps:?}");
        assert!((38.0..=46.0).contains(&claps.largest_ms()));
        assert!(claps.drift_ms_an_hour().unwrap().abs() < 200.0);
    }

    #[test]
    fn a_drift_shows_as_a_slope() {
        // 10 ms more at each clap, every 10 s: 3600 ms an hour.
        let (done, flashes, beeps) = recorded(12, 0.0, 10.0);
        let drift = pair(&done, &flashes, &beeps, (0.0, 130.0)).drift_ms_an_hour().unwrap();
        assert!((3_400.0..3_800.0).contains(&drift), "{drift}");
    }

    #[test]
    fn what_is_lost_or_made_up_is_named() {
        let (done, mut flashes, mut beeps) = recorded(5, 0.0, 0.0);
        flashes.remove(1);
        beeps.remove(3);
        beeps.push(27.0);
        let claps = pair(&done, &flashes, &beeps, (0.0, 60.0));
        assert_eq!(claps.pairs.len(), 3);
        // Two claps are not whole; what was found of them is theirs, and the made-up beep is nobody's.
        assert_eq!(claps.odd.iter().filter(|odd| odd.starts_with("clap at")).count(), 2, "{claps:?}");
        assert!(claps.odd.iter().any(|odd| odd.starts_with("a beep at 27.0")), "{claps:?}");
        // What the source did before and after the recording is not asked for.
        let claps = pair(&done, &flashes, &beeps, (25.0, 35.0));
        assert!(claps.odd.iter().all(|odd| !odd.starts_with("clap at")), "{claps:?}");
    }

    #[test]
    fn a_beep_that_stutters_is_one_beep() {
        let pieces =
            (0..400).map(|piece| (f64::from(piece) * 0.005, if (100..120).contains(&piece) && piece % 3 != 0 { 0.2 } else { 0.0 }));
        assert_eq!(beep_onsets(pieces).len(), 1);
        assert!(flash_onsets([(0.0, 70), (0.1, 90), (0.2, 80)]).is_empty());
    }

    #[test]
    fn a_level_is_a_share_of_full_scale() {
        assert!((level(&[i16::MIN; 8]) - 1.0).abs() < 1e-9 && level(&[]) == 0.0 && level(&[0; 4]) == 0.0);
        assert!((slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) - 2.0).abs() < 1e-9 && slope(&[(1.0, 1.0)]) == 0.0);
    }
}
