import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActSummary, ActView, DraftChange } from "../src/acts-wire.ts";
import { type Content, both, contentOf, merge, put, same } from "../src/acts/content.ts";
import { byDaysLeft, left } from "../src/acts/countdown.ts";
import { Draft } from "../src/acts/draft.ts";
import { LONGEST_MS, NO_MARKS, markIn, markOut, move, rangeOf, tooLong, withStill } from "../src/acts/marks.ts";
import { persons, rows } from "../src/acts/persons.ts";
import { ApiError } from "../src/api.ts";

const content = (change: Partial<Content> = {}): Content => ({
  language: "ru",
  fields: { seen: "looked aside", place: "Almaty" },
  points: ["1.14-phone"],
  evidence: [{ recording: "r1", from_ms: 1000, to_ms: 2000 }],
  capacity: "",
  to_sign: [{ login: "aida", post: "chair" }],
  ...change,
});
const fields = (change: Record<string, string>): Content => content({ fields: { ...content().fields, ...change } });

test("changes to different fields come together", () => {
  const { content: merged, clashes, taken } = merge(content(), fields({ seen: "took a phone out" }), fields({ place: "room 203", found: "a phone" }));
  assert.deepEqual(clashes, []);
  assert.deepEqual(merged.fields, { seen: "took a phone out", place: "room 203", found: "a phone" });
  assert.deepEqual(taken.sort(), ["field:found", "field:place"]);
});

test("a field that both changed is a clash and keeps mine until somebody chooses", () => {
  const { content: merged, clashes } = merge(content(), fields({ seen: "mine" }), fields({ seen: "theirs" }));
  assert.deepEqual(clashes, [{ key: "field:seen", mine: "mine", theirs: "theirs" }]);
  assert.equal(merged.fields["seen"], "mine");
  assert.equal(put(merged, "field:seen", both("mine", "theirs", "text")).fields["seen"], "mine\ntheirs");
});

test("a field that one emptied and the other wrote on is a clash too", () => {
  const { clashes } = merge(content(), fields({ seen: "" }), fields({ seen: "looked aside twice" }));
  assert.deepEqual(clashes, [{ key: "field:seen", mine: "", theirs: "looked aside twice" }]);
});

test("the same change by both is none", () => {
  assert.deepEqual(merge(content(), fields({ seen: "same" }), fields({ seen: "same" })).clashes, []);
});

test("lists come together: additions of both stay, what one took out goes", () => {
  const base = content({ points: ["a", "b"] });
  const { content: merged, clashes } = merge(base, content({ points: ["a", "b", "c"] }), content({ points: ["b", "d"] }));
  assert.deepEqual(merged.points, ["b", "c", "d"]);
  assert.deepEqual(clashes, []);
  const second = { recording: "r1", from_ms: 5000, to_ms: 6000 };
  assert.equal(merge(content(), content({ evidence: [...content().evidence, second] }), content({ evidence: [] })).content.evidence.length, 1);
});

test("a signatory's post that both changed is a clash; one with a new post is not lost by being taken out elsewhere", () => {
  const signed = (post: string) => content({ to_sign: [{ login: "aida", post }] });
  assert.deepEqual(merge(content(), signed("member"), signed("secretary")).clashes, [{ key: "post:aida", mine: "member", theirs: "secretary" }]);
  assert.deepEqual(merge(content(), content({ to_sign: [] }), signed("secretary")).content.to_sign, [{ login: "aida", post: "secretary" }]);
  assert.deepEqual(merge(content(), content({ to_sign: [] }), content()).content.to_sign, []);
});

test("an empty field and an absent one are the same content", () => {
  assert.ok(same(content(), fields({ found: "" })));
  assert.ok(!same(content(), fields({ found: "x" })));
});

const HOUR = 3600_000;
test("the countdown gives whole days and hours and never more than there is", () => {
  assert.deepEqual(left(50 * HOUR - 1, 0), { over: false, days: 2, hours: 1, minutes: 59, tone: "bad" });
  assert.equal(left(72 * HOUR, 0).tone, "warn");
  assert.equal(left(72 * HOUR - 1, 0).tone, "bad");
  assert.equal(left(168 * HOUR, 0).tone, "plain");
  assert.ok(left(10, 10).over);
  assert.ok(!left(10, 9).over);
});

