"""Run scenarios one after the other: one row each, even for one that fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import grpc

from etcdlab.compare.scenario import Contradiction, Facts, Scenario
from etcdlab.compare.sides import Sides

PREFIX = b"compare/%d/" % os.getpid()
"""The prefix of all keys that this process writes."""


@dataclass(frozen=True)
class Row:
    """A scenario and its facts, or the problem that left it without."""

    scenario: Scenario
    facts: Facts | None
    problem: str = ""

    @property
    def note(self) -> str:
        """Why the sides differ, or why there are no facts."""
        return self.facts.why if self.facts else self.problem

    @property
    def verdict(self) -> str:
        """ "same", "different" or "failed"."""
        if self.facts is None:
            return "failed"
        return "same" if self.facts.is_same else "different"


def run_all(scenarios: Sequence[Scenario], sides: Sides, on_row: Callable[[], object]) -> list[Row]:
    """Run each scenario under its own prefix, which is emptied afterwards; one row each."""
    rows = []
    for number, scenario in enumerate(scenarios):
        sides.prefix = b"%b%d/" % (PREFIX, number)
        try:
            rows.append(_row(scenario, sides))
        finally:
            sides.native.delete_prefix(sides.prefix)
        on_row()
    return rows


def _row(scenario: Scenario, sides: Sides) -> Row:
    try:
        facts = scenario.run(sides)
    except Contradiction as error:
        return Row(scenario, None, f"its explanation does not hold here: {error}")
    except Exception as error:
        return Row(scenario, None, in_a_line(error))
    if not facts.is_same and not facts.why:
        return Row(scenario, None, "a difference that nothing explains")
    return Row(scenario, facts)


def in_a_line(error: Exception) -> str:
    """An exception's name and the start of its text; for gRPC's, code and details."""
    if isinstance(error, grpc.RpcError):
        return f"RpcError {error.code().name}: {error.details()}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
