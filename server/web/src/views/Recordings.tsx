import { api } from "../api.ts";
import { currentLanguage, t } from "../l10n.ts";
import { length, moment } from "../time.ts";
import type { RecordingView } from "../wire.ts";
import { ExamFacts, ExamState } from "./Exams.tsx";
import { FindingChip } from "./Finding.tsx";
import { usePoll, useTitle } from "./hooks.ts";
import { Chip, Facts, Loading } from "./parts.tsx";

const POLL_MS = 5000;

export function Recordings({ exam: id, onSignedOut }: { exam: string; onSignedOut: () => void }) {
  const load = async () => {
    const [recordings, exams] = await Promise.all([api.recordings(id), api.exams()]);
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
        </>
      )}
      <h2>{t("recordings-title")}</h2>
      <Loading error={error} empty={!value} onSignedOut={onSignedOut} />
      {value?.recordings.length === 0 && <p class="hint">{t("recordings-none")}</p>}
      <ul class="cards">
        {value?.recordings.map((recording) => (
          <li key={recording.id} class="card">
            <div class="card-head">
              <h3><a href={`#/recording/${recording.id}`}>{recording.who}</a></h3>
              <RecordingState recording={recording} />
            </div>
            <FindingChip recording={recording} />
            <RecordingFacts recording={recording} />
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
        [t("recording-last-contact"), contact === null ? t("never") : moment(contact, offset, true)],
      ]}
    />
  );
}

/** With one decimal; browsers do not all know that Kazakh writes a comma. */
function megabytes(bytes: number): string {
  const text = (bytes / 1e6).toFixed(1);
  return currentLanguage() === "en" ? text : text.replace(".", ",");
}
