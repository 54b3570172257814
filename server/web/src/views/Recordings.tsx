import { useState } from "preact/hooks";
import { DrawUp } from "../acts/DrawUp.tsx";
import type { Polled } from "../api.ts";
import { t } from "../l10n.ts";
import { length, moment } from "../time.ts";
import type { Me, RecordingView } from "../wire.ts";
import { Conditions } from "./Conditions.tsx";
import { ExamFacts, ExamState } from "./Exams.tsx";
import { FindingChip } from "./Finding.tsx";
import { RoomEnd } from "./RoomEnd.tsx";
import { usePoll, useTitle } from "./hooks.ts";
import { Chip, Facts, Loading, megabytes } from "./parts.tsx";

const POLL_MS = 5000;
/** Who may open a draft; of which kinds, the forms say. */
const DRAFTS = ["invigilator", "reviewer", "board", "registrar", "admin"];

export function Recordings({ exam: id, me, onSignedOut }: { exam: string; me: Me; onSignedOut: () => void }) {
  const [drawing, setDrawing] = useState(false);
  // A teacher on duty is shown who is in the exam, not the footage (roles: server/src/staff/roles.rs).
  const facts = me.role !== "invigilator";
  const load = async (from: Polled) => {
    const [recordings, exams] = await Promise.all([from.recordings(id), from.exams()]);
    return { recordings, exam: exams.find((exam) => exam.id === id) ?? recordings[0]?.exam ?? null };
  };
  const { value, error } = usePoll(load, POLL_MS, [id]);
  useTitle(value?.exam?.title ?? t("recordings-title"));
  return (
    <>
      <nav><a href="#/">← {t("exams-title")}</a></nav>
      {value?.exam && (
        <>
          <div class="card-head">
            <h1>{value.exam.title}</h1>
            <ExamState exam={value.exam} />
          </div>
          <ExamFacts exam={value.exam} />
          {DRAFTS.includes(me.role) && <p><button type="button" class={facts ? "" : "primary"} data-test="on-the-spot" onClick={() => setDrawing(true)}>{t("draw-up-on-the-spot")}</button></p>}
          {drawing && <DrawUp exam={value.exam} recording={null} range={null} stills={0} me={me} onClose={() => setDrawing(false)} />}
        </>
      )}
      <h2>{t(facts ? "recordings-title" : "people-title")}</h2>
      <Loading error={error} empty={!value} onSignedOut={onSignedOut} />
      {value?.recordings.length === 0 && <p class="hint">{t("recordings-none")}</p>}
      <ul class="cards">
        {value?.recordings.map((recording) => (
          <li key={recording.id} class="card">
            <div class="card-head">
              <h3>{facts ? <a href={`#/recording/${recording.id}`}>{recording.who}</a> : recording.who}</h3>
              <RecordingState recording={recording} />
            </div>
            <RoomEnd recording={recording} me={me} />
            {facts && <Conditions recording={recording} />}
            {facts && <FindingChip recording={recording} />}
            {facts && <RecordingFacts recording={recording} />}
          </li>
        ))}
      </ul>
    </>
  );
}

export function RecordingState({ recording }: { recording: RecordingView }) {
  const tones = { waiting: "plain", recording: "live", offline: "warn", finished: "good", expired: "bad" } as const;
  return <Chip tone={tones[recording.state] ?? "plain"}>{t(`recording-state-${recording.state}`)}</Chip>;
}

export function RecordingFacts({ recording }: { recording: RecordingView }) {
  const offset = recording.exam.utc_offset_secs;
  const contact = recording.last_contact_ms;
  return (
    <Facts
      rows={[
        [t(`recording-kind-${recording.kind}`), recording.who],
        [t("recording-recorded"), length(recording.recorded_ms)],
        [t("recording-size"), t("size-mb", { mb: megabytes(recording.size_bytes) })],
        [t("recording-outages"), String(recording.outages.length)],
        (recording.ended_ms ?? null) === null ? null : [t("recording-ended"), moment(recording.ended_ms as number, offset, true)],
        [t("recording-last-contact"), contact === null ? t("never") : moment(contact, offset, true)],
      ]}
    />
  );
}
