//! What somebody runs before an exam: cameras, microphone, disk, server, link and clock, each in plain words with what to do. Nothing is recorded or sealed, and nothing is
//! kept but a picture of each camera where that was asked for.

mod camera;
mod disk;
mod server;
mod sound;

use crate::capture::Spec;
use crate::encode::{self, Target};
use crate::enrol::{self, Enrolment, JoinLink};
use crate::receipt::length;
use crate::spool::Layout;
use invigil_wire::agent::CapturePolicy;
use serde_json::Value;
use std::path::PathBuf;

/// What `invigil-agent check` was asked to look at.
pub struct Options {
    /// `https://HOST:PORT`; without it everything but server, link and clock is checked.
    pub server: Option<String>,
    /// Join link or `CODE.FINGERPRINT`; secret.
    pub join: Option<String>,
    /// Cameras; none is the first webcam.
    pub cameras: Vec<Spec>,
    /// Microphone.
    pub microphone: crate::sound::Spec,
    /// Spool folder.
    pub spool: PathBuf,
    /// Folder for a picture of each camera.
    pub picture: Option<PathBuf>,
    /// Length of the exam where this computer has not joined one, minutes.
    pub minutes: u32,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Good,
    /// Recording works, but somebody must see to this.
    Attention,
    /// As it stands nothing, or nothing of this camera, can be recorded.
    Bad,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Finding {
    /// `camera`, `encoder`, `sound`, `disk`, `server`, `link` or `clock`.
    pub about: &'static str,
    /// Which one, without credentials.
    pub subject: String,
    /// How it stands.
    pub level: Level,
    /// In plain words.
    pub says: String,
    /// What to do: an entry for each thing that is not good, and what else there is to do.
    pub to_do: Vec<String>,
    /// What was measured.
    pub figures: Value,
}

impl Finding {
    fn good(about: &'static str, subject: impl Into<String>, says: impl Into<String>) -> Self {
        Self { about, subject: subject.into(), level: Level::Good, says: says.into(), to_do: Vec::new(), figures: Value::Null }
    }

    fn measured(mut self, figures: Value) -> Self {
        self.figures = figures;
        self
    }

