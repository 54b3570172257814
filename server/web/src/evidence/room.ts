/** Whether files can be a bundle at all (docs/evidence.md 5): asked before the server is, because what the server signs is entered as released for ever. */
import { type SignedAct, citedRuns } from "./act.ts";
import { fileNames } from "./names.ts";
import { EvidenceError } from "./types.ts";
import { MOST_BYTES, archiveBytes } from "./zip.ts";

/** Most files besides the manifest. */
const MOST_FILES = 400;
/** Longest manifest as a file: as text each byte of its payload takes at most two. */
const MANIFEST_BYTES = 2 * 65_536 + 512;

/** What cannot become a bundle is said before gigabytes are fetched for it. */
export function refuseTooLarge(act: SignedAct): void {
  const segments = citedRuns(act).flatMap((run) => run.segments);
  refuse(fileNames(act).files.length, segments.reduce((sum, { size_bytes }) => sum + size_bytes, 0));
}

/** The same of the files as they were made, all but the manifest; they are those of the act, in its order. */
export function refuseNoBundle(act: SignedAct, files: readonly { name: string; content: { sizeBytes: number } }[]): void {
  const made = files.map(({ name }) => name);
  const planned = fileNames(act);
  const expected = [...planned.files, ...planned.videos.filter((name) => made.includes(name))];
  if (made.join("\n") !== expected.join("\n")) throw new Error("the bundle's files are not those of the act");
  const sizes = files.map(({ name, content: { sizeBytes } }) => ({ name, sizeBytes }));
  refuse(files.length, archiveBytes([{ name: "manifest.json", sizeBytes: MANIFEST_BYTES }, ...sizes]));
}

function refuse(files: number, bytes: number): void {
  if (files <= MOST_FILES && bytes <= MOST_BYTES) return;
  throw new EvidenceError("bundle-too-large", `a bundle has at most ${MOST_FILES} files and less than 4 GiB; this one would have ${files} files and ${bytes} bytes or more`);
}
