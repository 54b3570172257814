import { useEffect, useState } from "preact/hooks";
import type { ActSummary, ActView, Cited, Form, Language } from "../acts-wire.ts";
import { ApiError, api } from "../api.ts";
import { LANGUAGES, currentLanguage, say, t } from "../l10n.ts";
import { clock, moment } from "../time.ts";
import { Dialog } from "../views/Dialog.tsx";
import { troubleText, useAction } from "../views/hooks.ts";
import type { ExamView, Me, RecordingView } from "../wire.ts";
import { carry } from "./carried.ts";
import { contentOf } from "./content.ts";
import type { Range } from "./marks.ts";
import { refusalText } from "./words.ts";

interface Props {
  exam: ExamView;
  /** Where the range and the stills come from; null when an act is drawn up on the spot, without footage. */
  recording: RecordingView | null;
  range: Range | null;
  stills: number;
  me: Me;
  onClose: () => void;
}

const ROOM = "room";
const NOT_CHOSEN = "";

/** Opens a draft, with what was collected in the player; or adds that to a draft of the same exam. */
export function DrawUp({ exam, recording, range, stills, me, onClose }: Props) {
  const [forms, setForms] = useState<Form[] | null>(null);
  const [people, setPeople] = useState<RecordingView[]>([]);
  const [drafts, setDrafts] = useState<ActSummary[]>([]);
  const [kind, setKind] = useState("");
  const [whom, setWhom] = useState<string>(recording?.kind === "candidate" ? recording.id : NOT_CHOSEN);
  const [into, setInto] = useState("");
  const [language, setLanguage] = useState<Language>(currentLanguage());
  const [failed, setFailed] = useState<string | null>(null);
  const { busy, trouble, run } = useAction(refusalText);

  useEffect(() => {
    const load = async () => {
      const [known, recordings, acts] = await Promise.all([api.forms(), api.recordings(exam.id), recording ? api.acts("draft") : null]);
      const mine = known.filter(({ access }) => access.draft.includes(me.role) || (me.role === "admin" && access.draft.includes("reviewer")));
      setForms(mine);
      setKind(mine[0]?.kind ?? "");
      setPeople(recordings.filter((entry) => entry.kind === "candidate"));
      setDrafts(acts?.acts.filter((act) => act.exam.id === exam.id) ?? []);
    };
    load().catch((problem: unknown) => setFailed(troubleText(problem)));
  }, []);

  const form = forms?.find((entry) => entry.kind === kind);
  const evidence: Cited[] = recording && range ? [{ recording: recording.id, from_ms: range.fromMs, to_ms: range.toMs }] : [];
  const open = () =>
    void run(async () => {
      const subject = form?.about === "student" && whom !== ROOM ? whom : null;
      const act = into
        ? await addTo(into, evidence)
        : await api.draft({ kind, exam: exam.id, recording: subject, language, evidence, fields: {}, points: [], refers_to: null });
      if (recording) carry(recording.id, act.summary.id);
      location.hash = `#/act/${act.summary.id}`;
    });
  const offsetSecs = exam.utc_offset_secs;
  return (
    <Dialog title={t(recording ? "draw-up" : "draw-up-on-the-spot")} busy={busy} trouble={trouble ?? failed} action={t(into ? "draw-up-add" : "draw-up-open")} onSubmit={open} onClose={onClose} disabled={!into && (!form || (form.about === "student" && whom === NOT_CHOSEN))}>
      {!forms && !failed && <p class="hint" role="status">{t("loading")}</p>}
      {recording && (
        <p class="hint">
          {range ? t("draw-up-cites", { who: recording.who, from: moment(range.fromMs, offsetSecs, true), to: clock(range.toMs, offsetSecs) }) : t("draw-up-cites-nothing")}
          {stills > 0 && ` ${t("draw-up-stills", { count: stills })}`}
        </p>
      )}
      {forms?.length === 0 && <p class="message warn">{t("draw-up-no-form")}</p>}
      {drafts.length > 0 && (
        <label class="stacked">
          <span>{t("draw-up-into")}</span>
          <select name="into" value={into} onChange={(event) => setInto(event.currentTarget.value)}>
            <option value="">{t("draw-up-new")}</option>
            {drafts.map((act) => <option key={act.id} value={act.id}>{draftName(act, forms)}</option>)}
          </select>
        </label>
      )}
      {!into && forms && forms.length > 0 && (
        <>
          <fieldset>
            <legend>{t("draw-up-kind")}</legend>
            {forms.map((entry) => (
              <label key={entry.kind} class="choice">
                <input type="radio" name="kind" value={entry.kind} checked={entry.kind === kind} onChange={() => setKind(entry.kind)} />
                <span>{say(entry.title)} <small class="hint">{entry.source}</small></span>
              </label>
            ))}
          </fieldset>
          {form?.about === "student" && (
            <label class="stacked">
              <span>{t("draw-up-whom")}</span>
              <select name="whom" value={whom} onChange={(event) => setWhom(event.currentTarget.value)}>
                <option value={NOT_CHOSEN}>{t("draw-up-choose")}</option>
                {people.map(({ id, who }) => <option key={id} value={id}>{who}</option>)}
                <option value={ROOM}>{t("draw-up-nobody")}</option>
              </select>
            </label>
          )}
          <LanguageField value={language} onChange={setLanguage} />
        </>
      )}
      <p class="hint">{t(recording && range ? "draw-up-hold-hint" : "draw-up-later-hint")}</p>
    </Dialog>
  );
}

export function LanguageField({ value, onChange }: { value: Language; onChange: (language: Language) => void }) {
  return (
    <label class="stacked">
      <span>{t("act-language")}</span>
      <select name="act-language" value={value} onChange={(event) => onChange(event.currentTarget.value as Language)}>
        {LANGUAGES.map(({ code, name }) => <option key={code} value={code} lang={code}>{name}</option>)}
      </select>
    </label>
  );
}

function draftName(act: ActSummary, forms: Form[] | null): string {
  const form = forms?.find(({ kind }) => kind === act.kind);
  return `${act.subject ?? t("draw-up-nobody")}: ${form ? say(form.title) : act.kind}`;
}

/** Adds to an open draft; tries again when somebody changed it meanwhile. */
async function addTo(id: string, evidence: readonly Cited[]): Promise<ActView> {
  let act = await api.act(id);
  for (let tries = 0; evidence.length > 0; tries++) {
    const content = contentOf(act);
    try {
      return await api.saveDraft(id, { revision: act.revision, ...content, evidence: [...content.evidence, ...evidence] });
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.status === 409) || tries > 4) throw problem;
      act = await api.act(id);
    }
  }
  return act;
}