    /// Something is not as it should be. The worst level counts.
    fn but(mut self, level: Level, to_do: impl Into<String>) -> Self {
        self.level = self.level.max(level);
        self.to_do.push(to_do.into());
        self
    }
}

/// Checks everything. Takes some seconds a camera, one after the other, and a few more for disk and link.
pub async fn check(options: &Options) -> anyhow::Result<Vec<Finding>> {
    let names = Layout::new(&options.spool);
    let join = options.join.as_deref().map(JoinLink::parse).transpose()?;
    // Joined: the device key is there. This never makes one.
    let device = names.state().join("device.key").exists().then(|| enrol::device_key(&names.state())).transpose()?;
    let found = join.as_ref().zip(device).map(|(join, device)| enrol::find(names.root(), join.fingerprint, join.digest(), device.public()));
    let (kept, refused) = match found {
        Some(Ok(kept)) => (kept, None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let policy = kept.as_ref().map_or_else(usual, |kept| kept.answer.capture.clone());
    let cameras = if options.cameras.is_empty() { vec![Spec::Webcam(0)] } else { options.cameras.clone() };
    let mut findings = Vec::new();
    for (index, spec) in cameras.iter().enumerate() {
        let (spec, policy, picture) =
            (spec.clone(), policy.clone(), options.picture.as_ref().map(|dir| dir.join(format!("cam{index}.jpg"))));
        findings.push(tokio::task::spawn_blocking(move || camera::check(&spec, &policy, picture.as_deref())).await?);
    }
    one_is_enough(&mut findings);
    if cameras.iter().any(|camera| !matches!(camera, Spec::Rtsp(_))) {
        findings.push(encoder(&policy));
    }
    let asked = match &kept {
        Some(_) if policy.sound => sound::Asked::Yes,
        Some(_) => sound::Asked::No,
        None => sound::Asked::Unknown,
    };
    let microphone = options.microphone.clone();
    findings.push(tokio::task::spawn_blocking(move || sound::check(&microphone, asked)).await?);
    let of_cameras: u64 = cameras.iter().map(|camera| camera.bytes_per_sec(policy.max_kbits)).sum();
    let needed_kbits = (of_cameras + if policy.sound { crate::sound::BYTES_PER_SEC } else { 0 }) / 125;
    let secs = kept.as_ref().map_or(u64::from(options.minutes) * 60, exam_secs);
    let spool = options.spool.clone();
    findings.push(tokio::task::spawn_blocking(move || disk::check(&spool, needed_kbits, secs)).await?);
    match (&options.server, &join) {
        (Some(server), Some(join)) => findings.extend(server::check(server, join, &names, kept, refused.as_ref(), needed_kbits).await),
        _ => {
            let says = "not checked: that needs --server and --join";
            findings.push(Finding::good("server", options.server.clone().unwrap_or_default(), says));
        }
    }
    Ok(findings)
}

/// What is recorded where nobody has joined: KBTU's minimum for online exams, which KazNU's policy has as well.
fn usual() -> CapturePolicy {
    CapturePolicy { width: 640, height: 480, fps: 15, max_kbits: 300, upload_max_kbits: 1500, sound: false }
}

/// The window and half an hour for what comes before and after.
fn exam_secs(kept: &Enrolment) -> u64 {
    let exam = &kept.answer.exam;
    u64::try_from((exam.ends_ms - exam.starts_ms).max(0) / 1000).unwrap_or(0) + 1800
}

/// With several cameras one that fails does not keep the others from recording.
fn one_is_enough(cameras: &mut [Finding]) {
    if cameras.iter().any(|camera| camera.level != Level::Bad) {
        cameras.iter_mut().filter(|camera| camera.level == Level::Bad).for_each(|camera| camera.level = Level::Attention);
    }
}

fn encoder(policy: &CapturePolicy) -> Finding {
    let target =
        Target { width: policy.width & !1, height: policy.height & !1, fps: policy.fps.max(1), max_kbits: policy.max_kbits.max(50) };
    match encode::open_encoder(target, (1, 1)) {
        Ok(_) => Finding::good("encoder", "H.264", "works"),
        Err(error) => Finding::good("encoder", "H.264", error.to_string()).but(
            Level::Bad,
            "install an ffmpeg with libx264 or libopenh264, in the version that the agent was built with (Debian 12: libavcodec59)",
        ),
    }
}

/// Bytes of a stream, with a tenth more for container, seals and journal.
fn bytes_of(kbits: u64, secs: u64) -> u64 {
    kbits.saturating_mul(125).saturating_mul(secs).saturating_mul(11) / 10
}

fn hours(secs: u64) -> String {
    length(i64::try_from(secs).unwrap_or(i64::MAX / 1000).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts_and_a_camera_that_works_keeps_others_from_being_the_end() {
        let bad = || Finding::good("camera", "a", "").but(Level::Bad, "plug it in").but(Level::Attention, "and clean it");
        assert_eq!((bad().level, bad().to_do.len()), (Level::Bad, 2));
        let mut one = [bad()];
        one_is_enough(&mut one);
        assert_eq!(one[0].level, Level::Bad);
        let mut two = [bad(), Finding::good("camera", "b", "")];
        one_is_enough(&mut two);
        assert_eq!(two.each_ref().map(|finding| finding.level), [Level::Attention, Level::Good]);
    }

    #[test]
    fn room_is_counted_with_what_lies_around_the_pictures() {
        assert_eq!(bytes_of(1000, 80), 11_000_000);
        assert_eq!(bytes_of(u64::MAX, 80), u64::MAX / 10);
    }
}
