#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use anyhow::{Context, Result, ensure};
use invigil_format::{Event, FrameKind, ProbeTarget, Scanner};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::line::{Family, GOOD, Line, Peer, SERVER, SERVER_BEHIND, SERVER_V6, Shape, has_own_mounts};
use invigil_tests::mount::{is_root, run};
use invigil_tests::server::{Exam, Join, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, journal, wait_for};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(90);
const PORT: u16 = 8443;
const NAME: &str = "proctor.test";
const THIN: &str = "256 kbit/s";

/// An exam of one candidate, on a server that listens at `address` in a namespace.
struct Sitting {
    server: Server,
    home: tempfile::TempDir,
    join: Join,
    late: Join,
}

impl Sitting {
    fn begin(namespace: Option<&str>, address: Option<SocketAddr>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("server");
        let mut server = match address {
            Some(address) => Server::init_at(&dir, PASSWORD, PASSPHRASE, address).unwrap(),
            None => Server::init(&dir, PASSWORD, PASSPHRASE).unwrap(),
        };
        namespace.into_iter().for_each(|name| server.set_namespace(name));
        server.start().unwrap();
        let now = invigil_clock::wall_ms();
        let exam = Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Candidate:1", "Late:2"] };
        // Stands where the server stands, under a name that only one of the networks knows.
        let joins = server.add_exam_with(&exam, &["--platform", &format!("https://{NAME}:{PORT}/exam")]).unwrap().joins;
        let [join, late] = [0, 1].map(|index| joins[index].clone());
        Self { server, home, join, late }
    }

    fn spool(&self) -> PathBuf {
        self.home.path().join("spool")
    }

    fn start(&self, namespace: &str, url: &str, camera: &str, environment: &[(&str, &str)]) -> Agent {
        let spool = self.spool();
        let start = Start { url, join: &self.join.join, spool: &spool, cameras: &[camera.to_owned()], environment };
        Agent::start_in(namespace, &start).unwrap()
    }

    /// Ends the agent; everything is stored, opens and has no gap.
    fn end(&self, mut agent: Agent) -> Result<()> {
        let status = agent.stop(Duration::from_secs(180))?;
        ensure!(status.success(), "the agent ended with {status}");
        let out = self.home.path().join("opened");
        let (report, whole) = self.server.open_footage(self.join.recording, &out)?;
        ensure!(whole, "the offline tool complains: {report}");
        let video =
            disk::files(&out)?.into_iter().find(|file| file.extension().is_some_and(|end| end == "mp4")).context("a playable file")?;
        let decoded = decode::decode(&video)?;
        ensure!(decoded.errors.is_empty(), "the decoder complains: {:?}", decoded.errors);
        ensure!(decoded.doubled() == 0, "{} pictures are there twice", decoded.doubled());
        // A machine that is too busy drops pictures, and says when; the line must cost none.
        let dropped = journal::events(&self.spool())?.into_iter().filter_map(|event| match event {
            Event::FramesDropped { stretch: Some(stretch), .. } => Some((stretch.to_us - stretch.from_us) as f64 / 1e6 + 1.2),
            _ => None,
        });
        let (explained_secs, gaps) = (dropped.sum::<f64>(), decoded.gaps(1.2));
        let gaps_secs: f64 = gaps.iter().map(|(_, secs)| secs).sum();
        ensure!(gaps_secs <= explained_secs, "gaps: {gaps:?}, of which dropped pictures explain {explained_secs:.1} s at most");
        Ok(())
    }

    /// How far the newest footage on the server is behind now, ms: one machine, one boot clock.
    fn behind_ms(&self) -> u64 {
        let newest_us = newest_chunk_us(self.server.dir()).unwrap_or(0);
        invigil_clock::boottime_us().saturating_sub(newest_us) / 1000
    }

    /// Looks for so long; how far the newest footage was behind at most and on average, ms.
    fn watch(&self, secs: u64) -> (u64, u64) {
        let looks: Vec<u64> = (0..secs * 2)
            .map(|_| {
                std::thread::sleep(Duration::from_millis(500));
                self.behind_ms()
            })
            .collect();
        (looks.iter().copied().max().unwrap_or(0), looks.iter().sum::<u64>() / looks.len().max(1) as u64)
    }
}

/// When the newest chunk that lies on a server ended, boot time in us.
fn newest_chunk_us(server: &Path) -> Result<u64> {
    let mut newest = 0;
    for file in disk::files(server)? {
        let bytes = std::fs::read(&file).unwrap_or_default();
        if bytes.starts_with(b"\x89IVS\r\n\x1a\n") {
            let mut scanner = Scanner::new();
            // A file that grows may end inside a frame.
            let _ = scanner.feed(&bytes);
            let chunks = scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk);
            newest = chunks.map(|chunk| chunk.at.boottime_us + u64::from(chunk.duration_us)).max().unwrap_or(0).max(newest);
        }
    }
    Ok(newest)
}

