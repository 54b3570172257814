//! `server.toml`. Relative paths count from the folder in which the file lies. `config/server.toml` is the commented sample.

mod reader;

use anyhow::{Context, bail};
use invigil_forms::Language;
use reader::Reader;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The server's settings, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// University's name, shown on the review page.
    pub organisation: String,
    /// `[listen]`.
    pub listen: Listen,
    /// `[paths]`.
    pub paths: Paths,
    /// `[limits]`.
    pub limits: Limits,
    /// `[staff]`.
    pub staff: Staff,
    /// `[retention]`.
    pub retention: Retention,
    /// `[acts]`.
    pub acts: Acts,
}

/// Where requests are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Address and port.
    pub address: SocketAddr,
    /// How agents and browsers reach it: `https://host:port` without a slash at the end.
    pub public_url: String,
    /// Other addresses at which agents may find it.
    pub other_urls: Vec<String>,
}

/// Files and folders, absolute or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// SQLite file.
    pub database: PathBuf,
    /// Blob store: sealed segments.
    pub store: PathBuf,
    /// Erasure keys, one file an exam.
    pub keystore: PathBuf,
    /// Their mirror; on another disk where there is one.
    pub keystore_mirror: PathBuf,
    /// Policies, one TOML file each.
    pub policies: PathBuf,
    /// Forms of acts, one TOML file each.
    pub forms: PathBuf,
    /// Sealed attachments of acts, one file each.
    pub attachments: PathBuf,
    /// Server key (secret).
    pub server_key: PathBuf,
    /// Institution public key and certificates.
    pub trust: PathBuf,
    /// TLS certificate, PEM.
    pub tls_certificate: PathBuf,
    /// TLS private key (secret), PEM.
    pub tls_key: PathBuf,
}

/// Ceilings against mistakes and abuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second that one agent may make, averaged.
    pub requests_per_sec: u32,
    /// Tries a minute of join codes that nobody was given, all clients together.
    pub joins_per_min: u32,
    /// Segments of one run.
    pub segments_per_run: u64,
    /// Bytes of one recording.
    pub recording_bytes: u64,
    /// Free bytes of the store's disk below which appends are answered with 507.
    pub min_free_bytes: u64,
}

/// Staff accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Length of a sign-in, hours.
    pub session_hours: u32,
    /// Failed sign-ins of one account in 15 minutes after which it has to wait.
    pub login_tries: u32,
}

/// Deleting what has expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Pause between two sweeps, seconds.
    pub sweep_secs: u64,
    /// Disagreement of the clocks above which nothing is destroyed, seconds.
    pub clock_tolerance_secs: u64,
}

/// What acts show of the university.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acts {
    /// University's name in Kazakh, Russian and English; `organisation` where left out.
    pub names: [Option<String>; 3],
    /// Emblem, SVG or PNG.
    pub emblem: Option<PathBuf>,
}

impl Config {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read or has mistakes; the message names all of them with their keys.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("read the configuration {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, folder).with_context(|| format!("the configuration {} is not right", path.display()))
    }

    /// Checks `text`; relative paths count from `folder`.
    ///
    /// # Errors
    /// When it has mistakes; the message names all of them with their keys.
    pub fn parse(text: &str, folder: &Path) -> anyhow::Result<Self> {
        let mut reader = Reader::new(text.parse().context("it is not TOML")?);
        let config = Self::read(&mut reader, folder);
        let mistakes = reader.finish();
        if !mistakes.is_empty() {
            bail!("{}", mistakes.join("\n  "));
        }
        Ok(config)
    }

    fn read(r: &mut Reader, folder: &Path) -> Self {
        Self {
            organisation: r.text("organisation"),
            listen: Listen::read(r),
            paths: Paths::read(r, folder),
            limits: Limits {
                requests_per_sec: small(r.number("limits.requests_per_sec", 50, 1..=10_000)),
                joins_per_min: small(r.number("limits.joins_per_min", 600, 1..=1_000_000)),
                segments_per_run: r.number("limits.segments_per_run", 10_000, 10..=1_000_000),
                recording_bytes: r.number("limits.recording_gib", 128, 1..=10_240) << 30,
                min_free_bytes: r.number("limits.min_free_mib", 512, 0..=1_048_576) << 20,
            },
            staff: Staff {
                session_hours: small(r.number("staff.session_hours", 12, 1..=168)),
                login_tries: small(r.number("staff.login_tries", 10, 1..=1_000)),
            },
            retention: Retention {
                sweep_secs: r.number("retention.sweep_secs", 300, 1..=3_600),
                clock_tolerance_secs: r.number("retention.clock_tolerance_secs", 120, 1..=3_600),
            },
            acts: Acts {
                names: ["kk", "ru", "en"].map(|language| r.optional(&format!("acts.organisation_{language}"))),
                emblem: r.optional("acts.emblem").map(|path| folder.join(path)),
            },
        }
    }

