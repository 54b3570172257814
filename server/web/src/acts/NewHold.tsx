import { useState } from "preact/hooks";
import { api } from "../api.ts";
import { t } from "../l10n.ts";
import { clock, moment } from "../time.ts";
import { Dialog } from "../views/Dialog.tsx";
import { useAction } from "../views/hooks.ts";
import type { HoldView, Me, RecordingView } from "../wire.ts";
import { HoldChip } from "./HoldChip.tsx";
import type { Range } from "./marks.ts";

const MOST_CHARS = 500;

/** Puts a marked range under hold, for an appeal or another reason, and makes the hold effective at once. */
export function NewHoldDialog({ recording, range, me, onClose }: { recording: RecordingView; range: Range; me: Me; onClose: () => void }) {
  const [reason, setReason] = useState<"appeal" | "other">("appeal");
  const [note, setNote] = useState("");
  const [hold, setHold] = useState<HoldView | null>(null);
  const { busy, trouble, run } = useAction((error) => (error.status === 410 ? t("hold-nothing-left") : null));
  const offsetSecs = recording.exam.utc_offset_secs;
  const put = () =>
    void run(async () => setHold(await api.hold({ recording: recording.id, from_ms: range.fromMs, to_ms: range.toMs, tracks: null, reason, note: note.trim() })));
  const range_text = `${moment(range.fromMs, offsetSecs, true)} – ${clock(range.toMs, offsetSecs)}`;
  if (hold) {
    return (
      <Dialog title={t("hold-put-done")} onClose={onClose}>
        <p>{recording.who}, {range_text}</p>
        <HoldChip hold={hold} me={me} auto onSealed={setHold} />
        <p class="hint">{t("hold-state-hint")}</p>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("hold-put")} busy={busy} trouble={trouble} action={t("hold-put")} onSubmit={put} onClose={onClose} disabled={note.trim() === ""}>
      <p>{recording.who}, {range_text}</p>
      <p class="hint">{t("hold-covers")}</p>
      <fieldset>
        <legend>{t("hold-reason")}</legend>
        {(["appeal", "other"] as const).map((name) => (
          <label key={name} class="choice"><input type="radio" name="reason" value={name} checked={reason === name} onChange={() => setReason(name)} /> {t(`hold-reason-${name}`)}</label>
        ))}
      </fieldset>
      <NoteField label={t("hold-note")} value={note} onInput={setNote} />
    </Dialog>
  );
}

/** A reason in words, 1 to 500 characters. */
export function NoteField({ label, value, onInput }: { label: string; value: string; onInput: (text: string) => void }) {
  return (
    <label class="stacked">
      <span>{label}</span>
      <textarea name="note" rows={3} required maxLength={MOST_CHARS} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}
