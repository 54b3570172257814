//! A small fixed world: an institution, an exam, one recording of two runs on one device with real video, thumbnails, journals, receipts, an act.
//!
//! Times on the server's clock, seconds after [`T0_MS`]: run 0 records 0-12 (segments of 4 s; the camera is lost from 9 to 10) and is killed; run 1 records
//! 14-18 and ends properly.

use invigil_format::{
    Beacon, BootId, Certificate, CloseReason, DeviceKey, Digest, ErasurePrivateKey, Event, ExamId, Fingerprint, InstitutionKey,
    JournalWriter, KeyRecord, NewKeyRecord, Receipt, RecordingId, ReviewPrivateKey, Role, RunId, RunKey, Scanner, SegmentKey, SegmentStart,
    SegmentWriter, ServerKey, Stamp, Statement, Subject, TrackKind, TrackName, recover_closing,
};

pub(crate) const T0_MS: i64 = 1_780_000_000_000;
pub(crate) const BOOT_US: u64 = 5_000_000_000;
/// Server's time minus the device's boot time.
pub(crate) const OFFSET_MS: i64 = T0_MS - 5_000_000;
pub(crate) const FIRST: &[u8] = include_bytes!("clips/first.mp4");
pub(crate) const SECOND: &[u8] = include_bytes!("clips/second.mp4");
/// Ten seconds of sound as the agent makes it: a beep of 100 ms each full second.
const SOUND: &[u8] = include_bytes!("clips/sound.mp4");

/// A recorded segment with everything that belongs to it.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) run: usize,
    pub(crate) track: TrackName,
    pub(crate) sequence: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) head0: Digest,
    pub(crate) head: Digest,
    pub(crate) key: SegmentKey,
    pub(crate) receipt: Statement,
    pub(crate) from_us: u64,
    pub(crate) to_us: u64,
}

pub(crate) struct World {
    pub(crate) institution: InstitutionKey,
    pub(crate) server: ServerKey,
    pub(crate) device: DeviceKey,
    pub(crate) review: ReviewPrivateKey,
    pub(crate) erasure: ErasurePrivateKey,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) exam: ExamId,
    pub(crate) recording: RecordingId,
    pub(crate) runs: [RunId; 2],
    pub(crate) run_keys: [RunKey; 2],
    pub(crate) boot_id: BootId,
    pub(crate) key_records: [Statement; 2],
    pub(crate) segments: Vec<Recorded>,
    pub(crate) journals: [Vec<Statement>; 2],
}

/// Init section and fragments of a clip.
pub(crate) fn clip(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut init, mut fragments, mut rest) = (Vec::new(), Vec::new(), bytes);
    while !rest.is_empty() {
        let len = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let (this, after) = rest.split_at(len);
        match &this[4..8] {
            b"ftyp" | b"moov" => init.extend_from_slice(this),
            b"moof" => fragments.push(this.to_vec()),
            _ => fragments.last_mut().unwrap().extend_from_slice(this),
        }
        rest = after;
    }
    (init, fragments)
}

