"""Limits of sizes and times, compression, connections."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import etcd3
import grpc
import orjson
import requests

from etcdlab.compare.outcomes import (
    answered,
    failure,
    is_code,
    native_to,
    printed,
    raised,
    short,
)
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Answer, Etcdctl, Http, Ran, Sides, b64, open_sides
from etcdlab.testbed.proxy import Proxy, tcp_proxy

MIB = 1 << 20
HANDSHAKE = 10_000  # bytes, at most, of a TLS handshake with its certificates
LARGEST_TTL = 9_000_000_000  # seconds, etcd's maximum
GZIP = [("grpc.default_compression_algorithm", int(grpc.Compression.Gzip))]


@scenario("limits", "a reply of more than 4 MiB")
def large_reply(sides: Sides) -> Facts:
    """gRPC in Python accepts no more by default."""
    start, end = sides.key("a"), sides.key("b")
    for number in range(4):
        sides.put(sides.key(f"a{number}"), bytes(11 * MIB // 10))
    ran = sides.etcdctl.run("get", start, end, "--print-value-only")
    answer = sides.http.post("kv/range", {"key": b64(start), "range_end": b64(end)})
    error = failure(lambda: list(sides.native.get_range(start, end)))
    options = [("grpc.max_receive_message_length", -1)]
    with native_to(sides.settings, grpc_options=options) as client:
        claim(len(list(client.get_range(start, end))) == 4, "grpc_options lift the limit")
    sides.native.delete_prefix(sides.key("a"))
    claim(len(ran.stdout) > 4 * MIB and len(answer.kvs) == 4, "two take it")
    claim(is_code(error, grpc.StatusCode.RESOURCE_EXHAUSTED), "python-etcd3 refuses it")
    return Facts(
        f"{(len(ran.stdout) - 4) / MIB:.1f} MiB",
        f"{sum(len(kv['value']) // 4 * 3 for kv in answer.kvs) / MIB:.1f} MiB",
        raised(error).partition(":")[0],
        "gRPC in Python takes no message over 4 MiB: read with a limit, page by page, or open the"
        " client with grpc_options=[('grpc.max_receive_message_length', -1)].",
    )


def _put(sides: Sides, size: int) -> tuple[Ran, Answer, Exception | None]:
    """Put a value of `size` bytes on each side."""
    key, value = sides.key("a"), bytes(size)
    return (
        sides.etcdctl.run("put", key, stdin=value),
        sides.http.post("kv/put", {"key": b64(key), "value": b64(value)}),
        failure(lambda: sides.native.put(key, value)),
    )


@scenario("limits", "a value of 1.6 MiB")
def large_value(sides: Sides) -> Facts:
    """Above etcd's limit for a request."""
    fit, posted, stored = _put(sides, 14 * MIB // 10)
    claim((fit.status, posted.status, stored) == (0, 200, None), "1.4 MiB fit, 1.9 in base64")
    ran, answer, error = _put(sides, 16 * MIB // 10)
    claim(ran.error.endswith("request is too large"), "etcd says so itself")
    claim((answer.status, answer.json["code"]) == (400, 3), "it is code 3")
    claim(is_code(error, grpc.StatusCode.INVALID_ARGUMENT), "python-etcd3 does not map code 3")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "etcd takes requests of up to 1.5 MiB (--max-request-bytes), and base64 does not count"
        " for that: split what is larger over several keys.",
    )


@scenario("limits", "a value of 2.2 MiB")
def larger_value(sides: Sides) -> Facts:
    """Above gRPC's limit for a message, which is another error."""
    ran, answer, error = _put(sides, 22 * MIB // 10)
    claim("trying to send" in ran.error, "etcdctl does not even send it")
    claim((answer.status, answer.json["code"]) == (429, 8), "HTTP 429 stands for code 8")
    claim("received message larger" in answer.json["message"], "the gateway sends it to etcd")
    claim(is_code(error, grpc.StatusCode.RESOURCE_EXHAUSTED), "python-etcd3 has code 8")
    return Facts(
        short(f"exit status {ran.status}: {ran.error.rpartition('desc = ')[2]}"),
        answered(answer),
        raised(error),
        "From 2 MiB on it is gRPC that refuses, in etcdctl before it sends, with code 8, HTTP 429,"
        " as when too many requests come: do not send this one again, make it smaller.",
    )


@scenario("limits", "a key of 1 MiB")
def large_key(sides: Sides) -> Facts:
    """A key counts towards the request; the system limits a command-line argument."""
    key = sides.key("k" * MIB)
    error = failure(lambda: sides.etcdctl.run("put", key, "1"))
    answer = sides.http.post("kv/put", {"key": b64(key), "value": ""})
    native = failure(lambda: sides.native.put(key, b"1"))
    claim(isinstance(error, OSError), "the system refuses so long an argument")
    ran = sides.etcdctl.run("txn", stdin=b'\nput "%s" "1"\n\n\n' % key)
    claim(ran.stdout.startswith(b"SUCCESS"), "a transaction from stdin is no argument")
    sides.native.delete(key)
    return Facts(
        error.strerror if isinstance(error, OSError) and error.strerror else raised(error),
        answered(answer),
        raised(native),
        "A key may be as large as a request; it is the system that limits an argument: etcdctl"
        " takes such a key from standard input, in a txn.",
    )


@scenario("limits", "a deadline that is over at once")
def deadline(sides: Sides) -> Facts:
    """How to pass a deadline to etcd."""
    key = sides.key("a")
    ran = sides.etcdctl.run("--command-timeout=1ns", "get", key)
    url, body = f"{sides.http.endpoint}/v3/kv/range", orjson.dumps({"key": b64(key)})
    headers = {"Grpc-Timeout": "1n"}
    reply = sides.http.session.post(url, body, headers=headers, timeout=5)
    answer = Answer(reply.status_code, reply.content)
    with (
        tcp_proxy(sides.http.endpoint) as proxy,
        native_to(sides.at(proxy.url), timeout=0.2) as client,
    ):
        proxy.set_mode("hang")  # or the read may be done in time
        error = failure(lambda: client.get(key))
    claim(ran.error == "Error: context deadline exceeded", "etcdctl has a flag for it")
    claim((answer.status, answer.json["code"]) == (504, 4), "the gateway has a header for it")
    claim(isinstance(error, etcd3.exceptions.ConnectionTimeoutError), "python-etcd3 maps code 4")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "etcd keeps a deadline if told of it: with --command-timeout, with the HTTP header"
        " Grpc-Timeout (250m is 250 ms), or with client(timeout=...).",
    )


@scenario("limits", "a lease of more than 9,000,000,000 s")
def largest_ttl(sides: Sides) -> Facts:
    """The maximum is 285 years."""
    ran = sides.etcdctl.run("lease", "grant", str(LARGEST_TTL + 1))
    answer = sides.http.post("lease/grant", {"TTL": str(LARGEST_TTL + 1)})
    error = failure(lambda: sides.native.lease(LARGEST_TTL + 1))
    sides.native.lease(LARGEST_TTL).revoke()
    claim((answer.status, answer.json["code"]) == (400, 11), "it is code 11")
    claim(is_code(error, grpc.StatusCode.OUT_OF_RANGE), "python-etcd3 does not map code 11")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "All three pass on etcd's refusal, code 11, as if a revision were out of range: a key that"
        " is to stay for ever takes no lease.",
    )


