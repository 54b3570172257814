#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

use anyhow::{Context, Result, ensure};
use invigil_format::{Event, Scanner};
use invigil_tests::agent::{Agent, Start};
use invigil_tests::mount::{Mount, is_root};
use invigil_tests::server::{Exam, Join, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{decode, disk, journal, wait_for};
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(90);
const MIB: u64 = 1 << 20;

/// A row of the fault table.
#[derive(Debug)]
struct Row {
    fault: String,
    /// How long it lasted.
    lasted_ms: u64,
    /// Longest stretch without a picture, and all stretches of over a second together.
    longest_ms: u64,
    lost_ms: u64,
    /// Causes that the journal names.
    causes: Vec<String>,
    /// Missing stretches of over a second while the agent ran as the server shows them: cause and length, ms.
    shown: Vec<(String, i64)>,
}

impl Row {
    fn show(rows: &[Self]) {
        eprintln!("{:44} {:>8} {:>10} {:>8}  journal", "fault", "lasts ms", "longest ms", "lost ms");
        for row in rows {
            let causes = row.causes.join(" · ");
            eprintln!("{:44} {:>8} {:>10} {:>8}  {causes}", row.fault, row.lasted_ms, row.longest_ms, row.lost_ms);
        }
    }
}

/// What every fault shares: one server, and a candidate for each fault.
struct Hall {
    server: Server,
    home: tempfile::TempDir,
    joins: Vec<Join>,
}

impl Hall {
    fn open(candidates: usize) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
        server.start().unwrap();
        let now = invigil_clock::wall_ms();
        let names: Vec<String> = (1..=candidates).map(|number| format!("Candidate:{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let exam = server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &names }).unwrap();
        Self { server, home, joins: exam.joins }
    }

    /// Records, lets `fault` happen (it gives its length in ms), goes on, ends, and looks at what can be opened with the review key.
    fn suffer(
        &self,
        number: usize,
        name: &str,
        spool: &Path,
        environment: &[(&str, &str)],
        fault: impl FnOnce(&mut Agent) -> Result<u64>,
    ) -> Result<Row> {
        let join = &self.joins[number];
        let (url, cameras) = (self.server.url(), [format!("file:{}", invigil_tests::clip()?.display())]);
        let mut agent = Agent::start(&Start { url: &url, join: &join.join, spool, cameras: &cameras, environment })?;
        agent.wait_recorded(4_000, LIMIT)?;
        let lasted_ms = fault(&mut agent)?;
        let recorded = agent.number("recorded_ms");
        agent.wait_recorded(recorded + 4_000, LIMIT)?;
        let status = agent.stop(LIMIT)?;
        ensure!(status.success(), "the agent ended with {status}");
        self.look(number, name, spool, lasted_ms)
    }

    /// What came of a recording that has ended well.
    fn look(&self, number: usize, name: &str, spool: &Path, lasted_ms: u64) -> Result<Row> {
        let join = &self.joins[number];
        let left: Vec<_> =
            disk::files(spool)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "seg" || end == "damaged")).collect();
        ensure!(left.is_empty(), "the spool still holds {left:?}");

        let out = self.home.path().join(format!("opened-{number}"));
        let (report, whole) = self.server.open_footage(join.recording, &out)?;
        ensure!(whole, "the offline tool complains: {report}");
        let mut times = Vec::new();
        for file in disk::files(&out)?.iter().filter(|file| file.extension().is_some_and(|end| end == "mp4")) {
            let decoded = decode::decode(file)?;
            ensure!(decoded.errors.is_empty(), "the decoder complains: {:?}", decoded.errors);
            ensure!(decoded.doubled() == 0, "{} pictures are there twice", decoded.doubled());
            times.push(decoded);
        }
        let [decoded] = &times[..] else { anyhow::bail!("{} playable files instead of one", times.len()) };
        let view = self.server.recording(join.recording)?;
        let footage = (view.footage.iter().map(|part| part.from_ms).min(), view.footage.iter().map(|part| part.to_ms).max());
        let (Some(first), Some(last)) = footage else { anyhow::bail!("the server shows no footage") };
        let inside = view.missing.iter().filter(|part| part.from_ms > first && part.to_ms < last && part.to_ms - part.from_ms > 1000);
        let gaps: Vec<u64> = decoded.gaps(1.0).iter().map(|(_, secs)| (secs * 1000.0) as u64).collect();
        Ok(Row {
            fault: name.into(),
            lasted_ms,
            longest_ms: gaps.iter().copied().max().unwrap_or(0),
            lost_ms: gaps.iter().sum(),
            causes: causes(spool)?,
            shown: inside.map(|part| (part.cause.clone(), part.to_ms - part.from_ms)).collect(),
        })
    }
}

