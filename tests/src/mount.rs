//! Disks that fill up, fail and are slow, for real: small file systems that root mounts for a test.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether this process may mount and shape; without it such tests say that they were left out.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A file system of its own at a folder; it goes when dropped.
#[derive(Debug)]
pub struct Mount {
    path: PathBuf,
    /// Image file and loop devices, the newest last; none for one in memory.
    image: Option<PathBuf>,
    devices: Vec<String>,
    groups: Vec<PathBuf>,
}

impl Mount {
    /// One in memory.
    pub fn tmpfs(path: &Path, mib: u32) -> Result<Self> {
        fs::create_dir_all(path)?;
        run("mount", &["-t", "tmpfs", "-o", &format!("size={mib}m"), "none", text(path)?])?;
        Ok(Self { path: path.into(), image: None, devices: Vec::new(), groups: Vec::new() })
    }

    /// ext4 on an image file beside the folder; an error makes it read-only, as distributions set it up.
    pub fn ext4(path: &Path, mib: u32) -> Result<Self> {
        fs::create_dir_all(path)?;
        let image = path.with_extension("img");
        fs::File::create(&image)?.set_len(u64::from(mib) << 20)?;
        run("mkfs.ext4", &["-q", "-m", "0", "-e", "remount-ro", text(&image)?])?;
        let mut mount = Self { path: path.into(), image: Some(image), devices: Vec::new(), groups: Vec::new() };
        mount.attach()?;
        Ok(mount)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another program's file takes all but so many bytes.
    pub fn fill(&self, leave_bytes: u64) -> Result<()> {
        let mut ballast = fs::File::options().append(true).create(true).open(self.ballast())?;
        let block = vec![0x5A_u8; 64 << 10];
        loop {
            let stat = nix::sys::statvfs::statvfs(&self.path)?;
            let free = stat.blocks_available() * stat.fragment_size();
            let more = usize::try_from(free.saturating_sub(leave_bytes))?.min(block.len());
            match ballast.write(&block[..more]) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => break,
                Err(error) => return Err(error).context("fill a disk"),
            }
        }
        ballast.sync_all().or_else(|error| if error.kind() == std::io::ErrorKind::StorageFull { Ok(()) } else { Err(error) })?;
        Ok(())
    }

    /// The other program's file goes.
    pub fn make_room(&self) -> Result<()> {
        fs::remove_file(self.ballast()).context("remove the file that fills a disk")
    }

    /// The kernel finds an error in the file system and makes it read-only, open files too.
    pub fn break_it(&self) -> Result<()> {
        let device = self.devices.last().context("only ext4 can be broken")?;
        let name = device.trim_start_matches("/dev/");
        fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "1").context("trigger an error of the file system")
    }

    /// Somebody checks the disk and mounts it again at its place, as another device, while programs still have files of the old one open.
    pub fn replace(&mut self) -> Result<()> {
        self.replace_after(|_| Ok(()))
    }

    /// The same; `harm` says what the disk has lost by then, at the folder where it lies meanwhile.
    pub fn replace_after(&mut self, harm: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let image = self.image.clone().context("only ext4 can be replaced")?;
        run("umount", &["-l", text(&self.path)?])?;
        // 1: errors were corrected.
        let status = Command::new("e2fsck").args(["-f", "-y", text(&image)?]).output().context("run e2fsck")?.status;
        ensure!(status.code().is_some_and(|code| code <= 1), "e2fsck ended with {status}");
        let repaired = self.path.with_extension("repaired");
        fs::create_dir_all(&repaired)?;
        self.attach_at(&repaired)?;
        let harmed = harm(&repaired);
        run("umount", &[text(&repaired)?])?;
        harmed?;
        self.attach()
    }

    /// From now on a process writes at most so many bytes a second to this disk: a sync takes as long as that. False where the kernel cannot do it.
    pub fn slow_down(&mut self, pid: u32, bytes_per_sec: u64) -> Result<bool> {
        let Some(group) = self.group(&format!("invigil-test-{pid}"), "write", bytes_per_sec)? else { return Ok(false) };
        fs::write(group.join("cgroup.procs"), pid.to_string()).context("slow a process's disk down")?;
        Ok(true)
    }

    /// A control group whose processes read at most so many bytes a second from this disk; 0 is any number again. `None` where the kernel cannot do it.
    pub fn slow_reads(&mut self, bytes_per_sec: u64) -> Result<Option<PathBuf>> {
        self.group(&format!("invigil-test-reads-{}", std::process::id()), "read", bytes_per_sec)
    }

    fn group(&mut self, name: &str, direction: &str, bytes_per_sec: u64) -> Result<Option<PathBuf>> {
        let root = Path::new("/sys/fs/cgroup/blkio");
        if !root.is_dir() {
            return Ok(None);
        }
        let number = fs::metadata(self.devices.last().context("only ext4 can be slowed down")?)?.rdev();
        let group = root.join(name);
        fs::create_dir_all(&group)?;
        self.groups.push(group.clone());
        let rule = format!("{}:{} {bytes_per_sec}", nix::sys::stat::major(number), nix::sys::stat::minor(number));
        fs::write(group.join(format!("blkio.throttle.{direction}_bps_device")), rule).context("slow a disk down")?;
        Ok(Some(group))
    }

    /// What the kernel still has in memory of this disk's files is gone: whoever reads them reads the disk.
    pub fn forget_cached(&self) -> Result<()> {
        run("sync", &[])?;
        fs::write("/proc/sys/vm/drop_caches", "1").context("drop the kernel's cache of files")
    }

    /// How long it takes to write and sync so many bytes as the slowed process does, ms.
    pub fn sync_ms(&self, bytes: usize) -> Result<u64> {
        let group = self.groups.last().context("the disk was not slowed down")?.join("cgroup.procs");
        let script = format!(
            "echo $$ > {}; exec dd if=/dev/zero of={} bs={bytes} count=1 conv=fdatasync status=none",
            text(&group)?,
            text(&self.path.join("probe"))?
        );
        let from = invigil_clock::boottime_us();
        run("sh", &["-c", &script])?;
        let took_ms = (invigil_clock::boottime_us() - from) / 1000;
        fs::remove_file(self.path.join("probe"))?;
        Ok(took_ms)
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    fn attach(&mut self) -> Result<()> {
        self.attach_at(&self.path.clone())
    }

    fn attach_at(&mut self, path: &Path) -> Result<()> {
        let image = self.image.clone().context("only ext4 lies on an image")?;
        let device = run("losetup", &["-f", "--show", text(&image)?])?.trim().to_owned();
        self.devices.push(device.clone());
        run("mount", &[&device, text(path)?])?;
        Ok(())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Whatever cannot be undone now is undone by the kernel when the last file is closed.
        let path = self.path.display().to_string();
        let _ = run("umount", &["-l", &path]);
        for device in &self.devices {
            let _ = run("losetup", &["-d", device]);
        }
        for group in &self.groups {
            let _ = fs::remove_dir(group);
        }
        if let Some(image) = &self.image {
            let _ = fs::remove_file(image);
        }
    }
}

/// Runs a program of the system; its output.
pub fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("run {program}"))?;
    if !output.status.success() {
        bail!("{program} {arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("the path is not UTF-8: {}", path.display()))
}
