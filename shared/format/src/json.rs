//! Strict JSON: no duplicate members at any depth, no unknown ones.

use crate::error::Error;
use core::fmt;
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

const DUPLICATE: &str = "duplicate member";

/// Reads one JSON text into a value, refusing duplicate members.
pub(crate) fn value(what: &'static str, text: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice::<Strict>(text).map(|strict| strict.0).map_err(|e| {
        let reason = e.to_string();
        if reason.starts_with(DUPLICATE) { Error::DuplicateMember { what, reason } } else { Error::Json { what, reason } }
    })
}

/// Turns a value into a type that denies unknown fields.
pub(crate) fn typed<T: DeserializeOwned>(what: &'static str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|e| {
        let reason = e.to_string();
        // serde has no kinds of errors; a vector holds this prefix to its word.
        if reason.starts_with("unknown field") { Error::UnknownMember { what, reason } } else { Error::Json { what, reason } }
    })
}

/// Both steps.
pub(crate) fn parse<T: DeserializeOwned>(what: &'static str, text: &[u8]) -> Result<T, Error> {
    typed(what, value(what, text)?)
}

/// For members that must be present and may be null.
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(d)
}

/// For members that may be absent but never null.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: de::Error>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_string<E: de::Error>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Strict(member) = map.next_value()?;
            if members.contains_key(&name) {
                return Err(de::Error::custom(format_args!("{DUPLICATE} {name:?}")));
            }
            members.insert(name, member);
        }
        Ok(members.into())
    }
}
