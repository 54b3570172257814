use invigil_tests::agent::{Agent, Start};
use invigil_tests::server::{Exam, PASSPHRASE, PASSWORD, Server};
use invigil_tests::{disk, wait_for};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);

/// Half a minute of one picture: the clip's first, always the same to the last bit, or an even grey one.
fn still(to: &Path, grey: bool) -> anyhow::Result<()> {
    let clip = invigil_tests::clip()?;
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error"]);
    match grey {
        true => ffmpeg.args(["-f", "lavfi", "-i", "color=c=gray:size=320x240:rate=10:duration=30"]),
        false => ffmpeg.arg("-i").arg(clip).args(["-vf", "fps=10,scale=320:240,setsar=1,trim=end_frame=1,loop=loop=299:size=1"]),
    };
    let status = ffmpeg.args(["-an", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0"]).arg(to).status()?;
    anyhow::ensure!(status.success(), "ffmpeg ended with {status}");
    Ok(())
}

/// A camera that delivers the same picture for ever and one that is covered are told where they stand and on the server.
#[test]
fn a_frozen_picture_and_a_covered_one_are_told_here_and_on_the_server() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let films = [("frozen.mp4", false), ("grey.mp4", true)].map(|(name, grey)| (home.path().join(name), grey));
    films.iter().for_each(|(film, grey)| still(film, *grey).unwrap());
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Somebody"] }).unwrap();
    let (join, spool) = (&exam.joins[0], home.path().join("spool"));
    let cameras = films.map(|(film, _)| format!("file:{}", film.display()));
    let agent = Agent::start(&Start { url: &server.url(), join: &join.join, spool: &spool, cameras: &cameras, environment: &[] }).unwrap();

    for (condition, track, words) in [("covered", "cam1", "hardly any detail"), ("frozen", "cam0", "does not change at all")] {
        let is_shown = |one: &serde_json::Value| one["condition"] == condition && one["track"] == track;
        wait_for(&format!("{track} is shown as {condition}"), LIMIT, || {
            Ok(agent.latest("conditions").and_then(|shown| shown.as_array().map(|shown| shown.iter().any(is_shown))).filter(|shown| *shown))
        })
        .unwrap();
        let here_us = invigil_clock::boottime_us();
        let is_told = |line: &serde_json::Value| {
            let text = line["message"].as_str().unwrap_or_default();
            line["event"] == "condition-began" && text.starts_with(track) && text.contains(words)
        };
        wait_for("a line for the person", LIMIT, || Ok(agent.lines().iter().any(is_told).then_some(()))).unwrap();
        let on_server = || -> anyhow::Result<_> {
            let conditions = server.recording(join.recording)?.conditions;
            Ok(conditions.into_iter().find(|one| one.condition == condition && one.track.as_deref() == Some(track)))
        };
        let shown = wait_for("the state on the server", LIMIT, on_server).unwrap();
        eprintln!(
            "{condition}: on the server {} ms after it was told here: {}",
            (invigil_clock::boottime_us() - here_us) / 1000,
            shown.reason
        );
    }
    let told = server.recording(join.recording).unwrap().conditions;
    assert!(!told.iter().any(|one| one.condition == "covered" && one.track.as_deref() == Some("cam0")), "its picture has detail: {told:?}");
}

/// The clip as it is, then in the dark, then as it is again, 20 s each.
fn darkened(to: &Path) -> anyhow::Result<()> {
    let clip = invigil_tests::clip()?;
    let filter = "fps=15,scale=640:480,setsar=1,eq=brightness=-0.9:enable='between(t,20,39.9)'";
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-stream_loop", "-1", "-i"])
        .arg(clip)
        .args(["-t", "60", "-vf", filter, "-an", "-c:v", "libx264", "-preset", "ultrafast"])
        .arg(to)
        .status()?;
    anyhow::ensure!(status.success(), "ffmpeg ended with {status}");
    Ok(())
}

/// A camera that goes dark is told at once where it stands and on the server; its footage goes on, with a thumbnail every 5 s that opens to a JPEG.
#[test]
fn a_dark_picture_is_told_here_and_on_the_server_and_thumbnails_come_every_five_seconds() {
    let _turn = crate::half();
    let home = tempfile::tempdir().unwrap();
    let film = home.path().join("darkened.mp4");
    darkened(&film).unwrap();
    let mut server = Server::init(&home.path().join("server"), PASSWORD, PASSPHRASE).unwrap();
    server.start().unwrap();
    let now = invigil_clock::wall_ms();
    let exam =
        server.add_exam(&Exam { policy: "kbtu", starts_ms: now - 1000, ends_ms: now + 3_600_000, candidates: &["Somebody"] }).unwrap();
    let (join, spool) = (&exam.joins[0], home.path().join("spool"));
    let (url, cameras) = (server.url(), [format!("file:{}", film.display())]);
    let start = Start { url: &url, join: &join.join, spool: &spool, cameras: &cameras, environment: &[] };
    let mut agent = Agent::start(&start).unwrap();

    let is_dark = |agent: &Agent| {
        let shown = agent.latest("conditions").unwrap_or_default();
        shown.as_array().is_some_and(|shown| shown.iter().any(|one| one["condition"] == "dark" && one["track"] == "cam0"))
    };
    let waited = |agent: &Agent, dark: bool| wait_for("the picture's state", LIMIT, || Ok((is_dark(agent) == dark).then_some(()))).unwrap();
    waited(&agent, true);
    let here_us = invigil_clock::boottime_us();
    let dark_on_server =
        || -> anyhow::Result<_> { Ok(server.recording(join.recording)?.conditions.into_iter().find(|one| one.condition == "dark")) };
    let shown = wait_for("the state on the server", LIMIT, dark_on_server).unwrap();
    eprintln!("told on the server {} ms after it was told here", (invigil_clock::boottime_us() - here_us) / 1000);
    assert_eq!(shown.track.as_deref(), Some("cam0"));
    waited(&agent, false);
    // A machine that is too busy tells that, too, and rightly.
    let lines = agent.lines();
    let told = |event: &str| {
        let dark =
            |line: &&serde_json::Value| line["event"] == event && line["message"].as_str().is_some_and(|text| text.contains("too dark"));
        lines.iter().filter(dark).count()
    };
    assert_eq!((told("condition-began"), told("condition-ended")), (1, 1), "{lines:?}");
    wait_for("its end on the server", LIMIT, || Ok(dark_on_server()?.is_none().then_some(()))).unwrap();
    let recorded_ms = agent.number("recorded_ms");
    assert!(agent.stop(LIMIT).unwrap().success());

    let out = home.path().join("opened");
    let (report, whole) = server.open_footage(join.recording, &out).unwrap();
    assert!(whole, "{report}");
    let mut pictures: Vec<_> = disk::files(&out).unwrap().into_iter().filter(|file| file.extension().is_some_and(|e| e == "jpg")).collect();
    pictures.sort();
    let times: Vec<i64> = pictures.iter().map(|file| file.file_stem().unwrap().to_str().unwrap().parse().unwrap()).collect();
    assert!(times.len() as u64 >= recorded_ms / 5_000, "{} thumbnails of {recorded_ms} ms", times.len());
    assert!(times.windows(2).all(|pair| (4_500..5_500).contains(&(pair[1] - pair[0]))), "{times:?}");
    let bytes = std::fs::read(&pictures[0]).unwrap();
    eprintln!("{} thumbnails, the first of {} bytes", pictures.len(), bytes.len());
    assert!(bytes.starts_with(&[0xFF, 0xD8]) && bytes.len() < 12_000);
    let shape =
        Command::new("ffprobe").args(["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0"]).arg(&pictures[0]).output();
    assert_eq!(String::from_utf8_lossy(&shape.unwrap().stdout).trim(), "160,120");

    // Thumbnails are no footage: what the server says of the recording is the camera's.
    let view = server.recording(join.recording).unwrap();
    assert!(view.footage.iter().all(|stretch| stretch.track == "cam0"), "{:?}", view.footage);
    let (said, sound) = server.command(&["check"], &[]).unwrap();
    assert!(sound, "{said}");
}