/// Causes of missing or rarer pictures that a spool's journals name.
fn causes(spool: &Path) -> Result<Vec<String>> {
    Ok(journal::events(spool)?
        .into_iter()
        .filter_map(|event| match event {
            Event::CapturePaused { reason, .. } => Some(format!("paused: {reason}")),
            Event::CaptureResumed { .. } => Some("resumed".into()),
            Event::RateLowered { fps, reason, .. } => Some(format!("{fps} fps: {reason}")),
            Event::RateRaised { fps, .. } => Some(format!("{fps} fps")),
            Event::FramesDropped { count, reason, .. } => Some(format!("{count} dropped: {reason}")),
            _ => None,
        })
        .collect())
}

fn wait_capture(agent: &Agent, state: &str) -> Result<()> {
    let what = format!("the agent says that capture is {state}, not {:?}", agent.latest("capture"));
    wait_for(&what, LIMIT, || Ok(agent.latest("capture").is_some_and(|capture| capture == state).then_some(())))
}

/// A disk this small is nearly full (below 2 GiB): the person is told, and so is the server.
fn low_disk_is_told(hall: &Hall, number: usize, agent: &Agent) -> Result<()> {
    let is_low = |one: &serde_json::Value| one["condition"] == "low-disk" && one["track"].is_null();
    wait_for("low-disk among the agent's conditions", LIMIT, || {
        Ok(agent.latest("conditions").and_then(|shown| shown.as_array().map(|shown| shown.iter().any(is_low))).filter(|shown| *shown))
    })?;
    let is_told = |line: &serde_json::Value| {
        line["event"] == "condition-began"
            && line["message"].as_str().is_some_and(|text| text.contains("the disk with the spool is nearly full"))
    };
    ensure!(agent.lines().iter().any(is_told), "no line for the person: {:?}", agent.lines());
    wait_for("low-disk on the server", LIMIT, || {
        let conditions = hall.server.recording(hall.joins[number].recording)?.conditions;
        Ok(conditions.iter().any(|one| one.condition == "low-disk" && one.track.is_none()).then_some(()))
    })
}

/// Runs `fault` and gives its length, ms.
fn timed(fault: impl FnOnce() -> Result<()>) -> Result<u64> {
    let from = invigil_clock::boottime_us();
    fault()?;
    Ok((invigil_clock::boottime_us() - from) / 1000)
}

/// The agent said loudly that nothing is recorded, and that it is again.
fn said_loudly(agent: &Agent) -> Result<()> {
    let said = |kind: &str| agent.lines().iter().any(|line| line["event"] == kind);
    ensure!(said("capture-paused"), "no line for the person when capture stopped");
    wait_for("a line for the person when capture goes on", LIMIT, || Ok(said("capture-resumed").then_some(())))
}

