//! The archive, its manifest, and whom the bundle's keys belong to.

use super::super::MANIFEST;
use super::super::plan::Plan;
use super::super::read::Files;
use super::report::{Institution, Report};
use crate::manifest::BundleManifest;
use invigil_format::json::parse;
use invigil_format::{Fingerprint, Need, Role, Statement, TrustStore, VerifyingKey};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

/// The manifest, if the first file is one; who signed it is asked later.
pub(super) fn manifest<R: Read + Seek>(files: &Files<'_, R>, report: &mut Report) -> io::Result<Option<BundleManifest>> {
    if files.archive.files.first().is_none_or(|file| file.name != MANIFEST) {
        report.problem("manifest-missing", MANIFEST, "expected it as the first file");
    }
    let Some(text) = files.text(MANIFEST)? else { return Ok(None) };
    match Statement::from_json(&text).and_then(|statement| statement.read::<BundleManifest>()) {
        Ok(manifest) => {
            report.bundle = Some(manifest.bundle);
            report.created_ms = Some(manifest.created_ms);
            Ok(Some(manifest))
        }
        Err(error) => {
            report.format(MANIFEST, &error);
            Ok(None)
        }
    }
}

/// What is wrong with the archive as such. A file whose header is damaged goes by the name that the manifest has for its place.
pub(super) fn archive<R: Read + Seek>(files: &Files<'_, R>, manifest: Option<&BundleManifest>, report: &mut Report) {
    for fault in &files.archive.faults {
        let object = match fault.file {
            None => "the archive's directory".to_owned(),
            Some(0) => MANIFEST.to_owned(),
            Some(place) => {
                let read = files.archive.files.get(place).map(|file| file.name.clone());
                let listed = || manifest.and_then(|manifest| manifest.files.get(place - 1)).map(|file| file.name.clone());
                read.or_else(listed).unwrap_or_else(|| format!("file {place} of the archive"))
            }
        };
        report.problem(fault.name, object, format!("{} (byte {} of the archive)", fault.detail, fault.offset));
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificates {
    institution: VerifyingKey,
    certificates: Vec<Statement>,
}

/// The certificates that count for the institution that the verifier trusts.
pub(super) fn trust<R: Read + Seek>(
    files: &Files<'_, R>,
    institution: &Institution,
    report: &mut Report,
) -> io::Result<Option<TrustStore>> {
    const NAME: &str = "certificates.json";
    let Some(text) = files.text(NAME)? else {
        report.problem("file-missing", NAME, "nothing can be checked without it");
        return Ok(None);
    };
    let read: Certificates = match parse("certificates.json", &text) {
        Ok(read) => read,
        Err(error) => {
            report.format(NAME, &error);
            return Ok(None);
        }
    };
    let key = read.institution;
    if !institution.is(&key) {
        report.problem("other-institution", NAME, "the bundle is not of the institution whose key or fingerprint was given");
        return Ok(None);
    }
    match TrustStore::new(Fingerprint::of(&key), key, &read.certificates) {
        Ok(trust) => {
            for (_, error) in trust.refused() {
                report.format(NAME, error);
            }
            Ok(Some(trust))
        }
        Err(error) => {
            report.format(NAME, &error);
            Ok(None)
        }
    }
}

/// Whether the manifest is by the institution's server.
pub(super) fn signer<R: Read + Seek>(
    files: &Files<'_, R>,
    manifest: &BundleManifest,
    trust: &TrustStore,
    report: &mut Report,
) -> io::Result<()> {
    let statement = files.text(MANIFEST)?.and_then(|text| Statement::from_json(&text).ok());
    if manifest.institution != trust.fingerprint() {
        report.problem("other-institution", MANIFEST, "it names another institution");
    }
    if let Some(statement) = statement
        && let Err(error) = trust.require(Need::new(Role::Server, statement.key, manifest.created_ms))
    {
        report.format(MANIFEST, &error);
    }
    Ok(())
}

/// Names, order, sizes and digests of all files against the manifest.
pub(super) fn contents<R: Read + Seek>(files: &Files<'_, R>, manifest: &BundleManifest, report: &mut Report) {
    let found = &files.archive.files;
    for listed in &manifest.files {
        match files.find(&listed.name) {
            Some(file) if file.size_bytes != listed.size_bytes || file.digest != listed.digest => {
                report.problem("file-changed", &listed.name, "size and digest are not those of the manifest");
            }
            _ => {}
        }
    }
    let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    let here: Vec<&str> = found.iter().map(|file| file.name.as_str()).filter(|name| *name != MANIFEST).collect();
    compare(&names, &here, stopped(files), "the manifest", report);
}

/// Names and order of all files against what the act needs. Videos are another question.
pub(super) fn planned<R: Read + Seek>(files: &Files<'_, R>, plan: &Plan, report: &mut Report) {
    let names: Vec<&str> = plan.files.iter().map(|(name, _)| name.as_str()).collect();
    let videos: BTreeSet<&str> = plan.tracks.iter().map(|track| track.video.as_str()).collect();
    let here = files.archive.files.iter().map(|file| file.name.as_str()).filter(|name| *name != MANIFEST);
    let (mut last, mut rest) = (Vec::new(), Vec::new());
    for name in here {
        if videos.contains(name) { last.push(name) } else { rest.push(name) }
    }
    compare(&names, &rest, stopped(files), "the act", report);
    let order: Vec<&str> = plan.tracks.iter().map(|track| track.video.as_str()).filter(|name| last.contains(name)).collect();
    compare(&order, &last, stopped(files), "the act", report);
}

/// Whether a fault ended the reading of the archive before its directory.
fn stopped<R: Read + Seek>(files: &Files<'_, R>) -> bool {
    files.archive.faults.iter().any(|fault| fault.file.is_some_and(|place| place >= files.archive.files.len()))
}

fn compare(expected: &[&str], found: &[&str], stopped: bool, by: &str, report: &mut Report) {
    let (wanted, here): (BTreeSet<&str>, BTreeSet<&str>) = (expected.iter().copied().collect(), found.iter().copied().collect());
    for name in expected.iter().filter(|name| !here.contains(*name) && !stopped) {
        report.problem("file-missing", *name, format!("{by} names it"));
    }
    for name in found.iter().filter(|name| !wanted.contains(*name)) {
        report.problem("file-added", *name, format!("{by} does not name it"));
    }
    let expected = expected.iter().filter(|name| here.contains(*name));
    let found = found.iter().filter(|name| wanted.contains(*name));
    if let Some((expected, found)) = expected.zip(found).find(|(expected, found)| expected != found) {
        report.problem("file-order", *found, format!("{by} has {expected} in this place"));
    }
}
