// Sound in the player, in real Chromium: heard, in step with the picture, silent where there is none. See README.md for the environment variables.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { claps, listen, median } from "./hearing.mjs";
import { axe } from "./look.mjs";
import { Checks, api, closeRouted, onLine, openPlayer, seek, shot, signIn, stands, until } from "./page.mjs";

const needed = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see tests/browser/README.md`);
  return value;
};
const settings = {
  url: needed("INVIGIL_URL").replace(/\/$/, ""),
  login: needed("INVIGIL_LOGIN"),
  password: needed("INVIGIL_PASSWORD"),
  passphrase: needed("INVIGIL_PASSPHRASE"),
  recording: needed("INVIGIL_RECORDING"),
  slow: needed("INVIGIL_SLOW"),
  shots: process.env.INVIGIL_SCREENSHOTS ?? "/tmp/invigil-sound-shots",
};
/** How far apart sound and picture may be, ms. */
const MOST_APART_MS = 100;
const HEARD = 0.008;

async function main() {
  await mkdir(settings.shots, { recursive: true });
  const checks = new Checks();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", viewport: { width: 1280, height: 900 } });
    const first = await context.newPage();
    await signIn.right(first, settings);
    const { segments } = await api(first, `/api/recordings/${settings.recording}/segments?after=0`);
    const facts = { sound: segments.filter(({ track }) => track === "mic0").sort((a, b) => a.from_ms - b.from_ms) };
    await first.close();

    const page = await openPlayer(context, settings);
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await listen(page);
    await checks.run("the sound has a row of its own, with its gap", () => row(page, facts));
    await checks.run("play: the tone is heard, in step with the picture", () => playing(page));
    await shot(page, settings, "sound");
    await checks.run("in step after a seek", () => seeking(page));
    await checks.run("in step after a pause", () => pausing(page));
    await checks.run("silent at 4x and 8x, heard and in step at 2x", () => speeds(page));
    await checks.run("muted and turned down by button, slider and keys", () => muting(page));
    await checks.run("where there is no sound it is silent and the picture goes on", () => gap(page, facts));
    await checks.run("a hold of a stretch keeps its sound too, sealed by the page", () => held(page, facts));
    await checks.run("no page error", () => {
      if (errors.length > 0) throw new Error(errors.join("\n"));
    });
    await checks.run("the choice is remembered in this tab", () => remembered(page));
    await page.close();
    await checks.run("damaged sound is named, and the picture goes on", () => damage(context, facts));
    await checks.run("a recording with sound only is heard", () => soundOnly(context));
    await checks.run("a browser without Opus says so once and shows the picture", () => unsupported(context));
    await checks.run("a microphone with a slow clock stays in step", () => slow(context));
    await checks.run("no serious accessibility violations in three languages", () => accessibility(context));
  } finally {
    await browser.close();
  }
  checks.report();
}

const play = (page) => page.click("[data-test=play]");
const level = (page) => page.evaluate(() => globalThis.ear.level());
const silent = (page, timeout) => until(page, "it is silent", () => globalThis.ear.level() < 0.0005, undefined, timeout);
const heard = (page, timeout) => until(page, "sound is heard", (least) => globalThis.ear.level() > least, HEARD, timeout);
const key = async (page, name) => (await page.focus(".player"), page.keyboard.press(name));

/** Does something that moves the playhead, and waits until the picture has arrived: until then what is seen and heard is of the place before. */
async function moved(page, action) {
  const before = await page.evaluate(() => globalThis.ear.seeks());
  await action();
  await until(page, "the picture has arrived", (count) => globalThis.ear.seeks() > count && !document.querySelector("video").seeking && document.querySelector("video").readyState >= 3, before);
}

/** Elements less than 100 ms apart in ten looks, and claps heard when they are seen. */
async function inStep(page, count = 5) {
  await heard(page);
  const lags = await claps(page, count);
  const apart = [];
  for (let look = 0; look < 10; look++) {
    apart.push(Math.round(1000 * (await page.evaluate(() => globalThis.ear.apart()))));
    await page.waitForTimeout(150);
  }
  console.log(`    claps heard after they were seen: ${lags.join(", ")} ms; elements apart: ${apart.join(", ")} ms`);
  if (Math.abs(median(lags)) >= MOST_APART_MS) throw new Error(`claps ${median(lags)} ms apart`);
  if (Math.abs(median(apart)) >= MOST_APART_MS) throw new Error(`elements ${median(apart)} ms apart`);
}

async function row(page, { sound }) {
  if (sound.length === 0) throw new Error("the recording has no sound");
  await until(page, "the sound has two bars", () => document.querySelectorAll("rect.bar[data-kind=sound]").length === 2);
  await page.click("details.table > summary");
  const rows = await page.locator("details.table tbody tr").allTextContents();
  if (rows.filter((text) => text.startsWith("sound: mic0")).length !== 2) throw new Error(`the table says: ${rows.join(" | ")}`);
  await page.click("details.table > summary");
}

async function playing(page) {
  await moved(page, () => key(page, "Home"));
  if ((await level(page)) > HEARD) throw new Error("something is heard before it is played");
  await play(page);
  await heard(page);
  // Between two claps only the low tone sounds.
  await until(page, "the tone of 300 Hz is heard", () => Math.abs(globalThis.ear.tone() - 300) < 40);
  await inStep(page);
}

async function seeking(page) {
  // From the beginning: however long the checks before took, the gap in the sound is not reached.
  await moved(page, () => key(page, "Home"));
  await moved(page, () => key(page, "Shift+ArrowRight"));
  await inStep(page);
  await moved(page, () => key(page, "ArrowLeft"));
  await inStep(page, 3);
}

async function pausing(page) {
  await moved(page, () => key(page, "Home"));
  await heard(page);
  await key(page, "k");
  await silent(page);
  await page.waitForTimeout(1500);
  await key(page, "k");
  await inStep(page);
}

async function speeds(page) {
  await moved(page, () => key(page, "Home"));
  await heard(page);
  for (const rate of ["8", "4"]) {
    await page.selectOption("[data-test=speed]", rate);
    await silent(page);
    await page.waitForSelector("[data-test=too-fast]");
  }
  await page.selectOption("[data-test=speed]", "2");
  await heard(page);
  await page.waitForSelector("[data-test=too-fast]", { state: "detached" });
  await inStep(page);
  await page.selectOption("[data-test=speed]", "1");
}

async function muting(page) {
  await moved(page, () => key(page, "Home"));
  await heard(page);
  await page.click("[data-test=mute]");
  await silent(page);
  await until(page, "the button says that it is muted", () => document.querySelector("[data-test=mute]").getAttribute("aria-pressed") === "true");
  await key(page, "m");
  await inStep(page, 3);
  for (let step = 0; step < 5; step++) await key(page, "-");
  const volume = await page.evaluate(() => globalThis.ear.element.volume);
  if (Math.abs(volume - 0.5) > 0.01) throw new Error(`volume ${volume} after five times minus`);
  await page.fill("input[name=volume]", "0");
  await silent(page);
  await page.focus("input[name=volume]");
  await page.keyboard.press("End");
  await heard(page);
}

async function gap(page, { sound }) {
  const chunks = sound.flatMap((segment) => segment.chunks);
  const at = chunks.findIndex(({ from_ms, duration_ms }, index) => chunks[index + 1]?.from_ms - from_ms - duration_ms > 3000);
  const fromMs = chunks[at].from_ms + chunks[at].duration_ms;
  const toMs = chunks[at + 1].from_ms;
  const recording = await api(page, `/api/recordings/${settings.recording}`);
  await moved(page, () => page.evaluate((hash) => void (location.hash = hash), `#/recording/${settings.recording}?t=${(fromMs - recording.starts_ms - 8000) / 1000}`));
  await heard(page);
  // By the gap's own place: it is silent during a seek, too.
  await until(
    page,
    "the picture goes on in silence",
    ([from, to]) => {
      const at = document.querySelector("video").currentTime;
      return at > from && at < to && globalThis.ear.level() < 0.0005;
    },
    [onLine(recording, fromMs) + 2, onLine(recording, toMs)],
  );
  await inStep(page);
}

