//! Making a bundle. Everything but footage and videos is in memory; of these, one chunk is open at a time. A video is made twice, once to be measured and
//! once to be written, because its digest stands before it and no plain video may lie on a disk meanwhile.

use super::custody::Custody;
use super::plan::{Part, Plan, PlannedRun, PlannedSegment, documents};
use super::room::{Unfit, archive_room, fits};
use super::{MANIFEST, README};
use crate::act::{Act, ActEvent};
use crate::manifest::{BundleFile, BundleManifest};
use crate::range::{self, Piece, RangeError, Selection};
use crate::zip::{Checksum, Writer};
use invigil_format::{AttachmentId, BundleId, Error, Frame, Opener, RunId, Scanner, SegmentKey, Statement, TrackName, VerifyingKey};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};
use zeroize::Zeroizing;

const PIECE_BYTES: usize = 1 << 20;

/// What a bundle is made of.
pub struct Source {
    /// The act's statement.
    pub act: Statement,
    /// Its events, in order.
    pub events: Vec<Statement>,
    /// Institution key.
    pub institution: VerifyingKey,
    /// Certificates.
    pub certificates: Vec<Statement>,
    /// The runs that the act names.
    pub runs: Vec<SourceRun>,
    /// The segments that it cites.
    pub segments: Vec<SourceSegment>,
    /// Who held, opened and released the footage: the very text.
    pub custody: String,
    /// PDFs by language.
    pub documents: BTreeMap<String, Vec<u8>>,
    /// Attachments, opened.
    pub attachments: BTreeMap<AttachmentId, Zeroizing<Vec<u8>>>,
}

/// A run's records.
pub struct SourceRun {
    /// Which.
    pub run: RunId,
    /// Key record.
    pub key_record: Statement,
    /// Journal as far as it is there.
    pub journal: Vec<Statement>,
}

/// A segment's key and receipt.
pub struct SourceSegment {
    /// Its run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
    /// Opens it.
    pub key: SegmentKey,
    /// Server's receipt.
    pub receipt: Statement,
}

/// Where sealed segments lie.
pub trait SegmentBytes {
    /// Bytes `from..from + len` of a segment.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read(&mut self, segment: &PlannedSegment, from: u64, len: usize) -> io::Result<Vec<u8>>;
}

/// Why a bundle cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Something that the act names is not there, or is another one.
    #[error("{what}: {why}")]
    Source {
        /// Which part.
        what: String,
        /// What was expected.
        why: String,
    },
    /// Bytes that are not as they were signed or sealed.
    #[error("{what}: {error}")]
    Format {
        /// Which part.
        what: String,
        /// What is wrong.
        error: Error,
    },
    /// It would be no bundle.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn source(what: impl Into<String>, why: impl Into<String>) -> MakeError {
    MakeError::Source { what: what.into(), why: why.into() }
}

fn format(what: impl Into<String>) -> impl FnOnce(Error) -> MakeError {
    let what = what.into();
    |error| MakeError::Format { what, error }
}

enum Content {
    Bytes(Zeroizing<Vec<u8>>),
    Segment(usize),
    Video { track: usize, selection: Selection },
}

/// A bundle that only lacks its signed manifest.
pub struct Prepared {
    plan: Plan,
    files: Vec<(String, Content, Checksum)>,
    opened: Vec<(Scanner, Opener)>,
    manifest: BundleManifest,
}