/// P1, full disk, by the rule (S15-S17): the picture rate falls first, then capture stops with its reserve untouched, and it all comes back by itself.
#[test]
fn as_room_gets_short_the_rate_falls_then_capture_stops_and_both_come_back() {
    let _turn = crate::turn();
    if !is_root() {
        eprintln!("left out: only root can mount a disk of its own");
        return;
    }
    let hall = Hall::open(1);
    let spool = hall.home.path().join("short");
    let mount = Mount::ext4(&spool, 160).unwrap();
    let reserve = 16;
    let row = hall.suffer(0, "room gets short, then none is left", &spool, &[("INVIGIL_SPOOL_RESERVE_MIB", "16")], |agent| {
        // 37.5 kB/s for half an hour are 64 MiB.
        ensure!(agent.latest("capture").context("a progress line")? == "full");
        low_disk_is_told(&hall, 0, agent)?;
        let mut lasted_ms = 0;
        for left_mib in [40, 20, 8] {
            mount.fill((reserve + left_mib) * MIB)?;
            wait_capture(agent, "lowered")?;
            std::thread::sleep(Duration::from_secs(3));
        }
        mount.fill(reserve * MIB)?;
        lasted_ms += timed(|| {
            wait_capture(agent, "paused")?;
            std::thread::sleep(Duration::from_secs(4));
            let stat = nix::sys::statvfs::statvfs(&spool)?;
            let free = stat.blocks_available() * stat.fragment_size();
            ensure!(free + MIB > reserve * MIB, "{free} bytes of the reserve of {reserve} MiB are left");
            mount.make_room()
        })?;
        wait_capture(agent, "full")?;
        said_loudly(agent)?;
        Ok(lasted_ms)
    });
    let row = row.unwrap();
    Row::show(std::slice::from_ref(&row));
    let steps: Vec<&String> = row.causes.iter().filter(|cause| !cause.contains("processor too slow")).collect();
    let told: Vec<&str> = steps.iter().map(|cause| cause.split(':').next().unwrap_or_default()).collect();
    assert_eq!(told, ["10 fps", "5 fps", "2 fps", "paused", "resumed", "15 fps"], "{row:#?}");
    assert!(steps[3].contains("MiB free, of which 16 are kept"), "{row:#?}");
    assert!(row.lost_ms <= row.lasted_ms + 3_000, "{row:#?}");
    assert!(!row.shown.is_empty() && row.shown.iter().all(|(cause, _)| cause == "capture-paused"), "{row:#?}");
}

