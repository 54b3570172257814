/** The annex's way into the page: its code is a file of its own (it brings a PDF writer), its fonts are those of the act, from the server. */
import type { Bytes } from "../crypto/bytes.ts";
import { type AnnexContent, EvidenceError } from "./types.ts";

const REGULAR = "LibertinusSerif-Regular.otf";
const BOLD = "LibertinusSerif-Bold.otf";
/** Made by build.mjs from annex.ts. */
const CODE = "/annex.js";

/** Fetches fonts and code and makes the annex. */
export async function makeAnnex(content: AnnexContent): Promise<Bytes> {
  if (content.stills.length === 0) throw new EvidenceError("empty", "an annex needs at least one still");
  const [{ renderAnnex }, regular, bold] = await Promise.all([import(CODE) as Promise<typeof import("./annex.ts")>, face(REGULAR), face(BOLD)]);
  return renderAnnex(content, { regular, bold });
}

async function face(name: string): Promise<Bytes> {
  const response = await fetch(`/fonts/${name}`).catch(() => null);
  if (!response?.ok) throw new EvidenceError("font", `the font ${name} could not be fetched`);
  return new Uint8Array(await response.arrayBuffer());
}
