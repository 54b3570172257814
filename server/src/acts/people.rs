//! Whom acts concern, and which acts belong to one person (KazNU 1.18: a second violation goes to the Ethics Council).

use crate::acts::bundle::Given;
use crate::acts::content::Draft;
use crate::acts::uploads::Uploads;
use crate::acts::{log, stills};
use crate::db::entities::{acts, recordings};
use crate::live::lock;
use crate::{ApiError, ApiResult};
use invigil_evidence::{ActSubject, Relation};
use invigil_forms::{About, Form, Prefill};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// What is asked again and again of signed acts, which never change: kept in memory.
#[derive(Debug)]
pub struct Memory {
    briefs: Mutex<HashMap<i64, Arc<Brief>>>,
    /// What was given for evidence bundles.
    pub given: Given,
    /// Attachments on their way in.
    pub uploads: Uploads,
    /// Acts that may be typeset at once: each takes a core for some tens of milliseconds.
    pub printing: Arc<Semaphore>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { briefs: Mutex::default(), given: Given::default(), uploads: Uploads::default(), printing: Arc::new(Semaphore::new(1)) }
    }
}

/// A signed act in brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Whom it concerns.
    pub subject: Option<ActSubject>,
    /// Number as written.
    pub number_text: String,
    /// It was not the person's first.
    pub repeated: bool,
    /// It cites recordings or has pictures from them, or corrects an act that does: KazNU 1.19 binds it.
    pub cites_recordings: bool,
}

impl Memory {
    /// The signed act of this row in brief.
    ///
    /// # Errors
    /// When the database fails or is damaged.
    pub async fn brief<C: ConnectionTrait>(&self, db: &C, id: i64) -> ApiResult<Arc<Brief>> {
        if let Some(known) = lock(&self.briefs).get(&id) {
            return Ok(known.clone());
        }
        let row = acts::Entity::find_by_id(id).one(db).await?.ok_or_else(|| ApiError::not_found("there is no such act"))?;
        let (_, act) = log::signed(&row)?;
        let mut cites_recordings = stills::cites_recordings(act.evidence.len(), &act.attachments);
        // After the month a correction cites no footage any more; it still stands in the place of an act that rests on recordings.
        let mut above = row;
        while let (false, Some(Relation::Corrects), Some(id)) = (cites_recordings, relation_of(&above), above.refers_to) {
            let damaged = || ApiError::internal("reading an act", format!("what act {} corrects is gone", above.uuid));
            above = acts::Entity::find_by_id(id).one(db).await?.ok_or_else(damaged)?;
            let (_, corrected) = log::signed(&above)?;
            cites_recordings = stills::cites_recordings(corrected.evidence.len(), &corrected.attachments);
        }
        let brief = Arc::new(Brief { subject: act.subject, number_text: act.number_text, repeated: act.repeated, cites_recordings });
        lock(&self.briefs).insert(id, brief.clone());
        Ok(brief)
    }
}

/// Where an act stands among the others, without its content.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Light {
    /// Row.
    pub id: i64,
    /// Public id.
    pub uuid: String,
    /// Row of the act that it refers to.
    pub refers_to: Option<i64>,
    /// How.
    pub relation: Option<String>,
    /// When signed, Unix ms.
    pub signed_ms: Option<i64>,
}

impl Light {
    /// Whether this is what it does to the act that it refers to.
    pub fn is(&self, relation: Relation) -> bool {
        self.relation.as_deref() == Some(relation.name())
    }
}

/// What an act does to the one that it refers to.
pub fn relation_of(row: &acts::Model) -> Option<Relation> {
    row.relation.as_deref().and_then(Relation::from_name)
}

/// All acts that are signed, in order of signing.
#[derive(Debug, Clone, Default)]
pub struct Circle(Vec<Light>);

