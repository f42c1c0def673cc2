"""Short descriptions of how a request ended on each side, and endpoints that fail on purpose."""

from __future__ import annotations

import socket
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import etcd3
import grpc
import requests

from etcdlab.client.connect import Settings
from etcdlab.compare.connections import client_to
from etcdlab.compare.sides import Answer, Ran


def short(text: str) -> str:
    """Shorten a text to fit a table cell."""
    return textwrap.shorten(text.replace("etcdserver: ", ""), 60, placeholder=" ...")


def printed(ran: Ran) -> str:
    """Describe how an etcdctl command ended."""
    if ran.status == 0:
        return "done"
    return short(f"exit status {ran.status}: {ran.error.removeprefix('Error: ')}")


def answered(answer: Answer) -> str:
    """Describe the gateway's answer."""
    if answer.status == requests.codes.ok:
        return "done"
    said = answer.json
    code = f", code {said['code']}" if "code" in said else ""
    text = said.get("message") or answer.body.decode().strip()
    return short(f"HTTP {answer.status}{code}: {text}")


def failure(call: Callable[[], Any]) -> Exception | None:
    """Run `call`; return the exception that it raises, None if it raises none."""
    try:
        call()
    except Exception as error:
        return error
    return None


def raised(error: Exception | None) -> str:
    """Describe what python-etcd3 raised."""
    if error is None:
        return "done"
    if isinstance(error, grpc.RpcError):
        return short(f"RpcError {error.code().name}: {error.details()}")
    return short(f"{type(error).__name__}: {error}")


def is_code(error: Exception | None, code: grpc.StatusCode) -> bool:
    """Whether it is an RpcError with that code."""
    return isinstance(error, grpc.RpcError) and error.code() == code


@contextmanager
def native_to(
    settings: Settings,
    **more: Any,  # noqa: ANN401
) -> Iterator[etcd3.MultiEndpointEtcd3Client]:
    """Yield a python-etcd3 client for one scenario: after a failure it is unusable for 300 s."""
    with closing(client_to(settings, **more)) as client:
        yield client


@contextmanager
def dead_endpoint(listens: bool = False) -> Iterator[str]:
    """Yield a base URL that refuses connections or, if it `listens`, never answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        if listens:
            bound.listen()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def is_timeout(error: Exception | None) -> bool:
    """Whether requests timed out while it read a stream."""
    return isinstance(error, requests.ConnectionError) and "Read timed out" in str(error)
