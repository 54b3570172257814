use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Fail,
    Hang,
    GoOn,
}
/// Delivers two blocks, then does what its life is to do.
struct Scripted(u32, Then, Stop);
impl Hear for Scripted {
    fn next(&mut self) -> Result<Block, SoundError> {
        if self.0 == 0 && self.1 == Then::Fail {
            return Err(SoundError::Read("unplugged".into()));
        }
        if self.0 == 0 && self.1 == Then::Hang {
            let (sender, receiver) = std::sync::mpsc::channel::<()>();
            self.2.on_stop(move || drop(sender));
            let _ = receiver.recv();
            return Err(SoundError::Read("killed".into()));
        }
        self.0 = self.0.saturating_sub(1);
        std::thread::sleep(Duration::from_millis(1));
        Ok(Block { boottime_us: invigil_clock::boottime_us(), rate: 48_000, samples: vec![0.0; 480], anew: false })
    }
}

fn scripted(script: &'static [Then]) -> Opener {
    let life = AtomicUsize::new(0);
    Arc::new(move |stop| {
        let then = script[life.fetch_add(1, Ordering::SeqCst).min(script.len() - 1)];
        Ok(Box::new(Scripted(2, then, stop.clone())))
    })
}

#[test]
fn a_failing_and_a_hanging_microphone_come_back_and_the_track_can_be_exchanged() {
    let stop = Stop::default();
    let microphone = Microphone::start_by(scripted(&[Then::Fail, Then::Hang, Then::GoOn]), "microphone:test".into(), &stop).unwrap();
    let (first, heard) = sync_channel(64);
    microphone.deliver(0, Some(first));
    let mut lost = Vec::new();
    let mut blocks_after = 0;
    while blocks_after < 20 {
        match heard.recv().unwrap() {
            Heard::Lost(reason) => lost.push(reason),
            Heard::Block { .. } => blocks_after += usize::from(lost.len() == 2),
        }
    }
    assert_eq!(lost, ["unplugged", "no sound for 2 s"]);
    let (second, heard_then) = sync_channel(64);
    microphone.deliver(0, Some(second));
    assert!(matches!(heard_then.recv(), Ok(Heard::Block { .. })));
    while heard.recv().is_ok() {}
    stop.stop();
    while heard_then.recv().is_ok() {}
    microphone.join();
}

#[test]
fn a_track_that_is_too_slow_is_told_what_it_missed_and_a_new_one_that_the_microphone_is_lost() {
    let stop = Stop::default();
    let microphone = Microphone::start_by(scripted(&[Then::GoOn]), "microphone:test".into(), &stop).unwrap();
    let (slow, heard) = sync_channel(1);
    microphone.deliver(0, Some(slow));
    let missed = loop {
        std::thread::sleep(Duration::from_millis(30));
        if let Heard::Block { dropped_us: us @ 1.., block } = heard.recv().unwrap() {
            assert!(block.anew, "what was thrown away is missing before it");
            break us;
        }
    };
    assert!(missed >= 10_000 && missed % 10_000 == 0, "{missed}");
    stop.stop();
    let stop = Stop::default();
    let never: Opener = Arc::new(|_| Err(SoundError::Read("not there".into())));
    let microphone = Microphone::start_by(never, "microphone:test".into(), &stop).unwrap();
    for _ in 0..2 {
        let (sender, heard) = sync_channel(4);
        microphone.deliver(0, Some(sender));
        assert_eq!(heard.recv(), Ok(Heard::Lost("not there".into())));
    }
    stop.stop();
    microphone.join();
}

fn to(sender: SyncSender<Heard>) -> Outlet {
    let mut outlet = Outlet::default();
    outlet.tracks = vec![outlet.listener(Some(sender))];
    outlet
}

fn fifth(number: u64) -> Block {
    Block { boottime_us: number * 200_000, rate: 48_000, samples: vec![0.0; 9600], anew: false }
}

#[test]
fn behind_a_jam_each_freed_place_is_sounds_and_all_that_was_thrown_away_is_told() {
    let (sender, heard) = sync_channel(8);
    let mut outlet = to(sender);
    let (mut blocks, mut missed_us) = (0, 0);
    let mut take = |count: usize| {
        for _ in 0..count {
            let Heard::Block { dropped_us, .. } = heard.recv().unwrap() else { panic!("sound was expected") };
            (blocks, missed_us) = (blocks + 1, missed_us + dropped_us);
        }
    };
    // The track stands still, then takes a block a second, then all.
    (0..50).for_each(|i| outlet.send(fifth(i)));
    for second in 0..20 {
        take(1);
        (0..5).for_each(|i| outlet.send(fifth(50 + second * 5 + i)));
    }
    take(8);
    outlet.send(fifth(150));
    take(1);
    assert_eq!((blocks, missed_us), (8 + 20 + 1, (151 - 29) * 200_000));
}

#[test]
fn short_blocks_are_sent_on_together_unless_something_is_missing_between_them() {
    let (sender, heard) = sync_channel(64);
    let mut outlet = to(sender);
    let short = |ms: u64, anew| Block { boottime_us: ms * 1000, rate: 48_000, samples: vec![0.0; 480], anew };
    (0..25).for_each(|i| outlet.send(short(i * 10, i == 0)));
    (0..3).for_each(|i| outlet.send(short(1000 + i * 10, i == 0)));
    outlet.lose("gone".into());
    let sent = heard.try_iter().filter_map(|heard| match heard {
        Heard::Block { block, .. } => Some((block.boottime_us / 1000, block.length_us() / 1000, block.anew)),
        Heard::Lost(_) => None,
    });
    assert_eq!(sent.collect::<Vec<_>>(), [(0, 100, true), (100, 100, false), (200, 50, false), (1000, 30, true)]);
}

