import { type Bytes, concat, label, sha256, unhex, utf8 } from "./bytes.ts";
import { FormatError, named } from "./errors.ts";
import { type Json, fields, parseJson } from "./json.ts";

/** Signed JSON (docs/format.md 2) as the server hands it out: the payload is the text that was signed. */
export interface Statement {
  payload: string;
  key: string;
  signature: string;
}

const MOST_BYTES = 64 * 1024;

/** Whether `signature` is the Ed25519 signature of `key` over `message`. */
export async function verifyEd25519(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("raw", key as Bytes, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature as Bytes, message as Bytes);
  } catch {
    return false;
  }
}

/**
 * Checks the signature and the type, and returns the payload's members, which are exactly `names` besides `type` and `version`.
 * Whether the signer may say such a thing is for the caller to decide.
 */
export async function openStatement(
  statement: Statement,
  type: string,
  names: readonly string[],
): Promise<{ key: Bytes; members: { [name: string]: Json } }> {
  const { key, signature, message } = named("malformed", () => {
    fields(statement as unknown as Json, "statement", ["payload", "key", "signature"]);
    const payload = utf8(statement.payload);
    if (payload.length > MOST_BYTES) throw new RangeError("statement: payload longer than 64 KiB");
    return {
      key: unhex(statement.key, 32, "statement key"),
      signature: unhex(statement.signature, 64, "statement signature"),
      message: concat(label("invigil v1 statement"), payload),
    };
  });
  if (!(await verifyEd25519(key, signature, message))) {
    throw new FormatError("statement-signature", `${type}: the signature is not right`);
  }
  const members = named("malformed", () => {
    const found = fields(parseJson(statement.payload), type, ["type", "version", ...names]);
    if (found["type"] !== type) throw new TypeError(`expected a statement of type ${type}`);
    if (found["version"] !== 1) throw new TypeError(`${type}: expected version 1`);
    return found;
  });
  return { key, members };
}

export async function statementDigest(statement: Statement): Promise<Bytes> {
  return sha256(
    label("invigil v1 statement digest"),
    unhex(statement.key, 32, "statement key"),
    unhex(statement.signature, 64, "statement signature"),
    utf8(statement.payload),
  );
}
