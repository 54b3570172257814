//! Watches processes with all their children while something long runs: memory, threads, open files, CPU, from `/proc`.

use crate::procfs::cpu_secs;
use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a program and its children use at one moment, summed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Use {
    /// Since the watch began, seconds.
    pub at_secs: f64,
    /// Resident memory, MiB; what several processes share counts for each.
    pub rss_mib: f64,
    /// The same with what is shared divided among those who share it.
    pub pss_mib: f64,
    /// Resident memory that no file holds, MiB: heap and stacks. The rest is mostly program code, of which more is resident the more of it has run once.
    pub anon_mib: f64,
    /// Threads.
    pub threads: usize,
    /// Open files.
    pub files: usize,
    /// Processes.
    pub processes: usize,
    /// CPU time so far, seconds.
    pub cpu_secs: f64,
}

/// A watch that goes on until [`Watch::end`].
#[derive(Debug)]
pub struct Watch {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<BTreeMap<String, Vec<Use>>>,
}

impl Watch {
    /// Watches the programs with these process ids, under names, each `every`.
    pub fn start(programs: &[(&str, u32)], every: Duration) -> Self {
        let programs: Vec<(String, u32)> = programs.iter().map(|(name, pid)| ((*name).to_owned(), *pid)).collect();
        let ended = Arc::new(AtomicBool::new(false));
        let flag = ended.clone();
        let thread = std::thread::spawn(move || {
            let begun_us = invigil_clock::boottime_us();
            let mut samples: BTreeMap<String, Vec<Use>> = BTreeMap::new();
            let mut next_us = begun_us;
            while !flag.load(Ordering::SeqCst) {
                let now_us = invigil_clock::boottime_us();
                if now_us < next_us {
                    std::thread::sleep(Duration::from_millis(50));
                    continue;
                }
                next_us = now_us + every.as_micros() as u64;
                for (name, pid) in &programs {
                    // A program that has ended is the story's business.
                    if let Ok(sample) = sample(*pid, (now_us - begun_us) as f64 / 1e6) {
                        samples.entry(name.clone()).or_default().push(sample);
                    }
                }
            }
            samples
        });
        Self { ended, thread }
    }

    /// Ends the watch: all samples by name, in order.
    pub fn end(self) -> Result<BTreeMap<String, Vec<Use>>> {
        self.ended.store(true, Ordering::SeqCst);
        self.thread.join().map_err(|_| anyhow!("the watching thread panicked"))
    }
}

/// Medians of the second and of the last tenth of some samples, and whether the last is more than 5 % and 2 above the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Growth {
    /// Median of the second tenth.
    pub second_tenth: f64,
    /// Median of the last tenth.
    pub last_tenth: f64,
    /// The most that the last may be.
    pub allowed: f64,
}

impl Growth {
    /// Of one figure of the samples.
    pub fn of(samples: &[Use], figure: impl Fn(&Use) -> f64) -> Result<Self> {
        let tenth = (samples.len() / 10).max(1);
        let median = |part: Option<&[Use]>| -> Result<f64> {
            let mut figures: Vec<f64> = part.context("too few samples to tell growth")?.iter().map(&figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().context("no samples")
        };
        let second_tenth = median(samples.get(tenth..tenth * 2))?;
        let last_tenth = median(samples.get(samples.len().saturating_sub(tenth)..))?;
        Ok(Self { second_tenth, last_tenth, allowed: second_tenth * 1.05 + 2.0 })
    }

    /// Whether it grew.
    pub fn grew(&self) -> bool {
        self.last_tenth > self.allowed
    }
}

/// CPU time of a program and of its children, running and ended, seconds.
pub fn tree_cpu_secs(root: u32) -> Result<f64> {
    // One that has ended meanwhile is in the account of its parent.
    let below: f64 = tree(root)?.into_iter().skip(1).filter_map(|pid| cpu_secs(pid).ok()).sum();
    Ok(cpu_secs(root)? + below)
}

/// Follows the memory of a program and its children closely.
#[derive(Debug)]
pub struct Meter {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<f64>,
}

impl Meter {
    /// Looks 25 times a second.
    pub fn start(root: u32) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let flag = ended.clone();
        let thread = std::thread::spawn(move || {
            let mut peak_mib: f64 = 0.0;
            while !flag.load(Ordering::SeqCst) {
                let together: f64 = tree(root).unwrap_or_default().into_iter().filter_map(|pid| crate::procfs::peak_mib(pid).ok()).sum();
                peak_mib = peak_mib.max(together);
                std::thread::sleep(Duration::from_millis(40));
            }
            peak_mib
        });
        Self { ended, thread }
    }

