//! A computer of its own, emulated, with the host's programs in it and real V4L2 webcams that a test can stall, damage and unplug:
//! `tests/camera-vm/run.sh`.

use crate::decode::Decoded;
use crate::{project_root, wait_for};
use anyhow::{Context, Result, bail};
use invigil_format::{Entry, Event, Statement};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The host's 127.0.0.1 as the guest sees it.
pub const HOST: &str = "10.0.2.2";

/// A running virtual machine; it ends when dropped.
#[derive(Debug)]
pub struct CameraVm {
    child: Child,
    folder: PathBuf,
    scripts: usize,
}

impl CameraVm {
    /// Starts it; `folder` is shared with the guest under the same path. The first [`CameraVm::run`] waits for the boot.
    pub fn boot(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let child = start(&folder, &[])?;
        Ok(Self { child, folder, scripts: 0 })
    }

    /// Runs a shell script in the guest and gives what it printed; a status other than 0 is an error.
    pub fn run(&mut self, script: &str, limit: Duration) -> Result<String> {
        let file = |end: &str| self.folder.join(format!("{}.{end}", self.scripts));
        let (part, status, out) = (file("part.sh"), file("status"), file("out"));
        std::fs::write(&part, script)?;
        std::fs::rename(&part, file("sh"))?;
        let what = format!("the virtual machine runs: {script}");
        let code = wait_for(&what, limit, || {
            if let Some(ended) = self.child.try_wait()? {
                bail!("the virtual machine ended ({ended}); see {} and console.log", self.folder.with_extension("vm.log").display());
            }
            Ok(std::fs::read_to_string(&status).ok())
        })
        .with_context(|| std::fs::read_to_string(self.folder.join("console.log")).unwrap_or_default())?;
        self.scripts += 1;
        let said = String::from_utf8_lossy(&std::fs::read(out)?).into_owned();
        if code.trim() != "0" {
            bail!("in the virtual machine this ended with {}: {script}\n{said}", code.trim());
        }
        Ok(said)
    }

    /// Runs a script and says when it began and ended: the guest's boot time, seconds. Lines that the script prints as such numbers count.
    pub fn timed(&mut self, script: &str, limit: Duration) -> Result<(f64, f64)> {
        let now = "cut -d' ' -f1 /proc/uptime";
        let said = self.run(&format!("{now}\n{script}\nstatus=$?\n{now}\nexit $status"), limit)?;
        let times: Vec<f64> = said.lines().filter_map(|line| line.trim().parse().ok()).collect();
        // What says its own times knows better: its start in this machine takes longer than on a real one.
        let own = if times.len() == 4 { &times[1..3] } else { &times[..] };
        match (own.first(), own.last()) {
            (Some(from), Some(to)) => Ok((*from, *to)),
            _ => bail!("the virtual machine said no times: {said}"),
        }
    }

    /// A folder in the guest's memory, for spools; the host does not see into it.
    pub fn memory(&self) -> PathBuf {
        self.folder.join("guest")
    }

    /// The shared folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for CameraVm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A computer that has nothing of the host but the agent, and no cameras: it can be suspended, which shared folders do not survive.
/// It ends when dropped.
#[derive(Debug)]
pub struct Loner(Child);

impl Loner {
    /// Boots it with `/invigil-agent` and a network, and runs a shell script there, in busybox, as its first process's last words.
    pub fn boot(folder: &Path, script: &str) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let agent = folder.join("invigil-agent");
        // Without what debuggers want it is a quarter of the size.
        let program = crate::binary("invigil-agent")?;
        let stripped = Command::new("strip").arg("-o").arg(&agent).arg(&program).status().context("run strip")?;
        let listed = Command::new("ldd").arg(&program).output().context("run ldd")?;
        if !stripped.success() || !listed.status.success() {
            bail!("strip or ldd failed for {}", program.display());
        }
        let listed = String::from_utf8(listed.stdout)?;
        let libraries = listed.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')));
        let files: Vec<&str> = libraries.chain(agent.to_str()).collect();
        std::fs::write(folder.join("files"), files.join("\n"))?;
        let init = format!(
            "#!/bin/busybox sh
             /bin/busybox --install -s /bin
             export PATH=/bin
             mount -t proc proc /proc
             mount -t sysfs sys /sys
             mount -t devtmpfs dev /dev
             while read -r module; do insmod \"/modules/$module.ko\"; done </modules/order
             ip link set lo up
             ip link set eth0 up
             ip addr add 10.0.2.15/24 dev eth0
             ip route add default via 10.0.2.2
             mkdir /spool
             mount -t tmpfs spool /spool
             ln -s {} /invigil-agent
             {script}
             cat /log
             poweroff -f
",
            agent.display()
        );
        std::fs::write(folder.join("init"), init)?;
        Ok(Self(start(&folder, &["--alone"])?))
    }
}

