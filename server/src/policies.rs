//! The policies of this installation: one checked file each in the policies folder.

use anyhow::{Context, bail};
use invigil_rules::retention::{self, ExamEnd};
use invigil_rules::{Policy, PolicyFile};
use std::collections::BTreeMap;
use std::path::Path;

use crate::db::entities::exams;

/// The policies that ship with the program: file name and text.
pub const SHIPPED: [(&str, &str); 2] =
    [("kbtu.toml", include_str!("../../config/policies/kbtu.toml")), ("kaznu.toml", include_str!("../../config/policies/kaznu.toml"))];

/// Checked policies by name.
#[derive(Debug, Clone, Default)]
pub struct Policies(BTreeMap<String, Policy>);

impl Policies {
    /// Reads every `*.toml` in `folder`.
    ///
    /// # Errors
    /// When the folder cannot be read or a policy has mistakes; the message names all of them.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut found = BTreeMap::new();
        let mut mistakes = Vec::new();
        let entries = std::fs::read_dir(folder).with_context(|| format!("list the policies folder {}", folder.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("list the policies folder {}", folder.display()))?.path();
            if path.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).with_context(|| format!("read the policy {}", path.display()))?;
            match check(&text) {
                Ok(policy) => {
                    if let Some(twin) = found.insert(policy.name.clone(), policy) {
                        mistakes.push(format!("{}: another file has the name {:?} already", path.display(), twin.name));
                    }
                }
                Err(found) => mistakes.extend(found.into_iter().map(|mistake| format!("{}: {mistake}", path.display()))),
            }
        }
        if !mistakes.is_empty() {
            bail!("the policies are not right:\n  {}", mistakes.join("\n  "));
        }
        Ok(Self(found))
    }

    /// The policy of this name.
    ///
    /// # Errors
    /// When there is none; the message names those that there are.
    pub fn get(&self, name: &str) -> anyhow::Result<&Policy> {
        let known = || self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.0.get(name).with_context(|| format!("there is no policy {name:?} in the policies folder, only: {}", known()))
    }

    /// From when on the exam's footage is neither readable nor accepted, Unix ms.
    ///
    /// # Errors
    /// When the exam's policy is gone or the date leaves the calendar.
    pub fn expires_ms(&self, exam: &exams::Model) -> anyhow::Result<i64> {
        let end = ExamEnd { scheduled_ms: exam.ends_ms, actual_ms: Some(exam.actual_end_ms), session_ms: None };
        Ok(retention::expires_at(self.get(&exam.policy)?, &end)?)
    }
}

fn check(text: &str) -> Result<Policy, Vec<String>> {
    let file: PolicyFile = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
    file.check().map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_policies_load_and_mistakes_are_named() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in SHIPPED {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let policies = Policies::load(dir.path()).unwrap();
        assert_eq!(policies.get("kbtu").unwrap().name, "kbtu");
        assert!(policies.get("x").unwrap_err().to_string().contains("kaznu, kbtu"));
        std::fs::write(dir.path().join("twin.toml"), SHIPPED[0].1).unwrap();
        assert!(Policies::load(dir.path()).unwrap_err().to_string().contains("already"));
    }
}
