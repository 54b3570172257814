#!/usr/bin/python3
"""A reader of Invigil's footage format, version 1, written from docs/format.md alone.

Needs Python 3.11 and the package `cryptography` (Debian: python3-cryptography).

  invigil_reader.py vectors DIR   reads every vector of DIR/manifest.json and compares with what the manifest expects
  invigil_reader.py open FILE KEY_RECORD ERASURE_KEY REVIEW_KEY
                                  verifies and opens one segment (keys: files with 64 hexadecimal digits); says what it found
  invigil_reader.py write DIR     writes a segment, its key record and their keys, for other readers to open

Argon2id is not in `cryptography` 38: the vectors of wrapped keys carry its output, which this reader takes over.
"""
import hashlib
import hmac
import json
import os
import re
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

U64 = 2**64 - 1
I64 = 2**63 - 1
U32 = 2**32 - 1


class Malformed(Exception):
    """What is wrong, by the name that format.md gives it."""

    def __init__(self, name, detail=""):
        super().__init__(f"{name}: {detail}" if detail else name)
        self.name = name


# ---------------------------------------------------------------- primitives

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf(ikm, info, length):
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(ikm)


def raw_public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def verifies(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def gcm_open(key, nonce, sealed, aad, error):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise Malformed(error) from None


# ---------------------------------------------------------------- HPKE, RFC 9180 base mode

KEM_SUITE = b"KEM\x00\x20"
HPKE_SUITE = b"HPKE\x00\x20\x00\x01\x00\x02"


def labeled_extract(suite, salt, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(suite, prk, label, info, length):
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=labeled).derive(prk)


def hpke_schedule(dh, enc, recipient, info):
    prk = labeled_extract(KEM_SUITE, b"", b"eae_prk", dh)
    shared = labeled_expand(KEM_SUITE, prk, b"shared_secret", enc + recipient, 32)
    context = b"\x00" + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + labeled_extract(HPKE_SUITE, b"", b"info_hash", info)
    secret = labeled_extract(HPKE_SUITE, shared, b"secret", b"")
    return labeled_expand(HPKE_SUITE, secret, b"key", context, 32), labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12)


def hpke_open(private, enc, sealed, info, aad, error):
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        dh = key.exchange(X25519PublicKey.from_public_bytes(enc))
    except ValueError:
        raise Malformed(error) from None
    aes, nonce = hpke_schedule(dh, enc, raw_public(key), info)
    return gcm_open(aes, nonce, sealed, aad, error)


def hpke_seal(recipient, plain, info, aad):
    ephemeral = X25519PrivateKey.generate()
    enc = raw_public(ephemeral)
    aes, nonce = hpke_schedule(ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient)), enc, recipient, info)
    return enc, AESGCM(aes).encrypt(nonce, plain, aad)


# ---------------------------------------------------------------- strict JSON

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
    "frames-dropped": {"track": track, "count": US, "reason": string},
}


def event(value):
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str) or value["kind"] not in EVENTS:
        raise Malformed("json", "event")
    object_of({"kind": string, **EVENTS[value["kind"]]})(value)


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
    "join": object_of({"institution": DIGEST, "code_digest": DIGEST, "wall_ms": MS}),
}


def id_bytes(value):
    return bytes.fromhex(value.replace("-", ""))


# ---------------------------------------------------------------- statements and certificates

SIGNED = b"invigil v1 statement\x00"


def check_payload(kind, payload):
    if kind == "certificate":
        for member, role in (("exam", "erasure"), ("recording", "device"), ("delegate", "server")):
            if (member in payload) != (payload["role"] == role):
                raise Malformed("bad-member", member)
        if any(role in ("server", "review") for role in payload.get("delegate", ())):
            raise Malformed("bad-member", "delegate")
    if kind == "key-record":
        if not 1 <= len(payload["review"]) <= 16:
            raise Malformed("bad-member", "review")
        if len(payload["sealed"]) != 2 * (80 * len(payload["review"]) + 16):
            raise Malformed("bad-member", "sealed")


