//! H.264 to CMAF fragments of about 1 s: what becomes one chunk each.

pub mod cmaf;
pub mod h264;
pub mod sps;

use crate::capture::Encoded;
use cmaf::{Config, Sample, ticks};
use h264::ParameterSets;
use invigil_format::TrackKind;
use std::sync::Arc;

/// A fragment is closed at the first picture this long after its first one, us, and at each key frame.
const FRAGMENT_US: u64 = 950_000;
/// A longer distance between pictures is a gap: the picture before it lasts its nominal time, not until the next one.
const GAP_US: u64 = 2_000_000;

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
}

impl Media {
    /// Kind of track.
    pub fn kind(&self) -> TrackKind {
        match self {
            Self::H264(_) => TrackKind::Video,
            Self::Jpeg { .. } => TrackKind::Thumbnail,
        }
    }
    /// `codec` of the segment's header.
    pub fn codec(&self) -> String {
        match self {
            Self::H264(config) => config.sets.codec(),
            Self::Jpeg { .. } => "jpeg".into(),
        }
    }
    /// Pixels.
    pub fn size(&self) -> (u32, u32) {
        match self {
            Self::H264(config) => (config.width, config.height),
            Self::Jpeg { width, height } => (*width, *height),
        }
    }
    /// The initialisation section; empty for pictures (format.md 5).
    pub fn init(&self) -> Vec<u8> {
        match self {
            Self::H264(config) => cmaf::init(config),
            Self::Jpeg { .. } => Vec::new(),
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
    /// Boot time of the first picture, us.
    pub boottime_us: u64,
    /// Sum of the pictures' durations, us.
    pub duration_us: u32,
    /// Starts with a key frame.
    pub key: bool,
    /// Pictures in it.
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
    /// Pictures of the fragment being gathered, with their decoding times.
    gathered: Vec<(u64, Pending)>,
    last_us: Option<u64>,
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
            gathered: Vec::new(),
            last_us: None,
        }
    }

    /// Adds a picture taken at `boottime_us`. The fragment that it completes, if any, is returned.
    ///
    /// Pictures before the first key frame with parameter sets are dropped: nobody could decode them.
    pub fn push(&mut self, boottime_us: u64, unit: Encoded) -> Option<Fragment> {
        let mut access = h264::access_unit(&unit.data, &unit.extradata);
        if let Some(prefix) = self.prefix.take() {
            access = prefix.followed_by(access);
        }
        if !access.picture {
            self.prefix = Some(access);
            return None;
        }
        let key = access.idr || (unit.key && !access.sets.sps.is_empty());
        let config = self.config_for(&unit, access.sets, key);
        let changed = match (self.config(), &config) {
            (Some(old), Some(new)) => old != new,
            _ => true,
        };
        if changed && !(key && config.is_some()) {
            return None;
        }
        let mut decode_us = boottime_us.saturating_add_signed(-unit.composition_us).max(self.origin_us);
        if let Some(last) = self.last_us {
            // Decoding times rise strictly, whatever the camera's clock does; 100 us are 9 ticks.
            decode_us = decode_us.max(last + 100);
        }
        // Where pictures are reordered, what is shown when stays as it is even if the order of decoding had to be set right.
        let composition_us = match unit.composition_us {
            0 => 0,
            _ => i64::try_from(boottime_us).unwrap_or(i64::MAX).saturating_sub_unsigned(decode_us).clamp(-REORDER_US, REORDER_US),
        };
        let first_us = self.gathered.first().map(|(at, _)| *at);
        let cut = changed || key || first_us.is_some_and(|first| decode_us - first >= FRAGMENT_US) || self.gap(decode_us);
        let done = if cut { self.cut(Some(decode_us)) } else { None };
        if changed {
            self.media = config.map(|config| Arc::new(Media::H264(config)));
        }
        self.gathered.push((decode_us, Pending { data: access.data, key, composition_us }));
        self.last_us = Some(decode_us);
        done
    }

    /// Closes the fragment being gathered: no picture came for a while, or capture ends.
    pub fn flush(&mut self) -> Option<Fragment> {
        self.cut(None)
    }

    fn config(&self) -> Option<&Config> {
        match self.media.as_deref()? {
            Media::H264(config) => Some(config),
            Media::Jpeg { .. } => None,
        }
    }

    fn gap(&self, next_us: u64) -> bool {
        self.last_us.is_some_and(|last| next_us - last > GAP_US)
    }

    fn config_for(&mut self, unit: &Encoded, in_band: ParameterSets, key: bool) -> Option<Config> {
        if !key {
            return self.config().cloned();
        }
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
        self.extradata = Some(Arc::clone(&unit.extradata));
        let shape = sets.shape();
        let (width, height) = shape.map_or((unit.width, unit.height), |shape| (shape.width, shape.height));
        let pixel_aspect = shape.and_then(|shape| shape.pixel_aspect).unwrap_or(unit.pixel_aspect);
        Some(Config { sets, width, height, pixel_aspect })
    }