fn links_lost(spool: &Path) -> Result<usize> {
    Ok(journal::events(spool)?.iter().filter(|event| matches!(event, Event::LinkLost { .. })).count())
}

fn wait_link(agent: &Agent, state: &str) -> Result<()> {
    wait_for(&format!("the link is {state}"), LIMIT, || Ok(agent.latest("link").is_some_and(|link| link == state).then_some(())))
}

fn clip() -> String {
    format!("file:{}", invigil_tests::clip().unwrap().display())
}

fn at(host: &str) -> Option<SocketAddr> {
    Some(SocketAddr::new(host.parse().unwrap(), PORT))
}

/// Pictures a second to which the rate was lowered because of the link, and to which it rose again, in order.
fn rates(spool: &Path) -> Vec<u32> {
    let rate = |event| match event {
        Event::RateLowered { fps, reason, .. } if reason.contains("the link is thin") => Some(fps),
        Event::RateRaised { fps, .. } => Some(fps),
        _ => None,
    };
    journal::events(spool).unwrap().into_iter().filter_map(rate).collect()
}

/// Issue: a link of 256 kbit/s, 5 % loss each way, 600 ms there and back. The newest footage stays close, nothing is lost, nobody is called disconnected; on a
/// line that is too thin the picture rate falls, and comes back by itself.
#[test]
fn a_thin_a_lossy_and_a_long_line_keep_footage_close_and_lose_nothing() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can make network namespaces");
        return;
    }
    let mut line = Line::open(Family::V4).unwrap();
    let sitting = Sitting::begin(Some(line.server()), at(SERVER));
    let mut agent = sitting.start(line.agent(), &sitting.server.url(), &clip(), &[]);
    agent.wait_recorded(6_000, LIMIT).unwrap();
    let shapes = [
        ("good", GOOD),
        (THIN, Shape { kbits: 256, round_trip_ms: 40, ..GOOD }),
        ("5 % lost each way", Shape { round_trip_ms: 40, loss_percent: 5.0, ..GOOD }),
        ("600 ms there and back", Shape { round_trip_ms: 600, ..GOOD }),
    ];
    let mut rows = Vec::new();
    eprintln!("{:24} {:>12} {:>12} {:>11}  capture", "line", "behind ms", "on average", "links lost");
    for (name, shape) in shapes {
        line.shape(shape).unwrap();
        let lost = links_lost(&sitting.spool()).unwrap();
        std::thread::sleep(Duration::from_secs(8));
        // A line that is too thin takes some seconds until the rate has fallen, the longer the busier this machine is.
        let (settling_ms, _) = sitting.watch(if name == THIN { 12 } else { 0 });
        let (most_ms, average_ms) = sitting.watch(if shape == GOOD { 10 } else { 30 });
        let lost = links_lost(&sitting.spool()).unwrap() - lost;
        let (capture, fps) = (agent.latest("capture").unwrap(), rates(&sitting.spool()));
        eprintln!(
            "{name:24} {most_ms:>12} {average_ms:>12} {lost:>11}  {capture}, pictures a second so far: {fps:?}; {settling_ms} ms before"
        );
        match name {
            "good" => assert!(fps.is_empty(), "{fps:?}"),
            THIN => {
                assert!(fps.first().is_some_and(|fps| *fps < 15) && capture == "lowered" && settling_ms <= 15_000, "{fps:?}, {capture}")
            }
            _ => {}
        }
        rows.push((name, most_ms, lost));
    }
    wait_for("the whole rate is back", LIMIT, || Ok((rates(&sitting.spool()).last() == Some(&15)).then_some(()))).unwrap();
    assert_eq!(agent.latest("capture").unwrap(), "full");
    // What gathered while the line was out goes up beside what is new, and does not keep it back.
    line.shape(Shape { loss_percent: 100.0, ..GOOD }).unwrap();
    wait_link(&agent, "down").unwrap();
    std::thread::sleep(Duration::from_secs(40));
    line.shape(Shape { kbits: 600, round_trip_ms: 40, ..GOOD }).unwrap();
    wait_link(&agent, "up").unwrap();
    std::thread::sleep(Duration::from_secs(10));
    let waiting = agent.number("spooled_bytes");
    let (most_ms, average_ms) = sitting.watch(10);
    eprintln!("{:24} {most_ms:>12} {average_ms:>12}  with {waiting} bytes waiting beside it", "600 kbit/s after 45 s out");
    rows.push(("after an outage", most_ms, 0));

    line.shape(GOOD).unwrap();
    wait_link(&agent, "up").unwrap();
    sitting.end(agent).unwrap();
    assert!(rows.iter().all(|(_, most_ms, _)| *most_ms <= 10_000), "{rows:#?}");
    let recording = sitting.server.recording(sitting.join.recording).unwrap();
    // One of the server's outages is the line's own; no shape made another.
    let long: Vec<_> = recording.outages.iter().filter(|outage| outage.upper_ms >= 15_000).collect();
    assert!(long.len() == 1 && long[0].upper_ms >= 40_000 && long[0].cause == "link", "{:#?}", recording.outages);
}

