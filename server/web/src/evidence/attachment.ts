/** Sealed pictures and papers of an act (docs/evidence.md 3). */
import { ApiError, api } from "../api.ts";
import type { ActView, AttachmentView } from "../acts-wire.ts";
import { type Bytes, concat, equal, fromUtf8, hex, label, sha256, u32, unhex, utf8, uuid } from "../crypto/bytes.ts";
import type { Certificates } from "../crypto/certificate.ts";
import { FormatError, named } from "../crypto/errors.ts";
import { hkdf } from "../crypto/hkdf.ts";
import { type Json, fields, integer, parseJson, text } from "../crypto/json.ts";
import { openInner, sealInner } from "../crypto/sealed.ts";
import type { Me } from "../wire.ts";
import { checkReviewKeys, trust } from "./trust.ts";
import { type AnnexStill, EvidenceError, type NewAttachment, type Reviewer, type Work } from "./types.ts";

const LABEL = "invigil v1 attachment";
/** Magic, version 1, reserved. */
const START = Uint8Array.of(0x89, 0x49, 0x56, 0x41, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 0, 0);
const PREAMBLE = 16;
const MOST_HEADER = 16_384;
const MOST_BYTES = 32 * 1024 * 1024;
/** Characters of a name. */
const MOST_NAME = 120;

const NAMES = ["institution", "act", "attachment", "kind", "media", "name", "source", "size_bytes", "digest", "commitment", "review", "inner"];

/** Preamble and header; members in the one order in which they are written. */
function beginning(header: { [name: string]: Json }): Bytes {
  const ordered = Object.fromEntries(NAMES.map((name) => [name, header[name] as Json]));
  const json = utf8(JSON.stringify(ordered));
  if (json.length > MOST_HEADER) throw new EvidenceError("too-large", "the attachment's header is longer than 16 KiB");
  return concat(START, u32(json.length), json);
}

/** Label and context of an attachment's key. */
const contextOf = (header: { [name: string]: Json }): Bytes =>
  concat(
    unhex(header["institution"], 32, "institution"),
    uuid(header["act"], "act"),
    uuid(header["attachment"], "attachment"),
    unhex(header["commitment"], 32, "commitment"),
    unhex(header["digest"], 32, "digest"),
  );

const commitmentOf = (key: Bytes): Promise<Bytes> => hkdf(key, label("invigil v1 attachment commitment"), 32);

/**
 * Seals for an act. Where the person may open the footage, the keys to seal to are held against the institution's certificates first;
 * somebody who may only draft has no certificates to hold them against.
 */
export async function sealAttachment(act: ActView, attachment: NewAttachment, me: Me): Promise<Bytes> {
  const recording = act.recording ?? act.evidence[0]?.recording ?? attachment.source?.recording;
  if (recording) {
    const fromMs = Math.min(act.summary.exam.starts_ms, act.now_ms);
    const check = (certificates: Certificates | null) => certificates && checkReviewKeys(certificates, act.review, null, fromMs, act.now_ms);
    try {
      check(await certificatesOf(recording, me));
    } catch (error) {
      // The institution may have certified another review key since.
      if (!(error instanceof EvidenceError && certified.delete(recording))) throw error;
      check(await certificatesOf(recording, me));
    }
  }
  return seal({ institution: me.institution, act: act.summary.id, review: act.review }, attachment);
}

/** By recording: the server gives certificates only together with keys, and enters each time that it gave keys. */
const certified = new Map<string, Certificates>();

async function certificatesOf(recording: string, me: Me): Promise<Certificates | null> {
  const known = certified.get(recording);
  if (known) return known;
  const keys = await api.keys(recording).catch(notForMe);
  if (!keys) return null;
  const made = await trust(keys.institution, keys.certificates, me);
  certified.set(recording, made);
  return made;
}

function notForMe(error: unknown): null {
  if (error instanceof ApiError && [403, 404, 410].includes(error.status)) return null;
  throw error;
}

/** Seals `attachment` to the review keys: the whole container. */
export async function seal(to: { institution: string; act: string; review: readonly string[] }, attachment: NewAttachment): Promise<Bytes> {
  const { kind, media, source, bytes } = attachment;
  const name = cleanName(attachment.name);
  if (bytes.length === 0 || name === "") throw new EvidenceError("empty", "an attachment needs a name and at least one byte");
  if (bytes.length > MOST_BYTES) throw new EvidenceError("too-large", `an attachment has at most 32 MiB, found ${bytes.length} bytes`);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const header: { [name: string]: Json } = {
    institution: to.institution,
    act: to.act,
    attachment: crypto.randomUUID(),
    kind,
    media,
    name,
    source: source && { recording: source.recording, track: source.track, at_ms: source.at_ms },
    size_bytes: bytes.length,
    digest: hex(await sha256(bytes)),
    commitment: hex(await commitmentOf(key)),
    review: [...to.review],
    inner: "",
  };
  const additionalData = beginning(header);
  header["inner"] = await sealInner(key, to.review, LABEL, contextOf(header));
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  key.fill(0);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12), additionalData }, aes, bytes);
  return concat(beginning(header), new Uint8Array(sealed));
}

