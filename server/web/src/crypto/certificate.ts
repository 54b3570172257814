import { type Bytes, equal, hex, sha256, unhex, uuid } from "./bytes.ts";
import { FormatError, named } from "./errors.ts";
import { integer, text } from "./json.ts";
import { type Statement, openStatement } from "./statement.ts";

const ROLES = ["server", "tls", "review", "erasure", "device"] as const;
export type Role = (typeof ROLES)[number];

/** One subject's certificate, checked (docs/format.md 3). Times in ms. */
export interface Certificate {
  role: Role;
  subject: string;
  name: string;
  notBeforeMs: number;
  notAfterMs: number;
  exam: string | null;
  recording: string | null;
}

/** Why a certificate of the list does not count. */
export interface Refused {
  index: number;
  message: string;
}

/** Certificates that count, and those that do not with the reason. */
export class Certificates {
  private constructor(
    readonly fingerprint: Bytes,
    readonly counting: readonly Certificate[],
    readonly refused: readonly Refused[],
  ) {}

  /** Signatures, institution and delegation are checked here, the time by `find`. */
  static async check(institution: Uint8Array, statements: readonly Statement[]): Promise<Certificates> {
    const fingerprint = await sha256(institution);
    const refused: Refused[] = [];
    const read: { signer: Bytes; certificate: Certificate; delegate: string[] }[] = [];
    for (const [index, statement] of statements.entries()) {
      try {
        read.push(await readCertificate(statement, fingerprint));
      } catch (error) {
        refused.push({ index, message: error instanceof Error ? error.message : String(error) });
      }
    }
    const counting: Certificate[] = [];
    for (const [index, entry] of read.entries()) {
      const { certificate: own } = entry;
      const through = read.filter(
        ({ signer, certificate, delegate }) =>
          certificate.role === "server" &&
          equal(signer, institution) &&
          certificate.subject === hex(entry.signer) &&
          delegate.includes(own.role),
      );
      // A certificate counts while its issuer's counts.
      const paths = equal(entry.signer, institution)
        ? [own]
        : through.map(({ certificate: issuer }) => ({
            ...own,
            notBeforeMs: Math.max(own.notBeforeMs, issuer.notBeforeMs),
            notAfterMs: Math.min(own.notAfterMs, issuer.notAfterMs),
          }));
      counting.push(...paths);
      if (paths.length === 0) refused.push({ index, message: `${own.role} certificate: signed neither by the institution nor by a server that may` });
    }
    return new Certificates(fingerprint, counting, refused);
  }

  /**
   * The certificate of `subject` in `role`, valid at some moment from `fromMs` to `toMs`. A stretch and not an instant, because a
   * recording lasts hours and its device's certificate starts when the device joined.
   */
  find(role: Role, subject: string, fromMs: number, toMs: number, scope: { exam?: string; recording?: string } = {}): Certificate {
    const found = this.counting.find(
      (certificate) =>
        certificate.role === role &&
        certificate.subject === subject &&
        certificate.notBeforeMs <= toMs &&
        fromMs < certificate.notAfterMs &&
        (scope.exam === undefined || certificate.exam === scope.exam) &&
        (scope.recording === undefined || certificate.recording === scope.recording),
    );
    if (!found) throw new FormatError("certificate", `no certificate of this institution for the ${role} key ${subject.slice(0, 16)}`);
    return found;
  }
}

async function readCertificate(statement: Statement, fingerprint: Bytes) {
  const names = ["role", "institution", "subject", "name", "not_before_ms", "not_after_ms", "exam?", "recording?", "delegate?"];
  const { key, members } = await openStatement(statement, "certificate", names);
  return named("certificate", () => {
    const role = text(members["role"], "role") as Role;
    if (!ROLES.includes(role)) throw new TypeError("certificate: unknown role");
    if (members["institution"] !== hex(fingerprint)) throw new TypeError("certificate: of another institution");
    for (const [member, owner] of [["exam", "erasure"], ["recording", "device"], ["delegate", "server"]] as const) {
      if (member in members !== (role === owner)) throw new TypeError(`certificate: ${member} belongs to ${owner} exactly`);
    }
    for (const id of ["exam", "recording"] as const) if (id in members) uuid(members[id], id);
    const delegate = members["delegate"] ?? [];
    if (!Array.isArray(delegate) || delegate.some((item) => !["tls", "erasure", "device"].includes(String(item)))) {
      throw new TypeError("certificate: delegate may list tls, erasure and device");
    }
    const certificate: Certificate = {
      role,
      subject: hex(unhex(members["subject"], 32, "subject")),
      name: text(members["name"], "name"),
      notBeforeMs: integer(members["not_before_ms"], "not_before_ms", 0),
      notAfterMs: integer(members["not_after_ms"], "not_after_ms", 0),
      exam: (members["exam"] as string | undefined) ?? null,
      recording: (members["recording"] as string | undefined) ?? null,
    };
    return { signer: key, certificate, delegate: delegate as string[] };
  });
}
