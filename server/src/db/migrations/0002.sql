-- Schema 2: holds and acts (docs/evidence.md).

-- Why footage is kept beyond its month.
CREATE TABLE holds (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id.
  recording_id BIGINT NOT NULL REFERENCES recordings (id), -- Recording.
  from_ms BIGINT NOT NULL, -- Cited range on this server's clock, Unix ms.
  to_ms BIGINT NOT NULL, -- See from_ms (exclusive).
  tracks TEXT, -- Tracks, JSON list of text; null: all.
  reason TEXT NOT NULL, -- `act`, `appeal` or `other`.
  act_id BIGINT, -- Act, for reason `act`.
  note TEXT NOT NULL, -- In words; for `act` empty.
  opened_ms BIGINT NOT NULL, -- Unix ms.
  opened_by BIGINT NOT NULL, -- Account.
  effective_ms BIGINT, -- When the records last became complete, Unix ms.
  pending_key TEXT, -- Id of the pending key in the keystore, once made.
  effective_key TEXT, -- Id of the effective key in the keystore, once made.
  released_ms BIGINT, -- Unix ms.
  released_by BIGINT, -- Account.
  release_note TEXT, -- Why.
  release_step TEXT -- Last complete step of releasing (docs/lifecycle.md); null before.
);
CREATE INDEX holds_recording ON holds (recording_id);

-- A key record re-wrapped to a hold's pending key.
CREATE TABLE held_runs (
  id @ID@,
  hold_id BIGINT NOT NULL REFERENCES holds (id), -- Hold.
  run_id BIGINT NOT NULL REFERENCES runs (id), -- Run.
  statement TEXT NOT NULL, -- Statement `held-run`, JSON.
  created_ms BIGINT NOT NULL -- Unix ms.
);
CREATE UNIQUE INDEX held_runs_place ON held_runs (hold_id, run_id);

-- A segment's key, sealed for a hold.
CREATE TABLE held_segments (
  id @ID@,
  hold_id BIGINT NOT NULL REFERENCES holds (id), -- Hold.
  segment_id BIGINT NOT NULL, -- Segment.
  statement TEXT NOT NULL, -- Statement `held-segment`, JSON.
  confirmed_ms BIGINT, -- When the page had opened it again, Unix ms; null: it does not count yet.
  created_ms BIGINT NOT NULL -- Unix ms.
);
CREATE UNIQUE INDEX held_segments_place ON held_segments (hold_id, segment_id);

-- A draft or a signed act.
CREATE TABLE acts (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id; also the id of its key in the keystore.
  kind TEXT NOT NULL, -- Kind: name of the form.
  state TEXT NOT NULL, -- `draft`, `for-signature`, `signed`, `passed-on`, `grade-cancelled` or `discarded`.
  exam_id BIGINT NOT NULL REFERENCES exams (id), -- Exam.
  recording_id BIGINT, -- Recording of the subject, if known to the system.
  language TEXT NOT NULL, -- Of the free text: `kk`, `ru` or `en`.
  revision BIGINT NOT NULL, -- Rises with every change of the draft.
  act_public TEXT NOT NULL, -- Public half of the act's key, hexadecimal.
  sealed TEXT, -- The draft's content, sealed to the act's key (docs/evidence.md 1), hexadecimal enc and ciphertext; null once signed or discarded.
  created_ms BIGINT NOT NULL, -- Unix ms.
  created_by BIGINT NOT NULL, -- Account.
  changed_ms BIGINT NOT NULL, -- Unix ms.
  changed_by BIGINT NOT NULL, -- Account.
  content TEXT, -- Digest to be signed, hexadecimal; while for signature and after.
  form TEXT, -- Digest of the form that it is written under (`form_texts`), hexadecimal; while for signature and after.
  series_year INTEGER, -- Year of the number, in the university's zone; once signed.
  number BIGINT, -- Number within kind and year; once signed.
  statement TEXT, -- Statement `act`, JSON; once signed.
  digest TEXT, -- Digest of that statement, hexadecimal.
  signed_ms BIGINT, -- Unix ms.
  cancel_until_ms BIGINT, -- Until when the grade can be cancelled (KazNU 1.19), Unix ms; null where no limit applies.
  cancelled_ms BIGINT, -- When the cancellation was confirmed, Unix ms.
  closed_ms BIGINT, -- When discarded or closed, Unix ms.
  close_note TEXT, -- Reason of discarding, without names.
  refers_to BIGINT, -- Act that this one corrects, revokes or supplements.
  relation TEXT -- `corrects`, `revokes` or `supplements`.
);
CREATE UNIQUE INDEX acts_number ON acts (kind, series_year, number);
CREATE INDEX acts_exam ON acts (exam_id);

