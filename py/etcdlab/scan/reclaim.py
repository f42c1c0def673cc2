"""The steps that give space back; each returns what it did, in words."""

from __future__ import annotations

from collections.abc import Sequence

from etcdlab.client.api import Client
from etcdlab.client.connect import Settings, connections
from etcdlab.errors import ServerError
from etcdlab.keys import child, next_key, prefix_range
from etcdlab.scan.pages import scan_pages

PAGE_KEYS = 10_000


def delete(client: Client, settings: Settings, prefix: bytes) -> str:
    """Delete the keys under the prefix, a page at a time.

    A single request for millions of keys would keep etcd from answering others.
    """
    key_range = prefix_range(child(prefix, b""))
    deleted = 0
    with connections(settings, 1) as readers:
        for page in scan_pages(readers, key_range, batch=PAGE_KEYS, keys_only=True):
            if page.keys:
                deleted += client.delete(page.keys[0], next_key(page.keys[-1])).deleted
    return f"{deleted} keys"


def compact(client: Client) -> str:
    """Compact the history up to the current revision."""
    key, _ = prefix_range(b"")
    revision = client.range(key, count_only=True).revision
    try:
        client.compact(revision, physical=True)
    except ServerError as error:
        if "has been compacted" not in error.message:
            raise
        return f"nothing since revision {revision}"
    return f"up to revision {revision}"


def defragment(members: Sequence[Client]) -> str:
    """Defragment the file of one member after the other."""
    for member in members:
        member.defragment()
    return f"{len(members)} member{'s' * (len(members) != 1)}"


def disarm(client: Client) -> str:
    """Disarm the alarms of members that were full."""
    alarms = [alarm for alarm in client.alarms() if alarm.name == "NOSPACE"]
    for alarm in alarms:
        client.disarm(alarm)
    return f"{len(alarms)} alarm{'s' * (len(alarms) != 1)}"
