//! One vector, sometimes several, for each name of [`invigil_format::Error`].

use crate::common::{Forge, Raw, T0_MS, World, hash, stamp};
use crate::{Maker, forge, fragment, init_section, journal_case, mp4_case, wrapped};
use invigil_format::{
    CloseReason, Closing, Event, FinishedBy, Join, JournalWriter, RunId, Scanner, SegmentWriter, Statement, Subject, code_digest,
};
use serde_json::{Value, json};

fn edit(text: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap();
    change(&mut value);
    value
}

pub(crate) fn segments(maker: &mut Maker) {
    let record = maker.record_digest(0);
    let w = World::new();
    let whole = w.segment(w.start(0, "cam0", 0, None, record), 0, &[10, 20, 30, 40], Some(CloseReason::Stopped)).0;
    preambles(maker, &whole);
    headers(maker, &w);
    frames(maker, &w);
    orders(maker, &w);
    closings(maker, &w);
    let scanner = Scanner::scan(&whole).unwrap();
    let frames = scanner.frames().to_vec();
    let at = |index: usize| usize::try_from(frames[index].offset).unwrap();
    let mut altered = whole.clone();
    altered[at(1) + 70] ^= 1;
    maker.bad("segment", "chain-broken", "altered-chunk", &altered);
    let dropped = [&whole[..at(4)], &whole[at(5)..]].concat();
    maker.bad("segment", "chain-broken", "dropped-signature", &dropped);
    let dropped = [&whole[..at(3)], &whole[at(4)..]].concat();
    maker.bad("segment", "bad-counter", "dropped-chunk", &dropped);
    let mut last = w.segment(w.start(0, "cam0", 0, None, record), 0, &[10, 20], None).0;
    *last.last_mut().unwrap() ^= 1;
    maker.bad("segment", "broken-seal", "altered-last-chunk", &last);
    maker.bad("segment", "broken-seal", "garbage-chunk", &forge(maker).frame(1, &[0; 20]).bytes);
    maker.bad("segment", "after-closing", "after-closing", &[whole.as_slice(), b"x"].concat());
}

fn preambles(maker: &mut Maker, whole: &[u8]) {
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.to_vec();
        bytes[at] = byte;
        bytes
    };
    maker.bad("segment", "not-a-segment", "other-magic", &with(1, b'J'));
    maker.bad("segment", "unsupported-version", "segment-version-2", &with(9, 2));
    maker.bad("segment", "reserved-bits", "preamble-reserved", &with(11, 1));
    let mut long = whole.to_vec();
    long[12..16].copy_from_slice(&8193u32.to_be_bytes());
    maker.bad("segment", "header-length", "header-too-long", &long);
    long[12..16].copy_from_slice(&0u32.to_be_bytes());
    maker.bad("segment", "header-length", "header-empty", &long);
    maker.bad("segment", "no-header", "header-cut", &whole[..100]);
    maker.bad("segment", "no-header", "preamble-cut", &whole[..15]);
    maker.bad("segment", "no-header", "empty", b"");
}

