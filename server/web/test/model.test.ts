import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJson } from "../src/crypto/json.ts";
import { Pages } from "../src/player/pages.ts";
import { addDamage, keyBefore, missingSequences, ofTrack, playableFrom, positionAt, runFrom } from "../src/player/plan.ts";
import { clock, exactLength, length, moment, offsetName, offsetOf, parseClock } from "../src/time.ts";
import { join, shift, ticks, zoom } from "../src/timeline/model.ts";
import { parseRoute } from "../src/views/hooks.ts";
import type { SegmentView } from "../src/wire.ts";

const SIGNATURE = 128;
const BEACON = 184;

/** A segment of `count` chunks of one second; after every fourth a signature, after every sixth a beacon. */
function segment(id: number, fromMs: number, count: number, more: Partial<SegmentView> = {}): SegmentView {
  let offset = 900;
  const chunks = Array.from({ length: count }, (_, index) => {
    const chunk = { offset, len: 1000, from_ms: fromMs + index * 1000, duration_ms: 1000, key: index % 4 === 0 };
    offset += 1000 + (index % 4 === 3 ? SIGNATURE : 0) + (index % 6 === 5 ? BEACON : 0);
    return chunk;
  });
  const base = { id, revision: id, run: "r", track: "cam0", kind: "video", codec: "avc1", sequence: id, state: "durable" as const, digest: null };
  return { ...base, size_bytes: offset, media_origin_ms: 0, from_ms: fromMs, to_ms: fromMs + count * 1000, chunks, ...more };
}

test("a fetch runs from a chunk through the next signature", () => {
  const view = segment(0, 0, 10);
  assert.deepEqual([runFrom(view, 0)?.last, runFrom(view, 0)?.signed], [3, true]);
  assert.deepEqual([runFrom(view, 5)?.last, runFrom(view, 5)?.signed], [7, true], "a beacon is no signature");
  assert.deepEqual([runFrom(view, 8)?.last, runFrom(view, 8)?.signed], [9, false], "the newest tail");
  assert.equal(runFrom(view, 0)?.to, view.chunks[4]?.offset, "the signature is fetched with its chunks");
  assert.equal(runFrom(view, 10), null);
});

test("moments are found in chunks, and decoding starts at a key frame", () => {
  const list = ofTrack([segment(1, 60_000, 10), segment(0, 0, 10), segment(2, 0, 5, { track: "cam1" })], "cam0");
  assert.deepEqual(positionAt(list, 6500), { segment: 0, chunk: 6 });
  assert.deepEqual(keyBefore(list, { segment: 0, chunk: 6 }), { segment: 0, chunk: 4 });
  assert.deepEqual(positionAt(list, 10_000), { segment: 1, chunk: 0 });
  assert.equal(playableFrom(list, [], 6500), 6500);
  assert.equal(playableFrom(list, [], 30_000), 60_000);
  assert.equal(playableFrom(list, [], 70_000), null);
});

test("damage joins within a segment and playing goes on at the next key frame", () => {
  const damage = (segmentId: number, fromMs: number, toMs: number) => ({ segment: segmentId, track: "cam0", sequence: 0, fromMs, toMs, fault: "chain", message: "" });
  const list = [damage(1, 5000, 6000), damage(1, 4000, 5000), damage(2, 6000, 7000)].reduce<ReturnType<typeof addDamage>>(addDamage, []);
  assert.deepEqual(list.map(({ segment: id, fromMs, toMs }) => [id, fromMs, toMs]), [[1, 4000, 6000], [2, 6000, 7000]]);
  const footage = [segment(1, 0, 10)];
  assert.equal(playableFrom(footage, list, 2500), 2500, "before the damage");
  assert.equal(playableFrom(footage, list, 4500), 8000, "chunks 6 and 7 are whole but hang on the damaged key frame 4");
  assert.equal(playableFrom(footage, [damage(9, 4000, 5000)], 4500), 4500, "another segment's damage");
  assert.equal(playableFrom([...footage, segment(2, 20_000, 4)], [damage(1, 8000, 10_000)], 8500), 20_000);
});

test("a sequence that the server leaves out is named", () => {
  assert.deepEqual(missingSequences([segment(0, 0, 1), segment(2, 0, 1)]), [{ run: "r", track: "cam0", sequence: 1 }]);
  assert.deepEqual(missingSequences([]), []);
});

