#!/usr/bin/env python3
"""Holds the crates that this platform builds against deny.toml: banned names, licences, sources. cargo-deny reads the same file and knows advisories too."""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

root = pathlib.Path(__file__).resolve().parent.parent
deny = tomllib.loads((root / "deny.toml").read_text())
banned = {entry["name"] for entry in deny["bans"]["deny"]}
allowed = set(deny["licenses"]["allow"])


def fits(expression: str) -> bool:
    """Whether an SPDX expression can be met with allowed licences; AND binds tighter than OR, `/` is an old way to write OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def either() -> bool:
        nonlocal position
        result = both()
        while position < len(tokens) and tokens[position] == "OR":
            position += 1
            result = both() or result
        return result

    def both() -> bool:
        nonlocal position
        result = one()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            result = one() and result
        return result

    def one() -> bool:
        nonlocal position
        if tokens[position] == "(":
            position += 1
            result = either()
            position += 1
            return result
        name = tokens[position]
        position += 1
        if position < len(tokens) and tokens[position] == "WITH":
            name += " WITH " + tokens[position + 1]
            position += 2
        return name in allowed

    return either() and position == len(tokens)


host = re.search(r"^host: (.+)$", subprocess.check_output(["rustc", "-vV"], text=True), re.M).group(1)
command = ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1", "--filter-platform", host]
metadata = json.loads(subprocess.check_output(command, cwd=root))
complaints = []
for package in metadata["packages"]:
    name = f"{package['name']} {package['version']}"
    if package["name"] in banned:
        complaints.append(f"{name} is banned")
    if package["source"] is None:
        continue
    if not package["source"].startswith("registry+"):
        complaints.append(f"{name} comes from {package['source']}, not from the registry")
    licence = package["license"]
    if not licence or not fits(licence):
        complaints.append(f"{name} has the licence {licence!r}, which deny.toml does not allow")
for complaint in complaints:
    print(complaint, file=sys.stderr)
print(f"licences: {len(metadata['packages'])} crates, {len(complaints)} complaints")
sys.exit(bool(complaints))
