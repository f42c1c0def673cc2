"""The client over etcd's JSON gateway, with `requests`."""

from __future__ import annotations

import math
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import requests
from requests.exceptions import (
    ConnectionError,
    ConnectTimeout,
    ReadTimeout,
    RequestException,
    SSLError,
)

from etcdlab.client import json_codec, types
from etcdlab.client.api import Client, RawPage
from etcdlab.client.gateway_errors import decoded, object_of, refused, result_of, watch_frame
from etcdlab.client.http1 import BodyTooLarge, NotConnected, Session
from etcdlab.errors import (
    UNKNOWN,
    ConnectionLost,
    LabError,
    ReplyTooLarge,
    ServerError,
    Unreachable,
)

if TYPE_CHECKING:
    from etcdlab.client import admin

_Reply = TypeVar("_Reply")

# The lab's error for each error of the session: the first that fits.
_ERRORS: tuple[tuple[type[Exception], type[Unreachable | ConnectionLost], str], ...] = (
    (ConnectTimeout, Unreachable, "no answer to the connection"),
    (NotConnected, Unreachable, "no connection"),
    (ReadTimeout, ConnectionLost, "no reply in {:g} s"),
    (ConnectionError, ConnectionLost, "the connection was lost"),
    (RequestException, ConnectionLost, "the reply broke off"),
)


