//! Whether something can be a bundle at all: what is prepared, before its manifest is signed and its release entered; and what a draft cites, before anybody
//! signs an act of which no bundle could ever be made.

use super::MANIFEST;
use super::plan::{LANGUAGES, Part, Plan};
use crate::act::{ActAttachment, Evidence};
use crate::manifest::{BundleFile, BundleManifest, MAX_FILES};
use crate::zip::{MAX_ARCHIVE_BYTES, archive_bytes};
use invigil_format::{BundleId, Digest, Fingerprint, MAX_PAYLOAD_BYTES, Payload};

/// Longest statement as a file, bytes: as text each byte of its payload takes at most two; key, signature and names of members.
const STATEMENT_BYTES: u64 = 2 * MAX_PAYLOAD_BYTES as u64 + 512;
/// All journals of a recording, bytes: what the server takes of one, and their line ends.
const JOURNALS_BYTES: u64 = 65 << 20;
/// Of further journals of a recording only their number of digits counts: together they are no longer.
const FURTHER_JOURNAL_BYTES: u64 = 10 << 20;
/// A document, bytes: many times what an act takes on paper, with its fonts.
const DOCUMENT_BYTES: u64 = 8 << 20;
/// Events and custody, bytes each: years of going in and out.
const LOG_BYTES: u64 = 16 << 20;
const CERTIFICATES_BYTES: u64 = 4 << 20;
/// A segment's entry in `keys.json`, bytes.
const KEY_BYTES: u64 = 512;
const RECEIPT_BYTES: u64 = 4 << 10;
/// By which a segment's part of a video may be longer than the segment, bytes: decode times become wider.
const VIDEO_BYTES: u64 = 64 << 10;

/// Why no bundle can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The act contradicts itself.
    #[error("the act {0}")]
    Contradiction(String),
    /// Too many files.
    #[error("a bundle has at most {most} files, this one would have {found}: cite less", most = MAX_FILES)]
    Files {
        /// Files, the manifest not counted.
        found: usize,
    },
    /// Too long a list of files.
    #[error("a bundle's manifest has at most {most} bytes, this one would have {found}: cite less", most = MAX_PAYLOAD_BYTES)]
    Manifest {
        /// Bytes of the manifest's payload.
        found: usize,
    },
    /// Too many bytes.
    #[error("a bundle stays below 4 GiB, this one would have {found} bytes: cite less")]
    Archive {
        /// Bytes of the archive.
        found: u64,
    },
}

/// Whether these files, all but the manifest, can be a bundle.
///
/// # Errors
/// Why not.
pub fn fits(files: &[BundleFile]) -> Result<(), Unfit> {
    if files.len() > MAX_FILES {
        return Err(Unfit::Files { found: files.len() });
    }
    let found = manifest_bytes(files);
    if found > MAX_PAYLOAD_BYTES {
        return Err(Unfit::Manifest { found });
    }
    let found = archive_room(files);
    if found > MAX_ARCHIVE_BYTES { Err(Unfit::Archive { found }) } else { Ok(()) }
}

/// Whether a bundle can be made of an act that cites this and has these attachments, whatever becomes of its log, its documents and its journals.
///
/// # Errors
/// Why not.
pub fn fits_a_bundle(evidence: &[Evidence], attachments: &[ActAttachment]) -> Result<(), Unfit> {
    let plan = Plan::of(evidence, attachments, &LANGUAGES).map_err(Unfit::Contradiction)?;
    let file = |name: &str, size_bytes: u64| BundleFile { name: name.to_owned(), size_bytes, digest: Digest([0; 32]) };
    let mut files: Vec<BundleFile> = plan.files.iter().map(|(name, part)| file(name, room(&plan, attachments, *part))).collect();
    for track in &plan.tracks {
        let segments = track.segments.iter().filter_map(|place| plan.segments.get(*place));
        files.push(file(&track.video, segments.map(|segment| segment.size_bytes.saturating_add(VIDEO_BYTES)).fold(0, u64::saturating_add)));
    }
    fits(&files)
}

/// Bytes that such an archive has at most.
pub(super) fn archive_room(files: &[BundleFile]) -> u64 {
    archive_bytes(files.iter().map(|file| (file.name.as_str(), file.size_bytes)).chain([(MANIFEST, STATEMENT_BYTES)]))
}

/// Bytes that a file takes at most.
fn room(plan: &Plan, attachments: &[ActAttachment], part: Part) -> u64 {
    match part {
        Part::Readme(place) => super::README.get(place).map_or(0, |(_, text)| text.len() as u64),
        Part::Act | Part::KeyRecord(_) => STATEMENT_BYTES,
        Part::Events | Part::Custody => LOG_BYTES,
        Part::Document(_) => DOCUMENT_BYTES,
        Part::Attachment(place) => attachments.get(place).map_or(0, |attachment| attachment.size_bytes),
        Part::Certificates => CERTIFICATES_BYTES,
        Part::Keys => KEY_BYTES.saturating_mul(plan.segments.len() as u64 + 1),
        Part::Journal(place) => {
            let of = |place: usize| plan.runs.get(place).map(|run| run.recording);
            if (0..place).any(|earlier| of(earlier) == of(place)) { FURTHER_JOURNAL_BYTES } else { JOURNALS_BYTES }
        }
        Part::Segment(place) => plan.segments.get(place).map_or(0, |segment| segment.size_bytes),
        Part::Receipt(_) => RECEIPT_BYTES,
    }
}

