use super::super::watch::Log;
use super::*;
use proptest::prelude::*;
use std::sync::mpsc::{Receiver, sync_channel};

/// A number; those that can be divided by ten start anew. Those from a thousand on are as pictures that need no other.
impl Piece for u32 {
    fn starts_anew(&self) -> bool {
        *self >= 1000 || self.is_multiple_of(10)
    }
    fn is_needed(&self) -> bool {
        *self < 1000
    }

    fn taken_us(&self) -> u64 {
        u64::from(*self)
    }
}

fn sink_of(bound: usize) -> (Sink<u32>, Receiver<Vec<u32>>, Arc<Log>) {
    let (pieces, taken) = sync_channel(bound);
    let log = Arc::new(Log::default());
    let report = Box::new({
        let log = Arc::clone(&log);
        move |event| log.push(event)
    });
    (Sink { pieces, counters: Arc::default(), report }, taken, log)
}

fn sink() -> (Sink<u32>, Receiver<Vec<u32>>, Arc<Log>) {
    sink_of(1000)
}

fn all(taken: &Receiver<Vec<u32>>) -> Vec<u32> {
    taken.try_iter().flatten().collect()
}

#[test]
fn each_piece_goes_to_one_recording_and_the_next_begins_where_decoding_can_start() {
    let ((first, one, _), (second, two, log)) = (sink(), sink());
    let feed = Feed::new(first);
    feed.report(Event::Started);
    assert!(feed.send((0..15).collect()));
    feed.switch(second);
    assert!(log.all().is_empty(), "not before its first piece");
    (15..18).for_each(|piece| assert!(feed.send(vec![piece])));
    // In the middle of a batch.
    assert!(feed.send((18..23).collect()));
    (23..40).for_each(|piece| assert!(feed.send(vec![piece])));
    assert!(feed.wait_switched(Duration::ZERO, &Stop::default()));
    assert_eq!(one.iter().flatten().collect::<Vec<_>>(), (0..20).collect::<Vec<_>>(), "and its channel has ended");
    feed.report(Event::Back);
    assert_eq!(log.all(), [Event::Started, Event::Back]);
    feed.close();
    assert_eq!(two.iter().flatten().collect::<Vec<_>>(), (20..40).collect::<Vec<_>>());
    assert!(!feed.send(vec![40]));
}

#[test]
fn the_last_pieces_of_the_one_before_wait_for_room_and_are_not_lost() {
    let ((first, one, log), (second, two, _)) = (sink_of(1), sink());
    let feed = Feed::new(first);
    feed.report(Event::Started);
    assert!(feed.send(vec![7]));
    feed.switch(second);
    let sending = std::thread::spawn({
        let feed = Arc::clone(&feed);
        move || feed.send(vec![8, 9, 10, 11])
    });
    assert_eq!(two.recv().unwrap(), [10, 11]);
    assert_eq!((one.recv().unwrap(), one.recv().unwrap(), one.recv().is_err()), (vec![7], vec![8, 9], true));
    assert!(sending.join().unwrap());
    assert_eq!(log.all(), [Event::Started]);
}

#[test]
fn a_source_that_delivers_nothing_is_passed_on_at_once_with_the_reason() {
    for lost_first in [true, false] {
        let ((first, one, before), (second, _two, log)) = (sink(), sink());
        let feed = Feed::new(first);
        feed.report(Event::Started);
        let lost = || feed.report(Event::Lost("unplugged".into()));
        if lost_first {
            lost();
        }
        feed.switch(second);
        if !lost_first {
            assert!(feed.send(vec![1]));
            lost();
        }
        assert!(feed.wait_switched(Duration::ZERO, &Stop::default()));
        assert_eq!(one.iter().count(), usize::from(!lost_first));
        assert_eq!(log.all(), [Event::Lost("unplugged".into())]);
        assert_eq!(before.all().len(), 2);
    }
}

#[test]
fn many_sources_without_a_start_cost_one_patience_and_not_one_each() {
    const MANY: usize = 40;
    let patience = Duration::from_millis(250);
    let mut kept = Vec::new();
    let feeds: Vec<Arc<Feed<u32>>> = std::iter::repeat_with(|| {
        let ((first, one, _), (second, two, _)) = (sink(), sink());
        let feed = Feed::new(first);
        feed.report(Event::Started);
        feed.switch(second);
        kept.push((one, two));
        feed
    })
    .take(MANY)
    .collect();
    assert!(feeds[1].send(vec![10]));
    let began_us = invigil_clock::boottime_us();
    let late = wait_all(&feeds.iter().map(|feed| &**feed).collect::<Vec<_>>(), patience, &Stop::default());
    let took = Duration::from_micros(invigil_clock::boottime_us() - began_us);
    assert_eq!(late, (0..MANY).filter(|number| *number != 1).collect::<Vec<_>>());
    assert!(took >= patience && took < patience * MANY as u32 / 2, "{took:?}");
}