class Gateway(Client):
    """A Client over the JSON gateway, with one connection that is kept open."""

    def _open(self) -> None:
        self._session = Session(self._tls)
        self._session.headers["Content-Type"] = "application/json"
        self._requests: dict[str, requests.PreparedRequest] = {}

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def authenticate(self, name: str, password: str) -> str:
        """Return a token for that user."""
        data = orjson.dumps({"name": name, "password": password})
        reply = self._at_any_endpoint(lambda: self._post("auth/authenticate", data))
        return decoded(self.endpoint, json_codec.decode_token, reply)

    def _send_token(self, token: str) -> None:
        self._session.headers.pop("Authorization", None)
        if token:
            self._session.headers["Authorization"] = token
        self._requests.clear()

    def put_all(self, items: Sequence[tuple[bytes, bytes]], lease: int = 0) -> None:
        """Put all pairs in one transaction."""
        bound = b',"lease":%d' % lease if lease else b""
        self._carry_out(
            b'{"requestPut":{"key":"%b","value":"%b"%b}}'
            % (b2a_base64(key, newline=False), b2a_base64(value, newline=False), bound)
            for key, value in items
        )

    def delete_all(self, keys: Sequence[bytes]) -> None:
        """Delete the keys in one transaction."""
        self._carry_out(
            b'{"requestDeleteRange":{"key":"%b"}}' % b2a_base64(key, newline=False) for key in keys
        )

    def _carry_out(self, operations: Iterable[bytes]) -> None:
        """Send a transaction without conditions, built as bytes: by far the fastest way."""
        body = b'{"success":[%b]}' % b",".join(operations)
        response = self._with_auth(lambda: self._send("kv/txn", body))
        self.sent_bytes += len(body)
        self.received_bytes += len(response.content)
        if object_of(self.endpoint, response).get("succeeded") is not True:
            raise ServerError(self.endpoint, UNKNOWN, "the transaction was not carried out")

    def execute(self, op: types.Op) -> types.Reply:
        """Carry out one operation and return its reply."""
        path, body = json_codec.PATH[type(op)], json_codec.encode(op)
        return self._read(path, body, lambda reply: json_codec.decode(op, reply))

    def ask_page(self, op: types.Range, most_bytes: int) -> RawPage:
        """Carry out a Range."""
        data = orjson.dumps(json_codec.encode(op))
        most = math.inf if op.limit == 1 else most_bytes
        response = self._with_auth(lambda: self._send("kv/range", data, most_bytes=most))
        endpoint = self.endpoint

        def decode() -> types.Page:
            return decoded(endpoint, json_codec.decode_page, object_of(endpoint, response))

        return RawPage(decode)

    def compact(self, revision: int, physical: bool = False) -> types.Header:
        """Discard what was overwritten before `revision`."""
        body = {"revision": revision, "physical": physical}
        return self._read("kv/compaction", body, json_codec.decode_header)

    def grant(self, ttl: int) -> types.LeaseGrant:
        """Grant a lease of `ttl` seconds, or of etcd's minimum if that is longer."""
        return self._read("lease/grant", {"TTL": ttl}, json_codec.decode_grant)

    def revoke(self, lease: int) -> types.Header:
        """Revoke a lease, which deletes its keys."""
        return self._read("lease/revoke", {"ID": lease}, json_codec.decode_header)

    def keep_alive(self, lease: int) -> types.LeaseKeepAlive:
        """Renew a lease once."""

        def decode(frame: dict[str, Any]) -> types.LeaseKeepAlive:
            return json_codec.decode_keep_alive(result_of(self.endpoint, frame))

        return self._read("lease/keepalive", {"ID": lease}, decode)

    def time_to_live(self, lease: int, keys: bool = False) -> types.LeaseTimeToLive:
        """Return a lease's remaining time, and its keys if asked."""
        body = {"ID": lease, "keys": keys}
        return self._read("lease/timetolive", body, json_codec.decode_time_to_live)

    def leases(self) -> types.LeaseList:
        """List all leases."""
        return self._read("lease/leases", {}, json_codec.decode_leases)

    def status(self) -> types.Status:
        """Return the status of the member at `endpoint`."""
        return self._read("maintenance/status", {}, json_codec.decode_status)

    def members(self, linearizable: bool = False) -> types.MemberList:
        """List the cluster's members."""
        body = {"linearizable": True} if linearizable else {}
        return self._read("cluster/member/list", body, json_codec.decode_members)

    def ask(self, request: admin.Request[_Reply]) -> _Reply:
        """Carry out a request of administration."""
        try:
            return self._read(request.path, request.body, request.decode)
        except ServerError as error:
            if not error.message.startswith("HTTP 404"):
                raise
            reason = f"the gateway of this etcd has no {request.path}; use --transport native"
            raise LabError(f"{self.endpoint}: {reason}") from error

    def defragment(self) -> None:
        """Defragment the database file of the member at `endpoint`."""
        self._with_auth(lambda: self._post("maintenance/defragment", b"{}"))

    def watch(self, request: types.Watch) -> Iterator[types.WatchReply]:
        """Yield a watch's replies as they come; close() on the iterator ends it."""
        self._renew_before_watch()
        body = orjson.dumps(json_codec.encode_watch(request))
        response = self._with_auth(lambda: self._send("watch", body, stream=True))
        with response:
            try:
                for line in response.iter_lines(chunk_size=None):
                    yield watch_frame(self.endpoint, line)
            except RequestException as error:
                raise ConnectionLost(self.endpoint, "the watch broke off") from error
        raise ConnectionLost(self.endpoint, "the watch ended")

    def _read(
        self, path: str, body: dict[str, Any], decode: Callable[[dict[str, Any]], _Reply]
    ) -> _Reply:
        """POST `body` to /v3/`path` and return what `decode` makes of the reply."""
        data = orjson.dumps(body)
        reply = self._with_auth(lambda: self._post(path, data))
        return decoded(self.endpoint, decode, reply)

    def _post(self, path: str, body: bytes) -> dict[str, Any]:
        return object_of(self.endpoint, self._send(path, body))

    def _prepared(self, url: str) -> requests.PreparedRequest:
        """Return the request to `url` without its body.

        It is kept, since preparing a request takes longer than sending it.
        """
        if url not in self._requests:
            self._requests[url] = self._session.prepare_request(requests.Request("POST", url))
        return self._requests[url]

    def _send(
        self, path: str, body: bytes, stream: bool = False, most_bytes: float = math.inf
    ) -> requests.Response:
        """POST `body` and return the response; ServerError if etcd refused."""
        response = self._exchange(path, body, stream, most_bytes)
        if response.status_code != requests.codes.ok:
            with response:
                raise refused(self.endpoint, response)
        return response

    def _exchange(
        self, path: str, body: bytes, stream: bool, most_bytes: float
    ) -> requests.Response:
        request = self._prepared(f"{self.endpoint}/v3/{path}")
        request.body = body
        request.headers["Content-Length"] = str(len(body))
        timeout = self._connect_timeout, None if stream else self._timeout
        try:
            # Without `proxies` the session would look for them at each request.
            return self._session.send(
                request, timeout=timeout, stream=stream, most_bytes=most_bytes, proxies={}
            )
        except BodyTooLarge as error:
            raise ReplyTooLarge(self.endpoint, most_bytes) from error
        except SSLError as error:
            raise self._tls.refusal(self.endpoint, self._connect_timeout) from error
        except RequestException as error:
            fitting = (known for known in _ERRORS if isinstance(error, known[0]))
            _, kind, reason = next(fitting)
            raise kind(self.endpoint, reason.format(self._timeout)) from error
