"""A proxy for a member's peer port that can refuse the connections of chosen members."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from etcdlab.testbed.proxy import Proxy

# https://github.com/etcd-io/etcd/blob/main/server/etcdserver/api/rafthttp/util.go
_FROM = re.compile(rb"^X-Server-From: *([0-9a-f]+)\r$", re.MULTILINE | re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"

Refused = Callable[[int], bool]
"""Whether to refuse the member with that ID; 0 is a client that gives none."""


def nobody(member_id: int) -> bool:
    """Refuse nobody."""
    return False


class PeerProxy(Proxy):
    """A Proxy that knows which member made a connection, by the header of its first request."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self._refused: Refused = nobody
        self._dialers: dict[asyncio.StreamWriter, int] = {}

    def refuse(self, members: Refused) -> None:
        """Refuse connections of these members from now on, and break those that are open."""
        self._do(self._refuse(members))

    async def _refuse(self, members: Refused) -> None:
        self._refused = members
        for writer, member_id in self._dialers.items():
            if members(member_id):
                writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await super()._connect(reader, writer)
        finally:
            self._dialers.pop(writer, None)

    async def _admit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        head = b""
        while _HEAD_END not in head:
            piece = await reader.read(65536)
            if not piece:
                return None
            head += piece
        said = _FROM.search(head)
        member_id = int(said[1], 16) if said else 0
        if self._refused(member_id):
            return None
        self._dialers[writer] = member_id
        return head