#[test]
fn a_source_without_a_start_is_passed_on_when_patience_is_over() {
    let ((first, one, _), (second, two, log)) = (sink(), sink());
    let feed = Feed::new(first);
    feed.report(Event::Started);
    feed.switch(second);
    assert!(feed.send(vec![1]));
    assert!(!feed.wait_switched(Duration::from_millis(20), &Stop::default()));
    assert!(feed.send(vec![2]));
    feed.close();
    assert_eq!((one.iter().flatten().collect::<Vec<_>>(), two.iter().flatten().collect::<Vec<_>>()), (vec![1], vec![2]));
    assert_eq!(log.all(), [Event::Started]);
}

#[test]
fn two_are_recorded_at_once_from_a_start_on_and_the_later_one_goes_on_without_a_gap() {
    let ((first, one, before), (second, two, log)) = (sink(), sink());
    let feed = Feed::new(first);
    feed.report(Event::Started);
    assert!(feed.send((0..15).collect()));
    feed.record_beside(second);
    (15..18).for_each(|piece| assert!(feed.send(vec![piece])));
    assert!(log.all().is_empty() && all(&two).is_empty(), "not before its first piece");
    assert!(feed.send((18..33).collect()));
    assert_eq!(log.all(), [Event::Started]);
    feed.report(Event::Lost("unplugged".into()));
    feed.report(Event::Back);
    feed.end_first();
    assert!(feed.wait_switched(Duration::ZERO, &Stop::default()));
    assert_eq!(one.iter().flatten().collect::<Vec<_>>(), (0..33).collect::<Vec<_>>(), "and its channel has ended");
    assert!(feed.send((33..50).collect()));
    feed.close();
    assert_eq!(two.iter().flatten().collect::<Vec<_>>(), (20..50).collect::<Vec<_>>());
    let told = [Event::Started, Event::Lost("unplugged".into()), Event::Back];
    assert_eq!((before.all(), log.all()), (told.to_vec(), told.to_vec()), "both, and nothing of it twice");
}

#[test]
fn the_later_one_may_end_first_and_one_beside_a_lost_source_is_told() {
    let ((first, one, _), (second, two, log)) = (sink(), sink());
    let feed = Feed::new(first);
    feed.report(Event::Lost("unplugged".into()));
    feed.record_beside(second);
    feed.report(Event::Back);
    assert!(feed.send((10..15).collect()));
    feed.end_beside(0);
    assert!(feed.send(vec![15]));
    assert_eq!(log.all(), [Event::Lost("unplugged".into()), Event::Back]);
    assert_eq!((two.iter().flatten().count(), all(&one).len()), (5, 6));
}

#[test]
fn one_that_has_nothing_yet_takes_over_where_decoding_can_start() {
    let ((first, one, _), (second, two, log)) = (sink(), sink());
    let feed = Feed::new(first);
    feed.report(Event::Started);
    feed.record_beside(second);
    assert!(feed.send(vec![8]));
    feed.end_first();
    assert!(feed.send(vec![9, 10]));
    assert!(feed.wait_switched(Duration::ZERO, &Stop::default()));
    assert_eq!((one.iter().flatten().collect::<Vec<_>>(), all(&two), log.all()), (vec![8, 9], vec![10], vec![Event::Started]));
}

#[test]
fn of_two_each_loses_only_what_itself_has_no_room_for() {
    for slow in [0, 1] {
        for from in [10, 1000] {
            let sinks = if slow == 0 { (sink_of(1), sink()) } else { (sink(), sink_of(1)) };
            let ((first, one, before), (second, two, log)) = sinks;
            let counters = [&first, &second].map(|sink| Arc::clone(&sink.counters));
            let feed = Feed::new(first);
            feed.report(Event::Started);
            feed.record_beside(second);
            let began_us = invigil_clock::boottime_us();
            (from..from + 40).for_each(|piece| assert!(feed.send(vec![piece])));
            let took = Duration::from_micros(invigil_clock::boottime_us() - began_us);
            assert!(took < 2 * PATIENCE, "{took:?}: it waits once and not for each piece");
            let (of_slow, of_other) = if slow == 0 { (&one, &two) } else { (&two, &one) };
            assert_eq!((all(of_slow), all(of_other)), (vec![from], (from..from + 40).collect()), "{slow} {from}");
            // There is room again: from the next start on.
            let rest = from + 39..from + 42;
            rest.clone().for_each(|piece| {
                assert!(feed.send(vec![piece]));
            });
            assert_eq!(all(of_slow), [if from == 10 { 50 } else { 1039 }]);
            let dropped = counters.map(|counters| counters.dropped.load(std::sync::atomic::Ordering::SeqCst));
            assert!(dropped[slow] >= 40 && dropped[1 - slow] == 0, "{dropped:?}");
            feed.close();
            let logs = [before.all(), log.all()]
                .map(|events| events.iter().map(|event| if let Event::Dropped(dropped) = event { dropped.count } else { 0 }).sum::<u64>());
            assert_eq!(logs, dropped, "told to whom they belong");
        }
    }
}

