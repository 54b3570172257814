/** One `MediaSource` with one `SourceBuffer`, its operations in order. Times in seconds on the media time line. */
export class MediaBuffer {
  private readonly source = new MediaSource();
  private readonly url: string;
  private buffer: SourceBuffer | null = null;
  private queue: Promise<void>;
  private mime = "";
  private closed = false;
  /** Ends the operation under way: a source that was taken off its element never says that it is done. */
  private giveUp: () => void = () => undefined;

  constructor(
    private readonly element: HTMLMediaElement,
    private readonly lengthSecs: number,
  ) {
    this.url = URL.createObjectURL(this.source);
    this.queue = new Promise((resolve) => {
      this.source.addEventListener("sourceopen", () => resolve(), { once: true });
      this.giveUp = resolve;
    });
    element.src = this.url;
  }

  /** Appends an init section and fragments after it whose media time zero lies at `offsetSecs`. Rejects when the browser refuses them. `mime` may change, but not from picture to sound. */
  append(mime: string, init: ArrayBuffer | null, offsetSecs: number, fragments: readonly ArrayBuffer[]): Promise<void> {
    return this.enqueue(async () => {
      if (!this.buffer) {
        if (!MediaSource.isTypeSupported(mime)) throw new DOMException(`${mime} is not supported`, "NotSupportedError");
        this.source.duration = this.lengthSecs;
        this.buffer = this.source.addSourceBuffer(mime);
        this.buffer.mode = "segments";
      } else if (mime !== this.mime) {
        this.buffer.changeType(mime);
      }
      this.mime = mime;
      const buffer = this.buffer;
      if (init) {
        buffer.abort();
        if (buffer.timestampOffset !== offsetSecs) buffer.timestampOffset = offsetSecs;
        await this.run(buffer, () => buffer.appendBuffer(init));
      }
      for (const fragment of fragments) await this.feed(buffer, fragment);
    });
  }

  /** Forgets what lies from `from` to `to`. */
  remove(from: number, to: number): Promise<void> {
    return this.enqueue(async () => {
      const buffer = this.buffer;
      if (buffer && to > from && buffer.buffered.length > 0) await this.run(buffer, () => buffer.remove(Math.max(0, from), to));
    });
  }

  /** Start and end of the buffered range around `secs`, with a tolerance for the joints between fragments. */
  around(secs: number): [from: number, to: number] | null {
    for (const [from, to] of this.ranges()) if (from - 0.15 <= secs && secs < to) return [from, to];
    return null;
  }

  /** Start of the first range after `secs`. */
  nextStart(secs: number): number | null {
    return this.ranges().find(([from]) => from > secs)?.[0] ?? null;
  }

  /** Seconds of footage from `secs` on. */
  aheadOf(secs: number): number {
    return this.ranges().reduce((sum, [from, to]) => sum + Math.max(0, to - Math.max(from, secs)), 0);
  }

  close(): void {
    this.closed = true;
    this.giveUp();
    URL.revokeObjectURL(this.url);
  }

  private ranges(): [number, number][] {
    if (!this.buffer || this.source.readyState !== "open") return [];
    const { buffered } = this.buffer;
    return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
  }

  /** Appends; when the browser's memory is full, drops what was played and tries once more. */
  private async feed(buffer: SourceBuffer, fragment: ArrayBuffer): Promise<void> {
    try {
      await this.run(buffer, () => buffer.appendBuffer(fragment));
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      const now = this.element.currentTime;
      await this.run(buffer, () => buffer.remove(0, Math.max(0.001, now - 3)));
      await this.run(buffer, () => buffer.remove(now + 30, Number.POSITIVE_INFINITY));
      await this.run(buffer, () => buffer.appendBuffer(fragment));
    }
  }

  private run(buffer: SourceBuffer, operation: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => (off(), resolve());
      const failed = () => (off(), reject(new DOMException("the browser could not read a fragment", "EncodingError")));
      this.giveUp = () => (off(), reject(new DOMException("closed", "AbortError")));
      const off = () => {
        buffer.removeEventListener("updateend", done);
        buffer.removeEventListener("error", failed);
      };
      buffer.addEventListener("error", failed);
      buffer.addEventListener("updateend", done);
      try {
        operation();
      } catch (error) {
        off();
        reject(error as Error);
      }
    });
  }

  private enqueue(operation: () => Promise<void>): Promise<void> {
    const result = this.queue.then(() => {
      if (this.closed) throw new DOMException("closed", "AbortError");
      return operation();
    });
    this.queue = result.catch(() => undefined);
    return result;
  }
}
