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
        let frame = Frame { boottime_us: ORIGIN + at, picture: Picture::Raw(picture.into()) };
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
    assert_eq!(sizes, [(240, 160, 2), (1280, 720, 1), (240, 160, 2), (1280, 720, 1)]);
}

#[test]
fn groups_of_pictures_are_divided_evenly_and_short_ones_gathered() {
    let described: Arc<[u8]> = annex_b(&[SMALL, PPS]).into();
    // Pictures 40 ms apart, a key frame every so many: lengths of fragments from the third key frame on, ms, and how many begin with a key frame.
    let lengths = |group: u64| -> (Vec<u32>, usize) {
        let mut segmenter = Segmenter::new(0, 25);
        let unit = |i: u64| passed(&[if i.is_multiple_of(group) { IDR } else { SLICE }], &described, 0);
        let done: Vec<Fragment> = (0..1500).filter_map(|i| segmenter.push(1_000_000 + i * 40_000 + i % 3 * 1_000, unit(i))).collect();
        let settled = done.iter().filter(|f| f.boottime_us > 1_000_000 + (2 * group).max(50) * 41_000);
        (settled.clone().map(|f| (f.duration_us + 10_000) / 20_000 * 20).collect(), settled.filter(|f| f.key).count())
    };
    for (group, expected, each) in
        [(1, 560, 1), (10, 800, 1), (12, 960, 1), (15, 600, 1), (25, 1000, 1), (50, 1000, 2), (100, 1000, 4), (250, 1000, 10)]
    {
        let (lengths, keys) = lengths(group);
        assert!(lengths.len() > 30 && lengths.iter().all(|ms| ms.abs_diff(expected) <= 20), "{group}: {lengths:?}");
        assert!(keys >= lengths.len() / each, "{group}: {keys} of {}", lengths.len());
    }
}

#[test]
fn where_only_key_frames_are_recorded_each_lasts_until_the_next_one() {
    let described: Arc<[u8]> = annex_b(&[SMALL, PPS]).into();
    // A camera with 15 pictures a second and a key frame every 4 s, of which only these are recorded; it is away from 20 to 26 s, and from 40 s on.
    let mut segmenter = Segmenter::new(0, 15);
    let mut done = Vec::new();
    let begun = 1_000_000;
    for i in (0..600).filter(|i| !(300..390).contains(i)) {
        let at = begun + i * 1_000_000 / 15;
        match i % 60 == 0 {
            true => done.extend(segmenter.push(at, passed(&[IDR], &described, 0))),
            false => segmenter.leave_out(at),
        }
    }
    done.extend(segmenter.flush());
    let tenths = |us: u64| (us - begun + 50_000) / 100_000;
    let covered: Vec<(u64, u64)> = done.iter().map(|f| (tenths(f.boottime_us), tenths(f.boottime_us + u64::from(f.duration_us)))).collect();
    // What came back at 26 s begins with the key frame of 28 s.
    assert_eq!(covered, [(0, 40), (40, 80), (80, 120), (120, 160), (160, 200), (280, 320), (320, 360), (360, 400)]);
    assert!(done.iter().all(|f| f.key && f.pictures == 1));

    // Whose next key frame never comes.
    let mut segmenter = Segmenter::new(0, 15);
    segmenter.push(begun, passed(&[IDR], &described, 0));
    (1..900).for_each(|i| segmenter.leave_out(begun + i * 1_000_000 / 15));
    assert_eq!(segmenter.flush().unwrap().duration_us / 100_000, 200);
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
    assert_eq!((segmenter.take_undecodable(), segmenter.take_undecodable()), (1, 0));
    let idr: [&[u8]; 3] = [&[0x67, 0x42, 0xC0, 0x1E, 1], &[0x68, 1], &[0x65, 9]];
    segmenter.push(5_000_000, unit(&idr));
    segmenter.push(4_000_000, unit(&[&[0x41, 9, 9]]));
    let first = segmenter.push(5_800_000, unit(&idr)).unwrap();
    assert_eq!((first.boottime_us, first.duration_us, first.pictures), (5_000_000, 800_000, 2));
    let other: [&[u8]; 3] = [&[0x67, 0x42, 0xC0, 0x1F, 1], &[0x68, 1], &[0x65, 9]];
    let second = segmenter.push(5_900_000, unit(&other)).unwrap();
    assert!(Arc::ptr_eq(&first.media, &second.media));
    let third = segmenter.flush().unwrap();
    assert!(!Arc::ptr_eq(&first.media, &third.media) && third.key);
}
