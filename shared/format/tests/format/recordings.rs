//! What the report of a recording says where vectors say nothing.

use crate::common::{World, stamp};
use invigil_format::recording::{RunInput, report};
use invigil_format::{Digest, Error, Event, JournalWriter, RunId, Statement};

#[test]
fn a_journal_of_which_nothing_is_left_shows_by_the_one_after_it() {
    let w = World::new();
    let records = [w.key_record(0), w.key_record(1)];
    let journal = |run: usize, previous_run: Option<RunId>, previous: Option<Digest>| -> Vec<Statement> {
        let mut writer = JournalWriter::new(w.fingerprint, w.recording, w.runs[run], w.boot_id, previous, &w.device);
        let started = Event::RunStarted { agent_version: "test".into(), previous_run, key_record: records[run].digest() };
        vec![writer.entry(started, stamp(0)).unwrap()]
    };
    let wrong = |first: &[Statement], second: &[Statement]| {
        let runs = [
            RunInput { run: w.runs[0], key_record: Some(&records[0]), journal: first, segments: &[] },
            RunInput { run: w.runs[1], key_record: Some(&records[1]), journal: second, segments: &[] },
        ];
        report(&w.trust(), &runs).runs[1].journal.clone()
    };
    let first = journal(0, None, None);
    let second = journal(1, Some(w.runs[0]), Some(first[0].digest()));
    assert_eq!(wrong(&first, &second), None);
    assert_eq!(wrong(&[], &second), Some((0, Error::JournalChain { index: 0 })));
    // It was cut short before its first entry, as the one after it bears out.
    assert_eq!(wrong(&[], &journal(1, Some(w.runs[0]), None)), None);
}