class Statement:
    def __init__(self, value):
        object_of({"payload": string, "key": KEY, "signature": hexadecimal(64)})(value)
        self.text = value["payload"].encode("utf-8")
        self.key = bytes.fromhex(value["key"])
        self.signature = bytes.fromhex(value["signature"])

    @staticmethod
    def sign(payload, private):
        text = json.dumps(payload)
        return {"payload": text, "key": raw_public(private).hex(), "signature": private.sign(SIGNED + text.encode()).hex()}

    def digest(self):
        return sha(b"invigil v1 statement digest\x00", self.key, self.signature, self.text)

    def read(self, kind, signer=None):
        if signer is not None and self.key != signer:
            raise Malformed("wrong-signer")
        if len(self.text) > 65536:
            raise Malformed("statement-too-long")
        if not verifies(self.key, SIGNED + self.text, self.signature):
            raise Malformed("bad-signature")
        payload = strict_json(self.text)
        if not isinstance(payload, dict) or not isinstance(payload.get("type"), str):
            raise Malformed("json", "type")
        if payload.pop("type") != kind:
            raise Malformed("wrong-type")
        version = payload.pop("version", None)
        number(0, U64)(version)
        if version != 1:
            raise Malformed("unsupported-version")
        PAYLOADS[kind](payload)
        check_payload(kind, payload)
        return payload


class Trust:
    def __init__(self, fingerprint, institution, statements, strict=False):
        if sha(institution) != fingerprint:
            raise Malformed("wrong-institution")
        self.fingerprint, self.institution, self.entries = fingerprint, institution, []
        for value in statements:
            try:
                statement = Statement(value)
                certificate = statement.read("certificate")
                if certificate["institution"] != fingerprint.hex():
                    raise Malformed("wrong-institution")
                self.entries.append((certificate, statement.key))
            except Malformed:
                if strict:
                    raise

    @staticmethod
    def valid(certificate, at_ms):
        if at_ms < certificate["not_before_ms"]:
            raise Malformed("not-yet-valid")
        if at_ms >= certificate["not_after_ms"]:
            raise Malformed("certificate-expired")

    def counts(self, certificate, signer, at_ms):
        self.valid(certificate, at_ms)
        if signer == self.institution:
            return
        why = Malformed("untrusted-issuer")
        for issuer, issuers_signer in self.entries:
            if issuer["role"] != "server" or issuer["subject"] != signer.hex() or issuers_signer != self.institution:
                continue
            if certificate["role"] not in issuer["delegate"]:
                why = Malformed("not-delegated")
                continue
            try:
                self.valid(issuer, at_ms)
                return
            except Malformed as error:
                why = error
        raise why

    def require(self, role, subject, at_ms, exam=None, recording=None):
        why = Malformed("not-certified", role)
        for certificate, signer in self.entries:
            if certificate["role"] != role or certificate["subject"] != subject:
                continue
            try:
                if exam is not None and certificate.get("exam") != exam:
                    raise Malformed("wrong-scope")
                if recording is not None and certificate.get("recording") != recording:
                    raise Malformed("wrong-scope")
                self.counts(certificate, signer, at_ms)
                return certificate
            except Malformed as error:
                why = error
        raise why


# ---------------------------------------------------------------- key records

def outer_aad(record):
    recipients = sha(*(bytes.fromhex(key) for key in record["review"]))
    ids = b"".join(id_bytes(record[name]) for name in ("exam", "recording", "run"))
    return bytes.fromhex(record["institution"]) + ids + bytes.fromhex(record["erasure"]) + recipients


def inner_aad(record, review):
    return bytes.fromhex(record["institution"]) + id_bytes(record["recording"]) + id_bytes(record["run"]) + review


def check_key_record(statement, trust):
    record = statement.read("key-record")
    if record["institution"] != trust.fingerprint.hex():
        raise Malformed("wrong-institution")
    at_ms = record["created_ms"]
    trust.require("device", statement.key.hex(), at_ms, recording=record["recording"])
    trust.require("erasure", record["erasure"], at_ms, exam=record["exam"])
    for review in record["review"]:
        trust.require("review", review, at_ms)
    return record


