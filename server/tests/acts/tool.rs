//! The offline tool on a real installation: a bundle of real video, made with the review key, verified with the institution's fingerprint.

use super::support::{Agent, PASSPHRASE, PASSWORD, Place};
use super::{act, new_act_citing, place, problems, signed};
use invigil_evidence::Attachment;
use invigil_evidence::bundle::{Institution, Video, verify};
use invigil_evidence::{AttachmentKind, Media, NewAttachment};
use invigil_format::{AttachmentId, BootId, Digest, ReviewPrivateKey, SegmentStart, SegmentWriter, TrackKind, WrappedKey};
use invigil_server::acts::tool;
use invigil_server::db::entities::audit;
use invigil_server::staff::Role;
use invigil_server::staff::accounts::{self, NewAccount};
use sea_orm::EntityTrait;
use std::io::Cursor;
use zeroize::Zeroizing;

const CLIP: &[u8] = include_bytes!("../../../shared/evidence/tests/evidence/clips/first.mp4");

pub fn review_key(place: &Place) -> (WrappedKey, ReviewPrivateKey) {
    let text = std::fs::read(place.dir.path().join("server/review-key.json")).unwrap();
    let wrapped = WrappedKey::from_json(&text).unwrap();
    let key = wrapped.unwrap_with(PASSPHRASE).unwrap();
    (wrapped, key)
}

/// A segment of twelve seconds of encoded video and its end, which is to follow; the next one begins where it ends.
pub fn video(agent: &Agent<'_>, key_record: Digest, sequence: u32, previous_head: Option<Digest>) -> (Vec<u8>, Vec<u8>) {
    let (mut init, mut fragments, mut rest) = (Vec::new(), Vec::<Vec<u8>>::new(), CLIP);
    while !rest.is_empty() {
        let (this, after) = rest.split_at(u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize);
        match &this[4..8] {
            b"ftyp" | b"moov" => init.extend_from_slice(this),
            b"moof" => fragments.push(this.to_vec()),
            _ => fragments.last_mut().unwrap().extend_from_slice(this),
        }
        rest = after;
    }
    let begins_ms = i64::from(sequence) * 12_000;
    let start = SegmentStart {
        institution: agent.place.state.institution,
        exam: agent.exam,
        recording: agent.recording(),
        run: agent.run,
        track: "cam0".parse().unwrap(),
        kind: TrackKind::Video,
        codec: "avc1.4d400a".into(),
        width: 96,
        height: 64,
        sequence,
        previous_head,
        key_record,
        boot_id: BootId::from_random([4; 16]),
        origin_boottime_us: agent.stamp(begins_ms).boottime_us,
    };
    let (mut writer, mut bytes) = SegmentWriter::begin(start, &agent.run_key, &agent.device).unwrap();
    bytes.extend(writer.init(agent.stamp(begins_ms), &init).unwrap());
    for (second, fragment) in (0..).zip(&fragments) {
        bytes.extend(agent.chunk(&mut writer, begins_ms + second * 1000, fragment));
    }
    let end = agent.closing(&mut writer, begins_ms + 12_000);
    (bytes, end)
}

/// The first one, stored.
async fn film(agent: &Agent<'_>) {
    let (mut bytes, end) = video(agent, agent.key_record().await, 0, None);
    bytes.extend(end);
    let path = agent.create(0).await;
    agent.append(&path, 0, bytes, true).await;
    agent.stored(&path).await;
}

