//! What people at this computer are asked and answered.

use super::control::Asked;
use super::state::Kept;
use super::status::{at_once, titles, until};
use super::{Coming, Command, Going, Lost, Now, Reply, Service, Status, schedule};
use crate::receipt::time;
use crate::run::End;
use invigil_format::{Event, RecordingId};
use invigil_wire::agent::ExamInfo;
use std::sync::atomic::Ordering;

/// For so long after the end of one exam `collected` may still mean that one, us.
const JUST_BEGUN_US: u64 = 60_000_000;

/// What decides whether the word that papers are collected counts.
struct Facts<'a> {
    recording: RecordingId,
    title: &'a str,
    /// Scheduled end, Unix ms.
    ends_ms: i64,
    utc_offset_secs: i32,
    /// The exam whose end it outlived, and how long ago that was, us.
    follows: Option<(&'a str, u64)>,
}

impl Facts<'_> {
    /// Why the word does not count: result and message. `said` is the recording that was meant, and its title.
    fn refusal(&self, said: Option<(RecordingId, &str)>, early: bool, now_ms: i64) -> Option<(&'static str, String)> {
        let title = self.title;
        match (said, self.follows) {
            (Some((recording, meant)), _) if recording != self.recording => {
                return Some((
                    "ended-already",
                    format!("the recording of {meant} has ended already, or has not begun; now {title} is recorded, and goes on"),
                ));
            }
            (_, Some((before, ago_us))) if ago_us < JUST_BEGUN_US && !early => {
                let text = format!(
                    "the recording of {before} has ended {} s ago; that of {title} goes on. If its papers are collected, too, say so with --early",
                    ago_us / 1_000_000
                );
                return Some(("too-early", text));
            }
            _ => {}
        }
        let text = || {
            let end = time(self.ends_ms, self.utc_offset_secs);
            format!("{title} is to last until {end}: if its papers are collected all the same, say so with --early. Recording goes on")
        };
        (now_ms < self.ends_ms && !early).then(|| ("too-early", text()))
    }
}

impl Service {
    /// Where scheduled ends have passed: asks the people here, and tells the server through the journal. Nothing stops.
    pub(super) fn ask_for_the_end(&mut self, now_ms: i64) {
        let (waits, meant) = (self.waiting_exams(now_ms), self.meant());
        let on = self.going.iter().filter(|going| going.end.is_none());
        let together: Vec<_> = on.map(|going| going.title.clone()).collect();
        let now_us = invigil_clock::boottime_us();
        for (place, going) in self.going.iter_mut().enumerate().filter(|(_, going)| going.end.is_none()) {
            let ends_ms = going.ends_ms();
            if now_ms < ends_ms {
                continue;
            }
            let (asked_ms, next_us) = going.asked.unwrap_or((i64::MIN, 0));
            if asked_ms != ends_ms {
                going.live.begun.journal.record(Event::EndPassed { ends_ms });
            } else if now_us < next_us {
                continue;
            }
            going.asked = Some((ends_ms, now_us.saturating_add(u64::try_from(self.config.ask.as_micros()).unwrap_or(u64::MAX))));
            let question = Question {
                title: &going.title,
                end: &time(ends_ms, going.utc_offset_secs),
                named: (meant != Some(place)).then_some(going.recording),
                together: &together,
                waits: &waits,
            };
            let more = serde_json::json!({ "recording": going.recording, "ends_ms": ends_ms });
            self.progress.event_with("end-passed", &question.words(), &more);
        }
    }

    /// Whose papers are meant if nobody says which: of several that go on, the one that was to end first.
    fn meant(&self) -> Option<usize> {
        let going = self.going.iter().enumerate().filter(|(_, going)| going.end.is_none());
        going.min_by_key(|(place, going)| (going.ends_ms(), *place)).map(|(place, _)| place)
    }

    /// Titles of the exams that are due and wait because others go on.
    fn waiting_exams(&self, now_ms: i64) -> Vec<String> {
        let kept = self.state.get();
        let waiting = kept.overtaken(self.config.lead, now_ms);
        waiting.into_iter().filter_map(|recording| Some(kept.exam(recording)?.title.clone())).collect()
    }

