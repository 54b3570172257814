//! Which network interfaces are up and what kind of address each has. Never an address: it could say where somebody lives.

use invigil_format::Event;
use std::collections::BTreeMap;

/// More are not listed: a machine that makes interfaces by the hundred must not fill the journal.
const MAX_LISTED: usize = 32;

/// Kinds of addresses of one interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// An IPv4 address other than a self-assigned one.
    pub ipv4: bool,
    /// An IPv6 address other than a link-local one.
    pub ipv6: bool,
}

/// Interfaces that are up and connected, without the loopback, by name.
pub type Interfaces = BTreeMap<String, Kinds>;

/// Notices changes.
#[derive(Debug, Clone, Default)]
pub struct Network {
    last: Option<Interfaces>,
}

impl Network {
    /// A look; the first one is where changes are counted from.
    pub fn look(&mut self, now: Interfaces) -> Option<Event> {
        let last = self.last.replace(now.clone())?;
        (last != now).then(|| Event::NetworkChanged { interfaces: describe(&now) })
    }
}

fn describe(interfaces: &Interfaces) -> Vec<String> {
    let one = |(name, kinds): (&String, &Kinds)| {
        let kind = match (kinds.ipv4, kinds.ipv6) {
            (true, true) => "IPv4, IPv6",
            (true, false) => "IPv4",
            (false, true) => "IPv6",
            (false, false) => "no address",
        };
        format!("{name}: {kind}")
    };
    interfaces.iter().take(MAX_LISTED).map(one).collect()
}

/// The interfaces of this machine; `None` if they cannot be listed.
#[cfg(unix)]
pub fn interfaces() -> Option<Interfaces> {
    use nix::net::if_::InterfaceFlags;
    let mut found = Interfaces::new();
    for entry in nix::ifaddrs::getifaddrs().ok()? {
        let up = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
        if !entry.flags.contains(up) || entry.flags.contains(InterfaceFlags::IFF_LOOPBACK) {
            continue;
        }
        let kinds = found.entry(entry.interface_name).or_default();
        let Some(address) = entry.address else { continue };
        if let Some(v4) = address.as_sockaddr_in() {
            kinds.ipv4 |= !v4.ip().is_link_local();
        } else if let Some(v6) = address.as_sockaddr_in6() {
            kinds.ipv6 |= !v6.ip().is_unicast_link_local();
        }
    }
    Some(found)
}

/// The interfaces of this machine; `None` if they cannot be listed.
#[cfg(not(unix))]
pub fn interfaces() -> Option<Interfaces> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told_and_never_an_address() {
        let up = |list: &[(&str, bool, bool)]| {
            list.iter().map(|(name, ipv4, ipv6)| ((*name).to_owned(), Kinds { ipv4: *ipv4, ipv6: *ipv6 })).collect::<Interfaces>()
        };
        let mut network = Network::default();
        assert_eq!(network.look(up(&[("wlan0", true, true)])), None);
        assert_eq!(network.look(up(&[("wlan0", true, true)])), None);
        let told = |event: Option<Event>| match event {
            Some(Event::NetworkChanged { interfaces }) => interfaces,
            other => panic!("{other:?}"),
        };
        assert_eq!(told(network.look(up(&[]))), Vec::<String>::new());
        assert_eq!(told(network.look(up(&[("eth0", true, false), ("wlan0", false, false)]))), ["eth0: IPv4", "wlan0: no address"]);
        assert_eq!(told(network.look(up(&[("eth0", true, false), ("wlan0", false, true)])))[1], "wlan0: IPv6");
    }

    #[test]
    #[cfg(unix)]
    fn this_machines_interfaces_can_be_listed_and_the_loopback_is_none() {
        assert!(!interfaces().unwrap().contains_key("lo"));
    }
}
