//! The real server, started from its own commands.

use crate::{binary, project_root, signal};
use anyhow::{Context, Result, anyhow, bail};
use invigil_format::{ExamId, RecordingId};
use invigil_wire::review::RecordingView;
use nix::sys::signal::Signal;
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Login that `init` makes.
pub const LOGIN: &str = "admin";
/// Its password in tests.
pub const PASSWORD: &str = "correct horse battery staple";
/// Passphrase of the review key in tests.
pub const PASSPHRASE: &str = "seven quiet apple trees";

/// A server folder and, when started, its process.
#[derive(Debug)]
pub struct Server {
    dir: PathBuf,
    address: SocketAddr,
    password: String,
    passphrase: String,
    child: Option<Child>,
    environment: Vec<(String, String)>,
    namespace: Option<String>,
}

/// What `exam add --json` answers.
#[derive(Debug, Clone, Deserialize)]
pub struct ExamAdded {
    /// Exam.
    pub exam: ExamId,
    /// One entry a candidate or room.
    pub joins: Vec<Join>,
}

/// A join code of an exam.
#[derive(Debug, Clone, Deserialize)]
pub struct Join {
    /// Candidate or room.
    pub who: String,
    /// Its recording.
    pub recording: RecordingId,
    /// `CODE.FINGERPRINT`.
    pub join: String,
    /// Join link.
    pub link: String,
}

/// What a test adds as an exam.
#[derive(Debug, Clone)]
pub struct Exam<'a> {
    /// Policy name.
    pub policy: &'a str,
    /// Start, Unix milliseconds.
    pub starts_ms: i64,
    /// End, Unix milliseconds.
    pub ends_ms: i64,
    /// Candidates.
    pub candidates: &'a [&'a str],
}

impl Server {
    /// `invigil-server init` in a folder that does not exist yet.
    pub fn init(dir: &Path, password: &str, passphrase: &str) -> Result<Self> {
        Self::init_at(dir, password, passphrase, free_address()?)
    }

    /// The same for an address that is there when it starts.
    pub fn init_at(dir: &Path, password: &str, passphrase: &str, address: SocketAddr) -> Result<Self> {
        let output = Command::new(binary("invigil-server")?)
            .arg("init")
            .arg("--dir")
            .arg(dir)
            .args(["--organisation", "Invigil demo university", "--admin-login", LOGIN, "--listen", &address.to_string()])
            .env("INVIGIL_ADMIN_PASSWORD", password)
            .env("INVIGIL_REVIEW_PASSPHRASE", passphrase)
            .stdin(Stdio::null())
            .output()
            .context("run invigil-server init")?;
        if !output.status.success() {
            bail!("invigil-server init failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Self {
            dir: dir.to_path_buf(),
            address,
            password: password.into(),
            passphrase: passphrase.into(),
            child: None,
            environment: Vec::new(),
            namespace: None,
        })
    }

    /// The same server folder, copied elsewhere: a restored backup. It is not started.
    pub fn restored_at(&self, dir: &Path) -> Self {
        Self {
            dir: dir.to_path_buf(),
            address: self.address,
            password: self.password.clone(),
            passphrase: self.passphrase.clone(),
            child: None,
            environment: Vec::new(),
            namespace: None,
        }
    }

    /// A shipped policy under another name with values changed, for rules whose real values take minutes or months. Paths are dotted: `disconnect.threshold`.
    pub fn add_policy(&self, name: &str, from: &str, changes: &[(&str, toml::Value)]) -> Result<()> {
        let shipped = project_root().join("config/policies").join(format!("{from}.toml"));
        let text = std::fs::read_to_string(&shipped)
            .or_else(|_| std::fs::read_to_string(self.dir.join("policies").join(format!("{from}.toml"))))?;
        let mut policy: toml::Table = text.parse().with_context(|| format!("parse policy {from}"))?;
        if let Some(own_name) = policy.get_mut("name") {
            *own_name = name.into();
        }
        for (path, value) in changes {
            let mut steps = path.split('.').peekable();
            let mut table = &mut policy;
            while let Some(step) = steps.next() {
                let entry = table.get_mut(step).with_context(|| format!("policy {from} has no {path}"))?;
                if steps.peek().is_none() {
                    match entry {
                        toml::Value::Table(sourced) if sourced.contains_key("value") => {
                            sourced.insert("value".into(), value.clone());
                        }
                        other => *other = value.clone(),
                    }
                    break;
                }
                table = entry.as_table_mut().with_context(|| format!("policy {from}: {path} is no table"))?;
            }
        }
        std::fs::write(self.dir.join("policies").join(format!("{name}.toml")), toml::to_string(&policy)?).context("write the test's policy")
    }

    /// Sets a number in `server.toml`, which `init` wrote with every setting.
    pub fn set_config(&self, setting: &str, value: &str) -> Result<()> {
        let text = std::fs::read_to_string(self.config())?;
        let lines = text.lines().map(|line| match line.trim_start_matches(['#', ' ']).split_once('=') {
            Some((name, _)) if name.trim() == setting => format!("{setting} = {value}"),
            _ => line.to_owned(),
        });
        let changed: Vec<String> = lines.collect();
        anyhow::ensure!(changed.iter().any(|line| *line == format!("{setting} = {value}")), "server.toml has no setting {setting}");
        std::fs::write(self.config(), changed.join("\n") + "\n").context("write server.toml")
    }

    /// Sets a variable for the next start, for instance a crash point.
    pub fn set_environment(&mut self, name: &str, value: Option<&str>) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// The network namespace of the next start.
    pub fn set_namespace(&mut self, name: &str) {
        self.namespace = Some(name.into());
    }

