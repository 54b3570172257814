//! `invigil-server bundle`: make one on the server's folder, seal one for its receiver, open a sealed one.

use super::secret::Sources;
use super::verify;
use crate::acts::tool;
use crate::config::Config;
use crate::state::AppState;
use anyhow::{Context, bail};
use clap::{Args as ClapArgs, Subcommand};
use invigil_clock::SystemClock;
use invigil_evidence::receiver::{self, Receiver, StreamReader, Unlock};
use invigil_format::{ActId, ReviewPrivateKey, WrappedKey};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use zeroize::Zeroizing;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an act's evidence bundle with a review key, and verify it. What it holds is not encrypted any more.
    Make(Make),
    /// Seal a bundle for its receiver as an age file.
    Seal(Seal),
    /// Open a bundle that was sealed as an age file.
    Open(Open),
}

/// A review key and in whose name it is used.
#[derive(ClapArgs)]
pub(super) struct Key {
    /// Wrapped review key.
    #[arg(long)]
    review_key: PathBuf,
    /// File with its passphrase; else the environment variable INVIGIL_REVIEW_PASSPHRASE; else asked for.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// Login of who does this, if the wrapped key was given to several accounts.
    #[arg(long)]
    login: Option<String>,
}

impl Key {
    /// The wrapped key and what is in it.
    pub(super) async fn unwrap(&self) -> anyhow::Result<(WrappedKey, ReviewPrivateKey)> {
        let text = std::fs::read(&self.review_key).with_context(|| format!("read the review key {}", self.review_key.display()))?;
        let wrapped = WrappedKey::from_json(&text).with_context(|| format!("{} is not a wrapped review key", self.review_key.display()))?;
        let file = self.passphrase_file.as_deref();
        let passphrase =
            Sources { what: "review key's passphrase", file, env: "INVIGIL_REVIEW_PASSPHRASE", generate: false, new: false }.get()?;
        let opened = wrapped.clone();
        let review = tokio::task::spawn_blocking(move || opened.unwrap_with(&passphrase.text)).await.context("unwrap the review key")??;
        Ok((wrapped, review))
    }

    /// Login that was given.
    pub(super) fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }
}

#[derive(ClapArgs)]
pub(super) struct Make {
    /// Configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Act, signed.
    #[arg(long)]
    act: ActId,
    #[command(flatten)]
    key: Key,
    /// File to write; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// For whom; stands in the act's log.
    #[arg(long, default_value = "not said")]
    receiver: String,
    /// Print the verifier's report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(ClapArgs)]
pub(super) struct Seal {
    /// The bundle.
    bundle: PathBuf,
    /// Receiver's age key, age1...; may be given several times.
    #[arg(long, conflicts_with = "passphrase_file")]
    recipient: Vec<String>,
    /// File with a passphrase for the receiver; else the environment variable INVIGIL_BUNDLE_PASSPHRASE; else asked for.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// File to write; else the bundle's name with .age behind it. It must not exist.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub(super) struct Open {
    /// The sealed bundle.
    bundle: PathBuf,
    #[command(flatten)]
    opening: Opening,
    /// File to write; it must not exist.
    #[arg(long)]
    out: PathBuf,
}

/// What a sealed bundle is opened with.
#[derive(ClapArgs)]
pub(super) struct Opening {
    /// age identity file, for a bundle that was sealed for a key.
    #[arg(long, conflicts_with = "passphrase_file")]
    identity: Option<PathBuf>,
    /// File with the passphrase of a bundle that was sealed with one; else the environment variable INVIGIL_BUNDLE_PASSPHRASE; else asked for.
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
}

/// A bundle as it can be read.
pub(super) enum Source {
    Plain(BufReader<File>),
    Sealed(StreamReader<BufReader<File>>),
}

impl Opening {
    /// Opens a bundle, sealed or not.
    pub(super) fn open(&self, path: &Path) -> anyhow::Result<Source> {
        let mut file = BufReader::new(File::open(path).with_context(|| format!("read {}", path.display()))?);
        if !receiver::is_sealed(&mut file).with_context(|| format!("read {}", path.display()))? {
            return Ok(Source::Plain(file));
        }
        let unlock = match &self.identity {
            Some(identity) => {
                let text = std::fs::read(identity).with_context(|| format!("read the identity file {}", identity.display()))?;
                Unlock::Identities(Zeroizing::new(text))
            }
            None => Unlock::Passphrase(passphrase(self.passphrase_file.as_deref(), false)?),
        };
        Ok(Source::Sealed(receiver::open(file, &unlock).with_context(|| format!("open {}", path.display()))?))
    }
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Make(args) => make(args).await,
        Command::Seal(args) => seal(&args),
        Command::Open(args) => open(&args),
    }
}

