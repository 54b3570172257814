// The grade of the one act that was passed on is cancelled, which closes the case. Same environment variables as acts.mjs.
import { chromium } from "playwright-core";
import { Checks, api } from "./page.mjs";
import { passOn, signInAs } from "./signing.mjs";

const [login, ...password] = process.env.INVIGIL_BOARD.split(",")[0].split(":");
const settings = { cancel: true, url: process.env.INVIGIL_URL.replace(/\/$/, "") };
const checks = new Checks();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB" });
  await signInAs(context, settings, { login, password: password.join(":") });
  const page = await context.newPage();
  await page.goto(`${settings.url}/`);
  const { acts } = await api(page, "/api/acts?state=passed-on");
  await checks.run("the grade is cancelled and the case is closed", async () => {
    if (acts.length !== 1) throw new Error(`expected one act that was passed on, found ${acts.length}`);
    await passOn(context, settings, acts[0].id);
    const { holds } = await api(page, `/api/acts/${acts[0].id}`);
    if (holds.some((hold) => hold.state !== "released")) throw new Error("the closed case still holds footage");
  });
} finally {
  await browser.close();
}
checks.report();
