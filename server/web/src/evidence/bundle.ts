import type { Bundle, Reviewer, Work } from "./types.ts";

export async function makeBundle(_act: string, _receiver: string, _who: Reviewer, _work: Work): Promise<Bundle> {
  throw new Error("not yet");
}
