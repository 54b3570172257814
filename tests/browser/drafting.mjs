// Steps from the player to an act that waits for signatures.
import { api, seek, until } from "./page.mjs";

const LONG_MS = 60_000;

export async function marked(page, settings) {
  await seek(page, settings, settings.fromMs);
  await page.focus(".player");
  await page.keyboard.press("i");
  await seek(page, settings, settings.toMs);
  await page.click("[data-test=mark-out]");
  await page.waitForSelector("[data-test=marked]", { state: "attached" });
  const values = () => page.evaluate(() => ["in", "out"].map((name) => document.querySelector(`.collect input[name=${name}]`).value));
  await until(page, "both fields show their times", () => [...document.querySelectorAll(".collect input.time")].every((field) => field.value !== ""));
  const before = await values();
  await page.focus("[data-test=handle-in]");
  await page.keyboard.press("ArrowRight");
  await until(page, "the arrow moved the beginning by a second", (was) => document.querySelector(".collect input[name=in]").value !== was, before[0]);
  await page.keyboard.press("ArrowLeft");
  await until(page, "and back", (was) => document.querySelector(".collect input[name=in]").value === was, before[0]);
  const box = page.locator(".collect input[name=out]");
  await box.focus();
  await box.press("ArrowDown");
  await until(page, "the field moves the end", (was) => document.querySelector(".collect input[name=out]").value !== was, before[1]);
  await box.press("ArrowUp");
  await until(page, "and back", (was) => document.querySelector(".collect input[name=out]").value === was, before[1]);
}

export async function stills(page, settings) {
  const middle = (settings.fromMs + settings.toMs) / 2;
  for (const [index, ms] of [middle, settings.fromMs + 2000].entries()) {
    await seek(page, settings, ms);
    await page.click("[data-test=still]");
    // A picture that is not loaded would be drawn as nothing, and nothing differs from every picture.
    await page.waitForFunction((count) => [...document.querySelectorAll(".collect .strip img")].filter((image) => image.complete && image.naturalWidth > 0).length === count, index + 1, { timeout: LONG_MS });
  }
  const differ = await page.evaluate(() => {
    const prints = [...document.querySelectorAll(".collect .strip img")].map((image) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, 64, 48);
      return context.getImageData(0, 0, 64, 48).data.join();
    });
    return new Set(prints).size === prints.length;
  });
  if (!differ) throw new Error("both stills show the same picture");
}

/** Opens the draft; gives its id. */
export async function drawUp(page, settings) {
  await page.click("[data-test=draw-up]");
  await page.check(`dialog input[name=kind][value="${settings.kind}"]`);
  await page.click("dialog [data-test=dialog-do]");
  await page.waitForSelector("[data-test=save-state]", { timeout: LONG_MS });
  // Asked of the page itself: what the driver knows of its address may lag behind.
  const act = /#\/act\/([0-9a-f-]{36})/.exec(await page.evaluate(() => location.hash))[1];
  await page.waitForFunction(() => document.querySelectorAll("[data-test=attachments] .strip img").length === 2, null, { timeout: LONG_MS });
  await page.waitForSelector("#field-evidence [data-hold=effective]", { timeout: LONG_MS });
  const view = await api(page, `/api/acts/${act}`);
  const [cited] = view.evidence;
  const slack = 2000;
  if (Math.abs(cited.from_ms - settings.fromMs) > slack || Math.abs(cited.to_ms - settings.toMs) > slack) throw new Error(`cites ${JSON.stringify(cited)}, expected ${settings.fromMs} to ${settings.toMs}`);
  if (view.holds.some(({ state }) => state !== "effective")) throw new Error(`holds are ${view.holds.map(({ state }) => state)}`);
  return act;
}

const LONG_TEXT =
  "Студент емтихан кезінде үстелдің астынан ұялы телефон алып, оның экранына бірнеше рет қарады, содан кейін жауап парағына жазды. " +
  "Экран жарығы камерада анық көрінеді; кезекші оқытушының ескертуінен кейін телефон қалтаға салынды. ";

