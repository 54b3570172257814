//! A small fixed world for the tests: keys from fixed seeds, and segments made by hand where the writer would refuse.

use invigil_format::{
    Beacon, BootId, Certificate, CloseReason, DeviceKey, Digest, ErasurePrivateKey, ExamId, Fingerprint, Header, InstitutionKey, KeyRecord,
    NewKeyRecord, RecordingId, ReviewPrivateKey, Role, RunId, RunKey, SegmentStart, SegmentWriter, ServerKey, Stamp, Statement, Subject,
    TrackKind, TrustStore,
};

pub(crate) const T0_MS: i64 = 1_780_000_000_000;
pub(crate) const BOOT_US: u64 = 5_000_000_000;

pub(crate) fn stamp(us: u64) -> Stamp {
    Stamp { boottime_us: BOOT_US + us, wall_ms: T0_MS + i64::try_from(us / 1000).unwrap() }
}

/// One institution, one server, one exam, one recording, two runs on one device.
pub(crate) struct World {
    pub(crate) institution: InstitutionKey,
    pub(crate) server: ServerKey,
    pub(crate) device: DeviceKey,
    pub(crate) review: ReviewPrivateKey,
    pub(crate) review2: ReviewPrivateKey,
    pub(crate) erasure: ErasurePrivateKey,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) exam: ExamId,
    pub(crate) recording: RecordingId,
    pub(crate) runs: [RunId; 2],
    pub(crate) run_keys: [RunKey; 2],
    pub(crate) boot_id: BootId,
}

impl World {
    pub(crate) fn new() -> Self {
        let institution = InstitutionKey::from_seed(&[1; 32]).unwrap();
        Self {
            fingerprint: Fingerprint::of(&institution.public()),
            institution,
            server: ServerKey::from_seed(&[2; 32]).unwrap(),
            device: DeviceKey::from_seed(&[3; 32]).unwrap(),
            review: ReviewPrivateKey::from_bytes([4; 32]),
            review2: ReviewPrivateKey::from_bytes([5; 32]),
            erasure: ErasurePrivateKey::from_bytes([6; 32]),
            exam: ExamId::from_random([7; 16]),
            recording: RecordingId::from_random([8; 16]),
            runs: [RunId::from_random([9; 16]), RunId::from_random([10; 16])],
            run_keys: [RunKey::from_bytes([11; 32]), RunKey::from_bytes([12; 32])],
            boot_id: BootId::from_random([13; 16]),
        }
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
            self.institution.state(&self.certificate(Role::Review, self.review2.public().unwrap())).unwrap(),
            self.server.state(&self.certificate(Role::Erasure, self.erasure.public().unwrap())).unwrap(),
            self.server.state(&self.certificate(Role::Device, self.device.public())).unwrap(),
            self.server.state(&self.certificate(Role::Tls, Subject([99; 32]))).unwrap(),
        ]
    }

    pub(crate) fn trust(&self) -> TrustStore {
        TrustStore::new(self.fingerprint, self.institution.public(), &self.certificates()).unwrap()
    }

    pub(crate) fn key_record(&self, run: usize) -> Statement {
        let new = NewKeyRecord {
            institution: self.fingerprint,
            exam: self.exam,
            recording: self.recording,
            run: self.runs[run],
            review: vec![self.review.public().unwrap(), self.review2.public().unwrap()],
            erasure: self.erasure.public().unwrap(),
            created_ms: T0_MS,
        };
        KeyRecord::seal(&new, &self.run_keys[run], &self.device).unwrap()
    }

    pub(crate) fn start(&self, run: usize, track: &str, sequence: u32, previous_head: Option<Digest>, key_record: Digest) -> SegmentStart {
        let kind = if track.starts_with("thumb") { TrackKind::Thumbnail } else { TrackKind::Video };
        SegmentStart {
            institution: self.fingerprint,
            exam: self.exam,
            recording: self.recording,
            run: self.runs[run],
            track: track.parse().unwrap(),
            kind,
            codec: if kind == TrackKind::Video { "avc1.42c01e".into() } else { "jpeg".into() },
            width: 640,
            height: 480,
            sequence,
            previous_head,
            key_record,
            boot_id: self.boot_id,
            origin_boottime_us: BOOT_US,
        }
    }

    pub(crate) fn beacon(&self) -> Beacon {
        Beacon::sign(self.fingerprint, T0_MS + 500, [42; 16], &self.server)
    }

    /// A segment with chunks of the given lengths, one second each from `from_us` on, a signature after every third, a beacon after the first.
    pub(crate) fn segment(
        &self,
        start: SegmentStart,
        from_us: u64,
        chunks: &[usize],
        close: Option<CloseReason>,
    ) -> (Vec<u8>, SegmentWriter) {
        let run = self.runs.iter().position(|run| *run == start.run).unwrap();
        let pictures = start.kind == TrackKind::Thumbnail;
        let (mut writer, mut bytes) = SegmentWriter::begin(start, &self.run_keys[run], &self.device).unwrap();
        bytes.extend(writer.init(stamp(from_us), if pictures { b"" } else { b"init section" }).unwrap());
        let mut us = from_us;
        for (i, len) in chunks.iter().enumerate() {
            let plain: Vec<u8> = (0..*len).map(|j| u8::try_from((i * 31 + j * 7) % 251).unwrap()).collect();
            bytes.extend(writer.chunk(stamp(us), 1_000_000, i % 4 == 0, &plain).unwrap());
            us += 1_000_000;
            if i == 0 {
                bytes.extend(writer.beacon(stamp(us), &self.beacon()).unwrap());
            }
            if i % 3 == 2 {
                bytes.extend(writer.signature(stamp(us)).unwrap());
            }
        }
        if let Some(reason) = close {
            bytes.extend(writer.end(stamp(us)).unwrap());
            bytes.extend(writer.signature(stamp(us)).unwrap());
            bytes.extend(writer.close(reason).unwrap());
        }
        (bytes, writer)
    }
}