async function held(page, { sound }) {
  await key(page, "k");
  await until(page, "it stands still", () => document.querySelector("video").paused);
  await seek(page, settings, sound[0].from_ms + 1000);
  await key(page, "i");
  const inSecs = await page.evaluate(() => document.querySelector("video").currentTime);
  await key(page, "l");
  await stands(page, inSecs + 10);
  await key(page, "o");
  await page.click("[data-test=hold]");
  await page.fill("dialog textarea[name=note]", "What was said at the door");
  await page.click("[data-test=dialog-do]");
  const deadline = Date.now() + 60_000;
  for (;;) {
    const [hold] = await api(page, "/api/holds");
    if (hold?.state === "effective" && hold.unsealed === 0) {
      if (hold.segments !== 2) throw new Error(`the hold covers ${hold.segments} segments, expected one of the camera and one of the microphone`);
      break;
    }
    if (Date.now() > deadline) throw new Error(`the hold: ${JSON.stringify(hold)}`);
    await page.waitForTimeout(500);
  }
  await page.click("[data-test=dialog-close]");
}

async function remembered(page) {
  await page.click("[data-test=mute]");
  await page.reload();
  await page.waitForSelector("input[name=passphrase]");
  await page.fill("input[name=passphrase]", settings.passphrase);
  await page.press("input[name=passphrase]", "Enter");
  await until(page, "still muted", () => document.querySelector("[data-test=mute]")?.getAttribute("aria-pressed") === "true");
}

