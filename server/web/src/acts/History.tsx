import type { ActView } from "../acts-wire.ts";
import { t, tOr } from "../l10n.ts";
import { moment } from "../time.ts";

/** Who did what, when: from the draft to the confirmed cancellation. */
export function History({ act }: { act: ActView }) {
  const { summary } = act;
  const offsetSecs = summary.exam.utc_offset_secs;
  const entries = [
    { at: summary.created_ms, what: t("event-drafted"), who: act.drawn_up_by, more: "" },
    ...act.signatories.flatMap(({ name, post, signed_ms }) => (signed_ms === null ? [] : [{ at: signed_ms, what: t("event-signature"), who: name, more: post }])),
    ...(summary.signed_ms === null ? [] : [{ at: summary.signed_ms, what: t("event-signed", { number: summary.number_text ?? "" }), who: "", more: "" }]),
    ...act.events.map(({ event, at_ms, by, detail }) => ({ at: at_ms, what: tOr(`event-${event}`, "event-other"), who: by ?? "", more: detailText(detail, offsetSecs) })),
  ].sort((a, b) => a.at - b.at);
  return (
    <section class="card fields" aria-labelledby="history-title">
      <h2 id="history-title">{t("history-title")}</h2>
      <ol class="history">
        {entries.map(({ at, what, who, more }, index) => (
          <li key={index}><time>{moment(at, offsetSecs, true)}</time> <span><strong>{what}</strong>{who && `: ${who}`}{more && <span class="hint"> ({more})</span>}</span></li>
        ))}
      </ol>
    </section>
  );
}

/** What of an event's detail says something to people; digests and ids are in the signed log. */
function detailText(detail: Record<string, string>, offsetSecs: number): string {
  const when = Number(detail["cancelled_ms"]);
  const named = ["receiver", "to_name", "to_post", "routing", "note", "language"].map((name) => detail[name] ?? "");
  return [...(when > 0 ? [moment(when, offsetSecs)] : []), ...named].filter((text) => text !== "").join(", ");
}