/// Reads everything once and checks it against the act.
///
/// # Errors
/// [`MakeError`]: what is missing or not what the act names; that it would be too large.
pub fn prepare(from: Source, bytes: &mut dyn SegmentBytes, bundle: BundleId) -> Result<Prepared, MakeError> {
    let act: Act = from.act.read().map_err(format("the act"))?;
    let events: Vec<ActEvent> = from.events.iter().map(Statement::read).collect::<Result<_, _>>().map_err(format("the act's events"))?;
    let made = documents(&events);
    let languages: Vec<&str> = made.iter().map(|document| document.language).collect();
    let plan = Plan::of(&act.evidence, &act.attachments, &languages).map_err(|why| source("the act", why))?;
    let custody = Custody::from_json(from.custody.as_bytes()).map_err(format("custody.json"))?;
    if let Some(lost) = act.evidence.iter().find(|stretch| custody.holds.iter().all(|hold| hold.hold != stretch.hold)) {
        return Err(source("custody.json", format!("hold {} is not in it", lost.hold)));
    }
    let mut opened = Vec::new();
    let mut sums = Vec::new();
    for segment in &plan.segments {
        let key = &of_segment(&from, segment)?.key;
        let (scanner, sum) = read_segment(segment, bytes)?;
        let opener = Opener::with_segment_key(&scanner, key).map_err(format(name(segment)))?;
        opened.push((scanner, opener));
        sums.push(sum);
    }
    let mut files = Vec::new();
    for (name, part) in &plan.files {
        let content = match part {
            Part::Segment(place) => {
                files.push((name.clone(), Content::Segment(*place), sums[*place].clone()));
                continue;
            }
            Part::Readme(place) => README[*place].1.as_bytes().to_vec(),
            Part::Act => from.act.to_json().into_bytes(),
            Part::Events => lines(&from.events),
            Part::Document(place) => {
                let document = &made[*place];
                let pdf = from.documents.get(document.language).ok_or_else(|| source(name, "it is not there"))?;
                if invigil_format::digest(pdf).to_string() != document.digest {
                    return Err(source(name, "it is not the document that the act's log names"));
                }
                pdf.clone()
            }
            Part::Attachment(place) => {
                let attachment = &act.attachments[*place];
                let plain = from.attachments.get(&attachment.attachment).ok_or_else(|| source(name, "it is not there"))?;
                if invigil_format::digest(plain) != attachment.digest {
                    return Err(source(name, "it is not the attachment that the act names"));
                }
                plain.to_vec()
            }
            Part::Certificates => json!({ "institution": from.institution, "certificates": from.certificates }).to_string().into_bytes(),
            Part::Keys => keys(&plan, &from)?,
            Part::Custody => from.custody.clone().into_bytes(),
            Part::KeyRecord(place) => of_run(&from, &plan.runs[*place])?.key_record.to_json().into_bytes(),
            Part::Journal(place) => lines(&of_run(&from, &plan.runs[*place])?.journal),
            Part::Receipt(place) => of_segment(&from, &plan.segments[*place])?.receipt.to_json().into_bytes(),
        };
        let sum = Checksum::of(&content);
        files.push((name.clone(), Content::Bytes(Zeroizing::new(content)), sum));
    }
    for (place, track) in plan.tracks.iter().enumerate() {
        let stretch = &act.evidence[track.stretch];
        let pieces = pieces(&plan, &opened, place);
        if !pieces.iter().all(Piece::is_media) {
            continue;
        }
        let Some(selection) = range::select(&pieces, stretch.from_ms, stretch.to_ms) else { continue };
        let mut sum = Checksum::default();
        let written = write_video(&plan, &opened, place, &selection, bytes, &mut |joined| {
            sum.update(joined);
            Ok(())
        });
        match written {
            Ok(()) => files.push((track.video.clone(), Content::Video { track: place, selection }, sum)),
            // What does not go together has no video; the segments are there all the same.
            Err(RangeError::Format(Error::Mp4 { .. })) => {}
            Err(RangeError::Format(error)) => return Err(MakeError::Format { what: track.video.clone(), error }),
            Err(RangeError::Io(error)) => return Err(error.into()),
        }
    }
    let list = |(name, _, sum): &(String, Content, Checksum)| BundleFile {
        name: name.clone(),
        size_bytes: sum.size_bytes(),
        digest: sum.digest(),
    };
    let manifest = BundleManifest {
        institution: act.institution,
        bundle,
        act: from.act.digest(),
        created_ms: 0,
        files: files.iter().map(list).collect(),
    };
    // Before anybody signs it: what is signed is entered for ever.
    fits(&manifest.files)?;
    Ok(Prepared { plan, files, opened, manifest })
}

impl Prepared {
    /// What the server key is to sign.
    pub fn manifest(&self, created_ms: i64) -> BundleManifest {
        BundleManifest { created_ms, ..self.manifest.clone() }
    }

