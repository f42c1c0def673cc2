"""What each side ended with, in few words; and endpoints that fail in the way that is wanted."""

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
    """No more of a text than a table's cell takes."""
    return textwrap.shorten(text.replace("etcdserver: ", ""), 60, placeholder=" ...")


def printed(ran: Ran) -> str:
    """What etcdctl said, in few words."""
    if ran.status == 0:
        return "done"
    return short(f"exit status {ran.status}: {ran.error.removeprefix('Error: ')}")


def answered(answer: Answer) -> str:
    """What the gateway said, in few words."""
    if answer.status == requests.codes.ok:
        return "done"
    said = answer.json
    code = f", code {said['code']}" if "code" in said else ""
    text = said.get("message") or answer.body.decode().strip()
    return short(f"HTTP {answer.status}{code}: {text}")


def failure(call: Callable[[], Any]) -> Exception | None:
    """The exception a call to python-etcd3 ends with; None when it does not."""
    try:
        call()
    except Exception as error:
        return error
    return None


def raised(error: Exception | None) -> str:
    """What python-etcd3 raised, in few words."""
    if error is None:
        return "done"
    if isinstance(error, grpc.RpcError):
        return short(f"RpcError {error.code().name}: {error.details()}")
    return short(f"{type(error).__name__}: {error}")


def is_code(error: Exception | None, code: grpc.StatusCode) -> bool:
    """Whether it is grpc's own exception, and of that code."""
    return isinstance(error, grpc.RpcError) and error.code() == code


@contextmanager
def native_to(
    settings: Settings,
    **more: Any,  # noqa: ANN401
) -> Iterator[etcd3.MultiEndpointEtcd3Client]:
    """A python-etcd3 client of the scenario's own, which may fail for 300 s."""
    with closing(client_to(settings, **more)) as client:
        yield client


@contextmanager
def dead_endpoint(listens: bool = False) -> Iterator[str]:
    """A base URL that refuses connections, or takes them and says nothing."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        if listens:
            bound.listen()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def is_timeout(error: Exception | None) -> bool:
    """Whether requests waited in vain for more of a stream."""
    return isinstance(error, requests.ConnectionError) and "Read timed out" in str(error)