#[tokio::test]
async fn a_bundle_is_made_with_the_review_key_and_verified_with_the_fingerprint_alone() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let done = signed(&place, &new_act_citing(agent.exam, agent.recording()), "a phone").await;
    let id = done.summary.id.to_string();
    let (wrapped, review) = review_key(&place);
    let who = tool::actor(&place.state, None, &wrapped).await.unwrap();
    assert_eq!(who.login, "admin");
    assert_eq!(tool::actor(&place.state, Some(" Admin"), &wrapped).await.unwrap().login, "admin");
    assert!(tool::actor(&place.state, Some("nobody"), &wrapped).await.is_err());

    let out = place.dir.path().join("act.zip");
    let report = tool::make_bundle(&place.state, &who, &id, &review, "The court", &out).await.unwrap();
    assert!(report.holds(), "{:#?}", report.problems);
    assert!(matches!(&report.tracks[0].video, Video::Same(_)), "{:?}", report.tracks);
    assert_eq!(report.tracks[0].missing, []);
    assert!(tool::make_bundle(&place.state, &who, &id, &review, "The court", &out).await.is_err(), "nothing is written over");

    let bundle = std::fs::read(&out).unwrap();
    let institution = Institution(Digest(place.state.institution.0));
    assert!(verify(&mut Cursor::new(&bundle), &institution).unwrap().holds());
    let mut changed = bundle.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    assert!(!verify(&mut Cursor::new(&changed), &institution).unwrap().holds());
    let now = act(&place.browser("reviewer").await.get(&format!("/api/acts/{id}")).await);
    let event = now.events.last().unwrap();
    assert_eq!((event.event.as_str(), event.detail["receiver"].as_str()), ("bundle", "The court"));
    assert_eq!(event.detail["via"], "command line");
    let rows = audit::Entity::find().all(&place.state.db).await.unwrap();
    for action in ["act-evidence-released", "keys-released", "bundle-released"] {
        let row = rows.iter().rfind(|row| row.action == action).unwrap();
        let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap();
        assert_eq!((row.who.as_str(), detail["via"].as_str()), ("staff:1", Some("command line")), "{action}");
    }
    let again = tool::make_bundle(&place.state, &who, &id, &review, "The court", &place.dir.path().join("again.zip")).await.unwrap();
    assert!(again.holds(), "with an event of the command line in its log: {:#?}", again.problems);
    let documents = now.events.iter().filter(|event| event.event == "document").count();
    assert_eq!(documents, if cfg!(feature = "documents") { 3 } else { 0 }, "the bundle has the act on paper in every language");
    assert_eq!(place.audit("bundle-released").await.len(), 2);
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn attachments_of_a_draft_are_opened_into_a_folder() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let reviewer = place.browser("reviewer").await;
    let draft = act(&super::post(&reviewer, "/api/acts", &new_act_citing(agent.exam, agent.recording())).await);
    let new = NewAttachment {
        institution: place.state.institution,
        act: draft.summary.id.into(),
        attachment: AttachmentId::from_random([9; 16]),
        kind: AttachmentKind::Scan,
        media: Media::Pdf,
        name: "The paper".into(),
        source: None,
        review: draft.review.clone(),
    };
    let sealed = Attachment::seal(new, &Zeroizing::new([3; 32]), b"%PDF-1.7").unwrap();
    let path = format!("/api/acts/{}/attachments", draft.summary.id);
    let request = axum::http::Request::post(&path).header("host", super::support::HOST).header("cookie", &reviewer.cookie);
    let answer = place.send(request.header("x-invigil", "1").body(sealed.into()).unwrap()).await;
    assert!(answer.status.is_success(), "{}", answer.text());

    let (wrapped, review) = review_key(&place);
    let who = tool::actor(&place.state, None, &wrapped).await.unwrap();
    let out = place.dir.path().join("papers");
    let written = tool::open_attachments(&place.state, &who, &draft.summary.id.to_string(), &review, &out).await.unwrap();
    assert_eq!(written.len(), 1);
    assert_eq!(std::fs::read(&written[0].1).unwrap(), b"%PDF-1.7");
}

#[tokio::test]
async fn the_tool_acts_in_nobodys_name_but_of_those_to_whom_the_key_was_given() {
    let place = place().await;
    let (wrapped, _) = review_key(&place);
    let add = async |login: &str, role: Role| {
        let key = accounts::given_key(&place.state.trust_store, &wrapped.to_json(), place.clock_ms()).unwrap();
        let password = Zeroizing::new(PASSWORD.to_owned());
        let new = NewAccount { login: login.into(), name: login.into(), role, post: String::new(), password, review_key: Some(key) };
        accounts::add(&place.state.db, new, "cli", place.clock_ms()).await.unwrap();
    };
    // There is such an account, and it may see footage; but this is not its key.
    let refused = tool::actor(&place.state, Some("reviewer"), &wrapped).await.unwrap_err().to_string();
    assert!(refused.contains("was not given to the account reviewer"), "{refused}");
    add("second", Role::Reviewer).await;
    assert_eq!(tool::actor(&place.state, Some("second"), &wrapped).await.unwrap().login, "second");
    assert_eq!(tool::actor(&place.state, None, &wrapped).await.unwrap().login, "admin");
    add("clerk", Role::Registrar).await;
    let refused = tool::actor(&place.state, Some("clerk"), &wrapped).await.unwrap_err().to_string();
    assert!(refused.contains("is not given footage"), "{refused}");
    accounts::disable(&place.state.db, "second", "cli", place.clock_ms()).await.unwrap();
    assert!(tool::actor(&place.state, Some("second"), &wrapped).await.is_err());
    // Nobody was given this one.
    let mut other = wrapped.clone();
    other.public.0[0] ^= 1;
    assert!(tool::actor(&place.state, Some("admin"), &other).await.is_err());
}
