import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, hex, utf8 } from "../src/crypto/bytes.ts";
import { importX25519 } from "../src/crypto/hpke.ts";
import { Footage } from "../src/player/footage.ts";
import { type Index, placedAlike } from "../src/player/index.ts";
import { type Run as Fetch, addDamage, faultsOf, reference, runFrom, unsignedLimit } from "../src/player/plan.ts";
import type { CheckAnswer, Envelope, PiecesAnswer, Reply, Request } from "../src/player/protocol.ts";
import type { Me, RecordingView, SegmentView } from "../src/wire.ts";
import { Run, Segment, World } from "./writer.ts";

const CHUNKS = 12;
const ORIGIN_MS = 1_770_000_000_000;
const ORIGIN_US = 1_000_000;
const STEP_US = 1_000_400;

/** The media worker itself, with a segment in place of the server. */
async function worker(bytes: () => Bytes) {
  const waiting = new Map<number, (reply: Reply) => void>();
  const scope = { onmessage: null as null | ((event: { data: Envelope }) => void) };
  Object.assign(globalThis, {
    self: scope,
    postMessage: (reply: Reply) => waiting.get(reply.id)?.(reply),
    fetch: async (_: unknown, init: { headers: HeadersInit }) => {
      const [from = 0, last = 0] = (new Headers(init.headers).get("range") ?? "").replace("bytes=", "").split("-").map(Number);
      return new Response(bytes().slice(from, last + 1), { status: 206 });
    },
  });
  await import("../src/player/worker.ts");
  let id = 0;
  return (request: Request) =>
    new Promise<Reply>((resolve) => {
      waiting.set(++id, resolve);
      scope.onmessage?.({ data: { id, request } });
    });
}

/** A stored segment with the list that an honest server makes of it. */
async function make() {
  const world = await World.make();
  const run = await Run.make(world);
  const segment = await Segment.start(world, run);
  await segment.init(utf8("init"));
  for (let index = 0; index < CHUNKS; index++) {
    await segment.chunk(utf8(`chunk ${index} `.repeat(50)), index % 4 === 0, STEP_US, 5_000_000 + index * STEP_US);
    if (index === 5) await segment.beacon();
    if (index % 4 === 3) await segment.signature();
  }
  await segment.close();
  const chunks = segment.chunks.map(({ offset, len, key, durationUs }, index) => {
    const bootMs = Math.floor((5_000_000 + index * STEP_US) / 1000);
    return { offset, len, key, from_ms: ORIGIN_MS - ORIGIN_US / 1000 + bootMs, duration_ms: Math.floor(durationUs / 1000) };
  });
  const [first, last] = [chunks[0], chunks.at(-1)];
  assert.ok(first && last);
  const view: SegmentView = {
    id: 1,
    revision: 1,
    run: run.id,
    track: "cam0",
    kind: "video",
    codec: "avc1.42c01e",
    sequence: 0,
    state: "stored",
    size_bytes: segment.size,
    digest: null,
    media_origin_ms: ORIGIN_MS,
    from_ms: first.from_ms,
    to_ms: last.from_ms + last.duration_ms,
    chunks,
  };
  return { world, run, segment, view };
}

const indexOf = (view: SegmentView): Index => ({ originMs: view.media_origin_ms, fromMs: view.from_ms, toMs: view.to_ms, chunks: view.chunks });
const changed = (view: SegmentView, at: number, change: (chunk: SegmentView["chunks"][number]) => object | null): SegmentView => ({
  ...view,
  chunks: view.chunks.flatMap((chunk, index) => {
    const other = index === at ? change(chunk) : {};
    return other ? [{ ...chunk, ...other }] : [];
  }),
});

