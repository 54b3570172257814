//! What child processes are given: this program's own sub-commands that touch drivers, and nothing that is secret.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::panic::{UnwindSafe, catch_unwind};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Variables of this program that hold secrets: cameras with their passwords, an exam's join code, a room's code.
const SECRETS: [&str; 3] = [crate::capture::given::VARIABLE, "INVIGIL_JOIN", crate::service::config::CODE_VARIABLE];

/// This program with a sub-command, with pipes to talk to it by and without anything secret in its environment. What drivers print is thrown away.
///
/// # Errors
/// Those of asking where this program is.
pub fn command(name: &str) -> io::Result<Command> {
    let mut command = Command::new(program()?);
    without_secrets(command.arg(name)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    Ok(command)
}

/// This very program, also when another version lies in its place since: its name would lead to that, or to nothing.
fn program() -> io::Result<PathBuf> {
    let named = std::env::current_exe()?;
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let running = Path::new("/proc/self/exe");
        let file = |path: &Path| std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
        if let Ok(itself) = file(running)
            && file(&named).ok() != Some(itself)
        {
            return Ok(running.to_owned());
        }
    }
    Ok(named)
}

/// Takes away the variables of this process that are secrets, or are none of a driver's business and may hold one: proxies' addresses.
fn without_secrets(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_secret(name)) {
        command.env_remove(name);
    }
    command
}

/// In the child: ends the process as soon as standard input closes, so that it never outlives the agent.
pub fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}

/// In the child: runs what a driver's libraries do, which may panic where `whose` driver says what they do not know.
///
/// # Errors
/// Those of `work`, and its panic.
pub fn guarded(whose: &str, work: impl FnOnce() -> anyhow::Result<()> + UnwindSafe) -> anyhow::Result<()> {
    catch_unwind(work).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(anyhow::anyhow!("{whose} says what this program does not understand: {}", text.unwrap_or("no text")))
    })
}

fn is_secret(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    SECRETS.contains(&name.as_str()) || name.ends_with("_PROXY")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set in the copy of this test that has the secrets.
    const INSIDE: &str = "INVIGIL_TEST_CHILD";

    #[test]
    fn a_library_that_panics_is_an_error_with_its_words() {
        let error = guarded("the camera's driver", || panic!("format {}", 7)).unwrap_err();
        assert_eq!(error.to_string(), "the camera's driver says what this program does not understand: format 7");
        assert_eq!(guarded("it", || anyhow::bail!("unplugged")).unwrap_err().to_string(), "unplugged");
        guarded("it", || Ok(())).unwrap();
    }

    /// A copy of this test program replaces itself by another file, as an update does, and then starts itself.
    #[test]
    #[cfg(target_os = "linux")]
    fn after_an_update_the_children_are_those_of_the_running_program() {
        if std::env::var_os(INSIDE).is_some_and(|how| how == "update") {
            let named = std::env::current_exe().unwrap();
            std::fs::remove_file(&named).unwrap();
            std::fs::write(&named, "another version").unwrap();
            let list = Command::new(program().unwrap()).args(["--list"]).output().unwrap();
            assert!(String::from_utf8_lossy(&list.stdout).contains("after_an_update_the_children"), "{list:?}");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("agent");
        std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        let name = "child::tests::after_an_update_the_children_are_those_of_the_running_program";
        let inside = Command::new(&copy).args(["--exact", name, "--nocapture"]).env(INSIDE, "update").output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&inside.stdout), String::from_utf8_lossy(&inside.stderr));
        assert!(inside.status.success() && said.contains("1 passed"), "{said}");
        assert_eq!(program().unwrap(), std::env::current_exe().unwrap(), "where nothing was replaced its own name is good");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_process_is_given_no_secret_and_all_else() {
        let given = ["INVIGIL_CAMERAS", "INVIGIL_JOIN", "INVIGIL_ROOM_CODE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"];
        if std::env::var_os(INSIDE).is_none() {
            let mut inside = Command::new(std::env::current_exe().unwrap());
            inside.envs(given.map(|name| (name, "http://user:hush@192.0.2.1:3128")));
            let name = "child::tests::a_child_process_is_given_no_secret_and_all_else";
            let inside = inside.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output().unwrap();
            let said = format!("{}{}", String::from_utf8_lossy(&inside.stdout), String::from_utf8_lossy(&inside.stderr));
            assert!(inside.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        assert_eq!(std::env::var("https_proxy").unwrap(), "http://user:hush@192.0.2.1:3128");
        let mut child = without_secrets(Command::new("sleep").arg("300")).spawn().unwrap();
        // It has an environment of its own as soon as `sleep` runs in it; the name is there before the environment is.
        let read = |what: &str| std::fs::read(format!("/proc/{}/{what}", child.id())).unwrap();
        while read("comm") != b"sleep\n" || read("environ").is_empty() {
            std::thread::yield_now();
        }
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(environment.contains(INSIDE), "{environment}");
        assert!(!environment.contains("hush"), "{environment}");
        // Those that are started are made by the same function.
        let made = command("camera-child").unwrap();
        assert!(given.iter().all(|name| made.get_envs().any(|(known, value)| known == *name && value.is_none())), "{made:?}");
    }
}
