import { type Bytes, concat, equal, hex, label, sha256 } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { type Frame, Kind, headAfter } from "./frame.ts";
import type { SegmentContext } from "./segment.ts";
import { verifyEd25519 } from "./statement.ts";
import type { ChunkFrame } from "../player/index.ts";
import { type Closing, closing, openFrame, readFrames } from "./verify.ts";

const MOST_FRAMES = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads bytes `from` to `to` of the file. */
export type ReadBytes = (from: number, to: number) => Promise<Bytes>;

/**
 * Verifies one segment from its beginning, in order and as it grows: every frame's place in the chain, every signature, every seal, the closing
 * record. Throws a `FormatError` at the first thing that is wrong; `advance` may be called again after more bytes have arrived.
 */
export class WholeCheck {
  private at: number;
  private head: Bytes;
  private counter = 0;
  private readonly seen: ChunkFrame[] = [];
  private durationUs = 0;
  private frames = 0;
  /** Only signatures and the closing record may follow. */
  private ended = false;
  private final = false;
  private last: Frame | null = null;
  private signed: number;
  private closed: Closing | null = null;

  constructor(private readonly context: SegmentContext) {
    this.at = context.framesAt;
    this.signed = context.framesAt;
    this.head = context.head0;
  }

  /** Offset up to which everything was checked. */
  get checkedTo(): number {
    return this.at;
  }

  /** Offset up to which a device signature vouches. */
  get signedTo(): number {
    return this.closed ? this.at : this.signed;
  }

  /** Every chunk that was checked, for the comparison with the server's list. */
  get chunks(): readonly ChunkFrame[] {
    return this.seen;
  }

  get closing(): Closing | null {
    return this.closed;
  }

  /** Head after the last frame, for the next segment's `previous_head`. */
  get finalHead(): string {
    return hex(this.head);
  }

  /** Checks what lies between `checkedTo` and `size`. */
  async advance(read: ReadBytes, size: number): Promise<void> {
    if (size <= this.at) return;
    const base = this.at;
    const { frames, end, fault } = readFrames(await read(base, size), base, base);
    for (const frame of frames) await this.frame(frame, read);
    if (fault) throw fault;
    if (this.closed && end < size) throw new FormatError("order", `bytes follow the closing record at ${end}`, end);
  }

  /** For a segment that will not grow any more: everything must be there. */
  finish(size: number): void {
    if (this.at < size) throw new FormatError("truncated", `the file ends inside the frame at ${this.at}`, this.at);
    if (!this.closed) throw new FormatError("truncated", "the segment has no closing record", this.at);
  }

  private async frame(frame: Frame, read: ReadBytes): Promise<void> {
    const fail = (fault: FormatError["fault"], what: string): never => {
      throw new FormatError(fault, `frame at ${frame.at}: ${what}`, frame.at);
    };
    if (this.closed) fail("order", "follows the closing record");
    if (++this.frames > MOST_FRAMES) fail("malformed", `more than ${MOST_FRAMES} frames`);
    if (frame.end > MOST_BYTES) fail("malformed", `ends above ${MOST_BYTES} bytes`);
    if (!equal(frame.headBefore, this.head)) fail("chain", "does not continue what lies before it");
    const first = this.frames === 1;
    // A segment whose process died before its init section is a signature and a closing record.
    if (first && frame.kind === Kind.signature) this.ended = true;
    else if (first !== (frame.kind === Kind.init)) fail("order", "a segment starts with its init section and has one");
    if (this.ended && frame.kind !== Kind.signature && frame.kind !== Kind.closing) fail("order", "follows the final frame");
    let checked: ChunkFrame | null = null;
    switch (frame.kind) {
      case Kind.init:
      case Kind.chunk:
      case Kind.final:
        if (frame.counter !== this.counter++) fail("order", `has counter ${frame.counter}`);
        await openFrame(this.context, frame);
        this.final = this.ended = frame.kind === Kind.final;
        if (frame.kind === Kind.chunk) {
          const { at, end, keyFrame, bootUs, wallMs, durationUs } = frame;
          checked = { at, end, keyFrame, bootUs, wallMs, durationUs };
          this.durationUs += frame.durationUs;
        }
        break;
      case Kind.signature: {
        const message = concat(label("invigil v1 head signature"), frame.headBefore);
        if (!(await verifyEd25519(this.context.device, frame.body, message))) fail("signature", "the device's signature is not right");
        this.signed = frame.at;
        break;
      }
      case Kind.beacon:
        await this.beacon(frame, fail);
        break;
      case Kind.closing:
        await this.close(frame, read, fail);
        break;
    }
    if (checked) this.seen.push(checked);
    this.last = frame;
    this.head = await headAfter(frame);
    this.at = frame.end;
  }

  private async beacon(frame: Frame, fail: (fault: FormatError["fault"], what: string) => never): Promise<void> {
    const { certificates } = this.context;
    const timeMs = Number(new DataView(frame.body.buffer, frame.body.byteOffset).getBigUint64(0));
    const server = frame.body.subarray(24, 56);
    const message = concat(label("invigil v1 beacon"), certificates.fingerprint, frame.body.subarray(0, 24));
    if (!(await verifyEd25519(server, frame.body.subarray(56), message))) fail("beacon", "the server's signature is not right");
    certificates.find("server", hex(server), timeMs, timeMs);
  }

  private async close(frame: Frame, read: ReadBytes, fail: (fault: FormatError["fault"], what: string) => never): Promise<void> {
    const record = await closing(this.context, frame);
    if (record.reason !== "recovered" && !this.final) fail("closing", "closes without a final frame");
    if (frame.bootUs !== this.last?.bootUs || frame.wallMs !== this.last.wallMs) fail("closing", "does not repeat the times of the frame before it");
    if (record.head !== hex(frame.headBefore)) fail("closing", "names another head");
    if (record.sizeBytes !== frame.at) fail("closing", `names ${record.sizeBytes} bytes`);
    if (record.chunks !== this.seen.length) fail("closing", `names ${record.chunks} chunks, found ${this.seen.length}`);
    if (record.durationUs !== this.durationUs) fail("closing", "names another duration");
    if (record.digest !== hex(await sha256(await read(0, frame.at)))) fail("closing", "names another digest");
    this.closed = record;
  }
}
