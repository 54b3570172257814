/** Drawing up an act that refers to a signed one, and what of an act a list says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ActView, Annulment, Relation } from "../src/acts-wire.ts";
import { type Without, refusedFootage, referring, relations, without } from "../src/acts/refer.ts";
import { standing } from "../src/acts/words.ts";
import { ApiError } from "../src/api.ts";
import { known } from "../src/l10n.ts";

declare const WEB_ROOT: string;
const CITED = { recording: "r", from_ms: 1000, to_ms: 2000 };
const summary = { id: "first", kind: "annulment", exam: { id: "exam" }, cancel_until_ms: 5000, corrected_by: null } as ActView["summary"];
const act = (change: Partial<ActView> = {}, said: Partial<ActView["summary"]> = {}): ActView =>
  ({ recording: "r", language: "ru", fields: { removed: "x" }, points: ["removed"], evidence: [CITED], refers_to: null, now_ms: 4999, ...change, summary: { ...summary, ...said } }) as ActView;

test("the page sends no fields and no points: the server knows which of them the form still has", () => {
  for (const relation of ["corrects", "supplements", "revokes"] as const) {
    const { fields, points, refers_to, kind, exam, recording, language } = referring(act(), relation, null);
    assert.deepEqual([fields, points, refers_to], [{}, [], { act: "first", relation }]);
    assert.deepEqual([kind, exam, recording, language], ["annulment", "exam", "r", "ru"]);
  }
});

test("footage is cited again by those who may cite it and while there is time, and the page says why not", () => {
  const cited = (of: ActView, relation: Relation, role: string, refused: Without | null = null) => {
    const no = without(of, relation, role, refused);
    return [no, referring(of, relation, no).evidence.length];
  };
  for (const role of ["reviewer", "board", "admin"]) assert.deepEqual(cited(act(), "corrects", role), [null, 1], role);
  for (const role of ["invigilator", "registrar"]) assert.deepEqual(cited(act(), "supplements", role), ["role", 0], role);
  assert.deepEqual(cited(act({ now_ms: 5000 }), "corrects", "board"), ["late", 0]);
  // The list names no limit for an act whose grade was cancelled: the server says it.
  const done = act({}, { cancel_until_ms: null });
  assert.deepEqual(cited(done, "corrects", "board"), [null, 1]);
  assert.deepEqual(cited(done, "corrects", "board", "gone"), ["gone", 0]);
  // A revocation needs none, and what cites none loses none.
  assert.deepEqual(cited(act({ now_ms: 5000 }), "revokes", "invigilator"), [null, 0]);
  assert.deepEqual(cited(act({ evidence: [] }), "corrects", "invigilator"), [null, 0]);
  for (const why of ["role", "late", "gone"]) assert.ok(known(`correct-without-${why}`), why);
});

test("only a refusal of the footage opens the draft without it", () => {
  assert.equal(refusedFootage(new ApiError(422, "", null, { error: "too-late" })), "late");
  assert.equal(refusedFootage(new ApiError(410, "", null, { error: "expired" })), "gone");
  assert.equal(refusedFootage(new ApiError(422, "", null, { error: "bad-reference" })), null);
  assert.equal(refusedFootage(new ApiError(0, "")), null);
});

test("what was corrected is not corrected again, and a revocation is not revoked", () => {
  assert.deepEqual(relations(act()), ["corrects", "supplements", "revokes"]);
  assert.deepEqual(relations(act({}, { corrected_by: "second" })), ["supplements", "revokes"]);
  assert.deepEqual(relations(act({ refers_to: { act: "zero", relation: "revokes" } })), ["corrects", "supplements"]);
});

test("the registrar's list says of a corrected act that another stands in its place", () => {
  const row = (change: Partial<Annulment>) => standing({ revoked_by: null, corrected_by: null, cancelled: null, ...change } as Annulment);
  assert.deepEqual(row({}), { key: "registrar-not-cancelled", number: "" });
  assert.deepEqual(row({ cancelled: "2026-06-01T13:00:00+05:00" }), { key: null, number: "" });
  assert.deepEqual(row({ corrected_by: "A-2" }), { key: "registrar-corrected", number: "A-2" });
  assert.deepEqual(row({ corrected_by: "A-2", revoked_by: "A-3", cancelled: "2026-06-01T13:00:00+05:00" }), { key: "registrar-revoked", number: "A-3" });
  assert.ok(known("registrar-corrected") && known("registrar-revoked"));
});

test("a routing number is as long as the server takes it", () => {
  const page = readFileSync(join(WEB_ROOT, "src/acts/Steps.tsx"), "utf8");
  const server = readFileSync(join(WEB_ROOT, "../src/acts/events.rs"), "utf8");
  const longest = /routing\.chars\(\)\.count\(\) > (\d+)/.exec(server)?.[1];
  assert.ok(longest !== undefined && page.includes(`const ROUTING_CHARS = ${longest};`));
  assert.match(page, /name="routing" maxLength=\{ROUTING_CHARS\}/);
});