/// Issue: several addresses of a server, given at the start and named by the server, are tried in turn; uploads follow.
#[test]
fn the_servers_other_addresses_are_tried_in_turn_and_uploads_follow() {
    let _turn = crate::half();
    let mut sitting = Sitting::begin(None, None);
    let [first, second, third] = [0, 1, 2].map(|_| invigil_tests::proxy::Proxy::start(sitting.server.address()).unwrap());
    sitting.server.stop().unwrap();
    sitting.server.set_config("other_urls", &format!("[{:?}]", third.url())).unwrap();
    sitting.server.start().unwrap();
    let (url, spool, cameras) = (format!("{},{}", first.url(), second.url()), sitting.spool(), [clip()]);
    let mut agent =
        Agent::start(&Start { url: &url, join: &sitting.join.join, spool: &spool, cameras: &cameras, environment: &[] }).unwrap();
    agent.wait_recorded(4_000, LIMIT).unwrap();
    let mut expected = Vec::new();
    for (cut, next) in [(&first, &second), (&second, &third), (&third, &first)] {
        if next.url() == first.url() {
            first.restore();
        }
        let from = invigil_clock::boottime_us();
        cut.cut();
        expected.push(next.url());
        wait_for("the agent goes on with the next address", LIMIT, || {
            let changes: Vec<String> = journal::events(&spool)?
                .into_iter()
                .filter_map(|event| match event {
                    Event::ServerChanged { server } => Some(server),
                    _ => None,
                })
                .collect();
            Ok((changes == expected).then_some(()))
        })
        .unwrap();
        eprintln!("the next address was in use {} ms after the first one was cut off", (invigil_clock::boottime_us() - from) / 1000);
        let bytes = next.relayed_bytes();
        wait_for("uploads follow", LIMIT, || Ok((next.relayed_bytes() > bytes + 20_000 && sitting.behind_ms() < 6_000).then_some(())))
            .unwrap();
    }
    sitting.end(agent).unwrap();
    let recording = sitting.server.recording(sitting.join.recording).unwrap();
    assert!(recording.outages.is_empty(), "{:#?}", recording.outages);
}

/// Issue: a captive portal that answers 200 with a page to everything is an outage like any other; nobody takes its word, and a join waits for it to go.
#[test]
fn a_captive_portal_is_an_outage_and_nobody_takes_its_word() {
    let _turn = crate::half();
    let sitting = Sitting::begin(None, None);
    let home = sitting.home.path();
    let (certificate, key) = (home.join("portal.pem"), home.join("portal.key"));
    let words =
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=portal.test"];
    run("openssl", &[&words[..], &["-keyout", key.to_str().unwrap(), "-out", certificate.to_str().unwrap()]].concat()).unwrap();
    let portal: SocketAddr = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (host, port) = (portal.ip().to_string(), portal.port().to_string());
    let _portal = Peer::start(None, &["portal", &host, &port, certificate.to_str().unwrap(), key.to_str().unwrap()]).unwrap();
    let proxy = invigil_tests::proxy::Proxy::start(sitting.server.address()).unwrap();
    let (url, spool, cameras) = (proxy.url(), sitting.spool(), [clip()]);
    let mut agent =
        Agent::start(&Start { url: &url, join: &sitting.join.join, spool: &spool, cameras: &cameras, environment: &[] }).unwrap();
    agent.wait_recorded(4_000, LIMIT).unwrap();

    proxy.divert(portal);
    wait_link(&agent, "down").unwrap();
    // Somebody who joins behind the portal waits, and is let in when it is gone.
    let (late_spool, join) = (home.join("late-spool"), &sitting.late.join);
    let mut late = Agent::start(&Start { url: &url, join, spool: &late_spool, cameras: &cameras, environment: &[] }).unwrap();
    wait_for("the late agent says that it waits", LIMIT, || Ok(late.lines().iter().any(|line| line["event"] == "waiting").then_some(())))
        .unwrap();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 8_000, LIMIT).unwrap();
    assert!(agent.number("spooled_bytes") > 0);

    proxy.divert(sitting.server.address());
    wait_link(&agent, "up").unwrap();
    late.wait_recorded(2_000, LIMIT).unwrap();
    assert!(late.stop(LIMIT).unwrap().success());
    sitting.end(agent).unwrap();
    assert_eq!(links_lost(&spool).unwrap(), 1);
}

