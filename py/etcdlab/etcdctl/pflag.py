"""Parse flags as etcdctl does, and format its usage text.

The rules are those of https://pkg.go.dev/github.com/spf13/pflag: two dashes for
a name, one for a letter; flags and arguments in any order; -- ends the flags; a
switch takes a value only after '='.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from etcdlab import gotext

Kind = Literal["bool", "string", "int64", "duration", "stringSlice"]
Values = dict[str, Any]


class FlagError(Exception):
    """An unknown flag, or one with an invalid value or none."""


class HelpWanted(Exception):
    """-h or --help was among the flags."""


@dataclass(frozen=True)
class Flag:
    """One flag; `default` and `text` are as etcdctl's usage shows them."""

    name: str
    kind: Kind
    default: str
    text: str
    letter: str = ""

    def parse(self, text: str) -> object:
        """Parse a value; ValueError if it is invalid."""
        if self.kind == "bool":
            return gotext.parse_bool(text)
        if self.kind == "int64":
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
            _set(values, by_name[name], _text(by_name[name], equals, text, rest, argument))
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
        _set(values, flag, _text(flag, letters, text, rest, argument))
        return


def _text(flag: Flag, given: str, text: str, rest: Iterator[str], argument: str) -> str:
    """The flag's value: `text` if `given` is not empty, else the next argument."""
    if given:
        return text
    if flag.kind == "bool":
        return "true"
    try:
        return next(rest)
    except StopIteration:
        raise FlagError(f"flag needs an argument: {argument}") from None


def _set(values: Values, flag: Flag, text: str) -> None:
    try:
        value = flag.parse(text)
    except ValueError as error:
        raise FlagError(f'invalid argument "{text}" for "--{flag.name}" flag: {error}') from error
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


def usage_of(flags: Iterable[Flag]) -> str:
    """The usage lines of flags, sorted by name, with the texts in a column."""
    rows = []
    for flag in sorted(flags, key=lambda flag: flag.name):
        letter = f"-{flag.letter}, " if flag.letter else "    "
        rows.append((f"  {letter}--{flag.name}{_shown_default(flag)}", flag.text))
    return columns(rows)


def _shown_default(flag: Flag) -> str:
    if flag.kind == "bool":
        return f"[={flag.default}]"
    if flag.kind == "string":
        return f'="{flag.default}"'
    return f"=[{flag.default}]" if flag.kind == "stringSlice" else f"={flag.default}"


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Lines of two cells, aligned with tabs as Go's text/tabwriter does."""
    stop = (max(len(left) for left, _ in rows) // 8 + 1) * 8
    tabs = [-(-(stop - len(left)) // 8) for left, _ in rows]
    return "".join(
        f"{left}{count * chr(9)}{right}\n" for (left, right), count in zip(rows, tabs, strict=True)
    )
