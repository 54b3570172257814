/** Bundles sealed for their receiver: opened again by the library, and from what the offline tool made (shared/evidence/vectors/v1/receiver). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { checkSealFor, sealBundle } from "../src/evidence/receiver-load.ts";
import type { Progress, SealFor } from "../src/evidence/types.ts";
import { Here } from "./here.ts";

declare const WEB_ROOT: string;
Here.stand();

const read = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
/** Over one piece of what goes to the store of blobs, and no whole number of age's own. */
const plain = new Uint8Array(5 * 1024 * 1024 + 1).map((_, index) => (index * index) >> 5);

async function opened(sealed: Uint8Array, unlock: (decrypter: Decrypter) => void): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  unlock(decrypter);
  return decrypter.decrypt(sealed);
}

test("what is sealed for keys opens with each of them and with no other, and not when a byte was changed", async () => {
  const [mine, yours, other] = await Promise.all([generateIdentity(), generateIdentity(), generateIdentity()]);
  const keys = [` ${await identityToRecipient(mine)}\r`, "", await identityToRecipient(yours), await identityToRecipient(mine)];
  const seen: Progress[] = [];
  const blob = await sealBundle({ kind: "keys", keys }, new Blob([plain]), { onProgress: (progress) => seen.push(progress) });
  const sealed = await read(blob);
  for (const identity of [mine, yours]) assert.ok(Buffer.from(plain).equals(await opened(sealed, (decrypter) => decrypter.addIdentity(identity))));
  await assert.rejects(opened(sealed, (decrypter) => decrypter.addIdentity(other)));
  assert.equal(Buffer.from(sealed).toString("latin1").split("-> X25519 ").length - 1, 2, "each key once");
  assert.deepEqual(seen.map(({ stage, total }) => [stage, total]), Array(3).fill(["sealing", plain.length]));
  for (const at of [sealed.length - 1, sealed.length >> 1, 200]) {
    const changed = sealed.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    await assert.rejects(opened(changed, (decrypter) => decrypter.addIdentity(mine)), `byte ${at}`);
  }
  await assert.rejects(opened(sealed.slice(0, 3 * 1024 * 1024), (decrypter) => decrypter.addIdentity(mine)), "cut off");
  assert.equal(Here.running, 0);
});

test("what is sealed with a passphrase opens with it, however its letters are composed, and with no other", async () => {
  const blob = await sealBundle({ kind: "passphrase", passphrase: "и\u0306лыз құпия фраза" }, new Blob([plain.slice(0, 1000)]), {});
  const sealed = await read(blob);
  assert.deepEqual(await opened(sealed, (decrypter) => decrypter.addPassphrase("йлыз құпия фраза")), plain.slice(0, 1000));
  await assert.rejects(opened(sealed, (decrypter) => decrypter.addPassphrase("йлыз құпия фразА")));
});

test("what cannot be sealed for is named before anything is made", async () => {
  const good = await identityToRecipient(await generateIdentity());
  const check = (sealFor: SealFor) => checkSealFor(sealFor, {});
  await check({ kind: "keys", keys: [good, ""] });
  const mistyped = `${good.slice(0, -1)}${good.endsWith("q") ? "p" : "q"}`;
  const named = (text: string) => ({ fault: "recipient", message: text });
  await assert.rejects(check({ kind: "keys", keys: [good, mistyped, "Dean"] }), named(`“${mistyped}”, “Dean”`));
  await assert.rejects(check({ kind: "keys", keys: [`${good} ${good}`] }), named(`“${good} ${good}”`));
  // The point 0: a right checksum, and no secret can be agreed with it.
  const zero = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z";
  await assert.rejects(check({ kind: "keys", keys: [zero] }), { fault: "recipient" });
  // Kinds of keys that the offline tool does not open.
  await assert.rejects(check({ kind: "keys", keys: [`age1pq1${"q".repeat(1900)}`] }), { fault: "recipient" });
  await assert.rejects(check({ kind: "keys", keys: [" ", ""] }), { fault: "no-recipient" });
  const secret = await generateIdentity();
  await assert.rejects(check({ kind: "keys", keys: [good, secret] }), ({ fault, message }: { fault: string; message: string }) => fault === "secret-key" && !message.includes(secret));
  await assert.rejects(check({ kind: "passphrase", passphrase: "11 letters." }), { fault: "short-passphrase" });
  await check({ kind: "passphrase", passphrase: "12 letters.." });
  await assert.rejects(sealBundle({ kind: "keys", keys: ["age1x"] }, new Blob([plain]), {}), { fault: "recipient" });
  assert.equal(Here.running, 0);
});

test("sealing stops when asked to", async () => {
  const stop = new AbortController();
  const keys = [await identityToRecipient(await generateIdentity())];
  const work = { signal: stop.signal, onProgress: ({ done }: Progress) => done > 0 && stop.abort() };
  await assert.rejects(sealBundle({ kind: "keys", keys }, new Blob([plain]), work), { name: "AbortError" });
  await assert.rejects(checkSealFor({ kind: "keys", keys }, work), { name: "AbortError" });
  assert.equal(Here.running, 0);
});

test("what the offline tool sealed opens with the page's library", async () => {
  const folder = join(WEB_ROOT, "../../shared/evidence/vectors/v1/receiver");
  const vector = JSON.parse(readFileSync(join(folder, "receiver.json"), "utf8")) as Record<"plain" | "identity" | "recipient" | "passphrase", string>;
  const original = readFileSync(join(folder, vector.plain));
  const identity = /^AGE-SECRET-KEY-1\S+$/m.exec(readFileSync(join(folder, vector.identity), "utf8"))?.[0] ?? "";
  assert.equal(await identityToRecipient(identity), vector.recipient);
  for (const maker of ["tool", "page"]) {
    const unlocks = { key: (decrypter: Decrypter) => decrypter.addIdentity(identity), passphrase: (decrypter: Decrypter) => decrypter.addPassphrase(vector.passphrase) };
    for (const [name, unlock] of Object.entries(unlocks)) {
      const file = `${maker}-${name}.age`;
      assert.ok(original.equals(await opened(readFileSync(join(folder, file)), unlock)), file);
    }
  }
});
