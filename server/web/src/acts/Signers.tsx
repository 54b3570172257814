import { useState } from "preact/hooks";
import type { Form, Person, ToSign } from "../acts-wire.ts";
import { t } from "../l10n.ts";

interface Props {
  form: Form;
  people: readonly Person[];
  value: readonly ToSign[];
  onChange: (signers: ToSign[]) => void;
}

/** Who is to sign, each with the post that is to stand in the act. */
export function Signers({ form, people, value, onChange }: Props) {
  const [chosen, setChosen] = useState("");
  const named = new Set(value.map(({ login }) => login));
  const free = people.filter(({ login, role }) => form.access.sign.includes(role) && !named.has(login));
  const nameOf = (login: string) => people.find((person) => person.login === login)?.name ?? login;
  const add = () => {
    const person = free.find(({ login }) => login === chosen);
    if (!person) return;
    onChange([...value, { login: person.login, post: person.post }]);
    setChosen("");
  };
  return (
    <section class="card fields" id="field-signatories" tabIndex={-1} aria-labelledby="signers-title">
      <h2 id="signers-title">{t("signers-title")}</h2>
      <p class="hint">{t("signers-hint", { least: form.signatures.min, most: form.signatures.at_most })}</p>
      {value.length > 0 && (
        <ol class="signers">
          {value.map(({ login, post }) => (
            <li key={login} data-signer={login}>
              <span class="signer-name">{nameOf(login)}</span>
              <label class="stacked">
                <span>{t("signer-post")}</span>
                <input value={post} maxLength={200} autocomplete="off" onInput={(event) => onChange(value.map((signer) => (signer.login === login ? { login, post: event.currentTarget.value } : signer)))} />
              </label>
              <button type="button" class="small" aria-label={t("signer-remove", { name: nameOf(login) })} onClick={() => onChange(value.filter((signer) => signer.login !== login))}>×</button>
            </li>
          ))}
        </ol>
      )}
      {value.length < form.signatures.at_most && (
        <div class="controls">
          <label class="inline">
            {t("signer-who")}
            <select name="signer" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
              <option value="">{free.length === 0 ? t("signer-nobody") : t("signer-choose")}</option>
              {free.map((person) => <option key={person.login} value={person.login}>{person.post ? `${person.name} (${person.post})` : person.name}</option>)}
            </select>
          </label>
          <button type="button" data-test="add-signer" disabled={chosen === ""} onClick={add}>{t("signer-add")}</button>
        </div>
      )}
    </section>
  );
}