@scenario("limits", "a value of 300 kB that gzip makes small, read")
def gzip_reply(sides: Sides) -> Facts:
    """Whether etcd compresses replies."""
    key, size = sides.key("a"), 300_000
    sides.put(key, bytes(size))
    with tcp_proxy(sides.http.endpoint) as proxy:
        there = sides.at(proxy.url)
        far = Http(there)
        with closing(far.session), native_to(there, grpc_options=GZIP) as client:
            error = failure(lambda: client.get(key))
            etcdctl = Etcdctl(sides.etcdctl.program, there)
            got = [
                _received(proxy, lambda: etcdctl.run("get", key)),
                _received(proxy, lambda: far.post("kv/range", {"key": b64(key)})),
                _received(proxy, lambda: failure(lambda: client.get(key))),
            ]
    claim("gzip" in far.session.headers["Accept-Encoding"], "requests asks for gzip")
    claim(min(got[:2]) > size, "two get it as it is, or larger")
    claim(got[2] < size / 10, "gRPC with gzip is small, be it a refusal")
    return Facts(
        f"{got[0] / size:.2f} times its size",
        f"{got[1] / size:.2f} times its size",
        raised(error) if error else f"{got[2] / size:.2f} times its size, with gzip",
        _gzip_why(sides, error, "The gateway compresses nothing, whatever Accept-Encoding says"),
    )


