//! What handlers leave for the engine: contacts and clocks, in memory. Noting one costs a lock and a push.

use crate::live::lock;
use invigil_format::RunId;
use invigil_rules::outage::Sign;
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

/// For how long an agent's clock is a witness, us.
const WITNESS_US: u64 = 300_000_000;
/// Most that the steady clock is turned towards the wall clock at a tick (each second), us.
const SLEW_US: i64 = 1_000;

/// One authenticated request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contact {
    pub recording: i64,
    pub at_ms: i64,
    /// Of a heartbeat.
    pub sign: Option<Sign>,
}

/// A run that a heartbeat has named.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Row.
    pub row: i64,
    /// Row of its recording.
    pub recording: i64,
    /// Server's time minus the device's boot time: the least that a heartbeat has shown, ms.
    pub offset_ms: i64,
    /// Until then a heartbeat that travelled faster improves it, ms of the server's time.
    pub improves_until_ms: i64,
}

/// The engine's inbox, and the clock on which contacts are measured.
#[derive(Debug, Default)]
pub struct Table {
    queue: Mutex<Vec<Contact>>,
    changed: Mutex<BTreeSet<i64>>,
    runs: Mutex<HashMap<RunId, Run>>,
    agents: Mutex<HashMap<i64, (i64, u64)>>,
    /// Boot time plus this is the server's time, us.
    offset_us: Mutex<Option<i64>>,
}

impl Table {
    /// The server's time, Unix ms: boot time, so that a step of the wall clock neither makes nor hides a disconnect, slowly led by the wall clock.
    pub fn now_ms(&self, wall_ms: i64, boottime_us: u64) -> i64 {
        let boot_us = i64::try_from(boottime_us).unwrap_or(i64::MAX);
        let offset_us = *lock(&self.offset_us).get_or_insert(wall_ms.saturating_mul(1000).saturating_sub(boot_us));
        boot_us.saturating_add(offset_us).div_euclid(1000)
    }

    /// Leads the server's time towards the wall clock; to be called each second, and not while the wall clock is suspect.
    pub(super) fn slew(&self, wall_ms: i64, boottime_us: u64) {
        let behind_us = wall_ms.saturating_sub(self.now_ms(wall_ms, boottime_us)).saturating_mul(1000);
        if let Some(offset_us) = lock(&self.offset_us).as_mut() {
            *offset_us += behind_us.clamp(-SLEW_US, SLEW_US);
        }
    }

    /// Notes a contact.
    pub(super) fn push(&self, contact: Contact) {
        lock(&self.queue).push(contact);
    }

    /// All contacts since the last call, in order of arrival.
    pub(super) fn take(&self) -> Vec<Contact> {
        std::mem::take(&mut *lock(&self.queue))
    }

    /// Asks for a recording to be assessed again soon.
    pub(super) fn mark(&self, recording: i64) {
        lock(&self.changed).insert(recording);
    }

    /// Recordings to be assessed again.
    pub(super) fn take_marked(&self) -> BTreeSet<i64> {
        std::mem::take(&mut *lock(&self.changed))
    }

    /// A run of a recording that a heartbeat has named before.
    pub fn run(&self, run: RunId, recording: i64) -> Option<Run> {
        lock(&self.runs).get(&run).filter(|known| known.recording == recording).copied()
    }

    /// Remembers a run.
    pub fn remember_run(&self, id: RunId, run: Run) {
        lock(&self.runs).insert(id, run);
    }

    /// Notes how far a device's wall clock is ahead of the server's.
    pub fn note_clock(&self, recording: i64, ahead_ms: i64, boottime_us: u64) {
        lock(&self.agents).insert(recording, (ahead_ms, boottime_us));
    }

    /// How far each device's wall clock is ahead of `wall_ms`, of those heard in the last five minutes.
    pub fn clocks_ahead_ms(&self, boottime_us: u64) -> Vec<i64> {
        let mut agents = lock(&self.agents);
        agents.retain(|_, (_, at)| boottime_us.saturating_sub(*at) < WITNESS_US);
        agents.values().map(|(ahead, _)| *ahead).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_wall_clock_does_not_move_the_servers_time() {
        let table = Table::default();
        assert_eq!(table.now_ms(1_000_000, 5_000_000), 1_000_000);
        assert_eq!(table.now_ms(9_000_000, 6_000_000), 1_001_000);
        for second in 0..60 {
            table.slew(9_000_000, 6_000_000 + second * 1_000_000);
        }
        assert_eq!(table.now_ms(9_000_000, 66_000_000), 1_061_060);
    }

    #[test]
    fn devices_are_witnesses_for_five_minutes() {
        let table = Table::default();
        table.note_clock(1, 40, 0);
        table.note_clock(2, -7, 200_000_000);
        assert_eq!(table.clocks_ahead_ms(299_000_000).len(), 2);
        assert_eq!(table.clocks_ahead_ms(300_000_000), [-7]);
    }
}
