"""Strict JSON, and the members of everything that is written in it."""
import json
import re

from primitives import Malformed

U64 = 2**64 - 1
I64 = 2**63 - 1
U32 = 2**32 - 1

def strict_json(text):
    def pairs(items):
        names = [name for name, _ in items]
        if len(set(names)) != len(names):
            raise Malformed("duplicate-member")
        return dict(items)

    def constant(name):
        raise Malformed("json", name)

    def integer(digits):
        # A minus zero is no integer here.
        return float(digits) if digits == "-0" else int(digits)

    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer)
        # Half of a surrogate pair is no text.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return value
    except (ValueError, RecursionError) as error:
        raise Malformed("json", str(error)) from None


def hexadecimal(length):
    def check(value):
        if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{%d}" % (2 * length), value):
            raise Malformed("json", "hexadecimal")
    return check


def any_hex(value):
    if not isinstance(value, str) or not re.fullmatch("([0-9a-f]{2})*", value):
        raise Malformed("json", "hexadecimal")


def uuid(value):
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", value):
        raise Malformed("json", "uuid")


def string(value):
    if not isinstance(value, str):
        raise Malformed("json", "string")


def track(value):
    if not isinstance(value, str) or not re.fullmatch("[a-z0-9-]{1,32}", value):
        raise Malformed("json", "track")


def number(low, high):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Malformed("json", "number")
    return check


def one_of(*allowed):
    def check(value):
        if not isinstance(value, str) or value not in allowed:
            raise Malformed("json", "word")
    return check


def boolean(value):
    if not isinstance(value, bool):
        raise Malformed("json", "boolean")


def nullable(inner):
    def check(value):
        if value is not None:
            inner(value)
    return check


def list_of(inner):
    def check(value):
        if not isinstance(value, list):
            raise Malformed("json", "list")
        for item in value:
            inner(item)
    return check


def object_of(members, optional=()):
    def check(value):
        if not isinstance(value, dict):
            raise Malformed("json", "object")
        for name, item in value.items():
            if name not in members:
                raise Malformed("unknown-member", name)
            members[name](item)
        for name in members:
            if name not in value and name not in optional:
                raise Malformed("json", "missing " + name)
    return check


KEY = DIGEST = hexadecimal(32)
MS = number(-I64 - 1, I64)
US = number(0, U64)
U32_NUMBER = number(0, U32)
ROLE = one_of("server", "tls", "review", "erasure", "device")
REASON = one_of("full", "stopped", "recovered")

HEADER = object_of({
    "institution": DIGEST, "exam": uuid, "recording": uuid, "run": uuid, "track": track,
    "kind": one_of("video", "audio", "screen", "thumbnail", "photo"), "codec": string, "width": U32_NUMBER, "height": U32_NUMBER,
    "sequence": U32_NUMBER, "previous_head": nullable(DIGEST), "key_record": DIGEST, "commitment": DIGEST, "device": KEY, "boot_id": uuid,
    "origin_boottime_us": US,
})

KIND = one_of("video", "audio", "screen", "thumbnail", "photo")
CAUSE = one_of("not-joined", "agent-stopped", "power-or-reboot", "suspended", "camera-lost", "capture-paused",
               "computer-too-busy", "not-yet-uploaded", "refused", "unknown")
