"""Ranges, counts and past revisions."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from etcdlab.compare.outcomes import answered, failure, printed, raised
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Answer, Ran, Sides, b64, unb64

Pairs = Iterable[tuple[bytes, Any]]
TO_THE_END = b"\0"  # a range end


def _fill(sides: Sides, values: bytes = b"312") -> int:
    """Put keys a, b, c, ... with one byte of `values` each; return the last revision."""
    for name, value in zip(b"abcdefgh", values, strict=False):
        reply = sides.native.put(sides.key(bytes([name])), bytes([value]))
    return int(reply.header.revision)


def _post(sides: Sides, start: bytes, end: bytes, **fields: object) -> Answer:
    """Read a range over the gateway, from the scenario's key `start` to `end`."""
    ask = {"key": b64(sides.key(start)), "range_end": b64(end), **fields}
    return sides.http.post("kv/range", ask)


def _names(sides: Sides, keys: Iterable[bytes]) -> str:
    """Keys without the scenario's prefix, separated by blanks."""
    found = [key.removeprefix(sides.prefix).decode(errors="backslashreplace") for key in keys]
    return " ".join(found) or "none"


def _listed(sides: Sides, ran: Ran, answer: Answer, pairs: Pairs) -> tuple[str, str, str]:
    """The keys of each side's reply; etcdctl ran with --keys-only."""
    return (
        _names(sides, filter(None, ran.stdout.split(b"\n"))),
        _names(sides, (unb64(kv["key"]) for kv in answer.kvs)),
        _names(sides, (meta.key for _, meta in pairs)),
    )


def _read(sides: Sides, flag: str, **fields: int) -> tuple[str, str, str]:
    """Read key a on each side, with etcdctl's `flag` and the equivalent `fields`."""
    key = sides.key("a")
    ran = sides.etcdctl.run("get", key, flag, "--print-value-only")
    answer = sides.http.post("kv/range", {"key": b64(key), **fields})
    value, _ = sides.native.get(key, **fields)
    return repr(ran.stdout.removesuffix(b"\n")), repr(unb64(answer.kvs[0]["value"])), repr(value)


@scenario("ranges", "a prefix that ends in 0xFF, with a key behind it")
def high_prefix(sides: Sides) -> Facts:
    """The range end raises the byte before and drops the 0xFF; python-etcd3 keeps it."""
    start, end = sides.key(b"p\xff"), sides.key("q")
    for key in (start + b"1", end, end + b"1"):
        sides.put(key, b"1")
    pairs = list(sides.native.get_prefix(start))
    claim(len(pairs) == 3, "python-etcd3's range goes to before q\\xff instead of q")
    claim(len(list(sides.native.get_range(start, end))) == 1, "with the right end it finds one")
    ran = sides.etcdctl.run("get", start, "--prefix", "--keys-only")
    answer = _post(sides, b"p\xff", end)
    plain = sides.etcdctl.run("get", sides.key("p"), "--prefix", "--keys-only")
    listed = _listed(sides, plain, _post(sides, b"p", end), sides.native.get_prefix(sides.key("p")))
    claim(len(set(listed)) == 1, "a prefix that does not end so is the same to all")
    return Facts(
        *_listed(sides, ran, answer, pairs),
        "python-etcd3 raises the byte before the 0xFF but keeps the 0xFF, so that its range is too"
        " wide: use get_range, with an end of your own.",
    )


