// From a moment in the player to an act that stands, in real Chromium against a running server. See README.md for the environment variables.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { Checks, api, shot, signIn } from "./page.mjs";
import { conflict, drawUp, fill, marked, sendForSignature, stills } from "./drafting.mjs";
import { bundle, documents, passOn, sign, signInAs, unchanged } from "./signing.mjs";
import { actViews, roleViews } from "./actviews.mjs";

const needed = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see tests/browser/README.md`);
  return value;
};
/** `login:password`; the password may have colons of its own. */
const account = (text) => ({ login: text.slice(0, text.indexOf(":")), password: text.slice(text.indexOf(":") + 1) });
const optional = (name) => (process.env[name] ? account(process.env[name]) : null);

const [fromMs, toMs] = needed("INVIGIL_RANGE_MS").split(",").map(Number);
const settings = {
  url: needed("INVIGIL_URL").replace(/\/$/, ""),
  login: needed("INVIGIL_LOGIN"),
  password: needed("INVIGIL_PASSWORD"),
  passphrase: needed("INVIGIL_PASSPHRASE"),
  recording: needed("INVIGIL_RECORDING"),
  board: needed("INVIGIL_BOARD").split(",").map(account),
  fromMs,
  toMs,
  out: needed("INVIGIL_OUT"),
  kind: process.env.INVIGIL_KIND ?? "annulment",
  number: process.env.INVIGIL_NUMBER ?? null,
  cancel: process.env.INVIGIL_CANCEL === "yes",
  others: { registrar: optional("INVIGIL_REGISTRAR"), auditor: optional("INVIGIL_AUDITOR"), invigilator: optional("INVIGIL_INVIGILATOR") },
  shots: process.env.INVIGIL_SCREENSHOTS ?? "/tmp/invigil-acts-shots",
};

const BROWSER = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

async function main() {
  await mkdir(settings.shots, { recursive: true });
  await mkdir(settings.out, { recursive: true });
  const checks = new Checks();
  const browser = await chromium.launch(BROWSER);
  const violations = [];
  const context = async () => {
    const made = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    await made.addInitScript(() => {
      // An empty page before the first address has no storage.
      if (location.protocol === "https:" && localStorage.getItem("invigil.language") === null) localStorage.setItem("invigil.language", "en");
    });
    made.on("page", (page) => watch(page, violations));
    return made;
  };
  // What one step finds the next ones need: the first failure ends the path, and the rest is not tried.
  const step = async (name, work) => {
    if (checks.failed.length === 0) await checks.run(name, work);
  };
  let act = null;
  try {
    const reviewer = await context();
    const page = await reviewer.newPage();
    await step("sign in, find the recording, unlock", async () => {
      await signIn.right(page, settings);
      await signIn.walk(page, settings, await api(page, `/api/recordings/${settings.recording}`));
      await page.fill("input[name=passphrase]", settings.passphrase);
      await page.press("input[name=passphrase]", "Enter");
      await page.waitForSelector("video");
    });
    await step("mark in and out, by keys and on the timeline", () => marked(page, settings));
    await step("two stills", () => stills(page, settings));
    await shot(page, settings, "collected", { fullPage: true });
    await step("a draft is opened, its range is held, the stills are sealed into it", async () => {
      act = await drawUp(page, settings);
    });
    await step("the form's fields, a point, two signatories; all is saved by itself", () => fill(page, settings, act));
    await step("two people write at once, one of them offline: no word is lost", async () => {
      const second = await context();
      await signInAs(second, settings, settings);
      await conflict(page, second, settings, act);
      await second.close();
    });
    await step("screenshots and axe of the draft in three languages", () => actViews(reviewer, settings, act, "draft"));
    await step("the annex is made and attached, the act goes for signature", () => sendForSignature(page, act));
    for (const [index, person] of settings.board.entries()) {
      await step(`signature of ${person.login}`, async () => {
        const own = await context();
        await signInAs(own, settings, person);
        if (index === 0) await actViews(own, settings, act, "for-signature");
        await sign(own, settings, person, act);
        await own.close();
      });
    }
    await step("the act has its number and cannot be edited", () => unchanged(page, settings, act));
    await step("documents in three languages", () => documents(reviewer, settings, act));
    await step("an evidence bundle is made and saved, plain and sealed for a key", () => bundle(page, settings));
    await step(settings.cancel ? "the act is passed on and the cancelled grade confirmed" : "the act is passed on", async () => {
      const own = await context();
      await signInAs(own, settings, settings.board[0]);
      await passOn(own, settings, act);
      await own.close();
    });
    await step("screenshots and axe of the signed act, the lists and the player in three languages", () => actViews(reviewer, settings, act, "signed"));
    for (const [role, person] of Object.entries(settings.others)) {
      if (!person) continue;
      await step(`what ${role} sees`, async () => {
        const own = await context();
        await signInAs(own, settings, person, role);
        await roleViews(own, settings, role);
        await own.close();
      });
    }
    await step("no violation of the Content Security Policy and no page error", () => {
      if (violations.length > 0) throw new Error(violations.join("\n"));
    });
  } finally {
    if (checks.failed.length > 0) await Promise.all(browser.contexts().flatMap((open) => open.pages()).map((open, index) => shot(open, settings, `failed-${index}`, { fullPage: true }).catch(() => undefined)));
    await browser.close();
  }
  checks.report();
}

/** Collects what the browser says about the policy, and errors of the page. */
function watch(page, found) {
  page.on("console", (message) => {
    if (/content security policy|refused to/i.test(message.text())) found.push(message.text());
  });
  page.on("pageerror", (error) => found.push(`page error: ${error.stack ?? error}`));
}

await main();
