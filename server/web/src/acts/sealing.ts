/** Holds that are being made effective in this page; goes on while views come and go. */
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api.ts";
import { EvidenceError, type Progress, sealHold } from "../evidence/index.ts";
import { t, tOr } from "../l10n.ts";
import { vault } from "../vault.ts";
import { errorText } from "../views/hooks.ts";
import type { HoldView, Me } from "../wire.ts";
import { refusalText } from "./words.ts";

export interface Sealing {
  progress: Progress | null;
  busy: boolean;
  trouble: string | null;
}

const work = new Map<string, Sealing>();
const listeners = new Set<() => void>();

function set(hold: string, sealing: Sealing): void {
  work.set(hold, sealing);
  for (const listener of [...listeners]) listener();
}

/** Whether sealing can do something now: segments that still grow are sealed later. */
export const sealable = (hold: HoldView): boolean => hold.state === "pending" && hold.unsealed > hold.growing;

/** Makes a hold effective; nothing if that is under way or no key is open. */
export async function seal(hold: HoldView, me: Me): Promise<HoldView | null> {
  const review = vault.key;
  if (!review || work.get(hold.id)?.busy) return null;
  set(hold.id, { progress: null, busy: true, trouble: null });
  try {
    const done = await sealHold(hold, { me, review }, { onProgress: (progress) => set(hold.id, { progress, busy: true, trouble: null }) });
    set(hold.id, { progress: null, busy: false, trouble: null });
    return done;
  } catch (problem) {
    set(hold.id, { progress: null, busy: false, trouble: evidenceText(problem) });
    return null;
  }
}

/** A sentence for what `src/evidence` throws. */
export function evidenceText(problem: unknown): string {
  if (problem instanceof EvidenceError) return tOr(`evidence-${problem.fault}`, "error-failed", { message: problem.message });
  if (problem instanceof ApiError) return refusalText(problem) ?? errorText(problem);
  return t("error-failed", { message: problem instanceof Error ? problem.message : String(problem) });
}

export function useSealing(hold: string): Sealing {
  const [, render] = useState(0);
  useEffect(() => {
    const listener = () => render((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return work.get(hold) ?? { progress: null, busy: false, trouble: null };
}
