//! Hours of footage in seconds: an earlier run of an agent, written into its spool from a real clip, sealed and signed with the agent's own keys as
//! the agent would have. Started again, the agent recovers and uploads it like any backlog.

use anyhow::{Context, Result, bail, ensure};
use invigil_format::{
    BootId, Certificate, CloseReason, DeviceKey, Digest, Event, Fingerprint, JournalWriter, KeyRecord, NewKeyRecord, RecordingId, Role,
    RunId, RunKey, SealingKey, SegmentStart, SegmentWriter, Stamp, Statement, TrackKind, TrackName,
};
use invigil_wire::agent::JoinAnswer;
use serde::Deserialize;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Length of a segment and of a chunk, seconds.
const SEGMENT_SECS: u64 = 300;
const SIGN_EVERY_SECS: u64 = 4;

/// What was written.
#[derive(Debug, Clone)]
pub struct Backlog {
    /// The run.
    pub run: RunId,
    /// Its segments.
    pub segments: u32,
    /// Bytes of these.
    pub size_bytes: u64,
}

/// What an agent keeps of its enrolment, as far as this needs it.
#[derive(Deserialize)]
struct Enrolment {
    fingerprint: Fingerprint,
    answer: JoinAnswer,
}

/// Writes a run of `secs` of video that began at `from_ms` (Unix) into the spool of an agent that has joined `recording` and is not running.
///
/// # Errors
/// When the spool is not that of such an agent, or ffmpeg cannot encode the clip.
pub fn write(spool: &Path, recording: RecordingId, clip: &Path, from_ms: i64, secs: u64) -> Result<Backlog> {
    let picture = Track { name: "cam0".parse()?, kind: TrackKind::Video, film: encode(clip, secs)?, chunk_us: 1_000_000, lost: 0..0 };
    write_tracks(spool, recording, from_ms, secs, vec![picture], ended())
}

/// As [`write`], by a room's computer that lost its power while it asked whether the papers are collected: the exam was to end at `ends_ms` (Unix).
///
/// # Errors
/// As for [`write`].
pub fn write_asking(spool: &Path, recording: RecordingId, clip: &Path, from_ms: i64, secs: u64, ends_ms: i64) -> Result<Backlog> {
    let picture = Track { name: "cam0".parse()?, kind: TrackKind::Video, film: encode(clip, secs)?, chunk_us: 1_000_000, lost: 0..0 };
    write_tracks(spool, recording, from_ms, secs, vec![picture], Event::EndPassed { ends_ms })
}

fn ended() -> Event {
    Event::RunEnded { reason: "stopped".into() }
}

/// Writes a run of a camera and a microphone that see and hear the same claps: the picture is white and a tone sounds for 120 ms at every even second,
/// a low tone sounds all the time. Sound is lost in the seconds `lost`, and the microphone's clock is slower than the device's by `slow_ppm`.
///
/// # Errors
/// As for [`write`].
pub fn write_claps(spool: &Path, recording: RecordingId, from_ms: i64, secs: u64, lost: Range<u64>, slow_ppm: u64) -> Result<Backlog> {
    let picture = Track { name: "cam0".parse()?, kind: TrackKind::Video, film: flashes(secs)?, chunk_us: 1_000_000, lost: 0..0 };
    let sound = Track { name: "mic0".parse()?, kind: TrackKind::Audio, film: beeps(secs, slow_ppm)?, chunk_us: 1_000_000 + slow_ppm, lost };
    write_tracks(spool, recording, from_ms, secs, vec![picture, sound], ended())
}

