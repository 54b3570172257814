#!/usr/bin/python3
"""A reader of Invigil's footage format, version 1, written from docs/format.md alone.

Needs Python 3.11 and the package `cryptography` (Debian: python3-cryptography).

  invigil_reader.py vectors DIR   reads every vector of DIR/manifest.json and of DIR/*/manifest.json and compares with what these expect
  invigil_reader.py open FILE KEY_RECORD ERASURE_KEY REVIEW_KEY
                                  verifies and opens one segment (keys: files with 64 hexadecimal digits); says what it found
  invigil_reader.py write DIR     writes a segment, its key record and their keys, for other readers to open

Argon2id is not in `cryptography` 38: the vectors of wrapped keys carry its output, which this reader takes over.
"""
import json
import sys
from pathlib import Path

from primitives import Malformed, sha
from recordings import Journal, report_run, unwrap
from segments import Segment, read_beacon
from statements import Statement, Trust, check_key_record, check_receipt_file, run_key
from strict import strict_json
from writing import write


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

    def receipt_file(self, data):
        receipt, digest = check_receipt_file(data, self.fingerprint)
        return {"recording": receipt["recording"], "expected_ms": receipt["expected_ms"], "stored_ms": receipt["stored_ms"], "digest": digest}

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
            folders = [folder, *sorted(path.parent for path in Path(folder).glob("*/manifest.json"))]
            return 0 if all([Vectors(one).check() for one in folders]) else 1
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