    fn cut(&mut self, next_us: Option<u64>) -> Option<Fragment> {
        let media = self.media.clone()?;
        let &(last_us, _) = self.gathered.last()?;
        let &(first_us, _) = self.gathered.first()?;
        let end_us = match next_us {
            Some(next) if next - last_us <= GAP_US => next,
            _ => last_us + self.nominal_us,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Frame, Picture};
    use crate::encode::{Encoder, Target};
    use ffmpeg_next as ffmpeg;

    const ORIGIN: u64 = 7_000_000_000;

    /// Encodes pictures taken at `times` (after the origin, us) whose luma is their number, and cuts them.
    fn fragments(times: &[u64]) -> Vec<Fragment> {
        let (width, height) = (160, 120);
        let mut encoder = Encoder::new(Target { width, height, fps: 15, max_kbits: 300 });
        let mut segmenter = Segmenter::new(ORIGIN, 15);
        let mut done = Vec::new();
        for (i, at) in times.iter().enumerate() {
            let mut picture = ffmpeg::frame::Video::new(ffmpeg::format::Pixel::YUV420P, width, height);
            picture.data_mut(0).fill(20 + (i % 100) as u8 * 2);
            picture.data_mut(1).fill(128);
            picture.data_mut(2).fill(128);
            let frame = Frame { boottime_us: ORIGIN + at, picture: Picture::Raw(picture) };
            encoder.encode(frame, &mut |at, unit| done.extend(segmenter.push(at, unit))).unwrap();
        }
        done.extend(segmenter.flush());
        done
    }

    /// Plays init section and fragments back with libavformat: presentation times (us after the origin) and luma of each picture.
    fn play(fragments: &[Fragment]) -> Vec<(i64, u8)> {
        let mut file = fragments[0].media.init();
        fragments.iter().for_each(|fragment| file.extend(&fragment.bytes));
        let io = ffmpeg::format::context::StreamIo::from_read_seek(std::io::Cursor::new(file)).unwrap();
        let mut input = ffmpeg::format::input_from_stream(io, Some("x.mp4"), None).unwrap();
        let stream = input.streams().best(ffmpeg::media::Type::Video).unwrap();
        assert_eq!(stream.time_base(), ffmpeg::Rational(1, 90_000));
        let mut decoder = ffmpeg::codec::Context::from_parameters(stream.parameters()).unwrap().decoder().video().unwrap();
        let mut seen = Vec::new();
        let mut frame = ffmpeg::frame::Video::empty();
        let packets: Vec<_> = input.packets().map(|(_, packet)| packet).collect();
        for packet in &packets {
            decoder.send_packet(packet).unwrap();
            while decoder.receive_frame(&mut frame).is_ok() {
                seen.push((frame.pts().unwrap() * 100 / 9, frame.data(0)[0]));
            }
        }
        decoder.send_eof().unwrap();
        while decoder.receive_frame(&mut frame).is_ok() {
            seen.push((frame.pts().unwrap() * 100 / 9, frame.data(0)[0]));
        }
        seen
    }

    #[test]
    fn what_is_played_back_has_the_capture_times() {
        let times: Vec<u64> = (0..75).map(|i| 500_000 + i * 66_667).collect();
        let fragments = fragments(&times);
        assert!(fragments.len() >= 5 && fragments[0].key);
        assert!(fragments.iter().all(|f| f.duration_us <= 1_100_000));
        assert!(fragments.windows(2).all(|pair| pair[0].boottime_us + u64::from(pair[0].duration_us) == pair[1].boottime_us));
        let seen = play(&fragments);
        assert_eq!(seen.len(), times.len());
        for ((pts, luma), (i, at)) in seen.iter().zip(times.iter().enumerate()) {
            assert!((pts - *at as i64).abs() <= 12, "picture {i}: {pts} for {at}");
            assert!((i16::from(*luma) - (20 + i as i16 * 2)).abs() <= 3, "picture {i}: luma {luma}");
        }
    }

    #[test]
    fn a_silent_camera_leaves_a_gap_and_uneven_times_stay_true() {
        let times = [0, 66_000, 200_000, 210_000, 900_000, 1_700_000, 9_000_000, 9_066_000];
        let fragments = fragments(&times);
        let seen = play(&fragments);
        let error = seen.iter().zip(times).map(|((pts, _), at)| (pts - at as i64).abs()).max().unwrap();
        assert!(seen.len() == times.len() && error <= 12, "{seen:?}");
        let covered: u64 = fragments.iter().map(|f| u64::from(f.duration_us)).sum();
        assert_eq!(covered, 1_700_000 + 66_666 + 66_000 + 66_666, "the gap is not covered");
    }

    fn annex_b(nals: &[&[u8]]) -> Vec<u8> {
        nals.iter().flat_map(|nal| [&[0, 0, 1], *nal].concat()).collect()
    }

    fn passed(nals: &[&[u8]], extradata: &Arc<[u8]>, composition_us: i64) -> Encoded {
        let extradata = Arc::clone(extradata);
        Encoded { data: annex_b(nals), extradata, key: false, composition_us, width: 64, height: 48, pixel_aspect: (1, 1) }
    }

    const SMALL: &[u8] = &[0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x03, 0xC5, 0x68, 0x40];
    const LARGE: &[u8] = &[0x67, 0x4D, 0x00, 0x1F, 0x95, 0xA8, 0x14, 0x01, 0x6E, 0x40];
    const PPS: &[u8] = &[0x68, 0xCB, 0x83];
    const IDR: &[u8] = &[0x65, 0x88, 0x84];
    const SLICE: &[u8] = &[0x41, 0x9A, 0x21];

    #[test]
    fn sizes_come_from_the_parameter_sets_wherever_these_stand() {
        let described: Arc<[u8]> = annex_b(&[SMALL, PPS]).into();
        let nothing: Arc<[u8]> = Arc::from([]);
        let mut segmenter = Segmenter::new(0, 25);
        let mut sizes = Vec::new();
        let mut see = |fragment: Option<Fragment>| sizes.extend(fragment.map(|f| (f.media.size().0, f.media.size().1, f.pictures)));
        // Described only; then in band, larger, in a unit of their own; then half of them; then a new connection with the old description.
        let units = [
            passed(&[IDR], &described, 0),
            passed(&[SLICE], &described, 0),
            passed(&[LARGE, PPS, &[6, 5, 1]], &described, 0),
            passed(&[IDR], &described, 0),
            passed(&[SMALL, IDR], &described, 0),
            passed(&[IDR], &nothing, 0),
            passed(&[IDR], &annex_b(&[LARGE, PPS]).into(), 0),
        ];
        for (i, unit) in (1..).zip(units) {
            see(segmenter.push(i * 40_000, unit));
        }
        see(segmenter.flush());
        assert_eq!(sizes, [(240, 160, 2), (1280, 720, 1), (240, 160, 1), (240, 160, 1), (1280, 720, 1)]);
    }

    #[test]
    fn reordered_pictures_are_decoded_in_the_order_they_came_in_and_shown_at_their_times() {
        let described: Arc<[u8]> = annex_b(&[SMALL, PPS]).into();
        let mut segmenter = Segmenter::new(0, 25);
        // Shown at 0, 120, 40, 80 ms, decoded 40 ms before that at least; the third has lost its place and is put behind the one before.
        let shown = [(1_000_000, 80_000), (1_120_000, 160_000), (1_040_000, 90_000), (1_080_000, 40_000)];
        let units: [&[u8]; 4] = [IDR, SLICE, SLICE, SLICE];
        for ((at, ahead), nal) in shown.into_iter().zip(units) {
            assert!(segmenter.push(at, passed(&[nal], &described, ahead)).is_none());
        }
        let fragment = segmenter.flush().unwrap();
        let run = fragment.bytes.windows(4).position(|name| name == b"trun").unwrap() + 4;
        let word = |at: usize| i64::from(i32::from_be_bytes(fragment.bytes[at..at + 4].try_into().unwrap()));
        let mut decode = 920_000 * 9 / 100;
        for (i, (at, _)) in shown.into_iter().enumerate() {
            let sample = run + 12 + i * 16;
            assert!((decode + word(sample + 12) - at as i64 * 9 / 100).abs() <= 1, "picture {i}");
            assert!(word(sample) > 0);
            decode += word(sample);
        }
    }

    #[test]
    fn pictures_before_a_key_frame_are_dropped_and_clocks_going_back_do_not_disorder() {
        let mut segmenter = Segmenter::new(0, 15);
        let unit = |nals: &[&[u8]]| {
            let mut data = Vec::new();
            nals.iter().for_each(|nal| {
                data.extend([0, 0, 1]);
                data.extend(*nal);
            });
            Encoded { data, extradata: Arc::from([]), key: false, composition_us: 0, width: 64, height: 48, pixel_aspect: (1, 1) }
        };
        assert!(segmenter.push(10, unit(&[&[0x41, 9, 9]])).is_none());
        assert!(segmenter.flush().is_none());
        let idr: [&[u8]; 3] = [&[0x67, 0x42, 0xC0, 0x1E, 1], &[0x68, 1], &[0x65, 9]];
        segmenter.push(5_000_000, unit(&idr));
        segmenter.push(4_000_000, unit(&[&[0x41, 9, 9]]));
        let first = segmenter.push(5_100_000, unit(&idr)).unwrap();
        assert_eq!((first.boottime_us, first.duration_us), (5_000_000, 100_000));
        let other: [&[u8]; 3] = [&[0x67, 0x42, 0xC0, 0x1F, 1], &[0x68, 1], &[0x65, 9]];
        let second = segmenter.push(5_200_000, unit(&other)).unwrap();
        assert!(Arc::ptr_eq(&first.media, &second.media));
        let third = segmenter.flush().unwrap();
        assert!(!Arc::ptr_eq(&first.media, &third.media) && third.key);
    }
}