fn write_tracks(spool: &Path, recording: RecordingId, from_ms: i64, secs: u64, tracks: Vec<Track>, last: Event) -> Result<Backlog> {
    let folder = spool.join(recording.to_string());
    let kept = fs::read_to_string(folder.join("enrolment.json")).context("read the enrolment")?;
    let enrolment: Enrolment = serde_json::from_str(kept.lines().next().context("the enrolment's line")?)?;
    let device = device_key(spool)?;
    let mut runs: Vec<RunId> = fs::read(folder.join("runs.json")).map_or(Ok(Vec::new()), |text| serde_json::from_slice(&text))?;
    let previous = runs.last().copied();
    let run = RunId::from_random(invigil_clock::random()?);
    let run_key = RunKey::from_bytes(invigil_clock::random()?);
    let answer = &enrolment.answer;
    let record = NewKeyRecord {
        institution: enrolment.fingerprint,
        exam: answer.exam.id,
        recording,
        run,
        review: keys(&answer.certificates, Role::Review)?,
        erasure: keys(&answer.certificates, Role::Erasure)?.pop().context("the exam's erasure key is certified")?,
        created_ms: invigil_clock::wall_ms(),
    };
    let record = KeyRecord::seal(&record, &run_key, &device)?;
    let own = folder.join(run.to_string());
    fs::create_dir_all(&own)?;
    fs::write(own.join("key-record.json"), record.to_json())?;

    let mut writer = Writer {
        folder: own,
        start: SegmentStart {
            institution: enrolment.fingerprint,
            exam: answer.exam.id,
            recording,
            run,
            track: "cam0".parse()?,
            kind: TrackKind::Video,
            codec: String::new(),
            width: 0,
            height: 0,
            sequence: 0,
            previous_head: None,
            key_record: record.digest(),
            boot_id: BootId::from_random(invigil_clock::random()?),
            origin_boottime_us: 1_000_000,
        },
        run_key,
        device: device.clone(),
        from_ms,
        events: Vec::new(),
        size_bytes: 0,
    };
    writer.note(Event::RunStarted { agent_version: "backlog".into(), previous_run: previous, key_record: record.digest() }, 0);
    let mut segments = 0;
    for track in tracks {
        segments += writer.film(&track, secs)?;
    }
    writer.note(last, secs * 1_000_000);
    let size_bytes = writer.end(last_entry(&folder, previous)?)?;
    runs.push(run);
    fs::write(folder.join("runs.json"), serde_json::to_vec(&runs)?)?;
    Ok(Backlog { run, segments, size_bytes })
}

struct Writer {
    folder: PathBuf,
    start: SegmentStart,
    run_key: RunKey,
    device: DeviceKey,
    from_ms: i64,
    /// What is to be journalled, with the media time in microseconds.
    events: Vec<(u64, Event)>,
    size_bytes: u64,
}

/// What one device recorded.
struct Track {
    name: TrackName,
    kind: TrackKind,
    film: Film,
    /// From the beginning of a fragment to that of the next.
    chunk_us: u64,
    /// Fragments that are left out.
    lost: Range<u64>,
}

impl Writer {
    fn stamp(&self, media_us: u64) -> Stamp {
        Stamp {
            boottime_us: self.start.origin_boottime_us + media_us,
            wall_ms: self.from_ms + i64::try_from(media_us / 1000).unwrap_or(i64::MAX),
        }
    }

    fn note(&mut self, event: Event, media_us: u64) {
        self.events.push((media_us, event));
    }

    fn film(&mut self, source: &Track, secs: u64) -> Result<u32> {
        let Track { name: track, kind, film, chunk_us, lost } = source;
        let (width, height) = if *kind == TrackKind::Audio { (0, 0) } else { (640, 480) };
        let codec = film.codec.clone();
        self.start = SegmentStart {
            track: track.clone(),
            kind: *kind,
            codec,
            width,
            height,
            sequence: 0,
            previous_head: None,
            ..self.start.clone()
        };
        self.note(Event::TrackStarted { track: track.clone(), camera: "file".into(), reason: "started".into() }, 0);
        let numbered = film.fragments.iter().zip(0_u64..).take(usize::try_from(secs)?);
        let mut chunks = numbered.filter(|(_, second)| !lost.contains(second)).peekable();
        let mut count = 0;
        while let Some((_, first)) = chunks.peek().copied() {
            let at = |second: u64| second * chunk_us;
            let (mut segment, mut bytes) = SegmentWriter::begin(self.start.clone(), &self.run_key, &self.device)?;
            self.note(Event::SegmentStarted { track: track.clone(), sequence: count, head: segment.head0() }, at(first));
            bytes.extend(segment.init(self.stamp(at(first)), &film.init)?);
            let mut end = first;
            while let Some((fragment, second)) = chunks.next_if(|(_, second)| *second < first + SEGMENT_SECS) {
                bytes.extend(segment.chunk(self.stamp(at(second)), 1_000_000, true, fragment)?);
                if (second + 1) % SIGN_EVERY_SECS == 0 {
                    bytes.extend(segment.signature(self.stamp(at(second + 1)))?);
                }
                end = second + 1;
            }
            let reason = if chunks.peek().is_some() { CloseReason::Full } else { CloseReason::Stopped };
            bytes.extend(segment.end(self.stamp(at(end)))?);
            bytes.extend(segment.signature(self.stamp(at(end)))?);
            bytes.extend(segment.close(reason)?);
            fs::write(self.folder.join(format!("{track}-{count:08}.seg")), &bytes)?;
            self.size_bytes += bytes.len() as u64;
            let closed = Event::SegmentClosed { track: track.clone(), sequence: count, head: segment.head(), reason, run: self.start.run };
            self.note(closed, at(end));
            self.start.previous_head = Some(segment.head());
            count += 1;
            self.start.sequence = count;
        }
        ensure!(count > 0, "the clip gave no footage");
        self.note(Event::TrackEnded { track: track.clone(), camera: "file".into(), reason: "stopped".into() }, secs * 1_000_000);
        Ok(count)
    }

