/** One draft as it is being edited in this page: saves by itself, meets other people's changes, loses nothing that was typed. Knows nothing of views. */
import type { ActView, DraftChange } from "../acts-wire.ts";
import { ApiError } from "../api.ts";
import { type Clash, type Content, at, contentOf, merge, put, same } from "./content.ts";

/**
 * `saved`: the server has everything. `waiting`: typed a moment ago. `offline`: tried in vain, tried again by itself. `signed-out`: waits for signing in.
 * `conflict`: somebody has to choose. `refused`: the server does not take it as it is. `closed`: no longer a draft that may be edited; what it lacks stays here to be copied.
 */
export type SaveState = "saved" | "waiting" | "saving" | "offline" | "signed-out" | "conflict" | "refused" | "closed";

const QUIET_MS = 900;
const RETRY_MS = 4000;

export interface DraftServer {
  save(id: string, change: DraftChange): Promise<ActView>;
}

export class Draft {
  content: Content;
  state: SaveState = "saved";
  clashes: Clash[] = [];
  /** What came from somebody else and has not been looked at: keys as in [`Clash`]. */
  taken: string[] = [];
  error: ApiError | null = null;
  private base: Content;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    public act: ActView,
    private readonly server: DraftServer,
  ) {
    this.base = contentOf(act);
    this.content = contentOf(act);
  }

  get id(): string {
    return this.act.summary.id;
  }

  get unsaved(): boolean {
    return !same(this.base, this.content);
  }

  /** Fields in which this page has something that the server has not. */
  get changedFields(): string[] {
    const names = new Set([...Object.keys(this.base.fields), ...Object.keys(this.content.fields)]);
    return [...names].filter((name) => (this.base.fields[name] ?? "") !== (this.content.fields[name] ?? ""));
  }

  watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  edit(change: Partial<Content>): void {
    this.content = { ...this.content, ...change };
    if (this.state !== "conflict" && this.state !== "closed") {
      if (this.unsaved) this.state = "waiting";
      this.plan(QUIET_MS);
    }
    this.changed();
  }

  setField(name: string, value: string): void {
    this.edit({ fields: { ...this.content.fields, [name]: value } });
  }

  /** Settles one clash with `value`; after the last one the draft is saved. */
  settle(key: string, value: string): void {
    this.content = put(this.content, key, value);
    this.clashes = this.clashes.filter((clash) => clash.key !== key);
    if (this.clashes.length === 0 && this.state === "conflict") {
      this.state = "waiting";
      this.plan(0);
    }
    this.changed();
  }

  seen(): void {
    this.taken = [];
    this.changed();
  }

  /** Saves now what is not saved yet; true when the server has everything. */
  async flush(): Promise<boolean> {
    this.stopTimer();
    while (this.running) await this.running;
    if (this.clashes.length > 0 || this.state === "closed") return false;
    if (!this.unsaved) {
      this.state = "saved";
      this.changed();
      return true;
    }
    this.running = this.saveOnce().finally(() => {
      this.running = null;
    });
    await this.running;
    return this.state === "saved";
  }

  /** The newest answer of the server, from wherever: other people's changes are taken over, mine are kept. */
  meet(current: ActView): void {
    if (this.running || current.revision < this.act.revision) return;
    this.take(current);
    this.changed();
  }

  private async saveOnce(): Promise<void> {
    this.state = "saving";
    this.error = null;
    this.changed();
    const sent = this.content;
    try {
      const act = await this.server.save(this.id, { revision: this.act.revision, ...sent });
      this.act = act;
      this.base = sent;
      this.state = this.unsaved ? "waiting" : "saved";
      if (this.unsaved) this.plan(QUIET_MS);
    } catch (problem) {
      this.failed(problem instanceof ApiError ? problem : new ApiError(0, this.id));
    }
    this.changed();
  }

  private failed(error: ApiError): void {
    this.error = error;
    const current = error.body["current"] as ActView | undefined;
    if (error.status === 409 && current) {
      this.take(current);
      return;
    }
    this.state = error.status === 401 ? "signed-out" : error.status === 0 || error.status >= 500 || error.status === 429 ? "offline" : "refused";
    if (this.state === "offline") this.plan(RETRY_MS);
  }

  private take(current: ActView): void {
    const theirs = contentOf(current);
    const newer = current.revision > this.act.revision;
    this.act = current;
    if (newer) {
      const { content, clashes, taken } = merge(this.base, this.content, theirs);
      const open = this.clashes.filter(({ key }) => !clashes.some((clash) => clash.key === key) && at(theirs, key) !== at(content, key));
      this.clashes = [...open, ...clashes];
      this.taken = [...new Set([...this.taken, ...taken])];
      this.base = theirs;
      this.content = content;
    }
    if (!current.may.includes("edit")) {
      this.state = this.unsaved ? "closed" : "saved";
      this.stopTimer();
    } else if (this.clashes.length > 0) {
      this.state = "conflict";
    } else if (newer) {
      this.state = this.unsaved ? "waiting" : "saved";
      if (this.unsaved) this.plan(0);
    }
  }

  private plan(ms: number): void {
    this.stopTimer();
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
