//! Whether disconnects give a candidate the opportunity to retake (mission rules 3 and 4).
//!
//! Every disconnect has an upper bound, from the server's contacts, and once the agent's journal has arrived a lower bound, from the agent's own
//! evidence on a monotonic clock; the clock of the candidate's PC enters neither. Only their share inside the candidate's own window
//! counts, less the time when our own server was down, which is never counted for or against anybody.
//!
//! | evidence | finding |
//! | --- | --- |
//! | a lower bound is over the threshold | `retake`, final |
//! | an upper bound is, and the disconnect lasts or its journal has not arrived | `retake`, provisional: the case opens while it goes on |
//! | only the upper bound is | `near-miss`: a person decides |
//! | basis `longest`: the total is, the longest is not | `near-miss` |
//! | it only is when our server's downtime is added | `server-outage`: one group decision |
//! | not joined within the grace after the start | `could-not-join` |
//!
//! "Over" is more than: exactly ten minutes are not more than ten minutes.

use alloc::vec::Vec;

use crate::Interval;
use crate::policy::{Basis, Cause, Disconnect, WindowFrom};

/// Whom a recording shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A candidate at their own machine.
    Candidate,
    /// A room: its disconnects are measured, but nobody retakes because of them.
    Room,
}

/// A candidate's own window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Scheduled start.
    pub starts_ms: i64,
    /// Scheduled end, granted extra time included.
    pub ends_ms: i64,
    /// When they finished, if they have: finishing ends the window.
    pub finished_ms: Option<i64>,
}

impl Window {
    /// From the start until the end or until they finished, whichever comes first.
    pub fn interval(&self) -> Interval {
        Interval::new(self.starts_ms, self.finished_ms.map_or(self.ends_ms, |finished| finished.min(self.ends_ms)))
    }
}

/// One disconnect as measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Last contact before it.
    pub from_ms: i64,
    /// First contact after it; none while it lasts.
    pub to_ms: Option<i64>,
    /// What the agent's evidence proves of it, on the server's clock; none when there is no such evidence (yet).
    pub lower: Option<Interval>,
    /// Cause, as far as known.
    pub cause: Cause,
    /// The journal that covers it has arrived: no more evidence will come.
    pub journal_arrived: bool,
}

/// Everything that the rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whom the recording shows.
    pub subject: Subject,
    /// Their window.
    pub window: Window,
    /// The exam's end: the later of scheduled and actual.
    pub exam_end_ms: i64,
    /// First contact ever.
    pub joined_ms: Option<i64>,
    /// Disconnects in order of time, not overlapping; at most the last one lasts.
    pub outages: Vec<Outage>,
    /// When our server was down.
    pub server_down: Vec<Interval>,
    /// When a person decided the case, if so: the retake's hours then run from there if that is later.
    pub decided_ms: Option<i64>,
}

/// What the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Nothing to look at.
    None,
    /// More than the threshold: the opportunity to retake.
    Retake,
    /// Perhaps more than the threshold, or more in total only: a person decides.
    NearMiss,
    /// Not joined within the grace after the start.
    CouldNotJoin,
    /// Our own server's downtime decides: one decision for all who were hit.
    ServerOutage,
}

impl Finding {
    /// Its name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Retake => "retake",
            Self::NearMiss => "near-miss",
            Self::CouldNotJoin => "could-not-join",
            Self::ServerOutage => "server-outage",
        }
    }
}

/// One disconnect with what of it counts. Lengths in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Upper bound of its length so far.
    pub upper_ms: i64,
    /// Lower bound of its length, where there is evidence.
    pub lower_ms: Option<i64>,
    /// Upper bound's share inside the window, without our downtime. Never below the lower one's.
    pub counted_upper_ms: i64,
    /// Lower bound's share inside the window, without our downtime.
    pub counted_lower_ms: Option<i64>,
    /// Its cause counts under the policy.
    pub counts: bool,
    /// It still lasts.
    pub ongoing: bool,
    /// It lasts, or its journal has not arrived.
    pub provisional: bool,
}

/// The rule's answer for one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Per disconnect, in the order of the facts.
    pub outages: Vec<Counted>,
    /// The finding.
    pub finding: Finding,
    /// It may still change without a person: a disconnect lasts, a journal is missing, or somebody may yet join.
    pub provisional: bool,
    /// Longest counted upper bound.
    pub longest_upper_ms: i64,
    /// Longest counted lower bound.
    pub longest_lower_ms: i64,
    /// Sum of the counted upper bounds.
    pub total_upper_ms: i64,
    /// Sum of the counted lower bounds.
    pub total_lower_ms: i64,
    /// The policy's threshold: more than this.
    pub threshold_ms: i64,
    /// For a retake: it is to be offered before this instant. None while the deciding disconnect lasts and its end is what counts.
    pub deadline_ms: Option<i64>,
    /// Earliest instant at which finding, provisional or deadline may change by time alone.
    pub ask_again_ms: Option<i64>,
}