impl Drop for Loner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the emulated computer of a folder.
fn start(folder: &Path, options: &[&str]) -> Result<Child> {
    let runner = project_root().join("tests/camera-vm/run.sh");
    let output = std::fs::File::create(folder.with_extension("vm.log"))?;
    // What is downloaded the first time is no part of anybody's time limit.
    let fetched = Command::new(&runner).arg("--fetch").stdin(Stdio::null()).status().context("run tests/camera-vm/run.sh --fetch")?;
    if !fetched.success() {
        bail!("tests/camera-vm/run.sh --fetch failed: {fetched}");
    }
    let mut command = Command::new(&runner);
    command.args(options).arg(folder).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    command.spawn().context("run tests/camera-vm/run.sh")
}

/// An agent in the guest.
#[derive(Debug)]
pub struct GuestAgent {
    folder: PathBuf,
    name: String,
    spool: PathBuf,
}

impl GuestAgent {
    /// Starts `invigil-agent run --json` there, with these cameras. `name` is for its files in the shared folder.
    pub fn start(vm: &mut CameraVm, name: &str, url: &str, join: &str, cameras: &[&str], limit: Duration) -> Result<Self> {
        let (folder, spool) = (vm.folder().to_path_buf(), vm.memory().join(name));
        let agent = crate::binary("invigil-agent")?;
        let (program, place, spool_text) = (agent.display(), folder.display(), spool.display());
        let cameras: String = cameras.iter().map(|camera| format!("--camera {camera} ")).collect();
        vm.run(
            &format!(
                "{program} run --json --server {url} --join {join} --spool {spool_text} {cameras} \
                 >{place}/{name}.progress 2>{place}/{name}.log &\necho $! >{place}/{name}.pid"
            ),
            limit,
        )?;
        Ok(Self { folder, name: name.to_owned(), spool })
    }

    /// The newest line of figures; lines about events stand between them, and behind the last one.
    pub fn progress(&self) -> serde_json::Value {
        self.figures().pop().unwrap_or_default()
    }

    fn figures(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.file("progress")).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.filter(|line| line["stage"].is_string()).collect()
    }

    /// Waits for a progress line.
    pub fn wait(&self, what: &str, limit: Duration, met: impl Fn(&serde_json::Value) -> bool) -> Result<()> {
        wait_for(&format!("{}: {what}", self.name), limit, || Ok(met(&self.progress()).then_some(())))
    }

    /// Waits until so much more is recorded than now.
    pub fn wait_for_more(&self, ms: u64, limit: Duration) -> Result<()> {
        let recorded = |line: &serde_json::Value| line["recorded_ms"].as_u64().unwrap_or(0);
        // The newest line may be some time old.
        let shown = self.figures().len();
        let next = || Ok(self.figures().get(shown).map(recorded));
        let before = wait_for(&format!("{}: another line of figures", self.name), limit, next)?;
        self.wait("recording goes on", limit, |line| recorded(line) >= before + ms)
    }

    /// How much it has logged, for [`GuestAgent::wait_said`].
    pub fn logged(&self) -> usize {
        self.log().len()
    }

    /// Waits until the log says this behind `from`.
    pub fn wait_said(&self, from: usize, text: &str, limit: Duration) -> Result<()> {
        let log = self.file("log");
        wait_for(&format!("{} says \"{text}\"; its log: {}", self.name, log.display()), limit, || {
            Ok(self.log().get(from..).is_some_and(|new| new.contains(text)).then_some(()))
        })
    }

    /// Process ids of its children.
    pub fn children(&self, vm: &mut CameraVm, limit: Duration) -> Result<String> {
        vm.run(&format!("cat /proc/$(cat {})/task/*/children 2>/dev/null; true", self.file("pid").display()), limit)
    }

    /// Ctrl-C.
    pub fn stop(&self, vm: &mut CameraVm, limit: Duration) -> Result<()> {
        vm.run(&format!("kill -INT $(cat {})", self.file("pid").display()), limit).map(drop)
    }

    /// Its journal so far.
    pub fn journal(&self, vm: &mut CameraVm, limit: Duration) -> Result<Vec<Entry>> {
        let text = vm.run(&format!("cat $(find {} -name journal.jsonl)", self.spool.display()), limit)?;
        text.lines().map(|line| Ok(Statement::from_json(line.as_bytes())?.read::<Entry>()?)).collect()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    fn file(&self, end: &str) -> PathBuf {
        self.folder.join(format!("{}.{end}", self.name))
    }
}