/// Boot time of a moment, with the jitter that real capture has.
fn stamp(second: u64) -> Stamp {
    let us = second * 1_000_000 + (second * 37 % 11) * 130;
    Stamp { boottime_us: BOOT_US + us, wall_ms: T0_MS + i64::try_from(us / 1000).unwrap() }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::seeded(0)
    }

    /// Another exam, recording and device of the same institution for another `seed` below 50; another institution from 50 on.
    pub(crate) fn seeded(seed: u8) -> Self {
        Self::made(seed, false)
    }

    /// The same, if wanted with a track of sound from second 0 to 10 beside its camera's.
    pub(crate) fn made(seed: u8, sound: bool) -> Self {
        let own = |n: u8| [n.wrapping_add(seed.wrapping_mul(40)); 32];
        let shared = if seed < 50 { 1 } else { 200 };
        let institution = InstitutionKey::from_seed(&[shared; 32]).unwrap();
        let device = DeviceKey::from_seed(&own(3)).unwrap();
        let review = ReviewPrivateKey::from_bytes([shared + 3; 32]);
        let erasure = ErasurePrivateKey::from_bytes(own(6));
        let fingerprint = Fingerprint::of(&institution.public());
        let id = |n: u8| [n.wrapping_add(seed.wrapping_mul(40)); 16];
        let (exam, recording) = (ExamId::from_random(id(7)), RecordingId::from_random(id(8)));
        let runs = [RunId::from_random(id(9)), RunId::from_random(id(10))];
        let run_keys = [RunKey::from_bytes(own(11)), RunKey::from_bytes(own(12))];
        let record = |run: usize| {
            let new = NewKeyRecord {
                institution: fingerprint,
                exam,
                recording,
                run: runs[run],
                review: vec![review.public().unwrap()],
                erasure: erasure.public().unwrap(),
                created_ms: T0_MS - 1000,
            };
            KeyRecord::seal(&new, &run_keys[run], &device).unwrap()
        };
        let key_records = [record(0), record(1)];
        let mut world = Self {
            fingerprint,
            institution,
            server: ServerKey::from_seed(&[shared + 1; 32]).unwrap(),
            device,
            review,
            erasure,
            exam,
            recording,
            runs,
            run_keys,
            boot_id: BootId::from_random(id(13)),
            key_records,
            segments: Vec::new(),
            journals: [Vec::new(), Vec::new()],
        };
        world.record();
        if sound {
            let (init, fragments) = clip(SOUND);
            let chunks: Vec<(u64, &[u8], bool)> = (0..).zip(&fragments).map(|(n, fragment)| (n, fragment.as_slice(), true)).collect();
            world.segment(0, "mic0", TrackKind::Audio, 0, None, &init, &chunks, Some(CloseReason::Full));
        }
        let cam: TrackName = "cam0".parse().unwrap();
        let lost = Event::CameraLost { track: cam.clone(), reason: "unplugged".into() };
        world.keep_journals(vec![(9, lost), (10, Event::CameraBack { track: cam, reason: "plugged in".into() })]);
        world
    }

    pub(crate) fn certificate(&self, role: Role, subject: impl Into<Subject>) -> Certificate {
        Certificate {
            role,
            institution: self.fingerprint,
            subject: subject.into(),
            name: "test".into(),
            not_before_ms: T0_MS - 86_400_000,
            not_after_ms: T0_MS + 86_400_000,
            exam: (role == Role::Erasure).then_some(self.exam),
            recording: (role == Role::Device).then_some(self.recording),
            delegate: (role == Role::Server).then(|| vec![Role::Tls, Role::Erasure, Role::Device]),
        }
    }

    pub(crate) fn certificates(&self) -> Vec<Statement> {
        vec![
            self.institution.state(&self.certificate(Role::Server, self.server.public())).unwrap(),
            self.institution.state(&self.certificate(Role::Review, self.review.public().unwrap())).unwrap(),
            self.server.state(&self.certificate(Role::Erasure, self.erasure.public().unwrap())).unwrap(),
            self.server.state(&self.certificate(Role::Device, self.device.public())).unwrap(),
        ]
    }

    fn record(&mut self) {
        let (init, fragments) = clip(FIRST);
        let mut before = None;
        for (sequence, seconds, recovered) in [(0, [0, 1, 2, 3].as_slice(), false), (1, &[4, 5, 6, 7], false), (2, &[8, 10, 11], true)] {
            let chunks: Vec<(u64, &[u8], bool)> =
                seconds.iter().map(|n| (*n, fragments[usize::try_from(*n).unwrap()].as_slice(), n % 2 == 0)).collect();
            let kind = TrackKind::Video;
            before = Some(self.segment(
                0,
                "cam0",
                kind,
                sequence,
                before,
                &init,
                &chunks,
                if recovered { None } else { Some(CloseReason::Full) },
            ));
        }
        let pictures: Vec<(u64, &[u8], bool)> = vec![(0, b"\xff\xd8zero", true), (6, b"\xff\xd8six", true), (11, b"\xff\xd8eleven", true)];
        self.segment(0, "thumb0", TrackKind::Thumbnail, 0, None, b"", &pictures, Some(CloseReason::Stopped));
        let (init, fragments) = clip(SECOND);
        let chunks: Vec<(u64, &[u8], bool)> = (14..).zip(&fragments).map(|(n, fragment)| (n, fragment.as_slice(), true)).collect();
        self.segment(1, "cam0", TrackKind::Video, 0, before, &init, &chunks, Some(CloseReason::Stopped));
    }

    #[expect(clippy::too_many_arguments, reason = "all that a segment is made of, in one test helper")]
    fn segment(
        &mut self,
        run: usize,
        track: &str,
        kind: TrackKind,
        sequence: u32,
        previous_head: Option<Digest>,
        init: &[u8],
        chunks: &[(u64, &[u8], bool)],
        close: Option<CloseReason>,
    ) -> Digest {
        let track: TrackName = track.parse().unwrap();
        let start = SegmentStart {
            institution: self.fingerprint,
            exam: self.exam,
            recording: self.recording,
            run: self.runs[run],
            track: track.clone(),
            kind,
            codec: match kind {
                TrackKind::Video => "avc1.4d400a".into(),
                TrackKind::Audio => "opus".into(),
                _ => "jpeg".into(),
            },
            width: if kind == TrackKind::Audio { 0 } else { 96 },
            height: if kind == TrackKind::Audio { 0 } else { 64 },
            sequence,
            previous_head,
            key_record: self.key_records[run].digest(),
            boot_id: self.boot_id,
            origin_boottime_us: BOOT_US,
        };
        let (mut writer, mut bytes) = SegmentWriter::begin(start, &self.run_keys[run], &self.device).unwrap();
        let first = chunks[0].0;
        bytes.extend(writer.init(stamp(first), init).unwrap());
        let beacon = Beacon::sign(self.fingerprint, T0_MS + i64::try_from(first).unwrap() * 1000 - 700, [42; 16], &self.server);
        bytes.extend(writer.beacon(stamp(first), &beacon).unwrap());
        let mut last = first;
        for (second, plain, key) in chunks {
            bytes.extend(writer.chunk(stamp(*second), 1_000_000, *key, plain).unwrap());
            last = *second;
        }
        bytes.extend(writer.signature(stamp(last + 1)).unwrap());
        match close {
            Some(reason) => {
                bytes.extend(writer.end(stamp(last + 1)).unwrap());
                bytes.extend(writer.signature(stamp(last + 1)).unwrap());
                bytes.extend(writer.close(reason).unwrap());
            }
            None => bytes.extend(recover_closing(&Scanner::scan(&bytes).unwrap(), &self.device, stamp(14)).unwrap().append),
        }
        let scanner = Scanner::scan(&bytes).unwrap();
        let receipt = Receipt {
            institution: self.fingerprint,
            recording: self.recording,
            run: self.runs[run],
            track: track.clone(),
            sequence,
            size_bytes: bytes.len() as u64,
            digest: invigil_format::digest(&bytes),
            head: scanner.head(),
            stored_ms: T0_MS + i64::try_from(last).unwrap() * 1000 + 6000,
        };
        self.segments.push(Recorded {
            run,
            key: self.run_keys[run].segment_key(self.recording, self.runs[run], &track, sequence).unwrap(),
            track,
            sequence,
            head0: scanner.head0(),
            head: scanner.head(),
            receipt: self.server.state(&receipt).unwrap(),
            bytes,
            from_us: first * 1_000_000,
            to_us: (last + 1) * 1_000_000,
        });
        scanner.head()
    }

    /// The journals, in which the first run says this of its gap, each at a second.
    pub(crate) fn keep_journals(&mut self, of_the_gap: Vec<(u64, Event)>) {
        let cam: TrackName = "cam0".parse().unwrap();
        let started = |s: &Recorded| Event::SegmentStarted { track: s.track.clone(), sequence: s.sequence, head: s.head0 };
        let closed = |s: &Recorded, reason| Event::SegmentClosed {
            track: s.track.clone(),
            sequence: s.sequence,
            head: s.head,
            reason,
            run: self.runs[s.run],
        };
        let find = |run: usize, track: &str, sequence: u32| {
            self.segments.iter().find(|s| s.run == run && s.track.as_str() == track && s.sequence == sequence).unwrap()
        };
        let begin = |run: usize, previous_run: Option<RunId>| Event::RunStarted {
            agent_version: "0.1.0".into(),
            previous_run,
            key_record: self.key_records[run].digest(),
        };
        let [one, two, three, four] = [find(0, "cam0", 0), find(0, "cam0", 1), find(0, "cam0", 2), find(1, "cam0", 0)];
        let thumbs = find(0, "thumb0", 0);
        let text = |text: &str| text.to_owned();
        let mut first = vec![
            (0, begin(0, None)),
            (0, Event::TrackStarted { track: cam.clone(), camera: text("test picture"), reason: text("capture") }),
            (0, started(one)),
            (0, started(thumbs)),
            (4, closed(one, CloseReason::Full)),
            (4, started(two)),
            (6, Event::LinkLost { first_failed_start_us: BOOT_US + 5_000_000, first_failed_end_us: BOOT_US + 6_000_000 }),
            (
                7,
                Event::LinkBack {
                    first_failed_start_us: BOOT_US + 5_000_000,
                    first_failed_end_us: BOOT_US + 6_000_000,
                    last_failed_start_us: BOOT_US + 6_000_000,
                    last_failed_end_us: BOOT_US + 7_000_000,
                    attempts: 2,
                    error: text("connect"),
                },
            ),
            (8, closed(two, CloseReason::Full)),
            (8, started(three)),
        ];
        first.extend(of_the_gap);
        if let Some(sound) = self.segments.iter().find(|s| s.track.as_str() == "mic0") {
            first.insert(4, (0, started(sound)));
            first.push((10, closed(sound, CloseReason::Full)));
        }
        let second = vec![
            (14, begin(1, Some(self.runs[0]))),
            (14, closed(three, CloseReason::Recovered)),
            (14, started(four)),
            (18, closed(four, CloseReason::Stopped)),
            (18, Event::TrackEnded { track: cam.clone(), camera: text("test picture"), reason: text("end") }),
            (18, Event::RunEnded { reason: text("finished") }),
        ];
        let mut last = None;
        let mut journals = [Vec::new(), Vec::new()];
        for (run, events) in [first, second].into_iter().enumerate() {
            let mut writer = JournalWriter::new(self.fingerprint, self.recording, self.runs[run], self.boot_id, last, &self.device);
            journals[run] = events.into_iter().map(|(second, event)| writer.entry(event, stamp(second)).unwrap()).collect();
            last = writer.last();
        }
        self.journals = journals;
    }
}
