// After the month: the footage is gone but for what is held, and the act is as it was. Same environment variables as acts.mjs, whose downloads lie in INVIGIL_OUT.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Checks, api } from "./page.mjs";
import { signInAs } from "./signing.mjs";

const WAIT_MS = 60_000;
const settings = {
  url: process.env.INVIGIL_URL.replace(/\/$/, ""),
  login: process.env.INVIGIL_LOGIN,
  password: process.env.INVIGIL_PASSWORD,
};
const checks = new Checks();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", acceptDownloads: true });
  await signInAs(context, settings, settings);
  const page = await context.newPage();
  await page.goto(`${settings.url}/`);
  const { acts } = await api(page, "/api/acts?state=passed-on");
  if (acts.length !== 1) throw new Error(`expected one act that was passed on, found ${acts.length}`);
  const [{ id, number_text: number, subject }] = acts;
  await page.evaluate((hash) => void (location.hash = hash), `#/act/${id}`);
  await page.waitForSelector("[data-test=sheet]", { timeout: WAIT_MS });
  await checks.run("its text is there: number, person, what was seen", async () => {
    const { fields, signatories } = await api(page, `/api/acts/${id}`);
    const text = await page.innerText("main");
    const seen = fields.seen.slice(0, 60);
    for (const part of [number, subject, seen, ...signatories.map(({ name }) => name)]) if (!text.includes(part)) throw new Error(`"${part}" is not on the page`);
  });
  await checks.run("its stills open with the review key", async () => {
    await page.click("[data-test=unlock]");
    await page.fill("dialog input[name=passphrase]", process.env.INVIGIL_PASSPHRASE);
    await page.press("dialog input[name=passphrase]", "Enter");
    await page.waitForFunction(
      () => [...document.querySelectorAll("[data-test=attachments] .strip img, [data-test=attachments] .strip canvas")].filter((image) => (image.naturalWidth ?? image.width) > 0).length === 2,
      null,
      { timeout: WAIT_MS },
    );
  });
  await checks.run("its annex opens with the review key", async () => {
    const { attachments } = await api(page, `/api/acts/${id}`);
    const annex = attachments.find(({ kind }) => kind === "annex");
    const coming = page.waitForEvent("download", { timeout: WAIT_MS });
    await page.click("[data-test=open-annex]");
    const bytes = await readFile(await (await coming).path());
    if (bytes.subarray(0, 5).toString() !== "%PDF-" || bytes.length !== annex.size_bytes) throw new Error(`the annex has ${bytes.length} bytes, expected a PDF of ${annex.size_bytes}`);
  });
  await checks.run("its documents are the very ones of before", async () => {
    for (const language of ["kk", "ru", "en"]) {
      const answer = await context.request.get(`${settings.url}/api/acts/${id}/pdf?language=${language}`, { timeout: WAIT_MS });
      const before = await readFile(join(process.env.INVIGIL_OUT, `act-${language}.pdf`));
      if (!answer.ok() || !before.equals(await answer.body())) throw new Error(`${language}: status ${answer.status()}, or another document`);
    }
  });
} finally {
  await browser.close();
}
checks.report();
