import type { Bytes } from "../crypto/bytes.ts";

const PAGE = 128 * 1024;

/** Fetches bytes `from` to `to` of a file. */
export type Fetch = (id: number, from: number, to: number) => Promise<Bytes>;

/**
 * Bytes of segments as they were fetched, so that playing and checking read each byte once. Least recently used segments go first when
 * `limit` bytes are exceeded. A page of a growing segment may be filled in part and is completed later.
 */
export class Pages {
  private readonly files = new Map<number, Map<number, { data: Bytes; filled: number }>>();
  private size = 0;

  constructor(
    private readonly fetch: Fetch,
    private readonly limit: number,
  ) {}

  /** Bytes `from` to `to` of segment `id`, of which `known` bytes exist. */
  async read(id: number, from: number, to: number, known: number): Promise<Bytes> {
    const file = this.use(id);
    const first = Math.floor(from / PAGE);
    const last = Math.floor(Math.max(from, to - 1) / PAGE);
    for (let page = first; page <= last; page++) {
      if (this.has(file, page, to)) continue;
      let until = page;
      while (until < last && !this.has(file, until + 1, to)) until++;
      const start = page * PAGE + (file.get(page)?.filled ?? 0);
      const end = Math.min((until + 1) * PAGE, known);
      this.put(file, start, await this.fetch(id, start, end));
      page = until;
    }
    const out = new Uint8Array(to - from);
    for (let page = first; page <= last; page++) {
      const entry = file.get(page);
      if (!entry) throw new Error(`segment ${id}: page ${page} was not read`);
      const start = Math.max(from, page * PAGE);
      const end = Math.min(to, page * PAGE + entry.filled);
      out.set(entry.data.subarray(start - page * PAGE, end - page * PAGE), start - from);
    }
    this.shrink(id);
    return out;
  }

  private has(file: Map<number, { filled: number }>, page: number, to: number): boolean {
    return (file.get(page)?.filled ?? 0) >= Math.min(PAGE, to - page * PAGE);
  }

  private put(file: Map<number, { data: Bytes; filled: number }>, start: number, bytes: Bytes): void {
    for (let at = 0; at < bytes.length; ) {
      const page = Math.floor((start + at) / PAGE);
      const inPage = start + at - page * PAGE;
      const take = Math.min(PAGE - inPage, bytes.length - at);
      let entry = file.get(page);
      if (!entry) {
        entry = { data: new Uint8Array(PAGE), filled: 0 };
        file.set(page, entry);
        this.size += PAGE;
      }
      entry.data.set(bytes.subarray(at, at + take), inPage);
      entry.filled = Math.max(entry.filled, inPage + take);
      at += take;
    }
  }

  private use(id: number): Map<number, { data: Bytes; filled: number }> {
    const file = this.files.get(id) ?? new Map<number, { data: Bytes; filled: number }>();
    this.files.delete(id);
    this.files.set(id, file);
    return file;
  }

  private shrink(keep: number): void {
    for (const [id, file] of this.files) {
      if (this.size <= this.limit) return;
      if (id === keep) continue;
      this.size -= file.size * PAGE;
      this.files.delete(id);
    }
  }
}
