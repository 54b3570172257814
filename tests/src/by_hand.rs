//! What an administrator would take instead of the product: ffmpeg, age and curl (`tests/bench/by-hand.sh`), and an HTTPS server that keeps what it gets.

use crate::project_root;
use anyhow::{Context, Result, bail, ensure};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running HTTPS server with a folder, a certificate and somebody for whom is sealed; it ends when dropped.
#[derive(Debug)]
pub struct Shelf {
    child: Child,
    kept: PathBuf,
    certificate: PathBuf,
    port: u16,
    recipient: String,
}

impl Shelf {
    /// Starts it in a folder that does not exist yet.
    pub fn start(folder: &Path) -> Result<Self> {
        let kept = folder.join("kept");
        std::fs::create_dir_all(&kept).with_context(|| format!("make {}", kept.display()))?;
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let words =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";
        let made = Command::new("openssl").args(words.split(' ')).arg("-keyout").arg(&key).arg("-out").arg(&certificate).output();
        ensure!(made.context("run openssl")?.status.success(), "openssl made no certificate");
        let made = Command::new("age-keygen").arg("-o").arg(folder.join("age.key")).output().context("run age-keygen")?;
        let said = String::from_utf8_lossy(&made.stderr);
        let recipient =
            said.split_whitespace().find(|word| word.starts_with("age1")).context("age-keygen names the public key")?.to_owned();
        let mut child = Command::new("/usr/bin/python3")
            .arg(project_root().join("tests/bench/shelf.py"))
            .args([&kept, &certificate, &key])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("start tests/bench/shelf.py")?;
        let line = BufReader::new(child.stdout.take().context("its output")?).lines().next();
        let port = line.and_then(Result::ok).and_then(|line| line.trim().parse().ok());
        let Some(port) = port else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("tests/bench/shelf.py did not say where it listens");
        };
        Ok(Self { child, kept, certificate, port, recipient })
    }

    /// Files that it keeps.
    pub fn files(&self) -> Result<usize> {
        Ok(crate::disk::files(&self.kept)?.len())
    }

    /// Throws them away.
    pub fn clear(&self) -> Result<()> {
        crate::disk::files(&self.kept)?.iter().try_for_each(|file| std::fs::remove_file(file).context("remove what was kept"))
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `by-hand.sh` with ffmpeg's arguments up to the encoder's options; `folder` must be there.
pub fn command(shelf: &Shelf, folder: &Path, encode: &[String]) -> Result<Command> {
    let mut command = Command::new("/bin/bash");
    command.arg(project_root().join("tests/bench/by-hand.sh")).arg(folder).arg(&shelf.recipient);
    command.arg(format!("https://127.0.0.1:{}", shelf.port)).arg(&shelf.certificate).args(encode);
    Ok(command)
}
