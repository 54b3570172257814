//! The act, its events, its papers, and who had the footage in hand.

use super::super::custody::Custody;
use super::super::plan::{Document, Part, Plan};
use super::super::read::Files;
use super::report::{ActSummary, Report};
use crate::act::{Act, ActEvent};
use crate::manifest::BundleManifest;
use invigil_format::{Digest, Need, Payload, Role, Statement, TrustStore};
use std::io::{self, Read, Seek};

const ACT: &str = "act/act.json";
const EVENTS: &str = "act/events.jsonl";

/// An act with its events, signatures checked.
pub(super) struct Signed {
    pub(super) act: Act,
    pub(super) events: Vec<ActEvent>,
}

/// Reads the act and its events. `None` when there is no act to go by.
pub(super) fn read<R: Read + Seek>(
    files: &Files<'_, R>,
    manifest: &BundleManifest,
    trust: &TrustStore,
    report: &mut Report,
) -> io::Result<Option<Signed>> {
    let Some(text) = files.text(ACT)? else {
        report.problem("file-missing", ACT, "nothing can be checked without it");
        return Ok(None);
    };
    let read = Statement::from_json(&text).and_then(|statement| statement.read::<Act>().map(|act| (statement, act)));
    let (statement, act) = match read {
        Ok(read) => read,
        Err(error) => {
            report.format(ACT, &error);
            return Ok(None);
        }
    };
    by_server(&statement, trust, act.signed_ms, ACT, report);
    if act.institution != trust.fingerprint() {
        report.problem("other-institution", ACT, "it names another institution");
    }
    let digest = statement.digest();
    if digest != manifest.act {
        report.problem("other-act", ACT, "the manifest was signed for another act");
    }
    let content = act.content().digest();
    for signatory in act.signatories.iter().filter(|signatory| signatory.content != content) {
        report.problem("act-content", ACT, format!("{} confirmed another content", signatory.account));
    }
    if act.signatories.iter().any(|signatory| signatory.signed_ms > act.signed_ms) {
        report.problem("act-content", ACT, "a signatory confirmed after the act was signed");
    }
    report.act = Some(ActSummary {
        number_text: act.number_text.clone(),
        kind: act.kind.clone(),
        signed_ms: act.signed_ms,
        signatories: act.signatories.iter().map(|signatory| signatory.name.clone()).collect(),
        digest,
        utc_offset_secs: act.exam.utc_offset_secs,
    });
    let events = events(files, &act, digest, trust, report)?;
    Ok(Some(Signed { act, events }))
}

fn events<R: Read + Seek>(
    files: &Files<'_, R>,
    act: &Act,
    digest: Digest,
    trust: &TrustStore,
    report: &mut Report,
) -> io::Result<Vec<ActEvent>> {
    let mut out = Vec::new();
    let (mut index, mut before, mut at_ms) = (act.log_index, digest, act.signed_ms);
    for (place, line) in lines(&files.text(EVENTS)?.unwrap_or_default()).enumerate() {
        let object = format!("{EVENTS} line {}", place + 1);
        let read = Statement::from_json(line).and_then(|statement| statement.read::<ActEvent>().map(|event| (statement, event)));
        let (statement, event) = match read {
            Ok(read) => read,
            Err(error) => {
                report.format(object, &error);
                continue;
            }
        };
        by_server(&statement, trust, event.at_ms, &object, report);
        if event.institution != act.institution || event.act != act.act || event.digest != digest {
            report.problem("other-act", &object, "an event of another act");
        }
        // Statements of other acts lie between in the log: only neighbours can be compared.
        if event.log_index <= index || event.at_ms < at_ms {
            report.problem("event-order", &object, "expected the order of the log");
        } else if event.log_index == index + 1 && event.log_previous != before {
            report.problem("event-chain", &object, "it does not name the statement before it in the log");
        }
        (index, before, at_ms) = (event.log_index, statement.digest(), event.at_ms);
        out.push(event);
    }
    Ok(out)
}

fn by_server(statement: &Statement, trust: &TrustStore, at_ms: i64, object: &str, report: &mut Report) {
    if let Err(error) = trust.require(Need::new(Role::Server, statement.key, at_ms)) {
        report.format(object, &error);
    }
}

/// Documents are those of the log, attachments those of the act.
pub(super) fn papers<R: Read + Seek>(files: &Files<'_, R>, plan: &Plan, act: &Act, made: &[Document], report: &mut Report) {
    for (name, part) in &plan.files {
        let Some(file) = files.find(name) else { continue };
        match part {
            Part::Document(place) => {
                let document = &made[*place];
                if file.digest.to_string() != document.digest || file.size_bytes.to_string() != document.size_bytes {
                    report.problem("other-document", name, "it is not the document that the act's log names");
                }
            }
            Part::Attachment(place) => {
                let attachment = &act.attachments[*place];
                if file.digest != attachment.digest || file.size_bytes != attachment.size_bytes {
                    report.problem("other-attachment", name, "it is not the attachment that the act names");
                }
            }
            _ => {}
        }
    }
}

/// Every hold that the act names is accounted for.
pub(super) fn custody<R: Read + Seek>(files: &Files<'_, R>, act: &Act, report: &mut Report) -> io::Result<()> {
    const NAME: &str = "custody.json";
    let Some(text) = files.text(NAME)? else { return Ok(()) };
    match Custody::from_json(&text) {
        Ok(custody) => {
            for stretch in &act.evidence {
                let named = |hold: &super::super::custody::CustodyHold| hold.hold == stretch.hold && hold.recording == stretch.recording;
                if !custody.holds.iter().any(named) {
                    report.problem("hold-missing", NAME, format!("hold {} of the act is not in it", stretch.hold));
                }
            }
        }
        Err(error) => report.format(NAME, &error),
    }
    Ok(())
}

/// Lines of a file of statements; the last one ends the file.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.strip_suffix(b"\n")
        .filter(|text| !text.is_empty())
        .or((!text.is_empty()).then_some(text))
        .into_iter()
        .flat_map(|text| text.split(|byte| *byte == b'\n'))
}

/// Reads a statement that the server signed and that has to be of the act's institution.
pub(super) fn server_statement<P: Payload>(text: &[u8], trust: &TrustStore, at_ms: impl Fn(&P) -> i64) -> Result<P, invigil_format::Error> {
    let statement = Statement::from_json(text)?;
    let payload: P = statement.read()?;
    trust.require(Need::new(Role::Server, statement.key, at_ms(&payload)))?;
    Ok(payload)
}
