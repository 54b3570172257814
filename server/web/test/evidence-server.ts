/** A server for the tests of src/evidence: what it is asked over `fetch` is answered from a world with footage, holds and one act. */
import { randomUUID } from "node:crypto";
import type { BundleRequest, EvidenceSource } from "../src/acts-wire.ts";
import { type Bytes, hex, label, sha256, utf8 } from "../src/crypto/bytes.ts";
import { importX25519 } from "../src/crypto/hpke.ts";
import { readHeader } from "../src/crypto/segment.ts";
import { type Statement, statementDigest } from "../src/crypto/statement.ts";
import type { Reviewer } from "../src/evidence/types.ts";
import type { HoldView, KeyList, Me, Seal, SegmentKeyView } from "../src/wire.ts";
import { type Run, type Segment, type World, statement } from "./writer.ts";

export const NOW_MS = 1_770_000_600_000;

interface Stored {
  id: number;
  run: Run;
  segment: Segment;
  bytes: Bytes;
}

export class Server {
  readonly stored: Stored[] = [];
  readonly confirmed = new Set<number>();
  readonly requests: string[] = [];
  /** Run keys are gone: the exam has expired. */
  expired = false;
  /** What else the test wants an address to answer, instead of the server's own answer. */
  override: Record<string, (body: unknown) => unknown> = {};
  private readonly sealed = new Map<number, SegmentKeyView>();
  readonly attachments = new Map<string, Bytes>();
  source: EvidenceSource | null = null;

  constructor(
    readonly world: World,
    readonly hold: string = randomUUID(),
  ) {
    globalThis.fetch = (async (path: string, init: RequestInit = {}) => this.answer(path, init)) as typeof fetch;
  }

  store(run: Run, segment: Segment): Stored {
    const entry = { id: 100 + this.stored.length, run, segment, bytes: segment.bytes() };
    this.stored.push(entry);
    return entry;
  }

  async reviewer(): Promise<Reviewer> {
    const me: Me = { login: "r", name: "R", role: "reviewer", organisation: "U", institution: hex(this.world.fingerprint) };
    return { me, review: { privateKey: await importX25519(this.world.reviewPrivate()), public: hex(this.world.review.public) } };
  }

  view(): HoldView {
    const unsealed = this.stored.length - this.confirmed.size;
    const state = unsealed === 0 ? "effective" : "pending";
    return { id: this.hold, recording: this.world.recording, state, unsealed, growing: 0, segments: this.stored.length } as unknown as HoldView;
  }

  keys(): KeyList {
    const runs = [...new Set(this.stored.map(({ run }) => run))];
    const list = this.world.keys(runs);
    if (this.expired) for (const run of list.runs) run.inner = "";
    return { ...list, segments: [...this.sealed.values()].filter(({ id }) => this.confirmed.has(id)) };
  }

  receipt({ run, segment, bytes }: Stored, digest: string): Statement {
    return statement(this.world.server, {
      type: "receipt",
      version: 1,
      institution: hex(this.world.fingerprint),
      recording: this.world.recording,
      run: run.id,
      track: segment.track,
      sequence: segment.sequence,
      size_bytes: bytes.length,
      digest,
      head: hex(segment.head),
      stored_ms: NOW_MS,
    });
  }

  private async answer(path: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? "GET";
    this.requests.push(`${method} ${path}`);
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    const own = this.override[`${method} ${path}`];
    if (own) return reply(own(body));
    const range = /bytes=(\d+)-(\d+)/.exec(new Headers(init.headers).get("range") ?? "");
    const { recording } = this.world;
    const routes: [RegExp, (found: RegExpExecArray) => unknown][] = [
      [/^GET \/api\/recordings\/[^/]+$/, () => ({ id: recording, exam: { id: this.world.exam }, starts_ms: 1_770_000_000_000, now_ms: NOW_MS, footage: [] })],
      [/^GET \/api\/recordings\/[^/]+\/keys$/, () => this.keys()],
      [/^GET \/api\/segments\/(\d+)$/, (found) => this.bytes(Number(found[1])).slice(Number(range?.[1]), Number(range?.[2]) + 1)],
      [/^GET \/api\/holds\/[^/]+\/covered$/, () => this.covered()],
      [/^POST \/api\/holds\/[^/]+\/seal$/, () => this.seal(body as Seal)],
      [/^POST \/api\/holds\/[^/]+\/confirm$/, () => this.confirm((body as { segments: number[] }).segments)],
      [/^GET \/api\/acts\/[^/]+\/evidence$/, () => this.source],
      [/^GET \/api\/acts\/[^/]+\/attachments\/(.+)$/, (found) => this.attachments.get(found[1] ?? "")],
    ];
    for (const [pattern, serve] of routes) {
      const found = pattern.exec(`${method} ${path}`);
      if (found) return reply(await serve(found), range !== null);
    }
    return new Response("{}", { status: 404 });
  }

  private bytes(id: number): Bytes {
    return this.stored.find((entry) => entry.id === id)?.bytes ?? new Uint8Array(0);
  }

