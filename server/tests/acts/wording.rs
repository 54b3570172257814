//! An act reads as it was written, whatever becomes of the form's file; and a form of which there are acts must be there.

use super::{Place, act, exam, for_signature, new_act, place, post, problems, sign, signed};
use invigil_server::config::Config;
use invigil_server::{AppState, db};
use invigil_wire::acts::{ActList, ActView};
use serde_json::{Value, json};

/// Replaces a text in the file of the form of annulments.
pub fn edit(place: &Place, changes: &[(&str, &str)]) {
    let path = place.state.config.paths.forms.join("annulment.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (part, instead) in changes {
        assert!(text.contains(part), "{part}");
        text = text.replace(part, instead);
    }
    std::fs::write(path, text).unwrap();
}

async fn look(place: &Place, path: &str) -> ActView {
    act(&place.browser("chair").await.get(path).await)
}

#[cfg(feature = "documents")]
pub async fn print(place: &Place, path: &str) -> Vec<u8> {
    let pdf = place.browser("chair").await.get(&format!("{path}/pdf?language=en")).await;
    assert_eq!(pdf.status, axum::http::StatusCode::OK, "{}", pdf.text());
    pdf.body
}

#[tokio::test]
async fn what_was_put_up_for_signature_reads_on_when_the_forms_file_has_changed() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1")), ("Dana", Some("2"))]).await;
    let done = signed(&place, &new_act(exam, Some(people[0])), "a phone").await;
    let ready = for_signature(&place.browser("reviewer").await, &new_act(exam, Some(people[1])), "a watch").await;
    let [done_path, ready_path] = [&done, &ready].map(|view| format!("/api/acts/{}", view.summary.id));
    let check = format!("/check/{}", done.summary.id);
    #[cfg(feature = "documents")]
    let printed = print(&place, &done_path).await;
    let before = (look(&place, &done_path).await, look(&place, &ready_path).await);
    let form = before.0.form.clone().unwrap();
    assert_eq!(
        (form["kind"].as_str(), form["title"]["en"].as_str()),
        (Some("annulment"), Some("Act of annulment of an examination paper"))
    );
    assert_eq!(before.1.form.as_ref(), Some(&form));

    edit(
        &place,
        &[
            ("1.14-phone", "1.14-device"),
            ("Act of annulment of an examination paper", "Another title"),
            ("series = \"A\"", "series = \"X\""),
        ],
    );
    // The document is made anew.
    {
        use sea_orm::EntityTrait;
        db::entities::act_documents::Entity::delete_many().exec(&place.state.db).await.unwrap();
    }
    let place = place.restart().await;
    let after = (look(&place, &done_path).await, look(&place, &ready_path).await);
    assert_eq!(after, before);
    #[cfg(feature = "documents")]
    assert_eq!(print(&place, &done_path).await, printed);
    let page = place.browser("chair").await.get(&check).await.text();
    assert!(page.contains("Act of annulment of an examination paper") && !page.contains("Another title"), "{page}");

    // What is written now is written under the form of now.
    let reviewer = place.browser("reviewer").await;
    let mut new = new_act(exam, Some(people[0]));
    new["points"] = json!(["1.14-phone"]);
    assert_eq!(post(&reviewer, "/api/acts", &new).await.error(), "unknown");
    new["points"] = json!(["1.14-device"]);
    assert_eq!(act(&post(&reviewer, "/api/acts", &new).await).form, None, "a draft goes by the file");
    let forms: Vec<Value> = reviewer.get("/api/forms").await.json();
    assert!(forms.iter().any(|form| form["title"]["en"] == "Another title"));
    // Signing ends what was begun, under the number that its form writes.
    act(&sign(&place.browser("board").await, &ready).await);
    let last = act(&sign(&place.browser("chair").await, &ready).await);
    assert_eq!((last.summary.number_text.as_deref(), last.form), (Some("A-2026-0002"), Some(form)));
    assert_eq!(problems(&place).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_goes_back_to_draft_is_written_under_the_file_again_and_a_changed_wording_is_found() {
    use invigil_server::db::entities::form_texts;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let reviewer = place.browser("reviewer").await;
    let ready = for_signature(&reviewer, &new_act(exam, Some(people[0])), "a phone").await;
    let back = format!("/api/acts/{}/back-to-draft", ready.summary.id);
    assert_eq!(act(&post(&reviewer, &back, &json!({ "note": "the time" })).await).form, None);
    for_signature(&reviewer, &new_act(exam, Some(people[0])), "a phone").await;
    let kept = form_texts::Entity::find().all(&place.state.db).await.unwrap();
    assert_eq!(kept.len(), 1, "one form is kept once");
    assert_eq!(problems(&place).await, Vec::<String>::new());

    let text = kept[0].text.replace("Act of annulment of an examination paper", "Another title");
    form_texts::ActiveModel { id: Set(kept[0].id), text: Set(text), ..Default::default() }.update(&place.state.db).await.unwrap();
    let found = problems(&place).await;
    assert!(found.iter().any(|problem| problem.starts_with("form:annulment: ") && problem.contains("altered")), "{found:?}");
    assert!(found.iter().any(|problem| problem.contains("written under is missing")), "{found:?}");
    let config = Config::load(&place.dir.path().join("server/server.toml")).unwrap();
    let refused = AppState::open(config, place.clock.clone()).await.err().unwrap();
    assert!(format!("{refused:#}").contains("altered"), "{refused:#}");
}

#[tokio::test]
async fn no_server_starts_without_the_form_of_an_act() {
    let place = place().await;
    let (exam, people) = exam(&place, &[("Aliya", Some("1"))]).await;
    let reviewer = place.browser("reviewer").await;
    act(&post(&reviewer, "/api/acts", &new_act(exam, Some(people[0]))).await);
    let folder = place.state.config.paths.forms.clone();
    let config = || Config::load(&place.dir.path().join("server/server.toml")).unwrap();
    std::fs::remove_file(folder.join("removal.toml")).unwrap();
    assert!(AppState::open(config(), place.clock.clone()).await.is_ok(), "there is no act of this kind");
    let (file, away) = (folder.join("annulment.toml"), folder.join("annulment.away"));
    std::fs::rename(&file, &away).unwrap();
    let refused = AppState::open(config(), place.clock.clone()).await.err().unwrap();
    let text = format!("{refused:#}");
    assert!(text.contains("\"annulment\"") && text.contains(&file.display().to_string()), "{text}");
    std::fs::rename(&away, &file).unwrap();
    assert!(AppState::open(config(), place.clock.clone()).await.is_ok());
    assert_eq!(reviewer.get("/api/acts").await.json::<ActList>().acts.len(), 1);
}
