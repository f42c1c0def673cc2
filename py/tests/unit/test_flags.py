from pathlib import Path

import pytest

from etcdlab.cli.connection_flags import add_connection, endpoints_value, settings_of
from etcdlab.cli.flag_types import count_value, file_value, int_value, prefix_value, seconds_value
from etcdlab.cli.flags import Flags
from etcdlab.client.endpoints import parse_endpoint
from etcdlab.errors import UsageError


def flags() -> Flags:
    these = Flags("a contract")
    add_connection(these)
    these.add("n COUNT", count_value, "5", "how many", ["HOW_MANY"])
    these.add("prefix PREFIX", prefix_value, "p", "where")
    these.add_switch("json", True, "documents")
    return these


@pytest.mark.parametrize(
    "arguments",
    [["-n=7", "-json=false"], ["--n", "7", "--json=F"], ["-n", "9", "-n", "7", "-json", "-json=0"]],
)
def test_one_dash_or_two_equals_or_space_the_last_one_counts(arguments: list[str]) -> None:
    values = flags().parse(arguments)
    assert (values.n, values.json) == (7, False)


def test_flag_then_variable_then_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert flags().parse([]).n == 5
    monkeypatch.setenv("HOW_MANY", "6")
    assert flags().parse([]).n == 6
    assert flags().parse(["-n=7"]).n == 7
    monkeypatch.setenv("HOW_MANY", "six")
    with pytest.raises(UsageError, match="HOW_MANY: not a whole number: 'six'"):
        flags().parse([])


def test_endpoints_come_from_the_labs_variable_then_from_etcdctls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ETCDCTL_ENDPOINTS", "b:2,c:3")
    assert settings_of(flags().parse([])).endpoints == ["http://b:2", "http://c:3"]
    monkeypatch.setenv("ETCD_ENDPOINT", "https://a")
    assert settings_of(flags().parse([])).endpoints == ["https://a"]


def test_values_that_look_like_flags_or_are_no_utf8_stay_as_they_are() -> None:
    assert flags().parse(["-prefix", "-n"]).prefix == b"-n"
    assert flags().parse(["-prefix=a=b"]).prefix == b"a=b"
    assert flags().parse(["-prefix=\udcff"]).prefix == b"\xff"


def test_a_list_goes_up_to_the_next_flag() -> None:
    these = Flags("a contract")
    these.add("merge FILE...", file_value, "", "files")
    these.add_switch("json", False, "documents")
    values = these.parse(["-merge=a", "-merge", "b", "c=d", "-json"])
    assert (values.merge, values.json) == ([Path("b"), Path("c=d")], True)
    with pytest.raises(UsageError, match="-merge: must not be empty"):
        these.parse(["-merge", "a", ""])


def test_the_help_names_what_a_value_is(capsys: pytest.CaptureFixture[str]) -> None:
    these = flags()
    these.add("fail-on anomalies|nothing|anything", int_value, "", "when to fail")
    with pytest.raises(SystemExit) as exit_of_help:
        these.parse(["-n=6", "--help", "-unknown"])
    assert exit_of_help.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["a contract", "", "flags:", "  -h                    show this and exit"]
    assert lines[-5:] == [
        "  -n COUNT              how many (default 5, $HOW_MANY)",
        "  -prefix PREFIX        where (default p)",
        "  -json                 documents (default true)",
        "  -fail-on anomalies|nothing|anything",
        "                        when to fail",
    ]
    assert all(line == line.rstrip() and len(line) <= 88 for line in lines)


@pytest.mark.parametrize("text", ["0", "-1", "1.0", "", " 1", "1 ", "0x1", "\u0661", "9" * 30])
def test_no_count(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be above zero|not a whole number"):
        count_value(text)


def test_numbers() -> None:
    assert int_value("-5") == -5
    assert count_value("+007") == 7
    assert [seconds_value(text) for text in ("2", "1.5s", "250ms", "2m")] == [2, 1.5, 0.25, 120]
    for text in ("0", "0.0s", "s", "-1", "1h", "1e3", "inf", "nan"):
        with pytest.raises(ValueError, match="not a number of seconds"):
            seconds_value(text)


def test_endpoints() -> None:
    assert parse_endpoint("localhost:2379") == "http://localhost:2379"
    assert parse_endpoint("http://[::1]:2379/") == "http://[::1]:2379"
    assert parse_endpoint("https://etcd.example") == "https://etcd.example"
    assert endpoints_value("a:1, http://b:2/") == ["a:1", "http://b:2/"]


@pytest.mark.parametrize(
    "text",
    ["", "a", "a:", ":1", "a:0", "a:65536", "a:b", "ftp://a:1", "http://", "http://a:1/v3",
     "http://u:p@a:1", "a:1,", "a b:1", "a:1\n", "http://a:1?x"],
)  # fmt: skip
def test_no_endpoint(text: str) -> None:
    with pytest.raises(ValueError, match="not host:port or a URL"):
        endpoints_value(text)
