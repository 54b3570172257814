//! Evidence bundles (`docs/evidence.md` 5-7): what is in one, making it, verifying it.

mod custody;
mod make;
mod plan;
mod read;
mod room;
mod verify;

pub use custody::{Custody, CustodyEntry, CustodyHold};
pub use make::{MakeError, Prepared, SegmentBytes, Source, SourceRun, SourceSegment, prepare};
pub use plan::{Part, Plan, PlannedRun, PlannedSegment, document_name};
pub use room::{Unfit, fits, fits_a_bundle};
pub use verify::{ActSummary, Device, Institution, Missing, Outage, Problem, Report, TrackReport, Video, Why, verify};

/// What a bundle is and how to check it: file name and text, in the order of the bundle.
pub const README: [(&str, &str); 3] = [
    ("README.kk.txt", include_str!("../../readme/README.kk.txt")),
    ("README.ru.txt", include_str!("../../readme/README.ru.txt")),
    ("README.en.txt", include_str!("../../readme/README.en.txt")),
];

/// Name of the first file.
pub const MANIFEST: &str = "manifest.json";
