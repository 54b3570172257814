#!/usr/bin/python3
"""A reader of what outlives the footage's month, written from docs/evidence.md alone: sealed attachments, held runs and segments, drafts, and
the ZIP, digests, act and footage of an evidence bundle.

  evidence_reader.py DIR    reads the vectors of shared/evidence/vectors/v1
"""
import io
import json
import sys
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from primitives import Malformed, gcm_open, hkdf, hpke_open, raw_public, sha, verifies
from segments import FINAL, Segment, nonce
from statements import SIGNED, Statement, Trust
from strict import id_bytes, strict_json

MAGIC = bytes([0x89, 0x49, 0x56, 0x41, 0x0D, 0x0A, 0x1A, 0x0A])
MEMBERS = ["institution", "act", "attachment", "kind", "media", "name", "source", "size_bytes", "digest", "commitment", "review", "inner"]


def payload(value, kind):
    statement = Statement(value)
    if not verifies(statement.key, SIGNED + statement.text, statement.signature):
        raise Malformed("bad-signature")
    read = strict_json(statement.text)
    if (read.pop("type"), read.pop("version")) != (kind, 1):
        raise Malformed("wrong-type", kind)
    return statement, read


def public(private):
    return raw_public(X25519PrivateKey.from_private_bytes(private))


def open_outer(label, context, private, review, enc, sealed):
    aad = context + public(private) + sha(*review)
    return hpke_open(private, enc, sealed, label + b" outer\x00", aad, "outer-seal")


def open_inner(label, context, private, review, inner):
    mine = public(private)
    entry = inner[80 * review.index(mine):][:80]
    return hpke_open(private, entry[:32], entry[32:], label + b"\x00", context + mine, "inner-seal")


def keys(record):
    return [bytes.fromhex(key) for key in record["review"]]


def read_attachment(data, review):
    if data[:8] != MAGIC or data[8:12] != b"\x00\x01\x00\x00":
        raise Malformed("not-an-attachment")
    end = 16 + int.from_bytes(data[12:16], "big")
    text = data[16:end]
    header = strict_json(text)
    write = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    if list(header) != MEMBERS or write(header) != text:
        raise Malformed("spelling")
    context = b"".join([bytes.fromhex(header["institution"]), id_bytes(header["act"]), id_bytes(header["attachment"]),
                        bytes.fromhex(header["commitment"]), bytes.fromhex(header["digest"])])
    inner = bytes.fromhex(header["inner"])
    key = open_inner(b"invigil v1 attachment", context, review, keys(header), inner)
    if hkdf(key, b"invigil v1 attachment commitment\x00", 32).hex() != header["commitment"]:
        raise Malformed("commitment")
    bound = write({**header, "inner": ""})
    bound = data[:12] + len(bound).to_bytes(4, "big") + bound
    plain = gcm_open(key, bytes(12), data[end:], bound, "broken-seal")
    if sha(plain).hex() != header["digest"] or len(plain) != header["size_bytes"]:
        raise Malformed("digest")
    return header, context, inner, plain


def open_segment(data, key):
    segment = Segment(data)
    if hkdf(key, b"invigil v1 commitment\x00", 32).hex() != segment.header["commitment"]:
        raise Malformed("commitment")
    for frame in segment.frames:
        if frame.kind <= FINAL:
            gcm_open(key, nonce(frame.kind, frame.counter), frame.body, segment.head0 + frame.raw, "broken-seal")
    return segment


def sealed(folder):
    vectors = json.loads((folder / "sealed.json").read_text("utf-8"))
    institution, review = bytes.fromhex(vectors["institution"]), bytes.fromhex(vectors["review_private"])
    unhex = lambda one, *names: [bytes.fromhex(one[name]) for name in names]

    one = vectors["attachment"]
    header, context, inner, plain = read_attachment((folder / one["file"]).read_bytes(), review)
    assert plain.hex() == one["plain"], "attachment"
    enc, outer = unhex(one["outer"], "enc", "sealed")
    act_private, = unhex(one, "act_private")
    assert open_outer(b"invigil v1 attachment", context, act_private, keys(header), enc, outer) == inner, "attachment's outer layer"

    one = vectors["held_run"]
    _, held = payload(one["statement"], "held-run")
    record_statement, record = payload(one["key_record"], "key-record")
    assert held["key_record"] == record_statement.digest().hex()
    context = b"".join([institution, id_bytes(held["hold"]), id_bytes(held["recording"]), id_bytes(held["run"]), bytes.fromhex(held["key_record"])])
    pending, = unhex(one, "pending_private")
    inner = open_outer(b"invigil v1 held run", context, pending, keys(held), *unhex(held, "enc", "sealed"))
    # The inner text is the key record's own: format.md 4.
    aad = institution + id_bytes(record["recording"]) + id_bytes(record["run"]) + public(review)
    entry = inner[80 * keys(held).index(public(review)):][:80]
    assert hpke_open(review, entry[:32], entry[32:], b"invigil v1 run key\x00", aad, "inner-seal").hex() == one["run_key"], "held run"

    one = vectors["held_segment"]
    _, held = payload(one["statement"], "held-segment")
    name = held["track"].encode()
    context = b"".join([institution, id_bytes(held["hold"]), id_bytes(held["recording"]), id_bytes(held["run"]), bytes([len(name)]), name,
                        held["sequence"].to_bytes(4, "big"), bytes.fromhex(held["commitment"])])
    effective, = unhex(one, "effective_private")
    inner = open_outer(b"invigil v1 held segment", context, effective, keys(held), *unhex(held, "enc", "sealed"))
    key = open_inner(b"invigil v1 held segment", context, review, keys(held), inner)
    assert key.hex() == one["key"], "held segment"
    assert open_segment((folder / one["segment"]).read_bytes(), key).closing

    one = vectors["draft"]
    private, box = unhex(one, "act_private", "sealed")
    aad = institution + id_bytes(one["act"]) + one["revision"].to_bytes(8, "big")
    assert hpke_open(private, box[:32], box[32:], b"invigil v1 draft\x00", aad, "outer-seal").hex() == one["plain"], "draft"
    return 4


