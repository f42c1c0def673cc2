"""A walkthrough's transcript without what changes from run to run.

Identity and order are kept: a lease keeps its name throughout, and revisions are
numbered by size, so that a wrong lease or a wrong revision still shows.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+:\d+")
_CLUSTER = re.compile(r'("(?:ClusterID|MemberID)" : )\d+')
# The store's revision moves with whatever else is written meanwhile.
_STORE = re.compile(r'("Revision" : )\d+')
_REMAINING = re.compile(r"remaining\(\d+s\)")
# As etcdctl prints and takes a lease's ID, and as the gateway's JSON has it.
_LEASE = re.compile(r'\b(?P<hex>[0-9a-f]{16})\b|(?P<before>"(?:lease|ID)":)(?P<decimal>\d+)')
_REVISION = re.compile(
    r'(?P<before>--rev=|compaction |compacted revision |"(?:start_)?revision":'
    r'|"(?:Create|Mod)Revision" : )(?P<number>\d+)'
)


def normalize(transcript: str, prefix: str) -> str:
    """The transcript with stand-ins for addresses, IDs, times left and revisions.

    `prefix` is the prefix of the walkthrough's keys, which runs need not share.
    """
    text = transcript.replace(prefix, "PLACE/").replace(_hex(prefix), _hex("PLACE/"))
    text = _ADDRESS.sub("ADDRESS", text)
    text = _CLUSTER.sub(r"\1ID", text)
    text = _STORE.sub(r"\1N", text)
    text = _REMAINING.sub("remaining(Ns)", text)
    return _with_named_revisions(_with_named_leases(text))


def _hex(text: str) -> str:
    """As --hex prints it."""
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _with_named_leases(text: str) -> str:
    """LEASE1, LEASE2, … in the order in which they appear."""
    names: dict[int, str] = {}

    def name(match: re.Match[str]) -> str:
        number = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
        return (match["before"] or "") + names.setdefault(number, f"LEASE{len(names) + 1}")

    return _LEASE.sub(name, text)


def _with_named_revisions(text: str) -> str:
    """REVISION1, REVISION2, … from the lowest to the highest."""
    numbers = sorted({int(match["number"]) for match in _REVISION.finditer(text)})
    names = {number: f"REVISION{rank}" for rank, number in enumerate(numbers, 1)}
    return _REVISION.sub(lambda match: match["before"] + names[int(match["number"])], text)
