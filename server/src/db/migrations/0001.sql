-- Schema 1. Ids are integers in order of arrival; public ids, keys and digests are text. Times end in _ms (Unix milliseconds of this
-- server unless said otherwise) or _us (microseconds of a device's boot clock). @ID@ and @BLOB@ are replaced for each database.

-- Facts about this installation, by name.
CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY, -- Name, e.g. `schema`.
  value TEXT NOT NULL -- Value.
);

-- What destruction compares the clocks with; one row, id 1.
CREATE TABLE time_guard (
  id @ID@,
  wall_ms BIGINT NOT NULL, -- Newest wall time that the server believed, Unix ms.
  boot_id TEXT NOT NULL, -- Boot of the machine at that moment.
  boottime_us BIGINT NOT NULL, -- Boot time at that moment, us.
  alarm_since_ms BIGINT, -- Since when the clocks disagree, Unix ms; null while they agree.
  alarm TEXT -- What disagrees, for people.
);

-- Stretches in which this server was not answering.
CREATE TABLE server_downtime (
  id @ID@,
  from_ms BIGINT NOT NULL, -- Last sign of life before, Unix ms.
  to_ms BIGINT, -- First sign of life after, Unix ms; null for the life that is going on.
  kind TEXT NOT NULL -- `stopped`, `crashed` or `alive` (the open row).
);
CREATE INDEX server_downtime_from ON server_downtime (from_ms);

-- One sitting.
CREATE TABLE exams (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id.
  title TEXT NOT NULL, -- Title.
  discipline TEXT NOT NULL, -- Discipline.
  faculty TEXT, -- Faculty.
  examiner TEXT, -- Examiner.
  policy TEXT NOT NULL, -- Name of the policy file, without `.toml`.
  starts_ms BIGINT NOT NULL, -- Scheduled start, Unix ms.
  ends_ms BIGINT NOT NULL, -- Scheduled end, Unix ms.
  actual_end_ms BIGINT NOT NULL, -- Later of the scheduled end and every end seen so far, Unix ms.
  utc_offset_secs INTEGER NOT NULL, -- Offset of the zone at the start, seconds east of UTC.
  erasure_public TEXT NOT NULL, -- Public half of the erasure key, hexadecimal.
  created_ms BIGINT NOT NULL, -- Unix ms.
  destroyed_ms BIGINT -- When the erasure key was destroyed, Unix ms.
);

-- What is captured for one exam and one candidate or room.
CREATE TABLE recordings (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id.
  exam_id BIGINT NOT NULL REFERENCES exams (id), -- Exam.
  kind TEXT NOT NULL, -- `candidate` or `room`.
  who TEXT NOT NULL, -- Candidate's or room's name.
  external_id TEXT, -- Candidate's id in the university's lists.
  starts_ms BIGINT NOT NULL, -- Own window: scheduled start, Unix ms.
  ends_ms BIGINT NOT NULL, -- Own window: scheduled end without extra time, Unix ms.
  extra_ms BIGINT NOT NULL, -- Extra time granted, ms.
  code_digest TEXT UNIQUE, -- Digest of the join code (format.md 7), hexadecimal; null when withdrawn.
  code_used_ms BIGINT, -- First use of that code, Unix ms.
  device_key TEXT, -- Device that joined, hexadecimal Ed25519 key.
  token_digest TEXT UNIQUE, -- SHA-256 of the bearer token, hexadecimal.
  agent_version TEXT, -- Agent's version, for support.
  joined_ms BIGINT, -- First join, Unix ms.
  finished_ms BIGINT, -- When the candidate finished or the papers were collected, Unix ms.
  finished_by TEXT, -- `candidate`, `invigilator`, `agent` or `staff`.
  last_contact_ms BIGINT, -- Last authenticated request; written in batches, newer in memory, Unix ms.
  last_capture_ms BIGINT, -- Last moment that was captured, Unix ms of this server.
  expired_ms BIGINT -- When the sweep began to destroy it, Unix ms.
);
CREATE INDEX recordings_exam ON recordings (exam_id);

-- One life of an agent process.
CREATE TABLE runs (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id.
  recording_id BIGINT NOT NULL REFERENCES recordings (id), -- Recording.
  device_key TEXT NOT NULL, -- Device key, hexadecimal.
  boot_id TEXT, -- Device's boot, once known.
  first_seen_ms BIGINT NOT NULL, -- Unix ms.
  clock_offset_ms BIGINT, -- Server's time minus the device's boot time at the fastest heartbeat of the run's first minute, ms; frozen then.
  last_seen_ms BIGINT, -- Last heartbeat; written in batches, Unix ms.
  last_boottime_us BIGINT, -- Device's boot time in that heartbeat, us.
  ended_ms BIGINT, -- When its `run-ended` arrived, Unix ms.
  end_reason TEXT -- Reason in it.
);
CREATE INDEX runs_recording ON runs (recording_id);