def run_key(record, erasure, review):
    if raw_public(X25519PrivateKey.from_private_bytes(erasure)).hex() != record["erasure"]:
        raise Malformed("not-a-recipient", "erasure")
    sealed = bytes.fromhex(record["sealed"])
    inner = hpke_open(erasure, bytes.fromhex(record["enc"]), sealed, b"invigil v1 key record\x00", outer_aad(record), "outer-seal")
    public = raw_public(X25519PrivateKey.from_private_bytes(review))
    if public.hex() not in record["review"]:
        raise Malformed("not-a-recipient", "review")
    place = 80 * record["review"].index(public.hex())
    entry = inner[place:place + 80]
    return hpke_open(review, entry[:32], entry[32:], b"invigil v1 run key\x00", inner_aad(record, public), "inner-seal")


# ---------------------------------------------------------------- segments

MAGIC = bytes([0x89, 0x49, 0x56, 0x53, 0x0D, 0x0A, 0x1A, 0x0A])
INIT, CHUNK, FINAL, SIGNATURE, BEACON, CLOSING = 1, 2, 3, 4, 5, 6
LENGTHS = {INIT: (16, 65536 + 16), CHUNK: (17, (8 << 20) + 16), FINAL: (16, 16), SIGNATURE: (64, 64), BEACON: (120, 120), CLOSING: (1, 4096)}
UNCOUNTED = 0xFFFFFFFF


def read_beacon(fingerprint, data):
    if len(data) != 120:
        raise Malformed("beacon-length")
    if not verifies(data[24:56], b"invigil v1 beacon\x00" + fingerprint + data[:24], data[56:]) or data[0] & 0x80:
        raise Malformed("bad-beacon")
    return {"time_ms": int.from_bytes(data[:8], "big"), "key": data[24:56].hex()}


class Frame:
    def __init__(self, header, offset):
        self.raw, self.offset = header, offset
        self.kind, self.flags = header[0], header[1]
        field = lambda at, size: int.from_bytes(header[at:at + size], "big")
        self.counter, self.boottime_us, self.wall_ms, self.duration_us, self.length = field(4, 4), field(8, 8), field(16, 8), field(24, 4), field(28, 4)
        self.head_before = header[32:]
        if self.kind not in LENGTHS:
            raise Malformed("unknown-frame-kind")
        if self.flags not in {FINAL: (1,), CHUNK: (0, 2)}.get(self.kind, (0,)):
            raise Malformed("bad-flags")
        if header[2:4] != b"\x00\x00":
            raise Malformed("reserved-bits")
        if self.kind > FINAL and self.counter != UNCOUNTED:
            raise Malformed("bad-counter")
        if self.wall_ms > I64:
            raise Malformed("bad-wall-time")
        if self.kind != CHUNK and self.duration_us != 0:
            raise Malformed("bad-duration")
        low, high = LENGTHS[self.kind]
        if not low <= self.length <= high:
            raise Malformed("body-length")


