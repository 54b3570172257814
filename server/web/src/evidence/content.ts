import { createCRC32, createSHA256 } from "hash-wasm";
import { type Bytes, utf8 } from "../crypto/bytes.ts";
import type { Packed } from "./zip.ts";

type Sum = Awaited<ReturnType<typeof createCRC32>>;

/** One file of a bundle. Its bytes lie in the browser's store of blobs, so that a long recording does not fill the page's memory. */
export class Content {
  private constructor(
    private readonly parts: readonly Blob[],
    readonly sizeBytes: number,
    /** SHA-256. */
    readonly digest: string,
    private readonly crc: number,
  ) {}

  static async of(bytes: Bytes | string): Promise<Content> {
    return Content.written(async (write) => write(typeof bytes === "string" ? utf8(bytes) : bytes));
  }

  /** A file that is made piece by piece. */
  static async written(make: (write: (bytes: Bytes) => void) => Promise<void>): Promise<Content> {
    const sums: Sum[] = await Promise.all([createCRC32(), createSHA256()]);
    for (const sum of sums) sum.init();
    const parts: Blob[] = [];
    let size = 0;
    await make((bytes) => {
      for (const sum of sums) sum.update(bytes);
      parts.push(new Blob([bytes]));
      size += bytes.length;
    });
    const [crc = "", digest = ""] = sums.map((sum) => sum.digest("hex"));
    return new Content(parts, size, digest, Number.parseInt(crc, 16));
  }

  /** Bytes `from` to `to`. */
  async slice(from: number, to?: number): Promise<Bytes> {
    return new Uint8Array(await new Blob([...this.parts]).slice(from, to).arrayBuffer());
  }

  packed(name: string): Packed {
    return { name, sizeBytes: this.sizeBytes, crc: this.crc, parts: this.parts };
  }
}
