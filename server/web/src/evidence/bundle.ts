/** Evidence bundles, made in the browser (docs/evidence.md 5): what the server never has in the clear is put together here. */
import readmeEn from "../../../../shared/evidence/readme/README.en.txt";
import readmeKk from "../../../../shared/evidence/readme/README.kk.txt";
import readmeRu from "../../../../shared/evidence/readme/README.ru.txt";
import { api } from "../api.ts";
import type { EvidenceSource } from "../acts-wire.ts";
import type { Statement } from "../crypto/statement.ts";
import { type SignedAct, citedRuns, readAct, segmentName } from "./act.ts";
import { openAttachment } from "./attachment.ts";
import { type Fetched, fetchCited } from "./cited.ts";
import { Content } from "./content.ts";
import { Mp4Error } from "./mp4-boxes.ts";
import { ATTACHMENT_KINDS, LANGUAGES, attachmentName, documentName, readmeName, runFile, segmentFile, videoName } from "./names.ts";
import { refuseNoBundle, refuseTooLarge } from "./room.ts";
import { select, writeRange } from "./range.ts";
import { checkSealFor, sealBundle } from "./receiver-load.ts";
import { trust } from "./trust.ts";
import { type Bundle, EvidenceError, type Reviewer, type SealFor, type Work } from "./types.ts";
import { zip } from "./zip.ts";

/** The files of a bundle, in order. */
type Files = { name: string; content: Content }[];

export async function makeBundle(actId: string, receiver: string, who: Reviewer, work: Work, sealFor: SealFor | null = null): Promise<Bundle> {
  const { onProgress, signal } = work;
  if (sealFor) await checkSealFor(sealFor, work);
  onProgress?.({ stage: "keys", done: 0, total: 1 });
  const source = await api.evidence(actId);
  const certificates = await trust(source.institution, source.certificates, who.me);
  const act = await readAct(source, actId, certificates);
  refuseTooLarge(act);
  const cited = await fetchCited(act, source, certificates, who, work);
  const files: Files = [];
  const add = async (name: string, bytes: Parameters<typeof Content.of>[0]) => files.push({ name, content: await Content.of(bytes) });

  for (const [language, text] of [["kk", readmeKk], ["ru", readmeRu], ["en", readmeEn]] as const) await add(readmeName(language), text);
  await add("act/act.json", JSON.stringify(source.record.act));
  await add("act/events.jsonl", lines(source.record.events));
  await addDocuments(files, act, who, work);
  const { institution, certificates: list } = source;
  await add("certificates.json", JSON.stringify({ institution, certificates: list }));
  await add("keys.json", JSON.stringify({ segments: cited.map(({ source: { run, track, sequence }, key }) => ({ run, track, sequence, key })) }));
  await add("custody.json", source.custody);
  for (const { run: { run } } of citedRuns(act)) {
    const entry = source.runs.find((known) => known.run === run) as EvidenceSource["runs"][number];
    await add(runFile(run, "key-record.json"), JSON.stringify(entry.key_record));
    await add(runFile(run, "journal.jsonl"), lines(entry.journal));
    for (const { source: segment, content } of cited.filter(({ source: { run: own } }) => own === run)) {
      files.push({ name: segmentFile(segment, "seg"), content });
      await add(segmentFile(segment, "receipt.json"), JSON.stringify(segment.receipt));
    }
  }
  await addVideos(files, act, cited, work);

  refuseNoBundle(act, files);
  signal?.throwIfAborted();
  onProgress?.({ stage: "packing", done: 0, total: 1 });
  const id = crypto.randomUUID();
  const listed = files.map(({ name, content: { sizeBytes, digest } }) => ({ name, size_bytes: sizeBytes, digest }));
  const manifest = await api.bundle(actId, { bundle: id, receiver, files: listed });
  files.unshift({ name: "manifest.json", content: await Content.of(JSON.stringify(manifest)) });
  const plain = zip(files.map(({ name, content }) => content.packed(name)));
  onProgress?.({ stage: "packing", done: 1, total: 1 });
  const blob = sealFor ? await sealBundle(sealFor, plain, work) : plain;
  const name = `${act.numberText.replace(/[^\p{L}\p{N}]+/gu, "-")}-${act.act.slice(0, 8)}.zip${sealFor ? ".age" : ""}`;
  return { id, name, blob, files: files.length };
}

/** PDFs that were made of the act, and what is attached to it, opened. */
async function addDocuments(files: Files, act: SignedAct, who: Reviewer, { onProgress, signal }: Work): Promise<void> {
  const total = act.documents.size + act.attachments.length;
  let done = 0;
  const step = () => {
    signal?.throwIfAborted();
    onProgress?.({ stage: "documents", done: done++, total });
  };
  for (const language of LANGUAGES) {
    const digest = act.documents.get(language);
    if (digest === undefined) continue;
    step();
    const content = await Content.of(await api.document(act.act, language));
    if (content.digest !== digest) throw new EvidenceError("differs", `the document in ${language} is not the one that the act's log names`);
    files.push({ name: documentName(language), content });
  }
  for (const kind of ATTACHMENT_KINDS) {
    for (const [index, attachment] of act.attachments.filter((entry) => entry.kind === kind).entries()) {
      step();
      const { attachment: id, digest, size_bytes } = attachment;
      const plain = await openAttachment(act.act, { id, digest, size_bytes }, await api.attachment(act.act, id), who);
      files.push({ name: attachmentName(attachment, index + 1), content: await Content.of(plain) });
    }
  }
}

/** The cited stretches, playable: one file for each stretch and track of it. */
async function addVideos(files: Files, act: SignedAct, cited: readonly Fetched[], { onProgress, signal }: Work): Promise<void> {
  const stretches = new Map<string, number>();
  for (const { recording, from_ms, to_ms, runs, segments } of act.evidence) {
    const number = (stretches.get(recording) ?? 0) + 1;
    stretches.set(recording, number);
    const own = new Set(segments.map(segmentName));
    for (const track of [...new Set(segments.map((segment) => segment.track))].sort()) {
      const chosen = runs.flatMap(({ run }) => cited.filter(({ source }) => source.run === run && source.track === track && own.has(segmentName(source))));
      const pieces = chosen.flatMap(({ piece }) => piece ?? []);
      const selection = pieces.length === chosen.length ? select(pieces, from_ms, to_ms) : null;
      if (!selection) continue;
      const making = Content.written((write) =>
        writeRange(pieces, selection, (bytes, done) => {
          signal?.throwIfAborted();
          onProgress?.({ stage: "video", done, total: selection.chunks.length });
          write(bytes);
        }),
      );
      // What does not go together has no video; the segments are there all the same.
      const content = await making.catch((error: unknown) => {
        if (error instanceof Mp4Error) return null;
        throw error;
      });
      if (content) files.push({ name: videoName(recording, track, number), content });
    }
  }
}

const lines = (statements: readonly Statement[]): string => statements.map((statement) => `${JSON.stringify(statement)}\n`).join("");
