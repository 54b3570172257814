/** This reader against the vectors of the format, which are kept for ever: shared/format/vectors/v1. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { argon2id } from "hash-wasm";
import { type Bytes, concat, hex, label, sha256, unhex, uuid } from "../src/crypto/bytes.ts";
import { Certificates, type Role } from "../src/crypto/certificate.ts";
import { Kind } from "../src/crypto/frame.ts";
import { importX25519, openHpke } from "../src/crypto/hpke.ts";
import { parseJson } from "../src/crypto/json.ts";
import { isInstitution, openRunKey, readWrapped, unwrap } from "../src/crypto/keys.ts";
import { openSegment, readHeader } from "../src/crypto/segment.ts";
import { type Statement, openStatement, statementDigest } from "../src/crypto/statement.ts";
import { openFrame, readFrames } from "../src/crypto/verify.ts";
import { WholeCheck } from "../src/crypto/whole.ts";

declare const WEB_ROOT: string;
const FOLDER = join(WEB_ROOT, "../../shared/format/vectors/v1");

interface Case {
  name: string;
  kind: string;
  file: string;
  expect?: Record<string, unknown>;
  error?: string;
}
interface Manifest {
  fingerprint: string;
  institution: string;
  review_private: string;
  erasure_private: string;
  certificates: Statement[];
  key_records: Statement[];
  cases: Case[];
}

const read = (file: string): Bytes => new Uint8Array(readFileSync(join(FOLDER, file)));
const manifest = JSON.parse(readFileSync(join(FOLDER, "manifest.json"), "utf8")) as Manifest;
const raw = (text: string) => unhex(text, 32, "key");
const certificates = await Certificates.check(raw(manifest.institution), manifest.certificates);

/** Public half of an X25519 private key, which the vectors do not name. */
async function publicHalf(privateHex: string): Promise<Bytes> {
  const key = await importX25519(raw(privateHex));
  const base = await crypto.subtle.importKey("raw", Uint8Array.of(9, ...new Uint8Array(31)), { name: "X25519" }, false, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: base }, key, 256));
}

/** What the server does: opens the outer wrap with the erasure key. */
async function openOuter(record: Record<string, string> & { review: string[] }, erasurePrivate: string): Promise<Bytes> {
  const erasure = await publicHalf(erasurePrivate);
  assert.equal(hex(erasure), record["erasure"], "not a recipient");
  const ids = ["exam", "recording", "run"].map((name) => uuid(record[name], name));
  const digest = await sha256(concat(...record.review.map(raw)));
  const associated = concat(raw(record["institution"] ?? ""), ...ids, erasure, digest);
  const sealed = unhex(record["sealed"], (record["sealed"] ?? "").length / 2, "sealed");
  return openHpke(await importX25519(raw(erasurePrivate)), erasure, raw(record["enc"] ?? ""), label("invigil v1 key record"), associated, sealed);
}

async function runKeys(statement: Statement, erasurePrivate = manifest.erasure_private, reviewPrivate = manifest.review_private) {
  const record = JSON.parse(statement.payload) as Record<string, string> & { review: string[]; created_ms: number };
  const at = record.created_ms;
  const scope = { exam: "07070707-0707-4707-8707-070707070707", recording: "08080808-0808-4808-8808-080808080808", fromMs: at, toMs: at };
  const review = { privateKey: await importX25519(raw(reviewPrivate)), public: hex(await publicHalf(reviewPrivate)) };
  const entry = { run: record["run"] ?? "", record: statement, inner: hex(await openOuter(record, erasurePrivate)) };
  return { keys: await openRunKey(entry, certificates, scope, review), scope };
}

async function segment(bytes: Bytes): Promise<Record<string, unknown>> {
  const { header } = await readHeader(bytes);
  for (const statement of manifest.key_records) {
    if (hex(await statementDigest(statement)) !== header.keyRecord) continue;
    const { keys, scope } = await runKeys(statement);
    const context = await openSegment(bytes, header, keys, certificates, scope);
    const whole = new WholeCheck(context);
    await whole.advance(async (from, to) => bytes.slice(from, to), bytes.length);
    const { frames } = readFrames(bytes, 0, context.framesAt);
    const plain = await Promise.all(frames.filter(({ kind }) => kind <= Kind.final).map((frame) => openFrame(context, frame)));
    return {
      beacons: frames.filter(({ kind }) => kind === Kind.beacon).length,
      chunks: frames.filter(({ kind }) => kind === Kind.chunk).length,
      closed: whole.closing?.reason ?? null,
      duration_us: frames.reduce((sum, { durationUs }) => sum + durationUs, 0),
      head: whole.finalHead,
      pending_bytes: bytes.length - whole.checkedTo,
      plain_sha256: hex(await sha256(concat(...plain))),
      signed_bytes: whole.signedTo === context.framesAt ? 0 : whole.signedTo,
      whole_bytes: whole.checkedTo,
    };
  }
  throw new Error("no such key record");
}

