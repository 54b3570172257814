//! `config/agent.toml`: what a room's computer is told once by the IT staff.

use crate::capture::Spec;
use crate::capture::given;
use crate::sound;
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Where the service looks for it.
pub const DEFAULT: &str = "/etc/invigil-agent/agent.toml";
/// The room code, if no file names it. Other users of the computer do not see it there.
pub const CODE_VARIABLE: &str = "INVIGIL_ROOM_CODE";
/// Longest configuration or code file, bytes.
const MAX_BYTES: u64 = 64 << 10;

/// Checked settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// `https://HOST:PORT`, in the order in which they are tried.
    pub servers: Vec<String>,
    /// File with the room code; read when it is needed.
    pub room_code_file: Option<PathBuf>,
    /// Cameras, at least one.
    pub cameras: Vec<Spec>,
    /// Microphone as for `run --microphone`.
    pub microphone: sound::Spec,
    /// Spool folder.
    pub spool: PathBuf,
    /// Largest spool, bytes.
    pub spool_max_bytes: Option<u64>,
    /// Free space of the spool's disk that footage never takes, bytes.
    pub spool_reserve_bytes: u64,
    /// How long before an exam's start its recording begins; none is what the exam's policy says.
    pub lead: Option<Duration>,
    /// Distance of looks at the room's exams on the server.
    pub check: Duration,
    /// Distance of the question whether the papers are collected, once the scheduled end has passed.
    pub ask: Duration,
    /// Socket on which this computer's commands reach the service.
    pub control: PathBuf,
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    servers: Vec<String>,
    room_code_file: Option<PathBuf>,
    #[serde(default)]
    cameras: Vec<String>,
    microphone: Option<String>,
    spool: PathBuf,
    spool_max_mib: Option<u64>,
    #[serde(default = "Written::reserve")]
    spool_reserve_mib: u64,
    lead_secs: Option<u64>,
    #[serde(default = "Written::check")]
    check_secs: u64,
    #[serde(default = "Written::ask")]
    ask_secs: u64,
    control: Option<PathBuf>,
}

impl Written {
    fn reserve() -> u64 {
        512
    }
    fn check() -> u64 {
        20
    }
    fn ask() -> u64 {
        300
    }
}

