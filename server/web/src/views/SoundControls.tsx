import { t } from "../l10n.ts";
import type { Controller } from "../player/controller.ts";
import type { Settings } from "../player/sound.ts";
import { MOST_HEARD_RATE } from "../player/sync.ts";
import { rememberSound } from "./usePlayer.ts";

/** Sets what is given and remembers it for this tab. */
export function changeSound(controller: Controller, change: Partial<Settings>): void {
  const { volume, muted } = controller.heard;
  controller.setSound({ volume, muted, ...change });
  rememberSound(controller.heard);
}

/** Sound on and off, and how loud; nothing when the recording has no sound that can be heard here. */
export function SoundControls({ controller, rate }: { controller: Controller; rate: number }) {
  const { track, muted, volume, unsupported } = controller.heard;
  if (track === null || unsupported !== null) return null;
  const percent = Math.round(volume * 100);
  const silent = muted || volume === 0;
  return (
    <div class="inline sound">
      <button type="button" data-test="mute" aria-pressed={muted} aria-label={t("player-mute")} title={t("player-mute")} onClick={() => changeSound(controller, { muted: !muted })}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path class="filled" d="M2 6h3l4-4v12L5 10H2z" />
          <path class="drawn" d={silent ? "M11 6l4 4M15 6l-4 4" : "M11 6q2 2 0 4M12.500 4q4 4 0 8"} />
        </svg>
      </button>
      <label class="inline">
        {t("player-volume")}
        <input type="range" name="volume" min="0" max="100" step="5" value={String(muted ? 0 : percent)} aria-valuetext={t("player-volume-value", { percent: muted ? 0 : percent })} onInput={(event) => changeSound(controller, { volume: Number(event.currentTarget.value) / 100, muted: false })} />
      </label>
      {rate > MOST_HEARD_RATE && <span class="hint" data-test="too-fast">{t("player-sound-too-fast", { rate: MOST_HEARD_RATE })}</span>}
    </div>
  );
}
