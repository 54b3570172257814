/** A draft's content and how two people's changes to it come together without losing a word. Pure. */
import type { ActView, Cited, DraftChange, ToSign } from "../acts-wire.ts";

export type Content = Omit<DraftChange, "revision">;

export function contentOf(act: ActView): Content {
  return {
    language: act.language,
    fields: { ...act.fields },
    points: [...act.points],
    evidence: act.evidence.map((cited) => ({ ...cited })),
    capacity: act.capacity,
    to_sign: act.signatories.map(({ login, post }) => ({ login, post })),
  };
}

/** Something that both changed, differently. `key` is `field:NAME`, `post:LOGIN`, `language` or `capacity`. */
export interface Clash {
  key: string;
  mine: string;
  theirs: string;
}

export interface Merged {
  /** Both sides' changes; where they clash, mine. */
  content: Content;
  clashes: Clash[];
  /** Keys (as in [`Clash`], or `points`, `evidence`, `signatories`) whose value came from the other side. */
  taken: string[];
}

const citedKey = ({ recording, from_ms, to_ms }: Cited): string => `${recording} ${from_ms} ${to_ms}`;

/** Brings together `mine` and `theirs`, which both started from `base`. */
export function merge(base: Content, mine: Content, theirs: Content): Merged {
  const clashes: Clash[] = [];
  const taken: string[] = [];
  const one = (key: string, was: string, here: string, there: string): string => {
    if (here === there || there === was) return here;
    if (here === was) {
      taken.push(key);
      return there;
    }
    clashes.push({ key, mine: here, theirs: there });
    return here;
  };
  const set = <T>(key: string, was: readonly T[], here: readonly T[], there: readonly T[], id: (item: T) => string): T[] => {
    const ids = (items: readonly T[]) => new Set(items.map(id));
    const [before, ours, others] = [ids(was), ids(here), ids(there)];
    const kept = here.filter((item) => others.has(id(item)) || !before.has(id(item)));
    const added = there.filter((item) => !ours.has(id(item)) && !before.has(id(item)));
    if (kept.length < here.length || added.length > 0) taken.push(key);
    return [...kept, ...added];
  };

  const fields: Record<string, string> = {};
  for (const name of new Set([...Object.keys(mine.fields), ...Object.keys(theirs.fields)])) {
    fields[name] = one(`field:${name}`, base.fields[name] ?? "", mine.fields[name] ?? "", theirs.fields[name] ?? "");
  }
  const posts = (signers: readonly ToSign[]) => new Map(signers.map(({ login, post }) => [login, post]));
  const [basePosts, theirPosts, minePosts] = [posts(base.to_sign), posts(theirs.to_sign), posts(mine.to_sign)];
  // Whoever was taken out by one side stays if the other gave them a new post meanwhile.
  const changedBy = (side: Map<string, string>, login: string) => side.has(login) && basePosts.has(login) && side.get(login) !== basePosts.get(login);
  const stays = base.to_sign.filter(({ login }) => changedBy(theirPosts, login) || changedBy(minePosts, login));
  const withStaying = (signers: readonly ToSign[], side: Map<string, string>) => [...signers, ...stays.filter(({ login }) => !side.has(login))];
  const signers = set("signatories", base.to_sign, withStaying(mine.to_sign, minePosts), withStaying(theirs.to_sign, theirPosts), ({ login }) => login);
  const to_sign = signers.map(({ login, post }) => {
    const was = basePosts.get(login) ?? "";
    const [here, there] = [minePosts.get(login), theirPosts.get(login)];
    if (here === undefined || there === undefined) return { login, post: here ?? there ?? post };
    return { login, post: one(`post:${login}`, was, here, there) };
  });
  return {
    content: {
      language: one("language", base.language, mine.language, theirs.language) as Content["language"],
      fields,
      points: set("points", base.points, mine.points, theirs.points, (point) => point),
      evidence: set("evidence", base.evidence, mine.evidence, theirs.evidence, citedKey),
      capacity: one("capacity", base.capacity, mine.capacity, theirs.capacity),
      to_sign,
    },
    clashes,
    taken,
  };
}

/** Puts `value` where `key` says. */
export function put(content: Content, key: string, value: string): Content {
  const [kind, name] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
  if (kind === "field") return { ...content, fields: { ...content.fields, [name]: value } };
  if (kind === "post") return { ...content, to_sign: content.to_sign.map((signer) => (signer.login === name ? { ...signer, post: value } : signer)) };
  if (key === "language") return { ...content, language: value as Content["language"] };
  return key === "capacity" ? { ...content, capacity: value } : content;
}

/** What stands where `key` says. */
export function at(content: Content, key: string): string {
  const name = key.slice(key.indexOf(":") + 1);
  if (key.startsWith("field:")) return content.fields[name] ?? "";
  if (key.startsWith("post:")) return content.to_sign.find(({ login }) => login === name)?.post ?? "";
  return key === "language" ? content.language : key === "capacity" ? content.capacity : "";
}

/** Whether a text may be kept from both sides: choices and dates may not. */
export const joinable = (key: string, kind: string | undefined): boolean =>
  key.startsWith("post:") || (key.startsWith("field:") && (kind === "line" || kind === "text" || kind === "persons"));

export function both(mine: string, theirs: string, kind: string | undefined): string {
  return [mine, theirs].join(kind === "text" || kind === "persons" ? "\n" : " / ");
}

/** Equal but for absent and empty fields and the fields' order. */
export function same(a: Content, b: Content): boolean {
  const plain = ({ fields, ...rest }: Content) =>
    JSON.stringify([
      Object.entries(fields).filter(([, value]) => value !== "").sort(([x], [y]) => (x < y ? -1 : 1)),
      rest.language, rest.points, rest.evidence.map(citedKey), rest.capacity, rest.to_sign.map(({ login, post }) => [login, post]),
    ]);
  return plain(a) === plain(b);
}
