//! The agent's signed, hash-chained event log (`docs/format.md` 6).

use crate::error::Error;
use crate::ids::{BootId, Digest, Fingerprint, RecordingId, RunId, TrackName, VerifyingKey};
use crate::json::{nullable, present};
use crate::keys::DeviceKey;
use crate::segment::{CloseReason, Stamp};
use crate::statement::{Payload, Statement};
use serde::{Deserialize, Serialize};

/// The payload of a journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Institution.
    pub institution: Fingerprint,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// 0, 1, 2 ... within the run.
    pub index: u64,
    /// Digest of the entry before, over the border of runs on the same device too.
    #[serde(deserialize_with = "nullable")]
    pub previous: Option<Digest>,
    /// Boot to which boot times belong.
    pub boot_id: BootId,
    /// `CLOCK_BOOTTIME`, us.
    pub boottime_us: u64,
    /// Wall clock, Unix ms.
    pub wall_ms: i64,
    /// What happened.
    pub event: Event,
}

impl Payload for Entry {
    const TYPE: &'static str = "journal";
}

/// Who ended a candidate's or room's sitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishedBy {
    /// The candidate.
    Candidate,
    /// The invigilator.
    Invigilator,
    /// The agent, on the server's word or at its own end.
    Agent,
}

/// What an agent records of itself. All `_us` are boot times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are described by format.md's table, one row each")]
pub enum Event {
    /// First entry of a run.
    RunStarted {
        agent_version: String,
        #[serde(deserialize_with = "nullable")]
        previous_run: Option<RunId>,
        key_record: Digest,
    },
    /// Last entry of a run: without it the end is unproven.
    RunEnded { reason: String },
    /// `head` is head0.
    SegmentStarted { track: TrackName, sequence: u32, head: Digest },
    /// `head` is the one after the closing frame; `run` differs from the entry's when another run's segment was recovered.
    SegmentClosed { track: TrackName, sequence: u32, head: Digest, reason: CloseReason, run: RunId },
    /// A camera begins to deliver.
    TrackStarted { track: TrackName, camera: String, reason: String },
    /// It does no more.
    TrackEnded { track: TrackName, camera: String, reason: String },
    /// No pictures although they should come.
    CameraLost { track: TrackName, reason: String },
    /// Pictures again.
    CameraBack { track: TrackName, reason: String },
    /// The first failed heartbeat of an outage.
    LinkLost { first_failed_start_us: u64, first_failed_end_us: u64 },
    /// A heartbeat was answered again.
    LinkBack {
        first_failed_start_us: u64,
        first_failed_end_us: u64,
        last_failed_start_us: u64,
        last_failed_end_us: u64,
        attempts: u64,
        error: String,
    },
    /// Capture stands still, for instance because the spool is full.
    CapturePaused { track: TrackName, reason: String },
    /// It goes on.
    CaptureResumed { track: TrackName, reason: String },
    /// The candidate has finished, or the papers are collected.
    Finished { by: FinishedBy },
    /// Pictures that were captured and not recorded. Older agents did not say `stretch`, and of sound it is not said.
    FramesDropped {
        track: TrackName,
        count: u64,
        reason: String,
        #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
        stretch: Option<DroppedStretch>,
    },
    /// Pictures that the camera delivered damaged; they are not recorded.
    FramesDamaged { track: TrackName, count: u64, reason: String },
    /// A state that a person should see to began at `since_us`. `track` is null where it is the whole machine's.
    ConditionBegan {
        condition: Condition,
        #[serde(deserialize_with = "nullable")]
        track: Option<TrackName>,
        since_us: u64,
        reason: String,
    },
    /// It was over at `until_us`.
    ConditionEnded {
        condition: Condition,
        #[serde(deserialize_with = "nullable")]
        track: Option<TrackName>,
        since_us: u64,
        until_us: u64,
    },
    /// Fewer pictures a second than the policy asks for, because link, disk or processor are too slow.
    RateLowered { track: TrackName, fps: u32, reason: String },
    /// A higher rate again; the policy's when `fps` is.
    RateRaised { track: TrackName, fps: u32 },
    /// The wall clock moved by `by_ms` against the boot clock.
    ClockStepped { by_ms: i64 },
    /// The machine slept.
    Suspended { from_us: u64, to_us: u64 },
    /// The machine was awake, and the agent got no processor although it wanted to run at `from_us`.
    HeldUp { from_us: u64, to_us: u64 },
    /// Network interfaces that are up, with the kind of address they have, after a change.
    NetworkChanged { interfaces: Vec<String> },
    /// A probe of something outside does not succeed any more; the first failure began at `since_us`.
    ProbeFailed { target: ProbeTarget, since_us: u64, error: String },
    /// It succeeds again, at `until_us`.
    ProbeBack { target: ProbeTarget, since_us: u64, until_us: u64, attempts: u64 },
    /// The agent goes on with another of its server's addresses.
    ServerChanged { server: String },
    /// The scheduled end has passed and capture goes on until somebody ends it.
    EndPassed { ends_ms: i64 },
}

/// When pictures were thrown away, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DroppedStretch {
    /// When the first was taken, boot time.
    pub from_us: u64,
    /// When the last was.
    pub to_us: u64,
    /// Why.
    pub because: DroppedBecause,
}

/// Why pictures were thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DroppedBecause {
    /// Processor or disk did not keep up.
    TooBusy,
    /// The disk failed.
    DiskFailure,
    /// No segment could begin, because the camera gave no key frame.
    NoKeyFrame,
}

