// The review page in real Chromium against a running server. See README.md for the environment variables.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { announced, growing } from "./expect.mjs";
import { accessibility, languages, looks } from "./look.mjs";
import { Checks, api, shot, signIn, unlock } from "./page.mjs";
import { damage, follow, gaps, outageMark, playing, seeking, speed, wrongPassphrase } from "./playing.mjs";

const needed = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see tests/browser/README.md`);
  return value;
};
export const settings = {
  url: needed("INVIGIL_URL").replace(/\/$/, ""),
  login: needed("INVIGIL_LOGIN"),
  password: needed("INVIGIL_PASSWORD"),
  passphrase: needed("INVIGIL_PASSPHRASE"),
  recording: needed("INVIGIL_RECORDING"),
  expect: (process.env.INVIGIL_EXPECT ?? "").split(",").filter(Boolean),
  shots: process.env.INVIGIL_SCREENSHOTS ?? "/tmp/invigil-review-shots",
};

const BROWSER = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

async function main() {
  await mkdir(settings.shots, { recursive: true });
  const checks = new Checks();
  const browser = await chromium.launch(BROWSER);
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const violations = watch(page);

    await checks.run("a wrong password is refused in words", () => signIn.wrong(page, settings));
    await shot(page, settings, "login");
    await checks.run("login", () => signIn.right(page, settings));
    await shot(page, settings, "exams");
    const recording = await api(page, `/api/recordings/${settings.recording}`);
    await checks.run("the recording is as announced", async () => {
      const { segments } = await api(page, `/api/recordings/${settings.recording}/segments?after=0`);
      announced(recording, segments, settings.expect);
    });
    await checks.run("exams lead to recordings and to the recording", () => signIn.walk(page, settings, recording));
    await shot(page, settings, "locked");
    await checks.run("a wrong passphrase says so and opens nothing", () => wrongPassphrase(page));
    await checks.run("unlock", () => unlock(page, settings.passphrase));
    await checks.run("play: time advances and the picture is not black", () => playing(page));
    await shot(page, settings, "playing");
    await checks.run("seek by keyboard, by typed time and on the timeline", () => seeking(page, settings));
    await checks.run("8x speed", () => speed(page));
    await checks.run("the outage is marked on the timeline and in the table", () => outageMark(page, settings));
    await checks.run("gaps are jumped with a notice, or stopped at", () => gaps(page, settings));
    await shot(page, settings, "gap");
    if (growing(recording)) await checks.run("a growing recording is followed", () => follow(page, settings));
    await checks.run("locking forgets the key and shows nothing more", async () => {
      await page.click("[data-test=lock]");
      await page.waitForSelector("input[name=passphrase]");
      if (await page.$("video")) throw new Error("the player is still there");
    });
    await checks.run("a damaged byte is shown as damaged and playing goes on", () => damage(context, settings));
    await checks.run("no serious accessibility violations in three languages", () => accessibility(context, settings));
    await checks.run("looks: light and dark, 360 pixels wide, 200 % zoom", () => looks(browser, settings));
    await checks.run("every language is complete on the page", () => languages(context, settings));
    await checks.run("no violation of the Content Security Policy and no page error", () => {
      if (violations.length > 0) throw new Error(violations.join("\n"));
    });
  } finally {
    await browser.close();
  }
  checks.report();
}

/** Collects what the browser says about the policy, and errors of the page. */
function watch(page) {
  const found = [];
  page.on("console", (message) => {
    if (/content security policy|refused to/i.test(message.text())) found.push(message.text());
  });
  page.on("pageerror", (error) => found.push(`page error: ${error.stack ?? error}`));
  return found;
}

await main();