const summary = (id: string, change: Partial<ActSummary>): ActSummary => ({
  id,
  kind: "annulment",
  state: "draft",
  number_text: null,
  exam: {} as ActSummary["exam"],
  subject: null,
  created_ms: 0,
  created_by: "reviewer",
  signed_ms: null,
  cancel_until_ms: null,
  cancel_until: null,
  cancel_rule: null,
  signatures: [0, 2],
  yours_to_sign: false,
  revoked_by: null,
  corrected_by: null,
  repeated: false,
  ...change,
});

test("the list starts with the shortest time left; what no limit applies to comes after, the newest first", () => {
  const acts = [
    summary("done", { state: "grade-cancelled", cancel_until_ms: 1, created_ms: 9 }),
    summary("corrected", { state: "signed", cancel_until_ms: 2, created_ms: 7, corrected_by: "soon" }),
    summary("staff", { created_ms: 5 }),
    summary("late", { cancel_until_ms: 900 }),
    summary("soon", { cancel_until_ms: 100 }),
  ];
  assert.deepEqual(byDaysLeft(acts).map(({ id }) => id), ["soon", "late", "done", "corrected", "staff"]);
});

test("a still joins those that are there, in order of time, once for each moment and up to a number", () => {
  const still = (at_ms: number, track = "cam0") => ({ source: { track, at_ms } });
  const moments = (stills: readonly { source: { at_ms: number } }[]) => stills.map(({ source }) => source.at_ms);
  const two = withStill(withStill([], still(20), 3), still(10), 3);
  assert.deepEqual(moments(two), [10, 20]);
  assert.equal(withStill(two, still(20), 3), two);
  const three = withStill(two, still(20, "cam1"), 3);
  assert.deepEqual(moments(three), [10, 20, 20]);
  assert.equal(withStill(three, still(30), 3), three);
});

test("marks lie on whole seconds that contain the moment", () => {
  const marks = markOut(markIn(NO_MARKS, 10_400), 12_100);
  assert.deepEqual(rangeOf(marks), { fromMs: 10_000, toMs: 13_000 });
  assert.deepEqual(markIn(marks, 20_000), { fromMs: 20_000, toMs: null });
  assert.deepEqual(markOut(marks, 5000), { fromMs: null, toMs: 5000 });
});

test("an end can be moved, not past the other one nor out of the recording", () => {
  const bounds = { fromMs: 0, toMs: 60_000 };
  const marks = { fromMs: 10_000, toMs: 13_000 };
  assert.equal(move(marks, "in", 40_000, bounds).fromMs, 12_000);
  assert.equal(move(marks, "in", -5000, bounds).fromMs, 0);
  assert.equal(move(marks, "out", 9000, bounds).toMs, 11_000);
  assert.equal(move(marks, "out", 90_000, bounds).toMs, 60_000);
  assert.ok(!tooLong({ fromMs: 0, toMs: LONGEST_MS }));
  assert.ok(tooLong({ fromMs: 0, toMs: LONGEST_MS + 1000 }));
});

test("persons are read and written as they are typed", () => {
  for (const value of ["", "Aida", "Aida ; chair of ", "Aida; chair\n\nBek; member"]) {
    assert.equal(persons(rows(value)).replaceAll(" ; ", "; "), value.replaceAll(" ; ", "; "), value);
  }
  assert.equal(persons([{ name: "A; B", post: "x; y" }]), "A, B; x; y");
  assert.deepEqual(rows("A, B; x; y"), [{ name: "A, B", post: "x; y" }]);
});

const view = (change: Partial<ActView> & { fields?: Record<string, string> }): ActView => ({
  summary: summary("act", {}),
  now_ms: 0,
  revision: 1,
  language: "ru",
  recording: null,
  fields: { seen: "" },
  points: [],
  evidence: [],
  holds: [],
  capacity: "",
  drawn_up_by: "reviewer",
  signatories: [],
  content: null,
  attachments: [],
  refers_to: null,
  referred_by: [],
  earlier: [],
  events: [],
  problems: [],
  may: ["edit"],
  review: [],
  close_note: null,
  form: null,
  returned: null,
  ...change,
});