/// Builds segments frame by frame with a right chain and whatever else the caller wants wrong.
#[derive(Clone)]
pub(crate) struct Forge {
    pub(crate) bytes: Vec<u8>,
    pub(crate) head: Digest,
    pub(crate) counter: u32,
}

/// A frame header's fields, as they will stand there.
pub(crate) struct Raw {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) reserved: u16,
    pub(crate) counter: u32,
    pub(crate) wall_ms: u64,
    pub(crate) duration_us: u32,
    pub(crate) body_len: Option<u32>,
}

impl Raw {
    pub(crate) fn new(kind: u8, counter: u32) -> Self {
        let counter = if kind <= 3 { counter } else { u32::MAX };
        let wall_ms = u64::try_from(T0_MS).unwrap();
        Self {
            kind,
            flags: u8::from(kind == 3),
            reserved: 0,
            counter,
            wall_ms,
            duration_us: if kind == 2 { 1_000_000 } else { 0 },
            body_len: None,
        }
    }
}

impl Forge {
    pub(crate) fn with_header_text(text: &[u8]) -> Self {
        let mut bytes = b"\x89IVS\r\n\x1a\n\x00\x01\x00\x00".to_vec();
        bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text);
        let head = hash(&[b"invigil v1 segment head\0", &bytes]);
        Self { bytes, head, counter: 0 }
    }

    pub(crate) fn new(header: &Header) -> Self {
        Self::with_header_text(&serde_json::to_vec(header).unwrap())
    }

    pub(crate) fn raw(mut self, raw: &Raw, body: &[u8]) -> Self {
        let mut frame = vec![raw.kind, raw.flags];
        frame.extend(raw.reserved.to_be_bytes());
        frame.extend(raw.counter.to_be_bytes());
        frame.extend(BOOT_US.to_be_bytes());
        frame.extend(raw.wall_ms.to_be_bytes());
        frame.extend(raw.duration_us.to_be_bytes());
        frame.extend(raw.body_len.unwrap_or(u32::try_from(body.len()).unwrap()).to_be_bytes());
        frame.extend(self.head.as_bytes());
        frame.extend(body);
        self.head = hash(&[b"invigil v1 frame head\0", &frame]);
        self.bytes.extend(frame);
        self.counter += u32::from(raw.kind <= 3);
        self
    }

    pub(crate) fn frame(self, kind: u8, body: &[u8]) -> Self {
        let raw = Raw::new(kind, self.counter);
        self.raw(&raw, body)
    }
}

pub(crate) fn hash(parts: &[&[u8]]) -> Digest {
    invigil_format::digest(&parts.concat())
}
