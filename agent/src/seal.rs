//! One run's keys: the run key exists here, in this process's memory, and nowhere else.

use crate::enrol::{Enrolment, Recipients};
use crate::segment::Media;
use invigil_format::{
    BootId, DeviceKey, Digest, Error, ExamId, Fingerprint, KeyRecord, NewKeyRecord, RecordingId, RunId, RunKey, SegmentStart,
    SegmentWriter, Stamp, Statement, TrackName,
};
use zeroize::Zeroizing;

/// Both clocks, now.
pub fn now() -> Stamp {
    Stamp { boottime_us: invigil_clock::boottime_us(), wall_ms: invigil_clock::wall_ms() }
}

/// One life of this process, as far as footage is concerned.
pub struct Run {
    /// Institution.
    pub institution: Fingerprint,
    /// Exam.
    pub exam: ExamId,
    /// Recording.
    pub recording: RecordingId,
    /// This run.
    pub run: RunId,
    /// This boot.
    pub boot_id: BootId,
    /// Boot time of media time zero of all tracks, us.
    pub origin_us: u64,
    /// Who can open it; to be durable before the first chunk (S3).
    pub key_record: Statement,
    /// Its digest.
    pub key_record_digest: Digest,
    /// Signs.
    pub device: DeviceKey,
    key: RunKey,
}

/// What a new run can fail with.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No randomness.
    #[error("making a run key failed: {0}")]
    Randomness(#[from] invigil_clock::NoRandomness),
    /// Format.
    #[error("sealing the run key failed: {0}")]
    Format(#[from] Error),
}

impl Run {
    /// A new run key, sealed to keys that the caller has checked.
    pub fn new(enrolment: &Enrolment, recipients: &Recipients, device: &DeviceKey, at: Stamp) -> Result<Self, SealError> {
        let key = RunKey::from_bytes(*Zeroizing::new(invigil_clock::random::<32>()?));
        let run = RunId::from_random(invigil_clock::random()?);
        let (exam, recording) = (enrolment.answer.exam.id, enrolment.answer.recording);
        let new = NewKeyRecord {
            institution: enrolment.fingerprint,
            exam,
            recording,
            run,
            review: recipients.review.clone(),
            erasure: recipients.erasure,
            created_ms: at.wall_ms,
        };
        let key_record = KeyRecord::seal(&new, &key, device)?;
        Ok(Self {
            institution: enrolment.fingerprint,
            exam,
            recording,
            run,
            boot_id: BootId::from_bytes(invigil_clock::boot_id()),
            origin_us: at.boottime_us,
            key_record_digest: key_record.digest(),
            key_record,
            device: device.clone(),
            key,
        })
    }

    /// Begins a segment: its writer, and preamble, header and sealed init section as bytes.
    pub fn begin(
        &self,
        track: &TrackName,
        sequence: u32,
        previous_head: Option<Digest>,
        media: &Media,
        at: Stamp,
    ) -> Result<(SegmentWriter, Vec<u8>), Error> {
        let (width, height) = media.size();
        let start = SegmentStart {
            institution: self.institution,
            exam: self.exam,
            recording: self.recording,
            run: self.run,
            track: track.clone(),
            kind: media.kind(),
            codec: media.codec(),
            width,
            height,
            sequence,
            previous_head,
            key_record: self.key_record_digest,
            boot_id: self.boot_id,
            origin_boottime_us: self.origin_us,
        };
        let (mut writer, mut bytes) = SegmentWriter::begin(start, &self.key, &self.device)?;
        bytes.extend(writer.init(at, &Zeroizing::new(media.init()))?);
        Ok((writer, bytes))
    }
}
