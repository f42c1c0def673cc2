"""Every parser returns a value or raises its own error, whatever is typed."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from profiles import examples

from etcdlab.cli import flag_types
from etcdlab.cli.flags import Flags
from etcdlab.client.endpoints import parse_endpoint
from etcdlab.client.types import OPERATOR, Compare
from etcdlab.errors import UsageError
from etcdlab.etcdctl.commands import MODULES
from etcdlab.etcdctl.dispatch import dispatch
from etcdlab.etcdctl.errors import CommandError
from etcdlab.etcdctl.global_flags import GLOBAL_FLAGS
from etcdlab.etcdctl.pflag import FlagError, HelpWanted, parse, split_command
from etcdlab.etcdctl.release import Release
from etcdlab.etcdctl.txn_syntax import parse_compare, parse_op, words
from etcdlab.gotext import parse_duration, parse_int, quote, scan_quoted, unquote

# As on a command line: no NUL, and surrogates for bytes that are not UTF-8.
typed = st.binary(max_size=12).map(lambda data: os.fsdecode(data.replace(b"\0", b"0")))
PARSERS = (
    flag_types.switch_value, flag_types.int_value, flag_types.count_value, flag_types.index_value,
    flag_types.seconds_value, flag_types.prefix_value, flag_types.field_value,
    flag_types.workers_value, flag_types.rate_value, flag_types.one_of("table", "json"),
    flag_types.list_of(flag_types.count_value), flag_types.file_value, flag_types.program_value,
    parse_endpoint, parse_duration, lambda text: parse_int(text, 10),
    lambda text: parse_int(text, 16), unquote,
)  # fmt: skip
NUMBERS = st.from_regex(r"[+-]?[0-9a-fx_.e]{0,25}(ms|s|m|h|us|ns)?", fullmatch=True)
HOSTS = st.from_regex(r"(https?://)?(\[?[0-9a-f:.]{0,12}\]?|[a-z.-]{0,9})(:[0-9]{0,7})?/?")


@settings(max_examples=examples(500))
@given(st.sampled_from(PARSERS), typed | NUMBERS | HOSTS)
@example(parse_endpoint, "http://[::1")
@example(parse_duration, "1e999s")
def test_a_value_is_parsed_or_refused(parse_value: object, text: str) -> None:
    with suppress(ValueError):
        parse_value(text)  # type: ignore[operator]


NAMES = [f"--{flag.name}" for flag in GLOBAL_FLAGS] + ["-w", "-d", "-h", "--help", "--", "-", ""]
WORDS = [
    *MODULES, "grant", "revoke", "timetolive", "list", "keep-alive", "health", "status", "help",
    *NAMES, "--prefix", "--from-key", "--rev=1", "--lease=1", "-i", "--prev-kv", "--hex", "5",
    "--write-out=json", "--limit=-1", "--order=ASCEND", "key", "--ttl", "--cert=",
]  # fmt: skip
command_lines = st.lists(st.sampled_from(WORDS) | typed, max_size=6)


@settings(max_examples=examples(300))
@given(command_lines)
def test_flags_are_split_from_arguments_or_refused(arguments: list[str]) -> None:
    split_command(GLOBAL_FLAGS, arguments)
    try:
        values, positional = parse(GLOBAL_FLAGS, arguments)
    except (FlagError, HelpWanted):
        return
    assert set(values) <= {flag.name for flag in GLOBAL_FLAGS}
    assert len(positional) <= len(arguments)


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let no etcd answer, and nobody type anything."""
    monkeypatch.setenv("ETCDCTL_DIAL_TIMEOUT", "200ms")
    monkeypatch.setenv("ETCDCTL_COMMAND_TIMEOUT", "200ms")
    return monkeypatch


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(command_lines)
@example(["del", "a", "b"])
@example(["lease", "keep-alive", "5"])
@example(["txn", "--write-out=json"])
@example(["watch", "-i"])
def test_every_command_line_ends_with_a_status_and_one_error_at_most(
    nobody_there: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    out, said = io.BytesIO(), io.StringIO()
    nobody_there.setattr(sys, "stdout", io.TextIOWrapper(out, errors="backslashreplace"))
    nobody_there.setattr(sys, "stderr", said)
    nobody_there.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(), readline=str))
    status = dispatch(["--endpoints=127.0.0.1:1", *arguments], "the contract\n")
    assert status in range(129)
    # Before an error, del of two keys says what etcdctl says of it.
    assert sum(line.startswith("Error: ") for line in said.getvalue().splitlines()) <= 1
    assert "Traceback" not in said.getvalue()


lines = st.lists(
    st.sampled_from(
        [
            'mod("k")',
            "put",
            "get",
            "del",
            '"a b"',
            "'c",
            '"\\x41"',
            "=",
            '"1"',
            "--prefix",
            "(",
            ")",
        ]
    )
    | typed,
    max_size=6,
).map(" ".join)


compare_of = partial(parse_compare, release=Release.V3_6)
op_of = partial(parse_op, release=Release.V3_5)  # since 3.6 a deletion waits


@settings(max_examples=examples(500))
@given(lines)
@example('val("k") = "\\')
@example('put "\\xZZ" v')
def test_lines_of_a_transaction_are_understood_or_refused(line: str) -> None:
    for read in (words, compare_of, op_of):
        try:
            read(line)
        except CommandError:
            continue


@given(
    st.sampled_from(["mod", "m", "c", "create", "ver", "version"]),
    st.binary(max_size=8),
    st.sampled_from(sorted(OPERATOR.values())),
    st.integers(-(2**63), 2**63 - 1),
)
def test_a_compare_that_is_written_down_is_read_as_it_was(
    target: str, key: bytes, operator: str, operand: int
) -> None:
    compare = compare_of(f'{target}({quote(key).decode()}) {operator} "{operand}"')
    assert isinstance(compare, Compare)
    assert (compare.key, OPERATOR[compare.result], compare.operand) == (key, operator, operand)


@given(st.binary(max_size=20), st.text("abc \"'\\", max_size=5))
def test_what_is_quoted_is_found_whatever_follows(data: bytes, rest: str) -> None:
    assert scan_quoted(quote(data).decode() + rest) == (data, rest)


@settings(max_examples=examples(200))
@given(command_lines)
def test_the_labs_own_flags_are_taken_or_refused(arguments: list[str]) -> None:
    these = Flags("a contract")
    these.add("n COUNT", flag_types.count_value, "5", "how many")
    these.add_switch("prefix", True, "a switch")
    if any(argument in ("-h", "--help", "-help") for argument in arguments):
        return  # it prints, and ends the process
    with suppress(UsageError):
        these.parse(arguments)
