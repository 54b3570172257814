/**
 * JSON as the format wants it: `JSON.parse` keeps the last of two members with one name, where another reader may keep the first,
 * so that two people could be shown two meanings of one signed text. This parser refuses duplicates, and numbers
 * that are not written as integers; members are checked by `fields`.
 */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const DEPTH = 32;

export function parseJson(text: string): Json {
  let at = 0;
  const fail = (what: string): never => {
    throw new SyntaxError(`JSON: expected ${what} at character ${at}`);
  };
  const space = () => {
    while (" \t\n\r".includes(text[at] ?? "x")) at++;
  };
  const take = (pattern: RegExp, what: string): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) return fail(what);
    at += found.length;
    return found;
  };
  const string = (): string => {
    const found = JSON.parse(take(/"(?:[^"\\]|\\.)*"/y, "a string")) as string;
    return /\p{Surrogate}/u.test(found) ? fail("no lone surrogate") : found;
  };
  const value = (depth: number): Json => {
    if (depth > DEPTH) fail(`at most ${DEPTH} levels`);
    space();
    const first = text[at];
    if (first === "{") return object(depth);
    if (first === "[") return list(depth);
    if (first === '"') return string();
    return JSON.parse(take(/true|false|null|(?:0|-?[1-9]\d*)(?![\d.eE])/y, "a value, numbers whole")) as Json;
  };
  const object = (depth: number): Json => {
    const out = Object.create(null) as { [name: string]: Json };
    at++;
    space();
    if (text[at] === "}") return at++, out;
    for (;;) {
      space();
      const name = string();
      if (name in out) fail(`no second member ${JSON.stringify(name)}`);
      space();
      take(/:/y, "a colon");
      out[name] = value(depth + 1);
      space();
      if (take(/[,}]/y, "a comma or a brace") === "}") return out;
    }
  };
  const list = (depth: number): Json => {
    const out: Json[] = [];
    at++;
    space();
    if (text[at] === "]") return at++, out;
    for (;;) {
      out.push(value(depth + 1));
      space();
      if (take(/[,\]]/y, "a comma or a bracket") === "]") return out;
    }
  };
  const result = value(0);
  space();
  if (at !== text.length) fail("the end");
  return result;
}

/** An object's members, exactly those of `names`; a name that ends in `?` may be absent. */
export function fields(value: Json | undefined, what: string, names: readonly string[]): { [name: string]: Json } {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TypeError(`${what}: expected an object`);
  const known = new Set(names.map((name) => name.replace("?", "")));
  for (const name of Object.keys(value)) if (!known.has(name)) throw new TypeError(`${what}: unknown member ${name}`);
  for (const name of names) {
    if (!name.endsWith("?") && !(name in value)) throw new TypeError(`${what}: member ${name} is missing`);
  }
  return value;
}

export function text(value: Json | undefined, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what}: expected text`);
  return value;
}

/** A whole number from `least` to `most`. */
export function integer(value: Json | undefined, what: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
    throw new TypeError(`${what}: expected a whole number from ${least} to ${most}`);
  }
  return value;
}