/** A server with one draft, which refuses what is based on an older revision. */
function server(first: ActView) {
  const state = { act: first, down: false, saves: 0 };
  const save = async (_id: string, change: DraftChange): Promise<ActView> => {
    await Promise.resolve();
    if (state.down) throw new ApiError(0, "");
    if (change.revision !== state.act.revision) throw new ApiError(409, "", null, { error: "changed-meanwhile", current: state.act });
    state.saves++;
    state.act = { ...state.act, ...change, revision: change.revision + 1 };
    return state.act;
  };
  return { state, save };
}

test("what is typed while a save is under way is saved next", async () => {
  const { state, save } = server(view({}));
  const draft = new Draft(state.act, { save });
  draft.setField("seen", "a");
  const first = draft.flush();
  draft.setField("seen", "ab");
  await first;
  assert.equal(draft.state, "waiting");
  assert.ok(await draft.flush());
  assert.equal(state.act.fields["seen"], "ab");
  assert.equal(state.saves, 2);
});

test("offline keeps the words and saves them later", async () => {
  const { state, save } = server(view({}));
  const draft = new Draft(state.act, { save });
  state.down = true;
  draft.setField("seen", "words");
  assert.ok(!(await draft.flush()));
  assert.equal(draft.state, "offline");
  assert.ok(draft.unsaved);
  state.down = false;
  assert.ok(await draft.flush());
  assert.equal(state.act.fields["seen"], "words");
});

test("two editors: other fields come together by themselves, the same field asks, no word is lost", async () => {
  const { state, save } = server(view({ fields: { seen: "start", place: "" } }));
  const [here, there] = [new Draft(state.act, { save }), new Draft(state.act, { save })];
  there.setField("place", "room 203");
  await there.flush();
  here.setField("seen", "mine");
  await here.flush();
  assert.ok(await here.flush());
  assert.deepEqual(state.act.fields, { seen: "mine", place: "room 203" });
  assert.deepEqual(here.taken, ["field:place"]);

  there.setField("seen", "theirs");
  await there.flush();
  assert.equal(there.state, "conflict");
  assert.deepEqual(there.clashes, [{ key: "field:seen", mine: "theirs", theirs: "mine" }]);
  assert.equal(there.content.fields["seen"], "theirs");
  assert.ok(!(await there.flush()));
  assert.equal(state.act.fields["seen"], "mine");
  there.settle("field:seen", both("theirs", "mine", "text"));
  assert.ok(await there.flush());
  assert.equal(state.act.fields["seen"], "theirs\nmine");
});

test("a clash stays open when the other side saves something else meanwhile", async () => {
  const { state, save } = server(view({ fields: { seen: "start", place: "" } }));
  const draft = new Draft(state.act, { save });
  draft.setField("seen", "mine");
  draft.meet((state.act = { ...state.act, revision: 2, fields: { seen: "theirs", place: "" } }));
  draft.meet((state.act = { ...state.act, revision: 3, fields: { seen: "theirs", place: "203" } }));
  assert.equal(draft.state, "conflict");
  assert.equal(draft.clashes.length, 1);
  assert.deepEqual(draft.content.fields, { seen: "mine", place: "203" });
});

test("a draft that may not be edited any more keeps what was typed", () => {
  const { state, save } = server(view({ fields: { seen: "", student: "Aida" } }));
  const draft = new Draft(state.act, { save });
  draft.setField("seen", "last words");
  // Discarded: the server has no content any more.
  draft.meet({ ...state.act, revision: 2, fields: {}, may: [] });
  assert.equal(draft.state, "closed");
  assert.deepEqual(draft.changedFields, ["seen"]);
  assert.equal(draft.content.fields["seen"], "last words");
  assert.equal(contentOf(state.act).fields["seen"], "");
});
