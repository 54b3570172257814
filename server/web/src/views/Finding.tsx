import { t, tOr } from "../l10n.ts";
import { exactLength, moment, offsetOf } from "../time.ts";
import type { RecordingView } from "../wire.ts";
import { Chip, thresholdText } from "./parts.tsx";

/** Offset in which a finding's deadline is written, by the server, with the university's zone data. */
export function deadlineOffset(recording: RecordingView): number {
  return offsetOf(recording.finding.deadline ?? "") ?? recording.exam.utc_offset_secs;
}

function sentence({ finding }: RecordingView): string {
  return tOr(`finding-${finding.kind}`, "finding-other", { threshold: thresholdText(finding.threshold_ms) });
}

function deadlineText(recording: RecordingView): string | null {
  const { deadline_ms } = recording.finding;
  return deadline_ms === null ? null : t("finding-retake-deadline", { deadline: moment(deadline_ms, deadlineOffset(recording)) });
}

/** One line for lists; nothing when there is nothing to decide. */
export function FindingChip({ recording }: { recording: RecordingView }) {
  if (recording.finding.kind === "none") return null;
  return (
    <p class="finding-line">
      <Chip tone={recording.finding.kind === "retake" ? "bad" : "warn"}>{sentence(recording)}</Chip> {deadlineText(recording)}
    </p>
  );
}

/** The rule's answer in full, with its figures and its source. */
export function Finding({ recording }: { recording: RecordingView }) {
  const { finding } = recording;
  const deadline = deadlineText(recording);
  const tone = finding.kind === "none" ? "plain" : finding.kind === "retake" ? "bad" : "warn";
  return (
    <section class={`message ${tone} finding`} data-finding={finding.kind} aria-labelledby="finding-title">
      <h2 id="finding-title">{t("finding-title")}</h2>
      <p><strong>{sentence(recording)}</strong> {deadline && <strong class="deadline">{deadline}</strong>}</p>
      {finding.longest_upper_ms > 0 && (
        <p>
          {t("finding-longest", { lower: exactLength(finding.longest_lower_ms), upper: exactLength(finding.longest_upper_ms) })}{" "}
          {t("finding-total", { total: exactLength(finding.total_upper_ms) })}
        </p>
      )}
      {finding.provisional && <p>{t("finding-provisional")}</p>}
      {finding.source !== "" && <p class="hint">{t("finding-source", { source: finding.source })}</p>}
    </section>
  );
}
