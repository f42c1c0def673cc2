"""The order, victims and durations of the faults: a pure function of the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST = 1.5  # seconds of a fault: longer than it takes to elect a leader
LONGEST = 2.5
LATEST = 0.8  # seconds of traffic before a fault


@dataclass(frozen=True)
class Injection:
    """One fault: after `delay` seconds of traffic, for `seconds`; `victim` chooses a member."""

    fault: str
    victim: int
    delay: float
    seconds: float


def schedule(seed: int, faults: Sequence[str], rounds: int) -> list[Injection]:
    """Return so many rounds of injections, each fault once a round in a random order."""
    chance = random.Random(seed)  # noqa: S311 - no secret: the same faults for the same seed
    injections = []
    for _ in range(rounds):
        for fault in chance.sample(sorted(faults), len(faults)):
            victim = chance.randrange(6)  # so that both 2 and 3 divide it
            delay = round(chance.uniform(LATEST / 2, LATEST), 3)
            length = round(chance.uniform(SHORTEST, LONGEST), 3)
            injections.append(Injection(fault, victim, delay, length))
    return injections