/** Flips a byte of the sound's sixth chunk on its way to the page. */
async function damage(context, { sound }) {
  const [{ id, chunks }] = sound;
  const place = chunks[5].offset + 64 + Math.floor(chunks[5].len / 2);
  const prepare = (page) =>
    page.route("**/api/segments/*", async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      const from = Number(/bytes=(\d+)-/.exec(route.request().headers().range)?.[1] ?? 0);
      if (Number(route.request().url().split("/").at(-1)) === id && place >= from && place < from + body.length) body[place - from] ^= 1;
      await route.fulfill({ response: answer, body });
    });
  const page = await openPlayer(context, settings, { prepare });
  await listen(page);
  await moved(page, () => key(page, "Home"));
  const start = await page.evaluate(() => document.querySelector("video").currentTime);
  await play(page);
  await page.waitForSelector("[data-test=damaged]", { timeout: 60_000 });
  const said = await page.textContent("[data-test=damaged]");
  if (!said.includes("mic0") || said.includes("cam0")) throw new Error(`it says: ${said}`);
  await page.waitForSelector("rect[data-kind=damaged]", { state: "attached" });
  await until(page, "the picture goes on", (at) => document.querySelector("video").currentTime > at + 10, start);
  await inStep(page, 3);
  await closeRouted(page);
}

/** The same recording as if its camera had never worked. */
async function soundOnly(context) {
  const prepare = (page) =>
    page.route("**/api/recordings/*/segments?*", async (route) => {
      const answer = await route.fetch();
      const list = await answer.json();
      await route.fulfill({ response: answer, json: { ...list, segments: list.segments.filter(({ kind }) => kind === "audio") } });
    });
  const page = await openPlayer(context, settings, { prepare });
  await page.waitForSelector("[data-test=sound-only]");
  await listen(page, "video");
  await moved(page, () => key(page, "Home"));
  await play(page);
  await heard(page);
  await until(page, "the tone of 300 Hz is heard", () => Math.abs(globalThis.ear.tone() - 300) < 40);
  await page.click("[data-test=mute]");
  await silent(page);
  await page.click("[data-test=mute]");
  await heard(page);
  await shot(page, settings, "sound-only");
  await closeRouted(page);
  // With a camera, its sound can be chosen alone and left again.
  const both = await openPlayer(context, settings);
  await both.selectOption("[data-test=track]", "mic0");
  await play(both);
  await until(both, "the sound alone plays", () => document.querySelector("video").videoWidth === 0 && document.querySelector("video").readyState >= 3 && !document.querySelector("video").muted);
  await both.selectOption("[data-test=track]", "cam0");
  await until(both, "the picture is back", () => document.querySelector("video").videoWidth > 0 && document.querySelector("video").readyState >= 3 && document.querySelector("video").muted);
  await listen(both);
  await inStep(both, 3);
  await both.close();
}

async function unsupported(context) {
  const prepare = (page) =>
    page.addInitScript(() => {
      const real = MediaSource.isTypeSupported.bind(MediaSource);
      MediaSource.isTypeSupported = (type) => !type.includes("opus") && real(type);
    });
  const page = await openPlayer(context, settings, { prepare });
  const start = await page.evaluate(() => document.querySelector("video").currentTime);
  await play(page);
  await page.waitForSelector("[data-test=sound-unsupported]");
  await until(page, "the picture plays", (at) => document.querySelector("video").currentTime > at + 3, start);
  if ((await page.locator("[data-test=sound-unsupported]").count()) !== 1) throw new Error("it is said more than once");
  await shot(page, settings, "unsupported");
  await page.close();
}

async function slow(context) {
  const page = await openPlayer(context, { ...settings, recording: settings.slow });
  await listen(page);
  await moved(page, () => key(page, "Home"));
  const start = await page.evaluate(() => document.querySelector("video").currentTime);
  await play(page);
  await until(page, "45 s were played", (at) => document.querySelector("video").currentTime > at + 45, start, 120_000);
  await inStep(page, 7);
  await page.close();
}

async function accessibility(context) {
  const found = [];
  for (const language of ["kk", "ru", "en"]) {
    const page = await openPlayer(context, settings, { language });
    await page.waitForSelector("[data-test=mute]");
    found.push(...(await axe(page, `sound ${language}`)));
    await page.locator(".controls").first().scrollIntoViewIfNeeded();
    await shot(page, settings, `sound-${language}`, { fullPage: true });
    await page.close();
  }
  if (found.length > 0) throw new Error(found.join("\n"));
}

await main();
