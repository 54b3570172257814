/** The annex of stills; its look is judged by eye, here it must be whole, tagged and the same each time. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { type Bytes, utf8 } from "../src/crypto/bytes.ts";
import { renderAnnex } from "../src/evidence/annex.ts";
import type { AnnexContent } from "../src/evidence/types.ts";

// The server's own fonts are in its binary; any font with Kazakh letters does here.
const FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf";

/** A JPEG as far as a PDF writer reads it: size and colours. */
function jpeg(width: number, height: number): Bytes {
  const frame = [0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
  return Uint8Array.of(0xff, 0xd8, ...frame, 0xff, 0xd9);
}

const content = (stills: number, more: Partial<AnnexContent> = {}): AnnexContent => ({
  language: "kk",
  organisation: "Әл-Фараби атындағы ҚазҰУ",
  title: "Акт",
  act: "5f0c6a3e-8a1b-4a60-9d3c-77a0e5a9c1d2",
  number: "А-2026-0001",
  exam: "Жоғары математика",
  subject: "Құрманғалиұлы Өміртай Һәлім",
  utcOffsetSecs: 18_000,
  madeMs: 1_780_000_000_000,
  stills: Array.from({ length: stills }, (_, index) => ({
    jpeg: jpeg(1280, 720),
    caption: "үстел астында қағаз",
    atMs: 1_780_000_000_123 + index * 60_000,
    recording: "c1a5b0de-1111-4222-8333-abcdefabcdef",
    track: "cam0",
    segmentDigest: "ab".repeat(32),
  })),
  ...more,
});

const count = (pdf: Bytes, what: RegExp): number => [...Buffer.from(pdf).toString("latin1").matchAll(what)].length;

test("two stills on a page, tagged, in PDF/A's metadata, and always the same bytes", { skip: !existsSync(FONT) && `needs ${FONT}` }, async () => {
  const face: Bytes = new Uint8Array(readFileSync(FONT));
  const faces = { regular: face, bold: face };
  for (const [stills, pages] of [[1, 1], [2, 1], [3, 2], [12, 6]] as const) {
    const pdf = await renderAnnex(content(stills), faces);
    assert.equal(count(pdf, /\/Type \/Page\b(?!s)/g), pages, `${stills} stills`);
    assert.equal(count(pdf, /\/S \/Figure/g), stills);
    assert.equal(count(pdf, /<pdfaid:part>2<\/pdfaid:part>/g), 1);
    assert.equal(Buffer.compare(pdf, await renderAnnex(content(stills), faces)), 0);
  }
  const others = await Promise.all((["kk", "ru", "en"] as const).map((language) => renderAnnex(content(1, { language, number: null, subject: null }), faces)));
  for (const pdf of others) assert.ok(Buffer.from(pdf.subarray(0, 8)).equals(utf8("%PDF-1.7")));
});

test("what no font has is written as its code point", { skip: !existsSync(FONT) && `needs ${FONT}` }, async () => {
  const face: Bytes = new Uint8Array(readFileSync(FONT));
  const shown = await renderAnnex(content(1, { subject: "A \u{F0000}" }), { regular: face, bold: face });
  const page = [...Buffer.from(shown).toString("latin1").matchAll(/stream\n([\s\S]*?)\nendstream/g)]
    .map(([, body = ""]) => inflated(Buffer.from(body, "latin1")))
    .find((text) => text.includes(" Tf"));
  const glyphs = [...(page ?? "").matchAll(/<([0-9a-f]+)>/g)].flatMap(([, hex = ""]) => hex.match(/.{4}/g) ?? []);
  assert.ok(glyphs.length > 100);
  assert.ok(!glyphs.includes("0000"), "the glyph for what a font has not is drawn");
});

function inflated(bytes: Buffer): string {
  try {
    return inflateSync(bytes).toString("latin1");
  } catch {
    return "";
  }
}
