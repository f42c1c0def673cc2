"""etcd's JSON gRPC-gateway over `requests`.

Bytes are base64 and 64-bit integers are strings in its JSON; fields that are
zero are left out: https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
import requests
import requests.adapters

from etcdlab.client import KeyValue, RangeReply, Status
from etcdlab.errors import ConnectionLost, ServerError, Unreachable

CONNECT_TIMEOUT = 2.0  # seconds, etcdctl's --dial-timeout
REQUEST_TIMEOUT = 10.0  # seconds; etcd itself gives a write up after seven

# What HTTP says where the body is not the gateway's: a proxy's page, for one.
_CODE_OF_STATUS = {401: 16, 403: 7, 404: 5, 429: 8, 502: 14, 503: 14, 504: 4}
_UNKNOWN = 2

_Reply = TypeVar("_Reply")


class Gateway:
    """A Client over the JSON gateway: one session, one connection kept open."""

    def __init__(
        self, endpoints: Sequence[str], *, first: int = 0, timeout: float = REQUEST_TIMEOUT
    ) -> None:
        """`endpoints` are base URLs; `first` chooses among them; `timeout` is in seconds."""
        self._endpoints = list(endpoints)
        self._current = first % len(self._endpoints)
        self._timeout = timeout
        self._session = requests.Session()
        # A proxy from the environment would send loopback traffic elsewhere.
        self._session.trust_env = False
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=1, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.headers["Content-Type"] = "application/json"

    @property
    def endpoint(self) -> str:
        """The endpoint that was used last, or will be used next."""
        return self._endpoints[self._current]

    def next_endpoint(self) -> None:
        """Go on with another endpoint, where there are several."""
        self._current = (self._current + 1) % len(self._endpoints)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def put_all(self, items: Sequence[tuple[bytes, bytes]]) -> int:
        """Put all pairs in one transaction, or none; returns bytes sent, as a body."""
        body = b'{"success":[%b]}' % b",".join(
            b'{"requestPut":{"key":"%b","value":"%b"}}'
            % (b2a_base64(key, newline=False), b2a_base64(value, newline=False))
            for key, value in items
        )
        reply = self.call("kv/txn", body)
        if not reply.get("succeeded"):
            raise ServerError(self.endpoint, _UNKNOWN, "the transaction was not carried out")
        return len(body)

    def range(
        self,
        key: bytes,
        range_end: bytes = b"",
        *,
        limit: int = 0,
        revision: int = 0,
        serializable: bool = False,
        keys_only: bool = False,
        count_only: bool = False,
    ) -> RangeReply:
        """The keys in [key, range_end), ascending; that key alone without an end."""
        request = {
            "key": b2a_base64(key, newline=False).decode(),
            "range_end": b2a_base64(range_end, newline=False).decode(),
            "limit": limit,
            "revision": revision,
            "serializable": serializable,
            "keys_only": keys_only,
            "count_only": count_only,
        }
        return self._read("kv/range", orjson.dumps(request), _range_reply)

    def status(self) -> Status:
        """The status of the member at `endpoint`."""
        return self._read("maintenance/status", b"{}", _status)

    def _read(self, path: str, body: bytes, parse: Callable[[dict[str, Any]], _Reply]) -> _Reply:
        """What `parse` makes of the reply; ServerError when that is not etcd's."""
        reply = self.call(path, body)
        try:
            return parse(reply)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ServerError(self.endpoint, _UNKNOWN, "a reply that is not etcd's") from error

    def call(self, path: str, body: bytes) -> dict[str, Any]:
        """POST `body` to /v3/`path` and return the JSON object of the reply.

        Where the connection is refused, nothing was sent: the next endpoint is
        tried, and Unreachable is raised when none is left.
        """
        for _ in self._endpoints:
            try:
                return self._post(path, body)
            except Unreachable as error:
                unreachable = error
                self.next_endpoint()
        raise unreachable

    def _post(self, path: str, body: bytes) -> dict[str, Any]:
        url = f"{self.endpoint}/v3/{path}"
        try:
            response = self._session.post(
                url, data=body, timeout=(CONNECT_TIMEOUT, self._timeout), allow_redirects=False
            )
        except requests.exceptions.ConnectTimeout as error:
            raise Unreachable(self.endpoint, "no answer to the connection") from error
        except requests.exceptions.SSLError as error:
            raise Unreachable(self.endpoint, "no TLS connection could be made") from error
        except requests.exceptions.Timeout as error:
            raise ConnectionLost(self.endpoint, f"no reply in {self._timeout:g} s") from error
        except requests.exceptions.ConnectionError as error:
            if _was_refused(error):
                raise Unreachable(self.endpoint, "no connection") from error
            raise ConnectionLost(self.endpoint, "the connection was lost") from error
        except requests.exceptions.RequestException as error:
            raise ConnectionLost(self.endpoint, "the reply broke off") from error
        return _reply(self.endpoint, response)


def _was_refused(error: requests.exceptions.ConnectionError) -> bool:
    """Whether no connection was made at all, so that etcd cannot have seen the request."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError")


def _reply(endpoint: str, response: requests.Response) -> dict[str, Any]:
    """The reply's JSON object; ServerError for what is none or says no.

    The error's body is {"error","message","code"} from the first generation of
    grpc-gateway and {"code","message"} from the second.
    """
    try:
        reply = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        reply = None
    if response.status_code == requests.codes.ok and isinstance(reply, dict) and "header" in reply:
        return reply
    if isinstance(reply, dict) and isinstance(reply.get("message"), str):
        code = reply.get("code")
        raise ServerError(endpoint, code if isinstance(code, int) else _UNKNOWN, reply["message"])
    code = _CODE_OF_STATUS.get(response.status_code, _UNKNOWN)
    raise ServerError(endpoint, code, f"HTTP {response.status_code}, and not etcd's JSON gateway")


def _range_reply(reply: dict[str, Any]) -> RangeReply:
    return RangeReply(
        kvs=[_key_value(kv) for kv in reply.get("kvs", ())],
        revision=int(reply["header"]["revision"]),
        count=int(reply.get("count", 0)),
        more=reply.get("more", False),
    )


def _key_value(kv: dict[str, Any]) -> KeyValue:
    return KeyValue(
        key=a2b_base64(kv["key"]),
        value=a2b_base64(kv.get("value", b"")),
        create_revision=int(kv["create_revision"]),
        mod_revision=int(kv["mod_revision"]),
        version=int(kv["version"]),
        lease=int(kv.get("lease", 0)),
    )


def _status(reply: dict[str, Any]) -> Status:
    return Status(
        version=reply["version"],
        db_size=int(reply.get("dbSize", 0)),
        leader=int(reply.get("leader", 0)),
    )


def need_etcd(endpoints: Sequence[str]) -> Status:
    """The status of the first endpoint that answers; Unreachable if none does in time."""
    for first in range(len(endpoints)):
        gateway = Gateway(endpoints, first=first, timeout=CONNECT_TIMEOUT)
        try:
            return gateway.status()
        except ConnectionLost:
            continue
        finally:
            gateway.close()
    raise Unreachable(",".join(endpoints), "no etcd answers")
