//! Several candidates of one exam whose network is cut for different lengths at the same time, and what the server says of each.

use crate::agent::{Agent, Start};
use crate::proxy::Proxy;
use crate::server::{Exam, Server};
use anyhow::{Context, Result, ensure};
use invigil_wire::review::RecordingView;
use std::path::Path;
use std::time::Duration;

/// What happened to one candidate.
#[derive(Debug)]
pub struct Cut {
    /// Length of the cut as made, ms on the boot clock: nothing passed for so long at least.
    pub length_ms: i64,
    /// Whether the server showed an outage before the network came back.
    pub shown_while_cut: bool,
    /// What the finding was just before the network came back.
    pub finding_while_cut: String,
    /// What the server says when everything has arrived.
    pub recording: RecordingView,
    /// Decoded pictures' gaps of more than a second: (from, length) in seconds.
    pub gaps: Vec<(f64, f64)>,
    /// Every segment opened and verified.
    pub whole: bool,
}

/// Cuts one candidate's network for each of `lengths` (all at once), lets everything arrive, and returns what was found, in the same order.
pub fn run(home: &Path, policy: &str, prepare: impl FnOnce(&Server) -> Result<()>, camera: &str, lengths: &[Duration]) -> Result<Vec<Cut>> {
    let mut server = Server::init(&home.join("server"), crate::server::PASSWORD, crate::server::PASSPHRASE)?;
    prepare(&server)?;
    server.start()?;
    let now = invigil_clock::wall_ms();
    let names: Vec<String> = (0..lengths.len()).map(|index| format!("Candidate {index}:id-{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let exam = server.add_exam(&Exam { policy, starts_ms: now - 1_000, ends_ms: now + 3_600_000, candidates: &names })?;
    ensure!(exam.joins.len() == lengths.len(), "one join code a candidate");
    let address = server.address();
    let server = &server;
    let cuts = std::thread::scope(|scope| {
        let threads: Vec<_> = exam
            .joins
            .iter()
            .zip(lengths)
            .enumerate()
            .map(|(index, (join, length))| {
                scope.spawn(move || -> Result<Cut> {
                    let proxy = Proxy::start(address)?;
                    let spool = home.join(format!("spool-{index}"));
                    let start =
                        Start { url: &proxy.url(), join: &join.join, spool: &spool, cameras: &[camera.to_owned()], environment: &[] };
                    let mut agent = Agent::start(&start)?;
                    agent.wait_recorded(8_000, Duration::from_secs(120))?;
                    proxy.cut();
                    let from = invigil_clock::boottime_us();
                    std::thread::sleep(length.saturating_sub(Duration::from_millis(500)));
                    let during = server.recording(join.recording)?;
                    let spent = Duration::from_micros(invigil_clock::boottime_us() - from);
                    std::thread::sleep(length.saturating_sub(spent));
                    let length_ms = i64::try_from((invigil_clock::boottime_us() - from) / 1000)?;
                    proxy.restore();
                    let recorded = agent.number("recorded_ms");
                    agent.wait_recorded(recorded + 8_000, Duration::from_secs(120))?;
                    let status = agent.stop(Duration::from_secs(180))?;
                    ensure!(status.success(), "the agent of candidate {index} ended with {status}");
                    let recording = server.recording(join.recording)?;
                    let out = home.join(format!("opened-{index}"));
                    let (_, whole) = server.open_footage(join.recording, &out)?;
                    let file = crate::disk::files(&out)?
                        .into_iter()
                        .find(|file| file.extension().is_some_and(|end| end == "mp4"))
                        .context("a playable file")?;
                    let gaps = crate::decode::decode(&file)?.gaps(1.0);
                    let outage = during.outages.last();
                    Ok(Cut {
                        length_ms,
                        shown_while_cut: outage.is_some_and(|outage| outage.ongoing && outage.provisional),
                        finding_while_cut: during.finding.kind,
                        recording,
                        gaps,
                        whole,
                    })
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a candidate's thread panicked"))?)
            .collect::<Result<Vec<Cut>>>()
    })?;
    Ok(cuts)
}

impl Cut {
    /// What does not hold for a cut that must end as `expected` (`retake`, `none`, `near-miss`); empty when all does.
    pub fn complaints(&self, expected: &str) -> Vec<String> {
        let mut out = Vec::new();
        let mut demand = |holds: bool, what: String| {
            if !holds {
                out.push(what);
            }
        };
        demand(self.whole, "not every segment opened and verified".into());
        demand(self.gaps.is_empty(), format!("the footage has gaps: {:?}", self.gaps));
        demand(self.shown_while_cut, "no ongoing outage was shown while the network was cut".into());
        let finding = &self.recording.finding;
        demand(finding.kind == expected, format!("finding {} instead of {expected}", finding.kind));
        demand(!finding.provisional, "the finding stayed provisional".into());
        match self.recording.outages.as_slice() {
            [outage] => {
                let lower = outage.lower_ms.unwrap_or(-1);
                demand(lower >= 0, "no lower bound".into());
                demand(
                    lower <= self.length_ms && self.length_ms <= outage.upper_ms,
                    format!("the truth {} ms is not between {lower} and {} ms", self.length_ms, outage.upper_ms),
                );
                demand(outage.upper_ms - lower <= 7_000, format!("the bounds {lower} and {} ms are over 7 s apart", outage.upper_ms));
                demand(outage.cause == "link", format!("cause {} instead of link", outage.cause));
            }
            others => demand(false, format!("{} outages instead of one", others.len())),
        }
        if expected == "retake" {
            // KBTU: the 72 hours run from the exam's end, which is this candidate's scheduled end or later.
            let due = self.recording.exam.actual_end_ms.max(self.recording.ends_ms) + 72 * 3_600_000;
            demand(finding.deadline_ms == Some(due), format!("deadline {:?} instead of {due}", finding.deadline_ms));
            demand(
                finding.deadline.as_deref().is_some_and(|text| text.ends_with("+05:00")),
                format!("deadline without UTC offset: {:?}", finding.deadline),
            );
        } else {
            demand(finding.deadline_ms.is_none(), "a deadline without a retake".into());
        }
        out
    }
}
