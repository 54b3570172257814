import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, concat, hex, utf8 } from "../src/crypto/bytes.ts";
import { Certificates } from "../src/crypto/certificate.ts";
import { FormatError } from "../src/crypto/errors.ts";
import { importX25519 } from "../src/crypto/hpke.ts";
import { openRunKey } from "../src/crypto/keys.ts";
import { type SegmentContext, openSegment } from "../src/crypto/segment.ts";
import { cover, openFrame, readFrames } from "../src/crypto/verify.ts";
import { WholeCheck } from "../src/crypto/whole.ts";
import { Run, Segment, World } from "./writer.ts";

const CHUNKS = 12;
const text = (index: number) => utf8(`chunk ${index} `.repeat(50));

async function make(finish: "stopped" | "recovered" | "growing" = "stopped") {
  const world = await World.make();
  const run = await Run.make(world);
  const segment = await Segment.start(world, run);
  await segment.init(utf8("init"));
  for (let index = 0; index < CHUNKS; index++) {
    await segment.chunk(text(index), index % 4 === 0);
    if (index === 5) await segment.beacon();
    if (index % 4 === 3) await segment.signature();
  }
  if (finish !== "growing") await segment.close(finish);
  return { world, run, segment };
}

async function openContext(world: World, run: Run, bytes: Bytes): Promise<SegmentContext> {
  const keys = world.keys([run]);
  const certificates = await Certificates.check(world.institution.public, keys.certificates);
  const scope = { exam: world.exam, recording: world.recording, fromMs: 1_770_000_000_000, toMs: 1_770_000_100_000 };
  const review = { privateKey: await importX25519(world.reviewPrivate()), public: hex(world.review.public) };
  const [entry] = keys.runs;
  assert.ok(entry);
  const opened = await openRunKey(entry, certificates, scope, review);
  assert.deepEqual(opened.runKey, run.key);
  return openSegment(bytes, { run: run.id, track: "cam0", sequence: 0 }, opened, certificates, scope);
}

const check = async (context: SegmentContext, bytes: Bytes, finish = true) => {
  const whole = new WholeCheck(context);
  await whole.advance(async (from, to) => bytes.slice(from, to), bytes.length);
  if (finish) whole.finish(bytes.length);
  return whole;
};

test("a whole segment verifies, opens and says how it was closed", async () => {
  for (const finish of ["stopped", "recovered"] as const) {
    const { world, run, segment } = await make(finish);
    const bytes = segment.bytes();
    const context = await openContext(world, run, bytes);
    const whole = await check(context, bytes);
    assert.equal(whole.closing?.reason, finish);
    assert.equal(whole.closing?.chunks, CHUNKS);
    assert.equal(whole.finalHead, hex(segment.head));
    const { frames } = readFrames(bytes, 0, context.framesAt);
    const second = frames.filter(({ kind }) => kind === 2)[1];
    assert.ok(second);
    assert.deepEqual(await openFrame(context, second), text(1));
  }
});

test("a growing segment is checked as it grows, up to its newest signature", async () => {
  const { world, run, segment } = await make("growing");
  await segment.chunk(text(12));
  const bytes = segment.bytes();
  const context = await openContext(world, run, bytes);
  const whole = new WholeCheck(context);
  for (let size = context.framesAt; size <= bytes.length; size += 97) {
    await whole.advance(async (from, to) => bytes.slice(from, to), size);
    assert.ok(whole.signedTo <= whole.checkedTo && whole.checkedTo <= size);
  }
  await whole.advance(async (from, to) => bytes.slice(from, to), bytes.length);
  assert.equal(whole.checkedTo, bytes.length);
  assert.equal(whole.signedTo, (segment.chunks.at(-1)?.offset ?? 0) - 128);
  assert.throws(() => whole.finish(bytes.length), { fault: "truncated" });
});

test("every changed byte is found, wherever it lies", async () => {
  const { world, run, segment } = await make();
  const good = segment.bytes();
  for (let at = 0; at < good.length; at += 23) {
    const bytes = good.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await assert.rejects(async () => check(await openContext(world, run, bytes), bytes), FormatError, `byte ${at}`);
  }
});