fn headers(maker: &mut Maker, w: &World) {
    let record = maker.record_digest(0);
    let (writer, _) = SegmentWriter::begin(w.start(0, "cam0", 9, None, record), &w.run_keys[0], &w.device).unwrap();
    let text = serde_json::to_string(writer.header()).unwrap();
    let forged = |change: &dyn Fn(&mut Value)| Forge::with_header_text(edit(&text, change).to_string().as_bytes()).bytes;
    let mut cases = vec![
        ("json", "header-not-json", Forge::with_header_text(b"{\"institution\":").bytes),
        ("json", "header-not-utf8", Forge::with_header_text(b"{\"codec\":\"\xff\"}").bytes),
        ("duplicate-member", "header-duplicate", Forge::with_header_text(text.replacen('{', "{\"width\":1,", 1).as_bytes()).bytes),
        (
            "duplicate-member",
            "header-duplicate-escaped",
            Forge::with_header_text(text.replacen('{', "{\"\\u0077idth\":1,", 1).as_bytes()).bytes,
        ),
        ("unknown-member", "header-unknown", forged(&|v| v["colour"] = json!("red"))),
        ("json", "header-missing", forged(&|v| drop(v.as_object_mut().unwrap().remove("previous_head")))),
        ("json", "header-track-empty", forged(&|v| v["track"] = json!(""))),
        ("json", "header-track-path", forged(&|v| v["track"] = json!("../cam0"))),
        ("json", "header-upper-case-key", forged(&|v| v["key_record"] = json!(v["key_record"].as_str().unwrap().replace('a', "A")))),
        ("json", "header-number-text", forged(&|v| v["width"] = json!("640"))),
        ("json", "header-number-negative", forged(&|v| v["width"] = json!(-1))),
        ("json", "header-number-fraction", forged(&|v| v["width"] = json!(1.5))),
        ("json", "header-number-large", forged(&|v| v["sequence"] = json!(4_294_967_296u64))),
        ("json", "header-kind-unknown", forged(&|v| v["kind"] = json!("smell"))),
        ("commitment", "other-commitment", forged(&|v| v["commitment"] = json!("00".repeat(32)))),
        ("wrong-institution", "segment-other-institution", forged(&|v| v["institution"] = json!("00".repeat(32)))),
        ("not-certified", "segment-other-device", forged(&|v| v["device"] = json!(w.server.public()))),
        ("wrong-scope", "segment-other-recording", forged(&|v| v["recording"] = json!(RunId::from_random([77; 16])))),
        ("wrong-scope", "segment-unknown-key-record", forged(&|v| v["key_record"] = json!("00".repeat(32)))),
    ];
    for (error, name, bytes) in cases.drain(..) {
        maker.bad("segment", error, name, &bytes);
    }
}

fn frames(maker: &mut Maker, w: &World) {
    let start = forge(maker);
    let init = start.clone().frame(1, &[0; 20]);
    let beacon = w.beacon().to_bytes();
    let raw = |kind: u8, counter: u32, change: &dyn Fn(&mut Raw)| {
        let mut raw = Raw::new(kind, counter);
        change(&mut raw);
        raw
    };
    let none = |_: &mut Raw| {};
    let cases: Vec<(&str, &str, Forge)> = vec![
        ("unknown-frame-kind", "frame-kind-0", start.clone().raw(&raw(0, 0, &none), &[0; 20])),
        ("unknown-frame-kind", "frame-kind-7", init.clone().raw(&raw(7, 0, &none), &[0; 20])),
        ("bad-flags", "last-flag-on-chunk", init.clone().raw(&raw(2, 1, &|r| r.flags = 1), &[0; 20])),
        ("bad-flags", "no-last-flag-on-final", init.clone().raw(&raw(3, 1, &|r| r.flags = 0), &[0; 16])),
        ("bad-flags", "key-flag-on-init", start.clone().raw(&raw(1, 0, &|r| r.flags = 2), &[0; 20])),
        ("bad-flags", "unknown-flag", init.clone().raw(&raw(2, 1, &|r| r.flags = 4), &[0; 20])),
        ("reserved-bits", "frame-reserved", init.clone().raw(&raw(2, 1, &|r| r.reserved = 1), &[0; 20])),
        ("bad-counter", "counter-repeated", init.clone().raw(&raw(2, 0, &none), &[0; 20])),
        ("bad-counter", "counter-on-signature", init.clone().raw(&raw(4, 0, &|r| r.counter = 1), &[0; 64])),
        ("bad-duration", "duration-on-init", start.clone().raw(&raw(1, 0, &|r| r.duration_us = 1), &[0; 20])),
        ("bad-wall-time", "wall-time", init.clone().raw(&raw(2, 1, &|r| r.wall_ms = 1 << 63), &[0; 20])),
        ("body-length", "init-without-tag", start.clone().raw(&raw(1, 0, &none), &[0; 15])),
        ("body-length", "init-too-long", start.clone().raw(&raw(1, 0, &|r| r.body_len = Some(65_553)), &[])),
        ("body-length", "chunk-empty", init.clone().raw(&raw(2, 1, &none), &[0; 16])),
        ("body-length", "chunk-too-long", init.clone().raw(&raw(2, 1, &|r| r.body_len = Some((8 << 20) + 17)), &[])),
        ("body-length", "chunk-4-gib", init.clone().raw(&raw(2, 1, &|r| r.body_len = Some(u32::MAX)), &[])),
        ("body-length", "final-not-empty", init.clone().raw(&raw(3, 1, &none), &[0; 17])),
        ("body-length", "signature-short", init.clone().raw(&raw(4, 0, &none), &[0; 63])),
        ("body-length", "beacon-short", init.clone().raw(&raw(5, 0, &none), &beacon[..119])),
        ("body-length", "closing-too-long", init.clone().raw(&raw(6, 0, &none), &[b' '; 4097])),
        ("bad-head-signature", "signature-zero", init.clone().frame(4, &[0; 64])),
        ("bad-beacon", "beacon-altered", init.clone().frame(5, &beacon.map(|b| b ^ 1))),
    ];
    for (error, name, forged) in cases {
        maker.bad("segment", error, name, &forged.bytes);
    }
    let strange = invigil_format::Beacon::sign(w.fingerprint, T0_MS, [1; 16], &invigil_format::ServerKey::from_seed(&[66; 32]).unwrap());
    maker.bad("segment", "not-certified", "beacon-of-nobody", &init.frame(5, &strange.to_bytes()).bytes);
}

