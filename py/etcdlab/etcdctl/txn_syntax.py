"""Parse the lines that etcdctl txn and watch -i read: words, compares, operations.

Lines are decoded with surrogateescape.
"""

from __future__ import annotations

import os
import re
import sys

from etcdlab.client.types import OPERATOR, Compare, CompareResult, CompareTarget, Op
from etcdlab.etcdctl.commands import delete, get, put
from etcdlab.etcdctl.errors import INVALID_INPUT, PANIC, CommandError
from etcdlab.etcdctl.pflag import Flag, FlagError, HelpWanted, of_release, parse, with_defaults
from etcdlab.etcdctl.release import Release
from etcdlab.gotext import parse_int, scan_quoted

_SPACES = r"\t\n\f\r "
_WORD = re.compile(rf'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\'"{_SPACES}][^{_SPACES}]*[^\'"{_SPACES}]?')
_TARGETS: dict[str, CompareTarget] = {
    "ver": "VERSION",
    "version": "VERSION",
    "c": "CREATE",
    "create": "CREATE",
    "m": "MOD",
    "mod": "MOD",
    "val": "VALUE",
    "value": "VALUE",
    "lease": "LEASE",
}
_RESULTS: dict[str, CompareResult] = {text: result for result, text in OPERATOR.items()}


def read_line(at_end: str) -> str:
    """Read a line of stdin, without its newline; CommandError(`at_end`) at the end."""
    line = sys.stdin.buffer.readline() if sys.stdin else b""
    if not line.endswith(b"\n"):
        raise CommandError(INVALID_INPUT, at_end)
    return line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def words(line: str) -> list[str]:
    """Split a line into words: bare, in double quotes with Go's escapes, or in single quotes.

    Raises CommandError for an invalid escape.
    """
    found = _WORD.findall(line)
    try:
        return [_unquoted(word) for word in found]
    except ValueError as error:
        raise CommandError(INVALID_INPUT, str(error)) from error


def _unquoted(word: str) -> str:
    if word.startswith("'"):
        return word[1:-1]
    return os.fsdecode(scan_quoted(word)[0]) if word.startswith('"') else word


def parse_compare(line: str, release: Release) -> Compare:
    """Parse a line such as mod("key") > "0"; CommandError if it is malformed."""
    target, parenthesis, rest = line.partition("(")
    try:
        if not parenthesis:
            raise ValueError("no parenthesis")
        key, rest = scan_quoted(rest)
        match = re.match(r"\)[ \t\r\f\v]+([^ \t\r\n\f\v]+)[ \t\r\f\v]+", rest)
        if match is None:
            raise ValueError("no comparison")
        operand, _ = scan_quoted(rest[match.end() :])
    except ValueError as error:
        raise CommandError(INVALID_INPUT, f"malformed comparison: {line}") from error
    if target == "lease" and release != Release.V3_6:
        minor = release.minor
        raise CommandError(PANIC, f"etcdctl {minor} cannot compare leases, it panics: {line}")
    return _compare(line, target, key, match[1], operand)


def _compare(line: str, target: str, key: bytes, operator: str, operand: bytes) -> Compare:
    if target not in _TARGETS:
        message = f"malformed comparison: {line} (unknown target {target})"
        raise CommandError(INVALID_INPUT, message)
    value: bytes | int = operand
    if _TARGETS[target] != "VALUE":
        try:
            value = parse_int(os.fsdecode(operand), 16 if target == "lease" else 10)
        except ValueError as error:
            raise CommandError(INVALID_INPUT, f"invalid txn compare request: {line}") from error
    if operator not in _RESULTS:
        raise CommandError(PANIC, f"Unknown result op: {operator} (etcdctl panics): {line}")
    return Compare(_TARGETS[target], key, _RESULTS[operator], value)


def parse_op(line: str, release: Release) -> Op:
    """Parse a line such as put key value; CommandError if it is malformed."""
    arguments = words(line)
    if len(arguments) < 2:
        raise CommandError(INVALID_INPUT, f"invalid txn compare request: {line}")
    names = [name for name in ("put", "get", "del") if name.startswith(arguments[0])]
    if len(names) != 1:
        raise CommandError(INVALID_INPUT, f"invalid txn request: {line}")
    (name,) = names
    own: tuple[Flag, ...] = {"put": put.FLAGS, "get": get.FLAGS, "del": delete.FLAGS}[name]
    flags = of_release(own, release)
    try:
        given, positional = parse(flags, arguments[1:])
    except FlagError as error:
        raise CommandError(INVALID_INPUT, f"invalid txn request: {line}") from error
    except HelpWanted as error:
        raise CommandError(PANIC, f"no operation: {line} (etcdctl panics)") from error
    values = with_defaults(flags, given)
    if name == "put":
        return put.put_op(values, positional)
    if name == "get":
        return get.get_op(values, positional)
    return delete.delete_op(values, positional, release)
