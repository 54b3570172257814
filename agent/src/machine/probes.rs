//! Whether what stands outside answers. A probe connects by TCP and says nothing.

use invigil_format::{Event, ProbeTarget};

/// Distance of probes while all is well, us.
pub const EVERY_US: u64 = 30_000_000;
/// The same while the link is down or the target does not answer, us.
pub const HURRY_US: u64 = 5_000_000;
/// Failures in a row that count: one may be a lost packet.
const FAILURES: u64 = 2;

/// What is known of one target.
#[derive(Debug, Clone)]
pub struct Probe {
    target: ProbeTarget,
    answered: bool,
    failing: Option<Failing>,
    due_us: u64,
}

#[derive(Debug, Clone, Copy)]
struct Failing {
    since_us: u64,
    attempts: u64,
}

impl Probe {
    /// Nothing is known; it is due at once.
    pub fn new(target: ProbeTarget) -> Self {
        Self { target, answered: false, failing: None, due_us: 0 }
    }

    /// What is probed.
    pub fn target(&self) -> ProbeTarget {
        self.target
    }

    /// Whether to probe now. Our own server is asked by heartbeats while the link is up, and only else by a probe.
    pub fn is_due(&self, now_us: u64, link_up: bool) -> bool {
        let hurry = !link_up || self.failing.is_some();
        let wanted = self.target != ProbeTarget::Server || hurry;
        // `due_us` is that of the slower pace.
        wanted && now_us >= self.due_us.saturating_sub(if hurry { EVERY_US - HURRY_US } else { 0 })
    }

    /// Our own server answered a heartbeat: as good as a probe.
    pub fn known_good(&mut self, now_us: u64) -> Option<Event> {
        self.result(now_us, now_us, Ok(()))
    }

    /// The result of a probe from `start_us` to `end_us`. A target that has never answered is not said to have stopped.
    pub fn result(&mut self, start_us: u64, end_us: u64, result: Result<(), String>) -> Option<Event> {
        self.due_us = start_us.saturating_add(EVERY_US);
        let target = self.target;
        match result {
            Ok(()) => {
                self.answered = true;
                let Failing { since_us, attempts } = self.failing.take()?;
                (attempts >= FAILURES).then_some(Event::ProbeBack { target, since_us, until_us: end_us, attempts })
            }
            Err(_) if !self.answered => None,
            Err(error) => {
                let failing = self.failing.get_or_insert(Failing { since_us: start_us, attempts: 0 });
                failing.attempts += 1;
                let since_us = failing.since_us;
                (failing.attempts == FAILURES).then(|| Event::ProbeFailed { target, since_us, error: error.chars().take(200).collect() })
            }
        }
    }
}

/// The gateway of the default route with the least metric, from `/proc/net/route`.
pub fn gateway(table: &str) -> Option<std::net::Ipv4Addr> {
    const UP_AND_GATEWAY: u32 = 3;
    let routes = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, destination, gateway, flags, _, _, metric, mask, ..] = fields[..] else { return None };
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        let default = hex(destination)? == 0 && hex(mask)? == 0 && hex(flags)? & UP_AND_GATEWAY == UP_AND_GATEWAY;
        default.then_some((metric.parse::<u32>().ok()?, hex(gateway)?))
    });
    // The kernel prints the address as it lies in memory.
    routes.min().map(|(_, address)| std::net::Ipv4Addr::from(address.to_ne_bytes()))
}

/// Host and port of an `http` or `https` URL.
pub fn host_and_port(url: &str) -> Option<(String, u16)> {
    let url = reqwest::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some((host, url.port_or_known_default()?))
}

/// Whether a host is a name that somebody must look up.
pub fn is_name(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    #[test]
    fn two_failures_in_a_row_are_told_once_and_the_return_with_its_bounds() {
        let mut probe = Probe::new(ProbeTarget::Gateway);
        let failed = || Err("no answer in time".to_owned());
        assert_eq!(probe.result(0, S, failed()), None, "it has never answered");
        assert_eq!(probe.result(S, 2 * S, failed()), None);
        assert_eq!(probe.result(2 * S, 3 * S, Ok(())), None);
        assert_eq!(probe.result(4 * S, 7 * S, failed()), None);
        assert_eq!(probe.result(8 * S, 9 * S, Ok(())), None, "one failure is nothing");
        assert_eq!(probe.result(10 * S, 13 * S, failed()), None);
        let told = Event::ProbeFailed { target: ProbeTarget::Gateway, since_us: 10 * S, error: "no answer in time".into() };
        assert_eq!(probe.result(15 * S, 18 * S, failed()), Some(told));
        assert_eq!(probe.result(20 * S, 23 * S, failed()), None);
        let back = Event::ProbeBack { target: ProbeTarget::Gateway, since_us: 10 * S, until_us: 26 * S, attempts: 3 };
        assert_eq!(probe.result(25 * S, 26 * S, Ok(())), Some(back));
    }

    #[test]
    fn probes_are_rare_while_all_is_well_and_the_server_is_left_alone() {
        let mut probe = Probe::new(ProbeTarget::Platform);
        assert!(probe.is_due(0, true));
        probe.result(100 * S, 101 * S, Ok(()));
        assert!(!probe.is_due(129 * S, true) && probe.is_due(130 * S, true));
        assert!(!probe.is_due(104 * S, false) && probe.is_due(105 * S, false));
        probe.result(130 * S, 133 * S, Err("refused".into()));
        assert!(!probe.is_due(134 * S, true) && probe.is_due(135 * S, true), "a failure is looked into soon");
        let mut server = Probe::new(ProbeTarget::Server);
        assert!(!server.is_due(1000 * S, true) && server.is_due(1000 * S, false));
        assert_eq!(server.known_good(1000 * S), None);
        server.result(1001 * S, 1004 * S, Err("no route".into()));
        assert!(
            matches!(server.result(1006 * S, 1009 * S, Err("no route".into())), Some(Event::ProbeFailed { since_us, .. }) if since_us == 1001 * S)
        );
        assert!(matches!(server.known_good(1020 * S), Some(Event::ProbeBack { until_us, .. }) if until_us == 1020 * S));
    }

    #[test]
    fn the_gateway_is_that_of_the_best_default_route() {
        let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        // As a little-endian machine prints 192.168.1.1 and 10.0.0.1.
        let rows = "eth0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\nwlan0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\neth0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n";
        let expected = if cfg!(target_endian = "little") { [10, 0, 0, 1] } else { [1, 0, 0, 10] };
        assert_eq!(gateway(&format!("{head}{rows}")), Some(expected.into()));
        assert_eq!(gateway(head), None);
        assert_eq!(gateway("rubbish\nmore rubbish\n"), None);
    }

    #[test]
    fn hosts_are_taken_out_of_urls() {
        assert_eq!(host_and_port("https://moodle.example.kz/login"), Some(("moodle.example.kz".into(), 443)));
        assert_eq!(host_and_port("http://[::1]:8080"), Some(("::1".into(), 8080)));
        assert_eq!(host_and_port("Moodle"), None);
        assert_eq!(host_and_port("ftp://x"), None);
        assert!(is_name("moodle.example.kz") && !is_name("::1") && !is_name("10.0.0.1"));
    }
}
