import { useState } from "preact/hooks";
import { HoldChip } from "../acts/HoldChip.tsx";
import { NoteField } from "../acts/NewHold.tsx";
import { refusalText } from "../acts/words.ts";
import { api } from "../api.ts";
import { known, t, tOr } from "../l10n.ts";
import { clock, moment } from "../time.ts";
import type { HoldView, Me } from "../wire.ts";
import { Dialog } from "./Dialog.tsx";
import { Unlock } from "./Unlock.tsx";
import { useAction, usePoll, useTitle, useVault } from "./hooks.ts";
import { Chip, Facts, Loading, megabytes } from "./parts.tsx";

const POLL_MS = 5000;
const STATES = ["all", "pending", "effective", "released"] as const;

/** Footage that is kept beyond its month, and why. */
export function Holds({ me, onSignedOut }: { me: Me; onSignedOut: () => void }) {
  const key = useVault();
  const [changed, setChanged] = useState(0);
  const { value, error } = usePoll((from) => from.holds(), POLL_MS, [changed]);
  const [state, setState] = useState<(typeof STATES)[number]>("all");
  useTitle(t("holds-title"));
  const again = () => setChanged((count) => count + 1);
  const seals = me.role === "reviewer" || me.role === "board" || me.role === "admin";
  const pending = value?.some((hold) => hold.state === "pending") ?? false;
  const holds = (value ?? []).filter((hold) => state === "all" || hold.state === state);
  return (
    <>
      <h1>{t("holds-title")}</h1>
      <p class="hint">{t("hold-state-hint")}</p>
      <Loading error={error} empty={!value} onSignedOut={onSignedOut} />
      {pending && seals && !key && <Unlock me={me} />}
      <div class="controls filters">
        <label class="inline">
          {t("acts-filter-state")}
          <select name="state" value={state} onChange={(event) => setState(event.currentTarget.value as (typeof STATES)[number])}>
            {STATES.map((name) => <option key={name} value={name}>{t(name === "all" ? "acts-filter-all" : `hold-state-${name}`)}</option>)}
          </select>
        </label>
      </div>
      {value && holds.length === 0 && <p class="hint">{t("holds-none")}</p>}
      <ul class="cards">{holds.map((hold) => <li key={hold.id} class="card"><HoldCard hold={hold} me={me} seals={seals} onChanged={again} /></li>)}</ul>
    </>
  );
}

function HoldCard({ hold, me, seals, onChanged }: { hold: HoldView; me: Me; seals: boolean; onChanged: () => void }) {
  const [releasing, setReleasing] = useState(false);
  const offsetSecs = hold.utc_offset_secs;
  return (
    <>
      <div class="card-head">
        <h2><a href={`#/recording/${hold.recording}`}>{hold.who || t("hold-recording")}</a></h2>
        {seals ? <HoldChip hold={hold} me={me} onSealed={onChanged} /> : <Chip tone={hold.state === "effective" ? "good" : hold.state === "pending" ? "warn" : "plain"}>{t(`hold-state-${hold.state}`)}</Chip>}
      </div>
      <Facts
        rows={[
          [t("hold-exam"), hold.exam],
          [t("hold-range"), `${moment(hold.from_ms, offsetSecs, true)} – ${clock(hold.to_ms, offsetSecs)}`],
          [t("hold-covered"), t("hold-segments", { count: hold.segments, mb: megabytes(hold.size_bytes) })],
          [t("hold-reason"), hold.act ? <a href={`#/act/${hold.act}`}>{t("hold-reason-act")}</a> : tOr(`hold-reason-${hold.reason}`, "hold-reason-other")],
          hold.note === "" ? null : [t("hold-note"), hold.note],
          [t("hold-opened"), byAt(hold.opened_by, moment(hold.opened_ms, offsetSecs))],
          [t("exam-expires"), moment(hold.expires_ms, offsetSecs)],
          hold.released_ms === null ? null : [t("hold-released"), `${byAt(hold.released_by, moment(hold.released_ms, offsetSecs))}${hold.release_note ? `: ${releaseText(hold.release_note)}` : ""}`],
        ]}
      />
      {hold.state !== "released" && seals && <p><button type="button" class="small" data-test="release" onClick={() => setReleasing(true)}>{t("hold-release")}</button></p>}
      {releasing && <ReleaseDialog hold={hold} onDone={() => (setReleasing(false), onChanged())} onClose={() => setReleasing(false)} />}
    </>
  );
}

/** Of an act that is not for whoever looks, there is no name. */
const byAt = (name: string | null, at: string): string => (name ? `${name}, ${at}` : at);

/** The server's own reasons have a name here; people's are shown as they wrote them. */
function releaseText(note: string): string {
  const id = `released-${note.replaceAll(" ", "-")}`;
  return known(id) ? t(id) : note;
}

function ReleaseDialog({ hold, onDone, onClose }: { hold: HoldView; onDone: () => void; onClose: () => void }) {
  const [note, setNote] = useState("");
  const { busy, trouble, run } = useAction((error) => (error.status === 409 ? t("hold-needed") : refusalText(error)));
  const release = () =>
    void run(async () => {
      await api.releaseHold(hold.id, note.trim());
      onDone();
    });
  return (
    <Dialog title={t("hold-release")} busy={busy} trouble={trouble} danger action={t("hold-release")} onSubmit={release} onClose={onClose} disabled={note.trim() === ""}>
      <p>{t("hold-release-what")}</p>
      <NoteField label={t("hold-release-note")} value={note} onInput={setNote} />
    </Dialog>
  );
}
