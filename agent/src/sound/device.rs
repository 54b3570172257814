//! The system's microphones, by crate `cpal` (ALSA on Linux, by which PulseAudio and PipeWire are reached too). Only in the child process.

use super::Block;
use super::child::{Pipe, RATES};
use anyhow::{Context, anyhow, bail};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, InputCallbackInfo, Sample, SampleFormat, SizedSample, StreamConfig, SupportedStreamConfig};
use std::io::Write;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Longest silence of the driver. The parent gives up earlier; this is for a parent that is stopped or hangs itself.
const READ_LIMIT: Duration = Duration::from_secs(15);
/// How long samples may have waited in the driver; a longer time is not believed.
const OLDEST: Duration = Duration::from_secs(2);
/// Blocks between the driver's thread and the pipe.
const BLOCKS: usize = 32;
/// Most devices that are listed.
const MOST_LISTED: usize = 64;

/// A microphone that can be named with `--microphone`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Found {
    /// What `--microphone` takes.
    pub microphone: String,
    /// The device's name for people.
    pub name: String,
}

enum Message {
    Block(Block),
    Failed(String),
}

/// The microphones that can be opened now.
pub fn list() -> Vec<Found> {
    let Ok(devices) = host().and_then(|host| Ok(host.input_devices()?.collect::<Vec<_>>())) else { return Vec::new() };
    let found = devices.into_iter().filter_map(|device| {
        let microphone = device.id().ok()?.id().to_owned();
        if microphone == "null" || !device.supported_input_configs().is_ok_and(|mut all| all.next().is_some()) {
            return None;
        }
        let name = device.description().map_or_else(|_| microphone.clone(), |description| description.name().to_owned());
        Some(Found { microphone, name })
    });
    found.take(MOST_LISTED).collect()
}

/// Writes sound until the microphone fails or the reader goes away.
pub fn deliver(name: Option<&str>, out: &mut Pipe<impl Write>) -> anyhow::Result<()> {
    let device = find(name)?;
    let chosen = choose(&device)?;
    let (sender, messages) = sync_channel(BLOCKS);
    // Samples wait in the driver for so long at most; a busy machine must not lose any.
    let patient = BufferSize::Fixed(chosen.sample_rate() / 5);
    let stream = [patient, BufferSize::Default].into_iter().find_map(|buffer_size| {
        let config = StreamConfig { buffer_size, ..chosen.config() };
        match open(&device, config, chosen.sample_format(), &sender) {
            Err(error) if buffer_size != BufferSize::Default && error.kind() != ErrorKind::DeviceBusy => None,
            other => Some(other),
        }
    });
    let stream = stream.context("no buffer was tried")?.map_err(|error| plainly(&error, "opening the microphone"))?;
    // Never dropped: the process ends right after this, and a driver that hangs in stopping delays no message.
    let stream = ManuallyDrop::new(stream);
    stream.play().map_err(|error| plainly(&error, "starting the microphone"))?;
    loop {
        match messages.recv_timeout(READ_LIMIT) {
            Ok(Message::Block(block)) => out.block(&block)?,
            Ok(Message::Failed(reason)) => bail!(reason),
            Err(RecvTimeoutError::Timeout) => bail!("the microphone delivered nothing for {} s", READ_LIMIT.as_secs()),
            Err(RecvTimeoutError::Disconnected) => bail!("the sound system's thread ended"),
        }
    }
}

fn host() -> anyhow::Result<cpal::Host> {
    let id = cpal::available_hosts().into_iter().next().context("this computer has no sound system")?;
    cpal::host_from_id(id).map_err(|error| plainly(&error, "asking the sound system"))
}

fn find(name: Option<&str>) -> anyhow::Result<cpal::Device> {
    let host = host()?;
    let Some(name) = name else {
        return host.default_input_device().ok_or_else(|| anyhow!("this computer has no default microphone; is one plugged in?"));
    };
    let by_id = host.device_by_id(&cpal::DeviceId::new(host.id(), name));
    let by_name = || {
        let mut devices = host.input_devices().ok()?;
        devices.find(|device| device.description().is_ok_and(|description| description.name() == name))
    };
    by_id.or_else(by_name).ok_or_else(|| anyhow!("there is no such microphone; `invigil-agent cameras` lists those that there are"))
}

