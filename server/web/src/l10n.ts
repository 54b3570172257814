import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import actsEn from "../l10n/acts/en.ftl";
import actsKk from "../l10n/acts/kk.ftl";
import actsRu from "../l10n/acts/ru.ftl";
import en from "../l10n/en.ftl";
import kk from "../l10n/kk.ftl";
import ru from "../l10n/ru.ftl";
import type { Texts } from "./acts-wire.ts";

export const LANGUAGES = [
  { code: "kk", name: "Қазақша" },
  { code: "ru", name: "Русский" },
  { code: "en", name: "English" },
] as const;
export type Language = (typeof LANGUAGES)[number]["code"];

const REMEMBERED = "invigil.language";
const texts: Record<Language, string> = { kk: `${kk}\n${actsKk}`, ru: `${ru}\n${actsRu}`, en: `${en}\n${actsEn}` };
const listeners = new Set<() => void>();
let language: Language = firstLanguage();
let bundle = load(language);

function firstLanguage(): Language {
  const wanted = [remembered(), ...(globalThis.navigator?.languages ?? [])];
  for (const tag of wanted) {
    const known = LANGUAGES.find(({ code }) => tag?.toLowerCase().startsWith(code));
    if (known) return known.code;
  }
  return "kk";
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

function load(code: Language): FluentBundle {
  const made = new FluentBundle(code, { useIsolating: false });
  made.addResource(new FluentResource(texts[code]));
  return made;
}

export const currentLanguage = (): Language => language;

export function setLanguage(code: Language): void {
  language = code;
  bundle = load(code);
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
  document.documentElement.lang = code;
  for (const listener of [...listeners]) listener();
}

export function watchLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The text `id` in the current language. A missing text shows its id, which a test keeps from happening. */
export function t(id: string, args: Record<string, FluentVariable> = {}): string {
  const pattern = bundle.getMessage(id)?.value;
  return pattern ? bundle.formatPattern(pattern, args) : id;
}

/** Whether there is a text of that id. */
export const known = (id: string): boolean => bundle.hasMessage(id);

/** Whether there is a text for a value that the server may extend. */
export function tOr(id: string, fallback: string, args: Record<string, FluentVariable> = {}): string {
  return bundle.hasMessage(id) ? t(id, args) : t(fallback, args);
}

/** A form's wording in the page's language. */
export const say = (wording: Texts): string => wording[language];