impl Config {
    /// Reads and checks a file. Relative paths in it are relative to its folder.
    ///
    /// # Errors
    /// Every value that is not acceptable, with file, key and what is expected. Texts never hold what stands there for cameras.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = bounded(path).with_context(|| format!("reading the configuration {} failed", path.display()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let config = Self::parse(&text, folder).with_context(|| format!("the configuration {} cannot be used", path.display()))?;
        refuse_open_passwords(path, &text)?;
        Ok(config)
    }

    /// The control socket that a file names. Nothing else of it is used: whoever says that the papers are collected need not be able to read the cameras.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn control_of(path: &Path) -> anyhow::Result<PathBuf> {
        let text = bounded(path).with_context(|| format!("reading the configuration {} failed", path.display()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let table: toml::Table = text.parse().map_err(|_| anyhow::anyhow!("the configuration {} is no TOML", path.display()))?;
        let named = |key: &str| table.get(key).and_then(toml::Value::as_str).map(|value| folder.join(value));
        let control = named("control").or_else(|| named("spool").map(|spool| control_in(&spool)));
        control.with_context(|| format!("the configuration {} names no spool", path.display()))
    }

    fn parse(text: &str, folder: &Path) -> anyhow::Result<Self> {
        // The message of the parser shows the line, which may be a camera's password.
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            anyhow::anyhow!("line {line}: {}", without_values(error.message()))
        })?;
        let mut mistakes = Vec::new();
        if written.servers.is_empty() || written.servers.iter().any(|server| !server.starts_with("https://")) {
            mistakes.push("servers: expected at least one address such as \"https://proctor.example:8443\"".to_owned());
        }
        let mut within = |key: &str, value: u64, range: RangeInclusive<u64>| {
            if !range.contains(&value) {
                mistakes.push(format!("{key}: {value} is outside {} to {}", range.start(), range.end()));
            }
        };
        within("spool_max_mib", written.spool_max_mib.unwrap_or(16), 16..=1_000_000_000);
        within("spool_reserve_mib", written.spool_reserve_mib, 0..=1_000_000_000);
        within("lead_secs", written.lead_secs.unwrap_or(0), 0..=6 * 3600);
        within("check_secs", written.check_secs, 1..=60);
        within("ask_secs", written.ask_secs, 1..=3600);
        let listed: Vec<String> = written.cameras.iter().map(|camera| under(folder, camera)).collect();
        let cameras = given::cameras(&listed, given::environment().as_deref()).unwrap_or_else(|error| {
            mistakes.push(format!("cameras: {}", error.to_string().replace("--camera number", "entry")));
            Vec::new()
        });
        let microphone = written.microphone.as_deref().map_or(Ok(sound::Spec::Default), str::parse);
        let microphone = microphone.unwrap_or_else(|error: sound::SpecError| {
            mistakes.push(error.to_string().replace("--microphone takes", "microphone: expected"));
            sound::Spec::None
        });
        if !mistakes.is_empty() {
            bail!("{}", mistakes.join("; "));
        }
        let spool = folder.join(written.spool);
        Ok(Self {
            servers: written.servers,
            room_code_file: written.room_code_file.map(|file| folder.join(file)),
            cameras: if cameras.is_empty() { vec![Spec::Webcam(0)] } else { cameras },
            microphone,
            spool_max_bytes: written.spool_max_mib.map(|mib| mib << 20),
            spool_reserve_bytes: written.spool_reserve_mib << 20,
            lead: written.lead_secs.map(Duration::from_secs),
            check: Duration::from_secs(written.check_secs),
            ask: Duration::from_secs(written.ask_secs),
            control: written.control.map_or_else(|| control_in(&spool), |control| folder.join(control)),
            spool,
        })
    }

    /// The room code, `CODE.FINGERPRINT`; none when none is given.
    ///
    /// # Errors
    /// When its file cannot be read, or others may read it.
    pub fn room_code(&self) -> anyhow::Result<Option<Zeroizing<String>>> {
        let given = || std::env::var(CODE_VARIABLE).ok().filter(|code| !code.trim().is_empty()).map(Zeroizing::new);
        let Some(path) = &self.room_code_file else { return Ok(given()) };
        let text = match bounded(path) {
            // It may be taken away once this computer is enrolled.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(given()),
            text => Zeroizing::new(text.with_context(|| format!("reading the room code {} failed", path.display()))?),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                bail!(
                    "the room code {0} was not used: others than its owner may read it (mode {mode:03o}); run: chmod 600 {0}",
                    path.display()
                );
            }
        }
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }
}

/// The control socket of a spool folder, where the configuration names no other.
pub fn control_in(spool: &Path) -> PathBuf {
    spool.join("control")
}

/// A message of the parser without what stands in the file: a value may be a camera with its password, and so may a key after a slip of the pen.
fn without_values(message: &str) -> String {
    let message = match (message.find('"'), message.rfind('"')) {
        (Some(from), Some(to)) if from < to => format!("{}...{}", &message[..from], &message[to + 1..]),
        _ => message.to_owned(),
    };
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let parts = message.split('`').enumerate().map(|(number, part)| if number % 2 == 0 || is_name(part) { part } else { "..." });
    parts.collect::<Vec<_>>().join("`")
}

/// A configuration in which a camera's password stands is its owner's alone, as the files are that are named with `@`.
fn refuse_open_passwords(path: &Path, text: &str) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let table: toml::Table = text.parse().unwrap_or_default();
        let cameras = table.get("cameras").and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
        let holds = cameras.filter(|camera| !camera.starts_with('@')).any(|camera| camera.contains('@'));
        let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
        if holds && mode & 0o077 != 0 {
            bail!(
                "the configuration {0} was not used: a camera's password stands in it, and others than its owner may read or change it (mode {mode:03o}); \
                 name such cameras in a file of their own (cameras = [\"@FILE\"]), or run: chmod 600 {0}",
                path.display()
            );
        }
    }
    #[cfg(not(unix))]
    let _ = (path, text);
    Ok(())
}

/// `@FILE` relative to the configuration's folder.
fn under(folder: &Path, camera: &str) -> String {
    match camera.strip_prefix('@') {
        Some(file) => format!("@{}", folder.join(file).display()),
        None => camera.to_owned(),
    }
}

