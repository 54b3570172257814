//! The microphone, listened to for some seconds: does it deliver, how loud is it, is anything to be heard at all.

use super::{Finding, Level};
use crate::capture::Stop;
use crate::sound::level::{Look, Meter, NOTHING};
use crate::sound::{Hear as _, Opus, Process, Spec};
use serde_json::json;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// How long it is listened to, looks of a second.
const LOOKS: usize = 3;
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Sound at this level is a voice across a room; less is a quiet room, dB.
const VOICE_DB: f32 = -45.0;
/// Most samples that may be cut off.
const CLIPPED: f32 = 0.01;

/// What the exam says of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is recorded.
    Yes,
    /// It is not.
    No,
    /// This computer has not joined an exam.
    Unknown,
}

/// Opens the microphone as `run` would and listens. Blocks for up to 10 s.
pub(super) fn check(spec: &Spec, asked: Asked) -> Finding {
    let subject = spec.to_string();
    match (asked, spec) {
        (Asked::No, _) => return Finding::good("sound", subject, "not recorded in this exam: its policy asks for none"),
        (Asked::Yes, Spec::None) => {
            return Finding::good("sound", subject, "not recorded, although the exam asks for it")
                .but(Level::Attention, "leave out `--microphone none`, or name a microphone");
        }
        (Asked::Unknown, Spec::None) => return Finding::good("sound", subject, "not checked: no microphone is wanted"),
        _ => {}
    }
    let heard = listen(spec);
    let finding = judge(subject, heard);
    match asked {
        Asked::Yes => encoder(finding),
        // Most exams need none.
        _ if finding.level != Level::Good => Finding {
            level: Level::Good,
            says: format!("{}; that matters only where an exam asks for sound, as oral ones do", finding.says),
            ..finding
        },
        _ => finding,
    }
}

fn listen(spec: &Spec) -> Result<Vec<Look>, String> {
    let stop = Stop::default();
    let mut process = Process::open(spec, &stop).map_err(|error| error.to_string())?;
    let (sender, blocks) = sync_channel(8);
    // A driver that hangs does so on a thread of its own.
    std::thread::spawn(move || while sender.send(process.next()).is_ok() {});
    let end_us = invigil_clock::boottime_us() + u64::try_from(LIMIT.as_micros()).unwrap_or(0);
    let (mut meter, mut looks) = (Meter::default(), Vec::new());
    let broken = loop {
        let left = Duration::from_micros(end_us.saturating_sub(invigil_clock::boottime_us()));
        match blocks.recv_timeout(left) {
            Ok(Ok(block)) => looks.extend(meter.take(&block)),
            Ok(Err(error)) => break Some(error.to_string()),
            Err(_) => break Some(format!("it delivered too little sound in {} s", LIMIT.as_secs())),
        }
        if looks.len() >= LOOKS {
            break None;
        }
    };
    stop.stop();
    broken.map_or(Ok(looks), Err)
}

fn judge(subject: String, heard: Result<Vec<Look>, String>) -> Finding {
    let looks = match heard {
        Ok(looks) => looks,
        Err(why) => {
            return Finding::good("sound", subject, format!("no sound: {why}")).but(
                Level::Attention,
                "see that a microphone is plugged in and that this user may use it; `invigil-agent cameras` lists those that are there",
            );
        }
    };
    let most = |value: fn(&Look) -> f32| looks.iter().map(value).fold(f32::MIN, f32::max);
    let (level_db, range, clipped) = (most(|look| look.level_db), most(|look| look.range), most(|look| look.clipped));
    let figures = json!({ "level_db": level_db.round(), "silent": range <= NOTHING, "clipped_percent": (clipped * 100.0).round() });
    let words = if range <= NOTHING {
        "nothing at all is heard"
    } else if level_db < VOICE_DB {
        "it works; the room is quiet"
    } else {
        "it works; something is heard"
    };
    let finding = Finding::good("sound", subject, format!("{words} (level {level_db:.0} dB)")).measured(figures);
    if range <= NOTHING {
        finding
            .but(Level::Attention, "the microphone is muted or switched off: look for a switch on it, and in the system's sound settings")
    } else if clipped > CLIPPED {
        finding.but(Level::Attention, "it is too loud, so that sound is cut off: turn its level down in the system's sound settings")
    } else {
        finding
    }
}

fn encoder(finding: Finding) -> Finding {
    match Opus::new() {
        Ok(_) => finding,
        Err(error) => finding.but(Level::Attention, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_said_in_plain_words_with_what_to_do() {
        let look = |range, level_db, clipped| Ok(vec![Look { at_us: 1, range, level_db, clipped }]);
        let quiet = judge("microphone:a".into(), look(0.01, -60.0, 0.0));
        assert_eq!((quiet.level, quiet.to_do.len(), quiet.says.contains("quiet")), (Level::Good, 0, true));
        assert!(judge("a".into(), look(0.5, -20.0, 0.0)).says.contains("something is heard"));
        let muted = judge("a".into(), look(0.0, -120.0, 0.0));
        assert!(muted.level == Level::Attention && muted.to_do[0].contains("muted") && muted.figures["silent"] == true, "{muted:?}");
        let loud = judge("a".into(), look(2.0, -3.0, 0.2));
        assert!(loud.level == Level::Attention && loud.to_do[0].contains("too loud"));
        let gone = judge("a".into(), Err("it is not there".into()));
        assert!(gone.level == Level::Attention && gone.says.contains("it is not there") && !gone.to_do.is_empty());
    }

    #[test]
    fn where_no_sound_is_asked_for_no_microphone_is_opened() {
        let named = Spec::Named("no such microphone".into());
        assert!(check(&named, Asked::No).says.contains("not recorded"));
        assert_eq!(check(&Spec::None, Asked::Yes).level, Level::Attention);
        assert_eq!(check(&Spec::None, Asked::Unknown).level, Level::Good);
    }
}
