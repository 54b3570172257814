//! H.264 to CMAF fragments of about 1 s: what becomes one chunk each. Sound's are made in [`crate::sound`] with the boxes of [`opus`].

pub mod cmaf;
pub mod h264;
pub mod opus;
pub mod sps;

use crate::capture::Encoded;
use cmaf::{Config, Sample, ticks};
use h264::ParameterSets;
use invigil_format::TrackKind;
use std::sync::Arc;

/// A fragment is closed at the first picture this long after its first one, us, as long as the distance of key frames is not known.
const FRAGMENT_US: u64 = 950_000;
/// Longest fragment that is aimed at, us: groups of pictures are divided evenly, so that none is left with a short rest, which would cost as much
/// as a whole one.
pub const LONGEST_US: u64 = 1_100_000;
/// A key frame begins a fragment if the one before has this length, us, or did not begin with one.
const SHORTEST_US: u64 = LONGEST_US / 2;
/// By which a picture may come early, us.
const EARLY_US: u64 = 20_000;
/// A longer distance between pictures is a gap: the picture before it lasts its nominal time, not until the next one.
const GAP_US: u64 = 2_000_000;
/// How long a picture lasts at most while those behind it are left out, us: only key frames are recorded then, some cameras have one in ten seconds.
const STILL_US: u64 = 20_000_000;

/// Most that presentation may stand apart from decoding, us.
const REORDER_US: i64 = 2_000_000;

/// What a track's segments say of their chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// H.264 in CMAF fragments.
    H264(Config),
    /// One JPEG a chunk.
    Jpeg {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Opus in CMAF fragments: 48 kHz, mono.
    Opus,
}

impl Media {
    /// Kind of track.
    pub fn kind(&self) -> TrackKind {
        match self {
            Self::H264(_) => TrackKind::Video,
            Self::Jpeg { .. } => TrackKind::Thumbnail,
            Self::Opus => TrackKind::Audio,
        }
    }
    /// `codec` of the segment's header.
    pub fn codec(&self) -> String {
        match self {
            Self::H264(config) => config.sets.codec(),
            Self::Jpeg { .. } => "jpeg".into(),
            Self::Opus => "opus".into(),
        }
    }
    /// Pixels; 0 for sound.
    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::H264(config) => (config.width, config.height),
            Self::Jpeg { width, height } => (*width, *height),
            Self::Opus => (0, 0),
        }
    }
    /// The initialisation section; empty for pictures (format.md 5).
    pub fn init(&self) -> Vec<u8> {
        match self {
            Self::H264(config) => cmaf::init(config),
            Self::Jpeg { .. } => Vec::new(),
            Self::Opus => opus::init(),
        }
    }
}

/// What becomes one chunk: a CMAF fragment, or one JPEG.
#[derive(Debug, Clone)]
pub struct Fragment {
    /// What its segment says of it; the same `Arc` as long as nothing changes.
    pub media: Arc<Media>,
    /// `moof`, `mdat`; or a JPEG.
    pub bytes: Vec<u8>,
    /// Boot time of the first picture or sample, us.
    pub boottime_us: u64,
    /// Sum of the pictures' durations, us.
    pub duration_us: u32,
    /// Starts with a key frame.
    pub key: bool,
    /// Pictures, or packets of sound, in it.
    pub pictures: u32,
}

/// Gathers pictures of one track into fragments.
pub struct Segmenter {
    origin_us: u64,
    nominal_us: u64,
    media: Option<Arc<Media>>,
    /// The description whose sets were taken in.
    extradata: Option<Arc<[u8]>>,
    /// Sets and messages that came before their picture, on their own.
    prefix: Option<h264::AccessUnit>,
    number: u32,
    undecodable: u64,
    /// Pictures of the fragment being gathered, with their decoding times.
    gathered: Vec<(u64, Pending)>,
    /// Decoding time of the newest key frame, and the length of fragment that its distance to the one before asks for, us.
    key_us: Option<u64>,
    target_us: u64,
    last_us: Option<u64>,
    /// Newest picture that came and was left out, us.
    left_out_us: u64,
}

