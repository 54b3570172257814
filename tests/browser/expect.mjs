// What a recording must have for the checks to mean something. Pure.

const GAP_MS = 3000;

/** Where two segments of the track that the player opens lie apart; `null` when they do nowhere. */
export function findGap(segments) {
  const footage = segments.filter(({ kind, chunks }) => (kind === "video" || kind === "screen") && chunks.length > 0);
  const [track] = footage.map((segment) => segment.track).sort();
  let endMs = Infinity;
  for (const { from_ms, to_ms } of footage.filter((segment) => segment.track === track).sort((a, b) => a.from_ms - b.from_ms)) {
    if (from_ms - endMs > GAP_MS) return { fromMs: endMs, toMs: from_ms };
    endMs = endMs === Infinity ? to_ms : Math.max(endMs, to_ms);
  }
  return null;
}

/** The gap, `null` if there is none and none is expected; throws when one is. */
export function expectedGap(segments, expect) {
  const gap = findGap(segments);
  if (!gap && expect.includes("gap")) throw new Error(`no two segments of the track lie more than ${GAP_MS} ms apart`);
  return gap;
}

export const growing = ({ state }) => state === "recording" || state === "offline";

/** What INVIGIL_EXPECT names must be there, so that no check is left out by mistake. */
export function announced(recording, segments, expect) {
  const found = { growing: growing(recording), outage: recording.outages.length > 0, gap: findGap(segments) !== null };
  for (const name of expect) if (!found[name]) throw new Error(`the recording has no ${name}`);
}
