"""The schedule of faults is a function of the seed."""

from etcdlab.chaos.faults.registry import FAULTS
from etcdlab.chaos.schedule import LONGEST, SHORTEST, schedule


def test_the_same_seed_gives_the_same_schedule_and_another_one_another() -> None:
    assert schedule(7, list(FAULTS), 3) == schedule(7, list(reversed(FAULTS)), 3)
    assert len({tuple(schedule(seed, list(FAULTS), 3)) for seed in range(20)}) == 20


def test_each_round_has_each_fault_once() -> None:
    injections = schedule(1, list(FAULTS), 4)
    for begin in range(0, len(injections), len(FAULTS)):
        names = [each.fault for each in injections[begin : begin + len(FAULTS)]]
        assert sorted(names) == sorted(FAULTS)
    assert all(SHORTEST <= each.seconds <= LONGEST for each in injections)