    /// Writes the journal, in the order of time; how many bytes the segments have.
    fn end(&mut self, previous: Option<Digest>) -> Result<u64> {
        let SegmentStart { institution, recording, run, boot_id, .. } = self.start;
        let mut journalist = JournalWriter::new(institution, recording, run, boot_id, previous, &self.device);
        self.events.sort_by_key(|(media_us, _)| *media_us);
        let mut file = fs::File::create(self.folder.join("journal.jsonl"))?;
        for (media_us, event) in std::mem::take(&mut self.events) {
            let entry = journalist.entry(event, self.stamp(media_us))?;
            writeln!(file, "{}", entry.to_json())?;
        }
        file.sync_all()?;
        Ok(self.size_bytes)
    }
}

/// Sealing keys of one role.
fn keys(certificates: &[Statement], role: Role) -> Result<Vec<SealingKey>> {
    let mut found = Vec::new();
    for statement in certificates {
        let certificate: Certificate = statement.read()?;
        if certificate.role == role {
            found.push(SealingKey(certificate.subject.0));
        }
    }
    Ok(found)
}

fn device_key(spool: &Path) -> Result<DeviceKey> {
    let text = fs::read_to_string(spool.join("state/device.key")).context("read the device key")?;
    let mut seed = [0; 32];
    hex::decode_to_slice(text.trim(), &mut seed)?;
    Ok(DeviceKey::from_seed(&seed)?)
}

/// Digest of the last entry of the run before, which the new run's journal names.
fn last_entry(folder: &Path, run: Option<RunId>) -> Result<Option<Digest>> {
    let Some(run) = run else { return Ok(None) };
    let text = fs::read_to_string(folder.join(run.to_string()).join("journal.jsonl")).unwrap_or_default();
    text.lines().next_back().map(|line| Ok(Statement::from_json(line.as_bytes())?.digest())).transpose()
}

/// A clip as one initialisation section and fragments of exactly one second, each beginning with a key frame.
struct Film {
    init: Vec<u8>,
    fragments: Vec<Vec<u8>>,
    codec: String,
}

/// Encodes a minute once and repeats it without encoding again.
fn encode(clip: &Path, secs: u64) -> Result<Film> {
    let folder = tempfile::tempdir()?;
    let minute = folder.path().join("minute.mp4");
    ffmpeg(
        &["-stream_loop", "-1", "-i", path(clip)?, "-t", "60", "-an", "-vf", "scale=640:480,fps=15,format=yuv420p"],
        &["-c:v", "libx264", "-preset", "superfast", "-profile:v", "baseline", "-crf", "28", "-maxrate", "300k", "-bufsize", "600k"],
        &["-g", "15", "-keyint_min", "15", "-sc_threshold", "0", path(&minute)?],
    )?;
    let long = folder.path().join("long.mp4");
    let (times, length) = (secs.div_ceil(60).to_string(), secs.to_string());
    ffmpeg(
        &["-stream_loop", &times, "-i", path(&minute)?, "-t", &length, "-c", "copy"],
        &["-movflags", "frag_keyframe+empty_moov+default_base_moof+skip_trailer", "-video_track_timescale", "15360"],
        &[path(&long)?],
    )?;
    split(&fs::read(&long)?)
}

