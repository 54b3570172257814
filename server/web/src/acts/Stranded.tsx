import { useEffect, useState } from "preact/hooks";
import { t } from "../l10n.ts";
import type { Known } from "./Act.tsx";
import { keyName } from "./Clashes.tsx";
import { forget, unsavedOf, watchDrafts } from "./drafts.ts";
import { valueText } from "./words.ts";

/** What was typed into a draft that somebody else closed meanwhile, to be copied. */
export function Stranded({ act, form, me }: Known) {
  const [, render] = useState(0);
  useEffect(() => watchDrafts(() => render((count) => count + 1)), []);
  const draft = unsavedOf(me.login).find(({ id }) => id === act.summary.id);
  useEffect(() => draft?.meet(act), [act, draft]);
  if (!draft) return null;
  const changed = draft.changedFields;
  const fields = form.sections.flatMap((section) => section.fields).filter(({ name }) => changed.includes(name));
  const text = fields.map((field) => `${keyName(form, `field:${field.name}`)}:\n${valueText(field, draft.content.fields[field.name] ?? "")}`).join("\n\n");
  return (
    <section class="message bad stranded" role="alert" data-test="stranded">
      <h2>{t("save-closed")}</h2>
      <p>{t("draft-stranded")}</p>
      {text !== "" && <textarea rows={8} readOnly aria-label={t("draft-stranded-text")} value={text} />}
      <button type="button" class="small" onClick={() => forget(draft.id)}>{t("draft-stranded-done")}</button>
    </section>
  );
}
