//! A computer of its own, emulated, with the host's programs in it and a real V4L2 webcam that a test can stall and unplug: `tests/camera-vm/run.sh`.

use crate::{project_root, wait_for};
use anyhow::{Context, Result, bail};
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
        let runner = project_root().join("tests/camera-vm/run.sh");
        let output = std::fs::File::create(folder.with_extension("vm.log"))?;
        // What is downloaded the first time is no part of anybody's time limit.
        let fetched = Command::new(&runner).arg("--fetch").stdin(Stdio::null()).status().context("run tests/camera-vm/run.sh --fetch")?;
        if !fetched.success() {
            bail!("tests/camera-vm/run.sh --fetch failed: {fetched}");
        }
        let child = Command::new(&runner)
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("run tests/camera-vm/run.sh")?;
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
