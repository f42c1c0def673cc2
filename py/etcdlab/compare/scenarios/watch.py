"""Messages of a watch, and how it ends."""

from __future__ import annotations

import signal
from contextlib import ExitStack

import etcd3
import requests

from etcdlab.compare.outcomes import failure, is_timeout, raised
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Sides, b64, open_sides, unb64
from etcdlab.compare.watch_fixture import (
    SILENCE,
    FirstEvents,
    etcdctl_watch,
    gateway_watch,
    native_watch,
    next_of,
    progress_by_stub,
)
from etcdlab.testbed.proxy import tcp_proxy


def _put(sides: Sides, *values: bytes) -> int:
    """Put values one after the other in key a; return the revision of the first."""
    revisions = [sides.native.put(sides.key("a"), each).header.revision for each in values]
    return int(revisions[0])


@scenario("watch", "the first message")
def first_message(sides: Sides) -> Facts:
    """The stream begins with a message without events."""
    key, revision = sides.key("a"), _put(sides, b"1")
    with etcdctl_watch(sides, key, f"--rev={revision}", "-w", "json") as printing:
        first = printing.json()
    with gateway_watch(sides, key, start_revision=revision) as messages:
        message, second = next(messages), next(messages)
    with native_watch(sides.native, key, start_revision=revision) as responses:
        response = next_of(responses)
    claim(message.get("created") is True and "events" not in message, "it says created alone")
    claim(len(second["events"]) == 1, "events come after it")
    return Facts(
        f"{len(first['Events'])} event",
        f"created, {len(message.get('events', []))} events",
        f"{len(response.events)} event",
        "Every watch begins with a created message, which the two clients keep to themselves: over"
        " the gateway wait for it, then skip what has no events.",
    )


@scenario("watch", "a PUT and a DELETE, as events")
def put_event(sides: Sides) -> Facts:
    """An enum as number, name or class; JSON leaves out the zero, PUT."""
    key, revision = sides.key("a"), _put(sides, b"1")
    sides.native.delete(key)
    with etcdctl_watch(sides, key, f"--rev={revision}") as printing:
        line = printing.line()
    events = FirstEvents(sides, key, revision)
    deleted, told, native = events.etcdctl[1], events.gateway[1], events.native[1]
    claim("type" not in events.gateway[0], "zero is left out of the JSON")
    claim("value" not in deleted["kv"] and "value" not in told["kv"], "a DELETE has no value")
    claim(native.value == b"", "python-etcd3 has an empty one")
    put = events.native[0]
    claim(isinstance(put, etcd3.events.PutEvent), "python-etcd3 has a class for each type")
    return Facts(
        f"{(line or b'').decode()}, then type {deleted['type']!r} in JSON",
        f"no type, then type {told['type']!r}",
        f"{type(put).__name__}, then {type(native).__name__}",
        "PUT is type 0, which JSON leaves out: read event.get('type', 'PUT') over the gateway;"
        " etcdctl's JSON has enums as numbers. A deletion has no value in either JSON, and an empty"
        " one in python-etcd3.",
    )


@scenario("watch", "all since a past revision; a range, and one transaction in it")
def past_revision(sides: Sides) -> Facts:
    """No event after the compacted revision is missed; a transaction is one message."""
    revision = _put(sides, b"1", b"2")
    since = FirstEvents(sides, sides.key("a"), revision).pairs(sides.prefix)
    puts = [sides.native.transactions.put(sides.key(name), b"3") for name in ("a", "b")]
    sides.native.transaction([], puts, [])
    revision = sides.native.get(sides.key("a"))[1].mod_revision
    at_once = FirstEvents(sides, sides.key("a"), revision, sides.key("c")).pairs(sides.prefix)
    return Facts(*(f"{one}; {other}" for one, other in zip(since, at_once, strict=True)))


