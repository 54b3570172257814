//! Acts, bundles, and taking bundles apart.

use crate::world::{OFFSET_MS, Recorded, T0_MS, World};
use invigil_evidence::bundle::{
    Custody, CustodyEntry, CustodyHold, Institution, MANIFEST, Report, SegmentBytes, Source, SourceRun, SourceSegment, prepare, verify,
};
use invigil_evidence::zip::{Checksum, Writer, scan};
use invigil_evidence::{
    Act, ActAttachment, ActEvent, ActExam, ActSubject, AttachmentKind, BundleFile, BundleManifest, By, CitedRun, CitedSegment, DrawnUpBy,
    EventKind, Evidence, Media, Signatory, StillSource,
};
use invigil_format::{ActId, AttachmentId, BundleId, Digest, HoldId, SigningKey, Statement};
use std::collections::BTreeMap;
use std::io::Cursor;
use zeroize::Zeroizing;

pub(crate) const ANNEX: &[u8] = b"%PDF-1.7 an annex of stills";
pub(crate) const SCAN: &[u8] = b"%PDF-1.7 a scan";
pub(crate) const STILL: &[u8] = b"\xff\xd8 a still";
pub(crate) const PDF: &[u8] = b"%PDF-1.7 the act in Kazakh";

/// An act of a world and everything that its bundle needs.
pub(crate) struct Case {
    pub(crate) world: World,
    pub(crate) act: Act,
    pub(crate) statement: Statement,
    pub(crate) events: Vec<Statement>,
    pub(crate) custody: Custody,
}

pub(crate) fn cited(s: &Recorded, world: &World) -> CitedSegment {
    CitedSegment {
        run: world.runs[s.run],
        track: s.track.clone(),
        sequence: s.sequence,
        size_bytes: s.bytes.len() as u64,
        digest: invigil_format::digest(&s.bytes),
        head: s.head,
    }
}

/// The segments that overlap seconds `from..to`.
pub(crate) fn stretch(world: &World, from_ms: i64, to_ms: i64, hold: u8) -> Evidence {
    let us = |ms: i64| u64::try_from(ms * 1000).unwrap();
    let covered = |s: &&Recorded| s.from_us < us(to_ms) && s.to_us > us(from_ms);
    let run = |run: usize| CitedRun {
        run: world.runs[run],
        device: world.device.public(),
        key_record: world.key_records[run].digest(),
        clock_offset_ms: OFFSET_MS,
    };
    let segments: Vec<&Recorded> = world.segments.iter().filter(covered).collect();
    Evidence {
        recording: world.recording,
        from_ms: T0_MS + from_ms,
        to_ms: T0_MS + to_ms,
        hold: HoldId::from_random([hold; 16]),
        runs: (0..2).filter(|n| segments.iter().any(|s| s.run == *n)).map(run).collect(),
        segments: segments.into_iter().map(|s| cited(s, world)).collect(),
    }
}

fn attachment(number: u8, kind: AttachmentKind, media: Media, plain: &[u8], source: Option<StillSource>) -> ActAttachment {
    ActAttachment {
        attachment: AttachmentId::from_random([number; 16]),
        kind,
        media,
        name: format!("attachment {number}"),
        size_bytes: plain.len() as u64,
        digest: invigil_format::digest(plain),
        source,
    }
}

impl Case {
    /// An act on seconds 5.5 to 16.5 of a world, number `number`.
    pub(crate) fn new(world: World, number: u64) -> Self {
        let evidence = vec![stretch(&world, 5500, 16_500, 60)];
        Self::citing(world, number, evidence)
    }

