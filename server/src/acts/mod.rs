//! Acts of annulment (mission rule 7): from a draft to a numbered, signed act that nothing changes, in a log that shows when one is missing.

pub mod access;
pub mod attachments;
pub mod bundle;
pub mod check;
pub mod check_page;
pub mod content;
pub mod deadline;
pub mod discard;
pub mod events;
pub mod footage;
pub mod freeze;
pub mod life;
pub mod log;
pub mod pdf;
pub mod people;
pub mod prefill;
pub mod problems;
pub mod registrar;
pub mod routes;
pub mod sign;
pub mod stills;
pub mod tool;
pub mod uploads;
pub mod view;
pub mod wording;

/// The forms that ship with the program: file name and text.
pub const SHIPPED_FORMS: [(&str, &str); 5] = [
    ("annulment.toml", include_str!("../../../config/forms/annulment.toml")),
    ("impersonation.toml", include_str!("../../../config/forms/impersonation.toml")),
    ("masked-borrowings.toml", include_str!("../../../config/forms/masked-borrowings.toml")),
    ("removal.toml", include_str!("../../../config/forms/removal.toml")),
    ("staff-report.toml", include_str!("../../../config/forms/staff-report.toml")),
];