/// Bytes of the payload of a manifest of these files, at most.
fn manifest_bytes(files: &[BundleFile]) -> usize {
    let manifest = BundleManifest {
        institution: Fingerprint([0; 32]),
        bundle: BundleId::from_bytes([0; 16]),
        act: Digest([0; 32]),
        created_ms: i64::MAX,
        files: files.to_vec(),
    };
    // A struct of strings, numbers and lists always has a JSON text; signing adds two members.
    serde_json::to_string(&manifest).unwrap_or_default().len() + r#","type":"","version":1"#.len() + BundleManifest::TYPE.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{CitedRun, CitedSegment};
    use crate::attachment::{AttachmentKind, Media};
    use invigil_format::{AttachmentId, HoldId, RecordingId, RunId, ServerKey, VerifyingKey};

    /// A stretch of one run with `segments` segments of `size_bytes`.
    fn stretch(number: u8, track: &str, segments: u32, size_bytes: u64) -> Evidence {
        let run = RunId::from_bytes([number; 16]);
        let cited = |sequence| CitedSegment {
            run,
            track: track.parse().unwrap(),
            sequence,
            size_bytes,
            digest: Digest([1; 32]),
            head: Digest([2; 32]),
        };
        Evidence {
            recording: RecordingId::from_bytes([number; 16]),
            from_ms: 0,
            to_ms: 1,
            hold: HoldId::from_bytes([number; 16]),
            runs: vec![CitedRun { run, device: VerifyingKey([3; 32]), key_record: Digest([4; 32]), clock_offset_ms: 0 }],
            segments: (0..segments).map(cited).collect(),
        }
    }

    fn attachments(count: u8) -> Vec<ActAttachment> {
        let one = |number| ActAttachment {
            attachment: AttachmentId::from_bytes([number; 16]),
            kind: AttachmentKind::Scan,
            media: Media::Pdf,
            name: String::new(),
            size_bytes: 1,
            digest: Digest([5; 32]),
            source: None,
        };
        (0..count).map(one).collect()
    }

    fn files(count: usize, name_bytes: usize, size_bytes: u64) -> Vec<BundleFile> {
        (0..count).map(|_| BundleFile { name: "n".repeat(name_bytes), size_bytes, digest: Digest([6; 32]) }).collect()
    }

    #[test]
    fn at_most_400_files() {
        assert_eq!(fits(&files(400, 1, 1)), Ok(()));
        assert_eq!(fits(&files(401, 1, 1)), Err(Unfit::Files { found: 401 }));
        // 13 files of the act and its run, two of each segment, and the video.
        assert_eq!(fits_a_bundle(&[stretch(1, "c", 176, 1)], &attachments(34)), Ok(()));
        assert_eq!(fits_a_bundle(&[stretch(1, "c", 176, 1)], &attachments(35)), Err(Unfit::Files { found: 401 }));
    }

    #[test]
    fn the_manifest_is_as_long_as_signing_makes_it_and_65536_bytes_at_most() {
        let key = ServerKey::from_seed(&[7; 32]).unwrap();
        let sign = |files: Vec<BundleFile>| {
            let (institution, bundle, act) = (Fingerprint([0; 32]), BundleId::from_bytes([0; 16]), Digest([0; 32]));
            key.state(&BundleManifest { institution, bundle, act, created_ms: i64::MAX, files })
        };
        let mut names = files(400, 60, 1);
        assert_eq!(sign(names.clone()).unwrap().payload.len(), manifest_bytes(&names));
        let room = MAX_PAYLOAD_BYTES - manifest_bytes(&names);
        names[0].name.push_str(&"n".repeat(room));
        assert!(fits(&names).is_ok() && sign(names.clone()).is_ok());
        names[0].name.push('n');
        assert_eq!(fits(&names), Err(Unfit::Manifest { found: MAX_PAYLOAD_BYTES + 1 }));
        assert!(sign(names).is_err());
    }

    #[test]
    fn an_act_cites_185_segments_at_most() {
        let most = (0..400).take_while(|count| fits_a_bundle(&[stretch(1, "cam0", *count, 9_999_999)], &[]).is_ok()).last();
        assert_eq!(most, Some(185));
        assert!(matches!(fits_a_bundle(&[stretch(1, "cam0", 186, 9_999_999)], &[]), Err(Unfit::Manifest { .. })));
    }

    #[test]
    fn the_archive_stays_below_4_gib() {
        let rest = archive_room(&files(1, 1, 0));
        assert_eq!(fits(&files(1, 1, MAX_ARCHIVE_BYTES - rest)), Ok(()));
        assert_eq!(fits(&files(1, 1, MAX_ARCHIVE_BYTES - rest + 1)), Err(Unfit::Archive { found: MAX_ARCHIVE_BYTES + 1 }));
        assert!(matches!(fits(&files(2, 1, u64::MAX)), Err(Unfit::Archive { found: u64::MAX })));
        // Footage stands there twice, sealed and playable; journals of each recording have room.
        let most = |stretches: &[u8]| {
            let fit = |mib: u64| {
                let all: Vec<Evidence> = stretches.iter().map(|number| stretch(*number, "cam0", 64, mib << 20)).collect();
                fits_a_bundle(&all, &[]).is_ok()
            };
            (0..64).take_while(|mib| fit(*mib)).last()
        };
        assert_eq!(most(&[1]), Some(30));
        assert_eq!(most(&[1, 2]), Some(15));
        let of_one = fits_a_bundle(&[stretch(1, "cam0", 1, (1 << 31) - (64 << 20))], &[]);
        assert!(of_one.is_ok(), "{of_one:?}");
        assert!(fits_a_bundle(&[stretch(1, "cam0", 1, 1 << 31)], &[]).is_err());
    }
}
