"""Wait for what no one announces."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")


def until(condition: Callable[[], _Value], seconds: float, every: float = 0.05) -> _Value | None:
    """Return the first true value of `condition()`, or None if `seconds` pass without one.

    Calls it at once, then `every` so many seconds, and a last time at the deadline. What it
    raises ends the wait.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(every, left))
    return value