impl Circle {
    /// Loads them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load<C: ConnectionTrait>(db: &C) -> ApiResult<Self> {
        use acts::Column::{Id, RefersTo, Relation, SignedMs, Uuid};
        let all = acts::Entity::find().select_only().columns([Id, Uuid, RefersTo, Relation, SignedMs]);
        let signed = all.filter(SignedMs.is_not_null()).order_by_asc(SignedMs).order_by_asc(Id);
        Ok(Self(signed.into_model::<Light>().all(db).await?))
    }

    /// Signed acts that refer to this one.
    pub fn referring(&self, id: i64) -> impl Iterator<Item = &Light> {
        self.0.iter().filter(move |act| act.refers_to == Some(id))
    }

    /// The signed act that revokes this one.
    pub fn revoked_by(&self, id: i64) -> Option<&Light> {
        self.referring(id).find(|act| act.is(Relation::Revokes))
    }

    /// The signed act that corrects this one, and stands in its place; one that was revoked itself corrects nothing.
    pub fn corrected_by(&self, id: i64) -> Option<&Light> {
        self.referring(id).find(|act| act.is(Relation::Corrects) && self.revoked_by(act.id).is_none())
    }

    /// The public id of a signed act.
    pub fn uuid(&self, id: i64) -> Option<&str> {
        self.0.iter().find(|act| act.id == id).map(|act| act.uuid.as_str())
    }

    /// Earlier signed acts for the same person that stand: not those of the same matter (which this one corrects, revokes or supplements, and so on), and none that was
    /// revoked or corrected or only revokes. `act`: the row in question, `refers_to` what it refers to, `before_ms` when it was signed, if it was.
    ///
    /// # Errors
    /// When the database fails or is damaged.
    pub async fn earlier<C: ConnectionTrait>(
        &self,
        db: &C,
        memory: &Memory,
        act: &acts::Model,
        subject: Option<&ActSubject>,
    ) -> ApiResult<Vec<&Light>> {
        let Some(subject) = subject else { return Ok(Vec::new()) };
        let matter = self.root(act.refers_to.unwrap_or(act.id));
        let before = |light: &Light| act.signed_ms.is_none() || (light.signed_ms, light.id) < (act.signed_ms, act.id);
        let mut found = Vec::new();
        for light in self.0.iter().filter(|light| light.id != act.id && before(light)) {
            let stands = !light.is(Relation::Revokes) && self.revoked_by(light.id).is_none() && self.corrected_by(light.id).is_none();
            if stands
                && self.root(light.id) != matter
                && memory.brief(db, light.id).await?.subject.as_ref().is_some_and(|other| same(subject, other))
            {
                found.push(light);
            }
        }
        Ok(found)
    }

    /// The first act of the matter.
    fn root(&self, mut id: i64) -> i64 {
        // As many steps as there are acts: a circle cannot be made, but would not hang the server.
        for _ in 0..self.0.len() {
            match self.0.iter().find(|act| act.id == id).and_then(|act| act.refers_to) {
                Some(above) => id = above,
                None => break,
            }
        }
        id
    }
}

/// Whom a draft concerns, as its fields and the recording say.
pub fn subject(form: &Form, draft: &Draft, recording: Option<&recordings::Model>) -> Option<ActSubject> {
    if form.about != About::Student {
        return None;
    }
    let recording = recording.filter(|row| row.kind == "candidate");
    let field = |prefill| {
        let field = form.fields().find(|field| field.prefill == Some(prefill))?;
        draft.fields.get(&field.name).map(|value| value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let name = field(Prefill::CandidateName).or_else(|| recording.map(|row| row.who.clone()))?;
    let external_id = field(Prefill::CandidateId).or_else(|| recording.and_then(|row| row.external_id.clone())).unwrap_or_default();
    Some(ActSubject { name, external_id, recording: recording.and_then(|row| row.uuid.parse().ok()) })
}

/// Whether two acts concern one person: by their ids in the university's lists; by name where one has none.
pub fn same(one: &ActSubject, other: &ActSubject) -> bool {
    let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    match (normal(&one.external_id), normal(&other.external_id)) {
        (one, other) if !one.is_empty() && !other.is_empty() => one == other,
        _ => normal(&one.name) == normal(&other.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, id: &str) -> ActSubject {
        ActSubject { name: name.into(), external_id: id.into(), recording: None }
    }

    #[test]
    fn ids_decide_and_names_only_without_them() {
        assert!(same(&person("Aliya S.", "22B030"), &person("A. Sultanova", "22b030 ")));
        assert!(!same(&person("Aliya S.", "1"), &person("Aliya S.", "2")));
        assert!(same(&person("Әлия  Сұлтанова", ""), &person("ӘЛИЯ СҰЛТАНОВА", "2")));
        assert!(!same(&person("Aliya", ""), &person("Dana", "")));
    }

    fn light(id: i64, refers_to: Option<i64>, relation: Option<&str>) -> Light {
        Light { id, uuid: id.to_string(), refers_to, relation: relation.map(str::to_owned), signed_ms: Some(id) }
    }

    #[test]
    fn acts_of_one_matter_have_one_root() {
        let circle = Circle(vec![
            light(1, None, None),
            light(2, Some(1), Some("corrects")),
            light(3, Some(2), Some("revokes")),
            light(4, None, None),
        ]);
        assert_eq!([1, 2, 3, 4, 9].map(|id| circle.root(id)), [1, 1, 1, 4, 9]);
        assert_eq!(circle.revoked_by(2).map(|act| act.id), Some(3));
        assert!(circle.revoked_by(1).is_none());
        assert!(circle.corrected_by(1).is_none(), "its correction was revoked");
    }

    #[test]
    fn a_correction_stands_in_the_place_of_what_it_corrects() {
        let circle = Circle(vec![
            light(1, None, None),
            light(2, Some(1), Some("supplements")),
            light(3, Some(1), Some("corrects")),
            light(4, Some(3), Some("corrects")),
        ]);
        assert_eq!([1, 2, 3, 4].map(|id| circle.corrected_by(id).map(|act| act.id)), [Some(3), None, Some(4), None]);
    }
}