CONDITION = one_of("dark", "covered", "frozen", "silent", "low-disk", "slow-disk", "cpu")
TARGET = one_of("server", "platform", "gateway", "dns")
FAILED = {"first_failed_start_us": US, "first_failed_end_us": US}
EVENTS = {
    "run-started": {"agent_version": string, "previous_run": nullable(uuid), "key_record": DIGEST},
    "run-ended": {"reason": string},
    "segment-started": {"track": track, "sequence": U32_NUMBER, "head": DIGEST},
    "segment-closed": {"track": track, "sequence": U32_NUMBER, "head": DIGEST, "reason": REASON, "run": uuid},
    "track-started": {"track": track, "camera": string, "reason": string},
    "track-ended": {"track": track, "camera": string, "reason": string},
    "camera-lost": {"track": track, "reason": string},
    "camera-back": {"track": track, "reason": string},
    "link-lost": FAILED,
    "link-back": {**FAILED, "last_failed_start_us": US, "last_failed_end_us": US, "attempts": US, "error": string},
    "capture-paused": {"track": track, "reason": string},
    "capture-resumed": {"track": track, "reason": string},
    "finished": {"by": one_of("candidate", "invigilator", "agent")},
    "frames-dropped": {"track": track, "count": US, "reason": string, "stretch": object_of({
        "from_us": US, "to_us": US, "because": one_of("too-busy", "disk-failure", "no-key-frame")})},
    "frames-damaged": {"track": track, "count": US, "reason": string},
    "condition-began": {"condition": CONDITION, "track": nullable(track), "since_us": US, "reason": string},
    "condition-ended": {"condition": CONDITION, "track": nullable(track), "since_us": US, "until_us": US},
    "rate-lowered": {"track": track, "fps": U32_NUMBER, "reason": string},
    "rate-raised": {"track": track, "fps": U32_NUMBER},
    "clock-stepped": {"by_ms": MS},
    "suspended": {"from_us": US, "to_us": US},
    "held-up": {"from_us": US, "to_us": US},
    "network-changed": {"interfaces": list_of(string)},
    "probe-failed": {"target": TARGET, "since_us": US, "error": string},
    "probe-back": {"target": TARGET, "since_us": US, "until_us": US, "attempts": US},
    "server-changed": {"server": string},
    "end-passed": {"ends_ms": MS},
}


def event(value):
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str) or value["kind"] not in EVENTS:
        raise Malformed("json", "event")
    object_of({"kind": string, **EVENTS[value["kind"]]}, optional=("stretch",))(value)


PAYLOADS = {
    "certificate": object_of({
        "role": ROLE, "institution": DIGEST, "subject": KEY, "name": string, "not_before_ms": MS, "not_after_ms": MS, "exam": uuid,
        "recording": uuid, "delegate": list_of(ROLE)}, optional=("exam", "recording", "delegate")),
    "key-record": object_of({
        "institution": DIGEST, "exam": uuid, "recording": uuid, "run": uuid, "review": list_of(KEY), "erasure": KEY, "enc": hexadecimal(32),
        "sealed": any_hex, "created_ms": MS}),
    "closing": object_of({
        "institution": DIGEST, "recording": uuid, "run": uuid, "track": track, "sequence": U32_NUMBER, "reason": REASON, "chunks": U32_NUMBER,
        "duration_us": US, "size_bytes": US, "digest": DIGEST, "head": DIGEST}),
    "journal": object_of({
        "institution": DIGEST, "recording": uuid, "run": uuid, "index": US, "previous": nullable(DIGEST), "boot_id": uuid, "boottime_us": US,
        "wall_ms": MS, "event": event}),
    "receipt": object_of({
        "institution": DIGEST, "recording": uuid, "run": uuid, "track": track, "sequence": U32_NUMBER, "size_bytes": US, "digest": DIGEST,
        "head": DIGEST, "stored_ms": MS}),
    "expired": object_of({"institution": DIGEST, "recording": uuid, "expired_ms": MS}),
    "recording-receipt": object_of({
        "institution": DIGEST, "exam": uuid, "recording": uuid, "starts_ms": MS, "ends_ms": MS, "until_ms": MS, "finished": boolean, "expected_ms": MS,
        "stored_ms": MS, "missing": list_of(object_of({"from_ms": MS, "to_ms": MS, "cause": CAUSE})), "unlisted_ms": MS,
        "tracks": list_of(object_of({"track": track, "kind": KIND, "segments": US, "size_bytes": US, "media_ms": MS, "stored_ms": MS})),
        "segments": US, "size_bytes": US, "waiting_segments": US, "refused_segments": US, "utc_offset_secs": number(-2**31, 2**31 - 1), "made_ms": MS}),
    "join": object_of({"institution": DIGEST, "code_digest": DIGEST, "wall_ms": MS}),
}


def id_bytes(value):
    return bytes.fromhex(value.replace("-", ""))