    pub(crate) fn citing(world: World, number: u64, evidence: Vec<Evidence>) -> Self {
        let source = StillSource { recording: world.recording, track: "cam0".parse().unwrap(), at_ms: T0_MS + 6000 };
        let id = u8::try_from(number).unwrap();
        let mut act = Act {
            institution: world.fingerprint,
            act: ActId::from_random([id; 16]),
            kind: "annulment".into(),
            number,
            year: 2026,
            number_text: format!("A-{number}/2026"),
            form: Digest([70; 32]),
            language: "kk".into(),
            exam: ActExam {
                id: world.exam,
                title: "Емтихан".into(),
                discipline: "Математика".into(),
                faculty: "Механика".into(),
                examiner: "Ә. Ғалымов".into(),
                starts_ms: T0_MS,
                ends_ms: T0_MS + 3_600_000,
                utc_offset_secs: 18_000,
            },
            subject: Some(ActSubject { name: "Қ. Өмірова".into(), external_id: "S-1".into(), recording: Some(world.recording) }),
            fields: BTreeMap::from([("seen".to_owned(), "телефон".to_owned())]),
            points: vec!["1.8".into()],
            evidence,
            // A still before the annex: the bundle has its own order.
            attachments: vec![
                attachment(80, AttachmentKind::Still, Media::Jpeg, STILL, Some(source)),
                attachment(81, AttachmentKind::Annex, Media::Pdf, ANNEX, None),
                attachment(82, AttachmentKind::Scan, Media::Pdf, SCAN, None),
            ],
            drawn_up_by: DrawnUpBy { account: "duty".into(), name: "Ү. Кезекші".into(), capacity: "duty".into() },
            signatories: ["duty", "board"]
                .map(|account| Signatory {
                    account: account.into(),
                    name: format!("Name of {account}"),
                    post: "post".into(),
                    signed_ms: T0_MS + 60_000,
                    content: Digest([0; 32]),
                })
                .into(),
            refers_to: None,
            repeated: false,
            cancel_until_ms: Some(T0_MS + 2_600_000_000),
            signed_ms: T0_MS + 61_000,
            log_index: 4,
            log_previous: Digest([90; 32]),
        };
        let content = act.content().digest();
        act.signatories.iter_mut().for_each(|signatory| signatory.content = content);
        let statement = world.server.state(&act).unwrap();
        let mut case = Self { custody: custody(&act), world, act, statement, events: Vec::new() };
        let document = BTreeMap::from([
            ("language".to_owned(), "kk".to_owned()),
            ("digest".to_owned(), invigil_format::digest(PDF).to_string()),
            ("size_bytes".to_owned(), PDF.len().to_string()),
        ]);
        case.event(EventKind::PassedOn, BTreeMap::new(), 5, case.statement.digest());
        case.event(EventKind::Document, document, 6, case.events[0].digest());
        // Another act lies between.
        case.event(EventKind::GradeCancelled, BTreeMap::new(), 8, Digest([91; 32]));
        case
    }

    pub(crate) fn event(&mut self, event: EventKind, detail: BTreeMap<String, String>, log_index: u64, log_previous: Digest) {
        let by = By { account: "board".into(), name: "Name of board".into(), post: "post".into() };
        let at_ms = T0_MS + 61_000 + i64::try_from(log_index).unwrap();
        let digest = self.statement.digest();
        let event = ActEvent {
            institution: self.world.fingerprint,
            act: self.act.act,
            digest,
            event,
            by: Some(by),
            at_ms,
            detail,
            log_index,
            log_previous,
        };
        self.events.push(self.world.server.state(&event).unwrap());
    }

    pub(crate) fn source(&self) -> Source {
        let world = &self.world;
        let used = |s: &&Recorded| self.act.evidence.iter().any(|e| e.segments.contains(&cited(s, world)));
        let run = |n: usize| SourceRun { run: world.runs[n], key_record: world.key_records[n].clone(), journal: world.journals[n].clone() };
        let segment = |s: &Recorded| SourceSegment {
            run: world.runs[s.run],
            track: s.track.clone(),
            sequence: s.sequence,
            key: s.key.clone(),
            receipt: s.receipt.clone(),
        };
        let plain = |number: u8, bytes: &[u8]| (AttachmentId::from_random([number; 16]), Zeroizing::new(bytes.to_vec()));
        Source {
            act: self.statement.clone(),
            events: self.events.clone(),
            institution: world.institution.public(),
            certificates: world.certificates(),
            runs: (0..2).map(run).collect(),
            segments: world.segments.iter().filter(used).map(segment).collect(),
            custody: self.custody.to_json(),
            documents: BTreeMap::from([("kk".to_owned(), PDF.to_vec())]),
            attachments: [plain(80, STILL), plain(81, ANNEX), plain(82, SCAN)].into(),
        }
    }

