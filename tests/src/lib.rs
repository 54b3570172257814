//! What end-to-end tests, benchmarks and the demo share: the real binaries started as a user would, a network that can be cut, and eyes of
//! their own (ffprobe, `/proc`) that do not depend on what the product says of itself.

pub mod agent;
pub mod backlog;
pub mod by_hand;
pub mod camera_vm;
pub mod clap;
pub mod decode;
pub mod disk;
pub mod ip_camera;
pub mod journal;
pub mod keys;
pub mod line;
pub mod mount;
pub mod procfs;
pub mod proxy;
pub mod pulse;
pub mod rtp_proxy;
pub mod scenario;
pub mod server;
pub mod watch;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Folder with `invigil-agent` and `invigil-server`: that of the running program, or the one above it for test binaries.
pub fn binary(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("find the running program")?;
    for folder in own.ancestors().skip(1).take(2) {
        let candidate = folder.join(name);
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    bail!("{name} is not beside {}; build it first with: cargo build --workspace --bins", own.display())
}

/// The clip that stands for a camera: `INVIGIL_CLIP`, which `./invigil test` sets.
pub fn clip() -> Result<PathBuf> {
    let path =
        std::env::var_os("INVIGIL_CLIP").context("INVIGIL_CLIP is not set; run ./invigil test, which fetches the clip and sets it")?;
    let path = PathBuf::from(path);
    if !path.is_file() {
        bail!("INVIGIL_CLIP names no file: {}", path.display());
    }
    Ok(path)
}

/// Asks `probe` each 50 ms until it gives a value; fails with `what` after `limit`.
pub fn wait_for<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let end = invigil_clock::boottime_us() + u64::try_from(limit.as_micros())?;
    loop {
        if let Some(value) = probe()? {
            return Ok(value);
        }
        if invigil_clock::boottime_us() > end {
            bail!("waited {} s in vain: {what}", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A pseudo-random sequence from a seed that is printed, so that a failing round can be repeated (xorshift64*).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From `INVIGIL_SEED`, else from the system; says which.
    pub fn new() -> Result<Self> {
        let seed = match std::env::var("INVIGIL_SEED") {
            Ok(text) => text.parse().context("INVIGIL_SEED must be a whole number")?,
            Err(_) => u64::from_le_bytes(invigil_clock::random::<8>()?),
        };
        eprintln!("INVIGIL_SEED={seed}");
        Ok(Self(seed | 1))
    }
    /// A number in `low..high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        low + (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % (high - low)
    }
}

/// The project's root folder, from which shipped policies are read.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Sends a signal to a child.
pub fn signal(child: &std::process::Child, signal: nix::sys::signal::Signal) -> Result<()> {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id())?);
    nix::sys::signal::kill(pid, signal).with_context(|| format!("send {signal} to process {pid}"))
}
