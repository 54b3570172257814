import { useEffect, useMemo, useRef } from "preact/hooks";
import { Collect, useCollecting } from "../acts/Collect.tsx";
import type { OpenReviewKey } from "../crypto/keys.ts";
import { t, tOr } from "../l10n.ts";
import { type Controller, RATES } from "../player/controller.ts";
import type { Footage } from "../player/footage.ts";
import { isSound, liveEdge, trackNames } from "../player/plan.ts";
import { TimelineTable } from "../timeline/Table.tsx";
import { Timeline } from "../timeline/Timeline.tsx";
import { causeOf, timeline } from "../timeline/model.ts";
import { clock, day, length } from "../time.ts";
import type { Me, Missing, RecordingView } from "../wire.ts";
import { Controls } from "./Controls.tsx";
import { changeSound } from "./SoundControls.tsx";
import { deadlineOffset } from "./Finding.tsx";
import { Reports } from "./Reports.tsx";
import { Institution } from "./Unlock.tsx";
import { rememberMoment, usePlayer } from "./usePlayer.ts";

interface Props {
  recording: RecordingView;
  review: OpenReviewKey;
  me: Me;
  onSignedOut: () => void;
}

const NOTICE_MS = 10_000;

export function Player({ recording, review, me, onSignedOut }: Props) {
  const { video, audio, state, footage, controller } = usePlayer(recording, review, me);
  const collecting = useCollecting(recording, controller, video);
  const section = useRef<HTMLElement>(null);
  const offsetSecs = recording.exam.utc_offset_secs;
  const atMs = state?.atMs ?? recording.starts_ms;
  const nowMs = footage?.nowMs() ?? recording.now_ms;
  const second = Math.floor(nowMs / 1000);
  const model = useMemo(
    () => timeline(recording, footage?.segments.values() ?? [], footage?.damages ?? [], nowMs),
    [recording, footage?.damages, footage?.segments.size, second],
  );
  useEffect(() => section.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    if (footage?.obstacle?.kind === "signed-out") onSignedOut();
  }, [footage?.obstacle]);
  useEffect(() => {
    const timer = setInterval(() => {
      const at = controller?.state;
      if (at && document.visibilityState === "visible") rememberMoment(recording.id, (at.atMs - recording.starts_ms) / 1000);
    }, 2000);
    return () => clearInterval(timer);
  }, [controller]);
  useEffect(() => {
    if (!state?.jumped) return;
    const timer = setTimeout(() => controller?.dismiss(), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [state?.jumped]);

  const seek = (ms: number) => controller?.seek(ms);
  const toggle = () => (state?.playing ? controller?.pause() : controller?.play());
  return (
    <section ref={section} class="player" tabIndex={-1} aria-label={t("player-title")} onKeyDown={(event) => controller && onKey(event, controller, recording, footage, section.current, collecting)}>
      <div class="stage">
        <video ref={video} muted playsInline disablePictureInPicture aria-label={t("player-video", { who: recording.who })} onClick={toggle} />
        <audio ref={audio} />
        <div class="stage-top">
          <span class="stage-time" data-test="clock">{day(atMs, offsetSecs)} {clock(atMs, offsetSecs)}</span>
          {state?.live && <span class="chip live">{t("player-live")}</span>}
          {state?.soundOnly && <span class="chip" data-test="sound-only">{t("player-sound-only", { track: state.track ?? "" })}</span>}
          {state?.unsigned && <span class="chip warn" data-test="unsigned">{t("player-unsigned")}</span>}
        </div>
        <StageMessage footage={footage} controller={controller} recording={recording} offsetSecs={offsetSecs} />
      </div>
      {controller && state && footage && (
        <Controls controller={controller} state={state} footage={footage} recording={recording} offsetSecs={offsetSecs} stage={section} />
      )}
      {controller?.heard.unsupported && <p class="message warn" role="status" data-test="sound-unsupported">{t("player-sound-unsupported", { codec: controller.heard.unsupported })}</p>}
      <div class="live-region" role="status" data-test="notice">
        {state?.jumped && (
          <p class="message warn notice">
            {t("player-jumped", {
              length: length(state.jumped.toMs - state.jumped.fromMs),
              from: clock(state.jumped.fromMs, offsetSecs),
              to: clock(state.jumped.toMs, offsetSecs),
              cause: causeAt(recording, footage, state.track, state.jumped.fromMs, state.jumped.toMs),
            })}
            <button type="button" class="small" onClick={() => controller?.dismiss()} aria-label={t("close")}>×</button>
          </p>
        )}
      </div>
      <Timeline model={model} atMs={atMs} offsetSecs={offsetSecs} deadlineOffsetSecs={deadlineOffset(recording)} onSeek={seek} marks={collecting.collected.marks} onMove={collecting.move} />
      <Collect recording={recording} me={me} collecting={collecting} atMs={atMs} onSeek={seek} />
      {footage && <Reports footage={footage} offsetSecs={offsetSecs} onSeek={seek} />}
      <TimelineTable model={model} offsetSecs={offsetSecs} onSeek={seek} />
      <Institution me={me} />
      <p class="hint">{t("player-keys")}</p>
    </section>
  );
}

/** What is written over the picture while there is none. */
function StageMessage(props: { footage: Footage | null; controller: Controller | null; recording: RecordingView; offsetSecs: number }) {
  const { footage, controller, recording, offsetSecs } = props;
  const state = controller?.state;
  if (!footage || !state) return null;
  if (footage.obstacle) {
    const { obstacle } = footage;
    return <p class="stage-message" role="alert">{obstacle.kind === "keys" ? t("error-keys", { message: obstacle.message }) : t(`error-${obstacle.kind}`)}</p>;
  }
  if (state.unsupported) return <p class="stage-message" role="alert">{t("player-unsupported", { codec: state.unsupported })}</p>;
  if (state.track === null) return <p class="stage-message" role="status">{t("player-no-footage")}</p>;
  if (state.gap) {
    const { fromMs, toMs } = state.gap;
    if (toMs === null) return <p class="stage-message" role="status">{t(recording.state === "recording" || recording.state === "offline" ? "player-gap-wait" : "player-gap-end")}</p>;
    return (
      <div class="stage-message" role="status">
        <p>{t("player-gap", { cause: causeAt(recording, footage, state.track, fromMs, toMs) })}</p>
        <button type="button" onClick={() => controller?.seek(toMs + 10)}>{t("player-gap-jump", { time: clock(toMs, offsetSecs) })}</button>
      </div>
    );
  }
  return state.waiting ? <p class="stage-message quiet" role="status">{t("player-checking")}</p> : null;
}

/** Why there is nothing to show of a track from `fromMs` to `toMs`. */
function causeAt(recording: RecordingView, footage: Footage | null, track: string | null, fromMs: number, toMs: number): string {
  const overlaps = (from: number, to: number) => from < toMs && to > fromMs;
  if (footage?.damages.some((damage) => overlaps(damage.fromMs, damage.toMs))) return t("cause-damaged");
  const most = (stretches: Missing[]) =>
    stretches
      .filter(({ from_ms, to_ms }) => overlaps(from_ms, to_ms))
      .sort((a, b) => Math.min(b.to_ms, toMs) - Math.max(b.from_ms, fromMs) - (Math.min(a.to_ms, toMs) - Math.max(a.from_ms, fromMs)))[0];
  const missing = most(recording.missing);
  if (missing) return tOr(`cause-${missing.cause}`, "cause-unknown");
  const others = recording.footage.filter(({ from_ms, to_ms }) => overlaps(from_ms, to_ms));
  if (others.length === 0) return t("cause-unknown");
  const heard = new Set(trackNames(footage?.segments.values() ?? [], isSound));
  const other = t(others.every((stretch) => heard.has(stretch.track)) ? "cause-only-sound" : "cause-other-track");
  const own = most(recording.track_missing.filter((stretch) => stretch.track === track));
  return own && own.cause !== "unknown" ? `${other} (${tOr(`cause-${causeOf(own.cause, heard.has(track ?? ""))}`, "cause-unknown")})` : other;
}

/** Keys work while the focus is inside the player, and leave fields and buttons alone. */
function onKey(event: KeyboardEvent, controller: Controller, recording: RecordingView, footage: Footage | null, stage: HTMLElement | null, collecting: ReturnType<typeof useCollecting>): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, select, textarea, dialog")) return;
  const { state } = controller;
  const by = (secs: number) => controller.seek(state.atMs + secs * 1000);
  const rate = (step: number) => controller.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, RATES.indexOf(state.rate as (typeof RATES)[number]) + step))] ?? 1);
  const louder = (by: number) => changeSound(controller, { volume: Math.round((controller.heard.volume + by) * 10) / 10, muted: false });
  const actions: Record<string, () => void> = {
    k: () => (state.playing ? controller.pause() : controller.play()),
    j: () => by(-10),
    l: () => by(10),
    ArrowLeft: () => by(event.shiftKey ? -60 : -5),
    ArrowRight: () => by(event.shiftKey ? 60 : 5),
    Home: () => controller.seek(Math.min(recording.starts_ms, ...recording.footage.map(({ from_ms }) => from_ms))),
    End: () => (liveEdge([...(footage?.segments.values() ?? [])]) === null ? undefined : controller.follow()),
    "<": () => rate(-1),
    ">": () => rate(1),
    m: () => changeSound(controller, { muted: !controller.heard.muted }),
    "+": () => louder(0.1),
    "=": () => louder(0.1),
    "-": () => louder(-0.1),
    i: collecting.in,
    o: collecting.out,
    s: () => void collecting.still(),
    f: () => void (document.fullscreenElement ? document.exitFullscreen() : stage?.querySelector(".stage")?.requestFullscreen()),
  };
  if (event.key === " " && target.closest("button, a, summary")) return;
  const action = event.key === " " ? actions["k"] : (actions[event.key] ?? actions[event.key.toLowerCase()]);
  if (!action) return;
  event.preventDefault();
  action();
}
