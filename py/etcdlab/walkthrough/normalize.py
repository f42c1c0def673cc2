"""Replace what differs between runs in a walkthrough's transcript.

Identity and order are kept: a lease has the same name throughout, and revisions are
numbered by size, so that a wrong lease or revision still shows.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+:\d+")
_CLUSTER = re.compile(r'("(?:ClusterID|MemberID)" : )\d+')
# The store's revision also counts other clients' writes.
_STORE = re.compile(r'("Revision" : )\d+')
_REMAINING = re.compile(r"remaining\(\d+s\)")
# A lease ID in hexadecimal, as in etcdctl, and in decimal, as in the gateway's JSON.
_LEASE = re.compile(r'\b(?P<hex>[0-9a-f]{16})\b|(?P<before>"(?:lease|ID)":)(?P<decimal>\d+)')
_REVISION = re.compile(
    r'(?P<before>--rev=|compaction |compacted revision |"(?:start_)?revision":'
    r'|"(?:Create|Mod)Revision" : )(?P<number>\d+)'
)


def normalize(transcript: str, prefix: str) -> str:
    """Replace addresses, IDs, remaining times, revisions and `prefix`, that of the keys."""
    text = transcript.replace(prefix, "PLACE/").replace(_hex(prefix), _hex("PLACE/"))
    text = _ADDRESS.sub("ADDRESS", text)
    text = _CLUSTER.sub(r"\1ID", text)
    text = _STORE.sub(r"\1N", text)
    text = _REMAINING.sub("remaining(Ns)", text)
    return _with_named_revisions(_with_named_leases(text))


def _hex(text: str) -> str:
    """The text as --hex prints it."""
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _with_named_leases(text: str) -> str:
    """Name leases LEASE1, LEASE2, … in order of appearance."""
    names: dict[int, str] = {}

    def name(match: re.Match[str]) -> str:
        number = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
        return (match["before"] or "") + names.setdefault(number, f"LEASE{len(names) + 1}")

    return _LEASE.sub(name, text)


def _with_named_revisions(text: str) -> str:
    """Name revisions REVISION1, REVISION2, … from the lowest to the highest."""
    numbers = sorted({int(match["number"]) for match in _REVISION.finditer(text)})
    names = {number: f"REVISION{rank}" for rank, number in enumerate(numbers, 1)}
    return _REVISION.sub(lambda match: match["before"] + names[int(match["number"])], text)