class Segment:
    """Everything of a segment that needs no key."""

    def __init__(self, data):
        self.data, self.frames, self.beacons, self.closing = data, [], [], None
        self.chunks = self.duration_us = self.signed_bytes = self.counter = 0
        self.read_header()
        self.stage = "init"
        while self.whole_bytes < len(data) or self.stage == "closed":
            if self.stage == "closed":
                if self.whole_bytes < len(data):
                    raise Malformed("after-closing")
                break
            if not self.read_frame():
                break

    def read_header(self):
        data = self.data
        if len(data) < 16:
            raise Malformed("no-header")
        if data[:8] != MAGIC:
            raise Malformed("not-a-segment")
        if data[8:10] != b"\x00\x01":
            raise Malformed("unsupported-version")
        if data[10:12] != b"\x00\x00":
            raise Malformed("reserved-bits")
        length = int.from_bytes(data[12:16], "big")
        if not 1 <= length <= 8192:
            raise Malformed("header-length")
        if len(data) < 16 + length:
            raise Malformed("no-header")
        self.header = strict_json(data[16:16 + length])
        HEADER(self.header)
        self.whole_bytes = 16 + length
        self.head0 = self.head = sha(b"invigil v1 segment head\x00", data[:16 + length])

    def next_stage(self, kind):
        return {
            ("init", INIT): "body", ("body", CHUNK): "body", ("body", SIGNATURE): "body", ("body", BEACON): "body",
            ("body", FINAL): "end", ("init", SIGNATURE): "end", ("end", SIGNATURE): "end",
            ("body", CLOSING): "closed", ("end", CLOSING): "closed",
        }.get((self.stage, kind))

    def read_frame(self):
        offset = self.whole_bytes
        header = self.data[offset:offset + 64]
        if len(header) < 64:
            return False
        frame = Frame(header, offset)
        stage = self.next_stage(frame.kind)
        if stage is None:
            raise Malformed("frame-order")
        if frame.kind <= FINAL and frame.counter != self.counter:
            raise Malformed("bad-counter")
        if frame.head_before != self.head:
            raise Malformed("chain-broken")
        if len(self.frames) >= 100_000:
            raise Malformed("too-many-frames")
        if offset + 64 + frame.length > 64 << 20:
            raise Malformed("segment-too-long")
        body = self.data[offset + 64:offset + 64 + frame.length]
        if len(body) < frame.length:
            return False
        if frame.kind == SIGNATURE:
            if not verifies(bytes.fromhex(self.header["device"]), b"invigil v1 head signature\x00" + self.head, body):
                raise Malformed("bad-head-signature")
            self.signed_bytes = offset
        elif frame.kind == BEACON:
            self.beacons.append(read_beacon(bytes.fromhex(self.header["institution"]), body))
        elif frame.kind == CHUNK:
            self.chunks += 1
            self.duration_us += frame.duration_us
        elif frame.kind == CLOSING:
            self.read_closing(frame, body)
            self.signed_bytes = offset + 64 + frame.length
        self.head = sha(b"invigil v1 frame head\x00", header, body)
        self.counter += frame.kind <= FINAL
        self.whole_bytes = offset + 64 + frame.length
        self.stage = stage
        frame.body = body
        self.frames.append(frame)
        return True

    def read_closing(self, frame, body):
        closing = Statement(strict_json(body)).read("closing", bytes.fromhex(self.header["device"]))
        if closing["reason"] != "recovered" and not any(frame.kind == FINAL for frame in self.frames):
            raise Malformed("no-final-frame")
        before = self.frames[-1]
        right = (before.boottime_us, before.wall_ms) == (frame.boottime_us, frame.wall_ms)
        for name in ("institution", "recording", "run", "track", "sequence"):
            right = right and closing[name] == self.header[name]
        right = right and (closing["chunks"], closing["duration_us"], closing["size_bytes"]) == (self.chunks, self.duration_us, frame.offset)
        right = right and closing["digest"] == sha(self.data[:frame.offset]).hex() and closing["head"] == self.head.hex()
        if not right:
            raise Malformed("closing-mismatch")
        self.closing = closing

    def check_trust(self, trust, at_ms):
        if self.header["institution"] != trust.fingerprint.hex():
            raise Malformed("wrong-institution")
        trust.require("device", self.header["device"], at_ms, recording=self.header["recording"])
        for beacon in self.beacons:
            trust.require("server", beacon["key"], beacon["time_ms"])

    def open(self, key):
        aes = segment_key(key, self.header)
        if hkdf(aes, b"invigil v1 commitment\x00", 32).hex() != self.header["commitment"]:
            raise Malformed("commitment")
        return [gcm_open(aes, nonce(frame.kind, frame.counter), frame.body, self.head0 + frame.raw, "broken-seal")
                for frame in self.frames if frame.kind <= FINAL]