test("a list that differs from the signed frames is found by the check and, where it is fetched, by playing", async () => {
  const { world, run, segment, view } = await make();
  const ask = await worker(() => segment.bytes());
  const review = { privateKey: await importX25519(world.reviewPrivate()), public: hex(world.review.public) };
  const scope = { exam: world.exam, recording: world.recording, fromMs: 1_770_000_000_000, toMs: 1_770_000_100_000 };
  const open = await ask({ op: "open", keys: world.keys([run]), scope, review });
  assert.deepEqual(open.answer && "runs" in open.answer && open.answer.runs, [run.id], JSON.stringify(open));
  const check = async (listed: SegmentView) => {
    const { answer, trouble } = await ask({ op: "check", segment: reference(listed), index: indexOf(listed) });
    assert.ok(answer, trouble?.message);
    return answer as CheckAnswer;
  };
  const pieces = async (listed: SegmentView, first: number) => {
    const fetched = runFrom(listed, first) as Fetch;
    const chunks = listed.chunks.slice(first, fetched.last + 1);
    const { answer, trouble } = await ask({ op: "pieces", segment: reference(listed), from: fetched.from, to: fetched.to, index: { ...indexOf(listed), chunks } });
    assert.ok(answer, trouble?.message);
    return { answer: answer as PiecesAnswer, faults: faultsOf(fetched, answer as PiecesAnswer) };
  };

  const honest = await check(view);
  assert.deepEqual([honest.differences, honest.trouble, honest.originUs], [[], null, ORIGIN_US]);
  const whole = await pieces(view, 4);
  assert.deepEqual([whole.answer.differences, whole.answer.trouble, whole.faults], [[], null, [null, null, null, null]]);

  const lost = view.chunks[6];
  assert.ok(lost);
  const cases: [string, SegmentView][] = [
    ["left out", changed(view, 6, () => null)],
    ["later", changed(view, 6, ({ from_ms }) => ({ from_ms: from_ms + 60_000 }))],
    ["longer", changed(view, 6, ({ duration_ms }) => ({ duration_ms: duration_ms + 10 }))],
    ["another length", changed(view, 6, ({ len }) => ({ len: len - 1 }))],
    ["a key frame", changed(view, 6, () => ({ key: true }))],
    ["no chunk there", changed(view, 6, ({ offset }) => ({ offset: offset + 1 }))],
  ];
  for (const [name, listed] of cases) {
    const { differences, trouble } = await check(listed);
    assert.equal(trouble, null, `${name}: the segment itself verifies`);
    const covers = differences.some(({ fromMs, toMs }) => fromMs < lost.from_ms + 500 && toMs > lost.from_ms + 500);
    assert.ok(covers, `${name}: where the chunk really lies: ${JSON.stringify(differences)}`);
    const played = await pieces(listed, 4);
    assert.ok(played.answer.differences.length > 0, `${name}: found by playing`);
    assert.equal(played.answer.trouble?.fault, "index", name);
    for (const fault of played.faults) assert.ok(fault === null || fault === "index", `${name}: ${fault}`);
  }
  const shifted = { ...view, media_origin_ms: view.media_origin_ms + 5000 };
  assert.equal((await check(shifted)).differences.length, CHUNKS * 2, "every chunk, where it lies and where it is listed");
  assert.equal((await check({ ...view, to_ms: view.to_ms + 60_000 })).differences.length, 1, "the bar on the timeline");
  assert.equal((await check({ ...view, chunks: [], from_ms: ORIGIN_MS, to_ms: ORIGIN_MS })).differences.length, CHUNKS, "an emptied list");
});

test("segments of one run lie where one clock puts them", () => {
  const at = (originMs: number, originUs: number, wallMinusBootMs: number | null) => ({ originMs, originUs, wallMinusBootMs });
  assert.ok(placedAlike([]));
  assert.ok(placedAlike([at(5000, 1_000_000, 1), at(5300, 1_300_900, 2), at(5000, 1_000_000, null)]), "by heartbeats");
  assert.ok(placedAlike([at(5000, 1_000_000, 4000), at(5300, 1_000_000, 4300)]), "each by the device's wall clock");
  assert.ok(!placedAlike([at(5000, 1_000_000, 1), at(5300, 1_000_000, 2)]));
});

