"""Segments: section 5."""
from primitives import Malformed, gcm_open, hkdf, sha, verifies
from statements import Statement
from strict import HEADER, I64, id_bytes, strict_json

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
