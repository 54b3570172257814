import { t } from "../l10n.ts";
import { moment, offsetOf } from "../time.ts";
import type { ExamView } from "../wire.ts";
import { usePoll, useTitle } from "./hooks.ts";
import { Chip, Facts, Loading, windowText } from "./parts.tsx";

const POLL_MS = 5000;

export function Exams({ onSignedOut }: { onSignedOut: () => void }) {
  const { value, error } = usePoll((from) => from.exams(), POLL_MS, []);
  useTitle(t("exams-title"));
  const order: Record<ExamView["state"], number> = { running: 0, coming: 1, over: 2, expired: 3 };
  const exams = [...(value ?? [])].sort((a, b) => order[a.state] - order[b.state] || b.starts_ms - a.starts_ms);
  return (
    <>
      <h1>{t("exams-title")}</h1>
      <Loading error={error} empty={!value} onSignedOut={onSignedOut} />
      {value?.length === 0 && <p class="hint">{t("exams-none")}</p>}
      <ul class="cards">
        {exams.map((exam) => (
          <li key={exam.id} class="card">
            <div class="card-head">
              <h2><a href={`#/exam/${exam.id}`}>{exam.title}</a></h2>
              <ExamState exam={exam} />
            </div>
            <ExamFacts exam={exam} />
            <p class="counts">
              {t("exam-recordings", { count: exam.recordings })}
              {exam.flagged > 0 && <Chip tone="warn">{t("exam-flagged", { count: exam.flagged })}</Chip>}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

export function ExamState({ exam }: { exam: ExamView }) {
  const tones = { running: "live", coming: "plain", over: "plain", expired: "bad" } as const;
  return <Chip tone={tones[exam.state] ?? "plain"}>{t(`exam-state-${exam.state}`)}</Chip>;
}

export function ExamFacts({ exam }: { exam: ExamView }) {
  const offset = offsetOf(exam.expires) ?? exam.utc_offset_secs;
  return (
    <Facts
      rows={[
        [t("exam-discipline"), exam.discipline],
        [t("exam-window"), windowText(exam.starts_ms, exam.ends_ms, exam.utc_offset_secs)],
        [t("exam-expires"), moment(exam.expires_ms, offset)],
        [t("exam-policy"), exam.policy],
      ]}
    />
  );
}
