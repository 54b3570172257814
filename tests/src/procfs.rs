//! What a process costs, from `/proc`: its own reading of time and memory, not the product's.

use anyhow::{Context, Result};

/// CPU time of a process and its ended children in seconds, user and system.
pub fn cpu_secs(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("read the CPU time of process {pid}"))?;
    // The command's name may hold spaces; fields are counted from the closing bracket. utime, stime, cutime, cstime are fields 14 to 17.
    let tail = stat.rsplit_once(')').context("parse /proc/PID/stat")?.1;
    let ticks: u64 = tail.split_whitespace().skip(11).take(4).map(|field| field.parse::<u64>().unwrap_or(0)).sum();
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)?.context("clock ticks a second")?;
    Ok(ticks as f64 / per_second as f64)
}

/// Peak resident memory in MiB.
pub fn peak_mib(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("read the memory of process {pid}"))?;
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next()).context("VmHWM")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}

/// How often the threads of a process have gone to sleep so far.
pub fn switches(pid: u32) -> Result<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("list the threads of process {pid}"))? {
        // A thread may end meanwhile.
        let Ok(status) = std::fs::read_to_string(task?.path().join("status")) else { continue };
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).context("voluntary_ctxt_switches")?;
        sum += line.trim().parse::<f64>()?;
    }
    Ok(sum)
}
