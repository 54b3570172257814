//! All forms of a university.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::file::parse;
use crate::{Form, Mistake};

/// The largest form file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The forms of a folder, by kind.
#[derive(Debug, Clone, Default)]
pub struct Forms(BTreeMap<String, Form>);

impl Forms {
    /// Reads every `*.toml` of the folder.
    ///
    /// # Errors
    /// The folder or a file cannot be read, or there are [`Mistake`]s: all of them are listed.
    pub fn load(dir: &Path) -> Result<Self, LoadError> {
        let read = |path: &Path, source| LoadError::Read { path: path.to_owned(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(|error| read(dir, error))? {
            let path = entry.map_err(|error| read(dir, error))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let size = std::fs::metadata(&path).map_err(|error| read(&path, error))?.len();
                if size > MAX_FILE_BYTES {
                    return Err(read(&path, std::io::Error::other(format!("expected at most {MAX_FILE_BYTES} bytes, found {size}"))));
                }
                let text = std::fs::read_to_string(&path).map_err(|error| read(&path, error))?;
                files.push((path.display().to_string(), text));
            }
        }
        files.sort();
        Self::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).map_err(LoadError::Mistakes)
    }

    /// The forms of these files, each a name (a path whose last part is `<kind>.toml`) and its text.
    ///
    /// # Errors
    /// Every mistake found: in a file, and between files (a kind or series that two have). No file at all is one, too.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<Mistake>> {
        let mut forms: BTreeMap<String, (String, Form)> = BTreeMap::new();
        let mut mistakes = Vec::new();
        let mut seen = false;
        for (name, text) in files {
            seen = true;
            let form = match parse(name, text) {
                Ok(form) => form,
                Err(found) => {
                    mistakes.extend(found);
                    continue;
                }
            };
            for (other, earlier) in forms.values() {
                for (key, mine, theirs) in [("kind", &form.kind, &earlier.kind), ("series", &form.series, &earlier.series)] {
                    if mine == theirs {
                        mistakes.push(Mistake::new(name, key, "one that no other form has", format!("{mine:?}, which {other} has too")));
                    }
                }
            }
            forms.entry(form.kind.clone()).or_insert_with(|| (name.to_owned(), form));
        }
        if !seen {
            mistakes.push(Mistake::new("*.toml", "kind", "at least one form", "no file"));
        }
        if mistakes.is_empty() { Ok(Self(forms.into_iter().map(|(kind, (_, form))| (kind, form)).collect())) } else { Err(mistakes) }
    }

    /// The form of that kind.
    pub fn get(&self, kind: &str) -> Option<&Form> {
        self.0.get(kind)
    }

    /// All forms, by kind.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Form> {
        self.0.values()
    }
}

/// The forms cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A folder or file cannot be read.
    #[error("read the forms of acts: {}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The files have mistakes.
    #[error("read the forms of acts: {} to correct:\n{}", .0.len(), .0.iter().map(|m| format!("  {m}")).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
