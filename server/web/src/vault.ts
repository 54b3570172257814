import { api } from "./api.ts";
import type { Bytes } from "./crypto/bytes.ts";
import { type KdfParameters, type OpenReviewKey, readWrapped, unwrap } from "./crypto/keys.ts";

/** The open review key of this tab. It is nowhere but in this variable; locking forgets it. */
let open: OpenReviewKey | null = null;
const listeners = new Set<() => void>();

const IDLE_MS = 30 * 60_000;
const WARN_MS = 29 * 60_000;
let lastInputMs = performance.now();

export type Unlocked = "open" | "wrong-passphrase" | "no-key";

export const vault = {
  get key(): OpenReviewKey | null {
    return open;
  },

  /** Calls `listener` whenever the vault opens or locks; returns how to stop that. */
  watch(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  lock(): void {
    if (!open) return;
    open = null;
    for (const listener of [...listeners]) listener();
  },

  /** Tries the passphrase on each of the person's review keys. */
  async unlock(passphrase: string): Promise<Unlocked> {
    const keys = await api.reviewKeys();
    if (keys.length === 0) return "no-key";
    for (const entry of keys) {
      const wrapped = readWrapped(entry.wrapped);
      const derived = await derive(passphrase, wrapped.kdf);
      const key = await unwrap(wrapped, derived);
      derived.fill(0);
      if (!key) continue;
      open = key;
      lastInputMs = performance.now();
      for (const listener of [...listeners]) listener();
      return "open";
    }
    return "wrong-passphrase";
  },
};

function derive(passphrase: string, kdf: KdfParameters): Promise<Bytes> {
  const worker = new Worker("/kdf-worker.js", { type: "module" });
  return new Promise<Bytes>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<{ derived?: Bytes; error?: string }>) => {
      if (event.data.derived) resolve(event.data.derived);
      else reject(new Error(event.data.error));
    };
    worker.onerror = () => reject(new Error("the key derivation did not start"));
    worker.postMessage({ passphrase, kdf });
  }).finally(() => worker.terminate());
}

/** Milliseconds until the vault locks by itself, when that is less than a minute away. */
export function locksInMs(): number | null {
  const idle = performance.now() - lastInputMs;
  return open && idle > WARN_MS ? Math.max(0, IDLE_MS - idle) : null;
}

/** Watches for input and locks after half an hour without any; call once. */
export function watchIdle(): void {
  const touched = () => {
    lastInputMs = performance.now();
  };
  for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) addEventListener(name, touched, { passive: true });
  setInterval(() => {
    if (open && performance.now() - lastInputMs >= IDLE_MS) vault.lock();
  }, 1000);
}

/** What this browser lacks for opening footage; empty when nothing. */
export async function missingFeatures(): Promise<string[]> {
  const missing: string[] = [];
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return ["WebCrypto (HTTPS)"];
  for (const [name, usages] of [["X25519", ["deriveBits"]], ["Ed25519", ["sign", "verify"]]] as const) {
    await crypto.subtle.generateKey({ name }, false, [...usages]).catch(() => missing.push(name));
  }
  if (!("MediaSource" in globalThis)) missing.push("Media Source Extensions");
  if (!("WebAssembly" in globalThis)) missing.push("WebAssembly");
  return missing;
}