fn orders(maker: &mut Maker, w: &World) {
    let start = forge(maker);
    let init = start.clone().frame(1, &[0; 20]);
    let chunk = [0; 20];
    let signed = |forge: &Forge| w.device.sign(&[b"invigil v1 head signature\0".as_slice(), forge.head.as_bytes()].concat()).0;
    let final_ = init.clone().frame(3, &[0; 16]);
    let early = signed(&start);
    let cases: Vec<(&str, Forge)> = vec![
        ("chunk-before-init", start.clone().frame(2, &chunk)),
        ("beacon-before-init", start.clone().frame(5, &w.beacon().to_bytes())),
        ("final-before-init", start.clone().frame(3, &[0; 16])),
        ("init-after-signature", start.frame(4, &early).frame(1, &[0; 20])),
        ("init-twice", init.frame(1, &[0; 20])),
        ("chunk-after-final", final_.clone().frame(2, &chunk)),
        ("final-twice", final_.clone().frame(3, &[0; 16])),
        ("beacon-after-final", final_.frame(5, &w.beacon().to_bytes())),
    ];
    for (name, forged) in cases {
        maker.bad("segment", "frame-order", name, &forged.bytes);
    }
}

fn closings(maker: &mut Maker, w: &World) {
    let init = forge(maker).frame(1, &[0; 20]);
    let ended = init.clone().frame(3, &[0; 16]);
    let closing = |forge: &Forge, reason| Closing {
        institution: w.fingerprint,
        recording: w.recording,
        run: w.runs[0],
        track: "cam0".parse().unwrap(),
        sequence: 9,
        reason,
        chunks: 0,
        duration_us: 0,
        size_bytes: forge.bytes.len() as u64,
        digest: hash(&[&forge.bytes]),
        head: forge.head,
    };
    let right = closing(&ended, CloseReason::Full);
    let close = |forge: &Forge, closing: &Closing| forge.clone().frame(6, w.device.state(closing).unwrap().to_json().as_bytes()).bytes;
    maker.bad("segment", "no-final-frame", "full-without-final", &close(&init, &closing(&init, CloseReason::Full)));
    maker.bad("segment", "no-final-frame", "stopped-without-final", &close(&init, &closing(&init, CloseReason::Stopped)));
    type Change = fn(&mut Closing);
    let changes: [(&str, Change); 10] = [
        ("institution", |c| c.institution.0[0] ^= 1),
        ("recording", |c| c.recording = invigil_format::RecordingId::from_random([1; 16])),
        ("run", |c| c.run = RunId::from_random([1; 16])),
        ("track", |c| c.track = "cam1".parse().unwrap()),
        ("sequence", |c| c.sequence += 1),
        ("chunks", |c| c.chunks += 1),
        ("duration", |c| c.duration_us += 1),
        ("size", |c| c.size_bytes += 1),
        ("digest", |c| c.digest.0[0] ^= 1),
        ("head", |c| c.head.0[0] ^= 1),
    ];
    for (member, change) in changes {
        let mut wrong = right.clone();
        change(&mut wrong);
        maker.bad("segment", "closing-mismatch", &format!("closing-{member}"), &close(&ended, &wrong));
    }
    let late = Raw { wall_ms: Raw::new(6, 0).wall_ms + 1, ..Raw::new(6, 0) };
    let text = w.device.state(&right).unwrap().to_json();
    maker.bad("segment", "closing-mismatch", "closing-times", &ended.clone().raw(&late, text.as_bytes()).bytes);
    let start = forge(maker);
    let text = w.device.state(&closing(&start, CloseReason::Recovered)).unwrap().to_json();
    maker.bad("segment", "frame-order", "closing-first", &start.frame(6, text.as_bytes()).bytes);
    let other = w.server.state(&right).unwrap().to_json();
    maker.bad("segment", "wrong-signer", "closing-by-server", &ended.clone().frame(6, other.as_bytes()).bytes);
    let join = Join { institution: w.fingerprint, code_digest: code_digest("A"), wall_ms: 0 };
    let other = w.device.state(&join).unwrap().to_json();
    maker.bad("segment", "wrong-type", "closing-of-other-type", &ended.frame(6, other.as_bytes()).bytes);
}

