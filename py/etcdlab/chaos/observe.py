"""What there is after a fault, read from the cluster as it was at one revision."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from threading import Event

from etcdlab.chaos.cluster import Cluster
from etcdlab.chaos.readers import Totals, report
from etcdlab.chaos.traffic import Load
from etcdlab.chaos.validate import State, Stored
from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, connect, connections
from etcdlab.client.retry import Retrier
from etcdlab.errors import LabError, ServerError
from etcdlab.keys import child, prefix_range
from etcdlab.scan.pages import scan

CATCH_UP = 20.0  # seconds
PAGE = 5000  # keys


def mark_end(cluster: Cluster, load: Load) -> int:
    """Write the key that ends the load's watches; the revision of that."""
    with closing(connect(cluster.settings(TRANSPORTS[0]))) as client:
        persistence = Retrier(client, CATCH_UP, Event())
        error = persistence.send(lambda: client.put_all([(load.last_key, b"")]))
        if error:
            raise error
        found = client.range(load.last_key).kvs
        if not found:
            raise LabError(f"{client.endpoint}: lost the last key, which it had acknowledged")
        return found[0].mod_revision


def state(cluster: Cluster, revision: int) -> State:
    """All keys, as the cluster has them."""
    with connections(cluster.settings("gateway"), 2) as clients:
        return _state(clients, revision, serializable=False)


def member_states(cluster: Cluster, revision: int) -> dict[str, State]:
    """All keys, as each member has them, by its name; LabError when one does not catch up."""
    states = {}
    for member in cluster.members:
        deadline = time.monotonic() + CATCH_UP
        with closing(cluster.client(member)) as client:
            while True:
                try:
                    states[member.name] = _state([client], revision, serializable=True)
                    break
                except ServerError as error:
                    if "future revision" not in error.message or time.monotonic() > deadline:
                        raise LabError(f"{member.name} at revision {revision}: {error}") from error
                    time.sleep(0.1)
    return states


def _state(clients: Sequence[Client], revision: int, serializable: bool) -> State:
    found = {}
    pages = scan(
        clients, prefix_range(b""), batch=PAGE, revision=revision, serializable=serializable
    )
    for page in pages:
        fields = (page.values, page.mod_revisions, page.versions, page.leases)
        found.update(zip(page.keys, map(Stored._make, zip(*fields, strict=True)), strict=True))
    return found


def alive_leases(cluster: Cluster, load: Load) -> dict[int, list[bytes]]:
    """The load's leases that are alive, with their keys."""
    with closing(connect(cluster.settings("native"))) as client:
        told = [client.time_to_live(lease, keys=True) for lease in load.leased]
    return {each.id: each.keys for each in told if each.ttl > 0}


def reports(cluster: Cluster, load: Load) -> list[Totals]:
    """The reports that were made during the load, and one more over each transport."""
    found = [each for reporter in load.reporters for each in reporter.reports]
    for transport in TRANSPORTS:
        with connections(cluster.settings(transport), 2) as clients:
            found.append(report(clients, child(load.prefix, b"")))
    return found
