// Checks of the player.
import { expectedGap } from "./expect.mjs";
import { api, closeRouted, onLine, openPlayer, seek, shot, stands, until } from "./page.mjs";

const currentTime = (page) => page.evaluate(() => document.querySelector("video").currentTime);

export async function wrongPassphrase(page) {
  await page.fill("input[name=passphrase]", "certainly not the passphrase");
  await page.press("input[name=passphrase]", "Enter");
  await page.waitForSelector("#unlock-error", { timeout: 60_000 });
  if (await page.$("video")) throw new Error("a player appeared");
}

/** Spread of the picture's brightness: near 0 for a black or empty picture. */
function variance(page) {
  return page.evaluate(() => {
    const video = document.querySelector("video");
    const canvas = document.createElement("canvas");
    canvas.width = 160;
    canvas.height = 120;
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, 160, 120);
    const { data } = context.getImageData(0, 0, 160, 120);
    const values = Array.from({ length: data.length / 4 }, (_, i) => 0.299 * data[i * 4] + 0.587 * data[i * 4 + 1] + 0.114 * data[i * 4 + 2]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  });
}

export async function playing(page) {
  const before = await currentTime(page);
  await page.click("[data-test=play]");
  await until(page, "2 s were played", (start) => document.querySelector("video").currentTime > start + 2, before);
  const spread = await variance(page);
  if (spread < 30) throw new Error(`the picture is black or even: variance ${spread.toFixed(1)}`);
}

export async function seeking(page, settings) {
  await page.click("[data-test=play]");
  await page.focus(".player");
  const start = await currentTime(page);
  await page.keyboard.press("ArrowRight");
  await until(page, "the right arrow moved by 5 s", (at) => Math.abs(document.querySelector("video").currentTime - at - 5) < 1.5, start);
  await page.keyboard.press("j");
  await until(page, "J moved back", (at) => document.querySelector("video").currentTime < at + 1, start);
  const clock = await page.textContent("[data-test=clock]");
  const time = /\d\d:\d\d:\d\d/.exec(clock)[0];
  await page.keyboard.press("l");
  // Before, the clock says the time that is to be typed, and waiting for it would wait for nothing.
  await until(page, "L moved on", (left) => !document.querySelector("[data-test=clock]").textContent.includes(left), time);
  await page.fill("input[name=time]", time);
  await page.press("input[name=time]", "Enter");
  await until(page, `the typed time ${time} was reached`, (wanted) => document.querySelector("[data-test=clock]").textContent.includes(wanted), time);
  const typed = await currentTime(page);
  const bar = page.locator("rect.bar-footage").first();
  const box = await bar.boundingBox();
  await page.mouse.click(box.x + box.width * 0.6, box.y + box.height / 2);
  // The playhead moves only once the footage for it is there.
  await until(page, "the picture is there after a click on the timeline", (left) => Math.abs(document.querySelector("video").currentTime - left) > 1 && document.querySelector("video").readyState >= 2 && !document.querySelector("video").seeking, typed);
  // The same link twice: the address says another moment meanwhile, and the page must go by what was asked for.
  const recording = await api(page, `/api/recordings/${settings.recording}`);
  const linked = recording.footage[0].from_ms + 2345;
  await seek(page, settings, linked);
  await page.focus(".player");
  await page.keyboard.press("l");
  await stands(page, onLine(recording, linked) + 10);
  await until(page, "the address says the new moment", (secs) => !location.hash.endsWith(`t=${secs}`), ((linked - recording.starts_ms) / 1000).toFixed(3));
  await seek(page, settings, linked);
  await page.fill("input[name=time]", "half past nine");
  await page.press("input[name=time]", "Enter");
  await page.waitForSelector("#go-wrong");
  await page.fill("input[name=time]", "");
}

