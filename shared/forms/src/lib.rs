//! Kinds of act as data: which fields an act has, which points can be violated, who may draft, read and sign it, and how all of it reads in
//! Kazakh, Russian and English.
//!
//! A kind is one file, `config/forms/<kind>.toml`, which a university edits without a programmer. [`Forms::load`] reads a folder of them and
//! lists every mistake with its file and key; a server does not start on a folder with mistakes. [`Form::check`] holds an act's values
//! against its form.

mod check;
mod file;
mod form;
mod forms;
mod text;

pub use check::{Person, Problem, persons};
pub use file::Mistake;
pub use form::{About, Access, Aid, Choice, Field, FieldKind, Form, Point, Prefill, Role, Section, Signatures};
pub use forms::{Forms, LoadError};
pub use text::{Language, Texts};
