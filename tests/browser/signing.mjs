// Steps from the first signature to the bundle.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { axe } from "./look.mjs";
import { api } from "./page.mjs";

const LONG_MS = 60_000;

/** Signs a context in; its pages share the session. */
export async function signInAs(context, { url }, { login, password }, role = "") {
  const page = await context.newPage();
  await page.goto(`${url}/`);
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", password);
  await page.click("button[type=submit]");
  await page.waitForSelector(role === "auditor" ? "[data-test=audit]" : "nav.menu", { timeout: LONG_MS });
  await page.close();
}

/** Reads the act, fails with a wrong password, signs with the right one. */
export async function sign(context, settings, { login, password }, act) {
  const page = await context.newPage();
  await page.goto(`${settings.url}/#/acts`);
  await page.click("[data-test=yours]");
  await page.click(`a[href="#/act/${act}"]`);
  await page.waitForSelector("[data-test=sheet]", { timeout: LONG_MS });
  const view = await api(page, `/api/acts/${act}`);
  const shown = (await page.textContent("[data-test=content]")).replaceAll(" ", "");
  if (!view.content.startsWith(shown) || shown.length < 16) throw new Error(`shows the digest ${shown}, the content's is ${view.content}`);
  await page.click("[data-test=step-sign]");
  await page.fill("input[name=sign-password]", "certainly not the password");
  await page.click("[data-test=dialog-do]");
  await page.waitForSelector("dialog [role=alert]", { timeout: LONG_MS });
  await page.screenshot({ path: `${settings.shots}/sign-${login}.png` });
  await page.fill("input[name=sign-password]", password);
  await page.click("[data-test=dialog-do]");
  await page.waitForSelector("dialog", { state: "detached", timeout: LONG_MS });
  const { signatories } = await api(page, `/api/acts/${act}`);
  if (signatories.find((signatory) => signatory.login === login)?.signed_ms == null) throw new Error("the signature is not there");
  await page.close();
}

export async function unchanged(page, settings, act) {
  await page.waitForSelector("[data-test=check-page]", { timeout: LONG_MS });
  const view = await api(page, `/api/acts/${act}`);
  const number = view.summary.number_text;
  if (view.summary.state !== "signed" || !number) throw new Error(`the act is ${view.summary.state} with the number ${number}`);
  if (settings.number !== null && number !== settings.number) throw new Error(`the number is ${number}, expected ${settings.number}`);
  if (!(await page.textContent("h1")).includes(number)) throw new Error("the page does not show the number");
  if (await page.$("[data-test=save-state]")) throw new Error("there is still an editor");
  const status = await page.evaluate(
    async ([id, revision]) => {
      const body = { revision, language: "en", fields: {}, points: [], evidence: [], capacity: "", to_sign: [] };
      const answer = await fetch(`/api/acts/${id}`, { method: "PUT", headers: { "x-invigil": "1", "content-type": "application/json" }, body: JSON.stringify(body) });
      return answer.status;
    },
    [act, view.revision],
  );
  if (status < 400) throw new Error(`a signed act was changed: status ${status}`);
  const check = await page.request.get(`${settings.url}/check/${act}`);
  const text = await check.text();
  if (!check.ok() || !text.includes(number)) throw new Error(`the check page (${check.status()}) does not name ${number}`);
  if (view.summary.subject && text.includes(view.summary.subject)) throw new Error("the check page names the person");
}

export async function documents(context, settings, act) {
  for (const language of ["kk", "ru", "en"]) {
    const answer = await context.request.get(`${settings.url}/api/acts/${act}/pdf?language=${language}`, { timeout: LONG_MS });
    const bytes = await answer.body();
    if (!answer.ok() || bytes.subarray(0, 5).toString() !== "%PDF-") throw new Error(`${language}: status ${answer.status()}, ${bytes.length} bytes`);
    await writeFile(join(settings.out, `act-${language}.pdf`), bytes);
  }
}

