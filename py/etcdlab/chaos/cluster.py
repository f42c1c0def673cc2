"""A cluster of three members, each behind a proxy for its clients and one for its peers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from etcdlab.client.api import Client
from etcdlab.client.connect import TRANSPORTS, Settings, connect
from etcdlab.errors import LabError
from etcdlab.keys import ZERO
from etcdlab.polling import until
from etcdlab.testbed.etcd_process import EtcdProcess
from etcdlab.testbed.peer_proxy import PeerProxy, nobody
from etcdlab.testbed.ports import free_urls
from etcdlab.testbed.proxy import Proxy, running

SIZE = 3
HEAL_DEADLINE = 40.0  # seconds
TIMEOUT = 20.0  # seconds, of requests that no fault disturbs
REQUEST_TIMEOUT = 1.0  # seconds: shorter than a fault, so that clients go on to another member
# In milliseconds: short elections, and yet none because the machine is busy.
_TIMING = ("--heartbeat-interval=50", "--election-timeout=600")


class Member:
    """An etcd, and its proxies for clients and for peers."""

    def __init__(self, name: str, etcd: EtcdProcess, clients: Proxy, peers: PeerProxy) -> None:
        self.name = name
        self.etcd = etcd
        self.clients = clients
        self.peers = peers
        self.id = 0


class Cluster:
    """The members, and what the harness asks of them past the proxies."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        self.endpoints = [member.clients.url for member in members]
        self.version = ""

    def start(self) -> None:
        """Run all members and wait until they are one cluster."""
        for member in self.members:
            member.etcd.start()
        for member in self.members:
            member.etcd.wait_healthy(HEAL_DEADLINE)
        with closing(self.client(self.members[0])) as client:
            self.version = client.status().version
            ids = {each.name: each.id for each in client.members().members}
        for member in self.members:
            member.id = ids[member.name]

    def client(self, member: Member, transport: str = "native", timeout: float = TIMEOUT) -> Client:
        """Return a client of that member alone, past its proxy."""
        return connect(Settings([member.etcd.url], transport, timeout=timeout))

    def settings(self, transport: str, timeout: float = TIMEOUT) -> Settings:
        """Return the settings of a client that uses all members, through their proxies."""
        return Settings(self.endpoints, transport, timeout=timeout)

    def traffic_settings(self, transport: str) -> Settings:
        """Return those of the traffic's clients, which soon give up and go on to another member."""
        return self.settings(transport, REQUEST_TIMEOUT)

    def leader(self) -> Member:
        """Wait for a member that says it leads, and return it; LabError if none does in time."""
        leader = until(self._leader, HEAL_DEADLINE, every=0.1)
        if leader is None:
            raise LabError("the cluster has no leader")
        return leader

    def _leader(self) -> Member | None:
        for member in self.members:
            with suppress(LabError), closing(self.client(member, timeout=1.0)) as client:
                if client.status().leader == member.id:
                    return member
        return None

    def follower(self, number: int) -> Member:
        """Return a member that does not lead; `number` chooses which."""
        leader = self.leader()
        followers = [member for member in self.members if member is not leader]
        return followers[number % len(followers)]

    def partition(self, member: Member) -> None:
        """Cut a member off from its peers, in both directions."""
        for other in self.members:
            if other is member:
                other.peers.refuse(lambda dialer: True)
            else:
                other.peers.refuse(lambda dialer: dialer == member.id)

    def heal(self) -> None:
        """Let all members connect to each other again."""
        for member in self.members:
            member.peers.refuse(nobody)

    def wait_healed(self) -> None:
        """Wait until each member answers a linearizable read over each transport.

        LabError if one does not in time.
        """
        deadline = time.monotonic() + HEAL_DEADLINE
        for member in self.members:
            for transport in TRANSPORTS:
                settings = Settings([member.clients.url], transport, timeout=REQUEST_TIMEOUT)
                _wait_healed(member.name, settings, deadline - time.monotonic())


def _wait_healed(name: str, settings: Settings, seconds: float) -> None:
    errors: list[LabError] = []

    def is_healed() -> bool:
        try:
            with closing(connect(settings)) as client:
                client.range(ZERO, count_only=True)
        except LabError as error:
            errors.append(error)
            return False
        return True

    if not until(is_healed, seconds, every=0.1):
        error = errors[-1]
        raise LabError(f"{name} is not healed in {HEAL_DEADLINE:g} s: {error}") from error


@contextmanager
def running_cluster(program: Path, *flags: str) -> Iterator[Cluster]:
    """Start an empty cluster of that etcd program; kill and remove it on exit."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="etcd-chaos-")))
        urls = free_urls(2 * SIZE)
        clients = [stack.enter_context(running(Proxy(url))) for url in urls[:SIZE]]
        peers = [stack.enter_context(running(PeerProxy(url))) for url in urls[SIZE:]]
        names = [f"m{number}" for number in range(SIZE)]
        initial = ",".join(f"{n}={p.url}" for n, p in zip(names, peers, strict=True))
        members = []
        for number, name in enumerate(names):
            (folder / name).mkdir()
            etcd = EtcdProcess(
                program,
                folder / name,
                urls[number],
                f"--name={name}",
                f"--advertise-client-urls={clients[number].url}",
                f"--listen-peer-urls={urls[SIZE + number]}",
                f"--initial-advertise-peer-urls={peers[number].url}",
                f"--initial-cluster={initial}",
                "--logger=zap",
                *_TIMING,
                *flags,
            )
            stack.callback(etcd.kill)
            members.append(Member(name, etcd, clients[number], peers[number]))
        cluster = Cluster(members)
        cluster.start()
        yield cluster
