//! What signatories confirm (`docs/evidence.md` 4).

use crate::act::{Act, ActAttachment, ActExam, ActSubject, DrawnUpBy, Evidence, RefersTo};
use crate::error::Error;
use invigil_format::crypto::sha256;
use invigil_format::json::nullable;
use invigil_format::{ActId, Digest, Fingerprint, Payload};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An act before it has a number and signatures: members as in [`Act`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in Act")]
pub struct ActContent {
    pub institution: Fingerprint,
    pub act: ActId,
    pub kind: String,
    pub form: Digest,
    pub language: String,
    pub exam: ActExam,
    #[serde(deserialize_with = "nullable")]
    pub subject: Option<ActSubject>,
    pub fields: BTreeMap<String, String>,
    pub points: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub attachments: Vec<ActAttachment>,
    pub drawn_up_by: DrawnUpBy,
    /// Who is to sign, in order.
    pub to_sign: Vec<ToSign>,
    #[serde(deserialize_with = "nullable")]
    pub refers_to: Option<RefersTo>,
    #[serde(deserialize_with = "nullable")]
    pub cancel_until_ms: Option<i64>,
}

/// Somebody who is to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToSign {
    /// Login.
    pub account: String,
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
}

impl ActContent {
    /// The text that is confirmed: `type` and `version` as the act will have them, sorted members, no white space.
    pub fn to_json(&self) -> String {
        // A struct of strings, numbers and lists always has a JSON value.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(members) = &mut value {
            members.insert("type".into(), Act::TYPE.into());
            members.insert("version".into(), 1.into());
        }
        canonical_json(&value)
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// `content` for any other text: what is shown to signatories must be the very text that they confirm.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let Ok(Value::Object(mut members)) = serde_json::from_str(text) else { return Err(Error::Content) };
        for name in ["type", "version"] {
            members.remove(name);
        }
        let read: Self = serde_json::from_value(Value::Object(members)).map_err(|_| Error::Content)?;
        if read.to_json() == text { Ok(read) } else { Err(Error::Content) }
    }

    /// The digest that each signatory confirms.
    pub fn digest(&self) -> Digest {
        sha256(&[b"invigil v1 act content\0", self.to_json().as_bytes()])
    }
}

/// JSON with sorted members (by their UTF-8 bytes) at every depth and without white space; text is written as `JSON.stringify` writes it.
pub fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            // serde_json sorts unless some crate in the build asks it to keep the order.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_bytes());
            out.push('{');
            for (place, (name, member)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted_at_every_depth_and_text_is_written_as_a_browser_writes_it() {
        let value: Value = serde_json::from_str(r#"{ "b": [ { "z": 1, "a": null } ], "a": "\u0001\n\u2028\u007fқ/\"" }"#).unwrap();
        assert_eq!(canonical_json(&value), "{\"a\":\"\\u0001\\n\u{2028}\u{7f}қ/\\\"\",\"b\":[{\"a\":null,\"z\":1}]}");
    }

    #[test]
    fn content_is_read_as_it_was_written_and_no_other_text_is() {
        use crate::act::Relation;
        let content = ActContent {
            institution: Fingerprint([1; 32]),
            act: ActId::from_bytes([2; 16]),
            kind: "annulment".into(),
            form: Digest([3; 32]),
            language: "kk".into(),
            exam: ActExam {
                id: invigil_format::ExamId::from_bytes([4; 16]),
                title: "Mathematics 1".into(),
                discipline: "Mathematics".into(),
                faculty: String::new(),
                examiner: String::new(),
                starts_ms: 1000,
                ends_ms: 2000,
                utc_offset_secs: 18_000,
            },
            subject: Some(ActSubject { name: "Әлия".into(), external_id: String::new(), recording: None }),
            fields: BTreeMap::from([("seen".into(), "a phone\n\"under\" the desk".into())]),
            points: vec!["1.14-phone".into()],
            evidence: Vec::new(),
            attachments: Vec::new(),
            drawn_up_by: DrawnUpBy { account: "a".into(), name: "A".into(), capacity: "examiner".into() },
            to_sign: vec![ToSign { account: "b".into(), name: "B".into(), post: "Member".into() }],
            refers_to: Some(RefersTo {
                act: ActId::from_bytes([5; 16]),
                digest: Digest([6; 32]),
                number_text: "A-2026-0001".into(),
                relation: Relation::Corrects,
            }),
            cancel_until_ms: None,
        };
        let text = content.to_json();
        assert_eq!(ActContent::from_json(&text).unwrap(), content);
        for (part, instead) in [
            ("\"version\":1", "\"version\":2"),
            ("\"type\":\"act\"", "\"type\":\"acts\""),
            ("\"points\":[", "\"points\": ["),
            ("\"cancel_until_ms\":null,", ""),
            ("\"corrects\"", "\"replaces\""),
            ("\"language\":", "\"number\":1,\"language\":"),
        ] {
            let other = text.replace(part, instead);
            assert_ne!(other, text, "{part}");
            assert_eq!(ActContent::from_json(&other).unwrap_err().name(), "content", "{instead}");
        }
        assert!(ActContent::from_json("[]").is_err() && ActContent::from_json("").is_err());
    }
}