export async function fill(page, settings, act) {
  const form = (await api(page, "/api/forms")).find(({ kind }) => kind === settings.kind);
  const { fields } = await api(page, `/api/acts/${act}`);
  for (const field of form.sections.flatMap((section) => section.fields)) {
    if ((fields[field.name] ?? "") !== "") continue;
    const at = `#field-${field.name.replaceAll(".", "\\.")}`;
    if (field.kind === "text") await page.fill(at, field.required ? LONG_TEXT : "");
    else if (field.kind === "persons" && (field.required || field.name === "present")) {
      await page.fill(`${at} .person input >> nth=0`, "Кенжебекова-Христорождественская Гүлнәр Әбдіқадырқызы");
      await page.fill(`${at} .person input >> nth=1`, "кезекші оқытушы");
    } else if (!field.required) continue;
    else if (field.kind === "line") await page.fill(at, `Алматы, ${field.name}`.slice(0, field.max_chars));
    else if (field.kind === "date") await page.fill(at, "2026-05-24");
    else await page.check(`${at} input >> nth=0`);
  }
  await page.check("#field-capacity input >> nth=-1");
  if (form.points.length > 0) await page.check("#field-points input >> nth=1");
  for (const { login } of settings.board) {
    await page.selectOption("select[name=signer]", login);
    await page.click("[data-test=add-signer]");
    await page.waitForSelector(`[data-signer="${login}"]`);
    const post = page.locator(`[data-signer="${login}"] input`);
    if ((await post.inputValue()) === "") await post.fill("комиссия мүшесі");
  }
  await saved(page);
  await page.waitForSelector("[data-test=problems]", { state: "detached", timeout: LONG_MS });
}

const saved = (page) => page.waitForSelector("[data-test=save-state][data-state=saved]", { timeout: LONG_MS });

/** One types without connection, the other saves meanwhile: the first is asked, and both texts stay. */
export async function conflict(page, second, settings, act) {
  const form = (await api(page, "/api/forms")).find(({ kind }) => kind === settings.kind);
  const field = form.sections.flatMap((section) => section.fields).find(({ kind }) => kind === "text");
  const other = form.sections.flatMap((section) => section.fields).find(({ kind, name }) => kind === "line" && name !== "student");
  const at = `#field-${field.name}`;
  const there = await second.newPage();
  await there.goto(`${settings.url}/#/act/${act}`);
  await there.waitForSelector(at);
  const [mine, theirs] = ["Typed here without a connection.", "Typed there meanwhile."];
  await there.evaluate(() => document.querySelector("[data-test=save-state]").scrollIntoView());
  await second.setOffline(true);
  await there.fill(at, `${await there.inputValue(at)} ${mine}`);
  await there.waitForSelector("[data-test=save-state][data-state=offline]", { timeout: LONG_MS });
  await page.fill(at, `${await page.inputValue(at)} ${theirs}`);
  await page.fill(`#field-${other.name}`, "changed there only");
  await saved(page);
  await second.setOffline(false);
  await there.waitForSelector(`[data-clash="field:${field.name}"]`, { timeout: LONG_MS });
  if ((await there.inputValue(`#field-${other.name}`)) !== "changed there only") throw new Error("the field that only one changed was not taken over");
  await there.screenshot({ path: `${settings.shots}/conflict.png`, fullPage: true });
  await there.click("[data-test=keep-both]");
  await saved(there);
  const { fields } = await api(there, `/api/acts/${act}`);
  for (const text of [mine, theirs]) if (!fields[field.name].includes(text)) throw new Error(`"${text}" is lost: ${fields[field.name]}`);
  await until(page, "the first editor shows both texts", ([where, text]) => document.querySelector(where).value.includes(text), [at, mine]);
}

export async function sendForSignature(page, act) {
  await page.click("[data-test=for-signature]");
  await page.waitForSelector("[data-test=content]", { timeout: 2 * LONG_MS });
  const view = await api(page, `/api/acts/${act}`);
  if (view.summary.state !== "for-signature") throw new Error(`the act is ${view.summary.state}`);
  if (view.attachments.filter(({ kind }) => kind === "annex").length !== 1) throw new Error("there is not one annex");
}
