//! By hand, by somebody who has no rights on the computer but to write into a folder.

use super::{LIMIT, Room, exam, wait_said};
use invigil_tests::agent::Agent;
use invigil_tests::binary;
use invigil_tests::mount::is_root;
use invigil_tests::server::{PASSPHRASE, PASSWORD, Server};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

/// Debian's user `nobody`.
const NOBODY: u32 = 65_534;

/// The program as somebody runs it who owns nothing here, has no capability and cannot get one.
fn without_rights(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let id = NOBODY.to_string();
    command.args(["--reuid", &id, "--regid", &id, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]);
    command.arg(program);
    command
}

/// Issue: no installation rights are needed to run the service by hand: it records, answers and ends with a receipt.
#[test]
fn a_room_is_recorded_by_hand_by_somebody_without_any_rights() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let (program, folder) = (home.path().join("invigil-agent"), home.path().join("mine"));
    std::fs::copy(binary("invigil-agent").unwrap(), &program).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let room = Room::new(&folder, &server, "Hall 9");
    if is_root() {
        [&folder, &room.config].into_iter().for_each(|path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap());
    }
    let now = invigil_clock::wall_ms();
    let recording = exam(&server, "Hall 9", "By hand", now - 1_000, now + 3_600_000);
    let mut service = Agent::service_by(without_rights(&program), &room.config, &[("INVIGIL_ROOM_CODE", &room.code)]).unwrap();
    wait_said(&service, "enrolled", 1);
    room.wait_recorded(recording, 6_000);
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid().unwrap())).unwrap();
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap_or_default();
    assert!(!line("Uid:").split_whitespace().any(|id| id == "0") && line("CapEff:").trim_start_matches('0').is_empty(), "{status}");

    let mut collected = without_rights(&program);
    collected.args(["collected", "--early", "--config"]).arg(&room.config).stdin(Stdio::null());
    let collected = collected.output().unwrap();
    assert!(collected.status.success(), "{}", String::from_utf8_lossy(&collected.stderr));
    room.receipt(recording);
    assert_eq!(server.recording(recording).unwrap().state, "finished");
    assert!(service.stop(LIMIT).unwrap().success());
}