interface CertificateCase {
  certificates: Statement[] | null;
  fingerprint: string;
  institution: string;
  role: Role;
  subject: string;
  at_ms: number;
  exam: string | null;
  recording: string | null;
}

async function certificate(asked: CertificateCase): Promise<Record<string, unknown>> {
  assert.ok(await isInstitution(asked.institution, asked.fingerprint), "another institution");
  const list = asked.certificates ?? manifest.certificates;
  const found = await Certificates.check(raw(asked.institution), list);
  assert.deepEqual(found.refused, []);
  const scope = { ...(asked.exam ? { exam: asked.exam } : {}), ...(asked.recording ? { recording: asked.recording } : {}) };
  return { name: found.find(asked.role, asked.subject, asked.at_ms, asked.at_ms, scope).name };
}

async function wrappedKey({ text, passphrase }: { text: string; passphrase: string }): Promise<Record<string, unknown>> {
  const wrapped = readWrapped(parseJson(text));
  const { memoryKib: memorySize, iterations, parallelism, salt } = wrapped.kdf;
  const password = passphrase.normalize("NFC");
  const derived = await argon2id({ password, salt, memorySize, iterations, parallelism, hashLength: 32, outputType: "binary" });
  const key = await unwrap(wrapped, new Uint8Array(derived));
  assert.ok(key, "wrong passphrase");
  // The private half cannot be read back; that it is the expected one shows in what it agrees on with another key.
  const expected = await publicHalf(manifest.review_private);
  const base = await crypto.subtle.importKey("raw", Uint8Array.of(9, ...new Uint8Array(31)), { name: "X25519" }, false, []);
  assert.deepEqual(new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: base }, key.privateKey, 256)), expected);
  return { private: manifest.review_private };
}

/** Of the statements this page reads certificates, key records and closing records only. */
async function statement(bytes: Bytes): Promise<Record<string, unknown> | null> {
  const [asked = "", ...rest] = Buffer.from(bytes).toString("utf8").split("\n");
  const value = parseJson(rest.join("\n")) as unknown as Statement;
  if (asked === "certificate") {
    assert.deepEqual((await Certificates.check(raw(manifest.institution), [value])).refused, []);
    return {};
  }
  const names: Record<string, string[]> = {
    expired: ["institution", "recording", "expired_ms"],
    receipt: ["institution", "recording", "run", "track", "sequence", "size_bytes", "digest", "head", "stored_ms"],
    join: ["institution", "code_digest", "wall_ms"],
  };
  await openStatement(value, asked, names[asked] ?? []);
  return { digest: hex(await statementDigest(value)) };
}

async function readCase({ kind, file }: Case): Promise<Record<string, unknown> | null> {
  const json = () => JSON.parse(Buffer.from(read(file)).toString("utf8")) as unknown;
  switch (kind) {
    case "segment":
      return segment(read(file));
    case "key-record": {
      const { statement: record, erasure_private, review_private } = json() as { statement: Statement; erasure_private?: string; review_private?: string };
      const { keys } = await runKeys(record, erasure_private, review_private);
      return { digest: hex(keys.digest), run_key: hex(keys.runKey ?? new Uint8Array(0)) };
    }
    case "certificates":
      return certificate(json() as CertificateCase);
    case "wrapped-key":
      return wrappedKey(json() as { text: string; passphrase: string });
    case "statement":
      return statement(read(file));
    default:
      return null;
  }
}

/** Values of members that only receipts, expiries and joins have are not this reader's business. */
const NOT_READ_HERE = new Set(["payload-null", "payload-true", "payload-fraction", "payload-nan", "payload-minus-zero"]);

for (const entry of manifest.cases) {
  if (!["segment", "key-record", "certificates", "wrapped-key", "statement"].includes(entry.kind)) continue;
  if (entry.kind === "statement" && NOT_READ_HERE.has(entry.name)) continue;
  test(`${entry.kind} ${entry.name}: ${entry.error ?? "good"}`, async () => {
    if (entry.error) await assert.rejects(readCase(entry));
    else assert.deepEqual(await readCase(entry), entry.expect);
  });
}
