//! How people at this computer reach the service: a socket on which a command is one line and its answer one JSON object. Whoever may open the socket's folder
//! may use it.

use anyhow::{Context as _, bail};
use invigil_format::RecordingId;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Longest command, bytes.
const MAX_BYTES: usize = 1024;
/// Longest wait for a command, and for the answer to one.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "command", deny_unknown_fields)]
pub enum Command {
    /// What is recorded, until when, what waits.
    Status,
    /// The papers are collected. Before the scheduled end it counts only with `early`.
    Collected {
        /// Although the scheduled end has not passed.
        early: bool,
        /// The recording that is meant; without it the one that goes on, of several the one that was to end first.
        #[serde(default)]
        recording: Option<RecordingId>,
        /// A person named that recording: it is no word for another exam, said twice.
        #[serde(default)]
        by_name: bool,
    },
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// `done`, `too-early`, `ended-already` (the one that was meant does not go on, another one does) or `nothing`.
    pub result: String,
    /// In plain words.
    pub message: String,
    /// What is going on.
    pub status: super::Status,
}

/// A command on its way to the service.
pub struct Asked {
    /// What.
    pub command: Command,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Reply>,
}

/// Listens until dropped.
///
/// # Errors
/// When the socket cannot be made.
#[cfg(unix)]
pub async fn listen(path: &Path, asked: mpsc::Sender<Asked>) -> anyhow::Result<()> {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    use tokio::net::UnixListener;
    // One of an earlier life; the spool's lock is held, so nobody listens on it. Nothing else is removed.
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        std::fs::remove_file(path).with_context(|| format!("removing the old socket {} failed", path.display()))?;
    }
    let failed = || format!("listening on {} failed; its folder must be there and its path have at most 100 characters", path.display());
    let listener = UnixListener::bind(path).with_context(failed)?;
    // Owner and group; the folder decides who gets there.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).with_context(failed)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let asked = asked.clone();
                tokio::spawn(async move {
                    if !matches!(tokio::time::timeout(TIMEOUT, serve(stream, asked)).await, Ok(Ok(()))) {
                        tracing::debug!("a command on the control socket was not answered");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket failed");
                invigil_clock::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Not on this system yet.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub async fn listen(_path: &Path, _asked: mpsc::Sender<Asked>) -> anyhow::Result<()> {
    bail!("commands reach the service on Linux and macOS only so far: end recordings on the review page")
}

#[cfg(unix)]
async fn serve(stream: tokio::net::UnixStream, asked: mpsc::Sender<Asked>) -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut from, mut to) = stream.into_split();
    let mut line = Vec::new();
    let mut part = [0; 256];
    while !line.contains(&b'\n') {
        let count = from.read(&mut part).await?;
        line.extend_from_slice(&part[..count]);
        if count == 0 || line.len() > MAX_BYTES {
            bail!("no command");
        }
    }
    let command: Command = serde_json::from_slice(line.trim_ascii_end())?;
    let (reply, answer) = oneshot::channel();
    asked.send(Asked { command, reply }).await.context("the service ends")?;
    let mut text = serde_json::to_vec(&answer.await.context("the service ends")?)?;
    text.push(b'\n');
    to.write_all(&text).await?;
    Ok(())
}

/// Asks the service that listens at `path`.
///
/// # Errors
/// When none does, this user may not, or it does not answer in time.
#[cfg(unix)]
pub async fn ask(path: &Path, command: Command) -> anyhow::Result<Reply> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let asking = async {
        let stream = tokio::net::UnixStream::connect(path).await.with_context(|| {
            format!(
                "no service answers at {}: it does not run (systemctl status invigil-agent), --config or --spool is another one's, or this user is not in its group",
                path.display()
            )
        })?;
        let (mut from, mut to) = stream.into_split();
        let mut text = serde_json::to_vec(&command)?;
        text.push(b'\n');
        to.write_all(&text).await?;
        let mut answer = Vec::new();
        (&mut from).take(1 << 20).read_to_end(&mut answer).await?;
        serde_json::from_slice(&answer).context("the service gave no answer: it is ending, or of another version")
    };
    tokio::time::timeout(TIMEOUT, asking).await.context("the service does not answer")?
}

/// Not on this system yet.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub async fn ask(_path: &Path, _command: Command) -> anyhow::Result<Reply> {
    bail!("this command reaches the service on Linux and macOS only so far: end the recording on the review page")
}
