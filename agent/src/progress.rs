//! What is going on: a JSON line a second for programs, one live line for people, nothing on a pipe.

use crate::capture::watch::Counters;
use crate::health::{Board, Shown};
use crate::link::LinkState;
use crate::rate::{Level, Rates};
use crate::spool::Queue;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use invigil_format::{RecordingId, RunId};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Where the figures come from.
#[derive(Clone)]
pub struct Sources {
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Durable media of each track, us.
    pub recorded_us: Vec<Arc<AtomicU64>>,
    /// Pictures of each track.
    pub counters: Vec<Arc<Counters>>,
    /// Segments and bytes.
    pub queue: Arc<Queue>,
    /// Link.
    pub link: Arc<LinkState>,
    /// States that a person should see to.
    pub board: Arc<Board>,
    /// What disk and link allow.
    pub rates: Arc<Rates>,
}

/// One look at everything.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Figures {
    /// Durable media of the longest track, this run.
    pub recorded_ms: u64,
    /// Bytes that the server took, this process.
    pub uploaded_bytes: u64,
    /// Receipts, this process.
    pub stored_segments: u64,
    /// Segments in the spool that wait for their receipt.
    pub pending_segments: usize,
    /// Bytes that the server has not acknowledged.
    pub spooled_bytes: u64,
    /// `up` or `down`.
    pub link: &'static str,
    /// For how long the link has been so.
    pub since_ms: u64,
    /// Recording.
    pub recording: RecordingId,
    /// Run.
    pub run: RunId,
    /// Pictures in the last second, all tracks.
    pub fps: u64,
    /// Pictures thrown away so far.
    pub dropped: u64,
    /// States of cameras and machine that a person should see to.
    pub conditions: Vec<Shown>,
    /// `recording`, `uploading`.
    pub stage: &'static str,
    /// `full`, `lowered` (fewer pictures a second) or `paused` (nothing is recorded).
    pub capture: &'static str,
    /// Why it is not `full`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub capture_reason: String,
}

impl Sources {
    fn look(&self, stage: &'static str, frames: &mut u64) -> Figures {
        let sum = |counter: fn(&Counters) -> &AtomicU64| self.counters.iter().map(|c| counter(c).load(Ordering::Relaxed)).sum::<u64>();
        let total = sum(|c| &c.frames);
        let fps = total - std::mem::replace(frames, total);
        let (up, since_us) = self.link.now();
        let (capture, capture_reason) = match self.rates.paused() {
            Some(reason) => ("paused", reason),
            None if self.rates.level() > Level::Full => ("lowered", self.rates.reason()),
            None => ("full", String::new()),
        };
        Figures {
            recorded_ms: self.recorded_us.iter().map(|us| us.load(Ordering::Relaxed)).max().unwrap_or(0) / 1000,
            uploaded_bytes: self.queue.uploaded_bytes.load(Ordering::Relaxed),
            stored_segments: self.queue.stored.load(Ordering::Relaxed),
            pending_segments: self.queue.waiting(),
            spooled_bytes: self.queue.spooled_bytes(),
            link: if up { "up" } else { "down" },
            since_ms: if since_us == 0 { 0 } else { invigil_clock::boottime_us().saturating_sub(since_us) / 1000 },
            recording: self.recording,
            run: self.run,
            fps,
            dropped: sum(|c| &c.dropped),
            conditions: self.board.shown(invigil_clock::boottime_us()),
            stage,
            capture,
            capture_reason,
        }
    }
}

/// Shows the figures each second until dropped.
pub struct Progress {
    json: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `json` for programs; otherwise a line for people, on a terminal only.
    pub fn new(json: bool) -> Self {
        let bar = (!json && std::io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::new_spinner().with_style(style)
        });
        Self { json, bar }
    }

    /// A line for people, and an event for programs.
    pub fn event(&self, kind: &str, text: &str) {
        self.event_with(kind, text, &serde_json::Value::Null);
    }

    /// The same with more members for programs, an object.
    pub fn event_with(&self, kind: &str, text: &str, more: &serde_json::Value) {
        if self.json {
            let mut line = serde_json::Map::from_iter([("event".to_owned(), kind.into()), ("message".to_owned(), text.into())]);
            line.extend(more.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
            print_line(&line);
        } else if let Some(bar) = &self.bar {
            bar.println(text);
        } else {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Runs until dropped.
    pub async fn run(&self, sources: &Sources, stage: impl Fn() -> &'static str) {
        let mut frames = 0;
        loop {
            self.show(&sources.look(stage(), &mut frames));
            invigil_clock::sleep(Duration::from_secs(1)).await;
        }
    }

    /// The last look.
    pub fn last(&self, sources: &Sources, stage: &'static str) {
        self.show(&sources.look(stage, &mut 0));
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }

    fn show(&self, figures: &Figures) {
        if self.json {
            print_line(figures);
        }
        if let Some(bar) = &self.bar {
            let secs = figures.recorded_ms / 1000;
            let link = if figures.link == "up" { "online".to_owned() } else { format!("OFFLINE for {} s", figures.since_ms / 1000) };
            let dropped = if figures.dropped > 0 { format!(" · {} pictures dropped", figures.dropped) } else { String::new() };
            let conditions: String = figures.conditions.iter().map(|shown| format!(" · {}", shown.words())).collect();
            let capture = match figures.capture {
                "paused" => format!(" · NOTHING IS RECORDED: {}", figures.capture_reason),
                "lowered" => format!(" · fewer pictures: {}", figures.capture_reason),
                _ => String::new(),
            };
            bar.set_message(format!(
                "{} {:02}:{:02}:{:02} · {} uploaded, {} to go · {link}{dropped}{conditions}{capture}",
                figures.stage,
                secs / 3600,
                secs / 60 % 60,
                secs % 60,
                HumanBytes(figures.uploaded_bytes),
                HumanBytes(figures.spooled_bytes),
            ));
            bar.tick();
        }
    }
}

/// One object a line, in one write; a reader that has gone away is no reason to stop recording.
fn print_line(value: &impl serde::Serialize) {
    if let Ok(mut line) = serde_json::to_string(value) {
        line.push('\n');
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}