def segment_key(key, header):
    name = header["track"].encode()
    info = (b"invigil v1 segment key\x00" + id_bytes(header["recording"]) + id_bytes(header["run"]) + bytes([len(name)]) + name
            + header["sequence"].to_bytes(4, "big"))
    return hkdf(key, info, 32)


def nonce(kind, counter):
    return bytes(7) + counter.to_bytes(4, "big") + bytes([kind == FINAL])


# ---------------------------------------------------------------- journals, wrapped keys, recordings

class Journal:
    def __init__(self, institution, recording, run, device):
        self.institution, self.recording, self.run, self.device = institution, recording, run, device
        self.next, self.last = 0, None

    def push(self, value):
        statement = Statement(value)
        entry = statement.read("journal", self.device)
        if entry["institution"] != self.institution:
            raise Malformed("wrong-institution")
        if entry["recording"] != self.recording or entry["run"] != self.run:
            raise Malformed("wrong-scope")
        if entry["index"] != self.next:
            raise Malformed("journal-index")
        if self.next > 0 and entry["previous"] != self.last:
            raise Malformed("journal-chain")
        self.next, self.last = self.next + 1, statement.digest().hex()
        return entry


WRAPPED = object_of({
    "type": string, "version": number(0, U64), "public": KEY, "kdf": string, "memory_kib": U32_NUMBER, "iterations": U32_NUMBER,
    "parallelism": U32_NUMBER, "salt": any_hex, "nonce": any_hex, "sealed": any_hex})


def unwrap(text, derived):
    """`derived` is the output of Argon2id, which this reader does not compute."""
    file = strict_json(text)
    WRAPPED(file)
    if file["type"] != "wrapped-review-key":
        raise Malformed("wrong-type")
    if file["version"] != 1:
        raise Malformed("unsupported-version")
    if file["kdf"] != "argon2id" or any(len(file[name]) != 2 * size for name, size in (("salt", 16), ("nonce", 12), ("sealed", 48))):
        raise Malformed("bad-member")
    lanes = file["parallelism"]
    if not (1 <= file["iterations"] <= 16 and 1 <= lanes <= 16 and 8 * lanes <= file["memory_kib"] <= 1 << 20):
        raise Malformed("kdf-cost")
    aad = b"invigil v1 wrapped review key\x00" + bytes.fromhex(file["public"])
    key = gcm_open(derived, bytes.fromhex(file["nonce"]), bytes.fromhex(file["sealed"]), aad, "wrong-passphrase")
    if raw_public(X25519PrivateKey.from_private_bytes(key)).hex() != file["public"]:
        raise Malformed("wrong-passphrase")
    return key


def error_of(call):
    try:
        call()
        return None
    except Malformed as error:
        return error.name


def report_run(run, runs, folder, trust):
    found = {"run": run["run"], "key_record": None, "journal": None, "end_proven": False, "tracks": []}
    entries, record = [], None
    try:
        if run["key_record"] is None:
            raise Malformed("not-certified")
        statement = Statement(run["key_record"])
        record = check_key_record(statement, trust)
        if record["run"] != run["run"]:
            raise Malformed("wrong-scope")
        journal = Journal(record["institution"], record["recording"], record["run"], statement.key)
        try:
            for value in run["journal"]:
                entries.append(journal.push(value))
        except Malformed as error:
            found["journal"] = error.name
    except Malformed as error:
        found["key_record"] = error.name
    found["end_proven"] = bool(entries) and entries[-1]["event"]["kind"] == "run-ended"
    previous = next((entry["event"]["previous_run"] for entry in entries if entry["event"]["kind"] == "run-started"), None)
    for other in runs:
        if other["run"] == previous and other["journal"] and found["journal"] is None:
            if entries[0]["previous"] != Statement(other["journal"][-1]).digest().hex():
                found["journal"] = "journal-chain"
    segments = [Segment((folder / name).read_bytes()) for name in run["segments"]]
    names = {segment.header["track"] for segment in segments}
    names |= {entry["event"]["track"] for entry in entries if entry["event"]["kind"] == "segment-started"}
    for name in sorted(names):
        mine = sorted((segment for segment in segments if segment.header["track"] == name), key=lambda segment: segment.header["sequence"])
        found["tracks"].append(report_track(name, mine, entries, record, record and statement, trust))
    return found, previous


