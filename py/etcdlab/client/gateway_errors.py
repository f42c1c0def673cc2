"""Tell the JSON gateway's replies from its refusals, and from what is not etcd's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import requests

from etcdlab.client import json_codec
from etcdlab.client.types import WatchReply
from etcdlab.errors import UNKNOWN, ServerError

# gRPC codes for a body that is not the gateway's, a proxy's page say.
_CODE_OF_STATUS = {401: 16, 403: 7, 404: 5, 429: 8, 502: 14, 503: 14, 504: 4}

_Data = TypeVar("_Data")
_Reply = TypeVar("_Reply")


def object_of(endpoint: str, response: requests.Response) -> dict[str, Any]:
    """Return the reply's JSON object; ServerError if it is none."""
    reply = _json_of(response)
    if not isinstance(reply, dict):
        raise _not_etcd(endpoint, response)
    return reply


def refused(endpoint: str, response: requests.Response) -> ServerError:
    """Return the error of a response that is not 200."""
    reply = _json_of(response)
    refusal = _refusal(endpoint, reply) if isinstance(reply, dict) else None
    return refusal or _not_etcd(endpoint, response)


def _json_of(response: requests.Response) -> object:
    """Return the body's JSON; None if it is none, or breaks off."""
    try:
        return orjson.loads(response.content)
    except (orjson.JSONDecodeError, requests.exceptions.RequestException):
        return None


def _not_etcd(endpoint: str, response: requests.Response) -> ServerError:
    """Return the ServerError of a response that is not etcd's, a proxy's page say."""
    code = _CODE_OF_STATUS.get(response.status_code, UNKNOWN)
    return ServerError(endpoint, code, f"HTTP {response.status_code}, and not etcd's JSON gateway")


def _refusal(endpoint: str, reply: dict[str, Any]) -> ServerError | None:
    """Return the refusal that a reply holds; None if it holds none.

    {"error","message","code"} is from the first generation of grpc-gateway,
    {"code","message"} from the second. A stream has {"error":{"message","code"}}, with
    grpc_code for code in the first.
    """
    error = reply.get("error")
    if not isinstance(error, dict):
        error = reply
    code, message = error.get("code", error.get("grpc_code")), error.get("message")
    if not isinstance(message, str):
        return None
    return ServerError(endpoint, code if type(code) is int else UNKNOWN, message)


def result_of(endpoint: str, frame: dict[str, Any]) -> dict[str, Any]:
    """Return the result in a stream's frame; ServerError if it holds a refusal."""
    if "error" in frame and (refusal := _refusal(endpoint, frame)):
        raise refusal
    result: dict[str, Any] = frame["result"]
    return result


def watch_frame(endpoint: str, line: bytes) -> WatchReply:
    """Decode one line of a watch's response."""

    def decode(line: bytes) -> WatchReply:
        return json_codec.decode_watch(result_of(endpoint, orjson.loads(line)))

    return decoded(endpoint, decode, line)


def decoded(endpoint: str, decode: Callable[[_Data], _Reply], data: _Data) -> _Reply:
    """Return what `decode` makes of the data; ServerError if it is not etcd's."""
    try:
        return decode(data)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ServerError(endpoint, UNKNOWN, "a reply that is not etcd's") from error
