import type { Bytes } from "../crypto/bytes.ts";
import type { AnnexContent } from "./types.ts";

export async function makeAnnex(_content: AnnexContent): Promise<Bytes> {
  throw new Error("not yet");
}
