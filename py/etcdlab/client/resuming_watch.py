"""A watch that resumes after its member went away, as in etcd's own clients."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from etcdlab.client.api import Client
from etcdlab.client.types import Watch, WatchReply
from etcdlab.errors import ConnectionLost, ServerError, Unreachable

RETRY = 0.5  # seconds between two tries to reach etcd


def resuming_watch(client: Client, request: Watch, seen: bool = False) -> Iterator[WatchReply]:
    """Yield the watch's replies, resuming after the last revision when a member is back.

    Raises what Client.watch raises until etcd has answered once; `seen` says that it has
    before. From then on only errors that do not pass are raised.
    """
    while True:
        try:
            for reply in client.watch(request):
                seen = True
                yield reply
                if reply.events:
                    last = max(event.kv.mod_revision for event in reply.events)
                    request = replace(request, revision=last + 1)
                elif reply.created and not request.revision:
                    request = replace(request, revision=reply.header.revision + 1)
        except (Unreachable, ConnectionLost, ServerError) as error:
            passing = not isinstance(error, ServerError) or error.is_passing
            if not (seen and passing):
                raise
            time.sleep(RETRY)
            client.next_endpoint()
