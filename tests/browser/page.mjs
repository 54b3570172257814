// Steps that several checks share.
import { join } from "node:path";

/** Long enough for a slow machine with much else to do. */
const WAIT_MS = 60_000;

/** Runs named checks one after the other and remembers what failed. */
export class Checks {
  failed = [];
  count = 0;

  async run(name, check) {
    this.count++;
    const started = performance.now();
    try {
      await check();
      console.log(`ok ${this.count} - ${name} (${Math.round(performance.now() - started)} ms)`);
    } catch (error) {
      this.failed.push(name);
      console.log(`not ok ${this.count} - ${name}\n    ${String(error.stack ?? error).replaceAll("\n", "\n    ")}`);
    }
  }

  report() {
    console.log(`${this.count - this.failed.length} of ${this.count} checks passed`);
    process.exitCode = this.failed.length === 0 ? 0 : 1;
  }
}

/** What the server answers to the page's own session. */
export function api(page, path) {
  return page.evaluate((address) => fetch(address).then((answer) => answer.json()), path);
}

export function shot(page, settings, name, options = {}) {
  return page.screenshot({ path: join(settings.shots, `${name}.png`), ...options });
}

/** Waits until `probe`, run in the page, gives something true. */
export async function until(page, what, probe, argument, timeout = WAIT_MS) {
  try {
    return await page.waitForFunction(probe, argument, { timeout, polling: 100 });
  } catch {
    const text = await page.evaluate(() => document.querySelector("main")?.innerText.slice(0, 1500));
    throw new Error(`waited ${timeout} ms in vain until ${what}; the page says:\n${text}`);
  }
}

export const signIn = {
  async wrong(page, { url, login }) {
    await page.goto(`${url}/`);
    await page.fill("input[name=login]", login);
    await page.fill("input[name=password]", "certainly not the password");
    await page.click("button[type=submit]");
    await page.waitForSelector("#login-error", { timeout: WAIT_MS });
  },

  async right(page, { url, login, password }) {
    await page.goto(`${url}/`);
    await page.fill("input[name=login]", login);
    await page.fill("input[name=password]", password);
    await page.click("button[type=submit]");
    await page.waitForSelector(".cards .card", { timeout: WAIT_MS });
  },

  async walk(page, { recording: id }, recording) {
    await page.click(`a[href="#/exam/${recording.exam.id}"]`);
    await page.waitForSelector(`a[href="#/recording/${id}"]`, { timeout: WAIT_MS });
    await page.click(`a[href="#/recording/${id}"]`);
    await page.waitForSelector("input[name=passphrase]", { timeout: WAIT_MS });
  },
};

export async function unlock(page, passphrase) {
  await page.fill("input[name=passphrase]", passphrase);
  await page.press("input[name=passphrase]", "Enter");
  await page.waitForSelector("video", { timeout: WAIT_MS });
  await until(page, "the first frame is there", () => document.querySelector("video").readyState >= 2);
}

/** Opens the recording in a page of its own, signed in by the context's cookie, and unlocks. */
export async function openPlayer(context, settings, { prepare = async () => {}, language = "en" } = {}) {
  const page = await context.newPage();
  await page.addInitScript((code) => {
    localStorage.setItem("invigil.language", code);
    localStorage.removeItem("invigil.auto-jump");
  }, language);
  await prepare(page);
  await page.goto(`${settings.url}/#/recording/${settings.recording}`);
  await page.waitForSelector("input[name=passphrase]", { timeout: WAIT_MS });
  await unlock(page, settings.passphrase);
  return page;
}

/** The player's media time line starts 12 hours before the exam window (`server/web/src/player/controller.ts`). */
const LEAD_SECS = 12 * 3600;

/** Moves the playhead of a player that stands still to a moment and waits until its picture is on the screen. */
export async function seek(page, { recording }, ms) {
  const { starts_ms } = await api(page, `/api/recordings/${recording}`);
  const secs = (ms - starts_ms) / 1000;
  await page.evaluate((hash) => void (location.hash = hash), `#/recording/${recording}?t=${secs.toFixed(3)}`);
  await stands(page, secs + LEAD_SECS);
}

/** A time of the server on the player's time line, seconds. */
export const onLine = ({ starts_ms }, ms) => (ms - starts_ms) / 1000 + LEAD_SECS;

/** Closes a page whose requests are led through handlers: one of them that is still at work would fail, and end the whole run. */
export async function closeRouted(page) {
  await page.unrouteAll({ behavior: "wait" });
  await page.close();
}

/** Waits until the picture of that moment on the player's time line is on the screen. */
export function stands(page, secs) {
  return until(page, `the picture at ${secs} s is there`, (wanted) => {
    const video = document.querySelector("video");
    return video && video.readyState >= 2 && !video.seeking && Math.abs(video.currentTime - wanted) < 0.3;
  }, secs);
}
