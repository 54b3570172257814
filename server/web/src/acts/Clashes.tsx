import type { Field, Form } from "../acts-wire.ts";
import { currentLanguage, say, t, tOr } from "../l10n.ts";
import { at, both, joinable } from "./content.ts";
import type { Draft } from "./draft.ts";
import { valueText } from "./words.ts";

const fieldOf = (form: Form, key: string): Field | undefined => form.sections.flatMap(({ fields }) => fields).find(({ name }) => key === `field:${name}`);

/** What a key of a clash is called. */
export function keyName(form: Form, key: string): string {
  const field = fieldOf(form, key);
  if (field) return say(field.label);
  return key.startsWith("post:") ? t("clash-post", { login: key.slice(5) }) : tOr(`clash-${key}`, "clash-other");
}

/** Two people wrote on the same: both versions side by side, and a person decides. */
export function Clashes({ draft, form }: { draft: Draft; form: Form }) {
  if (draft.clashes.length === 0) return null;
  return (
    <section class="message bad clashes" role="alert" aria-labelledby="clash-title" data-test="conflict">
      <h2 id="clash-title">{t("clash-title")}</h2>
      <p>{t("clash-lead")}</p>
      {draft.clashes.map(({ key, theirs }) => {
        const field = fieldOf(form, key);
        const mine = at(draft.content, key);
        const shown = (value: string) => (value === "" ? t("clash-empty") : field ? valueText(field, value) : value);
        return (
          <div key={key} class="clash" data-clash={key}>
            <h3>{keyName(form, key)}</h3>
            <div class="clash-sides">
              <div>
                <h4>{t("clash-mine")}</h4>
                <p class="quote" lang={draft.content.language}>{shown(mine)}</p>
                <button type="button" class="small" data-test="keep-mine" onClick={() => draft.settle(key, mine)}>{t("clash-keep-mine")}</button>
              </div>
              <div>
                <h4>{t("clash-theirs")}</h4>
                <p class="quote" lang={draft.content.language}>{shown(theirs)}</p>
                <button type="button" class="small" data-test="take-theirs" onClick={() => draft.settle(key, theirs)}>{t("clash-take-theirs")}</button>
              </div>
            </div>
            {joinable(key, field?.kind) && <button type="button" class="small" data-test="keep-both" onClick={() => draft.settle(key, both(mine, theirs, field?.kind))}>{t("clash-keep-both")}</button>}
          </div>
        );
      })}
    </section>
  );
}

/** What was taken over from somebody else without asking, because nobody here had changed it. */
export function Taken({ draft, form }: { draft: Draft; form: Form }) {
  if (draft.taken.length === 0) return null;
  const names = draft.taken.map((key) => keyName(form, key));
  const list = new Intl.ListFormat(currentLanguage(), { type: "unit" }).format(names);
  return (
    <p class="message notice" role="status" data-test="taken">
      {t("draft-taken", { fields: list })}
      <button type="button" class="small" aria-label={t("close")} onClick={() => draft.seen()}>×</button>
    </p>
  );
}
