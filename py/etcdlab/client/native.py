"""The client over gRPC, etcd's own protocol, with the stubs of python-etcd3.

The stubs run on a channel of the lab's: python-etcd3's client refuses a node for 300 s
after one failure, drops etcd's error messages, and lacks some of today's requests and
fields.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import grpc
from etcd3.etcdrpc import rpc_pb2, rpc_pb2_grpc
from google.protobuf.message import DecodeError

from etcdlab.client import proto_codec, types
from etcdlab.client.api import Client, RawPage
from etcdlab.client.proto_codec import Message
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

_UNLIMITED = -1
_MOST_SECONDS = 2_000_000  # gRPC's options count milliseconds, in 31 bits
_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    # A proxy from the environment would send loopback traffic elsewhere.
    ("grpc.enable_http_proxy", 0),
    # Two clients in one process would otherwise share a connection.
    ("grpc.use_local_subchannel_pool", 1),
]
# gRPC would print a traceback for a malformed reply.
logging.getLogger("grpc").setLevel(logging.CRITICAL)

_METHOD = {types.Range: "Range", types.Put: "Put", types.Delete: "DeleteRange", types.Txn: "Txn"}
_TOO_LARGE = grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
_Data = TypeVar("_Data")
_Result = TypeVar("_Result")


class _Stubs:
    """python-etcd3's stubs on one channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel
        self.kv = rpc_pb2_grpc.KVStub(channel)
        self.lease = rpc_pb2_grpc.LeaseStub(channel)
        self.watch = rpc_pb2_grpc.WatchStub(channel)
        self.cluster = rpc_pb2_grpc.ClusterStub(channel)
        self.maintenance = rpc_pb2_grpc.MaintenanceStub(channel)
        self.auth = rpc_pb2_grpc.AuthStub(channel)
        self.range_of_bytes = channel.unary_unary("/etcdserverpb.KV/Range")
        self.txn_of_bytes = channel.unary_unary("/etcdserverpb.KV/Txn")
        self.leases = channel.unary_unary(
            "/etcdserverpb.Lease/LeaseLeases",
            request_serializer=proto_codec.LeaseLeasesRequest.SerializeToString,
            response_deserializer=proto_codec.LeaseLeasesResponse.FromString,
        )


