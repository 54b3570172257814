import { t, tOr } from "../l10n.ts";
import { causeOf, isSoundName } from "../timeline/model.ts";
import { moment } from "../time.ts";
import type { RecordingView } from "../wire.ts";
import { Chip } from "./parts.tsx";

/** What somebody in the room should see to now: cameras and microphones that deliver nothing, dark pictures, full disks. Facts, in the device's order. */
export function Conditions({ recording }: { recording: RecordingView }) {
  if (recording.conditions.length === 0) return null;
  return (
    <ul class="conditions" aria-label={t("conditions-title")} data-test="conditions">
      {recording.conditions.map(({ condition, track, since_ms, reason }) => {
        const word = causeOf(condition, track !== null && isSoundName(track));
        return (
          <li key={`${condition} ${track}`} class="finding-line" data-condition={condition}>
            <Chip tone={condition === "camera-lost" ? "bad" : "warn"}>{track ?? t("conditions-computer")}: {tOr(`condition-${word}`, "condition-other")}</Chip>{" "}
            {t("conditions-since", { time: moment(since_ms, recording.exam.utc_offset_secs, true) })}
            <span class="hint" lang="en">{reason}</span>
          </li>
        );
      })}
    </ul>
  );
}
