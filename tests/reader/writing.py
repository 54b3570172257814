"""Writes a segment and its key record, for other readers to open."""
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from primitives import hkdf, hpke_seal, raw_public, sha
from segments import BEACON, CHUNK, CLOSING, FINAL, INIT, MAGIC, SIGNATURE, UNCOUNTED, Segment, nonce, segment_key
from statements import Statement, inner_aad, outer_aad

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
            "erasure_private": erasure.hex(), "certificates": certificates, "key_records": [statement], "cases": []}
    (folder / "manifest.json").write_text(json.dumps(case), "utf-8")
    (folder / "plain.json").write_text(json.dumps([plain.hex() for plain in [b"init of another writer", *chunks, b""]]), "utf-8")
