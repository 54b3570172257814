import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { takeStill } from "../evidence/index.ts";
import { t } from "../l10n.ts";
import type { Controller } from "../player/controller.ts";
import { clock, day, length, offsetName } from "../time.ts";
import { useAction } from "../views/hooks.ts";
import type { Me, RecordingView } from "../wire.ts";
import { DrawUp } from "./DrawUp.tsx";
import { NewHoldDialog } from "./NewHold.tsx";
import { Picture } from "./Picture.tsx";
import { TimeField } from "./TimeField.tsx";
import { type Collected, useCollected } from "./carried.ts";
import { markIn, markOut, move, NO_MARKS, rangeOf, tooLong, withStill } from "./marks.ts";
import { evidenceText } from "./sealing.ts";

const MOST_STILLS = 24;

/** What of this recording is to be cited: marks and stills, changed by buttons, keys and handles. */
export function useCollecting(recording: RecordingView, controller: Controller | null, video: RefObject<HTMLVideoElement | null>) {
  const [collected, change] = useCollected(recording.id);
  const [trouble, setTrouble] = useState<string | null>(null);
  const offsetSecs = recording.exam.utc_offset_secs;
  const bounds = {
    fromMs: Math.min(recording.starts_ms, ...recording.footage.map(({ from_ms }) => from_ms)),
    toMs: Math.max(recording.ends_ms, ...recording.footage.map(({ to_ms }) => to_ms)),
  };
  const nowMs = () => (controller?.tick(), controller?.state.atMs ?? recording.starts_ms);
  const still = async () => {
    setTrouble(null);
    try {
      // The code first: between asking for the time and taking the picture nothing may pass.
      await import("../evidence/all.ts");
      const shownMs = controller?.shownMs() ?? null;
      const state = controller?.state;
      if (!video.current || !state?.track || shownMs === null) return setTrouble(t("evidence-no-picture"));
      if (state.unsigned) return setTrouble(t("collect-still-unsigned"));
      const at_ms = Math.round(shownMs);
      const made = await takeStill(video.current, { recording: recording.id, track: state.track, at_ms }, stillName(recording.who, at_ms, offsetSecs));
      change(({ stills }) => ({ stills: withStill(stills, made, MOST_STILLS) }));
    } catch (problem) {
      setTrouble(evidenceText(problem));
    }
  };
  return {
    collected,
    change,
    trouble,
    still,
    nowMs,
    in: () => change(({ marks }) => ({ marks: markIn(marks, nowMs()) })),
    out: () => change(({ marks }) => ({ marks: markOut(marks, nowMs()) })),
    move: (edge: "in" | "out", ms: number) => change(({ marks }) => ({ marks: move(marks, edge, ms, bounds) })),
  };
}

type Collecting = ReturnType<typeof useCollecting>;

/** `Aida, 24.05.2026 10:03:10 UTC+5`, at most 120 characters. */
function stillName(who: string, ms: number, offsetSecs: number): string {
  const when = `${day(ms, offsetSecs)} ${clock(ms, offsetSecs)} ${offsetName(offsetSecs)}`;
  return `${[...who].slice(0, 110 - when.length).join("")}, ${when}`;
}

interface Props {
  recording: RecordingView;
  me: Me;
  collecting: Collecting;
  atMs: number;
  onSeek: (ms: number) => void;
}

/** Below the picture: from the moment seen to a hold or an act. */
export function Collect({ recording, me, collecting, atMs, onSeek }: Props) {
  const { collected, change } = collecting;
  const { marks, stills } = collected;
  const [dialog, setDialog] = useState<"hold" | "act" | null>(null);
  const taking = useAction();
  const offsetSecs = recording.exam.utc_offset_secs;
  const range = rangeOf(marks);
  const long = range !== null && tooLong(range);
  return (
    <section class="collect card" aria-labelledby="collect-title">
      <h2 id="collect-title">{t("collect-title")}</h2>
      <div class="controls">
        <div class="group">
          <button type="button" data-test="mark-in" onClick={collecting.in}>{t("collect-mark-in")} <kbd>I</kbd></button>
          <button type="button" data-test="mark-out" onClick={collecting.out}>{t("collect-mark-out")} <kbd>O</kbd></button>
        </div>
        <TimeField label={t("collect-in")} name="in" ms={marks.fromMs} nearMs={atMs} offsetSecs={offsetSecs} onChange={(ms) => collecting.move("in", ms)} />
        <TimeField label={t("collect-out")} name="out" ms={marks.toMs} nearMs={atMs} offsetSecs={offsetSecs} onChange={(ms) => collecting.move("out", ms)} />
        <span class="hint" role="status" data-test="range">{range && `${day(range.fromMs, offsetSecs)} ${offsetName(offsetSecs)}, ${length(range.toMs - range.fromMs)}`}</span>
        {(marks.fromMs !== null || marks.toMs !== null) && <button type="button" class="small" onClick={() => change(() => ({ marks: NO_MARKS }))}>{t("collect-clear")}</button>}
      </div>
      {long && <p class="field-error" role="alert">{t("collect-too-long")}</p>}
      <div class="controls">
        <button type="button" data-test="still" disabled={taking.busy || stills.length >= MOST_STILLS} onClick={() => void taking.run(collecting.still)}>{t("collect-still")} <kbd>S</kbd></button>
        <span class="hint" role="status">{stills.length > 0 && t("collect-stills", { count: stills.length })}</span>
      </div>
      {collecting.trouble && <p class="field-error" role="alert">{collecting.trouble}</p>}
      <Strip stills={stills} offsetSecs={offsetSecs} onSeek={onSeek} onRemove={(still) => change((now) => ({ stills: now.stills.filter((other) => other !== still) }))} />
      <div class="controls">
        <button type="button" class="primary" data-test="draw-up" disabled={long} onClick={() => setDialog("act")}>{t("draw-up")}</button>
        <button type="button" data-test="hold" disabled={range === null || long} onClick={() => setDialog("hold")}>{t("hold-put")}</button>
        <span class="hint">{t(range ? "collect-hint-ready" : "collect-hint")}</span>
      </div>
      {dialog === "hold" && range && <NewHoldDialog recording={recording} range={range} me={me} onClose={() => setDialog(null)} />}
      {dialog === "act" && <DrawUp exam={recording.exam} recording={recording} range={range} stills={stills.length} me={me} onClose={() => setDialog(null)} />}
    </section>
  );
}

function Strip(props: { stills: Collected["stills"]; offsetSecs: number; onSeek: (ms: number) => void; onRemove: (still: Collected["stills"][number]) => void }) {
  if (props.stills.length === 0) return null;
  return (
    <ul class="strip" aria-label={t("collect-strip")}>
      {props.stills.map((still) => (
        <li key={`${still.source.track} ${still.source.at_ms}`}>
          <Picture bytes={still.jpeg} media="image/jpeg" alt={t("still-at", { time: clock(still.source.at_ms, props.offsetSecs) })} />
          <span class="strip-line">
            <button type="button" class="link" onClick={() => props.onSeek(still.source.at_ms)}>{clock(still.source.at_ms, props.offsetSecs)}</button>
            <button type="button" class="small" aria-label={t("still-remove", { time: clock(still.source.at_ms, props.offsetSecs) })} onClick={() => props.onRemove(still)}>×</button>
          </span>
        </li>
      ))}
    </ul>
  );
}
