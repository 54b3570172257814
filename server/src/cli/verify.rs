//! `invigil-server verify`: an evidence bundle, offline, with the institution's public key only.

use super::bundle::{Opening, Source};
use anyhow::Context;
use clap::Args as ClapArgs;
use invigil_evidence::bundle::{Institution, Report, TrackReport, Video, Why, verify};
use invigil_format::{Digest, VerifyingKey};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// The bundle: a ZIP, or one sealed as an age file.
    bundle: PathBuf,
    /// The institution's public key or its fingerprint: 64 hexadecimal digits, or a file with them (the server's trust file will do). Get it from the
    /// institution, not from the bundle.
    #[arg(long)]
    institution: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    opening: Opening,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let institution = institution(&args.institution)?;
    let report = match args.opening.open(&args.bundle)? {
        Source::Plain(mut file) => verify(&mut file, &institution),
        Source::Sealed(mut stream) => verify(&mut stream, &institution),
    };
    let report = report.with_context(|| format!("read {}", args.bundle.display()))?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report);
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The institution from digits or from a file.
fn institution(text: &str) -> anyhow::Result<Institution> {
    #[derive(Deserialize)]
    struct TrustFile {
        institution: VerifyingKey,
    }
    if let Ok(institution) = text.parse() {
        return Ok(institution);
    }
    let file =
        std::fs::read_to_string(text).with_context(|| format!("{text:?} is neither 64 hexadecimal digits nor a file that can be read"))?;
    if let Ok(trust) = serde_json::from_str::<TrustFile>(&file) {
        return Ok(Institution(Digest(trust.institution.0)));
    }
    file.parse().with_context(|| format!("{text} holds no institution key and no fingerprint"))
}

/// The report in plain words; the last line is the verdict.
pub(super) fn print(report: &Report) {
    let offset = report.act.as_ref().map_or(0, |act| act.utc_offset_secs);
    let time = |ms: i64| time(ms, offset);
    if let Some(act) = &report.act {
        println!("act {} ({}), signed {} by {}", act.number_text, act.kind, time(act.signed_ms), act.signatories.join(", "));
        println!("act's digest {}", act.digest);
    }
    if let (Some(bundle), Some(created)) = (report.bundle, report.created_ms) {
        println!("bundle {bundle}, made {}, {} files", time(created), report.files);
    }
    for track in &report.tracks {
        print_track(track, &time);
    }
    for outage in &report.outages {
        let until = outage.to_ms.map_or_else(|| "an unknown time".to_owned(), time);
        println!("no connection from {} until {until} (run {}); what was recorded meanwhile is here", time(outage.from_ms), outage.run);
    }
    for run in &report.unproven_ends {
        println!("run {run}: end unproven, its journal here has no end");
    }
    report.notes.iter().for_each(|note| println!("note: {note}"));
    for problem in &report.problems {
        println!("{}: {}: {}", problem.name, problem.object, problem.detail);
    }
    match report.problems.len() {
        0 => println!("everything holds: nothing in this bundle was changed, dropped, exchanged or added"),
        1 => println!("does NOT hold: 1 problem"),
        n => println!("does NOT hold: {n} problems"),
    }
}

fn print_track(track: &TrackReport, time: &dyn Fn(i64) -> String) {
    println!("recording {} track {}, cited from {} until {}:", track.recording, track.track, time(track.from_ms), time(track.to_ms));
    for device in &track.devices {
        println!("  signed by the computer {} {}", device.name.as_deref().unwrap_or("(not certified)"), device.key);
    }
    let or_unknown = |ms: Option<i64>| ms.map_or_else(|| "unknown".to_owned(), time);
    println!(
        "  {} segments, recorded not before {} and not after {}",
        track.segments,
        or_unknown(track.not_before_ms),
        or_unknown(track.not_after_ms)
    );
    for missing in &track.missing {
        let secs = (missing.to_ms - missing.from_ms) as f64 / 1000.0;
        let why: Vec<String> = missing.why.iter().map(words).collect();
        println!("  missing from {} until {} ({secs:.1} s): {}", time(missing.from_ms), time(missing.to_ms), why.join("; "));
    }
    if track.missing.is_empty() {
        println!("  nothing of the cited time is missing");
    }
    match &track.video {
        Video::Same(name) => println!("  {name} is what these segments make, byte by byte"),
        Video::Wrong(name) => println!("  {name} was NOT found to be what these segments make"),
        Video::None => println!("  no video: a track of pictures, or one that cannot be joined"),
    }
}

fn words(why: &Why) -> String {
    let text = match why.kind {
        "before-recording" => "the recording had not begun",
        "camera-lost" => "the camera was lost",
        "capture-paused" => "capture stood still",
        "track-ended" => "the track had ended",
        "frames-dropped" => "pictures were dropped",
        "held-up" => "the program got no processor",
        "run-ended" => "the program had ended",
        "agent-stopped" => "the program was stopped or killed and started again on the same boot of the computer",
        "power-or-reboot" => "the computer was without power or restarted",
        "other-device" => "another computer went on",
        "segment-not-here" => "a segment that the journal names is not here",
        "end-unproven" => "the journal here ends before it",
        _ => "unexplained by the journal",
    };
    if why.detail.is_empty() { text.to_owned() } else { format!("{text} ({})", why.detail) }
}

/// A time with the exam's UTC offset.
fn time(ms: i64, offset_secs: i32) -> String {
    let zone = Offset::from_seconds(offset_secs).map_or(TimeZone::UTC, TimeZone::fixed);
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| format!("{ms} ms"), |at| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_institution_is_given_by_digits_or_by_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let digits = "ab".repeat(32);
        let expected = Institution(Digest([0xAB; 32]));
        assert_eq!(institution(&digits).unwrap(), expected);
        assert_eq!(institution(&digits.to_uppercase()).unwrap(), expected);
        for (name, text) in [("plain", format!("{digits}\n")), ("trust.json", format!(r#"{{"institution":"{digits}","certificates":[]}}"#))]
        {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(institution(path.to_str().unwrap()).unwrap(), expected);
        }
        assert!(institution("nowhere").is_err());
    }

    #[test]
    fn times_have_the_exams_offset() {
        assert_eq!(time(1_780_300_800_000, 18_000), "2026-06-01 13:00:00.000 +05:00");
    }
}
