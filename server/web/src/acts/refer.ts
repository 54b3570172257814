/** A new act that refers to a signed one. Pure. */
import type { ActView, NewAct, Relation } from "../acts-wire.ts";
import type { ApiError } from "../api.ts";

/** Why a draft opens without the footage that the act cites: the person cites none, or the server said that it is too late or that the footage is gone. */
export type Without = "role" | "late" | "gone";

/** Those who are given footage; an admin who may draw up an act holds a review key (server/src/staff/roles.rs). */
const CITES = ["reviewer", "board", "admin"];

/**
 * Why nothing can be cited; `refused` is what the server has said before. What revokes an act needs no footage, and an act without any has none to lose.
 */
export function without(act: ActView, relation: Relation, role: string, refused: Without | null): Without | null {
  if (relation === "revokes" || act.evidence.length === 0) return null;
  if (!CITES.includes(role)) return "role";
  const { cancel_until_ms } = act.summary;
  return refused ?? (cancel_until_ms !== null && cancel_until_ms <= act.now_ms ? "late" : null);
}

/** Whether the server refused the footage and not the act. */
export function refusedFootage(error: ApiError): Without | null {
  if (error.body.error === "too-late") return "late";
  return error.status === 410 ? "gone" : null;
}

/** What is asked for. Fields and points are the server's to fill in: it knows which of them the form still has. */
export function referring(act: ActView, relation: Relation, no: Without | null): NewAct {
  const { summary } = act;
  return {
    kind: summary.kind,
    exam: summary.exam.id,
    recording: act.recording,
    language: act.language,
    evidence: relation === "revokes" || no !== null ? [] : act.evidence,
    fields: {},
    points: [],
    refers_to: { act: summary.id, relation },
  };
}

/** The relations that can be chosen: what revokes another act is not revoked itself, and what was corrected is corrected in the act that stands in its place. */
export const relations = (act: ActView): Relation[] =>
  (["corrects", "supplements", "revokes"] as const).filter((name) => !(name === "revokes" && act.refers_to?.relation === "revokes") && !(name === "corrects" && act.summary.corrected_by !== null));
