/** Licences of what the page is built from (docs/licence.md), as the lock file names them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

declare const WEB_ROOT: string;
const ALLOWED = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Zlib"];
/** Packages that name none in their package.json, with the licence in their LICENSE file. */
const UNNAMED: Record<string, string> = { "node_modules/png-js": "MIT" };

test("every package has a licence that docs/licence.md allows", () => {
  const lock = JSON.parse(readFileSync(join(WEB_ROOT, "package-lock.json"), "utf8")) as { packages: Record<string, { license?: string }> };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  assert.ok(packages.length > 10);
  for (const [path, { license = UNNAMED[path] }] of packages) {
    const names = license?.replace(/[()]/g, "").split(" AND ") ?? [];
    assert.ok(names.length > 0 && names.every((name) => ALLOWED.includes(name)), `${path}: ${license}`);
  }
});