@scenario("ranges", "the empty prefix, the whole store")
def empty_prefix(sides: Sides) -> Facts:
    """etcd requires a key, and the lowest is a NUL."""
    sides.put(sides.key("a"), b"1")
    ran = sides.etcdctl.run("get", "", "--prefix", "--limit=1", "-w", "json")
    ask = {"range_end": b64(TO_THE_END), "limit": 1}
    answer = sides.http.post("kv/range", {"key": "", **ask})
    first = sides.http.post("kv/range", {"key": b64(b"\0"), **ask}).kvs
    again = list(sides.native.get_range(b"\0", TO_THE_END, limit=1))
    claim(len(first) == len(again) == 1, "from a NUL on both find a key")
    words = ("get", sides.key("a"), "--from-key", "--limit=1", "--keys-only")
    rest = sides.native.get_range(sides.key("a"), TO_THE_END, limit=1)
    listed = _listed(
        sides, sides.etcdctl.run(*words), _post(sides, b"a", TO_THE_END, limit=1), rest
    )
    claim(listed == ("a", "a", "a"), "--from-key is a range whose end is a NUL")
    return Facts(
        f"{len(ran.json['kvs'])} key",
        answered(answer),
        raised(failure(lambda: sides.native.get_prefix(b"", limit=1))),
        "etcd wants a first key, and etcdctl puts a NUL for an empty one: give a NUL yourself,"
        " as the end of the range too, for which etcdctl has --from-key.",
    )


@scenario("ranges", "limit 2 of 3 keys: is there more?")
def more(sides: Sides) -> Facts:
    """Only the gateway reports it by default."""
    _fill(sides)
    words = ("get", sides.key(), "--prefix", "--limit=2")
    answer = _post(sides, b"", sides.key(b"\xff"), limit=2)
    pairs = list(sides.native.get_prefix(sides.key(), limit=2))
    keys = sides.etcdctl.run(*words, "--keys-only").stdout.split()
    claim(keys == [meta.key for _, meta in pairs], "etcdctl prints the keys alone")
    claim(sides.etcdctl.run(*words, "-w", "json").json.get("more"), "etcdctl's JSON has it")
    claim(sides.native.get_prefix_response(sides.key(), limit=2).more, "its response has it")
    return Facts(
        f"{len(keys)} keys, no word of more",
        f"{len(answer.kvs)} keys, more: {answer.json['more']}",
        f"{len(pairs)} keys, no word of more",
        "etcdctl says it with -w json, python-etcd3 in get_prefix_response(...).more: ask those.",
    )


@scenario("ranges", "how many keys there are, and no more")
def count(sides: Sides) -> Facts:
    """etcdctl has it since 3.5; python-etcd3 only in a response."""
    _fill(sides)
    ran = sides.etcdctl.run("get", sides.key(), "--prefix", "--count-only", "-w", "fields")
    answer = _post(sides, b"", sides.key(b"\xff"), count_only=True)
    pairs = list(sides.native.get_prefix(sides.key(), count_only=True))
    response = sides.native.get_prefix_response(sides.key(), count_only=True)
    claim(not pairs and response.count == 3, "the response has the count, the pairs have not")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # protobuf's, about the same index
        error = failure(lambda: sides.native.get(sides.key("a"), count_only=True))
    claim(isinstance(error, IndexError), "get takes the last of no keys")
    one = sides.native.get_response(sides.key("a"), count_only=True)
    claim(one.count == 1, "get_response has the count")
    bare = sides.etcdctl.run("get", sides.key(), "--prefix", "--count-only")
    claim("--count-only" in bare.error, "it has no such flag, or wants -w fields with it")
    why = "This etcdctl has no such flag" if ran.status else "etcdctl wants -w fields with it"
    return Facts(
        printed(ran) if ran.status else f"count: {ran.stdout.split()[-1].decode()}",
        f"count: {answer.json['count']}",
        f"{len(pairs)} pairs, {type(error).__name__} of one key",
        f"{why}; python-etcd3 makes pairs of keys alone, and its get fails without one: use"
        " get_prefix_response(...).count, or get_response's.",
    )


@scenario("ranges", "keys without their values")
def keys_only(sides: Sides) -> Facts:
    """A value that was not requested looks empty."""
    _fill(sides)
    key = sides.key("a")
    line = sides.etcdctl.run("get", key, "--keys-only").stdout.splitlines()[1]
    kv = sides.http.post("kv/range", {"key": b64(key), "keys_only": True}).kvs[0]
    value, _ = sides.native.get(key, keys_only=True)
    claim(line == value == b"", "it looks like an empty value")
    return Facts(
        f"line {line!r}",
        f"value: {kv.get('value', 'absent')}",
        repr(value),
        "A value that was not asked for looks like an empty one, etcdctl's empty line too:"
        " never read it as the value.",
    )


