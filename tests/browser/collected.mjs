// "The papers are collected" on the page, in real Chromium: who sees it, what it says, what it does. See README.md for the environment variables.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { axe } from "./look.mjs";
import { Checks, api, shot, signIn, until } from "./page.mjs";

const needed = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see tests/browser/README.md`);
  return value;
};
/** `login:password`; the password may have colons of its own. */
const account = (text) => ({ login: text.slice(0, text.indexOf(":")), password: text.slice(text.indexOf(":") + 1) });
const url = needed("INVIGIL_URL").replace(/\/$/, "");
const settings = {
  url,
  admin: { url, login: needed("INVIGIL_LOGIN"), password: needed("INVIGIL_PASSWORD") },
  invigilator: { url, ...account(needed("INVIGIL_INVIGILATOR")) },
  registrar: { url, ...account(needed("INVIGIL_REGISTRAR")) },
  recording: needed("INVIGIL_RECORDING"),
  shots: process.env.INVIGIL_SCREENSHOTS ?? "/tmp/invigil-collected-shots",
};
const LANGUAGES = ["kk", "ru", "en"];

async function main() {
  await mkdir(settings.shots, { recursive: true });
  const checks = new Checks();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const errors = [];
  const signedIn = async (who) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", viewport: { width: 1100, height: 800 } });
    const page = await context.newPage();
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => /content security policy|refused to/i.test(message.text()) && errors.push(message.text()));
    await signIn.right(page, who);
    return page;
  };
  try {
    const admin = await signedIn(settings.admin);
    const recording = await api(admin, `/api/recordings/${settings.recording}`);
    const exam = `#/exam/${recording.exam.id}`;
    const open = async (page, hash) => {
      await page.goto(`${url}/${hash}`);
      await page.waitForSelector(".card-head");
    };
    const invigilator = await signedIn(settings.invigilator);
    const registrar = await signedIn(settings.registrar);

    await checks.run("the list says that the end has passed, and only the room can be ended", async () => {
      await open(invigilator, exam);
      await invigilator.waitForSelector("[data-test=end-asked]");
      const buttons = await invigilator.locator("[data-test=collected]").allTextContents();
      if (buttons.length !== 1 || !buttons[0].includes(recording.who)) throw new Error(`buttons: ${buttons.join(" | ")}`);
    });
    await checks.run("the recording's page says so too", async () => {
      await open(admin, `#/recording/${settings.recording}`);
      await admin.waitForSelector("[data-test=end-asked]");
      await admin.waitForSelector("[data-test=collected]");
    });
    await checks.run("who may not end it is told, without a button", async () => {
      await open(registrar, exam);
      await registrar.waitForSelector("[data-test=end-asked]");
      if (await registrar.$("[data-test=collected]")) throw new Error("there is a button");
      const status = await registrar.evaluate((id) => fetch(`/api/recordings/${id}/collected`, { method: "POST", headers: { "x-invigil": "1" } }).then((answer) => answer.status), settings.recording);
      if (status !== 403) throw new Error(`the server answers ${status}`);
    });
    await checks.run("no serious accessibility violations in three languages, asked and asking", () => accessibility(invigilator, exam));
    await checks.run("saying no ends nothing", async () => {
      await invigilator.click("[data-test=collected]");
      await invigilator.waitForSelector("dialog[open]");
      await invigilator.keyboard.press("Escape");
      await invigilator.waitForSelector("dialog", { state: "detached" });
      const { ended_ms } = await api(admin, `/api/recordings/${settings.recording}`);
      if (ended_ms !== null) throw new Error(`ended at ${ended_ms}`);
    });
    await checks.run("the invigilator ends the recording", async () => {
      // The administrator has the same question open, and answers it later.
      await admin.click("[data-test=collected]");
      await invigilator.click("[data-test=collected]");
      await invigilator.click("[data-test=dialog-do]");
      await invigilator.waitForSelector("dialog", { state: "detached" });
      await until(invigilator, "nothing is left to be ended", () => !document.querySelector("[data-test=room-end]"));
      const { ended_ms, end_asked_ms } = await api(admin, `/api/recordings/${settings.recording}`);
      if (typeof ended_ms !== "number" || end_asked_ms !== null) throw new Error(`ended ${ended_ms}, asked ${end_asked_ms}`);
      await shot(invigilator, settings, "ended");
    });
    await checks.run("whoever says it later is told that it has ended", async () => {
      // The question goes away by itself as soon as the page hears that it is answered; who is faster reads it.
      await Promise.race([admin.waitForSelector("dialog", { state: "detached" }), answerLate(admin)]);
    });
    await checks.run("no page error", () => {
      if (errors.length > 0) throw new Error(errors.join("\n"));
    });
  } finally {
    await browser.close();
  }
  checks.report();
}

async function answerLate(page) {
  await page.click("[data-test=dialog-do]");
  const said = await page.textContent("dialog .message.bad");
  if (!/ended already/.test(said)) throw new Error(said);
}

async function accessibility(page, exam) {
  const found = [];
  for (const language of LANGUAGES) {
    await page.evaluate((code) => localStorage.setItem("invigil.language", code), language);
    await page.goto(`${url}/${exam}`);
    await page.reload();
    await page.waitForSelector("[data-test=collected]");
    found.push(...(await axe(page, `list ${language}`)));
    await shot(page, settings, `asked-${language}`);
    await page.click("[data-test=collected]");
    await page.waitForSelector("dialog[open]");
    found.push(...(await axe(page, `dialog ${language}`)));
    await shot(page, settings, `asking-${language}`);
    await page.click("[data-test=dialog-close]");
  }
  if (found.length > 0) throw new Error(found.join("\n"));
}

await main();
