//! What is up for signature is shown, printed and signed as it was frozen.

use super::{act, film, for_signature, new_act, new_act_citing, place, problems, sign};
use invigil_evidence::Act;
use invigil_server::db::entities::{accounts, exams};
use invigil_wire::acts::{ActRecord, ActView};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};

/// All that a signatory reads, whatever else the answer has.
fn read(view: &ActView) -> impl PartialEq + std::fmt::Debug + use<> {
    let ActView { summary, fields, points, evidence, capacity, drawn_up_by, signatories, content, attachments, .. } = view.clone();
    let exam = (summary.exam.title, summary.exam.discipline, summary.exam.starts_ms, summary.exam.ends_ms);
    let people = (summary.subject, drawn_up_by, capacity, signatories.into_iter().map(|s| (s.login, s.name, s.post)).collect::<Vec<_>>());
    (exam, people, (summary.cancel_until_ms, summary.cancel_until), fields, points, evidence, content, attachments)
}

#[tokio::test]
async fn what_a_signatory_reads_is_what_they_sign_whatever_became_of_the_rows() {
    let place = place().await;
    let agent = place.agent().await;
    film(&agent).await;
    let (reviewer, board, chair) = (place.browser("reviewer").await, place.browser("board").await, place.browser("chair").await);
    let cites = for_signature(&reviewer, &new_act_citing(agent.exam, agent.recording()), "a phone").await;
    let without = for_signature(&reviewer, &new_act(agent.exam, Some(agent.recording())), "a watch").await;
    // KazNU 1.19 speaks of recordings: what cites none has no last moment, and none can be added to it now.
    assert_eq!((cites.summary.cancel_until_ms.is_some(), without.summary.cancel_until_ms), (true, None));
    #[cfg(feature = "documents")]
    let printed = super::wording::print(&place, &format!("/api/acts/{}", cites.summary.id)).await;

    let db = &place.state.db;
    for account in accounts::Entity::find().all(db).await.unwrap() {
        accounts::ActiveModel { id: Set(account.id), name: Set("Another name".into()), ..Default::default() }.update(db).await.unwrap();
    }
    for exam in exams::Entity::find().all(db).await.unwrap() {
        let moved = exams::ActiveModel {
            id: Set(exam.id),
            title: Set("Another exam".into()),
            discipline: Set("Another discipline".into()),
            starts_ms: Set(exam.starts_ms - 60_000),
            actual_end_ms: Set(exam.actual_end_ms + 60_000),
            ..Default::default()
        };
        moved.update(db).await.unwrap();
    }
    #[cfg(feature = "documents")]
    assert_eq!(super::wording::print(&place, &format!("/api/acts/{}", cites.summary.id)).await, printed);
    for before in [cites, without] {
        let path = format!("/api/acts/{}", before.summary.id);
        let shown = act(&chair.get(&path).await);
        assert_eq!(read(&shown), read(&before));
        let list: invigil_wire::acts::ActList = chair.get("/api/acts").await.json();
        let listed = list.acts.into_iter().find(|one| one.id == before.summary.id).unwrap();
        assert_eq!((listed.subject, listed.cancel_until_ms), (before.summary.subject.clone(), before.summary.cancel_until_ms));
        act(&sign(&board, &shown).await);
        act(&sign(&chair, &shown).await);
        let record: ActRecord = chair.get(&format!("{path}/statement")).await.json();
        let signed: Act = record.act.read().unwrap();
        assert_eq!((signed.exam.title, signed.exam.starts_ms), (shown.summary.exam.title.clone(), shown.summary.exam.starts_ms));
        assert_eq!((signed.drawn_up_by.name, signed.cancel_until_ms), (shown.drawn_up_by.clone(), shown.summary.cancel_until_ms));
        let names = |act: &ActView| act.signatories.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
        assert_eq!(signed.signatories.iter().map(|s| s.name.clone()).collect::<Vec<_>>(), names(&shown));
        // Once it is signed, too.
        let after = act(&reviewer.get(&path).await);
        assert_eq!((after.summary.exam.title.as_str(), names(&after)), ("Mathematics 1", names(&shown)));
    }
    assert_eq!(problems(&place).await, Vec::<String>::new());
}
