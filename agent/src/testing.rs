//! An institution, a server's answers and a device, made up for unit tests.

use crate::enrol::{Enrolment, Recipients};
use crate::seal::{Run, now};
use crate::segment::{Fragment, Media, cmaf::Config, h264::ParameterSets};
use invigil_format::{
    Certificate, DeviceKey, Digest, ErasurePrivateKey, ExamId, Fingerprint, InstitutionKey, RecordingId, ReviewPrivateKey, Role, ServerKey,
    Statement, Subject,
};
use invigil_wire::agent::{CapturePolicy, ExamInfo, JoinAnswer};
use std::sync::Arc;

pub(crate) struct World {
    pub institution: InstitutionKey,
    pub server: ServerKey,
    pub device: DeviceKey,
    pub enrolment: Enrolment,
}

impl World {
    pub(crate) fn new() -> Self {
        let institution = InstitutionKey::from_seed(&[1; 32]).unwrap();
        let server = ServerKey::from_seed(&[2; 32]).unwrap();
        let device = DeviceKey::from_seed(&[3; 32]).unwrap();
        let review = ReviewPrivateKey::from_bytes([4; 32]).public().unwrap();
        let erasure = ErasurePrivateKey::from_bytes([5; 32]).public().unwrap();
        let (exam, recording) = (ExamId::from_random([6; 16]), RecordingId::from_random([7; 16]));
        let fingerprint = Fingerprint::of(&institution.public());
        let certify = |role: Role, subject: Subject| {
            let certificate = Certificate {
                role,
                institution: fingerprint,
                subject,
                name: "test".into(),
                not_before_ms: 0,
                not_after_ms: i64::MAX,
                exam: (role == Role::Erasure).then_some(exam),
                recording: (role == Role::Device).then_some(recording),
                delegate: (role == Role::Server).then(|| vec![Role::Tls, Role::Erasure, Role::Device]),
            };
            let signer = if matches!(role, Role::Erasure | Role::Device) { &*server } else { &*institution };
            signer.state(&certificate).unwrap()
        };
        let certificates = vec![
            certify(Role::Server, server.public().into()),
            certify(Role::Review, review.into()),
            certify(Role::Erasure, erasure.into()),
            certify(Role::Device, device.public().into()),
        ];
        let enrolment = Enrolment {
            server: "https://127.0.0.1:1".into(),
            servers: Vec::new(),
            fingerprint,
            code_digest: Digest([9; 32]),
            institution: institution.public(),
            certificates: Vec::new(),
            answer: JoinAnswer {
                recording,
                exam: ExamInfo { id: exam, title: "t".into(), discipline: "d".into(), starts_ms: 0, ends_ms: 0, utc_offset_secs: 0 },
                who: "w".into(),
                token: "00".repeat(32),
                certificates,
                capture: CapturePolicy { width: 640, height: 480, fps: 15, max_kbits: 300, upload_max_kbits: 0, sound: false },
                platform_url: None,
                server_time_ms: 0,
                expires_ms: i64::MAX,
                servers: Vec::new(),
            },
        };
        Self { institution, server, device, enrolment }
    }

    pub(crate) fn recipients(&self) -> Recipients {
        self.enrolment.recipients(self.device.public(), 1).unwrap()
    }

    pub(crate) fn run(&self) -> Arc<Run> {
        Arc::new(Run::new(&self.enrolment, &self.recipients(), &self.device, now()).unwrap())
    }

    pub(crate) fn says<P: invigil_format::Payload>(&self, payload: &P) -> Statement {
        self.server.state(payload).unwrap()
    }
}

/// A fragment of bytes that only look like one, `index` seconds after `origin_us`.
pub(crate) fn fragment(media: &Arc<Media>, origin_us: u64, index: u64, key: bool) -> Fragment {
    let boottime_us = origin_us + index * 1_000_000;
    Fragment { media: Arc::clone(media), bytes: vec![index as u8; 60], boottime_us, duration_us: 1_000_000, key, pictures: 15 }
}

pub(crate) fn config(width: u32) -> Arc<Media> {
    let sets = ParameterSets { sps: vec![vec![0x67, 0x64, 0, 0x1E, 1]], pps: vec![vec![0x68, 1]] };
    Arc::new(Media::H264(Config { sets, width, height: 480, pixel_aspect: (1, 1) }))
}

/// Numbers that look random and are the same in every run (xorshift64*).
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        low + (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64 * (high - low)
    }
}
