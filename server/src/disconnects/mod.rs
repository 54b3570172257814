//! Disconnects: from contacts to outages and findings (mission rules 3 and 4).
//!
//! Handlers note contacts in memory ([`contact`], [`heartbeat`]); [`run`] feeds them to `invigil_rules::outage` each second and writes what changed.
//! [`report`] gives a recording's disconnects and finding as of now.

mod downtime;
mod engine;
mod evidence;
mod finding;
mod table;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;

use crate::arrival;
use crate::state::{AppState, Shared};
use engine::Engine;
use invigil_format::BootId;
use invigil_rules::clock_trust::Trust;
use invigil_rules::outage::Sign;
use invigil_wire::agent::Heartbeat;
use std::time::Duration;
use table::Contact;
use tokio_util::sync::CancellationToken;

pub use downtime::since as downtimes;
pub use finding::{Report, lead_ms, report};
pub use table::{Run, Table};

/// The server's time on which disconnects are measured, Unix ms: a step of the wall clock does not move it.
pub fn now_ms(state: &AppState) -> i64 {
    state.disconnects.now_ms(state.clock.wall_ms(), state.clock.boottime_us())
}

/// When a request is looked at, and when it arrived at the latest.
fn times(state: &AppState) -> (i64, i64) {
    let before_ms = now_ms(state);
    let arrived_ms = before_ms - arrival::ago_ms();
    (now_ms(state), arrived_ms)
}

/// Called for every authenticated request of an agent, before it is handled. `recording` and `run` are row ids.
pub fn contact(state: &AppState, recording: i64, run: Option<i64>) {
    let (at_ms, arrived_ms) = times(state);
    state.live.note_contact(recording, run, at_ms, state.clock.boottime_us());
    state.disconnects.push(Contact { recording, at_ms, arrived_ms, sign: None, capturing: false });
}

/// Called for every heartbeat: a contact that also says who lives.
pub fn heartbeat(state: &AppState, recording: i64, run_row: i64, beat: &Heartbeat) {
    let ((at_ms, arrived_ms), boottime_us) = (times(state), state.clock.boottime_us());
    let boot_id: BootId = beat.boot_id;
    let sign = Sign {
        boot_id: *boot_id.as_bytes(),
        run: engine::bytes_of(run_row),
        sequence: beat.sequence,
        boottime_ms: i64::try_from(beat.boottime_us / 1000).unwrap_or(i64::MAX),
    };
    state.live.note_contact(recording, Some(run_row), at_ms, boottime_us);
    state.disconnects.note_clock(recording, beat.wall_ms.saturating_sub(state.clock.wall_ms()), boottime_us);
    state.disconnects.push(Contact { recording, at_ms, arrived_ms, sign: Some(sign), capturing: beat.capturing });
}

/// Asks for a recording's finding to be renewed within a second, when it is dropped: its journal grew, or it finished. Made before the change is
/// committed: a client that goes away in mid-commit drops its request, and what is committed all the same counts.
#[must_use = "dropped before the commit, it renews too early"]
pub struct Renewal<'a> {
    table: &'a Table,
    recording: i64,
}

impl<'a> Renewal<'a> {
    /// `recording` is a row id.
    pub fn after(state: &'a AppState, recording: i64) -> Self {
        Self { table: &state.disconnects, recording }
    }
}

impl Drop for Renewal<'_> {
    fn drop(&mut self) {
        self.table.mark(self.recording);
    }
}

/// Opens, closes and evaluates outages until `stop`.
pub async fn run(state: Shared, stop: CancellationToken) {
    let mut engine = None;
    loop {
        let stopping = stop.is_cancelled();
        if let Err(error) = second(&state, &mut engine, stopping).await {
            tracing::error!(error = format!("{error:#}"), "disconnects could not be written; trying again in a second");
        }
        if stopping {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = invigil_clock::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// How often [`notice_stalls`] looks.
const AWAKE_EVERY: Duration = Duration::from_millis(500);

/// Notes when this server stood still without ending (a paused machine, a stopped process): nobody could reach it then. A task of its own, so
/// that what the database holds up is not taken for that.
pub async fn notice_stalls(state: Shared, stop: CancellationToken) {
    while !stop.is_cancelled() {
        awake(&state);
        tokio::select! {
            () = stop.cancelled() => {}
            () = invigil_clock::sleep(AWAKE_EVERY) => {}
        }
    }
}

fn awake(state: &AppState) {
    state.disconnects.awake(state.clock.wall_ms(), state.clock.boottime_us());
}

async fn second(state: &Shared, engine: &mut Option<Engine>, stopping: bool) -> anyhow::Result<()> {
    if crate::retention::trust(state) == Trust::Trusted {
        state.disconnects.slew(state.clock.wall_ms(), state.clock.boottime_us());
    }
    let engine = match engine {
        Some(engine) => engine,
        None => engine.insert(Engine::start(state.clone(), now_ms(state)).await?),
    };
    // Before the contacts are taken: after a stall this may run first, and would find silence that nobody explains.
    awake(state);
    engine.tick(now_ms(state), stopping).await
}
