/** Holds, attachments and bundles in the page, against a server in the test. */
import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import type { ActView, Language } from "../src/acts-wire.ts";
import { ApiError } from "../src/api.ts";
import { type Bytes, concat, hex, sha256, unhex, utf8 } from "../src/crypto/bytes.ts";
import { Certificates } from "../src/crypto/certificate.ts";
import { FormatError } from "../src/crypto/errors.ts";
import { Kind, openBody } from "../src/crypto/frame.ts";
import { heldKey } from "../src/crypto/held.ts";
import { importX25519, openHpke, sealHpke, sealWith } from "../src/crypto/hpke.ts";
import { openRunKey } from "../src/crypto/keys.ts";
import { importSegmentKey, openSegment, readHeader } from "../src/crypto/segment.ts";
import { openFrame, readFrames } from "../src/crypto/verify.ts";
import type { ActAttachment, CitedStretch } from "../src/evidence/act.ts";
import { openAttachment, seal, sealAttachment } from "../src/evidence/attachment.ts";
import { makeBundle } from "../src/evidence/bundle.ts";
import { Content } from "../src/evidence/content.ts";
import { sealHold } from "../src/evidence/hold.ts";
import { Joiner } from "../src/evidence/mp4.ts";
import { fileNames } from "../src/evidence/names.ts";
import { EvidenceError, type NewAttachment } from "../src/evidence/types.ts";
import { archiveBytes } from "../src/evidence/zip.ts";
import { NOW_MS, Server } from "./evidence-server.ts";
import { Here } from "./here.ts";
import { Run, Segment, World } from "./writer.ts";

declare const WEB_ROOT: string;
const unhexed = (text: string): Bytes => unhex(text, text.length / 2, "test");

