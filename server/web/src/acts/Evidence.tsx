import type { ActView, Cited } from "../acts-wire.ts";
import { t } from "../l10n.ts";
import { clock, length, moment } from "../time.ts";
import type { HoldView, Me } from "../wire.ts";
import { HoldChip } from "./HoldChip.tsx";

interface Props {
  act: ActView;
  evidence: readonly Cited[];
  me: Me;
  /** Null where nothing can be changed. */
  onChange: ((evidence: Cited[]) => void) | null;
  onSealed?: (hold: HoldView) => void;
}

/** Cited stretches of footage with their holds. */
export function Evidence({ act, evidence, me, onChange, onSealed }: Props) {
  const offsetSecs = act.summary.exam.utc_offset_secs;
  const examAddress = `#/exam/${act.summary.exam.id}`;
  const footage = me.role !== "invigilator";
  return (
    <section class="card fields" id="field-evidence" tabIndex={-1} aria-labelledby="evidence-title">
      <h2 id="evidence-title">{t("evidence-title")}</h2>
      {evidence.length === 0 && <p class="hint">{t("evidence-none")}</p>}
      <ul class="evidence">
        {evidence.map((cited) => {
          const hold = holdOf(act, cited);
          const range = `${moment(cited.from_ms, offsetSecs, true)} – ${clock(cited.to_ms, offsetSecs)}`;
          return (
            <li key={`${cited.recording} ${cited.from_ms} ${cited.to_ms}`}>
              <span>
                <strong>{hold?.who ?? act.summary.subject ?? t("recording-kind-room")}</strong>, {range} <span class="hint">({length(cited.to_ms - cited.from_ms)})</span>
              </span>
              {hold && <HoldChip hold={hold} me={me} auto onSealed={onSealed} />}
              <span class="group">
                {footage && <a href={`#/recording/${cited.recording}?t=${secondsFrom(act, cited)}`}>{t("evidence-watch")}</a>}
                {onChange && <button type="button" class="small" aria-label={t("evidence-remove", { range })} onClick={() => onChange(evidence.filter((other) => other !== cited))}>×</button>}
              </span>
            </li>
          );
        })}
      </ul>
      {onChange && footage && <p class="hint"><a href={act.recording ? `#/recording/${act.recording}` : examAddress}>{t("evidence-add")}</a> {t("evidence-add-hint")}</p>}
    </section>
  );
}

function holdOf(act: ActView, { recording, from_ms, to_ms }: Cited): HoldView | undefined {
  return act.holds.find((hold) => hold.recording === recording && hold.from_ms === from_ms && hold.to_ms === to_ms && hold.state !== "released");
}

/** The player's address counts from the exam window's start; for somebody with a window of their own it is near enough. */
const secondsFrom = (act: ActView, { from_ms }: Cited): number => Math.floor((from_ms - act.summary.exam.starts_ms) / 1000);
