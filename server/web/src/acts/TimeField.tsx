import { useId, useLayoutEffect, useState } from "preact/hooks";
import { t } from "../l10n.ts";
import { clock, parseClock } from "../time.ts";

interface Props {
  label: string;
  name: string;
  ms: number | null;
  /** For the day, and where counting by arrow keys begins. */
  nearMs: number;
  offsetSecs: number;
  onChange: (ms: number) => void;
}

/** A time of day: typed, or moved by arrow keys (1 second, with Shift 10 seconds). */
export function TimeField({ label, name, ms, nearMs, offsetSecs, onChange }: Props) {
  const shown = ms === null ? "" : clock(ms, offsetSecs);
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState(false);
  const id = useId();
  // Before it is painted: nobody reads the time before.
  useLayoutEffect(() => (setText(shown), setWrong(false)), [shown]);
  const take = () => {
    if (text.trim() === "" || text === shown) return setWrong(false), setText(shown);
    const parsed = parseClock(text, ms ?? nearMs, offsetSecs);
    setWrong(parsed === null);
    if (parsed !== null) onChange(parsed);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") return event.preventDefault(), take();
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onChange((ms ?? nearMs) + (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 10_000 : 1000));
  };
  return (
    <label class="inline">
      {label}
      <input class="time" name={name} inputMode="numeric" autocomplete="off" value={text} aria-invalid={wrong} aria-describedby={wrong ? id : undefined} onInput={(event) => setText(event.currentTarget.value)} onBlur={take} onKeyDown={onKey} />
      {wrong && <span class="field-error" id={id} role="alert">{t("player-go-wrong", { example: clock(nearMs, offsetSecs) })}</span>}
    </label>
  );
}
