"""Statements, certificates and key records: sections 2 to 4."""
import json

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from primitives import Malformed, hpke_open, raw_public, sha, verifies
from strict import KEY, PAYLOADS, U64, hexadecimal, id_bytes, list_of, number, object_of, strict_json, string

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
    if kind == "recording-receipt":
        check_receipt(payload)


def check_receipt(receipt):
    def require(holds, member):
        if not holds:
            raise Malformed("bad-member", member)

    starts, until, tracks = receipt["starts_ms"], receipt["until_ms"], receipt["tracks"]
    require(starts <= receipt["ends_ms"], "ends_ms")
    require(starts <= until <= receipt["ends_ms"] and until <= max(starts, receipt["made_ms"]), "until_ms")
    require(receipt["expected_ms"] == until - starts, "expected_ms")
    require(len(receipt["missing"]) <= 400, "missing")
    at, listed = starts, 0
    for stretch in receipt["missing"]:
        require(at <= stretch["from_ms"] < stretch["to_ms"] <= until, "missing")
        at, listed = stretch["to_ms"], listed + stretch["to_ms"] - stretch["from_ms"]
    unlisted = receipt["unlisted_ms"]
    require(unlisted == 0 or unlisted > 0 and len(receipt["missing"]) == 400, "unlisted_ms")
    require(0 <= receipt["stored_ms"] == until - starts - listed - unlisted, "stored_ms")
    names = [one["track"] for one in tracks]
    require(len(names) <= 64 and names == sorted(set(names)), "tracks")
    require(all(one["media_ms"] >= 0 and 0 <= one["stored_ms"] <= until - starts and one["segments"] > 0 for one in tracks), "tracks")
    require(sum(one["segments"] for one in tracks) == receipt["segments"], "segments")
    require(sum(one["size_bytes"] for one in tracks) == receipt["size_bytes"], "size_bytes")
    require(-86400 < receipt["utc_offset_secs"] < 86400, "utc_offset_secs")


def check_receipt_file(text, fingerprint):
    """What a receipt of a recording says, if it counts for the institution of this fingerprint, and its digest."""
    file = strict_json(text)
    is_statement = lambda value: Statement(value)
    object_of({"institution": KEY, "certificates": list_of(is_statement), "receipt": is_statement})(file)
    trust = Trust(fingerprint, bytes.fromhex(file["institution"]), file["certificates"])
    statement = Statement(file["receipt"])
    receipt = statement.read("recording-receipt")
    if receipt["institution"] != fingerprint.hex():
        raise Malformed("wrong-institution")
    trust.require("server", statement.key.hex(), receipt["made_ms"])
    return receipt, statement.digest().hex()


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