/// Black, and white for 120 ms at every even second.
fn flashes(secs: u64) -> Result<Film> {
    let folder = tempfile::tempdir()?;
    let film = folder.path().join("flashes.mp4");
    let source = format!("color=black:s=640x480:r=25:d={secs},drawbox=w=iw:h=ih:color=white:t=fill:enable='lt(mod(t,2),0.119)'");
    ffmpeg(
        &["-f", "lavfi", "-i", &source, "-pix_fmt", "yuv420p"],
        &["-c:v", "libx264", "-preset", "superfast", "-profile:v", "baseline", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0"],
        &["-movflags", "frag_keyframe+empty_moov+default_base_moof+skip_trailer", path(&film)?],
    )?;
    split(&fs::read(&film)?)
}

/// A low tone, and a loud one for 120 ms at every even second by the device's clock; Opus as the agent makes it.
fn beeps(secs: u64, slow_ppm: u64) -> Result<Film> {
    let folder = tempfile::tempdir()?;
    let film = folder.path().join("beeps.mp4");
    let time = format!("(t*{})", 1.0 + slow_ppm as f64 / 1e6);
    let source = format!("aevalsrc='0.03*sin(2*PI*300*t)+lt(mod({time},2),0.12)*0.6*sin(2*PI*1000*t)':s=48000:d={}", secs + 1);
    ffmpeg(
        &["-f", "lavfi", "-i", &source, "-ac", "1"],
        &["-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20", "-use_editlist", "0", "-frag_duration", "1000000"],
        &["-movflags", "empty_moov+default_base_moof+skip_trailer", path(&film)?],
    )?;
    let mut film = split(&fs::read(&film)?)?;
    for (fragment, second) in film.fragments.iter_mut().zip(0_u64..) {
        let place = fragment.windows(4).position(|name| name == b"tfdt").context("a fragment has no time")? + 4;
        let wide = *fragment.get(place).context("the time is cut off")? == 1;
        let ticks = second * 48_000 * (1_000_000 + slow_ppm) / 1_000_000;
        let bytes = if wide { ticks.to_be_bytes().to_vec() } else { u32::try_from(ticks)?.to_be_bytes().to_vec() };
        fragment.get_mut(place + 4..place + 4 + bytes.len()).context("the time is cut off")?.copy_from_slice(&bytes);
    }
    Ok(film)
}

fn split(bytes: &[u8]) -> Result<Film> {
    let (mut init, mut fragments, mut at) = (Vec::new(), Vec::new(), 0);
    let mut begun: Vec<u8> = Vec::new();
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let whole = bytes.get(at..at + size).filter(|part| part.len() >= 8).context("a box of the clip is cut off")?;
        match &head[4..8] {
            b"ftyp" | b"moov" => init.extend_from_slice(whole),
            b"moof" => begun = whole.to_vec(),
            b"mdat" => {
                begun.extend_from_slice(whole);
                fragments.push(std::mem::take(&mut begun));
            }
            _ => {}
        }
        at += size;
    }
    if init.windows(4).any(|name| name == b"dOps") {
        return Ok(Film { codec: "opus".into(), init, fragments });
    }
    let avcc = init.windows(4).position(|name| name == b"avcC").context("the clip has no H.264 configuration")?;
    let [profile, compatibility, level] = init[avcc + 5..avcc + 8] else { bail!("the H.264 configuration is cut off") };
    Ok(Film { codec: format!("avc1.{profile:02x}{compatibility:02x}{level:02x}"), init, fragments })
}

fn ffmpeg(input: &[&str], coding: &[&str], output: &[&str]) -> Result<()> {
    let result = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-nostdin"])
        .args(input)
        .args(coding)
        .args(output)
        .stdin(Stdio::null())
        .output()
        .context("run ffmpeg")?;
    ensure!(result.status.success(), "ffmpeg failed: {}", String::from_utf8_lossy(&result.stderr));
    Ok(())
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("the path is not UTF-8: {}", path.display()))
}
