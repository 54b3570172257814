/** What is collected in the player (marks, stills), and stills on their way into an act. Pictures are in memory only, and locking the key forgets those collected. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { Still } from "../evidence/index.ts";
import { vault } from "../vault.ts";
import { type Marks, NO_MARKS } from "./marks.ts";

export interface Collected {
  marks: Marks;
  stills: readonly Still[];
}

const NOTHING: Collected = { marks: NO_MARKS, stills: [] };
const collected = new Map<string, Collected>();
const carried = new Map<string, readonly Still[]>();
const listeners = new Set<() => void>();

const changed = (): void => {
  for (const listener of [...listeners]) listener();
};

vault.watch(() => {
  if (vault.key) return;
  for (const [recording, { marks }] of collected) collected.set(recording, { marks, stills: [] });
  changed();
});

/** What was collected from a recording, and how to change it: from what is there at that moment, which may be more than was last shown. */
export function useCollected(recording: string): [Collected, (change: (now: Collected) => Partial<Collected>) => void] {
  useChanges();
  const now = () => collected.get(recording) ?? NOTHING;
  const change = (part: (now: Collected) => Partial<Collected>) => {
    collected.set(recording, { ...now(), ...part(now()) });
    changed();
  };
  return [now(), change];
}

/** Takes what was collected from a recording along into an act. */
export function carry(recording: string, act: string): void {
  carried.set(act, [...(carried.get(act) ?? []), ...(collected.get(recording)?.stills ?? [])]);
  collected.delete(recording);
  changed();
}

export function useCarried(act: string): readonly Still[] {
  useChanges();
  return carried.get(act) ?? [];
}

/** A still has arrived in the act, or is given up. */
export function landed(act: string, still: Still): void {
  const left = (carried.get(act) ?? []).filter((other) => other !== still);
  if (left.length > 0) carried.set(act, left);
  else carried.delete(act);
  changed();
}

export const stillsUnderWay = (): boolean => carried.size > 0 || [...collected.values()].some(({ stills }) => stills.length > 0);

function useChanges(): void {
  const [, render] = useState(0);
  useLayoutEffect(() => {
    const listener = () => render((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}
