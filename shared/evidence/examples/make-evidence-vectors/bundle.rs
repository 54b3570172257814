//! A small bundle that holds.

use crate::kit::Case;
use crate::world::World;
use serde_json::json;
use std::path::PathBuf;

pub(crate) fn make(folder: &Option<PathBuf>) {
    let Some(folder) = folder else { return };
    let case = Case::new(World::new(), 1);
    let bundle = case.bundle();
    let report = case.verify(&bundle);
    assert!(report.holds(), "{:#?}", report.problems);
    std::fs::write(folder.join("small.zip"), &bundle).unwrap();
    let value = json!({ "institution": case.world.institution.public(), "fingerprint": case.world.fingerprint, "bundle": "small.zip",
        "act_content": case.act.content().digest(), "report": report });
    std::fs::write(folder.join("bundle.json"), serde_json::to_string_pretty(&value).unwrap() + "\n").unwrap();
}