def canonical(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()


def write_zip(files):
    """The one ZIP that these files can be."""
    out, directory = b"", b""
    for name, data in files:
        name = name.encode()
        le = lambda value, size: value.to_bytes(size, "little")
        fields = (le(20, 2) + le(0x0800, 2) + le(0, 2) + le(0, 2) + le(0x21, 2) + le(zipfile.crc32(data), 4) + 2 * le(len(data), 4)
                  + le(len(name), 2) + le(0, 2))
        directory += b"PK\x01\x02" + le(0x14, 2) + fields + bytes(10) + le(len(out), 4) + name
        out += b"PK\x03\x04" + fields + name + data
    count = len(files).to_bytes(2, "little")
    return (out + directory + b"PK\x05\x06" + bytes(4) + count + count + len(directory).to_bytes(4, "little")
            + len(out).to_bytes(4, "little") + bytes(2))


def bundle(folder):
    vector = json.loads((folder / "bundle.json").read_text("utf-8"))
    data = (folder / vector["bundle"]).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = [(info.filename, archive.read(info)) for info in archive.infolist()]
    assert write_zip(files) == data, "not canonical"
    by_name = dict(files)
    text = lambda name: json.loads(by_name[name])
    certificates = text("certificates.json")
    assert certificates["institution"] == vector["institution"]
    key = bytes.fromhex(vector["institution"])
    trust = Trust(sha(key), key, certificates["certificates"], strict=True)
    statement, manifest = payload(text("manifest.json"), "bundle")
    trust.require("server", statement.key.hex(), manifest["created_ms"])
    assert [file["name"] for file in manifest["files"]] == [name for name, _ in files[1:]]
    for file in manifest["files"]:
        found = by_name[file["name"]]
        assert (len(found), sha(found).hex()) == (file["size_bytes"], file["digest"]), file["name"]

    signed, act = payload(text("act/act.json"), "act")
    trust.require("server", signed.key.hex(), act["signed_ms"])
    assert manifest["act"] == signed.digest().hex()
    content = {name: value for name, value in act.items() if name not in
               ("number", "year", "number_text", "signatories", "repeated", "signed_ms", "log_index", "log_previous")}
    content |= {"type": "act", "version": 1, "to_sign": [{name: s[name] for name in ("account", "name", "post")} for s in act["signatories"]]}
    digest = sha(b"invigil v1 act content\x00", canonical(content)).hex()
    assert digest == vector["act_content"] and all(s["content"] == digest for s in act["signatories"]), "content"

    disclosed = {(one["run"], one["track"], one["sequence"]): bytes.fromhex(one["key"]) for one in text("keys.json")["segments"]}
    cited = {(s["run"], s["track"], s["sequence"]): s for stretch in act["evidence"] for s in stretch["segments"]}
    assert disclosed.keys() == cited.keys(), "keys"
    for (run, track, sequence), segment in cited.items():
        found = by_name[f"runs/{run}/{track}-{sequence:08}.seg"]
        read = open_segment(found, disclosed[run, track, sequence])
        assert read.closing and read.head.hex() == segment["head"] and sha(found).hex() == segment["digest"]
        read.check_trust(trust, payload(text(f"runs/{run}/key-record.json"), "key-record")[1]["created_ms"])
    return len(cited)


def main():
    folder = Path(sys.argv[1])
    print(f"{sealed(folder / 'sealed')} sealed things and a bundle of {bundle(folder / 'bundle')} segments read as expected")


if __name__ == "__main__":
    main()
