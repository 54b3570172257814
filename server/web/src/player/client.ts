import { ApiError } from "../api.ts";
import { FormatError } from "../crypto/errors.ts";
import type { Answer, CheckAnswer, CheckRequest, Envelope, OpenAnswer, OpenRequest, PiecesAnswer, PiecesRequest, Reply, Request } from "./protocol.ts";

/** The page's end of the media worker. */
export class MediaClient {
  private readonly worker = new Worker("/media-worker.js", { type: "module" });
  private readonly waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  private last = 0;

  constructor() {
    this.worker.onerror = (event) => this.rejectAll(new Error(event.message || "the media worker did not start"));
    this.worker.onmessage = (event: MessageEvent<Reply>) => {
      const { id, answer, trouble, status } = event.data;
      const waiter = this.waiting.get(id);
      this.waiting.delete(id);
      if (answer) waiter?.resolve(answer);
      else if (status !== undefined) waiter?.reject(new ApiError(status, trouble?.message ?? ""));
      else waiter?.reject(new FormatError(trouble?.fault ?? "malformed", trouble?.message ?? "the media worker failed"));
    };
  }

  open(request: Omit<OpenRequest, "op">): Promise<OpenAnswer> {
    return this.ask({ op: "open", ...request }) as Promise<OpenAnswer>;
  }

  pieces(request: Omit<PiecesRequest, "op">): Promise<PiecesAnswer> {
    return this.ask({ op: "pieces", ...request }) as Promise<PiecesAnswer>;
  }

  check(request: Omit<CheckRequest, "op">): Promise<CheckAnswer> {
    return this.ask({ op: "check", ...request }) as Promise<CheckAnswer>;
  }

  /** Ends the worker and with it every key and every decrypted byte that it holds. */
  close(): void {
    this.worker.terminate();
    this.rejectAll(new DOMException("closed", "AbortError"));
  }

  private rejectAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private ask(request: Request): Promise<Answer> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const envelope: Envelope = { id, request };
      this.worker.postMessage(envelope);
    });
  }
}