test("a growing segment may end in six seconds without signature, not in more", () => {
  const list = (count: number): SegmentView => {
    const chunks = Array.from({ length: count }, (_, index) => ({ offset: 900 + index * 1000 + (index > 3 ? 128 : 0), len: 1000, from_ms: index * 1000, duration_ms: 1000, key: true }));
    const last = chunks.at(-1);
    assert.ok(last);
    const base = { id: 1, revision: 1, run: "r", track: "cam0", kind: "video", codec: "avc1", sequence: 0, state: "durable" as const, digest: null };
    return { ...base, size_bytes: last.offset + last.len, media_origin_ms: 0, from_ms: 0, to_ms: count * 1000, chunks };
  };
  const faults = (view: SegmentView, first: number) => {
    const run = runFrom(view, first) as Fetch;
    const tail = Array.from({ length: run.last - first + 1 }, () => ({ cover: "tail" as const, data: null }));
    return faultsOf(run, { codec: "", width: 0, height: 0, init: new ArrayBuffer(0), pieces: tail, differences: [], trouble: null });
  };
  assert.deepEqual(faults(list(10), 4), [null, null, null, null, null, null]);
  assert.deepEqual(faults(list(12), 4), [null, null, null, null, null, null, "unsigned", "unsigned"]);
  assert.deepEqual(faults(list(12), 9), [null, "unsigned", "unsigned"], "counted from the signature, not from what was fetched");
  assert.deepEqual(faults({ ...list(6), state: "stored" }, 4), ["unsigned", "unsigned"]);
  assert.equal(unsignedLimit(list(12), 4), 10);
});

test("a wrong list keeps its name beside damaged footage", () => {
  const damage = (fault: string, fromMs: number) => ({ segment: 1, track: "cam0", sequence: 0, fromMs, toMs: fromMs + 1000, fault, message: "" });
  const list = addDamage(addDamage([damage("chain", 0)], damage("index", 1000)), damage("order", 1000));
  assert.deepEqual(list.map(({ fault, fromMs, toMs }) => [fault, fromMs, toMs]).sort(), [["chain", 0, 2000], ["index", 1000, 2000]]);
});

test("differences become damage with their name, and a list that changes after the check is compared again", async () => {
  const { view } = await make();
  const answer: CheckAnswer = { checkedTo: view.size_bytes, signedTo: view.size_bytes, closing: { reason: "stopped", chunks: CHUNKS }, differences: [], originUs: ORIGIN_US, wallMinusBootMs: 1, trouble: null };
  const answers: Partial<CheckAnswer>[] = [];
  const pieces: Partial<PiecesAnswer>[] = [];
  const client = { check: async () => ({ ...answer, ...answers.shift() }), pieces: async () => ({ differences: [], trouble: null, ...pieces.shift() }) };
  const footage = new Footage({} as RecordingView, {} as Me, {} as never, () => undefined);
  Object.assign(footage, { client });
  const check = async (segment: SegmentView, more: Partial<CheckAnswer>) => {
    answers.push(more);
    footage.segments.set(segment.id, segment);
    footage.requestCheck(segment.id);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(answers, [], "the check was made");
    return footage.damages.map(({ segment: id, fault, fromMs, toMs }) => [id, fault, fromMs, toMs]);
  };
  const { from_ms } = view;
  assert.deepEqual(await check(view, {}), []);
  const found = [[1, "index", from_ms, from_ms + 1000]];
  assert.deepEqual(await check({ ...view }, { differences: [{ fromMs: from_ms, toMs: from_ms + 1000, message: "" }] }), found);

  const growing = { ...view, id: 2, run: "another", state: "durable" as const };
  const unsigned = view.chunks[6];
  assert.ok(unsigned);
  found.push([2, "unsigned", unsigned.from_ms, view.to_ms]);
  assert.deepEqual(await check(growing, { signedTo: 0, closing: null }), found);

  const tail = view.chunks.map(() => ({ cover: "tail" as const, data: new ArrayBuffer(1) }));
  const run: Fetch = { segment: { ...growing, id: 3 }, first: 0, last: CHUNKS - 1, from: 0, to: view.size_bytes, signed: false };
  pieces.push({ pieces: tail.slice(0, 12), differences: [{ fromMs: 0, toMs: 1000, message: "" }] });
  const shown = await footage.pieces(run);
  assert.equal(shown.pieces[11]?.data, null);
  assert.ok(footage.damages.some(({ segment: id, fault, fromMs }) => id === 3 && fault === "index" && fromMs === 0));

  const later = { ...view, id: 4, sequence: 1, media_origin_ms: view.media_origin_ms + 60_000, from_ms: from_ms + 60_000, to_ms: view.to_ms + 60_000 };
  assert.ok((await check(later, {})).some(([id, fault]) => id === 4 && fault === "index"), "a segment moved as a whole");
});