    /// Writes the bundle with its manifest's statement, reading segments a second time.
    ///
    /// # Errors
    /// When `manifest` says something else, when a segment has changed meanwhile, and what source and sink say.
    pub fn write<W: Write>(&self, manifest: &Statement, bytes: &mut dyn SegmentBytes, out: W) -> Result<W, MakeError> {
        let signed: BundleManifest = manifest.read().map_err(format(MANIFEST))?;
        if signed != self.manifest(signed.created_ms) {
            return Err(source(MANIFEST, "expected what was prepared"));
        }
        let mut zip = Writer::new(out);
        let text = manifest.to_json();
        zip.file(MANIFEST, &Checksum::of(text.as_bytes()))?;
        zip.write(text.as_bytes())?;
        for (name, content, sum) in &self.files {
            zip.file(name, sum)?;
            match content {
                Content::Bytes(bytes) => zip.write(bytes)?,
                Content::Segment(place) => copy(&self.plan.segments[*place], bytes, &mut |piece| zip.write(piece))?,
                Content::Video { track, selection } => {
                    let written = write_video(&self.plan, &self.opened, *track, selection, bytes, &mut |joined| zip.write(joined));
                    written.map_err(|error| match error {
                        RangeError::Format(error) => MakeError::Format { what: name.clone(), error },
                        RangeError::Io(error) => error.into(),
                    })?;
                }
            }
        }
        Ok(zip.finish()?)
    }

    /// Bytes of the whole archive, at most.
    pub fn archive_bytes(&self) -> u64 {
        archive_room(&self.manifest.files)
    }
}

/// The pieces of a planned track.
fn pieces<'a>(plan: &Plan, opened: &'a [(Scanner, Opener)], track: usize) -> Vec<Piece<'a>> {
    let piece = |place: &usize| {
        let (scanner, opener) = &opened[*place];
        let offset = plan.run_of(&plan.segments[*place]).map_or(0, |(_, run)| run.cited.clock_offset_ms);
        Piece { scanner, opener, clock_offset_ms: offset }
    };
    plan.tracks[track].segments.iter().map(piece).collect()
}

fn write_video(
    plan: &Plan,
    opened: &[(Scanner, Opener)],
    track: usize,
    selection: &Selection,
    bytes: &mut dyn SegmentBytes,
    write: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), RangeError<io::Error>> {
    let places = &plan.tracks[track].segments;
    let mut read = |piece: usize, frame: &Frame| bytes.read(&plan.segments[places[piece]], frame.body_offset(), frame.body_len as usize);
    range::write(&pieces(plan, opened, track), selection, &mut read, write)
}

fn read_segment(segment: &PlannedSegment, bytes: &mut dyn SegmentBytes) -> Result<(Scanner, Checksum), MakeError> {
    let (mut scanner, mut sum) = (Scanner::new(), Checksum::default());
    let mut wrong = None;
    copy(segment, bytes, &mut |piece| {
        sum.update(piece);
        wrong = wrong.take().or_else(|| scanner.feed(piece).err());
        Ok(())
    })?;
    if let Some(error) = wrong {
        return Err(MakeError::Format { what: name(segment), error });
    }
    if sum.digest() != segment.digest || scanner.head() != segment.head {
        return Err(source(name(segment), "these are not the bytes that the act cites"));
    }
    Ok((scanner, sum))
}

fn copy(segment: &PlannedSegment, bytes: &mut dyn SegmentBytes, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut at = 0;
    while at < segment.size_bytes {
        let len = usize::try_from(segment.size_bytes - at).unwrap_or(usize::MAX).min(PIECE_BYTES);
        sink(&bytes.read(segment, at, len)?)?;
        at += len as u64;
    }
    Ok(())
}

fn of_run<'a>(from: &'a Source, run: &PlannedRun) -> Result<&'a SourceRun, MakeError> {
    from.runs.iter().find(|known| known.run == run.cited.run).ok_or_else(|| source(format!("run {}", run.cited.run), "it is not there"))
}

fn of_segment<'a>(from: &'a Source, segment: &PlannedSegment) -> Result<&'a SourceSegment, MakeError> {
    let same = |known: &&SourceSegment| (known.run, &known.track, known.sequence) == (segment.run, &segment.track, segment.sequence);
    from.segments.iter().find(same).ok_or_else(|| source(name(segment), "its key and receipt are not there"))
}

fn keys(plan: &Plan, from: &Source) -> Result<Vec<u8>, MakeError> {
    let mut keys = Vec::new();
    for s in &plan.segments {
        let key = hex::encode(of_segment(from, s)?.key.expose());
        keys.push(json!({ "run": s.run, "track": s.track, "sequence": s.sequence, "key": key }));
    }
    Ok(json!({ "segments": keys }).to_string().into_bytes())
}

fn lines(statements: &[Statement]) -> Vec<u8> {
    statements.iter().flat_map(|statement| (statement.to_json() + "\n").into_bytes()).collect()
}

fn name(segment: &PlannedSegment) -> String {
    format!("segment {} {} of run {}", segment.track, segment.sequence, segment.run)
}