#[test]
fn a_recording_that_breaks_down_does_not_end_the_one_beside_it() {
    for broken in [0, 1] {
        let ((first, one, _), (second, two, _)) = (sink(), sink());
        let feed = Feed::new(first);
        feed.report(Event::Started);
        feed.record_beside(second);
        let mut taken = [Some(one), Some(two)];
        taken[broken] = None;
        assert!(feed.send(vec![10]) && feed.send(vec![11]));
        feed.end_first();
        assert_eq!(feed.send(vec![12]), broken == 0);
        assert_eq!(taken.iter().flatten().flat_map(all).count(), if broken == 0 { 3 } else { 2 });
    }
}

#[test]
fn of_several_any_may_end_and_whoever_is_next_goes_on_as_the_first() {
    let (sinks, taken): (Vec<_>, Vec<_>) = std::iter::repeat_with(sink).take(4).map(|(sink, taken, log)| (sink, (taken, log))).unzip();
    let mut sinks = sinks.into_iter();
    let feed = Feed::new(sinks.next().unwrap());
    feed.report(Event::Started);
    for (sink, piece) in sinks.zip([10, 20, 30]) {
        feed.record_beside(sink);
        assert!(feed.send(vec![piece]));
    }
    // The third, then the first, then whoever is first now.
    feed.end_beside(1);
    assert!(feed.send(vec![31]));
    feed.end_first();
    assert!(feed.send(vec![32]));
    feed.end_first();
    assert!(feed.send(vec![33]));
    feed.end_beside(0);
    assert!(feed.send(vec![34]), "nobody is beside it: nothing ends");
    feed.close();
    let shares: Vec<Vec<u32>> = taken.iter().map(|(taken, _)| all(taken)).collect();
    assert_eq!(shares, [vec![10, 20, 30, 31], vec![10, 20, 30, 31, 32], vec![20, 30], vec![30, 31, 32, 33, 34]]);
    assert!(taken.iter().all(|(_, log)| log.all() == [Event::Started]));
}

proptest! {
    /// Recordings come and go beside and behind one another: each piece reaches, once and in order, every one that is on, from its first start on.
    #[test]
    fn no_piece_is_lost_or_doubled_whoever_comes_and_goes(steps in proptest::collection::vec((0_u8..9, 1_u32..25), 1..80)) {
        let mut sinks = Vec::new();
        let mut add = || {
            let (sink, taken, log) = sink();
            sinks.push((taken, log, Vec::new()));
            (sink, sinks.len() - 1)
        };
        let feed = Feed::new(add().0);
        feed.report(Event::Started);
        let (mut now, mut next, mut piece) = (0, None, 0_u32);
        // Those beside the first, and whether they have begun.
        let mut beside: Vec<(usize, bool)> = Vec::new();
        let mut shares: Vec<(usize, u32)> = Vec::new();
        for (what, count) in steps {
            match what {
                0 => if next.is_none() && beside.is_empty() {
                    let (sink, number) = add();
                    next = Some(number);
                    feed.switch(sink);
                },
                1 | 2 => if next.is_none() && beside.len() < 3 {
                    let (sink, number) = add();
                    beside.push((number, false));
                    feed.record_beside(sink);
                },
                3 => if next.is_none() && !beside.is_empty() {
                    let (number, begun) = beside.remove(0);
                    feed.end_first();
                    match begun {
                        true => now = number,
                        false => next = Some(number),
                    }
                },
                4 => {
                    let place = count as usize % 3;
                    feed.end_beside(place);
                    if place < beside.len() {
                        beside.remove(place);
                    }
                }
                _ => {
                    let batch: Vec<u32> = (piece..piece + count).map(|piece| piece % 1000).collect();
                    piece += count;
                    for piece in &batch {
                        if piece.starts_anew() {
                            now = next.take().unwrap_or(now);
                            beside.iter_mut().for_each(|(_, begun)| *begun = true);
                        }
                        shares.push((now, *piece));
                        shares.extend(beside.iter().filter(|(_, begun)| *begun).map(|(number, _)| (*number, *piece)));
                    }
                    prop_assert!(feed.send(batch));
                }
            }
        }
        feed.close();
        shares.into_iter().for_each(|(number, piece)| sinks[number].2.push(piece));
        for (number, (taken, log, expected)) in sinks.iter().enumerate() {
            prop_assert_eq!(&all(taken), expected, "recording {}", number);
            prop_assert_eq!(log.all().len(), usize::from(number == 0 || !expected.is_empty()));
        }
    }
}