fn bounded(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "servers = [\"https://a:1\"]\nspool = \"/s\"\n";

    fn wrong(text: &str) -> String {
        format!("{:#}", Config::parse(text, Path::new("/etc/x")).unwrap_err())
    }

    #[test]
    fn the_shipped_sample_is_taken_and_says_the_defaults() {
        let sample = include_str!("../../../config/agent.toml");
        let config = Config::parse(sample, Path::new("/etc/invigil-agent")).unwrap();
        assert_eq!(config.spool, Path::new("/var/lib/invigil-agent"));
        assert_eq!(config.control, Path::new("/run/invigil-agent/control"));
        assert_eq!(config.room_code_file.unwrap(), Path::new("/etc/invigil-agent/room-code"));
        // What is commented out is the default: with the marks taken away it still reads, and says the same.
        let all: String = sample.lines().map(|line| line.strip_prefix("#= ").unwrap_or(line).to_owned() + "\n").collect();
        let (all, least) = (Config::parse(&all, Path::new("/")).unwrap(), Config::parse(LEAST, Path::new("/")).unwrap());
        assert_eq!((all.check, all.ask), (least.check, least.ask));
        assert_eq!((all.lead, least.lead), (Some(Duration::from_secs(1800)), None), "the policy's counts");
        assert_eq!((all.spool_reserve_bytes, all.cameras), (least.spool_reserve_bytes, least.cameras));
        assert!(sample.matches("#= ").count() >= 5);
    }

    #[test]
    fn mistakes_are_named_with_key_and_expectation_and_never_show_a_camera() {
        assert!(wrong("servers = []\nspool = \"/s\"\nlead_secs = 99999").contains("servers: expected at least one"));
        let both = wrong("servers = [\"http://a\"]\nspool = \"/s\"\nlead_secs = 99999\ncheck_secs = 61");
        assert!(
            both.contains("lead_secs: 99999 is outside 0 to 21600") && both.contains("check_secs: 61") && both.contains("servers"),
            "{both}"
        );
        let unknown = wrong(&format!("{LEAST}leed_secs = 3\n"));
        assert!(unknown.contains("line 3") && unknown.contains("leed_secs"), "{unknown}");
        assert!(wrong("servers = [\"https://a:1\"]").contains("spool"));
        let camera = wrong(&format!("{LEAST}cameras = [\"test\", \"rstp://a:geheim@h\"]"));
        assert!(camera.contains("cameras: entry 2") && !camera.contains("geheim"), "{camera}");
        let broken = wrong(&format!("{LEAST}cameras = [\"rtsp://a:geheim@h]\n"));
        assert!(broken.contains("line 3") && !broken.contains("geheim"), "{broken}");
        for slip in [
            "cameras = \"rtsp://u:geheim@h\"",
            "cameras = \"rtsp://u:x\\\"geheim@h\"",
            "\"rtsp://u:geheim@h\" = 1",
            "ask_secs = \"geheim\"",
        ] {
            let said = wrong(&format!("{LEAST}{slip}\n"));
            assert!(said.contains("line 3") && !said.contains("geheim"), "{said}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_configuration_with_passwords_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        let load = |camera: &str, mode| {
            std::fs::write(&path, format!("{LEAST}cameras = [\"{camera}\"]\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            Config::load(&path).map_err(|error| format!("{error:#}"))
        };
        let refused = load("rtsp://u:geheim@h/live", 0o640).unwrap_err();
        assert!(refused.contains("@FILE") && refused.contains("640") && !refused.contains("geheim"), "{refused}");
        assert_eq!(load("rtsp://u:geheim@h/live", 0o600).unwrap().cameras.len(), 1);
        assert_eq!(load("rtsp://h/live", 0o644).unwrap().cameras.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_room_code_that_others_may_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let config = Config::parse(&format!("{LEAST}room_code_file = \"code\""), folder.path()).unwrap();
        assert!(config.room_code().unwrap().is_none(), "taken away");
        let path = folder.path().join("code");
        std::fs::write(&path, "AB.cd\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(config.room_code().unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(config.room_code().unwrap().unwrap().trim(), "AB.cd");
    }
}
