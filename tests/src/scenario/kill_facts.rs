//! What disks show of kills: which step of docs/lifecycle.md was hit, which segments were begun, and what the server keeps.

use crate::disk;
use anyhow::{Context, Result};
use invigil_format::{Entry, Event, FrameKind, Scanner, Statement, TrackKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// First bytes of a segment (docs/format.md 5).
const MAGIC: &[u8] = b"\x89IVS\r\n\x1a\n";

/// A segment's name: run, track, sequence.
pub type Name = (String, String, u32);

/// What all journals that were ever in the spool say.
#[derive(Debug, Default)]
pub struct Journalled {
    /// Segments that were journalled as begun.
    pub begun: BTreeSet<Name>,
    /// When cameras began to deliver, by track, boot time in us.
    pub delivering_us: BTreeMap<String, BTreeSet<u64>>,
}

impl Journalled {
    /// Adds what the spool's journals say now. The last line of one may be torn by the kill.
    pub fn read(&mut self, spool: &Path) -> Result<()> {
        for file in disk::files(spool)?.iter().filter(|file| file.ends_with("journal.jsonl")) {
            for entry in entries(file)? {
                match entry.event {
                    Event::SegmentStarted { track, sequence, .. } => {
                        self.begun.insert((entry.run.to_string(), track.to_string(), sequence));
                    }
                    Event::TrackStarted { track, .. } => {
                        self.delivering_us.entry(track.to_string()).or_default().insert(entry.boottime_us);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// One segment on the server.
#[derive(Debug)]
pub struct Stored {
    /// Its name.
    pub name: Name,
    /// What it carries.
    pub kind: TrackKind,
    /// It has its closing record.
    pub closed: bool,
    /// From and until when each chunk was captured, boot time in us.
    pub chunks: Vec<(u64, u64)>,
}

/// All segments in the server's store, growing ones too, as many times as there are files of them.
pub fn stored(server: &Path) -> Result<Vec<Stored>> {
    let mut found = Vec::new();
    for file in segments(server)? {
        let scanner = Scanner::scan(&std::fs::read(&file)?).with_context(|| format!("scan {}", file.display()))?;
        let Some(header) = scanner.header() else { continue };
        let chunks = scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk);
        found.push(Stored {
            name: (header.run.to_string(), header.track.to_string(), header.sequence),
            kind: header.kind,
            closed: scanner.closing().is_some(),
            chunks: chunks.map(|chunk| (chunk.at.boottime_us, chunk.at.boottime_us + u64::from(chunk.duration_us))).collect(),
        });
    }
    Ok(found)
}

/// Incoming files on the server that end inside a frame: the rest was on its way.
pub fn half_sent(server: &Path) -> Result<usize> {
    let mut count = 0;
    for file in segments(&server.join("data"))?.into_iter().filter(|file| file.components().any(|part| part.as_os_str() == "incoming")) {
        // It may have been stored meanwhile.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let mut scanner = Scanner::new();
        count += usize::from(scanner.feed(&bytes).is_ok() && scanner.pending_bytes() > 0);
    }
    Ok(count)
}

/// Where the agent was when it died, as its spool shows: one or more of the steps of docs/lifecycle.md.
pub fn points(spool: &Path) -> Result<BTreeSet<&'static str>> {
    let mut found = BTreeSet::new();
    let mut runs: Vec<PathBuf> = Vec::new();
    for file in disk::files(spool)?.iter().filter(|file| file.ends_with("runs.json")) {
        let folder = file.parent().context("the recording's folder")?;
        let listed: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let names = listed.as_array().or_else(|| listed["runs"].as_array()).context("runs.json lists runs")?;
        runs.extend(names.iter().filter_map(|name| name.as_str()).map(|name| folder.join(name)));
    }
    let Some(newest) = runs.pop() else { return Ok(BTreeSet::from(["before the first run"])) };
    if runs.iter().filter(|run| run.is_dir()).any(|run| open_segments(run).is_ok_and(|open| open > 0)) {
        found.insert("R1-R4: earlier segments not recovered yet");
    }
    if !newest.join("key-record.json").exists() {
        found.insert("S2-S3: a run without its key record");
        return Ok(found);
    }
    let entries = entries(&newest.join("journal.jsonl")).unwrap_or_default();
    if !entries.iter().any(|entry| matches!(entry.event, Event::RunStarted { .. })) {
        found.insert("S3-S4: a key record, the run not journalled");
    }
    let begun =
        |track: &str| entries.iter().any(|entry| matches!(&entry.event, Event::SegmentStarted { track: t, .. } if t.as_str() == track));
    let files = segments(&newest)?;
    if files.is_empty() {
        found.insert("S4-S5: no segment yet");
    }
    for file in files {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let mut scanner = Scanner::new();
        let fine = scanner.feed(&bytes).is_ok();
        let chunks = scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk).count();
        found.insert(match scanner.header() {
            None => "S5-S6: a segment without its header",
            Some(header) if !begun(header.track.as_str()) => "S6: a segment that is not journalled yet",
            Some(_) if chunks == 0 => "S6-S7: a segment without a chunk",
            Some(_) if !fine || scanner.pending_bytes() > 0 => "S7: a torn chunk",
            Some(_) if scanner.closing().is_some() => "S8-S13: a closed segment",
            Some(_) if scanner.signed_bytes() < scanner.whole_bytes() => "S7: chunks after the last signature",
            Some(_) => "S7: everything signed",
        });
    }
    Ok(found)
}

fn open_segments(run: &Path) -> Result<usize> {
    let mut open = 0;
    for file in segments(run)? {
        open += usize::from(Scanner::scan(&std::fs::read(&file)?).is_ok_and(|scanner| scanner.closing().is_none()));
    }
    Ok(open)
}

fn segments(folder: &Path) -> Result<Vec<PathBuf>> {
    use std::io::Read;
    let is_segment = |file: &PathBuf| {
        let mut magic = [0; MAGIC.len()];
        let empty = file.extension().is_some_and(|end| end == "seg") && std::fs::metadata(file).is_ok_and(|meta| meta.len() < 8);
        let read = std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut magic));
        empty || (read.is_ok() && magic == MAGIC)
    };
    Ok(disk::files(folder)?.into_iter().filter(is_segment).collect())
}

fn entries(journal: &Path) -> Result<Vec<Entry>> {
    let text = std::fs::read_to_string(journal).with_context(|| format!("read {}", journal.display()))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| Ok(Statement::from_json(line.as_bytes())?.read()?)).collect()
}
