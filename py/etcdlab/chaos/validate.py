"""Compare what was observed after a fault with what had to be. Looks only at data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from etcdlab.chaos.readers import Totals
from etcdlab.chaos.watchers import Watched, WatchedEvent
from etcdlab.keys import NAMED, show


class Stored(NamedTuple):
    """A key as etcd stores it."""

    value: bytes
    mod_revision: int
    version: int
    lease: int


State = Mapping[bytes, Stored]


class Keys(NamedTuple):
    """Acknowledged keys that are absent, and keys with a value that was never written to them."""

    lost: list[bytes]
    wrong: list[bytes]


def validate_keys(
    values: Mapping[bytes, bytes], acknowledged: Collection[bytes], state: State
) -> Keys:
    """Compare the state with the values that were tried and the keys that were acknowledged."""
    lost = [key for key in acknowledged if key not in state]
    wrong = [key for key in values if key in state and state[key].value != values[key]]
    return Keys(sorted(lost), sorted(wrong))


def validate_refused(refused: Collection[bytes], state: State) -> list[str]:
    """Find keys in the state that etcd refused for lack of space."""
    return _named("refused, and there all the same", [key for key in refused if key in state])


def validate_unknown(prefix: bytes, known: Collection[bytes], state: State) -> list[str]:
    """Find keys in the state that begin with `prefix` and that nobody wrote."""
    extra = [key for key in state if key.startswith(prefix) and key not in known]
    return _named("keys that nobody wrote", extra)


def validate_watch(watched: Watched, history: Sequence[WatchedEvent]) -> list[str]:
    """Compare a watch's events with the history, but for the watch's gaps."""
    if watched.problem:
        return [f"{watched.name} watch: {watched.problem}"]
    wanted = [event for event in history if not _in_gap(watched, event.revision)]
    problems = []
    if wanted != watched.events:
        seen, there = Counter(watched.events), Counter(wanted)
        kinds = {"missing": there - seen, "too many": seen - there}
        problems = [
            f"{watched.name} watch: {which.total()} events {what}, first {_event(min(which))}"
            for what, which in kinds.items()
            if which
        ] or [f"{watched.name} watch: events out of order"]
    return problems + _validate_revisions(watched)


def _validate_revisions(watched: Watched) -> list[str]:
    """Check that no revision is skipped: each write has an event."""
    expected = watched.start
    gaps = dict(watched.gaps)
    for event in watched.events:
        if event.revision == expected - 1 and event is not watched.events[0]:
            continue
        while expected in gaps:
            expected = gaps[expected] + 1
        if event.revision != expected:
            return [f"{watched.name} watch: revision {event.revision} where {expected} was due"]
        expected += 1
    return []


def _in_gap(watched: Watched, revision: int) -> bool:
    return any(first <= revision <= last for first, last in watched.gaps)


def validate_leases(
    leased: Mapping[int, Sequence[bytes]],
    alive: Mapping[int, Sequence[bytes]],
    said_lost: Collection[int],
    state: State,
) -> list[str]:
    """Check that each lease is alive with its keys, unless its keeper said that it is lost.

    `leased` and `alive` map lease IDs to keys.
    """
    findings = []
    for lease, keys in leased.items():
        if lease in said_lost:
            continue
        if lease not in alive:
            findings.append(f"lease {lease:x} is dead, and its keeper did not say so")
        elif sorted(alive[lease]) != sorted(keys):
            findings.append(f"lease {lease:x} has {len(alive[lease])} keys, not {len(keys)}")
        else:
            unbound = [key for key in keys if key not in state or state[key].lease != lease]
            findings += _named(f"keys of lease {lease:x} that are not there", unbound)
    return findings


def validate_reports(
    prefix: bytes, reports: Iterable[Totals], history: Sequence[WatchedEvent]
) -> list[str]:
    """Compare each report of `prefix` with the history replayed up to its revision."""
    store: dict[bytes, int] = {}
    position, findings = 0, []
    for told in sorted(reports, key=lambda totals: totals.revision):
        while position < len(history) and history[position].revision <= told.revision:
            _replay(store, prefix, history[position])
            position += 1
        counted = Totals(told.revision, len(store), sum(map(len, store)), sum(store.values()))
        if told != counted:
            findings.append(f"a report says {told}, and the history {counted}")
    return findings


def _replay(store: dict[bytes, int], prefix: bytes, event: WatchedEvent) -> None:
    if event.type == "DELETE":
        store.pop(event.key, None)
    elif event.key.startswith(prefix):
        store[event.key] = len(event.value)


def validate_members(states: Mapping[str, State]) -> list[str]:
    """Compare the members' states, by name: values, revisions, versions and leases."""
    (first, expected), *others = states.items()
    findings = []
    for name, state in others:
        odd = [key for key in {*expected, *state} if expected.get(key) != state.get(key)]
        findings += _named(f"keys in which {name} differs from {first}", odd)
    return findings


def _named(what: str, keys: Collection[bytes]) -> list[str]:
    """Return one finding with the first few keys, or none if there are no keys."""
    return [f"{what}: {len(keys)}, first {first_of(keys)}"] if keys else []


def first_of(keys: Collection[bytes]) -> str:
    """Return the first few keys in order, for people."""
    return ", ".join(map(show, sorted(keys)[:NAMED]))


def _event(event: WatchedEvent) -> str:
    return f"{event.type} {show(event.key)} at revision {event.revision}"