@scenario("watch", "the value before, of a key that is new")
def no_previous(sides: Sides) -> Facts:
    """prev_kv, on request, where there is no previous value."""
    revision = _put(sides, b"", b"2", b"3")
    events = FirstEvents(sides, sides.key("a"), revision)
    claim("prev_kv" in events.etcdctl[1], "an empty value is a value before")
    claim("prev_kv" in events.gateway[1], "an empty value is one over the gateway, too")
    before = [each.prev_value for each in events.native]
    claim(before == [b"", b"", b"2"], "python-etcd3 has a new key's and an empty one's alike")
    claim([each.version for each in events.native] == [1, 2, 3], "a new key has version 1")
    for each in (events.etcdctl, events.gateway):
        claim(unb64(each[2]["prev_kv"]["value"]) == b"2", "there is the value before")
    return Facts(
        "prev_kv" if "prev_kv" in events.etcdctl[0] else "no prev_kv",
        "prev_kv" if "prev_kv" in events.gateway[0] else "no prev_kv",
        f"prev_value {events.native[0].prev_value!r}",
        "python-etcd3's prev_value is b'' for a key that is new as for one that was empty: the"
        " event's version is 1 if the key is new.",
    )


@scenario("watch", "a revision that is compacted")
def compacted(sides: Sides) -> Facts:
    """etcd cancels the watch; each side reports it differently."""
    key, revision = sides.key("a"), _put(sides, b"1", b"2", b"3")
    sides.native.compact(revision + 2)
    ran = sides.etcdctl.run("watch", key, f"--rev={revision}")
    with gateway_watch(sides, key, seconds=SILENCE, start_revision=revision) as messages:
        message = [next(messages), next(messages)][1]
        after = failure(lambda: next(messages))
    with native_watch(sides.native, key, start_revision=revision) as responses:
        error = next_of(responses)
    claim(ran.status == 5, "etcdctl has an exit status for it")
    claim(message.get("canceled") is True and "cancel_reason" not in message, "no reason is given")
    claim(is_timeout(after), "the stream stays open")
    claim(isinstance(error, etcd3.exceptions.RevisionCompactedError), "next() raises")
    since = int(message["compact_revision"])
    claim(since == error.compacted_revision == revision + 2, "both say from where it goes on")
    claim(len(FirstEvents(sides, key, since).gateway) == 1, "a watch from there begins")
    return Facts(
        f"exit status {ran.status}",
        "canceled, compact_revision" + "; the stream stays open" * is_timeout(after),
        f"{type(error).__name__} at next()",
        "Over the gateway the stream neither ends nor says why: close it yourself at canceled, then"
        " read again and watch from compact_revision.",
    )


@scenario("watch", "an end that is before the key")
def empty_range(sides: Sides) -> Facts:
    """etcd refuses the watch, and python-etcd3 does not notice."""
    start, end = sides.key("b"), sides.key("a")
    ran = sides.etcdctl.run("watch", start, end)
    with gateway_watch(sides, start, range_end=b64(end)) as messages:
        message = next(messages)
    with native_watch(sides.native, start, range_end=end) as responses:
        found = next_of(responses, SILENCE)
    claim(ran.status == 5, "etcdctl has an exit status for it")
    claim(bool(message["created"] and message["canceled"]), "one message says both")
    claim(found is None, "python-etcd3 waits on")
    return Facts(
        f"exit status {ran.status}",
        f"canceled: {message['cancel_reason'].removeprefix('etcdserver: ')}",
        "nothing, it waits" if found is None else raised(found),
        "python-etcd3 does not look at canceled, so its iterator waits for ever: make sure that"
        " range_end is greater than key before you watch.",
    )


@scenario("watch", "no event within a time")
def silence(sides: Sides) -> Facts:
    """Whether a watch can have a timeout."""
    key = sides.key("a")
    with etcdctl_watch(sides, key, "--command-timeout=100ms") as printing:
        nothing = printing.line(SILENCE) is None
        status = printing.status
    with gateway_watch(sides, key, seconds=SILENCE) as messages:
        next(messages)
        gateway = failure(lambda: next(messages))
    native = failure(lambda: sides.native.watch_once(key, timeout=SILENCE))
    claim(nothing and status is None, "--command-timeout does not end a watch")
    claim(is_timeout(gateway), "the read timeout of requests does")
    claim(isinstance(native, etcd3.exceptions.WatchTimedOut), "watch_once() has a timeout")
    return Facts(
        "it waits" if status is None else f"exit status {status}",
        f"{type(gateway).__name__}: Read timed out",
        type(native).__name__,
        "etcdctl's --command-timeout does not count for a watch; requests' read timeout does, and"
        " in python-etcd3 watch_once() alone takes one.",
    )


