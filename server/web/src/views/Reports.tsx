import { t, tOr } from "../l10n.ts";
import type { Footage } from "../player/footage.ts";
import { isPlayable } from "../player/plan.ts";
import { clock } from "../time.ts";

/** What verifying found: damaged stretches by name, and how much was checked from its beginning. */
export function Reports({ footage, offsetSecs, onSeek }: { footage: Footage; offsetSecs: number; onSeek: (ms: number) => void }) {
  const playable = [...footage.segments.values()].filter(isPlayable);
  const checked = playable.filter(({ id }) => footage.checks.get(id)?.whole).length;
  return (
    <>
      {footage.damages.length > 0 && (
        <section class="message bad" role="alert" data-test="damaged" aria-labelledby="damaged-title">
          <h2 id="damaged-title">{t("player-damaged")}</h2>
          <ul>
            {footage.damages.map((damage) => (
              <li key={`${damage.segment} ${damage.fromMs} ${damage.fault}`}>
                <button type="button" class="link" onClick={() => onSeek(damage.fromMs - 3000)}>
                  {t("player-damage", {
                    segment: damage.sequence,
                    track: damage.track,
                    from: clock(damage.fromMs, offsetSecs),
                    to: clock(damage.toMs, offsetSecs),
                    fault: tOr(`fault-${damage.fault}`, "fault-malformed"),
                  })}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {footage.refusedCertificates.length > 0 && (
        <details class="message warn">
          <summary>{t("player-certificates", { count: footage.refusedCertificates.length })}</summary>
          <ul>{footage.refusedCertificates.map((message, index) => <li key={index}>{message}</li>)}</ul>
        </details>
      )}
      {playable.length > 0 && <p class="hint" data-test="verified">{t("player-verified", { checked, total: playable.length })}</p>}
    </>
  );
}
