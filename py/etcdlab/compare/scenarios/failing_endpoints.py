"""Endpoints that do not answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import etcd3
import orjson
import requests

from etcdlab.client.connect import Settings
from etcdlab.compare.connections import session_to
from etcdlab.compare.outcomes import dead_endpoint, failure, native_to, printed, raised
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Etcdctl, Sides, b64
from etcdlab.compare.watch_fixture import IN_TIME, next_of
from etcdlab.testbed.proxy import Proxy, tcp_proxy


def _gives_up_after_5_s(etcdctl: Etcdctl) -> bool:
    """Whether 5 s is the default of --command-timeout, by etcdctl's help or its list of options,
    which it has since 3.7."""
    shown = etcdctl.run("get", "--help").stdout + etcdctl.run("options").stdout
    return bool(re.search(rb"--command-timeout(=5s\b|.*\(default 5s\))", shown))


@scenario("errors", "no etcd at the endpoint")
def nobody_there(sides: Sides) -> Facts:
    """A port that refuses connections."""
    with ExitStack() as stack:
        url = stack.enter_context(dead_endpoint())
        client = stack.enter_context(native_to(Settings([url])))
        session = stack.enter_context(session_to(Settings([url])))
        begin = time.monotonic()
        etcdctl = Etcdctl(sides.etcdctl.program, Settings([url]))
        ran = etcdctl.run("--command-timeout=500ms", "get", sides.key("a"))
        waited = time.monotonic() - begin
        gateway = failure(lambda: session.post(f"{url}/v3/kv/range", timeout=5))
        native = failure(lambda: client.get(sides.key("a")))
    claim(_gives_up_after_5_s(sides.etcdctl), "5 s is the default")
    claim(waited >= 0.5, "etcdctl tries until its time is over")
    claim(isinstance(gateway, requests.ConnectionError), "requests says so at once")
    claim(isinstance(native, etcd3.exceptions.ConnectionFailedError), "python-etcd3 as well")
    claim("refused" not in f"{ran.error}{native}", "two do not say why")
    return Facts(
        printed(ran),
        f"{type(gateway).__name__}: ... Connection refused" * ("refused" in str(gateway)),
        raised(native),
        "etcdctl tries again until --command-timeout, 5 s by default, and like python-etcd3 drops"
        " the reason; only requests says that the port refuses: look there first.",
    )


@scenario("errors", "an endpoint that takes the connection and says nothing")
def silent(sides: Sides) -> Facts:
    """Only etcdctl has a timeout by default."""
    key, seconds = sides.key("a"), 0.3
    with dead_endpoint(listens=True) as url, session_to(Settings([url])) as session:
        path, etcdctl = f"{url}/v3/kv/range", Etcdctl(sides.etcdctl.program, Settings([url]))
        ran = etcdctl.run("--command-timeout=300ms", "get", key)
        # Without a timeout, in a thread that ends when the socket is closed.
        gateway = next_of(iter(lambda: session.post(path), None), seconds)
        patient = failure(lambda: requests.post(path, timeout=seconds))
        with native_to(Settings([url])) as client:
            native = next_of(iter(lambda: client.get(key), None), seconds)
        with native_to(Settings([url]), timeout=seconds) as client:
            error = failure(lambda: client.get(key))
    claim(_gives_up_after_5_s(etcdctl), "5 s is the default")
    claim(gateway is None and native is None, "two wait")
    claim(isinstance(patient, requests.ReadTimeout), "requests takes a timeout")
    claim(isinstance(error, etcd3.exceptions.ConnectionTimeoutError), "python-etcd3 takes one")
    return Facts(
        printed(ran),
        f"nothing in {seconds} s" if gateway is None else raised(gateway),
        f"nothing in {seconds} s" if native is None else raised(native),
        "etcdctl gives up after --command-timeout, 5 s by default; requests and python-etcd3 wait"
        " for ever unless they get a timeout: give them one.",
    )


def _after_timeout(proxy: Proxy, read: Callable[[float], Any]) -> Exception | None:
    """Let a read time out; return what the next raises. `read` takes its timeout in seconds."""
    proxy.set_mode("hang")
    claim(failure(lambda: read(0.3)) is not None, "a read that gets no answer fails")
    proxy.set_mode("pass")
    return failure(lambda: read(IN_TIME))


def _get(client: etcd3.MultiEndpointEtcd3Client, key: bytes, seconds: float) -> None:
    """Read a key with python-etcd3, with a timeout in seconds."""
    client.timeout = seconds
    client.get(key)


@scenario("errors", "a read, after one that timed out")
def failed_node(sides: Sides) -> Facts:
    """After one failure python-etcd3 refuses its only node."""
    key = sides.key("a")
    with ExitStack() as stack:
        proxy = stack.enter_context(tcp_proxy(sides.http.endpoint))
        there = sides.at(proxy.url)
        client = stack.enter_context(native_to(there))
        etcdctl, session = Etcdctl(sides.etcdctl.program, there), sides.http.session
        proxy.set_mode("hang")
        claim(etcdctl.run("--command-timeout=200ms", "get", key).status != 0, "etcdctl gives up")
        proxy.set_mode("pass")
        ran = etcdctl.run("get", key)
        url, body = f"{proxy.url}/v3/kv/range", orjson.dumps({"key": b64(key)})
        gateway = _after_timeout(proxy, lambda seconds: session.post(url, body, timeout=seconds))
        native = _after_timeout(proxy, partial(_get, client, key))
        with native_to(there, time_retry=0) as patient:
            helped = _after_timeout(proxy, partial(_get, patient, key))
    claim(helped is None, "time_retry=0 helps")
    claim(isinstance(native, ValueError), "python-etcd3 does not try")
    claim(client.endpoint_in_use.time_retry == 300, "it will not for 300 s")
    return Facts(
        printed(ran),
        raised(gateway),
        raised(native),
        "After one failure python-etcd3 refuses a node for 300 s and asks nobody: give a"
        " MultiEndpointEtcd3Client an Endpoint with time_retry=0.",
    )
