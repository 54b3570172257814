/** Sealing's way into the page: it happens in a worker with code of its own (an age library). */
import type { Answer, Question } from "./receiver.ts";
import { EvidenceError, type SealFor, type Work } from "./types.ts";

/** Made by build.mjs from receiver-worker.ts. */
const CODE = "/age-worker.js";

/** Throws when nothing can be sealed like that, naming what is wrong. */
export async function checkSealFor(sealFor: SealFor, { signal }: Work): Promise<void> {
  await ask({ sealFor }, signal, () => undefined);
}

/** The plain file as an age file. */
export async function sealBundle(sealFor: SealFor, plain: Blob, { onProgress, signal }: Work): Promise<Blob> {
  const say = (done: number) => onProgress?.({ stage: "sealing", done, total: plain.size });
  say(0);
  const sealed = await ask({ sealFor, plain }, signal, say);
  if (!sealed) throw new Error("nothing was sealed");
  return sealed;
}

function ask(question: Question, signal: AbortSignal | undefined, onDone: (done: number) => void): Promise<Blob | null> {
  signal?.throwIfAborted();
  const worker = new Worker(CODE, { type: "module" });
  return new Promise<Blob | null>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("done" in data) onDone(data.done);
      else if ("sealed" in data) resolve(data.sealed);
      else reject(data.fault ? new EvidenceError(data.fault, data.message) : new Error(data.message));
    };
    worker.onerror = () => reject(new Error("the code that seals could not be started; load the page again"));
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    worker.postMessage(question);
  }).finally(() => worker.terminate());
}
