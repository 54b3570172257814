// What the page seals for the vectors of shared/evidence/vectors/v1/receiver; made once, after `make-evidence-vectors` made the folder (docs/evidence.md).
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("../src/evidence/receiver.ts", import.meta.url))],
  bundle: true,
  platform: "node",
  format: "esm",
  write: false,
});
const { answer } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

const folder = new URL("../../../shared/evidence/vectors/v1/receiver/", import.meta.url);
const { plain, recipient, passphrase } = JSON.parse(await readFile(new URL("receiver.json", folder), "utf8"));
const original = new Blob([await readFile(new URL(plain, folder))]);
for (const [name, sealFor] of [["key", { kind: "keys", keys: [recipient] }], ["passphrase", { kind: "passphrase", passphrase }]]) {
  let last;
  await answer({ sealFor, plain: original }, (said) => (last = said));
  if (!last.sealed) throw new Error(`${name}: ${last.message}`);
  await writeFile(new URL(`page-${name}.age`, folder), Buffer.from(await last.sealed.arrayBuffer()), { flag: "wx" });
}
