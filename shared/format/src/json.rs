//! Strict JSON: no duplicate members at any depth, no unknown ones; bytes as lower-case hexadecimal text.

use crate::error::Error;
use core::fmt;
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::{Map, Value};

const DUPLICATE: &str = "duplicate member";

/// Reads one JSON text into a value, refusing duplicate members. `what` names the object in errors.
///
/// # Errors
/// [`Error::DuplicateMember`], [`Error::Json`].
pub fn value(what: &'static str, text: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice::<Strict>(text).map(|strict| strict.0).map_err(|e| {
        let reason = e.to_string();
        if reason.starts_with(DUPLICATE) { Error::DuplicateMember { what, reason } } else { Error::Json { what, reason } }
    })
}

/// Turns a value into a type that denies unknown fields.
///
/// # Errors
/// [`Error::UnknownMember`], [`Error::Json`].
pub fn typed<T: DeserializeOwned>(what: &'static str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|e| {
        let reason = e.to_string();
        // serde has no kinds of errors; a vector holds this prefix to its word.
        if reason.starts_with("unknown field") { Error::UnknownMember { what, reason } } else { Error::Json { what, reason } }
    })
}

/// Both steps.
///
/// # Errors
/// Those of [`value`] and [`typed`].
pub fn parse<T: DeserializeOwned>(what: &'static str, text: &[u8]) -> Result<T, Error> {
    typed(what, value(what, text)?)
}

/// For serde: members that must be present and may be null.
///
/// # Errors
/// The deserialiser's.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(d)
}

/// For serde: members that may be absent but never null.
///
/// # Errors
/// The deserialiser's.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// For serde: bytes as hexadecimal text.
///
/// # Errors
/// The serialiser's.
pub fn to_hex<T: AsRef<[u8]>, S: Serializer>(bytes: &T, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&hex::encode(bytes))
}

/// For serde: bytes from lower-case hexadecimal text.
///
/// # Errors
/// The deserialiser's, and one for other text.
pub fn from_hex<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(d)?;
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(de::Error::custom("expected lower-case hexadecimal digits"));
    }
    hex::decode(text).map_err(|_| de::Error::custom("expected lower-case hexadecimal digits"))
}

/// For serde: as many bytes as the array has, from lower-case hexadecimal text.
///
/// # Errors
/// The deserialiser's, and one for other text.
pub fn array_from_hex<'de, const N: usize, D: Deserializer<'de>>(d: D) -> Result<[u8; N], D::Error> {
    from_hex(d)?.try_into().map_err(|_| de::Error::custom(format_args!("expected {} hexadecimal digits", 2 * N)))
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