@scenario("limits", "a request, sent with gzip")
def gzip_request(sides: Sides) -> Facts:
    """etcd accepts it over gRPC only, from 3.5 on."""
    key = sides.key("a")
    packed = gzip.compress(orjson.dumps({"key": b64(key), "value": ""}))
    url, headers = f"{sides.http.endpoint}/v3/kv/put", {"Content-Encoding": "gzip"}
    reply = sides.http.session.post(url, packed, headers=headers, timeout=5)
    answer = Answer(reply.status_code, reply.content)
    with native_to(sides.settings, grpc_options=GZIP) as client:
        error = failure(lambda: client.put(key, bytes(1000)))
    usage = sides.etcdctl.run("put", "--help").stdout
    claim((answer.status, answer.json["code"]) == (400, 3), "the gateway reads it as bad JSON")
    claim(b"gzip" not in usage and b"compress" not in usage, "etcdctl has no flag for it")
    return Facts(
        "a flag for it" if b"gzip" in usage else "no flag for it",
        short(f"HTTP {answer.status}, code {answer.json['code']}: not JSON"),
        raised(error),
        _gzip_why(sides, error, "The gateway does not look at Content-Encoding"),
    )


def _gzip_why(sides: Sides, error: Exception | None, begin: str) -> str:
    """The explanation for this etcd's gzip over gRPC; `error` is python-etcd3's, if any."""
    is_old = not sides.is_since("3.5.0")
    claim((error is not None) == is_old, "gRPC takes gzip from etcd 3.5 on")
    if error is None:
        return f"{begin}; gRPC takes gzip from etcd 3.5 on: see grpc_options, or compress values."
    claim(is_code(error, grpc.StatusCode.UNIMPLEMENTED), "an etcd without gzip says so")
    return f"{begin}, and gRPC takes gzip from etcd 3.5 on only: compress the values yourself."


@contextmanager
def _far(sides: Sides) -> Iterator[tuple[Proxy, Sides]]:
    """Yield a proxy, and the three sides through it."""
    with (
        tcp_proxy(sides.http.endpoint) as proxy,
        open_sides(sides.etcdctl.program, sides.at(proxy.url), sides.version) as far,
    ):
        yield proxy, far


@scenario("limits", "three reads, and how many connections")
def connections(sides: Sides) -> Facts:
    """Who opens a new connection for each request."""
    key = sides.key("a")
    with _far(sides) as (proxy, far):
        url, body = f"{proxy.url}/v3/kv/range", {"key": b64(key)}
        own = far.http.session
        same = {"verify": own.verify, "cert": own.cert, "headers": own.headers}
        alone = _opened(proxy, lambda: requests.post(url, json=body, timeout=5, **same))
        counts = [
            _opened(proxy, lambda: far.etcdctl.run("get", key)),
            _opened(proxy, lambda: far.http.post("kv/range", body)),
            _opened(proxy, lambda: far.native.get(key)),
        ]
    claim(alone == 3, "requests without a session begins anew each time")
    claim(counts[0] >= 3, "so does etcdctl")
    claim(counts[1:] == [1, 1], "a session and a client keep theirs")
    etcdctl, gateway, native = (f"{count} connection{'s' * (count > 1)}" for count in counts)
    return Facts(
        etcdctl,
        gateway,
        native,
        "Every etcdctl command opens a connection of its own, and so does requests.post(): use one"
        " requests.Session, or one client, for many requests.",
    )


def _opened(proxy: Proxy, read: Callable[[], Any]) -> int:
    """The number of connections that three reads open."""
    before = proxy.connections
    for _ in range(3):
        read()
    return proxy.connections - before


@scenario("limits", "a value of 300 kB, and what goes over the wire")
def wire_size(sides: Sides) -> Facts:
    """base64 makes requests larger."""
    key, value = sides.key("a"), bytes(300_000)
    body = {"key": b64(key), "value": b64(value)}
    with _far(sides) as (proxy, far):
        sent = [
            _sent(proxy, lambda: far.etcdctl.run("put", key, stdin=value)),
            _sent(proxy, lambda: far.http.post("kv/put", body)),
            _sent(proxy, lambda: far.native.put(key, value)),
        ]
    ratios = [f"{each / len(value):.2f} times its size" for each in sent]
    claim(sent[1] > 1.33 * len(value), "base64 makes four bytes of three")
    handshake = HANDSHAKE * sides.http.endpoint.startswith("https:")
    claim(max(sent[0], sent[2]) - handshake < 1.01 * len(value), "gRPC sends bytes as they are")
    return Facts(
        *ratios,
        "base64 makes four bytes of three, both ways; gRPC sends them as they are"
        + ", but for the handshake of TLS" * bool(handshake)
        + ": over a slow network take etcdctl or python-etcd3 for large values.",
    )


def _received(proxy: Proxy, read: Callable[[], Any]) -> int:
    """Bytes received from etcd during `read`."""
    before = proxy.bytes_down
    read()
    return proxy.bytes_down - before


def _sent(proxy: Proxy, write: Callable[[], Any]) -> int:
    """Bytes sent to etcd during `write`."""
    before = proxy.bytes_up
    write()
    return proxy.bytes_up - before
