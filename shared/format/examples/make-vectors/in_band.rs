//! Joining H.264 of different parameters: what the joined bytes are, for whoever joins a second time.

use crate::{mp4_box, vectors};
use invigil_format::mp4::Joiner;
use serde_json::{Value, json};

/// `shared/format/vectors/v1/in-band/`, only where there is none.
pub(crate) fn make() {
    let dir = vectors::dir().join("in-band");
    if dir.exists() {
        println!("in-band: is there already");
        return;
    }
    let cases: Vec<Value> = good().into_iter().chain(appended()).chain(malformed()).map(|case| case.joined()).collect();
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("joining.json"), serde_json::to_string_pretty(&json!({ "cases": cases })).unwrap() + "\n").unwrap();
}

struct Case {
    name: &'static str,
    inits: Vec<Vec<u8>>,
    /// Init section, place in us, bytes.
    fragments: Vec<(usize, u64, Vec<u8>)>,
}

impl Case {
    /// With what comes of it.
    fn joined(self) -> Value {
        let joined = Joiner::new(&self.inits).and_then(|(mut joiner, mut out)| {
            for (init, at_us, bytes) in &self.fragments {
                out.extend(joiner.fragment_at(*init, *at_us, bytes)?);
            }
            Ok(out)
        });
        let fragments: Vec<Value> = self
            .fragments
            .iter()
            .map(|(init, at_us, bytes)| json!({ "init": init, "at_us": at_us, "bytes": hex::encode(bytes) }))
            .collect();
        let mut case =
            json!({ "name": self.name, "inits": self.inits.iter().map(hex::encode).collect::<Vec<_>>(), "fragments": fragments });
        match joined {
            Ok(bytes) => case["joined"] = hex::encode(bytes).into(),
            Err(error) => case["error"] = error.name().into(),
        }
        case
    }
}

const LARGE: &[u8] = b"\x67\x64\x00\x1elarge";
const SMALL: &[u8] = b"\x67\x42\xc0\x0dsmall";
const PICTURE: &[u8] = b"\x68\xcepicture";

/// `avcC`, lengths of `length` bytes.
fn record(length: u8, sps: &[&[u8]], pps: &[&[u8]], rest: &[u8]) -> Vec<u8> {
    let mut out = vec![1, 0x64, 0, 0x1e, 0xFC | (length - 1)];
    for (mark, list) in [(0xE0, sps), (0, pps)] {
        out.push(mark | u8::try_from(list.len()).unwrap());
        for unit in list {
            out.extend(u16::try_from(unit.len()).unwrap().to_be_bytes());
            out.extend_from_slice(unit);
        }
    }
    [out, rest.to_vec()].concat()
}

fn entry(codec: &[u8; 4], config: &[u8]) -> Vec<u8> {
    mp4_box(codec, &[[0; 78].as_slice(), &mp4_box(b"pasp", &[0; 8]), &mp4_box(b"avcC", config)].concat())
}

/// An init section with these sample entries; samples have `size` bytes if nothing else is said.
fn init(entries: &[Vec<u8>], size: u32) -> Vec<u8> {
    let count = u32::try_from(entries.len()).unwrap();
    let stsd = mp4_box(b"stsd", &[&[0; 4], count.to_be_bytes().as_slice(), &entries.concat()].concat());
    let stbl = mp4_box(b"stbl", &[stsd, mp4_box(b"stts", &[0; 8])].concat());
    let mdhd = mp4_box(b"mdhd", &[[0; 12].as_slice(), &90_000u32.to_be_bytes(), &[0; 8]].concat());
    let tkhd = mp4_box(b"tkhd", &[[0; 12].as_slice(), &7u32.to_be_bytes(), &[0; 8]].concat());
    let trak = mp4_box(b"trak", &[tkhd, mp4_box(b"mdia", &[mdhd, mp4_box(b"minf", &stbl)].concat())].concat());
    let mvex = mp4_box(b"mvex", &mp4_box(b"trex", &[0, 7, 1, 0, size, 0].map(u32::to_be_bytes).concat()));
    [mp4_box(b"ftyp", b"cmfc"), mp4_box(b"moov", &[trak, mvex].concat())].concat()
}