/// A fault that was injected into a camera.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// For people.
    pub name: &'static str,
    /// What the journal must give as a reason.
    pub reason: &'static str,
    /// Guest's boot time, seconds.
    pub from: f64,
    /// See `from`.
    pub to: f64,
}

/// What became of a fault, by the journal and by the footage.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// From the fault's beginning to the first event about it, seconds.
    pub noticed: f64,
    /// From its end until pictures came again, seconds; 0 if the camera never counted as lost.
    pub back: f64,
    /// Time without pictures in the footage, seconds.
    pub missing: f64,
    /// Damaged pictures that were counted.
    pub damaged: u64,
}

impl Fault {
    /// Looks the fault up in the journal of the agent that met it, and in its footage, which begins with the track's first picture. `until` is when
    /// the next fault of this camera began, seconds.
    pub fn outcome(&self, journal: &[Entry], footage: &Decoded, until: f64) -> Result<Outcome> {
        let at = |entry: &Entry| entry.boottime_us as f64 / 1e6;
        let started = journal.iter().find(|entry| matches!(entry.event, Event::TrackStarted { .. })).map(at).context("a track started")?;
        // The clock of `/proc/uptime` has steps of 10 ms.
        let mine: Vec<&Entry> = journal.iter().filter(|entry| (self.from - 0.02..until).contains(&at(entry))).collect();
        let said = |entry: &&&Entry| match &entry.event {
            Event::CameraLost { reason, .. } | Event::FramesDamaged { reason, .. } => reason.contains(self.reason),
            _ => false,
        };
        let Some(noticed) = mine.iter().find(said) else { bail!("{}: no event says \"{}\": {mine:#?}", self.name, self.reason) };
        // Whether it counted as lost when the fault ended: a whole picture may have come through before.
        let before = mine.iter().take_while(|entry| at(entry) < self.to);
        let lost = before.fold(false, |lost, entry| match entry.event {
            Event::CameraLost { .. } => true,
            Event::CameraBack { .. } => false,
            _ => lost,
        });
        let back = mine.iter().find(|entry| at(entry) >= self.to && matches!(entry.event, Event::CameraBack { .. })).map(|entry| at(entry));
        let back = match back {
            None if lost => bail!("{}: the camera did not come back: {mine:#?}", self.name),
            back => back.unwrap_or(self.to),
        };
        let around = |(from, len): &(f64, f64)| started + from + len > self.from - 0.5 && started + from < back + 0.5;
        let missing = footage.gaps(0.7).iter().filter(|gap| around(gap)).map(|(_, len)| len).sum();
        let damaged = mine.iter().map(|entry| if let Event::FramesDamaged { count, .. } = &entry.event { *count } else { 0 }).sum();
        Ok(Outcome { noticed: at(noticed) - self.from, back: back - self.to, missing, damaged })
    }
}