/// What came with a picture about its stream.
struct Described {
    extradata: Arc<[u8]>,
    size: (u32, u32),
    pixel_aspect: (u32, u32),
}

struct Pending {
    data: Vec<u8>,
    key: bool,
    composition_us: i64,
}

impl Segmenter {
    /// `origin_us` is the boot time of media time zero; `fps` the nominal rate.
    pub fn new(origin_us: u64, fps: u32) -> Self {
        Self {
            origin_us,
            nominal_us: 1_000_000 / u64::from(fps.max(1)),
            media: None,
            extradata: None,
            prefix: None,
            number: 0,
            undecodable: 0,
            gathered: Vec::new(),
            key_us: None,
            target_us: FRAGMENT_US,
            last_us: None,
            left_out_us: 0,
        }
    }

    /// A picture was taken at `boottime_us` that is not to be recorded, because fewer are wanted. The one before it lasts on: the camera was there.
    pub fn leave_out(&mut self, boottime_us: u64) {
        if !self.gap(boottime_us) {
            self.left_out_us = self.left_out_us.max(boottime_us);
        }
    }

    /// Adds a picture taken at `boottime_us`. The fragment that it completes, if any, is returned.
    ///
    /// Pictures before the first key frame with parameter sets are dropped: nobody could decode them.
    pub fn push(&mut self, boottime_us: u64, unit: Encoded) -> Option<Fragment> {
        let Encoded { data, extradata, key: marked, composition_us, .. } = unit;
        let described = Described { extradata, size: (unit.width, unit.height), pixel_aspect: unit.pixel_aspect };
        let mut access = h264::into_access_unit(data, &described.extradata);
        if let Some(prefix) = self.prefix.take() {
            access = prefix.followed_by(access);
        }
        if !access.picture {
            self.prefix = Some(access);
            return None;
        }
        let key = access.idr || (marked && !access.sets.sps.is_empty());
        let found = if key { self.config_for(described, access.sets) } else { None };
        if found.is_none() && (key || self.media.is_none()) {
            self.undecodable += 1;
            return None;
        }
        let changed = found.filter(|new| self.config() != Some(new));
        let mut decode_us = boottime_us.saturating_add_signed(-composition_us).max(self.origin_us);
        if let Some(last) = self.last_us {
            // Decoding times rise strictly, whatever the camera's clock does; 100 us are 9 ticks.
            decode_us = decode_us.max(last + 100);
        }
        // Where pictures are reordered, what is shown when stays as it is even if the order of decoding had to be set right.
        let composition_us = match composition_us {
            0 => 0,
            _ => i64::try_from(boottime_us).unwrap_or(i64::MAX).saturating_sub_unsigned(decode_us).clamp(-REORDER_US, REORDER_US),
        };
        let done = if changed.is_some() || self.is_long_enough(decode_us, key) { self.cut(Some(decode_us)) } else { None };
        if let Some(config) = changed {
            self.media = Some(Arc::new(Media::H264(config)));
        }
        if key && let Some(before_us) = self.key_us.replace(decode_us) {
            self.target_us = target_us(decode_us - before_us);
        }
        self.gathered.push((decode_us, Pending { data: access.data, key, composition_us }));
        self.last_us = Some(decode_us);
        done
    }

    /// How many pictures were dropped since this was asked last, because they came before what they need to be decoded.
    pub fn take_undecodable(&mut self) -> u64 {
        std::mem::take(&mut self.undecodable)
    }

    /// Closes the fragment being gathered: no picture came for a while, or capture ends.
    pub fn flush(&mut self) -> Option<Fragment> {
        self.cut(None)
    }

    fn config(&self) -> Option<&Config> {
        match self.media.as_deref()? {
            Media::H264(config) => Some(config),
            Media::Jpeg { .. } | Media::Opus => None,
        }
    }