-- Statements of type `certificate` that this server holds.
CREATE TABLE certificates (
  id @ID@,
  role TEXT NOT NULL, -- Role (format.md 3).
  subject TEXT NOT NULL, -- Public key, hexadecimal.
  exam_id BIGINT, -- Exam, for role `erasure`.
  recording_id BIGINT, -- Recording, for role `device`.
  not_before_ms BIGINT NOT NULL, -- Unix ms, inclusive.
  not_after_ms BIGINT NOT NULL, -- Unix ms, exclusive.
  statement TEXT NOT NULL, -- The statement, JSON.
  created_ms BIGINT NOT NULL -- Unix ms.
);
CREATE INDEX certificates_role ON certificates (role, exam_id, recording_id);

-- A run's key record, as the device signed it.
CREATE TABLE key_records (
  id @ID@,
  run_id BIGINT NOT NULL UNIQUE REFERENCES runs (id), -- Run.
  digest TEXT NOT NULL, -- Digest of the statement, hexadecimal.
  statement TEXT NOT NULL, -- The statement, JSON.
  received_ms BIGINT NOT NULL -- Unix ms.
);

-- One segment file: incoming, stored or refused.
CREATE TABLE segments (
  id @ID@,
  recording_id BIGINT NOT NULL REFERENCES recordings (id), -- Recording.
  run_id BIGINT NOT NULL REFERENCES runs (id), -- Run.
  track TEXT NOT NULL, -- Track.
  sequence BIGINT NOT NULL, -- Number within run and track.
  generation INTEGER NOT NULL, -- Rises when an object key has to be used again, so that no key ever means two things.
  state TEXT NOT NULL, -- `incoming`, `stored` or `refused`.
  refused TEXT, -- Why, for people and programs.
  kind TEXT, -- Kind of track, from the header once it is here.
  codec TEXT, -- RFC 6381, from the header.
  created_ms BIGINT NOT NULL, -- Unix ms.
  stored_ms BIGINT, -- Unix ms.
  size_bytes BIGINT NOT NULL, -- Size of the file: when stored or refused; of an incoming file, as last noted.
  digest TEXT, -- SHA-256 of the whole file, hexadecimal; when stored.
  head TEXT, -- Head after the last frame, hexadecimal; when stored.
  origin_boottime_us BIGINT, -- Boot time of media time zero, us.
  wall_minus_boot_ms BIGINT, -- Device's wall clock minus its boot time in the first chunk, ms.
  first_us BIGINT, -- Boot time of the first picture, us.
  last_us BIGINT, -- Boot time of the end of the last picture, us.
  duration_us BIGINT, -- Sum of the durations of the chunks, us.
  chunks @BLOB@, -- Chunk index, 24 bytes a chunk (`store::index`); when stored.
  receipt TEXT, -- Receipt statement, JSON; when stored.
  revision BIGINT NOT NULL -- Rises with every change of anything that the review page shows of it.
);
CREATE UNIQUE INDEX segments_place ON segments (run_id, track, sequence);
CREATE INDEX segments_recording ON segments (recording_id);

-- An entry of a run's journal, as the device signed it.
CREATE TABLE journal_entries (
  id @ID@,
  run_id BIGINT NOT NULL REFERENCES runs (id), -- Run.
  entry BIGINT NOT NULL, -- Index of the entry in its run.
  digest TEXT NOT NULL, -- Digest of the statement, hexadecimal.
  kind TEXT NOT NULL, -- Kind of the event.
  boot_id TEXT NOT NULL, -- Device's boot.
  boottime_us BIGINT NOT NULL, -- Device's boot time, us.
  wall_ms BIGINT NOT NULL, -- Device's wall clock, Unix ms.
  event TEXT NOT NULL, -- The event, JSON.
  statement TEXT NOT NULL, -- The statement, JSON.
  received_ms BIGINT NOT NULL -- Unix ms.
);
CREATE UNIQUE INDEX journal_entries_place ON journal_entries (run_id, entry);

