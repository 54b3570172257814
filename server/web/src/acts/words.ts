/** Names for people of what acts are made of. */
import type { ActState, ActSummary, Annulment, Field, Form } from "../acts-wire.ts";
import type { ApiError } from "../api.ts";
import { known, say, t } from "../l10n.ts";
import { day, moment, offsetOf } from "../time.ts";
import { rows } from "./persons.ts";

/** What the server refuses by a stable name; `null` for anything else. */
export function refusalText(error: ApiError): string | null {
  const { error: name, message } = error.body;
  if (name === undefined) return null;
  if (!known(`refusal-${name}`)) return error.status === 422 || error.status === 409 ? (message ?? null) : null;
  const { until_ms, until, rule } = error.body;
  const date = typeof until_ms === "number" ? moment(until_ms, offsetOf(String(until)) ?? 0) : "";
  return t(`refusal-${name}`, { date, rule: String(rule ?? ""), message: message ?? "" });
}

export const stateTone = (state: ActState) =>
  ({ draft: "plain", "for-signature": "warn", signed: "good", "passed-on": "good", "grade-cancelled": "good", discarded: "bad" }) [state] as "plain" | "warn" | "good" | "bad";

export const kindName = (forms: readonly Form[], kind: string): string => {
  const form = forms.find((entry) => entry.kind === kind);
  return form ? say(form.title) : kind;
};

export function pointText(forms: readonly Form[], kind: string, id: string): string {
  const point = forms.find((form) => form.kind === kind)?.points.find((entry) => entry.id === id);
  return point ? `${point.source} ${say(point.text)}` : id;
}

/** The text that says how an act stands in the registrar's list; none where its grade is cancelled by it. */
export function standing({ revoked_by, corrected_by, cancelled }: Annulment): { key: string | null; number: string } {
  if (revoked_by !== null) return { key: "registrar-revoked", number: revoked_by };
  if (corrected_by !== null) return { key: "registrar-corrected", number: corrected_by };
  return { key: cancelled === null ? "registrar-not-cancelled" : null, number: "" };
}

/** What stands where the number will stand. */
export const numberText = ({ state, number_text }: ActSummary): string =>
  number_text ?? t(state === "for-signature" ? "act-number-later" : "act-no-number");

export const actName = (act: ActSummary, forms: readonly Form[]): string => `${kindName(forms, act.kind)}${act.number_text ? ` ${act.number_text}` : ""}`;

/** Offset in which the university reads its clock at the last moment for cancelling. */
export const cancelOffset = (act: ActSummary): number => offsetOf(act.cancel_until ?? "") ?? act.exam.utc_offset_secs;

/** A field's value as a person reads it. */
export function valueText(field: Field, value: string): string {
  switch (field.kind) {
    case "choice":
      return say(field.choices.find(({ id }) => id === value)?.label ?? { kk: value, ru: value, en: value });
    case "yes-no":
      return value === "yes" || value === "no" ? t(`answer-${value}`) : value;
    case "date": {
      const ms = Date.parse(`${value}T00:00:00Z`);
      return Number.isNaN(ms) ? value : day(ms, 0);
    }
    case "persons":
      return rows(value).filter(({ name }) => name.trim() !== "").map(({ name, post }) => (post.trim() ? `${name.trim()} — ${post.trim()}` : name.trim())).join("\n");
    default:
      return value;
  }
}

/** The first figures of a digest, enough to compare by eye. */
export const shortDigest = (digest: string): string => (digest.slice(0, 16).match(/.{4}/g) ?? []).join(" ");

export const fieldId = (name: string): string => `field-${name}`;
