//! The test vectors' manifest and what a reader does with each kind.

use invigil_format::recording::{RunInput, report};
use invigil_format::{
    Beacon, Closing, Entry, ErasurePrivateKey, Error, ExamId, Expired, Fingerprint, FrameKind, Join, JournalReader, KeyRecord, Need,
    Opener, Receipt, ReceiptFile, RecordingId, ReviewPrivateKey, Role, RunId, Scanner, Statement, Subject, TrustStore, VerifyingKey,
    WrappedKey, mp4,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(crate) fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/v1")
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) institution: VerifyingKey,
    /// X25519 private keys, hexadecimal.
    pub(crate) review_private: String,
    pub(crate) erasure_private: String,
    pub(crate) certificates: Vec<Statement>,
    pub(crate) key_records: Vec<Statement>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// `segment`, `statement`, `certificates`, `key-record`, `journal`, `beacon`, `wrapped-key`, `recording`, `receipt-file` or `mp4`.
    pub(crate) kind: String,
    pub(crate) file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expect: Option<Value>,
}

impl Manifest {
    pub(crate) fn trust(&self) -> TrustStore {
        TrustStore::new(self.fingerprint, self.institution, &self.certificates).unwrap()
    }

    pub(crate) fn review(&self) -> ReviewPrivateKey {
        ReviewPrivateKey::from_bytes(fixed(&self.review_private))
    }

    pub(crate) fn erasure(&self) -> ErasurePrivateKey {
        ErasurePrivateKey::from_bytes(fixed(&self.erasure_private))
    }

    /// What a reader finds in a vector.
    pub(crate) fn read(&self, kind: &str, bytes: &[u8]) -> Result<Value, Error> {
        match kind {
            "segment" => self.segment(bytes),
            "statement" => statement(bytes),
            "certificates" => self.certificates(&parse(bytes)),
            "key-record" => self.key_record(&parse(bytes)),
            "journal" => journal(&parse(bytes)),
            "beacon" => Beacon::from_hex(self.fingerprint, text(bytes)).map(|beacon| json!({ "time_ms": beacon.time_ms })),
            "wrapped-key" => wrapped(&parse(bytes)),
            "receipt-file" => self.receipt_file(bytes),
            "recording" => Ok(self.recording(&parse(bytes))),
            "mp4" => join(&parse(bytes)),
            other => panic!("unknown kind {other}"),
        }
    }

    fn segment(&self, bytes: &[u8]) -> Result<Value, Error> {
        let scanner = Scanner::scan(bytes)?;
        let header = scanner.header().unwrap();
        let statement = self.key_records.iter().find(|record| record.digest() == header.key_record);
        let statement = statement.ok_or(Error::WrongScope { what: "segment", member: "key_record" })?;
        let record: KeyRecord = statement.read()?;
        let trust = self.trust();
        record.check_trust(statement, &trust, record.created_ms)?;
        scanner.check_trust(&trust, record.created_ms)?;
        let run_key = record.open_inner(&record.open_outer(&self.erasure())?, &self.review())?;
        let opener = Opener::new(&scanner, &run_key)?;
        let mut plain = Vec::new();
        for frame in scanner.frames().iter().filter(|frame| frame.kind.sealed()) {
            let from = usize::try_from(frame.body_offset()).unwrap();
            let opened = opener.open(frame, &bytes[from..from + frame.body_len as usize])?;
            assert_eq!(frame.kind == FrameKind::Final, opened.is_empty() && frame.counter != Some(0));
            plain.extend_from_slice(&opened);
        }
        Ok(json!({
            "closed": scanner.closing().map(|closing| closing.reason),
            "chunks": scanner.chunks(),
            "duration_us": scanner.duration_us(),
            "whole_bytes": scanner.whole_bytes(),
            "pending_bytes": scanner.pending_bytes(),
            "signed_bytes": scanner.signed_bytes(),
            "beacons": scanner.beacons().len(),
            "head": scanner.head(),
            "plain_sha256": invigil_format::digest(&plain),
        }))
    }

    fn key_record(&self, case: &Value) -> Result<Value, Error> {
        let statement: Statement = from(case, "statement");
        let record: KeyRecord = statement.read()?;
        record.check_trust(&statement, &self.trust(), record.created_ms)?;
        let key = |name: &str| case.get(name).map(|value| fixed::<32>(value.as_str().unwrap()));
        let erasure = key("erasure_private").map_or_else(|| self.erasure(), ErasurePrivateKey::from_bytes);
        let review = key("review_private").map_or_else(|| self.review(), ReviewPrivateKey::from_bytes);
        let run_key = record.open_inner(&record.open_outer(&erasure)?, &review)?;
        Ok(json!({ "run_key": hex::encode(run_key.expose()), "digest": statement.digest() }))
    }

    fn certificates(&self, case: &Value) -> Result<Value, Error> {
        let certificates = from::<Option<Vec<Statement>>>(case, "certificates").unwrap_or_else(|| self.certificates.clone());
        let trust = TrustStore::new(from(case, "fingerprint"), from(case, "institution"), &certificates)?;
        if let Some((_, error)) = trust.refused().first() {
            return Err(error.clone());
        }
        let mut need = Need::new(from::<Role>(case, "role"), from::<Subject>(case, "subject"), from(case, "at_ms"));
        need.exam = from::<Option<ExamId>>(case, "exam");
        need.recording = from::<Option<RecordingId>>(case, "recording");
        trust.require(need).map(|certificate| json!({ "name": certificate.name }))
    }

