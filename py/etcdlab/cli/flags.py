"""Flags the way Go's flag package takes them, over argparse.

One dash or two, `-n=5` or `-n 5`, `-json=false` for switches; no abbreviations.
A value is taken from the flag, then from an environment variable, then from the
default.
"""

from __future__ import annotations

import argparse
import os
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from etcdlab.errors import UsageError
from etcdlab.gotext import parse_bool

MAX_WORKERS = 1024
MAX_SECONDS = 1_000_000_000  # thirty years; timers have no room for much more
_BETWEEN = "\0"  # several values of one flag; no argument can have it


@dataclass(frozen=True)
class _Flag:
    name: str
    parse: Callable[[str], Any]
    default: str
    variables: tuple[str, ...]

    @property
    def takes_several(self) -> bool:
        return self.parse is files_value

    @property
    def is_switch(self) -> bool:
        return self.parse is switch_value

    @property
    def dest(self) -> str:
        return self.name.replace("-", "_")

    def fallback(self) -> object:
        """The value when the flag is not given: a variable's, or the default."""
        for variable in self.variables:
            if text := os.environ.get(variable):
                try:
                    return self.parse(text)
                except ValueError as error:
                    raise UsageError(f"{variable}: {error}") from error
        return self.parse(self.default) if self.default else None


class Flags:
    """The flags of one script. `contract` is its docstring, and opens its help."""

    def __init__(self, contract: str) -> None:
        self._parser = _Parser(
            usage=argparse.SUPPRESS,
            description=contract.strip(),
            formatter_class=_Help,
            add_help=False,
            allow_abbrev=False,
        )
        self._group = self._parser.add_argument_group("flags")
        self._group.add_argument("-h", action="help", help="show this and exit")
        self._flags: dict[str, _Flag] = {}

    def add(
        self,
        name: str,
        parse: Callable[[str], Any],
        default: str,
        text: str,
        variables: Sequence[str] = (),
    ) -> None:
        """Take -`name`; `parse` makes its value of a string and raises ValueError.

        `text` says what it does, for the help; `variables` are environment
        variables that stand in for it, the first one that is set.
        """
        flag = _Flag(name, parse, default, tuple(variables))
        self._flags[name] = flag
        named = "".join(f", ${variable}" for variable in variables)
        self._group.add_argument(
            f"-{name}",
            dest=flag.dest,
            type=_as_argparse_type(parse),
            metavar="" if flag.is_switch else parse.__name__.removesuffix("_value").upper(),
            help=f"{text} (default {default or 'none'}{named})",
        )

    def add_switch(
        self, name: str, default: bool, text: str, variables: Sequence[str] = ()
    ) -> None:
        """Take -`name`, -`name`=true or -`name`=false."""
        self.add(name, switch_value, str(default).lower(), text, variables)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The flags' values; UsageError for one that is unknown or has a bad value.

        `given` is the set of names that were on the command line.
        """
        values = self._parser.parse_args(self._canonical(arguments))
        values.given = {flag.name for flag in self._flags.values() if _is_given(values, flag)}
        for flag in self._flags.values():
            if flag.name not in values.given:
                setattr(values, flag.dest, flag.fallback())
        return values

    def _canonical(self, arguments: Sequence[str]) -> list[str]:
        """Every flag as -name=value, so that argparse has nothing to guess."""
        canonical = []
        rest = deque(arguments)
        while rest:
            argument = rest.popleft()
            name, equals, value = argument.lstrip("-").partition("=")
            dashes = len(argument) - len(argument.lstrip("-"))
            if dashes == 0:
                raise UsageError(f"unexpected argument: {argument!r}{self._hint(canonical)}")
            if name in ("h", "help") and dashes <= 2:
                return ["-h"]
            flag = self._flags.get(name)
            if flag is None or dashes > 2:
                raise UsageError(f"unknown flag: {argument} (see -h)")
            if not equals:
                if not (flag.is_switch or rest):
                    raise UsageError(f"-{name}: needs a value")
                value = "true" if flag.is_switch else rest.popleft()
            while flag.takes_several and rest and not rest[0].startswith("-"):
                value += _BETWEEN + rest.popleft()
            canonical.append(f"-{name}={value}")
        return canonical

    def _hint(self, before: list[str]) -> str:
        name = before[-1][1:].partition("=")[0] if before else ""
        if name and self._flags[name].is_switch:
            return f" (a switch takes its value after '=': -{name}=false)"
        return " (see -h)"


def _is_given(values: argparse.Namespace, flag: _Flag) -> bool:
    return getattr(values, flag.dest) is not None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message.removeprefix("argument "))

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ANN401
        """Print the help; argparse itself would hide that it cannot be written."""
        print(message, end="", file=file, flush=True)


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=88)


def _as_argparse_type(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def convert(text: str) -> object:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def switch_value(text: str) -> bool:
    """True or False of the words that Go's strconv.ParseBool takes."""
    try:
        return parse_bool(text)
    except ValueError as error:
        raise ValueError(f"true or false, not {text!r}") from error


def int_value(text: str) -> int:
    """A whole number, perhaps negative: ASCII digits and a sign, nothing else."""
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
    """A number of seconds above zero; a unit of `s` or `m` or `ms` may follow."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m)?", text)
    seconds = float(match[1]) * {"ms": 0.001, "m": 60.0}.get(match[2], 1.0) if match else 0.0
    if seconds <= 0:
        raise ValueError(f"not a number of seconds above zero: {text!r}")
    if seconds > MAX_SECONDS:
        raise ValueError(f"at most {MAX_SECONDS} seconds")
    return seconds


def bytes_value(text: str) -> bytes:
    """The bytes as they were typed, valid UTF-8 or not."""
    return os.fsencode(text)


def prefix_value(text: str) -> bytes:
    """A prefix to write under: any bytes but none."""
    if not text:
        raise ValueError("must not be empty")
    return os.fsencode(text)


def one_of(*names: str) -> Callable[[str], str]:
    """A parser of flags that takes these names only."""

    def name_value(text: str) -> str:
        if text not in names:
            *others, last = names
            known = f"{', '.join(others)} or {last}" if others else last
            raise ValueError(f"{known}, not '{text}'")
        return text

    return name_value


def file_value(text: str) -> Path:
    """The path of a file."""
    if not text:
        raise ValueError("must not be empty")
    return Path(text)


def files_value(text: str) -> list[Path]:
    """The paths of several files: all that follows the flag, up to the next one."""
    return [file_value(part) for part in text.split(_BETWEEN)]


def field_value(text: str) -> tuple[str, ...]:
    """The steps of a path, from names and indexes with dots between them."""
    steps = tuple(text.split("."))
    if not all(steps):
        raise ValueError(f"names with a dot between two, not {text!r}")
    return steps


def workers_value(text: str) -> int:
    """A count that this machine can have threads for."""
    workers = count_value(text)
    if workers > MAX_WORKERS:
        raise ValueError(f"at most {MAX_WORKERS}")
    return workers


def rate_value(text: str) -> float:
    """A number above zero."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or float(text) == 0:
        raise ValueError(f"not a number above zero: {text!r}")
    return float(text)