    /// Whether the fragment ends before the picture of `next_us`.
    fn is_long_enough(&self, next_us: u64, key: bool) -> bool {
        let Some((first_us, first)) = self.gathered.first() else { return false };
        let length_us = next_us - first_us;
        let wanted_us = self.target_us.saturating_sub(EARLY_US);
        let key_counts = key && (!first.key || length_us >= SHORTEST_US);
        key_counts || length_us >= wanted_us || self.gap(next_us)
    }

    fn gap(&self, next_us: u64) -> bool {
        self.last_us.is_some_and(|last| next_us.saturating_sub(self.seen_us(last)) > GAP_US)
    }

    /// Until when pictures came without a gap, us, if `last_us` is that of the newest one that is recorded.
    fn seen_us(&self, last_us: u64) -> u64 {
        self.left_out_us.clamp(last_us, last_us + STILL_US)
    }

    /// Of a key frame; nothing while its sets are not complete.
    fn config_for(&mut self, unit: Described, in_band: ParameterSets) -> Option<Config> {
        // What came in band was sent with this very picture. A description may be stale or lack a half; it counts when it is new.
        let sets = if in_band.complete() {
            in_band
        } else {
            let known = self.config().map(|config| config.sets.clone()).unwrap_or_default();
            let is_new = self.extradata.as_ref().is_none_or(|seen| !Arc::ptr_eq(seen, &unit.extradata));
            let described = if is_new { ParameterSets::from_extradata(&unit.extradata) } else { ParameterSets::default() };
            let base = if described.complete() { described } else { known.replaced_by(described) };
            Some(base.replaced_by(in_band)).filter(ParameterSets::complete)?
        };
        self.extradata = Some(unit.extradata);
        let shape = sets.shape();
        let (width, height) = shape.map_or(unit.size, |shape| (shape.width, shape.height));
        let pixel_aspect = shape.and_then(|shape| shape.pixel_aspect).unwrap_or(unit.pixel_aspect);
        Some(Config { sets, width, height, pixel_aspect })
    }

    fn cut(&mut self, next_us: Option<u64>) -> Option<Fragment> {
        let media = self.media.clone()?;
        let &(last_us, _) = self.gathered.last()?;
        let &(first_us, _) = self.gathered.first()?;
        let seen_us = self.seen_us(last_us);
        let end_us = match next_us {
            Some(next) if next.saturating_sub(seen_us) <= GAP_US => next,
            _ => seen_us + self.nominal_us,
        };
        // Nothing after this fragment may start before its end.
        self.last_us = Some(last_us.max(end_us.saturating_sub(100)));
        let gathered = std::mem::take(&mut self.gathered);
        let times: Vec<u64> = gathered.iter().map(|(at, _)| *at).chain([end_us]).map(|at| ticks(at - self.origin_us)).collect();
        let key = gathered.first().is_some_and(|(_, picture)| picture.key);
        let samples: Vec<Sample> = gathered
            .into_iter()
            .zip(times.windows(2))
            .map(|((_, picture), pair)| Sample {
                data: picture.data,
                key: picture.key,
                duration: u32::try_from(pair[1] - pair[0]).unwrap_or(u32::MAX),
                composition: i32::try_from(picture.composition_us * 9 / 100).unwrap_or(0),
            })
            .collect();
        self.number = self.number.wrapping_add(1);
        Some(Fragment {
            media,
            bytes: cmaf::fragment(self.number, times[0], &samples),
            boottime_us: first_us,
            duration_us: u32::try_from(end_us - first_us).unwrap_or(u32::MAX),
            key,
            pictures: u32::try_from(samples.len()).unwrap_or(u32::MAX),
        })
    }
}

/// The length of fragment that divides groups of pictures of this length evenly, us. Of shorter ones several make a fragment, which a key frame ends.
fn target_us(group_us: u64) -> u64 {
    if group_us < SHORTEST_US { LONGEST_US } else { group_us / group_us.div_ceil(LONGEST_US) }
}

#[cfg(test)]
mod tests;