export async function speed(page) {
  await page.focus(".player");
  const before = await currentTime(page);
  await page.keyboard.press("Home");
  // The seek takes effect later: measured too early, it would count as footage played backwards.
  await until(page, "the beginning is shown", (at) => document.querySelector("video").currentTime < Math.max(at - 1, 1) && !document.querySelector("video").seeking, before);
  await page.selectOption("[data-test=speed]", "8");
  // What is measured is playing, not fetching: at this speed 12 s of footage go by meanwhile.
  await until(page, "footage to be played fast is there", () => {
    const { buffered, currentTime } = document.querySelector("video");
    return buffered.length > 0 && buffered.end(buffered.length - 1) > currentTime + 20;
  });
  await page.click("[data-test=play]");
  await until(page, "playing at 8x", () => document.querySelector("video").playbackRate === 8 && !document.querySelector("video").paused && document.querySelector("video").readyState >= 3);
  const [media, real] = await page.evaluate(async () => {
    const video = document.querySelector("video");
    const from = [video.currentTime, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return [video.currentTime - from[0], (performance.now() - from[1]) / 1000];
  });
  await page.selectOption("[data-test=speed]", "1");
  await page.click("[data-test=play]");
  if (media / real < 4) throw new Error(`${media.toFixed(1)} s of footage in ${real.toFixed(1)} s`);
}

export async function outageMark(page, settings) {
  // What the page itself is told now: a recording that grows may have had another one since these checks began.
  const told = await page.waitForResponse((answer) => new URL(answer.url()).pathname === `/api/recordings/${settings.recording}` && answer.ok());
  const { outages } = await told.json();
  if (outages.length === 0) return;
  await until(page, `the timeline has ${outages.length} marks of outages`, (count) => document.querySelectorAll("rect[data-kind=outage-upper]").length === count, outages.length);
  await page.click("details.table > summary");
  const rows = await page.locator("details.table tbody tr").allTextContents();
  if (rows.length < 2 || !rows.some((row) => /disconnect/i.test(row))) throw new Error(`no outage in the table: ${rows.join(" | ")}`);
  await page.click("details.table > summary");
}

/** Where two segments of a track lie apart: once jumped over, once stopped at. Without a gap it passes only if none was announced. */
export async function gaps(page, settings) {
  const { segments } = await api(page, `/api/recordings/${settings.recording}/segments?after=0`);
  const gap = expectedGap(segments, settings.expect);
  if (!gap) return;
  const recording = await api(page, `/api/recordings/${settings.recording}`);
  const seekTo = (ms) => page.evaluate((hash) => void (location.hash = hash), `#/recording/${settings.recording}?t=${(ms - recording.starts_ms) / 1000}`);
  const before = gap.fromMs;
  // At rest first: the notice of an earlier jump goes with the seek, and the next one is that of this gap.
  await seekTo(before - 2500);
  await stands(page, onLine(recording, before - 2500));
  await page.waitForSelector(".notice", { state: "detached" });
  await page.click("[data-test=play]");
  await page.waitForSelector(".notice", { timeout: 60_000 });
  await until(page, "the picture is there after the gap", (at) => document.querySelector("video").currentTime > at && document.querySelector("video").readyState >= 2, onLine(recording, gap.toMs) - 1);
  await page.uncheck("[data-test=auto-jump]");
  await seekTo(before - 2600);
  await page.waitForSelector(".stage-message button", { timeout: 60_000 });
  await page.check("[data-test=auto-jump]");
  await page.waitForSelector(".notice", { timeout: 60_000 });
  await page.click("[data-test=play]");
}

export async function follow(page, settings) {
  const recording = await api(page, `/api/recordings/${settings.recording}`);
  const { segments } = await api(page, `/api/recordings/${settings.recording}/segments?after=0`);
  const newest = onLine(recording, Math.max(...segments.filter(({ kind }) => kind !== "audio").map(({ to_ms }) => to_ms)));
  await page.click("[data-test=live]");
  await until(page, "following", () => document.querySelector("[data-test=live]").getAttribute("aria-pressed") === "true");
  // Following stays at most 12 s behind (`server/web/src/player/controller.ts`); until its footage is there the playhead is where it was.
  await until(page, "the newest footage is there", (least) => document.querySelector("video").currentTime > least && document.querySelector("video").readyState >= 3 && !document.querySelector("video").seeking, newest - 12);
  await page.waitForSelector(".stage-top .chip.live");
  const start = await currentTime(page);
  await until(page, "8 s were followed", (at) => document.querySelector("video").currentTime > at + 8, start);
  await page.click("[data-test=play]");
}

/** Flips one byte of one chunk on its way to the page. */
export async function damage(context, settings) {
  let target = null;
  let hits = 0;
  const prepare = async (page) => {
    await page.route("**/api/recordings/*/segments?*", async (route) => {
      const answer = await route.fetch();
      const list = await answer.json();
      const first = list.segments.filter(({ kind, chunks }) => kind === "video" && chunks.length > 9).sort((a, b) => a.from_ms - b.from_ms)[0];
      target ??= first && { id: first.id, at: first.chunks[6].offset + 64 + Math.floor(first.chunks[6].len / 2) };
      await route.fulfill({ response: answer, json: list });
    });
    await page.route("**/api/segments/*", async (route) => {
      const answer = await route.fetch();
      const body = await answer.body();
      const from = Number(/bytes=(\d+)-/.exec(route.request().headers().range)?.[1] ?? 0);
      const id = Number(route.request().url().split("/").at(-1));
      if (target?.id === id && target.at >= from && target.at < from + body.length) {
        body[target.at - from] ^= 1;
        hits++;
      }
      await route.fulfill({ response: answer, body });
    });
  };
  const page = await openPlayer(context, settings, { prepare });
  await page.focus(".player");
  await page.keyboard.press("Home");
  await page.waitForSelector("[data-test=damaged]", { timeout: 60_000 });
  await page.waitForSelector("rect[data-kind=damaged]", { state: "attached" });
  if (hits === 0) throw new Error("no byte was changed");
  const start = await currentTime(page);
  await page.click("[data-test=play]");
  await until(page, "footage after the damage was played", (at) => document.querySelector("video").currentTime > at + 11, start);
  await page.locator("[data-test=damaged]").scrollIntoViewIfNeeded();
  await shot(page, settings, "damaged");
  await closeRouted(page);
}
