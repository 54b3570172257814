// How the views of acts look and read: screenshots, axe, no raw text ids, nothing wider than a phone.
import { api, shot } from "./page.mjs";
import { axe } from "./look.mjs";

const LANGUAGES = ["kk", "ru", "en"];
const RAW = /\b(?:act|acts|hold|holds|draft|draw-up|collect|clash|save|step|sign|bundle|evidence|problem|place|event|refusal|progress|registrar|audit|nav|countdown)-[a-z]+(?:-[a-z]+)*\b/;

/** Looks at one address in one language. `wait` is what it has when it is there. */
async function look(context, settings, { name, hash, wait, language, scheme = "light", width = 1280 }) {
  const page = await context.newPage();
  await page.addInitScript((code) => {
    if (location.protocol === "https:") localStorage.setItem("invigil.language", code);
  }, language);
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${settings.url}/${hash}`);
  await page.waitForSelector(wait, { timeout: 30_000 });
  const where = `${name} ${language} ${scheme} ${width}`;
  const found = await axe(page, where);
  const { text, lang, wide } = await page.evaluate(() => ({ text: document.body.innerText, lang: document.documentElement.lang, wide: document.documentElement.scrollWidth - innerWidth }));
  if (lang !== language) found.push(`${where}: html lang is ${lang}`);
  const raw = RAW.exec(text.replace(/annex-\w+\.pdf|footage-\w+|hold-\w+ed/g, ""));
  if (raw && name !== "audit") found.push(`${where}: shows ${raw[0]}`);
  if (wide > 0) found.push(`${where}: ${wide} pixels wider than the window`);
  await shot(page, settings, `${name}-${language}-${scheme}${width < 1000 ? "-narrow" : ""}`, { fullPage: true });
  await page.close();
  return found;
}

async function all(context, settings, views) {
  const found = [];
  for (const language of LANGUAGES) for (const view of views) found.push(...(await look(context, settings, { ...view, language })));
  // The two others of each kind, once.
  const [first] = views;
  found.push(...(await look(context, settings, { ...first, language: "ru", scheme: "dark" })), ...(await look(context, settings, { ...first, language: "kk", width: 360 })));
  if (found.length > 0) throw new Error([...new Set(found)].join("\n"));
}

export async function actViews(context, settings, act, state) {
  const one = { name: `act-${state}`, hash: `#/act/${act}`, wait: state === "draft" ? "[data-test=save-state]" : "[data-test=sheet]" };
  if (state !== "signed") return all(context, settings, [one]);
  const page = context.pages()[0];
  const { exam } = await api(page, `/api/recordings/${settings.recording}`);
  await all(context, settings, [
    one,
    { name: "acts", hash: "#/acts", wait: ".filters" },
    { name: "holds", hash: "#/holds", wait: ".filters" },
    { name: "exam", hash: `#/exam/${exam.id}`, wait: "[data-test=on-the-spot]" },
    { name: "recording-held", hash: `#/recording/${settings.recording}`, wait: settings.cancel ? ".timeline" : "rect[data-kind=held-effective]" },
  ]);
}

/** What the other roles find when they sign in. */
export async function roleViews(context, settings, role) {
  const views = {
    registrar: [{ name: "registrar", hash: "#/registrar", wait: "[data-test=annulments]" }],
    auditor: [{ name: "audit", hash: "#/", wait: "[data-test=audit]" }],
    invigilator: [{ name: "invigilator", hash: "#/acts", wait: ".filters" }],
  };
  await all(context, settings, views[role]);
}
