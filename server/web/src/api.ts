import type { ExamView, KeyList, Me, RecordingView, ReviewKey, SegmentList } from "./wire.ts";

/** A request that was answered with an error status, or not at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    path: string,
    /** Seconds to wait before trying again, from a 429. */
    readonly retryAfterSecs: number | null = null,
  ) {
    super(`${path}: ${status === 0 ? "no answer" : `status ${status}`}`);
    this.name = "ApiError";
  }
}

/** Header that every changing request carries; a browser does not send it across origins without asking. */
const CSRF = { "x-invigil": "1" };

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...init }).catch(() => {
    throw new ApiError(0, path);
  });
  if (!response.ok) {
    const wait = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    throw new ApiError(response.status, path, Number.isFinite(wait) ? wait : null);
  }
  return response;
}

async function get<T>(path: string): Promise<T> {
  return (await (await call(path)).json()) as T;
}

async function post(path: string, body?: unknown): Promise<Response> {
  const headers = { ...CSRF, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  return call(path, { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

export const api = {
  login: async (login: string, password: string): Promise<Me> => (await (await post("/api/login", { login, password })).json()) as Me,
  logout: async (): Promise<void> => void (await post("/api/logout")),
  me: (): Promise<Me> => get("/api/me"),
  exams: (): Promise<ExamView[]> => get("/api/exams"),
  recordings: (exam: string): Promise<RecordingView[]> => get(`/api/exams/${exam}/recordings`),
  recording: (id: string): Promise<RecordingView> => get(`/api/recordings/${id}`),
  segments: (id: string, after: number): Promise<SegmentList> => get(`/api/recordings/${id}/segments?after=${after}`),
  keys: (id: string): Promise<KeyList> => get(`/api/recordings/${id}/keys`),
  reviewKeys: (): Promise<ReviewKey[]> => get("/api/review-keys"),
};

/** Bytes `from` to `to` (exclusive) of a sealed segment. */
export async function segmentBytes(id: number, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const path = `/api/segments/${id}`;
  const response = await call(path, { headers: { range: `bytes=${from}-${to - 1}` } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 206 || bytes.length !== to - from) throw new ApiError(0, path);
  return bytes;
}
