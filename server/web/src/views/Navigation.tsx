import { useEffect, useState } from "preact/hooks";
import { api } from "../api.ts";
import { t } from "../l10n.ts";
import type { Me } from "../wire.ts";
import { type Route, usePoll } from "./hooks.ts";

type Page = Exclude<Route["page"], "exam" | "recording" | "act">;

/** What each role finds in the menu; the server decides what it is given. */
const PAGES: Record<string, readonly Page[]> = {
  invigilator: ["exams", "acts"],
  reviewer: ["exams", "acts", "holds"],
  board: ["exams", "acts", "holds"],
  registrar: ["exams", "acts", "registrar"],
  admin: ["exams", "acts", "holds", "audit"],
  auditor: ["audit"],
};

const pagesOf = (role: string): readonly Page[] => PAGES[role] ?? ["exams"];

/** The page behind an address without a page. */
export const homeOf = (role: string): Page => pagesOf(role)[0] ?? "exams";

const POLL_MS = 60_000;

export function Navigation({ me, page }: { me: Me; page: Route["page"] }) {
  const reviews = useReviews(me);
  const pages = pagesOf(me.role).filter((name) => name !== "holds" || reviews);
  const at = page === "act" ? "acts" : page === "exam" || page === "recording" ? "exams" : page;
  const { value } = usePoll(async (from) => (pages.includes("acts") ? (await from.acts()).acts.filter(({ yours_to_sign }) => yours_to_sign).length : 0), POLL_MS, [me.login]);
  return (
    <nav class="menu" aria-label={t("nav-title")}>
      <ul>
        {pages.map((name) => (
          <li key={name}>
            <a href={name === "exams" ? "#/" : `#/${name}`} aria-current={name === at ? "page" : undefined}>
              {t(`nav-${name}`)}
              {name === "acts" && value !== null && value > 0 && <span class="badge" title={t("acts-yours-count", { count: value })}>{value}<span class="sr"> {t("acts-yours-count", { count: value })}</span></span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Whether the footage is for this person; an admin reviews only with a review key of their own. */
function useReviews(me: Me): boolean {
  const [holdsKey, setHoldsKey] = useState(false);
  useEffect(() => {
    if (me.role === "admin") void api.reviewKeys().then((keys) => setHoldsKey(keys.length > 0), () => setHoldsKey(false));
  }, [me.login, me.role]);
  return me.role !== "admin" || holdsKey;
}