/** Makes the bundle twice: plain, and sealed for the key of the vectors (its identity file lies beside them). */
export async function bundle(page, settings) {
  await makeBundle(page, settings, /\.zip$/, async () => {});
  const vectors = new URL("../../shared/evidence/vectors/v1/receiver/receiver.json", import.meta.url);
  const { recipient } = JSON.parse(await readFile(vectors, "utf8"));
  await makeBundle(page, settings, /\.zip\.age$/, async () => {
    const found = [];
    await page.check("input[name=seal-for][value=passphrase]");
    const passphrase = await page.inputValue("input[name=bundle-passphrase]");
    if (!/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/.test(passphrase)) throw new Error("no passphrase was made");
    found.push(...(await axe(page, "bundle with a passphrase")));
    await page.check("input[name=seal-for][value=keys]");
    await page.fill("textarea[name=recipients]", `${recipient}\nage1dean`);
    await page.click("[data-test=dialog-do]");
    const said = await page.textContent("dialog [role=alert]", { timeout: LONG_MS });
    if (!said.includes("“age1dean”") || said.includes(recipient)) throw new Error(`a wrong key is answered with: ${said}`);
    found.push(...(await axe(page, "bundle for a key")));
    await page.screenshot({ path: join(settings.shots, "bundle-wrong-key.png") });
    await page.fill("textarea[name=recipients]", `${recipient}\n`);
    await page.waitForSelector("dialog [role=alert]", { state: "detached" });
    if (found.length > 0) throw new Error(found.join("\n"));
  });
}

/** `choose` works in the open dialog before the bundle is made. */
async function makeBundle(page, settings, name, choose) {
  await page.click("[data-test=step-bundle]");
  await page.waitForSelector("dialog");
  if (await page.$("dialog input[name=passphrase]")) {
    await page.fill("dialog input[name=passphrase]", settings.passphrase);
    await page.press("dialog input[name=passphrase]", "Enter");
  }
  await page.fill("dialog input[name=receiver]", "Council of the Faculty for Ethics");
  await choose();
  const begun = performance.now();
  const coming = page.waitForEvent("download", { timeout: 3 * LONG_MS });
  await page.click("[data-test=dialog-do]");
  const failed = page.waitForSelector("dialog .message.bad", { timeout: 3 * LONG_MS }).then((alert) => alert.textContent());
  const done = await Promise.race([coming, failed.catch(() => coming)]);
  if (typeof done === "string") throw new Error(`no bundle was made: ${done}`);
  const suggested = done.suggestedFilename();
  console.log(`# ${suggested} made in ${Math.round(performance.now() - begun)} ms`);
  if (!name.test(suggested)) throw new Error(`the bundle is called ${suggested}, expected ${name}`);
  await done.saveAs(join(settings.out, suggested));
  await page.click("[data-test=dialog-close]");
}

/** Passes the act on; with `settings.cancel` confirms the cancelled grade too, which closes the case and releases the hold. */
export async function passOn(context, settings, act) {
  const page = await context.newPage();
  await page.goto(`${settings.url}/#/act/${act}`);
  await page.waitForSelector("[data-test=sheet]", { timeout: LONG_MS });
  const { may } = await api(page, `/api/acts/${act}`);
  if (may.includes("pass-on")) {
    await page.click("[data-test=step-pass-on]");
    await page.fill("input[name=to-name]", "Жанар Төлеуқызы Сейітова");
    await page.fill("input[name=to-post]", "комиссияның жауапты мүшесі");
    await page.click("[data-test=dialog-do]");
    await page.waitForSelector("dialog", { state: "detached", timeout: LONG_MS });
  }
  if (!settings.cancel || !may.includes("cancel-grade")) return void (await page.close());
  await page.click("[data-test=step-cancel-grade]");
  await page.fill("input[name=routing]", "12-345");
  await page.click("[data-test=dialog-do]");
  await page.waitForSelector("dialog", { state: "detached", timeout: LONG_MS });
  const { summary } = await api(page, `/api/acts/${act}`);
  if (summary.state !== "grade-cancelled") throw new Error(`the act is ${summary.state}`);
  await page.close();
}
