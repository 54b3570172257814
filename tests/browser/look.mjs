// Checks of what people see and hear: accessibility, languages, narrow and zoomed windows, light and dark.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { openPlayer, shot, signIn } from "./page.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LANGUAGES = ["kk", "ru", "en"];

/** Runs axe; through the debugger, since the page's policy lets no foreign script in. */
export async function axe(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} (${any[0]?.message ?? ""})`).join("; ")}`);
}

export async function accessibility(context, settings) {
  const found = [];
  for (const scheme of ["light", "dark"]) {
    for (const language of LANGUAGES) {
      const page = await openPlayer(context, settings, { language, prepare: (fresh) => fresh.emulateMedia({ colorScheme: scheme }) });
      await page.click("details.table > summary");
      found.push(...(await axe(page, `player ${language} ${scheme}`)));
      await page.click("details.table > summary");
      await shot(page, settings, `player-${language}-${scheme}`, { fullPage: true });
      await page.click("[data-test=lock]");
      await page.waitForSelector("input[name=passphrase]");
      found.push(...(await axe(page, `locked ${language} ${scheme}`)));
      await shot(page, settings, `locked-${language}-${scheme}`, { fullPage: true });
      await page.goto(`${settings.url}/#/`);
      await page.waitForSelector(".cards .card");
      found.push(...(await axe(page, `exams ${language} ${scheme}`)));
      await page.click(".cards a");
      await page.waitForSelector("h3 a");
      found.push(...(await axe(page, `recordings ${language} ${scheme}`)));
      await shot(page, settings, `recordings-${language}-${scheme}`, { fullPage: true });
      await page.close();
    }
  }
  if (found.length > 0) throw new Error([...new Set(found)].join("\n"));
}

/** No id of a text may show where the text should be. */
export async function languages(context, settings) {
  for (const language of LANGUAGES) {
    const page = await openPlayer(context, settings, { language });
    const { lang, text } = await page.evaluate(() => ({ lang: document.documentElement.lang, text: document.body.innerText }));
    if (lang !== language) throw new Error(`html lang is ${lang}, expected ${language}`);
    const raw = /\b(?:player|timeline|table|exam|recording|finding|cause|fault|unlock|login|error)-[a-z-]+\b/.exec(text);
    if (raw) throw new Error(`${language}: shows ${raw[0]}`);
    await page.close();
  }
}

/** 360 pixels wide, and 1280 pixels at 200 % (which is 640 CSS pixels at twice the density): nothing may stick out. */
export async function looks(browser, settings) {
  for (const [name, width, scale, language] of [["narrow", 360, 2, "kk"], ["zoomed", 640, 2, "ru"]]) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height: 760 }, deviceScaleFactor: scale, locale: language });
    const first = await context.newPage();
    await signIn.right(first, settings);
    await first.close();
    const page = await openPlayer(context, settings, { language });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await shot(page, settings, name, { fullPage: true });
    await page.goto(`${settings.url}/#/`);
    await page.waitForSelector(".cards .card");
    await shot(page, settings, `${name}-exams`, { fullPage: true });
    const wideList = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await context.close();
    if (wide > 0 || wideList > 0) throw new Error(`${name}: the page is ${Math.max(wide, wideList)} pixels wider than the window`);
  }
}
