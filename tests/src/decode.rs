//! Footage as an independent program sees it: ffprobe decodes every frame and tells when it stands.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// What decoding a whole file showed.
#[derive(Debug, Clone, Default)]
pub struct Decoded {
    /// Presentation time of each picture in seconds, in order.
    pub times_secs: Vec<f64>,
    /// What the decoder complained of.
    pub errors: Vec<String>,
}

impl Decoded {
    /// Number of pictures.
    pub fn frames(&self) -> usize {
        self.times_secs.len()
    }

    /// Pictures that stand at a time where another stands already, or before it.
    pub fn doubled(&self) -> usize {
        self.times_secs.windows(2).filter(|pair| pair[1] <= pair[0] + 0.001).count()
    }

    /// Stretches of more than `secs` between two pictures, as (from, length).
    pub fn gaps(&self, secs: f64) -> Vec<(f64, f64)> {
        self.times_secs.windows(2).filter(|pair| pair[1] - pair[0] > secs).map(|pair| (pair[0], pair[1] - pair[0])).collect()
    }
}

/// Decodes every picture of a file.
pub fn decode(file: &Path) -> Result<Decoded> {
    // ffprobe decodes each picture in order to show it, and complains on standard error.
    let shown = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .context("run ffprobe")?;
    let errors: Vec<String> = String::from_utf8_lossy(&shown.stderr).lines().map(str::to_owned).collect();
    if !shown.status.success() && errors.is_empty() {
        bail!("ffprobe failed on {} without saying why", file.display());
    }
    let times_secs = String::from_utf8_lossy(&shown.stdout).lines().filter_map(|line| line.trim_end_matches(',').parse().ok()).collect();
    Ok(Decoded { times_secs, errors })
}

/// Number of pictures in a file before decoding.
pub fn packets(file: &Path) -> Result<usize> {
    let shown = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .context("run ffprobe")?;
    let text = String::from_utf8_lossy(&shown.stdout).trim().trim_end_matches(',').to_owned();
    text.parse().with_context(|| format!("count the pictures of {}: {text}", file.display()))
}

/// What ffprobe says of each picture, for instance `pict_type` or `width`.
pub fn each(file: &Path, entry: &str) -> Result<Vec<String>> {
    let shown = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries", &format!("frame={entry}"), "-of", "csv=p=0"])
        .arg(file)
        .output()
        .context("run ffprobe")?;
    // Side data of a picture shows as an empty line.
    let text = String::from_utf8_lossy(&shown.stdout);
    Ok(text.lines().map(|line| line.trim_end_matches(',').to_owned()).filter(|line| !line.is_empty()).collect())
}

/// Each picture of a file shrunk to 16x9 points of red, green, blue.
pub fn shrunk(file: &Path) -> Result<Vec<Vec<u8>>> {
    let shown = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-vf", "scale=16:9:flags=area", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .stdin(std::process::Stdio::null())
        .output()
        .context("run ffmpeg")?;
    if !shown.status.success() {
        bail!("ffmpeg failed on {}: {}", file.display(), String::from_utf8_lossy(&shown.stderr));
    }
    Ok(shown.stdout.chunks_exact(16 * 9 * 3).map(<[u8]>::to_vec).collect())
}

/// The largest difference between two shrunk pictures, of 255.
pub fn difference(one: &[u8], other: &[u8]) -> u8 {
    one.iter().zip(other).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(u8::MAX)
}

/// Pieces of a playable file's initialisation section and samples, as needles for [`crate::disk::find`].
pub fn needles(file: &Path) -> Result<Vec<Vec<u8>>> {
    let bytes = std::fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let mut needles = Vec::new();
    let mut at = 0;
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if size < 8 || at + size > bytes.len() {
            break;
        }
        let body = &bytes[at + 8..at + size];
        match &head[4..8] {
            // The decoder configuration stands in the clear nowhere but here.
            b"moov" => {
                needles.extend(body.windows(4).position(|name| name == b"avcC").and_then(|p| body.get(p + 4..p + 40)).map(<[u8]>::to_vec))
            }
            b"mdat" => needles.extend(body.chunks(4096).filter_map(|part| part.get(64..96)).map(<[u8]>::to_vec)),
            _ => {}
        }
        at += size;
    }
    if needles.len() < 2 {
        bail!("{} holds no initialisation section and samples to look for", file.display());
    }
    Ok(needles)
}
