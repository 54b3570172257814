//! Which files a bundle has, by what its act says.

use crate::act::{ActAttachment, ActEvent, CitedRun, EventKind, Evidence};
use crate::attachment::AttachmentKind;
use invigil_format::{Digest, RecordingId, RunId, TrackName};
use std::collections::BTreeSet;

/// A run that an act names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRun {
    /// Its recording.
    pub recording: RecordingId,
    /// As cited.
    pub cited: CitedRun,
}

/// A segment that an act cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSegment {
    /// Its recording.
    pub recording: RecordingId,
    /// Its run.
    pub run: RunId,
    /// Track.
    pub track: TrackName,
    /// Number within run and track.
    pub sequence: u32,
    /// Whole file.
    pub size_bytes: u64,
    /// Whole file.
    pub digest: Digest,
    /// Head after the last frame.
    pub head: Digest,
}

/// A track of one cited stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedTrack {
    /// Place among the act's stretches.
    pub(super) stretch: usize,
    pub(super) recording: RecordingId,
    pub(super) track: TrackName,
    /// Of its MP4, if it has one.
    pub(super) video: String,
    /// Its segments, by place in the plan, in the act's order of runs and by sequence.
    pub(super) segments: Vec<usize>,
}

/// What a file is, of those before the videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An explanation: place in [`README`](super::README).
    Readme(usize),
    /// The act's statement.
    Act,
    /// Its events.
    Events,
    /// A document: place among the languages.
    Document(usize),
    /// An attachment: place among those that the act names.
    Attachment(usize),
    /// Certificates.
    Certificates,
    /// Keys of the cited segments.
    Keys,
    /// Who had the footage in hand.
    Custody,
    /// A run's key record: place in the plan.
    KeyRecord(usize),
    /// A run's journal: place in the plan.
    Journal(usize),
    /// A segment: place in the plan.
    Segment(usize),
    /// A segment's receipt: place of the segment in the plan.
    Receipt(usize),
}

/// The files that an act's bundle has. This is the one place that names them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Runs, in the order in which they are named first.
    pub runs: Vec<PlannedRun>,
    /// Segments, each once, in the order of the runs, by track and sequence.
    pub segments: Vec<PlannedSegment>,
    pub(super) tracks: Vec<PlannedTrack>,
    /// All files but manifest and videos, in order.
    pub files: Vec<(String, Part)>,
}

impl Plan {
    /// For what an act names and the languages of the documents that were made of it, in the order of the bundle (`kk`, `ru`, `en`).
    ///
    /// # Errors
    /// What the act contradicts itself in.
    pub fn of(evidence: &[Evidence], attachments: &[ActAttachment], documents: &[&str]) -> Result<Self, String> {
        let mut runs: Vec<PlannedRun> = Vec::new();
        for stretch in evidence {
            for cited in &stretch.runs {
                let run = PlannedRun { recording: stretch.recording, cited: cited.clone() };
                match runs.iter().find(|known| known.cited.run == cited.run) {
                    Some(known) if *known == run => {}
                    Some(_) => return Err(format!("names run {} in two ways", cited.run)),
                    None => runs.push(run),
                }
            }
        }
        let mut segments: Vec<PlannedSegment> = Vec::new();
        for stretch in evidence {
            for s in &stretch.segments {
                let what = format!("segment {} {} of run {}", s.track, s.sequence, s.run);
                if !stretch.runs.iter().any(|run| run.run == s.run) {
                    return Err(format!("cites {what} without its run"));
                }
                let segment = PlannedSegment {
                    recording: stretch.recording,
                    run: s.run,
                    track: s.track.clone(),
                    sequence: s.sequence,
                    size_bytes: s.size_bytes,
                    digest: s.digest,
                    head: s.head,
                };
                let same = |known: &&PlannedSegment| (known.run, &known.track, known.sequence) == (s.run, &s.track, s.sequence);
                match segments.iter().find(same) {
                    Some(known) if *known == segment => {}
                    Some(_) => return Err(format!("cites {what} in two ways")),
                    None => segments.push(segment),
                }
            }
        }
        let order = |s: &PlannedSegment| (runs.iter().position(|run| run.cited.run == s.run), s.track.clone(), s.sequence);
        segments.sort_by_key(order);
        let tracks = tracks(evidence, &segments);
        let files = files(attachments, documents, &runs, &segments);
        Ok(Self { runs, segments, tracks, files })
    }

    /// Names of the videos that the bundle may have, in order: what footage makes no video has none.
    pub fn video_names(&self) -> impl Iterator<Item = &str> {
        self.tracks.iter().map(|track| track.video.as_str())
    }