    /// Starts `serve` and waits until it says that it is ready.
    pub fn start(&mut self) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.dir.with_extension("log"))?;
        let mut command = match &self.namespace {
            Some(name) => crate::line::inside(name, binary("invigil-server")?),
            None => Command::new(binary("invigil-server")?),
        };
        let mut child = command
            .args(["serve", "--json", "--config"])
            .arg(self.config())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("start invigil-server serve")?;
        let mut lines = BufReader::new(child.stdout.take().context("the server's output")?).lines();
        match lines.next() {
            Some(line) => line.context("read the server's output")?,
            None => {
                let status = child.wait()?;
                bail!("the server ended before it was ready ({status}); its log: {}", self.dir.with_extension("log").display())
            }
        };
        std::thread::spawn(move || for _ in lines {});
        self.child = Some(child);
        Ok(())
    }

    /// kill -9.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the server is not running")?;
        child.kill().context("kill the server")?;
        child.wait()?;
        Ok(())
    }

    /// Waits until the server has ended by itself, as it does at a crash point.
    pub fn wait_for_end(&mut self, limit: Duration) -> Result<()> {
        let child = self.child.as_mut().context("the server is not running")?;
        crate::wait_for("the server ends", limit, || Ok(child.try_wait()?.map(|_| ())))?;
        self.child = None;
        Ok(())
    }

    /// SIGTERM and wait.
    pub fn stop(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the server is not running")?;
        signal(&child, Signal::SIGTERM)?;
        let status = child.wait()?;
        if !status.success() {
            bail!("the server ended with {status} after SIGTERM");
        }
        Ok(())
    }

    /// Runs a subcommand with `--config`; its output, and whether its status was 0.
    pub fn command(&self, words: &[&str], arguments: &[&str]) -> Result<(String, bool)> {
        let output = Command::new(binary("invigil-server")?)
            .args(words)
            .arg("--config")
            .arg(self.config())
            .args(arguments)
            .env("INVIGIL_REVIEW_PASSPHRASE", &self.passphrase)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("run invigil-server {words:?}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() && text.trim().is_empty() {
            bail!("invigil-server {words:?} failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok((text, output.status.success()))
    }

    /// `exam add`.
    pub fn add_exam(&self, exam: &Exam<'_>) -> Result<ExamAdded> {
        self.add_exam_with(exam, &[])
    }

    /// The same with rooms.
    pub fn add_exam_in(&self, exam: &Exam<'_>, rooms: &[&str]) -> Result<ExamAdded> {
        let further: Vec<&str> = rooms.iter().flat_map(|room| ["--room", *room]).collect();
        self.add_exam_with(exam, &further)
    }

    /// `exam add` with further arguments.
    pub fn add_exam_with(&self, exam: &Exam<'_>, further: &[&str]) -> Result<ExamAdded> {
        let almaty = jiff::tz::Offset::constant(5).to_time_zone();
        let text = |ms: i64| -> Result<String> {
            let instant = jiff::Timestamp::from_millisecond(ms).map_err(|error| anyhow!("the exam's time {ms}: {error}"))?;
            Ok(instant.to_zoned(almaty.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string())
        };
        let (start, end) = (text(exam.starts_ms)?, text(exam.ends_ms)?);
        let mut arguments = vec![
            "--title",
            "Final exam",
            "--discipline",
            "Linear algebra",
            "--start",
            &start,
            "--end",
            &end,
            "--policy",
            exam.policy,
            "--json",
        ];
        for candidate in exam.candidates {
            arguments.extend(["--candidate", candidate]);
        }
        arguments.extend(further);
        let (text, _) = self.command(&["exam", "add"], &arguments)?;
        serde_json::from_str(&text).with_context(|| format!("read the answer of exam add: {text}"))
    }

    /// `staff add`.
    pub fn add_staff(&self, login: &str, role: &str, password: &str, post: &str) -> Result<()> {
        let output = Command::new(binary("invigil-server")?)
            .args(["staff", "add", "--config"])
            .arg(self.config())
            .args(["--login", login, "--name", &format!("Name of {login}"), "--role", role, "--post", post])
            .env("INVIGIL_STAFF_PASSWORD", password)
            .stdin(Stdio::null())
            .output()
            .context("run invigil-server staff add")?;
        if !output.status.success() {
            bail!("invigil-server staff add failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// The institution's public key, hexadecimal.
    pub fn institution(&self) -> Result<String> {
        let trust: serde_json::Value = serde_json::from_slice(&std::fs::read(self.dir.join("keys/trust.json"))?)?;
        Ok(trust["institution"].as_str().context("keys/trust.json names the institution key")?.to_owned())
    }

    /// `recordings --json`.
    pub fn recordings(&self) -> Result<Vec<RecordingView>> {
        let (text, _) = self.command(&["recordings"], &["--json"])?;
        serde_json::from_str(&text).with_context(|| format!("read the answer of recordings: {text}"))
    }

    /// One recording out of `recordings --json`.
    pub fn recording(&self, id: RecordingId) -> Result<RecordingView> {
        self.recordings()?.into_iter().find(|recording| recording.id == id).context("the recording is listed")
    }

    /// `footage open`: its report, and whether its status was 0.
    pub fn open_footage(&self, id: RecordingId, out: &Path) -> Result<(serde_json::Value, bool)> {
        let key = self.dir.join("review-key.json");
        let arguments = ["--recording", &id.to_string(), "--review-key", path(&key)?, "--out", path(out)?, "--json"];
        let (text, fine) = self.command(&["footage", "open"], &arguments)?;
        Ok((serde_json::from_str(&text).with_context(|| format!("read the answer of footage open: {text}"))?, fine))
    }

    /// The data folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.dir.join("server.toml")
    }

    /// `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("the path is not UTF-8: {}", path.display()))
}

/// A loopback address whose port was free just now.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("find a free loopback port")?.local_addr()?)
}
