/** What the page asks by itself keeps no session open: it comes from `polled` only, which a test of the server compares with its routes. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

declare const WEB_ROOT: string;
const src = join(WEB_ROOT, "src");
const files = (readdirSync(src, { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name));
const text = (name: string): string => readFileSync(join(src, name), "utf8");

/** The first argument of a call whose bracket opens at `at`. */
function firstArgument(code: string, at: number): string {
  let depth = 0;
  for (let place = at; place < code.length; place++) {
    const letter = code[place] ?? "";
    if ("([{".includes(letter)) depth++;
    if (")]}".includes(letter)) depth--;
    if (depth === 0 || (depth === 1 && letter === ",")) return code.slice(at + 1, place);
  }
  return "";
}

test("whatever is polled asks what `polled` has", () => {
  let polls = 0;
  for (const name of files) {
    const code = text(name);
    for (const { index } of code.matchAll(/\busePoll\(/g)) {
      const argument = firstArgument(code, index + "usePoll".length).trim();
      const load = /^\w+$/.test(argument) ? (new RegExp(`const ${argument} = [\\s\\S]*?\\n  \\};`).exec(code)?.[0] ?? "") : argument;
      assert.match(load, /\bfrom\b/, `${name}: ${argument}`);
      assert.doesNotMatch(load, /\bapi\./, `${name}: ${argument}`);
      polls++;
    }
  }
  assert.ok(polls >= 6, `${polls}`);
});

test("what polls with a timer of its own does so too", () => {
  const body = (name: string, from: RegExp): string => new RegExp(`${from.source}[\\s\\S]*?\\n  \\};?\\n`).exec(text(name))?.[0] ?? "";
  for (const asked of [body("acts/Act.tsx", /const again = async/), body("player/footage.ts", /private async poll\(/)]) {
    assert.match(asked, /\bpolled\.\w+\(/);
    assert.doesNotMatch(asked, /\bapi\./);
  }
});
