//! What is sealed for holds and acts: attachment, held run, held segment, draft.

use crate::world::{T0_MS, World};
use invigil_evidence::{
    Attachment, AttachmentKind, HeldRun, HeldSegment, Media, NewAttachment, NewHeldRun, NewHeldSegment, StillSource, seal_draft,
};
use invigil_format::{ActId, AttachmentId, ErasurePrivateKey, HoldId, KeyRecord};
use serde_json::json;
use std::path::PathBuf;
use zeroize::Zeroizing;

pub(crate) fn make(folder: &Option<PathBuf>) {
    let Some(folder) = folder else { return };
    let world = World::new();
    let review = vec![world.review.public().unwrap()];
    let [act_key, pending, effective] = [41, 42, 43].map(|n| ErasurePrivateKey::from_bytes([n; 32]));
    let (act, hold) = (ActId::from_random([51; 16]), HoldId::from_random([52; 16]));
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();

    let plain = b"\xff\xd8 a still, as good as any".as_slice();
    let new = NewAttachment {
        institution: world.fingerprint,
        act,
        attachment: AttachmentId::from_random([53; 16]),
        kind: AttachmentKind::Still,
        media: Media::Jpeg,
        name: "Кадр «1» қ \"/\u{2028}".into(),
        source: Some(StillSource { recording: world.recording, track: "cam0".parse().unwrap(), at_ms: T0_MS + 6000 }),
        review: review.clone(),
    };
    let bytes = Attachment::seal(new, &Zeroizing::new([61; 32]), plain).unwrap();
    write("attachment.iva", &bytes);
    let read = Attachment::parse(&bytes).unwrap();
    let outer = read.header.purpose().seal_outer(&act_key.public().unwrap(), &review, &read.header.inner_bytes().unwrap()).unwrap();

    let statement = &world.key_records[0];
    let record: KeyRecord = statement.read().unwrap();
    let new = NewHeldRun {
        institution: world.fingerprint,
        hold,
        recording: world.recording,
        run: world.runs[0],
        key_record: statement.digest(),
        review: review.clone(),
        erasure: pending.public().unwrap(),
        created_ms: T0_MS,
    };
    let run = world.server.state(&HeldRun::seal(new, &record.open_outer(&world.erasure).unwrap()).unwrap()).unwrap();

    let segment = world.segments.iter().find(|s| s.run == 0 && s.sequence == 1).unwrap();
    write("segment.seg", &segment.bytes);
    let new = NewHeldSegment {
        institution: world.fingerprint,
        hold,
        recording: world.recording,
        run: world.runs[0],
        track: segment.track.clone(),
        sequence: segment.sequence,
        commitment: segment.key.commitment().unwrap(),
        review: review.clone(),
        erasure: effective.public().unwrap(),
        created_ms: T0_MS,
    };
    let inner = new.purpose().seal_inner(&review, segment.key.expose()).unwrap();
    let held = world.server.state(&HeldSegment::seal(new, &inner).unwrap()).unwrap();

    let draft = b"{\"seen\":\"\xd1\x82\"}".as_slice();
    let sealed = seal_draft(world.fingerprint, act, 7, &act_key.public().unwrap(), draft).unwrap();
    let hex = |key: &ErasurePrivateKey| hex::encode(key.expose());
    let value = json!({
        "institution": world.fingerprint,
        "review_private": hex::encode(world.review.expose()),
        "attachment": { "file": "attachment.iva", "plain": hex::encode(plain), "act_private": hex(&act_key),
            "outer": { "enc": hex::encode(outer.enc), "sealed": hex::encode(&outer.sealed) } },
        "held_run": { "statement": run, "key_record": statement, "pending_private": hex(&pending), "run_key": hex::encode([11; 32]) },
        "held_segment": { "statement": held, "effective_private": hex(&effective), "segment": "segment.seg",
            "key": hex::encode(segment.key.expose()) },
        "draft": { "act": act, "revision": 7, "act_private": hex(&act_key), "sealed": hex::encode(sealed), "plain": hex::encode(draft) },
    });
    write("sealed.json", (serde_json::to_string_pretty(&value).unwrap() + "\n").as_bytes());
}