test("cut, dropped, repeated and reordered frames are found", async () => {
  const { world, run, segment } = await make();
  const { parts } = segment;
  const swapped = [...parts.slice(0, 3), parts[4], parts[3], ...parts.slice(5)] as Bytes[];
  const variants: [string, Bytes[], string][] = [
    ["frame dropped", [...parts.slice(0, 4), ...parts.slice(5)], "chain"],
    ["frames swapped", swapped, "chain"],
    ["frame twice", [...parts.slice(0, 4), ...parts.slice(3)], "chain"],
    ["no closing record", parts.slice(0, -1), "truncated"],
    ["no init section", [parts[0] as Bytes, ...parts.slice(2)], "chain"],
    ["bytes after the end", [...parts, utf8("more")], "order"],
    ["half a frame at the end", [...parts.slice(0, -1), (parts.at(-1) as Bytes).slice(0, 70)], "truncated"],
  ];
  for (const [name, list, fault] of variants) {
    const bytes = concat(...list);
    await assert.rejects(async () => check(await openContext(world, run, bytes), bytes), { fault }, name);
  }
});

test("a fetched stretch vouches for what its signatures cover and for nothing else", async () => {
  const { world, run, segment } = await make("growing");
  await segment.chunk(text(12));
  const bytes = segment.bytes();
  const context = await openContext(world, run, bytes);
  const covers = async (from: number, change?: number) => {
    const copy = bytes.slice();
    if (change !== undefined) copy[change] = (copy[change] ?? 0) ^ 1;
    const base = segment.chunks[from]?.offset ?? 0;
    const { frames } = readFrames(copy.slice(base), base, base);
    return (await cover(context, frames)).filter(({ frame }) => frame.kind === 2).map((entry) => entry.cover[0]).join("");
  };
  assert.equal(await covers(4), "sssssssst", "from the middle: signed, and the tail");
  const body = (segment.chunks[6]?.offset ?? 0) + 80;
  assert.equal(await covers(4, body), "bbbssssst", "a changed chunk takes what its group's signature no longer reaches with it");
  const signature = (segment.chunks[8]?.offset ?? 0) - 10;
  assert.equal(await covers(4, signature), "bbbbsssst", "a changed signature takes its group");
});

test("another recording's keys do not open a segment", async () => {
  const { world, run } = await make();
  const other = await Segment.start(world, run, { sequence: 1 });
  await other.init(utf8("init"));
  await assert.rejects(openContext(world, run, other.bytes()), { fault: "wrong-segment" });
  const stranger = await Run.make(world);
  const keys = world.keys([stranger]);
  const certificates = await Certificates.check(world.institution.public, keys.certificates);
  const scope = { exam: world.exam, recording: world.recording, fromMs: 1, toMs: 2 };
  const review = { privateKey: await importX25519((await World.make()).reviewPrivate()), public: hex(world.review.public) };
  await assert.rejects(openRunKey({ run: stranger.id, record: stranger.record, inner: hex(stranger.inner) }, certificates, scope, review), { fault: "key-record" });
});

test("certificates count by the institution or its delegate only", async () => {
  const world = await World.make();
  const stranger = await World.make();
  const delegate = world.certificate(world.institution, "server", world.server, { delegate: ["erasure"] });
  const list = [
    delegate,
    world.certificate(world.server, "erasure", world.erasure, { exam: world.exam }),
    world.certificate(world.server, "device", world.device, { recording: world.recording }),
    world.certificate(world.server, "review", world.review),
    stranger.certificate(stranger.institution, "review", stranger.review),
  ];
  const certificates = await Certificates.check(world.institution.public, list);
  assert.deepEqual(certificates.counting.map(({ role }) => role), ["server", "erasure"]);
  assert.equal(certificates.refused.length, 3);
  assert.throws(() => certificates.find("erasure", hex(world.erasure.public), 5_000_000_000_000, 6_000_000_000_000), { fault: "certificate" });
});
