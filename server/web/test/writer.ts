/** The sealing side of the format, for tests only: institutions, key records and segments to read back and to damage. */
import { createCipheriv, createPrivateKey, diffieHellman, generateKeyPairSync, createPublicKey, hkdfSync, randomBytes, randomUUID, sign as signBytes } from "node:crypto";
import { type Bytes, concat, hex, label, sha256, u32, unhex, utf8, uuid } from "../src/crypto/bytes.ts";
import { expand, extract } from "../src/crypto/hkdf.ts";
import { type Statement, statementDigest } from "../src/crypto/statement.ts";
import type { KeyList } from "../src/wire.ts";

interface Pair {
  public: Bytes;
  private: ReturnType<typeof generateKeyPairSync>["privateKey"];
}

const pair = (kind: "ed25519" | "x25519"): Pair => {
  const made = kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
  return { public: new Uint8Array(made.publicKey.export({ format: "der", type: "spki" }).subarray(-32)), private: made.privateKey };
};

export function sign(key: Pair, message: Uint8Array): Bytes {
  return new Uint8Array(signBytes(null, message, key.private));
}

export function statement(key: Pair, payload: object): Statement {
  const text = JSON.stringify(payload);
  return { payload: text, key: hex(key.public), signature: hex(sign(key, concat(label("invigil v1 statement"), utf8(text)))) };
}

/** One exam with one recording and its keys. */
export class World {
  readonly institution = pair("ed25519");
  readonly server = pair("ed25519");
  readonly device = pair("ed25519");
  readonly review = pair("x25519");
  readonly erasure = pair("x25519");
  readonly exam = randomUUID();
  readonly recording = randomUUID();
  fingerprint: Bytes = new Uint8Array(32);

  static async make(): Promise<World> {
    const world = new World();
    world.fingerprint = await sha256(world.institution.public);
    return world;
  }

  /** The review key's private half, 32 bytes. */
  reviewPrivate(): Bytes {
    return new Uint8Array(this.review.private.export({ format: "der", type: "pkcs8" }).subarray(-32));
  }

  certificate(signer: Pair, role: string, subject: Pair, more: object = {}): Statement {
    return statement(signer, {
      type: "certificate",
      version: 1,
      role,
      institution: hex(this.fingerprint),
      subject: hex(subject.public),
      name: `${role} of the tests`,
      not_before_ms: 0,
      not_after_ms: 4_000_000_000_000,
      ...more,
    });
  }

  certificates(): Statement[] {
    return [
      this.certificate(this.institution, "server", this.server, { delegate: ["tls", "erasure", "device"] }),
      this.certificate(this.institution, "review", this.review),
      this.certificate(this.server, "erasure", this.erasure, { exam: this.exam }),
      this.certificate(this.server, "device", this.device, { recording: this.recording }),
    ];
  }

  keys(runs: readonly Run[]): KeyList {
    return {
      institution: hex(this.institution.public),
      certificates: this.certificates(),
      runs: runs.map(({ id, record, inner }) => ({ run: id, record, inner: hex(inner) })),
      segments: [],
    };
  }
}

/** One life of an agent: a run key and its record. */
export class Run {
  readonly id = randomUUID();
  readonly key = new Uint8Array(randomBytes(32));
  inner: Bytes = new Uint8Array(0);
  record!: Statement;

  static async make(world: World): Promise<Run> {
    const run = new Run();
    const info = label("invigil v1 run key");
    const associated = concat(world.fingerprint, uuid(world.recording, ""), uuid(run.id, ""), world.review.public);
    run.inner = await sealHpke(world.review.public, info, associated, run.key);
    run.record = statement(world.device, {
      type: "key-record",
      version: 1,
      institution: hex(world.fingerprint),
      exam: world.exam,
      recording: world.recording,
      run: run.id,
      review: [hex(world.review.public)],
      erasure: hex(world.erasure.public),
      enc: "00".repeat(32),
      sealed: "00".repeat(96),
      created_ms: 1_770_000_000_000,
    });
    return run;
  }
}

