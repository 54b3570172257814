//! What IP cameras get wrong or do differently, each recorded by the real agent from a real RTSP server and opened with the review key.

use anyhow::{Context, Result};
use invigil_format::Event;
use invigil_tests::agent::{Agent, Start};
use invigil_tests::ip_camera::IpCamera;
use invigil_tests::rtp_proxy::{Changes, RtpProxy};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{binary, decode, disk, journal, wait_for};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Pictures a second of every camera here.
const FPS: f64 = 25.0;

/// A camera and what became of it.
struct Case {
    name: &'static str,
    arguments: &'static [&'static str],
    changes: Option<Changes>,
}

struct Seen {
    name: &'static str,
    files: Vec<PathBuf>,
    /// Pictures in the files, and those that a decoder makes of them.
    packets: usize,
    decoded: decode::Decoded,
}

impl Seen {
    /// Pictures a second over the whole length.
    fn rate(&self) -> f64 {
        (self.decoded.frames() as f64 - 1.0) / self.span_secs()
    }

    fn span_secs(&self) -> f64 {
        self.decoded.times_secs.last().copied().unwrap_or(0.0) - self.decoded.times_secs.first().copied().unwrap_or(0.0)
    }

    /// Every picture decodes, none stands where another does, none is missing.
    fn is_whole(&self, secs: f64) {
        let Self { name, decoded, .. } = self;
        let gaps = decoded.gaps(0.4);
        eprintln!(
            "{name}: {} pictures in {:.2} s, {:.2} a second, {} gaps, {} doubled",
            decoded.frames(),
            self.span_secs(),
            self.rate(),
            gaps.len(),
            decoded.doubled()
        );
        assert!(decoded.errors.is_empty(), "{name}: {:#?}", decoded.errors);
        assert_eq!(decoded.frames(), self.packets, "{name}: not every picture decodes");
        assert_eq!(decoded.doubled(), 0, "{name}: {:?}", decoded.times_secs);
        assert!(gaps.is_empty(), "{name}: {gaps:?}");
        assert!(self.span_secs() >= secs, "{name}: only {} s", self.span_secs());
    }
}

/// Records all cases side by side until each has `secs` seconds, and opens them.
fn record(cases: Vec<Case>, secs: u64) -> Result<(TempDir, Vec<Seen>)> {
    let home = tempfile::tempdir()?;
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE)?;
    server.start()?;
    let now = invigil_clock::wall_ms();
    let names: Vec<String> = cases.iter().enumerate().map(|(i, _)| format!("Camera {i}:{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &names })?;
    let mut running = Vec::new();
    for (case, join) in cases.into_iter().zip(&exam.joins) {
        let camera = IpCamera::start(case.arguments).context(case.name)?;
        let url = match case.changes {
            Some(changes) => RtpProxy::start(camera.port(), changes)?.url(),
            None => camera.url(0),
        };
        let spool = home.path().join(join.recording.to_string());
        let agent = Agent::start(&Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &[url], environment: &[] })?;
        running.push((case.name, camera, agent, join.recording));
    }
    for (name, _, agent, _) in &mut running {
        agent.wait_recorded(secs * 1000, Duration::from_secs(60 + secs * 2)).context(*name)?;
    }
    let mut seen = Vec::new();
    for (name, _camera, mut agent, recording) in running {
        assert!(agent.stop(Duration::from_secs(60))?.success(), "{name}");
        let out = home.path().join(format!("opened-{recording}"));
        let (report, whole) = server.open_footage(recording, &out)?;
        assert!(whole, "{name}: {report}");
        let mut files: Vec<PathBuf> =
            disk::files(&out)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")).collect();
        files.sort();
        let file = files.first().with_context(|| format!("{name}: nothing to play: {report}"))?;
        assert_eq!(files.len(), 1, "{name}: {files:?}");
        let (packets, decoded) = (decode::packets(file)?, decode::decode(file)?);
        seen.push(Seen { name, packets, decoded, files });
    }
    Ok((home, seen))
}

fn changed(stamp: impl Fn(u32) -> u32 + Send + Sync + 'static, undescribed: bool) -> Option<Changes> {
    Some(Changes { stamp: Box::new(stamp), undescribed, lose: |_| false })
}

