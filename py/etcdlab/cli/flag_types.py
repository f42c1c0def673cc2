"""Parsers of flags' values: each returns the value of a text, or raises ValueError."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from etcdlab.gotext import parse_bool

MAX_WORKERS = 1024
MAX_SECONDS = 1_000_000_000  # thirty years; timers have no room for much more


def switch_value(text: str) -> bool:
    """True or False for the words that Go's strconv.ParseBool takes."""
    try:
        return parse_bool(text)
    except ValueError as error:
        raise ValueError(f"true or false, not {text!r}") from error


def int_value(text: str) -> int:
    """A whole number: ASCII digits, perhaps after a sign."""
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError(f"not a whole number: {text!r}")
    return int(text)


def count_value(text: str) -> int:
    """A whole number above zero."""
    number = int_value(text)
    if number <= 0:
        raise ValueError("must be above zero")
    return number


def index_value(text: str) -> int:
    """A whole number, zero or above."""
    number = int_value(text)
    if number < 0:
        raise ValueError("must not be below zero")
    return number


def seconds_value(text: str) -> float:
    """Seconds above zero, from a number that a unit of `ms`, `s` or `m` may follow."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m)?", text)
    seconds = float(match[1]) * {"ms": 0.001, "m": 60.0}.get(match[2], 1.0) if match else 0.0
    if seconds <= 0:
        raise ValueError(f"not a number of seconds above zero: {text!r}")
    if seconds > MAX_SECONDS:
        raise ValueError(f"at most {MAX_SECONDS} seconds")
    return seconds


def name_value(text: str) -> str:
    """A text that is not empty."""
    if not text:
        raise ValueError("must not be empty")
    return text


def bytes_value(text: str) -> bytes:
    """The bytes of the argument, valid UTF-8 or not."""
    return os.fsencode(text)


def prefix_value(text: str) -> bytes:
    """A prefix to write under: bytes, not empty."""
    return os.fsencode(name_value(text))


def list_of(parse: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    """A parser of values that are separated by commas."""

    def parse_all(text: str) -> list[Any]:
        return [parse(part) for part in text.split(",")]

    return parse_all


def one_of(*names: str) -> Callable[[str], str]:
    """A parser that takes these names only."""

    def parse(text: str) -> str:
        if text not in names:
            *others, last = names
            known = f"{', '.join(others)} or {last}" if others else last
            raise ValueError(f"{known}, not '{text}'")
        return text

    return parse


def file_value(text: str) -> Path:
    """The path of a file."""
    return Path(name_value(text))


def field_value(text: str) -> tuple[str, ...]:
    """The steps of a path in a JSON document: names and indexes, separated by dots."""
    steps = tuple(text.split("."))
    if not all(steps):
        raise ValueError(f"names with a dot between two, not {text!r}")
    return steps


def workers_value(text: str) -> int:
    """A number of threads or processes, at most MAX_WORKERS."""
    workers = count_value(text)
    if workers > MAX_WORKERS:
        raise ValueError(f"at most {MAX_WORKERS}")
    return workers


def rate_value(text: str) -> float:
    """A number above zero."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) == 0:
        raise ValueError(f"not a number above zero: {text!r}")
    return float(text)


def program_value(text: str) -> str:
    """The absolute path of an executable file."""
    if not os.access(text, os.X_OK) or Path(text).is_dir():
        raise ValueError(f"not a program: {text!r}")
    return str(Path(text).resolve())