pub(crate) fn statements(maker: &mut Maker) {
    let w = World::new();
    let join = w.device.state(&Join { institution: w.fingerprint, code_digest: code_digest("A"), wall_ms: 5 }).unwrap();
    let text = join.to_json();
    let outer = |change: &dyn Fn(&mut Value)| format!("join\n{}", edit(&text, change));
    let inner = |payload: String| format!("join\n{}", Statement::sign_text(payload, &w.device).unwrap().to_json());
    let changed = |change: &dyn Fn(&mut Value)| inner(edit(&join.payload, change).to_string());
    let long = Statement { payload: " ".repeat(65_537), ..join.clone() };
    let mut forged = join.clone();
    forged.signature.0[63] ^= 1;
    let cases = vec![
        ("json", "statement-not-json", "join\n{".into()),
        ("json", "statement-no-object", "join\n[]".into()),
        ("json", "statement-trailing", format!("join\n{text}x")),
        ("json", "statement-missing-key", outer(&|v| drop(v.as_object_mut().unwrap().remove("key")))),
        ("json", "statement-short-signature", outer(&|v| v["signature"] = json!("00"))),
        ("json", "statement-lone-surrogate", format!("join\n{}", text.replacen("{\\\"", "{\\ud800\\\"", 1))),
        ("duplicate-member", "statement-duplicate", format!("join\n{}", text.replacen('{', "{\"payload\":\"\",", 1))),
        ("unknown-member", "statement-unknown", outer(&|v| v["extra"] = json!(1))),
        ("statement-too-long", "statement-too-long", format!("join\n{}", long.to_json())),
        ("bad-signature", "statement-forged", format!("join\n{}", forged.to_json())),
        ("bad-signature", "statement-altered", outer(&|v| v["payload"] = json!(format!("{} ", join.payload)))),
        ("wrong-type", "statement-other-type", format!("receipt\n{text}")),
        ("unsupported-version", "statement-version-2", changed(&|v| v["version"] = json!(2))),
        ("json", "payload-not-json", inner("nothing".into())),
        ("json", "payload-no-object", inner("[]".into())),
        ("json", "payload-no-type", changed(&|v| drop(v.as_object_mut().unwrap().remove("type")))),
        ("json", "payload-version-text", changed(&|v| v["version"] = json!("1"))),
        ("json", "payload-missing", changed(&|v| drop(v.as_object_mut().unwrap().remove("wall_ms")))),
        ("json", "payload-null", changed(&|v| v["wall_ms"] = Value::Null)),
        ("json", "payload-true", changed(&|v| v["wall_ms"] = json!(true))),
        ("json", "payload-fraction", changed(&|v| v["wall_ms"] = json!(5.0))),
        ("json", "payload-nan", inner(join.payload.replace(":5", ":NaN"))),
        ("json", "payload-minus-zero", inner(join.payload.replace(":5", ":-0"))),
        ("duplicate-member", "payload-duplicate", inner(join.payload.replacen('{', "{\"wall_ms\":5,", 1))),
        ("duplicate-member", "payload-duplicate-type", inner(join.payload.replacen('{', "{\"type\":\"join\",", 1))),
        ("unknown-member", "payload-unknown", changed(&|v| v["extra"] = json!({}))),
    ];
    for (error, name, text) in cases {
        maker.bad("statement", error, name, text.as_bytes());
    }
    let certificate = w.certificate(invigil_format::Role::Review, Subject([1; 32]));
    let value = w.institution.state(&certificate).unwrap().payload;
    let certificate = |change: &dyn Fn(&mut Value)| {
        format!("certificate\n{}", Statement::sign_text(edit(&value, change).to_string(), &w.institution).unwrap().to_json())
    };
    maker.bad("statement", "bad-member", "review-with-exam", certificate(&|v| v["exam"] = json!(w.exam)).as_bytes());
    maker.bad("statement", "json", "review-with-null-exam", certificate(&|v| v["exam"] = Value::Null).as_bytes());
    maker.bad("statement", "bad-member", "device-without-recording", certificate(&|v| v["role"] = json!("device")).as_bytes());
    maker.bad("statement", "bad-member", "server-without-delegate", certificate(&|v| v["role"] = json!("server")).as_bytes());
    let delegating = certificate(&|v| {
        v["role"] = json!("server");
        v["delegate"] = json!(["review"]);
    });
    maker.bad("statement", "bad-member", "delegating-review", delegating.as_bytes());
}