    /// University's name in a language of acts.
    pub fn organisation_in(&self, language: Language) -> &str {
        let name = Language::ALL.iter().position(|known| *known == language).and_then(|at| self.acts.names.get(at)?.as_deref());
        name.unwrap_or(&self.organisation)
    }
}

impl Listen {
    fn read(r: &mut Reader) -> Self {
        let address = r.text("listen.address");
        let address = address.parse().unwrap_or_else(|_| {
            if !address.is_empty() {
                r.mistake("listen.address", format!("expected an address and a port such as 0.0.0.0:8443, found {address:?}"));
            }
            SocketAddr::from(([127, 0, 0, 1], 8443))
        });
        let public_url = r.text("listen.public_url");
        if !public_url.is_empty() {
            check_url(r, "listen.public_url", &public_url);
        }
        let other_urls = r.texts("listen.other_urls");
        for url in &other_urls {
            check_url(r, "listen.other_urls", url);
        }
        Self { address, public_url, other_urls }
    }
}

fn check_url(r: &mut Reader, key: &str, url: &str) {
    let host = url.strip_prefix("https://").unwrap_or_default();
    if host.is_empty() || host.contains(['/', '#', '?', ' ']) {
        r.mistake(key, format!("expected https://host or https://host:port and nothing after it, found {url:?}"));
    }
}

impl Paths {
    fn read(r: &mut Reader, folder: &Path) -> Self {
        let mut path = |key: &str, default: &str| folder.join(r.text_or(&format!("paths.{key}"), default));
        let paths = Self {
            database: path("database", "data/invigil.db"),
            store: path("store", "data/store"),
            keystore: path("keystore", "keys/erasure"),
            keystore_mirror: path("keystore_mirror", "keys/erasure-mirror"),
            policies: path("policies", "policies"),
            forms: path("forms", "forms"),
            attachments: path("attachments", "data/attachments"),
            server_key: path("server_key", "keys/server-key.json"),
            trust: path("trust", "keys/trust.json"),
            tls_certificate: path("tls_certificate", "keys/tls-certificate.pem"),
            tls_key: path("tls_key", "keys/tls-key.pem"),
        };
        if paths.keystore == paths.keystore_mirror {
            r.mistake("paths.keystore_mirror", "must be another folder than paths.keystore");
        }
        paths
    }
}

fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_sample_is_right_and_says_the_defaults() {
        let sample = include_str!("../../../config/server.toml");
        let config = Config::parse(sample, Path::new("/etc/invigil")).unwrap();
        let short = "organisation = \"KBTU\"\n[listen]\naddress = \"127.0.0.1:8443\"\npublic_url = \"https://127.0.0.1:8443\"";
        let defaults = Config::parse(short, Path::new("/etc/invigil")).unwrap();
        assert_eq!(Config { organisation: "KBTU".into(), ..config.clone() }, defaults);
        assert_eq!(config.paths.database, Path::new("/etc/invigil/data/invigil.db"));
        assert_eq!((defaults.organisation_in(Language::Kk), defaults.acts.emblem.clone()), ("KBTU", None));
        // The lines that stand there as comments are right, too.
        let uncommented =
            sample.replace("# organisation_", "organisation_").replace("# emblem", "emblem").replace("# other_urls", "other_urls");
        let config = Config::parse(&uncommented, Path::new("/etc/invigil")).unwrap();
        assert_eq!(config.organisation_in(Language::Ru), "Казахстанско-Британский технический университет");
        assert_eq!(config.acts.emblem.as_deref(), Some(Path::new("/etc/invigil/emblem.svg")));
        assert_eq!(config.listen.other_urls, ["https://10.1.0.5:8443"]);
    }

    #[test]
    fn every_mistake_is_reported_at_once_with_its_key() {
        let text = "orgnisation = \"X\"\n[listen]\naddress = \"here\"\npublic_url = \"http://a/\"\nother_urls = [\"b\"]\n[limits]\nrequests_per_sec = 0\njoins_per_min = \"many\"\n[colour]\nred = 1";
        let error = Config::parse(text, Path::new(".")).unwrap_err().to_string();
        for key in [
            "organisation: is missing",
            "orgnisation: is not",
            "listen.address:",
            "listen.public_url:",
            "listen.other_urls:",
            "limits.requests_per_sec: 0",
            "limits.joins_per_min:",
            "colour.red:",
        ] {
            assert!(error.contains(key), "{key} in {error}");
        }
    }
}