    pub(super) fn answer(&mut self, asked: Asked) {
        let (result, message) = match asked.command {
            Command::Status => ("done", String::new()),
            Command::Collected { early, recording, by_name } => self.collected(early, recording, by_name),
        };
        let reply = Reply { result: result.into(), message, status: self.status() };
        // Whoever asked may be gone.
        let _ = asked.reply.send(reply);
    }

    /// The invigilator's word at this computer.
    fn collected(&mut self, early: bool, said: Option<RecordingId>, by_name: bool) -> (&'static str, String) {
        let (now_ms, now_us) = (self.keeper.now_ms(), invigil_clock::boottime_us());
        let kept = self.state.get();
        let named = self.going.iter().position(|going| going.end.is_none() && Some(going.recording) == said);
        if named.is_none()
            && let Some((recording, exam)) = self.at_rest(&kept, said)
        {
            return self.end_at_rest(recording, exam, early, now_ms);
        }
        let Some(place) = named.or(self.meant()) else {
            return ("nothing", "nothing is recorded now, so there is nothing to end".into());
        };
        let going = &mut self.going[place];
        let facts = Facts {
            recording: going.recording,
            title: &going.title,
            ends_ms: going.ends_ms(),
            utc_offset_secs: going.utc_offset_secs,
            follows: going.follows.as_ref().filter(|_| !by_name).map(|(title, at_us)| (title.as_str(), now_us.saturating_sub(*at_us))),
        };
        let meant = said.map(|said| (said, kept.exam(said).map_or("the exam before", |exam| &exam.title)));
        if let Some(refusal) = facts.refusal(meant, early, now_ms) {
            return refusal;
        }
        going.end = Some(End::Collected);
        let (recording, title) = (going.recording, going.title.clone());
        // On disk before anything follows from it: a restart does not take it up again.
        self.state.update(|kept| kept.end(recording));
        tracing::info!(%recording, "the papers are collected");
        // The same word said twice is none for the others.
        for stays in self.going.iter_mut().filter(|going| going.end.is_none()) {
            stays.follows = Some((title.clone(), now_us));
        }
        let stay: Vec<_> = self.going.iter().filter(|going| going.end.is_none()).map(|going| going.title.as_str()).collect();
        let stay = match stay.len() {
            0 => String::new(),
            1 => format!("; that of {} goes on", stay[0]),
            _ => format!("; those of {} go on", titles(&stay)),
        };
        ("done", format!("the recording of {title} ends now{stay}"))
    }

