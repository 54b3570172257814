import { useEffect, useState } from "preact/hooks";
import { t } from "../l10n.ts";
import type { Route } from "../views/hooks.ts";
import type { Me } from "../wire.ts";
import { unsavedOf, watchDrafts } from "./drafts.ts";

/** Drafts with unsaved words that are not on the screen. */
export function Unsaved({ me, route }: { me: Me; route: Route }) {
  const [, render] = useState(0);
  useEffect(() => watchDrafts(() => render((count) => count + 1)), []);
  const drafts = unsavedOf(me.login).filter(({ id }) => !(route.page === "act" && route.id === id));
  if (drafts.length === 0) return null;
  return (
    <div class="message warn" role="status">
      <p>{t("draft-unsaved-elsewhere", { count: drafts.length })}</p>
      <ul>{drafts.map(({ id, act }) => <li key={id}><a href={`#/act/${id}`}>{act.summary.subject ?? act.summary.exam.title}</a></li>)}</ul>
    </div>
  );
}