/// What of a recording's contacts belongs to the exam, which for this question begins at `opens_ms`, some time before the scheduled start.
///
/// A rehearsal days before is no attendance, and the silence after it is no disconnect. Returns the first contact of the exam and its disconnects.
pub fn attending(first_contact_ms: Option<i64>, outages: &[Outage], opens_ms: i64) -> (Option<i64>, Vec<Outage>) {
    let silent = outages.iter().find(|outage| outage.from_ms < opens_ms && outage.to_ms.is_none_or(|to| to > opens_ms));
    let joined = match (first_contact_ms, silent) {
        (Some(first), None) => Some(first.max(opens_ms)),
        (Some(_), Some(outage)) => outage.to_ms,
        (None, _) => None,
    };
    (joined, outages.iter().filter(|outage| outage.from_ms >= opens_ms).copied().collect())
}

/// Assesses one recording at `now_ms`.
pub fn assess(policy: &Disconnect, facts: &Facts, now_ms: i64) -> Assessment {
    let threshold_ms = policy.threshold.millis();
    let window = facts.window.interval();
    let outages: Vec<Counted> = facts.outages.iter().map(|outage| count(policy, facts, outage, &window, now_ms)).collect();
    let counting = || outages.iter().filter(|counted| counted.counts);
    let longest = |measure: fn(&Counted) -> i64| counting().map(measure).max().unwrap_or(0);
    let total = |measure: fn(&Counted) -> i64| counting().map(measure).sum::<i64>();
    let by_basis = |measure| match policy.basis.value {
        Basis::Longest => longest(measure),
        Basis::Total => total(measure),
    };
    let unsettled = counting().any(|counted| counted.provisional && counted.counted_upper_ms > 0);
    let joining = joining(policy, facts, &window, now_ms);
    let raw_ms = |outage: &Outage| {
        let counted = outage.cause == Cause::Server || policy.causes.value.contains(&outage.cause);
        if counted { upper(outage, now_ms).intersect(&window).len_ms() } else { 0 }
    };
    let raw_longest_ms = facts.outages.iter().map(raw_ms).max().unwrap_or(0);

    let (finding, provisional) = if facts.subject == Subject::Room {
        (Finding::None, false)
    } else if by_basis(settled_lower_ms) > threshold_ms {
        (Finding::Retake, false)
    } else if by_basis(possible_lower_ms) > threshold_ms {
        (Finding::Retake, true)
    } else if let Some((finding, provisional)) = joining.finding {
        (finding, provisional || unsettled)
    } else if longest(|c| c.counted_upper_ms).max(total(|c| c.counted_upper_ms)) > threshold_ms {
        (Finding::NearMiss, unsettled)
    } else if raw_longest_ms > threshold_ms {
        (Finding::ServerOutage, unsettled)
    } else {
        // Bounds of disconnects that are over only shrink, so they cannot bring more.
        (Finding::None, now_ms < window.to_ms && counting().any(|counted| counted.ongoing))
    };
    let mut assessment = Assessment {
        finding,
        provisional,
        longest_upper_ms: longest(|c| c.counted_upper_ms),
        longest_lower_ms: longest(|c| c.counted_lower_ms.unwrap_or(0)),
        total_upper_ms: total(|c| c.counted_upper_ms),
        total_lower_ms: total(|c| c.counted_lower_ms.unwrap_or(0)),
        threshold_ms,
        deadline_ms: None,
        ask_again_ms: None,
        outages,
    };
    if finding == Finding::Retake {
        assessment.deadline_ms = deadline(policy, facts, &assessment, &window, now_ms);
    }
    if facts.subject == Subject::Candidate {
        assessment.ask_again_ms = ask_again(facts, &assessment, &window, joining.changes_ms, now_ms);
    }
    assessment
}

fn upper(outage: &Outage, now_ms: i64) -> Interval {
    Interval::new(outage.from_ms, outage.to_ms.unwrap_or(now_ms))
}

fn count(policy: &Disconnect, facts: &Facts, outage: &Outage, window: &Interval, now_ms: i64) -> Counted {
    let upper = upper(outage, now_ms);
    let lower = outage.lower.map(|lower| lower.intersect(&upper));
    let share = |interval: &Interval| interval.intersect(window).len_without_ms(&facts.server_down);
    let counts = policy.causes.value.contains(&outage.cause);
    Counted {
        upper_ms: upper.len_ms(),
        lower_ms: lower.map(|lower| lower.len_ms()),
        counted_upper_ms: share(&upper),
        counted_lower_ms: lower.as_ref().map(share),
        counts,
        ongoing: outage.to_ms.is_none(),
        provisional: outage.to_ms.is_none() || !outage.journal_arrived,
    }
}

