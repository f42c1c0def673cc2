"""Wait for a condition by asking again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_Value = TypeVar("_Value")


def until(condition: Callable[[], _Value], seconds: float, every: float = 0.05) -> _Value | None:
    """Return the first true value of `condition()`, or None if `seconds` pass without one.

    Calls it at once, then each `every` seconds, and a last time at the deadline. An exception
    of the condition ends the wait.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(every, left))
    return value
