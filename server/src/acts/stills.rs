//! Pictures taken from recordings. They bind an act to the month of KazNU 1.19 as cited stretches do, and each shows a moment that the act cites: only what is
//! cited is held, and only held footage can prove a picture.

use crate::ApiResult;
use crate::acts::attachments;
use invigil_evidence::{ActAttachment, AttachmentKind};
use invigil_wire::acts::Cited;
use sea_orm::ConnectionTrait;

/// The attachments of an act as it names them, in order of arrival.
///
/// # Errors
/// When the database fails or is damaged.
pub async fn attached<C: ConnectionTrait>(db: &C, act: i64) -> ApiResult<Vec<ActAttachment>> {
    attachments::of_act(db, act).await?.iter().map(attachments::in_act).collect()
}

/// Whether an act rests on recordings: it cites stretches of them, or has pictures from them.
pub fn cites_recordings(stretches: usize, attached: &[ActAttachment]) -> bool {
    stretches > 0 || attached.iter().any(|one| matches!(one.kind, AttachmentKind::Still | AttachmentKind::Annex))
}

/// Whether all pictures were taken from what is cited: a still from a moment within a stretch; an annex of stills needs some stretch.
pub fn are_cited(cited: &[Cited], attached: &[ActAttachment]) -> bool {
    attached.iter().all(|one| match (one.kind, &one.source) {
        (AttachmentKind::Still, Some(source)) => {
            cited.iter().any(|stretch| stretch.recording == source.recording && (stretch.from_ms..stretch.to_ms).contains(&source.at_ms))
        }
        (AttachmentKind::Still, None) => false,
        (AttachmentKind::Annex, _) => !cited.is_empty(),
        (AttachmentKind::Scan, _) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use invigil_evidence::{Media, StillSource};
    use invigil_format::{AttachmentId, RecordingId};

    fn attachment(kind: AttachmentKind, source: Option<(u8, i64)>) -> ActAttachment {
        let source = source.map(|(recording, at_ms)| StillSource {
            recording: RecordingId::from_bytes([recording; 16]),
            track: "cam0".parse().unwrap(),
            at_ms,
        });
        ActAttachment {
            attachment: AttachmentId::from_bytes([1; 16]),
            kind,
            media: Media::Jpeg,
            name: "a picture".into(),
            size_bytes: 1,
            digest: invigil_format::digest(b"x"),
            source,
        }
    }

    #[test]
    fn stills_and_their_annex_are_recordings_and_a_scan_is_none() {
        assert!(cites_recordings(1, &[]) && !cites_recordings(0, &[]));
        assert!(cites_recordings(0, &[attachment(AttachmentKind::Still, None)]));
        assert!(cites_recordings(0, &[attachment(AttachmentKind::Scan, None), attachment(AttachmentKind::Annex, None)]));
        assert!(!cites_recordings(0, &[attachment(AttachmentKind::Scan, None)]));
    }

    #[test]
    fn a_still_lies_within_a_stretch_of_its_own_recording() {
        let stretch = |recording: u8, from_ms, to_ms| Cited { recording: RecordingId::from_bytes([recording; 16]), from_ms, to_ms };
        let cited = [stretch(1, 1000, 2000), stretch(2, 5000, 6000)];
        for (source, expected) in [
            (Some((1, 1000)), true),
            (Some((1, 1999)), true),
            (Some((1, 2000)), false),
            (Some((1, 999)), false),
            (Some((1, 5500)), false),
            (Some((2, 5500)), true),
            (None, false),
        ] {
            assert_eq!(are_cited(&cited, &[attachment(AttachmentKind::Still, source)]), expected, "{source:?}");
        }
        assert!(are_cited(&[], &[attachment(AttachmentKind::Scan, None)]));
        assert!(
            are_cited(&cited, &[attachment(AttachmentKind::Annex, None)]) && !are_cited(&[], &[attachment(AttachmentKind::Annex, None)])
        );
    }
}
