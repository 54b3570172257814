//! What handlers leave for the engine: contacts and clocks, in memory. Noting one costs a lock and a push.

use crate::live::lock;
use invigil_format::RunId;
use invigil_rules::Interval;
use invigil_rules::outage::Sign;
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

/// Contacts that wait in memory at most, but for those of more than 30,000 recordings at once: some 20 MB.
pub(super) const MAX_WAITING: usize = 200_000;
/// Stretches of our own fault that wait at most; beyond it the two that lie nearest become one.
const MAX_UNWRITTEN: usize = 64;
/// How long after a wake this server may wake again, us; beyond it, it stood still.
const STALLED_US: u64 = 3_000_000;
/// For how long an agent's clock is a witness, us.
const WITNESS_US: u64 = 300_000_000;
/// Most that the steady clock is turned towards the wall clock at a tick (each second), us.
const SLEW_US: i64 = 1_000;

/// One authenticated request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contact {
    pub recording: i64,
    /// When it was looked at.
    pub at_ms: i64,
    /// When it had arrived at the latest.
    pub arrived_ms: i64,
    /// Of a heartbeat.
    pub sign: Option<Sign>,
    /// A heartbeat that says that pictures are being captured.
    pub capturing: bool,
}

/// Contacts that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// In order of arrival.
    pub contacts: Vec<Contact>,
    /// In these contacts had to be left out, or could not be taken: what lies there is our own fault. In order and apart.
    pub unwritten: Vec<Interval>,
}

impl Inbox {
    /// Keeps the first and the last contact of every recording, the first and last heartbeat, and the last capture.
    fn thin(&mut self) {
        let before = self.contacts.len();
        let mut seen: BTreeSet<(i64, bool, bool)> = BTreeSet::new();
        let mut first_of_kind = |contact: &Contact| seen.insert((contact.recording, contact.sign.is_some(), contact.capturing));
        let mut keep: Vec<bool> = self.contacts.iter().map(&mut first_of_kind).collect();
        seen.clear();
        for (number, contact) in self.contacts.iter().enumerate().rev() {
            keep[number] |= seen.insert((contact.recording, contact.sign.is_some(), contact.capturing));
        }
        let span = self.contacts.iter().map(|contact| contact.at_ms);
        let span = span.clone().min().zip(span.max());
        let mut keep = keep.into_iter();
        self.contacts.retain(|_| keep.next().unwrap_or(true));
        if self.contacts.len() < before
            && let Some((from_ms, to_ms)) = span
        {
            self.add_unwritten(Interval::new(from_ms, to_ms));
        }
    }

    /// Adds a stretch, one with those that it touches. Time between two in which contacts were taken stays honest silence.
    fn add_unwritten(&mut self, stretch: Interval) {
        self.unwritten.push(stretch);
        self.unwritten.sort_unstable();
        let mut apart: Vec<Interval> = Vec::new();
        for part in self.unwritten.drain(..) {
            match apart.last_mut() {
                Some(last) if part.from_ms <= last.to_ms => last.to_ms = last.to_ms.max(part.to_ms),
                _ => apart.push(part),
            }
        }
        while apart.len() > MAX_UNWRITTEN {
            let nearest = (1..apart.len()).min_by_key(|place| apart[*place].from_ms - apart[*place - 1].to_ms).unwrap_or(1);
            let later = apart.remove(nearest);
            apart[nearest - 1].to_ms = later.to_ms;
        }
        self.unwritten = apart;
    }
}