def report_track(name, segments, entries, record, statement, trust):
    reports, gaps, end, before = [], [], None, None
    for segment in segments:
        header, problems = segment.header, []
        if record:
            problem = error_of(lambda: segment.check_trust(trust, record["created_ms"]))
            problems += [problem] if problem else []
            problems += ["wrong-scope" for member in ("exam", "recording", "run") if header[member] != record[member]]
            problems += ["wrong-scope"] if header["key_record"] != statement.digest().hex() else []
            problems += ["wrong-signer"] if header["device"] != statement.key.hex() else []
        if before is not None:
            if before.header["sequence"] == header["sequence"]:
                problems.append("wrong-scope")
            elif before.closing and before.header["sequence"] + 1 == header["sequence"] and header["previous_head"] != before.head.hex():
                problems.append("chain-broken")
        before = segment
        for entry in entries:
            event = entry["event"]
            if (event.get("track"), event.get("sequence")) != (name, header["sequence"]):
                continue
            started = event["kind"] == "segment-started" and event["head"] != segment.head0.hex()
            closed = event["kind"] == "segment-closed" and event["run"] == entry["run"] and segment.closing and event["head"] != segment.head.hex()
            if started or closed:
                problems.append("journal-chain")
                break
        first = last = None
        for frame in segment.frames:
            if frame.kind == CHUNK:
                start, stop = frame.boottime_us, frame.boottime_us + frame.duration_us
                if end is not None and start - end >= 500_000:
                    gaps.append([end, start])
                end = stop if end is None else max(end, stop)
                first = start if first is None else min(first, start)
                last = stop if last is None else max(last, stop)
        reports.append({"sequence": header["sequence"], "closed": segment.closing and segment.closing["reason"],
                        "range_us": None if first is None else [first, last], "problems": problems})
    present = {report["sequence"] for report in reports}
    named = {entry["event"]["sequence"] for entry in entries
             if entry["event"]["kind"] == "segment-started" and entry["event"]["track"] == name}
    missing = (set(range(max(present, default=0))) | named) - present
    return {"track": name, "segments": reports, "missing_sequences": sorted(missing), "gaps": gaps}


# ---------------------------------------------------------------- vectors

