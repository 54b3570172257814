import { type Bytes, concat, hex, label, unhex } from "./bytes.ts";
import { FormatError } from "./errors.ts";
import { openHpke, sealHpke } from "./hpke.ts";
import type { OpenReviewKey } from "./keys.ts";

/** Bytes of one inner entry: `enc` and the sealed 32-byte key. */
export const ENTRY_BYTES = 80;

/** Seals a 32-byte key to each review key in order (docs/evidence.md 1, inner layer): the entries, hexadecimal. */
export async function sealInner(key: Uint8Array, review: readonly string[], name: string, context: Uint8Array): Promise<string> {
  const entries = await Promise.all(
    review.map((to) => {
      const recipient = unhex(to, 32, "review key");
      return sealHpke(recipient, label(name), concat(context, recipient), key);
    }),
  );
  return hex(concat(...entries));
}

/** Opens the entry of one review key among the inner entries: 32 bytes, to be overwritten after use. */
export async function openInner(inner: string, review: readonly string[], name: string, context: Uint8Array, key: OpenReviewKey): Promise<Bytes> {
  const index = review.indexOf(key.public);
  if (index < 0) throw new FormatError("key-record", "this was not sealed to this review key");
  let opened: Bytes;
  try {
    const entry = unhex(inner, review.length * ENTRY_BYTES, "inner entries").subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
    const recipient = unhex(key.public, 32, "review key");
    opened = await openHpke(key.privateKey, recipient, entry.subarray(0, 32), label(name), concat(context, recipient), entry.subarray(32));
  } catch {
    throw new FormatError("key-record", "the key does not open with this review key");
  }
  if (opened.length !== 32) throw new FormatError("key-record", "expected a key of 32 bytes");
  return opened;
}
