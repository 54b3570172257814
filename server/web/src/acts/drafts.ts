/** The drafts that are open in this page, so that leaving a view loses nothing. In memory only: a draft's words belong on no disk but the server's. */
import type { ActView } from "../acts-wire.ts";
import { api } from "../api.ts";
import { stillsUnderWay } from "./carried.ts";
import { Draft } from "./draft.ts";

const open = new Map<string, { login: string; draft: Draft }>();
const listeners = new Set<() => void>();

/** The draft as it is being edited by `login`, with what is not saved yet. */
export function draftOf(login: string, act: ActView): Draft {
  const known = open.get(act.summary.id);
  if (known?.login === login) {
    known.draft.meet(act);
    return known.draft;
  }
  const draft = new Draft(act, { save: api.saveDraft });
  open.set(act.summary.id, { login, draft });
  draft.watch(() => {
    for (const listener of [...listeners]) listener();
  });
  return draft;
}

/** What `login` typed and the server does not have. */
export const unsavedOf = (login: string): Draft[] => [...open.values()].filter((entry) => entry.login === login && entry.draft.unsaved).map(({ draft }) => draft);

export function watchDrafts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called when the view of a draft goes: saves what is left and forgets the draft once all is saved. */
export function leave(draft: Draft): void {
  void draft.flush().then((saved) => {
    if (saved && open.get(draft.id)?.draft === draft) open.delete(draft.id);
  });
}

/** Forgets a draft with all that was typed since. */
export function forget(id: string): void {
  open.delete(id);
  for (const listener of [...listeners]) listener();
}

/** Saves everything; false when something could not be saved. */
export async function saveAll(): Promise<boolean> {
  const saved = await Promise.all([...open.values()].filter(({ draft }) => draft.unsaved).map(({ draft }) => draft.flush()));
  return saved.every(Boolean);
}

/** Asks before the page is left while something would be lost; call once. */
export function watchLeaving(): void {
  addEventListener("beforeunload", (event) => {
    if ([...open.values()].some(({ draft }) => draft.unsaved) || stillsUnderWay()) event.preventDefault();
  });
}
