//! `invigil-agent cameras`.

use std::process::ExitCode;

/// Lists the webcams of this computer.
#[derive(clap::Args)]
pub struct Args {
    /// As a JSON list.
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
    if args.json {
        println!("{}", serde_json::to_string(&found)?);
    } else if found.is_empty() {
        println!("no webcam found; --camera file:PATH and --camera rtsp://HOST/PATH work without one");
    } else {
        found.iter().for_each(|camera| println!("{:10}  {}  ({})", camera.camera, camera.name, camera.description));
    }
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
