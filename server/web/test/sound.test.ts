/** Keeping sound in step with the picture, what the timeline says of it, and sound in a bundle. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Bytes, concat, unhex } from "../src/crypto/bytes.ts";
import { Joiner } from "../src/evidence/mp4.ts";
import { Slips, spanOf } from "../src/player/packets.ts";
import { isPlayable, isSound, missingSequences, trackNames } from "../src/player/plan.ts";
import { type Standing, steer } from "../src/player/sync.ts";
import { timeline } from "../src/timeline/model.ts";
import { goesOn } from "../src/views/RoomEnd.tsx";
import type { RecordingView, SegmentView } from "../src/wire.ts";

declare const WEB_ROOT: string;
const opus = JSON.parse(readFileSync(join(WEB_ROOT, "test/opus.json"), "utf8")) as { init: string; fragments: string[] };
const bytesOf = (text: string): Bytes => unhex(text, text.length / 2, "fixture");

const STANDING: Standing = { running: true, rate: 1, covered: true, seeking: false, apartSecs: 0, slipSecs: 0, correction: 0 };

test("sound in step is left alone", () => {
  assert.deepEqual(steer(STANDING), { play: true, rate: 1, setAhead: null });
  assert.deepEqual(steer({ ...STANDING, apartSecs: 0.025 }), { play: true, rate: 1, setAhead: null });
});

test("it is silent where there is none, above 2x, and while the picture stands", () => {
  assert.equal(steer({ ...STANDING, covered: false, apartSecs: -6 }).play, false);
  assert.equal(steer({ ...STANDING, covered: false, apartSecs: -6 }).setAhead, null, "nothing is there to be set to");
  for (const rate of [4, 8]) assert.equal(steer({ ...STANDING, rate }).play, false);
  for (const rate of [0.5, 1, 1.5, 2]) assert.equal(steer({ ...STANDING, rate }).play, true);
  assert.deepEqual(steer({ ...STANDING, running: false }), { play: false, rate: 1, setAhead: null });
  assert.equal(steer({ ...STANDING, running: false, apartSecs: 0.09 }).setAhead, 0, "made ready for going on");
});

test("a little apart it is brought in step by its speed, far apart it is set anew", () => {
  const late = steer({ ...STANDING, apartSecs: -0.1 });
  assert.ok(late.rate > 1 && late.rate <= 1.08 && late.setAhead === null, JSON.stringify(late));
  const early = steer({ ...STANDING, apartSecs: 0.1, rate: 2 });
  assert.ok(early.rate < 2 && early.rate >= 2 * 0.92 && early.setAhead === null, JSON.stringify(early));
  const far = steer({ ...STANDING, apartSecs: -0.5 });
  assert.ok(far.rate === 1 && far.setAhead !== null && far.setAhead > 0 && far.setAhead < 0.1, JSON.stringify(far));
  assert.ok((steer({ ...STANDING, slipSecs: 0.05 }).setAhead ?? 0) > 0, "what is heard is not what the element says");
});

test("on its way it is waited for, unless the picture has gone far on", () => {
  assert.equal(steer({ ...STANDING, seeking: true, apartSecs: -0.4 }).setAhead, null);
  assert.notEqual(steer({ ...STANDING, seeking: true, apartSecs: -1.5 }).setAhead, null);
});

test("from any distance it comes in step, and stays there without hunting", () => {
  for (const start of [-0.19, -0.1, -0.04, 0.05, 0.12, 0.199]) {
    let apartSecs = start;
    let correction = 0;
    for (let tick = 0; tick < 60; tick++) {
      const { rate, setAhead } = steer({ ...STANDING, apartSecs, correction });
      assert.equal(setAhead, null);
      correction = rate - 1;
      apartSecs += correction * 0.1;
      if (tick === 40) assert.ok(Math.abs(apartSecs) < 0.05, `${start}: ${apartSecs} after 4 s`);
    }
    assert.ok(Math.abs(apartSecs) < 0.03, `${start}: ${apartSecs} after 6 s`);
    const settled = steer({ ...STANDING, apartSecs, correction });
    assert.ok(Math.abs(settled.rate - 1) <= 0.03, `${start}: still at ${settled.rate}`);
  }
});

test("packets of a fragment are counted, and slips added up from where the sound was set", () => {
  const spans = opus.fragments.map((fragment) => spanOf(bytesOf(fragment)));
  assert.deepEqual(spans, [{ fromSecs: 0, lengthSecs: 0.1 }, { fromSecs: 0.1, lengthSecs: 0.1 }]);
  assert.equal(spanOf(bytesOf(opus.init)), null);
  assert.equal(spanOf(new Uint8Array([0, 0, 0, 9, 1])), null);
  const slips = new Slips();
  for (let index = 0; index < 10; index++) slips.add({ fromSecs: 5 + index * 1.004, lengthSecs: 1 });
  assert.ok(Math.abs(slips.between(0, 100) - 9 * 0.004) < 1e-9);
  assert.ok(Math.abs(slips.between(8, 11.5) - 4 * 0.004) < 1e-9, "since it was set");
  slips.add({ fromSecs: 14, lengthSecs: 1 });
  assert.ok(Math.abs(slips.between(0, 100) - 9 * 0.004) < 1e-9, "a fast clock's times overlap, which a browser trims");
  slips.cut();
  slips.add({ fromSecs: 50, lengthSecs: 1 });
  assert.equal(slips.between(0, 100), 0);
});

test("sound goes into a bundle as a playable track of its own", () => {
  const joiner = Joiner.make([bytesOf(opus.init)]);
  const [first, second] = opus.fragments.map(bytesOf) as [Bytes, Bytes];
  const made = concat(joiner.start, joiner.fragmentAt(0, 0, first), joiner.fragmentAt(0, 100_000, second));
  const text = Buffer.from(made).toString("latin1");
  for (const name of ["Opus", "dOps"]) assert.ok(text.includes(name), name);
  assert.equal(text.split("moof").length, 3);
  const moved = joiner.fragmentAt(0, 5_100_000, second);
  assert.equal(spanOf(moved)?.fromSecs, 5.1);
});

function segment(track: string, kind: string, sequence: number, seconds: number[]): SegmentView {
  const chunks = seconds.map((at, index) => ({ offset: 900 + index * 1000, len: 1000, from_ms: at * 1000, duration_ms: 1000, key: true }));
  const base = { id: sequence, revision: 1, run: "r", track, kind, codec: "opus", sequence, state: "stored" as const, digest: null, size_bytes: 99_000, media_origin_ms: 0 };
  return { ...base, from_ms: (seconds[0] ?? 0) * 1000, to_ms: ((seconds.at(-1) ?? 0) + 1) * 1000, chunks };
}

const EXAM = { id: "e", title: "", discipline: "", policy: "", starts_ms: 0, ends_ms: 60_000, actual_end_ms: 60_000, expires_ms: 9e6, expires: "", utc_offset_secs: 0, state: "over", recordings: 1, flagged: 0 } as const;
const FINDING = { kind: "none", provisional: false, longest_upper_ms: 0, longest_lower_ms: 0, total_upper_ms: 0, threshold_ms: 0, deadline_ms: null, deadline: null, source: "" } as const;
const RECORDING: RecordingView = {
  id: "x", exam: EXAM, kind: "room", who: "Room 1", state: "recording", now_ms: 0, starts_ms: 0, ends_ms: 60_000, end_asked_ms: null, ended_ms: null, last_contact_ms: null,
  footage: [], missing: [], track_missing: [], recorded_ms: 0, size_bytes: 0, outages: [], finding: FINDING, held: [], conditions: [],
};

test("the sound has a row of its own with its gaps, also within a segment", () => {
  const sound = segment("mic0", "audio", 0, [0, 1, 2, 10, 11]);
  const { tracks } = timeline(RECORDING, [segment("cam0", "video", 1, [0, 1, 2]), sound, segment("thumb0", "thumbnail", 2, [0])], [], 60_000);
  assert.deepEqual(tracks.map(({ track, sound: heard, footage }) => [track, heard, footage]), [
    ["cam0", false, [{ fromMs: 0, toMs: 3000 }]],
    ["mic0", true, [{ fromMs: 0, toMs: 3000 }, { fromMs: 10_000, toMs: 12_000 }]],
  ]);
  const locked = timeline({ ...RECORDING, footage: [{ track: "mic0", from_ms: 0, to_ms: 3000 }] }, [], [], 60_000);
  assert.deepEqual(locked.tracks.map(({ sound: heard }) => heard), [true], "known by its name before the key is open");
});

test("what one track lacks stands in its row, also when nothing came of it, and not what all of them lack", () => {
  const stretch = (from_ms: number, to_ms: number, cause: string) => ({ from_ms, to_ms, cause });
  const of = (track: string, ...parts: ReturnType<typeof stretch>[]) => parts.map((part) => ({ track, ...part }));
  const before = stretch(0, 5000, "not-joined");
  const recording = {
    ...RECORDING,
    footage: [{ track: "cam0", from_ms: 5000, to_ms: 60_000 }],
    missing: [before],
    track_missing: [...of("cam0", before), ...of("cam1", before, stretch(5000, 60_000, "camera-lost")), ...of("mic0", before, stretch(5000, 9000, "camera-lost"))],
  };
  const { tracks, missing } = timeline(recording, [], [], 60_000);
  assert.deepEqual(missing, [{ fromMs: 0, toMs: 5000, cause: "not-joined" }]);
  assert.deepEqual(tracks.map(({ track, footage, missing: lacks }) => [track, footage.length, lacks]), [
    ["cam0", 1, []],
    ["cam1", 0, [{ fromMs: 5000, toMs: 60_000, cause: "camera-lost" }]],
    ["mic0", 0, [{ fromMs: 5000, toMs: 9000, cause: "microphone-lost" }]],
  ]);
});

test("what all cameras lack is not told again of a track that ends a little beside it", () => {
  const recording = {
    ...RECORDING,
    missing: [{ from_ms: 20_000, to_ms: 40_000, cause: "suspended" }],
    track_missing: [
      { track: "cam0", from_ms: 19_667, to_ms: 40_333, cause: "suspended" },
      { track: "cam1", from_ms: 19_667, to_ms: 40_333, cause: "camera-lost" },
      { track: "cam2", from_ms: 19_500, to_ms: 40_000, cause: "suspended" },
    ],
  };
  const { tracks } = timeline(recording, [], [], 60_000);
  assert.deepEqual(tracks.map(({ track, missing }) => [track, missing.length]), [["cam0", 0], ["cam1", 1], ["cam2", 1]]);
});

test("missing segments of sound are named like those of a picture", () => {
  const list = [segment("mic0", "audio", 0, [0]), segment("mic0", "audio", 2, [2])].filter(isPlayable);
  assert.deepEqual(missingSequences(list), [{ run: "r", track: "mic0", sequence: 1 }]);
  assert.deepEqual(trackNames(list, isSound), ["mic0"]);
});

test("only a room's recording that goes on can be ended", () => {
  assert.equal(goesOn(RECORDING), true);
  assert.equal(goesOn({ ...RECORDING, state: "offline", end_asked_ms: 5 }), true);
  assert.equal(goesOn({ ...RECORDING, kind: "candidate" }), false);
  assert.equal(goesOn({ ...RECORDING, state: "waiting" }), false);
  assert.equal(goesOn({ ...RECORDING, state: "finished", ended_ms: 7 }), false);
  assert.equal(goesOn({ ...RECORDING, ended_ms: 7 }), false);
});
