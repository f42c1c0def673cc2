"""validate finds what is wrong, and only that."""

from __future__ import annotations

import pytest

from etcdlab.chaos.readers import Totals
from etcdlab.chaos.report import as_json, is_clean, rows
from etcdlab.chaos.run import Result
from etcdlab.chaos.validate import (
    Stored,
    validate_keys,
    validate_leases,
    validate_members,
    validate_refused,
    validate_reports,
    validate_unknown,
    validate_watch,
)
from etcdlab.chaos.watchers import Watched, WatchedEvent

LEASE = 0xABC
VALUES = {b"p/0": b"zero", b"p/1": b"one", b"p/2": b"two"}
STATE = {key: Stored(value, 5, 1, 0) for key, value in VALUES.items()}
# Two keys in revision 5, an overwrite, a delete.
HISTORY = [
    WatchedEvent(5, "PUT", b"p/0", b"zero"),
    WatchedEvent(5, "PUT", b"p/1", b"one"),
    WatchedEvent(6, "PUT", b"p/0", b"other"),
    WatchedEvent(7, "DELETE", b"p/1", b""),
]


def watched(events: list[WatchedEvent], gaps: list[tuple[int, int]] | None = None) -> Watched:
    return Watched("native", 5, events, gaps or [])


def without(key: bytes) -> dict[bytes, Stored]:
    return {each: stored for each, stored in STATE.items() if each != key}


def test_what_is_as_it_should_be_is_no_finding() -> None:
    assert validate_keys(VALUES, VALUES, STATE) == ([], [])
    assert validate_refused([b"p/9"], STATE) == []
    assert validate_unknown(b"p/", VALUES, STATE) == []
    assert validate_watch(watched(HISTORY), HISTORY) == []
    assert validate_members({"m0": STATE, "m1": dict(STATE)}) == []


def test_a_lost_key_is_found() -> None:
    assert validate_keys(VALUES, VALUES, without(b"p/1")) == ([b"p/1"], [])


def test_a_key_that_was_not_acknowledged_may_be_absent_but_not_wrong() -> None:
    acknowledged = {b"p/0", b"p/2"}
    assert validate_keys(VALUES, acknowledged, without(b"p/1")) == ([], [])
    state = STATE | {b"p/1": Stored(b"else", 5, 1, 0)}
    assert validate_keys(VALUES, acknowledged, state) == ([], [b"p/1"])


def test_a_wrong_value_is_found() -> None:
    state = STATE | {b"p/2": Stored(b"tw", 5, 1, 0)}
    assert validate_keys(VALUES, VALUES, state) == ([], [b"p/2"])


def test_a_key_that_was_refused_or_never_written_is_found() -> None:
    assert len(validate_refused([b"p/1"], STATE)) == 1
    assert len(validate_unknown(b"p/", {b"p/0", b"p/1"}, STATE)) == 1


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (HISTORY[1:], "missing"),
        ([HISTORY[0], *HISTORY[2:]], "missing"),
        (HISTORY[:-1], "missing"),
        ([*HISTORY[:3], HISTORY[2], HISTORY[3]], "too many"),
        ([*HISTORY, HISTORY[0]], "too many"),
        ([HISTORY[1], HISTORY[0], *HISTORY[2:]], "out of order"),
        ([*HISTORY[:2], HISTORY[3], HISTORY[2]], "out of order"),
        ([*HISTORY[:2], HISTORY[2]._replace(value=b"x"), HISTORY[3]], "missing"),
    ],
    ids=["first", "of two", "last", "twice", "again", "swapped", "backwards", "value"],
)
def test_a_missing_a_doubled_and_a_reordered_event_are_found(
    events: list[WatchedEvent], said: str
) -> None:
    found = validate_watch(watched(events), HISTORY)
    assert found and said in found[0]


def test_a_revision_without_an_event_is_found_even_if_the_history_has_none_either() -> None:
    events = [HISTORY[0], HISTORY[1], HISTORY[3]]
    assert "revision 7 where 6 was due" in validate_watch(watched(events), events)[0]


def test_a_watch_need_not_tell_what_it_said_was_compacted() -> None:
    assert validate_watch(watched(HISTORY[2:], [(5, 5)]), HISTORY) == []
    assert validate_watch(watched(HISTORY[3:], [(5, 5), (6, 6)]), HISTORY) == []
    assert validate_watch(watched(HISTORY[3:], [(5, 5)]), HISTORY) != []


def test_a_watch_that_ended_too_soon_is_found() -> None:
    assert validate_watch(Watched("native", 5, HISTORY, [], "gone"), HISTORY) == [
        "native watch: gone"
    ]


def test_a_dead_lease_is_found_unless_it_was_said_to_be_lost() -> None:
    leased = {LEASE: [b"p/l"]}
    state = STATE | {b"p/l": Stored(b"", 5, 1, LEASE)}
    assert validate_leases(leased, {LEASE: [b"p/l"]}, [], state) == []
    assert "dead" in validate_leases(leased, {}, [], STATE)[0]
    assert validate_leases(leased, {}, [LEASE], STATE) == []


def test_a_lease_without_its_keys_is_found() -> None:
    leased = {LEASE: [b"p/l"]}
    assert "0 keys, not 1" in validate_leases(leased, {LEASE: []}, [], STATE)[0]
    assert "not there" in validate_leases(leased, {LEASE: [b"p/l"]}, [], STATE)[0]
    bound_elsewhere = STATE | {b"p/l": Stored(b"", 5, 1, 0)}
    assert "not there" in validate_leases(leased, {LEASE: [b"p/l"]}, [], bound_elsewhere)[0]


def test_a_wrong_total_is_found() -> None:
    right = [Totals(5, 2, 6, 7), Totals(6, 2, 6, 8), Totals(7, 1, 3, 5)]
    assert validate_reports(b"p/", right, HISTORY) == []
    assert validate_reports(b"q/", [Totals(7, 0, 0, 0)], HISTORY) == []
    for wrong in (Totals(5, 3, 6, 7), Totals(6, 2, 5, 8), Totals(7, 1, 3, 6)):
        assert len(validate_reports(b"p/", [*right, wrong], HISTORY)) == 1


def test_members_that_differ_are_found() -> None:
    for other in (without(b"p/2"), STATE | {b"p/2": Stored(b"two", 6, 1, 0)}):
        found = validate_members({"m0": STATE, "m1": STATE, "m2": other})
        assert len(found) == 1 and "m2" in found[0] and "p/2" in found[0]


def test_one_finding_of_any_sort_is_not_clean() -> None:
    clean = Result("hang", acknowledged=5, stall=0.5)
    found = Result("hang", acknowledged=7, lost=1, other=1, stall=1.5, findings=["a", "b"])
    assert is_clean([clean, clean]) and not is_clean([clean, found])
    (row,) = rows([clean, found])
    assert (row["times"], row["acknowledged"], row["lost"], row["other"]) == (2, 12, 1, 1)
    assert row["stall s"] == 1.5
    assert as_json([clean, found], 7, "3.5.30")["findings"] == [
        {"fault": "hang", "finding": "a"},
        {"fault": "hang", "finding": "b"},
    ]
