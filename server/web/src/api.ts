import type { ActList, ActRecord, ActState, ActView, Annulment, AttachmentView, AuditEntry, BundleRequest, DraftChange, EvidenceSource, Form, Language, NewAct, Person } from "./acts-wire.ts";
import type { Statement } from "./crypto/statement.ts";
import type { Covered, ExamView, HoldView, KeyList, Me, NewHold, RecordingView, ReviewKey, Seal, SegmentKeyView, SegmentList } from "./wire.ts";

/** A request that was answered with an error status, or not at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    path: string,
    /** Seconds to wait before trying again, from a 429. */
    readonly retryAfterSecs: number | null = null,
    /** What the server said of it, if it was JSON: `error` is its stable name. */
    readonly body: Refusal = {},
  ) {
    super(`${path}: ${status === 0 ? "no answer" : `status ${status}`}`);
    this.name = "ApiError";
  }
}

/** A refusal in words and, for some, with more: `current` (the newest act), `until_ms`, `until` and `rule` of a time limit, `problems`. */
export interface Refusal {
  error?: string;
  message?: string;
  [more: string]: unknown;
}

/** Header that every changing request carries; a browser does not send it across origins without asking. */
const CSRF = { "x-invigil": "1" };

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...init }).catch(() => {
    throw new ApiError(0, path);
  });
  if (!response.ok) {
    const wait = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    const body: unknown = await response.json().catch(() => null);
    throw new ApiError(response.status, path, Number.isFinite(wait) ? wait : null, isObject(body) ? body : {});
  }
  return response;
}

const isObject = (value: unknown): value is Refusal => typeof value === "object" && value !== null;

async function get<T>(path: string): Promise<T> {
  return (await (await call(path)).json()) as T;
}

async function change(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Response> {
  const headers = { ...CSRF, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  return call(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

const post = (path: string, body?: unknown): Promise<Response> => change("POST", path, body);
const ask = async <T>(path: string, body?: unknown): Promise<T> => (await (await post(path, body)).json()) as T;
const bytes = async (path: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await (await call(path)).arrayBuffer());

/**
 * What the page asks again and again by itself, and all of it: for the server none of this is a use of the session (`polled` in server/src/review/routes.rs, whose
 * test reads this list), so that a page that is left open ends with its hour.
 */
export const polled = {
  exams: (): Promise<ExamView[]> => get("/api/exams"),
  recordings: (exam: string): Promise<RecordingView[]> => get(`/api/exams/${exam}/recordings`),
  recording: (id: string): Promise<RecordingView> => get(`/api/recordings/${id}`),
  segments: (id: string, after: number): Promise<SegmentList> => get(`/api/recordings/${id}/segments?after=${after}`),
  holds: (): Promise<HoldView[]> => get("/api/holds"),
  acts: (state?: ActState): Promise<ActList> => get(state ? `/api/acts?state=${state}` : "/api/acts"),
  act: (id: string): Promise<ActView> => get(`/api/acts/${id}`),
};
export type Polled = typeof polled;

export const api = {
  ...polled,
  login: async (login: string, password: string): Promise<Me> => (await (await post("/api/login", { login, password })).json()) as Me,
  logout: async (): Promise<void> => void (await post("/api/logout")),
  me: (): Promise<Me> => get("/api/me"),
  keys: (id: string): Promise<KeyList> => get(`/api/recordings/${id}/keys`),
  /** The papers of a room are collected: ends its recording. */
  collected: async (id: string): Promise<void> => void (await post(`/api/recordings/${id}/collected`)),
  reviewKeys: (): Promise<ReviewKey[]> => get("/api/review-keys"),

  hold: (hold: NewHold): Promise<HoldView> => ask("/api/holds", hold),
  covered: (hold: string): Promise<Covered> => get(`/api/holds/${hold}/covered`),
  sealHold: (hold: string, seal: Seal): Promise<{ segments: SegmentKeyView[] }> => ask(`/api/holds/${hold}/seal`, seal),
  confirmHold: (hold: string, segments: number[]): Promise<HoldView> => ask(`/api/holds/${hold}/confirm`, { segments }),
  releaseHold: (hold: string, note: string): Promise<HoldView> => ask(`/api/holds/${hold}/release`, { note }),

  forms: (): Promise<Form[]> => get("/api/forms"),
  accounts: (): Promise<Person[]> => get("/api/accounts"),
  draft: (act: NewAct): Promise<ActView> => ask("/api/acts", act),
  saveDraft: async (id: string, content: DraftChange): Promise<ActView> => (await (await change("PUT", `/api/acts/${id}`, content)).json()) as ActView,
  discard: (id: string, note: string): Promise<ActView> => ask(`/api/acts/${id}/discard`, { note }),
  forSignature: (id: string, revision: number): Promise<ActView> => ask(`/api/acts/${id}/for-signature`, { revision }),
  backToDraft: (id: string, note: string): Promise<ActView> => ask(`/api/acts/${id}/back-to-draft`, { note }),
  sign: (id: string, password: string, content: string): Promise<ActView> => ask(`/api/acts/${id}/sign`, { password, content }),
  passOn: (id: string, to_name: string, to_post: string): Promise<ActView> => ask(`/api/acts/${id}/pass-on`, { to_name, to_post }),
  cancelGrade: (id: string, cancelled_ms: number, routing: string): Promise<ActView> => ask(`/api/acts/${id}/cancel-grade`, { cancelled_ms, routing }),
  /** `sealed`: docs/evidence.md 3. */
  attach: async (id: string, sealed: Uint8Array<ArrayBuffer>): Promise<AttachmentView> => {
    const headers = { ...CSRF, "content-type": "application/octet-stream" };
    return (await (await call(`/api/acts/${id}/attachments`, { method: "POST", headers, body: sealed })).json()) as AttachmentView;
  },
  detach: async (id: string, attachment: string): Promise<void> => void (await change("DELETE", `/api/acts/${id}/attachments/${attachment}`)),
  /** Sealed, with the outer layer opened. */
  attachment: (id: string, attachment: string): Promise<Uint8Array<ArrayBuffer>> => bytes(`/api/acts/${id}/attachments/${attachment}`),
  document: (id: string, language: Language): Promise<Uint8Array<ArrayBuffer>> => bytes(documentPath(id, language)),
  statement: (id: string): Promise<ActRecord> => get(`/api/acts/${id}/statement`),
  evidence: (id: string): Promise<EvidenceSource> => get(`/api/acts/${id}/evidence`),
  bundle: (id: string, request: BundleRequest): Promise<Statement> => ask(`/api/acts/${id}/bundle`, request),
  /** Days as `2026-01-31`, both inclusive. */
  annulments: (from: string, to: string): Promise<Annulment[]> => get(annulmentsPath(from, to, "json")),
  audit: (after: number): Promise<AuditEntry[]> => get(`/api/audit?after=${after}`),
};

/** Address of an act's document. */
export const documentPath = (id: string, language: Language): string => `/api/acts/${id}/pdf?language=${language}`;
export const annulmentsPath = (from: string, to: string, format: "csv" | "json"): string =>
  `/api/registrar/annulments?from=${from}&to=${to}&format=${format}`;

/** Bytes `from` to `to` (exclusive) of a sealed segment. */
export async function segmentBytes(id: number, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const path = `/api/segments/${id}`;
  const response = await call(path, { headers: { range: `bytes=${from}-${to - 1}` } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 206 || bytes.length !== to - from) throw new ApiError(0, path);
  return bytes;
}
