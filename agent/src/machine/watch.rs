//! Feeds the watchers: clocks and interfaces every second or two, probes beside them, each with a time-out and none in anybody's way.

use super::clocks::{Clocks, Reading};
use super::network::{Network, interfaces};
use super::probes::{Probe, gateway, host_and_port, is_name};
use crate::journal::Journal;
use crate::link::LinkState;
use invigil_format::{Event, ProbeTarget};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;

/// Distance of looks at the clocks; every second look is at the interfaces, too.
const EVERY: Duration = Duration::from_secs(1);
/// How long a probe may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Any port of a gateway will do: refusing is an answer.
const GATEWAY_PORT: u16 = 53;

/// What to watch.
pub struct Watch {
    /// Where it is told.
    pub journal: Journal,
    /// Says whether our server answers.
    pub link: Arc<LinkState>,
    /// `https://HOST:PORT` of our server.
    pub server: String,
    /// Exam platform, if there is one.
    pub platform_url: Option<String>,
}

/// Where a probe goes.
#[derive(Debug, Clone)]
enum Aim {
    Host(String, u16),
    Gateway,
    Name(String),
}

struct Probed {
    probe: Probe,
    aim: Aim,
    busy: bool,
}

struct Answer {
    place: usize,
    start_us: u64,
    end_us: u64,
    result: Result<(), String>,
}

/// Watches until dropped.
pub async fn watch(watch: Watch) {
    let (mut clocks, mut network) = (Clocks::default(), Network::default());
    let mut probes: Vec<Probed> =
        aims(&watch).into_iter().map(|(target, aim)| Probed { probe: Probe::new(target), aim, busy: false }).collect();
    let mut running: JoinSet<Answer> = JoinSet::new();
    let mut second = 0_u64;
    let tell = |event: Event| {
        tracing::info!(?event, "noticed");
        watch.journal.record(event);
    };
    loop {
        if let Some(reading) = Reading::now() {
            clocks.look(reading).into_iter().for_each(tell);
        }
        if second.is_multiple_of(2)
            && let Some(interfaces) = interfaces()
        {
            network.look(interfaces).into_iter().for_each(tell);
        }
        second = second.wrapping_add(1);
        let (up, _) = watch.link.now();
        let now_us = invigil_clock::boottime_us();
        for (place, probed) in probes.iter_mut().enumerate() {
            if up && probed.probe.target() == ProbeTarget::Server {
                probed.probe.known_good(now_us).into_iter().for_each(tell);
            } else if !probed.busy && probed.probe.is_due(now_us, up) {
                probed.busy = true;
                running.spawn(ask(place, probed.aim.clone(), now_us));
            }
        }
        let until = tokio::time::sleep(EVERY);
        tokio::pin!(until);
        loop {
            tokio::select! {
                () = &mut until => break,
                Some(Ok(Answer { place, start_us, end_us, result })) = running.join_next() => {
                    if let Some(probed) = probes.get_mut(place) {
                        probed.busy = false;
                        probed.probe.result(start_us, end_us, result).into_iter().for_each(tell);
                    }
                }
            }
        }
    }
}

fn aims(watch: &Watch) -> Vec<(ProbeTarget, Aim)> {
    let server = host_and_port(&watch.server);
    let platform = watch.platform_url.as_deref().and_then(host_and_port);
    let name = [&server, &platform].into_iter().flatten().map(|(host, _)| host).find(|host| is_name(host)).cloned();
    let host = |target, of: Option<(String, u16)>| of.map(|(host, port)| (target, Aim::Host(host, port)));
    host(ProbeTarget::Server, server)
        .into_iter()
        .chain([(ProbeTarget::Gateway, Aim::Gateway)])
        .chain(name.map(|name| (ProbeTarget::Dns, Aim::Name(name))))
        .chain(host(ProbeTarget::Platform, platform))
        .collect()
}

async fn ask(place: usize, aim: Aim, start_us: u64) -> Answer {
    let asked = async {
        match &aim {
            Aim::Host(host, port) => connect((host.as_str(), *port)).await.map_err(|error| error.to_string()),
            Aim::Gateway => {
                let table = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
                match gateway(&table) {
                    Some(address) => match connect(SocketAddr::from((address, GATEWAY_PORT))).await {
                        Err(error) if error.kind() != ErrorKind::ConnectionRefused => Err(error.to_string()),
                        _ => Ok(()),
                    },
                    None => Err("there is no default route".to_owned()),
                }
            }
            Aim::Name(name) => match lookup_host((name.as_str(), 0)).await.map(|mut found| found.next()) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err("the name has no address".to_owned()),
                Err(error) => Err(error.to_string()),
            },
        }
    };
    let result = tokio::time::timeout(TIMEOUT, asked).await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
    Answer { place, start_us, end_us: invigil_clock::boottime_us(), result }
}

