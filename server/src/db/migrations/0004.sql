-- Schema 4: the computers of rooms (docs/decisions/room-service.md).

-- A room that has a computer of its own.
CREATE TABLE rooms (
  id @ID@,
  uuid TEXT NOT NULL UNIQUE, -- Public id.
  name TEXT NOT NULL UNIQUE, -- Name, the same as `who` of the room's recordings.
  code_digest TEXT UNIQUE, -- Digest of the room code (format.md 7), hexadecimal; null when withdrawn.
  code_used_ms BIGINT, -- First use of that code, Unix ms.
  device_key TEXT, -- Computer that was enrolled, hexadecimal Ed25519 key.
  token_digest TEXT UNIQUE, -- SHA-256 of its bearer token, hexadecimal.
  agent_version TEXT, -- Agent's version, for support.
  enrolled_ms BIGINT, -- Last enrolment, Unix ms.
  created_ms BIGINT NOT NULL, -- Unix ms.
  withdrawn_ms BIGINT -- When the room was withdrawn, Unix ms.
);

ALTER TABLE recordings ADD COLUMN taken_by_room BIGINT; -- Room (rooms.id) whose computer has taken it last; null when a device joined by a code.
