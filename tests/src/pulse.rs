//! A microphone without hardware: a private PulseAudio whose room is a silent sink; what is played into the room is heard by its microphone.

use crate::{signal, wait_for};
use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Name of the sink that stands for the room.
pub const ROOM: &str = "room";
/// The room's microphone, as PulseAudio names it.
pub const MICROPHONE: &str = "room.monitor";
/// Samples a second of the room and of the files that [`wav`] writes.
pub const RATE: u32 = 48_000;

const START_LIMIT: Duration = Duration::from_secs(20);

/// A running daemon with everything it writes below one folder; it ends when dropped. Programs reach it by [`Pulse::environment`] alone.
#[derive(Debug)]
pub struct Pulse {
    folder: PathBuf,
    child: Child,
}

impl Pulse {
    /// Starts a daemon in `folder`, which is made if it is not there.
    pub fn start(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        std::fs::write(folder.join("asound.conf"), alsa_configuration(&folder))?;
        std::fs::write(folder.join("default.pa"), script(&folder))?;
        let child = spawn(&folder)?;
        let mut pulse = Self { folder, child };
        pulse.wait_until_ready()?;
        Ok(pulse)
    }

    /// What a program needs in its environment so that its ALSA devices `default` and `pulse` are this daemon's.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.folder)
    }

    /// kill -9.
    pub fn kill(&mut self) -> Result<()> {
        signal(&self.child, Signal::SIGKILL)?;
        self.child.wait().map(drop).context("wait for pulseaudio")
    }

    /// Stops it for a while (`SIGSTOP`): it takes connections and gives no samples.
    pub fn stall(&self) -> Result<()> {
        signal(&self.child, Signal::SIGSTOP)
    }

    /// Ends [`Pulse::stall`].
    pub fn go_on(&self) -> Result<()> {
        signal(&self.child, Signal::SIGCONT)
    }

    /// Starts it again after [`Pulse::kill`], where it was.
    pub fn start_again(&mut self) -> Result<()> {
        self.child = spawn(&self.folder)?;
        self.wait_until_ready()
    }

    /// Plays a WAV file into the room, without waiting for its end. It is sent a fifth of a second ahead: with more
    /// the sink runs ahead of its own time, with less a busy machine makes the player stutter.
    pub fn play(&self, wav: &Path) -> Result<Playing> {
        let child = self.client("paplay").args(["--device", ROOM, "--latency-msec=200"]).arg(wav).spawn().context("start paplay")?;
        Ok(Playing(child))
    }

    /// Plays raw samples (`s16le`, mono, [`RATE`]) into the room as they are written to the player's standard input.
    pub fn play_raw(&self) -> Result<Playing> {
        let mut command = self.client("pacat");
        command.args(["--playback", "--raw", "--device", ROOM, "--latency-msec=20", "--format=s16le", "--channels=1"]);
        let child = command.arg(format!("--rate={RATE}")).stdin(Stdio::piped()).spawn().context("start pacat")?;
        Ok(Playing(child))
    }

    /// Mutes the microphone, or ends that.
    pub fn mute(&self, muted: bool) -> Result<()> {
        let status = self.client("pactl").args(["set-source-mute", MICROPHONE, if muted { "1" } else { "0" }]).status()?;
        ensure!(status.success(), "pactl set-source-mute ended with {status}");
        Ok(())
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let what = format!("pulseaudio is ready; its log: {}", self.folder.join("log").display());
        let mut probe = self.client("pactl");
        probe.args(["get-default-source"]).stdout(Stdio::piped());
        wait_for(&what, START_LIMIT, || {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("pulseaudio ended with {status}; its log: {}", self.folder.join("log").display());
            }
            let output = probe.output().context("run pactl; ./invigil test installs it")?;
            Ok((output.status.success() && String::from_utf8_lossy(&output.stdout).trim() == MICROPHONE).then_some(()))
        })
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A player; it ends when dropped.
#[derive(Debug)]
pub struct Playing(pub Child);

impl Drop for Playing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes a mono WAV file of `secs` seconds; `value` gives each sample, from -1 to 1, of its time in seconds.
pub fn wav(path: &Path, secs: f64, value: impl Fn(f64) -> f64) -> Result<()> {
    let count = (secs * f64::from(RATE)) as u32;
    let mut bytes = Vec::with_capacity(44 + count as usize * 2);
    bytes.extend(b"RIFF");
    bytes.extend((36 + count * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((count * 2).to_le_bytes());
    for index in 0..count {
        let sample = value(f64::from(index) / f64::from(RATE)).clamp(-1.0, 1.0) * 32_767.0;
        bytes.extend((sample as i16).to_le_bytes());
    }
    std::fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}

fn environment(folder: &Path) -> Vec<(String, String)> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    vec![
        ("ALSA_CONFIG_PATH".into(), text(folder.join("asound.conf"))),
        ("PULSE_SERVER".into(), format!("unix:{}", folder.join("native").display())),
        ("PULSE_COOKIE".into(), text(folder.join("cookie"))),
        ("XDG_RUNTIME_DIR".into(), text(folder.to_owned())),
    ]
}

fn spawn(folder: &Path) -> Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log"))?;
    Command::new("pulseaudio")
        .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", "--use-pid-file=no"])
        .args(["--realtime=no", "--high-priority=no", "--log-target=stderr", "-F"])
        .arg(folder.join("default.pa"))
        .envs(environment(folder))
        .env("HOME", folder)
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("start pulseaudio; ./invigil test installs it")
}

/// The room gives its sound every 50 ms, from the moment at which a microphone is opened, as a sound card does (`norewinds`). Left to itself this sink
/// takes up to 2 s until it begins, and until what it says of its own delay is true.
fn script(folder: &Path) -> String {
    let socket = folder.join("native");
    format!(
        "load-module module-null-sink sink_name={ROOM} rate={RATE} channels=1 norewinds=1\n\
         load-module module-native-protocol-unix auth-anonymous=1 socket={}\n\
         set-default-sink {ROOM}\n\
         set-default-source {MICROPHONE}\n",
        socket.display()
    )
}

/// Our devices and no others: a test must not depend on what else the computer has.
fn alsa_configuration(folder: &Path) -> String {
    let server = format!("type pulse\n  server \"unix:{}\"\n", folder.join("native").display());
    format!(
        "pcm.pulse {{\n  {server}  hint {{ show on description \"The room\" }}\n}}\n\
         pcm.default {{\n  {server}  hint {{ show on description \"The room, as a default\" }}\n}}\n\
         ctl.default {{\n  {server}}}\n"
    )
}
