/**
 * What the files of a bundle are called, in their order (docs/evidence.md 5). The server and the offline tool have their own list (shared/evidence/src/bundle/plan.rs);
 * both are compared with shared/evidence/vectors/v1/names.
 */
import type { AttachmentKind, Language } from "../acts-wire.ts";
import { type SignedAct, citedRuns } from "./act.ts";

export const LANGUAGES = ["kk", "ru", "en"] as const satisfies readonly Language[];
export const ATTACHMENT_KINDS = ["annex", "scan", "still"] as const satisfies readonly AttachmentKind[];

export const readmeName = (language: Language): string => `README.${language}.txt`;
export const documentName = (language: Language): string => `act/act-${language}.pdf`;
export const runFile = (run: string, file: "key-record.json" | "journal.jsonl"): string => `runs/${run}/${file}`;

/** `act/annex.pdf`, `act/scan-1.pdf`, `act/still-01.jpg` */
export function attachmentName({ kind, media }: { kind: AttachmentKind; media: string }, number: number): string {
  const end = { "application/pdf": "pdf", "image/png": "png" }[media] ?? "jpg";
  if (kind === "annex") return number === 1 ? `act/annex.${end}` : `act/annex-${number}.${end}`;
  return kind === "scan" ? `act/scan-${number}.${end}` : `act/still-${String(number).padStart(2, "0")}.${end}`;
}

export function segmentFile({ run, track, sequence }: { run: string; track: string; sequence: number }, end: "seg" | "receipt.json"): string {
  return `runs/${run}/${track}-${String(sequence).padStart(8, "0")}.${end}`;
}

/** `number`: which of the recording's stretches, from 1. */
export const videoName = (recording: string, track: string, number: number): string => `video/${recording}-${track}${number > 1 ? `.${number}` : ""}.mp4`;

/** All files but the manifest, and the videos that there may be: what footage makes no video has none. */
export function fileNames(act: Pick<SignedAct, "evidence" | "attachments" | "documents">): { files: string[]; videos: string[] } {
  const files = [...LANGUAGES.map(readmeName), "act/act.json", "act/events.jsonl"];
  files.push(...LANGUAGES.filter((language) => act.documents.has(language)).map(documentName));
  for (const kind of ATTACHMENT_KINDS) {
    files.push(...act.attachments.filter((entry) => entry.kind === kind).map((entry, index) => attachmentName(entry, index + 1)));
  }
  files.push("certificates.json", "keys.json", "custody.json");
  for (const { run: { run }, segments } of citedRuns(act)) {
    files.push(runFile(run, "key-record.json"), runFile(run, "journal.jsonl"));
    for (const segment of segments) files.push(segmentFile(segment, "seg"), segmentFile(segment, "receipt.json"));
  }
  const videos = act.evidence.flatMap(({ recording, segments }, place) => {
    const number = 1 + act.evidence.slice(0, place).filter((earlier) => earlier.recording === recording).length;
    return [...new Set(segments.map(({ track }) => track))].sort().map((track) => videoName(recording, track, number));
  });
  return { files, videos };
}