/// A state of camera or machine: a fact, not a judgement (P9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The picture is too dark to see anything.
    Dark,
    /// Something lies before the lens: hardly any detail although there is light.
    Covered,
    /// The same picture again and again, without a sensor's noise.
    Frozen,
    /// The sound is digital silence, or the microphone is muted.
    Silent,
    /// The spool's disk is nearly full.
    LowDisk,
    /// The spool's disk takes too long.
    SlowDisk,
    /// The processor does not keep up.
    Cpu,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::Dark, Self::Covered, Self::Frozen, Self::Silent, Self::LowDisk, Self::SlowDisk, Self::Cpu];

    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Covered => "covered",
            Self::Frozen => "frozen",
            Self::Silent => "silent",
            Self::LowDisk => "low-disk",
            Self::SlowDisk => "slow-disk",
            Self::Cpu => "cpu",
        }
    }
}

/// What an agent looks at to tell causes of an outage apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeTarget {
    /// Our own server, by its address.
    Server,
    /// The exam platform.
    Platform,
    /// The network's gateway.
    Gateway,
    /// The name service.
    Dns,
}

/// Signs the entries of one run.
#[derive(Clone)]
pub struct JournalWriter {
    institution: Fingerprint,
    recording: RecordingId,
    run: RunId,
    boot_id: BootId,
    device: DeviceKey,
    next_index: u64,
    last: Option<Digest>,
}

impl JournalWriter {
    /// A new run; `previous` is the last entry's digest of the run before on the same device.
    pub fn new(
        institution: Fingerprint,
        recording: RecordingId,
        run: RunId,
        boot_id: BootId,
        previous: Option<Digest>,
        device: &DeviceKey,
    ) -> Self {
        Self { institution, recording, run, boot_id, device: device.clone(), next_index: 0, last: previous }
    }

    /// Signs the next entry. The caller makes it durable before it acts on it.
    ///
    /// # Errors
    /// [`Error::StatementTooLong`]: the journal stays as it was.
    pub fn entry(&mut self, event: Event, at: Stamp) -> Result<Statement, Error> {
        let statement = self.device.state(&Entry {
            institution: self.institution,
            recording: self.recording,
            run: self.run,
            index: self.next_index,
            previous: self.last,
            boot_id: self.boot_id,
            boottime_us: at.boottime_us,
            wall_ms: at.wall_ms.max(0),
            event,
        })?;
        self.last = Some(statement.digest());
        self.next_index += 1;
        Ok(statement)
    }

    /// Index of the next entry.
    pub fn next_index(&self) -> u64 {
        self.next_index
    }
    /// Digest of the last entry.
    pub fn last(&self) -> Option<Digest> {
        self.last
    }
}

/// Checks the entries of one run as they arrive.
#[derive(Debug, Clone)]
pub struct JournalReader {
    institution: Fingerprint,
    recording: RecordingId,
    run: RunId,
    device: VerifyingKey,
    next_index: u64,
    last: Option<Digest>,
}

impl JournalReader {
    /// Before the first entry of a run by `device`.
    pub fn new(institution: Fingerprint, recording: RecordingId, run: RunId, device: VerifyingKey) -> Self {
        Self { institution, recording, run, device, next_index: 0, last: None }
    }

    /// Goes on after entries that were checked before: `last` is the digest of the entry `next_index - 1`.
    #[must_use]
    pub fn resume(mut self, next_index: u64, last: Option<Digest>) -> Self {
        self.next_index = next_index;
        self.last = last;
        self
    }

    /// Checks the next entry: signer, signature, scope, index, chain. Entry 0 may name any entry before it: its run's predecessor.
    ///
    /// # Errors
    /// [`Error::WrongSigner`], what [`Statement::read`] says, [`Error::WrongInstitution`], [`Error::WrongScope`], [`Error::JournalIndex`],
    /// [`Error::JournalChain`]; the reader stays as it was.
    pub fn push(&mut self, statement: &Statement) -> Result<Entry, Error> {
        let entry: Entry = statement.read_by(&self.device)?;
        self.push_read(&entry, statement.digest())?;
        Ok(entry)
    }

    /// Checks scope, index and chain of the next entry, which [`Statement::read_by`] has read from a statement of the run's device already; `digest` is that
    /// statement's.
    ///
    /// # Errors
    /// As [`JournalReader::push`], but for the signer and what [`Statement::read`] says.
    pub fn push_read(&mut self, entry: &Entry, digest: Digest) -> Result<(), Error> {
        let wrong = |member| Err(Error::WrongScope { what: Entry::TYPE, member });
        if entry.institution != self.institution {
            return Err(Error::WrongInstitution { what: Entry::TYPE });
        }
        if entry.recording != self.recording {
            return wrong("recording");
        }
        if entry.run != self.run {
            return wrong("run");
        }
        if entry.index != self.next_index {
            return Err(Error::JournalIndex { expected: self.next_index, found: entry.index });
        }
        if entry.index > 0 && entry.previous != self.last {
            return Err(Error::JournalChain { index: entry.index });
        }
        self.last = Some(digest);
        self.next_index = entry.index.saturating_add(1);
        Ok(())
    }

    /// Index of the entry that is wanted next.
    pub fn next_index(&self) -> u64 {
        self.next_index
    }
    /// Digest of the last entry.
    pub fn last(&self) -> Option<Digest> {
        self.last
    }
}