/// What is certain of a disconnect: nothing before its evidence is complete.
fn settled_lower_ms(counted: &Counted) -> i64 {
    if counted.provisional { 0 } else { counted.counted_lower_ms.unwrap_or(0) }
}

/// What a disconnect may still prove to be.
fn possible_lower_ms(counted: &Counted) -> i64 {
    if counted.provisional { counted.counted_upper_ms } else { counted.counted_lower_ms.unwrap_or(0) }
}

struct Joining {
    finding: Option<(Finding, bool)>,
    changes_ms: Option<i64>,
}

/// Who joins at exactly the end of the grace is in time; time in which our server was down is not theirs.
fn joining(policy: &Disconnect, facts: &Facts, window: &Interval, now_ms: i64) -> Joining {
    let grace_ms = policy.join_grace.millis();
    let joined = facts.joined_ms.filter(|joined| *joined <= now_ms);
    let absent = Interval::new(window.from_ms, joined.unwrap_or(now_ms)).intersect(window);
    let theirs_ms = absent.len_without_ms(&facts.server_down);
    let never = joined.is_none() && now_ms >= window.to_ms && window.len_ms() > 0;
    let waiting = joined.is_none() && now_ms < window.to_ms;
    let finding = if theirs_ms > grace_ms || (never && theirs_ms == window.len_ms()) {
        Some((Finding::CouldNotJoin, waiting))
    } else if absent.len_ms() > grace_ms || never {
        Some((Finding::ServerOutage, waiting))
    } else {
        None
    };
    let next = |counted_ms: i64| (counted_ms <= grace_ms).then(|| now_ms.max(window.from_ms) + (grace_ms - counted_ms) + 1);
    let changes_ms = if waiting { [next(theirs_ms), next(absent.len_ms()), Some(window.to_ms)].into_iter().flatten().min() } else { None };
    Joining { finding, changes_ms }
}

fn deadline(policy: &Disconnect, facts: &Facts, assessment: &Assessment, window: &Interval, now_ms: i64) -> Option<i64> {
    let base_ms = match policy.window_from.value {
        WindowFrom::ExamEnd => facts.exam_end_ms,
        WindowFrom::OutageEnd => {
            let pairs =
                || facts.outages.iter().zip(&assessment.outages).filter(|(_, counted)| counted.counts && counted.counted_upper_ms > 0);
            let (outage, _) = match policy.basis.value {
                Basis::Longest => pairs().rfind(|(_, counted)| possible_lower_ms(counted) > assessment.threshold_ms),
                Basis::Total => pairs().next_back(),
            }?;
            match outage.to_ms {
                Some(to_ms) => to_ms.min(window.to_ms),
                None if now_ms >= window.to_ms => window.to_ms,
                None => return None,
            }
        }
    };
    let from_ms = facts.decided_ms.map_or(base_ms, |decided| decided.max(base_ms));
    Some(from_ms + policy.retake_within.millis())
}

fn ask_again(facts: &Facts, assessment: &Assessment, window: &Interval, joining_ms: Option<i64>, now_ms: i64) -> Option<i64> {
    let ongoing = facts.outages.iter().zip(&assessment.outages).rfind(|(outage, _)| outage.to_ms.is_none());
    let mut instants: Vec<i64> = joining_ms.into_iter().collect();
    if let Some((outage, counted)) = ongoing
        && now_ms < window.to_ms
    {
        // From here on it counts, millisecond for millisecond, up to the window's end.
        let counts_from_ms = now_ms.max(window.from_ms).max(outage.from_ms);
        let raw_ms = upper(outage, now_ms).intersect(window).len_ms();
        for so_far_ms in [counted.counted_upper_ms, assessment.total_upper_ms, possible_total_ms(assessment), raw_ms] {
            if so_far_ms <= assessment.threshold_ms {
                instants.push(counts_from_ms + (assessment.threshold_ms - so_far_ms) + 1);
            }
        }
        if counted.counted_upper_ms == 0 {
            instants.push(counts_from_ms + 1);
        }
        instants.push(window.to_ms);
    }
    instants.into_iter().filter(|at| *at > now_ms && *at <= window.to_ms).min()
}

fn possible_total_ms(assessment: &Assessment) -> i64 {
    assessment.outages.iter().filter(|counted| counted.counts).map(possible_lower_ms).sum()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
