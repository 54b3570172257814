//! Reads values out of a TOML table by their path and collects every mistake instead of stopping at the first.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use toml::{Table, Value};

/// A table with the mistakes found in it so far.
pub(super) struct Reader {
    table: Table,
    seen: BTreeSet<String>,
    mistakes: Vec<String>,
}

impl Reader {
    pub(super) fn new(table: Table) -> Self {
        Self { table, seen: BTreeSet::new(), mistakes: Vec::new() }
    }

    /// Notes a mistake at `path`.
    pub(super) fn mistake(&mut self, path: &str, what: impl std::fmt::Display) {
        self.mistakes.push(format!("{path}: {what}"));
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, path: &str) -> String {
        match self.get(path) {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            Some(Value::String(_)) => self.refuse(path, "must not be empty"),
            Some(other) => self.refuse(path, format!("expected a text, found {}", other.type_str())),
            None => self.refuse(path, "is missing; expected a text"),
        }
    }

    /// A text, or what it is when it is not there.
    pub(super) fn text_or(&mut self, path: &str, default: &str) -> String {
        if self.get(path).is_none() { default.to_owned() } else { self.text(path) }
    }

    /// A text that may be left out.
    pub(super) fn optional(&mut self, path: &str) -> Option<String> {
        self.get(path).map(|_| self.text(path))
    }

    /// A list of texts, empty when it is not there.
    pub(super) fn texts(&mut self, path: &str) -> Vec<String> {
        match self.get(path) {
            None => Vec::new(),
            Some(Value::Array(items)) if items.iter().all(Value::is_str) => {
                items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
            }
            Some(other) => {
                self.mistake(path, format!("expected a list of texts, found {}", other.type_str()));
                Vec::new()
            }
        }
    }

    /// A whole number inside `range`, or `default` when it is not there.
    pub(super) fn number(&mut self, path: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        match self.get(path) {
            None => default,
            Some(Value::Integer(n)) => match u64::try_from(n).ok().filter(|n| range.contains(n)) {
                Some(n) => n,
                None => {
                    self.mistake(path, format!("{n} is outside {} to {}", range.start(), range.end()));
                    default
                }
            },
            Some(other) => {
                self.mistake(path, format!("expected a whole number, found {}", other.type_str()));
                default
            }
        }
    }

    /// Every mistake, keys that nobody asked for included; empty when there is none.
    pub(super) fn finish(mut self) -> Vec<String> {
        let mut keys = Vec::new();
        collect(&self.table, "", &mut keys);
        let unknown: Vec<String> = keys.into_iter().filter(|key| !self.seen.contains(key)).collect();
        for key in unknown {
            self.mistake(&key, "is not a known setting; correct its name or remove it");
        }
        self.mistakes
    }

    fn refuse(&mut self, path: &str, what: impl std::fmt::Display) -> String {
        self.mistake(path, what);
        String::new()
    }

    fn get(&mut self, path: &str) -> Option<Value> {
        self.seen.insert(path.to_owned());
        let mut parts = path.split('.');
        let mut value = self.table.get(parts.next()?)?;
        for part in parts {
            value = value.as_table()?.get(part)?;
        }
        Some(value.clone())
    }
}

fn collect(table: &Table, prefix: &str, out: &mut Vec<String>) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) => collect(inner, &path, out),
            _ => out.push(path),
        }
    }
}
