/** A bundle sealed for whoever receives it, as an age file (age-encryption.org). Runs in a worker: scrypt takes a second and 256 MiB, 2 GB about a minute. */
import { Encrypter } from "age-encryption";
import { EvidenceError, type EvidenceFault, type SealFor } from "./types.ts";

/** Fewest characters of a passphrase. */
const LEAST_CHARS = 12;
/** An X25519 recipient as it is written; whether its checksum is right is for the library to say. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;
const SECRET = /AGE-SECRET-KEY-/i;
/** What is kept in memory before it goes to the browser's store of blobs. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** What the worker is asked: whether a bundle can be sealed like that, or to seal it. */
export interface Question {
  sealFor: SealFor;
  /** Left out: only look. */
  plain?: Blob;
}

/** What it answers: nothing or more of `done` (bytes), then one of the others. */
export type Answer = { done: number } | { sealed: Blob | null } | { fault: EvidenceFault | null; message: string };

export async function answer({ sealFor, plain }: Question, post: (answer: Answer) => void): Promise<void> {
  try {
    await check(sealFor);
    post({ sealed: plain ? await seal(sealFor, plain, (done) => post({ done })) : null });
  } catch (error) {
    post({ fault: error instanceof EvidenceError ? error.fault : null, message: error instanceof Error ? error.message : String(error) });
  }
}

/** Throws with the name of each key that is none. */
async function check(sealFor: SealFor): Promise<void> {
  if (sealFor.kind === "passphrase") {
    if ([...written(sealFor.passphrase)].length < LEAST_CHARS) throw new EvidenceError("short-passphrase", `expected at least ${LEAST_CHARS} characters`);
    return;
  }
  const keys = own(sealFor.keys);
  if (keys.length === 0) throw new EvidenceError("no-recipient", "expected a recipient's key");
  // It stands in no message.
  if (keys.some((key) => SECRET.test(key))) throw new EvidenceError("secret-key", "expected the recipient's public key, not a secret one");
  const wrong: string[] = [];
  for (const key of keys) if (!(await usable(key))) wrong.push(key);
  if (wrong.length > 0) throw new EvidenceError("recipient", wrong.map((key) => `“${key}”`).join(", "));
}

/** Whether something can be sealed for a key: a point of low order has a right checksum and cannot. */
async function usable(key: string): Promise<boolean> {
  if (!RECIPIENT.test(key)) return false;
  try {
    await encrypter({ kind: "keys", keys: [key] }).encrypt(new Uint8Array());
    return true;
  } catch {
    return false;
  }
}

/** Neither plain nor sealed bytes are ever all in memory. */
async function seal(sealFor: SealFor, plain: Blob, onProgress: (done: number) => void): Promise<Blob> {
  const reader = (await encrypter(sealFor).encrypt(plain.stream())).getReader();
  const parts: Blob[] = [];
  let piece: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let done = 0;
  const keep = () => {
    parts.push(new Blob(piece));
    onProgress((done += bytes));
    [piece, bytes] = [[], 0];
  };
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    piece.push(read.value as Uint8Array<ArrayBuffer>);
    bytes += read.value.length;
    if (bytes >= PIECE_BYTES) keep();
  }
  keep();
  return new Blob(parts, { type: "application/octet-stream" });
}

function encrypter(sealFor: SealFor): Encrypter {
  const made = new Encrypter();
  if (sealFor.kind === "passphrase") made.setPassphrase(written(sealFor.passphrase));
  else for (const key of own(sealFor.keys)) made.addRecipient(key);
  return made;
}

/** In normal form C, as the offline tool reads it. */
const written = (passphrase: string): string => passphrase.normalize("NFC");

/** Each key once. */
const own = (keys: readonly string[]): string[] => [...new Set(keys.map((key) => key.trim()).filter((key) => key !== ""))];