/** Opens a container that travelled; `view` is what the act says of it. */
export async function openAttachment(act: string, view: Pick<AttachmentView, "id" | "digest" | "size_bytes">, container: Bytes, who: Reviewer): Promise<Bytes> {
  const { header, review, sealed, context } = named("malformed", () => readContainer(container));
  const expected = { institution: who.me.institution, act, attachment: view.id, digest: view.digest, size_bytes: view.size_bytes };
  for (const [name, value] of Object.entries(expected)) {
    if (header[name] !== value) throw new EvidenceError("differs", `attachment ${view.id}: ${name} is ${String(header[name])}, expected ${value}`);
  }
  const key = await openInner(text(header["inner"], "inner"), review, LABEL, context, who.review);
  if (!equal(await commitmentOf(key), unhex(header["commitment"], 32, "commitment"))) {
    throw new FormatError("commitment", `attachment ${view.id}: commits to another key`);
  }
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  key.fill(0);
  const algorithm = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: beginning({ ...header, inner: "" }) };
  const plain = await crypto.subtle.decrypt(algorithm, aes, sealed).catch(() => {
    throw new FormatError("not-opened", `attachment ${view.id}: the seal is broken`);
  });
  const bytes = new Uint8Array(plain);
  if (hex(await sha256(bytes)) !== view.digest) throw new EvidenceError("differs", `attachment ${view.id}: has another digest than the act says`);
  return bytes;
}

function readContainer(container: Bytes): { header: { [name: string]: Json }; review: string[]; sealed: Bytes; context: Bytes } {
  if (!equal(container.subarray(0, START.length), START)) throw new TypeError("this is not an attachment of version 1");
  if (container.length < PREAMBLE) throw new RangeError("the attachment is cut off");
  const length = new DataView(container.buffer, container.byteOffset).getUint32(12);
  if (length < 1 || length > MOST_HEADER || PREAMBLE + length > container.length) throw new RangeError(`a header of ${length} bytes is not possible`);
  const header = fields(parseJson(fromUtf8(container.subarray(PREAMBLE, PREAMBLE + length))), "attachment's header", NAMES);
  integer(header["size_bytes"], "size_bytes", 1, MOST_BYTES);
  const list = header["review"];
  if (!Array.isArray(list) || list.length < 1 || list.length > 16) throw new TypeError("attachment's header: expected 1 to 16 review keys");
  const review = list.map((item) => hex(unhex(item, 32, "review key")));
  return { header, review, sealed: container.subarray(PREAMBLE + length), context: contextOf(header) };
}

/** Without control characters, which a name must not have, and not too long. */
export const cleanName = (name: string): string => [...name.replace(/\p{Cc}+/gu, " ").trim()].slice(0, MOST_NAME).join("");

/** The act's stills, opened, in order of time, with the digests of their segments where the server still lists them. */
export async function annexStills(act: ActView, who: Reviewer, { onProgress, signal }: Work): Promise<AnnexStill[]> {
  const stills = act.attachments.filter(({ kind, media }) => kind === "still" && media === "image/jpeg");
  const recordings = new Set(stills.flatMap(({ source }) => source?.recording ?? []));
  const lists = new Map<string, Awaited<ReturnType<typeof api.segments>>["segments"]>();
  for (const recording of recordings) lists.set(recording, await api.segments(recording, 0).then(({ segments }) => segments, () => []));
  const out: AnnexStill[] = [];
  for (const [index, view] of stills.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ stage: "documents", done: index, total: stills.length });
    const jpeg = await openAttachment(act.summary.id, view, await api.attachment(act.summary.id, view.id), who);
    const { recording = "", track = "", at_ms: atMs = view.created_ms } = view.source ?? {};
    const segment = lists.get(recording)?.find((entry) => entry.track === track && entry.from_ms <= atMs && atMs < entry.to_ms);
    out.push({ jpeg, caption: view.name, atMs, recording, track, segmentDigest: segment?.digest ?? null });
  }
  onProgress?.({ stage: "documents", done: stills.length, total: stills.length });
  return out.sort((a, b) => a.atMs - b.atMs);
}
