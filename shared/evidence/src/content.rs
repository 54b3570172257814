//! What signatories confirm (`docs/evidence.md` 4).

use crate::act::{Act, ActAttachment, ActExam, ActSubject, DrawnUpBy, Evidence, RefersTo};
use invigil_format::crypto::sha256;
use invigil_format::{ActId, Digest, Fingerprint, Payload};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An act before it has a number and signatures: members as in [`Act`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "as in Act")]
pub struct ActContent {
    pub institution: Fingerprint,
    pub act: ActId,
    pub kind: String,
    pub form: Digest,
    pub language: String,
    pub exam: ActExam,
    pub subject: Option<ActSubject>,
    pub fields: BTreeMap<String, String>,
    pub points: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub attachments: Vec<ActAttachment>,
    pub drawn_up_by: DrawnUpBy,
    /// Who is to sign, in order.
    pub to_sign: Vec<ToSign>,
    pub refers_to: Option<RefersTo>,
    pub cancel_until_ms: Option<i64>,
}

/// Somebody who is to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}