pub(crate) fn others(maker: &mut Maker) {
    certificates(maker);
    key_records(maker);
    journals(maker);
    let w = World::new();
    let beacon = w.beacon().to_hex();
    maker.bad("beacon", "beacon-length", "beacon-cut", &beacon.as_bytes()[..238]);
    maker.bad("beacon", "bad-beacon", "beacon-forged", beacon.replacen(&beacon[16..18], "00", 1).as_bytes());
    let good = wrapped(&w, "secret");
    let file: String = good["text"].as_str().unwrap().into();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut case = good.clone();
        case["text"] = json!(edit(&file, change).to_string());
        case
    };
    let mut wrong = good.clone();
    wrong["passphrase"] = json!("Secret");
    wrong["derived"] = json!("00".repeat(32));
    maker.bad_json("wrapped-key", "wrong-passphrase", "wrong-passphrase", &wrong);
    maker.bad_json("wrapped-key", "wrong-passphrase", "wrapped-altered", &changed(&|v| v["sealed"] = json!("00".repeat(48))));
    maker.bad_json("wrapped-key", "kdf-cost", "kdf-memory", &changed(&|v| v["memory_kib"] = json!(1_048_577)));
    maker.bad_json("wrapped-key", "kdf-cost", "kdf-iterations", &changed(&|v| v["iterations"] = json!(17)));
    maker.bad_json("wrapped-key", "kdf-cost", "kdf-lanes", &changed(&|v| v["parallelism"] = json!(17)));
    maker.bad_json("wrapped-key", "kdf-cost", "kdf-zero", &changed(&|v| v["iterations"] = json!(0)));
    maker.bad_json("wrapped-key", "bad-member", "kdf-other", &changed(&|v| v["kdf"] = json!("scrypt")));
    maker.bad_json("wrapped-key", "bad-member", "salt-short", &changed(&|v| v["salt"] = json!("00")));
    maker.bad_json("wrapped-key", "unsupported-version", "wrapped-version-2", &changed(&|v| v["version"] = json!(2)));
    maker.bad_json("wrapped-key", "wrong-type", "wrapped-other-type", &changed(&|v| v["type"] = json!("key")));
    maker.bad_json("wrapped-key", "unknown-member", "wrapped-unknown", &changed(&|v| v["hint"] = json!("pet")));
    let (init, good) = (init_section(15_360, b"avc1"), fragment(0x02_0000, 100));
    let cases = [
        ("mp4-init-cut", mp4_case(&init[..init.len() - 1], &init, &good)),
        ("mp4-other-timescale", mp4_case(&init, &init_section(90_000, b"avc1"), &good)),
        ("mp4-fragment-cut", mp4_case(&init, &init, &good[..good.len() - 1])),
        ("mp4-no-fragment", mp4_case(&init, &init, b"")),
        ("mp4-base-offset", mp4_case(&init, &init, &fragment(1, 100))),
        ("mp4-no-mdat", mp4_case(&init, &init, &good[..good.len() - 13])),
    ];
    for (name, case) in cases {
        maker.bad_json("mp4", "mp4", name, &case);
    }
}