-- A disconnect of one recording.
CREATE TABLE outages (
  id @ID@,
  recording_id BIGINT NOT NULL REFERENCES recordings (id), -- Recording.
  from_ms BIGINT NOT NULL, -- Last contact before it, Unix ms.
  to_ms BIGINT, -- First contact after it, Unix ms; null while it lasts.
  lower_ms BIGINT, -- Lower bound from the agent's failed attempts, ms; null until the journal arrives.
  lower_from_ms BIGINT, -- Where the lower bound begins, Unix ms of this server.
  lower_to_ms BIGINT, -- Where the lower bound ends, Unix ms of this server.
  cause TEXT NOT NULL, -- Cause (wire::review::OutageView).
  provisional BOOLEAN NOT NULL, -- The journal has not arrived.
  run_before BIGINT, -- Run of the last contact before.
  run_after BIGINT, -- Run of the first contact after.
  server_down_ms BIGINT NOT NULL -- Part of it in which this server did not answer, ms.
);
CREATE INDEX outages_recording ON outages (recording_id, from_ms);

-- What the disconnect rule says of one recording, as last computed.
CREATE TABLE findings (
  id @ID@,
  recording_id BIGINT NOT NULL UNIQUE REFERENCES recordings (id), -- Recording.
  kind TEXT NOT NULL, -- Kind (wire::review::FindingView).
  provisional BOOLEAN NOT NULL, -- May still change.
  longest_upper_ms BIGINT NOT NULL, -- Longest counted outage, upper bound, ms.
  longest_lower_ms BIGINT NOT NULL, -- Longest counted outage, lower bound, ms.
  total_upper_ms BIGINT NOT NULL, -- Sum of upper bounds, ms.
  threshold_ms BIGINT NOT NULL, -- The policy's threshold, ms.
  deadline_ms BIGINT, -- Unix ms.
  source TEXT NOT NULL, -- Source of the rule, from the policy.
  opened_ms BIGINT, -- When the finding first became other than `none`, Unix ms.
  computed_ms BIGINT NOT NULL -- Unix ms.
);

-- A recording that is gone for ever.
CREATE TABLE tombstones (
  id @ID@,
  recording TEXT NOT NULL UNIQUE, -- Public id of the recording.
  exam TEXT NOT NULL, -- Public id of its exam.
  expired_ms BIGINT NOT NULL, -- Unix ms.
  statement TEXT -- The signed expiry (format.md 7), JSON.
);

-- A record of destroying the footage of one exam.
CREATE TABLE deletions (
  id @ID@,
  exam_id BIGINT NOT NULL UNIQUE REFERENCES exams (id), -- Exam.
  step TEXT NOT NULL, -- Last step that is complete.
  started_ms BIGINT NOT NULL, -- Unix ms.
  finished_ms BIGINT, -- Unix ms.
  segments BIGINT NOT NULL, -- Segments destroyed.
  bytes BIGINT NOT NULL, -- Bytes destroyed.
  detail TEXT NOT NULL -- What was destroyed, JSON.
);

-- Somebody who can sign in.
CREATE TABLE accounts (
  id @ID@,
  login TEXT NOT NULL UNIQUE, -- Login name, lower case.
  name TEXT NOT NULL, -- Name for people.
  role TEXT NOT NULL, -- `reviewer`, `board`, `registrar`, `invigilator`, `admin` or `auditor`.
  password_hash TEXT NOT NULL, -- Argon2id, PHC string.
  created_ms BIGINT NOT NULL, -- Unix ms.
  disabled_ms BIGINT -- Unix ms.
);

-- A sign-in.
CREATE TABLE sessions (
  id @ID@,
  token_digest TEXT NOT NULL UNIQUE, -- SHA-256 of the cookie's token, hexadecimal.
  account_id BIGINT NOT NULL REFERENCES accounts (id), -- Account.
  created_ms BIGINT NOT NULL, -- Unix ms.
  last_seen_ms BIGINT NOT NULL, -- Unix ms.
  expires_ms BIGINT NOT NULL -- Unix ms.
);

-- A review key wrapped under its holder's passphrase.
CREATE TABLE review_keys (
  id @ID@,
  account_id BIGINT NOT NULL REFERENCES accounts (id), -- Holder.
  public TEXT NOT NULL, -- Public half, hexadecimal.
  name TEXT NOT NULL, -- Name for people.
  wrapped TEXT NOT NULL, -- The file of format.md 8, JSON.
  created_ms BIGINT NOT NULL -- Unix ms.
);

-- An entry of the hash-chained audit log.
CREATE TABLE audit (
  id @ID@,
  at_ms BIGINT NOT NULL, -- Unix ms.
  who TEXT NOT NULL, -- `staff:ID`, `device:KEY`, `server` or `cli`; never the name of a person.
  action TEXT NOT NULL, -- What was done, kebab-case.
  object TEXT NOT NULL, -- To what: `exam:ID`, `recording:ID` ...
  detail TEXT NOT NULL, -- JSON object.
  previous TEXT NOT NULL UNIQUE, -- Digest of the entry before, hexadecimal; 64 zeros for the first.
  digest TEXT NOT NULL UNIQUE -- Digest of this entry, hexadecimal.
);