class Vectors:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        m = self.manifest
        self.fingerprint, self.institution = bytes.fromhex(m["fingerprint"]), bytes.fromhex(m["institution"])
        self.review, self.erasure = bytes.fromhex(m["review_private"]), bytes.fromhex(m["erasure_private"])
        self.trust = Trust(self.fingerprint, self.institution, m["certificates"])
        self.records = [Statement(value) for value in m["key_records"]]

    def segment(self, data):
        segment = Segment(data)
        statement = next((s for s in self.records if s.digest().hex() == segment.header["key_record"]), None)
        if statement is None:
            raise Malformed("wrong-scope", "key_record")
        record = check_key_record(statement, self.trust)
        segment.check_trust(self.trust, record["created_ms"])
        plain = segment.open(run_key(record, self.erasure, self.review))
        return {"closed": segment.closing and segment.closing["reason"], "chunks": segment.chunks, "duration_us": segment.duration_us,
                "whole_bytes": segment.whole_bytes, "pending_bytes": len(data) - segment.whole_bytes, "signed_bytes": segment.signed_bytes,
                "beacons": len(segment.beacons), "head": segment.head.hex(), "plain_sha256": sha(*plain).hex()}

    def statement(self, data):
        asked, text = data.decode("utf-8").split("\n", 1)
        statement = Statement(strict_json(text))
        statement.read(asked)
        return {"digest": statement.digest().hex()}

    def certificates(self, data):
        case = json.loads(data)
        trust = Trust(bytes.fromhex(case["fingerprint"]), bytes.fromhex(case["institution"]),
                      case.get("certificates", self.manifest["certificates"]), strict=True)
        return {"name": trust.require(case["role"], case["subject"], case["at_ms"], case["exam"], case["recording"])["name"]}

    def key_record(self, data):
        case = json.loads(data)
        statement = Statement(case["statement"])
        record = check_key_record(statement, self.trust)
        private = lambda name, usual: bytes.fromhex(case[name]) if name in case else usual
        key = run_key(record, private("erasure_private", self.erasure), private("review_private", self.review))
        return {"run_key": key.hex(), "digest": statement.digest().hex()}

    def journal(self, data):
        case = json.loads(data)
        journal = Journal(case["institution"], case["recording"], case["run"], bytes.fromhex(case["device"]))
        return {"kinds": [journal.push(entry)["event"]["kind"] for entry in case["entries"]], "last": journal.last}

    def beacon(self, data):
        return {"time_ms": read_beacon(self.fingerprint, bytes.fromhex(data.decode()))["time_ms"]}

    def wrapped_key(self, data):
        case = json.loads(data)
        return {"private": unwrap(case["text"], bytes.fromhex(case["derived"])).hex()}

    def recording(self, data):
        runs = json.loads(data)
        reports = [report_run(run, runs, self.folder, self.trust) for run in runs]
        present = {run["run"] for run in runs}
        return {"runs": [report for report, _ in reports],
                "missing_runs": sorted({previous for _, previous in reports if previous is not None} - present)}

    def check(self):
        checked = wrong = 0
        for case in self.manifest["cases"]:
            if case["kind"] == "mp4":
                continue  # What is inside the seals is MP4's business, not this format's.
            data = (self.folder / case["file"]).read_bytes()
            try:
                found, error = getattr(self, case["kind"].replace("-", "_"))(data), None
            except Malformed as malformed:
                found, error = None, malformed.name
            checked += 1
            if error != case.get("error") or found != case.get("expect"):
                wrong += 1
                print(f"{case['name']}: expected {case.get('error') or case.get('expect')}, found {error or found}")
        print(f"{checked} vectors read, {wrong} otherwise than the manifest says")
        return wrong == 0


# ---------------------------------------------------------------- writing