fn certificates(maker: &mut Maker) {
    use invigil_format::Role;
    let w = World::new();
    let day = 86_400_000;
    let base = json!({ "fingerprint": w.fingerprint, "institution": w.institution.public(),
        "role": "device", "subject": w.device.public(), "at_ms": T0_MS, "exam": Value::Null, "recording": w.recording });
    let with = |changes: &[(&str, Value)]| {
        let mut case = base.clone();
        for (name, value) in changes {
            case[*name] = value.clone();
        }
        case
    };
    let signed = |key: &invigil_format::SigningKey, certificate: &invigil_format::Certificate| key.state(certificate).unwrap();
    let device = w.certificate(Role::Device, w.device.public());
    let mut no_devices = w.certificate(Role::Server, w.server.public());
    no_devices.delegate = Some(vec![Role::Tls]);
    let mut late = w.certificate(Role::Server, w.server.public());
    late.not_before_ms = T0_MS + 1;
    let mut foreign = device.clone();
    foreign.institution.0[0] ^= 1;
    let stranger = invigil_format::SigningKey::from_seed(&[67; 32]).unwrap();
    let by_stranger = vec![signed(&w.institution, &w.certificate(Role::Server, w.server.public())), signed(&stranger, &device)];
    let chained = vec![
        signed(&w.institution, &w.certificate(Role::Server, w.server.public())),
        signed(&w.server, &w.certificate(Role::Server, stranger.public())),
        signed(&stranger, &device),
    ];
    let reviewing = vec![
        signed(&w.institution, &w.certificate(Role::Server, w.server.public())),
        signed(&w.server, &w.certificate(Role::Review, w.review.public().unwrap())),
    ];
    let cases = vec![
        ("wrong-institution", "other-institution-key", with(&[("institution", json!(w.server.public()))])),
        ("wrong-institution", "certificate-of-other-institution", with(&[("certificates", json!([signed(&w.institution, &foreign)]))])),
        ("not-certified", "nobody", with(&[("subject", json!(stranger.public()))])),
        ("not-certified", "device-as-server", with(&[("role", json!("server"))])),
        ("not-yet-valid", "before", with(&[("at_ms", json!(T0_MS - day - 1))])),
        ("certificate-expired", "at-the-end", with(&[("at_ms", json!(T0_MS + day))])),
        ("wrong-scope", "other-recording", with(&[("recording", json!(RunId::from_random([1; 16])))])),
        (
            "wrong-scope",
            "other-exam",
            with(&[
                ("role", json!("erasure")),
                ("subject", json!(w.erasure.public().unwrap())),
                ("exam", json!(RunId::from_random([1; 16]))),
                ("recording", Value::Null),
            ]),
        ),
        ("untrusted-issuer", "by-a-stranger", with(&[("certificates", json!(by_stranger))])),
        ("untrusted-issuer", "by-a-server-of-a-server", with(&[("certificates", json!(chained))])),
        (
            "not-delegated",
            "undelegated-role",
            with(&[("certificates", json!([signed(&w.institution, &no_devices), signed(&w.server, &device)]))]),
        ),
        (
            "not-delegated",
            "review-by-server",
            with(&[
                ("certificates", json!(reviewing)),
                ("role", json!("review")),
                ("subject", json!(w.review.public().unwrap())),
                ("recording", Value::Null),
            ]),
        ),
        (
            "not-yet-valid",
            "issuer-too-early",
            with(&[("certificates", json!([signed(&w.institution, &late), signed(&w.server, &device)]))]),
        ),
    ];
    for (error, name, case) in cases {
        maker.bad_json("certificates", error, name, &case);
    }
}

