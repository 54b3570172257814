import type { ActView, Form } from "../acts-wire.ts";
import { say, t } from "../l10n.ts";
import { moment } from "../time.ts";
import type { Me } from "../wire.ts";
import { cancelOffset, valueText } from "./words.ts";

/** The act's content as it is signed: the order and wording of the form, nothing that can be changed. */
export function Sheet({ act, form, me }: { act: ActView; form: Form; me: Me }) {
  const { summary, language } = act;
  const points = form.points.filter(({ id }) => act.points.includes(id));
  const capacity = form.drawn_up_by.find(({ id }) => id === act.capacity);
  const limit = summary.cancel_until_ms === null ? null : form.limit;
  return (
    <article class="card sheet" aria-labelledby="sheet-title" data-test="sheet">
      <p class="sheet-organisation">{me.organisation}</p>
      <h2 id="sheet-title">{say(form.title)} {summary.number_text && `№ ${summary.number_text}`}</h2>
      {form.subtitle && <p class="sheet-subtitle">{say(form.subtitle)}</p>}
      <p>{say(form.preamble)}</p>
      {form.sections.map((section, index) => {
        const filled = section.fields.filter(({ name }) => (act.fields[name] ?? "").trim() !== "");
        return filled.length === 0 ? null : (
          <section key={index}>
            <h3>{say(section.title)}</h3>
            <dl class="sheet-fields">
              {filled.map((field) => (
                <div key={field.name}>
                  <dt>{say(field.label)}</dt>
                  <dd lang={["line", "text", "persons"].includes(field.kind) ? language : undefined}>{valueText(field, act.fields[field.name] ?? "")}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
      {points.length > 0 && (
        <section>
          <h3>{t("points-title")}</h3>
          <ul class="dots">{points.map(({ id, source, text }) => <li key={id}><span class="source">{source}</span> {say(text)}</li>)}</ul>
        </section>
      )}
      <section>
        <h3>{t("sheet-decision")}</h3>
        <p>{say(form.decision)}</p>
        {limit && <p>{say(limit).replace("{date}", moment(summary.cancel_until_ms ?? 0, cancelOffset(summary)))}</p>}
        {form.appeal && <p>{say(form.appeal)}</p>}
      </section>
      <section>
        <h3>{t("sheet-signatures")}</h3>
        <p class="hint">{t("act-drawn-up-by", { who: act.drawn_up_by, capacity: capacity ? say(capacity.label) : "" })}</p>
        <div class="scroll" tabIndex={0} role="region" aria-label={t("sheet-signatures")}>
          <table>
            <thead><tr><th scope="col">{t("person-name-short")}</th><th scope="col">{t("person-post-short")}</th><th scope="col">{t("sheet-signed")}</th></tr></thead>
            <tbody>
              {act.signatories.map(({ login, name, post, signed_ms }) => (
                <tr key={login} data-signatory={login}>
                  <th scope="row">{name}</th>
                  <td lang={language}>{post}</td>
                  <td>{signed_ms === null ? t("sheet-not-signed") : moment(signed_ms, summary.exam.utc_offset_secs, true)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </article>
  );
}
