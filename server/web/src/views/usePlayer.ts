import { useEffect, useRef, useState } from "preact/hooks";
import type { OpenReviewKey } from "../crypto/keys.ts";
import { Controller, type PlayerState } from "../player/controller.ts";
import { Footage } from "../player/footage.ts";
import type { Settings } from "../player/sound.ts";
import type { Me, RecordingView } from "../wire.ts";
import { parseRoute } from "./hooks.ts";

const AUTO_JUMP = "invigil.auto-jump";
const SOUND = "invigil.sound";

/** Footage and controller of one player, made once and closed with it; renders again after changes, at most once a frame. */
export function usePlayer(recording: RecordingView, review: OpenReviewKey, me: Me) {
  const video = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const made = useRef<{ footage: Footage; controller: Controller } | null>(null);
  const [, render] = useState(0);

  useEffect(() => {
    if (!video.current || !audio.current) return;
    let frame = 0;
    const changed = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        render((count) => count + 1);
      });
    };
    const footage = new Footage(recording, me, review, () => {
      made.current?.controller.tick();
      changed();
    });
    // The address knows the last moment even when the page was locked and unlocked in between.
    const route = parseRoute(location.hash);
    const atMs = startMs(recording, route.page === "recording" ? route.atSecs : null);
    const controller = new Controller(video.current, audio.current, footage, changed, { track: null, atMs, autoJump: autoJump(), sound: rememberedSound() });
    made.current = { footage, controller };
    footage.start();
    return () => {
      cancelAnimationFrame(frame);
      controller.close();
      footage.stop();
      made.current = null;
    };
  }, []);

  useEffect(() => made.current?.footage.update(recording), [recording]);
  useEffect(() => {
    // The same link again, too: the player has gone on since.
    const asked = ({ newURL }: HashChangeEvent) => {
      const route = parseRoute(new URL(newURL).hash);
      if (route.page === "recording" && route.id === recording.id && route.atSecs !== null) made.current?.controller.seek(recording.starts_ms + route.atSecs * 1000);
    };
    addEventListener("hashchange", asked);
    return () => removeEventListener("hashchange", asked);
  }, [recording.id, recording.starts_ms]);

  const state: PlayerState | null = made.current?.controller.state ?? null;
  return { video, audio, state, footage: made.current?.footage ?? null, controller: made.current?.controller ?? null };
}

/** The moment in the address, else where footage begins. */
function startMs(recording: RecordingView, atSecs: number | null): number {
  if (atSecs !== null) return recording.starts_ms + atSecs * 1000;
  const first = recording.footage.reduce((least, { from_ms }) => Math.min(least, from_ms), Number.POSITIVE_INFINITY);
  return Number.isFinite(first) ? first : recording.starts_ms;
}

function autoJump(): boolean {
  try {
    return localStorage.getItem(AUTO_JUMP) !== "off";
  } catch {
    return true;
  }
}

export function rememberAutoJump(on: boolean): void {
  try {
    localStorage.setItem(AUTO_JUMP, on ? "on" : "off");
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** As it was left in this tab, else loud. */
function rememberedSound(): Settings {
  try {
    const { volume, muted } = JSON.parse(sessionStorage.getItem(SOUND) ?? "{}") as Partial<Settings>;
    return { volume: typeof volume === "number" && volume >= 0 && volume <= 1 ? volume : 1, muted: muted === true };
  } catch {
    return { volume: 1, muted: false };
  }
}

export function rememberSound({ volume, muted }: Settings): void {
  try {
    sessionStorage.setItem(SOUND, JSON.stringify({ volume, muted }));
  } catch {
    // The choice then lasts as long as the player.
  }
}

/** Writes the playhead into the address without adding to the history, so that a moment can be passed on as a link. */
export function rememberMoment(id: string, secs: number): void {
  history.replaceState(null, "", `#/recording/${id}?t=${Math.floor(secs)}`);
}
