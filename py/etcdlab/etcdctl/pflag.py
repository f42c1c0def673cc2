"""Parse flags as etcdctl does.

The rules are those of https://pkg.go.dev/github.com/spf13/pflag: two dashes for
a name, one for a letter; flags and arguments in any order; -- ends the flags; a
switch takes a value only after '='.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from etcdlab import gotext
from etcdlab.etcdctl.release import NEWEST, Release

Kind = Literal["bool", "string", "int", "int64", "duration", "stringSlice"]
Values = dict[str, Any]


class FlagError(Exception):
    """An unknown flag, or one with an invalid value or none."""


class HelpWanted(Exception):
    """-h or --help was among the flags."""


@dataclass(frozen=True)
class Flag:
    """One flag; `default` and `text` are as etcdctl's usage shows them.

    `since` is the release of etcdctl that brought it, `until` the last that has it.
    """

    name: str
    kind: Kind
    default: str
    text: str
    letter: str = ""
    since: Release = Release.V3_5
    until: Release = NEWEST

    def parse(self, text: str) -> object:
        """Parse a value; ValueError if it is invalid."""
        if self.kind == "bool":
            return gotext.parse_bool(text)
        if self.kind in ("int", "int64"):
            return gotext.parse_int(text, 0)
        if self.kind == "duration":
            return gotext.parse_duration(text)
        if self.kind == "stringSlice":
            if '"' in text:  # etcdctl reads it as a line of CSV
                raise ValueError('bare " in non-quoted field')
            return text.split(",") if text else []
        return text

    @property
    def default_value(self) -> object:
        """The value if the flag is not given."""
        return self.parse(self.default)


def switch(name: str, text: str, letter: str = "") -> Flag:
    """A boolean flag that is off by default."""
    return Flag(name, "bool", "false", text, letter)


def of_release(flags: Iterable[Flag], release: Release) -> tuple[Flag, ...]:
    """The flags that etcdctl of that release has."""
    return tuple(flag for flag in flags if flag.since <= release <= flag.until)


def with_defaults(flags: Iterable[Flag], given: Values) -> Values:
    """The values of all flags: those in `given`, and the other flags' defaults."""
    return {flag.name: flag.default_value for flag in flags} | given


def parse(flags: Sequence[Flag], arguments: Sequence[str]) -> tuple[Values, list[str]]:
    """(values of the given flags by name, positional arguments).

    Raises FlagError, or HelpWanted if all flags are valid and help is one of them.
    """
    by_name = {flag.name: flag for flag in (*flags, switch("help", ""))}
    by_letter = {flag.letter: flag for flag in flags if flag.letter} | {"h": by_name["help"]}
    values: Values = {}
    positional: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            positional += rest
        elif argument.startswith("--"):
            name, equals, text = argument[2:].partition("=")
            if name not in by_name:
                raise FlagError(f"unknown flag: --{name}")
            _set(values, by_name[name], _text(by_name[name], equals, text, rest, f"--{name}"))
        elif argument.startswith("-") and argument != "-":
            _parse_letters(argument, by_letter, values, rest)
        else:
            positional.append(argument)
    if values.pop("help", False):
        raise HelpWanted
    return values, positional


def _parse_letters(
    argument: str, by_letter: dict[str, Flag], values: Values, rest: Iterator[str]
) -> None:
    letters = argument[1:]
    while letters:
        flag = by_letter.get(letters[0])
        if flag is None:
            raise FlagError(f"unknown shorthand flag: {letters[0]!r} in {argument}")
        letters = letters[1:]
        if flag.kind == "bool" and not letters.startswith("="):
            values[flag.name] = True
            continue
        text = letters.removeprefix("=")
        shown = f"{flag.letter!r} in {argument}"
        _set(values, flag, _text(flag, letters, text, rest, shown))
        return


def _text(flag: Flag, given: str, text: str, rest: Iterator[str], shown: str) -> str:
    """The flag's value: `text` if `given` is not empty, else the next argument.

    `shown` is how the error for a missing value names the flag.
    """
    if given:
        return text
    if flag.kind == "bool":
        return "true"
    try:
        return next(rest)
    except StopIteration:
        raise FlagError(f"flag needs an argument: {shown}") from None


def _set(values: Values, flag: Flag, text: str) -> None:
    try:
        value = flag.parse(text)
    except ValueError as error:
        names = f"-{flag.letter}, --{flag.name}" if flag.letter else f"--{flag.name}"
        quoted = gotext.quote(os.fsencode(text)).decode()
        raise FlagError(f'invalid argument {quoted} for "{names}" flag: {error}') from error
    if flag.kind == "stringSlice":
        value = [*values.get(flag.name, []), *value]  # repeated flags add up
    values[flag.name] = value


def split_command(flags: Sequence[Flag], arguments: Sequence[str]) -> tuple[int, str]:
    """(index, word) of the first argument that is neither a flag nor a flag's value.

    (-1, "") if there is none. Assumes that an unknown flag has a value, as cobra does when it
    looks for the command before it parses the flags.
    """
    switches = {f"--{flag.name}" for flag in flags if flag.kind == "bool"} | {"--help", "-h"}
    switches |= {f"-{flag.letter}" for flag in flags if flag.kind == "bool" and flag.letter}
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if word == "--":
            break
        takes_next = "=" not in word and word not in switches
        if takes_next and (word.startswith("--") or (word.startswith("-") and len(word) == 2)):
            if index + 2 >= len(arguments):
                break
            index += 2
            continue
        if word and not word.startswith("-"):
            return index, word
        index += 1
    return -1, ""