    /// Place of a run.
    pub(super) fn run_of(&self, segment: &PlannedSegment) -> Option<(usize, &PlannedRun)> {
        self.runs.iter().enumerate().find(|(_, run)| run.cited.run == segment.run)
    }
}

/// Name of the act's document in a language.
pub fn document_name(language: &str) -> String {
    format!("act/act-{language}.pdf")
}

/// Languages of documents, in the order of the bundle.
pub(super) const LANGUAGES: [&str; 3] = ["kk", "ru", "en"];

/// A document that an event names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) language: &'static str,
    pub(super) digest: String,
    pub(super) size_bytes: String,
}

/// The last document of each language that the events name.
pub(super) fn documents(events: &[ActEvent]) -> Vec<Document> {
    let of = |language: &'static str| {
        let mut made = events.iter().rev().filter(|event| event.event == EventKind::Document);
        let event = made.find(|event| event.detail.get("language").is_some_and(|found| found == language))?;
        let text = |member: &str| event.detail.get(member).cloned().unwrap_or_default();
        Some(Document { language, digest: text("digest"), size_bytes: text("size_bytes") })
    };
    LANGUAGES.into_iter().filter_map(of).collect()
}

fn tracks(stretches: &[Evidence], segments: &[PlannedSegment]) -> Vec<PlannedTrack> {
    let mut out: Vec<PlannedTrack> = Vec::new();
    for (stretch, evidence) in stretches.iter().enumerate() {
        let earlier = stretches[..stretch].iter().filter(|other| other.recording == evidence.recording).count();
        let names: BTreeSet<&TrackName> = evidence.segments.iter().map(|segment| &segment.track).collect();
        for track in names {
            let again = if earlier > 0 { format!(".{}", earlier + 1) } else { String::new() };
            let mut chosen: Vec<usize> = Vec::new();
            for run in &evidence.runs {
                let cited = |s: &PlannedSegment| {
                    s.run == run.run
                        && s.track == *track
                        && evidence.segments.iter().any(|c| (c.run, &c.track, c.sequence) == (s.run, &s.track, s.sequence))
                };
                chosen.extend(segments.iter().enumerate().filter(|(_, s)| cited(s)).map(|(place, _)| place));
            }
            out.push(PlannedTrack {
                stretch,
                recording: evidence.recording,
                track: track.clone(),
                video: format!("video/{}-{track}{again}.mp4", evidence.recording),
                segments: chosen,
            });
        }
    }
    out
}

fn files(attachments: &[ActAttachment], documents: &[&str], runs: &[PlannedRun], segments: &[PlannedSegment]) -> Vec<(String, Part)> {
    let mut out: Vec<(String, Part)> =
        super::README.iter().enumerate().map(|(place, (name, _))| ((*name).to_owned(), Part::Readme(place))).collect();
    out.push(("act/act.json".into(), Part::Act));
    out.push(("act/events.jsonl".into(), Part::Events));
    for (place, language) in documents.iter().enumerate() {
        out.push((document_name(language), Part::Document(place)));
    }
    for kind in [AttachmentKind::Annex, AttachmentKind::Scan, AttachmentKind::Still] {
        let of_kind = attachments.iter().enumerate().filter(|(_, attachment)| attachment.kind == kind);
        for (number, (place, attachment)) in (1..).zip(of_kind) {
            let extension = attachment.media.extension();
            let name = match (kind, number) {
                (AttachmentKind::Annex, 1) => format!("act/annex.{extension}"),
                (AttachmentKind::Annex, _) => format!("act/annex-{number}.{extension}"),
                (AttachmentKind::Scan, _) => format!("act/scan-{number}.{extension}"),
                (AttachmentKind::Still, _) => format!("act/still-{number:02}.{extension}"),
            };
            out.push((name, Part::Attachment(place)));
        }
    }
    out.push(("certificates.json".into(), Part::Certificates));
    out.push(("keys.json".into(), Part::Keys));
    out.push(("custody.json".into(), Part::Custody));
    for (place, run) in runs.iter().enumerate() {
        let folder = format!("runs/{}", run.cited.run);
        out.push((format!("{folder}/key-record.json"), Part::KeyRecord(place)));
        out.push((format!("{folder}/journal.jsonl"), Part::Journal(place)));
        for (number, s) in segments.iter().enumerate().filter(|(_, s)| s.run == run.cited.run) {
            out.push((format!("{folder}/{}-{:08}.seg", s.track, s.sequence), Part::Segment(number)));
            out.push((format!("{folder}/{}-{:08}.receipt.json", s.track, s.sequence), Part::Receipt(number)));
        }
    }
    out
}