fn large() -> Vec<u8> {
    init(&[entry(b"avc1", &record(4, &[LARGE], &[PICTURE], &[0xFD, 0xF8, 0xF8, 0]))], 0)
}

fn small() -> Vec<u8> {
    init(&[entry(b"avc1", &record(4, &[SMALL], &[PICTURE, b"\x68\xceother"], &[]))], 9)
}

/// A NAL unit behind its length.
fn unit(text: &[u8]) -> Vec<u8> {
    [&u32::try_from(text.len()).unwrap().to_be_bytes(), text].concat()
}

/// A `trun` whose data begin `at` bytes into the body of `mdat`.
struct Run {
    flags: u32,
    at: u32,
    count: u32,
    fields: Vec<u32>,
}

fn run(flags: u32, at: u32, count: u32, fields: &[u32]) -> Run {
    Run { flags, at, count, fields: fields.to_vec() }
}

/// A fragment whose `tfhd` has these further flags and fields.
fn fragment(tfhd: (u32, &[u32]), runs: &[Run], data: &[u8]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
    let made = |moof: u32| {
        let tfhd = mp4_box(b"tfhd", &[words(&[0x02_0000 | tfhd.0, 7]), words(tfhd.1)].concat());
        let tfdt = mp4_box(b"tfdt", &words(&[0, 4500]));
        let runs: Vec<u8> = runs
            .iter()
            .flat_map(|run| {
                mp4_box(b"trun", &[words(&[run.flags, run.count, (moof + 8).wrapping_add(run.at)]), words(&run.fields)].concat())
            })
            .collect();
        mp4_box(b"moof", &[mp4_box(b"mfhd", &[0; 8]), mp4_box(b"traf", &[tfhd, tfdt, runs].concat())].concat())
    };
    let moof = u32::try_from(made(0).len()).unwrap();
    [made(moof), mp4_box(b"mdat", data)].concat()
}

const NONE: (u32, &[u32]) = (0, &[]);

/// Two samples of 9 bytes with sizes.
fn plain() -> Vec<u8> {
    fragment(NONE, &[run(0x201, 0, 2, &[9, 9])], &[unit(b"\x65head"), unit(b"\x41tail")].concat())
}

/// The header of `mdat` with a 64-bit length.
fn wide(fragment: &[u8]) -> Vec<u8> {
    let at = fragment.windows(4).position(|name| name == b"mdat").unwrap() - 4;
    let len = u64::try_from(fragment.len() - at + 8).unwrap();
    [&fragment[..at], &[0, 0, 0, 1], b"mdat", &len.to_be_bytes(), &fragment[at + 8..]].concat()
}

fn good() -> Vec<Case> {
    let both = || vec![large(), small()];
    let samples = || [unit(b"\x65head"), unit(b"\x41tail")].concat();
    let each = |bytes: Vec<u8>| vec![(0, 0, bytes.clone()), (1, 1_000_000, bytes)];
    let case = |name, fragments| Case { name, inits: both(), fragments };
    vec![
        case("sizes-in-run", each(plain())),
        case("every-field", each(fragment(NONE, &[run(0x0100_0F05, 0, 2, &[3, 30, 9, 1, 60, 31, 9, 2, 0])], &samples()))),
        case("sizes-in-fragment", each(fragment((0x3A, &[1, 3000, 9, 5]), &[run(0xD01, 0, 2, &[1, 2, 3, 4, 5, 6])], &samples()))),
        case("sizes-in-init", vec![(1, 0, fragment(NONE, &[run(0x01, 0, 2, &[])], &samples()))]),
        case("no-sample", each(fragment(NONE, &[run(0x201, 0, 0, &[])], b""))),
        case("empty-run-first", each(fragment(NONE, &[run(0x201, 0, 0, &[]), run(0x201, 0, 2, &[9, 9])], &samples()))),
        case("two-runs", each(fragment(NONE, &[run(0x201, 0, 1, &[9]), run(0x201, 9, 1, &[9])], &samples()))),
        case("second-run-before", each(fragment(NONE, &[run(0x201, 9, 1, &[9]), run(0x201, 0, 1, &[9])], &samples()))),
        case("delimiter", each(fragment(NONE, &[run(0x201, 0, 1, &[15])], &[unit(b"\x09\xf0"), samples()].concat()))),
        case("delimiter-only", each(fragment(NONE, &[run(0x201, 0, 1, &[9])], &unit(b"\x09\xf0all")))),
        case("length-beyond-sample", each(fragment(NONE, &[run(0x201, 0, 1, &[6])], b"\0\0\0\x07\x09\xf0more"))),
        case("two-fragments", each([plain(), mp4_box(b"free", b"between"), plain()].concat())),
        case("run-has-more", each(fragment(NONE, &[run(0x201, 0, 1, &[9, 0xFFFF_FFFF])], &samples()))),
        case("mdat-of-64-bits", each(wide(&fragment(NONE, &[run(0x201, 8, 1, &[9]), run(0x201, 17, 1, &[9])], &samples())))),
        Case {
            name: "back-again",
            inits: vec![large(), small(), large()],
            fragments: vec![(0, 0, plain()), (1, 1, plain()), (2, 1_000_000_000, plain())],
        },
        Case {
            name: "in-band-already",
            inits: vec![small(), init(&[entry(b"avc3", &record(4, &[LARGE], &[PICTURE], &[]))], 0)],
            fragments: each(plain()),
        },
        Case {
            name: "first-has-two",
            inits: vec![init(&[entry(b"avc1", &record(4, &[LARGE], &[PICTURE], &[])), entry(b"zzzz", b"")], 0), small()],
            fragments: each(plain()),
        },
    ]
}