  private covered(): unknown {
    const segments = this.stored.filter(({ id }) => !this.confirmed.has(id));
    return {
      review: [hex(this.world.review.public)],
      segments: segments.map(({ id, run, segment, bytes }) => ({ id, run: run.id, track: segment.track, sequence: segment.sequence, size_bytes: bytes.length })),
    };
  }

  private async seal({ review, segments }: Seal): Promise<unknown> {
    const out: SegmentKeyView[] = [];
    for (const { id, inner } of segments) {
      const { header } = await readHeader(this.bytes(id));
      const { recording, run, track, sequence, commitment } = header;
      const record = statement(this.world.server, {
        type: "held-segment",
        version: 1,
        institution: hex(this.world.fingerprint),
        hold: this.hold,
        recording,
        run,
        track,
        sequence,
        commitment,
        review,
        erasure: "11".repeat(32),
        enc: "22".repeat(32),
        sealed: "33".repeat(96),
        created_ms: NOW_MS,
      });
      const view = { id, hold: this.hold, record, inner };
      this.sealed.set(id, view);
      out.push(view);
    }
    return { segments: out };
  }

  private confirm(ids: readonly number[]): HoldView {
    for (const id of ids) this.confirmed.add(id);
    return this.view();
  }

  /** A signed act that cites all that is stored, from `fromMs` to `toMs`; boot times lie `offsetMs` before the server's. */
  async sign(options: { fromMs: number; toMs: number; offsetMs: number; attachments?: object[] }, act: string = randomUUID()): Promise<string> {
    const { world } = this;
    const institution = hex(world.fingerprint);
    const runs = [...new Set(this.stored.map(({ run }) => run))];
    const cited = await Promise.all(
      this.stored.map(async (entry) => {
        const digest = hex(await sha256(entry.bytes));
        const { run, segment, bytes, id } = entry;
        const name = { run: run.id, track: segment.track, sequence: segment.sequence };
        const act = { ...name, size_bytes: bytes.length, digest, head: hex(segment.head) };
        const source = { id, recording: world.recording, ...name, size_bytes: bytes.length, digest, receipt: this.receipt(entry, digest) };
        return { act, source };
      }),
    );
    const evidence = {
      recording: world.recording,
      from_ms: options.fromMs,
      to_ms: options.toMs,
      hold: this.hold,
      runs: await Promise.all(
        runs.map(async ({ id, record }) => ({
          run: id,
          device: hex(world.device.public),
          key_record: hex(await statementDigest(record)),
          clock_offset_ms: options.offsetMs,
        })),
      ),
      segments: cited.map((entry) => entry.act),
    };
    const content = {
      type: "act",
      version: 1,
      institution,
      act,
      kind: "annulment",
      form: "00".repeat(32),
      language: "kk",
      exam: { id: world.exam, title: "T", discipline: "", faculty: "", examiner: "", starts_ms: 1_770_000_000_000, ends_ms: NOW_MS, utc_offset_secs: 18_000 },
      subject: null,
      fields: {},
      points: [],
      evidence: [evidence],
      attachments: options.attachments ?? [],
      drawn_up_by: { account: "r", name: "R", capacity: "it" },
      refers_to: null,
      cancel_until_ms: null,
    };
    const signatory = { account: "b", name: "B", post: "P" };
    const confirmed = hex(await sha256(label("invigil v1 act content"), utf8(sorted({ ...content, to_sign: [signatory] }))));
    const payload = {
      ...content,
      number: 1,
      year: 2026,
      number_text: "А-2026-0001",
      signatories: [{ ...signatory, signed_ms: NOW_MS, content: confirmed }],
      repeated: false,
      signed_ms: NOW_MS,
      log_index: 0,
      log_previous: "00".repeat(32),
    };
    const signed = statement(world.server, payload);
    const held = { hold: this.hold, recording: world.recording, from_ms: options.fromMs, to_ms: options.toMs, reason: "act", opened_by: "r", opened_ms: NOW_MS };
    this.source = {
      record: { act: signed, events: [] },
      institution: hex(world.institution.public),
      certificates: world.certificates(),
      runs: runs.map(({ id, record }) => ({ recording: world.recording, run: id, clock_offset_ms: options.offsetMs, key_record: record, journal: [] })),
      segments: cited.map((entry) => entry.source),
      custody: JSON.stringify({ holds: [{ ...held, released_by: null, released_ms: null }], log: [] }),
      documents: [],
    };
    const digest = hex(await statementDigest(signed));
    this.override[`POST /api/acts/${act}/bundle`] = (body) => {
      const { bundle, files } = body as BundleRequest;
      return statement(world.server, { type: "bundle", version: 1, institution, bundle, act: digest, created_ms: NOW_MS, files });
    };
    return act;
  }
}

/** JSON with sorted members and without white space. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(",")}}`;
}

function reply(value: unknown, partial = false): Response {
  if (value instanceof Response) return value;
  if (value instanceof Uint8Array) return new Response(value as Bytes, { status: partial ? 206 : 200 });
  return value === undefined || value === null ? new Response("{}", { status: 404 }) : Response.json(value);
}
