// Builds dist/ (committed, embedded in the server binary). With --check it builds in memory and compares;
// with --tests it bundles test/*.test.ts for `node --test`.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const TEXTS = { ".ftl": "text", ".txt": "text" };

/** pdfkit's own 14 fonts have no Cyrillic and may not stand in PDF/A unembedded: their metrics, half of its size, stay out. */
const withoutCoreFonts = {
  name: "without-core-fonts",
  setup(bundler) {
    bundler.onLoad({ filter: /pdfkit\.standalone\.js$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      const contents = code.replaceAll(/"StartFontMetrics(?:[^"\\]|\\.)*"/g, '""');
      if (contents.length > code.length / 4 * 3) throw new Error(`${path}: expected font metrics to leave out`);
      return { contents, loader: "js" };
    });
  },
};

async function tests() {
  const out = join(here, ".test-out");
  await rm(out, { recursive: true, force: true });
  const names = (await readdir(join(here, "test"))).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: names.map((name) => join(here, "test", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    // Browsers and Node 20 have `crypto`; Debian 12's Node 18 keeps it in a module.
    banner: { js: 'import { webcrypto as nodeCrypto } from "node:crypto"; globalThis.crypto ??= nodeCrypto;' },
    loader: TEXTS,
    plugins: [withoutCoreFonts],
    define: { WEB_ROOT: JSON.stringify(here) },
    sourcemap: "inline",
    logLevel: "warning",
  });
}

const PAGE = {
  outdir: dist,
  bundle: true,
  format: "esm",
  target: ["chrome133", "firefox130", "safari17"],
  minify: true,
  legalComments: "none",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: TEXTS,
  plugins: [withoutCoreFonts],
  write: false,
  logLevel: "warning",
};

/** @returns {Promise<Map<string, Buffer>>} file name in dist/ to content */
async function page() {
  const results = await Promise.all([
    // `evidence.js` is fetched only when it is needed; `shared.js` is what the two have in common. It is the only such chunk, so that its name can stay:
    // esbuild refuses two files of one name.
    build({
      ...PAGE,
      entryPoints: { app: join(here, "src/main.tsx"), evidence: join(here, "src/evidence/all.ts") },
      splitting: true,
      chunkNames: "shared",
    }),
    build({
      ...PAGE,
      entryPoints: {
        annex: join(here, "src/evidence/annex.ts"),
        "media-worker": join(here, "src/player/worker.ts"),
        "kdf-worker": join(here, "src/crypto/kdf-worker.ts"),
        "age-worker": join(here, "src/evidence/receiver-worker.ts"),
      },
    }),
  ]);
  const files = new Map(results.flatMap(({ outputFiles }) => outputFiles.map((file) => [relative(dist, file.path), Buffer.from(file.contents)])));
  for (const name of await readdir(join(here, "static"))) files.set(name, await readFile(join(here, "static", name)));
  return files;
}

async function check(files) {
  const wrong = [];
  for (const [name, content] of files) {
    const committed = await readFile(join(dist, name)).catch(() => undefined);
    if (!committed?.equals(content)) wrong.push(name);
  }
  for (const name of await readdir(dist)) if (!files.has(name)) wrong.push(`${name} (left over)`);
  if (wrong.length > 0) {
    console.error(`dist/ is not what the sources make: ${wrong.join(", ")}; run \`npm ci && npm run build\` and commit dist/`);
    process.exit(1);
  }
  console.log("dist/ is current");
}

if (process.argv.includes("--tests")) {
  await tests();
} else {
  const files = await page();
  if (process.argv.includes("--check")) {
    await check(files);
  } else {
    await rm(dist, { recursive: true, force: true });
    await mkdir(dist, { recursive: true });
    for (const [name, content] of files) await writeFile(join(dist, name), content);
    for (const [name, content] of files) console.log(`${String(content.length).padStart(8)}  ${name}`);
  }
}
