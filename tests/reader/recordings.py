"""Journals, wrapped keys and whole recordings: sections 6, 8 and 9."""
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from primitives import Malformed, gcm_open, raw_public
from segments import CHUNK, Segment
from statements import Statement, check_key_record
from strict import KEY, U32_NUMBER, U64, any_hex, number, object_of, strict_json, string

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
