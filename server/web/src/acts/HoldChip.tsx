import { useEffect, useRef } from "preact/hooks";
import type { Progress } from "../evidence/index.ts";
import { t } from "../l10n.ts";
import { useVault } from "../views/hooks.ts";
import { Chip } from "../views/parts.tsx";
import type { HoldView, Me } from "../wire.ts";
import { seal, sealable, useSealing } from "./sealing.ts";

interface Props {
  hold: HoldView;
  me: Me;
  /** Seal without being asked when the key is open. */
  auto?: boolean;
  onSealed?: ((hold: HoldView) => void) | undefined;
}

/** A hold's state, and the way from pending to effective. */
export function HoldChip({ hold, me, auto = false, onSealed }: Props) {
  const key = useVault();
  const { progress, busy, trouble } = useSealing(hold.id);
  const tried = useRef("");
  const can = key !== null && sealable(hold);
  const start = () => void seal(hold, me).then((done) => done && onSealed?.(done));
  const mark = `${hold.unsealed} ${hold.growing}`;
  useEffect(() => {
    if (!auto || !can || busy || tried.current === mark) return;
    tried.current = mark;
    start();
  }, [auto, can, busy, mark]);
  return (
    <span class="hold-state" data-hold={hold.state}>
      <Chip tone={hold.state === "effective" ? "good" : hold.state === "pending" ? "warn" : "plain"}>{t(`hold-state-${hold.state}`)}</Chip>
      {hold.state === "pending" && hold.growing > 0 && <span class="hint">{t("hold-growing", { count: hold.growing })}</span>}
      {hold.over_retention && <span class="hint bad-text">{t("hold-over-retention")}</span>}
      {busy ? <ProgressLine progress={progress} /> : can && <button type="button" class="small" data-test="seal" onClick={start}>{t("hold-seal")}</button>}
      {hold.state === "pending" && key === null && <span class="hint">{t("hold-needs-key")}</span>}
      {trouble && <span class="field-error" role="alert">{trouble}</span>}
    </span>
  );
}

/** How far a long piece of work is, for eyes and ears. */
export function ProgressLine({ progress }: { progress: Progress | null }) {
  const label = t(progress ? `progress-${progress.stage}` : "working");
  const share = progress && progress.total > 0 ? progress.done / progress.total : null;
  return (
    <span class="progress-line">
      <span role="status">{label}</span>
      <progress aria-label={label} {...(share === null ? {} : { max: 1, value: share })} />
    </span>
  );
}