    /// What goes on and is not recorded at the moment, because it could not begin again or is about to. Without a name only where nothing is
    /// recorded, of several the one that was to end first.
    fn at_rest<'a>(&self, kept: &'a Kept, said: Option<RecordingId>) -> Option<(RecordingId, &'a ExamInfo)> {
        let going_on = kept.going_on().into_iter().filter(|recording| self.going.iter().all(|going| going.recording != *recording));
        let mut exams = going_on.filter_map(|recording| Some((recording, kept.exam(recording)?)));
        match said {
            Some(said) => exams.find(|(recording, _)| *recording == said),
            None if self.going.is_empty() => exams.min_by_key(|(_, exam)| exam.ends_ms),
            None => None,
        }
    }

    /// The word counts all the same: whatever keeps that one from being recorded is not to keep the next exam from it.
    fn end_at_rest(&mut self, recording: RecordingId, exam: &ExamInfo, early: bool, now_ms: i64) -> (&'static str, String) {
        let title = &exam.title;
        if now_ms < exam.ends_ms && !early {
            let end = time(exam.ends_ms, exam.utc_offset_secs);
            let text = format!("{title} is to last until {end}: if its papers are collected all the same, say so with --early");
            return ("too-early", text);
        }
        self.state.update(|kept| kept.end(recording));
        self.ended_at_rest.insert(recording);
        tracing::info!(%recording, "the papers are collected of an exam that was not recorded at the moment");
        ("done", format!("the recording of {title} has ended: it stood still, and does not begin again"))
    }

    fn status(&self) -> Status {
        let kept = self.state.get();
        let (ended, now_ms) = (kept.ended(), self.keeper.now_ms());
        let meant = self.meant();
        let recorded: Vec<_> = self.going.iter().map(|going| going.recording).collect();
        let others = self.going.iter().enumerate().filter(|(place, going)| going.end.is_none() && Some(*place) != meant);
        let next = schedule::next(&kept.slots(self.config.lead), &recorded, &ended, now_ms).and_then(|slot| {
            let exam = kept.exam(slot.recording)?;
            Some(Coming {
                recording: slot.recording,
                title: exam.title.clone(),
                starts_ms: slot.starts_ms,
                begins_ms: slot.begins_ms,
                utc_offset_secs: exam.utc_offset_secs,
                ready: self.keeper.has(slot.recording),
            })
        });
        let missing = self.missing.as_ref().map(|(_, text)| text.clone()).unwrap_or_default();
        Status {
            waiting_exams: self.waiting_exams(now_ms),
            room: kept.room.map(|room| room.name),
            recording: meant.map(|place| now(&self.going[place], now_ms)),
            beside: others.map(|(_, going)| now(going, now_ms)).collect(),
            next,
            waiting_segments: self.home.queue.waiting(),
            waiting_bytes: self.home.queue.spooled_bytes(),
            trouble: [self.trouble.clone(), missing, self.keeper.trouble()].into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        }
    }
}

/// The question whether an exam's papers are collected.
struct Question<'a> {
    title: &'a str,
    /// Scheduled end, in words.
    end: &'a str,
    /// The recording, if the answer has to name it.
    named: Option<RecordingId>,
    /// The exams that are recorded at once, this one among them.
    together: &'a [String],
    /// Exams that wait.
    waits: &'a [String],
}

impl Question<'_> {
    fn words(&self) -> String {
        let Self { title, end, named, together, waits } = self;
        let named = named.map_or_else(String::new, |recording| format!(" --recording {recording}"));
        let beside = match together.len() {
            0 | 1 => String::new(),
            _ => format!(". {}: a later one began before anybody said that the papers of an earlier one are collected", at_once(together)),
        };
        let waits = match waits {
            [] => String::new(),
            waits => format!(". {} WAITS to be recorded until {}", waits.join(", "), until(together.len())),
        };
        format!(
            "the scheduled end of {title} ({end}) has passed and recording goes on: are the papers collected? Then run `invigil-agent collected{named}`, or say so on \
             the review page{beside}{waits}"
        )
    }
}

