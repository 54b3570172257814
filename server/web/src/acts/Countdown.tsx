import type { ActSummary } from "../acts-wire.ts";
import { t } from "../l10n.ts";
import { moment } from "../time.ts";
import { Chip } from "../views/parts.tsx";
import { counts, left } from "./countdown.ts";
import { cancelOffset } from "./words.ts";

/** Time left in days and hours, for lists. */
export function CountdownChip({ act, nowMs }: { act: ActSummary; nowMs: number }) {
  if (act.cancel_until_ms === null || !counts(act)) return null;
  const { over, days, hours, minutes, tone } = left(act.cancel_until_ms, nowMs);
  return <Chip tone={over ? "bad" : tone}>{over ? t("countdown-over") : days + hours > 0 ? t("countdown-left", { days, hours }) : t("countdown-minutes", { minutes })}</Chip>;
}

/** The same with the last moment and the rule: it runs to the confirmed cancellation, not to the draft. */
export function Countdown({ act, nowMs }: { act: ActSummary; nowMs: number }) {
  if (act.cancel_until_ms === null || !counts(act)) return null;
  const { over, tone } = left(act.cancel_until_ms, nowMs);
  const until = moment(act.cancel_until_ms, cancelOffset(act));
  return (
    <p class={`message countdown ${over ? "bad" : tone}`} data-test="countdown">
      <CountdownChip act={act} nowMs={nowMs} />
      <span>{t(over ? "countdown-was" : "countdown-until", { until })} {act.cancel_rule !== null && <span class="hint">{t("finding-source", { source: act.cancel_rule })}</span>}</span>
    </p>
  );
}