class Native(Client):
    """A Client over gRPC: one channel to one endpoint at a time."""

    def _open(self) -> None:
        self._metadata: list[tuple[str, str]] = []
        self._connected_to = ""
        self._channels: dict[int, _Stubs] = {}

    def close(self) -> None:
        """Close the connection."""
        for stubs in self._channels.values():
            stubs.channel.close()
        self._channels.clear()

    def authenticate(self, name: str, password: str) -> str:
        """Return a token for that user."""
        request = rpc_pb2.AuthenticateRequest(name=name, password=password)
        reply = self._at_any_endpoint(self._attempt(lambda stubs: stubs.auth.Authenticate, request))
        return _decoded(self.endpoint, proto_codec.decode_token, reply)

    def _send_token(self, token: str) -> None:
        self._metadata = [("token", token)] if token else []

    def put_all(self, items: Sequence[tuple[bytes, bytes]], lease: int = 0) -> None:
        """Put all pairs in one transaction."""
        self._carry_out(proto_codec.encode_puts(items, lease))

    def delete_all(self, keys: Sequence[bytes]) -> None:
        """Delete the keys in one transaction."""
        txn = proto_codec.encode(types.Txn((), tuple(map(types.Delete, keys)), ()))
        self._carry_out(txn.SerializeToString())

    def _carry_out(self, request: bytes) -> None:
        """Send an encoded transaction without conditions."""
        reply = self._call(lambda stubs: stubs.txn_of_bytes, request)
        self.sent_bytes += len(request)
        self.received_bytes += len(reply)
        if not _decoded(self.endpoint, proto_codec.decode_succeeded, reply):
            raise ServerError(self.endpoint, UNKNOWN, "the transaction was not carried out")

    def execute(self, op: types.Op) -> types.Reply:
        """Carry out one operation and return its reply."""
        reply = self._call(
            lambda stubs: getattr(stubs.kv, _METHOD[type(op)]), proto_codec.encode(op)
        )
        return _decoded(self.endpoint, partial(proto_codec.decode, op), reply)

    def ask_page(self, op: types.Range, most_bytes: int) -> RawPage:
        """Carry out a Range."""
        most_bytes = _UNLIMITED if op.limit == 1 else most_bytes
        request = proto_codec.encode(op).SerializeToString()
        try:
            reply = self._call(lambda stubs: stubs.range_of_bytes, request, most_bytes)
        except ServerError as error:
            if error.code == _TOO_LARGE and "larger than max" in error.message:
                raise ReplyTooLarge(self.endpoint, most_bytes) from error
            raise
        endpoint = self.endpoint
        return RawPage(lambda: _decoded(endpoint, proto_codec.decode_page, reply))

    def compact(self, revision: int, physical: bool = False) -> types.Header:
        """Discard what was overwritten before `revision`."""
        request = rpc_pb2.CompactionRequest(revision=revision, physical=physical)
        return proto_codec.decode_header(self._call(lambda stubs: stubs.kv.Compact, request))

    def grant(self, ttl: int) -> types.LeaseGrant:
        """Grant a lease of `ttl` seconds, or of etcd's minimum if that is longer."""
        request = rpc_pb2.LeaseGrantRequest(TTL=ttl)
        return proto_codec.decode_grant(self._call(lambda stubs: stubs.lease.LeaseGrant, request))

    def revoke(self, lease: int) -> types.Header:
        """Revoke a lease, which deletes its keys."""
        request = rpc_pb2.LeaseRevokeRequest(ID=lease)
        return proto_codec.decode_header(self._call(lambda stubs: stubs.lease.LeaseRevoke, request))

    def keep_alive(self, lease: int) -> types.LeaseKeepAlive:
        """Renew a lease once."""
        request = rpc_pb2.LeaseKeepAliveRequest(ID=lease)

        def first_reply(stubs: _Stubs) -> Callable[..., Any]:
            def call(request: Message, **options: Message) -> Message:
                return next(stubs.lease.LeaseKeepAlive(iter([request]), **options), None)

            return call

        return proto_codec.decode_keep_alive(self._call(first_reply, request))

    def time_to_live(self, lease: int, keys: bool = False) -> types.LeaseTimeToLive:
        """Return a lease's remaining time, and its keys if asked."""
        request = rpc_pb2.LeaseTimeToLiveRequest(ID=lease, keys=keys)
        reply = self._call(lambda stubs: stubs.lease.LeaseTimeToLive, request)
        return proto_codec.decode_time_to_live(reply)

    def leases(self) -> types.LeaseList:
        """List all leases."""
        reply = self._call(lambda stubs: stubs.leases, proto_codec.LeaseLeasesRequest())
        return _decoded(self.endpoint, proto_codec.decode_leases, reply)

    def status(self) -> types.Status:
        """Return the status of the member at `endpoint`."""
        reply = self._call(lambda stubs: stubs.maintenance.Status, rpc_pb2.StatusRequest())
        return _decoded(self.endpoint, proto_codec.decode_status, reply)

    def members(self, linearizable: bool = False) -> types.MemberList:
        """List the cluster's members."""
        request = proto_codec.encode_members(linearizable)
        reply = self._call(lambda stubs: stubs.cluster.MemberList, request)
        return proto_codec.decode_members(reply)

    def ask(self, request: admin.Request[_Result]) -> _Result:
        """Carry out a request of administration."""
        from etcdlab.client.admin_proto import call_of, to_json
        from etcdlab.client.gateway_errors import decoded

        call = call_of(request.path, request.body)

        def method(stubs: _Stubs) -> Callable[..., Any]:
            return stubs.channel.unary_unary(
                call.method,
                request_serializer=type(call.request).SerializeToString,
                response_deserializer=call.reply.FromString,
            )

        reply = self._call(method, call.request)
        return decoded(self.endpoint, request.decode, to_json(reply))

    def defragment(self) -> None:
        """Defragment the database file of the member at `endpoint`."""
        self._call(lambda stubs: stubs.maintenance.Defragment, rpc_pb2.DefragmentRequest())

    def watch(self, request: types.Watch) -> Iterator[types.WatchReply]:
        """Yield a watch's replies as they come; close() on the iterator ends it."""
        streams: list[tuple[Message, queue.SimpleQueue[Message]]] = []

        def first_reply() -> Message:
            self._renew_before_watch()
            # etcd ends the watch with the stream of requests, so keep that open. Each attempt
            # has its own, since a failed one may have taken the request or not.
            requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
            requests.put(proto_codec.encode_watch(request))
            stub = self._stubs().watch.Watch
            stream = stub(iter(requests.get, None), metadata=self._metadata)
            streams.append((stream, requests))
            return next_reply()

        def next_reply() -> Message:
            return self._translating(lambda: next(streams[-1][0], None))

        try:
            reply = self._with_auth(first_reply)
            while reply is not None:
                yield proto_codec.decode_watch(reply)
                reply = next_reply()
        finally:
            for stream, requests in streams:
                stream.cancel()
                requests.put(None)
        raise ConnectionLost(self.endpoint, "the watch ended")

    def _call(
        self,
        method: Callable[[_Stubs], Callable[..., Any]],
        request: Message | bytes,
        most_bytes: int = _UNLIMITED,
    ) -> Message:
        """Call a method of the stubs and return its reply."""
        return self._with_auth(self._attempt(method, request, most_bytes))

    def _attempt(
        self,
        method: Callable[[_Stubs], Callable[..., Any]],
        request: Message | bytes,
        most_bytes: int = _UNLIMITED,
    ) -> Callable[[], Message]:
        """Return a function that calls a method of the stubs at the current endpoint."""

        def attempt() -> Message:
            call = method(self._stubs(most_bytes))
            reply = self._translating(
                lambda: call(request, timeout=self._timeout, metadata=self._metadata)
            )
            if reply is None:
                raise ConnectionLost(self.endpoint, "the call ended without a reply")
            return reply

        return attempt

    def _translating(self, call: Callable[[], _Result]) -> _Result:
        """Run `call`, raising the lab's errors in place of gRPC's."""
        try:
            return call()
        except grpc.RpcError as error:
            raise self._translated(error) from error

    def _stubs(self, most_bytes: int = _UNLIMITED) -> _Stubs:
        """Return stubs on a channel to `endpoint` for replies of at most `most_bytes`.

        The channel connects at the first call.
        """
        if self._connected_to != self.endpoint:
            self.close()
            self._connected_to = self.endpoint
        if most_bytes not in self._channels:
            self._channels[most_bytes] = _Stubs(self._channel(most_bytes))
        return self._channels[most_bytes]

    def _channel(self, most_bytes: int) -> grpc.Channel:
        url = urlsplit(self.endpoint)
        own_options = [
            ("grpc.max_receive_message_length", most_bytes),
            # Despite its name, this limits one attempt to connect.
            (
                "grpc.min_reconnect_backoff_ms",
                int(min(self._connect_timeout, _MOST_SECONDS) * 1000),
            ),
        ]
        if url.scheme == "http":
            return grpc.insecure_channel(url.netloc, options=[*_OPTIONS, *own_options])
        credentials, options = self._tls.credentials(self.endpoint, self._connect_timeout)
        options = [*_OPTIONS, *own_options, *options]
        return grpc.secure_channel(url.netloc, credentials, options=options)

    def _translated(self, error: grpc.RpcError) -> LabError:
        """Return the lab's error, by its text if both gRPC and etcd use the code."""
        code, message = error.code(), error.details() or ""
        if code is grpc.StatusCode.UNAVAILABLE and "failed to connect" in message:
            if self.endpoint.startswith("https:"):
                return self._tls.refusal(self.endpoint, self._connect_timeout)
            return Unreachable(self.endpoint, "no connection")
        is_own = code is grpc.StatusCode.UNAVAILABLE and not message.startswith("etcdserver:")
        # A member that goes down may reset a stream without a status, which gRPC calls canceled.
        if is_own or "RST_STREAM" in message:
            return ConnectionLost(self.endpoint, "the connection was lost")
        if code is grpc.StatusCode.DEADLINE_EXCEEDED and message == "Deadline Exceeded":
            return ConnectionLost(self.endpoint, f"no reply in {self._timeout:g} s")
        return ServerError(self.endpoint, code.value[0], message)


def _decoded(endpoint: str, decode: Callable[[_Data], _Result], reply: _Data) -> _Result:
    """Return what `decode` makes of the reply; ServerError if it is not etcd's."""
    try:
        return decode(reply)
    except DecodeError as error:
        raise ServerError(endpoint, UNKNOWN, "a reply that is not etcd's") from error
