"""Waiting for a condition, with a clock of the tests' own."""

from __future__ import annotations

import pytest

from etcdlab import polling


class Clock:
    """Time passes only while someone sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(polling, "time", clock)
    return clock


def test_the_first_true_value_is_returned_as_soon_as_there_is_one(clock: Clock) -> None:
    values = iter([0, "", [], "found", "late"])
    assert polling.until(lambda: next(values), 10, every=2) == "found"
    assert clock.now == 106
    assert polling.until(lambda: "at once", 0) == "at once"
    assert clock.now == 106


def test_the_condition_is_asked_at_the_deadline_and_no_more(clock: Clock) -> None:
    asked: list[float] = []

    def never() -> bool:
        asked.append(clock.now)
        return False

    assert polling.until(never, 5, every=2) is None
    assert asked == [100, 102, 104, 105]
    assert polling.until(lambda: clock.now >= 110, 5, every=2) is True


def test_an_error_of_the_condition_ends_the_wait(clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError):
        polling.until(lambda: 1 // 0, 5)
