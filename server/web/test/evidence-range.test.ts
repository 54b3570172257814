/** The playable range and the ZIP against the vectors that the tool's own twin makes: shared/evidence/vectors/v1. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Bytes, concat, hex, sha256, unhex } from "../src/crypto/bytes.ts";
import { Kind, openBody } from "../src/crypto/frame.ts";
import { importSegmentKey, readHeader } from "../src/crypto/segment.ts";
import { readFrames } from "../src/crypto/verify.ts";
import { Content } from "../src/evidence/content.ts";
import { Joiner } from "../src/evidence/mp4.ts";
import { Mp4Error } from "../src/evidence/mp4-boxes.ts";
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

async function piece(folder: string, { file, key, clock_offset_ms }: RangeVectors["segments"][number]): Promise<Piece> {
  const bytes = read(join(folder, file));
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

/** Where the sample description changes on the way, the first bundles were made in another way, which only a verifier still knows. */
const MADE_BEFORE = "range/whole.mp4";

for (const folder of ["range", "in-band"]) {
  const vectors = json<RangeVectors>(`${folder}/range.json`);
  const pieces = await Promise.all(vectors.segments.map((segment) => piece(folder, segment)));
  for (const { name, file, from_ms, to_ms, chunks, digest } of vectors.cases) {
    test(`${folder} ${name}`, async () => {
      const selection = select(pieces, from_ms, to_ms);
      if (file === null) return assert.equal(selection, null);
      assert.ok(selection);
      assert.equal(selection.chunks.length, chunks);
      const parts: Bytes[] = [];
      await writeRange(pieces, selection, (bytes) => parts.push(bytes));
      const made = Buffer.concat(parts);
      const same = `${folder}/${file}` !== MADE_BEFORE;
      assert.equal(Buffer.compare(made, read(`${folder}/${file}`)) === 0, same, "against the tool's");
      assert.equal(hex(await sha256(new Uint8Array(made))) === digest, same);
    });
  }
}

interface JoiningVectors {
  cases: { name: string; inits: string[]; fragments: { init: number; at_us: number; bytes: string }[]; joined?: string; error?: string }[];
}
const bytesOf = (text: string): Bytes => unhex(text, text.length / 2, "vector");
const JOINING = join(WEB_ROOT, "../../shared/format/vectors/v1/in-band/joining.json");
const { cases: joining } = JSON.parse(readFileSync(JOINING, "utf8")) as JoiningVectors;

for (const { name, inits, fragments, joined, error } of joining) {
  test(`joining ${name}: ${error ?? "good"}`, () => {
    const make = () => {
      const joiner = Joiner.make(inits.map(bytesOf));
      return concat(joiner.start, ...fragments.map(({ init, at_us, bytes }) => joiner.fragmentAt(init, at_us, bytesOf(bytes))));
    };
    if (joined === undefined) assert.throws(make, Mp4Error);
    else assert.equal(hex(make()), joined);
  });
}

test("no damaged fragment or init section makes the joiner hang or answer anything but a named error", async () => {
  const { segments } = json<RangeVectors>("range/range.json");
  const one = await piece("range", segments[0] as RangeVectors["segments"][number]);
  const init = (await one.init()) as Bytes;
  const fragment = await one.open(0);
  const header = Math.min(400, fragment.length);
  for (let at = 0; at < init.length; at++) tries(() => Joiner.make([init, damaged(init, at, 0xff)]));
  for (let at = 0; at < header; at++) tries(() => Joiner.make([init]).fragmentAt(0, 0, damaged(fragment, at, 0xff)));
  for (let cut = 0; cut < header; cut++) assert.throws(() => Joiner.make([init]).fragmentAt(0, 0, fragment.slice(0, cut)), Mp4Error);
});

test("nor does one that gets parameter sets", () => {
  for (const { inits, fragments } of joining) {
    const [first, second] = inits.map(bytesOf);
    const fragment = fragments[0] && bytesOf(fragments[0].bytes);
    if (!first || !second || !fragment) continue;
    for (const by of [0x01, 0x04, 0xff]) {
      for (let at = 0; at < second.length; at++) tries(() => Joiner.make([first, damaged(second, at, by)]).fragmentAt(1, 0, fragment));
      for (let at = 0; at < fragment.length; at++) tries(() => Joiner.make([first, second]).fragmentAt(1, 0, damaged(fragment, at, by)));
    }
    for (let cut = 0; cut < fragment.length; cut++) tries(() => Joiner.make([first, second]).fragmentAt(1, 0, fragment.slice(0, cut)));
  }
});

const damaged = (bytes: Bytes, at: number, by: number): Bytes => bytes.map((byte, place) => (place === at ? byte ^ by : byte));

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