/// What stays as it is: equal descriptions, and others than H.264 with lengths of 4 bytes.
fn appended() -> Vec<Case> {
    let each = || vec![(0, 0, plain()), (1, 1_000_000, plain())];
    let with = |name, config: &[u8]| Case { name, inits: vec![large(), init(&[entry(b"avc1", config)], 0)], fragments: each() };
    vec![
        Case { name: "same", inits: vec![large(), large()], fragments: each() },
        Case { name: "sound", inits: vec![large(), init(&[entry(b"mp4a", &record(4, &[SMALL], &[PICTURE], &[]))], 0)], fragments: each() },
        Case { name: "no-config", inits: vec![large(), init(&[mp4_box(b"avc1", &[0; 78])], 0)], fragments: each() },
        with("lengths-of-2", &record(2, &[SMALL], &[PICTURE], &[])),
        with("no-picture-sets", &record(4, &[SMALL], &[], &[])),
        with("empty-set", &record(4, &[SMALL, b""], &[PICTURE], &[])),
        with("config-cut", &record(4, &[SMALL], &[PICTURE], &[])[..20]),
        with("config-version-2", &[&[2], &record(4, &[SMALL], &[PICTURE], &[])[1..]].concat()),
    ]
}

fn malformed() -> Vec<Case> {
    let data = [unit(b"\x65head"), unit(b"\x41tail")].concat();
    let case = |name, run| Case { name, inits: vec![large(), small()], fragments: vec![(1, 0, fragment(NONE, &[run], &data))] };
    let open_end = [&[0; 4], b"zzzz".as_slice(), &[0; 8]].concat();
    vec![
        case("no-data-offset", run(0x200, 0, 1, &[9])),
        case("run-cut", run(0x201, 0, 3, &[9, 9])),
        case("sample-too-long", run(0x201, 10, 1, &[9])),
        case("data-before-mdat", run(0x201, 0xFFFF_FFFF, 1, &[9])),
        case("data-after-mdat", run(0x201, 19, 1, &[0])),
        case("more-samples-than-bytes", run(0x01, 0, 3, &[])),
        Case {
            name: "samples-without-end",
            inits: vec![small(), large()],
            fragments: vec![(1, 0, fragment(NONE, &[run(0x01, 0, 0xFFFF_FFFF, &[])], &data))],
        },
        Case {
            name: "fragment-header-cut",
            inits: vec![small(), large()],
            fragments: vec![(1, 0, fragment((0x18, &[5]), &[run(0x01, 0, 1, &[])], &data))],
        },
        Case { name: "entry-to-the-end", inits: vec![init(&[open_end], 0), small()], fragments: vec![(0, 0, plain())] },
    ]
}
