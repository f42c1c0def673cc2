"""What members are doing: figures that add up to what was done, whatever becomes of a member."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import orjson
import pytest
from etcd_fixture import Etcd

from etcdlab.client.connect import Settings, connect
from etcdlab.client.member_stats import MemberStats
from etcdlab.client.types import Watch
from etcdlab.testbed.ports import free_urls
from etcdlab.top import activity
from etcdlab.top.activity import Activity, Figures, Look, figures, is_same
from etcdlab.top.containers import Container, read_stats
from etcdlab.top.output import json_of, lines_of, table_of

RATES = ("puts_per_second", "ranges_per_second", "txns_per_second", "deletes_per_second", "cpu")
# What docker stats of 20.10 printed, and how it prints a container that ends meanwhile.
DOCKER_STATS = b"""\
2379 9115f91637c82737cab51c3cf93da6b6f59722739e812fa6c8022d52fb47520e
22379 0f9e8d7c6b5a49382716051423324150617283940a1b2c3d4e5f60718293a4b5
{"BlockIO":"0B / 0B","CPUPerc":"1.13%",\
"Container":"9115f91637c82737cab51c3cf93da6b6f59722739e812fa6c8022d52fb47520e",\
"ID":"9115f91637c8","MemPerc":"0.04%","MemUsage":"8.473MiB / 23.54GiB","Name":"tt",\
"NetIO":"572B / 0B","PIDs":"7"}
{"BlockIO":"-- / --","CPUPerc":"--","Container":"0f9e8d7c6b5a","ID":"0f9e8d7c6b5a",\
"MemPerc":"--","MemUsage":"-- / --","Name":"--","NetIO":"-- / --","PIDs":"--"}
"""


@contextmanager
def frozen(etcd: Etcd) -> Iterator[None]:
    """As if its machine had stopped."""
    etcd._process.send_signal(signal.SIGSTOP)
    yield
    etcd._process.send_signal(signal.SIGCONT)


def put(etcd: Etcd, keys: int, value: bytes = b"1") -> None:
    with closing(connect(Settings([etcd.url]))) as client:
        client.put_all([(b"top/%d" % index, value) for index in range(keys)])


def test_rates_times_seconds_are_what_was_done(start_etcd: Callable[..., Etcd]) -> None:
    etcd = start_etcd("--quota-backend-bytes=100000000")
    settings = Settings([etcd.url])
    with closing(Activity(settings)) as members, closing(connect(settings)) as client:
        (first,) = members.look()
        assert [first[name] for name in ("seconds", "wal_fsync_p99_seconds", *RATES)] == [None] * 7
        assert (first["state"], first["lag_entries"], first["watchers"]) == ("leader", 0, 0)
        watch = client.watch(Watch(b"top"))
        assert next(watch).created
        for _ in range(3):
            put(etcd, 100)
        etcd.etcdctl("del", "top/0")
        for _ in range(7):
            etcd.etcdctl("get", "top/1")
        (second,) = members.look()
    done = {name: second[name] * second["seconds"] for name in RATES}
    # On its own account, the look before has asked for a range (but of etcd 3.4).
    assert done["ranges_per_second"] == pytest.approx(7.5, abs=0.51)
    assert done["puts_per_second"] == pytest.approx(300)
    assert done["txns_per_second"] == pytest.approx(3)
    assert done["deletes_per_second"] == pytest.approx(1)
    assert 0 < done["cpu"] < 10 and 0 < second["wal_fsync_p99_seconds"] < 8
    assert (second["quota_bytes"], second["alarms"], second["watchers"]) == (100000000, (), 1)
    assert second["quota_share"] == second["db_size_bytes"] / 100000000
    assert second["resident_memory_bytes"] > 10_000_000


def test_a_member_that_freezes_ends_and_comes_back(
    start_etcd: Callable[..., Etcd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "MEMBER_TIMEOUT", 1.0)
    well, ill = start_etcd(), start_etcd()
    (nobody,) = free_urls(1)
    with closing(Activity(Settings([nobody, ill.url, well.url]))) as looker:

        def states() -> list[str]:
            begin = time.monotonic()
            members.extend(looker.look())
            assert time.monotonic() - begin < 5
            return [member["state"] for member in members[-3:]]

        members: list[Figures] = []
        assert states() == ["down", "leader", "leader"]
        time.sleep(0.5)  # more than threads differ in when they look
        with frozen(ill):
            assert states() == ["down", "down", "leader"]
            assert members[-1]["seconds"] and not members[-2]["resident_memory_bytes"]
        put(ill, 100)
        assert states() == ["down", "leader", "leader"]
        assert members[-2]["seconds"] > members[-1]["seconds"]
        assert members[-2]["puts_per_second"] * members[-2]["seconds"] == pytest.approx(100)
        ill.stop()
        ill.start()
        put(ill, 50)
        assert states() == ["down", "leader", "leader"]
        assert [members[-2][name] for name in ("seconds", *RATES)] == [None] * 6
        assert states() == ["down", "leader", "leader"]
        assert members[-2]["puts_per_second"] == 0


def test_alarms_are_named_by_every_etcd(start_etcd: Callable[..., Etcd]) -> None:
    etcd = start_etcd("--quota-backend-bytes=2000000")
    etcd.fill()
    with closing(Activity(Settings([etcd.url]))) as members:
        (member,) = members.look()
    assert member["alarms"] == ("NOSPACE",)
    assert "NOSPACE" in table_of([member], 80) and " NOSPACE " in lines_of([member], False)


def view(**values: float) -> MemberStats:
    return MemberStats("http://a:1", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "state", "lag"),
    [
        ({"is_leader": 1, "has_leader": 1, "applied": 90}, "leader", 10),
        ({"is_leader": 0, "has_leader": 1, "applied": 100}, "follower", 0),
        ({"is_learner": 1, "has_leader": 1, "applied": 101}, "learner", 0),
        ({"has_leader": 0, "applied": 0}, "leaderless", 100),
    ],
)
def test_what_a_member_is_and_how_far_behind(
    values: dict[str, float], state: str, lag: int
) -> None:
    member = figures("http://a:1", None, Look(0.0, view(**values)), 100, None)
    assert (member["state"], member["lag_entries"]) == (state, lag)


def test_a_process_that_counts_anew_is_another() -> None:
    before = Look(0.0, view(started=1000.0, puts=5, cpu_seconds=1.0))
    assert is_same(before, Look(1.0, view(started=1001.0, puts=5, cpu_seconds=1.0)))
    assert not is_same(before, Look(1.0, view(started=1001.5, puts=9, cpu_seconds=2.0)))
    assert not is_same(before, Look(1.0, view(started=1000.0, puts=4, cpu_seconds=2.0)))
    # Where a system has no such metrics.
    assert not is_same(Look(0.0, view(puts=5)), Look(1.0, view(puts=0)))


BUSY = MemberStats(
    "", 123_400_000, 99_400_000, 2_147_483_648, 999_400_000, 1, 1, 0, 1, 999_999, 999_990,
    200_000, 30_000, 1_300, 9_999, 12_345, 1.0, 30.5, ((0.001, 90), (0.002, 100)), ((0.512, 100),),
)  # fmt: skip


def busy(*urls: str, container: Container | None = None) -> list[Figures]:
    before = Look(0.0, view(started=1.0, cpu_seconds=0.5, puts=0, ranges=0, txns=0, deletes=0))
    return [figures(url, before, Look(2.0, BUSY, ()), 999_999, container) for url in urls]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 160])
def test_tables_fit_and_hold_every_figure(width: int) -> None:
    members = busy("http://127.0.0.1:2379", "https://127.0.0.1:22379")
    members += [figures("http://127.0.0.1:32379", None, None, 5, None)]
    text = table_of(members, width)
    assert all(len(line) <= width for line in text.splitlines())
    for shown in ("leader", "1500%", "999 MB", "123 MB", "99 MB", "6%", "9", "none", "100k",
                  "15k", "650", "5k", "12345", "127.0.0.1:22379", "down", "-"):  # fmt: skip
        assert f" {shown} " in f" {text} ".replace("\n", " ")
    assert "container" not in text
    assert "container's CPU" in table_of(busy("http://a:1", container=Container(0.5, 1)), width)


def test_at_80_columns_there_are_two_tables() -> None:
    text = table_of(busy("http://127.0.0.1:22379", "http://127.0.0.1:32379"), 80)
    assert text.count("\n\n") == 2
    assert text.splitlines()[0].endswith(", the last 2.0 s")


def test_lines_are_words_under_their_names() -> None:
    members = busy("http://127.0.0.1:2379", container=Container(1.035, 41_838_182))
    names, values = (line.split() for line in lines_of(members, True).splitlines())
    assert len(names) == len(values) == 19
    figure = dict(zip(names, values, strict=True))
    assert (figure["puts/s"], figure["memory_MB"], figure["cpu%"]) == (
        "100000.0",
        "999.4",
        "1500.0",
    )
    assert (figure["container_cpu%"], figure["container_MB"]) == ("103.5", "41.8")
    unknown = lines_of([figures("http://127.0.0.1:2379", None, None, 5, None)], False).split()
    assert unknown[1:3] == ["127.0.0.1:2379", "down"] and set(unknown[3:]) == {"-"}


def test_json_is_a_line_with_null_for_what_is_not_known() -> None:
    text = json_of([figures("http://127.0.0.1:2379", None, None, 5, None)])
    assert "\n" not in text
    (member,) = orjson.loads(text)["members"]
    assert {value for name, value in member.items() if name not in ("endpoint", "state")} == {None}


def test_docker_s_lines_are_read_by_port() -> None:
    assert read_stats(DOCKER_STATS) == {
        2379: Container(pytest.approx(0.0113), int(8.473 * 1024**2)),
        22379: Container(None, None),
    }
    assert read_stats(b"Error: no such container\n2379\n{\n") == {}
