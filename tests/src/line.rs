//! A network of its own: two namespaces, the server's and the agent's, with a line between them that can be thin, long, lossy or pulled out
//! (`tests/link/shape.py`), and what may stand in between (`tests/link/peers.py`). Root only.

use crate::mount::run;
use crate::project_root;
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The server's address.
pub const SERVER: &str = "10.77.0.1";
/// The same in IPv6.
pub const SERVER_V6: &str = "fd77::1";
/// An address of the server to which the agent has no route: only a proxy reaches it.
pub const SERVER_BEHIND: &str = "10.78.0.1";

/// What the line does, in each direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// 0 is no limit.
    pub kbits: u32,
    /// There and back again.
    pub round_trip_ms: u32,
    /// Packets lost in each direction.
    pub loss_percent: f64,
}

/// As good as a cable.
pub const GOOD: Shape = Shape { kbits: 0, round_trip_ms: 0, loss_percent: 0.0 };

/// Which addresses the line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6 and nothing else.
    V6,
}

/// The line and its two namespaces; they go when dropped.
#[derive(Debug)]
pub struct Line {
    names: [String; 2],
    shaper: Child,
    orders: ChildStdin,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Line {
    /// A good line.
    pub fn open(family: Family) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let names = ["server", "agent"].map(|end| format!("invigil-{end}-{}-{number}", std::process::id()));
        for name in &names {
            run("ip", &["netns", "add", name])?;
            ip(name, &["link", "set", "lo", "up"])?;
        }
        let mut shaper = python("shape.py").args(&names).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("start shape.py")?;
        let orders = shaper.stdin.take().context("the line's orders")?;
        let answers = BufReader::new(shaper.stdout.take().context("the line's answers")?).lines();
        let mut line = Self { names, shaper, orders, answers };
        line.wait_ready()?;
        let [server, agent] = &line.names;
        for (name, number) in [(server.as_str(), 1), (agent.as_str(), 2)] {
            match family {
                Family::V4 => ip(name, &["addr", "add", &format!("10.77.0.{number}/24"), "dev", "line0"])?,
                Family::V6 => ip(name, &["addr", "add", &format!("fd77::{number}/64"), "dev", "line0", "nodad"])?,
            };
            ip(name, &["link", "set", "line0", "up"])?;
        }
        if family == Family::V4 {
            ip(server, &["addr", "add", SERVER_BEHIND, "dev", "lo"])?;
        }
        Ok(line)
    }

    /// Namespace of the server.
    pub fn server(&self) -> &str {
        &self.names[0]
    }

    /// Namespace of the agent.
    pub fn agent(&self) -> &str {
        &self.names[1]
    }

    /// From now on it is like this.
    pub fn shape(&mut self, shape: Shape) -> Result<()> {
        let bytes_per_sec = u64::from(shape.kbits) * 125;
        let order = format!("{bytes_per_sec} {} {}\n", f64::from(shape.round_trip_ms) / 2.0, shape.loss_percent);
        // In one call: the program at the other end reads what is there.
        self.orders.write_all(order.as_bytes())?;
        self.wait_ready()
    }

    /// The agent's name server, for all programs that are started in its namespace afterwards.
    pub fn name_server(&self, address: &str) -> Result<()> {
        let folder = PathBuf::from("/etc/netns").join(self.agent());
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("resolv.conf"), format!("nameserver {address}\n")).context("name a name server")
    }

    fn wait_ready(&mut self) -> Result<()> {
        let answer = self.answers.next().context("the line's program ended")??;
        ensure!(answer == "ready", "the line's program said {answer}");
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.shaper.kill();
        let _ = self.shaper.wait();
        for name in &self.names {
            let _ = run("ip", &["netns", "del", name]);
            let _ = std::fs::remove_dir_all(PathBuf::from("/etc/netns").join(name));
        }
        let _ = std::fs::remove_dir("/etc/netns");
    }
}

/// A program in a network namespace, with the name server of [`Line::name_server`] where [`has_own_mounts`].
pub fn inside(namespace: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(if has_own_mounts() { "ip" } else { "nsenter" });
    if has_own_mounts() {
        command.args(["netns", "exec", namespace]);
    } else {
        command.arg(format!("--net=/run/netns/{namespace}"));
    }
    command.arg(program);
    command
}

/// Whether a process may have mounts of its own here: not in a changed root folder.
pub fn has_own_mounts() -> bool {
    static FOUND: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *FOUND.get_or_init(|| Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|output| output.status.success()))
}

fn ip(namespace: &str, words: &[&str]) -> Result<()> {
    let namespace = format!("--net=/run/netns/{namespace}");
    run("nsenter", &[&[namespace.as_str(), "ip"], words].concat()).map(drop)
}

/// Something that stands in between; it ends when dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Starts `tests/link/peers.py` with these words, in a namespace or here.
    pub fn start(namespace: Option<&str>, words: &[&str]) -> Result<Self> {
        let script = script("peers.py");
        let mut command = match namespace {
            Some(name) => inside(name, PYTHON),
            None => Command::new(PYTHON),
        };
        let mut child = command.arg(script).args(words).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("start peers.py")?;
        let mut lines = BufReader::new(child.stdout.take().context("the peer's output")?).lines();
        let first = lines.next().context("the peer ended at once")??;
        ensure!(first == "ready", "the peer said {first}");
        let said = Arc::new(Mutex::new(Vec::new()));
        let collected = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                collected.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Ok(Self { child, said })
    }

    /// What it said since.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The system's Python, whatever else is installed.
const PYTHON: &str = "/usr/bin/python3";

fn python(name: &str) -> Command {
    let mut command = Command::new(PYTHON);
    command.arg(script(name));
    command
}

fn script(name: &str) -> PathBuf {
    project_root().join("tests/link").join(name)
}
