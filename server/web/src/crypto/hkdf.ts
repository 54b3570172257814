import { type Bytes, concat } from "./bytes.ts";

/** HKDF-SHA256 (RFC 5869) in its two steps; HPKE needs them apart. */
export async function extract(salt: Uint8Array, ikm: Uint8Array): Promise<Bytes> {
  // HMAC keys may not be empty in WebCrypto; an empty salt is 32 zero bytes by definition.
  return hmac(salt.length === 0 ? new Uint8Array(32) : salt, ikm);
}

export async function expand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  let block: Bytes = new Uint8Array(0);
  let out: Bytes = new Uint8Array(0);
  for (let counter = 1; out.length < length; counter++) {
    block = await hmac(prk, concat(block, info, Uint8Array.of(counter)));
    out = concat(out, block);
  }
  return out.slice(0, length);
}

/** HKDF with an empty salt, as docs/format.md 1 defines it. */
export async function hkdf(ikm: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  return expand(await extract(new Uint8Array(0), ikm), info, length);
}

async function hmac(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key as Bytes, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data as Bytes));
}