fn key_records(maker: &mut Maker) {
    let w = World::new();
    let statement = maker.manifest.key_records[0].clone();
    let changed = |change: &dyn Fn(&mut Value)| json!({ "statement": Statement::sign_text(edit(&statement.payload, change).to_string(), &w.device).unwrap() });
    let flip = |value: &mut Value| {
        let text = value.as_str().unwrap();
        let first = if text.starts_with('0') { '1' } else { '0' };
        *value = json!(format!("{first}{}", &text[1..]));
    };
    let by_server = json!({ "statement": Statement::sign_text(statement.payload.clone(), &w.server).unwrap() });
    maker.bad_json("key-record", "not-certified", "key-record-by-server", &by_server);
    maker.bad_json("key-record", "outer-seal", "outer-altered", &changed(&|v| flip(&mut v["sealed"])));
    maker.bad_json("key-record", "outer-seal", "outer-enc-altered", &changed(&|v| flip(&mut v["enc"])));
    maker.bad_json("key-record", "outer-seal", "outer-other-run", &changed(&|v| v["run"] = json!(w.runs[1])));
    maker.bad_json("key-record", "outer-seal", "reviewers-swapped", &changed(&|v| v["review"].as_array_mut().unwrap().reverse()));
    maker.bad_json("key-record", "bad-member", "no-reviewer", &changed(&|v| v["review"] = json!([])));
    maker.bad_json("key-record", "bad-member", "reviewer-dropped", &changed(&|v| drop(v["review"].as_array_mut().unwrap().pop())));
    maker.bad_json("key-record", "not-certified", "uncertified-reviewer", &changed(&|v| v["review"][1] = json!(w.server.public())));
    maker.bad_json(
        "key-record",
        "wrong-institution",
        "key-record-other-institution",
        &changed(&|v| v["institution"] = json!("00".repeat(32))),
    );
    let other = |name: &str| {
        let mut case = json!({ "statement": statement });
        case[name] = json!("33".repeat(32));
        case
    };
    maker.bad_json("key-record", "not-a-recipient", "other-erasure-key", &other("erasure_private"));
    maker.bad_json("key-record", "not-a-recipient", "other-review-key", &other("review_private"));
    // The outer seal is right, what it holds is garbage.
    let record: invigil_format::KeyRecord = statement.read().unwrap();
    let (erasure, garbage) = (w.erasure.public().unwrap(), [0; 160]);
    let recipients = hash(&[w.review.public().unwrap().as_bytes(), w.review2.public().unwrap().as_bytes()]);
    let aad = [
        w.fingerprint.as_bytes().as_slice(),
        w.exam.as_bytes(),
        w.recording.as_bytes(),
        w.runs[0].as_bytes(),
        erasure.as_bytes(),
        recipients.as_bytes(),
    ]
    .concat();
    let (enc, sealed) = invigil_format::hpke::seal(&erasure, b"invigil v1 key record\0", &aad, &garbage).unwrap();
    let hollow = invigil_format::KeyRecord { enc, sealed, ..record };
    maker.bad_json("key-record", "inner-seal", "inner-garbage", &json!({ "statement": w.device.state(&hollow).unwrap() }));
}

fn journals(maker: &mut Maker) {
    let w = World::new();
    let writer = || JournalWriter::new(w.fingerprint, w.recording, w.runs[0], w.boot_id, None, &w.device);
    let mut first = writer();
    let entries: Vec<Statement> = (0..3).map(|i| first.entry(Event::Finished { by: FinishedBy::Agent }, stamp(i)).unwrap()).collect();
    let mut other = writer();
    other.entry(Event::RunEnded { reason: "other".into() }, stamp(0)).unwrap();
    let stray = other.entry(Event::RunEnded { reason: "other".into() }, stamp(1)).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| Statement::sign_text(edit(&entries[0].payload, change).to_string(), &w.device).unwrap();
    let by_server = Statement::sign_text(entries[0].payload.clone(), &w.server).unwrap();
    let cases = vec![
        ("journal-index", "journal-dropped", vec![entries[0].clone(), entries[2].clone()]),
        ("journal-index", "journal-repeated", vec![entries[0].clone(), entries[0].clone()]),
        ("journal-chain", "journal-other-past", vec![entries[0].clone(), stray]),
        ("wrong-signer", "journal-by-server", vec![by_server]),
        ("wrong-scope", "journal-other-run", vec![changed(&|v| v["run"] = json!(w.runs[1]))]),
        ("wrong-scope", "journal-other-recording", vec![changed(&|v| v["recording"] = json!(w.runs[1]))]),
        ("wrong-institution", "journal-other-institution", vec![changed(&|v| v["institution"] = json!("00".repeat(32)))]),
        ("json", "journal-unknown-event", vec![changed(&|v| v["event"] = json!({ "kind": "slept" }))]),
        ("json", "journal-missing-previous", vec![changed(&|v| drop(v.as_object_mut().unwrap().remove("previous")))]),
        ("unknown-member", "journal-event-member", vec![changed(&|v| v["event"]["why"] = json!("tired"))]),
        ("duplicate-member", "journal-event-duplicate", {
            let text = entries[0].payload.replacen("\"by\"", "\"by\":\"agent\",\"by\"", 1);
            vec![Statement::sign_text(text, &w.device).unwrap()]
        }),
    ];
    for (error, name, entries) in cases {
        maker.bad_json("journal", error, name, &journal_case(&w, 0, &entries));
    }
}