#[test]
fn parameter_sets_in_the_stream_only_or_in_the_description_only_and_pictures_out_of_order() {
    let _turn = crate::half();
    let small = &["--size", "320x180"];
    let (_home, seen) = record(
        vec![
            Case { name: "sets in the stream only", arguments: small, changes: changed(|stamp| stamp, true) },
            Case { name: "sets in the description only", arguments: &["--size", "320x180", "--sets", "described"], changes: None },
            Case { name: "b-frames", arguments: &["--size", "320x180", "--b-frames", "2"], changes: None },
            Case {
                name: "b-frames and the sets in the stream only",
                arguments: &["--size", "320x180", "--b-frames", "2"],
                changes: changed(|stamp| stamp, true),
            },
        ],
        8,
    )
    .unwrap();
    for seen in &seen {
        seen.is_whole(7.0);
        assert!((seen.rate() - FPS).abs() < 0.5, "{}: {} pictures a second", seen.name, seen.rate());
        let crowded = seen.decoded.times_secs.windows(2).filter(|pair| pair[1] - pair[0] < 0.01).count();
        assert_eq!(crowded, 0, "{}: {:?}", seen.name, seen.decoded.times_secs);
        let sizes = decode::each(&seen.files[0], "width").unwrap();
        assert!(sizes.iter().all(|width| width == "320"), "{}: {sizes:?}", seen.name);
    }
    let kinds = decode::each(&seen[2].files[0], "pict_type").unwrap();
    assert!(kinds.iter().filter(|kind| *kind == "B").count() > 50, "the camera sent no B-frames: {kinds:?}");
}

#[test]
fn a_picture_that_changes_its_size_is_recorded_through_the_change() {
    let _turn = crate::half();
    let case = Case { name: "changing size", arguments: &["--size", "640x360", "--resize-every", "3"], changes: None };
    let (_home, seen) = record(vec![case], 10).unwrap();
    seen[0].is_whole(9.0);
    let mut sizes = decode::each(&seen[0].files[0], "width,height").unwrap();
    sizes.dedup();
    assert!(sizes.len() >= 3 && sizes.contains(&"640,360".into()) && sizes.contains(&"320,180".into()), "{sizes:?}");
}

#[test]
fn timestamps_that_stand_still_jump_about_or_run_slow_or_fast_do_not_move_the_pictures() {
    let _turn = crate::half();
    let small = &["--size", "320x180"];
    let scaled = |num: u64, den: u64| move |stamp: u32| (u64::from(stamp) * num / den) as u32;
    let (_home, seen) = record(
        vec![
            Case { name: "still", arguments: small, changes: changed(|_| 90_000, false) },
            Case { name: "anything", arguments: small, changes: changed(|stamp| stamp.wrapping_mul(2_654_435_761), false) },
            Case { name: "10 % slow", arguments: small, changes: changed(scaled(9, 10), false) },
            Case { name: "10 % fast", arguments: small, changes: changed(scaled(11, 10), false) },
            Case { name: "whole seconds only", arguments: small, changes: changed(|stamp| stamp / 90_000 * 90_000, false) },
        ],
        12,
    )
    .unwrap();
    for mut seen in seen {
        // In its first half second a clock is not known yet to be one that nobody should believe.
        seen.decoded.times_secs.drain(..12);
        seen.packets -= 12;
        seen.is_whole(10.0);
        assert!((seen.rate() - FPS).abs() < 1.5, "{}: {} pictures a second", seen.name, seen.rate());
    }
}

#[test]
fn packets_that_are_lost_on_the_way_cost_their_pictures_and_are_journalled() {
    let _turn = crate::turn();
    // One packet in 200, but for the first ones.
    let lossy = Changes { stamp: Box::new(|stamp| stamp), undescribed: false, lose: |number| number % 200 == 150 };
    let (home, seen) = record(vec![Case { name: "lossy", arguments: &["--size", "320x180"], changes: Some(lossy) }], 12).unwrap();
    let Seen { decoded, .. } = &seen[0];
    assert!(decoded.gaps(1.0).is_empty() && decoded.frames() > 200, "{} pictures", decoded.frames());
    let spools: Vec<PathBuf> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let spool = spools.iter().find(|folder| folder.join("state").is_dir()).unwrap();
    let reasons: Vec<String> = journal::events(spool)
        .unwrap()
        .into_iter()
        .filter_map(|event| if let Event::FramesDamaged { reason, .. } = event { Some(reason) } else { None })
        .collect();
    assert!(reasons.iter().any(|reason| reason.contains("RTP packets were lost")), "{reasons:?}");
}

