import { useEffect, useState } from "preact/hooks";
import { kindName, pointText, standing } from "../acts/words.ts";
import type { Annulment, Form } from "../acts-wire.ts";
import { ApiError, annulmentsPath, api } from "../api.ts";
import { t } from "../l10n.ts";
import { clock, day, offsetName, offsetOf } from "../time.ts";
import { useTitle } from "./hooks.ts";
import { Chip, Loading } from "./parts.tsx";

const DAY_MS = 86_400_000;
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Annulments for the transcript (KazNU 1.20). */
export function Registrar({ onSignedOut }: { onSignedOut: () => void }) {
  const [to, setTo] = useState(() => isoDay(Date.now() + DAY_MS));
  const [from, setFrom] = useState(() => isoDay(Date.now() - 180 * DAY_MS));
  const [rows, setRows] = useState<Annulment[] | null>(null);
  const [forms, setForms] = useState<Form[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  useTitle(t("registrar-title"));
  const wrong = from === "" || to === "" || from > to;
  useEffect(() => {
    if (wrong) return;
    let stopped = false;
    setError(null);
    api.annulments(from, to).then(
      (list) => stopped || setRows(list),
      (problem: unknown) => stopped || setError(problem instanceof ApiError ? problem : new ApiError(0, "")),
    );
    return () => {
      stopped = true;
    };
  }, [from, to]);
  useEffect(() => void api.forms().then(setForms, () => undefined), []);
  return (
    <>
      <h1>{t("registrar-title")}</h1>
      <p class="hint">{t("registrar-lead")}</p>
      <div class="controls filters">
        <label class="inline">{t("registrar-from")} <input class="day" name="from" type="date" value={from} max={to} onInput={(event) => setFrom(event.currentTarget.value)} /></label>
        <label class="inline">{t("registrar-to")} <input class="day" name="to" type="date" value={to} min={from} onInput={(event) => setTo(event.currentTarget.value)} /></label>
        {!wrong && (
          <span class="group">
            <a class="button" data-test="csv" download href={annulmentsPath(from, to, "csv")}>{t("registrar-csv")}</a>
            <a class="button" data-test="json" download href={annulmentsPath(from, to, "json")}>{t("registrar-json")}</a>
          </span>
        )}
      </div>
      {wrong && <p class="field-error" role="alert">{t("registrar-wrong")}</p>}
      <Loading error={error} empty={!rows && !wrong} onSignedOut={onSignedOut} />
      {rows && <p class="hint" role="status">{t("registrar-count", { count: rows.length })}</p>}
      {rows && rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("registrar-title")}>
          <table data-test="annulments">
            <thead>
              <tr>{["number", "student", "exam", "points", "signed", "cancelled"].map((name) => <th key={name} scope="col">{t(`registrar-${name}`)}</th>)}</tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.act}>
                  <th scope="row"><a href={`#/act/${row.act}`}>{row.number}</a><br /><span class="hint">{kindName(forms, row.kind)}</span></th>
                  <td>{row.student}<br /><span class="hint">{row.student_id}</span></td>
                  <td>{row.discipline}<br /><span class="hint">{row.title}, {rfcText(row.exam_starts)}</span></td>
                  <td>{row.points.map((id) => <div key={id}>{pointText(forms, row.kind, id)}</div>)}</td>
                  <td>{rfcText(row.signed)}</td>
                  <td>
                    <Standing row={row} />
                    {row.confirmed_by !== null && <><br /><span class="hint">{row.confirmed_by}</span></>}
                    {row.repeated && <><br /><Chip tone="bad">{t("act-repeated-short")}</Chip></>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** What the transcript is to show: an act that was revoked or corrected cancels no grade any more; where that was done before, the day stays beside it. */
function Standing({ row }: { row: Annulment }) {
  const { key, number } = standing(row);
  return (
    <>
      {key !== null && <Chip tone={key === "registrar-revoked" ? "bad" : "warn"}>{t(key, { number })}</Chip>}
      {key !== null && row.cancelled !== null && <br />}
      {row.cancelled !== null && rfcText(row.cancelled)}
    </>
  );
}

/** An RFC 3339 time with its own offset, as people here write it. */
function rfcText(text: string): string {
  const ms = Date.parse(text.replace(/\[.*\]$/, ""));
  const offsetSecs = offsetOf(text) ?? 0;
  return Number.isNaN(ms) ? text : `${day(ms, offsetSecs)} ${clock(ms, offsetSecs, false)} ${offsetName(offsetSecs)}`;
}
