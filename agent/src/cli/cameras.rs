//! `invigil-agent cameras`.

use crate::sound;
use std::process::ExitCode;
use std::time::Duration;

/// How long the sound system may take to say which microphones there are.
const LIMIT: Duration = Duration::from_secs(5);

/// Lists the webcams and microphones of this computer.
#[derive(clap::Args)]
pub struct Args {
    /// As a JSON list: of webcams with the member `camera`, then of microphones with the member `microphone`.
    #[arg(long)]
    json: bool,
}

/// A webcam.
#[derive(serde::Serialize)]
struct Found {
    camera: String,
    name: String,
    description: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let found = list();
    let microphones = sound::list(LIMIT).unwrap_or_else(|error| {
        tracing::warn!(%error, "listing microphones failed");
        Vec::new()
    });
    if args.json {
        let mut all = found.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        all.extend(microphones.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?);
        println!("{}", serde_json::to_string(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        println!("no webcam found; --camera file:PATH and --camera rtsp://HOST/PATH work without one");
    }
    found.iter().for_each(|camera| println!("{:10}  {}  ({})", camera.camera, camera.name, camera.description));
    if microphones.is_empty() {
        println!("no microphone found; only exams whose policy asks for sound need one");
    }
    microphones.iter().for_each(|one| println!("--microphone {}  {}", one.microphone, one.name));
    Ok(ExitCode::SUCCESS)
}

fn list() -> Vec<Found> {
    let devices = nokhwa::query(nokhwa::utils::ApiBackend::Auto).unwrap_or_default();
    let mut found: Vec<(u32, Found)> = devices
        .into_iter()
        .filter_map(|device| {
            let index = device.index().as_index().ok()?;
            let found =
                Found { camera: format!("webcam:{index}"), name: device.human_name(), description: device.description().to_owned() };
            captures(index).then_some((index, found))
        })
        .collect();
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, found)| found).collect()
}

/// nokhwa lists output and metadata nodes too.
#[cfg(target_os = "linux")]
fn captures(index: u32) -> bool {
    use v4l::capability::Flags;
    v4l::Device::new(index as usize)
        .and_then(|device| device.query_caps())
        .is_ok_and(|capabilities| capabilities.capabilities.contains(Flags::VIDEO_CAPTURE))
}

#[cfg(not(target_os = "linux"))]
fn captures(_index: u32) -> bool {
    true
}