/// P1, disks that fail under the agent: what was recorded opens, what is missing is measured, and the journal names the cause.
#[test]
fn full_read_only_and_slow_disks_damage_nothing_and_cost_no_more_than_they_last() {
    let _turn = crate::turn();
    if !is_root() {
        eprintln!("left out: only root can mount a disk of its own");
        return;
    }
    let hall = Hall::open(6);
    let path = |name: &str| hall.home.path().join(name);
    let small = [("INVIGIL_SPOOL_RESERVE_MIB", "1")];
    let full = |mount: &Mount, agent: &mut Agent, secs: u64| -> Result<u64> {
        let lasted = timed(|| {
            mount.fill(0)?;
            wait_capture(agent, "paused")?;
            std::thread::sleep(Duration::from_secs(secs));
            mount.make_room()
        })?;
        wait_capture(agent, "full")?;
        said_loudly(agent)?;
        Ok(lasted)
    };
    let rows: Vec<Result<Row>> = std::thread::scope(|scope| {
        let hall = &hall;
        let full_ext4 = scope.spawn(move || {
            let mount = Mount::ext4(&path("full-ext4"), 160)?;
            hall.suffer(0, "full to the last byte (ext4), room again", mount.path(), &small, |agent| full(&mount, agent, 5))
        });
        let full_tmpfs = scope.spawn(move || {
            let mount = Mount::tmpfs(&path("full-tmpfs"), 160)?;
            hall.suffer(1, "full to the last byte (tmpfs), room again", mount.path(), &small, |agent| full(&mount, agent, 12))
        });
        let read_only = scope.spawn(move || {
            let mut mount = Mount::ext4(&path("read-only"), 160)?;
            let spool = mount.path().to_owned();
            hall.suffer(2, "read-only after an error (ext4), mounted anew", &spool, &small, |agent| {
                let lasted = timed(|| {
                    mount.break_it()?;
                    wait_capture(agent, "paused")?;
                    std::thread::sleep(Duration::from_secs(3));
                    mount.replace()
                })?;
                wait_capture(agent, "full")?;
                said_loudly(agent)?;
                Ok(lasted)
            })
        });
        let repaired = scope.spawn(move || {
            let mut mount = Mount::ext4(&path("repaired"), 160)?;
            let spool = mount.path().to_owned();
            hall.suffer(3, "read-only, and a repair takes the newest bytes", &spool, &small, |agent| {
                let lasted = timed(|| {
                    mount.break_it()?;
                    wait_capture(agent, "paused")?;
                    mount.replace_after(|disk| {
                        for file in disk::files(disk)?.iter().filter(|file| is_growing(file)) {
                            shorten(file, |len| len - 30)?;
                        }
                        Ok(())
                    })
                })?;
                wait_capture(agent, "full")?;
                let mended = || Ok(std::fs::read_to_string(spool.with_extension("log"))?.matches("it is written again").count());
                let all = "the files of the camera and of its thumbnails and the journal are made whole";
                wait_for(all, LIMIT, || mended().map(|mended| (mended == 3).then_some(())))?;
                Ok(lasted)
            })
        });
        let slow = scope.spawn(move || {
            let mut mount = Mount::ext4(&path("slow"), 160)?;
            let spool = mount.path().to_owned();
            hall.suffer(4, "slow (100 kB/s to the disk)", &spool, &small, |agent| {
                if !mount.slow_down(agent.pid().context("the agent runs")?, 100_000)? {
                    eprintln!("left out: this kernel has no way to slow a disk down");
                    return Ok(0);
                }
                let sync_ms = mount.sync_ms(24_000)?;
                eprintln!("a sync of 24 kB takes {sync_ms} ms");
                ensure!(sync_ms >= 200, "a sync of 24 kB takes {sync_ms} ms only");
                timed(|| {
                    std::thread::sleep(Duration::from_secs(20));
                    Ok(())
                })
            })
        });
        let slow_syncs = scope.spawn(move || {
            let slow = [("INVIGIL_SLOW_SYNC_MS", "200"), small[0]];
            hall.suffer(5, "slow (200 ms more for each sync)", &path("slow-syncs"), &slow, |_| {
                timed(|| {
                    std::thread::sleep(Duration::from_secs(20));
                    Ok(())
                })
            })
        });
        [full_ext4, full_tmpfs, read_only, repaired, slow, slow_syncs].into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let rows: Vec<Row> = rows.into_iter().map(|row| row.unwrap()).collect();
    Row::show(&rows);
    for row in &rows {
        if row.fault.starts_with("slow") {
            // Nothing, unless this machine is too busy to encode: then pictures are missing whatever the disk does.
            assert!(row.lost_ms == 0 || row.causes.iter().any(|cause| cause.contains("processor too slow")), "{row:#?}");
            assert!(row.lost_ms * 2 < row.lasted_ms && !row.causes.iter().any(|cause| cause.starts_with("paused")), "{row:#?}");
        } else {
            assert!(row.lost_ms <= row.lasted_ms + 3_000, "{row:#?}");
            assert!(
                row.causes.iter().any(|cause| cause.starts_with("paused: ")) && row.causes.iter().any(|cause| cause == "resumed"),
                "{row:#?}"
            );
            // The server says of each second that is missing why.
            assert!(!row.shown.is_empty() && row.shown.iter().all(|(cause, _)| cause == "capture-paused"), "{row:#?}");
        }
    }
    let named = |row: &Row, what: &str| row.causes.iter().any(|cause| cause.contains(what));
    assert!(named(&rows[0], "free, of which") && named(&rows[1], "free, of which"), "{rows:#?}");
    assert!(rows[2..4].iter().all(|row| named(row, "Read-only file system")), "{rows:#?}");
}

fn is_growing(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "seg" || end == "jsonl")
}

fn shorten(file: &Path, len: impl FnOnce(u64) -> u64) -> Result<()> {
    let file = std::fs::File::options().write(true).open(file)?;
    Ok(file.set_len(len(file.metadata()?.len()))?)
}

/// P1: a repair that takes away much of what was durable costs neither the recording that goes on nor its end: what is left is closed, what is new goes into another segment.
#[test]
fn a_disk_that_comes_back_with_a_part_of_the_footage_costs_no_more_than_that_part() {
    let _turn = crate::turn();
    if !is_root() {
        eprintln!("left out: only root can mount a disk of its own");
        return;
    }
    let hall = Hall::open(1);
    let spool = hall.home.path().join("spool");
    let mut mount = Mount::ext4(&spool, 160).unwrap();
    let (url, cameras) = (hall.server.url(), [format!("file:{}", invigil_tests::clip().unwrap().display())]);
    let (join, recording) = (&hall.joins[0].join, hall.joins[0].recording);
    let start = Start { url: &url, join, spool: &spool, cameras: &cameras, environment: &[("INVIGIL_SPOOL_RESERVE_MIB", "1")] };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(12_000, LIMIT).unwrap();
    wait_for("most of it is on the server", LIMIT, || {
        let footage = hall.server.recording(recording)?.footage;
        Ok(footage.first().is_some_and(|part| part.to_ms - part.from_ms >= 9_000).then_some(()))
    })
    .unwrap();
    let (broken_us, recorded_ms) = (invigil_clock::boottime_us(), agent.number("recorded_ms"));
    mount.break_it().unwrap();
    wait_capture(&agent, "paused").unwrap();
    let of_camera = |folder: &Path, number: u32| -> Result<std::path::PathBuf> {
        let name = format!("cam0-{number:08}.seg");
        disk::files(folder)?.into_iter().find(|file| file.ends_with(&name)).with_context(|| format!("{name} in {}", folder.display()))
    };
    mount.replace_after(|disk| shorten(&of_camera(disk, 0)?, |len| len / 3)).unwrap();
    wait_capture(&agent, "full").unwrap();
    let lasted_ms = i64::try_from((invigil_clock::boottime_us() - broken_us) / 1000).unwrap();
    let recorded = agent.number("recorded_ms");
    agent.wait_recorded(recorded + 6_000, LIMIT).unwrap();
    // The server has what the disk has lost: that segment stays here, and the end says so instead of waiting for it.
    let status = agent.stop(LIMIT).unwrap();
    assert_eq!(status.code(), Some(3), "{status}");
    let log = std::fs::read_to_string(spool.with_extension("log")).unwrap();
    assert!(log.contains("bytes that it had called durable") && log.contains("has lost bytes that the server has"), "{log}");
    let left: Vec<_> = disk::files(&spool).unwrap().into_iter().filter(|file| file.extension().is_some_and(|end| end == "seg")).collect();
    assert_eq!(left, [of_camera(&spool, 0).unwrap()]);
    // On the server is what it had been sent before the fault, and everything since the first key frame that was waiting when the disk came back.
    let (report, whole) = hall.server.open_footage(recording, &hall.home.path().join("opened")).unwrap();
    assert!(whole && report["tracks"][0]["segments"] == 2, "{report:#}");
    let view = hall.server.recording(recording).unwrap();
    let (sent, footage) = (&view.footage[0], &view.footage);
    assert!(sent.to_ms - sent.from_ms >= 9_000, "{view:#?}");
    let missing_ms: i64 = footage.windows(2).map(|pair| pair[1].from_ms - pair[0].to_ms).sum();
    let inside = view.missing.iter().filter(|part| part.from_ms >= sent.from_ms && part.to_ms <= footage.last().unwrap().to_ms);
    let causes: Vec<&str> = inside.map(|part| part.cause.as_str()).collect();
    let unsent_ms = (i64::try_from(recorded_ms).unwrap() - (sent.to_ms - sent.from_ms)).max(0);
    eprintln!("{lasted_ms} ms until it was recorded again, {unsent_ms} ms not sent before, {missing_ms} ms missing: {causes:?}");
    assert!(
        footage.len() >= 2 && missing_ms <= lasted_ms + unsent_ms + 6_000 && footage.last().unwrap().to_ms - sent.to_ms >= 6_000,
        "{view:#?}"
    );
}

/// P1: the disk fails right behind a closing record and loses it: nothing is ever written behind that, and it is made whole all the same.
#[test]
fn a_closing_record_that_the_disk_loses_is_written_again() {
    let _turn = crate::turn();
    let hall = Hall::open(1);
    let spool = hall.home.path().join("spool");
    let (url, cameras) = (hall.server.url(), [format!("file:{}", invigil_tests::clip().unwrap().display())]);
    let environment = [("INVIGIL_DISK_ERROR", "S9:12:0")];
    let start = Start { url: &url, join: &hall.joins[0].join, spool: &spool, cameras: &cameras, environment: &environment };
    let mut agent = Agent::start(&start).unwrap();
    agent.wait_recorded(6_000, LIMIT).unwrap();
    let cut = || -> Result<usize> {
        let mut files = Vec::new();
        wait_for("the segments of the camera and of its thumbnails are closed", LIMIT, || {
            files = disk::files(&spool)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "seg")).collect();
            let closed = |file: &std::path::PathBuf| {
                Scanner::scan(&std::fs::read(file).unwrap_or_default()).is_ok_and(|scanner| scanner.closing().is_some())
            };
            Ok((files.len() == 2 && files.iter().all(closed)).then_some(()))
        })?;
        files.iter().try_for_each(|file| shorten(file, |len| len - 30))?;
        Ok(files.len())
    };
    let (status, cut) = std::thread::scope(|scope| {
        let cut = scope.spawn(cut);
        (agent.stop(LIMIT).unwrap(), cut.join().unwrap().unwrap())
    });
    let log = std::fs::read_to_string(spool.with_extension("log")).unwrap();
    assert_eq!((log.matches("it is written again").count(), status.code()), (cut, Some(0)), "{log}");
    let row = hall.look(0, "the closing record is lost", &spool, 0).unwrap();
    Row::show(std::slice::from_ref(&row));
    assert_eq!(row.lost_ms, 0, "{row:#?}");
}