@scenario("ranges", "sorted by value, from the highest down")
def sort(sides: Sides) -> Facts:
    """The server sorts."""
    _fill(sides)
    flags = ("--prefix", "--order=DESCEND", "--sort-by=VALUE", "--keys-only")
    ran = sides.etcdctl.run("get", sides.key(), *flags)
    answer = _post(sides, b"", sides.key(b"\xff"), sort_order="DESCEND", sort_target="VALUE")
    pairs = sides.native.get_prefix(sides.key(), sort_order="descend", sort_target="value")
    return Facts(*_listed(sides, ran, answer, pairs))


@scenario("ranges", "a range asked of python-etcd3's get")
def get_of_a_range(sides: Sides) -> Facts:
    """It accepts a range end, and returns one key."""
    _fill(sides)
    a, c = sides.key("a"), sides.key("c")
    pair = sides.native.get(a, range_end=c)
    claim(pair[1].key == sides.key("b"), "it gives the last key alone")
    claim(len(list(sides.native.get_range(a, c))) == 2, "get_range gives both")
    ran = sides.etcdctl.run("get", a, c, "--keys-only")
    return Facts(
        *_listed(sides, ran, _post(sides, b"a", c), [pair]),
        "python-etcd3's get gives the last of the keys that come back, and drops the others:"
        " use get_range.",
    )


@scenario("ranges", "a range deleted: from a to before c")
def delete_range(sides: Sides) -> Facts:
    """python-etcd3 deletes only a key or a prefix."""
    a, c = sides.key("a"), sides.key("c")
    _fill(sides)
    ran = sides.etcdctl.run("del", a, c)
    _fill(sides)
    answer = sides.http.post("kv/deleterange", {"key": b64(a), "range_end": b64(c)})
    _fill(sides)
    error = failure(lambda: sides.native.delete(a, range_end=c))
    claim(isinstance(error, TypeError), "python-etcd3's delete takes no end")
    _, (reply,) = sides.native.transaction([], [sides.native.transactions.delete(a, c)], [])
    claim(reply.response_delete_range.deleted == 2, "its transaction does")
    return Facts(
        f"deleted: {ran.stdout.decode().strip()}",
        f"deleted: {answer.json['deleted']}",
        type(error).__name__,
        "python-etcd3's delete has no end of a range: its transactions.delete has one, use that.",
    )


@scenario("ranges", "a value one revision ago, at revision -1, and serializable")
def past(sides: Sides) -> Facts:
    """-1 means the latest revision, as 0 does; the member answers a serializable read itself."""
    sides.put(sides.key("a"), b"old")
    revision = sides.native.put(sides.key("a"), b"new").header.revision - 1
    reads = (
        _read(sides, f"--rev={revision}", revision=revision),
        _read(sides, "--rev=-1", revision=-1),
        _read(sides, "--consistency=s", serializable=True),
    )
    return Facts(*map(", ".join, zip(*reads, strict=True)))


@scenario("ranges", "the keys created up to a revision")
def created(sides: Sides) -> Facts:
    """python-etcd3 sends both bounds as min_mod_revision."""
    sides.native.delete_prefix(sides.key())
    revision = _fill(sides)
    flags = ("--prefix", "--keys-only", f"--max-create-rev={revision - 1}")
    ran = sides.etcdctl.run("get", sides.key(), *flags)
    answer = _post(sides, b"", sides.key(b"\xff"), max_create_revision=revision - 1)
    pairs = list(sides.native.get_prefix(sides.key(), max_create_revision=revision - 1))
    claim(all(meta.mod_revision >= revision - 1 for _, meta in pairs), "it is min_mod_revision")
    claim(len(answer.kvs) == 2, "the gateway has those that were asked for")
    texts = _listed(sides, ran, answer, pairs)
    return Facts(
        printed(ran) if ran.status else texts[0],
        *texts[1:],
        "python-etcd3 sends max_create_revision as min_mod_revision"
        + (", this etcdctl has no flag for it" if ran.status else "")
        + ": filter by meta.create_revision yourself.",
    )