-- The text of a form, word for word, once an act was put up for signature under it: its file may change.
CREATE TABLE form_texts (
  id @ID@,
  digest TEXT NOT NULL UNIQUE, -- SHA-256 of the text, hexadecimal.
  kind TEXT NOT NULL, -- Kind: name of the form.
  text TEXT NOT NULL -- TOML (config/forms).
);

-- Who is to sign an act, and who has.
CREATE TABLE act_signatories (
  id @ID@,
  act_id BIGINT NOT NULL REFERENCES acts (id), -- Act.
  account_id BIGINT NOT NULL REFERENCES accounts (id), -- Account.
  post TEXT NOT NULL, -- Post, as it is to stand in the act.
  signed_ms BIGINT, -- Unix ms; null: not yet.
  content TEXT -- Digest that was confirmed, hexadecimal.
);
CREATE UNIQUE INDEX act_signatories_place ON act_signatories (act_id, account_id);

-- A sealed picture, annex or scan; its bytes lie in the folder of attachments.
CREATE TABLE act_attachments (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id.
  act_id BIGINT NOT NULL REFERENCES acts (id), -- Act.
  header TEXT NOT NULL, -- Header without `inner` (docs/evidence.md 3), JSON.
  outer_enc TEXT NOT NULL, -- Outer layer: encapsulated key, hexadecimal.
  outer_sealed TEXT NOT NULL, -- Outer layer: ciphertext, hexadecimal.
  size_bytes BIGINT NOT NULL, -- Of the ciphertext.
  created_ms BIGINT NOT NULL, -- Unix ms.
  created_by BIGINT NOT NULL -- Account.
);
CREATE INDEX act_attachments_act ON act_attachments (act_id);

-- The hash-chained log of acts and their events.
CREATE TABLE act_log (
  id @ID@,
  entry BIGINT NOT NULL UNIQUE, -- `log_index`.
  act_id BIGINT NOT NULL REFERENCES acts (id), -- Act.
  kind TEXT NOT NULL, -- `act`, or the event's name.
  digest TEXT NOT NULL UNIQUE, -- Digest of the statement, hexadecimal.
  statement TEXT NOT NULL, -- The statement, JSON.
  at_ms BIGINT NOT NULL -- Unix ms.
);
CREATE INDEX act_log_act ON act_log (act_id);

-- A PDF that was made of an act, the bytes too.
CREATE TABLE act_documents (
  id @ID@,
  act_id BIGINT NOT NULL REFERENCES acts (id), -- Act.
  language TEXT NOT NULL, -- `kk`, `ru` or `en`.
  digest TEXT NOT NULL, -- SHA-256, hexadecimal.
  size_bytes BIGINT NOT NULL, -- Size.
  pdf @BLOB@ NOT NULL, -- The document.
  created_ms BIGINT NOT NULL -- Unix ms.
);
CREATE UNIQUE INDEX act_documents_place ON act_documents (act_id, language);

-- What an account's holder is; stands in acts.
ALTER TABLE accounts ADD COLUMN post TEXT NOT NULL DEFAULT '';