    /// The largest sum so far of the peaks of processes that were alive together, MiB.
    pub fn end(self) -> Result<f64> {
        self.ended.store(true, Ordering::SeqCst);
        self.thread.join().map_err(|_| anyhow!("the measuring thread panicked"))
    }
}

/// Process ids of a process and of all below it.
pub fn tree(root: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").context("list /proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end meanwhile.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let parent = stat.rsplit_once(')').and_then(|(_, tail)| tail.split_whitespace().nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (pid, parent)));
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        found.extend(parents.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| *child));
        next += 1;
    }
    Ok(found)
}

fn sample(root: u32, at_secs: f64) -> Result<Use> {
    let mut sum = Use { at_secs, rss_mib: 0.0, pss_mib: 0.0, anon_mib: 0.0, threads: 0, files: 0, processes: 0, cpu_secs: 0.0 };
    for pid in tree(root)? {
        let folder = format!("/proc/{pid}");
        let (Ok(rollup), Ok(tasks), Ok(files)) = (
            std::fs::read_to_string(format!("{folder}/smaps_rollup")),
            std::fs::read_dir(format!("{folder}/task")),
            std::fs::read_dir(format!("{folder}/fd")),
        ) else {
            // A child may end meanwhile; the program itself may not.
            anyhow::ensure!(pid != root, "process {pid} has ended");
            continue;
        };
        sum.rss_mib += mib(&rollup, "Rss:");
        sum.pss_mib += mib(&rollup, "Pss:");
        sum.anon_mib += mib(&rollup, "Anonymous:");
        sum.threads += tasks.count();
        sum.files += files.count();
        sum.processes += 1;
        sum.cpu_secs += if Path::new(&folder).exists() { cpu_secs(pid).unwrap_or(0.0) } else { 0.0 };
    }
    Ok(sum)
}

fn mib(rollup: &str, member: &str) -> f64 {
    let kib = rollup.lines().find_map(|line| line.strip_prefix(member)).and_then(|rest| rest.split_whitespace().next());
    kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(by_mib: f64) -> Vec<Use> {
        let at = |n: u32| Use {
            at_secs: f64::from(n),
            rss_mib: 100.0 + by_mib * f64::from(n) / 100.0,
            pss_mib: 0.0,
            anon_mib: 0.0,
            threads: 1,
            files: 1,
            processes: 1,
            cpu_secs: 0.0,
        };
        (0..100).map(at).collect()
    }

    #[test]
    fn growth_is_told_from_noise() {
        assert!(!Growth::of(&rising(0.0), |one| one.rss_mib).unwrap().grew());
        assert!(!Growth::of(&rising(7.0), |one| one.rss_mib).unwrap().grew());
        let grown = Growth::of(&rising(12.0), |one| one.rss_mib).unwrap();
        assert!(grown.grew(), "{grown:?}");
        assert!(Growth::of(&[], |one| one.rss_mib).is_err());
    }

    #[test]
    fn a_program_counts_with_its_children() {
        let mut child = std::process::Command::new("sh").args(["-c", "sleep 30 & wait"]).spawn().unwrap();
        let both = || Ok((tree(child.id())?.len() == 2).then_some(()));
        crate::wait_for("the shell's child", Duration::from_secs(20), both).unwrap();
        let used = sample(child.id(), 0.0).unwrap();
        assert!(
            used.processes == 2 && used.threads == 2 && used.rss_mib > used.anon_mib && used.anon_mib > 0.1 && used.files > 1,
            "{used:?}"
        );
        let below = tree(child.id()).unwrap()[1];
        child.kill().unwrap();
        child.wait().unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(below as i32), nix::sys::signal::Signal::SIGKILL).unwrap();
        assert!(sample(child.id(), 0.0).is_err());
    }
}