    pub(crate) fn bundle(&self) -> Vec<u8> {
        let mut store = self.store();
        let prepared = prepare(self.source(), &mut store, BundleId::from_random([99; 16])).unwrap();
        let manifest = self.world.server.state(&prepared.manifest(T0_MS + 70_000)).unwrap();
        prepared.write(&manifest, &mut store, Vec::new()).unwrap()
    }

    pub(crate) fn store(&self) -> impl SegmentBytes {
        Store(self.world.segments.iter().map(|s| ((self.world.runs[s.run], s.track.clone(), s.sequence), s.bytes.clone())).collect())
    }

    pub(crate) fn key(&self) -> Institution {
        Institution(Digest(self.world.institution.public().0))
    }

    pub(crate) fn verify(&self, bundle: &[u8]) -> Report {
        verify(&mut Cursor::new(bundle), &self.key()).unwrap()
    }
}

fn custody(act: &Act) -> Custody {
    let hold = |e: &Evidence| CustodyHold {
        hold: e.hold,
        recording: e.recording,
        from_ms: e.from_ms,
        to_ms: e.to_ms,
        reason: "act".into(),
        opened_by: "duty".into(),
        opened_ms: T0_MS + 20_000,
        released_by: None,
        released_ms: None,
    };
    let entry = |at_ms, action: &str| CustodyEntry { at_ms, who: "duty".into(), action: action.into() };
    let log = vec![entry(T0_MS + 19_000, "keys-released"), entry(T0_MS + 20_000, "hold-opened")];
    Custody { holds: act.evidence.iter().map(hold).collect(), log }
}

type Place = (invigil_format::RunId, invigil_format::TrackName, u32);

struct Store(Vec<(Place, Vec<u8>)>);

impl SegmentBytes for Store {
    fn read(&mut self, s: &invigil_evidence::bundle::PlannedSegment, from: u64, len: usize) -> std::io::Result<Vec<u8>> {
        let found = self.0.iter().find(|((run, track, sequence), _)| (*run, track, *sequence) == (s.run, &s.track, s.sequence));
        let from = usize::try_from(from).unwrap();
        Ok(found.unwrap().1[from..from + len].to_vec())
    }
}

/// A bundle taken apart.
#[derive(Clone)]
pub(crate) struct Parts(pub(crate) Vec<(String, Vec<u8>)>);

impl Parts {
    pub(crate) fn of(bundle: &[u8]) -> Self {
        let archive = scan(&mut &bundle[..]).unwrap();
        assert_eq!(archive.faults, []);
        let mut source = Cursor::new(bundle);
        let read = |file: &invigil_evidence::zip::FileAt, source: &mut Cursor<&[u8]>| {
            (file.name.clone(), file.read_at(source, 0, usize::try_from(file.size_bytes).unwrap()).unwrap())
        };
        Self(archive.files.iter().map(|file| read(file, &mut source)).collect())
    }

    pub(crate) fn at(&self, name: &str) -> usize {
        self.0.iter().position(|(found, _)| found == name).unwrap_or_else(|| panic!("no {name} among {:?}", self.names()))
    }

    pub(crate) fn get(&self, name: &str) -> &[u8] {
        &self.0[self.at(name)].1
    }

    pub(crate) fn set(&mut self, name: &str, bytes: Vec<u8>) {
        let at = self.at(name);
        self.0[at].1 = bytes;
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn manifest(&self) -> BundleManifest {
        Statement::from_json(self.get(MANIFEST)).unwrap().read().unwrap()
    }

    /// The manifest as it would be of these files, signed by `key`.
    pub(crate) fn sign_again(&mut self, key: &SigningKey) {
        let mut manifest = self.manifest();
        let list = |(name, bytes): &(String, Vec<u8>)| BundleFile {
            name: name.clone(),
            size_bytes: bytes.len() as u64,
            digest: invigil_format::digest(bytes),
        };
        manifest.files = self.0[1..].iter().map(list).collect();
        self.set(MANIFEST, key.state(&manifest).unwrap().to_json().into_bytes());
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        for (name, bytes) in &self.0 {
            writer.file(name, &Checksum::of(bytes)).unwrap();
            writer.write(bytes).unwrap();
        }
        writer.finish().unwrap()
    }
}
