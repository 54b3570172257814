/** The playable range and the ZIP against the vectors that the tool's own twin makes: shared/evidence/vectors/v1. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Bytes, hex, sha256, unhex } from "../src/crypto/bytes.ts";
import { Kind, openBody } from "../src/crypto/frame.ts";
import { importSegmentKey, readHeader } from "../src/crypto/segment.ts";
import { readFrames } from "../src/crypto/verify.ts";
import { Content } from "../src/evidence/content.ts";
import { Joiner, Mp4Error } from "../src/evidence/mp4.ts";
import { type Piece, select, writeRange } from "../src/evidence/range.ts";
import { zip } from "../src/evidence/zip.ts";

declare const WEB_ROOT: string;
const FOLDER = join(WEB_ROOT, "../../shared/evidence/vectors/v1");
const read = (file: string): Bytes => new Uint8Array(readFileSync(join(FOLDER, file)));
const json = <T>(file: string): T => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as T;

interface RangeVectors {
  cases: { name: string; file: string | null; from_ms: number; to_ms: number; chunks?: number; digest?: string }[];
  segments: { file: string; key: string; clock_offset_ms: number }[];
}

async function piece({ file, key, clock_offset_ms }: RangeVectors["segments"][number]): Promise<Piece> {
  const bytes = read(`range/${file}`);
  const { head0, framesAt } = await readHeader(bytes);
  const { frames, fault } = readFrames(bytes, 0, framesAt);
  assert.equal(fault, null);
  const opener = await importSegmentKey(unhex(key, 32, "key"));
  const chunks = frames.filter(({ kind }) => kind === Kind.chunk);
  const first = frames.find(({ kind }) => kind === Kind.init);
  return {
    clockOffsetMs: clock_offset_ms,
    chunks,
    init: async () => (first ? openBody(first, opener, head0) : null),
    open: async (chunk) => openBody(chunks[chunk] as (typeof chunks)[number], opener, head0),
  };
}

const vectors = json<RangeVectors>("range/range.json");
const pieces = await Promise.all(vectors.segments.map(piece));

for (const { name, file, from_ms, to_ms, chunks, digest } of vectors.cases) {
  test(`range ${name}`, async () => {
    const selection = select(pieces, from_ms, to_ms);
    if (file === null) return assert.equal(selection, null);
    assert.ok(selection);
    assert.equal(selection.chunks.length, chunks);
    const parts: Bytes[] = [];
    await writeRange(pieces, selection, (bytes) => parts.push(bytes));
    const made = Buffer.concat(parts);
    assert.equal(Buffer.compare(made, read(`range/${file}`)), 0, "differs from the tool's");
    assert.equal(hex(await sha256(new Uint8Array(made))), digest);
  });
}

test("no damaged fragment or init section makes the joiner hang or answer anything but a named error", async () => {
  const [one] = pieces;
  const init = (await one?.init()) as Bytes;
  const fragment = (await one?.open(0)) as Bytes;
  for (let at = 0; at < init.length; at++) {
    const broken = init.slice();
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    tries(() => Joiner.make([init, broken]));
  }
  const header = Math.min(400, fragment.length);
  for (let at = 0; at < header; at++) {
    const broken = fragment.slice();
    broken[at] = (broken[at] ?? 0) ^ 0xff;
    tries(() => Joiner.make([init]).fragmentAt(0, 0, broken));
  }
  for (let cut = 0; cut < header; cut++) assert.throws(() => Joiner.make([init]).fragmentAt(0, 0, fragment.slice(0, cut)), Mp4Error);
});

function tries(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Mp4Error, String(error));
  }
}

test("the ZIP is the canonical one", async () => {
  const vector = json<{ files: { name: string; contents: string }[]; zip: string; digest: string }>("zip/zip.json");
  const packed = await Promise.all(
    vector.files.map(async ({ name, contents }) => (await Content.of(unhex(contents, contents.length / 2, name))).packed(name)),
  );
  const made = new Uint8Array(await zip(packed).arrayBuffer());
  assert.equal(Buffer.compare(made, read(`zip/${vector.zip}`)), 0);
  assert.equal(hex(await sha256(made)), vector.digest);
});
