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
    let folder = spool.join(recording.to_string());
    let enrolment: Enrolment = serde_json::from_slice(&fs::read(folder.join("enrolment.json")).context("read the enrolment")?)?;
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
            width: 640,
            height: 480,
            sequence: 0,
            previous_head: None,
            key_record: record.digest(),
            boot_id: BootId::from_random(invigil_clock::random()?),
            origin_boottime_us: 1_000_000,
        },
        run_key,
        device: device.clone(),
        from_ms,
        journal: Vec::new(),
        journalist: None,
        size_bytes: 0,
    };
    writer.begin(last_entry(&folder, previous)?, previous, &record)?;
    let film = encode(clip, secs)?;
    let segments = writer.film(&film, secs)?;
    let size_bytes = writer.end()?;
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
    journal: Vec<Statement>,
    journalist: Option<JournalWriter>,
    size_bytes: u64,
}

impl Writer {
    fn stamp(&self, media_us: u64) -> Stamp {
        Stamp {
            boottime_us: self.start.origin_boottime_us + media_us,
            wall_ms: self.from_ms + i64::try_from(media_us / 1000).unwrap_or(i64::MAX),
        }
    }

    fn note(&mut self, event: Event, media_us: u64) -> Result<()> {
        let at = self.stamp(media_us);
        let journalist = self.journalist.as_mut().context("the journal was begun")?;
        self.journal.push(journalist.entry(event, at)?);
        Ok(())
    }

    fn begin(&mut self, previous: Option<Digest>, previous_run: Option<RunId>, record: &Statement) -> Result<()> {
        let SegmentStart { institution, recording, run, boot_id, .. } = self.start;
        self.journalist = Some(JournalWriter::new(institution, recording, run, boot_id, previous, &self.device));
        let started = Event::RunStarted { agent_version: "backlog".into(), previous_run, key_record: record.digest() };
        self.note(started, 0)?;
        self.note(Event::TrackStarted { track: "cam0".parse()?, camera: "file".into(), reason: "started".into() }, 0)
    }

    fn film(&mut self, film: &Film, secs: u64) -> Result<u32> {
        self.start.codec = film.codec.clone();
        let mut chunks = film.fragments.iter().zip(0_u64..).take(usize::try_from(secs)?).peekable();
        let track: TrackName = self.start.track.clone();
        let mut count = 0;
        while let Some((_, first)) = chunks.peek().copied() {
            let at = |second: u64| second * 1_000_000;
            let (mut segment, mut bytes) = SegmentWriter::begin(self.start.clone(), &self.run_key, &self.device)?;
            self.note(Event::SegmentStarted { track: track.clone(), sequence: count, head: segment.head0() }, at(first))?;
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
            self.note(closed, at(end))?;
            self.start.previous_head = Some(segment.head());
            count += 1;
            self.start.sequence = count;
        }
        ensure!(count > 0, "the clip gave no video");
        self.note(Event::TrackEnded { track, camera: "file".into(), reason: "stopped".into() }, secs * 1_000_000)?;
        self.note(Event::RunEnded { reason: "stopped".into() }, secs * 1_000_000)?;
        Ok(count)
    }

    fn end(&self) -> Result<u64> {
        let mut file = fs::File::create(self.folder.join("journal.jsonl"))?;
        for entry in &self.journal {
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
