// The one signed act that waits for it is passed on and its grade cancelled, which closes the case. Same environment variables as acts.mjs.
import { chromium } from "playwright-core";
import { Checks, api } from "./page.mjs";
import { cancelGrade, signInAs } from "./signing.mjs";

const [login, ...password] = process.env.INVIGIL_BOARD.split(",")[0].split(":");
const settings = { url: process.env.INVIGIL_URL.replace(/\/$/, "") };
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
  const { acts } = await api(page, "/api/acts?state=signed");
  await checks.run("the grade is cancelled and the case is closed", async () => {
    if (acts.length !== 1) throw new Error(`expected one signed act, found ${acts.length}`);
    await cancelGrade(context, settings, acts[0].id);
    const { holds } = await api(page, `/api/acts/${acts[0].id}`);
    if (holds.some((hold) => hold.state !== "released")) throw new Error("the closed case still holds footage");
  });
} finally {
  await browser.close();
}
checks.report();
