import { useEffect, useState } from "preact/hooks";
import type { AuditEntry } from "../acts-wire.ts";
import { ApiError, api } from "../api.ts";
import { t } from "../l10n.ts";
import { moment } from "../time.ts";
import { useTitle } from "./hooks.ts";
import { Loading } from "./parts.tsx";

/** The log is read in the reader's own zone: it is of the server, not of one university's exam. */
const offsetSecs = (ms: number): number => -new Date(ms).getTimezoneOffset() * 60;

/** The server's audit log, oldest first, page by page. */
export function Audit({ onSignedOut }: { onSignedOut: () => void }) {
  const [entries, setEntries] = useState<AuditEntry[]>([]);
  const [after, setAfter] = useState(0);
  const [more, setMore] = useState(true);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<ApiError | null>(null);
  const [filter, setFilter] = useState("");
  useTitle(t("audit-title"));
  useEffect(() => {
    let stopped = false;
    setLoading(true);
    api
      .audit(after)
      .then(
        (list) => {
          if (stopped) return;
          setEntries((known) => [...known.filter(({ id }) => id <= after), ...list]);
          setMore(list.length > 0);
          setError(null);
        },
        (problem: unknown) => stopped || setError(problem instanceof ApiError ? problem : new ApiError(0, "")),
      )
      .finally(() => stopped || setLoading(false));
    return () => {
      stopped = true;
    };
  }, [after]);
  const detailText = ({ detail }: AuditEntry): string => (typeof detail === "string" ? detail : JSON.stringify(detail));
  const wanted = filter.trim().toLowerCase();
  const shown = entries.filter((entry) => wanted === "" || `${entry.who} ${entry.action} ${entry.object} ${detailText(entry)}`.toLowerCase().includes(wanted));
  return (
    <>
      <h1>{t("audit-title")}</h1>
      <p class="hint">{t("audit-lead")}</p>
      <div class="controls filters">
        <label class="inline">{t("audit-filter")} <input class="search" name="filter" type="search" autocomplete="off" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} /></label>
        <span class="hint" role="status">{t("audit-count", { count: shown.length })}</span>
      </div>
      <Loading error={error} empty={entries.length === 0 && loading} onSignedOut={onSignedOut} />
      {shown.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("audit-title")}>
          <table class="log" data-test="audit">
            <thead><tr>{["number", "when", "who", "action", "object", "detail"].map((name) => <th key={name} scope="col">{t(`audit-${name}`)}</th>)}</tr></thead>
            <tbody>
              {shown.map((entry) => (
                <tr key={entry.id}>
                  <td>{entry.id}</td>
                  <td>{moment(entry.at_ms, offsetSecs(entry.at_ms), true)}</td>
                  <td>{entry.who}</td>
                  <th scope="row">{entry.action}</th>
                  <td><code>{entry.object}</code></td>
                  <td><code>{detailText(entry) === "{}" ? "" : detailText(entry)}</code></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more && entries.length > 0 && <p><button type="button" data-test="more" disabled={loading} onClick={() => setAfter(entries.at(-1)?.id ?? 0)}>{t("audit-more")}</button></p>}
    </>
  );
}
