import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { t } from "../l10n.ts";
import { type Controller, type PlayerState, RATES } from "../player/controller.ts";
import type { Footage } from "../player/footage.ts";
import { isPicture, isSound, trackNames } from "../player/plan.ts";
import { clock, parseClock } from "../time.ts";
import type { RecordingView } from "../wire.ts";
import { SoundControls } from "./SoundControls.tsx";
import { rememberAutoJump } from "./usePlayer.ts";

interface Props {
  controller: Controller;
  state: PlayerState;
  footage: Footage;
  recording: RecordingView;
  offsetSecs: number;
  stage: RefObject<HTMLElement | null>;
}

export function Controls({ controller, state, footage, recording, offsetSecs, stage }: Props) {
  const tracks = [
    ...trackNames(footage.segments.values(), isPicture).map((track) => ({ track, name: track })),
    ...trackNames(footage.segments.values(), isSound).map((track) => ({ track, name: t("player-sound-only", { track }) })),
  ];
  const growing = recording.state === "recording" || recording.state === "offline";
  const jump = (on: boolean) => {
    rememberAutoJump(on);
    controller.setAutoJump(on);
  };
  const fullscreen = () => void (document.fullscreenElement ? document.exitFullscreen() : stage.current?.querySelector(".stage")?.requestFullscreen());
  return (
    <div class="controls">
      <div class="group">
        <button type="button" onClick={() => controller.seek(state.atMs - 10_000)} aria-label={t("player-back")} title={t("player-back")}>−10</button>
        <button type="button" class="primary play" data-test="play" aria-label={t(state.playing ? "player-pause" : "player-play")} onClick={() => (state.playing ? controller.pause() : controller.play())}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d={state.playing ? "M3 2h4v12H3zM9 2h4v12H9z" : "M4 2l10 6-10 6z"} /></svg>
        </button>
        <button type="button" onClick={() => controller.seek(state.atMs + 10_000)} aria-label={t("player-forward")} title={t("player-forward")}>+10</button>
      </div>
      {growing && (
        <button type="button" class={state.live ? "toggle on" : "toggle"} data-test="live" aria-pressed={state.live} title={t("player-live-hint")} onClick={() => controller.follow()}>
          <span class="dot" aria-hidden="true" /> {t("player-live")}
        </button>
      )}
      <label class="inline">
        {t("player-speed")}
        <select data-test="speed" value={String(state.rate)} onChange={(event) => controller.setRate(Number(event.currentTarget.value))}>
          {RATES.map((rate) => <option key={rate} value={String(rate)}>{rate}×</option>)}
        </select>
      </label>
      <SoundControls controller={controller} rate={state.rate} />
      {tracks.length > 1 && (
        <label class="inline">
          {t("player-track")}
          <select data-test="track" value={state.track ?? ""} onChange={(event) => controller.setTrack(event.currentTarget.value)}>
            {tracks.map(({ track, name }) => <option key={track} value={track}>{name}</option>)}
          </select>
        </label>
      )}
      <GoTo controller={controller} atMs={state.atMs} exampleMs={recording.starts_ms} offsetSecs={offsetSecs} />
      <label class="inline check">
        <input type="checkbox" data-test="auto-jump" checked={state.autoJump} onChange={(event) => jump(event.currentTarget.checked)} />
        {t("player-auto-jump")}
      </label>
      <button type="button" onClick={fullscreen}>{t("player-fullscreen")}</button>
    </div>
  );
}

/** A field for a time of day as the university's clock shows it. */
function GoTo(props: { controller: Controller; atMs: number; exampleMs: number; offsetSecs: number }) {
  const { controller, atMs, exampleMs, offsetSecs } = props;
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const ms = parseClock(text, atMs, offsetSecs);
    setWrong(ms === null);
    if (ms === null) return;
    controller.seek(ms);
    setText("");
  };
  return (
    <form class="inline go-to" onSubmit={submit}>
      <label class="inline">
        {t("player-go-to")}
        <input name="time" class="time" inputMode="numeric" autocomplete="off" placeholder={clock(exampleMs, offsetSecs)} value={text} aria-invalid={wrong} aria-describedby={wrong ? "go-wrong" : undefined} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit">{t("player-go")}</button>
      {wrong && <span class="field-error" id="go-wrong" role="alert">{t("player-go-wrong", { example: clock(exampleMs, offsetSecs) })}</span>}
    </form>
  );
}
