import assert from "node:assert/strict";
import { test } from "node:test";
import { FluentBundle, FluentResource } from "@fluent/bundle";
import { type Entry, parse } from "@fluent/syntax";
import actsEn from "../l10n/acts/en.ftl";
import actsKk from "../l10n/acts/kk.ftl";
import actsRu from "../l10n/acts/ru.ftl";
import en from "../l10n/en.ftl";
import kk from "../l10n/kk.ftl";
import ru from "../l10n/ru.ftl";

const texts = { kk: `${kk}\n${actsKk}`, ru: `${ru}\n${actsRu}`, en: `${en}\n${actsEn}` };

/** Ids with the names of the arguments that each text uses. */
function catalogue(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of parse(text, {}).body as Entry[]) {
    assert.notEqual(entry.type, "Junk", JSON.stringify(entry));
    if (entry.type !== "Message") continue;
    assert.ok(!found.has(entry.id.name), `${entry.id.name} stands twice`);
    const names = new Set<string>();
    const walk = (node: unknown): void => {
      if (Array.isArray(node)) return node.forEach(walk);
      if (node === null || typeof node !== "object") return;
      const { type, id } = node as { type?: string; id?: { name: string } };
      if (type === "VariableReference" && id) names.add(id.name);
      Object.values(node).forEach(walk);
    };
    walk(entry.value);
    found.set(entry.id.name, [...names].sort().join(" "));
  }
  return found;
}

test("the three languages have the same texts with the same arguments", () => {
  const english = catalogue(texts.en);
  assert.ok(english.size > 100);
  for (const code of ["kk", "ru"] as const) assert.deepEqual(new Map([...catalogue(texts[code])].sort()), new Map([...english].sort()), code);
});

test("every text can be made", () => {
  for (const [code, text] of Object.entries(texts)) {
    const bundle = new FluentBundle(code, { useIsolating: false });
    assert.deepEqual(bundle.addResource(new FluentResource(text)), []);
    for (const [id, names] of catalogue(text)) {
      for (const count of [1, 2, 5, 21]) {
        const errors: Error[] = [];
        const args = Object.fromEntries(names.split(" ").map((name) => [name, /count|secs|seconds|mb/.test(name) ? count : "x"]));
        bundle.formatPattern(bundle.getMessage(id)?.value ?? "", args, errors);
        assert.deepEqual(errors, [], `${code} ${id}`);
      }
    }
  }
});
