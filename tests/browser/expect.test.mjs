import assert from "node:assert/strict";
import { test } from "node:test";
import { announced, expectedGap, findGap } from "./expect.mjs";

const segment = (from_ms, to_ms, more = {}) => ({ kind: "video", track: "cam0", from_ms, to_ms, chunks: [{}], ...more });
const whole = [segment(10_000, 20_000), segment(0, 10_000), segment(90_000, 99_000, { track: "cam1" }), segment(50_000, 51_000, { kind: "thumbnail", track: "a" })];
const torn = [...whole, segment(24_000, 30_000)];

test("a gap lies between segments of the track that is played", () => {
  assert.equal(findGap(whole), null);
  assert.equal(findGap([]), null);
  assert.deepEqual(findGap(torn), { fromMs: 20_000, toMs: 24_000 });
});

test("an announced gap must be there, for both checks by the same rule", () => {
  const recording = { state: "finished", outages: [], missing: [{}] };
  assert.equal(expectedGap(whole, []), null);
  assert.throws(() => expectedGap(whole, ["gap"]));
  assert.throws(() => announced(recording, whole, ["gap"]));
  assert.deepEqual(expectedGap(torn, ["gap"]), { fromMs: 20_000, toMs: 24_000 });
  announced({ ...recording, missing: [] }, torn, ["gap"]);
  assert.throws(() => announced(recording, torn, ["growing"]));
});
