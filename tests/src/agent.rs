//! The real agent, started from its own command line, followed by its `--json` lines.

use crate::{binary, signal, wait_for};
use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How to start an agent.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// Server, or the proxy before it.
    pub url: &'a str,
    /// `CODE.FINGERPRINT`.
    pub join: &'a str,
    /// Spool folder.
    pub spool: &'a Path,
    /// Camera specifications.
    pub cameras: &'a [String],
    /// Variables, for instance a crash point; `INVIGIL_LOG` is the filter of its log.
    pub environment: &'a [(&'a str, &'a str)],
}

/// A running agent.
#[derive(Debug)]
pub struct Agent {
    child: Option<Child>,
    /// What ends it as its users do.
    ends_by: Signal,
    lines: Arc<Mutex<Vec<serde_json::Value>>>,
    log: PathBuf,
}

impl Agent {
    /// Starts `invigil-agent run --json`.
    pub fn start(start: &Start<'_>) -> Result<Self> {
        Self::start_by(Command::new(binary("invigil-agent")?), start)
    }

    /// The same in a network namespace.
    pub fn start_in(namespace: &str, start: &Start<'_>) -> Result<Self> {
        Self::start_by(crate::line::inside(namespace, binary("invigil-agent")?), start)
    }

    /// The same in a control group.
    pub fn start_in_group(group: &Path, start: &Start<'_>) -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", r#"echo $$ > "$0" && exec "$@""#]).arg(group.join("cgroup.procs")).arg(binary("invigil-agent")?);
        Self::start_by(command, start)
    }

    /// Starts `invigil-agent service --json`; its log lies beside the configuration.
    pub fn service(config: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        Self::service_by(Command::new(binary("invigil-agent")?), config, environment)
    }

    /// The same by a command that ends with the program.
    pub fn service_by(mut command: Command, config: &Path, environment: &[(&str, &str)]) -> Result<Self> {
        command.args(["service", "--json", "--config"]).arg(config).envs(environment.iter().copied());
        // As systemd does.
        Self::spawn(command, config.with_extension("log"), Signal::SIGTERM)
    }

    fn start_by(mut command: Command, start: &Start<'_>) -> Result<Self> {
        command.args(["run", "--json", "--server", start.url, "--join", start.join, "--spool"]).arg(start.spool);
        for camera in start.cameras {
            command.args(["--camera", camera]);
        }
        command.envs(start.environment.iter().copied());
        Self::spawn(command, start.spool.with_extension("log"), Signal::SIGINT)
    }

    fn spawn(mut command: Command, log: PathBuf, ends_by: Signal) -> Result<Self> {
        let stderr = std::fs::File::options().create(true).append(true).open(&log)?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().context("start invigil-agent")?;
        let output = BufReader::new(child.stdout.take().context("the agent's output")?);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let collected = lines.clone();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str(&line) {
                    collected.lock().unwrap_or_else(PoisonError::into_inner).push(value);
                }
            }
        });
        Ok(Self { child: Some(child), ends_by, lines, log })
    }

    /// Newest value of a member of the progress lines.
    pub fn latest(&self, member: &str) -> Option<serde_json::Value> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().rev().find_map(|line| line.get(member).filter(|value| !value.is_null()).cloned())
    }

    /// Newest whole number of a member, 0 before there is one.
    pub fn number(&self, member: &str) -> u64 {
        self.latest(member).and_then(|value| value.as_u64()).unwrap_or(0)
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<serde_json::Value> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many milliseconds of video are recorded in this run.
    pub fn wait_recorded(&mut self, ms: u64, limit: Duration) -> Result<()> {
        let what = format!("the agent has recorded {ms} ms; its log: {}", self.log.display());
        wait_for(&what, limit, || {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("the agent ended with {status}; its log: {}", self.log.display());
            }
            Ok((self.number("recorded_ms") >= ms).then_some(()))
        })
        .with_context(|| self.newest_lines())
    }

    /// What it logged last: the folder with its log is gone when a test has failed.
    fn newest_lines(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        format!("the newest lines of its log:\n{}", lines[lines.len().saturating_sub(30)..].join("\n"))
    }

    /// kill -9.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the agent is not running")?;
        child.kill().context("kill the agent")?;
        child.wait()?;
        Ok(())
    }

    /// Waits until the agent has ended by itself, as it does at a crash point.
    pub fn wait_for_end(&mut self, limit: Duration) -> Result<ExitStatus> {
        let child = self.child.as_mut().context("the agent is not running")?;
        let status = wait_for(&format!("the agent ends by itself; its log: {}", self.log.display()), limit, || Ok(child.try_wait()?))?;
        self.child = None;
        Ok(status)
    }

    /// Ends it as its users do: Ctrl-C (SIGINT), by which the recording is finished and the rest goes up; a service by SIGTERM. Waits for the end.
    pub fn stop(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.end_by(self.ends_by, limit)
    }

    /// Ends it as a computer that shuts down does: SIGTERM.
    pub fn terminate(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.end_by(Signal::SIGTERM, limit)
    }

    fn end_by(&mut self, by: Signal, limit: Duration) -> Result<ExitStatus> {
        let mut child = self.child.take().context("the agent is not running")?;
        signal(&child, by)?;
        let ended = wait_for(&format!("the agent ends after {by}; its log: {}", self.log.display()), limit, || Ok(child.try_wait()?));
        if ended.is_err() {
            let _ = child.kill();
            let _ = child.wait();
        }
        ended.with_context(|| self.newest_lines())
    }

    /// SIGSTOP: none of its threads runs until [`Agent::go_on`].
    pub fn hold(&self) -> Result<()> {
        signal(self.child.as_ref().context("the agent is not running")?, Signal::SIGSTOP)
    }

    /// SIGCONT.
    pub fn go_on(&self) -> Result<()> {
        signal(self.child.as_ref().context("the agent is not running")?, Signal::SIGCONT)
    }

    /// Process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