test("bytes are fetched once, also while a segment grows", async () => {
  const file = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) & 255);
  const fetched: [number, number][] = [];
  const pages = new Pages(async (_, from, to) => (fetched.push([from, to]), file.slice(from, to)), 10_000_000);
  assert.deepEqual(await pages.read(1, 1000, 2000, 200_000), file.slice(1000, 2000));
  assert.deepEqual(await pages.read(1, 100_000, 200_000, 200_000), file.slice(100_000, 200_000));
  assert.deepEqual(await pages.read(1, 190_000, 650_000, 700_000), file.slice(190_000, 650_000));
  assert.deepEqual(await pages.read(1, 0, 650_000, 700_000), file.slice(0, 650_000));
  const bytes = fetched.reduce((sum, [from, to]) => sum + to - from, 0);
  assert.ok(bytes <= 700_000, `fetched ${JSON.stringify(fetched)}`);
});

test("times are the university's", () => {
  const ms = Date.UTC(2026, 4, 24, 9, 5, 7);
  assert.equal(moment(ms, 5 * 3600), "24.05.2026 14:05 UTC+5");
  assert.equal(offsetName(-(3 * 3600 + 1800)), "UTC−3:30");
  assert.equal(offsetOf("2026-05-24T14:05:00+05:00"), 18_000);
  assert.equal(offsetOf("2026-05-24T14:05:00+05:00[Asia/Almaty]"), 18_000);
  assert.equal(offsetOf("2026-05-24T14:05:00Z"), 0);
  assert.equal(parseClock("14:05:07", ms + 5000, 18_000), ms);
  assert.equal(parseClock("23:59", Date.UTC(2026, 4, 24, 19, 1), 18_000), Date.UTC(2026, 4, 24, 18, 59));
  assert.equal(parseClock("25:00", ms, 0), null);
  assert.equal(clock(ms, 18_000, false), "14:05");
  assert.equal(length(599_999), "9:59");
  assert.equal(exactLength(602_417), "10:02.417");
});

test("the timeline zooms inside its range and marks whole steps", () => {
  const range = { fromMs: 0, toMs: 3_600_000 };
  const near = zoom(range, range, 0.5, 900_000);
  assert.deepEqual(near, { fromMs: 450_000, toMs: 2_250_000 });
  assert.deepEqual(shift(near, range, -9_000_000), { fromMs: 0, toMs: 1_800_000 });
  assert.deepEqual(zoom(near, range, 10, 900_000), range);
  assert.deepEqual(ticks(range, 600, 80, 18_000).map(({ atMs }) => atMs / 60_000), [0, 10, 20, 30, 40, 50, 60]);
  assert.deepEqual(join([{ fromMs: 5, toMs: 9 }, { fromMs: 0, toMs: 4 }, { fromMs: 5000, toMs: 6000 }]), [{ fromMs: 0, toMs: 9 }, { fromMs: 5000, toMs: 6000 }]);
});

test("addresses name pages and moments", () => {
  const id = "0123abcd-0123-4123-8123-0123456789ab";
  assert.deepEqual(parseRoute(`#/recording/${id}?t=90.5`), { page: "recording", id, atSecs: 90.5 });
  assert.deepEqual(parseRoute(`#/recording/${id}?t=-60`), { page: "recording", id, atSecs: -60 });
  assert.deepEqual(parseRoute(`#/exam/${id}`), { page: "exam", id });
  assert.deepEqual(parseRoute("#/recording/../../x"), { page: "exams" });
});

test("JSON with two members of one name is refused", () => {
  assert.throws(() => parseJson('{"a":1,"a":2}'), SyntaxError);
  assert.throws(() => parseJson('{"a":1,"\\u0061":2}'), SyntaxError);
  for (const bad of ["", "{", '{"a"}', "[1,]", "-0", "1.0", "1e3", '"\\ud800"', "01", '"a', "nul", "1 2", "[".repeat(100)]) assert.throws(() => parseJson(bad), SyntaxError, bad);
  assert.deepEqual({ ...(parseJson(' {"__proto__" : [1, -25, "x\\n", null, true]} ') as object) }, { ["__proto__"]: [1, -25, "x\n", null, true] });
});
