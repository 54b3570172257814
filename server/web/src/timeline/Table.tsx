import { t, tOr } from "../l10n.ts";
import { clock, exactLength, length, moment } from "../time.ts";
import type { MissingBar, Timeline } from "./model.ts";

interface Row {
  fromMs: number;
  toMs: number | null;
  what: string;
  details: string;
  length: string;
}

/** The timeline in words, for screen readers and for everybody who wants figures; each time is a button that seeks. */
export function TimelineTable({ model, offsetSecs, onSeek }: { model: Timeline; offsetSecs: number; onSeek: ((ms: number) => void) | null }) {
  const rows = rowsOf(model, offsetSecs);
  return (
    <details class="table">
      <summary>{t("table-title")}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("table-title")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("table-what")}</th>
              <th scope="col">{t("table-from")}</th>
              <th scope="col">{t("table-to")}</th>
              <th scope="col">{t("table-length")}</th>
              <th scope="col">{t("table-details")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                <th scope="row">{row.what}</th>
                <td>{onSeek ? <button type="button" class="link" onClick={() => onSeek(row.fromMs)}>{clock(row.fromMs, offsetSecs)}</button> : clock(row.fromMs, offsetSecs)}</td>
                <td>{row.toMs === null ? t("table-ongoing") : clock(row.toMs, offsetSecs)}</td>
                <td>{row.length}</td>
                <td>{row.details}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function rowsOf(model: Timeline, offsetSecs: number): Row[] {
  const start = model.marks.find(({ kind }) => kind === "start")?.atMs ?? model.range.fromMs;
  const end = model.marks.find(({ kind }) => kind === "end")?.atMs ?? model.range.toMs;
  const window: Row = {
    fromMs: start,
    toMs: end,
    what: t("table-window"),
    length: length(end - start),
    details: `${moment(start, offsetSecs)} – ${moment(end, offsetSecs)}`,
  };
  const footage = model.tracks.flatMap(({ track, sound, footage: bars }) =>
    bars.map(({ fromMs, toMs }): Row => ({ fromMs, toMs, what: `${t(sound ? "timeline-sound" : "timeline-footage")}: ${track}`, length: length(toMs - fromMs), details: "" })),
  );
  const damaged = model.tracks.flatMap(({ track, damaged: bars }) =>
    bars.map(({ fromMs, toMs, fault }): Row => ({
      fromMs,
      toMs,
      what: `${t("timeline-damaged")}: ${track}`,
      length: exactLength(toMs - fromMs),
      details: tOr(`fault-${fault}`, "fault-malformed"),
    })),
  );
  const lacking = ({ fromMs, toMs, cause }: MissingBar, track = ""): Row => ({
    fromMs,
    toMs,
    what: track === "" ? t("timeline-missing") : `${t("timeline-missing")}: ${track}`,
    length: length(toMs - fromMs),
    details: tOr(`cause-${cause}`, "cause-unknown"),
  });
  const missing = [...model.missing.map((bar) => lacking(bar)), ...model.tracks.flatMap(({ track, missing: bars }) => bars.map((bar) => lacking(bar, track)))];
  const outages = model.outages.map((outage): Row => {
    const upper = exactLength(outage.upperMs);
    const bounds = outage.lowerMs === null ? t("table-outage-upper", { upper }) : t("table-outage-bounds", { lower: exactLength(outage.lowerMs), upper });
    return {
      fromMs: outage.fromMs,
      toMs: outage.ongoing ? null : outage.toMs,
      what: t("table-outage", { cause: tOr(`cause-${outage.cause}`, "cause-unknown") }),
      length: length(outage.upperMs),
      details: `${bounds}; ${t("table-outage-counted", { counted: exactLength(outage.countedMs) })}`,
    };
  });
  const held = model.held.map(({ fromMs, toMs, state }): Row => ({ fromMs, toMs, what: t(`timeline-held-${state}`), length: length(toMs - fromMs), details: "" }));
  const rows = [...footage, ...damaged, ...missing, ...outages, ...held].sort((a, b) => a.fromMs - b.fromMs);
  return [window, ...rows];
}