def random_uuid():
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def write(folder):
    """One institution, one run, one segment of three chunks, closed."""
    folder = Path(folder)
    institution, server, device = (Ed25519PrivateKey.generate() for _ in range(3))
    review, erasure = os.urandom(32), os.urandom(32)
    public = lambda private: raw_public(X25519PrivateKey.from_private_bytes(private))
    fingerprint = sha(raw_public(institution))
    exam, recording, run, boot = (random_uuid() for _ in range(4))
    now_ms, now_us, key = 1_780_000_000_000, 77_000_000, os.urandom(32)

    def certificate(role, subject, signer, **more):
        return Statement.sign({"type": "certificate", "version": 1, "role": role, "institution": fingerprint.hex(), "subject": subject.hex(),
                               "name": "reader's", "not_before_ms": now_ms - 1000, "not_after_ms": now_ms + 1000, **more}, signer)

    certificates = [
        certificate("server", raw_public(server), institution, delegate=["tls", "erasure", "device"]),
        certificate("review", public(review), institution),
        certificate("erasure", public(erasure), server, exam=exam),
        certificate("device", raw_public(device), server, recording=recording),
    ]
    record = {"type": "key-record", "version": 1, "institution": fingerprint.hex(), "exam": exam, "recording": recording, "run": run,
              "review": [public(review).hex()], "erasure": public(erasure).hex(), "created_ms": now_ms}
    enc, sealed = hpke_seal(public(review), key, b"invigil v1 run key\x00", inner_aad(record, public(review)))
    enc, sealed = hpke_seal(public(erasure), enc + sealed, b"invigil v1 key record\x00", outer_aad(record))
    statement = Statement.sign({**record, "enc": enc.hex(), "sealed": sealed.hex()}, device)

    header = {"institution": fingerprint.hex(), "exam": exam, "recording": recording, "run": run, "track": "cam-1", "kind": "video",
              "codec": "avc1.42c01e", "width": 640, "height": 480, "sequence": 5, "previous_head": None,
              "key_record": Statement(statement).digest().hex(), "device": raw_public(device).hex(), "boot_id": boot, "origin_boottime_us": now_us}
    aes = segment_key(key, header)
    header["commitment"] = hkdf(aes, b"invigil v1 commitment\x00", 32).hex()
    text = json.dumps(header, indent=1).encode()
    data = MAGIC + b"\x00\x01\x00\x00" + len(text).to_bytes(4, "big") + text
    head0 = head = sha(b"invigil v1 segment head\x00", data)
    counter = 0

    def frame(kind, plain, duration_us=0):
        nonlocal data, head, counter
        sealed_kind = kind <= FINAL
        length = len(plain) + 16 * sealed_kind
        flags = {FINAL: 1, CHUNK: 2 if counter == 1 else 0}.get(kind, 0)
        raw = (bytes([kind, flags, 0, 0]) + (counter if sealed_kind else UNCOUNTED).to_bytes(4, "big") + now_us.to_bytes(8, "big")
               + now_ms.to_bytes(8, "big") + duration_us.to_bytes(4, "big") + length.to_bytes(4, "big") + head)
        body = AESGCM(aes).encrypt(nonce(kind, counter), plain, head0 + raw) if sealed_kind else plain
        counter += sealed_kind
        head = sha(b"invigil v1 frame head\x00", raw, body)
        data += raw + body

    chunks = [b"one", b"two" * 1000, b"three"]
    frame(INIT, b"init of another writer")
    for plain in chunks:
        frame(CHUNK, plain, 1_000_000)
    stamp = now_ms.to_bytes(8, "big") + os.urandom(16)
    frame(BEACON, stamp + raw_public(server) + server.sign(b"invigil v1 beacon\x00" + fingerprint + stamp))
    frame(FINAL, b"")
    frame(SIGNATURE, device.sign(b"invigil v1 head signature\x00" + head))
    closing = {"type": "closing", "version": 1, "reason": "stopped", "chunks": 3, "duration_us": 3_000_000, "size_bytes": len(data),
               "digest": sha(data).hex(), "head": head.hex(), **{name: header[name] for name in ("institution", "recording", "run", "track", "sequence")}}
    frame(CLOSING, json.dumps(Statement.sign(closing, device)).encode())

    Segment(data)
    (folder / "segment.ivs").write_bytes(data)
    case = {"fingerprint": fingerprint.hex(), "institution": raw_public(institution).hex(), "review_private": review.hex(),
            "erasure_private": erasure.hex(), "certificates": certificates, "key_records": [statement], "cases": [],
            }
    (folder / "manifest.json").write_text(json.dumps(case), "utf-8")
    (folder / "plain.json").write_text(json.dumps([plain.hex() for plain in [b"init of another writer", *chunks, b""]]), "utf-8")


def open_one(segment_file, record_file, erasure_file, review_file):
    segment = Segment(Path(segment_file).read_bytes())
    record = Statement(strict_json(Path(record_file).read_bytes()))
    if record.digest().hex() != segment.header["key_record"]:
        raise Malformed("wrong-scope", "key_record")
    private = lambda file: bytes.fromhex(Path(file).read_text().strip())
    plain = segment.open(run_key(record.read("key-record", bytes.fromhex(segment.header["device"])), private(erasure_file), private(review_file)))
    closed = segment.closing["reason"] if segment.closing else "not closed"
    print(f"{segment.chunks} chunks, {sum(map(len, plain))} bytes, {segment.duration_us / 1e6:.3f} s, {closed}; "
          f"signed up to byte {segment.signed_bytes} of {segment.whole_bytes}; certificates not checked")


def main(arguments):
    match arguments:
        case ["vectors", folder]:
            return 0 if Vectors(folder).check() else 1
        case ["open", *files] if len(files) == 4:
            open_one(*files)
            return 0
        case ["write", folder]:
            write(folder)
            return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Malformed as malformed:
        print(malformed, file=sys.stderr)
        sys.exit(1)