@scenario("watch", "canceled by who began it")
def canceled(sides: Sides) -> Facts:
    """A cancel request, or just a closed connection."""
    key = sides.key("a")
    with etcdctl_watch(sides, key, f"--rev={_put(sides, b'1')}") as printing:
        claim(printing.line() == b"PUT", "etcdctl watches")
        status = printing.end(signal.SIGINT)
    cancel = {"cancel_request": {"watch_id": 7}}
    with gateway_watch(sides, key, cancel, seconds=SILENCE, watch_id=7) as messages:
        last = [next(messages), next(messages)][1]
        after = failure(lambda: next(messages))
    responses, stop = sides.native.watch_response(key)
    stop()
    native = next_of(responses)
    claim(last.get("canceled") is True and is_timeout(after), "the stream stays open")
    claim(isinstance(native, StopIteration), "the iterator ends")
    return Facts(
        f"ended by signal {-status}" if status < 0 else f"exit status {status} at SIGINT",
        "canceled" + "; the stream stays open" * is_timeout(after),
        "the iterator ends" * isinstance(native, StopIteration),
        "Over the gateway a cancel request must be in the body that began the watch, and ends no"
        " stream: close the connection instead, as etcdctl does when interrupted.",
    )


@scenario("watch", "how far a quiet watch is")
def progress(sides: Sides) -> Facts:
    """The answer to a progress request is the store's revision."""
    key, revision = sides.key("a"), _put(sides, b"1")
    with etcdctl_watch(sides, "-i") as printing:
        printing.type(b"watch %s --rev=%d" % (key, revision))
        claim(printing.line() == b"PUT" and bool(printing.line() and printing.line()), "it watches")
        printing.type(b"progress")
        line = printing.line() or b""
    with gateway_watch(sides, key, {"progress_request": {}}) as messages:
        both = [next(messages), next(messages)]
    told = next(each for each in both if "created" not in each)
    has_call = any("progress" in name for name in dir(sides.native))
    # Only the generated stub has a call for it, the public API has none.
    claim(progress_by_stub(sides.native, key) >= revision, "WatchStub answers one")
    claim(int(told["header"]["revision"]) >= revision, "it is the store's revision")
    claim(told["watch_id"] == "-1", "it is for all watches of the stream")
    return Facts(
        line.decode().partition(":")[0],
        f"a message without events, watch_id {told['watch_id']}",
        "a call" if has_call else "no call for it",
        "python-etcd3 can only ask for the notices that etcd sends by itself, with progress_notify:"
        " send a WatchProgressRequest by its generated WatchStub.",
    )


@scenario("watch", "a connection that breaks")
def broken(sides: Sides) -> Facts:
    """Only etcdctl resumes the watch by itself."""
    key, revision = sides.key("a"), _put(sides, b"1")
    with ExitStack() as stack:
        proxy = stack.enter_context(tcp_proxy(sides.http.endpoint))
        program, version = sides.etcdctl.program, sides.version
        far = stack.enter_context(open_sides(program, sides.at(proxy.url), version))
        printing = stack.enter_context(etcdctl_watch(far, key, f"--rev={revision}", "-w", "json"))
        messages = stack.enter_context(gateway_watch(far, key, start_revision=revision))
        responses, _ = far.native.watch_response(key, start_revision=revision)
        claim(bool(printing.json() and next(messages) and next(messages)), "two watch")
        claim(len(next_of(responses).events) == 1, "python-etcd3 watches")
        proxy.cut()
        _put(sides, b"2")
        gateway, native = failure(lambda: next(messages)), next_of(responses)
        missed = printing.json()["Events"]
        shunned = failure(lambda: far.native.get(key))
    claim(isinstance(gateway, requests.RequestException), "requests raises")
    claim(isinstance(native, etcd3.exceptions.ConnectionFailedError), "next() raises")
    claim(isinstance(shunned, ValueError), "the client is of no use afterwards")
    claim(len(FirstEvents(sides, key, revision + 1).gateway) == 1, "a new watch has the rest")
    return Facts(
        f"goes on, {len(missed)} event after it",
        type(gateway).__name__,
        type(native).__name__,
        "Only etcdctl connects again and misses nothing: watch again from the last event's revision"
        " + 1, with a new python-etcd3 client, since the old one refuses its node.",
    )