/// Waits until the journal says this of every target.
fn wait_probes(spool: &Path, targets: &[ProbeTarget], said: impl Fn(&Event) -> Option<ProbeTarget>) {
    let all = || -> Result<Option<()>> {
        let told: Vec<ProbeTarget> = journal::events(spool)?.iter().filter_map(&said).collect();
        Ok(targets.iter().all(|target| told.contains(target)).then_some(()))
    };
    wait_for(&format!("the journal says it of {targets:?}"), LIMIT, all).unwrap();
}

fn failed(event: &Event) -> Option<ProbeTarget> {
    if let Event::ProbeFailed { target, .. } = event { Some(*target) } else { None }
}

fn back(event: &Event) -> Option<ProbeTarget> {
    if let Event::ProbeBack { target, .. } = event { Some(*target) } else { None }
}

/// Issue: the name service goes away, and after that the line for a while: the agent finds its server all the same, and journals what answers and what
/// does not, so that causes can be told apart.
#[test]
fn a_name_service_that_is_gone_does_not_keep_the_agent_from_its_server() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can make network namespaces");
        return;
    }
    if !has_own_mounts() {
        eprintln!("left out: a name server of its own needs mounts of its own, which a changed root folder does not allow");
        return;
    }
    let mut line = Line::open(Family::V4).unwrap();
    line.name_server(SERVER).unwrap();
    let names = Peer::start(Some(line.server()), &["dns", SERVER, SERVER]).unwrap();
    let sitting = Sitting::begin(Some(line.server()), at(SERVER));
    let mut agent = sitting.start(line.agent(), &format!("https://{NAME}:{PORT}"), &clip(), &[]);
    agent.wait_recorded(4_000, LIMIT).unwrap();
    let spool = sitting.spool();
    drop(names);
    wait_probes(&spool, &[ProbeTarget::Dns], failed);
    assert_eq!(agent.latest("link").unwrap(), "up");
    let reached: Vec<_> = journal::events(&spool).unwrap().iter().filter_map(failed).collect();
    assert!(!reached.contains(&ProbeTarget::Server) && !reached.contains(&ProbeTarget::Gateway), "{reached:?}");
    line.shape(Shape { loss_percent: 100.0, ..GOOD }).unwrap();
    wait_link(&agent, "down").unwrap();
    wait_probes(&spool, &[ProbeTarget::Server, ProbeTarget::Platform], failed);
    let from = invigil_clock::boottime_us();
    line.shape(GOOD).unwrap();
    wait_link(&agent, "up").unwrap();
    eprintln!("without a name service the link was back {} ms after the line", (invigil_clock::boottime_us() - from) / 1000);
    let _names = Peer::start(Some(line.server()), &["dns", SERVER, SERVER]).unwrap();
    wait_probes(&spool, &[ProbeTarget::Server, ProbeTarget::Platform, ProbeTarget::Dns], back);
    sitting.end(agent).unwrap();
}

/// Issue: IPv6 only.
#[test]
fn a_network_that_has_ipv6_only_will_do() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can make network namespaces");
        return;
    }
    let line = Line::open(Family::V6).unwrap();
    let sitting = Sitting::begin(Some(line.server()), at(SERVER_V6));
    let mut agent = sitting.start(line.agent(), &sitting.server.url(), &clip(), &[]);
    agent.wait_recorded(5_000, LIMIT).unwrap();
    sitting.end(agent).unwrap();
}

/// Issue: a proxy from the environment, the only way to the server.
#[test]
fn a_proxy_from_the_environment_is_used() {
    let _turn = crate::half();
    if !is_root() {
        eprintln!("left out: only root can make network namespaces");
        return;
    }
    let line = Line::open(Family::V4).unwrap();
    let proxy = Peer::start(Some(line.server()), &["connect", SERVER, "3128"]).unwrap();
    let sitting = Sitting::begin(Some(line.server()), at(SERVER_BEHIND));
    let url = format!("http://{SERVER}:3128");
    let mut agent = sitting.start(line.agent(), &sitting.server.url(), &clip(), &[("HTTPS_PROXY", &url)]);
    agent.wait_recorded(5_000, LIMIT).unwrap();
    sitting.end(agent).unwrap();
    assert!(proxy.said().iter().any(|said| *said == format!("connected {SERVER_BEHIND}:{PORT}")), "{:?}", proxy.said());
}
