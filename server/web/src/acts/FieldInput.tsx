import type { Field } from "../acts-wire.ts";
import { say, t } from "../l10n.ts";
import { persons, rows, type Row } from "./persons.ts";
import { fieldId } from "./words.ts";

interface Props {
  field: Field;
  value: string;
  /** Language of the free text, for spelling and for screen readers. */
  language: string;
  /** What is wrong with it, by the server's stable name. */
  problem: string | null;
  onInput: (value: string) => void;
}

const chars = (text: string): number => [...text].length;

/** One field of a form, by its kind. */
export function FieldInput(props: Props) {
  const { field, problem } = props;
  const id = fieldId(field.name);
  const label = <>{say(field.label)}{field.required && <abbr class="required" title={t("field-required")}>*</abbr>}</>;
  const below = (
    <>
      {hinted(field) && field.hint && <small class="hint" id={`${id}-hint`}>{say(field.hint)}</small>}
      {problem && problem !== "missing" && <small class="field-error" id={`${id}-problem`}>{t(`problem-${problem}`)}</small>}
    </>
  );
  const described = [hinted(field) && field.hint && `${id}-hint`, problem && problem !== "missing" && `${id}-problem`, counted(props) && `${id}-count`].filter(Boolean).join(" ") || undefined;
  if (field.kind === "choice" || field.kind === "yes-no") {
    return (
      <fieldset id={id} class="field wide" tabIndex={-1} aria-describedby={described}>
        <legend>{label}</legend>
        {choicesOf(field).map(({ value, text }) => (
          <label key={value} class="choice">
            <input type="radio" name={field.name} value={value} checked={props.value === value} onChange={() => props.onInput(value)} /> {text}
          </label>
        ))}
        {below}
      </fieldset>
    );
  }
  if (field.kind === "persons") {
    return (
      <fieldset id={id} class="field wide" tabIndex={-1} aria-describedby={described}>
        <legend>{label}</legend>
        <Persons {...props} />
        {below}
      </fieldset>
    );
  }
  const common = {
    id,
    name: field.name,
    value: props.value,
    "aria-describedby": described,
    "aria-invalid": problem !== null && problem !== "missing",
    "aria-required": field.required,
  };
  return (
    <div class={field.kind === "text" || field.max_chars > 400 ? "field wide" : "field"}>
      <label for={id}>{label}</label>
      {field.kind === "text" ? (
        <textarea {...common} lang={props.language} rows={field.max_chars > 3000 ? 7 : 4} onInput={(event) => props.onInput(event.currentTarget.value)} />
      ) : field.kind === "date" ? (
        <input {...common} type="date" onInput={(event) => props.onInput(event.currentTarget.value)} />
      ) : (
        <input {...common} lang={props.language} autocomplete="off" onInput={(event) => props.onInput(event.currentTarget.value)} />
      )}
      <Counter {...props} />
      {below}
    </div>
  );
}

/** The hint of a `persons` field tells how its text is written; here name and post have fields of their own. */
const hinted = ({ kind }: Field): boolean => kind !== "persons";

const choicesOf = (field: Field) =>
  field.kind === "yes-no" ? ["yes", "no"].map((value) => ({ value, text: t(`answer-${value}`) })) : field.choices.map(({ id, label }) => ({ value: id, text: say(label) }));

/** Long texts always say how much room is left, short ones when it becomes little. */
const counted = ({ field, value }: Props): boolean => (field.kind === "text" || (field.kind === "line" && chars(value) > field.max_chars * 0.8));

function Counter(props: Props) {
  const { field, value } = props;
  if (!counted(props)) return null;
  const used = chars(value);
  return <small class={used > field.max_chars ? "counter field-error" : "counter hint"} id={`${fieldId(field.name)}-count`}>{t("field-chars", { used, most: field.max_chars })}</small>;
}

function Persons({ field, value, language, onInput }: Props) {
  const list = rows(value);
  const set = (index: number, change: Partial<Row>) => onInput(persons(list.map((row, at) => (at === index ? { ...row, ...change } : row))));
  const remove = (index: number) => onInput(persons(list.filter((_, at) => at !== index)));
  return (
    <div class="persons">
      {list.map((row, index) => (
        <div key={index} class="person">
          <input aria-label={t("person-name", { number: index + 1 })} placeholder={t("person-name-short")} lang={language} autocomplete="off" value={row.name} onInput={(event) => set(index, { name: event.currentTarget.value })} />
          <input aria-label={t("person-post", { number: index + 1 })} placeholder={t("person-post-short")} lang={language} autocomplete="off" value={row.post} onInput={(event) => set(index, { post: event.currentTarget.value })} />
          <button type="button" class="small" disabled={list.length === 1 && value === ""} aria-label={t("person-remove", { number: index + 1 })} onClick={() => remove(index)}>×</button>
        </div>
      ))}
      <button type="button" class="small" data-test={`add-${field.name}`} onClick={() => onInput(`${value}\n`)}>{t("person-add")}</button>
    </div>
  );
}