#[test]
fn each_reason_of_a_loss_is_told_once_and_not_too_many_of_them() {
    let (sender, heard) = sync_channel(64);
    let mut outlet = to(sender);
    let told =
        || heard.try_iter().filter_map(|heard| if let Heard::Lost(reason) = heard { Some(reason) } else { None }).collect::<Vec<_>>();
    for _ in 0..100 {
        ["busy", "gone"].into_iter().for_each(|reason| outlet.lose(reason.into()));
    }
    assert_eq!(told(), ["busy", "gone"]);
    (0..100).for_each(|i| outlet.lose(format!("error {i}")));
    assert_eq!(told().len(), MAX_REASONS - 2);
    outlet.send(fifth(0));
    outlet.lose("gone".into());
    assert_eq!(told(), ["gone"], "another loss");
    // Without room they are told later, all of them.
    let (sender, heard) = sync_channel(1);
    let mut outlet = to(sender);
    ["busy", "gone"].into_iter().for_each(|reason| outlet.lose(reason.into()));
    assert_eq!(heard.recv(), Ok(Heard::Lost("busy".into())));
    outlet.tell();
    assert_eq!(heard.recv(), Ok(Heard::Lost("gone".into())));
}

/// Its start takes longer than a start is given at first.
struct Slow(Stop);
impl Hear for Slow {
    fn next(&mut self) -> Result<Block, SoundError> {
        let ready_us = invigil_clock::boottime_us() + 300_000;
        if self.0.sleep_until(ready_us) { Ok(fifth(0)) } else { Err(SoundError::Read("killed".into())) }
    }
}

#[test]
fn a_microphone_that_starts_slowly_is_given_longer_from_start_to_start() {
    let (sender, heard) = sync_channel(64);
    let outlet = Arc::new(Mutex::new(to(sender)));
    let stop = Stop::default();
    let opener: Opener = Arc::new(|stop| Ok(Box::new(Slow(stop.clone()))));
    let thread = std::thread::spawn({
        let (outlet, stop) = (Arc::clone(&outlet), stop.clone());
        move || run(&opener, &outlet, &stop, (Duration::from_millis(100), Duration::from_secs(8)))
    });
    let limit = Duration::from_secs(60);
    assert_eq!(heard.recv_timeout(limit), Ok(Heard::Lost("no sound for 0 s".into())));
    while !matches!(heard.recv_timeout(limit).expect("sound comes in the end"), Heard::Block { .. }) {}
    stop.stop();
    thread.join().unwrap();
}

#[test]
fn two_tracks_get_the_same_sound_and_each_loses_only_what_itself_has_no_room_for() {
    let (slow, heard) = sync_channel(1);
    let (other, heard_beside) = sync_channel(64);
    let mut outlet = to(slow);
    outlet.send(fifth(0));
    // Beside one whose recording has no sound.
    outlet.tracks.extend([None, outlet.listener(Some(other))]);
    (1..5).for_each(|i| outlet.send(fifth(i)));
    outlet.lose("gone".into());
    let at = |heard: Heard| match heard {
        Heard::Block { block, dropped_us } => (block.boottime_us / 200_000, dropped_us / 200_000),
        Heard::Lost(_) => (99, 0),
    };
    assert_eq!(heard_beside.try_iter().map(at).collect::<Vec<_>>(), [(1, 0), (2, 0), (3, 0), (4, 0), (99, 0)]);
    assert_eq!(heard.try_iter().map(at).collect::<Vec<_>>(), [(0, 0)]);
    outlet.tell();
    outlet.send(fifth(9));
    assert_eq!(heard.try_iter().map(at).collect::<Vec<_>>(), [(99, 0)]);
    outlet.send(fifth(10));
    assert_eq!(heard.try_iter().map(at).collect::<Vec<_>>(), [(10, 5)], "4 blocks of before the loss, and one behind it");
    // The first ends: the other one goes on.
    outlet.tracks.remove(0);
    outlet.send(fifth(11));
    assert_eq!(heard_beside.try_iter().map(at).collect::<Vec<_>>(), [(9, 0), (10, 0), (11, 0)]);
    assert!(heard.recv().is_err());
}

#[test]
fn the_microphone_goes_on_for_the_track_beside_the_first_and_a_short_block_goes_to_whom_it_was_heard_for() {
    let stop = Stop::default();
    let microphone = Microphone::start_by(scripted(&[Then::GoOn]), "microphone:test".into(), &stop).unwrap();
    let ((first, heard), (second, heard_beside)) = (sync_channel(640), sync_channel(640));
    microphone.deliver(0, Some(first));
    assert!(matches!(heard.recv(), Ok(Heard::Block { .. })));
    microphone.deliver(1, Some(second));
    assert!(matches!(heard_beside.recv(), Ok(Heard::Block { .. })));
    microphone.end(0);
    assert!(microphone.is_heard());
    let samples = |heard: &Heard| if let Heard::Block { block, .. } = heard { block.samples.len() } else { 0 };
    while heard.recv().is_ok() {}
    assert!(matches!(heard_beside.recv(), Ok(heard) if samples(&heard) > 0));
    microphone.end(0);
    assert!(!microphone.is_heard());
    while heard_beside.recv().is_ok() {}
    stop.stop();
    microphone.join();
}
