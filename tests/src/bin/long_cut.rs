//! `./invigil long-cut`: the ten-minute rule in real time. Three candidates, cut for 12:00, 9:50 and 10:02 minutes side by side.

use anyhow::Result;
use clap::Parser;
use invigil_tests::scenario::cuts;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Parser)]
#[command(name = "./invigil long-cut", about = "Network cuts around ten minutes in real time (KBTU's rule)")]
struct Options {
    /// Clip that stands for a camera
    #[arg(long)]
    clip: PathBuf,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let home = tempfile::Builder::new().prefix("invigil-long-cut-").tempdir()?;
    let expected = [(720, "retake"), (590, "none"), (602, "near-miss")];
    let lengths: Vec<Duration> = expected.iter().map(|(secs, _)| Duration::from_secs(*secs)).collect();
    let found = cuts::run(home.path(), "kbtu", |_| Ok(()), &format!("file:{}", options.clip.display()), &lengths)?;
    let mut fine = true;
    for (cut, (secs, finding)) in found.iter().zip(expected) {
        let outage = cut.recording.outages.first();
        println!(
            "cut for {secs} s: true length {} ms, lower bound {:?}, upper bound {:?}, while cut {}, finding {}, deadline {:?}, footage {} ms in {} stretches",
            cut.length_ms,
            outage.and_then(|outage| outage.lower_ms),
            outage.map(|outage| outage.upper_ms),
            cut.finding_while_cut,
            cut.recording.finding.kind,
            cut.recording.finding.deadline,
            cut.recording.recorded_ms,
            cut.recording.footage.len(),
        );
        for complaint in cut.complaints(finding) {
            fine = false;
            println!("FAILED {complaint}");
        }
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