test("HPKE seals and opens the RFC's vector of this suite", async () => {
  const raw = unhexed("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
  const enc = unhexed("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256");
  const privateKey = await importX25519(unhexed("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"));
  const recipient = unhexed("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c");
  const info = unhexed("4f6465206f6e2061204772656369616e2055726e");
  const sealed = unhexed("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a");
  const [aad, plain] = [utf8("Count-0"), utf8("Beauty is truth, truth beauty")];
  const publicKey = await crypto.subtle.importKey("raw", enc, { name: "X25519" }, true, []);
  const ephemeral = { privateKey: await importX25519(raw), publicKey };
  assert.deepEqual(await sealWith(ephemeral, recipient, info, aad, plain), concat(enc, sealed));
  assert.deepEqual(await openHpke(privateKey, recipient, enc, info, aad, sealed), plain);
  const fresh = await sealHpke(recipient, info, aad, plain);
  assert.deepEqual(await openHpke(privateKey, recipient, fresh.subarray(0, 32), info, aad, fresh.subarray(32)), plain);
  await assert.rejects(openHpke(privateKey, recipient, fresh.subarray(0, 32), info, utf8("Count-1"), fresh.subarray(32)));
  await assert.rejects(sealHpke(new Uint8Array(32), info, aad, plain));
});

/** One init section and some chunks of real CMAF, from the vectors of the playable range. */
async function clip(): Promise<{ init: Bytes; chunks: Bytes[] }> {
  const folder = join(WEB_ROOT, "../../shared/evidence/vectors/v1/range");
  const bytes: Bytes = new Uint8Array(readFileSync(join(folder, "run0-1.seg")));
  const { segments } = JSON.parse(readFileSync(join(folder, "range.json"), "utf8")) as { segments: { key: string }[] };
  const key = await importSegmentKey(unhexed(segments[0]?.key ?? ""));
  const { head0, framesAt } = await readHeader(bytes);
  const { frames } = readFrames(bytes, 0, framesAt);
  const open = (kind: number) => Promise.all(frames.filter((frame) => frame.kind === kind).map((frame) => openBody(frame, key, head0)));
  const [init] = await open(Kind.init);
  assert.ok(init);
  return { init, chunks: await open(Kind.chunk) };
}

async function footage(segments = 3): Promise<Server> {
  const world = await World.make();
  const server = new Server(world);
  const run = await Run.make(world);
  const { init, chunks } = await clip();
  let previous: Bytes | null = null;
  for (let sequence = 0; sequence < segments; sequence++) {
    const segment: Segment = await Segment.start(world, run, { sequence, previous });
    await segment.init(init);
    for (const [index, chunk] of chunks.entries()) await segment.chunk(chunk, index === 0, 1_000_000, (sequence * chunks.length + index + 1) * 1_000_000);
    await segment.signature();
    await segment.close("full");
    previous = segment.head;
    server.store(run, segment);
  }
  return server;
}

test("a hold becomes effective, and after expiry exactly its segments open", async () => {
  const server = await footage();
  const who = await server.reviewer();
  const seen: string[] = [];
  const done = await sealHold(server.view(), who, { onProgress: ({ stage, done, total }) => seen.push(`${stage} ${done}/${total}`) });
  assert.equal(done.state, "effective");
  assert.equal(seen.at(-1), "checking 3/3");

  server.expired = true;
  server.confirmed.delete(101);
  const keys = server.keys();
  const certificates = await Certificates.check(server.world.institution.public, keys.certificates);
  const scope = { exam: server.world.exam, recording: server.world.recording, fromMs: 1_770_000_000_000, toMs: NOW_MS };
  const [entry] = keys.runs;
  assert.ok(entry);
  const run = await openRunKey(entry, certificates, scope, who.review);
  assert.equal(run.runKey, null);
  for (const { id, segment, bytes } of server.stored) {
    const name = { run: entry.run, track: segment.track, sequence: segment.sequence };
    const held = await heldKey(keys.segments.filter((view) => view.id === id), name, certificates, scope.recording, who.review);
    const opening = openSegment(bytes, name, run, certificates, scope, held);
    if (id === 101) {
      await assert.rejects(opening, { fault: "key-record" });
      continue;
    }
    const context = await opening;
    const { frames } = readFrames(bytes, 0, context.framesAt);
    for (const frame of frames.filter(({ kind }) => kind <= Kind.final)) await openFrame(context, frame);
  }
  // A key that belongs to another segment is refused, whatever the server calls it.
  const [first] = keys.segments;
  assert.ok(first);
  const asked = { run: entry.run, track: "cam0", sequence: 2 };
  await assert.rejects(heldKey([first], asked, certificates, scope.recording, who.review), { fault: "wrong-segment" });
  await assert.rejects(heldKey([{ ...first, hold: server.world.exam }], asked, certificates, scope.recording, who.review), { fault: "key-record" });
});

test("a segment held already is held once more from its own key after expiry, others are gone", async () => {
  const server = await footage(2);
  const who = await server.reviewer();
  await sealHold(server.view(), who, {});
  const first = server.keys().segments[0];
  assert.ok(first);
  server.expired = true;
  // The other hold's records are those of the key list; the new hold has none yet.
  server.confirmed.clear();
  server.override[`GET /api/recordings/${server.world.recording}/keys`] = () => ({ ...server.keys(), segments: [first] });
  await assert.rejects(sealHold(server.view(), who, {}), { fault: "expired" });
  server.stored.pop();
  assert.equal((await sealHold(server.view(), who, {})).state, "effective");
});

test("nothing is sealed to a key that the institution did not certify, nor without the own one", async () => {
  const server = await footage(1);
  const who = await server.reviewer();
  const path = `GET /api/holds/${server.hold}/covered`;
  const stranger = hex(new Uint8Array(generateKeyPairSync("x25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32)));
  const own = hex(server.world.review.public);
  const [entry] = server.stored;
  assert.ok(entry);
  const segments = [{ id: entry.id, run: entry.run.id, track: "cam0", sequence: 0, size_bytes: entry.bytes.length }];
  server.override[path] = () => ({ review: [own, stranger], segments });
  await assert.rejects(sealHold(server.view(), who, {}), { fault: "foreign-key" });
  server.override[path] = () => ({ review: [], segments });
  await assert.rejects(sealHold(server.view(), who, {}), { fault: "not-recipient" });
  assert.ok(!server.requests.some((request) => request.endsWith("/seal")));
});

test("what the server gives back is not believed", async () => {
  const server = await footage(1);
  const who = await server.reviewer();
  const path = `POST /api/holds/${server.hold}/seal`;
  server.override[path] = () => ({ segments: [] });
  await assert.rejects(sealHold(server.view(), who, {}), { fault: "not-confirmed" });
  server.override[path] = (body) => {
    const [{ id }] = (body as { segments: [{ id: number }] }).segments;
    const [run] = server.world.keys([server.stored[0]?.run as Run]).runs;
    return { segments: [{ id, hold: server.hold, record: run?.record, inner: run?.inner }] };
  };
  await assert.rejects(sealHold(server.view(), who, {}), FormatError);
  assert.equal(server.confirmed.size, 0);
});

test("a damaged segment keeps the hold pending and the others are sealed all the same", async () => {
  const server = await footage(3);
  const who = await server.reviewer();
  const bytes = server.stored[1]?.bytes as Bytes;
  const { framesAt } = await readHeader(bytes);
  // The init section's frame header, then its sealed body.
  for (const [at, fault] of [[framesAt, "malformed"], [framesAt + 70, "not-opened"]] as const) {
    const good = bytes[at] ?? 0;
    bytes[at] = 9;
    server.confirmed.clear();
    await assert.rejects(sealHold(server.view(), who, {}), { fault });
    assert.deepEqual([...server.confirmed].sort(), [100, 102]);
    bytes[at] = good;
  }
});

test("somebody else who seals the same hold meanwhile is waited out, other refusals are not", async () => {
  const server = await footage(2);
  const who = await server.reviewer();
  const path = `POST /api/holds/${server.hold}/confirm`;
  server.override[path] = () => {
    delete server.override[path];
    return Response.json({ error: "not-sealed-here" }, { status: 409 });
  };
  assert.equal((await sealHold(server.view(), who, {})).state, "effective");
  server.confirmed.clear();
  server.override[path] = () => Response.json({}, { status: 403 });
  await assert.rejects(sealHold(server.view(), who, {}), ApiError);
});

const still = (bytes: Bytes): NewAttachment => ({
  kind: "still",
  media: "image/jpeg",
  name: 'Сурет "1"\n\u0007әғқ',
  source: { recording: "08080808-0808-4808-8808-080808080808", track: "cam0", at_ms: 1_780_000_000_000 },
  bytes,
});
const ACT = "07070707-0707-4707-8707-070707070707";

/** Header of a container, and where the ciphertext begins. */
function headerOf(container: Bytes): { header: Record<string, unknown>; at: number } {
  const at = 16 + new DataView(container.buffer, container.byteOffset).getUint32(12);
  return { header: JSON.parse(Buffer.from(container.subarray(16, at)).toString("utf8")) as Record<string, unknown>, at };
}

test("an attachment opens, and every changed byte of it is found", async () => {
  const server = await footage(1);
  const who = await server.reviewer();
  const plain: Bytes = new Uint8Array(randomBytes(300));
  const container = await seal({ institution: who.me.institution, act: ACT, review: [who.review.public] }, still(plain));
  const { header, at } = headerOf(container);
  assert.equal(header["name"], 'Сурет "1" әғқ');
  assert.equal(container.length, at + plain.length + 16);
  const view = { id: header["attachment"] as string, digest: hex(await sha256(plain)), size_bytes: plain.length };
  assert.deepEqual(await openAttachment(ACT, view, container, who), plain);
  for (let place = 0; place < container.length; place++) {
    const broken = container.slice();
    broken[place] = (broken[place] ?? 0) ^ 1;
    await assert.rejects(openAttachment(ACT, view, broken, who), (error: Error) => error instanceof FormatError || error instanceof EvidenceError, `byte ${place}`);
  }
  for (let cut = 0; cut < container.length; cut += 7) await assert.rejects(openAttachment(ACT, view, container.slice(0, cut), who));
  await assert.rejects(openAttachment(server.world.exam, view, container, who), { fault: "differs" });
  await assert.rejects(openAttachment(ACT, { ...view, digest: "00".repeat(32) }, container, who), { fault: "differs" });
});

test("attachments are sealed to certified keys only, which are asked for once; somebody without the footage seals all the same", async () => {
  const server = await footage(1);
  const { me, review } = await server.reviewer();
  const { recording, exam } = server.world;
  const act = (keys: string[]) => ({ recording, evidence: [], review: keys, now_ms: NOW_MS, summary: { id: ACT, exam: { id: exam, starts_ms: NOW_MS } } }) as unknown as ActView;
  const picture = still(utf8("a picture"));
  const asked = () => server.requests.filter((request) => request.endsWith("/keys")).length;
  for (let count = 0; count < 3; count++) await sealAttachment(act([review.public]), picture, me);
  assert.equal(asked(), 1);
  await assert.rejects(sealAttachment(act([review.public, "09".repeat(32)]), picture, me), { fault: "foreign-key" });
  assert.equal(asked(), 2, "asked again, since another key may have been certified");
  const stranger = await footage(1);
  stranger.override[`GET /api/recordings/${stranger.world.recording}/keys`] = () => Response.json({}, { status: 403 });
  const other = { ...act([review.public]), recording: stranger.world.recording };
  const made = await sealAttachment(other, picture, me);
  assert.deepEqual(await openAttachment(ACT, viewOf(made), made, { me, review }), picture.bytes);
});

function viewOf(container: Bytes): { id: string; digest: string; size_bytes: number } {
  const { header } = headerOf(container);
  return { id: header["attachment"] as string, digest: header["digest"] as string, size_bytes: header["size_bytes"] as number };
}

test("an attachment of nothing, without a name or above 32 MiB is refused", async () => {
  const to = { institution: "00".repeat(32), act: ACT, review: [] };
  await assert.rejects(seal(to, still(new Uint8Array(0))), { fault: "empty" });
  await assert.rejects(seal(to, { ...still(new Uint8Array(1)), name: " \n" }), { fault: "empty" });
  await assert.rejects(seal(to, still(new Uint8Array(32 * 1024 * 1024 + 1))), { fault: "too-large" });
});

/** Files of a stored ZIP, in order. */
function unzip(bytes: Bytes): Map<string, Bytes> {
  const files = new Map<string, Bytes>();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; view.getUint32(at, true) === 0x04034b50; ) {
    const size = view.getUint32(at + 18, true);
    const start = at + 30 + view.getUint16(at + 26, true);
    files.set(Buffer.from(bytes.subarray(at + 30, start)).toString("utf8"), bytes.slice(start, start + size));
    at = start + size;
  }
  return files;
}

const BOOT_AT_MS = 1_769_999_000_000;

test("a bundle holds what the act cites, with exactly the cited keys and a video of the range", async () => {
  const server = await footage(3);
  const who = await server.reviewer();
  const scan: Bytes = utf8("%PDF-1.7 a scan");
  const paper = { kind: "scan", media: "application/pdf", name: "a", source: null } as const;
  const container = await seal({ institution: who.me.institution, act: ACT, review: [who.review.public] }, { ...paper, bytes: scan });
  const attachment = headerOf(container).header["attachment"] as string;
  server.attachments.set(attachment, container);
  const attachments = [{ ...paper, attachment, size_bytes: scan.length, digest: hex(await sha256(scan)) }];
  // The last chunk of the first segment, which only follows from its key frame; boot times are whole seconds from 1.
  const { init, chunks } = await clip();
  const fromMs = BOOT_AT_MS + 1000 * chunks.length;
  await server.sign({ fromMs, toMs: fromMs + 1, offsetMs: BOOT_AT_MS, attachments }, ACT);
  const bundle = await makeBundle(ACT, "Дисциплинарлық комиссия", who, {});
  assert.equal(bundle.blob.size, archiveBytes([...unzip(new Uint8Array(await bundle.blob.arrayBuffer()))].map(([name, { length }]) => ({ name, sizeBytes: length }))));
  assert.match(bundle.name, /^А-2026-0001-[0-9a-f]{8}\.zip$/);
  const files = unzip(new Uint8Array(await bundle.blob.arrayBuffer()));
  const run = server.stored[0]?.run.id ?? "";
  const parts = [0, 1, 2].flatMap((sequence) => [`runs/${run}/cam0-0000000${sequence}.seg`, `runs/${run}/cam0-0000000${sequence}.receipt.json`]);
  assert.deepEqual(
    [...files.keys()],
    [
      "manifest.json",
      "README.kk.txt",
      "README.ru.txt",
      "README.en.txt",
      "act/act.json",
      "act/events.jsonl",
      "act/scan-1.pdf",
      "certificates.json",
      "keys.json",
      "custody.json",
      `runs/${run}/key-record.json`,
      `runs/${run}/journal.jsonl`,
      ...parts,
      `video/${server.world.recording}-cam0.mp4`,
    ],
  );
  const text = (name: string) => Buffer.from(files.get(name) ?? "").toString("utf8");
  const manifest = JSON.parse((JSON.parse(text("manifest.json")) as { payload: string }).payload) as { files: { name: string; size_bytes: number; digest: string }[] };
  for (const { name, size_bytes, digest } of manifest.files) {
    assert.equal(files.get(name)?.length, size_bytes, name);
    assert.equal(hex(await sha256(files.get(name) as Bytes)), digest, name);
  }
  assert.equal(manifest.files.length, files.size - 1);
  for (const { segment, bytes } of server.stored) assert.deepEqual(files.get(`runs/${run}/cam0-0000000${segment.sequence}.seg`), bytes);
  const keys = JSON.parse(text("keys.json")) as { segments: { sequence: number; key: string }[] };
  assert.deepEqual(keys.segments.map(({ sequence }) => sequence), [0, 1, 2]);
  assert.deepEqual(files.get("act/scan-1.pdf"), scan);
  const joiner = Joiner.make([init]);
  const video = concat(joiner.start, ...chunks.map((chunk, index) => joiner.fragmentAt(0, index * 1_000_000, chunk)));
  assert.deepEqual(files.get(`video/${server.world.recording}-cam0.mp4`), video);
  for (const kk of ["README.kk.txt", "README.en.txt"]) {
    assert.equal(text(kk), readFileSync(join(WEB_ROOT, "../../shared/evidence/readme", kk), "utf8"));
  }
});

test("a bundle is sealed for its receiver, and nothing is made or asked for when that cannot be", async () => {
  Here.stand();
  const server = await footage(1);
  const who = await server.reviewer();
  const act = await server.sign({ fromMs: BOOT_AT_MS, toMs: BOOT_AT_MS + 60_000, offsetMs: BOOT_AT_MS });
  const asked = server.requests.length;
  await assert.rejects(makeBundle(act, "x", who, {}, { kind: "keys", keys: ["age1dean"] }), { fault: "recipient", message: "“age1dean”" });
  assert.equal(server.requests.length, asked);
  const identity = await generateIdentity();
  const seen: string[] = [];
  const work = { onProgress: ({ stage }: { stage: string }) => seen.push(stage) };
  const { name, blob, files } = await makeBundle(act, "x", who, work, { kind: "keys", keys: [await identityToRecipient(identity)] });
  assert.match(name, /\.zip\.age$/);
  assert.equal(seen.at(-1), "sealing");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const inside = unzip(new Uint8Array(await decrypter.decrypt(new Uint8Array(await blob.arrayBuffer()))));
  assert.equal(inside.size, files);
  assert.deepEqual(inside.get(`runs/${server.stored[0]?.run.id}/cam0-00000000.seg`), server.stored[0]?.bytes);
});

test("the files of a bundle are named as the server and the offline tool name them", () => {
  const vector = JSON.parse(readFileSync(join(WEB_ROOT, "../../shared/evidence/vectors/v1/names/names.json"), "utf8")) as {
    evidence: CitedStretch[];
    attachments: ActAttachment[];
    documents: Language[];
    files: string[];
    videos: string[];
  };
  const documents = new Map(vector.documents.map((language) => [language, ""] as const));
  assert.deepEqual(fileNames({ ...vector, documents }), { files: vector.files, videos: vector.videos });
});

test("what would be no bundle is refused before the server is asked to release it", async () => {
  const server = await footage(1);
  const who = await server.reviewer();
  const act = await server.sign({ fromMs: BOOT_AT_MS, toMs: BOOT_AT_MS + 60_000, offsetMs: BOOT_AT_MS });
  const asked = () => server.requests.filter((request) => request.endsWith("/bundle")).length;
  const { of } = Content;
  // Texts as if each had half a gibibyte.
  Content.of = async (bytes) => (typeof bytes === "string" ? Object.defineProperty(await of(bytes), "sizeBytes", { value: 2 ** 29 }) : of(bytes));
  try {
    await assert.rejects(makeBundle(act, "x", who, {}), { fault: "bundle-too-large" });
  } finally {
    Content.of = of;
  }
  assert.equal(asked(), 0);
  await makeBundle(act, "x", who, {});
  assert.equal(asked(), 1);
});

test("a bundle is not made of other bytes than the act cites, and stops when asked to", async () => {
  const server = await footage(2);
  const who = await server.reviewer();
  const act = await server.sign({ fromMs: BOOT_AT_MS, toMs: BOOT_AT_MS + 60_000, offsetMs: BOOT_AT_MS });
  const stop = new AbortController();
  const aborted = makeBundle(act, "x", who, { signal: stop.signal, onProgress: ({ stage }) => stage === "fetching" && stop.abort() });
  await assert.rejects(aborted, { name: "AbortError" });
  const [entry] = server.stored;
  assert.ok(entry);
  const good = entry.bytes.slice();
  entry.bytes[entry.bytes.length - 200] = (entry.bytes[entry.bytes.length - 200] ?? 0) ^ 1;
  await assert.rejects(makeBundle(act, "x", who, {}), { fault: "differs" });
  entry.bytes.set(good);
  server.expired = true;
  await assert.rejects(makeBundle(act, "x", who, {}), { fault: "expired" });
});