async fn make(args: Make) -> anyhow::Result<ExitCode> {
    let (wrapped, review) = args.key.unwrap().await?;
    let state = Arc::new(AppState::open(Config::load(&args.config)?, Arc::new(SystemClock)).await?);
    let who = tool::actor(&state, args.key.login(), &wrapped).await?;
    let report = tool::make_bundle(&state, &who, &args.act.to_string(), &review, &args.receiver, &args.out).await?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        verify::print(&report);
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn seal(args: &Seal) -> anyhow::Result<ExitCode> {
    let mut file = BufReader::new(File::open(&args.bundle).with_context(|| format!("read {}", args.bundle.display()))?);
    if receiver::is_sealed(&mut file)? {
        bail!("{} is sealed already", args.bundle.display());
    }
    let receiver = if args.recipient.is_empty() {
        Receiver::Passphrase(passphrase(args.passphrase_file.as_deref(), true)?)
    } else {
        Receiver::Keys(args.recipient.clone())
    };
    let out = args.out.clone().unwrap_or_else(|| {
        let mut name = args.bundle.clone().into_os_string();
        name.push(".age");
        name.into()
    });
    // For whom is looked at before a file is made.
    let sealed = receiver::seal(&mut file, create(&out)?, &receiver);
    finish(sealed.map_err(anyhow::Error::from), &out)
}

fn open(args: &Open) -> anyhow::Result<ExitCode> {
    let Source::Sealed(mut stream) = args.opening.open(&args.bundle)? else { bail!("{} is not sealed", args.bundle.display()) };
    let mut sink = create(&args.out)?;
    let copied = std::io::copy(&mut stream, &mut sink).context("read the sealed bundle").map(|_| sink);
    finish(copied, &args.out)
}

/// Syncs what was written; what is not whole does not stay.
fn finish(written: anyhow::Result<BufWriter<File>>, out: &Path) -> anyhow::Result<ExitCode> {
    let synced = written.and_then(|mut sink| {
        sink.flush()?;
        Ok(sink.get_ref().sync_all()?)
    });
    if let Err(error) = synced {
        let _ = std::fs::remove_file(out);
        return Err(error.context(format!("write {}", out.display())));
    }
    println!("wrote {}", out.display());
    Ok(ExitCode::SUCCESS)
}

fn passphrase(file: Option<&Path>, new: bool) -> anyhow::Result<Zeroizing<String>> {
    Ok(Sources { what: "bundle's passphrase", file, env: "INVIGIL_BUNDLE_PASSPHRASE", generate: false, new }.get()?.text)
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    Ok(BufWriter::new(file.with_context(|| format!("make {}: it must not exist yet", path.display()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_bundle_is_opened_again_and_half_a_file_does_not_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("b.zip"), [1; 100_000]).unwrap();
        std::fs::write(path("pass"), "a long passphrase\n").unwrap();
        let sealing = Seal { bundle: path("b.zip"), recipient: Vec::new(), passphrase_file: Some(path("pass")), out: None };
        seal(&sealing).unwrap();
        assert!(seal(&sealing).is_err(), "an existing file is never written over");
        let opening = |name: &str| Opening { identity: None, passphrase_file: Some(path(name)) };
        open(&Open { bundle: path("b.zip.age"), opening: opening("pass"), out: path("again.zip") }).unwrap();
        assert_eq!(std::fs::read(path("again.zip")).unwrap(), [1; 100_000]);
        let mut bytes = std::fs::read(path("b.zip.age")).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(path("changed.age"), bytes).unwrap();
        assert!(open(&Open { bundle: path("changed.age"), opening: opening("pass"), out: path("half.zip") }).is_err());
        assert!(!path("half.zip").exists());
        let wrong = Seal { recipient: vec!["age1nonsense".into()], passphrase_file: None, out: Some(path("x.age")), ..sealing };
        assert!(seal(&wrong).is_err() && !path("x.age").exists());
    }
}