/// 48 kHz if the device has it, else the next above it that it has, else its highest; as few channels as it offers.
fn choose(device: &cpal::Device) -> anyhow::Result<SupportedStreamConfig> {
    let ranges = device.supported_input_configs().map_err(|error| plainly(&error, "asking the microphone what it offers"))?;
    let known = |format: SampleFormat| KNOWN.iter().position(|known| *known == format);
    let offered = ranges.filter_map(|range| {
        let rate = 48_000.clamp(range.min_sample_rate(), range.max_sample_rate());
        let format = known(range.sample_format())?;
        RATES
            .contains(&rate)
            .then(|| ((u32::from(rate < 48_000), rate.abs_diff(48_000), range.channels(), format), range.with_sample_rate(rate)))
    });
    let best = offered.min_by_key(|(order, _)| *order).map(|(_, config)| config);
    best.ok_or_else(|| anyhow!("the microphone offers no format that this program knows; choose another with --microphone"))
}

/// In the order in which they are taken.
const KNOWN: [SampleFormat; 8] = [
    SampleFormat::F32,
    SampleFormat::I16,
    SampleFormat::I32,
    SampleFormat::I24,
    SampleFormat::U16,
    SampleFormat::U8,
    SampleFormat::I8,
    SampleFormat::F64,
];

fn open(device: &cpal::Device, config: StreamConfig, format: SampleFormat, to: &SyncSender<Message>) -> Result<cpal::Stream, cpal::Error> {
    match format {
        SampleFormat::I8 => stream::<i8>(device, config, to),
        SampleFormat::U8 => stream::<u8>(device, config, to),
        SampleFormat::I16 => stream::<i16>(device, config, to),
        SampleFormat::U16 => stream::<u16>(device, config, to),
        SampleFormat::I24 => stream::<cpal::I24>(device, config, to),
        SampleFormat::I32 => stream::<i32>(device, config, to),
        SampleFormat::F64 => stream::<f64>(device, config, to),
        _ => stream::<f32>(device, config, to),
    }
}

fn stream<T: SizedSample + Send + 'static>(
    device: &cpal::Device,
    config: StreamConfig,
    to: &SyncSender<Message>,
) -> Result<cpal::Stream, cpal::Error>
where
    f32: FromSample<T>,
{
    let (rate, channels) = (config.sample_rate, usize::from(config.channels.max(1)));
    let anew = Arc::new(AtomicBool::new(true));
    let (blocks, missing) = (to.clone(), Arc::clone(&anew));
    let heard = move |data: &[T], info: &InputCallbackInfo| {
        let boottime_us = heard_us(info);
        let mix = |frame: &[T]| frame.iter().map(|sample| f32::from_sample(*sample)).sum::<f32>() / channels as f32;
        let samples = data.chunks_exact(channels).map(mix).collect();
        let block = Block { boottime_us, rate, samples, anew: missing.swap(false, Ordering::Relaxed) };
        // The driver's thread never waits.
        if blocks.try_send(Message::Block(block)).is_err() {
            missing.store(true, Ordering::Relaxed);
        }
    };
    let failed = to.clone();
    let said = move |error: cpal::Error| match error.kind() {
        ErrorKind::Xrun => anew.store(true, Ordering::Relaxed),
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => drop(failed.try_send(Message::Failed(plainly(&error, "reading the microphone").to_string()))),
    };
    device.build_input_stream(config, heard, said, Some(READ_LIMIT))
}

/// When the block's first sample was heard, boot time, us: now, less what the driver says that it is old.
fn heard_us(info: &InputCallbackInfo) -> u64 {
    let now_us = invigil_clock::boottime_us();
    let stamp = info.timestamp();
    let age = stamp.callback.saturating_duration_since(stamp.capture);
    if age <= OLDEST { now_us.saturating_sub(u64::try_from(age.as_micros()).unwrap_or(0)) } else { now_us }
}

/// An error of the sound system in words that help.
fn plainly(error: &cpal::Error, doing: &str) -> anyhow::Error {
    match error.kind() {
        ErrorKind::DeviceBusy => anyhow!("another program uses the microphone; it has to be closed"),
        ErrorKind::DeviceNotAvailable => anyhow!("the microphone is not there; is it plugged in?"),
        ErrorKind::HostUnavailable => anyhow!("this computer's sound system does not run"),
        ErrorKind::PermissionDenied => anyhow!("this user may not use the microphone; on most systems members of the group audio may"),
        _ => anyhow!("{doing} failed: {error}"),
    }
}
