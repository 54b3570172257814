import { useState } from "preact/hooks";
import { type ApiError, api } from "../api.ts";
import { t } from "../l10n.ts";
import { moment } from "../time.ts";
import type { Me, RecordingView } from "../wire.ts";
import { Dialog } from "./Dialog.tsx";
import { useAction } from "./hooks.ts";

/** Who may say that a room's papers are collected (server/src/staff/roles.rs). */
const ENDS_ROOMS = ["invigilator", "admin"];

/** A room's recording that has begun and that nobody has ended. */
export function goesOn({ kind, state, ended_ms }: RecordingView): boolean {
  return kind === "room" && (ended_ms ?? null) === null && (state === "recording" || state === "offline");
}

/** The end of a room's recording: that its computer asks for it, and the button for those who may answer. Recording never ends by the clock alone. */
export function RoomEnd({ recording, me }: { recording: RecordingView; me: Me }) {
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState(false);
  if (!goesOn(recording)) return null;
  const asked = recording.end_asked_ms ?? null;
  const may = ENDS_ROOMS.includes(me.role);
  if (asked === null && !may) return null;
  return (
    <div class={asked === null ? "room-end" : "room-end message warn"} data-test="room-end">
      {asked !== null && <p data-test="end-asked">{t("collected-asked", { time: moment(asked, recording.exam.utc_offset_secs) })}</p>}
      {said && <p role="status">{t("collected-waiting")}</p>}
      {may && !said && <button type="button" data-test="collected" onClick={() => setAsking(true)}>{t("collected-do")}<span class="sr">: {recording.who}</span></button>}
      {asking && <Confirm recording={recording} onClose={() => setAsking(false)} onDone={() => (setAsking(false), setSaid(true))} />}
    </div>
  );
}

function Confirm({ recording, onClose, onDone }: { recording: RecordingView; onClose: () => void; onDone: () => void }) {
  const { busy, trouble, run } = useAction(refusal);
  const end = () => void run(async () => (await api.collected(recording.id), onDone()));
  return (
    <Dialog title={t("collected-title", { room: recording.who })} busy={busy} trouble={trouble} action={t("collected-confirm")} danger onSubmit={end} onClose={onClose}>
      <p>{recording.exam.title}</p>
      <p>{t("collected-explain")}</p>
      <p class="hint">{t("collected-noted")}</p>
    </Dialog>
  );
}

function refusal({ body }: ApiError): string | null {
  if (body.error === "already-ended") return t("collected-already");
  return body.error === "not-begun" ? t("collected-not-begun") : null;
}
