"""Read from the cluster, after a fault, what there is to validate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from threading import Event

from etcdlab.chaos.cluster import Cluster
from etcdlab.chaos.readers import Totals, report
from etcdlab.chaos.traffic import Traffic
from etcdlab.chaos.validate import State, Stored
from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, connect, connections
from etcdlab.client.retry import Retrier
from etcdlab.errors import LabError, ServerError
from etcdlab.keys import child, prefix_range
from etcdlab.polling import until
from etcdlab.scan.pages import scan_pages

CATCH_UP = 20.0  # seconds
PAGE = 5000  # keys


def mark_end(cluster: Cluster, traffic: Traffic) -> int:
    """Write the key that ends the traffic's watches; return its revision."""
    with closing(connect(cluster.settings(TRANSPORTS[0]))) as client:
        retrier = Retrier(client, CATCH_UP, Event())
        error = retrier.send(lambda: client.put_all([(traffic.last_key, b"")]))
        if error:
            raise error
        found = client.range(traffic.last_key).kvs
        if not found:
            raise LabError(f"{client.endpoint}: lost the last key, which it had acknowledged")
        return found[0].mod_revision


def state(cluster: Cluster, revision: int) -> State:
    """Read all keys at a revision, with linearizable reads."""
    with connections(cluster.settings("gateway"), 2) as clients:
        return _state(clients, revision, serializable=False)


def member_states(cluster: Cluster, revision: int) -> dict[str, State]:
    """Read all keys at a revision from each member by itself, by its name.

    LabError if a member does not catch up in CATCH_UP seconds.
    """
    states = {}
    for member in cluster.members:
        with closing(cluster.client(member)) as client:
            found = until(lambda client=client: _caught_up(client, revision), CATCH_UP, every=0.1)
        if found is None:
            raise LabError(f"{member.name} does not reach revision {revision}")
        states[member.name] = found
    return states


def _caught_up(client: Client, revision: int) -> State | None:
    """Read all keys from a member; None if the revision is still a future one to it."""
    try:
        return _state([client], revision, serializable=True)
    except ServerError as error:
        if "future revision" not in error.message:
            raise
        return None


def _state(clients: Sequence[Client], revision: int, serializable: bool) -> State:
    found = {}
    pages = scan_pages(
        clients, prefix_range(b""), batch=PAGE, revision=revision, serializable=serializable
    )
    for page in pages:
        fields = (page.values, page.mod_revisions, page.versions, page.leases)
        found.update(zip(page.keys, map(Stored._make, zip(*fields, strict=True)), strict=True))
    return found


def alive_leases(cluster: Cluster, traffic: Traffic) -> dict[int, list[bytes]]:
    """Return the traffic's leases that are alive, by ID, with their keys."""
    with closing(connect(cluster.settings("native"))) as client:
        told = [client.time_to_live(lease, keys=True) for lease in traffic.leased]
    return {each.id: each.keys for each in told if each.ttl > 0}


def reports(cluster: Cluster, traffic: Traffic) -> list[Totals]:
    """Return the reports made under traffic, and one more over each transport."""
    found = [each for reporter in traffic.reporters for each in reporter.reports]
    for transport in TRANSPORTS:
        with connections(cluster.settings(transport), 2) as clients:
            found.append(report(clients, child(traffic.prefix, b"")))
    return found
