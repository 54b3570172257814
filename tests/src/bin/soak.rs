//! `./invigil soak [--hours 3]`: an exam in real time with three cameras and sound, and whether anything grew, drifted or went missing.

use anyhow::{Context, Result};
use clap::Parser;
use invigil_tests::scenario::soak::{self, Plan, Report};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "./invigil soak", about = "An exam in real time: three cameras and sound; memory, drift and every second accounted for")]
struct Options {
    /// Clip that stands for the camera that is encoded
    #[arg(long)]
    clip: PathBuf,
    /// Length of the exam, hours
    #[arg(long, default_value_t = 3.0)]
    hours: f64,
    /// The same in minutes
    #[arg(long, conflicts_with = "hours")]
    minutes: Option<f64>,
    /// Seconds from clap to clap
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(3..=600))]
    clap_every: u32,
    /// A fault: beeps come so much later than flashes, ms; above 100 the run must fail
    #[arg(long, default_value_t = 0)]
    beep_delay_ms: u32,
    /// Without sound: the flashes are compared with what their source says
    #[arg(long)]
    no_sound: bool,
    /// Where everything lies meanwhile; about 250 MB an hour
    #[arg(long)]
    home: Option<PathBuf>,
    /// The whole report as JSON
    #[arg(long, default_value = "soak.json")]
    report: PathBuf,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let mut builder = tempfile::Builder::new();
    builder.prefix("invigil-soak-");
    let home = match &options.home {
        Some(folder) => {
            std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
            builder.tempdir_in(folder).with_context(|| format!("make a folder in {}", folder.display()))?
        }
        None => builder.tempdir()?,
    };
    let secs = (options.minutes.unwrap_or(options.hours * 60.0) * 60.0) as u64;
    let plan = Plan {
        secs,
        clip: options.clip,
        sound: !options.no_sound,
        clap_every_secs: options.clap_every,
        beep_delay_ms: options.beep_delay_ms,
        lead_secs: 20,
    };
    let outcome = soak::run(home.path(), &plan);
    let report = match outcome {
        Ok(report) => report,
        Err(error) => {
            // The logs say why.
            println!("everything was left in {}", home.keep().display());
            return Err(error);
        }
    };
    std::fs::write(&options.report, serde_json::to_vec_pretty(&report)?).with_context(|| format!("write {}", options.report.display()))?;
    show(&report);
    println!("report: {}", options.report.display());
    Ok(if report.complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(report: &Report) {
    println!("{} s in real time", report.secs);
    println!("{:18}{:>14}{:>14}{:>14}", "memory, MiB", "second tenth", "last tenth", "at most");
    for (what, growth) in &report.memory {
        println!("{what:18}{:14.1}{:14.1}{:14.1}", growth.second_tenth, growth.last_tenth, growth.allowed);
    }
    for (program, samples) in &report.samples {
        let ends = samples.first().zip(samples.last());
        let cpu = report.cpu_secs_a_minute.get(program).copied().unwrap_or(0.0);
        if let Some((first, last)) = ends {
            println!(
                "{program}: threads {} to {}, open files {} to {}, CPU {cpu:.2} s a minute",
                first.threads, last.threads, first.files, last.files
            );
        }
    }
    let receipt = &report.receipt;
    println!("receipt, ms: expected {}, stored {}, missing stretches {}", receipt.expected_ms, receipt.stored_ms, receipt.missing.len());
    for total in &receipt.tracks {
        println!(
            "  {:8} {} segments, {:.1} MB, covers {} ms",
            total.track.as_str(),
            total.segments,
            total.size_bytes as f64 / 1e6,
            total.stored_ms
        );
    }
    for (name, track) in &report.tracks {
        println!("{name}: {} packets in {:.1} s, doubled {}, gaps {:?}", track.packets, track.secs, track.doubled, track.gaps);
    }
    for (track, claps) in &report.in_step {
        let drift = claps.drift_ms_an_hour.map_or("too few claps".to_owned(), |drift| format!("{drift:.2} ms an hour"));
        println!(
            "{track}: {} claps made, {} found, {} more at which the source stuttered; largest offset {:.1} ms, drift {drift}; flashes stand {:.1} to {:.1} ms late",
            claps.made,
            claps.claps.pairs.len(),
            claps.unsure,
            claps.largest_ms,
            claps.flash_late_ms.0,
            claps.flash_late_ms.1
        );
    }
    println!("pictures dropped: {}; false alarms: {:?}", report.dropped, report.false_alarms);
    println!("journal: {:?}", report.journal);
    report.complaints.iter().for_each(|complaint| println!("FAILED {complaint}"));
}