    fn receipt_file(&self, bytes: &[u8]) -> Result<Value, Error> {
        let file = ReceiptFile::from_json(bytes)?;
        let receipt = file.check(self.fingerprint)?;
        Ok(
            json!({ "recording": receipt.recording, "expected_ms": receipt.expected_ms, "stored_ms": receipt.stored_ms, "digest": file.digest() }),
        )
    }

    fn recording(&self, case: &Value) -> Value {
        struct Run {
            run: RunId,
            key_record: Option<Statement>,
            journal: Vec<Statement>,
            segments: Vec<Scanner>,
        }
        let runs: Vec<Run> = case
            .as_array()
            .unwrap()
            .iter()
            .map(|run| Run {
                run: from(run, "run"),
                key_record: from(run, "key_record"),
                journal: from(run, "journal"),
                segments: from::<Vec<String>>(run, "segments")
                    .iter()
                    .map(|file| Scanner::scan(&std::fs::read(dir().join(file)).unwrap()).unwrap())
                    .collect(),
            })
            .collect();
        let segments: Vec<Vec<&Scanner>> = runs.iter().map(|run| run.segments.iter().collect()).collect();
        let inputs: Vec<RunInput<'_>> = runs
            .iter()
            .zip(&segments)
            .map(|(run, segments)| RunInput { run: run.run, key_record: run.key_record.as_ref(), journal: &run.journal, segments })
            .collect();
        let report = report(&self.trust(), &inputs);
        let runs: Vec<Value> = report
            .runs
            .iter()
            .map(|run| {
                json!({
                    "run": run.run,
                    "key_record": run.key_record.as_ref().map(Error::name),
                    "journal": run.journal.as_ref().map(|(_, error)| error.name()),
                    "end_proven": run.end_proven,
                    "tracks": run.tracks.iter().map(|track| json!({
                        "track": track.track,
                        "segments": track.segments.iter().map(|segment| json!({
                            "sequence": segment.sequence,
                            "closed": segment.closed,
                            "range_us": segment.range_us,
                            "problems": segment.problems.iter().map(Error::name).collect::<Vec<_>>(),
                        })).collect::<Vec<_>>(),
                        "missing_sequences": track.missing_sequences,
                        "gaps": track.gaps.iter().map(|gap| (gap.from_us, gap.to_us)).collect::<Vec<_>>(),
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({ "runs": runs, "missing_runs": report.missing_runs })
    }
}

fn statement(bytes: &[u8]) -> Result<Value, Error> {
    // The type that the reader asks for stands in front of the statement.
    let (asked, rest) = text(bytes).split_once('\n').unwrap();
    let statement = Statement::from_json(rest.as_bytes())?;
    match asked {
        "receipt" => statement.read::<Receipt>().map(drop),
        "expired" => statement.read::<Expired>().map(drop),
        "join" => statement.read::<Join>().map(drop),
        "closing" => statement.read::<Closing>().map(drop),
        "journal" => statement.read::<Entry>().map(drop),
        "certificate" => statement.read::<invigil_format::Certificate>().map(drop),
        "key-record" => statement.read::<KeyRecord>().map(drop),
        other => panic!("unknown type {other}"),
    }?;
    Ok(json!({ "digest": statement.digest() }))
}

fn journal(case: &Value) -> Result<Value, Error> {
    let mut reader = JournalReader::new(from(case, "institution"), from(case, "recording"), from(case, "run"), from(case, "device"));
    let mut kinds = Vec::new();
    for entry in from::<Vec<Statement>>(case, "entries") {
        let event = serde_json::to_value(reader.push(&entry)?.event).unwrap();
        kinds.push(event["kind"].clone());
    }
    Ok(json!({ "kinds": kinds, "last": reader.last() }))
}

fn wrapped(case: &Value) -> Result<Value, Error> {
    let key = WrappedKey::from_json(from::<String>(case, "text").as_bytes())?.unwrap_with(&from::<String>(case, "passphrase"))?;
    Ok(json!({ "private": hex::encode(key.expose()) }))
}

fn join(case: &Value) -> Result<Value, Error> {
    let bytes = |name: &str| -> Vec<Vec<u8>> { from::<Vec<String>>(case, name).iter().map(|text| hex::decode(text).unwrap()).collect() };
    let (mut joiner, mut out) = mp4::Joiner::new(&bytes("inits"))?;
    for (i, fragment) in bytes("fragments").iter().enumerate() {
        out.extend(joiner.fragment(i.min(from::<usize>(case, "last_init")), from(case, "shift_us"), fragment)?);
    }
    Ok(json!({ "sha256": invigil_format::digest(&out) }))
}

fn from<T: serde::de::DeserializeOwned>(case: &Value, name: &str) -> T {
    serde_json::from_value(case.get(name).cloned().unwrap_or(Value::Null)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn fixed<const N: usize>(hexadecimal: &str) -> [u8; N] {
    hex::decode(hexadecimal).unwrap().try_into().unwrap()
}
