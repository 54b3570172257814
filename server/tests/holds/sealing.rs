//! Sealing and confirming: what a page may say, and what it may not.

use super::support::Place;
use super::{expire, film, opened_online, set, signed_in, sound};
use axum::http::StatusCode;
use invigil_server::db::entities::held_segments;
use invigil_wire::holds::{Confirm, Covered, InnerSegment, Seal};
use sea_orm::EntityTrait;

#[tokio::test]
async fn h3_a_record_counts_only_when_whoever_had_it_made_has_opened_it() {
    let place = Place::new().await;
    let (one, two) = (signed_in(&place).await, signed_in(&place).await);
    let filmed = film(place.agent().await, 3).await;
    let hold = one.hold(&filmed.agent, 1, 1).await;
    let (seal, confirm) = (format!("/api/holds/{}/seal", hold.id), format!("/api/holds/{}/confirm", hold.id));
    let asked = one.to_seal(filmed.agent.recording(), hold.id).await.unwrap();
    let ids = Confirm { segments: vec![filmed.ids[1]] };
    let refused = async |browser: &super::Browser<'_>| {
        let answer = browser.post(&confirm, &ids).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::CONFLICT, "not-sealed-here"));
    };
    refused(&one).await;
    assert_eq!(one.post(&seal, &asked).await.status, StatusCode::OK);
    refused(&two).await;
    assert_eq!(two.post(&seal, &asked).await.status, StatusCode::OK);
    refused(&one).await;
    assert_eq!(one.holds().await[0].unsealed, 1, "sealed twice and confirmed by nobody");
    let answer = two.post(&confirm, &ids).await;
    assert_eq!(answer.json::<invigil_wire::holds::HoldView>().state, "effective");
    assert_eq!(held_segments::Entity::find().all(&place.state.db).await.unwrap().len(), 1);
    // Again: no harm.
    assert_eq!(two.post(&confirm, &ids).await.status, StatusCode::OK);
    assert_eq!(place.audit("hold-effective").await.len(), 1);
    let covered: Covered = one.get(&format!("/api/holds/{}/covered", hold.id)).await.json();
    assert_eq!((covered.segments.len(), covered.review.len()), (0, 0));
}

#[tokio::test]
async fn h3_nothing_else_than_what_is_covered_is_sealed() {
    let place = Place::new().await;
    let browser = signed_in(&place).await;
    let filmed = film(place.agent().await, 4).await;
    let hold = browser.hold(&filmed.agent, 1, 2).await;
    let seal = format!("/api/holds/{}/seal", hold.id);
    let good = browser.to_seal(filmed.agent.recording(), hold.id).await.unwrap();
    let with = |segments: Vec<InnerSegment>| Seal { review: good.review.clone(), segments };
    let [first, second] = [0, 1].map(|n: usize| good.segments[n].clone());
    let other = invigil_format::ReviewPrivateKey::from_bytes([9; 32]).public().unwrap();
    let rows = [
        ("bad-count", 400, with(Vec::new())),
        ("bad-count", 400, with(vec![first.clone(); 401])),
        ("twice", 400, with(vec![first.clone(), first.clone()])),
        ("not-covered", 400, with(vec![InnerSegment { id: filmed.ids[3], ..first.clone() }])),
        ("wrong-commitment", 400, with(vec![InnerSegment { commitment: second.commitment, ..first.clone() }])),
        ("bad-inner", 400, with(vec![InnerSegment { inner: "zz".into(), ..first.clone() }])),
        ("bad-inner", 400, with(vec![InnerSegment { inner: first.inner[2..].to_owned(), ..first.clone() }])),
        ("covered-changed", 409, Seal { review: vec![other], segments: vec![first.clone()] }),
        ("covered-changed", 409, Seal { review: Vec::new(), segments: vec![first.clone()] }),
    ];
    for (code, status, asked) in rows {
        let answer = browser.post(&seal, &asked).await;
        assert_eq!((answer.error().as_str(), answer.status.as_u16()), (code, status), "{}", answer.text());
    }
    assert!(held_segments::Entity::find().all(&place.state.db).await.unwrap().is_empty());
    // In two goes, before and after expiry.
    assert_eq!(browser.post(&seal, &with(vec![second.clone()])).await.status, StatusCode::OK);
    let confirm = Confirm { segments: vec![second.id] };
    let view: invigil_wire::holds::HoldView = browser.post(&format!("/api/holds/{}/confirm", hold.id), &confirm).await.json();
    assert_eq!((view.state.as_str(), view.unsealed), ("pending", 1));
    assert_eq!(browser.post(&seal, &with(vec![second])).await.error(), "not-covered");
    expire(&place, &filmed.agent).await;
    assert_eq!(opened_online(&browser, &filmed).await, set([1, 2]));
    assert_eq!(browser.seal(&filmed.agent, &hold).await.unwrap().state, "effective");
    assert_eq!((opened_online(&browser, &filmed).await, sound(&place).await), (set([1, 2]), Vec::new()));
    browser.release(&hold).await;
    assert_eq!(browser.post(&seal, &with(vec![first])).await.error(), "released");
    assert_eq!(browser.get(&format!("/api/holds/{}/covered", hold.id)).await.status, StatusCode::CONFLICT);
}