/// Whether this server stood still between two wakes (boot times, us) that were meant to follow each other at once, and when; the later one
/// is at `now_ms`.
fn stalled(before_us: u64, now_us: u64, now_ms: i64) -> Option<Interval> {
    let slept_us = now_us.checked_sub(before_us).filter(|slept_us| *slept_us > STALLED_US)?;
    let slept_ms = i64::try_from(slept_us / 1000).ok()?;
    Some(Interval::new(now_ms.saturating_sub(slept_ms), now_ms))
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
    inbox: Mutex<Inbox>,
    changed: Mutex<BTreeSet<i64>>,
    runs: Mutex<HashMap<RunId, Run>>,
    agents: Mutex<HashMap<i64, (i64, u64)>>,
    /// Boot time plus this is the server's time, us.
    offset_us: Mutex<Option<i64>>,
    /// When this server was awake last, boot time in us.
    awake_us: Mutex<Option<u64>>,
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

    /// Notes a contact. While the database fails they pile up; at [`MAX_WAITING`] all but the first and last ones are left out.
    pub(super) fn push(&self, contact: Contact) {
        let mut inbox = lock(&self.inbox);
        inbox.contacts.push(contact);
        if inbox.contacts.len() >= MAX_WAITING {
            inbox.thin();
        }
    }

    /// All contacts since the last call.
    pub(super) fn take(&self) -> Inbox {
        std::mem::take(&mut *lock(&self.inbox))
    }

    /// Puts back, before those that came meanwhile, what could not be written.
    pub(super) fn give_back(&self, earlier: Inbox) {
        let mut inbox = lock(&self.inbox);
        let later = std::mem::replace(&mut *inbox, earlier);
        inbox.contacts.extend(later.contacts);
        later.unwritten.into_iter().for_each(|stretch| inbox.add_unwritten(stretch));
        if inbox.contacts.len() >= MAX_WAITING {
            inbox.thin();
        }
    }

    /// To be called often, whatever the database does: time that passed without a call is a stretch in which this server took no contacts.
    pub(super) fn awake(&self, wall_ms: i64, boottime_us: u64) {
        let now_ms = self.now_ms(wall_ms, boottime_us);
        let mut awake_us = lock(&self.awake_us);
        let before_us = awake_us.unwrap_or(boottime_us);
        // Two may call at once, and the later one may have looked at the clock before.
        *awake_us = Some(boottime_us.max(before_us));
        if let Some(stretch) = stalled(before_us, boottime_us, now_ms) {
            tracing::warn!(from_ms = stretch.from_ms, to_ms = stretch.to_ms, "this server stood still: it counts as its own downtime");
            lock(&self.inbox).add_unwritten(stretch);
        }
    }

    /// How many contacts wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        lock(&self.inbox).contacts.len()
    }

    /// Asks for a recording to be assessed again soon.
    pub(super) fn mark(&self, recording: i64) {
        lock(&self.changed).insert(recording);
    }

    /// Recordings to be assessed again.
    pub(crate) fn take_marked(&self) -> BTreeSet<i64> {
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
    fn contacts_that_cannot_be_written_have_a_ceiling_and_keep_their_order_and_both_ends() {
        let table = Table::default();
        let contact = |at_ms: i64, recording, capturing| Contact { recording, at_ms, arrived_ms: at_ms, sign: None, capturing };
        for at_ms in 0..1000 {
            table.push(contact(at_ms, at_ms % 2, false));
        }
        let taken = table.take();
        table.push(contact(1000, 0, true));
        table.give_back(taken);
        let order: Vec<i64> = table.take().contacts.iter().map(|contact| contact.at_ms).collect();
        assert_eq!(order, (0..=1000).collect::<Vec<_>>());

        for at_ms in 0..i64::try_from(MAX_WAITING).unwrap() + 3 {
            table.push(contact(at_ms, at_ms % 2, at_ms == 7));
        }
        let inbox = table.take();
        let left: Vec<i64> = inbox.contacts.iter().map(|contact| contact.at_ms).collect();
        let n = i64::try_from(MAX_WAITING).unwrap();
        assert_eq!(left, [0, 1, 7, n - 2, n - 1, n, n + 1, n + 2]);
        assert_eq!(inbox.unwritten, [Interval::new(0, n - 1)]);
    }

    #[test]
    fn a_wake_that_comes_too_late_says_when_this_server_stood_still() {
        assert_eq!(stalled(5_000_000, 5_500_000, 100_000), None);
        assert_eq!(stalled(5_000_000, 8_000_000, 100_000), None, "a busy one may be late");
        assert_eq!(stalled(5_000_000, 8_001_000, 100_000), Some(Interval::new(96_999, 100_000)));
        assert_eq!(stalled(5_000_000, 665_000_000, 900_000), Some(Interval::new(240_000, 900_000)));
        assert_eq!(stalled(5_000_000, 4_000_000, 100_000), None);
    }

    #[test]
    fn stalls_stay_apart_until_there_are_too_many_and_outlast_a_failing_database() {
        let table = Table::default();
        // Awake each half second until 10 s, stalled until 20 s, awake until 30 s, stalled until 40 s.
        let wakes = (0..=20).chain(40..=60).chain(80..=90);
        wakes.for_each(|half| table.awake(0, half * 500_000));
        let stalls = [Interval::new(10_000, 20_000), Interval::new(30_000, 40_000)];
        let taken = table.take();
        assert_eq!(taken.unwritten, stalls);
        assert!(table.take().unwritten.is_empty());
        table.awake(0, 55_000_000);
        table.give_back(taken);
        assert_eq!(table.take().unwritten, [stalls[0], stalls[1], Interval::new(45_000, 55_000)]);

        let mut inbox = Inbox::default();
        let most = i64::try_from(MAX_UNWRITTEN).unwrap();
        (0..most).for_each(|n| inbox.add_unwritten(Interval::new(n * 100, n * 100 + 10)));
        inbox.add_unwritten(Interval::new(205, 220));
        assert_eq!((inbox.unwritten.len(), inbox.unwritten[2]), (MAX_UNWRITTEN, Interval::new(200, 220)), "it goes on");
        inbox.add_unwritten(Interval::new(540, 550));
        assert_eq!((inbox.unwritten.len(), inbox.unwritten[5]), (MAX_UNWRITTEN, Interval::new(500, 550)));
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
