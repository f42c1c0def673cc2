"""The proxy before a member's peer port: it knows which member dials, and turns some away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from etcdlab.testbed.proxy import Proxy

# https://github.com/etcd-io/etcd/blob/main/server/etcdserver/api/rafthttp/util.go
_FROM = re.compile(rb"^X-Server-From: *([0-9a-f]+)\r$", re.MULTILINE | re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"

TurnedAway = Callable[[int], bool]
"""Whether the member of that ID may not connect; 0 is somebody who does not say."""


def nobody(member_id: int) -> bool:
    """All may connect."""
    return False


class PeerProxy(Proxy):
    """A Proxy that reads off a connection's first request whose it is."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self._turned_away: TurnedAway = nobody
        self._dialers: dict[asyncio.StreamWriter, int] = {}

    def turn_away(self, members: TurnedAway) -> None:
        """Take no connections of these members, and break those they have."""
        self._do(self._turn_away(members))

    async def _turn_away(self, members: TurnedAway) -> None:
        self._turned_away = members
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
        if self._turned_away(member_id):
            return None
        self._dialers[writer] = member_id
        return head