async fn connect(to: impl tokio::net::ToSocketAddrs) -> std::io::Result<()> {
    TcpStream::connect(to).await.map(drop)
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal;
    use crate::testing::World;
    use std::process::{Child, Command};

    /// Set in the copy of this test that runs inside a network namespace.
    const INSIDE: &str = "INVIGIL_TEST_IN_NAMESPACE";

    fn run(program: &str, arguments: &str) {
        let output = Command::new(program).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{program} {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The room's router: another network namespace at the other end of a cable.
    struct Router(Child);

    impl Router {
        fn new() -> Self {
            let router = Self(Command::new("unshare").args(["--net", "sleep", "300"]).spawn().unwrap());
            // It has a namespace of its own as soon as `sleep` runs in it.
            while std::fs::read(format!("/proc/{}/comm", router.0.id())).unwrap() != b"sleep\n" {
                std::thread::sleep(Duration::from_millis(10));
            }
            run("ip", &format!("link add cable0 type veth peer name wall0 netns {}", router.0.id()));
            run("ip", "addr add 192.0.2.7/24 dev cable0");
            run("ip", "link set cable0 up");
            router.ip("link set lo up");
            router.ip("addr add 192.0.2.1/24 dev wall0");
            router.ip("link set wall0 up");
            run("ip", "route add default via 192.0.2.1");
            router
        }

        fn ip(&self, arguments: &str) {
            run("nsenter", &format!("--net=/proc/{}/ns/net ip {arguments}", self.0.id()));
        }
    }

    impl Drop for Router {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn a_router_that_goes_and_comes_back_is_journalled_with_the_interfaces() {
        if std::env::var_os(INSIDE).is_none() {
            let name = "machine::watch::tests::a_router_that_goes_and_comes_back_is_journalled_with_the_interfaces";
            let mut inside = Command::new("unshare");
            // Root needs no user namespace, and has none in a changed root folder.
            let root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
            inside.args(if root { &["--net"][..] } else { &["--user", "--map-root-user", "--net"] }).arg(std::env::current_exe().unwrap());
            let inside = inside.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output().unwrap();
            let said = format!("{}{}", String::from_utf8_lossy(&inside.stdout), String::from_utf8_lossy(&inside.stderr));
            assert!(inside.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        let router = Router::new();
        let (dir, world) = (tempfile::tempdir().unwrap(), World::new());
        let path = dir.path().join("journal.jsonl");
        let journal = Journal::create(&path, &world.run(), None).unwrap();
        let events = || journal::events(&journal::load(&path, false).unwrap()).map(|entry| entry.event).collect::<Vec<_>>();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        // The link counts as down, so that probes come often.
        let watched = Watch { journal, link: Arc::default(), server: "https://192.0.2.1:7443".into(), platform_url: None };
        runtime.spawn(watch(watched));
        let wait = |what: &str, is: &dyn Fn(&Event) -> bool| {
            let limit_us = invigil_clock::boottime_us() + 60_000_000;
            while !events().iter().any(is) {
                assert!(invigil_clock::boottime_us() < limit_us, "waited for {what} in vain: {:?}", events());
                std::thread::sleep(Duration::from_millis(100));
            }
        };
        // Its first answer, a refusal, is no event: one probe's time-out is enough for it.
        std::thread::sleep(TIMEOUT + EVERY);
        assert_eq!(events(), []);
        router.ip("link set wall0 down");
        wait("the pulled cable", &|event| matches!(event, Event::NetworkChanged { interfaces } if interfaces.is_empty()));
        wait("the silent router", &|event| matches!(event, Event::ProbeFailed { target: ProbeTarget::Gateway, .. }));
        router.ip("link set wall0 up");
        wait("the cable", &|event| matches!(event, Event::NetworkChanged { interfaces } if interfaces[..] == ["cable0: IPv4".to_owned()]));
        let is_back = |event: &Event| matches!(event, Event::ProbeBack { target: ProbeTarget::Gateway, since_us, until_us, attempts } if since_us < until_us && *attempts >= 2);
        wait("the router", &is_back);
        assert!(!events().iter().any(|event| matches!(event, Event::ProbeFailed { target: ProbeTarget::Server, .. })), "it never answered");
        runtime.shutdown_background();
    }
}