/** RFC 9180 base mode, the sealing side; returns `enc || ciphertext`. */
export async function sealHpke(to: Uint8Array, info: Uint8Array, associated: Uint8Array, text: Uint8Array): Promise<Bytes> {
  const ephemeral = pair("x25519");
  const spki = Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), to]);
  const peer = createPublicKey({ key: spki, format: "der", type: "spki" });
  const dh = new Uint8Array(diffieHellman({ privateKey: createPrivateKey(ephemeral.private.export({ format: "pem", type: "pkcs8" })), publicKey: peer }));
  const empty = new Uint8Array(0);
  const labeled = (suite: Uint8Array, salt: Uint8Array, name: string, ikm: Uint8Array) => extract(salt, concat(utf8("HPKE-v1"), suite, utf8(name), ikm));
  const out = (suite: Uint8Array, prk: Uint8Array, name: string, context: Uint8Array, length: number) =>
    expand(prk, concat(Uint8Array.of(0, length), utf8("HPKE-v1"), suite, utf8(name), context), length);
  const kem = concat(utf8("KEM"), Uint8Array.of(0, 0x20));
  const suite = concat(utf8("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 2));
  const shared = await out(kem, await labeled(kem, empty, "eae_prk", dh), "shared_secret", concat(ephemeral.public, to), 32);
  const context = concat(Uint8Array.of(0), await labeled(suite, empty, "psk_id_hash", empty), await labeled(suite, empty, "info_hash", info));
  const secret = await labeled(suite, shared, "secret", empty);
  const key = await out(suite, secret, "key", context, 32);
  const nonce = await out(suite, secret, "base_nonce", context, 12);
  return concat(ephemeral.public, seal(key, nonce, associated, text));
}

export function seal(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, text: Uint8Array): Bytes {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(associated);
  return concat(cipher.update(text), cipher.final(), cipher.getAuthTag());
}

const derive = (ikm: Uint8Array, info: Uint8Array): Bytes => new Uint8Array(hkdfSync("sha256", ikm, new Uint8Array(0), info, 32));

/** Writes one segment frame by frame; `parts` are the frames, so that a test can drop, swap or change them. */
export class Segment {
  readonly parts: Bytes[] = [];
  readonly chunks: { offset: number; len: number; key: boolean; durationUs: number }[] = [];
  head!: Bytes;
  private head0!: Bytes;
  private key!: Bytes;
  private counter = 0;
  size = 0;

  private constructor(
    private readonly world: World,
    private readonly run: Run,
    readonly track: string,
    readonly sequence: number,
  ) {}

  static async start(world: World, run: Run, options: { track?: string; sequence?: number; previous?: Bytes | null; codec?: string } = {}): Promise<Segment> {
    const { track = "cam0", sequence = 0, previous = null, codec = "avc1.42c01e" } = options;
    const made = new Segment(world, run, track, sequence);
    const info = concat(label("invigil v1 segment key"), uuid(world.recording, ""), uuid(run.id, ""), Uint8Array.of(track.length), utf8(track), u32(sequence));
    made.key = derive(run.key, info);
    const header = utf8(
      JSON.stringify({
        institution: hex(world.fingerprint),
        exam: world.exam,
        recording: world.recording,
        run: run.id,
        track,
        kind: "video",
        codec,
        width: 640,
        height: 480,
        sequence,
        previous_head: previous && hex(previous),
        key_record: hex(await statementDigest(run.record)),
        commitment: hex(derive(made.key, label("invigil v1 commitment"))),
        device: hex(world.device.public),
        boot_id: randomUUID(),
        origin_boottime_us: 1_000_000,
      }),
    );
    const start = concat(unhex("894956530d0a1a0a00010000", 12, ""), u32(header.length), header);
    made.parts.push(start);
    made.size = start.length;
    made.head0 = await sha256(label("invigil v1 segment head"), start);
    made.head = made.head0;
    return made;
  }

  async frame(kind: number, text: Uint8Array, options: { flags?: number; durationUs?: number; atUs?: number } = {}): Promise<void> {
    const { flags = 0, durationUs = 0, atUs = 5_000_000 } = options;
    const sealed = kind <= 3;
    const header = new Uint8Array(64);
    const view = new DataView(header.buffer);
    const counter = sealed ? this.counter++ : 0xffff_ffff;
    view.setUint8(0, kind);
    view.setUint8(1, kind === 3 ? 1 : flags);
    view.setUint32(4, counter);
    view.setBigUint64(8, BigInt(atUs));
    view.setBigUint64(16, 1_770_000_000_000n);
    view.setUint32(24, durationUs);
    view.setUint32(28, text.length + (sealed ? 16 : 0));
    header.set(this.head, 32);
    const nonce = concat(new Uint8Array(7), u32(counter), Uint8Array.of(Number(kind === 3)));
    const body = sealed ? seal(this.key, nonce, concat(this.head0, header), text) : concat(text);
    if (kind === 2) this.chunks.push({ offset: this.size, len: 64 + body.length, key: (flags & 2) !== 0, durationUs });
    this.parts.push(concat(header, body));
    this.size += 64 + body.length;
    this.head = await sha256(label("invigil v1 frame head"), header, body);
  }

  init(text: Uint8Array): Promise<void> {
    return this.frame(1, text);
  }

  chunk(text: Uint8Array, key = true, durationUs = 1_000_000, atUs = 5_000_000): Promise<void> {
    return this.frame(2, text, { flags: key ? 2 : 0, durationUs, atUs });
  }

  signature(): Promise<void> {
    return this.frame(4, sign(this.world.device, concat(label("invigil v1 head signature"), this.head)));
  }

  beacon(): Promise<void> {
    const time = new Uint8Array(24);
    new DataView(time.buffer).setBigUint64(0, 1_770_000_000_000n);
    const signature = sign(this.world.server, concat(label("invigil v1 beacon"), this.world.fingerprint, time));
    return this.frame(5, concat(time, this.world.server.public, signature));
  }

  async close(reason = "stopped", wrong: object = {}): Promise<void> {
    if (reason !== "recovered") await this.frame(3, new Uint8Array(0));
    const record = statement(this.world.device, {
      type: "closing",
      version: 1,
      institution: hex(this.world.fingerprint),
      recording: this.world.recording,
      run: this.run.id,
      track: this.track,
      sequence: this.sequence,
      reason,
      chunks: this.chunks.length,
      duration_us: this.chunks.reduce((sum, { durationUs }) => sum + durationUs, 0),
      size_bytes: this.size,
      digest: hex(await sha256(this.bytes())),
      head: hex(this.head),
      ...wrong,
    });
    await this.frame(6, utf8(JSON.stringify(record)));
  }

  bytes(): Bytes {
    return concat(...this.parts);
  }
}
