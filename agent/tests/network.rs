//! Network interfaces that really come and go, in a network namespace of the test's own.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use invigil_agent::machine::network::{Network, interfaces};
use invigil_format::Event;
use std::process::Command;

/// Set in the copy of this test that runs inside the namespace.
const INSIDE: &str = "INVIGIL_TEST_IN_NAMESPACE";

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn interfaces_that_come_and_go_are_told_with_the_kinds_of_their_addresses() {
    if std::env::var_os(INSIDE).is_none() {
        let program = std::env::current_exe().unwrap();
        let name = "interfaces_that_come_and_go_are_told_with_the_kinds_of_their_addresses";
        // Root needs no user namespace, and has none in a changed root folder.
        let root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let inside = Command::new("unshare")
            .args(if root { &["--net"][..] } else { &["--user", "--map-root-user", "--net"] })
            .arg(program)
            .args(["--exact", name, "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&inside.stdout), String::from_utf8_lossy(&inside.stderr));
        assert!(inside.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let mut network = Network::default();
    let mut look = || match network.look(interfaces().unwrap()) {
        Some(Event::NetworkChanged { interfaces }) => Some(interfaces),
        None => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(look(), None);
    ip("link set lo up");
    assert_eq!(look(), None, "the loopback is no network");
    ip("link add cable0 type veth peer name wall0");
    ip("link set cable0 addrgenmode none");
    assert_eq!(look(), None, "it is there, and not up");
    ip("link set cable0 up");
    assert_eq!(look(), None, "it is up, and nothing is plugged in");
    ip("link set wall0 up");
    ip("addr flush dev wall0");
    let told = look().unwrap();
    assert!(told.contains(&"cable0: no address".to_owned()), "{told:?}");
    ip("addr add 192.0.2.7/24 dev cable0");
    let told = look().unwrap();
    assert!(told.contains(&"cable0: IPv4".to_owned()), "{told:?}");
    ip("addr add 2001:db8::7/64 dev cable0 nodad");
    let told = look().unwrap();
    assert!(told.contains(&"cable0: IPv4, IPv6".to_owned()), "{told:?}");
    assert!(told.iter().all(|line| !line.contains("192.0.2") && !line.contains("db8")), "{told:?}");
    ip("link set wall0 down");
    assert_eq!(look(), Some(Vec::new()), "the cable was pulled");
}
