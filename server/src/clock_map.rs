//! From a device's boot clock to the server's wall clock, and other small readings of segments.

use invigil_format::{Frame, FrameKind, TrackKind};

/// Server's time of a boot time; `offset_ms` is the run's frozen offset, or, before any heartbeat, the device's own wall clock minus its boot time.
pub fn to_server_ms(offset_ms: Option<i64>, boottime_us: u64) -> Option<i64> {
    let boot_ms = i64::try_from(boottime_us / 1000).ok()?;
    offset_ms?.checked_add(boot_ms)
}

/// Device's wall clock minus its boot time in the first chunk, ms.
pub fn wall_minus_boot_ms(frames: &[Frame]) -> Option<i64> {
    let first = frames.iter().find(|frame| frame.kind == FrameKind::Chunk)?;
    first.at.wall_ms.checked_sub(i64::try_from(first.at.boottime_us / 1000).ok()?)
}

/// The word for a kind of track.
pub fn kind_name(kind: TrackKind) -> &'static str {
    match kind {
        TrackKind::Video => "video",
        TrackKind::Audio => "audio",
        TrackKind::Screen => "screen",
        TrackKind::Thumbnail => "thumbnail",
        TrackKind::Photo => "photo",
    }
}
