import { type Bytes, concat, utf8 } from "./bytes.ts";
import { expand, extract } from "./hkdf.ts";

/*
 * RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, single shot with sequence number 0.
 */

/** The private key is a `CryptoKey` that need not be extractable; `publicKey` is its public half (32 bytes). */
export async function openHpke(
  privateKey: CryptoKey,
  publicKey: Uint8Array,
  enc: Uint8Array,
  info: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Promise<Bytes> {
  const dh = await agree(privateKey, enc);
  const { key, nonce } = await schedule(dh, enc, publicKey, info, "decrypt");
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: associated as Bytes };
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed as Bytes));
}

/** Seals `plain` to the public key `to` (32 bytes): `enc` (32 bytes) `|| ciphertext`. Fails for a key of low order. */
export async function sealHpke(to: Uint8Array, info: Uint8Array, associated: Uint8Array, plain: Uint8Array): Promise<Bytes> {
  return sealWith((await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair, to, info, associated, plain);
}

/** With a given ephemeral key, for the RFC's vectors; a key that was used once must not be used again. */
export async function sealWith(
  ephemeral: CryptoKeyPair,
  to: Uint8Array,
  info: Uint8Array,
  associated: Uint8Array,
  plain: Uint8Array,
): Promise<Bytes> {
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
  const dh = await agree(ephemeral.privateKey, to);
  const { key, nonce } = await schedule(dh, enc, to, info, "encrypt");
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: associated as Bytes };
  return concat(enc, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plain as Bytes)));
}

async function agree(privateKey: CryptoKey, publicKey: Uint8Array): Promise<Bytes> {
  const peer = await crypto.subtle.importKey("raw", publicKey as Bytes, { name: "X25519" }, false, []);
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: peer }, privateKey, 256));
  if (dh.every((byte) => byte === 0)) throw new RangeError("the public key is of low order");
  return dh;
}

/** ExtractAndExpand (4.1) and KeySchedule (5.1); ends `dh`. */
async function schedule(dh: Bytes, enc: Uint8Array, recipient: Uint8Array, info: Uint8Array, usage: "encrypt" | "decrypt"): Promise<{ key: CryptoKey; nonce: Bytes }> {
  const kemSuite = concat(utf8("KEM"), Uint8Array.of(0x00, 0x20));
  const prk = await labeledExtract(kemSuite, new Uint8Array(0), "eae_prk", dh);
  const shared = await labeledExpand(kemSuite, prk, "shared_secret", concat(enc, recipient), 32);
  dh.fill(0);

  const suite = concat(utf8("HPKE"), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x02));
  const empty = new Uint8Array(0);
  const context = concat(
    Uint8Array.of(0x00),
    await labeledExtract(suite, empty, "psk_id_hash", empty),
    await labeledExtract(suite, empty, "info_hash", info),
  );
  const secret = await labeledExtract(suite, shared, "secret", empty);
  const keyBytes = await labeledExpand(suite, secret, "key", context, 32);
  const nonce = await labeledExpand(suite, secret, "base_nonce", context, 12);
  shared.fill(0);
  secret.fill(0);
  const key = await crypto.subtle.importKey("raw", keyBytes, "AES-GCM", false, [usage]);
  keyBytes.fill(0);
  return { key, nonce };
}

/** An X25519 private key from its 32 bytes, not extractable (the 16 bytes before it are PKCS #8's frame, RFC 8410). */
export async function importX25519(raw: Uint8Array): Promise<CryptoKey> {
  const frame = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
  const der = concat(frame, raw);
  const key = await crypto.subtle.importKey("pkcs8", der, { name: "X25519" }, false, ["deriveBits"]);
  der.fill(0);
  return key;
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Promise<Bytes> {
  return extract(salt, concat(utf8("HPKE-v1"), suite, utf8(label), ikm));
}

function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Promise<Bytes> {
  return expand(prk, concat(Uint8Array.of(length >> 8, length & 255), utf8("HPKE-v1"), suite, utf8(label), info), length);
}