/// Each step of docs/lifecycle.md, Spool, at which the disk can fail: the step, how often it fails, and after how many times that went well.
const STEPS: [&str; 15] = [
    // S2 to S4: nothing is recorded before they are done.
    "S2:3:0",
    "S2.list:3:0",
    "S3:3:0",
    "S4:3:0",
    // S5 and S6.
    "S5:3:0",
    "S6:3:0",
    "S6.torn:3:0",
    "S6.journal:3:0",
    // S7: the sync fails, the write fails half way.
    "S7:3:2",
    "S7.torn:3:2",
    // S8 and S9; S10 is no step on disk.
    "S8:3:0",
    "S8.torn:3:0",
    "S9:3:0",
    // S12 and S13, of which the first is done again.
    "S12:3:0",
    "S13:3:0",
];

/// P1: an error of the disk at any of the steps S2-S13 costs nothing: it is done again until it works.
#[test]
fn an_error_of_the_disk_at_any_step_of_the_spool_costs_nothing() {
    let _turn = crate::turn();
    let hall = Hall::open(STEPS.len());
    let cases: Vec<(usize, &str)> = STEPS.into_iter().enumerate().collect();
    let rows: Vec<(&str, Result<Row>)> = std::thread::scope(|scope| {
        let hall = &hall;
        let shares: Vec<_> = cases
            .chunks(4)
            .map(|share| {
                scope.spawn(move || {
                    let case = |(number, step): &(usize, &'static str)| {
                        let spool = hall.home.path().join(format!("spool-{}", step.replace([':', '.'], "-")));
                        let row = hall.suffer(*number, &format!("error {step}"), &spool, &[("INVIGIL_DISK_ERROR", step)], |_| Ok(0));
                        let log = std::fs::read_to_string(spool.with_extension("log")).unwrap_or_default();
                        let happened = log.matches("a disk error was asked for").count();
                        (
                            *step,
                            row.and_then(|row| if happened == 3 { Ok(row) } else { anyhow::bail!("{happened} errors happened: {log}") }),
                        )
                    };
                    share.iter().map(case).collect::<Vec<_>>()
                })
            })
            .collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    });
    let complaints: Vec<String> =
        rows.iter().filter_map(|(step, row)| row.as_ref().err().map(|error| format!("{step}: {error:#}"))).collect();
    let rows: Vec<Row> = rows.into_iter().filter_map(|(_, row)| row.ok()).collect();
    Row::show(&rows);
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(rows.iter().all(|row| row.lost_ms == 0), "{rows:#?}");
}
