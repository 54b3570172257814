//! How a camera's flashes stand to the beeps of the same claps in a recording.

use crate::clap::{self, Claps};
use serde::Serialize;

/// A clap as its source made it, seconds on the server's clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Made {
    /// First white picture of the camera.
    pub flash_secs: f64,
    /// First sample of the beep; of a source without sound the flash once more.
    pub beep_secs: f64,
    /// It is known when the beep was to be heard.
    pub is_sure: bool,
}

/// One camera's claps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InStep {
    /// That the source made inside the exam.
    pub made: usize,
    /// That are in the recording and do not count, because the source's own sound stuttered; at most one in ten.
    pub unsure: usize,
    /// Flash and beep of each.
    pub claps: Claps,
    /// See [`Claps::largest_ms`].
    pub largest_ms: f64,
    /// See [`Claps::drift_ms_an_hour`].
    pub drift_ms_an_hour: Option<f64>,
    /// How late flashes stand in the recording, ms: least, most.
    pub flash_late_ms: (f64, f64),
}

impl InStep {
    /// Puts what was `seen` and `heard` (seconds on the server's clock) to what the source made; only claps inside `window` are asked for. Without sound
    /// what the source did stands for what was heard.
    pub fn of(made: &[Made], seen: &[f64], heard: Option<&[f64]>, window: (f64, f64)) -> Self {
        let both: Vec<(f64, f64)> = made.iter().map(|clap| (clap.flash_secs, clap.beep_secs)).collect();
        let silent: Vec<f64> = made.iter().map(|clap| clap.beep_secs).collect();
        let mut claps = clap::pair(&both, seen, heard.unwrap_or(&silent), window);
        // Where the source itself stuttered, its beep was not when it says.
        let paired = claps.pairs.len();
        let unsure: Vec<&Made> = made.iter().filter(|clap| !clap.is_sure).collect();
        claps.pairs.retain(|pair| !unsure.iter().any(|clap| (clap.flash_secs - pair.flash_secs).abs() < 1.0));
        let nearest = |to: f64| made.iter().map(|clap| clap.flash_secs - to).min_by(|a, b| a.abs().total_cmp(&b.abs()));
        let late = || claps.pairs.iter().filter_map(|pair| Some(nearest(pair.flash_secs)? * -1000.0));
        Self {
            made: made.iter().filter(|clap| (window.0..window.1).contains(&clap.flash_secs)).count(),
            unsure: paired - claps.pairs.len(),
            largest_ms: claps.largest_ms(),
            drift_ms_an_hour: claps.drift_ms_an_hour(),
            flash_late_ms: (late().fold(f64::MAX, f64::min), late().fold(f64::MIN, f64::max)),
            claps,
        }
    }

    /// What does not hold, but for the drift, which takes its time; picture and sound may be `most_apart_ms` apart.
    pub fn complaints(&self, most_apart_ms: f64) -> Vec<String> {
        let mut complaints = self.claps.odd.clone();
        let found = self.claps.pairs.len() + self.unsure;
        if found < self.made || self.made == 0 {
            complaints.push(format!("{found} of {} claps were found", self.made));
        }
        if self.unsure * 10 > self.made {
            complaints.push(format!("the source stuttered at {} of {} claps: this machine is too busy", self.unsure, self.made));
        }
        if self.largest_ms > most_apart_ms {
            complaints.push(format!("picture and sound are {:.1} ms apart", self.largest_ms));
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Vec<Made> {
        (1..=20).map(|at| Made { flash_secs: f64::from(at) * 10.0, beep_secs: f64::from(at) * 10.0 + 0.004, is_sure: at != 3 }).collect()
    }

    #[test]
    fn what_the_source_made_of_it_and_where_it_stuttered_does_not_count() {
        let made = made();
        let seen: Vec<f64> = made.iter().map(|clap| clap.flash_secs + 0.010).collect();
        let heard: Vec<f64> = made.iter().map(|clap| clap.beep_secs + if clap.is_sure { 0.050 } else { 0.400 }).collect();
        let found = InStep::of(&made, &seen, Some(&heard), (0.0, 300.0));
        assert_eq!((found.made, found.unsure, found.claps.pairs.len()), (20, 1, 19));
        assert!((found.largest_ms - 40.0).abs() < 0.1 && (found.flash_late_ms.0 - 10.0).abs() < 0.1, "{found:?}");
        assert!(found.drift_ms_an_hour.unwrap().abs() < 0.1);
        assert_eq!(found.complaints(100.0), Vec::<String>::new());
        assert_eq!(found.complaints(39.0).len(), 1);
        assert!(InStep::of(&made, &seen, None, (0.0, 300.0)).complaints(11.0).is_empty());
    }

    #[test]
    fn a_clap_that_is_not_there_and_a_source_that_stutters_are_complaints() {
        let mut made = made();
        let seen: Vec<f64> = made.iter().skip(1).map(|clap| clap.flash_secs).collect();
        let heard: Vec<f64> = made.iter().map(|clap| clap.beep_secs).collect();
        assert_eq!(InStep::of(&made, &seen, Some(&heard), (0.0, 300.0)).complaints(100.0).len(), 2);
        made.iter_mut().take(3).for_each(|clap| clap.is_sure = false);
        let stutters = InStep::of(&made[1..], &seen, Some(&heard[1..]), (0.0, 300.0));
        assert!(stutters.complaints(100.0).iter().any(|complaint| complaint.contains("too busy")), "{stutters:?}");
        assert_eq!(InStep::of(&[], &[], None, (0.0, 300.0)).complaints(100.0), ["0 of 0 claps were found"]);
    }
}
