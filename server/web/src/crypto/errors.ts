/** What can be wrong with bytes that were signed or sealed; the page has a sentence for each in three languages. */
export type Fault =
  | "malformed"
  | "statement-signature"
  | "certificate"
  | "key-record"
  | "commitment"
  | "not-opened"
  | "header"
  | "chain"
  | "order"
  | "signature"
  | "unsigned"
  | "closing"
  | "truncated"
  | "wrong-segment"
  | "cut-out"
  | "beacon"
  | "index";

export class FormatError extends Error {
  /** `at` is the offset in the file where it was noticed. */
  constructor(
    readonly fault: Fault,
    message: string,
    readonly at: number = 0,
  ) {
    super(message);
    this.name = "FormatError";
  }
}

/** Runs `read`, naming anything that is not a `FormatError` yet as `fault`. */
export function named<T>(fault: Fault, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(fault, error instanceof Error ? error.message : String(error));
  }
}