fn now(going: &Going, now_ms: i64) -> Now {
    let sources = &going.live.sources;
    let ends_ms = going.ends_ms();
    Now {
        recording: going.recording,
        title: going.title.clone(),
        ends_ms,
        utc_offset_secs: going.utc_offset_secs,
        recorded_ms: sources.recorded_us.iter().map(|us| us.load(Ordering::Relaxed)).max().unwrap_or(0) / 1000,
        end_passed: now_ms >= ends_ms,
        online: sources.link.now().0,
        capture: sources.rates.paused().map_or_else(
            || Some(sources.rates.reason()).filter(|reason| !reason.is_empty()).unwrap_or_else(|| "full".into()),
            |reason| format!("NOTHING IS RECORDED: {reason}"),
        ),
        conditions: sources.board.shown(invigil_clock::boottime_us()).iter().map(|shown| shown.words()).collect(),
        lost: going.live.lost_tracks().into_iter().map(|(track, reason)| Lost { track: track.to_string(), reason }).collect(),
        by_code: going.by_code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::tests::Hall;
    use crate::spool::layout;

    #[tokio::test]
    async fn the_word_counts_for_an_exam_that_is_not_recorded_at_the_moment_and_the_server_is_told() {
        let hall = Hall::new();
        let (recording, mut service) = (hall.exam.recording, hall.service());
        assert_eq!(service.collected(true, None, false).0, "nothing", "it has not begun");
        let folder = hall.home.spool.create_run(&hall.world.run(), &[]).unwrap();
        service.state.update(|kept| kept.begin(recording, false));
        for said in [None, Some(recording)] {
            assert_eq!(service.collected(false, said, false).0, "too-early");
        }
        assert_eq!(service.collected(true, Some(RecordingId::from_random([9; 16])), false).0, "nothing", "another one was meant");
        assert_eq!(service.state.get().going_on(), [recording]);
        let (result, text) = service.collected(true, Some(recording), false);
        assert!(result == "done" && text.contains("stood still"), "{text}");
        assert_eq!((service.state.get().going_on(), service.state.get().ended), (vec![], vec![recording]));
        for said in [None, Some(recording)] {
            assert_eq!(service.collected(true, said, false).0, "nothing", "said twice");
        }
        // What it left goes up with that word.
        service.step().await;
        assert!(service.going.is_empty() && service.rest.looks_at(recording));
        let found = service.rest.found().await;
        assert_eq!(found.iter().map(|uploads| uploads.account.recording).collect::<Vec<_>>(), [recording]);
        assert!(layout::finish(&folder).exists() && service.ended_at_rest.is_empty());
    }

    #[test]
    fn the_word_that_papers_are_collected_ends_only_the_exam_that_was_meant() {
        let [first, next] = [1, 2].map(|n| RecordingId::from_random([n; 16]));
        let facts = |follows| Facts { recording: next, title: "Next", ends_ms: 1000, utc_offset_secs: 0, follows };
        let result = |facts: Facts<'_>, said, early, now_ms| facts.refusal(said, early, now_ms).map(|(result, _)| result);
        let (the_first, the_next) = (Some((first, "First")), Some((next, "Next")));
        for early in [false, true] {
            let (result, text) = facts(None).refusal(the_first, early, 2000).unwrap();
            assert!(result == "ended-already" && text.contains("First has ended already, or has not begun; now Next"), "{text}");
        }
        assert_eq!(result(facts(None), the_next, false, 999), Some("too-early"));
        assert_eq!(result(facts(None), the_next, true, 999), None);
        assert_eq!(result(facts(None), the_next, false, 1000), None);
        assert_eq!(result(facts(None), None, false, 1000), None);
        // Said twice in a row, the second time after the hand-over, to an exam that had waited beyond its own end.
        let (result_, text) = facts(Some(("First", 3_000_000))).refusal(the_next, false, 2000).unwrap();
        assert!(result_ == "too-early" && text.contains("First has ended") && text.contains("3 s ago"), "{text}");
        assert_eq!(result(facts(Some(("First", 3_000_000))), the_next, true, 2000), None);
        assert_eq!(result(facts(Some(("First", JUST_BEGUN_US))), the_next, false, 2000), None);
    }

    #[test]
    fn the_question_names_the_exam_that_waits_and_the_one_that_is_recorded_beside_it() {
        let other = RecordingId::from_random([2; 16]);
        let question = |named, together: &[&str], waits: &[String]| {
            let together: Vec<String> = together.iter().map(ToString::to_string).collect();
            Question { title: "A", end: "9:00", named, together: &together, waits }.words()
        };
        let alone = question(None, &["A"], &[]);
        assert!(!alone.contains("WAITS") && !alone.contains("TWO") && alone.contains("collected`, or"), "{alone}");
        assert!(
            question(None, &["A"], &["Physics".into()])
                .ends_with("Physics WAITS to be recorded until the papers of this one are collected, or its own start comes")
        );
        let two = question(Some(other), &["A", "Law"], &["Physics".into()]);
        for part in
            [&format!("collected --recording {other}`"), "TWO EXAMS", "A and Law:", "Physics WAITS to be recorded until its own start"]
        {
            assert!(two.contains(part), "{part} in {two}");
        }
        let four = question(Some(other), &["A", "Law", "Art", "History"], &["Physics".into()]);
        for part in ["FOUR EXAMS", "A, Law, Art and History:", "Physics WAITS to be recorded until one of them"] {
            assert!(four.contains(part), "{part} in {four}");
        }
    }
}