#[test]
fn key_frames_ten_seconds_apart_are_recorded_in_chunks_of_a_second() {
    let _turn = crate::half();
    let long = &["--size", "320x180", "--key-every", "250"];
    let (_home, seen) = record(
        vec![
            Case { name: "key frames 10 s apart", arguments: long, changes: None },
            Case { name: "key frames 10 s apart, the sets with them only", arguments: long, changes: changed(|stamp| stamp, true) },
        ],
        24,
    )
    .unwrap();
    for seen in &seen {
        seen.is_whole(22.0);
        let keys: Vec<usize> = decode::each(&seen.files[0], "pict_type")
            .unwrap()
            .iter()
            .enumerate()
            .filter_map(|(place, kind)| (kind == "I").then_some(place))
            .collect();
        assert!(keys.first() == Some(&0) && keys.windows(2).all(|pair| pair[1] - pair[0] >= 200), "{}: {keys:?}", seen.name);
        let bytes = std::fs::read(&seen.files[0]).unwrap();
        let fragments = bytes.windows(4).filter(|name| *name == b"moof").count();
        assert!(fragments as f64 >= seen.span_secs() * 0.9, "{}: {fragments} fragments", seen.name);
    }
}

#[test]
fn other_codecs_are_encoded_and_h264_is_taken_where_it_stands_beside_another() {
    let _turn = crate::half();
    let (_home, seen) = record(
        vec![
            Case { name: "h265", arguments: &["--size", "640x360", "--codec", "h265"], changes: None },
            Case { name: "mjpeg", arguments: &["--size", "640x360", "--codec", "mjpeg"], changes: None },
            Case { name: "h265 and h264", arguments: &["--size", "640x360", "--codec", "h265+h264"], changes: None },
        ],
        8,
    )
    .unwrap();
    for (seen, (size, rate)) in seen.iter().zip([("640,480", 15.0), ("640,480", 15.0), ("320,180", FPS)]) {
        seen.is_whole(7.0);
        assert!((seen.rate() - rate).abs() < rate * 0.1, "{}: {} pictures a second", seen.name, seen.rate());
        let sizes = decode::each(&seen.files[0], "width,height").unwrap();
        assert!(sizes.iter().all(|one| one == size), "{}: {:?}", seen.name, sizes.first());
    }
}

/// A camera that is watched by others, too, goes on where it is when somebody connects: between two key frames. Nobody could decode what comes before the
/// next one, so these are no pictures.
#[test]
fn a_connection_that_begins_between_two_key_frames_is_without_a_picture_until_the_next_one() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    // Half a minute of H.264, over and over: an encoder would make a key frame for whoever connects.
    let film = home.path().join("film.h264");
    let ffmpeg = || {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-nostdin"]);
        command
    };
    let made = ffmpeg()
        .args(["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=30", "-pix_fmt", "yuv420p", "-c:v", "libx264"])
        .args(["-preset", "ultrafast", "-tune", "zerolatency", "-g", "750", "-sc_threshold", "0"])
        .arg(&film)
        .status()
        .unwrap();
    assert!(made.success(), "{made}");
    let camera = IpCamera::start(&["--encoded", film.to_str().unwrap(), "--sets", "described"]).unwrap();
    // The first one who looks keeps the stream going.
    let seen = home.path().join("seen.h264");
    let mut other =
        ffmpeg().args(["-rtsp_transport", "tcp", "-i", &camera.url(0), "-c", "copy", "-flush_packets", "1"]).arg(&seen).spawn().unwrap();
    let first = || Ok(std::fs::metadata(&seen).is_ok_and(|file| file.len() > 20_000).then_some(()));
    wait_for("the first one who looks has pictures", Duration::from_secs(60), first).unwrap();

    let check = Command::new(binary("invigil-agent").unwrap()).args(["check", "--camera", &camera.url(0)]).output().unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(said.contains("no key frame") && !said.contains("pictures a second"), "{said}");
    assert_eq!(check.status.code(), Some(2), "nothing can be recorded before one: {said}");
}
