//! Verifying a bundle with the institution's public key only (`docs/evidence.md` 7).
//!
//! The archive is read in pieces; in memory are one chunk, one small file or one run's journal at a time, and the list of all frames: about 130 bytes a
//! frame, of which [`MAX_FRAMES`] are accepted in all.

mod act;
mod files;
mod footage;
mod missing;
mod report;
mod video;

pub use report::{ActSummary, Device, Institution, Missing, Outage, Problem, Report, TrackReport, Video, Why};

use super::plan::{Plan, documents};
use super::read::Files;
use crate::zip::scan;
use std::io::{self, Read, Seek, SeekFrom};

/// Most frames in all segments of a bundle.
pub const MAX_FRAMES: usize = 1_000_000;

/// Checks everything that a bundle claims. What is wrong stands in the report, each with a name and the file or segment that it is about.
///
/// # Errors
/// Only when the source cannot be read.
pub fn verify<R: Read + Seek>(source: &mut R, institution: &Institution) -> io::Result<Report> {
    source.seek(SeekFrom::Start(0))?;
    let archive = scan(source)?;
    let mut report = Report { files: archive.files.len(), ..Report::default() };
    let files = Files::new(source, archive);
    let manifest = files::manifest(&files, &mut report)?;
    files::archive(&files, manifest.as_ref(), &mut report);
    let Some(manifest) = manifest else { return Ok(report) };
    let trust = files::trust(&files, institution, &mut report)?;
    files::contents(&files, &manifest, &mut report);
    let Some(trust) = trust else { return Ok(report) };
    files::signer(&files, &manifest, &trust, &mut report)?;
    let Some(signed) = act::read(&files, &manifest, &trust, &mut report)? else { return Ok(report) };
    let made = documents(&signed.events);
    let languages: Vec<&str> = made.iter().map(|document| document.language).collect();
    let plan = match Plan::of(&signed.act.evidence, &signed.act.attachments, &languages) {
        Ok(plan) => plan,
        Err(why) => {
            report.problem("act-contradicts-itself", "act/act.json", why);
            return Ok(report);
        }
    };
    files::planned(&files, &plan, &mut report);
    act::papers(&files, &plan, &signed.act, &made, &mut report);
    act::custody(&files, &signed.act, &mut report)?;
    let footage = footage::read(&files, &plan, &signed.act, &trust, &mut report)?;
    let videos = video::check(&files, &plan, &signed.act, &footage, &mut report)?;
    report.tracks = missing::tracks(&plan, &signed.act, &footage, videos, &trust);
    report.outages = missing::outages(&signed.act, &footage);
    Ok(report)
}
