"""Flags the way Go's flag package takes them.

One dash or two, `-n=5` or `-n 5`, `-json=false` for switches; no abbreviations.
A value is taken from the flag, then from an environment variable, then from the
default.
"""

from __future__ import annotations

import os
import sys
import textwrap
from argparse import Namespace
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from etcdlab.cli.flag_types import switch_value
from etcdlab.errors import EXIT_DONE, UsageError

_WIDTH = 88  # characters of a line of the help
_MAX_INDENT = 24  # of a flag's description


@dataclass(frozen=True)
class _Flag:
    name: str
    metavar: str
    """What the help calls its value; empty for a switch, FILE... for a list."""
    parse: Callable[[str], Any]
    default: str
    text: str
    variables: Sequence[str]

    @property
    def is_switch(self) -> bool:
        return not self.metavar

    @property
    def takes_several(self) -> bool:
        return self.metavar.endswith("...")

    def value(self, texts: Sequence[str], source: str) -> object:
        """The value of a text, or of several; UsageError that names where they are from."""
        try:
            values = [self.parse(text) for text in texts]
        except ValueError as error:
            raise UsageError(f"{source}: {error}") from error
        return values if self.takes_several else values[0]

    def fallback(self) -> object:
        """The value when the flag is not given: a variable's, or the default."""
        for variable in self.variables:
            if text := os.environ.get(variable):
                return self.value([text], variable)
        return self.value([self.default], f"-{self.name}") if self.default else None

    def help(self) -> tuple[str, str]:
        """The flag as it is typed, and its description."""
        sources = [f"default {self.default}"] if self.default else []
        sources += [f"${variable}" for variable in self.variables]
        more = f" ({', '.join(sources)})" if sources else ""
        return f"-{self.name} {self.metavar}".rstrip(), self.text + more


class Flags:
    """The flags of one script. `contract` is its docstring, and opens its help."""

    def __init__(self, contract: str) -> None:
        self._contract = contract
        self._flags: dict[str, _Flag] = {}

    def add(
        self,
        spelling: str,
        parse: Callable[[str], Any],
        default: str,
        text: str,
        variables: Sequence[str] = (),
    ) -> None:
        """Take a flag that the help spells -`spelling`: its name and what its value is called.

        After "name VALUE..." several values may follow, up to the next flag, and make a
        list. `parse` makes the value of a string and raises ValueError. `text` describes
        the flag in the help; `variables` are environment variables that stand in for it,
        the first one that is set.
        """
        name, _, metavar = spelling.partition(" ")
        self._flags[name] = _Flag(name, metavar, parse, default, text, variables)

    def add_switch(
        self, name: str, default: bool, text: str, variables: Sequence[str] = ()
    ) -> None:
        """Take -`name`, -`name`=true or -`name`=false."""
        self.add(name, switch_value, str(default).lower(), text, variables)

    def parse(self, arguments: Sequence[str]) -> Namespace:
        """The flags' values; UsageError for one that is unknown or has a bad value.

        `given` is the set of names that were on the command line. -h prints the help and
        exits.
        """
        typed = self._split(arguments)
        values = {flag.name: flag.value(texts, f"-{flag.name}") for flag, texts in typed}
        given = set(values)
        for flag in self._flags.values():
            if flag.name not in given:
                values[flag.name] = flag.fallback()
        named = {name.replace("-", "_"): value for name, value in values.items()}
        return Namespace(given=given, **named)

    def _split(self, arguments: Sequence[str]) -> list[tuple[_Flag, list[str]]]:
        """Each flag of the command line with the text of its value, or several."""
        typed: list[tuple[_Flag, list[str]]] = []
        rest = deque(arguments)
        while rest:
            argument = rest.popleft()
            name, equals, text = argument.lstrip("-").partition("=")
            dashes = len(argument) - len(argument.lstrip("-"))
            if dashes == 0:
                raise UsageError(f"unexpected argument: {argument!r} ({_hint(typed)})")
            if name in ("h", "help") and dashes <= 2:
                print(self._help(), flush=True)
                sys.exit(EXIT_DONE)
            flag = self._flags.get(name)
            if flag is None or dashes > 2:
                raise UsageError(f"unknown flag: {argument} (see -h)")
            if not (equals or flag.is_switch or rest):
                raise UsageError(f"-{name}: needs a value")
            texts = [text if equals else "true" if flag.is_switch else rest.popleft()]
            while flag.takes_several and rest and not rest[0].startswith("-"):
                texts.append(rest.popleft())
            typed.append((flag, texts))
        return typed

    def _help(self) -> str:
        entries = [("-h", "show this and exit"), *(flag.help() for flag in self._flags.values())]
        indent = min(_MAX_INDENT, max(len(head) for head, _ in entries) + 4)
        lines = [self._contract.strip(), "", "flags:"]
        for head, text in entries:
            first, *others = textwrap.wrap(text, _WIDTH - indent)
            head = f"  {head}"
            if len(head) + 2 > indent:
                lines.append(head)
                head = ""
            lines += [f"{head:{indent}}{first}", *(" " * indent + line for line in others)]
        return "\n".join(lines)


def _hint(typed: Sequence[tuple[_Flag, list[str]]]) -> str:
    """What to do about an argument that is no flag, after these."""
    if typed and typed[-1][0].is_switch:
        return f"a switch takes its value after '=': -{typed[-1][0].name}=false"
    return "see -h"
